"""Orders and values that no seed fixes: how they spread, and where they come to decide something.

A taint has one of four shapes. `order`: the elements stand in an unfixed order. `element…`: one element of such an order, with
the depth of the loop whose rounds take it: harmless until something that outlives the round gathers it with others.
`number…`: its position in it, with the depth of the loop that counts; `numbered…` once it was filed under a name.
`value`: a value that itself differs from run to run. `name`: one that only tells things apart, until something is computed from it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec.structs import replace

from reprolint.flow.state import CERTAIN, LIKELY, MISSING, POSSIBLE, Scope, State, dump
from reprolint.flow.values import (
    Const,
    Drawn,
    Library,
    Many,
    Object,
    Sequence,
    Taint,
    Text,
    Top,
    Value,
    const,
    held,
    truth,
    with_taints,
)
from reprolint.model import code
from reprolint.model.span import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from reprolint.flow.machine import Machine
    from reprolint.flow.state import Exits, Location
    from reprolint.flow.values import Atom

SET_OF_TEXT: Final = "the order of a set of strings"
SET: Final = "the order of a set"
"""Nothing is known of its elements: they may be small numbers."""
HASH: Final = "hash() of what may be a string"
DRAWN: Final = Taint("drawn", Place("", -1), "drawn")
"""Positions that a generator picked: what stands there depends on the order."""
PICKS: Final = frozenset(["permutation", "permuted", "randperm", "choice", "sample", "randint", "integers", "randrange", "multinomial"])
_ARITHMETIC: Final = frozenset("* / // % ** @ & | ^ << >> - neg invert".split())
_WATCHED: Final = frozenset({"drew", "trained", "made"})
_CONTAINERS: Final = frozenset({"list", "set", "dict"})
_FED: Final = ("process", "fed")
_TRAINING: Final = ("step", "backward", "fit", "fit_transform", "partial_fit", "train", "minimize", "train_on_batch", "fit_generator")


# -- shapes --------------------------------------------------------------------------------------------------------


def length(of: object) -> Taint:
    """How many there are so far in a collection: given to a new name, it numbers names in the order of their coming."""
    return Taint("length", Place(of.key if isinstance(of, Object) else "", -1), "length")


def in_round(taints: Iterable[Taint], depth: int) -> tuple[Taint, ...]:
    """What one element of a sequence carries, taken this deep in loops."""
    return tuple(dict.fromkeys(replace(taint, shape=f"element{depth}") if taint.shape == "order" else taint for taint in taints))


def gathered(taints: Iterable[Taint], depth: int) -> tuple[Taint, ...]:
    """What a container carries that was made this deep in loops, of what is put into it.

    Made anew in each round, it holds what comes from one element, in an order of its own.
    """
    return tuple(dict.fromkeys(replace(taint, shape="order") if outlived(taint, depth) else taint for taint in taints if not _counts(taint)))


def outlived(taint: Taint, depth: int) -> bool:
    """Whether what was made this deep in loops is still there when the next element comes."""
    return is_element(taint) and _depth(taint) > depth


def made_at(machine: Machine, container: Object, scope: Scope, state: State) -> int:
    """How deep in loops a container was made."""
    found = machine.read((container.key, "#depth"), state, scope.activation)
    return found if isinstance(found, int) else 0


def within(value: Value, depth: int) -> Value:
    """What a generator yields counts as an element of the loop that takes it."""
    if not value.taints and not any(isinstance(atom, Sequence) for atom in value.atoms):
        return value
    atoms = tuple(Sequence(tuple(within(element, depth) for element in atom.elements)) if isinstance(atom, Sequence) else atom for atom in value.atoms)
    return Value(atoms, tuple(replace(taint, shape=f"element{depth}") if outlived(taint, depth) else taint for taint in value.taints))


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
    return tuple(taint for taint in taints if taint.shape in {"value", "name"})


def deciding(taints: Iterable[Taint]) -> tuple[Taint, ...]:
    """Those that differ in what they say, not just in what they are called: `if id(x) in seen` decides nothing."""
    return tuple(taint for taint in taints if taint.shape == "value")


def computed(taints: Iterable[Taint], op: str) -> tuple[Taint, ...]:
    """What the result of an operator carries: a number made of a name says something, a share of a length counts nothing."""
    if op not in _ARITHMETIC:
        return tuple(taints)
    return tuple(replace(taint, shape="value") if taint.shape == "name" else taint for taint in taints if taint.shape != "length" or op == "-")


def filed(value: Value) -> Value:
    """A number as it is kept under a name."""
    if not any(map(_is_number, value.taints)):
        return value
    return Value(value.atoms, tuple(replace(taint, shape=f"numbered{_depth(taint)}") if _is_number(taint) else taint for taint in value.taints))


def named(value: Value, key: Value) -> Value:
    """What is kept under the name of the element that it comes from: who asks for it by name gets it, whenever it came."""
    if not any(map(is_element, key.taints)) or not any(map(is_element, value.taints)):
        return value
    return Value(value.atoms, tuple(taint for taint in value.taints if not is_element(taint)))


def numbers(taints: Iterable[Taint]) -> tuple[Taint, ...]:
    return tuple(filter(_is_number, taints))


def elements(taints: Iterable[Taint]) -> tuple[Taint, ...]:
    return tuple(filter(is_element, taints))


def is_element(taint: Taint) -> bool:
    return taint.shape.startswith("element")


def _is_number(taint: Taint) -> bool:
    return taint.shape.startswith("number")


def _depth(taint: Taint) -> int:
    """Of the loop that takes an element, or counts."""
    return int(taint.shape.lstrip("abcdefghijklmnopqrstuvwxyz"))


def _counts(taint: Taint) -> bool:
    return taint.shape.startswith(("number", "length"))


def deep(machine: Machine, value: Value, scope: Scope, state: State) -> tuple[Taint, ...]:
    """The taints of a value and of what it packs: tuples, records, and the elements of lists."""
    from reprolint.flow.expressions import entries

    found = dict.fromkeys(value.taints)
    for atom in value.atoms:
        if isinstance(atom, Sequence):
            for element in atom.elements[:8]:
                found.update(dict.fromkeys(element.taints))
        elif isinstance(atom, Object) and atom.type in {"list", "set"}:
            found.update(dict.fromkeys(listed(machine, atom, scope, state)))
        elif isinstance(atom, Object) and atom.type == "dict":
            for inner in list(entries(machine, atom, scope, state).values())[:8]:
                found.update(dict.fromkeys(inner.taints))
    return tuple(found)


def listed(machine: Machine, atom: Object, scope: Scope, state: State, depth: int = 2) -> Iterator[Taint]:
    """The taints of a list's order, and of the values in it and in the lists in it."""
    from reprolint.flow.expressions import contents

    content = contents(machine, atom, scope, state)
    yield from content.taints
    for known in content.atoms:
        for element in known.elements[:8] if isinstance(known, Sequence) else (known.element,) if isinstance(known, Many) else ():
            yield from values(element.taints)
            for inner in element.atoms:
                if depth and isinstance(inner, Object) and inner.type == "list":
                    yield from values(listed(machine, inner, scope, state, depth - 1))


