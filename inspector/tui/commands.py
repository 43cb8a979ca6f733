"""Every command of the app in one table: from it come the key bindings, the footer, the palette and the help.

A command applies or not in a `Situation`, a plain summary of what can be done now; where it does not apply, its key
does nothing and is not shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from textual.binding import Binding

if TYPE_CHECKING:  # the footer of the first screen needs this table, and nothing of the model
    from inspector.core.control import Stage
    from inspector.core.events import HoldKind
    from inspector.core.nodes import Phase

Group: TypeAlias = Literal["Run", "Step", "Held", "Time", "Panes", "App"]
_OF_RUN = frozenset({"Run", "Step", "Held"})


@dataclass(frozen=True, slots=True)
class Situation:
    """What decides which commands apply."""

    stage: Stage = "starting"
    running: bool = False
    phase: Phase = "loading"
    waiting: bool = False  # interrupts wait for an answer
    next: bool = False  # there are nodes that would run if it went on
    live: bool = True
    checkpoints: int = 0
    index: int = -1
    cancelling: bool = False
    leaving: bool = False
    can_find: bool = False
    wide: bool = True
    zoomed: bool = False
    can_restart: bool = False
    has_schema: bool = False  # what the graph takes is known; that comes a little after it is loaded
    held: HoldKind | Literal[""] = ""  # what is held, of several the one that is looked at
    holds: int = 0
    writing: bool = False  # arguments, a result or an error are being written for what is held
    inner: bool = False  # what is held is in a subgraph
    blocked: bool = False  # the event loop of the graph's process does not answer
    aimed: bool = False  # a breakpoint can be set on what is selected
    to_node: bool = False  # what is selected is a node, or in one

    saved: bool = False  # a thread that was opened from its file
    attached: bool = False  # and its graph is there
    graph_known: bool = False  # or it is known which one that is
    replayable: bool = False
    replaying: bool = False  # an earlier moment than the last is shown
    threads: bool = False  # there is a file with other threads

    stale: str = ""  # the source files of the graph that changed
    loading_code: bool = False
    at_value: bool = False  # the cursor of the state pane is on a value
    marked: bool = False  # a checkpoint is marked for comparing

    @property
    def idle(self) -> bool:
        """Ready to take an input or an answer."""
        return self.stage == "ready" and not self.running and not self.replaying

    @property
    def stopped(self) -> bool:
        """Stopped in the middle of a run, from where it can be stepped: held, or paused between two supersteps."""
        if self.holds:
            return not self.writing
        return self.idle and self.phase == "paused" and self.next and not self.waiting

    @property
    def call(self) -> bool:
        """A tool or model call is held, and looked at."""
        return self.held in ("tool", "model") and not self.writing

    @property
    def several(self) -> bool:
        """More than one thing is held."""
        return self.holds > 1 and not self.writing


@dataclass(frozen=True, slots=True)
class Command:
    """One thing the developer can do. `action` is an action of the main screen; `keys` are Textual's names, the first
    is shown (unless `shown` says otherwise); `label` is the footer's word, `help` the sentence of palette and help."""

    action: str
    keys: str
    label: str
    help: str
    group: Group
    applies: Callable[[Situation], bool] = lambda now: True
    footer: bool = True
    shown: str = ""
    priority: bool = False
    palette: bool = True

    @property
    def binding(self) -> Binding:
        return Binding(
            self.keys, self.action, self.label, show=self.footer, priority=self.priority,
            key_display=self.shown or None, tooltip=self.help,
        )  # fmt: skip


def _goes_on(now: Situation) -> bool:
    if now.holds:
        return not now.writing
    return now.idle and not now.waiting and now.next and now.phase in ("paused", "interrupted", "cancelled", "error")


def _travels(now: Situation) -> bool:
    return now.idle and now.index >= 0


