"""The project a graph belongs to: its directory, its own Python, and its environment files.

Everything here looks at the disk only; nothing is imported from the project and no process is started.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from inspector.errors import LoadError

MARKERS = ("langgraph.json", "pyproject.toml", ".git", ".venv")
OLDEST_PYTHON = (3, 11)


def project_dir(path: Path, cwd: Path) -> Path:
    """The nearest directory at or above `path` that has one of `MARKERS`, else `cwd`.

    The home directory is passed over unless `path` lies directly in it: a `.git` kept there for dot files does not
    make everything below it one project.
    """
    start = path if path.is_dir() else path.parent
    home = Path.home()
    for folder in (start, *start.parents):
        if folder == home and start != home:
            break
        if any(os.path.exists(folder / marker) for marker in MARKERS):
            return folder
    return cwd


def package_root(path: Path) -> Path:
    """The directory that has to be importable for a file: above the outermost package it is in, else its own."""
    folder = path.parent
    while (folder / "__init__.py").is_file() and folder.name.isidentifier() and folder != folder.parent:
        folder = folder.parent
    return folder


def locate(module: str, roots: tuple[Path, ...]) -> tuple[Path | None, Path | None]:
    """The root a dotted module name is found under, and its file; (None, None) when it is in none of them."""
    for root in roots:
        stem = root.joinpath(*module.split("."))
        for path in (stem.with_name(f"{stem.name}.py"), stem / "__init__.py"):
            if os.path.isfile(path):
                return root, path.resolve()
    return None, None


def project_python(project: Path) -> Path | None:
    """The interpreter of `project/.venv` when LangGraph is installed there, else None.

    Decided by looking at the environment's `site-packages`, so it costs no interpreter start. An environment older
    than the debuggee's code can run on (`OLDEST_PYTHON`) does not count.
    """
    venv = project / ".venv"
    for python, packages in (
        (venv / "bin" / "python", sorted(venv.glob("lib/python3.*/site-packages"))),
        (venv / "Scripts" / "python.exe", [venv / "Lib" / "site-packages"]),
    ):
        if python.is_file() and any(_has_langgraph(site) for site in packages):
            return python
    return None


def _has_langgraph(site: Path) -> bool:
    version = re.fullmatch(r"python3\.(\d+)", site.parent.name)
    if version and (3, int(version[1])) < OLDEST_PYTHON:
        return False
    # An editable install leaves only the metadata here, an ordinary one the package too.
    return (site / "langgraph" / "pregel").is_dir() or any(site.glob("langgraph-[0-9]*.dist-info"))


def read_env_file(path: Path) -> dict[str, str]:
    """The variables of a `.env` file; names without a value are left out. `${NAME}` takes values from the file or
    the environment.

    Raises:
        LoadError: it does not exist, cannot be read, or is not text.
    """
    from dotenv import dotenv_values

    if not path.is_file():
        raise LoadError(f"There is no environment file {path}.")
    try:
        return {name: value for name, value in dotenv_values(path).items() if value is not None}
    except (OSError, UnicodeDecodeError) as error:
        raise LoadError(f"The environment file {path} cannot be read: {error}.") from error
