"""A method of a library's object, or of something unknown → effects and values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reprolint.flow import builtins, calls, children, containers, estimators, library, mappings, parameters, taint
from reprolint.flow.expressions import attribute_of, contents
from reprolint.flow.rows import applies, bind_row
from reprolint.flow.state import LIKELY, MISSING, POSSIBLE, Scope, State
from reprolint.flow.values import (
    NONE,
    NOWHERE,
    TOP,
    Bound,
    ClassRef,
    Code,
    Drawn,
    Entropy,
    Given,
    Many,
    Method,
    Object,
    Rng,
    Sequence,
    Text,
    Top,
    Value,
    const,
    held,
    of,
    with_taints,
)
from reprolint.model.stream import SEEDABLE

if TYPE_CHECKING:
    from reprolint.flow.calls import Arguments, Outcome
    from reprolint.flow.machine import Machine
    from reprolint.knowledge.apis import Api, Runs
    from reprolint.model.span import Place


def call_method(
    machine: Machine, atom: Method, arguments: Arguments, place: Place, scope: Scope, state: State, level: int
) -> Outcome:
    """Call a method of a library object, or of something unknown."""
    receiver = atom.receiver
    library.note_options(machine, atom.dotted or atom.name, arguments, place, scope)
    special = containers.call_special(machine, atom, arguments, place, scope, state, level)
    if special is not None:
        return special
    only = receiver.atoms[0] if len(receiver.atoms) == 1 else None
    if isinstance(only, Entropy) and receiver.taints:
        return calls.Outcome(_entropy_method(machine, atom, arguments, place, scope, state))
    if isinstance(only, Entropy | Drawn) and atom.name in _SAME_NUMBER:
        return calls.Outcome(receiver)
    if atom.name in _SAME_ELEMENTS and all(isinstance(found, Many | Sequence | Text) for found in receiver.atoms) and receiver.atoms:
        return calls.Outcome(receiver)
    if isinstance(only, Entropy) and not machine.catalog.methods.get(atom.name):
        return calls.Outcome(receiver)  # `datetime.now().timestamp()`, `urandom(4).hex()`, `sha1(urandom(4)).hexdigest()`
    if isinstance(only, Object | ClassRef):
        return calls.Outcome(_object_method(machine, atom, only, arguments, place, scope, state, level))
    if isinstance(only, Rng):
        return calls.Outcome(_rng_method(machine, atom, only, arguments, place, scope, state, level))
    if atom.name in {"eval", "train"} and len(arguments.positional) <= 1:
        for found in held([receiver]):  # one of several things that a loader may return, or made of something unknown
            if isinstance(found, Object):
                library.set_mode(machine, found, atom.name, arguments, scope, state)
    rows = machine.catalog.methods.get(atom.name, ())
    if rows:
        value = library.apply(machine, rows, arguments, place, scope, state, min(level, LIKELY), receiver)
        return calls.Outcome(value)
    return calls.Outcome(_unknown_method(machine, atom, arguments, place, scope, state))


def _entropy_method(machine: Machine, atom: Method, arguments: Arguments, place: Place, scope: Scope, state: State) -> Value:
    """A method of the system's generator, or of a value it made: a shuffled list has no order that repeats."""
    receiver = atom.receiver
    if atom.name == "shuffle":
        taint.arrive(machine, taint.values(receiver.taints), "data", place, scope, state)
        for value in arguments.positional[:1]:
            for found in value.atoms:
                if isinstance(found, Object) and found.type == "list":
                    content = contents(machine, found, scope, state)
                    state.writes[found.key, "items"] = with_taints(content, taint.shuffled(receiver.taints))
        return NONE
    if atom.name == "sample":
        return Value((Many(TOP),), taint.shuffled(receiver.taints))
    return receiver


def _object_method(
    machine: Machine, atom: Method, only: Object | ClassRef, arguments: Arguments, place: Place, scope: Scope, state: State, level: int
) -> Value | None:
    key = only.type if isinstance(only, Object) else only.key
    order = machine.order(key)
    rows = machine.catalog.find(atom.dotted) or machine.method_rows(library.library_types(machine, order), atom.name)
    if isinstance(only, Object):
        if _own_class_init(machine, atom, only, order, arguments, place, scope, state, level):
            return NONE
        _fit(machine, atom.name, only, order, arguments, place, scope, state, level)
        if atom.name in {"eval", "train"} and len(arguments.positional) <= 1:
            library.set_mode(machine, only, atom.name, arguments, scope, state)
        if atom.name in {"modules", "children"} and len(inside := parameters.parts(machine, only, scope, state)) > 1:
            return of(Sequence(tuple(of(part) for part in inside if part is not only or atom.name == "modules")))
        if atom.name == "set_params" and estimators.is_estimator(machine, only):
            estimators.set_parameters(machine, only, arguments, place, scope, state)
            return of(only)
        if atom.name == "get_params" and (named := estimators.parameters_of(machine, only)) and not estimators.holds_others(machine, only, scope, state):
            return containers.record(dict.fromkeys(named, TOP), place, scope, state)
        if atom.name == "reset_parameters":
            parameters.overwritten(machine, of(only), NOWHERE, NOWHERE, scope, state)
        if atom.name == "set_epoch":
            machine.event("set-epoch", place, scope)
    rows = rows or machine.catalog.methods.get(atom.name, ())
    if not rows:
        if isinstance(only, Object) and atom.name not in {"to", "cuda", "cpu", "train", "eval", "requires_grad_", "half", "float", "double"}:
            return Value((Top(held([of(only), *arguments.all()])),))
        return of(only)
    bound_self = _with_self(rows, of(only), arguments)
    return library.apply(machine, rows, bound_self, place, scope, state, level, of(only))