COMMANDS: tuple[Command, ...] = (
    Command("release('call')", "c", "let it call", "Let the held call be made as it is", "Held", lambda now: now.call),
    Command("release('one')", "c", "let it go on", "Let this one go on; the others stay held", "Held",
            lambda now: now.several and not now.call),
    Command("held_edit('arguments')", "e", "edit arguments", "Let the held call be made with other arguments", "Held",
            lambda now: now.call and now.held == "tool"),
    Command("held_edit('prompt')", "e", "edit prompt", "Let the held call be made with another prompt", "Held",
            lambda now: now.call and now.held == "model"),
    Command("held_answer", "a", "answer for it", "Give a result of your own instead of the call", "Held",
            lambda now: now.call),
    Command("held_fail", "f", "fail it", "Raise an error of your own instead of the call", "Held",
            lambda now: now.call),
    Command("release_all", "C,f5", "release all", "Let everything that is held go on, to the next breakpoint", "Held",
            lambda now: now.several),
    Command("other_held(1)", "J", "next held", "Look at the next thing that is held", "Held",
            lambda now: now.several),
    Command("other_held(-1)", "K", "held before", "Look at the thing that is held before", "Held",
            lambda now: now.several, footer=False),
    Command("go_on", "c,f5", "continue", "Go on to the next breakpoint, or to the end", "Run", _goes_on),
    Command("step('over')", "s,f10", "step", "Run the next superstep of this graph, and stop", "Step",
            lambda now: now.stopped or (now.idle and _goes_on(now))),
    Command("step('into')", "i,f11", "into", "Stop before whatever task comes next, in a subgraph too", "Step",
            lambda now: now.stopped),
    Command("step('out')", "O,shift+f11", "out", "Run until the subgraph is left, and stop", "Step",
            lambda now: now.stopped and now.inner),
    Command("run_to", "t", "run to it", "Run until the selected node comes, and stop before it", "Step",
            lambda now: now.to_node and _goes_on(now)),
    Command("pause", "p", "pause", "Stop after the current superstep; continue later", "Run",
            lambda now: now.running and not now.cancelling and not now.holds),
    Command("cancel", "x", "cancel", "Cancel the run; its checkpoints are kept", "Run",
            lambda now: now.running and not now.cancelling),
    Command("kill", "x", "kill", "End the graph's process, which does not answer", "Run",
            lambda now: now.running and now.cancelling),
    Command("restart", "r,R", "restart", "Load the graph again in a new process, on the same thread", "Run",
            lambda now: now.stage == "failed" and now.can_restart),
    Command("kill_and_restart", "R", "restart", "End the graph's process, which hangs, and start it again on the same "
            "thread", "Run", lambda now: now.running and (now.blocked or now.cancelling) and now.can_restart),
    Command("toggle_breakpoint", "b,f9", "break", "Stop at what is selected, or no longer", "Step",
            lambda now: now.aimed and now.stage == "ready"),
    Command("breakpoints", "B", "breakpoints", "List, add and change breakpoints", "Step",
            lambda now: now.stage == "ready", footer=False),
    Command("input", "i,I", "input", "Write the next input", "Run", lambda now: now.idle and not now.waiting),
    Command("answer", "i", "answer", "Answer what the graph asks", "Run", lambda now: now.idle and now.waiting),
    Command("live", "escape,L", "live", "Back to the newest moment", "Time",
            lambda now: not now.live or now.replaying, shown="esc"),
    Command("back", "left_square_bracket", "back/forward", "Look at the checkpoint before", "Time",
            lambda now: now.index > 0, shown="[ ]"),
    Command("forward", "right_square_bracket", "forward", "Look at the checkpoint after", "Time",
            lambda now: not now.live, footer=False),
    Command("play", "P", "replay", "Play what happened, or pause it", "Time", lambda now: now.replayable),
    Command("transport", "9", "replay bar", "Give the keyboard to the bar of the replay, and back", "Time",
            lambda now: now.replayable, footer=False),
    Command("who_wrote", "w", "who wrote", "Who last changed the value under the cursor; again: who before", "Time",
            lambda now: now.at_value),
    Command("rerun", "r", "re-run", "Run again from the checkpoint that is shown; says first what will run", "Time",
            _travels),
    Command("edit_state", "e", "edit", "Edit the state that is shown and go on from there in a second branch", "Time",
            _travels),
    Command("jump", "g", "jump", "Go on from what is shown with other nodes", "Time", _travels, footer=False),
    Command("reload", "ctrl+r", "load the new code", "Load the graph's changed code; go on at the same place", "Run",
            lambda now: now.stage == "ready" and bool(now.stale) and not now.loading_code, shown="^r"),
    Command("compare", "equals_sign", "compare", "Compare the marked checkpoint with the one that is shown", "Time",
            lambda now: now.index >= 0 and now.marked, shown="="),
    Command("mark", "equals_sign", "mark", "Mark the checkpoint that is shown, to compare another one with it", "Time",
            lambda now: now.index >= 0 and not now.marked, shown="=", footer=False),
    Command("watches", "W", "watches", "Expressions whose value is shown with every state", "Time",
            lambda now: now.stage == "ready", footer=False),
    Command("find", "slash", "find", "Find a text in the pane", "Panes", lambda now: now.can_find),
    Command("zoom", "M", "maximise", "Give the whole screen to one pane, and back", "Panes",
            lambda now: now.wide, footer=False),
    Command("pane('timeline')", "1", "timeline", "Tasks and spans in time", "Panes", footer=False),
    Command("pane('state')", "2", "state", "The state, and what changed in it", "Panes", footer=False),
    Command("pane('history')", "3", "history", "The checkpoints", "Panes", footer=False),
    Command("pane('tokens')", "4", "tokens", "What the models stream", "Panes", footer=False),
    Command("pane('tools')", "5", "tools", "Tool calls with arguments and results", "Panes", footer=False),
    Command("pane('output')", "6", "output", "Logs, prints, progress, documents, errors", "Panes", footer=False),
    Command("pane('graph')", "7", "graph", "The graph as a drawing", "Panes", footer=False),
    Command("pane('streams')", "8", "streams", "What each stream mode would have sent", "Panes", footer=False),
    Command("pane('detail')", "d", "detail", "All of the selected task or span", "Panes", footer=False),
    Command("focus_next", "tab", "next pane", "Go to the next pane", "Panes", footer=False, palette=False),
    Command("focus_previous", "shift+tab", "previous pane", "Go to the pane before", "Panes", footer=False,
            palette=False),
    Command("graph", "G", "graph", "Load the graph of this thread, to answer, edit and run it on", "App",
            lambda now: now.saved and not now.attached),
    Command("threads", "T", "threads", "The saved threads of the file", "App", lambda now: now.threads),
    Command("palette", "ctrl+p", "commands", "Search all commands", "App", shown="^p", palette=False),
    Command("help", "question_mark", "help", "All keys, by pane", "App"),
    Command("quit", "q,ctrl+q", "quit", "Leave; asks first while the graph runs", "App"),
)  # fmt: skip


