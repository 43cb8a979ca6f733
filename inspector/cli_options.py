"""What the options of the command line mean: JSON from text, files and standard input; the settings of a session."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inspector.errors import UsageError

if TYPE_CHECKING:
    from inspector.core.breakpoints import Breakpoint
    from inspector.session import Settings

MISSING = object()


def settings_of(options: argparse.Namespace, ref: str, cwd: Path, db: Path | None = Path()) -> Settings:
    """What a session needs, from the options of a command. Raises `UsageError`, `InputError` or `LoadError`."""
    from inspector.core.reference import environment, resolve
    from inspector.session import DEFAULT_DB, Settings

    reference = resolve(ref, cwd)
    extra = getattr(options, "env", None)
    given_db = getattr(options, "db", None)
    python = options.python
    if python is not None and os.sep in python:
        python = str(Path(python).absolute())
    return Settings(
        reference=reference,
        db=None if db is None else Path(given_db) if given_db else DEFAULT_DB,
        thread=getattr(options, "thread", None),
        keep_checkpointer=getattr(options, "keep_checkpointer", False),
        python=python,
        env=environment(reference, Path(extra) if extra else None),
        env_file=str(Path(extra).absolute()) if extra else None,
        config=mapping_option("--config", options.config),
        context=json_option("--context", options.context) if options.context is not None else None,
        recursion_limit=getattr(options, "recursion_limit", None),
        reload=getattr(options, "reload", False),
        cwd=cwd,
        record=not getattr(options, "no_record", False),
        record_secrets=getattr(options, "record_secrets", False),
    )


def given_input(options: argparse.Namespace) -> Any:
    """The input of a run, or `MISSING`."""
    if options.input is not None and options.message is not None:
        raise UsageError("Give --input or --message, not both.")
    if options.message is not None:
        return {"messages": [{"role": "user", "content": options.message}]}
    if options.input is not None:
        return json_option("--input", options.input)
    if hasattr(options, "example"):
        return example_input(options.example)
    return MISSING


def breakpoints_of(options: argparse.Namespace) -> list[Breakpoint]:
    """The breakpoints that `--break` names, known by their text. Raises `BreakpointError`."""
    if not options.breaks:
        return []
    from inspector.core.breakpoints import parse_spec

    return [parse_spec(spec, id=spec.strip()) for spec in options.breaks]


def example_input(file: Path) -> Any:
    """A sample's `EXAMPLE_INPUT`, read from its source: importing it would import LangGraph into this process."""
    import ast

    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and any(getattr(t, "id", "") == "EXAMPLE_INPUT" for t in node.targets):
            return ast.literal_eval(node.value)
    return MISSING


def json_option(option: str, text: str) -> Any:
    """JSON from the text itself, from `@file`, or from standard input (`-`)."""
    from inspector.core.json_schema import parse_json
    from inspector.errors import InputError

    source = option
    if text == "-":
        source, text = f"{option} (standard input)", sys.stdin.read()
    elif text.startswith("@"):
        source = text[1:]
        try:
            text = Path(source).read_text(encoding="utf-8")
        except OSError as error:
            raise InputError(f"Cannot read {source}: {error.strerror}.") from None
        except UnicodeDecodeError:
            raise InputError(f"{source} is not UTF-8 text.") from None
    try:
        return parse_json(text)
    except InputError as error:
        raise InputError(f"{source}: {error}") from None


def mapping_option(option: str, text: str | None) -> dict[str, Any] | None:
    """A JSON object, or None where the option was not given."""
    if text is None:
        return None
    value = json_option(option, text)
    if not isinstance(value, dict):
        raise UsageError(f"{option} takes a JSON object, such as '{{\"configurable\": {{}}}}'.")
    return value


def positive(text: str) -> int:
    """A whole number from 1 on (for argparse)."""
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number
