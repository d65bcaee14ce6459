"""A `case` pattern becomes a test of its subject and the names it captures."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import libcst as cst

from reprolint.model.code import Attr, Const, Expr, Fold, Item, Name, Opaque, Target
from reprolint.source.expressions import expression
from reprolint.source.unit import Unit


@dataclass(frozen=True, slots=True)
class Matched:
    test: Expr | None
    """None: it always holds."""
    captures: tuple[tuple[Target, Expr], ...] = ()


def pattern(node: cst.CSTNode, subject: Expr, unit: Unit) -> Matched:
    """Values and alternatives of values are compared; the shape of anything else is opaque."""
    handler = _PATTERNS.get(type(node))
    return handler(node, subject, unit) if handler else Matched(Opaque((subject,)))


def _value(node: cst.MatchValue, subject: Expr, unit: Unit) -> Matched:
    return Matched(Fold("==", (subject, expression(node.value, unit))))


def _singleton(node: cst.MatchSingleton, subject: Expr, unit: Unit) -> Matched:
    return Matched(Fold("is", (subject, expression(node.value, unit))))


def _or(node: cst.MatchOr, subject: Expr, unit: Unit) -> Matched:
    return _alternatives([pattern(part.pattern, subject, unit) for part in node.patterns])


def _alternatives(parts: list[Matched]) -> Matched:
    captures = tuple(capture for part in parts for capture in part.captures)
    tests = [part.test for part in parts if part.test is not None]
    return Matched(Fold("or", tuple(tests)) if len(tests) == len(parts) else None, captures)


def _captured(node: cst.MatchAs, subject: Expr, unit: Unit) -> Matched:
    inside = pattern(node.pattern, subject, unit) if node.pattern else Matched(None)
    if node.name is None:
        return inside
    return Matched(inside.test, (*inside.captures, (_name(node.name, unit), subject)))


def _sequence(node: cst.MatchSequence, subject: Expr, unit: Unit) -> Matched:
    """Elements before a star are known by their index."""
    found: list[Matched] = []
    starred = False
    for index, part in enumerate(node.patterns):
        if isinstance(part, cst.MatchStar):
            starred = True
            found += [Matched(None, ((_name(part.name, unit), Opaque((subject,))),))] if part.name else []
        else:
            element = Opaque((subject,)) if starred else Item(subject, Const(index))
            found.append(pattern(part.value, element, unit))
    return _shape((subject,), found)


def _mapping(node: cst.MatchMapping, subject: Expr, unit: Unit) -> Matched:
    found = [pattern(part.pattern, Item(subject, expression(part.key, unit)), unit) for part in node.elements]
    if node.rest:
        found.append(Matched(None, ((_name(node.rest, unit), Opaque((subject,))),)))
    return _shape((subject,), found)


def _class(node: cst.MatchClass, subject: Expr, unit: Unit) -> Matched:
    wanted = expression(node.cls, unit)
    found = [pattern(part.value, Opaque((subject,)), unit) for part in node.patterns]
    for keyword in node.kwds:
        unit.words.add(keyword.key.value)
        found.append(pattern(keyword.pattern, Attr(subject, keyword.key.value), unit))
    return _shape((subject, wanted), found)


def _shape(parts: tuple[Expr, ...], inside: Iterable[Matched]) -> Matched:
    inside = tuple(inside)
    tests = tuple(matched.test for matched in inside if matched.test is not None)
    return Matched(Opaque((*parts, *tests)), tuple(capture for matched in inside for capture in matched.captures))


def _name(node: cst.Name, unit: Unit) -> Name:
    written = unit.bind(node.value)
    return written if isinstance(written, Name) else Name(node.value)


_PATTERNS: dict[type[Any], Callable[[Any, Expr, Unit], Matched]] = {
    cst.MatchValue: _value,
    cst.MatchSingleton: _singleton,
    cst.MatchOr: _or,
    cst.MatchAs: _captured,
    cst.MatchList: _sequence,
    cst.MatchTuple: _sequence,
    cst.MatchMapping: _mapping,
    cst.MatchClass: _class,
}
