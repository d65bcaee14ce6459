"""Expressions → values, and assignments to what expressions name."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from reprolint.flow import mappings, paths
from reprolint.flow import taint as tainting
from reprolint.flow.definitions import setter
from reprolint.flow.flags import canonical
from reprolint.flow.state import CERTAIN, LIKELY, MISSING, Scope, State, dump
from reprolint.flow.values import (
    MAX_ATOMS,
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
    Saved,
    Sequence,
    Super,
    Taint,
    Text,
    Top,
    Value,
    WorkerNumber,
    const,
    constant,
    field_of,
    fold,
    held,
    join,
    key_of,
    of,
    text_of,
    unite,
    with_taints,
)
from reprolint.model import code
from reprolint.model.span import Place

if TYPE_CHECKING:
    from collections.abc import Callable

    from reprolint.flow.machine import ClassInfo, Machine

LIST_LIMIT: Final = 24
CONTAINERS: Final = frozenset({"list", "set", "dict"})


def evaluate(machine: Machine, expression: code.Expr, scope: Scope, state: State) -> Value:
    """The value of an expression; runs nothing but properties and `__getitem__`."""
    return _EVALUATE[type(expression)](machine, expression, scope, state)


def _const(machine: Machine, expression: code.Const, scope: Scope, state: State) -> Value:
    return const(expression.value)


def _name(machine: Machine, expression: code.Name, scope: Scope, state: State) -> Value:
    return name_value(machine, expression.id, scope, state)


def name_value(machine: Machine, name: str, scope: Scope, state: State) -> Value:
    """What a variable holds here."""
    if name in scope.captured:
        found = machine.read((scope.cell, name), state, scope.activation)
        if found is not MISSING:
            return found  # type: ignore[no-any-return]
    found = state.writes.get((scope.key, name), MISSING)
    if found is not MISSING:
        return found  # type: ignore[no-any-return]
    function = scope.function
    if function is not None:
        if name in scope.parameters:
            value = scope.parameters[name]
            if scope.parameters is scope.activation.parameters:
                scope.activation.reads["parameter", name] = value
            return value
        if name in function.variables:
            return NOWHERE
    elif scope.body_class:
        found = machine.read((scope.key, name), state, scope.activation)
        if found is not MISSING:
            return found  # type: ignore[no-any-return]
    for cell in scope.scopes:
        found = machine.read((cell, name), state, scope.activation)
        if found is not MISSING:
            return found  # type: ignore[no-any-return]
    if name == "__name__":
        main = machine.read(("main", scope.path), state, scope.activation)
        return const("__main__") if main is True else const(scope.path)
    if name == "__file__":
        return paths.source(scope.path)
    return machine.global_value(scope.path, name, state, scope.activation)


def _attr(machine: Machine, expression: code.Attr, scope: Scope, state: State) -> Value:
    return attribute(machine, evaluate(machine, expression.of, scope, state), expression.name, scope, state)


def attribute(machine: Machine, base: Value, name: str, scope: Scope, state: State, *, called: bool = False) -> Value:
    """`base.name`; `called` keeps methods of unknown receivers as methods."""
    found = [attribute_of(machine, atom, name, scope, state, called=called, taints=base.taints) for atom in base.atoms]
    found = [value for value in found if value.atoms] or [NOWHERE if base is NOWHERE else TOP]
    value = found[0] if len(found) == 1 else join(*found)
    carried = [taint for taint in base.taints if taint.shape not in {"order", "drawn"} or name in _SAME_ORDER]
    return with_taints(value, carried) if carried and not called else value


_SAME_ORDER: Final = frozenset("T values index flat data iloc loc".split())


def attribute_of(
    machine: Machine, atom: Atom, name: str, scope: Scope, state: State, *, called: bool = False,
    taints: tuple[Taint, ...] = (),
) -> Value:  # fmt: skip
    """The attribute of one atom; NOWHERE where it cannot exist."""
    if isinstance(atom, ModuleRef):
        return machine.member(atom.path, name, state, scope.activation)[0]
    if isinstance(atom, Library):
        dotted = f"{canonical(atom.dotted)}.{name}"
        stored = machine.read(("library", dotted), state, scope.activation)
        return stored if isinstance(stored, Value) else of(Library(dotted))
    if isinstance(atom, Object):
        value = _object_attribute(machine, atom, name, scope, state)
        return _of_element(atom, value, tainting.elements(taints)) if called and taints else value
    if isinstance(atom, ClassRef):
        return _class_attribute(machine, atom, name, scope, state)
    if isinstance(atom, Super):
        return _super_attribute(machine, atom, name, scope, state)
    if isinstance(atom, Const) and atom.value is None:
        return NOWHERE
    if isinstance(atom, Partial) and name == "func":
        return atom.target
    if isinstance(atom, Code) and not called:
        found = machine.read((f"{atom.path}:{atom.function.site}", name), state, scope.activation)
        return found if isinstance(found, Value) else TOP
    if called:
        return of(Method(name, Value((atom,), taints)))
    if isinstance(atom, Const) and atom.kind == paths.KIND:
        return paths.part(atom, name)
    if isinstance(atom, Given):
        return of(Given(unite(atom.via, (name,))))
    if isinstance(atom, Entropy | Drawn | WorkerNumber):
        return of(atom)
    return Value((Top(atom.held),)) if isinstance(atom, Top) else TOP


def _of_element(atom: Object, value: Value, taints: tuple[Taint, ...]) -> Value:
    """The methods of what was opened or made for one element of an order."""
    receiver = Value((atom,), taints)
    return Value(tuple(replace(found, receiver=receiver) if isinstance(found, Method) else found for found in value.atoms), value.taints)


def _object_attribute(machine: Machine, atom: Object, name: str, scope: Scope, state: State) -> Value:
    if name == "__dict__":
        return of(atom)
    if name == "__class__":
        return of(ClassRef(atom.type)) if atom.type in machine.classes else TOP
    stored = machine.read((atom.key, name), state, scope.activation)
    if stored is not MISSING:
        return stored  # type: ignore[no-any-return]
    if atom.type in {"options", "config"}:
        return of(Given((name,))) if atom.type == "config" else TOP if name not in _RECORD_METHODS else of(Method(name, of(atom)))
    if atom.type == "dict" and name not in _RECORD_METHODS:
        held_by_key = machine.read((atom.key, f"k:{name}"), state, scope.activation)
        if held_by_key is not MISSING:
            return held_by_key  # type: ignore[no-any-return]
    if atom.type in CONTAINERS or atom.type == "namespace":
        return of(Method(name, of(atom), f"builtins.{atom.type}.{name}"))
    order = machine.order(atom.type)
    found = machine.find_method(order, name)
    if found is not None:
        info, function, kind = found
        replaced = _class_field(machine, info.key, name, scope, state)
        if kind != "decorated" and replaced is not None and not any(isinstance(part, Code | Bound | Partial) for part in replaced.atoms):
            replaced = None
        return _bind_method(machine, Code(function, info.path, info.scopes, info.key), kind, atom, scope, state, replaced)
    for key in order:
        value = _class_field(machine, key, name, scope, state)
        if value is not None:
            return value
    return _answered(machine, atom, order, name, scope, state) or _library_attribute(machine, atom, order, name, scope, state)


def _answered(machine: Machine, atom: Object, order: tuple[str, ...], name: str, scope: Scope, state: State) -> Value | None:
    """What the `__getattr__` of a class says of a field that nobody set; None where there is none, or where it says nothing definite."""
    from reprolint.flow.calls import Arguments, call_code

    behind = mappings.mapping_of(machine, atom) if not name.startswith("__") and name not in mappings.METHODS else None
    if behind is not None and (mappings.is_own_namespace(machine, atom, scope, state) or _asks_itself(machine, order, scope, state)):
        return mappings.answer(machine, behind, name, scope, state)
    found = machine.find_method(order, "__getattr__") if not name.startswith("__") else None
    key = ("__getattr__", atom.key, name)
    if found is None or key in machine.active:
        return None
    info, function, _ = found
    machine.active[key] = {}
    try:
        target = Code(function, info.path, info.scopes, info.key)
        value = call_code(machine, target, Arguments([of(atom), const(name)]), Place(info.path, function.site), scope, state, CERTAIN)
    finally:
        del machine.active[key]
    return None if value is None or not value.atoms or any(isinstance(part, Top) for part in value.atoms) else value


def _asks_itself(machine: Machine, order: tuple[str, ...], scope: Scope, state: State) -> bool:
    """`__getattr__ = dict.get`: an attribute that is not set is a key."""
    kept = (_class_field(machine, key, "__getattr__", scope, state) for key in order if key in machine.classes)
    return any(isinstance(atom, Library) and atom.dotted in {"builtins.dict.get", "builtins.dict.__getitem__"} for value in kept if value is not None for atom in value.atoms)


_RECORD_METHODS: Final = frozenset("get keys values items update pop setdefault copy __contains__ merge_from_file merge_from_list freeze clone defrost".split())


def _library_attribute(machine: Machine, atom: Object, order: tuple[str, ...], name: str, scope: Scope, state: State) -> Value:
    if name == "dataset" and atom.type.endswith(".WorkerInfo"):
        copied = machine.read(("process", "worker-dataset"), state, scope.activation)
        return copied if isinstance(copied, Value) and copied.atoms else TOP
    arguments = machine.read((atom.key, "#arguments"), state, scope.activation)
    if arguments is not MISSING:
        for parameter, value in arguments:
            if parameter == name == "bias":  # of a layer: the option says whether there is such a parameter
                if all(isinstance(found, Const) and not found.value for found in value.atoms):
                    return NONE
            elif parameter == name:
                return value  # type: ignore[no-any-return]
    bases = [base for base in order if base not in machine.classes]
    for base in bases:
        if machine.catalog.find(f"{base}.{name}"):
            return of(Method(name, of(atom), f"{base}.{name}"))
    dotted = f"{bases[0]}.{name}" if bases else ""
    return of(Method(name, of(atom), dotted))


def _bind_method(
    machine: Machine, target: Code, kind: str, receiver: Atom, scope: Scope, state: State, replaced: Value | None = None
) -> Value:
    if replaced is not None and not any(isinstance(found, Code) and found == target for found in replaced.atoms):
        return Value(tuple(Bound(found, receiver) if isinstance(found, Code) else found for found in replaced.atoms))
    if kind == "static":
        return of(target)
    if kind == "class":
        owner = ClassRef(receiver.type) if isinstance(receiver, Object) else receiver
        return of(Bound(target, owner))
    if kind == "property":
        from reprolint.flow.calls import Arguments, call_code

        value = call_code(machine, target, Arguments([of(receiver)]), Place(target.path, target.function.site), scope, state, CERTAIN)
        return value if value is not None else NOWHERE
    return of(Bound(target, receiver))


def _class_field(machine: Machine, key: str, name: str, scope: Scope, state: State) -> Value | None:
    found = machine.read((key, name), state, scope.activation)
    return found if isinstance(found, Value) else None


def _class_attribute(machine: Machine, atom: ClassRef, name: str, scope: Scope, state: State) -> Value:
    order = machine.order(atom.key)
    if name == "__name__":
        info = machine.classes.get(atom.key)
        return const(info.node.name) if info else TOP
    if name == "__dict__" and atom.key in machine.classes:
        return of(atom)
    for key in order:
        value = _class_field(machine, key, name, scope, state)
        info = machine.classes.get(key)
        if info is not None and name in info.methods:
            function, kind = info.methods[name]
            target = Code(function, info.path, info.scopes, info.key)
            if kind == "decorated" and value is not None:
                return value
            return of(Bound(target, atom)) if kind == "class" else of(target)
        if value is not None:
            return value
    for base in order:
        if base not in machine.classes:
            return of(Method(name, of(atom), f"{base}.{name}"))
    return TOP


def _super_attribute(machine: Machine, atom: Super, name: str, scope: Scope, state: State) -> Value:
    receiver = atom.receiver
    key = receiver.type if isinstance(receiver, Object) else receiver.key if isinstance(receiver, ClassRef) else ""
    order = machine.order(key)
    rest = order[order.index(atom.owner) + 1 :] if atom.owner in order else ()
    found = machine.find_method(rest, name)
    if found is not None:
        info, function, kind = found
        return _bind_method(machine, Code(function, info.path, info.scopes, info.key), kind, receiver, scope, state)
    for base in rest:
        if base not in machine.classes:
            return of(Method(name, of(receiver), f"{base}.{name}"))
    return of(Library("builtins.object." + name))


# -- items ---------------------------------------------------------------------------------------------------------


def _item(machine: Machine, expression: code.Item, scope: Scope, state: State) -> Value:
    base = evaluate(machine, expression.of, scope, state)
    sliced = isinstance(_rows(expression.key), code.Slice)
    key = TOP if sliced else tainting.lifted(evaluate(machine, expression.key, scope, state))
    value = item(machine, base, key, scope, state, sliced=sliced)
    if value.taints and scope.loops:
        tainting.fed(_rows(expression.key), value, scope, state)
    _note_choice(machine, expression, base, key, scope, state)
    return value


def _rows(key: code.Expr) -> code.Expr:
    """`x[:, 0]` takes all rows."""
    return key.items[0] if isinstance(key, code.Display) and key.kind == "tuple" and key.items else key


def _note_choice(machine: Machine, expression: code.Item, base: Value, key: Value, scope: Scope, state: State) -> None:
    """What is taken out of an unfixed order, or by a number that changes, may be a split."""
    rows = _rows(expression.key)
    if not isinstance(rows, code.Slice) and not tainting.drawn(key) and not key.taints:
        return
    place = scope.at
    taints = tainting.deep(machine, base, scope, state)
    if isinstance(rows, code.Slice):
        tainting.sliced(machine, expression.of, rows, taints, scope, state)
    else:
        tainting.picked(machine, base, taints, key, place, scope, state)


def item(machine: Machine, base: Value, key: Value, scope: Scope, state: State, *, sliced: bool = False) -> Value:
    """`base[key]`."""
    found = [_item_of(machine, atom, key, scope, state, sliced=sliced) for atom in base.atoms]
    found = [value for value in found if value.atoms] or [NOWHERE if base is NOWHERE else TOP]
    value = found[0] if len(found) == 1 else join(*found)
    one = base.taints and constant(key) is not None  # `glob(…)[0]` stands for the one that there is
    carried = base.taints if sliced else tainting.in_round(base.taints, 0 if one else scope.loops)
    if key.taints and all(isinstance(atom, Object) and atom.type == "dict" for atom in base.atoms):
        carried = (*carried, *tainting.elements(key.taints))  # what is kept under the name of an element is that element's
    return with_taints(value, (*carried, *tainting.deciding(key.taints))) if carried or key.taints else value


def _item_of(machine: Machine, atom: Atom, key: Value, scope: Scope, state: State, *, sliced: bool) -> Value:
    if isinstance(atom, Sequence):
        return _element(atom, key, sliced=sliced)
    if isinstance(atom, Many):
        return of(atom) if sliced else atom.element
    if isinstance(atom, Object):
        if atom.type == "list":
            content = contents(machine, atom, scope, state)
            return item(machine, content, key, scope, state, sliced=sliced)
        if atom.type in {"dict", "options", "namespace", "config"}:
            return _entry(machine, atom, key, scope, state)
        found = machine.find_method(machine.order(atom.type), "__getitem__")
        behind = mappings.mapping_of(machine, atom) if found is None else None
        if behind is not None:
            return _entry(machine, behind, key, scope, state)
        if found is not None and not sliced:
            from reprolint.flow.calls import Arguments, call_code

            info, function, _ = found
            target = Code(function, info.path, info.scopes, info.key)
            value = call_code(machine, target, Arguments([of(atom), key]), Place(info.path, function.site), scope, state, CERTAIN)
            return value if value is not None else NOWHERE
        if sliced or _selects(machine, atom, key):
            return of(atom)
        name = text_of(key)
        if name is not None and atom.place is not None and "pandas.DataFrame" in machine.order(atom.type):
            return of(Object(f"{atom.key}/{name}", "pandas.Series", atom.place))
        return Value((Top((atom,)),))
    if isinstance(atom, Method) and atom.name in {"loc", "iloc"}:
        return item(machine, atom.receiver, key, scope, state, sliced=sliced)
    if isinstance(atom, ModuleRef):
        name = text_of(key)
        return machine.member(atom.path, name, state, scope.activation)[0] if name else TOP
    if isinstance(atom, Library):
        name = text_of(key)
        if atom.dotted == "os.environ" and name is not None:
            return environment(machine, name, None, scope, state)
        return TOP
    if isinstance(atom, Given):
        name = text_of(key)
        return of(Given(unite(atom.via, (name,)))) if name else of(atom)
    if isinstance(atom, Const):
        return of(Text()) if isinstance(atom.value, str) else NOWHERE if atom.value is None else TOP
    if isinstance(atom, Entropy | Drawn | Text | WorkerNumber | Saved):
        return of(atom)
    return Value((Top(held([of(atom)])),))


def _selects(machine: Machine, atom: Object, key: Value) -> bool:
    """`frame[mask]`: what is taken out of a library's object is another of its kind, unless one column is named."""
    if all(isinstance(found, Text) or (isinstance(found, Const) and found.kind != "bool") for found in key.atoms):
        return False
    bases = (base for base in machine.order(atom.type) if base not in machine.classes)
    return any(api.returns == "self" for base in bases for api in machine.catalog.find(f"{base}.__getitem__"))