def bindings() -> list[Binding]:
    """The bindings of the main screen."""
    return [command.binding for command in COMMANDS]


def find(action: str) -> Command | None:
    """The command of an action, with its parameters as they are written in the table."""
    return next((command for command in COMMANDS if command.action == action), None)


def place(action: str) -> int:
    """Where an action is in the table; behind everything else where it is not in it."""
    return next((index for index, command in enumerate(COMMANDS) if command.action == action), len(COMMANDS))


def is_of_run(action: str) -> bool:
    """Whether an action steers the run."""
    command = find(action)
    return command is not None and command.group in _OF_RUN


def applying(now: Situation) -> Iterator[Command]:
    """The commands that can be done now, in the order of the table."""
    return (command for command in COMMANDS if command.applies(now))


def key_name(key: str) -> str:
    """A key as people write it: `ctrl+o` is `^o`, `question_mark` is `?`."""
    names = {
        "question_mark": "?", "slash": "/", "left_square_bracket": "[", "right_square_bracket": "]", "enter": "⏎",
        "escape": "esc", "up": "↑", "down": "↓", "left": "←", "right": "→", "pageup": "PgUp", "pagedown": "PgDn",
        "space": "space", "full_stop": ".", "comma": ",", "plus": "+", "minus": "-", "equals_sign": "=",
        "less_than_sign": "<", "greater_than_sign": ">", "home": "Home", "end": "End", "backspace": "⌫",
    }  # fmt: skip
    if key.startswith("ctrl+"):
        return "^" + key_name(key[5:])
    if key.startswith("shift+"):
        return "⇧" + key_name(key[6:])
    return names.get(key, key.upper() if key[:1] == "f" and key[1:].isdigit() else key)
