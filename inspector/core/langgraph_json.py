"""Reads a `langgraph.json`: which graphs it names, what it puts on the import path, and its environment.

Only what concerns running a Python graph here is read; the keys for building images (`dockerfile_lines`,
`python_version`, `auth`, `http`, ...) are left alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inspector.errors import LoadError

JAVASCRIPT = (".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx")


@dataclass(frozen=True, slots=True)
class GraphEntry:
    """One of the named graphs: `target` is `path/file.py:attr` or `package.module:attr`, as written."""

    name: str
    target: str
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Config:
    """What a `langgraph.json` says. Paths are absolute; `warnings` are sentences about parts that were passed over."""

    path: Path
    graphs: tuple[GraphEntry, ...]
    import_paths: tuple[Path, ...]
    env_file: Path | None
    env: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]


def read(path: Path) -> Config:
    """Read and check the file.

    Raises:
        LoadError: it cannot be read, is not JSON, or does not have the shape LangGraph gives it.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))
    except json.JSONDecodeError as error:
        raise LoadError(f"{path} is not JSON: {error.msg} at line {error.lineno}, column {error.colno}.") from error
    except (OSError, UnicodeDecodeError, RecursionError) as error:
        raise LoadError(f"{path} cannot be read: {error}.") from error
    if not isinstance(data, dict):
        raise LoadError(f"{path} has to be a JSON object with a `graphs` key.")
    warnings: list[str] = []
    graphs = _graphs(data.get("graphs"), path)
    env_file, env = _environment(data.get("env"), path, warnings)
    return Config(
        path=path,
        graphs=graphs,
        import_paths=_import_paths(data.get("dependencies"), path, warnings),
        env_file=env_file,
        env=env,
        warnings=tuple(warnings),
    )


def _graphs(value: Any, path: Path) -> tuple[GraphEntry, ...]:
    if not isinstance(value, Mapping) or not value:
        raise LoadError(f'{path} names no graphs: give it "graphs": {{"agent": "./agent.py:graph"}}.')
    entries = []
    for name, entry in value.items():
        target = entry.get("path") if isinstance(entry, Mapping) else entry
        description = entry.get("description") if isinstance(entry, Mapping) else None
        if not isinstance(target, str) or not target:
            raise LoadError(f'The graph `{name}` in {path} has to be "file.py:attribute", or a mapping with "path".')
        entries.append(GraphEntry(name, target, description if isinstance(description, str) else None))
    return tuple(entries)


def _environment(value: Any, path: Path, warnings: list[str]) -> tuple[Path | None, tuple[tuple[str, str], ...]]:
    if not value:
        return None, ()
    if isinstance(value, Mapping):
        pairs = ((str(name), setting) for name, setting in value.items() if setting is not None)
        return None, tuple((name, s if isinstance(s, str) else json.dumps(s)) for name, s in pairs)
    if isinstance(value, str):
        file = (path.parent / value).absolute()
        if file.is_file():
            return file, ()
        # A fresh clone seldom has its `.env`; the graph itself says best what it misses.
        warnings.append(f"{path.name} names the environment file {value}, which does not exist.")
        return None, ()
    raise LoadError(f'"env" in {path} has to be the name of a file, or a mapping of names to values.')


def _import_paths(value: Any, path: Path, warnings: list[str]) -> tuple[Path, ...]:
    """The local directories among `dependencies`, as they become importable when LangGraph installs them: itself,
    its `src`, and for a bare package the directory above. The directory of the file always comes last."""
    folder = path.parent
    paths: list[Path] = []
    for dependency in value if isinstance(value, list) else []:
        if not isinstance(dependency, str):
            continue
        local = (folder / dependency).resolve()
        if local.is_dir():
            if (local / "__init__.py").is_file():
                paths.append(local.parent)
            paths.append(local)
            paths.extend(source_root(local))
        elif dependency.startswith((".", "/")):
            warnings.append(f"{path.name} names the dependency {dependency}, which is no directory.")
    paths.extend((folder, *source_root(folder)))
    return tuple(dict.fromkeys(paths))


def source_root(folder: Path) -> tuple[Path, ...]:
    """`folder/src` when that is a place for packages rather than a package itself."""
    source = folder / "src"
    return (source,) if source.is_dir() and not (source / "__init__.py").exists() else ()
