"""Edits: what they come to is said before, the first branch stays what it was, the fork runs what was said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from inspector.core.travel import Edit, Entry
from inspector.core.values import decode, to_json
from inspector.errors import CommandError, InputError
from tests.travel import graphs, shapes, typed
from tests.travel.driving import Driven, driving


def edit(entry: Entry, as_node: str = "", **values: Any) -> Edit:
    return Edit(entry.id, values, as_node, entry.ns)


async def fork(session: Driven, change: Edit) -> str:
    """Fork, and see that nothing that was there has changed."""
    before = session.rows()
    made = await session.travel.fork(change)
    after = session.rows()
    assert after.items() >= before.items()
    assert len(after) > len(before)
    return made


async def test_the_fork_is_what_the_preview_said(tmp_path: Path) -> None:
    async with driving(graphs.routed, tmp_path) as session:
        assert await session.run({"said": [], "budget": 10}) == ["cheap", "judge"]
        judged = session.at(1)
        assert (await session.travel.writers(judged.id)).preset == "judge"

        before = session.rows()
        seen = await session.travel.preview(edit(judged, budget=500))
        assert to_json(decode(seen.values))["budget"] == 500
        assert (seen.next, seen.as_node) == (("dear",), "judge")
        assert session.rows() == before, "a preview saves nothing"

        made = await fork(session, edit(judged, budget=500))
        newest = session.history()[0]
        assert (newest.id, newest.parent, newest.source, newest.next) == (made, judged.id, "update", ("dear",))
        assert await session.run(goes_on=True) == ["dear"]
        assert (await session.state())["said"] == ["judge", "dear"]
        assert session.at(2, nth=1).parent == judged.id, "the first branch is still there"


async def test_reducers_merge_and_can_be_overruled(tmp_path: Path) -> None:
    async with driving(graphs.routed, tmp_path) as session:
        human = {"type": "human", "content": "hi", "id": "h"}
        await session.run({"said": ["x"], "messages": [human]})
        judged = session.at(1)

        merged = to_json(decode((await session.travel.preview(edit(judged, said=["y"]))).values))
        assert merged["said"] == ["x", "judge", "y"]
        replaced = edit(judged, said={"__overwrite__": ["z"]}, messages=[{**human, "content": "changed"}])
        values = to_json(decode((await session.travel.preview(replaced)).values))
        assert values["said"] == ["z"]
        assert [(m["type"], m["id"], m["content"]) for m in values["messages"]] == [("human", "h", "changed")]
        rewritten = edit(judged, messages={"__overwrite__": [{"role": "assistant", "content": "all new"}]})
        values = to_json(decode((await session.travel.preview(rewritten)).values))
        assert [(m["type"], m["content"]) for m in values["messages"]] == [("ai", "all new")]


async def test_an_edit_in_a_subgraph_runs_what_comes_after_it_only(tmp_path: Path) -> None:
    async with driving(graphs.deep, tmp_path) as session:
        await session.run({"said": []})
        fetched = session.at(1, "research", "read")
        assert (await session.travel.writers(fetched.id, fetched.ns)).preset == "fetch"
        seen = await session.travel.preview(edit(fetched, said=["by hand"]))
        assert seen.next == ("ask",)
        assert to_json(decode(seen.values))["said"][-2:] == ["fetch", "by hand"]

        await fork(session, edit(fetched, said=["by hand"]))
        assert await session.run(goes_on=True) == ["ask"]
        assert await session.answer(ask="yes") == ["ask", "note", "rank", "write"]
        assert "by hand" in (await session.state())["said"]

        searched = session.at(1, "research")  # the graph has ended by now
        assert searched.next == ("read",)
        await fork(session, edit(searched, as_node="read", said=["instead"]))
        assert await session.run(goes_on=True) == ["rank", "write"]
        state = await session.state()
        assert "instead" in state["said"]
        assert "by hand" not in state["said"]


async def test_who_writes_has_to_be_chosen_where_it_is_ambiguous(tmp_path: Path) -> None:
    async with driving(graphs.deep, tmp_path) as session:
        await session.run({"said": []})
        await session.answer(ask="yes")
        both = session.at(2)
        assert both.next == ("write",)
        who = await session.travel.writers(both.id)
        assert who.preset == ""
        assert (
            who.why
            == "check and research ran in the same superstep before this checkpoint; choose the node that "
            + ("the edit is written as.")
        )
        with pytest.raises(CommandError, match="check and research ran in the same superstep"):
            await session.travel.preview(edit(both, budget=1))
        # Both have to have written before `write`: as one of them, the other has not, for the new checkpoint.
        seen = await session.travel.preview(edit(both, as_node="check", budget=1))
        assert seen.as_node == "check"


async def test_what_was_sent_there_writes_after_a_fan_out(tmp_path: Path) -> None:
    async with driving(graphs.fan_out, tmp_path) as session:
        await session.run({"said": []})
        worked = session.at(2)
        assert (await session.travel.writers(worked.id)).preset == "work", "and not split, which sent them"
        assert (await session.travel.preview(edit(worked, said=["more"]))).next == ("join",)
        await fork(session, edit(worked, said=["more"]))
        assert await session.run(goes_on=True) == ["join"]


@pytest.mark.parametrize(
    ("values", "as_node", "says"),
    [
        ({"budgte": 1}, "", r"judge cannot write 'budgte': did you mean 'budget'\?"),
        ({"budget": "much"}, "", "budget does not take that: Input should be a valid integer"),
        ({"said": [1]}, "", "said does not take that: at 0: Input should be a valid string"),
        ({"said": 5}, "", "does not take this edit as judge: TypeError"),
        ({"messages": [{"text": "?"}]}, "", "messages does not take that: "),
        ({"budget": 1}, "jugde", r"'jugde' is no node of this graph: did you mean 'judge'\?"),
    ],
)
async def test_what_does_not_fit_is_refused(values: dict[str, Any], as_node: str, says: str, tmp_path: Path) -> None:
    async with driving(graphs.routed, tmp_path) as session:
        await session.run({"said": []})
        before = session.rows()
        for verb in (session.travel.preview, session.travel.fork):
            with pytest.raises((InputError, CommandError), match=says):
                await verb(Edit(session.at(1).id, values, as_node))
        assert session.rows() == before


async def test_unknown_places_are_refused(tmp_path: Path) -> None:
    async with driving(graphs.routed, tmp_path) as session:
        with pytest.raises(CommandError, match="has no checkpoint 'nowhere'"):
            await session.travel.plan("nowhere")
        await session.run({"said": []})
        for asked in (
            session.travel.plan("nowhere"),
            session.travel.rerun("nowhere"),
            session.travel.writers("nowhere"),
            session.travel.fork(Edit("nowhere", {"budget": 1})),
            session.travel.jump("nowhere", ["cheap"]),
            session.start(goes_on=True, checkpoint="nowhere"),
        ):
            with pytest.raises(CommandError, match="Thread 't' has no checkpoint 'nowhere'"):
                await asked
        with pytest.raises(CommandError, match=r"There is no node 'chaep' to jump to: did you mean 'cheap'\?"):
            await session.travel.jump(session.at(1).id, ["chaep"])


async def test_a_jump_goes_there_instead(tmp_path: Path) -> None:
    async with driving(graphs.routed, tmp_path) as session:
        await session.run({"said": []})
        before = session.rows()
        await session.travel.jump(session.at(1).id, ["spare"], {"budget": 7})
        assert await session.done() == ["spare"], "and not cheap, which was next"
        state = await session.state()
        assert (state["said"], state["budget"]) == (["judge", "spare"], 7)
        assert session.rows().items() >= before.items()

        there = session.history()[1]
        assert (there.source, there.next) == ("fork", ("spare",))
        assert await session.rerun(there) == ["spare"], "the place that was jumped to is one to run on from"

        await session.travel.jump(session.history()[0].id, ["cheap"])  # from the end, where nothing was next
        assert await session.done() == ["cheap"]
        assert (await session.state())["said"] == ["judge", "spare", "cheap"]


async def test_values_come_back_as_what_they_are_shown_as(tmp_path: Path) -> None:
    """The JSON that objects are shown as is taken as what they are, by the types of the state."""
    async with driving(typed.typed, tmp_path) as session:
        await session.run({})
        made = session.at(1)
        shown = to_json(decode((await session.travel.preview(edit(made, count=0))).values))
        assert shown["order"]["type"].endswith("typed.Order")
        for key, value in shown.items():
            again = to_json(decode((await session.travel.preview(edit(made, **{"count": 0, key: value}))).values))
            assert again == shown
        changed = {**shown["order"], "amount": 7, "colour": "blue"}
        await fork(session, edit(made, order=changed))
        assert await session.run(goes_on=True) == ["check"], "check takes nothing but an Order"
        assert session.view.run.phase == "done"
        assert (await session.state())["order"] == typed.Order(7, typed.Colour.BLUE, typed.WHEN)
        with pytest.raises(InputError, match="order does not take that: at amount: "):
            await session.travel.preview(edit(made, order={**changed, "amount": "few"}))


async def test_a_graph_made_of_functions_has_one_value_and_no_nodes(tmp_path: Path) -> None:
    async with driving(shapes.functions, tmp_path) as session:
        await session.run({})
        end = session.at(0)
        seen = await session.travel.preview(Edit(end.id, {"": {"said": ["edited"]}}))
        assert (to_json(decode(seen.values)), seen.as_node) == ({"": {"said": ["edited"]}}, "main")
        with pytest.raises(InputError, match="is one value"):
            await session.travel.preview(edit(end, said=["x"]))
        with pytest.raises(CommandError, match="no nodes to jump to"):
            await session.travel.jump(end.id, ["main"])
        await fork(session, Edit(end.id, {"": {"said": ["edited"]}}))
        assert await session.state() == {"said": ["edited"]}