def _element(atom: Sequence, key: Value, *, sliced: bool) -> Value:
    if sliced:
        return of(Many(join(*atom.elements))) if atom.elements else of(atom)
    known = constant(key)
    if known is not None and isinstance(known.value, int) and -len(atom.elements) <= known.value < len(atom.elements):
        return atom.elements[known.value]
    return join(*atom.elements) if atom.elements else NOWHERE


def _entry(machine: Machine, atom: Object, key: Value, scope: Scope, state: State) -> Value:
    name = field_of(key)
    prefix = "k:" if atom.type == "dict" else ""
    if name is not None:
        found = machine.read((atom.key, prefix + name), state, scope.activation)
        if found is not MISSING:
            return found  # type: ignore[no-any-return]
        if atom.type == "config":
            return of(Given((name,)))
    rest = machine.read((atom.key, "[]"), state, scope.activation)
    if name is not None:
        return rest if rest is not MISSING else TOP
    values = [found for found in entries(machine, atom, scope, state).values() if found.atoms]
    if rest is not MISSING:
        values.append(rest)
    return join(*values) if values else TOP


def entries(machine: Machine, atom: Object, scope: Scope, state: State) -> dict[str, Value]:
    """The known fields of a record."""
    atom = mappings.mapping_of(machine, atom) or atom
    names = machine.read((atom.key, "#keys"), state, scope.activation)
    if names is MISSING:
        return {}
    prefix = "k:" if atom.type == "dict" else ""
    found = {name: machine.read((atom.key, prefix + name), state, scope.activation) for name in names}
    return {name: value for name, value in found.items() if isinstance(value, Value)}


