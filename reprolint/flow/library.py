"""Library calls → effects and values, as the catalog's rows say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from reprolint.flow import builtins, calls, children, files, iteration, methods, parameters, taint
from reprolint.flow.definitions import seed_like
from reprolint.flow.expressions import (
    attribute_of,
    contents,
    element_of,
    elements_of,
    entries,
    new_container,
    set_attribute,
)
from reprolint.flow.rows import applies, bind_row, holds
from reprolint.flow.state import CERTAIN, LIKELY, MISSING, POSSIBLE, Scope, State
from reprolint.flow.values import (
    NONE,
    NOWHERE,
    TOP,
    Atom,
    Bound,
    ClassRef,
    Code,
    Const,
    Derived,
    Drawn,
    Entropy,
    Given,
    Lazy,
    Library,
    Many,
    Object,
    Partial,
    Rng,
    Saved,
    Sequence,
    Taint,
    Text,
    Top,
    Value,
    WorkerNumber,
    computed,
    const,
    constant,
    held,
    join,
    of,
    truth,
    via_of,
    with_taints,
)
from reprolint.model.stream import SEEDABLE

if TYPE_CHECKING:
    from reprolint.flow.calls import Arguments, Outcome
    from reprolint.flow.machine import Machine
    from reprolint.knowledge.apis import Api, Runs
    from reprolint.model.span import Place

_MODULE: Final = "torch.nn.Module"
_LOUD: Final = frozenset({"print", "info", "debug", "warning", "log", "write", "log_params", "log_param", "add_text", "log_hyperparams", "dump", "save", "critical", "error"})


# -- functions -----------------------------------------------------------------------------------------------------


def call_library(
    machine: Machine, dotted: str, arguments: Arguments, place: Place, scope: Scope, state: State, level: int
) -> Outcome:
    """Call something of a library by name."""
    note_options(machine, dotted, arguments, place, scope)
    handler = builtins.HANDLERS.get(dotted)
    known = handler(machine, arguments, place, scope, state, level) if handler is not None else None
    if known is not None:
        return known
    rows = machine.rows(dotted)
    if rows:
        value = apply(machine, rows, arguments, place, scope, state, level)
        return calls.Outcome(value)
    return calls.Outcome(_unknown(machine, dotted, arguments, place, scope, state))


def _unknown(machine: Machine, dotted: str, arguments: Arguments, place: Place, scope: Scope, state: State) -> Value:
    """A library function without a row: silent if the library is known, else judged by its name."""
    package = dotted.partition(".")[0]
    values = arguments.all()
    if not machine.catalog.knows(package):
        last = dotted.rpartition(".")[2]
        machine.event("unresolved", place, scope, dotted, "the library is not in the catalog")
        passed_loaders(machine, values, scope)
        _passed_generators(machine, values, scope)
        if names_seeding(last):
            machine.seed(SEEDABLE, frozenset({"fixed"}), dotted, place, scope, state, level=POSSIBLE)
        elif any(_carries_options(value) for value in values):
            state.writes["process", "blocked"] = place
    if package in _COMPUTING:
        strong = [atom for value in values for atom in value.atoms if isinstance(atom, Entropy | Drawn)]
        if strong:
            kept = taint.values(found for value in values for found in value.taints)
            return Value((strong[0],), tuple(dict.fromkeys((*passed_on(machine, values, scope, state, numeric=True), *kept))))
    numeric = dotted.startswith(_NUMERIC)
    result = computed(values) if numeric else Value((Top(held(values)),))
    return with_taints(result, passed_on(machine, values, scope, state, numeric=numeric))


_COMPUTING: Final = frozenset("base64 binascii builtins calendar datetime decimal fractions hashlib math operator struct zlib".split())
"""Packages whose functions make a value of the values that they are given, and nothing else."""


def passed_on(machine: Machine, values: list[Value], scope: Scope, state: State, *, numeric: bool = False) -> tuple[Taint, ...]:
    """What the result of an unknown call may carry: of an element or a value, not of an order."""
    found = [carried for value in values for carried in taint.deep(machine, value, scope, state)]
    return tuple(dict.fromkeys(carried for carried in found if taint.is_element(carried) or (carried.shape == "value" and (numeric or carried.kind == "hash"))))[:4]


def passed_loaders(machine: Machine, values: list[Value], scope: Scope) -> None:
    """Loaders and their samplers that go where nobody can follow."""
    for atom in held(values):
        if isinstance(atom, Object) and atom.place is not None and is_loader(machine, atom):
            machine.event("loader-passed", atom.place, scope, atom.key)


def _passed_generators(machine: Machine, values: list[Value], scope: Scope) -> None:
    """Generators that go where nobody can see what they draw for."""
    for atom in held(values):
        if isinstance(atom, Rng) and atom.place is not None:
            machine.event("generator-passed", atom.place, scope)


def names_seeding(last: str) -> bool:
    lowered = last.lower()
    return "seed" in lowered and not lowered.startswith(("get_", "make_seeds", "random_seed_"))


def _carries_options(value: Value) -> bool:
    return any(
        (isinstance(atom, Object) and atom.type in {"options", "config"})
        or files.is_record(atom)
        or (isinstance(atom, Const | Given) and any(seed_like(name) for name in atom.via))
        for atom in value.atoms
    )


def note_options(machine: Machine, dotted: str, arguments: Arguments, place: Place, scope: Scope) -> None:
    """Which options reach a call, and which entropy is written down."""
    last = dotted.rpartition(".")[2]
    loud = last in _LOUD
    for value in arguments.all():
        for atom in value.atoms:
            if isinstance(atom, Entropy | Drawn) and loud and atom.place is not None:
                machine.event("recorded", atom.place, scope)
            elif isinstance(atom, Const | Given) and atom.via and not loud and not dotted.startswith("builtins."):
                machine.event("option-used", place, scope, *atom.via)
            elif isinstance(atom, Object) and atom.type in {"options", "config"} and not dotted.startswith("builtins."):
                machine.event("options-passed", place, scope, dotted)


def apply(
    machine: Machine, rows: tuple[Api, ...], arguments: Arguments, place: Place, scope: Scope, state: State, level: int,
    receiver: Value | None = None,
) -> Value | None:  # fmt: skip
    """Do what the rows say; the value of the call."""
    bound: dict[str, Value] = {}
    for api in rows:
        bound = bind_row(api, arguments)
        _hazards(machine, api, bound, place, scope, level)
        if api.trains:
            machine.event("trains", place, scope, api.name)
            taint.trained(machine, api.name, receiver, place, scope, state)
            _note_trained(machine, api, bound, receiver, place, scope, state)
        _noted(machine, api, bound, place, scope, state)
        if api.overwrites and receiver is not None:
            parameters.overwritten(machine, receiver, bound.get(api.overwrites, NOWHERE), arguments.first(), scope, state)
        if api.seeds and api.seeds_when == "call":
            seed(machine, api, bound, place, scope, state, level)
        if api.unseeds:
            machine.seed(api.unseeds, frozenset({"entropy"}), api.name, place, scope, state, level=level, source=place)
            machine.event("entropy-seed", place, scope, tuple(api.unseeds), api.name, "")
        _restore(machine, api, bound, place, scope, state, level)
    results: dict[str, Value] = {}
    for api in rows:
        results.update(_run_arguments(machine, api, arguments, receiver, place, scope, state, level))
    for api in rows:
        bound = bind_row(api, arguments)
        given = bound[api.generator].atoms if api.generator in bound and api.draws_when == "call" else ()
        for atom in given:
            if isinstance(atom, Rng):
                sure = CERTAIN if len(given) == 1 else POSSIBLE if any(isinstance(other, Top) for other in given) else LIKELY
                methods.note_drawn(machine, atom, place, scope, state, min(level, sure))
        if api.draws and api.draws_when == "call" and not api.shifts and applies(api, bound):
            for stream in api.draws:
                machine.draw(stream, api.name, place, scope, state, level=certainty(api, level), rule=api.rule)
    value = _result(machine, rows, arguments, place, scope, state, receiver)
    result = next((results.get(api.returns.removeprefix("result:")) for api in rows if api.returns.startswith("result:")), None)
    if result is not None and result.atoms and value is not None:
        return with_taints(result, value.taints)
    computed_now = [found for back in results.values() for found in taint.values(back.taints)]
    return with_taints(value, computed_now) if computed_now and value is not None else value


def _note_trained(machine: Machine, api: Api, bound: dict[str, Value], receiver: Value | None, place: Place, scope: Scope, state: State) -> None:
    """What is trained on: the arguments of `fit`, the loss that goes backward."""
    last = api.name.rpartition(".")[2]
    if last in {"fit", "fit_transform", "partial_fit", "fit_predict", "train", "score"}:
        carried = [found for value in bound.values() for found in taints_of(machine, value, scope, state)]
        taint.arrive(machine, (*taint.orders(carried), *taint.deciding(carried)), "data", place, scope, state, LIKELY)
    elif last == "backward" and receiver is not None:
        taint.arrive(machine, taint.deciding(receiver.taints), "training", place, scope, state, LIKELY)


def certainty(api: Api, level: int) -> int:
    """A row for some versions of a library is merely possible: which version is installed is not known."""
    return POSSIBLE if api.versions else level


def _noted(machine: Machine, api: Api, bound: dict[str, Value], place: Place, scope: Scope, state: State) -> None:
    """Flags that the call sets, what it writes to a file or reads back, and modules made with random weights."""
    for item in api.sets:
        value = bound.get(item.argument) if item.argument else const(item.value)
        owner, _, name = item.flag.rpartition(".")
        if value is None or any(holds(condition, bound) is not True for condition in item.when):
            continue
        if owner == "os.environ":
            state.writes["environ", name] = value
            machine.event("environ", place, scope, name, value.atoms)
        else:
            set_attribute(machine, of(Library(owner)), name, value, scope, state, place)
    if api.stores:
        machine.event("stored", place, scope, tuple(parameters.made_at(machine, bound.get(api.stores, NOWHERE), scope, state)))
    if api.loads:
        machine.event("loaded", place, scope)
    if api.draws and api.draws_when == "call" and api.returns in {"module", "self"} and applies(api, bound):
        machine.event("random-module", place, scope, api.name)


def _hazards(machine: Machine, api: Api, bound: dict[str, Value], place: Place, scope: Scope, level: int) -> None:
    for hazard in api.hazards:
        answers = [holds(condition, bound) for condition in hazard.when]
        if False in answers or any(holds(condition, bound) is True for condition in hazard.unless):
            continue
        weight = {"certain": CERTAIN, "likely": LIKELY, "possible": POSSIBLE}[hazard.confidence]
        via = {name for condition in hazard.when for name in via_of(bound.get(condition.argument, NOWHERE))}
        if None in answers:
            weight = POSSIBLE
        elif via:
            weight = min(weight, LIKELY)
        machine.event("hazard", place, scope, hazard.rule, hazard.message, hazard.help, api.name, level=min(weight, level))


def seed(machine: Machine, api: Api, bound: dict[str, Value], place: Place, scope: Scope, state: State, level: int) -> None:
    value = (_as_one(machine, bound[api.seed], scope, state) if api.seed in bound else None) if api.seed else const(0)
    if value is None:
        if "**" in bound or "*" in bound:
            value = of(Given())
        elif api.seed_default is not msgspec.UNSET:
            value = const(api.seed_default)
        else:
            value = NOWHERE
    found, source = qualities(machine, api, value, scope, state)
    via = via_of(value)
    if via:
        machine.event("option-used", place, scope, *via)
    machine.seed(api.seeds, found, api.name, place, scope, state, level=level, via=via, source=source or place)
    if "entropy" in found:
        machine.event("entropy-seed", place, scope, tuple(api.seeds), _entropy_name(value), source or "", *via)
        taint.seeded(machine, value, place, scope, state)
    else:
        _note_worker_seed(machine, value, tuple(api.seeds), place, scope, state)


def _note_worker_seed(machine: Machine, value: Value, streams: tuple[str, ...], place: Place, scope: Scope, state: State) -> None:
    """A seed in a worker_init_fn that is the same each time that workers start."""
    starting = machine.read(("process", "worker-init"), state, scope.activation) is not MISSING
    if scope.worker and starting and _same_each_epoch(value):
        given = via_of(value) or any(isinstance(atom, Given) for atom in value.atoms)
        saved = any(isinstance(atom, Saved) for atom in value.atoms)
        what = "a state word that torch leaves the same" if saved else "a number that stays the same each epoch"
        machine.event("constant-worker-seed", place, scope, streams, what, level=LIKELY if given else CERTAIN)


def _entropy_name(value: Value) -> str:
    for atom in value.atoms:
        if isinstance(atom, Entropy):
            return atom.source
        if isinstance(atom, Drawn):
            return f"the unseeded {atom.stream} stream"
        if isinstance(atom, Const) and atom.value is None:
            return "None"
    return "no argument"


def _same_each_epoch(value: Value) -> bool:
    return bool(value.atoms) and all(
        isinstance(atom, WorkerNumber | Saved) or (isinstance(atom, Const) and atom.value is not None) or (isinstance(atom, Given) and atom.via)
        for atom in value.atoms
    )


def qualities(machine: Machine, api: Api, value: Value, scope: Scope, state: State) -> tuple[frozenset[str], Place | None]:
    """How good a seed is: fixed, entropy or nothing; and where its entropy comes from."""
    if not value.atoms:
        return frozenset({"entropy"}), None
    found: set[str] = set()
    source: Place | None = None
    for atom in value.atoms:
        if isinstance(atom, Entropy):
            found.add("entropy")
            source = source or atom.place
        elif isinstance(atom, Drawn):
            fixed = machine.left(atom.stream, state, scope.activation) == 2  # noqa: PLR2004
            found.add("fixed" if fixed else "entropy")
            if atom.place is not None:
                state.demote(atom.stream, atom.place)
            source = source or (None if fixed else atom.place)
        elif isinstance(atom, Const) and atom.value is None:
            found.add(api.none_seed)
        elif isinstance(atom, Const) and atom.value is api.idle_seed or isinstance(atom, Derived):
            found.add("nothing")
        else:
            found.add("fixed")
    return frozenset(found), source


def _restore(machine: Machine, api: Api, bound: dict[str, Value], place: Place, scope: Scope, state: State, level: int) -> None:
    if not api.restores:
        return
    from reprolint.flow.effect import NOTHING, with_final

    saved = next((atom for value in bound.values() for atom in value.atoms if isinstance(atom, Saved)), None)
    for stream in api.restores:
        known = dict(saved.streams).get(stream) if saved is not None else None
        for name in (stream, f"worker:{stream}") if stream == "torch" and not scope.worker else (stream,):
            if known in (1, 4):
                state.words[name] = with_final(state.words.get(name, NOTHING), 0 if known == 1 else 2)
            else:
                machine.seed([stream], frozenset({"fixed"}), api.name, place, scope, state, level=level)
                break


def _run_arguments(
    machine: Machine, api: Api, arguments: Arguments, receiver: Value | None, place: Place, scope: Scope, state: State, level: int
) -> dict[str, Value]:
    """Call what the row says is called; what came back, by argument."""
    results: dict[str, Value] = {}
    bound = bind_row(api, arguments)
    for runs in api.calls:
        if runs.how not in {"now", "thread", "child"} or (runs.how == "child" and api.fits):
            continue
        target = bound.get(runs.argument)
        if target is None or not target.atoms:
            continue
        if runs.method == "__iter__":
            _consume(machine, target, place, scope, state, level)
            continue
        if runs.arguments == [".self"] and parameters.for_each(machine, target, bound.get("self", NOWHERE), place, scope, state, level):
            continue
        passed = passed_by(machine, runs, bound, scope, state)
        if api.taint == "keeps":  # goes through the elements of what it is a method of
            passed.positional[: runs.prepend] = [TOP] * runs.prepend
        _hand_on(api, runs, arguments, passed)
        if runs.method:
            target = Value(tuple(found for atom in target.atoms for found in attribute_of(machine, atom, runs.method, scope, state, called=True).atoms))
        if api.entry == "call":
            _command_line(machine, target, (of(Given()),) * runs.prepend, place, scope, state, level, methods=not api.returns)
        elif runs.how == "child":
            method = runs.start or children.method_of(machine, receiver, scope, state)
            children.run(machine, target, passed, method, place, scope, state, level, _initializers(machine, receiver, scope, state))
        else:
            results[runs.argument] = calls.call_value(machine, target, passed, place, scope, state, level)
            if runs.iterates:
                _consume(machine, results[runs.argument], place, scope, state, level)
    return results


def _consume(machine: Machine, value: Value, place: Place, scope: Scope, state: State, level: int) -> None:
    """Iterate a loader, or each of several, as a framework does, which tells its sampler the epoch."""
    passed_loaders(machine, [value], scope)
    for atom in flat(machine, value, scope, state):
        if isinstance(atom, Object | Lazy):
            iteration.iterate(machine, of(atom), scope, state, place, level if len(value.atoms) == 1 else min(level, LIKELY))


def _command_line(
    machine: Machine, target: Value, passed: tuple[Value, ...], place: Place, scope: Scope, state: State, level: int, *, methods: bool
) -> None:
    """Run what a command line may name: the function, one of a dict, a class and then one of its `methods`."""
    found: list[Value] = []
    for atom in target.atoms:
        found += entries(machine, atom, scope, state).values() if isinstance(atom, Object) and atom.type == "dict" else [of(atom)]
    only = found[0].atoms[0] if len(found) == 1 and len(found[0].atoms) == 1 else None
    if isinstance(only, ClassRef) and methods:
        made = calls.call_value(machine, as_command(of(only)), calls.Arguments(), place, scope, state, level)
        names = dict.fromkeys(name for key in machine.order(only.key) if key in machine.classes for name in machine.classes[key].methods)
        found = [attribute_of(machine, atom, name, scope, state, called=True) for atom in made.atoms for name in names if not name.startswith("_")]
    calls.run_one_of(machine, tuple(as_command(value) for value in found), place, scope, state, level, passed)


def as_command(value: Value) -> Value:
    """The same, with parameters that the user gives."""
    return of(Partial(value, (), (("#command", const("")),)))


def _initializers(machine: Machine, receiver: Value | None, scope: Scope, state: State) -> list[tuple[Value, Arguments]]:
    """What each process of a pool runs before its work: what the pool was told to run when it was made."""
    pool = receiver.atoms[0] if receiver is not None and len(receiver.atoms) == 1 else None
    if not isinstance(pool, Object):
        return []
    fields = arguments_of(machine, pool, scope, state)
    return [
        (fields[runs.argument], passed_by(machine, runs, fields, scope, state))
        for base in library_types(machine, machine.order(pool.type))
        for api in machine.rows(base)
        for runs in api.calls
        if runs.how == "child" and not api.fits and runs.argument in fields
    ]


def passed_by(machine: Machine, runs: Runs, bound: dict[str, Value], scope: Scope, state: State) -> Arguments:
    passed = calls.Arguments([const(0)] * runs.prepend)
    if not runs.arguments:
        passed.rest = TOP
    for name in runs.arguments:
        value = bound.get(name.lstrip("*."))
        if value is None:
            continue
        if name.startswith("."):
            passed.positional.append(Value((Top(held([value])),)))
            continue
        if name.startswith("**"):
            calls.spread_keywords(machine, value, passed, scope, state)
        elif name.startswith("*"):
            sequence = elements_of(machine, value, scope, state)
            known = sequence.atoms[0] if len(sequence.atoms) == 1 else None
            if isinstance(known, Sequence):
                passed.positional.extend(known.elements)
            else:
                passed.rest = TOP
        else:
            passed.positional.append(value)
    return passed


def _hand_on(api: Api, runs: Runs, arguments: Arguments, passed: Arguments) -> None:
    """`submit(f, 1, n=2)`: what the row's own `*args` takes goes to `f`, with the keywords that the row does not name."""
    own = [name for name in api.parameters if name.startswith("*")]
    if not own or own[0] not in runs.arguments:
        return
    passed.positional += arguments.positional[len(api.parameters) - len(own) :]
    passed.keywords.update((name, value) for name, value in arguments.keywords.items() if name not in api.parameters and name != "self")
    passed.rest = passed.rest or arguments.rest
    passed.extra = passed.extra or arguments.extra


