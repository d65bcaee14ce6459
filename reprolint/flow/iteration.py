"""Iterating and indexing: what runs when something is consumed, in which process, and in which order."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from reprolint.flow import builtins, calls, library, mappings, taint
from reprolint.flow.effect import SEED, scoped
from reprolint.flow.expressions import contents, element_of, elements_of, name_value
from reprolint.flow.leads import DRAWS
from reprolint.flow.state import CERTAIN, LIKELY, POSSIBLE, Scope, State
from reprolint.flow.values import (
    NOWHERE,
    TOP,
    Atom,
    Bound,
    ClassRef,
    Code,
    Const,
    Given,
    Lazy,
    Library,
    Many,
    Method,
    Object,
    Partial,
    Rng,
    Sequence,
    Text,
    Top,
    Value,
    WorkerNumber,
    const,
    held,
    join,
    of,
    text_of,
    truth,
    with_taints,
)
from reprolint.model import code

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reprolint.flow.machine import Machine
    from reprolint.model.span import Place

_WORKERS: Final = ("worker:torch", "worker:numpy", "worker:python")


def iterate(machine: Machine, value: Value, scope: Scope, state: State, place: Place, level: int = CERTAIN) -> Value | None:
    """What comes out of iterating a value, as a sequence; None if surely nothing."""
    found: list[Value] = []
    for atom in value.atoms:
        result = _iterate_atom(machine, atom, scope, state, place, level if len(value.atoms) == 1 else min(level, LIKELY))
        if result is not None:
            found.append(result)
    if not found:
        return None if value.atoms else of(Many(NOWHERE))
    return with_taints(join(*found), value.taints)


def _iterate_atom(machine: Machine, atom: Atom, scope: Scope, state: State, place: Place, level: int) -> Value | None:
    if isinstance(atom, Sequence | Many):
        return of(atom)
    if isinstance(atom, Lazy):
        return calls.drain(machine, atom, scope, state, place)
    if isinstance(atom, Const):
        return of(Many(of(Text()))) if isinstance(atom.value, str) else None if atom.value is None else of(Many(TOP))
    if isinstance(atom, Text):
        return of(Many(of(Text())))
    if isinstance(atom, Top):
        elements = [_touch_iterable(machine, inner, scope, state, place) for inner in atom.held[:6]]
        useful = [element for element in elements if element is not None]
        return join(*useful) if useful else of(Many(Value((Top(atom.held),))))
    if isinstance(atom, Object):
        return _iterate_object(machine, atom, scope, state, place, level)
    return of(Many(Value((Top(held([of(atom)])),))))


def _touch_iterable(machine: Machine, atom: Atom, scope: Scope, state: State, place: Place) -> Value | None:
    """Iterating a carrier iterates what it holds."""
    if isinstance(atom, Lazy):
        return calls.drain(machine, atom, scope, state, place)
    if isinstance(atom, Object):
        order = machine.order(atom.type)
        project = any(machine.find_method(order, name) is not None for name in ("__iter__", "__next__", "__getitem__"))
        if atom.type == "set":  # nobody says that the set itself is iterated
            return Value(_iterate_set(machine, atom, scope, state, place).atoms)
        if project or library.is_loader(machine, atom) or atom.type == "list" or library.iterates(machine, atom):
            return _iterate_object(machine, atom, scope, state, place, POSSIBLE)
    return None


def _iterate_object(machine: Machine, atom: Object, scope: Scope, state: State, place: Place, level: int) -> Value | None:
    if atom.type == "list":
        return contents(machine, atom, scope, state)
    if atom.type == "set":
        return _iterate_set(machine, atom, scope, state, place)
    if atom.type in {"dict", "options", "namespace", "config"}:
        return elements_of(machine, of(atom), scope, state)
    if atom.type == "file":
        return of(Many(of(Text())))
    if atom.type == "builtins.map":
        return builtins.mapped(machine, atom, place, scope, state, level)
    if library.is_loader(machine, atom):
        return _iterate_loader(machine, atom, scope, state, place, level)
    order = machine.order(atom.type)
    if mappings.mapping_of(machine, atom) is not None and machine.find_method(order, "__iter__") is None:
        return elements_of(machine, of(atom), scope, state)
    for name in ("__iter__", "__next__", "__getitem__"):
        found = machine.find_method(order, name)
        if found is None:
            continue
        info, function, _ = found
        arguments = calls.Arguments([of(atom)] if name != "__getitem__" else [of(atom), of(Given())])
        result = calls.call_code(machine, Code(function, info.path, info.scopes, info.key), arguments, place, scope, state, level)
        if result is None:
            return None
        if name != "__iter__":
            return of(Many(result))
        if result.atoms == (atom,):
            continue
        with _inside(machine, "iterate", atom) as fresh:
            return iterate(machine, result, scope, state, place, level) if fresh else of(Many(TOP))
    with _inside(machine, "fields", atom) as fresh:
        return library.iterate_instance(machine, atom, order, scope, state, place, level) if fresh else of(Many(TOP))


@contextmanager
def _inside(machine: Machine, what: str, atom: Object) -> Iterator[bool]:
    """What an object gave or holds may be, or hold, the object again: whether this is the first time round."""
    key = (what, atom.key)
    fresh = key not in machine.active
    if fresh:
        machine.active[key] = {}
    try:
        yield fresh
    finally:
        if fresh:
            machine.active.pop(key, None)


def _iterate_set(machine: Machine, atom: Object, scope: Scope, state: State, place: Place) -> Value:
    """A set of text comes out in an order that depends on the hash seed."""
    element = element_of(contents(machine, atom, scope, state))
    return Value((Many(Value(element.atoms)),), taint.of_set(element, place))


# -- DataLoader ----------------------------------------------------------------------------------------------------


def _iterate_loader(machine: Machine, atom: Object, scope: Scope, state: State, place: Place, level: int) -> Value:
    fields = library.arguments_of(machine, atom, scope, state)
    generator = fields.get("generator", NOWHERE)
    own = bool(generator.atoms) and not all(isinstance(found, Const) and found.value is None for found in generator.atoms)
    machine.event("loader-iterated", atom.place or place, scope, atom.key, scope.loops)
    for name in ("batch_sampler", "sampler"):
        sampler = fields.get(name)
        if sampler is not None:
            _iterate_sampler(machine, sampler, scope, state, place, level)
    if not own and not scope.worker:
        _shuffle(machine, place, fields, scope, state, level)
    dataset = fields.get("dataset", NOWHERE)
    collate = fields.get("collate_fn", NOWHERE)
    workers = fields.get("num_workers", const(0))
    inline, parallel = _modes(machine, workers, scope)
    if "**" in fields and "num_workers" not in fields:
        parallel = True
    if inline and parallel and not _is_none(fields.get("worker_init_fn", const(None))):
        inline = False  # who says how workers begin has some
    result = of(Many(TOP))
    mode_level = level if inline != parallel else POSSIBLE
    before = state.copy() if inline and parallel else None
    if inline:
        result = _batch(machine, dataset, collate, scope, state, atom.place or place, mode_level)
    if parallel:
        start = before if before is not None else state
        element = _in_workers(machine, atom, fields, scope, start, place, mode_level, own=own)
        result = join(result, element) if inline else element
        if before is not None:
            joined = machine.join_states([state.copy(), before], scope.activation)
            assert joined is not None
            state.become(joined)
    return with_taints(of(Many(result)), ())


def _iterate_sampler(machine: Machine, sampler: Value, scope: Scope, state: State, place: Place, level: int) -> None:
    for found in sampler.atoms:
        if isinstance(found, Object):
            if found.type.endswith("DistributedSampler"):
                shuffles = {truth(choice) for choice in library.arguments_of(machine, found, scope, state).get("shuffle", const(True)).atoms}  # noqa: FBT003
                machine.event("sampler-iterated", found.place or place, scope, found.key, scope.loops, shuffles == {True})
            inner = library.arguments_of(machine, found, scope, state).get("sampler")
            if inner is not None:
                _iterate_sampler(machine, inner, scope, state, place, level)
    iterate(machine, sampler, scope, state, place, level)


def _shuffle(machine: Machine, place: Place, fields: dict[str, Value], scope: Scope, state: State, level: int) -> None:
    """The default sampler of a shuffling loader draws in the main process."""
    shuffle = fields.get("shuffle", const(False))  # noqa: FBT003
    truths = {truth(found) for found in shuffle.atoms}
    if "sampler" in fields and not _is_none(fields["sampler"]):
        return
    if truths == {True}:
        machine.draw("torch", "torch.utils.data.DataLoader(shuffle=True)", place, scope, state, level=level)
    elif True in truths:
        trial = state.copy()
        machine.draw("torch", "torch.utils.data.DataLoader(shuffle=True)", place, scope, trial, level=LIKELY)
        joined = machine.join_states([state.copy(), trial], scope.activation)
        assert joined is not None
        state.become(joined)


def _is_none(value: Value) -> bool:
    return all(isinstance(atom, Const) and atom.value is None for atom in value.atoms)


def _modes(machine: Machine, workers: Value, scope: Scope) -> tuple[bool, bool]:
    """Whether the dataset may run in the main process, and in workers."""
    inline = parallel = False
    for atom in workers.atoms:
        if isinstance(atom, Const):
            if atom.via and machine.opens(DRAWS, scope):
                inline = parallel = True
            elif atom.value:
                parallel = True
            else:
                inline = True
        else:
            inline = parallel = True
    return (inline, parallel) if inline or parallel else (True, False)


def _batch(machine: Machine, dataset: Value, collate: Value, scope: Scope, state: State, place: Place, level: int) -> Value:
    """One batch: the dataset is indexed or iterated, and the collate function runs."""
    element = touch_dataset(machine, dataset, scope, state, place, level)
    if collate.atoms and not _is_none(collate):
        result = calls.call_value(machine, collate, calls.Arguments([of(Many(element))]), place, scope, state, level)
        return Value((Top(held([result])),))
    return Value((Top(held([element])),))


def touch_dataset(machine: Machine, dataset: Value, scope: Scope, state: State, place: Place, level: int, depth: int = 0) -> Value:
    """An element of a dataset: its `__getitem__` or `__iter__` runs, or those of what it wraps."""
    found: list[Value] = []
    for atom in dataset.atoms:
        if isinstance(atom, Object):
            found.append(_touch_object(machine, atom, scope, state, place, level, depth))
        elif isinstance(atom, Sequence | Many):
            found.append(element_of(of(atom)))
        elif isinstance(atom, Top) and depth < 3:  # noqa: PLR2004
            found += [touch_dataset(machine, of(inner), scope, state, place, POSSIBLE, depth + 1) for inner in atom.held[:6]]
        elif isinstance(atom, Lazy):
            found.append(element_of(calls.drain(machine, atom, scope, state, place)))
        elif isinstance(atom, Code | Bound | Partial) and depth:
            found.append(calls.call_value(machine, of(atom), calls.Arguments(rest=TOP), place, scope, state, level))
    useful = [value for value in found if value.atoms]
    return join(*useful) if useful else TOP


_ITEMS: Final = ("__getitems__", "__getitem__", "__iter__")


def _touch_object(machine: Machine, atom: Object, scope: Scope, state: State, place: Place, level: int, depth: int) -> Value:
    order = machine.order(atom.type)
    for name in _ITEMS:
        found = machine.find_method(order, name)
        if found is not None:
            info, function, _ = found
            index = [] if name == "__iter__" else [of(Given())]
            target = Code(function, info.path, info.scopes, info.key)
            result = calls.call_code(machine, target, calls.Arguments([of(atom), *index]), place, scope, state, level)
            lazy = result.atoms[0] if result is not None and len(result.atoms) == 1 else None
            if isinstance(lazy, Lazy):
                return element_of(calls.drain(machine, lazy, scope, state, place))
            return result or NOWHERE
    if atom.type in {"list", "set"}:
        return element_of(contents(machine, atom, scope, state))
    if library.is_loader(machine, atom) or depth >= 4:  # noqa: PLR2004
        return TOP
    return library.touch_instance(machine, atom, order, scope, state, place, level, depth)


def _in_workers(
    machine: Machine, atom: Object, fields: dict[str, Value], scope: Scope, state: State, place: Place, level: int, *,
    own: bool,
) -> Value:  # fmt: skip
    """A batch made in a worker: streams of its own, which the parent's torch stream governs."""
    inner = Scope(
        path=scope.path, key=scope.key, activation=scope.activation, function=scope.function, scopes=scope.scopes,
        cell=scope.cell, captured=scope.captured, parameters=scope.parameters, owner=scope.owner, results=scope.results, called=scope.called,
        depth=scope.depth, loops=scope.loops, worker=True,
    )  # fmt: skip
    start = {name: state.words.get(name) for name in _WORKERS}
    child = state.copy()
    child.writes["process", "worker-dataset"] = fields.get("dataset", NOWHERE)
    if own:
        for name in _WORKERS:
            child.apply(name, SEED, {})
    initialise = fields.get("worker_init_fn", NOWHERE)
    where = atom.place or place
    if initialise.atoms and not _is_none(initialise):
        persistent = fields.get("persistent_workers", NOWHERE)
        if not persistent.atoms or {truth(found) for found in persistent.atoms} == {False}:
            child.writes["process", "worker-init"] = const(True)  # noqa: FBT003
        calls.call_value(machine, initialise, calls.Arguments([of(WorkerNumber())]), where, inner, child, level)
        child.writes.pop(("process", "worker-init"), None)
    element = _batch(machine, fields.get("dataset", NOWHERE), fields.get("collate_fn", NOWHERE), inner, child, where, level)
    for name in _WORKERS:
        after = child.words.get(name)
        if after is not None and after != start[name]:
            state.words[name] = _after_worker(start[name], after)
    for (stream, mark), witness in child.firsts.items():
        if stream in _WORKERS:
            state.note(stream, mark, witness)
    del child.writes["process", "worker-dataset"]
    for location, value in child.writes.items():
        if location not in state.writes:
            state.writes[location] = value
    return element


