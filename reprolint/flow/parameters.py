"""The numbers that a module is made with: what takes their place before they decide anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reprolint.flow import calls, library
from reprolint.flow.definitions import fields_of
from reprolint.flow.effect import NOTHING, finals
from reprolint.flow.expressions import contents, entries, evaluate
from reprolint.flow.state import Scope, State
from reprolint.flow.values import (
    NOWHERE,
    Code,
    Const,
    Many,
    Method,
    Object,
    Rng,
    Sequence,
    Top,
    Value,
    const,
    held,
    of,
    truth,
)
from reprolint.model import code, walk

if TYPE_CHECKING:
    from reprolint.flow.calls import Arguments
    from reprolint.flow.machine import Machine
    from reprolint.flow.values import Atom
    from reprolint.model.span import Place

_MODULE: Final = "torch.nn.Module"
_FIXED: Final = frozenset({"zeros_", "zero_", "ones_", "constant_", "fill_", "eye_", "dirac_"})
"""Ways to fill a tensor without drawing."""
_DRAWN: Final = frozenset(
    "normal_ uniform_ trunc_normal_ xavier_normal_ xavier_uniform_ kaiming_normal_ kaiming_uniform_ orthogonal_ sparse_ exponential_ "
    "bernoulli_ cauchy_ geometric_ log_normal_ random_".split()
)
"""Ways to fill a tensor with what a generator draws."""
_ALONE: Final = frozenset({"torch.nn.Embedding", "torch.nn.EmbeddingBag"})
"""Layers whose one parameter is `weight`."""
_BOTH: Final = frozenset({"weight", "bias"})
_FIXED_LEFT: Final = 2
"""What `finals` gives where all paths leave a fixed seed."""
_MANY: Final = 12
"""Above this many parts a module is taken as a whole."""


def overwritten(machine: Machine, receiver: Value, strict: Value, new: Value, scope: Scope, state: State) -> None:
    """Other numbers take the place of those that a model drew when it was made, or of those of a part of it.

    They do not if they are another model's that was drawn, or a selection of which the program itself says that it is
    not whole.
    """
    owners = held([atom.receiver if isinstance(atom, Method) else of(atom) for atom in receiver.atoms])
    drawn = _from_module(machine, receiver, new)
    selected = any(machine.truth(found) is False for found in strict.atoms) and any(isinstance(found, Object) for found in new.atoms)
    if not drawn and not selected:
        _replace(machine, owners, scope, state)


def _replace(machine: Machine, owners: tuple[Atom, ...], scope: Scope, state: State) -> None:
    places: set[Place] = set()
    for atom in owners:
        if isinstance(atom, Object) and atom.place is not None:
            places.add(atom.place)
            for part in library.arguments_of(machine, atom, scope, state).values():  # `nn.Sequential(nn.Linear(1, 2))`
                places.update(made_at(machine, part, scope, state))
    if places:
        state.overwrite(frozenset(places))


def made_at(machine: Machine, value: Value, scope: Scope, state: State, depth: int = 0) -> dict[Place, None]:
    """Where the objects in a value were made, records and lists looked into."""
    found: dict[Place, None] = {}
    inner: list[Value] = []
    for atom in value.atoms:
        if isinstance(atom, Object) and atom.type in {"dict", "options", "namespace"}:
            inner += entries(machine, atom, scope, state).values()
            rest = machine.read((atom.key, "[]"), state, scope.activation)
            inner += [rest] if isinstance(rest, Value) else []
        elif isinstance(atom, Object) and atom.type in {"list", "set"}:
            inner.append(contents(machine, atom, scope, state))
        elif isinstance(atom, Object) and atom.place is not None:
            found[atom.place] = None
            if any(api.returns == "carrier" for api in machine.rows(atom.type)):
                inner += library.arguments_of(machine, atom, scope, state).values()
        elif isinstance(atom, Sequence | Many):
            inner += atom.elements if isinstance(atom, Sequence) else (atom.element,)
        elif isinstance(atom, Top):
            inner.append(Value(atom.held))
    for part in inner if depth < 4 else ():  # noqa: PLR2004
        found.update(made_at(machine, part, scope, state, depth + 1))
    return found


# -- one parameter after the other ---------------------------------------------------------------------------------


def _parameter(expression: code.Expr) -> code.Attr | None:
    """`layer.weight`, `layer.weight.data`, `layer.weight[:]`, `layer.bias[number]` for a variable."""
    if isinstance(expression, code.Item) and (isinstance(expression.key, code.Name) or expression.key == code.Slice(None, None, None)):
        expression = expression.of
    if isinstance(expression, code.Attr) and expression.name == "data":
        expression = expression.of
    return expression if isinstance(expression, code.Attr) and expression.name.startswith(("weight", "bias")) else None


def filled(machine: Machine, parameter: code.Expr, value: Value, scope: Scope, state: State) -> None:
    """`layer.weight.data = loaded`, `layer.weight.data[:] = loaded`, `layer.bias.copy_(loaded)`: a parameter gets other numbers."""
    found = _parameter(parameter)
    if found is not None and not _from_module(machine, evaluate(machine, found.of, scope, state), value):
        _note_filled(machine, found, scope, state, drawn=False)


def _from_module(machine: Machine, owner: Value, new: Value) -> bool:
    """Whether numbers are those of another module, which may have been drawn."""
    owners = held([atom.receiver if isinstance(atom, Method) else of(atom) for atom in owner.atoms])
    return any(isinstance(found, Object) and found not in owners and _MODULE in machine.order(found.type) for found in held([new]))


def changed(machine: Machine, item: code.Call, arguments: Arguments, scope: Scope, state: State) -> None:
    """A call whose name ends in `_`: `weight.copy_(loaded)`, `init.zeros_(layer.bias)`, `weight.normal_(generator=g)`.

    What is drawn from a generator of one's own, or filled with a constant, takes the place of what the layer drew when
    all of its parameters were filled so.
    """
    callee = item.callee
    name = callee.name if isinstance(callee, code.Attr) else callee.id if isinstance(callee, code.Name) else ""
    if name == "copy_" and isinstance(callee, code.Attr):
        filled(machine, callee.of, arguments.first(), scope, state)
    elif name in _FIXED | _DRAWN:
        own = name in _FIXED or any(isinstance(atom, Rng) for atom in arguments.keywords.get("generator", NOWHERE).atoms)
        found = _parameter(item.arguments[0].value) if item.arguments else None
        if found is None and isinstance(callee, code.Attr):
            found = _parameter(callee.of)
        if found is not None:
            _note_filled(machine, found, scope, state, drawn=not own)


def each_filled(machine: Machine, item: code.Loop, scope: Scope, state: State) -> None:
    """`for parameter in net.parameters(): …`, or over `named_parameters()`, with something for each of them whatever a test says."""
    made = scope.called.get(item.iterable.number) if isinstance(item.iterable, code.Result) else None
    if made is None or not isinstance(made.callee, code.Attr) or made.callee.name not in _EACH or made.arguments:
        return
    target: code.Expr | None = item.target
    if made.callee.name == "named_parameters":
        target = target.items[1] if isinstance(target, code.Display) and len(target.items) == 2 else None  # noqa: PLR2004
    if isinstance(target, code.Name) and _fills(machine, item.body, target.id, scope, state):
        owner = evaluate(machine, made.callee.of, scope, state)
        for atom in owner.atoms if len(owner.atoms) == 1 else ():
            inside = parts(machine, atom, scope, state) if isinstance(atom, Object) else ()
            _replace(machine, tuple(part for part in inside if part.type not in machine.classes), scope, state)  # what a class draws itself may be no parameter


_EACH: Final = frozenset({"parameters", "named_parameters"})


def _fills(machine: Machine, block: code.Block, name: str, scope: Scope, state: State) -> bool:
    """Whether every way through a block gives the variable's tensor other numbers, that no unseeded stream draws."""
    for item in block:
        if isinstance(item, code.Raise):
            return True
        if isinstance(item, code.Jump | code.Return) or (isinstance(item, code.Bind) and item.target == code.Name(name)):
            return False
        if isinstance(item, code.Call) and _fills_it(machine, item, name, scope, state):
            return True
        if isinstance(item, code.With) and _fills(machine, item.body, name, scope, state):
            return True
        if isinstance(item, code.Branch):
            if _fills(machine, item.body, name, scope, state) and _fills(machine, item.orelse, name, scope, state):
                return True
            if any(isinstance(inner, code.Jump | code.Return) for inner in walk.statements((item,))):
                return False
    return False


