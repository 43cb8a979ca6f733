"""Imports the user's module the way they expect it to be imported, and says in one sentence why it could not be.

A file in a package is imported as a module of that package, so relative imports work. A single file is imported under
its own name, so that what it defines can be pickled and its type hints resolved; only when that name is taken (by the
standard library, by what LangGraph or the inspector has already loaded, by another file of that name) does it become
`<name>_py`. The import paths stay on `sys.path`: nodes import lazily too.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

from inspector.core.project import package_root
from inspector.core.reference import Reference
from inspector.debuggee.eventloop import without_running_loop
from inspector.debuggee.tracebacks import has_user_frames, in_short, sentence, user_traceback, where
from inspector.errors import LoadError


def import_target(reference: Reference) -> ModuleType:
    """Import what the reference names. Must run on an event loop (`without_running_loop`).

    Raises:
        LoadError: whatever the import raised, `SystemExit` and `KeyboardInterrupt` included, with the user's traceback.
    """
    # First, so that nothing of the user's can take the name of a module that LangGraph itself needs.
    import langgraph.graph.state  # noqa: F401

    _extend_path(reference.import_paths)
    importlib.invalidate_caches()
    try:
        with without_running_loop():
            return _import(reference)
    except BaseException as error:
        raise _explained(error, reference) from None


def _import(reference: Reference) -> ModuleType:
    if reference.path is None:
        return importlib.import_module(str(reference.module))
    root, names = _dotted(reference)
    if len(names) == 1 and reference.path.name != "__init__.py":
        return _import_file(reference.path, names[0])
    top = names[0]
    init = root / top / "__init__.py"
    if init.is_file() and _taken(top, init):
        top = _free_name(top, init)
        _import_file(init, top)
    parent, last = ".".join([top, *names[1:-1]]), names[-1]
    if len(names) == 1:
        return importlib.import_module(top)
    if "." not in last:
        return importlib.import_module(f"{parent}.{last}")
    importlib.import_module(parent)
    return _execute(reference.path, f"{parent}.{last.replace('.', '_')}")


def _dotted(reference: Reference) -> tuple[Path, list[str]]:
    """The directory to import from, and the parts of the module's name as seen from there."""
    path = reference.path
    assert path is not None
    stem = path.parent if path.name == "__init__.py" else path.with_suffix("")
    if reference.module is not None:
        names = reference.module.split(".")
        return stem.parents[len(names) - 1], names
    root = package_root(path)
    return root, list(stem.relative_to(root).parts)


def _import_file(path: Path, stem: str) -> ModuleType:
    """Import one file, or the `__init__.py` of a package, under its own name or the nearest free one."""
    name = re.sub(r"\W", "_", stem)
    if _taken(name, path):
        if name in sys.stdlib_module_names:
            sys.meta_path.insert(0, _StandardLibraryFirst(name, path.parent))
        name = _free_name(name, path)
    return _execute(path, name)


def _execute(path: Path, name: str) -> ModuleType:
    loaded = sys.modules.get(name)
    if loaded is not None:
        return loaded
    search = [str(path.parent)] if path.name == "__init__.py" else None
    spec = importlib.util.spec_from_file_location(name, path, submodule_search_locations=search)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    return sys.modules.get(name, module)  # a module may put something else in its own place


def _taken(name: str, path: Path) -> bool:
    loaded = sys.modules.get(name)
    if loaded is not None:
        return not _same_file(loaded, path)
    return name in sys.stdlib_module_names or name in sys.builtin_module_names


def _free_name(name: str, path: Path) -> str:
    candidates = (f"{name}_py", *(f"{name}_py{number}" for number in range(2, 1000)))
    return next(n for n in candidates if n not in sys.modules or _same_file(sys.modules[n], path))


def _same_file(module: ModuleType, path: Path) -> bool:
    try:
        file = vars(module).get("__file__")
        return isinstance(file, str) and Path(file).resolve() == path.resolve()
    except (TypeError, OSError):  # something put itself in `sys.modules` that is no module
        return False


class _StandardLibraryFirst:
    """Keeps a user's `statistics.py` from being found when a library asks for the standard module of that name."""

    def __init__(self, name: str, hidden: Path) -> None:
        self._name = name
        self._hidden = hidden

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name != self._name:
            return None
        return PathFinder.find_spec(name, [p for p in sys.path if Path(p or ".").resolve() != self._hidden])


def _extend_path(paths: tuple[Path, ...]) -> None:
    new = [str(path) for path in paths if str(path) not in sys.path]
    sys.path[:0] = new


def _explained(error: BaseException, reference: Reference) -> LoadError:
    label = reference.path.name if reference.path else str(reference.module)
    at = where(error, (*reference.import_paths, reference.project_dir))
    place = f" ({at})" if at and not at.startswith(f"{label} ") else f" (line {at.rpartition(' ')[2]})" if at else ""
    if isinstance(error, SystemExit):
        said = f"{label} called sys.exit() while it was being imported{place}: keep that under a main guard."
    elif isinstance(error, KeyboardInterrupt):
        said = f"Importing {label} was interrupted{place}."
    elif isinstance(error, SyntaxError) and error.lineno is not None:
        file = Path(error.filename).name if error.filename else label
        said = f"{file} has a syntax error in line {error.lineno}: {error.msg}."
    elif isinstance(error, ModuleNotFoundError) and error.name:
        missing = error.name.split(".")[0]
        asked = reference.module
        if asked and f"{asked}.".startswith(f"{error.name}.") and not has_user_frames(error):
            said = (
                f"There is no module {error.name} in {reference.project_dir}, and {sys.executable} has none either: "
                "check the name, or choose the right interpreter with --python."
            )
        else:
            said = (
                f"{label} needs the module {error.name}{place}, which {sys.executable} does not have: "
                f"install {missing} there, or choose the right interpreter with --python."
            )
    else:
        said = sentence(f"Importing {label} failed{place}: {in_short(error)}") + _shadowing(error, reference)
    return LoadError(said, traceback=user_traceback(error))


def _shadowing(error: BaseException, reference: Reference) -> str:
    """Names the usual cause of an ImportError in a file called like a library: it hides that library. The other way
    round, a module of the project called `inspector` is hidden by this package."""
    if not isinstance(error, ImportError) or reference.path is None:
        return ""
    if (error.name or "").partition(".")[0] == "inspector":
        for path in reference.import_paths:
            if (path / "inspector.py").is_file() or (path / "inspector").is_dir():
                return f" The module inspector in {path} has the name of the inspector's own package: rename it."
    ours = {path.resolve() for path in reference.import_paths}
    name = reference.path.stem
    spec = PathFinder.find_spec(name, [p for p in sys.path if Path(p or ".").resolve() not in ours])
    if spec is None or name in sys.stdlib_module_names:
        return ""
    return f" {reference.path.name} hides the installed module {name}: rename the file."
