"""Instances of a project's own kinds of dict: what they hold is kept in a plain dict of theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reprolint.flow.state import MISSING
from reprolint.flow.values import TOP, Object, Value, of

if TYPE_CHECKING:
    from reprolint.flow.machine import Machine
    from reprolint.flow.state import Scope, State

_DICTS: Final = frozenset({
    "dict", "builtins.dict", "collections.OrderedDict", "collections.UserDict", "collections.defaultdict", "collections.Counter", "typing.Dict",
})  # fmt: skip
METHODS: Final = frozenset("get keys values items update pop setdefault copy __getitem__ __setitem__ __contains__".split())
"""What a kind of dict inherits."""


def mapping_of(machine: Machine, atom: Object) -> Object | None:
    """The dict behind an instance, if its class is derived from one."""
    if atom.type not in machine.classes or _DICTS.isdisjoint(machine.order(atom.type)):
        return None
    return Object(f"{atom.key}/items", "dict", atom.place)


def fill(machine: Machine, atom: Object, given: Value, scope: Scope, state: State) -> None:
    """Begin with what the constructor of a dict makes of the arguments."""
    from reprolint.flow.expressions import entries

    behind = mapping_of(machine, atom)
    if behind is None:
        return
    state.writes[behind.key, "#keys"] = ()
    for made in given.atoms:
        if not isinstance(made, Object):
            continue
        found = entries(machine, made, scope, state)
        state.writes[behind.key, "#keys"] = tuple(found)
        state.writes.update({(behind.key, f"k:{name}"): value for name, value in found.items()})
        rest = machine.read((made.key, "[]"), state, scope.activation)
        if rest is not MISSING:
            state.writes[behind.key, "[]"] = rest


def is_own_namespace(machine: Machine, atom: Object, scope: Scope, state: State) -> bool:
    """Whether the keys of an instance are its attributes: `self.__dict__ = self`."""
    kept = machine.read((atom.key, "__dict__"), state, scope.activation)
    return isinstance(kept, Value) and atom in kept.atoms


def answer(machine: Machine, behind: Object, name: str, scope: Scope, state: State) -> Value | None:
    """What is kept under a key that is asked for as an attribute; None if there is surely no such key."""
    from reprolint.flow.expressions import entries, item
    from reprolint.flow.values import const

    known = name in entries(machine, behind, scope, state)
    open_ = machine.read((behind.key, "[]"), state, scope.activation) is not MISSING
    return item(machine, of(behind), const(name), scope, state) if known else TOP if open_ else None
