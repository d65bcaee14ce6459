"""Parsers of a command line → the options that they give."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprolint.flow import calls, flags, library
from reprolint.flow.expressions import elements_of, remember_key
from reprolint.flow.leads import DRAWS
from reprolint.flow.state import LIKELY, Scope, State
from reprolint.flow.values import (
    NONE,
    NOWHERE,
    TOP,
    ClassRef,
    Code,
    Given,
    Library,
    Object,
    Sequence,
    Top,
    Value,
    const,
    constant,
    join,
    may_be_none,
    of,
    text_of,
    truth,
)

if TYPE_CHECKING:
    from reprolint.flow.calls import Arguments
    from reprolint.flow.machine import Machine
    from reprolint.model.span import Place


def add_argument(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State) -> Value:
    """A field of the entry's one pool of options."""
    names = [text for value in arguments.positional if (text := text_of(value)) is not None]
    if not names:
        return TOP
    option = next((name for name in names if name.startswith("--")), names[0])
    dest = text_of(arguments.keywords["dest"]) if "dest" in arguments.keywords else None
    dest = dest or option.lstrip("-").replace("-", "_")
    via = (option,)
    value = _option_value(machine, option, arguments, via, place, scope, state)
    machine.event("option", place, scope, option, dest)
    pool = Object("pool", "options")
    known = machine.read((pool.key, dest), state, scope.activation)
    if isinstance(known, Value) and known != value:
        value = join(known, value)
    state.writes[pool.key, dest] = value
    remember_key(machine, pool, dest, scope, state)
    return TOP


def _option_value(machine: Machine, option: str, arguments: Arguments, via: tuple[str, ...], place: Place, scope: Scope, state: State) -> Value:
    keywords = arguments.keywords
    action = text_of(keywords["action"]) if "action" in keywords else None
    dest = option.lstrip("-").replace("-", "_")
    if "default" in keywords:
        default = calls.overridable(keywords["default"], via)
        known = constant(default)
        kind = keywords.get("type")
        if known is not None and isinstance(known.value, str) and kind is not None and of(Library("builtins.int")) == kind:
            default = const(int(known.value), via) if known.value.lstrip("-").isdigit() else default
        if "type" in keywords and any(isinstance(atom, Top | Object) for atom in default.atoms):
            default = of(Given(via))
    elif action == "store_true":
        default = const(False, via)  # noqa: FBT003
    elif action == "store_false":
        default = const(True, via)  # noqa: FBT003
    elif not option.startswith("-") or (truth(keywords["required"].atoms[0]) if "required" in keywords and keywords["required"].atoms else False):
        optional = text_of(keywords["nargs"]) in {"?", "*"} if "nargs" in keywords else False
        default = const(None, via) if optional else of(Given(via))
    elif action is not None and action not in {"store", "append", "count", "extend", "store_const"}:
        return of(Given(via))
    else:
        default = const(None, via)
    if any(may_be_none(atom) for atom in default.atoms) and machine.opens(DRAWS, scope):
        default = join(default, of(Given(via)))
    return calls.willing(machine, dest, default, scope)


def define_flag(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State) -> Value:
    """`flags.DEFINE_integer("seed", 1, "…")`: a field of the record, and something whose `value` is the same."""
    given = dict(zip(("name", "default"), arguments.positional, strict=False)) | arguments.keywords
    name = text_of(given["name"]) if "name" in given else None
    if name is None:
        return TOP
    via = (f"--{name}",)
    default = calls.overridable(given.get("default", NONE), via)
    if any(may_be_none(atom) for atom in default.atoms) and machine.opens(DRAWS, scope):
        default = join(default, of(Given(via)))
    value = calls.willing(machine, name, default, scope)
    machine.event("option", place, scope, via[0], name)
    key = f"{flags.FLAGS}.{name}"
    state.writes["library", key] = value
    state.writes["library-place", key] = place
    state.writes[key, "value"] = value
    state.writes[key, "default"] = value
    return of(Object(key, "namespace"))


def set_defaults(machine: Machine, arguments: Arguments, scope: Scope, state: State) -> Value:
    """`set_defaults`: a value replaces the option's own default; functions, one a subcommand, stand side by side."""
    pool = Object("pool", "options")
    for name, value in arguments.keywords.items():
        known = machine.read((pool.key, name), state, scope.activation)
        beside = isinstance(known, Value) and all(isinstance(atom, Code) for atom in (*known.atoms, *value.atoms))
        state.writes[pool.key, name] = join(known, value) if beside else calls.overridable(value, (f"--{name}",))
        remember_key(machine, pool, name, scope, state)
    return NONE


def parsed_dataclasses(machine: Machine, only: Object, place: Place, scope: Scope, state: State) -> Value:
    """`HfArgumentParser((A, B)).parse_args_into_dataclasses()`: one object a class, fields at their defaults."""
    fields = library.arguments_of(machine, only, scope, state)
    classes = fields.get("dataclass_types") or fields.get("0") or next(iter(fields.values()), NOWHERE)
    made: list[Value] = []
    for atom in elements_of(machine, classes, scope, state).atoms if not any(isinstance(found, ClassRef) for found in classes.atoms) else (Sequence((classes,)),):
        for element in atom.elements if isinstance(atom, Sequence) else ():
            value = calls.call_value(machine, element, calls.Arguments(), place, scope, state, LIKELY)
            made.append(value if value.atoms else TOP)
    return of(Sequence(tuple(made))) if made else TOP
