"""Statements: parser nodes become blocks of `Statement`s in execution order."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal, TypeAlias, cast

import libcst as cst

from reprolint.model.code import (
    Bind,
    Block,
    Branch,
    Class,
    Const,
    Define,
    Delete,
    Display,
    Evaluate,
    Expr,
    Fold,
    Function,
    Handler,
    Import,
    Jump,
    Loop,
    Name,
    Opaque,
    Raise,
    Return,
    Statement,
    Target,
    Try,
    With,
)
from reprolint.source.calls import arguments, call
from reprolint.source.expressions import aside, expression
from reprolint.source.functions import parameters
from reprolint.source.operators import BINARY
from reprolint.source.patterns import pattern
from reprolint.source.targets import received, target
from reprolint.source.unit import Unit

LONGEST_CHAIN = 60
"""Arms of an `if … elif` that nest."""

_Arm: TypeAlias = tuple[list[Statement], Expr, Block, int]
"""What runs before a test, the test, the body, and the site of the test."""


def walk(nodes: Iterable[cst.CSTNode], unit: Unit) -> None:
    """Append what `nodes` do to the block that the unit is writing."""
    for node in nodes:
        handler = _STATEMENTS.get(type(node))
        if handler:
            handler(node, unit)


def block(suite: cst.BaseSuite | cst.Else | cst.Finally | None, unit: Unit, start: Sequence[Statement] = ()) -> Block:
    """The statements of a suite, after `start`."""
    if suite is None:
        return tuple(start)
    outer, unit.out = unit.out, list(start)
    body: Any = suite.body
    walk(body if isinstance(body, list | tuple) else body.body, unit)
    made, unit.out = tuple(unit.out), outer
    return made


def _line(node: cst.SimpleStatementLine, unit: Unit) -> None:
    walk(node.body, unit)


# -- simple statements ---------------------------------------------------------------------------------------------


def _expr(node: cst.Expr, unit: Unit) -> None:
    inside = node.value
    while type(inside) is cst.Await:
        inside = inside.expression
    if type(inside) is cst.Call:
        call(inside, unit, loose=True)
        return
    value = expression(inside, unit)
    if type(value) is Const or (type(value) is Opaque and not value.parts):
        return
    unit.out.append(Evaluate(value, unit.site(node)))


def _assign(node: cst.Assign, unit: Unit) -> None:
    value = expression(node.value, unit)
    site = unit.site(node)
    for written in node.targets:
        where = target(written.target, unit)
        unit.out.append(Bind(where, value, site))


def _annotated(node: cst.AnnAssign, unit: Unit) -> None:
    value = None if node.value is None else expression(node.value, unit)
    where = target(node.target, unit)
    annotation = _annotation(node.annotation.annotation, unit)
    unit.out.append(Bind(where, value, unit.site(node), annotation))


def _annotation(node: cst.BaseExpression, unit: Unit) -> Expr:
    """Python does not run the annotations of a function's variables."""
    if unit.kind != "function":
        return expression(node, unit)
    calls = unit.calls
    annotation, dropped = aside(node, unit)
    unit.calls = calls
    return Opaque() if dropped else annotation


def _augmented(node: cst.AugAssign, unit: Unit) -> None:
    where = target(node.target, unit)
    value = expression(node.value, unit)
    total = Fold(BINARY[type(node.operator)], (where, value))
    unit.out.append(Bind(where, total, unit.site(node), augmented=True))


def _return(node: cst.Return, unit: Unit) -> None:
    value = None if node.value is None else expression(node.value, unit)
    unit.out.append(Return(value, unit.site(node)))


def _raise(node: cst.Raise, unit: Unit) -> None:
    value = None if node.exc is None else expression(node.exc, unit)
    if node.cause is not None:
        expression(node.cause.item, unit)
    unit.out.append(Raise(value, unit.site(node)))


def _assert(node: cst.Assert, unit: Unit) -> None:
    test = expression(node.test, unit)
    site = unit.site(node.test)
    failing = aside(node.msg, unit)[1] if node.msg else ()
    raised = Raise(Name("AssertionError"), unit.site(node))
    unit.out.append(Branch(test, (), (*failing, raised), site, "assert"))


def _delete(node: cst.Del, unit: Unit) -> None:
    unit.out.append(Delete(_parts(target(node.target, unit)), unit.site(node)))


def _parts(written: Target) -> tuple[Target, ...]:
    if not isinstance(written, Display):
        return (written,)
    return tuple(part for item in written.items for part in _parts(cast("Target", item)))


def _outer(node: cst.Global | cst.Nonlocal, unit: Unit) -> None:
    names = [item.name.value for item in node.names]
    unit.words.update(names)
    unit.outer.update(names)


