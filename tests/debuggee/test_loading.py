"""Loading: what counts as a graph, how it is imported, and what is said when it cannot be."""

from __future__ import annotations

import asyncio
import pickle
import sys
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from langgraph.pregel import Pregel
from langgraph.store.memory import InMemoryStore

from inspector.core.reference import resolve
from inspector.debuggee.loading import LoadedGraph, load, load_object
from inspector.errors import LoadError, SeveralGraphs

HERE = Path(__file__).resolve().parents[1] / "fixtures" / "loading"


class State(typing.TypedDict):
    x: int


@pytest.fixture(autouse=True)
def as_if_nothing_was_loaded(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Takes the fixtures' modules out of the interpreter again; bytecode would outlive an edit of the same second."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    path, finders, modules = list(sys.path), list(sys.meta_path), set(sys.modules)
    yield
    sys.path[:] = path
    sys.meta_path[:] = finders
    for name in set(sys.modules) - modules:
        file = getattr(sys.modules[name], "__file__", None) or ""
        if str(HERE) in file or "pytest-of-" in file:
            del sys.modules[name]


async def loaded(ref: str, cwd: Path = HERE, **options: Any) -> LoadedGraph:
    return await load(resolve(ref, cwd), **options)


async def refused(ref: str, cwd: Path = HERE, **options: Any) -> LoadError:
    with pytest.raises(LoadError) as caught:
        await loaded(ref, cwd, **options)
    text = str(caught.value)
    assert "\n" not in text
    assert "\x1b" not in text
    assert text[-1] in ".?)"
    return caught.value


def module_of(ref: str) -> Any:
    """The module a file was loaded as."""
    path = (HERE / ref).resolve()
    return next(m for m in list(sys.modules.values()) if getattr(m, "__file__", None) == str(path))


# --- what is a graph -----------------------------------------------------------------------------------------------


async def test_a_compiled_graph_runs() -> None:
    found = await loaded("agent.py:graph")
    assert found.name == "loading"  # the directory: neither `graph` nor `agent.py` says anything
    assert await found.graph.ainvoke({"count": 1}) == {"count": 2}
    assert found.warnings == []


async def test_a_builder_is_compiled() -> None:
    found = await loaded("builder.py:builder")
    assert await found.graph.ainvoke({"x": 1}) == {"x": 2}


async def test_an_entrypoint() -> None:
    found = await loaded("workflow.py")
    assert found.name == "quadruple"
    assert await found.graph.ainvoke(3) == 12


async def test_an_agent() -> None:
    found = await loaded("assistant.py")
    assert found.name == "forecaster"
    result = await found.graph.ainvoke({"messages": [("user", "hi")]})
    assert result["messages"][-1].content == "hello"


async def test_a_graph_object_without_a_path() -> None:
    graph = StateGraph(State).add_node("one", lambda state: {"x": 1}).add_edge(START, "one")
    for value in (graph, graph.compile(), graph.compile):
        found = await load_object(value)
        assert (await found.graph.ainvoke({"x": 0}), found.reference) == ({"x": 1}, None)
        await found.aclose()
    with pytest.raises(LoadError, match=r"The dict is of type dict, not a graph\."):
        await load_object({})


# --- which graph of a file -----------------------------------------------------------------------------------------


async def test_the_one_graph_of_a_file() -> None:
    found = await loaded("agent.py")
    assert found.reference is not None
    assert found.reference.attr == "graph"
    assert found.reference.key == resolve("agent.py:graph", HERE).key


async def test_several_graphs_are_offered_outermost_first() -> None:
    with pytest.raises(SeveralGraphs) as caught:
        await loaded("several.py")
    assert caught.value.names == ["parent", "child"]
    assert "several.py:parent" in str(caught.value)
    assert (await loaded("several.py:child")).name == "child"
    assert (await loaded("several.py:imported")).name == "imported"


async def test_builders_are_offered_when_nothing_is_compiled() -> None:
    with pytest.raises(SeveralGraphs) as caught:
        await loaded("builder.py")
    assert caught.value.names == ["builder", "unfinished"]


async def test_a_file_without_a_graph_names_what_may_build_it() -> None:
    error = await refused("nothing.py")
    assert "has no compiled graph" in str(error)
    assert "nothing.py:make_bot" in str(error)
    assert (await loaded("nothing.py:make_bot")).name == "make_bot"
    assert (await loaded("nothing.py:bot.inner")).name == "inner"


@pytest.mark.parametrize(
    ("attr", "says"),
    [
        ("State", "is a class, not a graph"),
        ("settings", "is of type dict, not a graph"),
        ("bot", "its attribute inner is one: name nothing.py:bot.inner"),
        ("chain", "a RunnableLambda, a LangChain runnable"),
        ("bound", "name the graph itself"),
        ("step", "is a @task, one step"),
        ("helper", "it needs `state: nothing.State`"),
        ("number", "gives is of type int"),
        ("another", "returned another function"),
        ("maek_bot", "did you mean make_bot?"),
        ("bot.iner", "did you mean bot.inner?"),
        ("zzz", "has no attribute zzz."),
        ("settings.zzz", "has no attribute settings.zzz."),
    ],
)
async def test_attributes_that_are_no_graph(attr: str, says: str) -> None:
    assert says in str(await refused(f"nothing.py:{attr}"))


async def test_a_wrong_attribute_beside_a_graph_names_the_graph() -> None:
    assert "the graph there is graph." in str(await refused("agent.py:nonsense"))
    assert "the graph there is graph." in str(await refused("agent.py:State"))
    assert "did you mean graph?" in str(await refused("agent.py:grpah"))


async def test_a_builder_that_cannot_be_compiled() -> None:
    assert "could not be compiled: ValueError: Graph must have an entrypoint" in str(
        await refused("builder.py:unfinished")
    )


async def test_objects_that_answer_with_exceptions_do_not_matter() -> None:
    assert (await loaded("hostile.py")).name == "hostile"
    assert (await loaded("hostile.py:lazy")).original is module_of("hostile.py").graph
    assert "do not touch me" in str(await refused("hostile.py:nasty"))
    error = await refused("hostile.py:angry")
    assert "Reading angry from hostile.py failed: ValueError: no" in str(error)
    assert "\u202e" not in str(error)
    assert "in __getattr__" in str(error.traceback)


# --- how it is imported --------------------------------------------------------------------------------------------


async def test_what_a_single_file_defines_can_be_pickled_and_typed() -> None:
    await loaded("agent.py")
    state = module_of("agent.py").State
    assert state.__module__ == "agent"
    assert pickle.loads(pickle.dumps(state(3))) == state(3)
    assert typing.get_type_hints(state)["notes"] == list[str]


async def test_relative_and_absolute_imports_in_a_package() -> None:
    for ref in (
        "shop/graphs/agent.py:graph",
        "shop.graphs.agent:graph",
        "shop.graphs:graph",
        "shop/graphs/agent.v2.py",
    ):
        found = await loaded(ref)
        assert await found.graph.ainvoke({"item": "tea"}) == {"item": "tea", "total": 3}
    assert sys.modules["shop.graphs.agent"].__package__ == "shop.graphs"


async def test_the_named_graphs_of_a_langgraph_json() -> None:
    support = await loaded("project:support")
    assert support.name == "support"
    assert await support.graph.ainvoke({}) == {"answer": 42}
    billing = await loaded("project:billing", config={"configurable": {"user": "ada"}})
    assert billing.name == "billing"


NAMES = ["json", "inspector", "graph", "later/statistics", "langgraph", "typing", "01-first.try"]


@pytest.mark.parametrize("name", NAMES)
async def test_files_named_like_modules(name: str) -> None:
    found = await loaded(f"names/{name}.py")
    assert await found.graph.ainvoke({}) == {"text": '{"mean": 2}'}
    import json
    import statistics

    import inspector

    assert Path(str(inspector.__file__)).parent.name == "inspector"
    assert json.loads("1") == 1
    assert statistics.mean([1]) == 1
    module = module_of(f"names/{name}.py")
    assert pickle.loads(pickle.dumps(module.State("x"))) == module.State("x")


async def test_a_name_of_the_standard_library_stays_its_own_when_it_is_imported_later() -> None:
    held = sys.modules.pop("statistics")
    try:
        found = await loaded("names/later/statistics.py")
        assert await found.graph.ainvoke({}) == {"text": '{"mean": 2}'}
        assert sys.modules["statistics"].__file__ == held.__file__
    finally:
        sys.modules["statistics"] = held


@pytest.mark.parametrize("name", ["json", "inspector"])
async def test_packages_named_like_modules(name: str) -> None:
    found = await loaded(f"names/packages/{name}/bot.py")
    assert name in found.graph.nodes


async def test_two_files_of_one_name(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "bot.py").write_text(
            "from langgraph.graph import *\n"
            f"graph = StateGraph(dict).add_node({folder!r}, lambda s: s).add_edge(START, {folder!r}).compile()\n"
        )
    assert [list((await loaded(f"{f}/bot.py", tmp_path)).graph.nodes)[1] for f in ("a", "b", "a")] == ["a", "b", "a"]


async def test_a_failed_load_leaves_nothing_behind(tmp_path: Path) -> None:
    file = tmp_path / "bot.py"
    file.write_text("x = 1\nraise ValueError\n")
    await refused("bot.py", tmp_path)
    assert "bot" not in sys.modules
    file.write_text("from agent import graph\n")
    (tmp_path / "agent.py").write_text((HERE / "agent.py").read_text())
    assert (await loaded("bot.py", tmp_path)).name == "bot"


# --- imports that fail ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ref", "says", "shows"),
    [
        ("broken/syntax.py", "syntax.py has a syntax error in line 3: invalid syntax.", "def broken(:"),
        ("broken/imports_syntax.py", "syntax.py has a syntax error in line 3", "import syntax"),
        ("broken/raises.py", "failed (line 8): RuntimeError: cannot start.", "direct cause"),
        (
            "broken/imports_raises.py",
            "Importing imports_raises.py failed (raises.py line 8): RuntimeError",
            "connect()",
        ),
        ("broken/needs.py", "needs.py needs the module no_such_library", "import no_such_library.inner"),
        ("broken/wrong_name.py", "cannot import name 'no_such_function'", "from math import"),
        ("broken/leaves.py", "leaves.py called sys.exit() while it was being imported (line 3)", "sys.exit(0)"),
        ("broken/interrupted.py", "Importing interrupted.py was interrupted (line 1).", "KeyboardInterrupt"),
        ("broken/odd.py", "Mine: (its message cannot be shown)", "raise Mine"),
        ("broken/group.py", "ExceptionGroup: several", "TypeError: two"),
        ("broken/deep.py", "RecursionError: maximum recursion depth", "more times"),
        ("broken/nul.py", "null bytes", ""),
        ("broken/latin.py", "syntax error", ""),
    ],
)
async def test_broken_files(ref: str, says: str, shows: str) -> None:
    error = await refused(ref)
    assert says in str(error)
    traceback = str(error.traceback)
    assert shows in traceback
    assert "importlib" not in traceback
    assert "inspector/" not in traceback


