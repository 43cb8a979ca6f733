"""`make screenshots`: the pictures in README and docs, from the real app running the real samples.

Each shot is an SVG that the app itself exports, without references to fonts on the network; where Chromium is found, a
PNG is rendered beside it (README shows the PNG).
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from inspector.cli_options import example_input
from inspector.core.breakpoints import parse_spec
from inspector.core.reference import resolve
from inspector.session import DEFAULT_DB, Session, Settings
from inspector.store.library import FileLibrary
from inspector.tui.app import InspectorApp
from inspector.tui.browser import BrowserApp

HERE = Path(__file__).resolve().parent
SAMPLES = HERE.parent / "sample_graphs"


@dataclass(frozen=True)
class Shot:
    """One picture: of which sample, how large, after which keys, when `ready` holds."""

    name: str
    sample: str
    ready: Callable[[Session], bool]
    keys: tuple[str, ...] = ()
    size: tuple[int, int] = (120, 40)
    settle: float = 0.6  # seconds for the last paint
    breakpoints: tuple[str, ...] = ()


def _writing(session: Session) -> bool:
    run = session.view.run
    return any(task.node == "write_up" for task in run.running_tasks()) and bool(
        run.models[-1].tokens and run.models[-1].tokens.count > 30
    )


def _over(session: Session) -> bool:
    return session.view.run.phase in ("done", "interrupted", "error") and not session.waiting()


def _held(session: Session) -> bool:
    return bool(session.view.run.held)


SHOTS = (
    Shot("demo", "travel_agent", _writing, ("5", "4"), settle=0.2),
    Shot("demo-question", "travel_agent", _over, ("escape", "6", "5", "4")),
    Shot("demo-80x24", "travel_agent", _writing, (), (80, 24)),
    Shot("map-reduce", "map_reduce", _over),
    Shot("graph", "travel_agent", _writing, ("7",)),
    Shot("failure", "flaky", _over, ("d",)),
    Shot("held", "travel_agent", _held, ("5",), breakpoints=("tool:find_hotels",)),
)


async def take(shot: Shot) -> str:
    """The SVG of a shot."""
    file = SAMPLES / f"{shot.sample}.py"
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(reference=resolve(f"{file}:graph", SAMPLES), db=Path(folder) / "threads.sqlite")
        session = Session(settings)
        session.steer.prepare([parse_spec(spec, id=spec) for spec in shot.breakpoints])
        session.begin()
        app = InspectorApp(session, input=example_input(file))
        async with app.run_test(size=shot.size) as pilot:
            async with asyncio.timeout(60):
                while not shot.ready(session):
                    await pilot.pause(0.02)
            for key in shot.keys:
                await pilot.press(key)
            await pilot.pause(shot.settle)
            svg = app.export_screenshot(title="")
            await session.close()
    return _offline(svg)


@dataclass(frozen=True)
class Browsed:
    """A picture of the browser of saved threads, on a file in which these samples ran."""

    name: str
    keys: tuple[str, ...] = ()
    size: tuple[int, int] = (120, 40)


RAN = ("flaky", "map_reduce", "two_interrupts", "nested", "travel_agent")
BROWSED = (Browsed("threads"), Browsed("replay", ("enter", "wait", "P", "wait", "P", "4")))


async def browse(shot: Browsed, file: Path) -> str:
    """The SVG of a shot of the browser."""
    app = BrowserApp(FileLibrary([file]))
    async with app.run_test(size=shot.size) as pilot:
        await pilot.pause(1.5)
        for key in shot.keys:
            if key == "wait":
                await pilot.pause(2.5)
            else:
                await pilot.press(key)
        await pilot.pause(0.6)
        return _offline(app.export_screenshot(title=""))


def ran(folder: Path) -> Path:
    """A file of the threads of some samples, run and recorded by the command."""
    for sample in RAN:
        command = [sys.executable, "-m", "inspector", "demo", sample, "--headless"]
        subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, timeout=120, check=False)
    return folder / DEFAULT_DB


def _offline(svg: str) -> str:
    """Without the web fonts that Textual's export names; a local Fira Code or any monospaced font does."""
    svg = re.sub(r"@font-face\s*{[^}]*}", "", svg)
    return svg.replace("font-family: Fira Code, monospace", "font-family: 'Fira Code', 'DejaVu Sans Mono', monospace")


def render(svg: Path, chromium: str) -> None:
    """A PNG beside the SVG."""
    box = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg.read_text(encoding="utf-8"))
    width, height = (round(float(side)) + 1 for side in (box.groups() if box else ("1480", "1000")))
    command = [
        chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync",
        "--no-first-run", "--hide-scrollbars", f"--window-size={width},{height}",
        f"--screenshot={svg.with_suffix('.png')}", svg.as_uri(),
    ]  # fmt: skip
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120)


def main() -> int:
    """Make the shots named on the command line, or all."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("names", nargs="*", help="which shots (default: all)")
    arguments.add_argument("--to", type=Path, default=HERE, help="the folder to put them in")
    options = arguments.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    os.environ.setdefault("COLORTERM", "truecolor")
    for shot in SHOTS:
        if options.names and shot.name not in options.names:
            continue
        keep(shot.name, asyncio.run(take(shot)), options.to.resolve(), chromium)
    browsed = [shot for shot in BROWSED if not options.names or shot.name in options.names]
    if browsed:
        with tempfile.TemporaryDirectory() as folder:
            file = ran(Path(folder))
            for browsing in browsed:
                keep(browsing.name, asyncio.run(browse(browsing, file)), options.to.resolve(), chromium)
    return 0


def keep(name: str, text: str, folder: Path, chromium: str | None) -> None:
    """Write a picture down."""
    svg = folder / f"{name}.svg"
    svg.write_text(text, encoding="utf-8")
    if chromium:
        render(svg, chromium)
    print(svg.name, "and .png" if chromium else "(no Chromium here: no PNG)")


if __name__ == "__main__":
    sys.exit(main())