def _jump(node: cst.Break | cst.Continue, unit: Unit) -> None:
    unit.out.append(Jump("break" if isinstance(node, cst.Break) else "continue"))


def _type_alias(node: cst.TypeAlias, unit: Unit) -> None:
    unit.bind(node.name.value)


# -- imports -------------------------------------------------------------------------------------------------------


def _import(node: cst.Import, unit: Unit) -> None:
    site = unit.site(node)
    for alias in node.names:
        module = _dotted(alias.name)
        bound = _alias(alias)
        _imported(Import(module, 0, None, bound or module.partition(".")[0], bound is not None, site), unit)


def _import_from(node: cst.ImportFrom, unit: Unit) -> None:
    site = unit.site(node)
    module = _dotted(node.module) if node.module else ""
    level = len(node.relative)
    if isinstance(node.names, cst.ImportStar):
        _imported(Import(module, level, "*", "", whole=False, site=site), unit)
        return
    for alias in node.names:
        name = _dotted(alias.name)
        _imported(Import(module, level, name, _alias(alias) or name, whole=False, site=site), unit)


def _imported(statement: Import, unit: Unit) -> None:
    unit.words.update(statement.module.split("."))
    unit.words.discard("")
    if statement.name and statement.name != "*":
        unit.words.add(statement.name)
    if statement.bound:
        unit.bind(statement.bound)
    unit.out.append(statement)
    unit.walk.imports.append(statement)


def _dotted(node: cst.BaseExpression) -> str:
    parts: list[str] = []
    while type(node) is cst.Attribute:
        parts.append(node.attr.value)
        node = node.value
    parts.append(cst.ensure_type(node, cst.Name).value)
    return ".".join(reversed(parts))


def _alias(node: cst.ImportAlias) -> str | None:
    return cst.ensure_type(node.asname.name, cst.Name).value if node.asname else None


# -- branches and loops --------------------------------------------------------------------------------------------


def _if(node: cst.If, unit: Unit) -> None:
    """`elif` is an `if` in the `else`; long chains are common, so no recursion."""
    outer = unit.out
    opened: list[_Arm] = []
    rest: cst.If | cst.Else | None = node
    while type(rest) is cst.If:
        if opened:
            unit.out = []
        test = expression(rest.test, unit)
        site = unit.site(rest.test)
        opened.append((unit.out, test, block(rest.body, unit), site))
        rest = rest.orelse
    orelse = block(cast("cst.Else | None", rest), unit)
    unit.out = outer
    _chain(opened, orelse, "if")


def _chain(arms: list[_Arm], orelse: Block, kind: Literal["if", "case"]) -> None:
    """Every arm is the `else` of the one before; a chain that is too long goes on flat, as so many single tests."""
    if len(arms) > LONGEST_CHAIN:
        flat: list[Statement] = []
        for out, test, body, site in arms[LONGEST_CHAIN:]:
            flat += [*out, Branch(test, body, (), site, kind)]
        orelse = (*flat, Branch(Opaque(), orelse, (), arms[-1][3], kind)) if orelse else tuple(flat)
    for at, (out, test, body, site) in reversed(list(enumerate(arms[:LONGEST_CHAIN]))):
        out.append(Branch(test, body, orelse, site, kind))
        orelse = tuple(out) if at else ()


def _while(node: cst.While, unit: Unit) -> None:
    test, head = aside(node.test, unit)
    site = unit.site(node.test)
    body = block(node.body, unit)
    unit.out.append(Loop(None, None, head, test, body, block(node.orelse, unit), site, "while"))


def _for(node: cst.For, unit: Unit) -> None:
    iterable = expression(node.iter, unit)
    site = unit.site(node.iter)
    written, start = received(node.target, unit)
    body = block(node.body, unit, start)
    unit.out.append(Loop(written, iterable, (), None, body, block(node.orelse, unit), site))


def _match(node: cst.Match, unit: Unit) -> None:
    subject = expression(node.subject, unit)
    outer = unit.out
    opened: list[_Arm] = []
    orelse: Block = ()
    for case in node.cases:
        if opened:
            unit.out = []
        test, body, site = _case(case, subject, unit)
        if test is None:
            unit.out += body
            orelse = tuple(unit.out) if opened else ()
            break
        opened.append((unit.out, test, body, site))
    unit.out = outer
    _chain(opened, orelse, "case")


def _case(case: cst.MatchCase, subject: Expr, unit: Unit) -> tuple[Expr | None, Block, int]:
    """Its test (None: it always holds) and body; captures are bound before a guard, which may read them."""
    matched = pattern(case.pattern, subject, unit)
    site = unit.site(case.pattern)
    binds = [Bind(captured, value, site) for captured, value in matched.captures]
    if case.guard is None:
        return matched.test, block(case.body, unit, binds), site
    unit.out += binds
    guard, needed = aside(case.guard, unit)
    if matched.test is None:
        unit.out += needed
        return guard, block(case.body, unit), site
    if needed:
        unit.out.append(Branch(matched.test, needed, (), site, "choice"))
    return Fold("and", (matched.test, guard)), block(case.body, unit), site


