"""Entering and leaving a context manager."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reprolint.flow import calls, library
from reprolint.flow.state import CERTAIN, Scope, State
from reprolint.flow.values import NONE, NOWHERE, Code, Lazy, Object, Partial, Value, join, of

if TYPE_CHECKING:
    from reprolint.flow.calls import Arguments
    from reprolint.flow.machine import Machine
    from reprolint.flow.values import Atom
    from reprolint.model.span import Place


@dataclass(slots=True)
class Entered:
    """What a `with` remembers until it leaves."""

    value: Value
    words: dict[str, int]
    restored: tuple[str, ...] = ()


def enter(machine: Machine, atom: Object, scope: Scope, state: State, place: Place) -> Entered:
    """Enter a context manager object."""
    words = dict(state.words)
    order = machine.order(atom.type)
    found = machine.find_method(order, "__enter__")
    if found is not None:
        info, function, _ = found
        value = calls.call_code(machine, Code(function, info.path, info.scopes, info.key), calls.Arguments([of(atom)]), place, scope, state, CERTAIN)
        return Entered(value or NOWHERE, words)
    restored = library.entered(machine, atom, order, place, scope, state)
    return Entered(of(atom), words, restored)


def leave(machine: Machine, atom: Object, saved: Entered, scope: Scope, state: State, place: Place) -> None:
    """Leave it: its `__exit__`, or what the catalog says comes back."""
    from reprolint.flow.effect import NOTHING, finals, with_final

    for stream in saved.restored:
        for name in (stream, f"worker:{stream}") if stream == "torch" else (stream,):
            left = finals(saved.words.get(name, NOTHING))
            now = state.words.get(name, NOTHING)
            final = {1: 0, 2: 1, 4: 2}.get(left, 1 if left & 2 else 0)
            state.words[name] = with_final(now, final)
    found = machine.find_method(machine.order(atom.type), "__exit__")
    if found is not None:
        info, function, _ = found
        calls.call_code(machine, Code(function, info.path, info.scopes, info.key), calls.Arguments([of(atom), NONE, NONE, NONE]), place, scope, state, CERTAIN)


def decorates(machine: Machine, atom: Atom | None) -> bool:
    """Whether a context manager wraps the functions that it decorates: Python's `contextlib.ContextDecorator`.

    Source: https://docs.python.org/3/library/contextlib.html#contextlib.ContextDecorator
    """
    if isinstance(atom, Lazy):
        return atom.manager
    return isinstance(atom, Object) and "contextlib.ContextDecorator" in machine.order(atom.type)


def wrapped(atom: Atom, value: Value) -> Value:
    """A function that runs within a context."""
    return of(Partial(value, (), (("#context", of(atom)),)))


def call_within(
    machine: Machine, atom: Partial, arguments: Arguments, place: Place, scope: Scope, state: State, level: int
) -> Value | None:
    """Enter the context, call the function, leave; None if it never comes back."""
    context = dict(atom.keywords)["#context"].atoms[0]
    if isinstance(context, Lazy):
        results: list[Value | None] = []

        def on_yield(_: Value, current: State) -> State | None:
            results.append(calls.call_targets(machine, atom.target.atoms, arguments, place, scope, current, level).value)
            return current if results[-1] is not None else None

        after = calls.run_lazy(machine, context, scope, state, on_yield, place)
        if after is not None and after is not state:
            state.become(after)
        known = [value for value in results if value is not None]
        return join(*known) if known and after is not None else None
    assert isinstance(context, Object)
    saved = enter(machine, context, scope, state, place)
    value = calls.call_targets(machine, atom.target.atoms, arguments, place, scope, state, level).value
    if value is not None:
        leave(machine, context, saved, scope, state, place)
    return value
