"""Calls, and what else runs inside an expression: `await`, `yield`, `:=`."""

from collections.abc import Sequence
from typing import Any

import libcst as cst

from reprolint.model.code import Argument, Bind, Call, Expr, Opaque, Result, Yield
from reprolint.source.dispatch import Handler, expression, optional
from reprolint.source.targets import target
from reprolint.source.unit import Unit

_NOTHING = Opaque()


def call(node: cst.Call, unit: Unit, *, loose: bool = False) -> Result:
    callee = expression(node.func, unit)
    return emit(callee, arguments(node.args, unit), node, unit, loose=loose)


def emit(callee: Expr, given: tuple[Argument, ...], node: cst.CSTNode, unit: Unit, *, loose: bool) -> Result:
    number, result = unit.result()
    unit.out.append(Call(number, callee, given, unit.site(node), loose))
    return result


def arguments(nodes: Sequence[cst.Arg], unit: Unit) -> tuple[Argument, ...]:
    """Python runs `*b()` before `x=a()` even where it stands behind it."""
    if _in_order(nodes):
        return tuple([_argument(node, unit) for node in nodes])
    order = sorted(range(len(nodes)), key=lambda at: nodes[at].keyword is not None or nodes[at].star == "**")
    given = {at: _argument(nodes[at], unit) for at in order}
    return tuple([given[at] for at in range(len(nodes))])


def _in_order(nodes: Sequence[cst.Arg]) -> bool:
    named = False
    for node in nodes:
        if node.keyword is not None:
            named = True
        elif named and node.star == "*":
            return False
    return True


def _argument(node: cst.Arg, unit: Unit) -> Argument:
    value = expression(node.value, unit)
    if node.keyword is None:
        return Argument(value, None, len(node.star))
    name = node.keyword.value
    unit.words.add(name)
    return Argument(value, name)


def _await(node: cst.Await, unit: Unit) -> Expr:
    return expression(node.expression, unit)


def _yield(node: cst.Yield, unit: Unit) -> Expr:
    unit.generator = True
    inside: Any = node.value
    each = type(inside) is cst.From
    value = optional(inside.item if each else inside, unit)
    unit.out.append(Yield(value, each, unit.site(node)))
    return _NOTHING


def _walrus(node: cst.NamedExpr, unit: Unit) -> Expr:
    value = expression(node.value, unit)
    written = target(node.target, unit)
    if isinstance(node.target, cst.Name):
        _hand_out(node.target.value, unit)
    unit.out.append(Bind(written, value, unit.site(node)))
    return written


def _hand_out(name: str, unit: Unit) -> None:
    """A walrus in a generator expression writes a variable of the function around it."""
    while unit.kind == "generator" and unit.parent:
        unit.outer.add(name)
        unit = unit.parent
        unit.bound.add(name)


HANDLERS: dict[type[Any], Handler] = {
    cst.Call: call,
    cst.Await: _await,
    cst.Yield: _yield,
    cst.NamedExpr: _walrus,
}