async def test_the_traceback_is_the_users_own() -> None:
    lines = str((await refused("broken/raises.py")).traceback).splitlines()
    frames = [line.strip().rpartition(", ")[2] for line in lines if line.startswith("  File ")]
    assert frames == ["in <module>", "in connect", "in <module>"]
    assert '    raise ValueError("no such key")' in lines


async def test_a_module_that_is_not_there() -> None:
    for ref in ("no_such_module:graph", "shop.nowhere:graph", "no_such_module"):
        error = str(await refused(ref))
        assert "There is no module" in error
        assert "--python" in error


async def test_a_file_that_hides_the_library_it_needs(tmp_path: Path) -> None:
    (tmp_path / "ormsgpack_like.py").write_text("from yarl_like import missing\n")
    (tmp_path / "yarl_like.py").touch()
    assert "cannot import name" in str(await refused("ormsgpack_like.py", tmp_path))
    (tmp_path / "dotenv.py").write_text("from dotenv import load_dotenv\n")
    held = {name: sys.modules.pop(name) for name in list(sys.modules) if name.partition(".")[0] == "dotenv"}
    try:
        assert "dotenv.py hides the installed module dotenv" in str(await refused("dotenv.py", tmp_path))
    finally:
        sys.modules.update(held)


async def test_a_module_of_the_project_that_this_package_hides(tmp_path: Path) -> None:
    (tmp_path / "inspector.py").write_text("def look(): ...\n")
    (tmp_path / "bot.py").write_text("from inspector import look\n")
    assert "has the name of the inspector's own package: rename it." in str(await refused("bot.py", tmp_path))


