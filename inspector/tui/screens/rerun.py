"""Asks before a thread is run on from an earlier checkpoint: says exactly what will run again, and that it is real."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import Static

from inspector.core.called import moment_name
from inspector.core.control import Travelling
from inspector.core.events import Namespace
from inspector.core.nodes import Checkpoint
from inspector.core.text import one_line, plural, safe
from inspector.core.travel import Plan, Planned
from inspector.errors import InspectorError
from inspector.tui.screens.dialog import Dialog, Parts, prose

_NAMES = 24  # nodes that are named one by one


class RerunScreen(Dialog[bool]):
    """Dismissed with True to run."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "run", "run it", key_display="⏎"),
        Binding("escape,q", "dismiss(False)", "leave it", key_display="esc"),
    ]
    DEFAULT_CSS = """
    RerunScreen VerticalScroll { height: auto; max-height: 20; margin: 1 0; scrollbar-size-vertical: 1; }
    RerunScreen.-small VerticalScroll { height: 1fr; max-height: 100%; margin: 0; }
    RerunScreen Static { height: auto; }
    """

    def __init__(self, travel: Travelling, checkpoint: Checkpoint, ns: Namespace = ()) -> None:
        super().__init__(f"Re-run from {moment_name(checkpoint, ns)}")
        self.travel = travel
        self.checkpoint = checkpoint
        self.ns = ns
        self.plan: Plan | None = None
        self._said = Static("What would run is being worked out…", markup=False)

    def body(self) -> Iterator[Widget]:
        with VerticalScroll(can_focus=True):
            yield self._said

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()
        self.run_worker(self._ask(), exit_on_error=True)

    async def _ask(self) -> None:
        try:
            plan = await self.travel.plan(self.checkpoint.id, self.ns)
        except InspectorError as error:
            plan = Plan(self.checkpoint.id, self.ns, refused=str(error))
        self.plan = plan
        self.set_class(not plan.refused, "-warning")
        self._said.update(prose(*plan_lines(plan)))
        self.refresh_bindings()

    @property
    def _possible(self) -> bool:
        return self.plan is not None and not self.plan.refused and bool(self.plan.first)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self._possible if action == "run" else super().check_action(action, parameters)

    def action_run(self) -> None:
        self.dismiss(True)


def plan_lines(plan: Plan) -> Iterable[Parts]:
    """What a plan says, line by line."""
    if plan.refused:
        yield [("✖ This cannot be re-run. ", "bold $error"), (safe(plan.refused), "")]
        return
    if not plan.first:
        yield [("Nothing follows this checkpoint: ", ""), ("the graph had come to its end there.", "$text-muted")]
        return
    yield [("will run again  ", "$text-muted"), (_names(plan.first), "bold $warning")]
    if plan.later:
        yield [("then, last time ", "$text-muted"), (_names(plan.later), "")]
    else:
        yield [("then            ", "$text-muted"), ("whatever the graph decides", "$text-muted")]
    yield [("", "")]
    calls = [plural(plan.models, "model call")] if plan.models else []
    calls += [plural(plan.tools, "tool call")] if plan.tools else []
    if calls:
        yield [(f"{' and '.join(calls)} were made from here the last time.", "")]
    yield [("Models and tools are called for real.", "bold")]
    if plan.answered:
        given = (
            "The answer that was given" if len(plan.answered) == 1 else f"{len(plan.answered)} answers that were given"
        )
        yield [(f"{given} here is used again.", "")]
    yield [("A second branch begins; the first one stays as it is.", "$text-muted")]


def _names(planned: Sequence[Planned]) -> str:
    names = []
    for item in planned[:_NAMES]:
        inside = "/".join(segment.rpartition(":")[0] or segment for segment in item.ns)
        name = one_line(f"{inside}/{item.node}" if inside else item.node, 60)
        names.append(name + (f" ×{item.times}" if item.times > 1 else ""))
    rest = len(planned) - _NAMES
    return ", ".join(names) + (f" and {plural(rest, 'more node')}" if rest > 0 else "")
