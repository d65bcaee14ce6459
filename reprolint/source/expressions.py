"""Expressions: a parser node becomes an `Expr`, and its calls become statements in the order Python runs them."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal, TypeAlias

import libcst as cst

from reprolint.model.code import (
    Argument,
    Attr,
    Bind,
    Block,
    Branch,
    Call,
    Choice,
    Code,
    Collected,
    Const,
    Display,
    Expr,
    Fold,
    Function,
    Item,
    Loop,
    Name,
    Opaque,
    Parameter,
    Result,
    Return,
    Slice,
    Spread,
    Statement,
    Target,
    Yield,
)
from reprolint.source import literals
from reprolint.source.unit import Unit, read

DEEPEST_CHAIN = 60
"""Longer chains of one operator lose their structure, so that nobody recurses through them."""

_Opened: TypeAlias = tuple[list[Statement], Expr, int]
"""A block that goes on once a branch is closed, the test of the branch, its site."""

_NOTHING = Opaque()
_FIRST = ".0"
"""What Python calls the parameter of a generator expression."""
_RECEIVED = ".received"
"""Holds what a `for` or `with` gives to a target that has to call something first."""


def expression(node: cst.BaseExpression, unit: Unit) -> Expr:
    handler = _EXPRESSIONS.get(type(node))
    return handler(node, unit) if handler else _NOTHING


# -- names, literals, displays -------------------------------------------------------------------------------------


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
    return Item(expression(node.value, unit), _key(node.slice, unit))


def _key(elements: Sequence[cst.SubscriptElement], unit: Unit) -> Expr:
    parts = tuple(_slice(element.slice, unit) for element in elements)
    alone = len(parts) == 1 and not isinstance(elements[0].comma, cst.Comma) and type(parts[0]) is not Spread
    return parts[0] if alone else Display("tuple", parts)


def _slice(node: cst.BaseSlice, unit: Unit) -> Expr:
    if isinstance(node, cst.Slice):
        return Slice(_optional(node.lower, unit), _optional(node.upper, unit), _optional(node.step, unit))
    assert isinstance(node, cst.Index)
    value = expression(node.value, unit)
    return Spread(value) if node.star else value


def _optional(node: cst.BaseExpression | None, unit: Unit) -> Expr | None:
    return None if node is None else expression(node, unit)


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
    if isinstance(part, cst.FormattedStringText):
        return literals.text(part.value.replace("{{", "{").replace("}}", "}"), raw=raw)
    assert isinstance(part, cst.FormattedStringExpression)
    value = expression(part.expression, unit)
    if part.conversion is None and part.format_spec is None and part.equal is None:
        return value
    return Opaque((value, *(_formatted_part(spec, unit, raw=raw) for spec in part.format_spec or ())))


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
        keys.append(expression(element.key, unit) if isinstance(element, cst.DictElement) else None)
        items.append(expression(element.value, unit))
    return Display("dict", tuple(items), tuple(keys))


# -- operators -----------------------------------------------------------------------------------------------------


def _unary(node: cst.UnaryOperation, unit: Unit) -> Expr:
    value, op = expression(node.expression, unit), _UNARY[type(node.operator)]
    if op in {"neg", "pos"} and type(value) is Const and type(value.value) in {int, float}:
        number = value.value
        assert isinstance(number, int | float)
        return Const(-number if op == "neg" else number)
    return Fold(op, (value,))


def _binary(node: cst.BinaryOperation, unit: Unit) -> Expr:
    """A chain like `a + b + c` is a tree that leans left: walk it without recursion."""
    chain: list[cst.BinaryOperation] = []
    left: cst.BaseExpression = node
    while isinstance(left, cst.BinaryOperation):
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
    while isinstance(left, cst.BooleanOperation) and type(left.operator) is kind:
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


def aside(node: cst.BaseExpression, unit: Unit) -> tuple[Expr, Block]:
    """An expression, and apart from the current block what has to run for it."""
    outer, unit.out = unit.out, []
    value = expression(node, unit)
    block, unit.out = tuple(unit.out), outer
    return value, block


# -- calls ---------------------------------------------------------------------------------------------------------


def call(node: cst.Call, unit: Unit, *, loose: bool = False) -> Result:
    callee = expression(node.func, unit)
    return _emit(callee, arguments(node.args, unit), node, unit, loose=loose)


def _emit(callee: Expr, given: tuple[Argument, ...], node: cst.CSTNode, unit: Unit, *, loose: bool) -> Result:
    number, result = unit.result()
    unit.out.append(Call(number, callee, given, unit.site(node), loose))
    return result


def arguments(nodes: Sequence[cst.Arg], unit: Unit) -> tuple[Argument, ...]:
    """Python runs `*b()` before `x=a()` even where it stands behind it."""
    order = range(len(nodes)) if _in_order(nodes) else sorted(range(len(nodes)), key=lambda at: _named(nodes[at]))
    given = {at: _argument(nodes[at], unit) for at in order}
    return tuple([given[at] for at in range(len(nodes))])


def _in_order(nodes: Sequence[cst.Arg]) -> bool:
    named = False
    for node in nodes:
        if named and not _named(node):
            return False
        named = named or _named(node)
    return True


def _named(node: cst.Arg) -> bool:
    return node.keyword is not None or node.star == "**"


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
    inside = node.value
    each = isinstance(inside, cst.From)
    value = _optional(inside.item if isinstance(inside, cst.From) else inside, unit)
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


# -- functions without a name --------------------------------------------------------------------------------------


def _lambda(node: cst.Lambda, unit: Unit) -> Expr:
    inner = Unit(unit.walk, "function", unit, "<lambda>")
    taken = parameters(node.params, unit, inner)
    site = unit.site(node)
    value = expression(node.body, inner)
    inner.out.append(Return(value, inner.site(node.body)))
    return Code(_nameless("<lambda>", taken, inner, site))


def _nameless(name: str, taken: tuple[Parameter, ...], inner: Unit, site: int) -> Function:
    return Function(
        name=name,
        qualname=inner.qualname,
        parameters=taken,
        decorators=(),
        body=tuple(inner.out),
        site=site,
        generator=inner.generator,
        coroutine=False,
        variables=inner.variables(),
        outer=tuple(sorted(inner.outer)),
        words=inner.close(),
    )


def parameters(node: cst.Parameters, unit: Unit, inner: Unit) -> tuple[Parameter, ...]:
    """Defaults, then annotations, run in `unit`; the names belong to `inner`."""
    found = list(_kinds(node))
    defaults = [_optional(param.default, unit) for param, _ in found]
    annotations = [expression(param.annotation.annotation, unit) if param.annotation else None for param, _ in found]
    inner.forget(param.name.value for param, _ in found)
    for param, _ in found:
        inner.bind(param.name.value)
    return tuple(
        Parameter(param.name.value, kind, default, annotation)
        for (param, kind), default, annotation in zip(found, defaults, annotations, strict=True)
    )


_ParameterKind = Literal["positional_only", "positional", "keyword", "var_positional", "var_keyword"]


def _kinds(node: cst.Parameters) -> Iterator[tuple[cst.Param, _ParameterKind]]:
    for param in node.posonly_params:
        yield param, "positional_only"
    for param in node.params:
        yield param, "positional"
    if isinstance(node.star_arg, cst.Param):
        yield node.star_arg, "var_positional"
    for param in node.kwonly_params:
        yield param, "keyword"
    if node.star_kwarg is not None:
        yield node.star_kwarg, "var_keyword"


# -- comprehensions ------------------------------------------------------------------------------------------------


def _comprehension(kind: Literal["list", "set", "dict"]) -> Callable[[Any, Unit], Expr]:
    def comprehension(node: Any, unit: Unit) -> Expr:
        first = expression(node.for_in.iter, unit)
        hidden = _rename(node.for_in, unit)
        made: list[tuple[Expr | None, Expr]] = []

        def collect() -> None:
            key = expression(node.key, unit) if hasattr(node, "key") else None
            value = expression(node.elt if hasattr(node, "elt") else node.value, unit)
            made.append((key, Spread(value) if isinstance(node, cst.StarredDictComp) else value))

        iterables = _rounds(node.for_in, first, unit, collect)
        _restore(hidden, unit)
        ((key, element),) = made
        return Collected(kind, element, key, iterables)

    return comprehension


def _rounds(node: cst.CompFor, iterable: Expr, unit: Unit, innermost: Callable[[], None]) -> tuple[Expr, ...]:
    """One loop, its conditions, its inner loops, and `innermost` inside; the iterables of all loops."""
    site = unit.site(node.iter)
    written, start = received(node.target, unit)
    outer, unit.out = unit.out, list(start)
    opened: list[_Opened] = []
    for condition in node.ifs:
        test = expression(condition.test, unit)
        opened.append((unit.out, test, unit.site(condition.test)))
        unit.out = []
    rest: tuple[Expr, ...] = ()
    if node.inner_for_in:
        inner = expression(node.inner_for_in.iter, unit)
        rest = _rounds(node.inner_for_in, inner, unit, innermost)
    else:
        innermost()
    body = tuple(unit.out)
    for block, test, branch in reversed(opened):
        block.append(Branch(test, body, (), branch))
        body = tuple(block)
    outer.append(Loop(written, iterable, (), None, body, (), site, "comprehension"))
    unit.out = outer
    return (iterable, *rest)


_Hidden = dict[str, tuple[Name | Const | None, Name | None]]


def _rename(node: cst.CompFor, unit: Unit) -> _Hidden:
    """Give the comprehension's variables names of their own; what they hid."""
    number = next(unit.walk.comprehensions)
    hidden: _Hidden = {}
    clause: cst.CompFor | None = node
    while clause:
        for name in _targets(clause.target):
            if name not in hidden:
                hidden[name] = unit.names.get(name), unit.renamed.get(name)
            unit.names[name] = unit.renamed[name] = Name(f"{name}@{number}")
        clause = clause.inner_for_in
    return hidden


