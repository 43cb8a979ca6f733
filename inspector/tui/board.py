"""Where the panes are: all at once on a large terminal, one at a time on a small one, each at its number.

The board owns which panes are shown, which tab is open, maximising, and moving the focus between panes. Panes behind a
tab are imported and made when they are first needed, or in quiet moments after the first paint.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

from textual.containers import Container
from textual.content import Content
from textual.events import Resize
from textual.message import Message
from textual.widget import Widget

from inspector.core.view import View
from inspector.tui.panes.base import Pane
from inspector.tui.places import BY_ID, FIRST_TAB, LOW, PLACES, Place, geometry, is_narrow
from inspector.tui.widgets.tabline import Tab, TabLine


class Board(Container):
    """The panes and the line of tabs. `show`, `toggle_zoom` and `focus_pane` are all that steers it."""

    DEFAULT_CSS = """
    Board {
        layout: grid;
        grid-size: 2 4;
        height: 1fr;
        & > Pane { border: round $border-blurred; border-title-color: $text-muted; padding: 0; height: 100%; }
        & > Pane:focus-within { border: round $primary; border-title-color: $primary; border-title-style: bold; }
        &.-past > Pane { border: round $warning 60%; }
        &.-past > Pane:focus-within { border: round $warning; border-title-color: $warning; }
        & > #timeline { row-span: 2; }
        & > TabLine { column-span: 2; }
        & > .-tabbed { column-span: 2; }
        & > Pane.-tabbed, & > Pane.-tabbed:focus-within, &.-past > Pane.-tabbed, &.-past > Pane.-tabbed:focus-within {
            border-top: none;
        }
        &.-single {
            layout: vertical;
            & > TabLine { dock: top; }
            & > Pane { width: 100%; height: 1fr; }
            & > Pane, & > Pane:focus-within { border-top: none; }
        }
        &.-single.-past > Pane, &.-single.-past > Pane:focus-within { border-top: none; }
        &.-low > Pane, &.-low > Pane:focus-within { border: none; }
        &.-low.-past > Pane, &.-low.-past > Pane:focus-within { border: none; }
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
        self._titles: dict[str | None, str] = {}

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
        self._arrange()
        if focus:
            self.focus_pane(id)

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
        self._arrange()
        self.focus_pane(self.current)

    def focus_pane(self, id: str | None = None) -> None:
        """Give the keyboard to a pane (or to the one that is shown)."""
        pane = self.panes.get(id or self.current)
        if pane is None or not pane.display:
            pane = next(self.displayed(), None)
        if pane is not None:
            target = _first_focusable(pane)
            if target is not None:
                self.screen.set_focus(target, scroll_visible=False)

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

    def sync_tabs(self) -> None:
        """Bring the counts behind the tabs' names up to date."""
        tabs = []
        for place in PLACES:
            pane = self.panes.get(place.id)
            badge = pane.badge if pane is not None else ""
            if self.single or not place.own:
                tabs.append(Tab(place.id, place.key, place.name, place.short, badge))
            elif pane is not None:
                self._entitle(pane, f"{place.key} {place.name}" + (f"  {badge}" if badge else ""))
        active = self.current if self.single else self.tab
        focused = self.focused_pane()
        lit = focused is not None and focused.id == active
        self._tabs.show(tabs, active, framed=not self.has_class("-low"), lit=lit, past=not self.view.live)

    def _entitle(self, pane: Pane, title: str) -> None:
        if self._titles.get(pane.id) != title:  # setting a title repaints the whole pane
            self._titles[pane.id] = title
            pane.border_title = Content(title) if title else None

    def _arrange(self) -> None:
        self.set_class(self.single, "-single")
        shown = self.current if self.single else self.tab
        self.ensure(shown)
        for id, pane in self.panes.items():
            visible = id == shown or (not self.single and BY_ID[id].own)
            if pane.display != visible:
                pane.display = visible
            if not BY_ID[id].own or self.single:
                self._entitle(pane, "")
        self.sync_tabs()
        self.post_message(self.Changed())

    def on_tab_line_chosen(self, event: TabLine.Chosen) -> None:
        event.stop()
        self.show(event.tab)


def _first_focusable(pane: Pane) -> Widget | None:
    if pane.focusable:
        return pane
    return next((child for child in pane.walk_children(Widget) if child.focusable and child.display), None)