def contents(machine: Machine, atom: Object, scope: Scope, state: State) -> Value:
    """What a list or set holds, as a sequence."""
    found = machine.read((atom.key, "items"), state, scope.activation)
    return found if found is not MISSING else of(Many(TOP))


_RANKS: Final = frozenset({"RANK", "LOCAL_RANK", "NODE_RANK", "SLURM_PROCID", "SLURM_LOCALID", "GROUP_RANK"})
_SIZES: Final = frozenset({"WORLD_SIZE", "SLURM_NTASKS", "LOCAL_WORLD_SIZE"})


def environment(machine: Machine, name: str, default: Value | None, scope: Scope, state: State) -> Value:
    """A variable of the environment: what the program set, one process's rank, the default, or the user's."""
    stored = machine.read(("environ", name), state, scope.activation)
    if stored is not MISSING:
        return stored  # type: ignore[no-any-return]
    via = (f"${name}",)
    if default is None:  # it must be set
        return const("0") if name in _RANKS else const("1") if name in _SIZES else of(Given(via))
    from reprolint.flow.calls import overridable, willing

    return willing(machine, name, overridable(default, via), scope)


# -- displays and operators ----------------------------------------------------------------------------------------


def _result(machine: Machine, expression: code.Result, scope: Scope, state: State) -> Value:
    return scope.results.get(expression.number, NOWHERE)


