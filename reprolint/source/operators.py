"""Operators; what Python runs only under a condition stands in a branch."""

from collections.abc import Sequence
from typing import Any, TypeAlias, cast

import libcst as cst

from reprolint.model.code import Block, Branch, Choice, Const, Expr, Fold, Opaque, Statement
from reprolint.source.dispatch import Handler, aside, expression
from reprolint.source.unit import Unit

DEEPEST_CHAIN = 60
"""Longer chains of one operator lose their structure, so that nobody recurses through them."""

_Opened: TypeAlias = tuple[list[Statement], Expr, int]
"""A block that goes on once a branch is closed, the test of the branch, its site."""

BINARY: dict[type[cst.CSTNode], str] = {
    cst.Add: "+",
    cst.AddAssign: "+",
    cst.Subtract: "-",
    cst.SubtractAssign: "-",
    cst.Multiply: "*",
    cst.MultiplyAssign: "*",
    cst.Divide: "/",
    cst.DivideAssign: "/",
    cst.FloorDivide: "//",
    cst.FloorDivideAssign: "//",
    cst.Modulo: "%",
    cst.ModuloAssign: "%",
    cst.Power: "**",
    cst.PowerAssign: "**",
    cst.MatrixMultiply: "@",
    cst.MatrixMultiplyAssign: "@",
    cst.BitAnd: "&",
    cst.BitAndAssign: "&",
    cst.BitOr: "|",
    cst.BitOrAssign: "|",
    cst.BitXor: "^",
    cst.BitXorAssign: "^",
    cst.LeftShift: "<<",
    cst.LeftShiftAssign: "<<",
    cst.RightShift: ">>",
    cst.RightShiftAssign: ">>",
}

_UNARY: dict[type[cst.CSTNode], str] = {cst.Minus: "neg", cst.Plus: "pos", cst.BitInvert: "invert", cst.Not: "not"}

_COMPARED: dict[type[cst.CSTNode], str] = {
    cst.Equal: "==",
    cst.NotEqual: "!=",
    cst.LessThan: "<",
    cst.LessThanEqual: "<=",
    cst.GreaterThan: ">",
    cst.GreaterThanEqual: ">=",
    cst.Is: "is",
    cst.IsNot: "is not",
    cst.In: "in",
    cst.NotIn: "not in",
}


def _unary(node: cst.UnaryOperation, unit: Unit) -> Expr:
    value, op = expression(node.expression, unit), _UNARY[type(node.operator)]
    if op in {"neg", "pos"} and type(value) is Const and type(value.value) in {int, float}:
        number = cast("float", value.value)
        return Const(-number if op == "neg" else number)
    return Fold(op, (value,))


def _binary(node: cst.BinaryOperation, unit: Unit) -> Expr:
    """A chain like `a + b + c` is a tree that leans left: walk it without recursion."""
    chain: list[cst.BinaryOperation] = []
    left: cst.BaseExpression = node
    while type(left) is cst.BinaryOperation:
        chain.append(left)
        left = left.left
    value = expression(left, unit)
    if len(chain) > DEEPEST_CHAIN:
        return Opaque((value, *[expression(link.right, unit) for link in reversed(chain)]))
    for link in reversed(chain):
        value = Fold(BINARY[type(link.operator)], (value, expression(link.right, unit)))
    return value


def _boolean(node: cst.BooleanOperation, unit: Unit) -> Expr:
    """`a or f() or g()`: the calls of an operand stand in a branch on the operands before it."""
    kind = type(node.operator)
    op = "and" if kind is cst.And else "or"
    chain: list[cst.BooleanOperation] = []
    left: cst.BaseExpression = node
    while type(left) is cst.BooleanOperation and type(left.operator) is kind:
        chain.append(left)
        left = left.left
    chain.reverse()
    return _short_circuit(op, left, [(link, link.right) for link in chain], unit)


def _short_circuit(
    op: str, first: cst.BaseExpression, rest: Sequence[tuple[cst.BooleanOperation, cst.BaseExpression]], unit: Unit
) -> Expr:
    values = [expression(first, unit)]
    outer = unit.out
    opened: list[_Opened] = []
    tested, node = 0, first
    for link, operand in rest:
        block, unit.out = unit.out, []
        values.append(expression(operand, unit))
        if unit.out:
            _open(op, opened, (block, _fold(op, values[tested:-1]), unit.site(node)), unit)
            tested, node = len(values) - 1, operand
        else:
            unit.out = block
            node = link
    _close(op, opened, outer, unit)
    return _fold(op, values)


def _open(op: str, opened: list[_Opened], new: _Opened, unit: Unit) -> None:
    """What follows nests in the block of `new`, unless that is too deep: then the block ends at once."""
    if len(opened) < DEEPEST_CHAIN:
        opened.append(new)
        return
    block, test, site = new
    block.append(_guarded(op, test, tuple(unit.out), site))
    unit.out = block


def _close(op: str, opened: list[_Opened], outer: list[Statement], unit: Unit) -> None:
    """Put every block that was opened into the one before it."""
    if opened:
        inner = tuple(unit.out)
        for block, test, site in reversed(opened):
            block.append(_guarded(op, test, inner, site))
            inner = tuple(block)
        unit.out = outer


def _fold(op: str, values: list[Expr]) -> Expr:
    return values[0] if len(values) == 1 else Fold(op, tuple(values))


def _guarded(op: str, test: Expr, block: Block, site: int) -> Branch:
    """`block` runs where `test` did not settle the `and` or `or` already."""
    body, orelse = (block, ()) if op == "and" else ((), block)
    return Branch(test, body, orelse, site, "choice")


def _comparison(node: cst.Comparison, unit: Unit) -> Expr:
    left = expression(node.left, unit)
    first, *rest = node.comparisons
    right = expression(first.comparator, unit)
    result: Expr = Fold(_compared(first.operator), (left, right))
    if not rest:
        return result
    return _compared_on(node, result, right, rest, unit)


def _compared_on(
    node: cst.Comparison, first: Expr, left: Expr, rest: Sequence[cst.ComparisonTarget], unit: Unit
) -> Expr:
    """`a < b < f()`: what comes after the first comparison runs only if it holds."""
    results = [first]
    outer = unit.out
    opened: list[_Opened] = []
    for target in rest:
        block, unit.out = unit.out, []
        right = expression(target.comparator, unit)
        if unit.out:
            _open("and", opened, (block, _fold("and", results[:]), unit.site(node)), unit)
        else:
            unit.out = block
        results.append(Fold(_compared(target.operator), (left, right)))
        left = right
    _close("and", opened, outer, unit)
    return Fold("and", tuple(results))


def _compared(operator: cst.BaseCompOp) -> str:
    return _COMPARED[type(operator)]


def _choice(node: cst.IfExp, unit: Unit) -> Expr:
    test = expression(node.test, unit)
    then, body = aside(node.body, unit)
    other, orelse = aside(node.orelse, unit)
    if body or orelse:
        unit.out.append(Branch(test, body, orelse, unit.site(node.test), "choice"))
    return Choice(test, then, other)


HANDLERS: dict[type[Any], Handler] = {
    cst.BinaryOperation: _binary,
    cst.UnaryOperation: _unary,
    cst.BooleanOperation: _boolean,
    cst.Comparison: _comparison,
    cst.IfExp: _choice,
}