def cleaned(value: Value, depth: int = 2) -> Value:
    """What is left of taints when everything was put in order, pairs and all."""
    atoms = tuple(Sequence(tuple(cleaned(element, depth - 1) for element in atom.elements)) if isinstance(atom, Sequence) and depth else atom for atom in value.atoms)
    return Value(atoms, tuple(taint for taint in value.taints if taint.shape in {"value", "name", "length", "drawn"}))


def lifted(key: Value) -> Value:
    """A tuple of indices carries what they carry."""
    inner = [taint for atom in key.atoms if isinstance(atom, Sequence) for element in atom.elements for taint in element.taints]
    return with_taints(key, inner) if inner else key


def without_orders(value: Value) -> Value:
    return Value(value.atoms, values(value.taints)) if value.taints else value


# -- what a search finds -------------------------------------------------------------------------------------------


def singled_out(machine: Machine, item: code.Branch, scope: Scope, state: State) -> frozenset[Place]:
    """The orders of which an arm sees one element alone, whatever the order.

    The search for the one element of a name (`if basename(path) == name: …; break`), and one round (`if number == 0`).
    """
    leaves = bool(item.body) and isinstance(item.body[-1], code.Return | code.Raise | code.Jump) and item.body[-1] != code.Jump("continue")
    tests = item.test.operands if isinstance(item.test, code.Fold) and item.test.op == "and" else (item.test,)
    found: frozenset[Place] = frozenset()
    for test in tests:
        found |= _compared(machine, test, scope, state, _is_number, _is_constant)
        found |= _compared(machine, test, scope, state, is_element, _is_name) if leaves else frozenset()
    return found