def _taints(machine: Machine, rows: tuple[Api, ...], arguments: Arguments, place: Place, scope: Scope, state: State, receiver: Value | None) -> tuple[tuple[Taint, ...], bool]:
    """What the result carries, and whether the call sanitises."""
    if receiver is not None and receiver.taints:
        arguments = calls.Arguments([*arguments.positional, Value((), receiver.taints)], arguments.keywords, arguments.rest, arguments.extra)
    for api in rows:
        if not api.taint:
            continue
        kind, _, detail = api.taint.partition(":")
        bound = bind_row(api, arguments)
        if kind == "source":
            detail, _, shape = detail.partition(":")
            if detail not in {"listing", "entropy"}:
                return (), False
            return (Taint(detail, place, shape or ("order" if detail == "listing" else "value"), api.name),), False
        if kind == "sanitizer":
            return (), True
        named = {"*" if name not in api.parameters and f"*{name}" in api.parameters else name for name in api.taint_arguments}
        carried = [taint for name, value in bound.items() if not named or name in named for taint in taints_of(machine, value, scope, state)]
        if kind == "sink":
            deciding = {"value", "name"} if detail == "weights" else {"order", "value"}
            level = POSSIBLE if _unfixed(machine, api, bound, scope, state) else CERTAIN
            taint.arrive(machine, [found for found in carried if found.shape in deciding], detail, place, scope, state, level)
        return tuple(dict.fromkeys(carried))[:4], False
    if any(row.returns in {"none", "constant"} for row in rows):
        return (), False
    numeric = any(row.name.startswith(_NUMERIC) for row in rows) and not any(row.seeds or row.returns.startswith("generator") for row in rows)
    return passed_on(machine, arguments.all(), scope, state, numeric=numeric), False


