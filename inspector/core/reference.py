"""What the user typed to name a graph, resolved to what has to be imported. Looks at the disk, imports nothing.

A reference is one of

- `path/file.py:attr` or `path/file.py` (the one graph in it),
- `package.module:attr` or `package.module`,
- a directory, or a `langgraph.json`, alone or followed by `:name` for one of its named graphs,
- a bare `name` of a graph in the current directory's `langgraph.json`.

A path that exists wins over a module of that name. Append `:` and one of `SeveralGraphs.names` to a reference to
choose.
"""

from __future__ import annotations

import difflib
import hashlib
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from inspector.core import langgraph_json
from inspector.core.obvious import obvious_files
from inspector.core.project import locate, package_root, project_dir, project_python, read_env_file
from inspector.errors import LoadError, SeveralGraphs

__all__ = ["Reference", "environment", "project_python", "read_env_file", "resolve"]


@dataclass(frozen=True, slots=True)
class Reference:
    """A graph to load.

    `kind` "file" is imported from `path`, kind "module" by the dotted name `module` (`path` is then where it was
    found on disk, if it was). `attr` may be dotted; None means the one graph in there. All paths are absolute.
    """

    ref: str
    kind: Literal["file", "module"]
    path: Path | None
    module: str | None
    attr: str | None
    project_dir: Path
    import_paths: tuple[Path, ...] = ()
    graph_id: str | None = None
    description: str | None = None
    config_file: Path | None = None
    env_file: Path | None = None
    env: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """A stable id of the graph for what is remembered about it (inputs, breakpoints): the same for every way of
        naming it, different for another graph of the same name elsewhere."""
        target = str(self.path) if self.path else str(self.module)
        digest = hashlib.sha256(f"{target}:{self.attr or ''}".encode(errors="surrogateescape")).hexdigest()[:12]
        return f"{self.label}@{digest}"

    @property
    def label(self) -> str:
        """Short, for people: `agent.py:graph`, `package.module:graph`."""
        target = self.path.name if self.path else str(self.module)
        return f"{target}:{self.attr}" if self.attr else target

    def with_attr(self, attr: str) -> Reference:
        """The same, for the attribute that turned out to be the one graph."""
        return replace(self, attr=attr)

    def to_wire(self) -> dict[str, Any]:
        """Plain strings, None, lists and a mapping."""
        return {
            "ref": self.ref,
            "kind": self.kind,
            "path": _text(self.path),
            "module": self.module,
            "attr": self.attr,
            "project_dir": str(self.project_dir),
            "import_paths": [str(path) for path in self.import_paths],
            "graph_id": self.graph_id,
            "description": self.description,
            "config_file": _text(self.config_file),
            "env_file": _text(self.env_file),
            "env": dict(self.env),
            "warnings": list(self.warnings),
        }

    @classmethod
    def from_wire(cls, wire: dict[str, Any]) -> Reference:
        """The inverse of `to_wire`."""
        return cls(
            ref=wire["ref"],
            kind=wire["kind"],
            path=_path(wire["path"]),
            module=wire["module"],
            attr=wire["attr"],
            project_dir=Path(wire["project_dir"]),
            import_paths=tuple(Path(path) for path in wire["import_paths"]),
            graph_id=wire["graph_id"],
            description=wire["description"],
            config_file=_path(wire["config_file"]),
            env_file=_path(wire["env_file"]),
            env=tuple(wire["env"].items()),
            warnings=tuple(wire["warnings"]),
        )


def environment(reference: Reference, extra: Path | None = None) -> dict[str, str]:
    """The variables the graph expects beyond the inherited ones: those of its `langgraph.json`, then of the file
    `extra` (`--env`). They win over the inherited environment, as in LangGraph's own server.

    Raises:
        LoadError: a file cannot be read.
    """
    variables = dict(reference.env)
    for file in (reference.env_file, extra):
        if file is not None:
            variables.update(read_env_file(file))
    return variables