def _after_worker(before: int | None, after: int) -> int:
    """The draws of the worker on top of what was; the parent keeps its own final."""
    from reprolint.flow.effect import NOTHING, finals, with_final

    base = before if before is not None else NOTHING
    left = finals(base)
    final = {1: 0, 2: 1, 4: 2}.get(left)
    if final is None:
        return base | scoped(after)
    return with_final(after, final)


# -- rounds one by one -----------------------------------------------------------------------------------------------


UNROLL: Final = 8
UNROLL_TEXT: Final = 5
UNROLL_PAIRS: Final = 16
UNROLL_MODULES: Final = 12


def unrolls(machine: Machine, known: Sequence) -> bool:
    """Whether to take the rounds one by one: it matters which element a round gets."""
    if len(known.elements) <= UNROLL_TEXT and all(text_of(element) is not None for element in known.elements):
        return True
    if len(known.elements) <= UNROLL_PAIRS and all(map(_is_item, known.elements)):
        return True
    if len(known.elements) <= UNROLL_MODULES and all(_is_module(machine, element) for element in known.elements):
        return True
    if len(known.elements) <= UNROLL and len({atom.type for element in known.elements for atom in element.atoms if isinstance(atom, Object)}) > 1:
        return True
    return len(known.elements) <= UNROLL and any(map(_worth_unrolling, known.elements))


