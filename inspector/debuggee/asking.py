"""What an interrupt asks, and the schema of the answer it takes: whole, for people read it all before they answer."""

from __future__ import annotations

from typing import Any

from inspector.core.events import NOTHING, Packed
from inspector.debuggee.encode import WHOLE, Limits, preview

QUESTION = Limits(text=50_000, items=500, depth=24, total=10_000)
LARGEST = 500_000  # bytes of a schema; a larger one is left out, for half a schema would refuse right answers


def question_of(interrupt: dict[str, Any]) -> Packed:
    """The value of an interrupt of a `tasks` payload, packed."""
    return preview(interrupt.get("value"), QUESTION)


def schema_of(interrupt: dict[str, Any]) -> Packed:
    """The JSON schema of the answer, packed: the interrupt's own `response_schema`, or what LangChain's
    human-in-the-loop middleware takes, which asks without one."""
    schema = interrupt.get("response_schema")
    plain = approvals(interrupt.get("value")) if schema is None else json_schema(schema)
    packed = NOTHING if plain is None else preview(plain, WHOLE)
    return packed if len(packed) <= LARGEST else NOTHING


def json_schema(schema: Any) -> Any:
    """A response schema as plain JSON schema, whatever it was given as (a mapping, a pydantic model, a type)."""
    if isinstance(schema, dict):
        return schema
    try:
        from pydantic import TypeAdapter

        return TypeAdapter(schema).json_schema()
    except Exception:  # a type that pydantic cannot describe: then any answer goes
        return {"title": getattr(schema, "__name__", str(schema))}


def approvals(value: Any) -> dict[str, Any] | None:
    """What `HumanInTheLoopMiddleware` (langchain 1.x) takes for the tool calls it asks about: one decision for each, of
    the kinds that its configuration allows for the tool. None for any other question."""
    if not isinstance(value, dict) or not isinstance(value.get("action_requests"), list):
        return None
    configs = {c.get("action_name"): c for c in value.get("review_configs") or () if isinstance(c, dict)}
    kinds = []
    for request in value["action_requests"]:
        config = configs.get(request.get("name")) if isinstance(request, dict) else None
        allowed = config.get("allowed_decisions") if config is not None else None
        if not isinstance(allowed, (list, tuple)) or not allowed or not set(allowed) <= _DECISIONS.keys():
            return None
        kinds.append(list(allowed))
    decisions = {
        "type": "array",
        "description": "One decision for each call, in their order.",
        "prefixItems": [{"oneOf": [_decision(kind) for kind in allowed]} for allowed in kinds],
        "minItems": len(kinds),
        "maxItems": len(kinds),
    }
    first = "approve" if all("approve" in allowed for allowed in kinds) else "reject"
    fallback = {"default": {"decisions": [{"type": first} for _ in kinds]}}
    if not all(first in allowed for allowed in kinds):
        fallback = {}
    return {"type": "object", "properties": {"decisions": decisions}, "required": ["decisions"], **fallback}


_TEXT = {"type": "string"}
_ACTION = {
    "type": "object",
    "properties": {"name": _TEXT, "args": {"type": "object"}},
    "required": ["name", "args"],
}
_DECISIONS: dict[str, tuple[dict[str, Any], list[str]]] = {  # what each has besides its type, and what of it it must
    "approve": ({}, []),
    "edit": ({"edited_action": _ACTION}, ["edited_action"]),
    "reject": ({"message": _TEXT}, []),
    "respond": ({"message": _TEXT}, ["message"]),
}


def _decision(kind: str) -> dict[str, Any]:
    properties, required = _DECISIONS[kind]
    return {"type": "object", "properties": {"type": {"const": kind}, **properties}, "required": ["type", *required]}
