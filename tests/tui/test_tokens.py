"""The tokens pane: which calls it shows, where, and what the keys do."""

from __future__ import annotations

import pytest
from langchain_core.messages import AIMessage
from rich.cells import cell_len

from inspector.core.events import Failure, SpanEnded, Token, Usage
from inspector.core.run import Run
from inspector.debuggee.encode import preview
from inspector.tui.panes.tokens import TokensPane
from inspector.tui.panes.tokens_choice import newest, window
from tests.core.script import Script
from tests.tui.drive import shows
from tests.tui.paneapp import FORBIDDEN, HOSTILE, SIZES, PaneApp, screen

LINES = "\n".join(f"line {n}" for n in range(40))


class Host(PaneApp):
    pane: TokensPane

    def __init__(self, script: Script | None = None) -> None:
        super().__init__(TokensPane, script)

    def on_mount(self) -> None:
        self.pane.focus()

    def call(self, node: str, text: str = "", model: str = "gpt-x") -> str:
        span = self.script.span("model", "chat", self.script.task(node), model=model)
        if text:
            self.script.token(span, text)
        return span

    def chosen(self) -> str:
        """The node of the current call."""
        models = self.view.run.models
        task = models[self.pane.current].task if models else None
        return task.node if task is not None else ""


def models(*times: tuple[float, float | None]) -> Run:
    """A run with model calls that began and ended at these times."""
    script = Script().start()
    marks = sorted(
        [(t0, 0, n) for n, (t0, _) in enumerate(times)] + [(t1, 1, n) for n, (_, t1) in enumerate(times) if t1]
    )
    spans: dict[int, str] = {}
    for t, ends, n in marks:
        script.at(t)
        if ends:
            script.close(spans[n])
        else:
            spans[n] = script.span("model", f"m{n}", None)
    return script.run


def test_the_newest_call_that_runs() -> None:
    run = models((0, 1), (1, None), (2, None), (3, 4))
    assert newest(run.models, -1) == 2
    done = models((0, 5), (1, 6), (2, 3))
    assert newest(done.models, 1) == 1  # beside the last one: it stays
    later = models((0, 1), (2, 3))
    assert newest(later.models, 0) == 1
    assert newest([], -1) == -1


def test_calls_of_the_same_time_side_by_side() -> None:
    run = models((0, 1), (2, 5), (3, 6), (4, None), (7, None))
    assert window(run.models, 0, 4) == [0]
    assert window(run.models, 2, 4) == [1, 2, 3]
    assert window(run.models, 2, 2) == [2, 3]
    assert window(run.models, 4, 4) == [3, 4]
    assert window(run.models, 2, 1) == [2]
    assert window(run.models, 9, 3) == []


def test_columns_stay_where_they_are() -> None:
    run = models((0, None), (1, 5), (2, None), (3, None))
    # The call that has ended makes room in its own column for one that runs.
    assert window(run.models, 3, 3, [0, 1, 2]) == [0, 3, 2]
    assert window(run.models, 3, 3, [0, 3, 2]) == [0, 3, 2]
    assert window(run.models, 2, 3, [0, 3, 2]) == [0, 3, 2]


async def test_tokens_appear_and_kinds_are_told_apart() -> None:
    app = Host()
    async with app.run_test(size=(110, 12)) as pilot:
        script = app.script.start()
        span = app.call("plan")
        script.at(0.31).token(span, "Let me think", "reasoning")
        script.at(0.5).token(span, "I look it up. ")
        script.at(0.6)
        script.add(Token(0.6, span, "tool_call", "", 0, "search", "c1"))
        script.add(Token(0.7, span, "tool_call", '{"q": "fli', 0))
        app.pane.sync()
        await shows(pilot, "fli▏")
        shown = screen(app)
        assert "● plan · gpt-x · first token 0.31s" in shown[0]
        assert shown[1:4] == [" ┊ reasoning  Let me think", " I look it up.", ' │ → search  {"q": "fli▏']
        script.at(1.31).add(Token(1.3, span, "tool_call", 'ghts"}', 0))
        script.close(span, usage=Usage(412, 96, cache_read=300, reasoning=20))
        app.pane.sync()
        await shows(pilot, 'flights"}')
        shown = screen(app)
        assert "✔ plan" in shown[0]
        assert "412→96 tok (300 cached, 20 reasoning)" in shown[0]
        assert shown[3] == ' │ → search  {"q": "flights"}'