def _compared(
    machine: Machine, test: code.Expr, scope: Scope, state: State, fits: Callable[[Taint], bool], other: Callable[[Value], bool]
) -> frozenset[Place]:
    """The places of what is compared with something else of a kind."""
    from reprolint.flow.expressions import evaluate

    if not isinstance(test, code.Fold) or test.op != "==" or any(map(_piece, test.operands)):
        return frozenset()
    left, right = (evaluate(machine, operand, scope, state) for operand in test.operands)
    first, second = (frozenset(taint.place for taint in value.taints if fits(taint)) for value in (left, right))
    if first and second:
        return frozenset()
    return (first if other(right) else frozenset()) | (second if other(left) else frozenset())


def _is_constant(value: Value) -> bool:
    return all(isinstance(atom, Const) for atom in value.atoms)


def _is_name(value: Value) -> bool:
    """Whether a value names one file at most: a known ending or number names many."""
    return all(not isinstance(atom, Const) or (isinstance(atom.value, str) and "." in atom.value[1:]) for atom in value.atoms)


def _piece(operand: code.Expr) -> bool:
    """`name[:4]`: several names may share it; all but the end is as good as the name."""
    key = operand.key if isinstance(operand, code.Item) else None
    if not isinstance(key, code.Slice):
        return False
    end = key.upper.value if isinstance(key.upper, code.Const) else None
    return key.lower is not None or not isinstance(end, int) or end >= 0


def parted(taints: Iterable[Taint], separator: Value) -> tuple[Taint, ...]:
    """What the parts of a file's path carry: its last folder, its stem and its ending are taken with care, other parts name many files."""
    known = separator.atoms[0] if len(separator.atoms) == 1 else None
    whole = (isinstance(known, Const) and known.value in {"/", "\\", "."}) or (isinstance(known, Library) and known.dotted in {"os.sep", "os.path.sep"})
    return elements(taints) if whole else ()


def set_apart(places: frozenset[Place], state: State) -> None:
    """What such an arm sees of the element is of no loop."""
    for location, value in list(state.writes.items()):
        if isinstance(value, Value) and any(is_element(taint) and taint.place in places for taint in value.taints):
            state.writes[location] = Value(value.atoms, tuple(replace(taint, shape="element0") if is_element(taint) and taint.place in places else taint for taint in value.taints))


def settle(machine: Machine, places: frozenset[Place], arm: Exits, before: State, scope: Scope) -> None:
    """Take the orders out of what such an arm leaves."""
    for after in (arm.fall, arm.continued, arm.broke, arm.returned):
        for location, value in list(after.writes.items()) if after is not None else ():
            if isinstance(value, Value) and value.taints and value is not before.writes.get(location):
                known = machine.read(location, before, scope.activation)
                after.writes[location] = _chosen(places, value, known.taints if isinstance(known, Value) else ())  # type: ignore[union-attr]
    if arm.value is not None:
        arm.value = _chosen(places, arm.value, ())


def _chosen(places: frozenset[Place], value: Value, known: tuple[Taint, ...]) -> Value:
    return Value(value.atoms, tuple(taint for taint in value.taints if taint in known or taint.place not in places or not (taint.shape == "order" or is_element(taint))))


_DOUBTS: Final = {SET: POSSIBLE, HASH: LIKELY}


# -- sinks ---------------------------------------------------------------------------------------------------------


def arrive(
    machine: Machine, taints: Iterable[Taint], sink: str, place: Place, scope: Scope, state: State, level: int = CERTAIN
) -> None:
    """Tell the checks that taints decide something here."""
    for taint in taints:
        if taint.kind in {"length", "drawn"} or (machine.read(("sorted", repr(taint.place)), state, scope.activation) is not MISSING):
            continue
        machine.event("taint", taint.place, scope, taint.kind, sink, place, taint.what, level=min(level, _DOUBTS.get(taint.what, CERTAIN)))


def settled(listing: Place, state: State) -> None:
    """`dirs.sort()` inside `os.walk` fixes the order of the whole walk."""
    state.writes["sorted", repr(listing)] = const(True)  # noqa: FBT003