def _own_class_init(
    machine: Machine, atom: Method, only: Object, order: tuple[str, ...], arguments: Arguments, place: Place, scope: Scope, state: State, level: int
) -> bool:
    """`super().__init__(…)` that reaches a library base."""
    if atom.name != "__init__":
        return False
    base = atom.dotted.removesuffix(".__init__")
    if mappings.mapping_of(machine, only) is not None:
        mappings.fill(machine, only, builtins.dict_of(machine, arguments, place, scope, state, level), scope, state)
        return True
    rows = machine.rows(base)
    if rows:
        library.apply(machine, rows, arguments, place, scope, state, level)
        state.writes[only.key, "#arguments"] = tuple(bind_row(rows[0], arguments).items())
    return True


def _with_self(rows: tuple[Api, ...], receiver: Value, arguments: Arguments) -> Arguments:
    """`Runs` may name `self` as the argument that runs, or as what is handed on to it."""
    if any(not {"self", ".self"}.isdisjoint((runs.argument, *runs.arguments)) for api in rows for runs in api.calls):
        return calls.Arguments(list(arguments.positional), {**arguments.keywords, "self": receiver}, arguments.rest, arguments.extra)
    return arguments


def _fit(
    machine: Machine, name: str, only: Object, order: tuple[str, ...], arguments: Arguments, place: Place, scope: Scope, state: State, level: int
) -> None:
    """Methods at which a row says that the object draws, seeds, or runs what it was given."""
    fields = library.arguments_of(machine, only, scope, state)
    for base in library.library_types(machine, order):
        for api in machine.rows(base):
            if name not in api.fits:
                continue
            if api.seeds and api.seeds_when == "fit":
                library.seed(machine, api, fields, place, scope, state, level)
            if api.draws and api.draws_when == "fit" and not api.shifts and applies(api, fields):
                for stream in api.draws:
                    machine.draw(stream, f"{api.name}.{name}", place, scope, state, level=library.certainty(api, level), rule=api.rule, source=only.place)
            for runs in api.calls:
                if runs.how == "child":
                    _start(machine, runs, only, order, place, scope, state, level)
                if runs.how == "fit" and runs.argument in fields:
                    _fit_inner(machine, fields[runs.argument], runs.method or name, arguments, place, scope, state, level)


def _start(machine: Machine, runs: Runs, only: Object, order: tuple[str, ...], place: Place, scope: Scope, state: State, level: int) -> None:
    """Start a process: its own `run`, or the target it was made with."""
    if machine.find_method(order, "run") is not None:
        target, passed = attribute_of(machine, only, "run", scope, state, called=True), calls.Arguments()
    else:
        fields = library.arguments_of(machine, only, scope, state)
        target, passed = fields.get(runs.argument, NOWHERE), library.passed_by(machine, runs, fields, scope, state)
    method = runs.start or children.method_of(machine, of(only), scope, state)
    children.run(machine, target, passed, method, place, scope, state, level)