def resolve(ref: str, cwd: Path) -> Reference:
    """Find what `ref` names, seen from the directory `cwd`.

    Raises:
        SeveralGraphs: a `langgraph.json` with several graphs, and no name given.
        LoadError: there is no such thing, or nothing Python can import.
    """
    if not ref.strip() or "\0" in ref:
        raise LoadError("Name a graph: path/file.py:graph, package.module:graph, or a directory with a langgraph.json.")
    cwd = cwd.absolute()
    try:
        f"{cwd}{ref}".encode()
    except UnicodeEncodeError:
        raise LoadError("The path of the graph is not valid UTF-8: rename the file or its directory.") from None
    # os.path throughout, where the text is the user's: pathlib raises on a name that is too long or out of bounds.
    head, name = (ref, None) if os.path.exists(_on_disk(ref, cwd)) else _split(ref)
    path = _on_disk(head, cwd)
    if os.path.isdir(path):
        if os.path.isfile(path / "langgraph.json"):
            return _from_config(ref, path / "langgraph.json", name, cwd)
        if name is not None and head.isidentifier() and os.path.isfile(path / "__init__.py"):
            return _from_module(ref, head, name, cwd)
        return _from_directory(ref, path, name, cwd)
    if os.path.isfile(path):
        if path.suffix == ".json":
            return _from_config(ref, path, name, cwd)
        return _from_file(ref, path, name, cwd)
    if _looks_like_path(head):
        raise LoadError(_no_such_file(path, cwd))
    if name is None and (found := _named_here(ref, cwd)) is not None:
        return found
    if not all(part.isidentifier() for part in head.split(".")):
        raise LoadError(f"`{ref}` is neither a file, nor the name of a Python module.")
    return _from_module(ref, head, name, cwd)


def _from_file(ref: str, path: Path, attr: str | None, cwd: Path) -> Reference:
    _check_python(path, cwd)
    _check_attr(attr, ref)
    path = path.resolve()
    project = project_dir(path, cwd)
    paths = (package_root(path), project, *langgraph_json.source_root(project))
    return Reference(ref, "file", path, None, attr, project, tuple(dict.fromkeys(paths)))


def _from_module(ref: str, module: str, attr: str | None, cwd: Path) -> Reference:
    _check_attr(attr, ref)
    roots = (cwd, *langgraph_json.source_root(cwd))
    root, path = locate(module, roots)
    paths = tuple(dict.fromkeys((root, *roots) if root else roots))
    return Reference(ref, "module", path, module, attr, project_dir(path or cwd, cwd), paths)


def _from_directory(ref: str, folder: Path, attr: str | None, cwd: Path) -> Reference:
    found = obvious_files(folder)
    if len(found) == 1:
        return _from_file(ref, found[0], attr, cwd)
    where = _shown(folder, cwd)
    if not found:
        raise LoadError(f"{where} has no langgraph.json, and no Python file in it uses LangGraph: name a file.")
    names = ", ".join(file.name for file in found[:6])
    raise LoadError(
        f"{where} has no langgraph.json, and {len(found)} files in it use LangGraph ({names}): "
        f"name one, as in {_shown(found[0], cwd)}."
    )


def _from_config(ref: str, file: Path, name: str | None, cwd: Path) -> Reference:
    file = file.resolve()
    config = langgraph_json.read(file)
    names = [entry.name for entry in config.graphs]
    if name is None and len(names) > 1:
        raise SeveralGraphs(
            f"{_shown(file, cwd)} names {len(names)} graphs ({', '.join(names)}): choose one, as in {ref}:{names[0]}.",
            names,
        )
    entry = config.graphs[0] if name is None else next((e for e in config.graphs if e.name == name), None)
    if entry is None:
        raise LoadError(f"{_shown(file, cwd)} names no graph `{name}`; it names {', '.join(names)}.")
    target = _config_target(ref, entry, file, cwd)
    return replace(
        target,
        project_dir=file.parent,
        import_paths=tuple(dict.fromkeys((*config.import_paths, *target.import_paths))),
        graph_id=entry.name,
        description=entry.description,
        config_file=file,
        env_file=config.env_file,
        env=config.env,
        warnings=config.warnings,
    )


