"""A call's source text and a row → whether the row says that it draws: the catalog's conditions, read literally."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reprolint.knowledge.apis import Api, Condition

UNKNOWN = object()
"""An argument that is no literal."""
MISSING = object()
"""An argument that is left out."""


def calls(expression: str) -> Iterator[tuple[str, ast.Call]]:
    """Every call in `expression` whose function is a dotted name."""
    for node in ast.walk(ast.parse(expression)):
        if isinstance(node, ast.Call) and (name := dotted(node.func)):
            yield name, node


def dotted(node: ast.expr) -> str:
    """`a.b.c` as text, empty for anything else."""
    if isinstance(node, ast.Attribute):
        return f"{base}.{node.attr}" if (base := dotted(node.value)) else ""
    return node.id if isinstance(node, ast.Name) else ""


def bind(api: Api, call: ast.Call) -> dict[str, Any]:
    """Argument values by parameter name."""
    found: dict[str, Any] = {}
    names = iter(api.parameters)
    for argument in call.args:
        name = next(names, "*")
        if name.startswith("*"):
            break
        found[name] = literal(argument)
    return found | {keyword.arg: literal(keyword.value) for keyword in call.keywords if keyword.arg}


def literal(node: ast.expr) -> Any:
    """Give the value of a constant expression, else UNKNOWN."""
    try:
        return ast.literal_eval(node)
    except ValueError:
        return UNKNOWN


def holds(condition: Condition, arguments: dict[str, Any]) -> bool:
    """Whether every part of the condition that is set holds."""
    value = arguments.get(condition.argument, MISSING)
    if condition.given is not None and condition.given != (value is not MISSING):
        return False
    if value is MISSING and condition.default is not msgspec.UNSET:
        value = condition.default
    tests = [
        None if condition.truthy is None else lambda: bool(value) == condition.truthy,
        None if condition.greater is None else lambda: float(value) > (condition.greater or 0),
        None if condition.value is msgspec.UNSET else lambda: value in _list(condition.value),
    ]
    wanted = [test for test in tests if test]
    return not wanted or (value is not UNKNOWN and value is not MISSING and all(test() for test in wanted))


def draws(api: Api, call: ast.Call) -> bool:
    """Whether the row says that this call (or what it returns, later) draws from a global stream."""
    arguments = bind(api, call)
    own = arguments.get(api.generator) if api.generator else None
    return (
        bool(api.draws)
        and own is None
        and all(holds(condition, arguments) for condition in api.when)
        and not any(holds(condition, arguments) for condition in api.unless)
    )


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
