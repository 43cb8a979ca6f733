"""Edit and continue: says that the graph's source files changed, and loads them."""

from __future__ import annotations

from collections.abc import Sequence

from textual.worker import Worker

from inspector.core.text import one_line, safe
from inspector.errors import InspectorError, LinkClosed
from inspector.tui.actions.base import Acting

_EVERY = 1.0  # seconds between two looks at the files


class CodeActions(Acting):
    """Watches the files while the screen is shown. `stale` names those that changed."""

    stale: tuple[str, ...] = ()
    loading_code = False
    _looking: Worker[None] | None = None

    def watch_code(self) -> None:
        """Begin to look at the files now and then."""
        self.set_interval(_EVERY, self._look)

    def _look(self) -> None:
        if not self.loading_code and (self._looking is None or self._looking.is_finished):
            self._looking = self.run_worker(self._find(), exit_on_error=True)

    async def _find(self) -> None:
        try:
            changed = tuple(await self.session.code.changed())
        except InspectorError:
            return
        if changed != self.stale and not self.loading_code:
            self.stale = changed
            self.refresh_situation()
        # Code that runs is left to run; it is exchanged where it stands still.
        if changed and self.session.code.automatic and (not self.session.running or self.view.run.held):
            self.action_reload()

    def action_reload(self) -> None:
        if not self.loading_code:
            self.loading_code = True
            self.refresh_situation()
            self.run_worker(self._reload(), exit_on_error=True)

    async def _reload(self) -> None:
        try:
            await self.session.code.reload()
        except LinkClosed:
            pass  # the session's problem, which the foot of the screen says
        except InspectorError as error:
            self._say_failed(error)
        else:
            self.notify("Loaded the new code.", timeout=4, markup=False)
        finally:
            self.stale = ()
            self.loading_code = False
            self.refresh_situation()

    def _say_failed(self, error: InspectorError) -> None:
        if not error.traceback:
            self.say_refused(str(error))
            return
        from inspector.tui.screens.viewer import TextViewer

        kept = "What was loaded before stays as it was, and where it was."
        text = f"{safe(str(error))}\n{kept}\n\n{safe(error.traceback)}"
        self.app.push_screen(TextViewer("The new code cannot be loaded", text))


def names(files: Sequence[str]) -> str:
    """`graph.py`, `graph.py and 2 more`."""
    more = f" and {len(files) - 1} more" if len(files) > 1 else ""
    return f"{one_line(files[0], 60)}{more}" if files else ""
