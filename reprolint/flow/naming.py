"""Draws that only make names: of a run, of a file for a moment, of a session, of a port. They decide no result."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from reprolint.model import walk
from reprolint.model.code import (
    Attr,
    Bind,
    Call,
    Choice,
    Code,
    Collected,
    Delete,
    Display,
    Evaluate,
    Fold,
    Item,
    Name,
    Result,
    Return,
    Yield,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reprolint.model.code import Expr, Statement
    from reprolint.model.span import Place
    from reprolint.model.walk import Unit
    from reprolint.project.modules import Project

_NUMBERS: Final = frozenset("random randint randrange getrandbits randbytes integers random_integers bytes uniform".split())
_PICKS: Final = frozenset({"choice", "choices", "sample"})
_ALPHABETS: Final = frozenset("ascii_letters ascii_lowercase ascii_uppercase digits hexdigits octdigits printable letters".split())

_OF_NUMBERS: Final = frozenset("guid nonce port prefix salt session slug suffix uid uuid".split())
"""Words in the name of what takes a number just to be told apart."""
_OF_TEXTS: Final = _OF_NUMBERS | frozenset("basename dir dirname file filename folder id name path run stem tag temp title tmp token".split())
_HOLDERS: Final = frozenset("client experiment job process request run session trace worker".split())
"""Whose `id` is a mere name; a class's or a speaker's is not."""

_TEXTS: Final = frozenset("str hex oct repr chr format".split())
_KEEPS: Final = frozenset("int round abs float list tuple".split())
_REFINES: Final = frozenset("lower upper strip zfill rjust ljust replace decode hex title capitalize tolist item".split())
_FILES: Final = frozenset("open Path PurePath join joinpath with_name with_suffix mkdir makedirs exists isfile isdir remove unlink rename touch rmtree".split())
_LOUD: Final = frozenset("print debug info warning error log write".split())
_MAX_HOPS: Final = 12


@dataclass(frozen=True, slots=True)
class _Made:
    """What became of a draw so far."""

    unit: Unit
    expression: Expr
    text: bool = False
    many: bool = False
    """Several draws in a list, not yet put together."""


def only_names(project: Project, place: Place, *, numbers: bool = True) -> bool:
    """Whether the letters, or the number if `numbers`, that the call at a place draws only end up in names."""
    module = project.modules.get(place.path)
    everything = list(walk.units(place.path, module)) if module is not None else []
    for unit in everything:
        for item in walk.statements(unit.body):
            if isinstance(item, Call) and item.site == place.site and _letters_or_number(item, everything) and (numbers or walk.last_name(item.callee) in _PICKS):
                return _named(_Made(unit, Result(item.number), many=walk.last_name(item.callee) == "choices"), everything, _MAX_HOPS) is True
    return False


def _letters_or_number(item: Call, everything: list[Unit]) -> bool:
    """Whether a call draws one number, or letters."""
    drawn = walk.last_name(item.callee)
    if drawn in _PICKS:
        return bool(item.arguments) and _alphabet(item.arguments[0].value, everything)
    return drawn in _NUMBERS and len(item.arguments) <= (0 if drawn == "random" else 2) and all(one.name != "size" for one in item.arguments)


def _alphabet(expression: Expr, everything: list[Unit]) -> bool:
    """Whether something is drawn from letters."""
    if isinstance(expression, Fold) and expression.op == "+":
        return all(_alphabet(operand, everything) for operand in expression.operands)
    if isinstance(expression, Name):
        given = [item.value for unit in everything for item in walk.statements(unit.body) if isinstance(item, Bind) and item.target == expression and item.value is not None]
        return expression.id in _ALPHABETS or (bool(given) and all(value != expression and not isinstance(value, Name) and _alphabet(value, everything) for value in given))
    if isinstance(expression, Attr):
        return expression.name in _ALPHABETS
    return walk.text(expression) is not None


def _named(made: _Made, everything: list[Unit], hops: int) -> bool | None:
    """True if all that is done with it names something, False if anything else is, None if nothing comes of it."""
    if hops <= 0:
        return False
    found = {_use(made, item, root, everything, hops) for item in walk.statements(made.unit.body) for root in walk.written(item) if made.expression in walk.parts(root)}
    return False if False in found else True if True in found else None


def _use(made: _Made, item: Statement, root: Expr, everything: list[Unit], hops: int) -> bool | None:
    """One use: up through the expression it stands in, and on with what the statement makes of that."""
    if root == made.expression and isinstance(item, Bind) and root is item.target:
        return None
    if not isinstance(item, Call) or root is not item.callee:
        for outer, inner in _around(root, made.expression):
            step = _through(made, outer, inner)
            if not isinstance(step, _Made):
                return step
            made = step
    if isinstance(item, Bind):
        return _bound(made, item, everything, hops) if root is item.value else False
    if isinstance(item, Call):
        return _passed(made, item, root, everything, hops)
    if isinstance(item, Return | Yield):
        return _given_up(made, item, everything, hops)
    return None if isinstance(item, Evaluate | Delete) else False


def _around(root: Expr, target: Expr) -> Iterator[tuple[Expr, Expr]]:
    """The expressions around one, from the inside out, each with the part of it that leads there."""
    for part in walk.inner(root):
        if target in walk.parts(part):
            yield from _around(part, target)
            yield root, part
            return


def _through(made: _Made, outer: Expr, inner: Expr) -> _Made | bool:
    """What an expression makes of its part."""
    if isinstance(outer, Fold):
        return _folded(made, outer)
    if isinstance(outer, Display) and outer.kind == "dict":
        keys = [key for key, value in zip(outer.keys, outer.items, strict=True) if value is inner]
        return bool(keys) and keys[0] is not None and _names(walk.text(keys[0]) or "", made)
    if isinstance(outer, Collected):
        return replace(made, many=True) if outer.element is inner else False
    if isinstance(outer, Attr):
        return replace(made, text=made.text or outer.name == "hex")
    kept = isinstance(outer, Display) or (isinstance(outer, Choice) and inner is not outer.test) or (isinstance(outer, Item) and inner is outer.of)
    return made if kept else False


def _folded(made: _Made, outer: Fold) -> _Made | bool:
    """Text with it in it is text; a sum or a share of it is still a number."""
    if outer.op in {"format", "+", "%"}:
        textual = outer.op == "format" or any(walk.text(part) is not None or (isinstance(part, Fold) and part.op == "format") for part in outer.operands)
        return replace(made, text=made.text or textual)
    return made if outer.op in {"-", "*", "/", "//", "**", "&", "|", "^", "<<", ">>", "and", "or", "neg"} else False


def _bound(made: _Made, item: Bind, everything: list[Unit], hops: int) -> bool | None:
    target = item.target
    if isinstance(target, Attr):
        return not made.many and _names(target.name, made)
    if isinstance(target, Item):
        return not made.many and _names(walk.text(target.key) or "", made)
    if not isinstance(target, Name):
        return False
    if not made.many and _names(target.id, made):
        return True
    if made.unit.function is None or target.id in made.unit.function.outer or _captured(made.unit, target.id):
        return False
    return _named(replace(made, expression=Name(target.id)), everything, hops - 1)


def _captured(unit: Unit, name: str) -> bool:
    """Whether a function inside reads the variable."""
    return any(name in part.function.words for item in walk.statements(unit.body) for part in walk.codes(item)) or any(
        name in inner.words for inner in walk.definitions(unit.body)
    )


def _passed(made: _Made, item: Call, root: Expr, everything: list[Unit], hops: int) -> bool | None:
    """A call that it is handed to, a method of it, or the generator that gives it."""
    last = walk.last_name(item.callee)
    made = replace(made, expression=Result(item.number))
    if root is item.callee:
        kept = isinstance(root, Code) or (isinstance(root, Attr) and last in _REFINES)
        return _named(replace(made, text=made.text or last == "hex"), everything, hops - 1) if kept else False
    argument = next(one for one in item.arguments if one.value is root)
    if argument.name is not None and _names(argument.name, made) and not made.many:
        return True
    if isinstance(item.callee, Attr) and walk.text(item.callee.of) is not None and last in {"join", "format"}:
        return _named(replace(made, text=True, many=False), everything, hops - 1)
    if last in _TEXTS | _KEEPS:
        return _named(replace(made, text=made.text or last in _TEXTS), everything, hops - 1)
    if last in _LOUD:
        return None
    return made.text and not made.many and last in _FILES and argument.name is None


def _given_up(made: _Made, item: Return | Yield, everything: list[Unit], hops: int) -> bool | None:
    """What a function returns is as much a name as its own name says; a generator expression goes on where it stands."""
    function = made.unit.function
    if function is None or isinstance(item, Return):
        return function is not None and not made.many and _names(function.name, made)
    for unit in everything if function.name == "<generator>" else ():
        for around in walk.statements(unit.body):
            for part in walk.codes(around):
                if part.function is function:
                    return _named(replace(made, unit=unit, expression=part, many=True), everything, hops - 1)
    return False


def _names(identifier: str, made: _Made) -> bool:
    """Whether an identifier says that what it holds is a mere name."""
    words = frozenset(word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", identifier))
    return not words.isdisjoint(_OF_TEXTS if made.text else _OF_NUMBERS) or ("id" in words and not words.isdisjoint(_HOLDERS))


__all__ = ["only_names"]
