"""Paths of the command line → the Python files and notebooks under them."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from reprolint.source.ignore import Patterns, patterns

SUFFIXES = (".py", ".pyw", ".ipynb")

EXCLUDED = frozenset(
    {
        "__pycache__",
        "__pypackages__",
        "_build",
        ".bzr",
        ".direnv",
        ".eggs",
        ".git",
        ".git-rewrite",
        ".hg",
        ".ipynb_checkpoints",
        ".mypy_cache",
        ".nox",
        ".pants.d",
        ".pyenv",
        ".pytest_cache",
        ".pytype",
        ".reprolint_cache",
        ".ruff_cache",
        ".svn",
        ".tox",
        ".venv",
        "buck-out",
        "build",
        "dist",
        "node_modules",
        "site-packages",
        "venv",
    }
)
"""Folders that hold no source of the project's own, unless they are packages."""

_ENVIRONMENT = "pyvenv.cfg"
"""The file that every virtual environment holds."""


@dataclass(frozen=True, slots=True)
class Discovered:
    files: tuple[str, ...]
    """Sorted, POSIX, relative to the root."""
    problems: tuple[tuple[str, str], ...]
    """Path and what is wrong with it: missing, not readable."""
    links: tuple[tuple[str, str], ...] = ()
    """Files that are links to others among them, and those."""


@dataclass(frozen=True, slots=True)
class _Rules:
    """The pattern files in force, outermost first, each with the absolute folder it stands in."""

    levels: tuple[tuple[str, Patterns], ...]

    def ignored(self, path: str, *, folder: bool) -> bool:
        for base, rules in reversed(self.levels):
            decided = rules.decide(path[len(base) :].lstrip("/"), folder=folder)
            if decided is not None:
                return decided
        return False

    def inside(self, folder: str) -> "_Rules":
        """With the `.gitignore` of `folder`."""
        found = _gitignore(folder)
        return _Rules((*self.levels, (folder, found))) if found.patterns else self


@dataclass(slots=True)
class _Search:
    root: str
    excluded: Patterns
    gitignore: bool
    suffixes: tuple[str, ...]
    found: set[str] = field(default_factory=set)
    problems: set[tuple[str, str]] = field(default_factory=set)
    links: dict[str, str] = field(default_factory=dict)
    """What each link leads to, from the root."""

    def shown(self, path: str) -> str:
        return os.path.relpath(path, self.root).replace(os.sep, "/")


def discover(paths: Sequence[Path], root: Path, exclude: Iterable[str] = (), *, gitignore: bool = True, suffixes: tuple[str, ...] = SUFFIXES) -> Discovered:
    """Files given by name are taken whatever they are; folders given by name are walked even if excluded.

    `exclude` are patterns as in a `.gitignore` at the root. Links to folders are not followed.
    """
    search = _Search(os.path.abspath(root), patterns(exclude), gitignore, suffixes)  # noqa: PTH100
    for path in paths:
        start = os.path.abspath(path)  # noqa: PTH100
        if os.path.isdir(start):  # noqa: PTH112 - the walk is on the warm path, where pathlib costs too much
            _walk(start, _above(start) if gitignore else _Rules(()), search, named=True)
        elif os.path.exists(start):  # noqa: PTH110
            search.found.add(search.shown(start))
        else:
            search.problems.add((search.shown(start), "no such file or folder"))
    links = sorted((link, target) for link, target in search.links.items() if target in search.found)
    return Discovered(tuple(sorted(search.found)), tuple(sorted(search.problems)), tuple(links))


def _above(folder: str) -> _Rules:
    """What the folders around `folder` ignore, up to the top of its repository."""
    around = []
    top = folder
    while not os.path.exists(os.path.join(top, ".git")):  # noqa: PTH110, PTH118
        parent = os.path.dirname(top)  # noqa: PTH120
        if parent == top:
            return _Rules(())
        around.append(parent)
        top = parent
    rules = _Rules(())
    for outer in reversed(around):
        rules = rules.inside(outer)
    return rules


def _gitignore(folder: str) -> Patterns:
    try:
        with open(os.path.join(folder, ".gitignore"), encoding="utf-8-sig", errors="replace") as file:  # noqa: PTH118, PTH123
            return patterns(file.read().split("\n"))
    except OSError:
        return patterns(())


def _walk(folder: str, rules: _Rules, search: _Search, *, named: bool = False) -> None:
    try:
        with os.scandir(folder) as listing:
            entries = {entry.name: entry for entry in listing}
    except OSError as error:
        search.problems.add((search.shown(folder), error.strerror or "cannot be listed"))
        return
    if not named and (_ENVIRONMENT in entries or (_excluded(folder) and "__init__.py" not in entries)):
        return
    if search.gitignore and ".gitignore" in entries:
        rules = rules.inside(folder)
    for inner in _kept(folder, entries.values(), rules, search):
        _walk(inner, rules, search)


def _excluded(folder: str) -> bool:
    return os.path.basename(folder) in EXCLUDED  # noqa: PTH119


def _is_file(entry: os.DirEntry[str]) -> bool:
    """A link that leads to itself is none."""
    try:
        return entry.is_file()
    except OSError:
        return False


def _kept(folder: str, entries: Iterable[os.DirEntry[str]], rules: _Rules, search: _Search) -> Iterator[str]:
    """Notes the files, and gives the folders to go on with."""
    shown = search.shown(folder)
    prefix = "" if shown == "." else f"{shown}/"
    for entry in entries:
        inner = entry.is_dir(follow_symlinks=False)
        if not inner and not (entry.name.endswith(search.suffixes) and _is_file(entry)):
            continue
        path = prefix + entry.name
        if rules.ignored(entry.path, folder=inner) or search.excluded.decide(path, folder=inner):
            continue
        if inner:
            yield entry.path
        else:
            search.found.add(path)
            if entry.is_symlink():
                target = os.path.relpath(os.path.realpath(entry.path), os.path.realpath(search.root))
                search.links[path] = target.replace(os.sep, "/")
