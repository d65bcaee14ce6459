"""Comprehensions are loops in place; a generator expression is a function."""

from collections.abc import Callable, Iterator
from typing import Any, Literal

import libcst as cst

from reprolint.model.code import (
    Argument,
    Branch,
    Code,
    Collected,
    Const,
    Expr,
    Loop,
    Name,
    Parameter,
    Spread,
    Statement,
    Yield,
)
from reprolint.source.calls import emit
from reprolint.source.dispatch import Handler, expression
from reprolint.source.functions import nameless
from reprolint.source.targets import received
from reprolint.source.unit import Unit

_FIRST = ".0"
"""What Python calls the parameter of a generator expression."""


def _comprehension(kind: Literal["list", "set", "dict"]) -> Callable[[Any, Unit], Expr]:
    def comprehension(node: Any, unit: Unit) -> Expr:
        first = expression(node.for_in.iter, unit)
        hidden = _rename(node.for_in, unit)
        made: list[tuple[Expr | None, Expr]] = []

        def collect() -> None:
            key = expression(node.key, unit) if hasattr(node, "key") else None
            value = expression(node.elt if hasattr(node, "elt") else node.value, unit)
            made.append((key, Spread(value) if kind == "dict" and key is None else value))

        iterables = _rounds(node.for_in, first, unit, collect)
        _restore(hidden, unit)
        ((key, element),) = made
        return Collected(kind, element, key, iterables)

    return comprehension


def _rounds(node: cst.CompFor, iterable: Expr, unit: Unit, innermost: Callable[[], None]) -> tuple[Expr, ...]:
    """One loop, its conditions, its inner loops, and `innermost` inside; the iterables of all loops."""
    site = unit.site(node.iter)
    written, start = received(node.target, unit)
    outer, unit.out = unit.out, list(start)
    opened: list[tuple[list[Statement], Expr, int]] = []
    for condition in node.ifs:
        test = expression(condition.test, unit)
        opened.append((unit.out, test, unit.site(condition.test)))
        unit.out = []
    rest: tuple[Expr, ...] = ()
    if node.inner_for_in:
        inner = expression(node.inner_for_in.iter, unit)
        rest = _rounds(node.inner_for_in, inner, unit, innermost)
    else:
        innermost()
    body = tuple(unit.out)
    for block, test, branch in reversed(opened):
        block.append(Branch(test, body, (), branch))
        body = tuple(block)
    outer.append(Loop(written, iterable, (), None, body, (), site, "comprehension"))
    unit.out = outer
    return (iterable, *rest)


_Hidden = dict[str, tuple[Name | Const | None, Name | None]]


def _rename(node: cst.CompFor, unit: Unit) -> _Hidden:
    """Give the comprehension's variables names of their own; what they hid."""
    number = next(unit.walk.comprehensions)
    hidden: _Hidden = {}
    clause: cst.CompFor | None = node
    while clause:
        for name in _targets(clause.target):
            if name not in hidden:
                hidden[name] = unit.names.get(name), unit.renamed.get(name)
            unit.names[name] = unit.renamed[name] = Name(f"{name}@{number}")
        clause = clause.inner_for_in
    return hidden


def _restore(hidden: _Hidden, unit: Unit) -> None:
    for name, (read_as, renamed_to) in hidden.items():
        unit.words.add(name)
        del unit.names[name], unit.renamed[name]
        if read_as is not None:
            unit.names[name] = read_as
        if renamed_to is not None:
            unit.renamed[name] = renamed_to


def _targets(node: cst.BaseExpression | cst.BaseElement) -> Iterator[str]:
    if isinstance(node, cst.Name):
        yield node.value
    elif isinstance(node, cst.Tuple | cst.List):
        for element in node.elements:
            yield from _targets(element.value)
    elif isinstance(node, cst.StarredElement):
        yield from _targets(node.value)


def _generator(node: cst.GeneratorExp, unit: Unit) -> Expr:
    first = expression(node.for_in.iter, unit)
    inner = Unit(unit.walk, "generator", unit, "<generator>")
    inner.generator = True
    inner.forget(name for name in _clause_names(node.for_in))
    taken = Name(_FIRST)
    inner.bound.add(_FIRST)
    site = unit.site(node)

    def produce() -> None:
        value = expression(node.elt, inner)
        inner.out.append(Yield(value, each=False, site=inner.site(node.elt)))

    _rounds(node.for_in, taken, inner, produce)
    parameter = Parameter(_FIRST, "positional_only", None, None)
    code = Code(nameless("<generator>", (parameter,), inner, site))
    return emit(code, (Argument(first),), node, unit, loose=False)


def _clause_names(node: cst.CompFor | None) -> Iterator[str]:
    seen = set()
    while node:
        for name in _targets(node.target):
            if name not in seen:
                seen.add(name)
                yield name
        node = node.inner_for_in


HANDLERS: dict[type[Any], Handler] = {
    cst.ListComp: _comprehension("list"),
    cst.SetComp: _comprehension("set"),
    cst.DictComp: _comprehension("dict"),
    cst.GeneratorExp: _generator,
}
if hasattr(cst, "StarredDictComp"):  # newer than the oldest libcst that is supported
    HANDLERS[cst.StarredDictComp] = _comprehension("dict")
