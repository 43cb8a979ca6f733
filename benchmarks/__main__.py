"""`python -m benchmarks`: run the benchmarks and print one table. Exit status 1 when something is over its limit, or
could not be measured."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from benchmarks import control, keys, memory, replay, saved, startup, wall
from benchmarks.setting import Setting
from benchmarks.table import Table

MODULES = (wall, startup, keys, memory, control, saved, replay)
BENCHMARKS = {name: function for module in MODULES for name, function in module.BENCHMARKS.items()}
PACKAGES = ("langgraph", "langgraph-checkpoint-sqlite", "langchain-core", "textual")


def main(argv: list[str]) -> int:
    about = "\n".join(f"  {name:<8}{(function.__doc__ or '').splitlines()[0]}" for name, function in BENCHMARKS.items())
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="What the inspector costs, over the bare thing in the same run.",
        epilog=f"benchmarks:\n{about}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="which ones (default: all)")
    parser.add_argument("--rounds", type=int, metavar="N", help="how many rounds (default 5)")
    parser.add_argument("--quick", action="store_true", help="small loads and two rounds: shows that it works, no more")
    parser.add_argument("--json", type=Path, metavar="FILE", help="every figure of every round")
    options = parser.parse_args(argv)
    unknown = [name for name in options.names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"there is no {unknown[0]!r}; there are: {', '.join(BENCHMARKS)}")
    rounds = options.rounds or (2 if options.quick else 5)
    table, failed = Table(), list[str]()
    head = machine()
    print(f"{head}; {rounds} rounds{', quick' if options.quick else ''}", flush=True)
    scratch = Path(tempfile.mkdtemp(prefix="inspector-bench-"))
    try:
        setting = Setting(rounds, scratch, options.quick)
        for name in options.names or BENCHMARKS:
            try:
                table.add(BENCHMARKS[name](setting))
            except (RuntimeError, TimeoutError) as error:  # the other figures are not lost for it
                failed.append(name)
                print(f"{name} failed: {error}", file=sys.stderr)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    print(
        f"\n{table.render()}\n\nload average in the end {load()}" + (f"; failed: {', '.join(failed)}" if failed else "")
    )
    if options.json:
        figures = {"machine": head, "rounds": rounds, "rows": [row.to_json() for row in table.rows]}
        options.json.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 1 if table.over or failed else 0


def machine() -> str:
    """What the figures were measured on, in a line; it says when something else was running."""
    cores = os.cpu_count() or 1
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    busy = " (busy: these figures are noise)" if os.getloadavg()[0] > cores / 4 else ""
    return (
        f"{platform.system()} {platform.machine()}, {cores} cores, Python {platform.python_version()}, {packages}; "
        f"load average {load()}{busy}"
    )


def load() -> str:
    return " ".join(f"{average:.2f}" for average in os.getloadavg())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