def _code(machine: Machine, expression: code.Code, scope: Scope, state: State) -> Value:
    scopes = (scope.cell, *scope.scopes) if scope.cell else scope.scopes
    return of(Code(expression.function, scope.path, scopes, scope.owner))


def _spread(machine: Machine, expression: code.Spread, scope: Scope, state: State) -> Value:
    return evaluate(machine, expression.of, scope, state)


def _display(machine: Machine, expression: code.Display, scope: Scope, state: State) -> Value:
    if expression.kind == "dict":
        return _dict_display(machine, expression, scope, state)
    content = _elements(machine, expression, scope, state)
    if expression.kind == "tuple":
        return content
    return new_container(machine, expression.kind, content, scope, state, tag=id_of(expression, scope))


def id_of(expression: code.Expr, scope: Scope) -> str:
    """A key for the object that an expression makes: the same whenever the same code runs."""
    return f"{scope.path}#{scope.function.site if scope.function else scope.key}#{scope.site}{scope.part}#{_short(expression)}"


_SHORT: dict[int, tuple[code.Expr, str]] = {}


def _short(expression: code.Expr) -> str:
    known = _SHORT.get(id(expression))
    if known is None or known[0] is not expression:
        digest = hashlib.blake2b(repr(expression).encode("utf-8", "replace"), digest_size=8).hexdigest()
        known = _SHORT[id(expression)] = (expression, digest)
    return known[1]


def new_container(machine: Machine, kind: str, content: Value, scope: Scope, state: State, *, tag: str, place: Place | None = None) -> Value:
    """A list or set with these contents."""
    state.writes[tag, "items"] = content
    state.writes[tag, "#depth"] = scope.loops
    return of(Object(tag, kind, place))


