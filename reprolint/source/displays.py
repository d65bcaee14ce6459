"""Names, literals, displays, items and attributes."""

from collections.abc import Callable, Sequence
from typing import Any, Literal, cast

import libcst as cst

from reprolint.model.code import Attr, Display, Expr, Item, Name, Opaque, Slice, Spread
from reprolint.source import literals
from reprolint.source.dispatch import Handler, expression, optional
from reprolint.source.unit import Unit, read


def _name(node: cst.Name, unit: Unit) -> Expr:
    value = node.value
    return unit.names.get(value) or read(value, unit)


def _attribute(node: cst.Attribute, unit: Unit) -> Expr:
    of, name = expression(node.value, unit), node.attr.value
    if type(of) is not Name:
        unit.words.add(name)
        return Attr(of, name)
    found = unit.attributes.get((of.id, name))
    if found is None:
        unit.words.add(name)
        found = unit.attributes[of.id, name] = Attr(of, name)
    return found


def _subscript(node: cst.Subscript, unit: Unit) -> Expr:
    return Item(expression(node.value, unit), key(node.slice, unit))


def key(elements: Sequence[cst.SubscriptElement], unit: Unit) -> Expr:
    parts = tuple(_slice(element.slice, unit) for element in elements)
    alone = len(parts) == 1 and type(elements[0].comma) is not cst.Comma and type(parts[0]) is not Spread
    return parts[0] if alone else Display("tuple", parts)


def _slice(node: cst.BaseSlice, unit: Unit) -> Expr:
    if type(node) is cst.Slice:
        return Slice(optional(node.lower, unit), optional(node.upper, unit), optional(node.step, unit))
    index = cast("cst.Index", node)
    value = expression(index.value, unit)
    return Spread(value) if index.star else value


def _literal(decode: Callable[[str], Expr]) -> Callable[[Any, Unit], Expr]:
    def literal(node: Any, unit: Unit) -> Expr:
        source = node.value
        found = unit.literals.get(source)
        if found is None:
            found = unit.literals[source] = decode(source)
        return found

    return literal


def _concatenated(node: cst.ConcatenatedString, unit: Unit) -> Expr:
    parts: list[Expr] = []
    formatted = False
    rest: cst.BaseExpression = node
    while True:
        piece: cst.BaseExpression = rest.left if isinstance(rest, cst.ConcatenatedString) else rest
        if isinstance(piece, cst.FormattedString):
            formatted = True
            parts += _formatted_parts(piece, unit)
        else:
            parts.append(expression(piece, unit))
        if not isinstance(rest, cst.ConcatenatedString):
            return literals.joined(parts, formatted=formatted)
        rest = rest.right


def _formatted(node: cst.FormattedString, unit: Unit) -> Expr:
    return literals.joined(_formatted_parts(node, unit), formatted=True)


def _formatted_parts(node: cst.FormattedString, unit: Unit) -> list[Expr]:
    raw = "r" in node.start.lower()
    return [_formatted_part(part, unit, raw=raw) for part in node.parts]


def _formatted_part(part: cst.BaseFormattedStringContent, unit: Unit, *, raw: bool) -> Expr:
    """A replaced part with a conversion or a format is opaque: its text is not that of its value."""
    if type(part) is cst.FormattedStringText:
        return literals.text(part.value.replace("{{", "{").replace("}}", "}"), raw=raw)
    replaced = cast("cst.FormattedStringExpression", part)
    value = expression(replaced.expression, unit)
    if replaced.conversion is None and replaced.format_spec is None and replaced.equal is None:
        return value
    return Opaque((value, *(_formatted_part(spec, unit, raw=raw) for spec in replaced.format_spec or ())))


def _template(node: Any, unit: Unit) -> Expr:
    inside = [part.expression for part in node.parts if hasattr(part, "expression")]
    return Opaque(tuple(expression(part, unit) for part in inside))


def _sequence(kind: Literal["list", "tuple", "set"]) -> Callable[[Any, Unit], Expr]:
    def display(node: Any, unit: Unit) -> Expr:
        return Display(kind, tuple([_element(element, unit) for element in node.elements]))

    return display


def _element(node: cst.BaseElement, unit: Unit) -> Expr:
    value = expression(node.value, unit)
    return Spread(value) if type(node) is cst.StarredElement else value


def _dict(node: cst.Dict, unit: Unit) -> Expr:
    keys: list[Expr | None] = []
    items: list[Expr] = []
    for element in node.elements:
        keys.append(expression(element.key, unit) if type(element) is cst.DictElement else None)
        items.append(expression(element.value, unit))
    return Display("dict", tuple(items), tuple(keys))


HANDLERS: dict[type[Any], Handler] = {
    cst.Name: _name,
    cst.Attribute: _attribute,
    cst.SimpleString: _literal(literals.string),
    cst.Integer: _literal(literals.integer),
    cst.Float: _literal(literals.decimal),
    cst.Subscript: _subscript,
    cst.List: _sequence("list"),
    cst.Tuple: _sequence("tuple"),
    cst.Set: _sequence("set"),
    cst.Dict: _dict,
    cst.ConcatenatedString: _concatenated,
    cst.FormattedString: _formatted,
    cst.StarredElement: _element,
}
if hasattr(cst, "TemplatedString"):  # newer than the oldest libcst that is supported
    HANDLERS[cst.TemplatedString] = _template
