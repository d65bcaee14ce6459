"""Methods of lists, sets, records, text and files → values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from reprolint.flow import builtins, calls, commands, files, iteration, mappings, options, paths, taint
from reprolint.flow.expressions import (
    contents,
    element_of,
    elements_of,
    entries,
    item,
    new_container,
    order_of,
    remember_key,
    set_entry,
)
from reprolint.flow.state import LIKELY, MISSING, Scope, State
from reprolint.flow.values import (
    NONE,
    NOWHERE,
    TOP,
    Const,
    Drawn,
    Entropy,
    Given,
    Lazy,
    Library,
    Many,
    Method,
    Object,
    Partial,
    Sequence,
    Taint,
    Text,
    Top,
    Value,
    const,
    constant,
    field_of,
    join,
    key_of,
    of,
    text_of,
    unite,
    via_of,
    with_taints,
)

if TYPE_CHECKING:
    from reprolint.flow.calls import Arguments, Outcome
    from reprolint.flow.machine import Machine
    from reprolint.model.span import Place


def call_special(machine: Machine, atom: Method, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome | None:
    """Methods that no row can describe; None if this is not one."""
    name = atom.name
    only = atom.receiver.atoms[0] if len(atom.receiver.atoms) == 1 else None
    if name in {"command", "group", "callback"} and (key := _group(machine, only, scope, state)):
        return calls.Outcome(_subcommand(key, place, state))
    if name == "add_command" and arguments.positional and (key := _group(machine, only, scope, state)):
        commands.register(machine, key, arguments.positional[0], scope, state)
        return calls.Outcome(NONE)
    if name == "add_argument":
        return calls.Outcome(options.add_argument(machine, arguments, place, scope, state))
    if name == "set_defaults":
        return calls.Outcome(options.set_defaults(machine, arguments, scope, state))
    if name in {"parse_args", "parse_known_args"} and (not isinstance(only, Object) or only.type not in machine.classes or "ArgumentParser" in str(machine.order(only.type))):
        pool = of(Object("pool", "options", place))
        return calls.Outcome(of(Sequence((pool, TOP))) if "known" in name else pool)
    if name == "error" and isinstance(only, Object) and "ArgumentParser" in str(machine.order(only.type)):
        return calls.Outcome(None)
    if name == "parse_args_into_dataclasses" and isinstance(only, Object):
        return calls.Outcome(options.parsed_dataclasses(machine, only, place, scope, state))
    if isinstance(only, Object):
        if name in mappings.METHODS and (behind := mappings.mapping_of(machine, only)) is not None:
            return _record_method(machine, name, behind, arguments, place, scope, state)
        if only.type == "multiprocessing.context.BaseContext" and name in {"Process", "Pool"}:
            return builtins.in_context(machine, name, only, arguments, place, scope, state, level)
        if only.type == "list":
            return _list_method(machine, name, only, arguments, place, scope, state, level)
        if only.type == "set":
            return _set_method(machine, name, only, arguments, place, scope, state)
        if only.type in {"dict", "options", "namespace", "config"}:
            return _record_method(machine, name, only, arguments, place, scope, state)
        if only.type == "file":
            return calls.Outcome(with_taints(_file_method(machine, name, only, arguments, place, scope, state), atom.receiver.taints))
    if isinstance(only, Const) and only.kind == paths.KIND:
        found = files.path_method(machine, name, only, arguments, builtins.tag(place, "file"), place, scope, state)
        if found is not None:
            return found
    if name in _EXACT:
        exact = _exactly(machine, name, atom, arguments, place, scope, state)
        if exact is not None:
            return calls.Outcome(exact)
    if name in _TEXT:
        return _text_method(machine, name, atom, arguments, place, scope, state)
    if isinstance(only, Library | Object) and name == "set_start_method":
        return builtins.start_method(machine, arguments, place, scope, state, level)
    return None


def _file_method(machine: Machine, name: str, only: Object, arguments: Arguments, place: Place, scope: Scope, state: State) -> Value:
    whole = files.contents(machine, of(only), place, scope, state) if name == "read" and not arguments.positional else None
    if whole is not None:
        return whole
    if name == "readlines":
        return new_container(machine, "list", of(Many(of(Text()))), scope, state, tag=builtins.tag(place, "lines"))
    return of(Text()) if name in {"read", "readline"} else TOP


_EXACT: Final = frozenset(
    "lower upper title capitalize casefold swapcase strip lstrip rstrip removeprefix removesuffix replace split rsplit splitlines "
    "partition rpartition startswith endswith isdigit isalpha isnumeric isidentifier islower isupper count find rfind index format join".split()
)
"""Methods of text that are done when the text and all that they are given is known."""
_LONG: Final = 400


def _exactly(machine: Machine, name: str, atom: Method, arguments: Arguments, place: Place, scope: Scope, state: State) -> Value | None:
    known = constant(atom.receiver)
    if known is None or not isinstance(known.value, str) or arguments.rest is not None or arguments.extra or any(value.taints for value in arguments.all()):
        return None
    if name == "format" and ":" in known.value:
        return None  # a width may be anything
    passed = [_plain(machine, value, scope, state) for value in arguments.positional]
    named = {key: _plain(machine, value, scope, state) for key, value in arguments.keywords.items()}
    if any(found is ... for found in (*passed, *named.values())):
        return None
    via = unite(known.via, *(via_of(value) for value in arguments.all()))
    try:
        result = getattr(known.value, name)(*passed, **named)
    except (TypeError, ValueError, LookupError, AttributeError):
        return None
    if isinstance(result, tuple | list) and sum(map(len, result)) <= _LONG:
        whole = of(Sequence(tuple(const(part, via) for part in result)))
        return whole if isinstance(result, tuple) else new_container(machine, "list", whole, scope, state, tag=builtins.tag(place, "split"), place=place)
    return const(result, via) if not isinstance(result, str) or len(result) <= _LONG else None


def _plain(machine: Machine, value: Value, scope: Scope, state: State) -> Any:
    """A known scalar, or a list of known texts; `...` for anything else."""
    known = constant(value)
    if known is not None:
        return known.value
    parts = elements_of(machine, value, scope, state)
    only = parts.atoms[0] if len(parts.atoms) == 1 and not parts.taints else None
    texts = [text_of(element) for element in only.elements] if isinstance(only, Sequence) else [None]
    return ... if None in texts else texts


_TEXT: Final = frozenset("split rsplit splitlines strip lstrip rstrip lower upper title replace join decode encode capitalize casefold zfill removesuffix removeprefix startswith endswith isdigit find format".split())


def _text_method(machine: Machine, name: str, atom: Method, arguments: Arguments, place: Place, scope: Scope, state: State) -> Outcome | None:
    textual = all(isinstance(inner, Const | Text | Given | Top | Entropy) for inner in atom.receiver.atoms)
    if not textual:
        return None
    if name in {"split", "rsplit", "splitlines"}:
        content = Value((Many(of(Text())),), taint.orders(atom.receiver.taints))
        parts = new_container(machine, "list", content, scope, state, tag=builtins.tag(place, "split"), place=place)
        return calls.Outcome(with_taints(parts, taint.parted(atom.receiver.taints, arguments.first())))
    if name in {"startswith", "endswith", "isdigit", "find"}:
        return calls.Outcome(TOP)
    if isinstance(atom.receiver.atoms[0] if atom.receiver.atoms else None, Top) and name in {"replace", "format", "find"}:
        return None
    strong = [inner for value in (atom.receiver, *arguments.all()) for inner in value.atoms if isinstance(inner, Entropy | Drawn)]
    carried = [found for value in arguments.all() for found in value.taints if found.shape != "order"]
    if name == "join":
        carried += _joined(machine, arguments.first(), place, scope, state)
    carried = [*atom.receiver.taints, *(found for found in carried if not taint.numbers([found]))]
    return calls.Outcome(with_taints(of(strong[0] if strong else Text()), carried))


def _joined(machine: Machine, parts: Value, place: Place, scope: Scope, state: State) -> tuple[Taint, ...]:
    """A text is as unfixed as what it is put together of."""
    only = parts.atoms[0] if len(parts.atoms) == 1 else None
    if isinstance(only, Lazy):
        return calls.drain(machine, only, scope, state.copy(), place).taints if machine.ledger is None else ()
    return elements_of(machine, parts, scope, state).taints


def _list_method(machine: Machine, name: str, only: Object, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    content = contents(machine, only, scope, state)
    if name in {"append", "insert", "extend"}:
        for value in arguments.positional:
            taint.appended(machine, value, place, scope, state)
    if name == "index":
        taint.arrive(machine, taint.orders(content.taints), "index", place, scope, state, LIKELY)
    if name == "append" and arguments.positional:
        iteration.append(machine, only, arguments.positional[0], scope, state)
        return calls.Outcome(NONE)
    if name == "insert" and len(arguments.positional) > 1:
        iteration.append(machine, only, arguments.positional[1], scope, state)
        return calls.Outcome(NONE)
    if name == "extend" and arguments.positional:
        more = iteration.iterate(machine, arguments.positional[0], scope, state, place, level)
        if more is not None:
            iteration.extend(machine, only, more, scope, state)
        return calls.Outcome(NONE)
    if name == "sort":
        by = builtins.key_taints(machine, arguments, content, place, scope, state, level)
        by = by or (taint.orders(content.taints) if builtins.ties(arguments) else ())
        ordered = builtins.in_order(machine, content, arguments, place, scope, state, level)
        state.writes[only.key, "items"] = ordered or Value((Many(taint.cleaned(element_of(content))),), by)
        for found in taint.orders(content.taints) if not by else ():
            if only.key.endswith("/files"):
                taint.settled(found.place, state)
        return calls.Outcome(NONE)
    if name == "clear":
        state.writes[only.key, "items"] = of(Sequence(()))
        return calls.Outcome(NONE)
    if name == "copy":
        return calls.Outcome(new_container(machine, "list", content, scope, state, tag=builtins.tag(place, "copy"), place=place))
    if name in {"pop", "__getitem__"}:
        return calls.Outcome(with_taints(element_of(content), taint.in_round(content.taints, scope.loops)))
    return calls.Outcome(TOP)


def _set_method(machine: Machine, name: str, only: Object, arguments: Arguments, place: Place, scope: Scope, state: State) -> Outcome:
    content = contents(machine, only, scope, state)
    if name in {"add", "update", "symmetric_difference_update", "union", "difference", "intersection", "symmetric_difference", "__or__", "copy"}:
        gone = ((value if name == "add" else iteration.iterate(machine, value, scope, state, place)) for value in arguments.positional)
        given = [value if name == "add" else element_of(value) for value in gone if value is not None]
        parts = [element_of(content), *given]
        found = [part for part in parts if part.atoms]
        merged = Value((Many(Value(join(*found).atoms) if found else NOWHERE),))
        if name in {"add", "update", "symmetric_difference_update"}:
            state.writes[only.key, "items"] = merged
            return calls.Outcome(NONE)
        return calls.Outcome(new_container(machine, "set", merged, scope, state, tag=builtins.tag(place, name), place=place))
    if name == "pop":
        elements = iteration.iterate(machine, of(only), scope, state, place)
        return calls.Outcome(with_taints(element_of(elements), taint.in_round(elements.taints, scope.loops)) if elements is not None else TOP)
    return calls.Outcome(TOP)


def record(fields: dict[str, Value], place: Place, scope: Scope, state: State) -> Value:
    """A dict that holds these fields and no others."""
    key = builtins.tag(place, "dict")
    state.writes.update({(key, f"k:{name}"): value for name, value in fields.items()})
    state.writes[key, "#keys"] = tuple(fields)
    state.writes[key, "#depth"] = scope.loops
    return of(Object(key, "dict", place))


def _record_method(machine: Machine, name: str, only: Object, arguments: Arguments, place: Place, scope: Scope, state: State) -> Outcome:
    if name == "__getitem__":
        return calls.Outcome(item(machine, of(only), arguments.first(), scope, state))
    if name == "__setitem__":
        set_entry(machine, only, arguments.first(), arguments.positional[-1] if arguments.positional else TOP, scope, state)
        return calls.Outcome(NONE)
    if name in {"get", "pop", "setdefault"} and arguments.positional:
        key = arguments.positional[0]
        default = arguments.positional[1] if len(arguments.positional) > 1 else arguments.keywords.get("default", NONE)
        text = field_of(key)
        known = entries(machine, only, scope, state)
        unknown = machine.read((only.key, "[]"), state, scope.activation) is not MISSING
        if text is not None and text in known:
            if name == "pop":
                state.writes[only.key, "#keys"] = tuple(other for other in known if other != text)
            return calls.Outcome(known[text])
        if name == "setdefault":
            set_entry(machine, only, key, default, scope, state)
        if text is not None and only.type == "config":
            return calls.Outcome(calls.overridable(default, (text,)) if default.atoms else of(Given((text,))))
        if text is not None and not unknown:
            via = files.absent(machine, only, text, scope, state)
            return calls.Outcome(calls.willing(machine, text, calls.overridable(default, via), scope) if via else default)
        return calls.Outcome(join(item(machine, of(only), key, scope, state), default))
    filled = order_of(machine, only, scope, state)
    if filled and name in {"items", "values"}:
        inner = item(machine, of(only), TOP, scope, state)
        single = taint.in_round(filled, scope.loops + 1)
        element = of(Sequence((with_taints(TOP, single), with_taints(inner, single)))) if name == "items" else inner
        return calls.Outcome(Value((Many(element),), filled))
    if name == "items":
        pairs = entries(machine, only, scope, state)
        if pairs and machine.read((only.key, "[]"), state, scope.activation) is MISSING:
            return calls.Outcome(of(Sequence(tuple(of(Sequence((key_of(key), value))) for key, value in pairs.items()))))
        more = of(Sequence((TOP, item(machine, of(only), TOP, scope, state))))
        if pairs and only.type == "dict":  # others that nobody knows may follow
            return calls.Outcome(of(Sequence((*(of(Sequence((key_of(key), value))) for key, value in pairs.items()), more))))
        return calls.Outcome(of(Many(more)))
    if name == "keys":
        return calls.Outcome(elements_of(machine, of(only), scope, state))
    if name == "values":
        pairs = entries(machine, only, scope, state)
        if pairs and machine.read((only.key, "[]"), state, scope.activation) is MISSING:
            return calls.Outcome(of(Sequence(tuple(pairs.values()))))
        return calls.Outcome(of(Many(item(machine, of(only), TOP, scope, state))))
    if name in {"update", "merge_from_file", "merge_from_list", "__dict__"}:
        _update(machine, only, arguments, place, scope, state)
        return calls.Outcome(NONE)
    return calls.Outcome(of(only) if name in {"copy", "clone", "freeze", "defrost"} else TOP)


def _update(machine: Machine, only: Object, arguments: Arguments, place: Place, scope: Scope, state: State) -> None:
    names = dict(arguments.keywords)
    unknown = arguments.extra
    for value in arguments.positional:
        for atom in value.atoms:
            found = entries(machine, atom, scope, state) if isinstance(atom, Object) else {}
            names.update(found)
            unknown = unknown or not found
    prefix = "k:" if only.type == "dict" else ""
    if unknown:
        for name, value in entries(machine, only, scope, state).items():
            state.writes[only.key, prefix + name] = calls.overridable(value, (name,))
        if only.type == "dict":
            state.writes[only.key, "[]"] = TOP
    for name, value in names.items():
        state.writes[only.key, prefix + name] = value
        remember_key(machine, only, name, scope, state)


def _group(machine: Machine, only: object, scope: Scope, state: State) -> str:
    """The key of a group of commands: a decorated function, or an application object."""
    if isinstance(only, Partial) and any(name == "#command" for name, _ in only.keywords):
        return calls.group_key(only)
    if isinstance(only, Object) and only.type not in machine.classes and only.type.rpartition(".")[2] in {"Typer", "App", "Group"}:
        return only.key
    return ""


def _subcommand(key: str, place: Place, state: State) -> Value:
    made = builtins.tag(place, "subcommand")
    state.writes[made, "group"] = const(key)
    return of(Object(made, "#subcommand", place))
