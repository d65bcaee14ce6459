"""What an assignment writes."""

from typing import Literal, cast

import libcst as cst

from reprolint.model.code import Attr, Bind, Block, Display, Item, Name, Spread, Target
from reprolint.source.dispatch import expression
from reprolint.source.displays import key
from reprolint.source.unit import Unit

_RECEIVED = ".received"
"""Holds what a `for` or `with` gives to a target that has to call something first."""


def target(node: cst.BaseExpression | cst.BaseElement, unit: Unit) -> Target:
    """What an assignment writes; the calls inside it run first."""
    if type(node) is cst.Name:
        written = unit.bind(node.value)
        return written if isinstance(written, Name) else Name(node.value)
    if type(node) is cst.Tuple or type(node) is cst.List:
        kind: Literal["tuple", "list"] = "tuple" if type(node) is cst.Tuple else "list"
        return Display(kind, tuple([_part(element, unit) for element in node.elements]))
    if type(node) is cst.StarredElement:
        return Spread(target(node.value, unit))
    if type(node) is cst.Attribute:
        unit.words.add(node.attr.value)
        return Attr(expression(node.value, unit), node.attr.value)
    item = cast("cst.Subscript", node)
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
    return target(element if type(element) is cst.StarredElement else element.value, unit)