def stored(machine: Machine, base: Value, key: Value, value: Value, depth: int, place: Place, scope: Scope, state: State) -> None:
    """`names[key] = value`: a number that is given to a name in the order of its coming; `depth` is that of the record."""
    named = [taint for taint in key.taints if outlived(taint, depth)]
    if named:
        counted = any(taint.shape == "length" and _fills(machine, base, taint.place.path, scope, state) for taint in value.taints)
        arrive(machine, named if counted else numbers(value.taints), "number", place, scope, state, LIKELY)


def _fills(machine: Machine, base: Value, key: str, scope: Scope, state: State) -> bool:
    """Whether a length is that of the record itself, or of a list that grows beside it."""
    from reprolint.flow.iteration import grows

    records = {atom.key for atom in base.atoms if isinstance(atom, Object)}
    return key in records or (not key and not records) or grows(machine, Object(key, "list"), scope, state)


def appended(machine: Machine, value: Value, place: Place, scope: Scope, state: State) -> None:
    """A position that is handed to several elements, in a deeper loop than the one that counts, is a label."""
    found = [taint for taint in numbers(deep(machine, value, scope, state)) if _depth(taint) < scope.loops]
    arrive(machine, found, "label", place, scope, state)


def sliced(machine: Machine, whole: code.Expr, key: code.Slice, taints: Iterable[Taint], scope: Scope, state: State) -> None:
    """`files[:n]` and `files[n:]` together are a split; one alone may be a mere look."""
    found = orders(taints)
    if not found or (key.lower is None and key.upper is None):
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
    _paired(machine, base, taints, key, scope, state)
    if drawn(key):
        arrive(machine, orders(taints), "data", place, scope, state, LIKELY)
    plain = not any(isinstance(atom, Object) and atom.type in {"dict", "options", "config", "namespace"} for atom in base.atoms)
    if plain:
        arrive(machine, (taint for taint in deciding(key.taints) if taint.kind == "hash"), "index", place, scope, state, LIKELY)
        arrive(machine, (taint for taint in deciding(key.taints) if taint.kind == "entropy"), "split", place, scope, state, LIKELY)


def _paired(machine: Machine, base: Value, taints: Iterable[Taint], key: Value, scope: Scope, state: State) -> None:
    """`opened[number[name]]`: a number that finds its way back to what was opened under it, in whatever order."""
    filled = {taint.place for taint in orders(taints)}
    for taint in key.taints:
        if taint.shape.startswith("numbered") and taint.place in filled and not _names(machine, base, scope, state):
            machine.event("paired", taint.place, scope)


def _names(machine: Machine, base: Value, scope: Scope, state: State) -> bool:
    """Whether a list holds the names themselves: then its numbers are theirs."""
    from reprolint.flow.expressions import element_of, elements_of

    element = element_of(elements_of(machine, base, scope, state))
    return all(isinstance(atom, Const | Text) for atom in element.atoms)


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


def drew(state: State, source: str) -> None:
    """Something was drawn: from a global stream, or from a generator of one's own."""
    state.writes["drew", source] = const(True)  # noqa: FBT003


def made(machine: Machine, source: str, parts: Iterable[Value], scope: Scope, state: State) -> None:
    """A stream was seeded, a generator or a learner was made, this deep in loops, out of parts that may be older."""
    location = ("made", source)
    if not scope.loops:
        state.writes.pop(location, None)
        return
    objects = [atom for atom in held(parts) if isinstance(atom, Object) and atom.type not in _CONTAINERS]
    older = [_depth_made(machine.read(("made", atom.key), state, scope.activation)) for atom in objects]
    state.writes[location] = const(min((scope.loops, *older)))


def _depth_made(found: object) -> int:
    known = found.atoms[0] if isinstance(found, Value) and len(found.atoms) == 1 else None
    return known.value if isinstance(known, Const) and isinstance(known.value, int) else 0