async def test_a_call_that_did_not_stream_shows_its_output() -> None:
    app = Host()
    async with app.run_test(size=(80, 12)) as pilot:
        app.script.start()
        span = app.call("plan")
        app.pane.sync()
        await pilot.pause()
        assert "waiting for the first token" in screen(app)[0]
        call = {"name": "search", "args": {"q": "x"}, "id": "c1"}
        app.script.add(SpanEnded(1.0, span, "ok", preview(AIMessage("All at once.", tool_calls=[call]))))
        app.pane.sync()
        await pilot.pause()
        shown = screen(app)
        assert "did not stream" in shown[0]
        assert shown[1:3] == [" All at once.", ' │ → search(q="x")']


async def test_a_call_that_failed_or_was_cancelled_says_so() -> None:
    app = Host()
    async with app.run_test(size=(80, 12)) as pilot:
        app.script.start()
        span = app.call("plan", "Half a sent")
        app.script.at(1).close(span, status="error", error=Failure("openai.RateLimitError", "too many"))
        app.pane.sync()
        await pilot.pause()
        shown = screen(app)
        assert "✖ plan" in shown[0]
        assert "error RateLimitError" in shown[0]
        assert shown[1] == " Half a sent"
        assert "too many" in shown[2]
        app.script.at(2)
        app.call("write", "Once upon")
        app.script.end("cancelled")
        app.pane.sync()
        await pilot.pause()
        assert "⊘ write" in screen(app)[0]
        assert "cancelled" in screen(app)[0]


async def test_concurrent_calls_side_by_side_when_there_is_room() -> None:
    app = Host()
    async with app.run_test(size=(130, 8)) as pilot:
        app.script.start()
        for node in ("one", "two", "three"):
            app.call(node, f"text of {node}")
        app.pane.sync()
        await pilot.pause()
        assert all(f"text of {node}" in screen(app)[1] for node in ("one", "two", "three"))
        await pilot.resize_terminal(60, 8)
        await pilot.pause()
        assert screen(app)[1] == " text of three▏"
        assert screen(app)[0].endswith("3/3")


async def test_going_through_the_calls_and_following_again() -> None:
    app = Host()
    async with app.run_test(size=(60, 8)) as pilot:
        app.script.start()
        for t, node in enumerate(("one", "two", "three")):
            app.script.at(t)
            app.script.close(app.call(node, f"text of {node}"))
        app.pane.sync()
        assert (app.chosen(), app.pane.following) == ("three", True)
        await pilot.press("comma")
        await pilot.press("left")
        assert (app.chosen(), app.pane.following) == ("one", False)
        assert app.selected == ["chat", "chat"]
        await pilot.pause()
        assert screen(app)[1] == " text of one"
        app.script.at(3)
        app.call("four", "text of four")
        app.pane.sync()
        assert app.chosen() == "one"
        await pilot.press("full_stop")
        assert app.chosen() == "two"
        await pilot.press("n")
        assert (app.chosen(), app.pane.following) == ("four", True)
        await pilot.press("left", "right", "right")
        assert (app.chosen(), app.pane.following) == ("four", True)
        await pilot.press("enter")
        assert app.shown == ["chat"]


async def test_scrolling_goes_to_the_current_call() -> None:
    app = Host()
    async with app.run_test(size=(100, 8)) as pilot:
        app.script.start()
        for node in ("one", "two"):
            app.call(node, "\n".join(f"{node} {n}" for n in range(40)))
        app.pane.sync()
        await pilot.pause()
        await pilot.press("home")
        await pilot.pause()
        assert "two 0" in screen(app)[1]
        assert "one 0" not in screen(app)[1]
        await pilot.press("down", "j", "pagedown", "k", "up", "pageup", "end")
        await pilot.pause()
        assert "two 39▏" in screen(app)[7]
        await pilot.click(offset=(5, 3))
        assert app.chosen() == "one"


async def test_a_call_that_came_and_went_between_two_paints_is_followed_to_its_end() -> None:
    app = Host()
    async with app.run_test(size=(60, 8)) as pilot:
        app.script.start()
        app.call("one", "first")
        app.pane.sync()
        app.script.at(1).close(next(iter(app.view.run.spans)))
        app.script.close(app.call("two", LINES))
        app.pane.sync()
        await shows(pilot, "line 39")