def _unfixed(machine: Machine, api: Api, bound: dict[str, Value], scope: Scope, state: State) -> bool:
    """Whether a call draws from streams that nothing fixed: then that is what to mend, and no order of the input helps."""
    if not machine.follows or not api.draws or not applies(api, bound):
        return False
    return not any(machine.left(_stream(stream, scope), state, scope.activation) >> 1 & 1 for stream in api.draws)


_NUMERIC: Final = ("jax.", "numpy.", "scipy.", "sklearn.", "tensorflow.", "torch.")
"""Libraries that compute: what they are given is no mere name."""


def taints_of(machine: Machine, value: Value, scope: Scope, state: State) -> tuple[Taint, ...]:
    """The taints of a value and of the lists it is made of."""
    found = dict.fromkeys(value.taints)
    for atom in value.atoms:
        if isinstance(atom, Object) and atom.type == "list":
            found.update(dict.fromkeys(taint.listed(machine, atom, scope, state)))
        elif isinstance(atom, Object) and atom.type in machine.classes:
            found.update(dict.fromkeys(_field_taints(machine, atom, scope, state)))
        elif isinstance(atom, Sequence):
            for element in atom.elements[:8]:
                found.update(dict.fromkeys(element.taints))
                for inner in element.atoms:
                    if isinstance(inner, Object) and inner.type == "list":
                        found.update(dict.fromkeys(contents(machine, inner, scope, state).taints))
    return tuple(found)[:4]