def _fit_inner(machine: Machine, value: Value, name: str, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> None:
    for atom in library.flat(machine, value, scope, state):
        if isinstance(atom, Object) and machine.find_method(machine.order(atom.type), name) is not None:
            calls.call_value(machine, attribute_of(machine, atom, name, scope, state, called=True), arguments, place, scope, state, min(level, LIKELY))
        elif isinstance(atom, Object):
            _fit(machine, name, atom, machine.order(atom.type), arguments, place, scope, state, min(level, LIKELY))
        elif isinstance(atom, Sequence):
            for element in atom.elements:
                _fit_inner(machine, element, name, arguments, place, scope, state, level)


def _rng_method(
    machine: Machine, atom: Method, rng: Rng, arguments: Arguments, place: Place, scope: Scope, state: State, level: int
) -> Value:
    """A draw from a generator of one's own, or its seeding."""
    if atom.name in {"manual_seed", "seed", "set_state", "setstate"}:
        if rng.place is not None and arguments.all():
            machine.event("generator-seeded", rng.place, scope)
        if atom.name == "seed" and not arguments.all() and arguments.rest is None and rng.kind == "torch":
            machine.event("generator", place, scope, "torch.Generator", "entropy by seed()", None, (), level=LIKELY)
            return of(Entropy("torch.Generator.seed", place))
        if scope.worker and rng.place is not None:
            state.writes["reseeded", repr(rng.place)] = const(True)  # noqa: FBT003
        return of(Rng(rng.kind, "fixed", rng.place, rng.where))
    if atom.name in _NO_DRAW:
        return of(Many(of(rng))) if atom.name == "spawn" else of(rng) if atom.name in {"clone_state", "bit_generator"} else TOP
    note_drawn(machine, rng, place, scope, state, POSSIBLE if machine.names(atom.name, place) else level)
    if rng.seeded == "entropy":
        return of(Entropy("an unseeded generator", rng.place))
    if rng.kind == "system":
        return of(Entropy("the system's entropy", rng.place))
    if atom.name in {"shuffle", "permutation", "permuted", "choice", "sample", "choices"}:
        carried = [found for value in arguments.all() for found in library.taints_of(machine, value, scope, state)]
        taint.arrive(machine, taint.orders(carried), "data", place, scope, state)
    if atom.name in library.FROM and (picked := library.picked(machine, atom.name, arguments, scope, state)):
        return Value(picked, (taint.DRAWN,) if atom.name in taint.PICKS else ())
    if atom.name in taint.PICKS:
        return Value((Given(),) if atom.name in {"integers", "randint", "randrange"} else TOP.atoms, (taint.DRAWN,))
    return of(Given()) if atom.name in {"integers", "randint", "random", "randrange", "initial_seed", "getrandbits"} else TOP


_NO_DRAW: Final = frozenset("get_state getstate bit_generator initial_seed spawn device".split())


def note_drawn(machine: Machine, rng: Rng, place: Place, scope: Scope, state: State, level: int) -> None:
    """A draw from a generator of one's own: in a worker, from a copy if it was made outside."""
    if rng.place is None:
        return
    taint.drew(state, repr(rng.place))
    machine.event("generator-drawn", rng.place, scope, place, level=level)
    reseeded = machine.read(("reseeded", repr(rng.place)), state, scope.activation) is not MISSING
    if scope.worker and rng.where != "worker" and not reseeded:
        kept = machine.read(("kept", repr(rng.place)), state, scope.activation)
        machine.event("copied-generator", rng.place if kept is MISSING else kept, scope, rng.kind)


_COMMON: Final = frozenset(
    "step update sample run forward get set add close open items keys values append extend read write fit train eval start stop reset state_dict "
    "load_state_dict parameters to cuda cpu size shape copy format split join save load __init__ backward zero_grad item numpy detach mean sum".split()
)


def _unknown_method(machine: Machine, atom: Method, arguments: Arguments, place: Place, scope: Scope, state: State) -> Value:
    """A method of something unknown: classes made on this run that define it, else a carrier."""
    if atom.name not in _COMMON:
        classes = sorted(machine.by_method.get(atom.name, ()))
        found_made = (machine.instance(key, state, scope.activation) for key in classes)
        candidates = [made for made in found_made if made is not None]
        if 0 < len(candidates) <= 6:  # noqa: PLR2004
            level = LIKELY if len(candidates) == 1 else POSSIBLE
            targets = []
            for made in candidates:
                found = machine.find_method(machine.order(made.type), atom.name)
                assert found is not None
                targets.append(Bound(Code(found[1], found[0].path, found[0].scopes, found[0].key), made))
            outcome = calls.call_targets(machine, tuple(targets), arguments, place, scope, state, level)
            return outcome.value or NOWHERE
    machine.event("unresolved", place, scope, f"….{atom.name}", "the receiver is not known")
    if _seeds_everything(atom.name):
        machine.seed(SEEDABLE, frozenset({"fixed"}), atom.name, place, scope, state, level=POSSIBLE)
    library.passed_loaders(machine, arguments.all(), scope)
    kept = atom.receiver.taints if atom.name in _SAME_ORDER else library.passed_on(machine, [Value((), atom.receiver.taints)], scope, state, numeric=True)
    return Value((Top(held([atom.receiver, *arguments.all()])),), (*kept, *library.passed_on(machine, arguments.all(), scope, state))[:4])


def _seeds_everything(name: str) -> bool:
    """Whether a method's name says that it seeds the process, not just its object."""
    lowered = name.lower()
    return "seed" in lowered and any(part in lowered for part in ("every", "all", "set_", "fix", "global", "init")) and not lowered.startswith("get")


_SAME_NUMBER: Final = frozenset("item tolist numpy int long to cpu cuda detach clone squeeze flatten view reshape astype".split())
"""Methods of a tensor or array that hold the same number."""

_SAME_ELEMENTS: Final = frozenset("item tolist to_list copy".split())
"""Methods of an array that hold what it holds."""

_SAME_ORDER: Final = frozenset(
    "tolist to_list to_numpy numpy astype to float long int double half cuda cpu copy clone detach view reshape flatten ravel squeeze unsqueeze "
    "permute transpose contiguous requires_grad_ cast map apply convert".split()
)
