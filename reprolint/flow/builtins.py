"""What needs more than a row: Python's own functions, containers, and parsers of options."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reprolint.flow import calls, commands, files, iteration, library, options, paths, taint
from reprolint.flow.expressions import (
    attribute,
    contents,
    element_of,
    elements_of,
    entries,
    environment,
    item,
    new_container,
    order_of,
    remember_key,
    set_attribute,
)
from reprolint.flow.state import CERTAIN, LIKELY, MISSING, Scope, State
from reprolint.flow.values import (
    NONE,
    NOWHERE,
    TOP,
    Atom,
    Bound,
    ClassRef,
    Code,
    Const,
    Drawn,
    Entropy,
    Given,
    Lazy,
    Library,
    Many,
    Method,
    ModuleRef,
    Object,
    Partial,
    Rng,
    Sequence,
    Super,
    Taint,
    Text,
    Top,
    Value,
    const,
    constant,
    held,
    join,
    of,
    text_of,
    unite,
    via_of,
    with_taints,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from reprolint.flow.calls import Arguments, Outcome
    from reprolint.flow.machine import Machine
    from reprolint.model.span import Place

    Handler = Callable[[Machine, Arguments, Place, Scope, State, int], Outcome | None]


def _done(value: Value) -> Outcome:
    return calls.Outcome(value)


def _tag(place: Place, kind: str) -> str:
    return f"{place.path}:{place.site}/{kind}"


# -- containers ----------------------------------------------------------------------------------------------------


def _list(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    if not arguments.positional and arguments.rest is None:
        return _done(new_container(machine, "list", of(Sequence(())), scope, state, tag=_tag(place, "list"), place=place))
    source = arguments.first()
    elements = iteration.iterate(machine, source, scope, state, place, level)
    content = elements if elements is not None else of(Sequence(()))
    return _done(new_container(machine, "list", content, scope, state, tag=_tag(place, "list"), place=place))


def _tuple(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    if not arguments.positional and arguments.rest is None:
        return _done(of(Sequence(())))
    elements = iteration.iterate(machine, arguments.first(), scope, state, place, level)
    return _done(elements if elements is not None else of(Sequence(())))


def _set(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    if not arguments.positional and arguments.rest is None:
        return _done(new_container(machine, "set", of(Many(NOWHERE)), scope, state, tag=_tag(place, "set"), place=place))
    elements = iteration.iterate(machine, arguments.first(), scope, state, place, level) or of(Many(NOWHERE))
    return _done(new_container(machine, "set", Value((Many(element_of(elements)),)), scope, state, tag=_tag(place, "set"), place=place))


def _sorted(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    elements = iteration.iterate(machine, arguments.first(), scope, state, place, level)
    _by_key(machine, arguments, elements, place, scope, state, level)
    content = Value(elements.atoms if elements is not None else (Sequence(()),))
    by = _key_taints(machine, arguments, content, place, scope, state, level)
    if by:
        disordered = Value((Many(element_of(content)),), by)
        return _done(new_container(machine, "list", disordered, scope, state, tag=_tag(place, "sorted"), place=place))
    clean = Value((Many(taint.cleaned(element_of(content))),)) if content.atoms else content
    return _done(new_container(machine, "list", clean, scope, state, tag=_tag(place, "sorted"), place=place))


def _key_taints(machine: Machine, arguments: Arguments, content: Value, place: Place, scope: Scope, state: State, level: int) -> tuple[Taint, ...]:
    """What a sort by `key` takes from values that differ from run to run."""
    key = arguments.keywords.get("key", NOWHERE)
    if not any(isinstance(atom, Code | Bound | Partial) or (isinstance(atom, Library) and atom.dotted in {"builtins.hash", "builtins.id"}) for atom in key.atoms):
        return ()
    result = calls.call_value(machine, key, calls.Arguments([element_of(content)]), place, scope, state, level)
    return taint.shuffled(taint.deep(machine, result, scope, state))


def _by_key(machine: Machine, arguments: Arguments, elements: Value | None, place: Place, scope: Scope, state: State, level: int) -> None:
    """`key=` is called with every element."""
    key = arguments.keywords.get("key")
    if key is not None and elements is not None:
        calls.call_value(machine, key, calls.Arguments([element_of(elements)]), place, scope, state, level)


def _enumerate(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    elements = iteration.iterate(machine, arguments.first(), scope, state, place, level)
    if elements is None:
        return _done(of(Sequence(())))
    atom = elements.atoms[0] if len(elements.atoms) == 1 else None
    if isinstance(atom, Sequence):
        pairs = tuple(of(Sequence((const(number), element))) for number, element in enumerate(atom.elements))
        return _done(Value((Sequence(pairs),), elements.taints))
    number = Value((Given(),), taint.counted(elements.taints, scope.loops + 1))
    element = element_of(elements)
    element = with_taints(Value(element.atoms, taint.in_round(element.taints, scope.loops + 1)), taint.in_round(elements.taints, scope.loops + 1))
    return _done(Value((Many(of(Sequence((number, element)))),), elements.taints))


def _zip(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    parts = [iteration.iterate(machine, value, scope, state, place, level) or of(Many(NOWHERE)) for value in arguments.positional]
    taints = tuple(dict.fromkeys(found for part in parts for found in part.taints))
    known = [part.atoms[0] if len(part.atoms) == 1 else None for part in parts]
    if parts and all(isinstance(atom, Sequence) for atom in known):
        rows = zip(*(atom.elements for atom in known if isinstance(atom, Sequence)), strict=False)
        return _done(Value((Sequence(tuple(of(Sequence(row)) for row in rows)),), taints))
    return _done(Value((Many(of(Sequence(tuple(element_of(part) for part in parts)))),), taints))


def _same_elements(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    """`iter`, `reversed`, `tqdm`, `islice`, `cycle`: what comes out is what goes in."""
    source = arguments.first()
    if not source.atoms:
        source = arguments.keywords.get("iterable", NOWHERE)
    only = source.atoms[0] if len(source.atoms) == 1 else None
    if isinstance(only, Lazy):
        return _done(source)
    elements = iteration.iterate(machine, source, scope, state, place, level)
    return _done(elements if elements is not None else of(Sequence(())))


def _deferred(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    """A wrapper that iterates its argument when it is iterated itself."""
    source = arguments.first()
    return _done(source if source.atoms else arguments.keywords.get("iterable", TOP))


def _iter(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    """`iter(loader)` starts the loader; anything else waits for its first `next`."""
    only = arguments.first().atoms[0] if len(arguments.first().atoms) == 1 else None
    if isinstance(only, Object) and library.is_loader(machine, only):
        return _same_elements(machine, arguments, place, scope, state, level)
    return _deferred(machine, arguments, place, scope, state, level)


def _map(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    """`map` calls its function when it is iterated."""
    if len(arguments.positional) < 2:  # noqa: PLR2004
        return _done(TOP)
    key = _tag(place, "map")
    state.writes[key, "#arguments"] = tuple((str(number), value) for number, value in enumerate(arguments.positional))
    return _done(of(Object(key, "builtins.map", place)))


def mapped(machine: Machine, atom: Object, place: Place, scope: Scope, state: State, level: int) -> Value:
    """What iterating a `map` gives."""
    function, *sources = library.arguments_of(machine, atom, scope, state).values() or (TOP,)
    parts = [iteration.iterate(machine, value, scope, state, place, level) or of(Many(NOWHERE)) for value in sources]
    taints = tuple(dict.fromkeys(found for part in parts for found in part.taints))
    result = calls.call_value(machine, function, calls.Arguments([element_of(part) for part in parts]), place, scope, state, level)
    return Value((Many(result),), taints)


def _filter(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    if len(arguments.positional) < 2:  # noqa: PLR2004
        return _done(TOP)
    function, source = arguments.positional[:2]
    elements = iteration.iterate(machine, source, scope, state, place, level) or of(Many(NOWHERE))
    if not all(isinstance(atom, Const) for atom in function.atoms):
        calls.call_value(machine, function, calls.Arguments([element_of(elements)]), place, scope, state, level)
    return _done(Value((Many(element_of(elements)),), elements.taints))


def _next(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    elements = iteration.iterate(machine, arguments.first(), scope, state, place, level)
    return _done(with_taints(element_of(elements), taint.in_round(elements.taints, scope.loops)) if elements is not None else NOWHERE)


def _dict(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    key = _tag(place, "dict")
    names: dict[str, Value] = {}
    unknown = arguments.extra
    for value in arguments.positional:
        for atom in value.atoms:
            found = entries(machine, atom, scope, state) if isinstance(atom, Object) else {}
            names.update(found)
            unknown = unknown or not found
    names.update(arguments.keywords)
    for name, value in names.items():
        state.writes[key, f"k:{name}"] = value
    state.writes[key, "#keys"] = tuple(names)
    state.writes[key, "#depth"] = scope.loops
    if unknown:
        state.writes[key, "[]"] = TOP
    return _done(of(Object(key, "dict", place)))


def _range(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    known = constant(arguments.first())
    if known is not None and known.value == 0 and len(arguments.positional) == 1 and not known.via:
        return _done(of(Sequence(())))
    return _done(of(Many(of(Given(via_of(arguments.first()))))))


# -- scalars -------------------------------------------------------------------------------------------------------


def _scalar(convert: Callable[[object], object], empty: str | float) -> Handler:
    def handler(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
        source = arguments.first()
        if not source.atoms:
            return _done(const(empty))
        atoms = []
        for atom in source.atoms:
            if isinstance(atom, Const) and atom.value is not None:
                try:
                    result = convert(atom.value)
                except (TypeError, ValueError, OverflowError):
                    continue
                atoms.append(Const(type(result).__name__, result, atom.via))  # type: ignore[arg-type]
            elif isinstance(atom, Const):
                atoms.append(Const("str", "None", atom.via)) if convert is str else None
            elif isinstance(atom, Text) or convert is str:
                atoms.append(atom if isinstance(atom, Given | Entropy | Drawn) else Text() if convert is str else Given())  # type: ignore[arg-type]
            else:
                atoms.append(atom if not isinstance(atom, Object | Code) else Top())  # type: ignore[arg-type]
        return _done(Value(tuple(dict.fromkeys(atoms)), tuple(found for found in source.taints if found.shape != "order")))

    return handler


def _measure(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    """`len`: known for what is known one by one."""
    value = arguments.first()
    elements = elements_of(machine, value, scope, state) if value.atoms else value
    atom = elements.atoms[0] if len(elements.atoms) == 1 else None
    only = value.atoms[0] if len(value.atoms) == 1 else None
    if isinstance(atom, Sequence) and scope.loops and isinstance(only, Object) and iteration.grows(machine, only, scope, state):
        atom = None
    return _done(with_taints(const(len(atom.elements)) if isinstance(atom, Sequence) else of(Given()), (taint.length(only),)))


def _number(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    """`min`, `max`, `abs`, `round`, `sum`: keeps entropy, forgets order."""
    if "key" in arguments.keywords:
        _by_key(machine, arguments, iteration.iterate(machine, arguments.first(), scope, state, place, level), place, scope, state, level)
    for value in arguments.all():
        if isinstance(value.atoms[0] if value.atoms else None, Lazy):
            iteration.iterate(machine, value, scope, state, place, level)
    found = [atom for value in arguments.all() for atom in value.atoms]
    strong = [atom for atom in found if isinstance(atom, Entropy | Drawn)]
    if strong:
        return _done(Value((strong[0],), tuple(carried for value in arguments.all() for carried in taint.values(value.taints))))
    if found and all(isinstance(atom, Const | Given) for atom in found):
        only = constant(arguments.first()) if len(found) == 1 else None
        return _done(of(only) if only is not None else of(Given(unite(*(atom.via for atom in found if isinstance(atom, Const | Given))))))
    return _done(TOP)


def _hash_of(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    """`hash` of text differs from process to process."""
    value = arguments.first()
    texts = any(isinstance(atom, Text) or (isinstance(atom, Const) and isinstance(atom.value, str)) for atom in _leaves(value))
    if texts:
        return _done(Value((Entropy("hash() of a string", place),), (Taint("hash", place, "name", "hash() of a string"),)))
    strong = [leaf for leaf in _leaves(value) if isinstance(leaf, Entropy | Drawn)]
    return _done(of(strong[0] if strong else Given(via_of(value))))


def _id_of(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    """`id` is an address: another in each process."""
    return _done(Value((Entropy("id() of an object", place),), (Taint("hash", place, "name", "id() of an object"),)))


def _leaves(value: Value) -> list[Atom]:
    found: list[Atom] = []
    for atom in value.atoms:
        if isinstance(atom, Sequence):
            for element in atom.elements:
                found += _leaves(element)
        else:
            found.append(atom)
    return found


# -- reflection ----------------------------------------------------------------------------------------------------


def _isinstance(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    value = arguments.first()
    kinds = arguments.positional[1] if len(arguments.positional) > 1 else TOP
    answers = {_is_instance(machine, atom, kinds) for atom in value.atoms}
    found = answers.pop() if len(answers) == 1 else None
    return _done(const(found) if found is not None else TOP)


_BUILTIN_TYPES: Final = {"int": "int", "str": "str", "float": "float", "bool": "bool", "list": "list", "dict": "dict", "set": "set", "tuple": "tuple"}


_PROTOCOLS: Final = ("collections.abc.", "typing.")


def _is_iterable(name: str) -> bool:
    """Whether every list, tuple and text is an instance of the protocol."""
    return name.startswith(_PROTOCOLS) and name.endswith(("Iterable", "Collection", "Sized", "Container", "Sequence"))


def _is_instance(machine: Machine, atom: object, kinds: Value) -> bool | None:
    names = []
    for kind in _leaves(kinds):
        if isinstance(kind, Library):
            names.append(kind.dotted.removeprefix("builtins."))
        elif isinstance(kind, ClassRef):
            names.append(kind.key)
        else:
            return None
    plain = all(name in _BUILTIN_TYPES or name == "type" or name.startswith(_PROTOCOLS) for name in names)
    if isinstance(atom, Const):
        return atom.kind in names or (atom.kind == "bool" and "int" in names) or (atom.kind == "str" and any(map(_is_iterable, names)))
    if isinstance(atom, Sequence):
        return True if "tuple" in names or any(map(_is_iterable, names)) else False if plain else None
    if isinstance(atom, (ClassRef, Code, ModuleRef)):
        callable_ = any(name.endswith(".Callable") for name in names) and not isinstance(atom, ModuleRef)
        return True if callable_ or ("type" in names and isinstance(atom, ClassRef)) else False if plain else None
    if isinstance(atom, Object):
        order = machine.order(atom.type)
        if any(name in order for name in names):
            return True
        if atom.type in {"list", "dict", "set"} and plain:
            return any(map(_is_iterable, names)) and not (atom.type != "list" and all(name.endswith("Sequence") for name in names))
        if atom.type in machine.classes and all(name in machine.classes or name in _BUILTIN_TYPES for name in names):
            return False
        return None
    return None


def _is_dataclass(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    answers = {_has_fields(machine, atom, scope, state) for atom in arguments.first().atoms}
    found = answers.pop() if len(answers) == 1 else None
    return _done(const(found) if found is not None else TOP)


def _has_fields(machine: Machine, atom: object, scope: Scope, state: State) -> bool | None:
    """Whether a class of the project, or its instance, has annotated fields; what is no class of the project has none."""
    key = atom.key if isinstance(atom, ClassRef) else atom.type if isinstance(atom, Object) else ""
    if key in machine.classes:
        return machine.read((key, "#fields"), state, scope.activation) is not MISSING
    return False if isinstance(atom, (Sequence, Many, Const, Code)) or key in {"list", "dict", "set"} else None


def _hasattr(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    name = text_of(arguments.positional[1]) if len(arguments.positional) > 1 else None
    only = arguments.first().atoms[0] if len(arguments.first().atoms) == 1 else None
    if name is None or not isinstance(only, Object):
        return _done(TOP)
    stored = machine.read((only.key, name), state, scope.activation)
    if stored is not MISSING or machine.find_method(machine.order(only.type), name) is not None:
        return _done(const(True))  # noqa: FBT003
    complete = only.type in machine.classes and all(base in machine.classes for base in machine.order(only.type))
    return _done(const(False)) if complete else _done(TOP)  # noqa: FBT003


def _getattr(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    if len(arguments.positional) < 2:  # noqa: PLR2004
        return _done(TOP)
    base, key = arguments.positional[:2]
    name = text_of(key)
    if name is None:
        return _done(_members(machine, base, scope, state))
    value = attribute(machine, base, name, scope, state)
    if len(arguments.positional) > 2:  # noqa: PLR2004
        only = base.atoms[0] if len(base.atoms) == 1 else None
        absent = isinstance(only, Object) and machine.read((only.key, name), state, scope.activation) is MISSING and machine.find_method(machine.order(only.type), name) is None
        if absent or value is TOP:
            return _done(arguments.positional[2] if absent and only is not None and only.type in {"options", "namespace"} else join(value, arguments.positional[2]))  # type: ignore[union-attr]
    return _done(value)


def _members(machine: Machine, base: Value, scope: Scope, state: State) -> Value:
    """`getattr(module, unknown)`: the classes and functions that the module defines."""
    found: list[Value] = []
    for atom in base.atoms:
        if isinstance(atom, ModuleRef) and atom.path in machine.project.modules:
            for name in sorted(machine.static(atom.path))[:40]:
                value, _ = machine.member(atom.path, name, state, scope.activation)
                if any(isinstance(inner, ClassRef | Code) for inner in value.atoms):
                    found.append(value)
        elif isinstance(atom, Library):
            return of(Top((atom,)))
    return Value((Top(held(found)),)) if found else TOP


def _setattr(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    if len(arguments.positional) >= 3:  # noqa: PLR2004
        base, key, value = arguments.positional[:3]
        name = text_of(key)
        if name is not None:
            set_attribute(machine, base, name, value, scope, state, place)
        else:
            _weaken(machine, base, scope, state)
    return _done(NONE)


def _weaken(machine: Machine, base: Value, scope: Scope, state: State) -> None:
    """Some field of a record is set, nobody knows which: all keep what they hold, and none of it is sure any more."""
    for atom in base.atoms:
        if isinstance(atom, Object) and atom.type in {"options", "namespace"}:
            for name, value in entries(machine, atom, scope, state).items():
                state.writes[atom.key, name] = calls.overridable(value, (name,))


def _vars(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    return _done(arguments.first() if arguments.positional else TOP)


def _type(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    found = [of(ClassRef(atom.type)) for atom in arguments.first().atoms if isinstance(atom, Object) and atom.type in machine.classes]
    return _done(join(*found) if found else TOP)


def _super(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    if len(arguments.positional) < 2:  # noqa: PLR2004
        return _done(TOP)
    owners = [atom.key for atom in arguments.positional[0].atoms if isinstance(atom, ClassRef)]
    found = [Super(owner, atom) for owner in owners for atom in arguments.positional[1].atoms if isinstance(atom, Object | ClassRef)]
    return _done(Value(tuple(found)) if found else TOP)


def _import_module(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    name = text_of(arguments.first())
    if name is None:
        return _done(TOP)
    path = machine.project.find(name.lstrip("."), scope.path, machine.home)
    if path is None:
        return _done(of(Library(name)))
    if path in machine.project.modules:
        calls.run_module(machine, path, place, scope, state)
    return _done(of(ModuleRef(path)))


def _partial(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    if not arguments.positional:
        return _done(TOP)
    return _done(of(Partial(arguments.positional[0], tuple(arguments.positional[1:]), tuple(arguments.keywords.items()))))


def _copy(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    return _done(arguments.first())


def _keep(dotted: str) -> Handler:
    """Objects of which only the arguments matter: options and fields."""

    def handler(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
        key = f"{place.path}:{place.site}~{dotted}"
        fields = [(str(number), value) for number, value in enumerate(arguments.positional)]
        if arguments.positional:
            fields.append(("*", arguments.positional[0]))
        state.writes[key, "#arguments"] = (*fields, *arguments.keywords.items())
        return _done(of(Object(key, dotted, place)))

    return handler


def _made_by_user(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome | None:
    """`tyro.cli(Config)`: an instance whose fields the user gives, or what a function returns."""
    target = arguments.first()
    if not target.atoms or not all(isinstance(atom, ClassRef | Code) for atom in target.atoms):
        return None
    return calls.call_targets(machine, library.as_command(target).atoms, calls.Arguments(), place, scope, state, level)


def _namespace(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    key = _tag(place, "namespace")
    names = dict(arguments.keywords)
    for value in arguments.positional:
        for atom in value.atoms:
            if isinstance(atom, Object):
                names.update(entries(machine, atom, scope, state))
    for name, value in names.items():
        state.writes[key, name] = value
    state.writes[key, "#keys"] = tuple(names)
    return _done(of(Object(key, "namespace" if not arguments.extra else "config", place)))


# -- the run's end and its environment -----------------------------------------------------------------------------


def _exit(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    value = arguments.first()
    clean = not value.atoms or all(isinstance(atom, Const) and (atom.value is None or atom.value == 0) and not isinstance(atom.value, str) for atom in value.atoms)
    return calls.Outcome(None, ended=clean)


def _abort(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    return calls.Outcome(None)


def _getenv(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    name = text_of(arguments.first())
    default = arguments.positional[1] if len(arguments.positional) > 1 else arguments.keywords.get("default", NONE)
    return _done(environment(machine, name, default, scope, state) if name else join(default, of(Given())))


def _setenv(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    name = text_of(arguments.first())
    if name and len(arguments.positional) > 1:
        state.writes["environ", name] = arguments.positional[1]
        machine.event("environ", place, scope, name, arguments.positional[1].atoms)
    return _done(arguments.positional[1] if len(arguments.positional) > 1 else TOP)


def _updateenv(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    names = dict(arguments.keywords)
    for value in arguments.positional:
        for atom in value.atoms:
            if isinstance(atom, Object):
                names.update(entries(machine, atom, scope, state))
    for name, value in names.items():
        state.writes["environ", name] = value
        machine.event("environ", place, scope, name, value.atoms)
    return _done(NONE)


def _launch(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    """A new program: what was set in the environment reaches it."""
    machine.event("launch", place, scope)
    return _done(TOP)


def _exec(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    """The program starts again, or another does: its run goes on where this one would, with what is now in the environment."""
    machine.event("launch", place, scope)
    name = "PYTHONHASHSEED"
    handed = [entries(machine, atom, scope, state) for value in arguments.positional for atom in value.atoms if isinstance(atom, Object)]
    if machine.read(("environ", name), state, scope.activation) is not MISSING or any(name in found for found in handed):
        machine.event("hash-fixed", place, scope)
    state.writes["process", "replaced"] = place
    return _done(TOP)


def _start_method(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    state.writes["process", "start-method"] = arguments.first()
    return _done(NONE)


def _globals(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    return _done(of(ModuleRef(scope.path)))


def _context(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    """`multiprocessing.get_context(method)`."""
    method = text_of(arguments.first()) or ""
    key = _tag(place, "context")
    state.writes[key, "method"] = const(method)
    return _done(of(Object(key, "multiprocessing.context.BaseContext", place)))


def _in_context(machine: Machine, name: str, only: Object, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    """A process or pool of a context starts by the context's method."""
    before = machine.read(("process", "start-method"), state, scope.activation)
    state.writes["process", "start-method"] = machine.read((only.key, "method"), state, scope.activation)
    outcome = library.call_library(machine, f"multiprocessing.{name}", arguments, place, scope, state, level)
    state.writes["process", "start-method"] = NONE if before is MISSING else before
    made = outcome.value.atoms[0] if outcome.value is not None and len(outcome.value.atoms) == 1 else None
    if isinstance(made, Object):
        state.writes[made.key, "method"] = machine.read((only.key, "method"), state, scope.activation)
    return outcome