def _elements(machine: Machine, expression: code.Display, scope: Scope, state: State) -> Value:
    ways: list[list[Value]] = [[]]
    loose = False
    taints: list[Taint] = []
    around = scope.part
    for number, part in enumerate(expression.items):
        if isinstance(part, code.Display | code.Collected):  # `train, test = [], []` makes two lists
            scope.part = f"{around}.{number}"
        value = evaluate(machine, part, scope, state)
        scope.part = around
        if isinstance(part, code.Spread):
            inner = elements_of(machine, value, scope, state)
            taints += inner.taints
            known = [atom for atom in inner.atoms if isinstance(atom, Sequence)]
            if known and len(known) == len(inner.atoms) and len(known) * len(ways) <= MAX_ATOMS:
                ways = [[*way, *atom.elements] for way in ways for atom in known]
            else:
                loose = True
                ways = [[*way, element_of(inner)] for way in ways]
        else:
            ways = [[*way, value] for way in ways]
    if loose or max(map(len, ways)) > LIST_LIMIT:
        return Value((Many(join(*(value for way in ways for value in way))),), tuple(taints))
    return Value(tuple(dict.fromkeys(Sequence(tuple(way)) for way in ways)), tuple(taints))


def elements_of(machine: Machine, value: Value, scope: Scope, state: State) -> Value:
    """A value as a sequence: lists and sets looked into, everything else Many."""
    found: list[Value] = []
    for atom in value.atoms:
        if isinstance(atom, Sequence | Many):
            found.append(of(atom))
        elif isinstance(atom, Object) and atom.type in {"list", "set"}:
            found.append(contents(machine, atom, scope, state))
        elif isinstance(atom, Object) and (atom.type in {"dict", "options", "namespace"} or mappings.mapping_of(machine, atom)):
            names = entries(machine, atom, scope, state)
            listed = of(Sequence(tuple(key_of(name) for name in names))) if names else of(Many(TOP))
            found.append(with_taints(listed, order_of(machine, atom, scope, state)))
        elif isinstance(atom, Const) and isinstance(atom.value, str) or isinstance(atom, Text):
            found.append(of(Many(of(Text()))))
        else:
            found.append(of(Many(Value((Top(held([of(atom)])),)))))
    return with_taints(join(*found), value.taints) if found else of(Many(NOWHERE))


def order_of(machine: Machine, atom: Object, scope: Scope, state: State) -> tuple[Taint, ...]:
    """The unfixed order in which a dict was filled."""
    found = machine.read((atom.key, "#order"), state, scope.activation)
    return found.taints if isinstance(found, Value) else ()


def element_of(sequence: Value) -> Value:
    """Any element of a sequence."""
    found: list[Value] = []
    for atom in sequence.atoms:
        if isinstance(atom, Sequence):
            found.extend(atom.elements)
        elif isinstance(atom, Many):
            found.append(atom.element)
        else:
            found.append(Value((Top(held([of(atom)])),)))
    found = [value for value in found if value.atoms]
    return join(*found) if found else NOWHERE


def _dict_display(machine: Machine, expression: code.Display, scope: Scope, state: State) -> Value:
    key = id_of(expression, scope)
    names: list[str] = []
    rest: list[Value] = []
    around = scope.part
    for number, (part, value_part) in enumerate(zip(expression.keys, expression.items, strict=True)):
        if isinstance(value_part, code.Display | code.Collected):
            scope.part = f"{around}.{number}"
        value = evaluate(machine, value_part, scope, state)
        scope.part = around
        if part is None:
            for atom in value.atoms:
                if isinstance(atom, Object):
                    for name, found in entries(machine, atom, scope, state).items():
                        state.writes[key, f"k:{name}"] = found
                        names.append(name)
                else:
                    rest.append(TOP)
            continue
        named = field_of(evaluate(machine, part, scope, state))
        if named is None:
            rest.append(value)
        else:
            state.writes[key, f"k:{named}"] = value
            names.append(named)
    state.writes[key, "#keys"] = tuple(dict.fromkeys(names))
    state.writes[key, "#depth"] = scope.loops
    if rest:
        state.writes[key, "[]"] = join(*rest)
    return of(Object(key, "dict"))


class Round(Struct, frozen=True):
    """What one round of a comprehension left: its variables, and what its calls returned."""

    variables: dict[str, Value]
    results: dict[int, Value]
    sure: bool
    """Whether it is certain that the round adds something."""


def rounds_of(iterable: code.Expr, scope: Scope) -> tuple[str | int, str]:
    """Where the rounds over an iterable are kept."""
    return scope.key, f"#rounds:{dump(iterable)}"


def _from_rounds(machine: Machine, expression: code.Collected, rounds: tuple[Round, ...], scope: Scope, state: State) -> Value:
    """What was collected one by one: a list of these, or a record of these under their names."""
    values: list[Value] = []
    keys: list[Value] = []
    for each in rounds:
        state.writes.update(((scope.key, name), value) for name, value in each.variables.items())
        scope.results.update(each.results)
        values.append(evaluate(machine, expression.element, scope, state))
        if expression.key is not None:
            keys.append(evaluate(machine, expression.key, scope, state))
    tag = id_of(expression, scope)
    if expression.kind != "dict":
        sure = all(each.sure for each in rounds)
        content = of(Sequence(tuple(values))) if sure or not values else of(Many(join(*values)))
        return new_container(machine, expression.kind, content, scope, state, tag=tag)
    names: list[str] = []
    for key, value in zip(keys, values, strict=False):
        named = field_of(key)
        if named is None:
            state.writes[tag, "[]"] = join(state.writes.get((tag, "[]"), value), value)
        else:
            names.append(named)
            state.writes[tag, f"k:{names[-1]}"] = value
    state.writes[tag, "#keys"] = tuple(dict.fromkeys(names))
    state.writes[tag, "#depth"] = scope.loops
    return of(Object(tag, "dict"))


