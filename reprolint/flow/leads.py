"""Names → the streams that code which says them may seed or draw from, directly or through the project's own definitions."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from msgspec import Struct

from reprolint.flow.definitions import seed_like
from reprolint.model import code, walk
from reprolint.model.stream import STREAMS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reprolint.knowledge.apis import Api, Catalog
    from reprolint.project.modules import Project

Streams: TypeAlias = frozenset[str]
NO_STREAMS: Final[Streams] = frozenset()
ALL_STREAMS: Final[Streams] = frozenset(STREAMS)


class Lead(Struct, frozen=True, gc=False):
    """The streams that may be seeded, and those that may be drawn from."""

    seeds: Streams = NO_STREAMS
    draws: Streams = NO_STREAMS

    def __or__(self, other: Lead) -> Lead:
        if other.seeds <= self.seeds and other.draws <= self.draws:
            return self
        return Lead(self.seeds | other.seeds, self.draws | other.draws)


_NOWHERE: Final = Lead()
SEEDS: Final = Lead(seeds=ALL_STREAMS)
DRAWS: Final = Lead(draws=ALL_STREAMS)


class _Row(Struct, frozen=True, gc=False):
    """A name of a library and what else has to be said with it: the package, and the submodule unless it is a method."""

    package: str
    inner: str
    function: bool
    lead: Lead


class Leads:
    """Where the names of one project lead. Names are all it looks at, so it says too much rather than too little."""

    def __init__(self, project: Project, catalog: Catalog) -> None:
        self.project = project
        self.catalog = catalog
        self._said: dict[str, tuple[frozenset[str], dict[str, frozenset[str]]]] = {}
        self._blocks: dict[int, tuple[Any, Lead]] = {}

    def of_words(self, words: Iterable[str], path: str) -> Lead:
        """Where a unit of a module leads that says these words."""
        words = frozenset(words)
        found = self._direct(words, path)
        for word in words:
            found |= self._names.get(word, _NOWHERE)
        return found

    def of_item(self, item: code.Branch | code.Choice, path: str) -> Lead:
        """Where the arms of a test lead; what one of them sets plainly, and a value that is chosen, may lead to any draw."""
        known = self._blocks.get(id(item))
        if known is None or known[0] is not item:
            words: set[str] = set()
            arms = (*item.body, *item.orelse) if isinstance(item, code.Branch) else (item.then, item.other)
            for part in arms:
                gather(part, words)
            lead = self.of_words(words, path)
            plain = isinstance(item, code.Choice) or any(isinstance(part, code.Bind) and isinstance(part.value, code.Const) for part in arms)
            known = self._blocks[id(item)] = (item, Lead(lead.seeds, ALL_STREAMS) if plain else lead)
        return known[1]

    def of_function(self, function: code.Function, path: str) -> Lead:
        """Where a function leads, by all that it says."""
        known = self._blocks.get(id(function))
        if known is None or known[0] is not function:
            known = self._blocks[id(function)] = (function, self.of_words(function.words, path))
        return known[1]

    def may_draw(self, name: str) -> bool:
        """Whether a function or a method of this name may draw, of whatever library or class it is."""
        return any(row.lead.draws for row in self._rows.get(name, ())) or bool(self._names.get(name, _NOWHERE).draws)

    def _direct(self, words: frozenset[str], path: str) -> Lead:
        """What the words say of libraries."""
        found = _NOWHERE
        if any(seed_like(word) for word in words):
            found = SEEDS
        for word in words & self._rows.keys():
            for row in self._rows[word]:
                if row.package in self._packages and (not row.function or self._says(row, words, path)):
                    found |= row.lead
        return found

    def _says(self, row: _Row, words: frozenset[str], path: str) -> bool:
        """Whether the words, with what the module imports, can mean a function of a package."""
        if path not in self._said:
            imports = self.project.modules[path].imports
            bound: dict[str, set[str]] = {}
            for item in imports:
                bound.setdefault("*" if item.name == "*" else item.module.partition(".")[0], set()).add(item.bound)
            parts = frozenset(part for item in imports for part in item.module.split("."))
            self._said[path] = parts, {package: frozenset(names) for package, names in bound.items()}
        parts, names = self._said[path]
        if row.inner and row.inner not in words and row.inner not in parts:
            return False
        return "*" in names or row.package in words or not words.isdisjoint(names.get(row.package, ()))

    @cached_property
    def definitions(self) -> tuple[tuple[str, code.Function | code.Class], ...]:
        """Every function and class of the project, with its path."""
        return tuple((path, item) for path, module in sorted(self.project.modules.items()) for item in walk.definitions(module.body))

    @cached_property
    def bases(self) -> frozenset[str]:
        """The last names of what the project's classes derive from."""
        return frozenset(walk.last_name(base.value) for _, item in self.definitions if isinstance(item, code.Class) for base in item.bases if base.name is None)

    @cached_property
    def _rows(self) -> dict[str, tuple[_Row, ...]]:
        return _rows(self.catalog)

    @cached_property
    def _packages(self) -> frozenset[str]:
        imports = (item for module in self.project.modules.values() for item in module.imports if not item.level)
        return frozenset(item.module.partition(".")[0] for item in imports)

    @cached_property
    def _names(self) -> dict[str, Lead]:
        """The names of definitions, followed through those that they name in turn."""
        leads: dict[str, Lead] = {}
        users: dict[str, set[str]] = {}
        for path, item in self.definitions:
            if item.name.startswith("__"):
                continue  # who says the name of the class may run it
            words = frozenset(item.words)
            if isinstance(item, code.Class):
                bases: set[str] = set()
                for argument in item.bases:
                    gather(argument.value, bases)
                words |= bases
            leads[item.name] = leads.get(item.name, _NOWHERE) | self._direct(words, path)
            for word in words:
                users.setdefault(word, set()).add(item.name)
        pending = [name for name, lead in leads.items() if lead is not _NOWHERE]
        while pending:
            name = pending.pop()
            lead = leads[name]
            for user in users.get(name, ()):
                more = leads[user] | lead
                if more is not leads[user]:
                    leads[user] = more
                    pending.append(user)
        return leads


def _rows(catalog: Catalog) -> dict[str, tuple[_Row, ...]]:
    found: dict[str, list[_Row]] = {}
    for dotted, apis in catalog.rows.items():
        lead = _NOWHERE
        for api in apis:
            lead |= _of_row(api)
        if lead is not _NOWHERE:
            package, *inner, name = dotted.split(".")
            function = not inner or inner[-1].islower()
            found.setdefault(name, []).append(_Row(package, inner[0] if function and inner else "", function, lead))
    return {name: tuple(rows) for name, rows in found.items()}


def _of_row(api: Api) -> Lead:
    return Lead(frozenset((*api.seeds, *api.unseeds, *api.restores)), frozenset(api.draws))


def gather(part: Any, words: set[str]) -> None:
    """The identifiers in statements and expressions, those of definitions inside them too."""
    stack: list[Any] = [part]
    while stack:
        found = stack.pop()
        kind = type(found)
        if kind is code.Name:
            words.add(found.id.partition("@")[0])
        elif kind is code.Attr:
            words.add(found.name)
            stack.append(found.of)
        elif kind is code.Function or kind is code.Class:
            words.update(found.words)
        elif kind is tuple:
            stack += found
        elif kind is code.Import:
            words.update((found.bound, found.name or "", *found.module.split(".")))
        elif isinstance(found, Struct):
            if isinstance(found, code.Argument) and found.name:
                words.add(found.name)
            stack += [getattr(found, name) for name in found.__struct_fields__]