def _restore(hidden: _Hidden, unit: Unit) -> None:
    for name, (read_as, renamed_to) in hidden.items():
        unit.words.add(name)
        del unit.names[name], unit.renamed[name]
        if read_as is not None:
            unit.names[name] = read_as
        if renamed_to is not None:
            unit.renamed[name] = renamed_to


def _targets(node: cst.BaseExpression | cst.BaseElement) -> Iterator[str]:
    if isinstance(node, cst.Name):
        yield node.value
    elif isinstance(node, cst.Tuple | cst.List):
        for element in node.elements:
            yield from _targets(element.value)
    elif isinstance(node, cst.StarredElement):
        yield from _targets(node.value)


def _generator(node: cst.GeneratorExp, unit: Unit) -> Expr:
    first = expression(node.for_in.iter, unit)
    inner = Unit(unit.walk, "generator", unit, "<generator>")
    inner.generator = True
    inner.forget(name for name in _clause_names(node.for_in))
    taken = Name(_FIRST)
    inner.bound.add(_FIRST)
    site = unit.site(node)

    def produce() -> None:
        value = expression(node.elt, inner)
        inner.out.append(Yield(value, each=False, site=inner.site(node.elt)))

    _rounds(node.for_in, taken, inner, produce)
    parameter = Parameter(_FIRST, "positional_only", None, None)
    code = Code(_nameless("<generator>", (parameter,), inner, site))
    return _emit(code, (Argument(first),), node, unit, loose=False)


