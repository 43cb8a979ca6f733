"""`inspector threads`, `delete`, `export` and `import`: saved threads without a UI, and without their graphs."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from inspector.errors import UsageError

if TYPE_CHECKING:
    from inspector.core.saved import ExportFormat

_FORMATS = ("json", "ndjson", "html")


def add(commands: Any) -> None:
    """Add the commands to the parser's subcommands."""
    threads = commands.add_parser("threads", help="list the saved threads of a checkpoint file")
    threads.add_argument("file", nargs="?", metavar="FILE", help="the file (default: .inspector/threads.sqlite)")
    threads.add_argument("--json", action="store_true", help="one JSON object a line")
    threads.add_argument("--filter", metavar="TEXT", default="", help="as in the browser: 4411 status:waiting user:ana")
    threads.add_argument("--limit", metavar="N", type=int, help="the newest N of them")
    threads.add_argument("--no-sizes", action="store_true", help="do not count bytes: quicker where threads are long")
    threads.set_defaults(function=_threads)

    delete = commands.add_parser("delete", help="delete saved threads: checkpoints, writes and recordings")
    delete.add_argument("file", metavar="FILE")
    delete.add_argument("threads", nargs="+", metavar="THREAD")
    delete.add_argument("--yes", action="store_true", help="do not ask")
    delete.set_defaults(function=_delete)

    export = commands.add_parser(
        "export", help="write a saved thread to a file",
        description="json can be imported again, byte for byte, and is not masked; ndjson is for other programs, html "
        "for people: what looks like a secret is masked in both.",
    )  # fmt: skip
    export.add_argument("file", metavar="FILE")
    export.add_argument("thread", metavar="THREAD")
    export.add_argument("--format", choices=_FORMATS, help="default: as the name of the output says, else json")
    export.add_argument("--output", "-o", metavar="FILE", help="where to (default: standard output)")
    export.add_argument("--secrets", action="store_true", help="do not mask what looks like a secret")
    export.set_defaults(function=_export)

    imported = commands.add_parser("import", help="put an exported thread (json) into a checkpoint file")
    imported.add_argument("export", metavar="EXPORT")
    imported.add_argument("--db", metavar="FILE", help="the checkpoint file (default: .inspector/threads.sqlite)")
    imported.add_argument("--thread", metavar="ID", default="", help="another id for the thread")
    imported.set_defaults(function=_import)


def _threads(options: argparse.Namespace) -> int:
    from inspector.store.listing import listed, table

    if options.limit is not None and options.limit < 1:
        raise UsageError("--limit takes a number of threads, at least 1.")
    found = listed(_file(options.file), options.filter, limit=options.limit, sizes=not options.no_sizes, waiting=_say)
    if options.json:
        for thread in found:
            print(json.dumps(thread, ensure_ascii=False, default=str))
        return 0
    for line in table(list(found)):
        print(line)
    return 0


def _delete(options: argparse.Namespace) -> int:
    from inspector.core.text import safe
    from inspector.store import admin
    from inspector.store.threads import ThreadFile

    path = Path(options.file)
    file = ThreadFile(path, waiting=_say)
    try:
        losses = [admin.loss(file, thread) for thread in dict.fromkeys(options.threads)]
    finally:
        file.close()
    for loss in losses:
        print(safe(str(loss)), file=sys.stderr)
    if not options.yes:
        if not sys.stdin.isatty():
            raise UsageError("Nothing was deleted: say --yes, or answer the question in a terminal.")
        print("Delete? This cannot be taken back. [y/N] ", end="", file=sys.stderr, flush=True)
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            print("Nothing was deleted.", file=sys.stderr)
            return 0
    admin.delete(path, [loss.thread for loss in losses])
    return 0


def _export(options: argparse.Namespace) -> int:
    from inspector.core.text import size
    from inspector.export import export_to
    from inspector.export.formats import pieces
    from inspector.store.threads import ThreadFile

    ending = Path(options.output).suffix[1:].lower() if options.output else ""
    named = options.format or {"jsonl": "ndjson", "htm": "html"}.get(ending, ending)
    format = cast("ExportFormat", named if named in _FORMATS else "json")
    if options.output:
        output = Path(options.output)
        written = export_to(output, Path(options.file), options.thread, format, secrets=options.secrets)
        print(f"{output}: {size(written)}", file=sys.stderr)
        return 0
    file = ThreadFile(Path(options.file), waiting=_say)
    try:
        file.summary(options.thread)
        for text in pieces(file, options.thread, format, secrets=options.secrets):
            sys.stdout.buffer.write(text.encode("utf-8", "replace"))
        sys.stdout.buffer.flush()
    finally:
        file.close()
    return 0


def _import(options: argparse.Namespace) -> int:
    from inspector.core.text import safe
    from inspector.export.portable import import_thread

    database = _file(options.db)
    name = import_thread(Path(options.export), database, options.thread)
    print(safe(f"Thread {name!r} is in {database}."), file=sys.stderr)
    return 0


def _file(given: str | None) -> Path:
    if given:
        return Path(given)
    from inspector.session import DEFAULT_DB

    return DEFAULT_DB


def _say(text: str) -> None:
    print(f"inspector: {text}", file=sys.stderr, flush=True)
