"""References: every form a user may type, and what is said about those that name nothing."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import ormsgpack
import pytest

from inspector.core.reference import Reference, environment, project_python, read_env_file, resolve
from inspector.errors import LoadError, SeveralGraphs

GRAPH = "from langgraph.graph import StateGraph\ngraph = StateGraph(dict).compile()\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = (tmp_path / "project").resolve()
    root.mkdir()
    (root / "pyproject.toml").touch()
    return root


def write(path: Path, text: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def config(folder: Path, **keys: object) -> Path:
    return write(folder / "langgraph.json", json.dumps(keys))


def refused(ref: str, cwd: Path) -> str:
    with pytest.raises(LoadError) as caught:
        resolve(ref, cwd)
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith((".", "?"))
    return str(caught.value)


# --- files and modules ---------------------------------------------------------------------------------------------


def test_a_file_with_an_attribute(project: Path) -> None:
    file = write(project / "bots" / "agent.py")
    reference = resolve("bots/agent.py:graph", project)
    assert (reference.kind, reference.path, reference.attr) == ("file", file, "graph")
    assert reference.project_dir == project
    assert reference.import_paths == (project / "bots", project)
    assert resolve(str(file), Path("/")).attr is None


def test_a_file_in_a_package_puts_the_outermost_package_in_reach(project: Path) -> None:
    write(project / "src" / "bot" / "__init__.py")
    write(project / "src" / "bot" / "deep" / "__init__.py")
    write(project / "src" / "bot" / "deep" / "agent.py")
    assert resolve("src/bot/deep/agent.py", project).import_paths == (project / "src", project)


def test_a_dotted_attribute_and_a_colon_in_a_path(project: Path) -> None:
    write(project / "a:b" / "agent.py")
    assert resolve("a:b/agent.py", project).attr is None
    assert resolve("a:b/agent.py:bot.graph", project).attr == "bot.graph"


def test_modules_are_looked_for_here_and_in_src(project: Path) -> None:
    file = write(project / "src" / "bot" / "agent.py")
    here = resolve("bot.agent:graph", project)
    assert (here.kind, here.module, here.path, here.attr) == ("module", "bot.agent", file, "graph")
    assert here.import_paths == (project / "src", project)
    elsewhere = resolve("installed.agent:graph", project)
    assert (elsewhere.path, elsewhere.project_dir) == (None, project)


def test_a_package_directory_with_an_attribute_is_a_module(project: Path) -> None:
    write(project / "bot" / "__init__.py", "from .agent import graph")
    write(project / "bot" / "agent.py", GRAPH)
    assert resolve("bot:graph", project).module == "bot"
    assert resolve("bot", project).path == project / "bot" / "agent.py"


def test_the_project_is_the_nearest_directory_with_a_marker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".git").mkdir()
    write(tmp_path / "loose" / "agent.py")
    assert resolve("agent.py", tmp_path / "loose").project_dir == tmp_path / "loose"
    (tmp_path / "loose" / ".venv").mkdir()
    write(tmp_path / "loose" / "deep" / "agent.py")
    assert resolve("loose/deep/agent.py", tmp_path).project_dir == tmp_path / "loose"


# --- langgraph.json ------------------------------------------------------------------------------------------------


def test_langgraph_json_with_everything(project: Path) -> None:
    file = write(project / "bots" / "agent.py")
    write(project / ".env", "KEY=secret\nEMPTY=\nBARE\n")
    write(project / "lib" / "setup.py")
    write(project / "lib" / "src" / "helpers.py")
    write(project / "tool_box" / "__init__.py")
    config(
        project,
        dependencies=["langchain-openai", "./lib", "./tool_box", "./gone"],
        graphs={"support": {"path": "./bots/agent.py:graph", "description": "Answers."}},
        env=".env",
    )
    reference = resolve(".", project)
    assert reference == replace(resolve("langgraph.json", project), ref=".")
    assert (reference.path, reference.attr, reference.graph_id) == (file, "graph", "support")
    assert reference.description == "Answers."
    assert reference.project_dir == project
    assert reference.import_paths == (
        project / "lib",
        project / "lib" / "src",
        project,
        project / "tool_box",
        project / "bots",
    )
    assert environment(reference) == {"KEY": "secret", "EMPTY": ""}
    assert reference.warnings == ("langgraph.json names the dependency ./gone, which is no directory.",)


def test_several_named_graphs_are_offered_by_name(project: Path) -> None:
    write(project / "a.py")
    config(project, graphs={"one": "./a.py:one", "two": "./a.py:two"})
    with pytest.raises(SeveralGraphs) as caught:
        resolve("langgraph.json", project)
    assert caught.value.names == ["one", "two"]
    chosen = [resolve(f"{ref}:two", project) for ref in ("langgraph.json", ".", str(project))]
    assert {(r.attr, r.graph_id) for r in chosen} == {("two", "two")}
    assert resolve("two", project).attr == "two"
    assert "it names one, two" in refused(".:three", project)


def test_a_graph_given_as_a_module(project: Path) -> None:
    file = write(project / "src" / "bot" / "agent.py")
    config(project, graphs={"agent": "bot.agent:graph"})
    reference = resolve(str(project / "langgraph.json"), Path("/"))
    assert (reference.kind, reference.module, reference.path) == ("module", "bot.agent", file)
    assert project / "src" in reference.import_paths


def test_an_environment_mapping_and_a_file_of_the_command_line(project: Path) -> None:
    write(project / "a.py")
    config(project, graphs={"a": "./a.py:g"}, env={"A": "1", "B": 2, "C": None, "D": True})
    extra = write(project / "more.env", "A=over\nE=${A}!\n")
    assert environment(resolve(".", project)) == {"A": "1", "B": "2", "D": "true"}
    assert environment(resolve(".", project), extra) == {"A": "over", "B": "2", "D": "true", "E": "over!"}


def test_a_missing_environment_file_is_a_warning(project: Path) -> None:
    write(project / "a.py")
    config(project, graphs={"a": "./a.py:g"}, env=".env")
    assert "does not exist" in resolve(".", project).warnings[0]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "is not JSON"),
        ("[]", "JSON object"),
        ("{}", "names no graphs"),
        ('{"graphs": {"a": 3}}', "has to be"),
        ('{"graphs": {"a": {"description": "x"}}}', '"path"'),
        ('{"graphs": {"a": "./a.py:g"}, "env": 3}', '"env"'),
        ('{"graphs": {"a": "./src/agent.ts:graph"}}', "JavaScript"),
        ('{"graphs": {"a": "./agent.py"}}', "lacks the :attribute"),
        ('{"graphs": {"a": "./gone.py:graph"}}', "no such file"),
        ("\x00\x01", "is not JSON"),
        ("[" * 100_000, "cannot be read"),
    ],
)
def test_broken_configurations(project: Path, text: str, says: str) -> None:
    write(project / "langgraph.json", text)
    assert says in refused("langgraph.json", project)


def test_a_byte_order_mark_is_no_obstacle(project: Path) -> None:
    write(project / "a.py")
    (project / "langgraph.json").write_text('\ufeff{"graphs": {"a": "./a.py:g"}}', encoding="utf-8")
    assert resolve(".", project).graph_id == "a"


# --- directories without one ---------------------------------------------------------------------------------------


def test_a_directory_with_one_file_that_builds_a_graph(project: Path) -> None:
    write(project / "bot.py", GRAPH)
    write(project / "tools.py", "from langgraph.types import interrupt\n")
    write(project / "test_bot.py", GRAPH)
    write(project / "readme.py", "'langgraph'")
    assert resolve(".", project).path == project / "bot.py"
    assert resolve(".:graph", project).attr == "graph"
    write(project / "other.py", "import langgraph.graph as lg\ngraph = lg.StateGraph(dict).compile()\n")
    assert "2 files in it use LangGraph (bot.py, other.py)" in refused(".", project)


def test_a_directory_with_nothing(project: Path) -> None:
    assert "no langgraph.json" in refused(".", project)


# --- references that name nothing ----------------------------------------------------------------------------------


def test_what_is_not_there(project: Path) -> None:
    write(project / "agent.py")
    assert "did you mean agent.py?" in refused("agnet.py:graph", project)
    assert "no directory nowhere" in refused("nowhere/agent.py", project)
    assert "no directory" in refused("~nobody-of-that-name/agent.py", project)
    assert "no file" in refused("x" * 300 + ".py", project)
    assert "neither a file" in refused("what is this", project)
    assert resolve("x" * 300, project).path is None
    assert "Name a graph" in refused("", project)
    assert "Name a graph" in refused("a\0.py", project)
    assert "not valid UTF-8" in refused("a\udcff.py", project)


@pytest.mark.parametrize(
    ("name", "says"), [("n.ipynb", "notebook"), ("a.ts", "JavaScript"), ("a.txt", "no Python file")]
)
def test_files_that_are_not_python(project: Path, name: str, says: str) -> None:
    write(project / name)
    assert says in refused(name, project)


@pytest.mark.parametrize("ref", ["agent.py:", ":graph", "agent.py:not an attribute", "agent.py:a..b", "pkg:1x"])
def test_malformed_attributes(project: Path, ref: str) -> None:
    write(project / "agent.py")
    refused(ref, project)


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_a_directory_that_may_not_be_entered(project: Path) -> None:
    write(project / "closed" / "agent.py")
    (project / "closed").chmod(0)
    try:
        refused("closed/agent.py", project)
    finally:
        (project / "closed").chmod(0o700)


# --- the value itself ----------------------------------------------------------------------------------------------


def test_references_cross_the_link(project: Path) -> None:
    write(project / "a.py")
    config(project, graphs={"a": {"path": "./a.py:g", "description": "d"}}, env={"A": "1"}, dependencies=["./no"])
    for reference in (resolve(".", project), resolve("a.py", project), resolve("some.module", project)):
        assert Reference.from_wire(ormsgpack.unpackb(ormsgpack.packb(reference.to_wire()))) == reference


def test_the_key_is_one_per_graph(project: Path) -> None:
    write(project / "agent.py")
    write(project / "copy" / "agent.py")
    config(project, graphs={"a": "./agent.py:g"})
    same = [resolve("agent.py:g", project), resolve(".", project), resolve("agent:g", project)]
    same.append(resolve("../agent.py", project / "copy").with_attr("g"))
    assert len({reference.key for reference in same}) == 1
    assert (
        len({*(r.key for r in same), resolve("copy/agent.py:g", project).key, resolve("agent.py:h", project).key}) == 3
    )
    assert same[0].key.startswith("agent.py:g@")


# --- the project's own Python --------------------------------------------------------------------------------------


def make_venv(project: Path, packages: str, python: str) -> Path:
    (project / ".venv" / packages / "langgraph" / "pregel").mkdir(parents=True)
    return write(project / ".venv" / python)


def test_the_project_python(project: Path) -> None:
    assert project_python(project) is None
    python = write(project / ".venv" / "bin" / "python")
    site = project / ".venv" / "lib" / "python3.12" / "site-packages"
    site.mkdir(parents=True)
    assert project_python(project) is None
    (site / "langgraph_sdk-0.4.dist-info").mkdir()
    assert project_python(project) is None
    (site / "langgraph-1.2.dist-info").mkdir()
    assert project_python(project) == python


def test_the_project_python_on_windows(project: Path) -> None:
    python = make_venv(project, "Lib/site-packages", "Scripts/python.exe")
    assert project_python(project) == python


def test_a_python_the_debuggee_cannot_run_on(project: Path) -> None:
    make_venv(project, "lib/python3.10/site-packages", "bin/python")
    assert project_python(project) is None


def test_environment_files(project: Path) -> None:
    file = write(project / "e", "# comment\nexport A='1 2'\nB=\"x\\ny\"\n")
    assert read_env_file(file) == {"A": "1 2", "B": "x\ny"}
    with pytest.raises(LoadError, match="no environment file"):
        read_env_file(project / "gone")
    (project / "binary").write_bytes(b"A=\xff\xfe\n")
    with pytest.raises(LoadError, match="cannot be read"):
        read_env_file(project / "binary")