def _fills_it(machine: Machine, item: code.Call, name: str, scope: Scope, state: State) -> bool:
    last = walk.last_name(item.callee)
    constant = last in _FIXED and all(isinstance(argument.value, code.Const | code.Name | code.Attr) for argument in item.arguments)
    own = constant or (last in _DRAWN and (machine.left("torch", state, scope.activation) == _FIXED_LEFT or any(
        argument.name == "generator" and any(isinstance(atom, Rng) for atom in evaluate(machine, argument.value, scope, state).atoms) for argument in item.arguments
    )))  # fmt: skip
    filled = [item.callee.of] if isinstance(item.callee, code.Attr) else []
    filled += [argument.value for argument in item.arguments[:1]]
    return own and any(part == code.Name(name) or (isinstance(part, code.Attr) and part.name == "data" and part.of == code.Name(name)) for part in filled)


def _note_filled(machine: Machine, parameter: code.Attr, scope: Scope, state: State, *, drawn: bool) -> None:
    """`drawn`: from the global stream; that takes the place of an earlier draw only if the stream was seeded in between."""
    for atom in held([evaluate(machine, parameter.of, scope, state)]):
        if isinstance(atom, Object) and _MODULE in machine.order(atom.type):
            names = frozenset({parameter.name}) | _filled(machine, atom, scope, state)
            state.writes[atom.key, "#filled"] = names
            state.writes[atom.key, "#drawn"] = const(drawn or _drawn(machine, atom, scope, state))
            if names >= _needed(machine, atom, scope, state) and (not _drawn(machine, atom, scope, state) or _seeded(state)):
                _replace(machine, (atom,), scope, state)


