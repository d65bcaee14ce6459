"""Lookups that a `try` guards: whether the key that they ask for is surely there, or surely not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reprolint.flow.conditions import decide
from reprolint.model import code, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reprolint.flow.machine import Machine
    from reprolint.flow.state import Scope, State

_LOOKUP: Final = frozenset({"KeyError", "LookupError"})


def guarded(machine: Machine, item: code.Try, scope: Scope, state: State) -> bool | None:
    """Whether a `try` that only guards against missing keys finds what it looks up: True if every key is there.

    False if a key is surely not there before anything is called; None if that is not known, or something is called.
    """
    if not item.handlers or not all(handler.types and _LOOKUP.issuperset(map(walk.last_name, handler.types)) for handler in item.handlers):
        return None
    found = False
    for statement in item.body:
        for lookup in _lookups(statement):
            answer = _there(machine, lookup, scope, state)
            if not answer:
                return answer
            found = True
        if not isinstance(statement, code.Bind | code.Return | code.Evaluate):
            return None
    return found or None


def _lookups(statement: code.Statement) -> Iterator[code.Item]:
    """What a statement looks up itself, in the order in which it does."""
    for expression in (statement.value,) if isinstance(statement, code.Bind) else walk.written(statement):
        if expression is not None:
            yield from reversed([part for part in walk.parts(expression) if isinstance(part, code.Item)])


def _there(machine: Machine, found: code.Item, scope: Scope, state: State) -> bool | None:
    decision = decide(machine, code.Fold("in", (found.key, found.of)), scope, state)
    return decision.outcome if not decision.via else None
