"""Blocks of code → every statement, expression and function in them, and the dotted names that they mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

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
    Return,
    Slice,
    Spread,
    Try,
    With,
    Yield,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from reprolint.model.code import Block, Expr, Module, Statement


def statements(block: Block) -> Iterator[Statement]:
    """The statements of a block and of the blocks inside, in order; not those of definitions."""
    for item in block:
        yield item
        for inner in inner_blocks(item):
            yield from statements(inner)


def inner_blocks(item: object) -> tuple[Block, ...]:
    """The blocks nested in a statement, not those of the definitions in it."""
    found = _BLOCKS.get(type(item))
    return found(item) if found is not None else ()


_BLOCKS: Final[dict[type, Callable[[Any], tuple[Block, ...]]]] = {
    Branch: lambda item: (item.body, item.orelse),
    Loop: lambda item: (item.head, item.body, item.orelse),
    Try: lambda item: (item.body, *(handler.body for handler in item.handlers), item.orelse, item.final),
    With: lambda item: (item.body,),
}


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


def definitions(block: Block) -> Iterator[Function | Class]:
    """The functions and classes defined in a block, those inside others too; not lambdas."""
    for item in statements(block):
        if isinstance(item, Define):
            yield item.definition
            yield from definitions(item.definition.body)


def deep(block: Block) -> Iterator[Statement]:
    """The statements of a block, of the blocks inside, and of the definitions and lambdas in it."""
    for item in statements(block):
        yield item
        if isinstance(item, Define):
            yield from deep(item.definition.body)
        for part in codes(item):
            yield from deep(part.function.body)


def codes(item: Statement) -> list[Code]:
    """The lambdas and generator expressions in a statement."""
    found: list[Code] = []
    stack = [*reversed(written(item))]
    while stack:
        expression = stack.pop()
        if isinstance(expression, Code):
            found.append(expression)
        elif (inside := _INNER.get(type(expression))) is not None:
            stack.extend(reversed(inside(expression)))
    return found


def written(item: Statement) -> tuple[Expr, ...]:
    """The expressions that stand in a statement itself, targets among them."""
    found = _WRITTEN.get(type(item))
    return found(item) if found is not None else ()


def _defined(definition: Function | Class) -> tuple[Expr, ...]:
    if isinstance(definition, Class):
        return (*definition.decorators, *(argument.value for argument in definition.bases))
    return (*definition.decorators, *(one.default for one in definition.parameters if one.default is not None))


def parts(expression: Expr) -> Iterator[Expr]:
    """An expression and everything in it."""
    stack = [expression]
    while stack:
        found = stack.pop()
        yield found
        inside = _INNER.get(type(found))
        if inside is not None:
            stack.extend(reversed(inside(found)))


def inner(expression: Expr) -> tuple[Expr, ...]:
    """The expressions directly inside one."""
    inside = _INNER.get(type(expression))
    return inside(expression) if inside is not None else ()


def _present(*expressions: Expr | None) -> tuple[Expr, ...]:
    return tuple(expression for expression in expressions if expression is not None)


_WRITTEN: Final[dict[type, Callable[[Any], tuple[Expr, ...]]]] = {
    Call: lambda item: (item.callee, *[argument.value for argument in item.arguments]),
    Bind: lambda item: (item.target, item.value) if item.value is not None else (),
    Branch: lambda item: (item.test,),
    Loop: lambda item: _present(item.target, item.iterable, item.test),
    With: lambda item: _present(item.context, item.target),
    Evaluate: lambda item: (item.value,),
    Return: lambda item: _present(item.value),
    Yield: lambda item: _present(item.value),
    Raise: lambda item: _present(item.value),
    Define: lambda item: _defined(item.definition),
    Delete: lambda item: tuple(item.targets),
}
_INNER: Final[dict[type, Callable[[Any], tuple[Expr, ...]]]] = {
    Attr: lambda of: (of.of,),
    Spread: lambda of: (of.of,),
    Item: lambda of: (of.of, of.key),
    Display: lambda of: (*of.items, *_present(*of.keys)),
    Fold: lambda of: of.operands,
    Choice: lambda of: (of.test, of.then, of.other),
    Collected: lambda of: (*_present(of.element, of.key), *of.iterables),
    Opaque: lambda of: of.parts,
    Slice: lambda of: _present(of.lower, of.upper, of.step),
}


def around(block: Block, site: int) -> list[tuple[Branch, bool]]:
    """The tests that a statement stands under or after the way out of, each with whether it is in the first arm."""
    passed: list[tuple[Branch, bool]] = []
    for item in block:
        if getattr(item, "site", None) == site and not isinstance(item, Branch):
            return passed
        bodies = (item.definition.body,) if isinstance(item, Define) else ()
        for number, inside in enumerate((*inner_blocks(item), *bodies)):
            if any(getattr(found, "site", None) == site for found in deep(inside)):
                found = around(inside, site)
                own = [(item, number == 0)] if isinstance(item, Branch) else []
                return [*(passed if not isinstance(item, Define) else ()), *own, *found]
        if isinstance(item, Branch) and item.body and isinstance(item.body[-1], Return | Raise):
            passed.append((item, False))
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
    for found in module.imports:
        if found.level or found.name == "*":
            continue
        if found.name is not None:
            names.setdefault(found.bound, f"{found.module}.{found.name}")
        else:
            names.setdefault(found.bound, found.module if found.whole else found.module.partition(".")[0])
    for item in statements(module.body):
        if isinstance(item, Bind) and isinstance(item.target, Name) and isinstance(item.value, Attr):
            meant = dotted(item.value, names)
            if meant:
                names.setdefault(item.target.id, meant)
    return names


def dotted(expression: Expr | None, names: dict[str, str]) -> str:
    """The library name that an expression means, or nothing."""
    if isinstance(expression, Name):
        return names.get(expression.id, "")
    if isinstance(expression, Attr):
        owner = dotted(expression.of, names)
        return f"{owner}.{expression.name}" if owner else ""
    return ""


__all__ = ["Import", "deep", "dotted", "inner", "inner_blocks", "library_names", "parts", "statements", "text", "units", "written"]