# -- with, try -----------------------------------------------------------------------------------------------------


def _with(node: cst.With, unit: Unit) -> None:
    outer = unit.out
    opened: list[tuple[list[Statement], Expr, Target | None, int]] = []
    for item in node.items:
        context = expression(item.item, unit)
        site = unit.site(item.item)
        written, start = received(item.asname.name, unit) if item.asname else (None, ())
        opened.append((unit.out, context, written, site))
        unit.out = list(start)
    body = block(node.body, unit, unit.out)
    for out, context, written, site in reversed(opened):
        out.append(With(context, written, body, site))
        body = tuple(out) if out is not outer else ()
    unit.out = outer


def _try(node: cst.Try | cst.TryStar, unit: Unit) -> None:
    body = block(node.body, unit)
    handlers = tuple(_handler(handler, unit) for handler in node.handlers)
    orelse = block(node.orelse, unit)
    final = block(node.finalbody, unit)
    unit.out.append(Try(body, handlers, orelse, final, unit.site(node)))


def _handler(node: cst.ExceptHandler | cst.ExceptStarHandler, unit: Unit) -> Handler:
    caught, start = aside(node.type, unit) if node.type else (None, ())
    name = None
    if node.name:
        name = cst.ensure_type(node.name.name, cst.Name).value
        unit.bind(name)
    body = block(node.body, unit, start)
    if start:
        caught = Opaque()  # its calls run too late to be referred to
    types = () if caught is None else caught.items if isinstance(caught, Display) else (caught,)
    return Handler(types, name, body, unit.site(node.type or node))


# -- definitions ---------------------------------------------------------------------------------------------------


def _function(node: cst.FunctionDef, unit: Unit) -> None:
    name = node.name.value
    inner = Unit(unit.walk, "function", unit, name)
    decorators = _decorators(node, unit)
    taken = parameters(node.params, unit, inner)
    unit.bind(name)
    site = unit.site(node.name)
    walk(cast("Sequence[cst.CSTNode]", node.body.body), inner)
    definition = Function(
        name=name,
        qualname=inner.qualname,
        parameters=taken,
        decorators=decorators,
        body=tuple(inner.out),
        site=site,
        generator=inner.generator,
        coroutine=node.asynchronous is not None,
        variables=inner.variables(),
        outer=tuple(sorted(inner.outer)),
        words=inner.close(),
    )
    _define(definition, unit)


def _decorators(node: cst.FunctionDef | cst.ClassDef, unit: Unit) -> tuple[Expr, ...]:
    return tuple([expression(decorator.decorator, unit) for decorator in node.decorators])


def _class(node: cst.ClassDef, unit: Unit) -> None:
    name = node.name.value
    decorators = _decorators(node, unit)
    bases = arguments((*node.bases, *node.keywords), unit)
    unit.bind(name)
    site = unit.site(node.name)
    inner = Unit(unit.walk, "class", unit, name)
    walk(cast("Sequence[cst.CSTNode]", node.body.body), inner)
    definition = Class(name, inner.qualname, bases, decorators, tuple(inner.out), site, inner.close())
    _define(definition, unit)


def _define(definition: Function | Class, unit: Unit) -> None:
    unit.walk.definitions.append((definition.site, len(unit.nodes) - 1, definition.qualname))
    unit.out.append(Define(definition, definition.site))


_STATEMENTS: dict[type[Any], Callable[[Any, Unit], None]] = {
    cst.SimpleStatementLine: _line,
    cst.Expr: _expr,
    cst.Assign: _assign,
    cst.AnnAssign: _annotated,
    cst.AugAssign: _augmented,
    cst.Return: _return,
    cst.Raise: _raise,
    cst.Assert: _assert,
    cst.Del: _delete,
    cst.Global: _outer,
    cst.Nonlocal: _outer,
    cst.Break: _jump,
    cst.Continue: _jump,
    cst.TypeAlias: _type_alias,
    cst.Import: _import,
    cst.ImportFrom: _import_from,
    cst.If: _if,
    cst.While: _while,
    cst.For: _for,
    cst.Match: _match,
    cst.With: _with,
    cst.Try: _try,
    cst.TryStar: _try,
    cst.FunctionDef: _function,
    cst.ClassDef: _class,
}
for _type, _handle in (("LazyImport", _import), ("LazyImportFrom", _import_from)):
    if hasattr(cst, _type):  # newer than the oldest libcst that is supported
        _STATEMENTS[getattr(cst, _type)] = _handle
