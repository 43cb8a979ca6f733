"""Answers that are decisions: approve, edit, reject, ... as the ecosystem's human-in-the-loop shapes ask for them.

- LangChain's middleware, batched: `{"action_requests": [...], "review_configs": [...]}`, answered by
  `{"decisions": [{"type": "approve"}, ...]}`, one for each action.
- The same a call at a time: `{"type": "tool_approval", "name": ..., "args": ...}` with a `response_schema` whose
  alternatives are told apart by `type`, answered by one decision.
- `langgraph.prebuilt.interrupt`: `[{"action_request": ..., "config": {"allow_accept": ...}, "description": ...}]`,
  answered by `[{"type": "accept", "args": null}, ...]`.
- Any other question whose schema has alternatives that a word tells apart.

`sheet` makes of a question what there is to decide; `Sheet.answer` makes of the decisions the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from inspector.core.json_schema import Schema, alternatives, dumps, parse_json, resolve
from inspector.core.schema_form import example
from inspector.errors import InputError

Needs: TypeAlias = Literal["nothing", "text", "json"]

_MOST = 20  # decisions in one sheet


@dataclass(frozen=True, slots=True)
class Option:
    """One way to decide. `needs` says what has to be typed with it, `about` what that is; `begin` is what the line
    begins with. `build` makes the decision of what was typed (None where nothing was)."""

    word: str
    build: Callable[[Any], Any]
    needs: Needs = "nothing"
    about: str = ""
    begin: str = ""
    optional: bool = False

    def read(self, text: str) -> Any:
        """The decision. Raises `InputError` for a text that it does not take."""
        if self.needs == "nothing":
            return self.build(None)
        if not text.strip():
            if self.optional:
                return self.build(None)
            raise InputError(f"Type {self.about} to {self.word} it.")
        if self.needs == "text":
            return self.build(text)
        value = parse_json(text)
        if not isinstance(value, dict):
            raise InputError(f"To {self.word} it, {self.about} have to be a JSON object, such as {{...}}.")
        return self.build(value)


@dataclass(frozen=True, slots=True)
class Decide:
    """One thing to decide: what it is about, and the ways to decide it, of which the first is the mildest."""

    title: str
    options: tuple[Option, ...]

    def undo(self, decision: Any) -> tuple[str, str] | None:
        """What was chosen and typed for a decision, or None where it is none of these."""
        for option in self.options:
            if (option.needs == "nothing" or option.optional) and option.build(None) == decision:
                return option.word, ""
            kind = str if option.needs == "text" else dict
            for part in _parts(decision) if option.needs != "nothing" else ():
                if isinstance(part, kind) and option.build(part) == decision:
                    return option.word, part if isinstance(part, str) else dumps(part)
        return None

    def option(self, word: str) -> Option:
        return next((option for option in self.options if option.word == word), self.options[0])


@dataclass(frozen=True, slots=True)
class Sheet:
    """What there is to decide; `wrap` makes the answer of all decisions."""

    items: tuple[Decide, ...]
    wrap: Callable[[list[Any]], Any]

    def answer(self, chosen: Sequence[tuple[str, str]]) -> Any:
        """The answer of `(word, typed text)`, one for each item. Raises `InputError`."""
        return self.wrap([item.option(word).read(text) for item, (word, text) in zip(self.items, chosen, strict=True)])

    def undo(self, answer: Any) -> list[tuple[str, str]] | None:
        """What was chosen and typed for an answer, or None where it was not made with this sheet."""
        inside = answer.get("decisions") if isinstance(answer, dict) else answer
        for decisions in ([answer], inside):
            if isinstance(decisions, list) and len(decisions) == len(self.items) and self.wrap(decisions) == answer:
                found = [item.undo(decision) for item, decision in zip(self.items, decisions, strict=True)]
                if None not in found:
                    return [pair for pair in found if pair is not None]
        return None


def _parts(value: Any) -> Iterator[Any]:
    """The values in a value, itself first."""
    yield value
    if isinstance(value, dict):
        for child in value.values():
            yield from _parts(child)


def sheet(value: Any, schema: Schema | None) -> Sheet | None:
    """What a question (plain JSON data, with the schema of its answer) leaves to decide; None where it is no question
    of that kind."""
    for read in (_batched, _prebuilt):
        found = read(value)
        if found is not None:
            return found
    return _alternatives(value, schema)


def _batched(value: Any) -> Sheet | None:
    requests = value.get("action_requests") if isinstance(value, dict) else None
    if not isinstance(requests, list) or not 0 < len(requests) <= _MOST:
        return None
    configs = value.get("review_configs")
    allowed = {
        config.get("action_name"): config.get("allowed_decisions")
        for config in configs if isinstance(config, dict)
    } if isinstance(configs, list) else {}  # fmt: skip
    items = []
    for request in requests:
        if not isinstance(request, dict):
            return None
        name = str(request.get("name") or request.get("action") or "")
        kinds = allowed.get(name) or ()
        options = [_MIDDLEWARE[kind](name, request.get("args")) for kind in _MIDDLEWARE if kind in kinds]
        if not options:
            return None
        items.append(Decide(name, tuple(options)))
    return Sheet(tuple(items), lambda decisions: {"decisions": decisions})


def _prebuilt(value: Any) -> Sheet | None:
    if not isinstance(value, list) or not 0 < len(value) <= _MOST:
        return None
    items = []
    for request in value:
        action = request.get("action_request") if isinstance(request, dict) else None
        config = request.get("config") if isinstance(request, dict) else None
        if not isinstance(action, dict) or not isinstance(config, dict):
            return None
        name = str(action.get("action") or "")
        options = [make(name, action.get("args")) for kind, make in _PREBUILT.items() if config.get(f"allow_{kind}")]
        if not options:
            return None
        items.append(Decide(name, tuple(options)))
    return Sheet(tuple(items), list)


def _plain(kind: str, **more: Any) -> Option:
    return Option(kind, lambda _: {"type": kind, **more})


def _message(kind: str, about: str, key: str, *, optional: bool = False) -> Option:
    def build(text: Any) -> dict[str, Any]:
        return {"type": kind} if text is None else {"type": kind, key: text}

    return Option(kind, build, "text", about, optional=optional)


def _arguments(args: Any, build: Callable[[Any], Any]) -> Option:
    return Option("edit", build, "json", "the arguments", dumps(args if isinstance(args, dict) else {}))


_MIDDLEWARE: dict[str, Callable[[str, Any], Option]] = {
    "approve": lambda name, args: _plain("approve"),
    "edit": lambda name, args: _arguments(
        args, lambda typed: {"type": "edit", "edited_action": {"name": name, "args": typed}}
    ),
    "respond": lambda name, args: _message("respond", "the result", "message"),
    "reject": lambda name, args: _message("reject", "the reason", "message", optional=True),
}
_PREBUILT: dict[str, Callable[[str, Any], Option]] = {
    "accept": lambda name, args: _plain("accept", args=None),
    "edit": lambda name, args: _arguments(
        args, lambda typed: {"type": "edit", "args": {"action": name, "args": typed}}
    ),
    "respond": lambda name, args: _message("response", "the response", "args"),
    "ignore": lambda name, args: _plain("ignore", args=None),
}


# ---------------------------------------------------------------------- by a schema


def _alternatives(value: Any, schema: Schema | None) -> Sheet | None:
    """Alternatives that are objects, each with a word of its own under the same key."""
    if not schema:
        return None
    options, nullable = alternatives(resolve(schema, schema), schema)
    if nullable or not 0 < len(options) <= _MOST:
        return None
    found: list[tuple[str, Option]] = []
    for option in options:
        properties = option.get("properties")
        if not isinstance(properties, Mapping):
            return None
        key, word = next(
            ((str(key), word) for key, sub in properties.items() if isinstance(word := _constant(sub, schema), str)),
            ("", ""),
        )
        if not word:
            return None
        found.append((key, _by_schema(key, word, option, schema, value)))
    if len({key for key, _ in found}) > 1 or len({option.word for _, option in found}) < len(found):
        return None
    name = value.get("name") if isinstance(value, dict) and value.get("type") == "tool_approval" else ""
    return Sheet((Decide(str(name or ""), tuple(option for _, option in found)),), lambda decisions: decisions[0])


def _constant(sub: Any, root: Schema) -> Any:
    flat = resolve(sub, root)
    one = flat.get("enum")
    return flat.get("const", one[0] if isinstance(one, list) and len(one) == 1 else None)


def _by_schema(key: str, word: str, option: Mapping[str, Any], root: Schema, value: Any) -> Option:
    rest = {str(name): sub for name, sub in option["properties"].items() if name != key}
    required = [name for name in option.get("required") or () if name in rest]
    if set(rest) == {"edited_action"} and isinstance(value, dict) and isinstance(value.get("args"), dict):
        name = value.get("name")
        return _arguments(
            value["args"], lambda typed: {key: word, "edited_action": {"name": name, "args": typed}}
        )  # fmt: skip
    if not rest:
        return Option(word, lambda _: {key: word})
    if len(rest) == 1:
        only, sub = next(iter(rest.items()))
        kinds, _ = alternatives(resolve(sub, root), root)
        if all(kind.get("type") == "string" and "enum" not in kind for kind in kinds):
            return Option(
                word, lambda text: {key: word} if text is None else {key: word, only: text},
                "text", f"the {only}", optional=not required,
            )  # fmt: skip
    named = {key: root[key] for key in ("$defs", "definitions") if key in root}
    begin = example({**named, "type": "object", "properties": rest, "required": required})
    return Option(
        word, lambda typed: {key: word, **(typed or {})}, "json", f"its {', '.join(rest)}",
        dumps(begin) if isinstance(begin, dict) else "{}", optional=not required,
    )  # fmt: skip