def _field_taints(machine: Machine, atom: Object, scope: Scope, state: State) -> tuple[Taint, ...]:
    """Orders that a dataset keeps in its fields and that its `__getitem__` indexes."""
    info = machine.find_method(machine.order(atom.type), "__getitem__")
    if info is None:
        return ()
    found: dict[Taint, None] = {}
    for word in info[1].words:
        value = machine.read((atom.key, word), state, scope.activation)
        if isinstance(value, Value):
            shallow = Value(tuple(inner for inner in value.atoms if isinstance(inner, Object) and inner.type == "list"), value.taints)
            found.update(dict.fromkeys(taint.orders(taints_of(machine, shallow, scope, state))))
    return tuple(found)


# -- results -------------------------------------------------------------------------------------------------------


def _result(
    machine: Machine, rows: tuple[Api, ...], arguments: Arguments, place: Place, scope: Scope, state: State, receiver: Value | None
) -> Value | None:
    taints, clean = _taints(machine, rows, arguments, place, scope, state, receiver)
    api = next((row for row in rows if row.returns), rows[0])
    value = _returned(machine, api, bind_row(api, arguments), arguments, place, scope, state, receiver)
    if api.draws and api.name.rpartition(".")[2] in taint.PICKS and not api.name.startswith("pandas."):
        value = with_taints(value, (taint.DRAWN,))
    name = api.name.rpartition(".")[2]
    if api.draws and name in FROM:
        value = Value(picked(machine, name, arguments, scope, state) or value.atoms, value.taints)
    if clean or not taints:
        return Value(value.atoms) if clean else value
    listing = [found for found in taints if found.shape == "order"]
    if listing and api.taint.startswith("source:"):
        content = Value((Many(of(Text())),), tuple(listing))
        if api.name.endswith("walk"):
            inner = new_container(machine, "list", content, scope, state, tag=f"{place.path}:{place.site}/files")
            content = Value((Many(of(Sequence((of(Text()), inner, inner)))),), tuple(listing))
        return new_container(machine, "list", content, scope, state, tag=f"{place.path}:{place.site}/listing", place=place)
    return with_taints(value, taints)