def _collected(machine: Machine, expression: code.Collected, scope: Scope, state: State) -> Value:
    rounds = state.writes.get(rounds_of(expression.iterables[0], scope)) if len(expression.iterables) == 1 else None
    if isinstance(rounds, tuple) and not (expression.kind == "dict" and expression.key is None):
        return _from_rounds(machine, expression, rounds, scope, state)
    element = evaluate(machine, expression.element, scope, state)
    taints = [*tainting.gathered(tainting.deep(machine, element, scope, state), scope.loops)]
    for iterable in expression.iterables:
        known = state.writes.get((scope.key, f"#orders:{dump(iterable)}"))
        taints += known.taints if isinstance(known, Value) else ()
    if expression.kind == "dict":
        key = id_of(expression, scope)
        named = evaluate(machine, expression.key, scope, state) if expression.key is not None else TOP
        tainting.stored(machine, of(Object(key, "dict")), named, element, scope.loops, scope.at, scope, state)
        state.writes[key, "[]"] = Value(element.atoms, tainting.numbers(tainting.filed(element).taints))
        state.writes[key, "#order"] = Value((), tuple(dict.fromkeys(taints)))
        state.writes[key, "#depth"] = scope.loops
        return of(Object(key, "dict"))
    orders = tuple(dict.fromkeys(taint for taint in taints if expression.kind == "list"))
    content = Value((Many(Value(element.atoms)),), orders)
    return new_container(machine, expression.kind, content, scope, state, tag=id_of(expression, scope))


def _choice(machine: Machine, expression: code.Choice, scope: Scope, state: State) -> Value:
    from reprolint.flow.conditions import decide

    decision = decide(machine, expression.test, scope, state)
    opened = decision.via and machine.opens(machine.leads.of_item(expression, scope.path), scope)
    if decision.outcome is not None and not opened:
        return evaluate(machine, expression.then if decision.outcome else expression.other, scope, state)
    deciding = tainting.deciding(evaluate(machine, expression.test, scope, state).taints)
    return with_taints(join(evaluate(machine, expression.then, scope, state), evaluate(machine, expression.other, scope, state)), deciding)


def _fold(machine: Machine, expression: code.Fold, scope: Scope, state: State) -> Value:
    op = expression.op
    if op in {"and", "or"}:
        return _logical(machine, expression, scope, state)
    if op in {"not", "is", "is not", "in", "not in", "==", "!=", "<", "<=", ">", ">="}:
        from reprolint.flow.conditions import decide

        decision = decide(machine, expression, scope, state)
        compared = [taint for operand in expression.operands for taint in evaluate(machine, operand, scope, state).taints]
        taints = tainting.deciding(compared) if op not in {"<", "<=", ">", ">="} else tainting.deciding(tainting.computed(compared, "-"))
        if decision.outcome is None:
            return Value((Const("bool", True, decision.via), Const("bool", False, decision.via)), taints)  # noqa: FBT003
        return Value(const(decision.outcome, decision.via).atoms, taints)
    whole = tainting.rejoined(expression.operands) if op == "+" else None
    values = [evaluate(machine, operand, scope, state) for operand in (expression.operands if whole is None else (whole,))]
    if op in {"|", "&", "-", "^"} and any(isinstance(atom, Object) and atom.type == "set" for value in values for atom in value.atoms):
        return _combined(machine, values, scope, state, expression)
    if op in {"neg", "pos", "invert"}:
        return _unary(op, values[0])
    if op in {"+", "*"}:
        joined = _concatenate(machine, op, values, scope, state, expression)
        if joined is not None:
            return joined
    if not values:
        return const("")
    result = values[0] if op != "format" else fold("format", const(""), values[0]) if constant(values[0]) is None else values[0]
    for value in values[1:]:
        known = constant(result), constant(value)
        if op == "format" and known[0] is not None and known[1] is not None:
            result = const(f"{known[0].value}{known[1].value}", unite(known[0].via, known[1].via))
        else:
            result = fold(op, result, value)
    return Value(result.atoms, tainting.computed(result.taints, op)) if result.taints else result


def _combined(machine: Machine, values: list[Value], scope: Scope, state: State, expression: code.Fold) -> Value:
    """Set algebra: the elements are of the kinds that either side has."""
    parts = [element_of(elements_of(machine, value, scope, state)) for value in values]
    found = [Value(part.atoms) for part in parts if part.atoms]
    content = of(Many(join(*found) if found else NOWHERE))
    return new_container(machine, "set", content, scope, state, tag=id_of(expression, scope))


def _unary(op: str, value: Value) -> Value:
    known = constant(value)
    if known is not None and isinstance(known.value, int | float) and op in {"neg", "pos"}:
        return const(-known.value if op == "neg" else known.value, known.via)
    return value if all(isinstance(atom, Given | Entropy | Drawn | WorkerNumber) for atom in value.atoms) else TOP


def _concatenate(machine: Machine, op: str, values: list[Value], scope: Scope, state: State, expression: code.Fold) -> Value | None:
    """`list + list`, or `list * n`, is a new list."""
    if not any(isinstance(atom, Object) and atom.type in {"list", "set"} for value in values for atom in value.atoms):
        return None
    parts = [elements_of(machine, value, scope, state) for value in (values if op == "+" else values[:1])]
    taints = tuple(taint for part in parts for taint in part.taints)
    first, *others = parts
    content = first
    for other in others:
        content = fold("+", content, other) if all(isinstance(atom, Sequence) for part in (content, other) for atom in part.atoms) else of(Many(join(element_of(content), element_of(other))))
    if op == "*":
        content = of(Many(element_of(first)))
    return new_container(machine, "list", Value(content.atoms, taints), scope, state, tag=id_of(expression, scope))


def _logical(machine: Machine, expression: code.Fold, scope: Scope, state: State) -> Value:
    result: list[Value] = []
    for number, operand in enumerate(expression.operands):
        value = evaluate(machine, operand, scope, state)
        last = number == len(expression.operands) - 1
        truths = {machine.truth(atom) for atom in value.atoms}
        stop = expression.op == "or"
        if last:
            result.append(value)
        elif truths == {stop}:
            result.append(value)
            break
        elif truths != {not stop}:
            result.append(Value(tuple(atom for atom in value.atoms if machine.truth(atom) is not (not stop)), value.taints))
    found = [value for value in result if value.atoms]
    return join(*found) if found else NOWHERE