def _is_module(machine: Machine, element: Value) -> bool:
    """A layer, or a model: each of them may be filled, loaded or frozen."""
    only = element.atoms[0] if len(element.atoms) == 1 else None
    return isinstance(only, Object) and "torch.nn.Module" in machine.order(only.type)


def _is_item(element: Value) -> bool:
    """A key and its value, as `items()` gives them."""
    pair = element.atoms[0] if len(element.atoms) == 1 else None
    return isinstance(pair, Sequence) and len(pair.elements) == 2 and text_of(pair.elements[0]) is not None  # noqa: PLR2004


def _worth_unrolling(value: Value) -> bool:
    """Whether it matters which element a round gets: code, or a flag's name."""
    for atom in value.atoms:
        if isinstance(atom, Sequence) and any(map(_worth_unrolling, atom.elements)):
            return True
        if isinstance(atom, Code | ClassRef | Bound | Partial | Lazy | Method | Rng | Library):
            return True
    return False


# -- lists that grow -----------------------------------------------------------------------------------------------


def extend(machine: Machine, atom: Object, more: Value, scope: Scope, state: State) -> None:
    """`list.extend`: known elements stay known outside loops."""
    content = contents(machine, atom, scope, state)
    if more.taints and scope.loops:
        more = Value(more.atoms, taint.gathered(more.taints, taint.made_at(machine, atom, scope, state)))
    known = content.atoms[0] if len(content.atoms) == 1 else None
    added = more.atoms[0] if len(more.atoms) == 1 else None
    taints = tuple(dict.fromkeys((*content.taints, *more.taints)))
    if isinstance(known, Sequence) and isinstance(added, Sequence) and not scope.loops and len(known.elements) < 24:  # noqa: PLR2004
        state.writes[atom.key, "items"] = Value((Sequence((*known.elements, *added.elements)),), taints)
        return
    before = element_of(content)
    parts = [value for value in (before, element_of(more)) if value.atoms]
    state.writes[atom.key, "items"] = Value((Many(join(*parts) if parts else NOWHERE),), taints)


