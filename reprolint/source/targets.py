"""What an assignment writes."""

from typing import Literal

import libcst as cst

from reprolint.model.code import Attr, Bind, Block, Display, Item, Name, Spread, Target
from reprolint.source.dispatch import expression
from reprolint.source.displays import key
from reprolint.source.unit import Unit

_RECEIVED = ".received"
"""Holds what a `for` or `with` gives to a target that has to call something first."""


def target(node: cst.BaseExpression | cst.BaseElement, unit: Unit) -> Target:
    """What an assignment writes; the calls inside it run first."""
    if isinstance(node, cst.Name):
        written = unit.bind(node.value)
        return written if isinstance(written, Name) else Name(node.value)
    if isinstance(node, cst.Tuple | cst.List):
        kind: Literal["tuple", "list"] = "tuple" if isinstance(node, cst.Tuple) else "list"
        return Display(kind, tuple([_part(element, unit) for element in node.elements]))
    if isinstance(node, cst.StarredElement):
        return Spread(target(node.value, unit))
    if isinstance(node, cst.Attribute):
        unit.words.add(node.attr.value)
        return Attr(expression(node.value, unit), node.attr.value)
    item = cst.ensure_type(node, cst.Subscript)
    return Item(expression(item.value, unit), key(item.slice, unit))


def received(node: cst.BaseExpression, unit: Unit) -> tuple[Target, Block]:
    """The target of a `for` or `with`, and what has to run at the start of the body to write it."""
    outer, unit.out = unit.out, []
    written: Target = target(node, unit)
    if unit.out:
        value = Name(_RECEIVED)
        unit.bound.add(_RECEIVED)
        unit.out.append(Bind(written, value, unit.site(node)))
        written = value
    start, unit.out = tuple(unit.out), outer
    return written, start


def _part(element: cst.BaseElement, unit: Unit) -> Target:
    return target(element if isinstance(element, cst.StarredElement) else element.value, unit)
