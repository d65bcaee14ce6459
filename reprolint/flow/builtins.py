"""What needs more than a row: Python's own functions, and what is like them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from reprolint.flow import calls, estimators, files, flags, iteration, library, modules, options, taint
from reprolint.flow.expressions import (
    attribute,
    element_of,
    elements_of,
    entries,
    environment,
    new_container,
    set_attribute,
)
from reprolint.flow.state import MISSING, Scope, State
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
from reprolint.model import code, walk

if TYPE_CHECKING:
    from collections.abc import Callable

    from reprolint.flow.calls import Arguments, Outcome
    from reprolint.flow.machine import Machine
    from reprolint.model.span import Place

    Handler = Callable[[Machine, Arguments, Place, Scope, State, int], Outcome | None]


def _done(value: Value) -> Outcome:
    return calls.Outcome(value)


def tag(place: Place, kind: str) -> str:
    return f"{place.path}:{place.site}/{kind}"


# -- containers ----------------------------------------------------------------------------------------------------


def _list(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    if not arguments.positional and arguments.rest is None:
        return _done(new_container(machine, "list", of(Sequence(())), scope, state, tag=tag(place, "list"), place=place))
    source = arguments.first()
    elements = iteration.iterate(machine, source, scope, state, place, level)
    content = elements if elements is not None else of(Sequence(()))
    return _done(new_container(machine, "list", content, scope, state, tag=tag(place, "list"), place=place))


def _tuple(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    if not arguments.positional and arguments.rest is None:
        return _done(of(Sequence(())))
    elements = iteration.iterate(machine, arguments.first(), scope, state, place, level)
    return _done(elements if elements is not None else of(Sequence(())))


def _set(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    if not arguments.positional and arguments.rest is None:
        return _done(new_container(machine, "set", of(Many(NOWHERE)), scope, state, tag=tag(place, "set"), place=place))
    elements = iteration.iterate(machine, arguments.first(), scope, state, place, level) or of(Many(NOWHERE))
    return _done(new_container(machine, "set", Value((Many(element_of(elements)),)), scope, state, tag=tag(place, "set"), place=place))


def _sorted(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    elements = iteration.iterate(machine, arguments.first(), scope, state, place, level)
    known = in_order(machine, elements, arguments, place, scope, state, level) if elements is not None else None
    if known is not None:
        return _done(new_container(machine, "list", known, scope, state, tag=tag(place, "sorted"), place=place))
    _by_key(machine, arguments, elements, place, scope, state, level)
    content = Value(elements.atoms if elements is not None else (Sequence(()),))
    by = key_taints(machine, arguments, content, place, scope, state, level)
    if not by and elements is not None and ties(arguments):
        by = taint.orders(elements.taints)
    if by:
        disordered = Value((Many(element_of(content)),), by)
        return _done(new_container(machine, "list", disordered, scope, state, tag=tag(place, "sorted"), place=place))
    clean = Value((Many(taint.cleaned(element_of(content))),)) if content.atoms else content
    return _done(new_container(machine, "list", clean, scope, state, tag=tag(place, "sorted"), place=place))


def in_order(machine: Machine, sequence: Value, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Value | None:
    """Known elements by what `key=` says of each; None if they or what it says are not known one by one."""
    only = sequence.atoms[0] if len(sequence.atoms) == 1 else None
    if not isinstance(only, Sequence) or sequence.taints or any(taint.cleaned(element) != element for element in only.elements):
        return None
    elements = only.elements
    key = arguments.keywords.get("key")
    if any(isinstance(atom, Library) for atom in key.atoms) if key is not None else False:
        return None
    with machine.patience():
        found = [element if key is None else calls.call_value(machine, key, calls.Arguments([element]), place, scope, state, level) for element in elements]
    if any(one.taints for one in found):
        return None
    keys = [constant(one) for one in found]
    known: list[Any] = [one.value for one in keys if one is not None]
    asked = constant(arguments.keywords.get("reverse", const(False)))  # noqa: FBT003
    if len(known) < len(elements) or len({isinstance(one, str) for one in known}) != 1 or None in known or asked is None:
        return None
    return of(Sequence(tuple(elements[number] for number in sorted(range(len(known)), key=lambda number: known[number], reverse=bool(asked.value)))))


_TYING: Final = frozenset({"builtins.len", "os.path.getsize", "os.path.splitext", "os.path.dirname"})
_TYING_ATTRIBUTES: Final = frozenset({"st_size", "suffix", "parent"})


def ties(arguments: Arguments) -> bool:
    """Whether a sort leaves many elements as they stood, for all that its key says: files by their size, names by their length."""
    for atom in arguments.keywords["key"].atoms if "key" in arguments.keywords else ():
        if isinstance(atom, Library) and atom.dotted in _TYING:
            return True
        if isinstance(atom, Code) and len(atom.function.body) and isinstance(atom.function.body[-1], code.Return):
            value = atom.function.body[-1].value
            made = {item.number: item for item in atom.function.body if isinstance(item, code.Call)}
            if isinstance(value, code.Attr) and value.name in _TYING_ATTRIBUTES:
                return True
            if isinstance(value, code.Result) and value.number in made and walk.last_name(made[value.number].callee) in {"len", "getsize"}:
                return True
    return False


def key_taints(machine: Machine, arguments: Arguments, content: Value, place: Place, scope: Scope, state: State, level: int) -> tuple[Taint, ...]:
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
    if arguments.rest is not None and not arguments.positional:
        return _done(_columns(arguments.rest, scope.loops))
    parts = [iteration.iterate(machine, value, scope, state, place, level) or of(Many(NOWHERE)) for value in arguments.positional]
    taints = tuple(dict.fromkeys(found for part in parts for found in part.taints))
    known = [part.atoms[0] if len(part.atoms) == 1 else None for part in parts]
    if parts and all(isinstance(atom, Sequence) for atom in known):
        rows = zip(*(atom.elements for atom in known if isinstance(atom, Sequence)), strict=False)
        return _done(Value((Sequence(tuple(of(Sequence(row)) for row in rows)),), taints))
    orders = taint.orders(taints)
    return _done(Value((Many(of(Sequence(tuple(_beside(part, orders, scope.loops + 1) for part in parts)))),), taints))


def _columns(row: Value, depth: int) -> Value:
    """`zip(*rows)`: the columns, in the order of the rows."""
    rows = [atom for atom in row.atoms if isinstance(atom, Sequence)]
    if len(rows) != len(row.atoms) or len({len(atom.elements) for atom in rows}) != 1:
        return of(Many(of(Many(TOP))))
    taints = taint.gathered(row.taints, depth)
    columns = zip(*(atom.elements for atom in rows), strict=True)
    return of(Sequence(tuple(Value((Many(join(*column)),), taints) for column in columns)))


def _beside(part: Value, orders: tuple[Taint, ...], depth: int) -> Value:
    """An element of one of several sequences that are taken together: a number beside what has no order counts it."""
    element = element_of(part)
    if orders and not part.taints and not element.taints and element.atoms and all(map(_counts, element.atoms)):
        return Value(element.atoms, taint.counted(orders, depth))
    return with_taints(Value(element.atoms, taint.in_round(element.taints, depth)), taint.in_round(part.taints, depth))


def _counts(atom: Atom) -> bool:
    return isinstance(atom, Given) or (isinstance(atom, Const) and type(atom.value) is int)


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
    key = tag(place, "map")
    state.writes[key, "#arguments"] = tuple((str(number), value) for number, value in enumerate(arguments.positional))
    return _done(of(Object(key, "builtins.map", place)))


def mapped(machine: Machine, atom: Object, place: Place, scope: Scope, state: State, level: int) -> Value:
    """What iterating a `map` gives."""
    function, *sources = library.arguments_of(machine, atom, scope, state).values() or (TOP,)
    parts = [iteration.iterate(machine, value, scope, state, place, level) or of(Many(NOWHERE)) for value in sources]
    taints = tuple(dict.fromkeys(found for part in parts for found in part.taints))
    known = parts[0].atoms[0] if len(parts) == 1 and len(parts[0].atoms) == 1 else None
    if isinstance(known, Sequence) and not taints and iteration.unrolls(machine, known):
        return of(Sequence(tuple(calls.call_value(machine, function, calls.Arguments([element]), place, scope, state, level) for element in known.elements)))
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


def dict_of(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Value:
    """What the constructor of a dict makes of its arguments."""
    return _dict(machine, arguments, place, scope, state, level).value or NOWHERE


def _dict(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    key = tag(place, "dict")
    names: dict[str, Value] = {}
    pairs: list[Value] = []
    unknown = arguments.extra
    for value in arguments.positional:
        for atom in value.atoms:
            found = entries(machine, atom, scope, state) if isinstance(atom, Object) else {}
            names.update(found)
            unknown = unknown or not found
            if not found:
                pairs.append(_paired(machine, of(atom), Object(key, "dict", place), place, scope, state, level))
    names.update(arguments.keywords)
    for name, value in names.items():
        state.writes[key, f"k:{name}"] = value
    state.writes[key, "#keys"] = tuple(names)
    state.writes[key, "#depth"] = scope.loops
    if unknown:
        state.writes[key, "[]"] = join(*pairs) if pairs and not arguments.extra else TOP
    return _done(of(Object(key, "dict", place)))


def _paired(machine: Machine, source: Value, record: Object, place: Place, scope: Scope, state: State, level: int) -> Value:
    """File the pairs of a sequence in a record: what any of them holds."""
    elements = iteration.iterate(machine, source, scope, state, place, level)
    if elements is None:
        return TOP
    state.writes[record.key, "#order"] = Value((), taint.orders(elements.taints))
    found: list[Value] = []
    for pair in element_of(elements).atoms:
        if not isinstance(pair, Sequence) or len(pair.elements) != 2:  # noqa: PLR2004
            return TOP
        name, value = pair.elements
        taint.stored(machine, of(record), name, value, scope.loops, place, scope, state)
        found.append(Value(value.atoms, taint.numbers(taint.filed(value).taints)))
    return join(*found) if found else TOP


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
    if not strong and any((isinstance(atom, Top) and not atom.held) or atom == Given() for atom in value.atoms):
        return _done(Value((Given(via_of(value)),), (Taint("hash", place, "name", taint.HASH),)))
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
    if _has(machine, only, name, scope, state):
        return _done(const(True))  # noqa: FBT003
    complete = only.type in machine.classes and all(base in machine.classes for base in machine.order(only.type))
    return _done(const(False)) if complete else _done(TOP)  # noqa: FBT003


def _has(machine: Machine, atom: Object, name: str, scope: Scope, state: State) -> bool:
    """Whether an object surely has an attribute: it was set, or its class has it, one of the project or of a library."""
    if machine.read((atom.key, name), state, scope.activation) is not MISSING or name in estimators.parameters_of(machine, atom):
        return True
    order = machine.order(atom.type)
    return machine.find_method(order, name) is not None or any(machine.catalog.find(f"{base}.{name}") for base in order if base not in machine.classes)


def _callable(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    atoms = arguments.first().atoms
    if atoms and all(isinstance(atom, Code | Bound | ClassRef | Partial | Library) or (isinstance(atom, Method) and machine.catalog.find(atom.dotted)) for atom in atoms):
        return _done(const(True))  # noqa: FBT003
    return _done(const(False) if atoms and all(isinstance(atom, Const) for atom in atoms) else TOP)  # noqa: FBT003


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
        absent = isinstance(only, Object) and not _has(machine, only, name, scope, state)
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
        modules.run_module(machine, path, place, scope, state)
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
    key = tag(place, "namespace")
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


def _copy_environment(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    """`os.environ.copy()`: a dict of whatever is set."""
    return _dict(machine, calls.Arguments([of(Library("os.environ"))]), place, scope, state, level)


def _launch(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    """A new program: what was set in the environment reaches it."""
    machine.event("launch", place, scope, _fixes_hashes(machine, arguments, scope, state))
    return _done(TOP)


def _fixes_hashes(machine: Machine, arguments: Arguments, scope: Scope, state: State) -> bool:
    """Whether the program that is started gets a PYTHONHASHSEED: handed to it, or out of this one's environment."""
    name = "PYTHONHASHSEED"
    handed = [entries(machine, atom, scope, state) for value in arguments.all() for atom in value.atoms if isinstance(atom, Object)]
    if machine.read(("environ", name), state, scope.activation) is not MISSING:
        return True
    return any(name in found and text_of(found[name]) not in {"", "random"} for found in handed)


