"""Where the panes are: all at once on a large terminal, one at a time on a small one, each at its number.

The board owns which panes are shown, which tab is open, maximising, and moving the focus between panes. Panes behind a
tab are imported and made when they are first needed, or in quiet moments after the first paint.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from typing import ClassVar

from rich.segment import Segment
from textual.containers import Container
from textual.events import Resize
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from inspector.core.view import View
from inspector.tui.frames import Frame, frame_line, plan_frames, tone
from inspector.tui.panes.base import BadgeChanged, Pane
from inspector.tui.places import BY_ID, FIRST_TAB, LOW, PLACES, Place, geometry, is_narrow
from inspector.tui.widgets.drawn import Drawn
from inspector.tui.widgets.tabline import Tab, TabLine


class Board(Container, Drawn):
    """The panes and the line of tabs. `show`, `toggle_zoom` and `focus_pane` are all that steers it."""

    PENS = "frame"
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "frame--quiet", "frame--quiet-title", "frame--lit", "frame--lit-title", "frame--past", "frame--past-title",
        "frame--past-lit", "frame--past-lit-title",
    }  # fmt: skip
    # No rule in here depends on the focus: Textual would work out the styles of all panes anew at each change of it.
    DEFAULT_CSS = """
    Board {
        layout: grid;
        grid-size: 2 4;
        height: 1fr;
        & > Pane { margin: 1; height: 100%; }
        & > #timeline { row-span: 2; }
        & > TabLine { column-span: 2; }
        & > .-tabbed { column-span: 2; margin: 0 1 1 1; }
        &.-single {
            layout: vertical;
            & > TabLine { dock: top; }
            & > Pane { width: 100%; height: 1fr; margin: 0 1 1 1; }
        }
        &.-low > Pane { margin: 0; }
        & > .frame--quiet { color: $border-blurred; }
        & > .frame--quiet-title { color: $text-muted; }
        & > .frame--lit { color: $primary; }
        & > .frame--lit-title { color: $primary; text-style: bold; }
        & > .frame--past { color: $warning 60%; }
        & > .frame--past-title { color: $text-muted; }
        & > .frame--past-lit { color: $warning; }
        & > .frame--past-lit-title { color: $warning; text-style: bold; }
    }
    """

    class Changed(Message):
        """Another pane is shown, or the layout is another one."""

    def __init__(self, view: View) -> None:
        super().__init__()
        self.view = view
        self.panes: dict[str, Pane] = {}
        self.tab = FIRST_TAB  # the tab that is open on a large terminal
        self.current = "timeline"  # the pane that is shown where there is room for one
        self.narrow = False
        self.zoomed = False
        self.chosen = False  # the developer has chosen a tab
        self._tabs = TabLine()
        self.frames: tuple[Frame, ...] = ()

    # ------------------------------------------------------------------ reading

    @property
    def single(self) -> bool:
        """Whether one pane is shown at a time."""
        return self.narrow or self.zoomed

    def displayed(self) -> Iterator[Pane]:
        """The panes on display."""
        return (pane for pane in self.panes.values() if pane.display and pane.is_mounted)

    def focused_pane(self) -> Pane | None:
        """The pane that has the keyboard."""
        node = self.screen.focused
        for ancestor in node.ancestors_with_self if node is not None else ():
            if isinstance(ancestor, Pane) and ancestor.parent is self:
                return ancestor
        return None

    # ------------------------------------------------------------------ making

    def compose(self) -> Iterator[Widget]:
        for place in PLACES:
            if place.own:
                yield self._make(place)
        yield self._tabs
        yield self._make(BY_ID[self.tab])

    def _make(self, place: Place) -> Pane:
        module = import_module(f"inspector.tui.panes.{place.id}")
        pane: Pane = getattr(module, place.cls)(self.view, id=place.id)
        pane.set_class(not place.own, "-tabbed")
        self.panes[place.id] = pane
        return pane

    def ensure(self, id: str) -> Pane:
        """The pane, made and mounted if it was not."""
        pane = self.panes.get(id)
        if pane is None:
            pane = self._make(BY_ID[id])
            pane.display = False
            self.mount(pane)
        return pane

    def make_next(self) -> bool:
        """Make one of the panes that are still missing. Returns whether there are more."""
        missing = [place.id for place in PLACES if place.id not in self.panes]
        if missing:
            self.ensure(missing[0])
        return len(missing) > 1

    def on_mount(self) -> None:
        self._arrange()

    def on_resize(self, event: Resize) -> None:
        plan = geometry(event.size.width, event.size.height)
        self.styles.grid_columns = f"{plan.left} {plan.right}"
        self.styles.grid_rows = f"{plan.upper} {plan.lower} 1 {plan.tabbed}"
        self.sync_frames()

    # ------------------------------------------------------------------ steering

    def resized(self, width: int, height: int) -> None:
        """The terminal has this size now."""
        narrow = is_narrow(width, height)
        self.set_class(height < LOW, "-low")
        if narrow != self.narrow:
            self.narrow = narrow
            focused = self.focused_pane()
            if narrow and focused is not None and focused.id:
                self.current = focused.id
            self._arrange()

    def show(self, id: str, *, focus: bool = True) -> None:
        """Show a pane, and give it the keyboard."""
        self.current = id
        if not BY_ID[id].own:
            self.tab, self.chosen = id, True
        self._arrange(id if focus else None)

    def suggest(self, id: str) -> None:
        """Open a tab that has something to show, unless the developer has chosen one."""
        if not self.chosen and self.tab != id:
            self.tab = id
            self._arrange()

    def toggle_zoom(self) -> None:
        """Give the screen to the pane that has the keyboard, and back."""
        focused = self.focused_pane()
        self.zoomed = not self.zoomed and not self.narrow
        if self.zoomed and focused is not None and focused.id:
            self.current = focused.id
        self._arrange(self.current)

    def focus_pane(self, id: str | None = None) -> None:
        """Give the keyboard to a pane (or to the one that is shown)."""
        pane = self.panes.get(id or self.current)
        if pane is None or not pane.display:
            pane = next(self.displayed(), None)
        if pane is not None:
            target = _first_focusable(pane)
            if target is not None:
                self.screen.set_focus(target, scroll_visible=False)
            elif not pane.is_mounted:
                self.call_after_refresh(self.focus_pane, id)

    def cycle(self, by: int) -> None:
        """Move the keyboard to the next or previous pane on display; where one is shown, show another."""
        focused = self.focused_pane()
        if self.single:
            ids = [place.id for place in PLACES]
            index = ids.index(self.current)
            self.show(ids[(index + by) % len(ids)])
            return
        ids = [place.id for place in PLACES if place.id in self.panes and self.panes[place.id].display]
        if focused is None or focused.id not in ids:
            self.focus_pane(ids[0] if by > 0 else ids[-1])
        else:
            self.focus_pane(ids[(ids.index(focused.id) + by) % len(ids)])

    # ------------------------------------------------------------------ frames and tabs

    def sync_frames(self) -> None:
        """Bring frames, titles, tabs and the counts in them up to date."""
        active = self.current if self.single else self.tab
        focused = self.focused_pane()
        lit = focused.id if focused is not None else None
        past = self.view.past
        tabs, frames = list[Tab](), list[Frame]()
        planned = iter(plan_frames(self.size.width, self.size.height))
        for place in PLACES:
            badge = self.panes[place.id].badge if place.id in self.panes else ""
            if self.single or not place.own:
                tabs.append(Tab(place.id, place.key, place.name, place.short, badge))
            else:
                title = f"{place.key} {place.name}" + (f"  {badge}" if badge else "")
                frames.append(replace(next(planned), title=title, tone=tone(lit=lit == place.id, past=past)))
        low = self.has_class("-low")
        around = tone(lit=lit == active, past=past)
        if self.single:
            frames = [] if low else [Frame(0, 1, self.size.width, self.size.height - 1, tone=around, open=True)]
        else:
            frames.append(replace(next(planned), tone=around))
        self._draw(tuple(frames))
        self._tabs.show(tabs, active, around, framed=not low)

    def _draw(self, frames: tuple[Frame, ...]) -> None:
        before, self.frames = self.frames, frames
        if len(before) != len(frames):
            self.refresh()
            return
        for old, new in zip(before, frames, strict=True):
            if old == new:
                continue
            if old.tone == new.tone and (old.x, old.y, old.width, old.height) == (new.x, new.y, new.width, new.height):
                self.refresh(Region(new.x, new.y, new.width, 1))
            else:
                self.refresh(*_edges(old), *_edges(new))

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        base = self.base
        pieces = frame_line(self.frames, y, width)
        segments = [Segment(text, base + self.pen(name)) for text, name in pieces if text]
        return Strip(segments).adjust_cell_length(width, base)

    def _arrange(self, focus: str | None = None) -> None:
        self.set_class(self.single, "-single")
        shown = self.current if self.single else self.tab
        self.ensure(shown)
        for id, pane in self.panes.items():
            visible = id == shown or (not self.single and BY_ID[id].own)
            if pane.display != visible:
                pane.display = visible
        if focus is not None:
            self.focus_pane(focus)
        self.sync_frames()
        self.post_message(self.Changed())

    def on_badge_changed(self, event: BadgeChanged) -> None:
        event.stop()
        self.sync_frames()

    def on_tab_line_chosen(self, event: TabLine.Chosen) -> None:
        event.stop()
        self.show(event.tab)


def _edges(frame: Frame) -> tuple[Region, ...]:
    x, y, width, height = frame.x, frame.y, frame.width, frame.height
    return (
        Region(x, y, width, 1),
        Region(x, y + height - 1, width, 1),
        Region(x, y, 1, height),
        Region(x + width - 1, y, 1, height),
    )


def _first_focusable(pane: Pane) -> Widget | None:
    if pane.focusable:
        return pane
    return next((child for child in pane.walk_children(Widget) if child.focusable and child.display), None)
