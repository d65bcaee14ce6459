"""Comparisons of a number between 0 and 1 that go the same way whatever is drawn: `random.random() < p` with p at 0 or at 1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reprolint.flow.values import Const, Drawn, single
from reprolint.model import walk
from reprolint.model.code import Bind, Name, Result
from reprolint.model.span import Place

if TYPE_CHECKING:
    from reprolint.flow.machine import Machine
    from reprolint.flow.state import Scope, State
    from reprolint.flow.values import Value
    from reprolint.model.code import Expr, Fold

_MIRRORED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_ONCE: Final = 2
"""How often a variable stands in the code that is bound once and read once."""


def decided(machine: Machine, test: Fold, left: Value, right: Value, scope: Scope, state: State) -> bool | None:
    """The answer to a comparison with a draw that is read nowhere else; the draw then decides nothing."""
    for expression, drawn, other, op in (
        (test.operands[0], left, right, test.op),
        (test.operands[1], right, left, _MIRRORED.get(test.op, "")),
    ):
        atom, bound = single(drawn), single(other)
        if not isinstance(atom, Drawn) or not atom.unit or not isinstance(bound, Const) or not isinstance(bound.value, int | float):
            continue
        answer = _answer(op, bound.value)
        if answer is not None and _made(machine, expression, scope) == atom.place and atom.place is not None:
            state.demote(atom.stream, atom.place)
            return answer
    return None


def _answer(op: str, bound: float) -> bool | None:
    """Whether x `op` bound for every x of at least 0 and below 1, where that is one answer."""
    if op in {"<", ">="} and not 0 < bound < 1:
        return (bound >= 1) == (op == "<")
    if op in {"<=", ">"} and not 0 <= bound < 1:
        return (bound >= 1) == (op == "<=")
    return None


def _made(machine: Machine, expression: Expr, scope: Scope) -> Place | None:
    """Where the call stands whose result an expression is, if that is read here alone."""
    number = expression.number if isinstance(expression, Result) else _bound(expression, scope)
    if number is None or _times(machine, number, scope) != 1:
        return None
    item = scope.called.get(number)
    return Place(scope.path, item.site) if item is not None else None


def _times(machine: Machine, number: int, scope: Scope) -> int:
    """How often a call's result is read in its function or module: twice in `0 <= random() < p`, or under two names."""
    module = machine.module(scope.path)
    body = scope.function.body if scope.function is not None else module.body if module is not None else ()
    found = (part for item in walk.statements(body) for written in walk.written(item) for part in walk.parts(written))
    return sum(isinstance(part, Result) and part.number == number for part in found)


def _bound(expression: Expr, scope: Scope) -> int | None:
    """The call that a variable holds the result of, if it is bound once and read once."""
    if not isinstance(expression, Name) or scope.function is None or expression.id in scope.captured:
        return None
    found: list[int | None] = []
    times = 0
    for item in walk.statements(scope.function.body):
        mentions = sum(isinstance(part, Name) and part.id == expression.id for written in walk.written(item) for part in walk.parts(written))
        times += mentions
        if any(expression.id in inner.function.words for inner in walk.codes(item)):
            return None
        if isinstance(item, Bind) and isinstance(item.target, Name) and item.target.id == expression.id:
            found.append(item.value.number if isinstance(item.value, Result) else None)
    return found[0] if len(found) == 1 and times == _ONCE else None
