"""`python -m inspector` and the command `inspector`."""

from __future__ import annotations

import sys


def main() -> None:
    """Entry point of the command."""
    from inspector.cli import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
