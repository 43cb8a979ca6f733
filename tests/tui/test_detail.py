from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from inspector.core.events import Failure, Namespace, Usage
from inspector.core.nodes import Node, Task
from inspector.core.run import Run
from inspector.core.view import State, View
from inspector.tui.panes.base import NodeSelected, ShowText
from inspector.tui.panes.detail import DetailPane
from tests.core.script import Script

TRACEBACK = """Traceback (most recent call last):
  File "/home/me/agent/search.py", line 12, in search
    return client.get(city)
  File "/home/me/.venv/lib/python3.11/site-packages/httpx/_client.py", line 1027, in get
    raise TimeoutError(msg)
TimeoutError: no answer
"""
BOOM = Failure("TimeoutError", "no answer", TRACEBACK)


@pytest.fixture(autouse=True)
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock of a run stands between two events."""
    monkeypatch.setattr("inspector.tui.panes.detail.live_now", lambda run: run.now)


class Host(App[None]):
    def __init__(self, run: Run, node: Node | None, states: dict[str, dict[str, Any]] | None = None) -> None:
        super().__init__()
        self.asked: list[tuple[str, Namespace]] = []
        self.states = states or {}
        self.view = View(run, self.load)
        self.view.select(node)
        self.pane = DetailPane(self.view)
        self.shown: list[tuple[str, str]] = []
        self.selected: list[Node | None] = []

    async def load(self, checkpoint: str, ns: Namespace) -> State:
        self.asked.append((checkpoint, ns))
        if checkpoint not in self.states:
            return State(checkpoint, ns, {}, problem="not there")
        return State(checkpoint, ns, self.states[checkpoint])

    def compose(self) -> ComposeResult:
        yield self.pane

    def on_mount(self) -> None:
        self.pane.rows.focus()

    def on_show_text(self, message: ShowText) -> None:
        self.shown.append((message.title, message.text))

    def on_node_selected(self, message: NodeSelected) -> None:
        self.selected.append(message.node)


def lines(app: Host) -> list[str]:
    rows = app.pane.rows
    return ["".join(text for text, _ in line.parts).rstrip() for line in rows.lines]


def section(app: Host, title: str) -> list[str]:
    """The lines below a heading."""
    all_lines = lines(app)
    start = next(i for i, line in enumerate(all_lines) if line.startswith(title))
    end = next((i for i in range(start, len(all_lines)) if not all_lines[i]), len(all_lines))
    return all_lines[start + 1 : end]


async def press(pilot: Pilot[None], *keys: str) -> None:
    await pilot.press(*keys)
    await pilot.pause()


async def settled(app: Host, pilot: Pilot[None]) -> None:
    await app.workers.wait_for_complete()
    await pilot.pause()


def searching() -> tuple[Script, list[Task]]:
    s = Script().start()
    s.checkpoint(1)
    ids = [s.task("search", 2, {"topic": topic}, metadata={"langgraph_step": 2}) for topic in ("flights", "hotels")]
    s.at(0.4).retry(ids[1], 2, BOOM)
    model = s.span("model", "m", ids[1])
    s.at(0.9).close(model, usage=Usage(100, 20))
    s.done(ids[1], {"found": {"hotel": 284}, "messages": [{"type": "ai", "content": "booked", "id": "2"}]})
    s.at(1.2).done(ids[0], {"messages": [{"type": "ai", "content": "flying", "id": "3"}]})
    s.checkpoint(2)
    return s, [s.run.tasks[id] for id in ids]


async def test_nothing_selected_says_what_to_do() -> None:
    app = Host(Script().run, None)
    async with app.run_test(size=(60, 10)) as pilot:
        await press(pilot, "enter", "y", "down", "end")
        assert "Select a task or a span" in app.pane.rows.render_line(0).text


async def test_a_task_with_its_writes_before_and_after() -> None:
    s, tasks = searching()
    before, after = (checkpoint.id for checkpoint in s.run.checkpoints)
    messages = [
        {"type": "ai", "content": text, "id": str(i)} for i, text in enumerate(("hi", "hm", "booked", "flying"))
    ]
    states = {
        before: {"messages": messages[:2], "budget": 1500},
        after: {"messages": messages, "found": {"hotel": 284}, "budget": 1500},
    }
    app = Host(s.run, tasks[1], states)
    async with app.run_test(size=(100, 50)) as pilot:
        await settled(app, pilot)
        assert lines(app)[0] == "✔ search «hotels»  step 2  ok  0.90s  try 2"
        assert section(app, "Input") == ['{topic: "hotels"}']
        assert section(app, "Writes") == [
            "found  + added",
            "  before (not set)",
            "  wrote  {hotel: 284}",
            "  after  {hotel: 284}",
            "messages  ~ changed  +2",
            "  before 2 items",
            "  wrote  ai      booked",
            "  also   search «flights» wrote 1 item",
            "  after  4 items",
            "         + 2  ai  booked",
            "         + 3  ai  flying",
        ]
        assert section(app, "Try 1 failed after 0.40s")[0] == "TimeoutError: no answer"
        assert section(app, "Timing") == [
            "started    at 0s",
            "ended      at 0.90s, after 0.90s",
            "waited     0.30s for the rest of its superstep",
            "calls      1 model call",
            "tokens     100 in, 20 out",
        ]
        assert "triggers   branch:to:search" in section(app, "Task")
        assert "metadata   {langgraph_step: 2}" in section(app, "Task")
        assert sorted(app.asked) == sorted([(before, ()), (after, ())])
        app.pane.sync()
        await settled(app, pilot)
        assert len(app.asked) == 2, "a state is fetched once"


async def test_states_are_not_fetched_before_there_is_something_to_compare() -> None:
    s = Script().start()
    s.checkpoint(0)
    task = s.task("a", 1)
    app = Host(s.run, s.run.tasks[task])
    async with app.run_test(size=(100, 50)) as pilot:
        await settled(app, pilot)
        assert app.asked == []
        assert lines(app)[0].startswith("● a  step 1  running")
        s.after(1).done(task, {"x": 1})
        s.checkpoint(1)
        app.pane.sync_if_changed()
        await settled(app, pilot)
        assert len(app.asked) == 2
        assert section(app, "Writes") == ["x", "  wrote  1"], "a state that cannot be had is left out"


async def test_errors_have_their_source() -> None:
    s = Script().start()
    task = s.task("a", 1)
    s.after(1).done(task, status="error", error=BOOM)
    app = Host(s.run, s.run.tasks[task])
    async with app.run_test(size=(100, 50)) as pilot:
        assert section(app, "Error") == [
            "TimeoutError: no answer",
            "❯ /home/me/agent/search.py:12  search",
            "      return client.get(city)",
            "  /home/me/.venv/lib/python3.11/site-packages/httpx/_client.py:1027  get",
            "      raise TimeoutError(msg)",
        ]
        await press(pilot, "home", "down", "down", "down", "enter")
        assert app.shown == [("Error: TimeoutError", TRACEBACK)]


async def test_interrupts() -> None:
    s = Script().start()
    task = s.task("approve", 1)
    s.ask(task, {"question": "Book it?", "price": 1140}, {"type": "object"})
    s.done(task, status="interrupted").end("interrupted")
    app = Host(s.run, s.run.tasks[task])
    async with app.run_test(size=(100, 50)) as pilot:
        await pilot.pause()
        assert any(line == "Asks  waits for an answer" for line in lines(app))
        asks = section(app, "Asks")
        assert asks[0] == "Book it?"
        assert "1140" in asks[1].replace(",", "")
        assert asks[-1] == 'schema {type: "object"}'
        s.start(resumed=True)
        app.pane.sync_if_changed()
        assert "Asks" in lines(app), "it was answered"


async def test_a_model() -> None:
    s = Script().start()
    task = s.task("agent", 3)
    model = s.span("model", "ChatModel", task, input=[{"type": "human", "content": "hi"}], model="sonnet")
    s.at(0.3).token(model, "hm", "reasoning").at(0.4).token(model, "Lis").at(0.5).token(model, "bon")
    span = s.run.models[0]
    app = Host(s.run, span)
    async with app.run_test(size=(100, 50)) as pilot:
        await pilot.pause()
        assert section(app, "Answer  so far") == ["hm", "Lisbon"]
        s.at(0.6).token(model, "!")
        app.pane.sync_if_changed()
        assert section(app, "Answer  so far") == ["hm", "Lisbon!"]
        answer = {"type": "ai", "content": "Lisbon!", "tool_calls": [{"name": "find", "args": {"q": 1}, "id": "call"}]}
        s.at(1).close(model, answer, usage=Usage(412, 31, cache_read=300, reasoning=5), calls=("call",))
        app.pane.sync_if_changed()
        assert lines(app)[:5] == [
            "✔ model ChatModel  ok  1.00s",
            "in agent  step 3",
            "model      sonnet",
            "stream     first token after 0.30s, 100 tok/s, 4 chunks",
            "tokens     412 in, 31 out (300 read from the cache, 5 of reasoning)",
        ]
        assert section(app, "Answer") == ["ai      Lisbon!", "        calls find(q=1)"]
        assert section(app, "Messages in") == ["human   hi"]
        await press(pilot, "home", "down", "enter")
        assert app.selected == [s.run.tasks[task]]


async def test_a_tool_and_who_asked_for_it() -> None:
    s = Script().start()
    agent = s.task("agent", 1)
    model = s.span("model", "ChatModel", agent, model="sonnet")
    s.close(model, calls=("call_1",))
    task = s.task("tools", 2)
    ok = s.span("tool", "find", task, input={"city": "Lisbon"}, call_id="call_1")
    result = {"type": "tool", "content": "found it", "name": "find", "tool_call_id": "call_1", "artifact": {"n": 3}}
    s.after(1).close(ok, result)
    bad = s.span("tool", "find", task, input={"city": "Porto"})
    s.close(bad, status="error", error=BOOM)
    app = Host(s.run, s.run.spans[ok])
    async with app.run_test(size=(100, 50)) as pilot:
        await pilot.pause()
        assert lines(app)[2:4] == ["call       call_1", "asked by   sonnet in agent, step 1"]
        assert section(app, "Arguments") == ['{city: "Lisbon"}']
        assert section(app, "Result") == ["found it"]
        assert section(app, "Artifact") == ["{n: 3}"]
        await press(pilot, "home", "down", "down", "down", "enter")
        assert app.selected == [s.run.models[0]]
        app.view.select(s.run.spans[bad])
        app.pane.sync_if_changed()
        await pilot.pause()
        assert section(app, "Error")[0] == "TimeoutError: no answer"
        assert app.pane.rows.cursor == 0, "another node is shown from its top"


async def test_a_retriever() -> None:
    s = Script().start()
    span = s.span("retriever", "docs", s.task("a"), input={"query": "fado in Alfama"})
    s.close(span, [{"page_content": "Tasca", "metadata": {"source": "guide.pdf", "score": 0.83, "lang": "pt"}}])
    app = Host(s.run, s.run.spans[span])
    async with app.run_test(size=(100, 50)) as pilot:
        await pilot.pause()
        assert section(app, "Query") == ["fado in Alfama"]
        assert section(app, "Found  1 document") == [" 1 guide.pdf  score 0.83", "   Tasca", "   lang pt"]


async def test_values_open_whole_are_copied_and_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    s = Script().start()
    text = "\n".join(f"line {i}" for i in range(500))
    task = s.task("a", 1, text)
    app = Host(s.run, s.run.tasks[task])
    async with app.run_test(size=(100, 50)) as pilot:
        assert len(section(app, "Input")) < 40
        assert section(app, "Input")[-1] == "… ⏎ opens it whole"
        await press(pilot, "home", "j", "j", "j", "enter")
        assert app.shown == [("Input", text)]
        await press(pilot, "y")
        assert app.clipboard == text
        await press(pilot, "Y", "Y")
        assert (tmp_path / ".inspector" / "Input.txt").read_text() == text
        assert (tmp_path / ".inspector" / "Input-2.txt").exists()
        await press(pilot, "home", "y")
        assert app.clipboard.splitlines()[0].startswith("● a  step 1")
        (tmp_path / ".inspector").rename(tmp_path / "gone")
        (tmp_path / ".inspector").write_text("a file")
        await press(pilot, "Y")
        assert "It cannot be saved" in [note.message for note in app._notifications][-1]


async def test_find() -> None:
    s, tasks = searching()
    app = Host(s.run, tasks[1])
    async with app.run_test(size=(100, 50)) as pilot:
        await settled(app, pilot)
        assert app.pane.find("TIMEOUT")
        first = app.pane.rows.cursor
        assert app.pane.find("timeout")
        assert app.pane.rows.cursor > first
        assert not app.pane.find("nowhere")


async def test_the_cursor_stays_while_the_page_grows() -> None:
    s = Script().start()
    model = s.span("model", "m", s.task("a"), input=[{"type": "human", "content": "hi"}])
    s.after(0.1).token(model, "Lisbon")
    app = Host(s.run, s.run.models[0])
    async with app.run_test(size=(60, 20)) as pilot:
        await press(pilot, "home", "j", "j")
        for i in range(50):
            s.after(0.1).token(model, f" word{i}")
            app.pane.sync_if_changed()
        assert app.pane.rows.cursor == 2


async def test_previews_that_were_let_go_say_so() -> None:
    s = Script(Run(preview_budget=200)).start()
    first = s.task("a", 1, "x" * 150)
    s.task("b", 2, "y" * 150)
    app = Host(s.run, s.run.tasks[first])
    async with app.run_test(size=(100, 20)) as pilot:
        await pilot.pause()
        assert "let go to bound memory" in section(app, "Input")[0]


HOSTILE = "\x1b[31mred\x07 [bold]x[/bold] \u202egnp\u202c \u200b\x00漢字🙂\n\ttab"


@pytest.mark.parametrize("size", [(20, 5), (33, 10), (80, 24), (250, 80)])
async def test_hostile_text_and_any_size(size: tuple[int, int]) -> None:
    bad = Failure(HOSTILE, HOSTILE, f'  File "{HOSTILE}", line 1, in {HOSTILE}\n    {HOSTILE}\n' + TRACEBACK)
    s = Script().start(HOSTILE)
    value = {HOSTILE: [HOSTILE, {HOSTILE: HOSTILE}], "m": {"type": "ai", "content": HOSTILE, "name": HOSTILE}}
    s.checkpoint(0)
    task = s.task(HOSTILE, 1, value, metadata=value)
    s.task(HOSTILE, 1, value)
    s.retry(task, 2, bad)
    kinds = [
        s.span(kind, HOSTILE, task, input=value, call_id=HOSTILE, model=HOSTILE) for kind in ("tool", "model", "chain")
    ]
    docs = s.span("retriever", HOSTILE, task, input={"query": HOSTILE})
    s.token(kinds[1], HOSTILE).token(kinds[1], HOSTILE, "reasoning")
    s.close(docs, [{"page_content": HOSTILE, "metadata": {"source": HOSTILE, HOSTILE: HOSTILE}}])
    s.close(kinds[0], {"type": "tool", "content": HOSTILE, "name": HOSTILE, "tool_call_id": HOSTILE, "status": "error"})
    s.ask(task, {"question": HOSTILE, HOSTILE: value}, value)
    s.after(1).done(task, {HOSTILE: value, "m": HOSTILE}, status="error", error=bad)
    s.checkpoint(1)
    states = {checkpoint.id: {HOSTILE: value, "m": HOSTILE} for checkpoint in s.run.checkpoints}
    nodes: list[Node] = [s.run.tasks[task], *s.run.spans.values()]
    app = Host(s.run, None, states)
    async with app.run_test(size=size) as pilot:
        for node in nodes:
            app.view.select(node)
            app.pane.sync_if_changed()
            await settled(app, pilot)
            rows = app.pane.rows
            for _ in range(2):
                for y in range(rows.size.height):
                    text = rows.render_line(y).text
                    assert cell_len(text) == rows.size.width
                    assert not set(text) & set("\x1b\x07\x00\u202e\u202c\u200b\n\t\r")
                await press(pilot, "pagedown", "enter", "y")


async def test_a_page_is_bounded_whatever_the_values_weigh() -> None:
    s = Script().start()
    task = s.task("a", 1, {f"key {i}": "x" * 1000 for i in range(2000)})
    s.done(task, {f"channel {i}": list(range(1000)) for i in range(300)})
    app = Host(s.run, s.run.tasks[task])
    async with app.run_test(size=(100, 30)) as pilot:
        await settled(app, pilot)
        assert len(lines(app)) < 600
        assert "… 240 more channels" in lines(app)
