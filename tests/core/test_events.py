"""Events on the link and in recordings: every class survives the way there and back, older and newer ones are read."""

from __future__ import annotations

import inspect
from dataclasses import fields
from typing import Any, get_args, get_type_hints

import ormsgpack
import pytest

from inspector.core import events
from inspector.core.events import CLASSES, Event, Failure, Log, Token, Usage, from_wire, to_wire

_NAMED: dict[str, Any] = {
    "ns": ("plan:1", "work:2"),
    "next": ("a", "b"),
    "triggers": ("x",),
    "calls": ("c1", "c2"),
    "tasks": (("t1", "a"), ("t2", "b")),
    "error": Failure("ValueError", "no", "Traceback ..."),
    "usage": Usage(1, 2, 3, 4, 5),
}
_TYPED: dict[Any, Any] = {str: "text", float: 1.5, int: 7, bool: True, bytes: b"\x81\xa1a\x01"}


def filled(cls: Any) -> Any:
    """An event with something of its own in every field."""
    hints = get_type_hints(cls)
    values = {}
    for field in fields(cls):
        hint = hints[field.name]
        kinds = [hint, *get_args(hint)]
        plain = next((_TYPED[kind] for kind in kinds if kind in _TYPED), None)
        values[field.name] = _NAMED.get(field.name, plain if plain is not None else kinds[1])
    return cls(**values)


def sent(event: Event) -> Any:
    """As it arrives: through the encoder of the link."""
    return ormsgpack.unpackb(ormsgpack.packb(to_wire(event)))


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_there_and_back(cls: Any) -> None:
    event = filled(cls)
    back = from_wire(sent(event))
    assert back == event
    assert hash(back) == hash(event), "tuples, not lists"


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_fields_of_other_versions(cls: Any) -> None:
    event = filled(cls)
    assert from_wire([*sent(event), "of a newer one"]) == event
    required = [f for f in fields(cls) if f.default is inspect.Parameter.empty or repr(f.default).startswith("<data")]
    old = from_wire(sent(event)[: 1 + len(required)])
    assert [getattr(old, f.name) for f in required] == [getattr(event, f.name) for f in required]
    assert [getattr(old, f.name) for f in fields(cls)[len(required) :]] == [
        f.default for f in fields(cls)[len(required) :]
    ]


def test_codes_are_never_renumbered() -> None:
    """They are in every recording."""
    known = [
        "RunStarted", "CheckpointSaved", "TaskStarted", "TaskRetried", "TaskEnded", "SpanStarted", "SpanEnded", "Token",
        "Custom", "Log", "Interrupted", "Blocked", "StreamCount", "RunEnded", "Held", "Released",
    ]  # fmt: skip
    assert [cls.__name__ for cls in CLASSES][: len(known)] == known
    assert set(CLASSES) == set(get_args(events.Event))
    assert len({cls.kind for cls in CLASSES}) == len(CLASSES)


@pytest.mark.parametrize("raw", [[], [999, 0.0], [0], ["x"], [CLASSES.index(Token), 1.0]])
def test_what_is_no_event(raw: list[Any]) -> None:
    with pytest.raises((IndexError, TypeError)):
        from_wire(raw)


def test_a_line_costs_few_bytes() -> None:
    assert len(ormsgpack.packb(to_wire(Log(1.0, "stdout", "x")))) < 40
