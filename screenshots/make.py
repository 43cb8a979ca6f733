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
from inspector.core.reference import resolve
from inspector.session import Session, Settings
from inspector.tui.app import InspectorApp

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


def _writing(session: Session) -> bool:
    run = session.view.run
    return any(task.node == "write_up" for task in run.running_tasks()) and bool(
        run.models[-1].tokens and run.models[-1].tokens.count > 30
    )


def _over(session: Session) -> bool:
    return session.view.run.phase in ("done", "interrupted", "error") and not session.waiting()


SHOTS = (
    Shot("demo", "travel_agent", _writing, ("5", "4"), settle=0.2),
    Shot("demo-question", "travel_agent", _over, ("escape", "6", "5", "4")),
    Shot("demo-80x24", "travel_agent", _writing, (), (80, 24)),
    Shot("map-reduce", "map_reduce", _over),
    Shot("graph", "travel_agent", _writing, ("7",)),
    Shot("failure", "flaky", _over, ("d",)),
)


async def take(shot: Shot) -> str:
    """The SVG of a shot."""
    file = SAMPLES / f"{shot.sample}.py"
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(reference=resolve(f"{file}:graph", SAMPLES), db=Path(folder) / "threads.sqlite")
        session = Session(settings)
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
        svg = options.to.resolve() / f"{shot.name}.svg"
        svg.write_text(asyncio.run(take(shot)), encoding="utf-8")
        if chromium:
            render(svg, chromium)
        print(svg.name, "and .png" if chromium else "(no Chromium here: no PNG)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