FROM: Final = frozenset({"choice", "choices", "sample"})
"""Draws of elements."""


def picked(machine: Machine, name: str, arguments: Arguments, scope: Scope, state: State) -> tuple[Atom, ...]:
    """What is picked out of words is a word, or several."""
    element = element_of(elements_of(machine, arguments.first(), scope, state))
    if not element.atoms or not all(isinstance(atom, Text) or (isinstance(atom, Const) and isinstance(atom.value, str)) for atom in element.atoms):
        return ()
    several = name != "choice" or len(arguments.positional) > 1 or "size" in arguments.keywords
    return (Many(of(Text())),) if several else (Text(),)


def _returned(
    machine: Machine, api: Api, bound: dict[str, Value], arguments: Arguments, place: Place, scope: Scope, state: State,
    receiver: Value | None,
) -> Value:  # fmt: skip
    kind, _, detail = api.returns.partition(":")
    if not kind and (api.scope or api.seeds_when == "entered" or api.entry == "decorator"):
        return of(_made(machine, api.name, bound, place, scope, state))
    if kind == "self" and receiver is not None:
        return receiver
    if kind in {"self", "module", "carrier", "loader", "parser"}:
        return of(_made(machine, api.name, bound, place, scope, state))
    if kind == "instance":
        return of(_made(machine, detail, bound, place, scope, state))
    if kind == "argument":
        return bound.get(detail) or TOP
    if kind == "generator":
        return of(_generator(machine, api, detail, bound, place, scope, state))
    if kind == "options":
        pool = of(Object("pool", "options", place))
        return of(Sequence((pool, TOP))) if "known" in api.name else pool
    if kind == "text":
        return of(Text())
    if kind == "texts":
        return of(Many(of(Text())))
    if kind == "entropy":
        return of(Entropy(api.name, place))
    if kind == "drawn":
        own = api.generator and api.generator in bound
        return of(Drawn(_stream(api.draws[0], scope), place, detail == "unit" and _between(bound))) if api.draws and not own and applies(api, bound) else TOP
    if kind == "given":
        return of(Given())
    if kind == "constant":
        return of(Given())
    if kind == "state":
        if api.name.endswith("initial_seed"):
            return of(Derived("worker:torch")) if scope.worker else of(Drawn("torch", place))
        return of(Saved(tuple((stream, machine_left(state, stream)) for stream in api.saves)))
    if kind == "same":
        strong = (atom for value in arguments.all() for atom in flat(machine, value, scope, state) if isinstance(atom, Entropy | Drawn))
        return of(found) if (found := next(strong, None)) is not None else Value((Top(held(arguments.all())),))
    if kind == "none":
        return NONE
    if kind == "view" and receiver is not None:
        return Value((Top(held([receiver])),))
    if kind == "first":
        return arguments.first()
    return computed(arguments.all()) if api.name.startswith(_NUMERIC) else Value((Top(held(arguments.all())),))