def _clause_names(node: cst.CompFor | None) -> Iterator[str]:
    seen = set()
    while node:
        for name in _targets(node.target):
            if name not in seen:
                seen.add(name)
                yield name
        node = node.inner_for_in


# -- targets -------------------------------------------------------------------------------------------------------


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
    assert isinstance(node, cst.Subscript)
    return Item(expression(node.value, unit), _key(node.slice, unit))


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


# -- tables --------------------------------------------------------------------------------------------------------

_UNARY: dict[type[cst.CSTNode], str] = {cst.Minus: "neg", cst.Plus: "pos", cst.BitInvert: "invert", cst.Not: "not"}

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

_EXPRESSIONS: dict[type[Any], Callable[[Any, Unit], Expr]] = {
    cst.Name: _name,
    cst.Attribute: _attribute,
    cst.Call: call,
    cst.SimpleString: _literal(literals.string),
    cst.Integer: _literal(literals.integer),
    cst.Float: _literal(literals.decimal),
    cst.Subscript: _subscript,
    cst.List: _sequence("list"),
    cst.Tuple: _sequence("tuple"),
    cst.Set: _sequence("set"),
    cst.Dict: _dict,
    cst.BinaryOperation: _binary,
    cst.UnaryOperation: _unary,
    cst.BooleanOperation: _boolean,
    cst.Comparison: _comparison,
    cst.IfExp: _choice,
    cst.ConcatenatedString: _concatenated,
    cst.FormattedString: _formatted,
    cst.Lambda: _lambda,
    cst.ListComp: _comprehension("list"),
    cst.SetComp: _comprehension("set"),
    cst.DictComp: _comprehension("dict"),
    cst.GeneratorExp: _generator,
    cst.NamedExpr: _walrus,
    cst.Await: _await,
    cst.Yield: _yield,
    cst.StarredElement: _element,
}
for _type, _handler in (("TemplatedString", _template), ("StarredDictComp", _comprehension("dict"))):
    if hasattr(cst, _type):  # newer than the oldest libcst that is supported
        _EXPRESSIONS[getattr(cst, _type)] = _handler