_GROW: Final = frozenset({"append", "extend", "insert"})


def grows(machine: Machine, atom: Object, scope: Scope, state: State) -> bool:
    """Whether a loop around this point appends to a list that it did not make: its length is known in the first round alone."""
    if taint.made_at(machine, atom, scope, state) >= scope.loops:
        return False
    body = scope.function.body if scope.function is not None else machine.project.modules[scope.path].body
    for item in _looped(body, scope.site, ()):
        if isinstance(item, code.Call) and isinstance(item.callee, code.Attr) and item.callee.name in _GROW and isinstance(item.callee.of, code.Name):
            if atom in name_value(machine, item.callee.of.id, scope, state).atoms:
                return True
    return False


def _looped(block: code.Block, site: int, around: code.Block) -> Iterator[code.Statement]:
    """Every statement of the outermost loop around a site."""
    from reprolint.model.walk import inner_blocks

    for item in block:
        if getattr(item, "site", None) == site:
            yield from _all(around)
            return
        for inner in inner_blocks(item):
            yield from _looped(inner, site, around or (inner if isinstance(item, code.Loop) else ()))


def _all(block: code.Block) -> Iterator[code.Statement]:
    from reprolint.model.walk import inner_blocks

    for item in block:
        yield item
        for inner in inner_blocks(item):
            yield from _all(inner)


def append(machine: Machine, atom: Object, value: Value, scope: Scope, state: State) -> None:
    """`list.append`; an element that comes in an unfixed order makes the list's order unfixed."""
    found = taint.deep(machine, value, scope, state)
    carried = found if scope.loops else tuple(one for one in found if one.shape == "value" or taint.is_element(one))
    extend(machine, atom, Value((Sequence((Value(value.atoms),)),), carried), scope, state)