def _between(bound: dict[str, Value]) -> bool:
    """Whether the bounds that are given, if any, are 0 and 1."""
    limits = ((("a", "low"), 0), (("b", "high"), 1))
    return all((known := constant(bound[name])) is not None and known.value == limit for names, limit in limits for name in names if name in bound)


def _stream(stream: str, scope: Scope) -> str:
    return f"worker:{stream}" if scope.worker and stream in {"torch", "numpy", "python"} else stream


def machine_left(state: State, stream: str) -> int:
    """What this activation has left a stream with, as a set of finals."""
    from reprolint.flow.effect import NOTHING, finals

    return finals(state.words.get(stream, NOTHING))


def _made(machine: Machine, type_name: str, bound: dict[str, Value], place: Place, scope: Scope, state: State) -> Object:
    key = f"{place.path}:{place.site}~{type_name}"
    if any(api.returns == "loader" for api in machine.rows(type_name)):
        key = _told_apart(machine, key, bound, scope, state)
    taint.made(machine, key, bound.values(), scope, state)
    state.writes[key, "#arguments"] = tuple(bound.items())
    return Object(key, type_name, place)


def _told_apart(machine: Machine, key: str, bound: dict[str, Value], scope: Scope, state: State) -> str:
    """One line of a function may make the loader for training and the one for validation: what they load, and how, tells two apart."""
    only = [(name, value.atoms[0]) for name, value in bound.items() if len(value.atoms) == 1]
    said = (f"{name}={atom.key if isinstance(atom, Object) else atom.value}" for name, atom in only if isinstance(atom, Object | Const))
    whole = f"{key}({','.join(said)})"
    kinds = machine.read((key, "#kinds"), state, scope.activation)
    kinds = () if kinds is MISSING else kinds
    if whole in kinds:
        return whole
    if len(kinds) > 1:
        return key
    state.writes[key, "#kinds"] = (*kinds, whole)
    return whole


def _as_one(machine: Machine, value: Value, scope: Scope, state: State) -> Value:
    """A seed of several parts is as good as the worst of them: `default_rng([seed, hash(name)])`."""
    only = value.atoms[0] if len(value.atoms) == 1 else None
    if not isinstance(only, Sequence) and not (isinstance(only, Object) and only.type == "list"):
        return value
    worst = next((atom for kind in (Entropy, Drawn) for atom in flat(machine, value, scope, state) if isinstance(atom, kind)), None)
    return Value((worst,), taint.deep(machine, value, scope, state)) if worst is not None else value