def _config_target(ref: str, entry: langgraph_json.GraphEntry, file: Path, cwd: Path) -> Reference:
    head, attr = _split(entry.target)
    if attr is None:
        raise LoadError(f"{_shown(file, cwd)} says `{entry.name}` is {entry.target}: it lacks the :attribute.")
    path = _on_disk(head, file.parent)
    if path.suffix in langgraph_json.JAVASCRIPT:
        raise LoadError(f"The graph `{entry.name}` ({entry.target}) is JavaScript; the inspector runs Python graphs.")
    if os.path.isfile(path):
        return _from_file(ref, path, attr, cwd)
    if _looks_like_path(head):
        raise LoadError(f"{_shown(file, cwd)} says that `{entry.name}` is in {head}, but there is no such file.")
    return _from_module(ref, head, attr, file.parent)


def _named_here(name: str, cwd: Path) -> Reference | None:
    """The graph of that name in `cwd/langgraph.json`, if there is one."""
    file = cwd / "langgraph.json"
    if not os.path.isfile(file) or all(entry.name != name for entry in langgraph_json.read(file).graphs):
        return None
    return _from_config(name, file, name, cwd)


def _split(ref: str) -> tuple[str, str | None]:
    """What stands before and after the last colon; a drive letter's colon is none."""
    head, colon, tail = ref.rpartition(":")
    if not colon or "/" in tail or "\\" in tail:
        return ref, None
    if not tail or not head:
        raise LoadError(f"`{ref}` is incomplete: write path/file.py:graph or package.module:graph.")
    return head, tail


def _check_attr(attr: str | None, ref: str) -> None:
    if attr is not None and not all(part.isidentifier() for part in attr.split(".")):
        raise LoadError(f"`{attr}` in {ref} cannot be the name of a Python attribute.")


def _check_python(path: Path, cwd: Path) -> None:
    if path.suffix == ".py":
        return
    shown = _shown(path, cwd)
    if path.suffix == ".ipynb":
        raise LoadError(f"{shown} is a notebook: save its graph in a .py file, or call inspector.inspect(graph) in it.")
    if path.suffix in langgraph_json.JAVASCRIPT:
        raise LoadError(f"{shown} is JavaScript; the inspector runs Python graphs.")
    raise LoadError(f"{shown} is no Python file: name a .py file, a module, a directory or a langgraph.json.")


def _looks_like_path(head: str) -> bool:
    suffixes = (".py", ".json", ".ipynb", *langgraph_json.JAVASCRIPT)
    return "/" in head or "\\" in head or head.startswith("~") or head.endswith(suffixes)


def _no_such_file(path: Path, cwd: Path) -> str:
    folder = path.parent
    if not os.path.isdir(folder):
        return f"There is no directory {_shown(folder, cwd)}."
    others = [p.name for p in folder.iterdir() if p.suffix in (".py", ".json") or p.is_dir()]
    near = difflib.get_close_matches(path.name, others, n=1)
    return f"There is no file {_shown(path, cwd)}" + (f"; did you mean {near[0]}?" if near else ".")


def _on_disk(text: str, cwd: Path) -> Path:
    path = Path(text)
    if text.startswith("~"):
        try:
            path = path.expanduser()
        except RuntimeError:  # no such user
            pass
    return cwd / path


def _shown(path: Path, cwd: Path) -> str:
    return str(path.relative_to(cwd)) if path.is_relative_to(cwd) and path != cwd else str(path)


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)


def _path(text: str | None) -> Path | None:
    return None if text is None else Path(text)