def trained(machine: Machine, name: str, receiver: Value | None, place: Place, scope: Scope, state: State) -> None:
    """A step of training was taken; what the loop took by its number before decided the order of the steps."""
    last = name.rpartition(".")[2]
    if last not in _TRAINING or receiver is None:  # `xgboost.train` gives a new model
        return
    learner = receiver.atoms[0] if len(receiver.atoms) == 1 else None
    if isinstance(learner, Object):
        if last in _FITS and _forgets(machine, learner, scope, state):
            return
        state.writes["trained", learner.key] = const(True)  # noqa: FBT003
    else:
        state.writes["trained", _MAYBE if last in _FITS else ""] = const(True)  # noqa: FBT003
    taken = machine.read(_FED, state, scope.activation) if scope.loops and (last not in _FITS or isinstance(learner, Object)) else None
    if isinstance(taken, Value) and (not isinstance(learner, Object) or _outside(machine, learner.key, scope, state)):
        arrive(machine, taken.taints, "training", place, scope, state, LIKELY)


_FITS: Final = frozenset({"fit", "fit_transform"})
_MAYBE: Final = "?"
"""Something unknown was fitted: most that have such a method start afresh."""


def _forgets(machine: Machine, learner: Object, scope: Scope, state: State) -> bool:
    """Whether each `fit` starts afresh: estimators without `warm_start`."""
    found = machine.read((learner.key, "#arguments"), state, scope.activation)
    warm = dict(found).get("warm_start") if isinstance(found, tuple) else None
    cold = warm is None or all(truth(atom) is False for atom in warm.atoms)
    return cold and learner.type.startswith(("sklearn.", "xgboost.", "lightgbm.", "catboost."))


def fed(key: code.Expr, taken: Value, scope: Scope, state: State) -> None:
    """`rows[i]`, `rows[i : i + 8]` in a loop: round by round it takes what stands there."""
    parts = (key.lower, key.upper) if isinstance(key, code.Slice) else (key,)
    if all(part is None or isinstance(part, code.Const) for part in parts):
        return
    found = [taint for taint in taken.taints if taint.shape == "order" or (is_element(taint) and _depth(taint) == scope.loops)]
    if found:
        state.writes[_FED] = Value((), tuple(found))


def eaten(before: object, state: State) -> None:
    """After a loop, what stood before it is what the loops around it took."""
    if isinstance(before, Value):
        state.writes[_FED] = before
    else:
        state.writes.pop(_FED, None)


def feed(state: State) -> object:
    return state.writes.get(_FED)


def watch(state: State) -> dict[Location, object]:
    """Before a loop over an unfixed order: what was known until then."""
    before: dict[Location, object] = {location: found for location, found in state.writes.items() if location[0] in _WATCHED}
    for location in before:
        state.writes[location] = const(False) if location[0] in {"drew", "trained"} else const(0)  # noqa: FBT003
    return before


def watched(machine: Machine, taints: tuple[Taint, ...], before: dict[Location, object], place: Place, scope: Scope, state: State) -> None:
    """After it: whether its body drew, or trained, what is still there in the next round."""
    seen = {location for location, found in state.writes.items() if location[0] in _WATCHED and isinstance(found, Value) and any(truth(atom) is True for atom in found.atoms)}
    learners = {source for kind, source in seen if kind == "trained"}
    if any(kind == "drew" and _outside(machine, source, scope, state) for kind, source in seen):
        arrive(machine, taints, "draw", place, scope, state)
    elif any(_outside(machine, source, scope, state) for source in (learners - {"", _MAYBE} or learners)):
        arrive(machine, taints, "training", place, scope, state, POSSIBLE if learners == {_MAYBE} else CERTAIN)
    for location, found in before.items():
        if location not in seen:
            state.writes[location] = found


def _outside(machine: Machine, source: str, scope: Scope, state: State) -> bool:
    """Whether a stream, a generator or a learner goes from one round of this loop into the next."""
    return _depth_made(machine.read(("made", source), state, scope.activation)) < scope.loops


def recurring(machine: Machine, item: code.Bind, taints: Iterable[Taint], scope: Scope, state: State) -> list[Taint]:
    """`w = 0.9 * w + x`, `w -= rate * (x @ w - y)`: each round works on what the last one left, and not by adding alone.

    What counts is what changes from round to round of a loop that the variable outlives, and was not in it before.
    """
    from reprolint.flow.expressions import name_value

    if not isinstance(item.target, code.Name) or not isinstance(item.value, code.Fold) or item.value.op in _TESTS:
        return []
    name = item.target.id
    had = {taint.place for taint in deep(machine, name_value(machine, name, scope, state), scope, state)}
    changing = [taint for taint in taints if (is_element(taint) or taint.shape == "value") and taint.place not in had]
    if not changing:
        return []
    body = scope.function.body if scope.function is not None else machine.project.modules[scope.path].body
    road = _road(body, item) or [((), 0)]
    if not any(_mentions(operand, name, _said(road)) for operand in _added(item.value) if operand != code.Name(name)):
        return []
    bound = [loops for before, loops in road for statement in _straight(before) if isinstance(statement, code.Bind) and _binds(statement, name)]
    depth = scope.loops - road[-1][1] + bound[-1] if bound else 0
    return [taint for taint in changing if (_depth(taint) if is_element(taint) else scope.loops) > depth]


