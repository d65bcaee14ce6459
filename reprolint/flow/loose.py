"""Functions and classes that no entry reaches → the orders and entropy that decide something inside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reprolint.flow import calls, instances, library, modules, taint
from reprolint.flow.leads import Leads
from reprolint.flow.machine import BudgetExceeded, Machine
from reprolint.flow.state import LIKELY, Activation, Scope, State, flattened
from reprolint.flow.values import TOP, ClassRef, Code, Lazy, Object, of
from reprolint.model.code import Class, Define, Function
from reprolint.model.span import Place
from reprolint.project.entries import is_test

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reprolint.flow.state import Event
    from reprolint.knowledge.apis import Catalog
    from reprolint.project.modules import Project

VISITS: Final = 3_000
"""Statements that one module may cost."""
ALL_VISITS: Final = 80_000
_SETS: Final = frozenset({"set", "frozenset", "hash"})


def loose_events(project: Project, catalog: Catalog, reached: frozenset[tuple[str, int]], leads: Leads) -> dict[Event, tuple[Place, ...]]:
    """Taints that arrive in what no entry reached; `reached` are functions by path and site."""
    sources = _SETS | {name.rpartition(".")[2] for name, rows in catalog.rows.items() for api in rows if api.taint.startswith(("source:listing", "source:entropy"))}
    found: dict[Event, tuple[Place, ...]] = {}
    machine = Machine(project, catalog, "", leads, follows=False)
    left = ALL_VISITS
    for path, module in sorted(project.modules.items()):
        if left <= 0:
            break
        if is_test(path) or sources.isdisjoint(module.words):
            continue
        machine.visits, machine.limit = 0, min(VISITS, left)
        machine.active.clear()
        found.update(_of_module(machine, path, reached))
        left -= machine.visits
    return found


def _of_module(machine: Machine, path: str, reached: frozenset[tuple[str, int]]) -> dict[Event, tuple[Place, ...]]:
    """Call each function with arguments of which nothing is known, make each class, and call its methods."""
    activation = Activation(None, None)
    state = State()
    scope = Scope(path=path, key=path, activation=activation)
    try:
        modules.run_module(machine, path, Place(path, -1), scope, state)
        before = flattened(activation.events)
        for definition in _definitions(machine, path):
            if isinstance(definition, Function):
                _call(machine, definition, path, reached, scope, state.copy())
            else:
                _make(machine, definition, path, reached, scope, state.copy())
    except (BudgetExceeded, RecursionError):
        before = {}
    return {event: calls_to[1:] for event, calls_to in flattened(activation.events).items() if event.kind in {"taint", "paired"} and event not in before}


def _definitions(machine: Machine, path: str) -> Iterator[Function | Class]:
    for item in machine.project.modules[path].body:
        if isinstance(item, Define):
            yield item.definition


def _call(machine: Machine, function: Function, path: str, reached: frozenset[tuple[str, int]], scope: Scope, state: State) -> None:
    if (path, function.site) in reached:
        return
    place = Place(path, function.site)
    value = calls.call_code(machine, Code(function, path), calls.Arguments(), place, scope, state, LIKELY)
    if function.generator and value is not None:
        for atom in value.atoms:
            if isinstance(atom, Lazy):
                calls.drain(machine, atom, scope, state, place)


def _make(machine: Machine, node: Class, path: str, reached: frozenset[tuple[str, int]], scope: Scope, state: State) -> None:
    """An instance, its methods, and what its `__getitem__` reads by position."""
    info = machine.class_of(path, node, (), state, scope.activation)
    sites = {function.site for function, _ in info.methods.values()}
    if any((path, site) in reached for site in sites):
        return
    place = Place(path, node.site)
    made = instances.instantiate(machine, ClassRef(info.key), calls.Arguments(rest=TOP), place, scope, state, LIKELY)
    for atom in made.atoms if made is not None else ():
        if not isinstance(atom, Object):
            continue
        getter = info.methods.get("__getitem__")
        if getter is not None:
            kept = library.taints_of(machine, of(atom), scope, state)
            taint.arrive(machine, taint.orders(kept), "data", Place(path, getter[0].site), scope, state, LIKELY)
        for name, (function, _) in sorted(info.methods.items()):
            if name != "__init__" and not function.generator:
                target = Code(function, path, info.scopes, info.key)
                calls.call_code(machine, target, calls.Arguments([of(atom)]), place, scope, state.copy(), LIKELY)
