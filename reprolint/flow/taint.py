"""Orders and values that no seed fixes: how they spread, and where they come to decide something.

A taint has one of four shapes. `order`: the elements stand in an unfixed order. `element`: one element of such an order,
harmless until it is gathered with others. `number…`: its position in it, with the depth of the loop that counts.
`value`: a value that itself differs from run to run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from reprolint.flow.state import CERTAIN, LIKELY, MISSING, POSSIBLE, Scope, State, dump
from reprolint.flow.values import Const, Drawn, Object, Sequence, Taint, Text, Top, Value, const, of, truth, with_taints
from reprolint.model import code
from reprolint.model.span import Place

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reprolint.flow.machine import Machine
    from reprolint.flow.state import Location
    from reprolint.flow.values import Atom

SET_OF_TEXT: Final = "the order of a set of strings"
SET: Final = "the order of a set"
"""Nothing is known of its elements: they may be small numbers."""
LENGTH: Final = Taint("length", Place("", -1), "length")
"""How many there are so far: given to a new name, it numbers names in the order of their coming."""
DRAWN: Final = Taint("drawn", Place("", -1), "drawn")
"""Positions that a generator picked: what stands there depends on the order."""
PICKS: Final = frozenset(["permutation", "permuted", "randperm", "choice", "sample", "randint", "integers", "randrange", "multinomial"])
_DREW: Final = ("process", "drew")
_TRAINED: Final = ("process", "trained")
_TRAINING: Final = ("step", "backward", "fit", "fit_transform", "partial_fit", "train", "minimize", "train_on_batch", "fit_generator")


# -- shapes --------------------------------------------------------------------------------------------------------


def in_round(taints: Iterable[Taint]) -> tuple[Taint, ...]:
    """What one element of a sequence carries."""
    return tuple(dict.fromkeys(replace(taint, shape="element") if taint.shape == "order" else taint for taint in taints))


def gathered(taints: Iterable[Taint]) -> tuple[Taint, ...]:
    """What a sequence carries that is made of such elements."""
    return tuple(dict.fromkeys(replace(taint, shape="order") if taint.shape == "element" else taint for taint in taints if not _counts(taint)))


def counted(taints: Iterable[Taint], depth: int) -> tuple[Taint, ...]:
    """What the position in an unfixed order carries, for a loop at this depth."""
    return tuple(replace(taint, shape=f"number{depth}") for taint in taints if taint.shape == "order")


def positioned(taints: Iterable[Taint]) -> tuple[Taint, ...]:
    """What an array carries that is filled by such positions."""
    return tuple(replace(taint, shape="order") for taint in numbers(taints))


def shuffled(taints: Iterable[Taint]) -> tuple[Taint, ...]:
    """What an order carries that such values decide."""
    return tuple(replace(taint, shape="order") for taint in values(taints))


def orders(taints: Iterable[Taint]) -> tuple[Taint, ...]:
    return tuple(taint for taint in taints if taint.shape == "order")


def values(taints: Iterable[Taint]) -> tuple[Taint, ...]:
    return tuple(taint for taint in taints if taint.shape == "value")


def numbers(taints: Iterable[Taint]) -> tuple[Taint, ...]:
    return tuple(taint for taint in taints if taint.shape.startswith("number"))


def _counts(taint: Taint) -> bool:
    return taint.shape.startswith(("number", "length"))


def deep(machine: Machine, value: Value, scope: Scope, state: State) -> tuple[Taint, ...]:
    """The taints of a value and of what it packs: tuples, records, and the elements of lists."""
    from reprolint.flow.expressions import contents, entries

    found = dict.fromkeys(value.taints)
    for atom in value.atoms:
        if isinstance(atom, Sequence):
            for element in atom.elements[:8]:
                found.update(dict.fromkeys(element.taints))
        elif isinstance(atom, Object) and atom.type in {"list", "set"}:
            found.update(dict.fromkeys(contents(machine, atom, scope, state).taints))
        elif isinstance(atom, Object) and atom.type == "dict":
            for inner in list(entries(machine, atom, scope, state).values())[:8]:
                found.update(dict.fromkeys(inner.taints))
    return tuple(found)


def cleaned(value: Value, depth: int = 2) -> Value:
    """What is left of taints when everything was put in order, pairs and all."""
    atoms = tuple(Sequence(tuple(cleaned(element, depth - 1) for element in atom.elements)) if isinstance(atom, Sequence) and depth else atom for atom in value.atoms)
    return Value(atoms, tuple(taint for taint in value.taints if taint.shape in {"value", "length", "drawn"}))


def lifted(key: Value) -> Value:
    """A tuple of indices carries what they carry."""
    inner = [taint for atom in key.atoms if isinstance(atom, Sequence) for element in atom.elements for taint in element.taints]
    return with_taints(key, inner) if inner else key


def without_orders(value: Value) -> Value:
    return Value(value.atoms, values(value.taints)) if value.taints else value


# -- sinks ---------------------------------------------------------------------------------------------------------


def arrive(
    machine: Machine, taints: Iterable[Taint], sink: str, place: Place, scope: Scope, state: State, level: int = CERTAIN
) -> None:
    """Tell the checks that taints decide something here."""
    for taint in taints:
        if taint.kind in {"length", "drawn"} or (machine.read(("sorted", repr(taint.place)), state, scope.activation) is not MISSING):
            continue
        machine.event("taint", taint.place, scope, taint.kind, sink, place, taint.what, level=min(level, POSSIBLE) if taint.what == SET else level)


def settled(listing: Place, state: State) -> None:
    """`dirs.sort()` inside `os.walk` fixes the order of the whole walk."""
    state.writes["sorted", repr(listing)] = const(True)  # noqa: FBT003


def stored(machine: Machine, key: Value, value: Value, place: Place, scope: Scope, state: State) -> None:
    """`names[key] = value`: a number that is given to a name in the order of its coming."""
    named = [taint for taint in key.taints if taint.shape == "element"]
    counts = [taint for taint in value.taints if _counts(taint)]
    if named and counts:
        arrive(machine, named if any(taint.kind == "length" for taint in counts) else numbers(counts), "index", place, scope, state, LIKELY)


def appended(machine: Machine, value: Value, place: Place, scope: Scope, state: State) -> None:
    """A position that is handed to several elements, in a deeper loop than the one that counts, is a label."""
    found = [taint for taint in numbers(deep(machine, value, scope, state)) if int(taint.shape.removeprefix("number")) < scope.loops]
    arrive(machine, found, "index", place, scope, state)


def sliced(machine: Machine, whole: code.Expr, key: code.Slice, taints: Iterable[Taint], scope: Scope, state: State) -> None:
    """`files[:n]` and `files[n:]` together are a split; one alone may be a mere look."""
    found = orders(taints)
    if not found:
        return
    both = False
    for bound, side, other in ((key.upper, "head", "tail"), (key.lower, "tail", "head")):
        if bound is not None:
            cut = f"#cut:{dump(whole)}:{dump(bound)}:"
            state.writes[scope.key, cut + side] = True
            both = both or (scope.key, cut + other) in state.writes
    arrive(machine, found, "split", scope.at, scope, state, LIKELY if both else POSSIBLE)


def picked(machine: Machine, base: Value, taints: Iterable[Taint], key: Value, place: Place, scope: Scope, state: State) -> None:
    """`base[key]` where what is picked depends on an unfixed order, a hash or entropy."""
    if drawn(key):
        arrive(machine, orders(taints), "data", place, scope, state, LIKELY)
    plain = not any(isinstance(atom, Object) and atom.type in {"dict", "options", "config", "namespace"} for atom in base.atoms)
    if plain:
        arrive(machine, (taint for taint in values(key.taints) if taint.kind == "hash"), "index", place, scope, state, LIKELY)
        arrive(machine, (taint for taint in values(key.taints) if taint.kind == "entropy"), "split", place, scope, state, LIKELY)


def drawn(key: Value) -> bool:
    """Whether a key is what a generator picked."""
    return any(isinstance(atom, Drawn) for atom in key.atoms) or any(taint.kind == "drawn" for taint in key.taints)


def seeded(machine: Machine, value: Value, place: Place, scope: Scope, state: State) -> bool:
    """Whether a seed is made from a string's hash."""
    found = [taint for taint in values(value.taints) if taint.kind == "hash"]
    arrive(machine, found, "seed", place, scope, state)
    return bool(found)


