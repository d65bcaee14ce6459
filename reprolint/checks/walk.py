"""Blocks of code → every statement, expression and function in them, and the dotted names that they mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from reprolint.model.code import (
    Attr,
    Bind,
    Branch,
    Call,
    Choice,
    Class,
    Code,
    Collected,
    Const,
    Define,
    Delete,
    Display,
    Evaluate,
    Fold,
    Function,
    Import,
    Item,
    Loop,
    Name,
    Opaque,
    Raise,
    Result,
    Return,
    Slice,
    Spread,
    Try,
    With,
    Yield,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reprolint.model.code import Block, Expr, Module, Statement


@dataclass(frozen=True, slots=True)
class Unit:
    """A body of code with a numbering of calls of its own."""

    path: str
    body: Block
    function: Function | None = None
    owner: Class | None = None
    """The class whose method it is."""


def units(path: str, module: Module) -> Iterator[Unit]:
    """The module's own body and every function, class body and lambda in it."""
    yield from _units(Unit(path, module.body))


def _units(unit: Unit) -> Iterator[Unit]:
    yield unit
    for item in statements(unit.body):
        if isinstance(item, Define):
            inner = item.definition
            if isinstance(inner, Function):
                owner = unit.owner if unit.function is None else None
                yield from _units(Unit(unit.path, inner.body, inner, owner))
            else:
                yield from _units(Unit(unit.path, inner.body, None, inner))
        for part in codes(item):
            yield from _units(Unit(unit.path, part.function.body, part.function))


def inner_blocks(item: Statement) -> tuple[Block, ...]:
    """The blocks inside a statement, not those of definitions."""
    if isinstance(item, Branch):
        return (item.body, item.orelse)
    if isinstance(item, Loop):
        return (item.head, item.body, item.orelse)
    if isinstance(item, Try):
        return (item.body, *(handler.body for handler in item.handlers), item.orelse, item.final)
    return (item.body,) if isinstance(item, With) else ()


def statements(block: Block) -> Iterator[Statement]:
    """The statements of a block and of the blocks inside, in order; not those of definitions."""
    for item in block:
        yield item
        for inner in inner_blocks(item):
            yield from statements(inner)


def deep(block: Block) -> Iterator[Statement]:
    """The statements of a block, of the blocks inside, and of the definitions and lambdas in it."""
    for item in statements(block):
        yield item
        if isinstance(item, Define):
            yield from deep(item.definition.body)
        for part in codes(item):
            yield from deep(part.function.body)


def codes(item: Statement) -> Iterator[Code]:
    """The lambdas and generator expressions in a statement."""
    for expression in written(item):
        if isinstance(expression, Code):
            yield expression
        elif not isinstance(expression, Name | Const | Result):
            yield from (part for part in parts(expression) if isinstance(part, Code))


def written(item: Statement) -> tuple[Expr, ...]:  # noqa: PLR0911
    """The expressions that stand in a statement itself, targets among them."""
    if isinstance(item, Call):
        return (item.callee, *(argument.value for argument in item.arguments))
    if isinstance(item, Bind):
        return (item.target, item.value) if item.value is not None else ()
    if isinstance(item, Branch):
        return (item.test,)
    if isinstance(item, Loop):
        return tuple(part for part in (item.target, item.iterable, item.test) if part is not None)
    if isinstance(item, With):
        return (item.context, item.target) if item.target is not None else (item.context,)
    if isinstance(item, Evaluate):
        return (item.value,)
    if isinstance(item, Return | Yield | Raise):
        return (item.value,) if item.value is not None else ()
    if isinstance(item, Define):
        return _defined(item.definition)
    return tuple(item.targets) if isinstance(item, Delete) else ()


def _defined(definition: Function | Class) -> tuple[Expr, ...]:
    if isinstance(definition, Class):
        return (*definition.decorators, *(argument.value for argument in definition.bases))
    return (*definition.decorators, *(one.default for one in definition.parameters if one.default is not None))


def parts(expression: Expr) -> Iterator[Expr]:
    """An expression and everything in it."""
    stack: list[Expr] = [expression]
    while stack:
        found = stack.pop()
        yield found
        stack.extend(reversed(inner(found)))


def inner(expression: Expr) -> tuple[Expr, ...]:  # noqa: PLR0911
    """The expressions directly inside one."""
    if isinstance(expression, Attr | Spread):
        return (expression.of,)
    if isinstance(expression, Item):
        return (expression.of, expression.key)
    if isinstance(expression, Display):
        return (*expression.items, *(key for key in expression.keys if key is not None))
    if isinstance(expression, Fold):
        return expression.operands
    if isinstance(expression, Choice):
        return (expression.test, expression.then, expression.other)
    if isinstance(expression, Collected):
        return (expression.element, *((expression.key,) if expression.key is not None else ()), *expression.iterables)
    if isinstance(expression, Opaque):
        return expression.parts
    if isinstance(expression, Slice):
        return tuple(part for part in (expression.lower, expression.upper, expression.step) if part is not None)
    return ()


def around(block: Block, site: int) -> list[tuple[Branch, bool]]:
    """The tests under which a statement stands, outermost first, each with whether it is in the first arm."""
    for item in block:
        if getattr(item, "site", None) == site and not isinstance(item, Branch):
            return []
        bodies = (item.definition.body,) if isinstance(item, Define) else ()
        for number, inside in enumerate((*inner_blocks(item), *bodies)):
            if any(getattr(found, "site", None) == site for found in deep(inside)):
                found = around(inside, site)
                return [(item, number == 0), *found] if isinstance(item, Branch) else found
    return []


_OPTIONS: Final = frozenset({"args", "cfg", "conf", "config", "flags", "hparams", "opt", "options", "opts", "params"})
_CHOICES: Final = ("bench", "determin", "resum")
"""Names, and parts of names, that say that the user decides."""


def asks(test: Branch) -> bool:
    """Whether a test reads what looks like the user's choice."""
    names = [part.name if isinstance(part, Attr) else part.id for part in parts(test.test) if isinstance(part, Attr | Name)]
    return any(name.lower() in _OPTIONS or any(part in name.lower() for part in _CHOICES) for name in names)


def last_name(callee: Expr) -> str:
    """`f` of `f`, `a.f` and `a.b.f`."""
    if isinstance(callee, Attr):
        return callee.name
    return callee.id if isinstance(callee, Name) else ""


def text(expression: Expr) -> str | None:
    """The text of a literal."""
    return expression.value if isinstance(expression, Const) and isinstance(expression.value, str) else None


def library_names(module: Module) -> dict[str, str]:
    """Variables of a module that stand for something of a library: imports, and other names given to them."""
    names: dict[str, str] = {}
    for item in module.imports:
        if item.level or item.name == "*":
            continue
        if item.name is not None:
            names.setdefault(item.bound, f"{item.module}.{item.name}")
        else:
            names.setdefault(item.bound, item.module if item.whole else item.module.partition(".")[0])
    for item in statements(module.body):
        if isinstance(item, Bind) and isinstance(item.target, Name) and isinstance(item.value, Attr):
            found = dotted(item.value, names)
            if found:
                names.setdefault(item.target.id, found)
    return names


def dotted(expression: Expr | None, names: dict[str, str]) -> str:
    """The library name that an expression means, or nothing."""
    if isinstance(expression, Name):
        return names.get(expression.id, "")
    if isinstance(expression, Attr):
        owner = dotted(expression.of, names)
        return f"{owner}.{expression.name}" if owner else ""
    return ""


__all__ = ["Import", "deep", "dotted", "inner", "library_names", "parts", "statements", "text", "units", "written"]