def _generator(machine: Machine, api: Api, kind: str, bound: dict[str, Value], place: Place, scope: Scope, state: State) -> Rng:
    where = "worker" if scope.worker else ""
    taint.made(machine, repr(place), (), scope, state)
    if not api.seed:
        return Rng(kind, "fixed", place, where)
    value = _as_one(machine, bound[api.seed], scope, state) if api.seed in bound else None
    if value is None and (api.seed_default is not msgspec.UNSET or "key" in bound):
        return Rng(kind, "fixed", place, where)
    if value is None and ("**" in bound or "*" in bound):
        return Rng(kind, "unknown", place, where)
    made = next((atom for atom in value.atoms if isinstance(atom, Rng)), None) if value is not None else None
    if made is not None:
        return Rng(kind, "entropy" if made.seeded == "entropy" else "fixed", place, where)
    found, source = qualities(machine, api, value if value is not None else NOWHERE, scope, state)
    if value is not None and via_of(value):
        machine.event("option-used", place, scope, *via_of(value))
    if "entropy" in found and value is not None and taint.seeded(machine, value, place, scope, state):
        return Rng(kind, "entropy", place, where)
    if found == {"entropy"}:
        machine.event("generator", place, scope, api.name, _entropy_name(value or NOWHERE), source or "", via_of(value) if value else ())
        return Rng(kind, "entropy", place, where)
    if "entropy" in found and value is not None:
        machine.event("generator", place, scope, api.name, _entropy_name(value), source or "", via_of(value), level=POSSIBLE)
    if value is not None:
        _note_worker_seed(machine, value, ("generator",), place, scope, state)
    return Rng(kind, "fixed" if found == {"fixed"} else "unknown", place, where)


# -- instances -----------------------------------------------------------------------------------------------------


def arguments_of(machine: Machine, atom: Object, scope: Scope, state: State) -> dict[str, Value]:
    """What a library object was made with."""
    found = machine.read((atom.key, "#arguments"), state, scope.activation)
    return dict(found) if found is not MISSING else {}


def library_types(machine: Machine, order: tuple[str, ...]) -> tuple[str, ...]:
    """The library classes of an order."""
    return tuple(base for base in order if base not in machine.classes)


def is_loader(machine: Machine, atom: Object) -> bool:
    """Whether an object is a DataLoader or of a subclass."""
    order = machine.order(atom.type)
    if machine.find_method(order, "__iter__") is not None:
        return False
    return any(api.returns == "loader" for base in library_types(machine, order) for api in machine.rows(base))


def iterates(machine: Machine, atom: Object) -> bool:
    """Whether the catalog says that iterating the object does something."""
    rows = [api for base in library_types(machine, machine.order(atom.type)) for api in machine.rows(base)]
    return any(api.draws_when == "iterated" or api.returns == "carrier" or any(runs.how == "iterated" for runs in api.calls) for api in rows)


def call_instance(
    machine: Machine, atom: Object, order: tuple[str, ...], arguments: Arguments, place: Place, scope: Scope, state: State, level: int
) -> Outcome:
    """Call an instance of a library class: what its row says, and what it was given to hold."""
    fields = arguments_of(machine, atom, scope, state)
    for base in library_types(machine, order):
        for api in machine.rows(base):
            if api.draws and api.draws_when == "result_called" and not api.shifts and applies(api, fields) and _training(machine, atom, scope, state):
                for stream in api.draws:
                    machine.draw(stream, f"{api.name}()", atom.place if scope.worker and atom.place else place, scope, state, level=certainty(api, level), rule=api.rule)
            for runs in api.calls:
                if runs.how == "result_called" and runs.argument in fields:
                    calls.call_value(machine, fields[runs.argument], arguments, place, scope, state, level)
            if api.returns == "carrier":
                _call_carried(machine, fields, arguments, place, scope, state, min(level, LIKELY))
    numeric = any(base.startswith(_NUMERIC) for base in library_types(machine, order))
    result = computed(arguments.all()) if numeric else Value((Top(held(arguments.all())),))
    return calls.Outcome(with_taints(result, passed_on(machine, arguments.all(), scope, state, numeric=numeric)))


def _training(machine: Machine, atom: Object, scope: Scope, state: State) -> bool:
    """Whether a module is in training mode: neither it nor the module that calls it was put in evaluation mode."""
    return not (evaluating(machine, atom, scope, state) or _caller_evaluates(machine, scope, state))


def evaluating(machine: Machine, atom: Object, scope: Scope, state: State) -> bool:
    """Whether `eval()` was the last that was asked of a module."""
    found = machine.read((atom.key, "#eval"), state, scope.activation)
    return isinstance(found, Value) and all(truth(inner) is True for inner in found.atoms)


def _caller_evaluates(machine: Machine, scope: Scope, state: State) -> bool:
    function = scope.function
    if function is None or not function.parameters:
        return False
    first = scope.parameters.get(function.parameters[0].name, NOWHERE)
    return any(isinstance(inner, Object) and evaluating(machine, inner, scope, state) for inner in first.atoms)


def set_mode(machine: Machine, only: Object, name: str, arguments: Arguments, scope: Scope, state: State) -> None:
    """`model.eval()`, `model.train()`, `model.train(False)`."""
    mode = arguments.first() if arguments.positional else arguments.keywords.get("mode", const(True))  # noqa: FBT003
    training = name == "train" and not all(truth(atom) is False for atom in mode.atoms)
    for module in (only, *_inside(machine, only, scope, state)):
        state.writes[module.key, "#eval"] = const(not training)


def _inside(machine: Machine, only: Object, scope: Scope, state: State, depth: int = 3) -> list[Object]:
    """The layers that a library's container, such as `torch.nn.Sequential`, was made of."""
    found: list[Object] = []
    for value in arguments_of(machine, only, scope, state).values() if only.type.startswith("torch.nn.") and depth else ():
        for atom in flat(machine, value, scope, state):
            if isinstance(atom, Object) and (atom.type.startswith("torch.nn.") or "torch.nn.Module" in machine.order(atom.type)):
                found += (atom, *_inside(machine, atom, scope, state, depth - 1))
    return found