_TESTS: Final = frozenset({"and", "or", "not", "==", "!=", "<", ">", "<=", ">=", "is", "in", "is not", "not in", "|", "&", "^", "format"})
_Road: TypeAlias = "list[tuple[code.Block, int]]"
_Said: TypeAlias = "dict[str | int, tuple[code.Expr, ...]]"


def _road(block: code.Block, item: code.Statement, loops: int = 0) -> _Road | None:
    """What stands before a statement on the straight way to it, block by block, with the loops around each."""
    from reprolint.model.walk import inner_blocks

    for number, statement in enumerate(block):
        if statement is item:
            return [(block[:number], loops)]
        for inner in inner_blocks(statement):
            found = _road(inner, item, loops + isinstance(statement, code.Loop))
            if found is not None:
                return [(block[:number], loops), *found]
    return None


def _straight(block: code.Block) -> Iterator[code.Statement]:
    """The statements of a block, with those that a `try` or a `with` only wraps."""
    for statement in block:
        yield statement
        if isinstance(statement, code.Try | code.With):
            yield from _straight(statement.body)


def _said(road: _Road) -> _Said:
    """What the variables and the calls on the way were made of."""
    found: _Said = {}
    for before, _ in road:
        for statement in _straight(before):
            if isinstance(statement, code.Bind) and isinstance(statement.target, code.Name) and statement.value is not None:
                found[statement.target.id] = (statement.value,)
            elif isinstance(statement, code.Call):
                found[statement.number] = (statement.callee, *(argument.value for argument in statement.arguments))
    return found


def _binds(item: code.Bind, name: str) -> bool:
    """Whether a statement gives a variable a value that is not made of the one it had."""
    from reprolint.flow.definitions import target_names

    return name in target_names(item.target) and not _mentions(item.value, name, {})


def _added(value: code.Fold) -> tuple[code.Expr, ...]:
    """The terms of a sum; the factors of a mere product."""
    if value.op in {"+", "-"}:
        return tuple(term for operand in value.operands for term in (_added(operand) if isinstance(operand, code.Fold) and operand.op in {"+", "-"} else (operand,)))
    plain = value.op == "*" and all(isinstance(operand, code.Name | code.Const | code.Result) for operand in value.operands)
    return value.operands if plain else (value,)


def _mentions(expression: object, name: str, said: _Said, hops: int = 4) -> bool:
    """Whether an expression, or what its variables were made of, reads a variable."""
    if isinstance(expression, code.Name):
        return expression.id == name or (hops > 0 and any(_mentions(part, name, said, hops - 1) for part in said.get(expression.id, ())))
    if isinstance(expression, code.Result):
        return hops > 0 and any(_mentions(part, name, said, hops - 1) for part in said.get(expression.number, ()))
    if isinstance(expression, code.Fold):
        return any(_mentions(operand, name, said, hops) for operand in expression.operands)
    if isinstance(expression, code.Attr | code.Item | code.Spread):
        return _mentions(expression.of, name, said, hops)
    return False


def rejoined(operands: tuple[code.Expr, ...]) -> code.Expr | None:
    """`x[:n] + x[n:]`, either way round: what is cut in two and put together again."""
    if len(operands) != 2 or not all(isinstance(part, code.Item) and isinstance(part.key, code.Slice) for part in operands):  # noqa: PLR2004
        return None
    wholes, cuts = zip(*((part.of, (part.key.lower, part.key.upper, part.key.step)) for part in operands), strict=True)  # type: ignore[union-attr]
    bound = cuts[0][0] or cuts[0][1]
    return wholes[0] if wholes[0] == wholes[1] and set(cuts) == {(None, bound, None), (bound, None, None)} else None


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
