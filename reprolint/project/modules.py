"""Modules → Project: the files by path, and which file an import means."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reprolint.model.code import Class, Function, Import, Module


@dataclass(frozen=True)
class Project:
    """All modules of the checked tree; paths are POSIX and relative to the root."""

    modules: dict[str, Module]
    sources: tuple[str, ...] = ()
    """Folders that the configuration names as import roots."""
    known: frozenset[str] = frozenset()
    """Packages of known libraries: they win against a folder without `__init__.py`."""
    commands: tuple[tuple[str, str], ...] = ()
    """Console scripts: (`package.module`, `function`)."""
    data: dict[str, Any] = field(default_factory=dict)
    """Configuration files (JSON, YAML) by path, as plain values."""
    links: dict[str, str] = field(default_factory=dict)
    """Paths at which a link to a module stands, and the path of that."""

    @cached_property
    def folders(self) -> frozenset[str]:
        """Every folder that holds a module, directly or not."""
        found = {""}
        for path in (*self.modules, *self.links):
            folder = dirname(path)
            while folder and folder not in found:
                found.add(folder)
                folder = dirname(folder)
        return frozenset(found)

    @cached_property
    def roots(self) -> tuple[str, ...]:
        """Import roots: the configured ones, the root, `src`, and the parents of the top packages."""
        found: dict[str, None] = dict.fromkeys(self.sources)
        found[""] = None
        if "src" in self.folders:
            found["src"] = None
        packages = {dirname(path) for path in (*self.modules, *self.links) if path.endswith("__init__.py")}
        for package in sorted(packages):
            parent = dirname(package)
            if package and parent not in packages:
                found[parent] = None
        return tuple(found)

    @cached_property
    def _by_tail(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for path in sorted(self.modules):
            stem = path.removesuffix("/__init__.py").removesuffix(".py")
            found.setdefault(stem.rpartition("/")[2], []).append(path)
        return {tail: tuple(paths) for tail, paths in found.items()}

    def at(self, location: str) -> str | None:
        """The module or package at a path without suffix; a namespace package ends in `/`."""
        for candidate in (f"{location}.py", f"{location}/__init__.py"):
            if candidate in self.modules:
                return candidate
            if candidate in self.links:
                return self.links[candidate]
        return f"{location}/" if location in self.folders else None

    @cached_property
    def _found(self) -> dict[tuple[str, str, str], str | None]:
        return {}

    def find(self, dotted: str, importer: str, home: str) -> str | None:
        """The module that an absolute import means in a run that starts in the folder `home`; None is a library."""
        key = (dotted, importer, home)
        if key not in self._found:
            self._found[key] = self._find(dotted, importer, home)
        return self._found[key]

    def _find(self, dotted: str, importer: str, home: str) -> str | None:
        tail = dotted.replace(".", "/")
        top = dotted.partition(".")[0]
        for root in dict.fromkeys((home, *self._own_root(importer), *self.roots)):
            found = self.at(normpath(join(root, tail)))
            if found is None:
                continue
            if found.endswith("/") and (top in self.known or (root != home and root not in self.roots)):
                continue
            if found == importer and top in self.known:
                continue
            return found
        return None if top in self.known else self._unique(tail)

    def _own_root(self, importer: str) -> tuple[str, ...]:
        folder = dirname(importer)
        while folder and (f"{folder}/__init__.py" in self.modules or f"{folder}/__init__.py" in self.links):
            folder = dirname(folder)
        return (folder,)

    def _unique(self, tail: str) -> str | None:
        """The only module whose path ends so, for trees whose import root nobody can know."""
        found = [
            path
            for path in self._by_tail.get(tail.rpartition("/")[2], ())
            if f"/{path.removesuffix('/__init__.py').removesuffix('.py')}".endswith(f"/{tail}")
        ]
        return found[0] if len(found) == 1 else None

    @cached_property
    def _imported(self) -> dict[str, tuple[str, ...]]:
        return {}

    def imported(self, path: str) -> tuple[str, ...]:
        """The project modules that the import statements of a module, wherever they stand in it, may run; none for a library."""
        if path not in self._imported:
            items = self.modules[path].imports if path in self.modules else ()
            self._imported[path] = tuple(dict.fromkeys(target for item in items for target in self._targets(path, item)))
        return self._imported[path]

    def _targets(self, path: str, item: Import) -> Iterator[str]:
        base = self.relative(path, item.level, item.module) if item.level else self.find(item.module, path, dirname(path))
        if base is None:
            return
        yield base
        if item.name and item.name != "*":
            inner = self.submodule(base, item.name)
            if inner is not None:
                yield inner

    def relative(self, importer: str, level: int, dotted: str) -> str | None:
        """The module that a relative import means."""
        folder = dirname(importer)
        for _ in range(level - 1):
            folder = dirname(folder)
        return self.at(normpath(join(folder, dotted.replace(".", "/"))) if dotted else folder or ".")

    def submodule(self, package: str, name: str) -> str | None:
        """The module `name` inside a package."""
        if package.endswith("/"):
            return self.at(f"{package}{name}")
        if not package.endswith("__init__.py"):
            return None
        return self.at(join(dirname(package), name))


def definitions(module: Module) -> dict[str, Function | Class]:
    """The functions and classes at the top of a module, by name."""
    from reprolint.model.code import Define

    return {item.definition.name: item.definition for item in module.body if isinstance(item, Define)}
