"""A copy of the working folder for each run, so that no run finds what another one left."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reprolint.probe.children import Target

LARGE: Final = 64 << 20
"""Bytes: a larger file is linked, not copied."""
TOTAL: Final = 1 << 30
"""Bytes that are copied for one run at most."""
COUNT: Final = 20_000
"""Files that are copied for one run at most."""
_SEEN: Final = 500_000
"""Files that are looked at before it is said that this is no project."""
_LINKED: Final = {".git", ".hg", ".svn", "node_modules", ".tox", ".nox"}
"""What is linked whole, as are virtual environments: no run writes its results there."""
_LEFT_OUT: Final = {"__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache"}


class TooMuch(Exception):
    """The folder is too large to be looked through."""


class Copied(msgspec.Struct, frozen=True, kw_only=True):
    """What each run has a copy of, and what they share: paths relative to the working folder."""

    files: int
    bytes: int
    shared: tuple[str, ...] = ()


class _Folder:
    """What stands in one folder: files to copy with their sizes, folders, and what is linked whole."""

    def __init__(self, path: Path, budget: list[int]) -> None:
        self.files: dict[str, int] = {}
        self.folders: dict[str, _Folder] = {}
        self.linked: list[str] = []
        with os.scandir(path) as found:
            entries = sorted(found, key=lambda entry: entry.name)
        budget[0] -= len(entries)
        if budget[0] < 0:
            raise TooMuch(f"more than {_SEEN} files are in the working folder: run it from the project's own folder")
        for entry in entries:
            if entry.name in _LEFT_OUT:
                continue
            if entry.is_symlink() or entry.name in _LINKED or (entry.is_dir() and (Path(entry.path) / "pyvenv.cfg").exists()):
                self.linked.append(entry.name)
            elif entry.is_dir():
                try:
                    self.folders[entry.name] = _Folder(Path(entry.path), budget)
                except PermissionError:
                    self.linked.append(entry.name)
            elif entry.is_file():
                size = entry.stat().st_size
                if size > LARGE or not os.access(entry.path, os.R_OK):
                    self.linked.append(entry.name)
                else:
                    self.files[entry.name] = size

    @property
    def count(self) -> int:
        return len(self.files) + sum(folder.count for folder in self.folders.values())

    @property
    def size(self) -> int:
        return sum(self.files.values()) + sum(folder.size for folder in self.folders.values())

    def shared(self, prefix: str = "") -> Iterator[str]:
        """What is linked, but for what nobody asks about."""
        yield from (prefix + name for name in self.linked if name not in _LINKED)
        for name, folder in self.folders.items():
            yield from folder.shared(f"{prefix}{name}/")

    def shrink(self) -> None:
        """Link whole folders, the one with most in it first, until the rest is within bounds."""
        while self.folders and (self.size > TOTAL or self.count > COUNT):
            sizes = {name: max(folder.size / TOTAL, folder.count / COUNT) for name, folder in self.folders.items()}
            most = max(sizes, key=lambda name: sizes[name])
            del self.folders[most]
            self.linked.append(most)
        while self.files and (self.size > TOTAL or self.count > COUNT):
            largest = max(self.files, key=lambda name: self.files[name])
            del self.files[largest]
            self.linked.append(largest)

    def write(self, source: Path, to: Path) -> None:
        """Make the copy."""
        to.mkdir()
        for name in self.files:
            with suppress(FileNotFoundError):
                shutil.copy2(source / name, to / name)
        for name in self.linked:
            (to / name).symlink_to((source / name).absolute())
        for name, folder in self.folders.items():
            folder.write(source / name, to / name)


class Scratch:
    """Gives each run a fresh copy, always at the same path: what a script says of its folder stays the same."""

    def __init__(self, target: Target, folder: Path, own: Path | None = None) -> None:
        self._target = target
        self._own = own or target.cwd
        self._to = folder / (self._own.name or "work")
        self._plan = _Folder(self._own, [_SEEN])
        self._plan.shrink()
        self.copied = Copied(files=self._plan.count, bytes=self._plan.size, shared=tuple(self._plan.shared()))

    def fresh(self) -> Target:
        """The target in a copy that nobody has touched."""
        shutil.rmtree(self._to, ignore_errors=True)
        self._plan.write(self._own, self._to)
        return self._there()

    def keep(self, name: str) -> None:
        """Put by what the last run left in its copy."""
        shutil.copytree(self._to, self._to.parent / f"kept {name}", symlinks=True)

    def back(self, name: str) -> Target:
        """The target in a copy of what was put by."""
        shutil.rmtree(self._to, ignore_errors=True)
        shutil.copytree(self._to.parent / f"kept {name}", self._to, symlinks=True)
        return self._there()

    def _there(self) -> Target:
        path = os.environ.get("PYTHONPATH")
        moved = os.pathsep.join(self.moved(one) for one in path.split(os.pathsep)) if path else ""
        here = self._target
        return replace(
            here, cwd=Path(self.moved(str(here.cwd))), script=self.moved(here.script), file=self.moved(here.file), path=tuple(self.moved(one) for one in here.path),
            environment=(("PYTHONPATH", moved),) if moved else (),
        )  # fmt: skip

    def moved(self, path: str) -> str:
        """An absolute path in the folder, as a path in the copy."""
        own = str(self._own)
        return str(self._to) + path[len(own) :] if path == own or path.startswith(own + os.sep) else path


@contextmanager
def scratch(target: Target, own: Path | None = None) -> Iterator[Scratch]:
    """A place for copies of the target's working folder, or of one that holds it, which goes away again. Raises `TooMuch`."""
    with TemporaryDirectory(prefix="reprolint-", ignore_cleanup_errors=True) as folder:
        yield Scratch(target, Path(folder), own)