# --- factories -----------------------------------------------------------------------------------------------------

KINDS = ("plain", "uncompiled", "coroutine", "maker", "maker.method", "partial", "wants_a_loop", "runs_a_loop")
CONTEXTS = ("manager", "async_manager", "async_generator", "generator", "coroutine_of_manager")


@pytest.mark.parametrize("name", [*KINDS, "uses_the_current_loop", "at_import"])
async def test_factories(name: str) -> None:
    found = await loaded(f"factories/kinds.py:{name}")
    assert await found.graph.ainvoke({"x": 0}) == {"x": 1}
    await found.aclose()
    await found.aclose()


@pytest.mark.parametrize("name", CONTEXTS)
async def test_factories_that_have_to_be_left(name: str) -> None:
    found = await loaded(f"factories/kinds.py:{name}")
    module = module_of("factories/kinds.py")
    assert module.log == ["enter"]
    assert await found.graph.ainvoke({"x": 0}) == {"x": 1}
    # From another task than the one that loaded, as an application does.
    await asyncio.create_task(found.aclose())
    assert module.log == ["enter", "exit"]
    assert len(set(map(id, module.tasks))) <= 1


@pytest.mark.parametrize("name", ["waiting", "entered"])
async def test_what_factories_return_left_at_the_top_level(name: str) -> None:
    found = await loaded(f"factories/unsettled.py:{name}")
    assert await found.graph.ainvoke({"x": 0}) == {"x": 1}
    await found.aclose()
    module_of("factories/unsettled.py").waiting.close()