def _exec(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    """The program starts again, or another does: its run goes on where this one would, with what is now in the environment."""
    fixed = _fixes_hashes(machine, arguments, scope, state)
    machine.event("launch", place, scope, fixed)
    if fixed:
        machine.event("hash-fixed", place, scope)
    state.writes["process", "replaced"] = place
    return _done(TOP)


def start_method(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    state.writes["process", "start-method"] = arguments.first()
    return _done(NONE)


def _globals(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    return _done(of(ModuleRef(scope.path)))


def _context(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    """`multiprocessing.get_context(method)`."""
    method = text_of(arguments.first()) or ""
    key = tag(place, "context")
    state.writes[key, "method"] = const(method)
    return _done(of(Object(key, "multiprocessing.context.BaseContext", place)))


def in_context(machine: Machine, name: str, only: Object, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
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
    opened = files.opened(machine, arguments.first(), mode, tag(place, "file"), place, scope, state)
    return _done(with_taints(opened, taint.elements(arguments.first().taints)))


def _rows_of_text(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    """`csv.reader`, `csv.DictReader`: what every row holds is text."""
    return _done(Value((Many(of(Text())),), library.passed_on(machine, arguments.all(), scope, state)))


def _flag(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    return _done(options.define_flag(machine, arguments, place, scope, state))


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
    "contextlib.closing": _deferred,
    "csv.DictReader": _rows_of_text,
    "csv.reader": _rows_of_text,
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
    "builtins.callable": _callable,
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
    "os.environ.copy": _copy_environment,
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
    "multiprocessing.set_start_method": start_method,
    "torch.multiprocessing.set_start_method": start_method,
    "torch.distributed.get_rank": _zero,
    "torch.distributed.get_world_size": _one,
    "torch.distributed.is_initialized": _false,
    **dict.fromkeys(_PASSING, _deferred),
    **dict.fromkeys(flags.NAMES, _flag),
    **{dotted: _keep(dotted) for dotted in (
        "click.option", "click.argument", "typer.Option", "typer.Argument", "dataclasses.field", "attr.ib", "attrs.field", "attr.field",
        "pydantic.Field", "simple_parsing.field", "rich_click.option", "rich_click.argument", "collections.defaultdict",
    )},
}  # fmt: skip