# -- sets ----------------------------------------------------------------------------------------------------------


def of_set(element: Value, place: Place) -> tuple[Taint, ...]:
    """The taint of a set's order: of strings surely, of small numbers never, else perhaps."""
    kinds = {_hashed(atom) for atom in element.atoms}
    if True in kinds:
        return (Taint("hash", place, "order", SET_OF_TEXT),)
    return (Taint("hash", place, "order", SET),) if None in kinds and element.atoms else ()


def _hashed(atom: Atom) -> bool | None:
    """Whether an atom's hash differs from process to process."""
    if isinstance(atom, Text):
        return True
    if isinstance(atom, Const):
        return isinstance(atom.value, str)
    if isinstance(atom, Sequence):
        inner = {_hashed(found) for element in atom.elements for found in element.atoms}
        return True if True in inner else None if None in inner else False
    return None if isinstance(atom, Top) else False


# -- loops ---------------------------------------------------------------------------------------------------------


def drew(state: State, generator: Place | None = None) -> None:
    """Something was drawn: from a global stream, or from the generator that was made at a place."""
    state.writes[_DREW] = const(True) if generator is None else const(repr(generator))  # noqa: FBT003


def trained(name: str, state: State) -> None:
    """A step of training was taken."""
    if name.rpartition(".")[2] in _TRAINING:
        state.writes[_TRAINED] = const(True)  # noqa: FBT003