def _filled(machine: Machine, atom: Object, scope: Scope, state: State) -> frozenset[str]:
    known = machine.read((atom.key, "#filled"), state, scope.activation)
    return known if isinstance(known, frozenset) else frozenset()


def _drawn(machine: Machine, atom: Object, scope: Scope, state: State) -> bool:
    known = machine.read((atom.key, "#drawn"), state, scope.activation)
    return isinstance(known, Value) and any(truth(found) is not False for found in known.atoms)


def _seeded(state: State) -> bool:
    """Whether this activation has seeded torch with something fixed."""
    return finals(state.words.get("torch", NOTHING)) == _FIXED_LEFT


def _needed(machine: Machine, atom: Object, scope: Scope, state: State) -> frozenset[str]:
    """The parameters of a layer; of one of the project's own, those that it gives itself, if it is made of no others."""
    info = machine.classes.get(atom.type)
    if info is not None and parts(machine, atom, scope, state) == (atom,):
        return frozenset(name for name in fields_of(info.node) if name.startswith(("weight", "bias"))) or _BOTH
    bias = library.arguments_of(machine, atom, scope, state).get("bias", NOWHERE)
    bare = bool(bias.atoms) and all(isinstance(found, Const) and not found.value for found in bias.atoms)
    return frozenset({"weight"}) if bare or not _ALONE.isdisjoint(machine.order(atom.type)) else _BOTH


# -- all parts of a module -----------------------------------------------------------------------------------------


def parts(machine: Machine, module: Object, scope: Scope, state: State) -> tuple[Object, ...]:
    """The modules within a module and the module itself, in the order of `Module.apply`; nothing if they are too many to tell."""
    found: dict[Object, None] = {}
    _part(machine, module, found, scope, state)
    return tuple(found) if len(found) <= _MANY else ()


def _part(machine: Machine, module: Object, found: dict[Object, None], scope: Scope, state: State) -> None:
    order = machine.order(module.type)
    if _MODULE not in order or module in found or len(found) > _MANY:
        return
    inner = list(library.arguments_of(machine, module, scope, state).values())
    for key in order:
        info = machine.classes.get(key)
        if info is not None and info.fields is None:
            info.fields = fields_of(info.node)
        for name in (info.fields or ()) if info is not None else ():
            value = machine.read((module.key, name), state, scope.activation)
            if isinstance(value, Value):
                inner.append(value)
    for value in inner:
        for atom in library.flat(machine, value, scope, state):
            if isinstance(atom, Object):
                _part(machine, atom, found, scope, state)
    found[module] = None


def for_each(machine: Machine, function: Value, module: Value, place: Place, scope: Scope, state: State, level: int) -> bool:
    """`module.apply(function)`, once for each kind of part that has random weights; False if the parts are not known."""
    only = module.atoms[0] if len(module.atoms) == 1 else None
    kinds: dict[str, list[Object]] = {}
    for part in parts(machine, only, scope, state) if isinstance(only, Object) else ():
        if part.type in machine.classes or any(api.draws for api in machine.rows(part.type)):
            kinds.setdefault(part.type, []).append(part)
    if not any(kind not in machine.classes for kind in kinds):
        return False
    for first, *others in kinds.values():
        before = state.overwritten
        calls.call_value(machine, function, calls.Arguments([of(first)]), place, scope, state, level)
        whole = _by_kind(function)
        again = whole and _seeded(state) and _filled(machine, first, scope, state) >= _needed(machine, first, scope, state)
        if again or (whole and first.place in state.overwritten - before):
            _replace(machine, (first, *others) if again else tuple(others), scope, state)
    return True


def _by_kind(function: Value) -> bool:
    """Whether a function treats all layers of a kind alike: it asks for their type, and whether they have a bias."""
    tests = [item.test for atom in function.atoms if isinstance(atom, Code) for item in walk.statements(atom.function.body) if isinstance(item, code.Branch)]
    asked = [part for test in tests for part in walk.parts(test)]
    return not any(isinstance(part, code.Item) or (isinstance(part, code.Attr) and part.name not in {"bias", "weight"} and not part.name[:1].isupper()) for part in asked)
