"""Decorators and declared defaults → commands with their options, and fields with their values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reprolint.flow import calls, files, library
from reprolint.flow.leads import DRAWS
from reprolint.flow.state import CERTAIN, MISSING, Scope, State
from reprolint.flow.values import (
    NONE,
    TOP,
    Atom,
    Code,
    Const,
    Given,
    Library,
    Method,
    Object,
    Partial,
    Value,
    const,
    join,
    of,
)

if TYPE_CHECKING:
    from reprolint.flow.machine import Machine
    from reprolint.model.span import Place


def decorated(machine: Machine, atom: Atom | None, value: Value, place: Place, scope: Scope, state: State) -> Value:
    """A definition under a library's decorator: a command takes its parameters from the user."""
    if isinstance(atom, Object) and atom.type == "#subcommand":
        return _registered(machine, atom, value, scope, state)
    dotted = atom.dotted if isinstance(atom, Library | Method) else atom.type if isinstance(atom, Object) else ""
    rows = machine.rows(dotted) if dotted else ()
    last = dotted.rpartition(".")[2]
    if any(api.entry == "decorator" for api in rows):
        return of(Partial(_command(value), (), (("#command", const(dotted)), *_options(value), *_configured(machine, atom, value, place, scope, state))))
    if dotted in _PASS_CONTEXT:
        return _with_context(value)
    if last in {"option", "argument"} and isinstance(atom, Object):
        return _with_option(machine, atom, value, scope, state)
    return value


def _configured(machine: Machine, atom: Atom | None, value: Value, place: Place, scope: Scope, state: State) -> tuple[tuple[str, Value], ...]:
    """The first parameter of a command that takes its configuration from a file."""
    target = next((inner for inner in value.atoms if isinstance(inner, Code)), None)
    if not isinstance(atom, Object) or target is None or not target.function.parameters:
        return ()
    found = files.composed(machine, library.arguments_of(machine, atom, scope, state), place, scope, state)
    return ((target.function.parameters[0].name, found),) if found is not None else ()


def _registered(machine: Machine, atom: Object, value: Value, scope: Scope, state: State) -> Value:
    """A subcommand is run by its group."""
    command = of(Partial(_command(value), (), (("#command", const("")), *_options(value))))
    group = machine.read((atom.key, "group"), state, scope.activation)
    key = str(group.atoms[0].value) if isinstance(group, Value) and isinstance(group.atoms[0], Const) else ""
    register(machine, key, command, scope, state)
    return command


def register(machine: Machine, key: str, command: Value, scope: Scope, state: State) -> None:
    """Add a command to a group."""
    known = machine.read((key, "#commands"), state, scope.activation)
    commands = known if known is not MISSING else ()
    state.writes[key, "#commands"] = commands if command in commands else (*commands, command)


def _command(value: Value) -> Value:
    """The function under the options that decorators gave it."""
    return next((inner.target for inner in value.atoms if isinstance(inner, Partial)), value)


_PASS_CONTEXT: Final = frozenset({"click.pass_context", "click.decorators.pass_context"})


def _with_context(value: Value) -> Value:
    """Click hands its context to the first parameter of a command."""
    function = next((inner.function for inner in _command(value).atoms if isinstance(inner, Code)), None)
    if function is None or not function.parameters:
        return value
    context = (function.parameters[0].name, of(Object("click", "click.Context")))
    return of(Partial(_command(value), (), (*_options(value), context)))


def _options(value: Value) -> tuple[tuple[str, Value], ...]:
    for atom in value.atoms:
        if isinstance(atom, Partial):
            return tuple(item for item in atom.keywords if item[0] != "#command")
    return ()


def _with_option(machine: Machine, atom: Object, value: Value, scope: Scope, state: State) -> Value:
    fields = library.arguments_of(machine, atom, scope, state)
    texts = [inner.value for found in fields.values() for inner in found.atoms if isinstance(inner, Const) and isinstance(inner.value, str) and (inner.value.startswith("-") or found is fields.get("param_decls"))]
    positional = [found for name, found in fields.items() if name in {"*", "param_decls"}]
    names = [text for text in texts if text.startswith("--")] or texts or [inner.value for found in positional for inner in found.atoms if isinstance(inner, Const) and isinstance(inner.value, str)]
    if not names:
        return value
    option = max(names, key=len)
    name = option.lstrip("-").partition("/")[0].replace("-", "_")
    via = (option.partition("/")[0],)
    if atom.type.endswith("argument"):
        default = of(Given(via))
    elif "default" in fields:
        default = calls.overridable(fields["default"], via)
    elif "required" in fields:
        default = of(Given(via))
    else:
        flag = "is_flag" in fields or "/" in option
        default = const(False if flag else None, via)
    machine.event("option", atom.place, scope, option.partition("/")[0], name) if atom.place else None
    if not isinstance(default.atoms[0] if default.atoms else None, Given) and machine.opens(DRAWS, scope):
        default = join(default, of(Given(via)))
    target = next((inner for inner in value.atoms if isinstance(inner, Partial)), None)
    if target is not None:
        return of(Partial(target.target, (), (*target.keywords, (name, default))))
    return of(Partial(value, (), ((name, default),)))


def option_default(machine: Machine, value: Value, name: str, scope: Scope, state: State) -> Value:
    """`typer.Option(42)` is worth 42."""
    for atom in value.atoms:
        if isinstance(atom, Object) and atom.type.rpartition(".")[2] in {"Option", "Argument"}:
            fields = library.arguments_of(machine, atom, scope, state)
            found = fields.get("default") or fields.get("*")
            return found if found is not None else NONE
    return value


def _makes_generator(machine: Machine, factory: Value) -> bool:
    return any(isinstance(atom, Library) and api.returns.startswith("generator") for atom in factory.atoms for api in machine.rows(getattr(atom, "dotted", "")))


def field_default(machine: Machine, value: Value, place: Place, scope: Scope, state: State) -> Value:
    """`dataclasses.field(default=…)` is worth its default."""
    atom = value.atoms[0] if len(value.atoms) == 1 else None
    if isinstance(atom, Object) and atom.type.rpartition(".")[2] in {"field", "Field", "ib", "attrib"}:
        fields = library.arguments_of(machine, atom, scope, state)
        if "default" in fields:
            return fields["default"]
        if "default_factory" in fields:
            factory = fields["default_factory"]
            where = atom.place or place if _makes_generator(machine, factory) else place
            made = calls.call_value(machine, factory, calls.Arguments(), where, scope, state, CERTAIN)
            return made if made.atoms else TOP
        return fields.get("*", TOP)
    return value