def made(generator: Place, scope: Scope, state: State) -> None:
    """A generator was made, this deep in loops."""
    state.writes["made", repr(generator)] = const(scope.loops)


def watch(state: State) -> dict[Location, object]:
    """Before a loop over an unfixed order; what was known until then."""
    before: dict[Location, object] = {location: state.writes[location] for location in (_DREW, _TRAINED) if location in state.writes}
    state.writes[_DREW] = state.writes[_TRAINED] = const(False)  # noqa: FBT003
    return before


def watched(machine: Machine, taints: tuple[Taint, ...], before: dict[Location, object], place: Place, scope: Scope, state: State) -> None:
    """After it: whether its body drew, or trained."""
    if any(_outside(machine, atom, scope, state) for atom in _cell(state, _DREW)):
        arrive(machine, taints, "draw", place, scope, state)
    elif any(truth(atom) is True for atom in _cell(state, _TRAINED)):
        arrive(machine, taints, "training", place, scope, state)
    for location in (_DREW, _TRAINED):
        if all(truth(atom) is False for atom in _cell(state, location)):
            state.writes.pop(location, None)
            if location in before:
                state.writes[location] = before[location]


def _cell(state: State, location: tuple[str, str]) -> tuple[Atom, ...]:
    found = state.writes.get(location)
    return found.atoms if isinstance(found, Value) else ()


def _outside(machine: Machine, atom: Atom, scope: Scope, state: State) -> bool:
    """Whether what drew lives longer than a round of this loop."""
    if not isinstance(atom, Const) or not isinstance(atom.value, str):
        return truth(atom) is True
    depth = machine.read(("made", atom.value), state, scope.activation)
    known = depth.atoms[0] if isinstance(depth, Value) and len(depth.atoms) == 1 else None
    return not (isinstance(known, Const) and isinstance(known.value, int) and known.value >= scope.loops)


def recurs(item: code.Bind) -> bool:
    """`w = 0.9 * w + x`, `w -= rate * (x @ w - y)`: each round works on what the last one left, and not by adding alone."""
    if not isinstance(item.target, code.Name) or not isinstance(item.value, code.Fold):
        return False
    name = item.target.id
    value = item.value
    if value.op in {"and", "or", "not", "==", "!=", "<", ">", "<=", ">=", "is", "in", "is not", "not in", "|", "&", "^", "format"}:
        return False
    return any(_mentions(operand, name) for operand in _added(value) if operand != code.Name(name))


def _added(value: code.Expr) -> list[code.Expr]:
    """The terms of a sum, or the factors of a product."""
    if isinstance(value, code.Fold) and value.op in {"+", "-"}:
        return [term for operand in value.operands for term in _added(operand)]
    if isinstance(value, code.Fold) and value.op == "*" and all(isinstance(operand, code.Name | code.Const | code.Result) for operand in value.operands):
        return list(value.operands)
    return [value]


def _mentions(expression: object, name: str) -> bool:
    if isinstance(expression, code.Name):
        return expression.id == name
    if isinstance(expression, code.Fold):
        return any(_mentions(operand, name) for operand in expression.operands)
    if isinstance(expression, code.Attr | code.Item | code.Spread):
        return _mentions(expression.of, name)
    return False


def split_by(machine: Machine, item: code.Branch, taints: tuple[Taint, ...], scope: Scope, state: State) -> None:
    """A test on such a value that decides where something goes is a split."""
    if _filters(item) or any(_collects(block) for block in (item.body, item.orelse)):
        arrive(machine, taints, "split", Place(scope.path, item.site), scope, state)


def _filters(item: code.Branch) -> bool:
    """The test of a comprehension: what stands under it is used, or there is nothing."""
    return not item.orelse and all(isinstance(inner, code.Call) and not inner.loose for inner in item.body)


def _collects(block: code.Block) -> bool:
    for item in block:
        if isinstance(item, code.Yield) or (isinstance(item, code.Bind) and isinstance(item.target, code.Item | code.Name)):
            return True
        if isinstance(item, code.Call) and isinstance(item.callee, code.Attr) and item.callee.name in {"append", "add", "extend", "write"}:
            return True
    return False


__all__ = ["LENGTH", "of", "with_taints"]
