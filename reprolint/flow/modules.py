"""Importing a module of the project: its body runs once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reprolint.flow import calls
from reprolint.flow.state import CERTAIN, MISSING, Activation, Scope, State, Summary

if TYPE_CHECKING:
    from reprolint.flow.machine import Machine
    from reprolint.model.span import Place


def run_module(machine: Machine, path: str, place: Place, scope: Scope, state: State) -> bool:
    """Import a project module: its body runs once; False if it never completes."""
    if machine.read(("import", path), state, scope.activation) is not MISSING:
        return True
    state.writes["import", path] = True
    key = (path, -1, "module")
    if key in machine.active:
        return True
    summary = machine.remembered(key, {}, state, scope.activation) if machine.ledger is None else None
    if summary is None:
        summary = module_summary(machine, path, scope, state, key, place)
    machine.replay(summary, place, scope, state, CERTAIN)
    return True


def module_summary(machine: Machine, path: str, scope: Scope, state: State, key: tuple[Any, ...], place: Place) -> Summary:
    """Run a module's body."""
    from reprolint.flow.statements import execute

    module = machine.project.modules[path]
    activation = Activation(scope.activation, state)
    inner = Scope(path=path, key=path, activation=activation, depth=scope.depth + 1, worker=False)
    before = len(machine.ledger) if machine.ledger is not None else 0
    machine.active[key] = {}
    try:
        exits = execute(machine, module.body, inner, State())
    finally:
        del machine.active[key]
    if machine.ledger is not None:
        machine.ledger[before:] = [(kind, stream, witness.under(place, CERTAIN)) for kind, stream, witness in machine.ledger[before:]]
    summary = calls.summarise(machine, exits, activation, inner)
    calls.pass_on(activation, scope.activation)
    calls.memorise(machine, key, summary, activation, scope)
    return summary