async def given(name: str, **options: Any) -> Any:
    found = await loaded(f"factories/arguments.py:{name}", **options)
    await found.aclose()
    return module_of("factories/arguments.py").seen[-1]


async def test_factories_that_take_a_config() -> None:
    config = {"configurable": {"model": "big"}, "tags": ["t"]}
    for name in ("config", "bare", "mapping"):
        assert await given(name, config=config) == config
    assert await given("config") == {"configurable": {}}
    assert await given("default_config", config=config) == ("small", config)
    assert await given("positional_only", config=config) == (config, (), {})


async def test_factories_that_take_a_runtime() -> None:
    store = InMemoryStore()
    for name in ("server", "annotated", "type_checking_only", "unannotated_runtime"):
        runtime = await given(name, store=store, context={"tier": "gold"})
        assert runtime.access_context == "threads.create_run"
        assert runtime.store is store
        assert runtime.execution_runtime.context == {"tier": "gold"}
        with pytest.raises(PermissionError):
            runtime.ensure_user()
    typed = await given("typed_server", context={"tier": "gold"})
    assert typed.context == module_of("factories/arguments.py").Context("gold")
    plain = await given("run_time", store=store, context={"tier": "gold"})
    assert (plain.store, plain.context) == (store, typed.context)
    for name in ("both", "swapped"):
        runtime, config = await given(name, config={"configurable": {"a": 1}}, context={"tier": "x"})
        assert runtime.execution_runtime is runtime
        assert config == {"configurable": {"a": 1}}


async def test_factories_that_take_the_persistence() -> None:
    saver, store = InMemorySaver(), InMemoryStore()
    assert await given("persistence", checkpointer=saver, store=store) == (store, saver)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("node", "it needs `state: dict`"),
        ("typed_node", "it needs `question: "),
        ("needs_url", "it needs `url: str`"),
        ("typed_server", "missing 1 required positional argument: 'tier'"),
    ],
)
async def test_factories_that_need_something_else(name: str, says: str) -> None:
    assert says in str(await refused(f"factories/arguments.py:{name}", context={}))


@pytest.mark.parametrize(
    ("name", "says", "shows"),
    [
        ("raises", "failing.py:raises failed: ValueError: no key for ␛[1mthe model.", "in raises"),
        ("chained", "RuntimeError: could not build", "direct cause"),
        ("leaves", "SystemExit: bye", "in leaves"),
        ("cancelled", "was cancelled from within", ""),
        ("fails_to_enter", "ConnectionError: refused", "in fails_to_enter"),
        ("gives_nothing", "gives is of type NoneType, not a graph", ""),
        ("gives_unfinished", "could not be compiled: ValueError", ""),
    ],
)
async def test_factories_that_fail(name: str, says: str, shows: str) -> None:
    error = await refused(f"factories/failing.py:{name}")
    assert says in str(error)
    assert shows in str(error.traceback)
    assert "keeper.py" not in str(error.traceback)


