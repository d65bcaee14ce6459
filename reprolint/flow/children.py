"""New processes: what of the parent's seeds reaches a child, and what its draws then are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from reprolint.flow import calls, modules
from reprolint.flow.effect import NOTHING, compose, finals, fresh, scoped
from reprolint.flow.state import LIKELY, POSSIBLE, Scope, State
from reprolint.flow.values import Const, Object, Value, text_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reprolint.flow.calls import Arguments
    from reprolint.flow.machine import Machine
    from reprolint.model.span import Place


_FIXED: Final = 2
"""Among the ways in which a stream may be left."""


def run(
    machine: Machine, target: Value, arguments: Arguments, start: str, place: Place, scope: Scope, state: State, level: int,
    first: Sequence[tuple[Value, Arguments]] = (),
) -> None:  # fmt: skip
    """Run a function in a child process, after what the process runs `first`, and keep what its draws say of the run."""
    method = start or _start_method(machine, scope, state)
    assumed = method or "fork"
    child = State()
    child.writes = dict(state.writes)
    inner = Scope(
        path=scope.path, key=scope.key, activation=scope.activation, function=scope.function, scopes=scope.scopes,
        cell=scope.cell, captured=scope.captured, parameters=scope.parameters, owner=scope.owner, results=scope.results, called=scope.called,
        depth=scope.depth, loops=scope.loops, worker=scope.worker,
    )  # fmt: skip
    if assumed != "fork":
        _import_again(machine, inner, child, place)
    for prepares, passed in first:
        calls.call_value(machine, prepares, passed, place, inner, child, level)
    calls.call_value(machine, target, arguments, place, inner, child, level)
    lost = ("python",) if assumed == "fork" else None
    for stream, words in child.words.items():
        before = finals(state.words.get(stream, NOTHING))
        forgets = (lost is None or stream in lost) and bool(machine.left(stream, state, scope.activation) & _FIXED)
        state.words[stream] = compose(state.words.get(stream, NOTHING), fresh(words) if forgets else scoped(words))
        _witnesses(state, child, stream, before, place, forgets=forgets, level=level if method or stream not in {"torch", "numpy"} else min(level, POSSIBLE if forgets else LIKELY))


def method_of(machine: Machine, made: Value | None, scope: Scope, state: State) -> str:
    """The start method of the context that a process, a pool or an executor comes from."""
    atom = made.atoms[0] if made is not None and len(made.atoms) == 1 else None
    if not isinstance(atom, Object):
        return ""
    known = machine.read((atom.key, "method"), state, scope.activation)
    if isinstance(known, Value):
        return text_of(known) or ""
    arguments = machine.read((atom.key, "#arguments"), state, scope.activation)
    context = dict(arguments).get("mp_context") if isinstance(arguments, tuple) else None
    return method_of(machine, context, scope, state)


def _witnesses(state: State, child: State, stream: str, before: int, place: Place, *, forgets: bool, level: int) -> None:
    for (name, mark), witness in child.firsts.items():
        if name != stream:
            continue
        seen = replace(witness, level=min(level, witness.level))
        if mark == "early" and forgets:
            state.note(stream, "entropic", replace(seen, rule="RPL114", source=place))
        elif mark == "early":
            for number, kind in enumerate(("early", "clean", "entropic")):
                if before >> number & 1:
                    state.note(stream, kind, seen)
        elif mark in {"clean", "entropic"}:
            state.note(stream, mark, seen)


def _start_method(machine: Machine, scope: Scope, state: State) -> str:
    """The start method that the program asks for, or nothing."""
    found = machine.read(("process", "start-method"), state, scope.activation)
    if isinstance(found, Value):
        for atom in found.atoms:
            if isinstance(atom, Const) and isinstance(atom.value, str):
                return atom.value
            if isinstance(atom, Object):
                return ""
    return ""


def _import_again(machine: Machine, scope: Scope, child: State, place: Place) -> None:
    """A spawned child imports the entry's module, without its main guard, and everything that imports."""
    main = machine.read(("process", "main"), child, scope.activation)
    for location in [found for found in child.writes if found[0] == "import"]:
        del child.writes[location]
    if isinstance(main, str) and main in machine.project.modules:
        child.writes["main", main] = False
        key = (main, -1, "child")
        if key not in machine.active:
            summary = modules.module_summary(machine, main, scope, child, key, place)
            machine.replay(summary, place, scope, child, LIKELY)
