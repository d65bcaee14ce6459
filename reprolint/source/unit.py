"""What the walk over one unit (module, class, function, lambda, generator expression) carries along."""

import itertools
from collections.abc import Iterator
from typing import Literal

import libcst as cst

from reprolint.model.code import Const, Expr, Import, Name, Result, Statement

Kind = Literal["module", "class", "function", "generator"]

_CONSTANTS = {"None": Const(None), "True": Const(True), "False": Const(False)}  # noqa: FBT003 - literals of Python
_RESULTS = tuple(Result(number) for number in range(256))


DEEPEST_UNIT = 30
"""Lambdas inside lambdas, before they count as recursion without end."""


class Walk:
    """What all units of one module share."""

    __slots__ = ("comprehensions", "deep", "definitions", "imports", "literals", "nodes")

    def __init__(self, *, deep: bool = False) -> None:
        self.deep = deep
        """Whether the result will be shortened, so that any depth is fine."""
        self.nodes: list[cst.CSTNode] = []
        """The node of every site; a site is an index into this."""
        self.literals: dict[str, Expr] = {}
        """Source of a literal → its expression."""
        self.imports: list[Import] = []
        self.definitions: list[tuple[int, int, str]] = []
        """First and last site of every function and class, and its qualified name; inner ones first."""
        self.comprehensions: Iterator[int] = itertools.count(1)


class Unit:
    """One unit while it is walked: the block that is being written, its calls so far, its names."""

    __slots__ = (
        "attributes",
        "bound",
        "calls",
        "depth",
        "generator",
        "kind",
        "literals",
        "names",
        "nodes",
        "out",
        "outer",
        "parent",
        "qualname",
        "renamed",
        "walk",
        "words",
    )

    def __init__(self, walk: Walk, kind: Kind, parent: "Unit | None" = None, name: str = "") -> None:
        self.walk = walk
        self.nodes = walk.nodes
        self.literals = walk.literals
        self.kind = kind
        self.parent = parent
        self.depth: int = parent.depth + 1 if parent else 0
        if self.depth > DEEPEST_UNIT and not walk.deep:
            raise RecursionError
        self.qualname: str = f"{parent.qualname}.{name}" if parent and parent.qualname else name
        self.out: list[Statement] = []
        self.calls = 0
        self.generator = False
        self.bound: set[str] = set()
        self.outer: set[str] = set()
        self.words: set[str] = set()
        self.renamed: dict[str, Name] = dict(parent.renamed) if parent else {}
        self.names: dict[str, Name | Const] = {**_CONSTANTS, **self.renamed}
        self.attributes: dict[tuple[str, str], Expr] = {}

    def site(self, node: cst.CSTNode) -> int:
        """Number `node`."""
        self.nodes.append(node)
        return len(self.nodes) - 1

    def result(self) -> tuple[int, Result]:
        """The number of the next call, and the expression for what it returns."""
        number = self.calls
        self.calls = number + 1
        return number, _RESULTS[number] if number < len(_RESULTS) else Result(number)

    def bind(self, name: str) -> Name | Const:
        """The target `name`, which becomes local to this unit unless a comprehension renamed it."""
        target = read(name, self)
        if type(target) is Name:
            self.bound.add(target.id)
        return target

    def forget(self, names: Iterator[str]) -> None:
        """Parameters hide the comprehension variables of enclosing units."""
        for name in names:
            if name in self.renamed:
                del self.renamed[name], self.names[name]

    def close(self) -> tuple[str, ...]:
        """All identifiers of the unit, sorted; the enclosing unit gets them too."""
        self.words.update(self.names)
        self.words.difference_update(_CONSTANTS)
        if self.parent:
            self.parent.words.update(self.words)
        return tuple(sorted(self.words))

    def variables(self) -> tuple[str, ...]:
        """What is local to the unit, sorted."""
        return tuple(sorted(self.bound - self.outer))


def read(name: str, unit: Unit) -> Name | Const:
    """The variable `name` as this unit sees it, one object per unit."""
    found = unit.names.get(name)
    if found is None:
        found = unit.names[name] = Name(name)
    return found