def _call_carried(machine: Machine, fields: dict[str, Value], arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> None:
    for value in fields.values():
        for atom in flat(machine, value, scope, state):
            if isinstance(atom, Code | Bound | Partial | Object) and not (isinstance(atom, Object) and atom.type in {"options", "config", "dict"}):
                calls.call_atom(machine, atom, calls.Arguments(list(arguments.positional) or [TOP], {}, None), place, scope, state, level)


def flat(machine: Machine, value: Value, scope: Scope, state: State) -> list[Atom]:
    """The atoms of a value, with lists and tuples looked into once."""
    found: list[Atom] = []
    for atom in value.atoms:
        if isinstance(atom, Object) and atom.type in {"list", "set"}:
            found += [inner for part in contents(machine, atom, scope, state).atoms for inner in _parts(part)]
        elif isinstance(atom, Sequence | Many):
            found += _parts(atom)
        else:
            found.append(atom)
    return list(dict.fromkeys(found))[:12]


def _parts(atom: Atom) -> list[Atom]:
    if isinstance(atom, Sequence):
        return [inner for element in atom.elements for inner in element.atoms]
    if isinstance(atom, Many):
        return list(atom.element.atoms)
    return [atom]


def iterate_instance(
    machine: Machine, atom: Object, order: tuple[str, ...], scope: Scope, state: State, place: Place, level: int
) -> Value:
    """Iterate an instance of a library class: a sampler draws, a progress bar iterates what it wraps."""
    fields = arguments_of(machine, atom, scope, state)
    for base in library_types(machine, order):
        for api in machine.rows(base):
            if api.draws and api.draws_when == "iterated" and not api.shifts and applies(api, fields):
                for stream in api.draws:
                    machine.draw(stream, api.name, place, scope, state, level=certainty(api, level), rule=api.rule)
    elements = [iteration.iterate(machine, value, scope, state, place, min(level, LIKELY)) for value in fields.values()]
    found = [value for value in elements if value is not None and value.atoms]
    return join(*found) if found else of(Many(TOP))


def touch_instance(
    machine: Machine, atom: Object, order: tuple[str, ...], scope: Scope, state: State, place: Place, level: int, depth: int
) -> Value:
    """An element of a library dataset: what it wraps is indexed, its transforms are called."""
    fields = arguments_of(machine, atom, scope, state)
    found: list[Value] = []
    stored = [value for name in ("transform", "target_transform", "transforms", "dataset") if isinstance(value := machine.read((atom.key, name), state, scope.activation), Value)]
    for value in [*fields.values(), *stored]:
        for inner in flat(machine, value, scope, state):
            if isinstance(inner, Object) and _is_transform(machine, inner):
                calls.call_atom(machine, inner, calls.Arguments([TOP]), place, scope, state, level)
            elif isinstance(inner, Object):
                found.append(iteration.touch_dataset(machine, of(inner), scope, state, place, min(level, LIKELY), depth + 1))
            elif isinstance(inner, Code | Bound | Partial):
                calls.call_atom(machine, inner, calls.Arguments(rest=TOP), place, scope, state, min(level, LIKELY))
            elif isinstance(inner, Top):
                found.append(iteration.touch_dataset(machine, of(inner), scope, state, place, POSSIBLE, depth + 1))
    useful = [value for value in found if value.atoms]
    return join(*useful) if useful else TOP


def _is_transform(machine: Machine, atom: Object) -> bool:
    order = machine.order(atom.type)
    if any(machine.find_method(order, name) is not None for name in ("__getitem__", "__iter__")):
        return False
    if any(machine.find_method(order, name) is not None for name in ("__call__", "forward")):
        return True
    rows = [api for base in library_types(machine, order) for api in machine.rows(base)]
    return any(api.draws_when == "result_called" or any(runs.how == "result_called" for runs in api.calls) for api in rows) or any(
        "transforms" in base for base in order
    )


def base_made(
    machine: Machine, made: Object, order: tuple[str, ...], arguments: Arguments, place: Place, scope: Scope, state: State, level: int
) -> None:
    """A project class without `__init__` is made by its library base's."""
    for base in library_types(machine, order):
        rows = machine.rows(base)
        if rows:
            apply(machine, rows, arguments, place, scope, state, level)
            state.writes[made.key, "#arguments"] = tuple(bind_row(rows[0], arguments).items())
            return
    passed = dict(enumerate(arguments.positional))
    state.writes[made.key, "#arguments"] = (*((str(number), value) for number, value in passed.items()), *arguments.keywords.items())


def model_called(machine: Machine, atom: Object, order: tuple[str, ...], scope: Scope, state: State) -> None:
    """A module of the project runs: in evaluation mode if its caller is."""
    if _caller_evaluates(machine, scope, state):
        state.writes[atom.key, "#eval"] = const(True)  # noqa: FBT003


# -- with ----------------------------------------------------------------------------------------------------------


def entered(machine: Machine, atom: Object, order: tuple[str, ...], place: Place, scope: Scope, state: State) -> tuple[str, ...]:
    """Enter a library's context manager; the streams that come back at its end."""
    fields = arguments_of(machine, atom, scope, state)
    restored: list[str] = []
    for base in library_types(machine, order):
        for api in machine.rows(base):
            if api.seeds and api.seeds_when == "entered":
                restored += api.seeds
                seed(machine, api, fields, place, scope, state, CERTAIN)
            restored += api.scope
    return tuple(dict.fromkeys(restored))

