"""Parameters, and functions without a name."""

from collections.abc import Iterator
from typing import Any, Literal

import libcst as cst

from reprolint.model.code import Code, Expr, Function, Parameter, Return
from reprolint.source.dispatch import Handler, expression, optional
from reprolint.source.unit import Unit


def _lambda(node: cst.Lambda, unit: Unit) -> Expr:
    inner = Unit(unit.walk, "function", unit, "<lambda>")
    taken = parameters(node.params, unit, inner)
    site = unit.site(node)
    value = expression(node.body, inner)
    inner.out.append(Return(value, inner.site(node.body)))
    return Code(nameless("<lambda>", taken, inner, site))


def nameless(name: str, taken: tuple[Parameter, ...], inner: Unit, site: int) -> Function:
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
    defaults = [optional(param.default, unit) for param, _ in found]
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


HANDLERS: dict[type[Any], Handler] = {
    cst.Lambda: _lambda,
}