async def test_a_call_that_was_over_before_anybody_looked_is_read_from_its_beginning() -> None:
    script = Script().start()
    script.close(script.span("model", "chat", script.task("zero")))
    long = script.span("model", "chat", script.task("one"), model="gpt-x")
    script.token(long, LINES)
    script.close(long)
    app = Host(script)
    async with app.run_test(size=(60, 8)) as pilot:
        await shows(pilot, "line 0")
        await pilot.press("end")
        await shows(pilot, "line 39")


async def test_a_call_that_is_selected_elsewhere_is_shown_until_another_begins() -> None:
    app = Host()
    async with app.run_test(size=(60, 8)):
        app.script.start()
        first = app.call("one", "1")
        app.script.at(1).close(first)
        app.script.at(2)
        app.call("two", "2")
        app.pane.sync()
        app.view.select(app.view.run.spans[first])
        app.pane.sync_if_changed()
        assert app.chosen() == "one"
        app.script.at(3)
        app.call("three", "3")
        app.pane.sync_if_changed()
        assert app.chosen() == "three"


async def test_what_the_timeline_selects_on_its_way_holds_no_call() -> None:
    app = Host()
    async with app.run_test(size=(60, 8)):
        app.script.start()
        first = app.call("one", "1")
        app.script.at(1).close(first)
        app.pane.sync()
        app.script.at(2).close(app.call("two", "2"))  # came and went before the selection arrived
        app.view.select(app.view.run.spans[first], by_user=False)
        app.pane.sync_if_changed()
        assert app.chosen() == "two"
        app.view.select(app.view.run.spans[first])  # the same one, by hand
        app.pane.sync_if_changed()
        assert app.chosen() == "one"


async def test_keys_apply_only_where_they_do_something() -> None:
    app = Host()
    async with app.run_test(size=(60, 8)) as pilot:
        assert "appears here" in screen(app)[0]
        assert [app.pane.check_action(name, ()) for name in ("go", "newest", "open", "markdown")] == [False] * 4
        await pilot.press("comma", "full_stop", "n", "enter", "m", "up", "home", "end", "pagedown")
        app.script.start()
        span = app.call("one", "# Title")
        app.pane.sync()
        assert not app.pane.check_action("markdown", ())
        app.script.close(span)
        app.pane.sync()
        assert app.pane.check_action("markdown", ())
        await pilot.press("m")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert screen(app)[1] == " Title"


async def test_another_run() -> None:
    app = Host()
    async with app.run_test(size=(60, 8)) as pilot:
        app.script.start()
        app.call("one", "old text")
        app.pane.sync()
        app.view.run = Run()
        app.pane.sync_if_changed()
        await pilot.pause()
        assert "old text" not in "".join(screen(app))
        assert app.pane.badge == ""


@pytest.mark.parametrize("size", SIZES)
async def test_hostile_text_at_every_size(size: tuple[int, int]) -> None:
    app = Host()
    async with app.run_test(size=size) as pilot:
        script = app.script.start()
        for _ in range(3):
            span = app.call(HOSTILE, HOSTILE * 3, model=HOSTILE)
            script.token(span, HOSTILE, "reasoning")
            script.add(Token(0.1, span, "tool_call", HOSTILE, 0, HOSTILE, HOSTILE))
        app.pane.sync()
        script.close(span, status="error", error=Failure(HOSTILE, HOSTILE))
        app.pane.sync()
        await pilot.pause()
        for line in screen(app):
            assert cell_len(line) <= size[0]
            assert not FORBIDDEN & set(line)


async def test_a_name_that_comes_after_the_first_chunk() -> None:
    app = Host()
    async with app.run_test(size=(60, 8)) as pilot:
        app.script.start()
        span = app.call("one")
        app.script.add(Token(0.1, span, "tool_call", "{", 0))
        app.pane.sync()
        app.script.add(Token(0.2, span, "tool_call", "}", 0, "search", "c1"))
        app.pane.sync()
        await shows(pilot, "{}▏")
        assert screen(app)[1] == " │ → search  {}▏"