def _opaque(machine: Machine, expression: code.Opaque, scope: Scope, state: State) -> Value:
    """What a known value is made into is known no more, but entropy stays entropy: `f"{time():.0f}"`."""
    values = [evaluate(machine, part, scope, state) for part in expression.parts]
    strong = [atom for value in values for atom in value.atoms if isinstance(atom, Entropy | Drawn)]
    return of(strong[0]) if strong else Value((Top(held(values)),))


def _slice(machine: Machine, expression: code.Slice, scope: Scope, state: State) -> Value:
    return TOP


_EVALUATE: Final[dict[type, Callable[..., Value]]] = {
    code.Const: _const,
    code.Name: _name,
    code.Attr: _attr,
    code.Item: _item,
    code.Slice: _slice,
    code.Result: _result,
    code.Code: _code,
    code.Spread: _spread,
    code.Display: _display,
    code.Collected: _collected,
    code.Choice: _choice,
    code.Fold: _fold,
    code.Opaque: _opaque,
}


# -- assignment ----------------------------------------------------------------------------------------------------


def assign(machine: Machine, target: code.Target | code.Expr, value: Value, scope: Scope, state: State, place: Place) -> None:
    """Bind a target: a variable, a field, an item, or each part of a display."""
    if isinstance(target, code.Name):
        assign_name(machine, target.id, value, scope, state)
    elif isinstance(target, code.Attr):
        if target.name == "data":
            from reprolint.flow import parameters

            parameters.filled(machine, target, value, scope, state)
        set_attribute(machine, evaluate(machine, target.of, scope, state), target.name, value, scope, state, place)
    elif isinstance(target, code.Item):
        _set_item(machine, target, value, scope, state, place)
    elif isinstance(target, code.Spread):
        assign(machine, target.of, value, scope, state, place)
    elif isinstance(target, code.Display):
        _unpack(machine, target, value, scope, state, place)


def assign_name(machine: Machine, name: str, value: Value, scope: Scope, state: State) -> None:
    """Bind a variable of the scope, a global, or a captured one."""
    function = scope.function
    if function is not None and name in function.outer:
        for cell in scope.scopes:
            if name in machine.cells.get(cell, ()):
                state.writes[cell, name] = value
                return
        state.writes[scope.path, name] = value
        return
    state.writes[scope.key, name] = value
    if name in scope.captured:
        state.writes[scope.cell, name] = value


def set_attribute(machine: Machine, base: Value, name: str, value: Value, scope: Scope, state: State, place: Place) -> None:
    """`base.name = value`: replaces through one object, joins through several."""
    alone = len(base.atoms) == 1
    for atom in value.atoms:
        if isinstance(atom, Rng) and any(isinstance(found, Object) for found in base.atoms):
            state.writes["kept", repr(atom.place)] = place
            if atom.place is not None:
                machine.event("generator-kept", atom.place, scope)
    for atom in base.atoms:
        if isinstance(atom, Object) and atom.type in machine.classes and (found := machine.find_method(machine.order(atom.type), setter(name))) is not None:
            _assign_property(machine, atom, found, value, scope, state, place, alone=alone)
        elif isinstance(atom, Object):
            _store(machine, (atom.key, name), value, scope, state, alone=alone)
            remember_key(machine, atom, name, scope, state)
            if atom.place is not None and atom.type not in machine.classes:
                from reprolint.flow import estimators

                estimators.set_field(machine, atom, name, value, scope, state)
        elif isinstance(atom, ClassRef):
            _store(machine, (atom.key, name), value, scope, state, alone=alone)
        elif isinstance(atom, ModuleRef):
            state.writes[atom.path, name] = value
        elif isinstance(atom, Code):
            state.writes[f"{atom.path}:{atom.function.site}", name] = value
        elif isinstance(atom, Library):
            dotted = f"{canonical(atom.dotted)}.{name}"
            state.writes["library", dotted] = value
            state.writes["library-place", dotted] = place
            machine.event("flag", place, scope, dotted, value.atoms)


def _assign_property(machine: Machine, atom: Object, found: tuple[ClassInfo, code.Function, str], value: Value, scope: Scope, state: State, place: Place, *, alone: bool) -> None:  # fmt: skip
    """`base.name = value` where the class says what that runs; of several objects, one of them perhaps."""
    from reprolint.flow.calls import Arguments, call_code

    info, function, _ = found
    trial = state if alone else state.copy()
    call_code(machine, Code(function, info.path, info.scopes, info.key), Arguments([of(atom), value]), place, scope, trial, CERTAIN if alone else LIKELY)
    joined = machine.join_states([state.copy(), trial], scope.activation) if not alone else None
    if joined is not None:
        state.become(joined)


def remember_key(machine: Machine, atom: Object, name: str, scope: Scope, state: State) -> None:
    """Note that a record has a field."""
    if atom.type in {"options", "namespace", "config", "dict"}:
        names = machine.read((atom.key, "#keys"), state, scope.activation)
        names = () if names is MISSING else names
        if name not in names:
            state.writes[atom.key, "#keys"] = (*names, name)


def _store(machine: Machine, location: tuple[str, str], value: Value, scope: Scope, state: State, *, alone: bool) -> None:
    if not alone:
        known = machine.read(location, state, scope.activation)
        if isinstance(known, Value):
            value = join(known, value)
    state.writes[location] = value