async def test_a_context_that_gives_no_graph_is_left_again() -> None:
    await refused("factories/failing.py:enters_for_nothing")
    assert module_of("factories/failing.py").entered == [True, False]


async def test_a_context_that_fails_when_it_is_left() -> None:
    found = await loaded("factories/failing.py:fails_to_leave")
    with pytest.raises(LoadError, match=r"left its context badly: ConnectionError: lost\.") as caught:
        await found.aclose()
    assert "in fails_to_leave" in str(caught.value.traceback)


async def test_loading_can_be_cancelled() -> None:
    task = asyncio.create_task(loaded("factories/failing.py:never"))
    while not any(t.get_name() == "inspector: graph factory" for t in asyncio.all_tasks()):
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not any(t.get_name() == "inspector: graph factory" for t in asyncio.all_tasks())


# --- checkpointer and store ----------------------------------------------------------------------------------------


def compiled(**options: Any) -> Pregel[Any, Any, Any, Any]:
    return StateGraph(State).add_node("one", lambda state: {"x": 1}).add_edge(START, "one").compile(**options)


@pytest.mark.parametrize("own", [None, False, True, InMemorySaver()])
async def test_the_checkpointer_is_replaced(own: Any) -> None:
    graph, saver = compiled(checkpointer=own), InMemorySaver()
    found = await load_object(graph, checkpointer=saver, keep_checkpointer=False)
    assert found.graph.checkpointer is saver
    assert found.original is graph
    assert graph.checkpointer is own
    await found.graph.ainvoke({"x": 0}, {"configurable": {"thread_id": "t"}})
    assert len(list(saver.list({"configurable": {"thread_id": "t"}}))) == 3


async def test_keeping_the_checkpointer() -> None:
    saver, own = InMemorySaver(), InMemorySaver()
    kept = await load_object(compiled(checkpointer=own), checkpointer=saver, keep_checkpointer=True)
    assert (kept.graph.checkpointer, kept.warnings) == (own, [])
    off = await load_object(compiled(checkpointer=False), checkpointer=saver, keep_checkpointer=True)
    assert off.graph.checkpointer is False
    none = await load_object(compiled(), checkpointer=saver, keep_checkpointer=True)
    assert none.graph.checkpointer is saver
    assert "no checkpointer of its own" in none.warnings[0]
    root = await load_object(compiled(checkpointer=True), checkpointer=saver, keep_checkpointer=True)
    assert "only a subgraph may have" in root.warnings[0]


async def test_a_synchronous_checkpointer_that_is_kept_is_warned_of() -> None:
    import sqlite3

    from langgraph.checkpoint.sqlite import SqliteSaver

    connection = sqlite3.connect(":memory:", check_same_thread=False)
    found = await load_object(compiled(checkpointer=SqliteSaver(connection)))
    assert "SqliteSaver has no async methods" in found.warnings[0]
    connection.close()


async def test_a_store_with_something_in_it_is_kept() -> None:
    ours, filled, empty = InMemoryStore(), InMemoryStore(), InMemoryStore()
    filled.put(("user",), "name", {"name": "Ada"})
    indexed = InMemoryStore(index={"dims": 2, "embed": lambda texts: [[0.0, 0.0] for _ in texts]})
    for own, expected in ((None, ours), (empty, ours), (filled, filled), (indexed, indexed)):
        assert (await load_object(compiled(store=own), store=ours)).graph.store is expected
    assert (await load_object(compiled(store=filled))).graph.store is filled


async def test_the_copy_keeps_what_compile_set_afterwards() -> None:
    found = await load_object(compiled(), checkpointer=InMemorySaver(), keep_checkpointer=False)
    untouched = {name: value for name, value in vars(found.original).items() if name != "checkpointer"}
    assert {name: vars(found.graph)[name] for name in untouched} == untouched
    assert type(found.graph) is type(found.original)
