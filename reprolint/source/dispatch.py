"""A parser node becomes an `Expr`, by its type; its calls become statements in the order Python runs them."""

from collections.abc import Callable
from typing import Any, TypeAlias

import libcst as cst

from reprolint.model.code import Block, Expr, Opaque
from reprolint.source.unit import Unit

Handler: TypeAlias = Callable[[Any, Unit], Expr]

EXPRESSIONS: dict[type[Any], Handler] = {}
"""Filled by `expressions`."""

_NOTHING = Opaque()


def expression(node: cst.BaseExpression, unit: Unit) -> Expr:
    """What `node` evaluates to; its calls are appended to the block that the unit is writing."""
    handler = EXPRESSIONS.get(type(node))
    return handler(node, unit) if handler else _NOTHING


def optional(node: cst.BaseExpression | None, unit: Unit) -> Expr | None:
    return None if node is None else expression(node, unit)


def aside(node: cst.BaseExpression, unit: Unit) -> tuple[Expr, Block]:
    """An expression, and apart from the current block what has to run for it."""
    outer, unit.out = unit.out, []
    value = expression(node, unit)
    block, unit.out = tuple(unit.out), outer
    return value, block