def _set_item(machine: Machine, target: code.Item, value: Value, scope: Scope, state: State, place: Place) -> None:
    if isinstance(target.of, code.Attr) and target.of.name == "__dict__" and isinstance(target.key, code.Const) and isinstance(target.key.value, str):
        set_attribute(machine, evaluate(machine, target.of.of, scope, state), target.key.value, value, scope, state, place)
        return
    base = evaluate(machine, target.of, scope, state)
    key = TOP if isinstance(target.key, code.Slice) else tainting.lifted(evaluate(machine, target.key, scope, state))
    name = field_of(key)
    alone = len(base.atoms) == 1
    if key.taints or value.taints:
        _note_stored(machine, target, base, key, value, scope, state, place)
        value = tainting.filed(value)
        if all(isinstance(atom, Object) and atom.type == "dict" for atom in base.atoms):
            value = tainting.named(value, key)
    if isinstance(target.of, code.Attr) and target.of.name == "data":
        from reprolint.flow import parameters

        parameters.filled(machine, target.of, value, scope, state)
    for atom in base.atoms:
        if isinstance(atom, Library) and atom.dotted == "os.environ" and name is not None:
            state.writes["environ", name] = value
            machine.event("environ", place, scope, name, value.atoms)
            for found in value.atoms:
                if isinstance(found, Drawn) and found.place is not None:
                    state.demote(found.stream, found.place)
        elif isinstance(atom, Object) and atom.type in {"dict", "options", "namespace", "config"}:
            _set_entry(machine, atom, name, value, scope, state, alone=alone)
        elif isinstance(atom, Object) and atom.type == "list":
            content = contents(machine, atom, scope, state)
            state.writes[atom.key, "items"] = Value((Many(join(element_of(content), value)),), content.taints)
        elif isinstance(atom, Object):
            _call_setitem(machine, atom, key, value, scope, state, place, alone=alone)


def _note_stored(
    machine: Machine, target: code.Item, base: Value, key: Value, value: Value, scope: Scope, state: State, place: Place
) -> None:
    """A name that gets a number, a place in an array, and the order in which a dict is filled."""
    dicts = [atom for atom in base.atoms if isinstance(atom, Object) and atom.type in {"dict", "collections.defaultdict"}]
    depth = max((tainting.made_at(machine, atom, scope, state) for atom in dicts), default=0)
    tainting.stored(machine, base, key, value, depth, place, scope, state)
    tainting.picked(machine, base, (), key, place, scope, state)
    filling = tainting.gathered((*key.taints, *value.taints), depth) if scope.loops else ()
    for atom in dicts if key.taints and filling else ():
        state.writes[atom.key, "#order"] = Value((), tuple(dict.fromkeys((*order_of(machine, atom, scope, state), *filling)))[:4])
    if not dicts and tainting.numbers(key.taints) and isinstance(target.of, code.Name):
        assign_name(machine, target.of.id, with_taints(base, tainting.positioned(key.taints)), scope, state)


def _set_entry(machine: Machine, atom: Object, name: str | None, value: Value, scope: Scope, state: State, *, alone: bool) -> None:
    """File a value in a record, under a name that may not be known."""
    if name is None:
        _store(machine, (atom.key, "[]"), value, scope, state, alone=False)
    else:
        _store(machine, (atom.key, f"k:{name}" if atom.type == "dict" else name), value, scope, state, alone=alone)
        remember_key(machine, atom, name, scope, state)


def set_entry(machine: Machine, atom: Object, key: Value, value: Value, scope: Scope, state: State) -> None:
    """`dict.__setitem__`."""
    _set_entry(machine, atom, field_of(key), value, scope, state, alone=True)


def _call_setitem(machine: Machine, atom: Object, key: Value, value: Value, scope: Scope, state: State, place: Place, *, alone: bool) -> None:
    found = machine.find_method(machine.order(atom.type), "__setitem__")
    behind = mappings.mapping_of(machine, atom) if found is None else None
    if behind is not None:
        _set_entry(machine, behind, field_of(key), value, scope, state, alone=alone)
    if found is not None:
        from reprolint.flow.calls import Arguments, call_code

        info, function, _ = found
        call_code(machine, Code(function, info.path, info.scopes, info.key), Arguments([of(atom), key, value]), place, scope, state, CERTAIN)


def _unpack(machine: Machine, target: code.Display, value: Value, scope: Scope, state: State, place: Place) -> None:
    if any(isinstance(atom, Lazy) for atom in value.atoms):
        from reprolint.flow import iteration

        value = iteration.iterate(machine, value, scope, state, place) or NOWHERE
    sequence = elements_of(machine, value, scope, state)
    count = len(target.items)
    starred = next((number for number, part in enumerate(target.items) if isinstance(part, code.Spread)), None)
    fitting = tuple(atom for atom in sequence.atoms if starred is not None or not isinstance(atom, Sequence) or len(atom.elements) == count)
    if fitting and len(fitting) < len(sequence.atoms):  # the others raise
        sequence = Value(fitting, sequence.taints)
    known = sequence.atoms[0] if len(sequence.atoms) == 1 else None
    if isinstance(known, Sequence) and starred is None and len(known.elements) == count:
        for part, element in zip(target.items, known.elements, strict=True):
            spread = element if tainting.numbers(element.taints) else with_taints(element, value.taints)
            assign(machine, part, spread, scope, state, place)
        return
    alternatives = [atom for atom in sequence.atoms if isinstance(atom, Sequence) and len(atom.elements) == count]
    for number, part in enumerate(target.items):
        if alternatives and len(alternatives) == len(sequence.atoms) and starred is None:
            element = join(*(atom.elements[number] for atom in alternatives))
        else:
            element = element_of(sequence)
        if isinstance(part, code.Spread):
            element = of(Many(element))
        elif not alternatives and value.atoms and all(isinstance(atom, Given | Entropy | Drawn | Const) for atom in value.atoms):
            element = Value(value.atoms)
        assign(machine, part, with_taints(element, sequence.taints), scope, state, place)
