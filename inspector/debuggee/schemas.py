"""The JSON schemas of a graph's input, output and context, for forms and checks.

LangGraph makes them with Pydantic, which refuses every `typing.TypedDict` before Python 3.12 (it wants the one of
`typing_extensions`), and a whole schema for one field it has no schema for. Both are common, so there are two more
tries: the same class rebuilt from `typing_extensions`, then field by field, where a field without a schema takes
anything.
"""

from __future__ import annotations

import json
import types
import typing
import warnings as python_warnings
from collections.abc import Callable
from typing import Any

import typing_extensions
from pydantic import TypeAdapter

from inspector.core.text import one_line
from inspector.debuggee.tracebacks import in_short, sentence


def schemas_of(graph: Any, said: list[str]) -> dict[str, dict[str, Any] | None]:
    """`input_schema`, `output_schema` and `context_schema`; None where there is none or it cannot be made, which is
    added to `said`. Raises nothing."""
    builder = getattr(graph, "builder", None)
    source, target = getattr(builder, "input_schema", None), getattr(builder, "output_schema", None)
    taken = _schema(graph.get_input_jsonschema, source, "input", said)
    # Most graphs have one schema for all, and making it is most of the work of a description.
    if source is not None and source is target and taken is not None:
        given: dict[str, Any] | None = taken
    else:
        given = _schema(graph.get_output_jsonschema, target, "output", said)
    context = _schema(graph.get_context_jsonschema, graph.context_schema, "context", said)
    return {"input_schema": taken, "output_schema": given, "context_schema": context}


def _schema(make: Callable[[], Any], source: Any, name: str, said: list[str]) -> dict[str, Any] | None:
    with python_warnings.catch_warnings():
        python_warnings.simplefilter("ignore")  # Pydantic's, about defaults that JSON cannot hold
        try:
            return _plain(make())
        except Exception as error:
            first = error
        if typing_extensions.is_typeddict(source):
            try:
                return _plain(TypeAdapter(_modern(source)).json_schema())
            except Exception as error:
                first = error
            try:
                return _by_field(source, name, said)
            except Exception as error:
                first = error
    said.append(sentence(f"The {name} schema could not be made: {in_short(first)}"))
    return None


def _plain(schema: Any) -> dict[str, Any] | None:
    if schema is None:
        return None
    plain: dict[str, Any] = json.loads(json.dumps(schema, default=str, ensure_ascii=False).encode("utf-8", "replace"))
    return plain


def _by_field(source: Any, name: str, said: list[str]) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    shared: dict[str, Any] = {}
    required = []
    for key, hint in typing_extensions.get_type_hints(source, include_extras=True).items():
        try:
            schema = _plain(TypeAdapter(_modern(_unqualified(hint))).json_schema()) or {}
        except Exception as error:
            said.append(sentence(f"The key {one_line(key, 80)} of the {name} has no JSON schema: {in_short(error)}"))
            schema = {}
        shared.update(schema.pop("$defs", {}))
        properties[key] = schema if "$ref" in schema else {"title": key.replace("_", " ").title(), **schema}
        if _is_required(source, key, hint):
            required.append(key)
    made = {"title": source.__name__, "type": "object", "properties": properties}
    return made | ({"required": required} if required else {}) | ({"$defs": shared} if shared else {})


def _is_required(source: Any, key: str, hint: Any) -> bool:
    # With postponed annotations `__required_keys__` does not know of the qualifiers.
    qualifier = typing_extensions.get_origin(hint)
    if qualifier in (typing_extensions.Required, typing_extensions.NotRequired):
        return qualifier is typing_extensions.Required
    return key in vars(source)["__required_keys__"]


def _unqualified(hint: Any) -> Any:
    if typing_extensions.get_origin(hint) in (typing_extensions.Required, typing_extensions.NotRequired):
        return typing_extensions.get_args(hint)[0]
    return hint


def _modern(hint: Any, made: dict[int, Any] | None = None) -> Any:
    """The type with every `typing.TypedDict` in it made anew by `typing_extensions`; where one is nested in itself it
    takes anything. `made` holds those made already, by the id of the class."""
    made = {} if made is None else made
    if isinstance(hint, type) and typing_extensions.is_typeddict(hint) and type(hint).__module__ == "typing":
        if id(hint) not in made:
            made[id(hint)] = Any
            made[id(hint)] = _rebuilt(hint, made)
        return made[id(hint)]
    origin, args = typing_extensions.get_origin(hint), typing_extensions.get_args(hint)
    if origin is None or origin is typing.Literal or not args:
        return hint
    if origin is typing.Annotated:
        return typing.Annotated[(_modern(args[0], made), *hint.__metadata__)]
    inner = tuple(_modern(arg, made) for arg in args)
    if all(new is old for new, old in zip(inner, args, strict=True)):
        return hint
    if origin in (typing.Union, types.UnionType):
        return typing.Union[inner]  # noqa: UP007
    return origin[inner]


def _rebuilt(source: Any, made: dict[int, Any]) -> Any:
    fields = {}
    for key, hint in typing_extensions.get_type_hints(source, include_extras=True).items():
        required = _is_required(source, key, hint)
        qualifier: Any = typing_extensions.Required if required else typing_extensions.NotRequired
        fields[key] = qualifier[_modern(_unqualified(hint), made)]
    new: Any = typing_extensions.TypedDict(source.__name__, fields)  # type: ignore[misc]
    new.__doc__ = source.__doc__
    return new