def _zero(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    return _done(const(0))


def _one(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    return _done(const(1))


def _false(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    return _done(const(False))  # noqa: FBT003


def _open(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    mode = arguments.positional[1] if len(arguments.positional) > 1 else arguments.keywords.get("mode")
    opened = files.opened(machine, arguments.first(), mode, _tag(place, "file"), place, scope, state)
    return _done(with_taints(opened, taint.elements(arguments.first().taints)))


_PASSING: Final = (
    "tqdm.tqdm tqdm.auto.tqdm tqdm.notebook.tqdm tqdm.rich.tqdm tqdm.std.tqdm rich.progress.track alive_progress.alive_it "
    "itertools.islice itertools.cycle builtins.reversed more_itertools.peekable tqdm.asyncio.tqdm progressbar.progressbar "
    "fastprogress.progress_bar fastprogress.fastprogress.progress_bar fastprogress.master_bar"
).split()

HANDLERS: Final[dict[str, Handler]] = {
    **files.HANDLERS,
    "builtins.list": _list,
    "builtins.tuple": _tuple,
    "builtins.set": _set,
    "builtins.frozenset": _set,
    "builtins.sorted": _sorted,
    "natsort.natsorted": _sorted,
    "builtins.enumerate": _enumerate,
    "builtins.zip": _zip,
    "builtins.map": _map,
    "builtins.filter": _filter,
    "builtins.iter": _iter,
    "builtins.next": _next,
    "builtins.dict": _dict,
    "builtins.range": _range,
    "builtins.int": _scalar(int, 0),  # type: ignore[arg-type]
    "builtins.float": _scalar(float, 0.0),  # type: ignore[arg-type]
    "builtins.str": _scalar(str, ""),
    "builtins.bool": _scalar(bool, False),  # noqa: FBT003
    "builtins.len": _measure,
    "builtins.min": _number,
    "builtins.max": _number,
    "builtins.abs": _number,
    "builtins.round": _number,
    "builtins.sum": _number,
    "builtins.any": _number,
    "builtins.all": _number,
    "builtins.hash": _hash_of,
    "builtins.id": _id_of,
    "builtins.isinstance": _isinstance,
    "dataclasses.is_dataclass": _is_dataclass,
    "builtins.hasattr": _hasattr,
    "builtins.getattr": _getattr,
    "builtins.setattr": _setattr,
    "builtins.vars": _vars,
    "builtins.type": _type,
    "builtins.super": _super,
    "builtins.open": _open,
    "builtins.exit": _exit,
    "builtins.quit": _exit,
    "sys.exit": _exit,
    "os._exit": _exit,
    "os.abort": _abort,
    "importlib.import_module": _import_module,
    "builtins.__import__": _import_module,
    "functools.partial": _partial,
    "copy.copy": _copy,
    "copy.deepcopy": _copy,
    "dataclasses.asdict": _vars,
    "dataclasses.replace": _copy,
    "tyro.cli": _made_by_user,
    "argparse.Namespace": _namespace,
    "types.SimpleNamespace": _namespace,
    "easydict.EasyDict": _namespace,
    "addict.Dict": _namespace,
    "munch.Munch": _namespace,
    "ml_collections.ConfigDict": _namespace,
    "os.getenv": _getenv,
    "os.environ.get": _getenv,
    "os.environ.setdefault": _setenv,
    "os.putenv": _setenv,
    "os.environ.update": _updateenv,
    **dict.fromkeys((f"os.exec{kind}" for kind in ("v", "ve", "vp", "vpe", "l", "le", "lp", "lpe")), _exec),
    "subprocess.run": _launch,
    "subprocess.Popen": _launch,
    "subprocess.call": _launch,
    "subprocess.check_call": _launch,
    "subprocess.check_output": _launch,
    "os.system": _launch,
    "builtins.globals": _globals,
    "multiprocessing.get_context": _context,
    "torch.multiprocessing.get_context": _context,
    "multiprocessing.set_start_method": _start_method,
    "torch.multiprocessing.set_start_method": _start_method,
    "torch.distributed.get_rank": _zero,
    "torch.distributed.get_world_size": _one,
    "torch.distributed.is_initialized": _false,
    **dict.fromkeys(_PASSING, _deferred),
    **{dotted: _keep(dotted) for dotted in (
        "click.option", "click.argument", "typer.Option", "typer.Argument", "dataclasses.field", "attr.ib", "attrs.field", "attr.field",
        "pydantic.Field", "simple_parsing.field", "rich_click.option", "rich_click.argument", "collections.defaultdict",
    )},
}  # fmt: skip


# -- methods of containers, text, parsers --------------------------------------------------------------------------


def call_special(machine: Machine, atom: Method, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome | None:
    """Methods that no row can describe; None if this is not one."""
    name = atom.name
    only = atom.receiver.atoms[0] if len(atom.receiver.atoms) == 1 else None
    if name in {"command", "group", "callback"} and (key := _group(machine, only, scope, state)):
        return _done(_subcommand(key, place, state))
    if name == "add_command" and arguments.positional and (key := _group(machine, only, scope, state)):
        commands.register(machine, key, arguments.positional[0], scope, state)
        return _done(NONE)
    if name == "add_argument":
        return _done(options.add_argument(machine, arguments, place, scope, state))
    if name == "set_defaults":
        return _done(options.set_defaults(machine, arguments, scope, state))
    if name in {"parse_args", "parse_known_args"} and (not isinstance(only, Object) or only.type not in machine.classes or "ArgumentParser" in str(machine.order(only.type))):
        pool = of(Object("pool", "options", place))
        return _done(of(Sequence((pool, TOP))) if "known" in name else pool)
    if name == "error" and isinstance(only, Object) and "ArgumentParser" in str(machine.order(only.type)):
        return calls.Outcome(None)
    if name == "parse_args_into_dataclasses" and isinstance(only, Object):
        return _done(options.parsed_dataclasses(machine, only, place, scope, state))
    if isinstance(only, Object):
        if only.type == "multiprocessing.context.BaseContext" and name in {"Process", "Pool"}:
            return _in_context(machine, name, only, arguments, place, scope, state, level)
        if only.type == "list":
            return _list_method(machine, name, only, arguments, place, scope, state, level)
        if only.type == "set":
            return _set_method(machine, name, only, arguments, place, scope, state)
        if only.type in {"dict", "options", "namespace", "config"}:
            return _record_method(machine, name, only, arguments, place, scope, state)
        if only.type == "file":
            return _done(with_taints(_file_method(machine, name, only, arguments, place, scope, state), atom.receiver.taints))
    if isinstance(only, Const) and only.kind == paths.KIND:
        found = files.path_method(machine, name, only, arguments, _tag(place, "file"), place, scope, state)
        if found is not None:
            return found
    if name in _TEXT:
        return _text_method(machine, name, atom, arguments, place, scope, state)
    if isinstance(only, Library | Object) and name == "set_start_method":
        return _start_method(machine, arguments, place, scope, state, level)
    return None


def _file_method(machine: Machine, name: str, only: Object, arguments: Arguments, place: Place, scope: Scope, state: State) -> Value:
    whole = files.contents(machine, of(only), place, scope, state) if name == "read" and not arguments.positional else None
    if whole is not None:
        return whole
    if name == "readlines":
        return new_container(machine, "list", of(Many(of(Text()))), scope, state, tag=_tag(place, "lines"))
    return of(Text()) if name in {"read", "readline"} else TOP


_TEXT: Final = frozenset("split rsplit splitlines strip lstrip rstrip lower upper title replace join decode encode capitalize casefold zfill removesuffix removeprefix startswith endswith isdigit find format".split())


def _text_method(machine: Machine, name: str, atom: Method, arguments: Arguments, place: Place, scope: Scope, state: State) -> Outcome | None:
    textual = all(isinstance(inner, Const | Text | Given | Top | Entropy) for inner in atom.receiver.atoms)
    if not textual:
        return None
    if name in {"split", "rsplit", "splitlines"}:
        content = Value((Many(of(Text())),), taint.orders(atom.receiver.taints))
        parts = new_container(machine, "list", content, scope, state, tag=_tag(place, "split"), place=place)
        return _done(with_taints(parts, taint.parted(atom.receiver.taints, arguments.first())))
    if name in {"startswith", "endswith", "isdigit", "find"}:
        return _done(TOP)
    known = constant(atom.receiver)
    if known is not None and isinstance(known.value, str) and name in {"lower", "upper", "strip", "title"} and not arguments.positional:
        return _done(const(getattr(known.value, name)(), known.via))
    if isinstance(atom.receiver.atoms[0] if atom.receiver.atoms else None, Top) and name in {"replace", "format", "find"}:
        return None
    strong = [inner for value in (atom.receiver, *arguments.all()) for inner in value.atoms if isinstance(inner, Entropy | Drawn)]
    carried = [found for value in arguments.all() for found in value.taints if found.shape != "order"]
    if name == "join":
        carried += _joined(machine, arguments.first(), place, scope, state)
    carried = [*atom.receiver.taints, *(found for found in carried if not taint.numbers([found]))]
    return _done(with_taints(of(strong[0] if strong else Text()), carried))


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
        return _done(NONE)
    if name == "insert" and len(arguments.positional) > 1:
        iteration.append(machine, only, arguments.positional[1], scope, state)
        return _done(NONE)
    if name == "extend" and arguments.positional:
        more = iteration.iterate(machine, arguments.positional[0], scope, state, place, level)
        if more is not None:
            iteration.extend(machine, only, more, scope, state)
        return _done(NONE)
    if name == "sort":
        by = _key_taints(machine, arguments, content, place, scope, state, level)
        state.writes[only.key, "items"] = Value((Many(taint.cleaned(element_of(content))),), by)
        for found in taint.orders(content.taints):
            if only.key.endswith("/files"):
                taint.settled(found.place, state)
        return _done(NONE)
    if name == "clear":
        state.writes[only.key, "items"] = of(Sequence(()))
        return _done(NONE)
    if name == "copy":
        return _done(new_container(machine, "list", content, scope, state, tag=_tag(place, "copy"), place=place))
    if name in {"pop", "__getitem__"}:
        return _done(with_taints(element_of(content), taint.in_round(content.taints, scope.loops)))
    return _done(TOP)


def _set_method(machine: Machine, name: str, only: Object, arguments: Arguments, place: Place, scope: Scope, state: State) -> Outcome:
    content = contents(machine, only, scope, state)
    if name in {"add", "update", "union", "difference", "intersection", "symmetric_difference", "__or__", "copy"}:
        given = [value if name == "add" else element_of(elements_of(machine, value, scope, state)) for value in arguments.positional]
        parts = [element_of(content), *given]
        found = [part for part in parts if part.atoms]
        merged = Value((Many(Value(join(*found).atoms) if found else NOWHERE),))
        if name in {"add", "update"}:
            state.writes[only.key, "items"] = merged
            return _done(NONE)
        return _done(new_container(machine, "set", merged, scope, state, tag=_tag(place, name), place=place))
    if name == "pop":
        elements = iteration.iterate(machine, of(only), scope, state, place)
        return _done(with_taints(element_of(elements), taint.in_round(elements.taints, scope.loops)) if elements is not None else TOP)
    return _done(TOP)


def _record_method(machine: Machine, name: str, only: Object, arguments: Arguments, place: Place, scope: Scope, state: State) -> Outcome:
    if name in {"get", "pop", "setdefault"} and arguments.positional:
        key = arguments.positional[0]
        default = arguments.positional[1] if len(arguments.positional) > 1 else arguments.keywords.get("default", NONE)
        text = text_of(key)
        known = entries(machine, only, scope, state)
        unknown = machine.read((only.key, "[]"), state, scope.activation) is not MISSING
        if text is not None and text in known:
            return _done(known[text])
        if text is not None and only.type == "config":
            return _done(calls.overridable(default, (text,)) if default.atoms else of(Given((text,))))
        if text is not None and not unknown:
            via = files.absent(machine, only, text, scope, state)
            return _done(calls.willing(machine, text, calls.overridable(default, via), scope) if via else default)
        return _done(join(item(machine, of(only), key, scope, state), default))
    filled = order_of(machine, only, scope, state)
    if filled and name in {"items", "values"}:
        inner = item(machine, of(only), TOP, scope, state)
        single = taint.in_round(filled, scope.loops + 1)
        element = of(Sequence((with_taints(TOP, single), with_taints(inner, single)))) if name == "items" else inner
        return _done(Value((Many(element),), filled))
    if name == "items":
        pairs = entries(machine, only, scope, state)
        if pairs and machine.read((only.key, "[]"), state, scope.activation) is MISSING:
            return _done(of(Sequence(tuple(of(Sequence((const(key), value))) for key, value in pairs.items()))))
        return _done(of(Many(of(Sequence((TOP, item(machine, of(only), TOP, scope, state)))))))
    if name == "keys":
        return _done(elements_of(machine, of(only), scope, state))
    if name == "values":
        pairs = entries(machine, only, scope, state)
        if pairs and machine.read((only.key, "[]"), state, scope.activation) is MISSING:
            return _done(of(Sequence(tuple(pairs.values()))))
        return _done(of(Many(item(machine, of(only), TOP, scope, state))))
    if name in {"update", "merge_from_file", "merge_from_list", "__dict__"}:
        _update(machine, only, arguments, place, scope, state)
        return _done(NONE)
    return _done(of(only) if name in {"copy", "clone", "freeze", "defrost"} else TOP)


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
    made = _tag(place, "subcommand")
    state.writes[made, "group"] = const(key)
    return of(Object(made, "#subcommand", place))


__all__ = ["CERTAIN", "Bound", "Rng"]
