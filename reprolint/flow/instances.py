"""Making an instance of a project's class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprolint.flow import builtins, calls, commands, library, mappings, taint
from reprolint.flow.state import MISSING, Scope, State
from reprolint.flow.values import TOP, ClassRef, Code, Given, Object, Value, of

if TYPE_CHECKING:
    from reprolint.flow.calls import Arguments
    from reprolint.flow.machine import Machine
    from reprolint.model.span import Place


def instantiate(
    machine: Machine, atom: ClassRef, arguments: Arguments, place: Place, scope: Scope, state: State, level: int
) -> Value | None:
    """Make an instance of a project class."""
    order = machine.order(atom.key)
    made = machine.make(atom.key, place, order)
    machine.note_made(made, state, scope.activation)
    enum = any(base.endswith(("Enum", "IntEnum", "StrEnum")) for base in order if base not in machine.classes)
    if enum:
        return arguments.first() if arguments.positional else TOP
    taint.made(machine, made.key, arguments.all(), scope, state)
    found = machine.find_method(order, "__init__")
    receiver = of(made)
    if mappings.mapping_of(machine, made) is not None:
        given = arguments if found is None else calls.Arguments()
        mappings.fill(machine, made, builtins.dict_of(machine, given, place, scope, state, level), scope, state)
    if found is not None:
        info, function, _ = found
        target = Code(function, info.path, info.scopes, info.key)
        passed = calls.Arguments([receiver, *arguments.positional], arguments.keywords, arguments.rest, arguments.extra)
        if calls.call_code(machine, target, passed, place, scope, state, level) is None:
            return None
        return receiver
    fields = _fields(machine, order, state, scope)
    if fields:
        return _fill_fields(machine, made, order, fields, arguments, place, scope, state, level)
    library.base_made(machine, made, order, arguments, place, scope, state, level)
    return receiver


def _fields(machine: Machine, order: tuple[str, ...], state: State, scope: Scope) -> tuple[str, ...]:
    """Annotated fields of a dataclass-like class, bases first."""
    names: dict[str, None] = {}
    for key in reversed(order):
        if key in machine.classes:
            found = machine.read((key, "#fields"), state, scope.activation)
            if found is not MISSING:
                names.update(dict.fromkeys(found))
    return tuple(names)


def _fill_fields(
    machine: Machine, made: Object, order: tuple[str, ...], fields: tuple[str, ...], arguments: Arguments, place: Place,
    scope: Scope, state: State, level: int,
) -> Value | None:  # fmt: skip
    positional = list(arguments.positional)
    for name in fields:
        if positional:
            value = positional.pop(0)
        elif name in arguments.keywords:
            value = arguments.keywords[name]
        elif arguments.rest is not None:
            value = TOP
        else:
            value = _field_default(machine, order, name, place, scope, state)
            value = calls.overridable(value, (name,)) if arguments.extra else value
        state.writes[made.key, name] = value
    state.writes[made.key, "#keys"] = fields
    after = machine.find_method(order, "__post_init__")
    if after is not None:
        info, function, _ = after
        if calls.call_code(machine, Code(function, info.path, info.scopes, info.key), calls.Arguments([of(made)]), place, scope, state, level) is None:
            return None
    return of(made)


def _field_default(machine: Machine, order: tuple[str, ...], name: str, place: Place, scope: Scope, state: State) -> Value:
    for key in order:
        found = machine.read((key, name), state, scope.activation)
        if isinstance(found, Value):
            value = commands.field_default(machine, found, place, scope, state)
            return calls.willing(machine, name, calls.overridable(value, (name,)), scope)
    return of(Given((name,)))
