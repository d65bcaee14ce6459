"""Calls → effects and values: who is called, with what, and what that does to the caller."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from reprolint.flow import commands, contexts, instances, library, methods, parameters, taint
from reprolint.flow.captures import captured as captured_by
from reprolint.flow.definitions import seed_like
from reprolint.flow.effect import NOTHING
from reprolint.flow.expressions import (
    assign,
    attribute_of,
    element_of,
    elements_of,
    entries,
    evaluate,
    name_value,
)
from reprolint.flow.leads import SEEDS
from reprolint.flow.machine import MAX_KEPT
from reprolint.flow.state import CERTAIN, LIKELY, MISSING, POSSIBLE, Activation, Scope, State, Summary
from reprolint.flow.values import (
    NONE,
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
    Super,
    Text,
    Top,
    Value,
    const,
    held,
    join,
    of,
    single,
    text_of,
    unite,
    with_taints,
)
from reprolint.model import code
from reprolint.model.span import Place
from reprolint.model.stream import SEEDABLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from reprolint.flow.machine import Machine
    from reprolint.flow.state import Exits, Location

FOREIGN: Final = "?"
"""What the key of an object begins with that was made where nobody can see it."""
MAX_TARGETS: Final = 6
MAX_GENERAL: Final = 1
MAX_NESTED: Final = 3
"""How often a function is followed inside itself, if it is called for another name each time."""
MAX_ROUNDS: Final = 3


@dataclass(slots=True)
class Arguments:
    """The values of a call's arguments."""

    positional: list[Value] = field(default_factory=list)
    keywords: dict[str, Value] = field(default_factory=dict)
    rest: Value | None = None
    """Elements of a `*` argument whose length is not known."""
    extra: bool = False
    """There is a `**` argument of which not every key is known."""

    def all(self) -> list[Value]:
        return [*self.positional, *self.keywords.values(), *([self.rest] if self.rest is not None else [])]

    def first(self) -> Value:
        return self.positional[0] if self.positional else self.rest if self.rest is not None else NOWHERE


@dataclass(slots=True)
class Outcome:
    """`value` None: the call does not come back; `ended`: because the run is over."""

    value: Value | None
    ended: bool = False


def call(machine: Machine, item: code.Call, scope: Scope, state: State, place: Place) -> Outcome:
    """Execute one call statement."""
    arguments = collect(machine, item.arguments, scope, state)
    callee = item.callee
    base: Value | None = None
    if isinstance(callee, code.Attr):
        base = evaluate(machine, callee.of, scope, state)
        if base.taints and callee.name in {"append", "add", "extend"}:
            taint.arrive(machine, taint.deciding(base.taints), "split", place, scope, state)
        elif callee.name == "sort" and taint.orders(base.taints):
            assign(machine, callee.of, taint.without_orders(base), scope, state, place)
        elif callee.name.endswith("_"):
            parameters.changed(machine, item, arguments, scope, state)
        targets = _method_targets(machine, base, callee.name, scope, state)
    else:
        if isinstance(callee, code.Name) and callee.id == "super" and not arguments.positional:
            return Outcome(_super(machine, scope, state))
        if isinstance(callee, code.Name) and callee.id.endswith("_"):
            parameters.changed(machine, item, arguments, scope, state)
        value = evaluate(machine, callee, scope, state)
        targets = value.atoms
    if any(isinstance(atom, Top) for atom in targets) and _says_seed(callee, scope):
        machine.seed(SEEDABLE, frozenset({"fixed"}), "something unknown", place, scope, state, level=POSSIBLE)
    level = CERTAIN if base is None or not _unsure(base) else POSSIBLE
    # whichever of several lists is sorted, that one is in order then; a loop over a table calls all that is in it
    together = isinstance(callee, code.Attr) and callee.name == "sort"
    if together or (isinstance(callee, code.Item) and scope.loops and all(isinstance(atom, Library) for atom in targets)):
        for atom in targets[1:]:
            call_targets(machine, (atom,), arguments, place, scope, state, level)
        targets = targets[:1]
    chosen = base is not None and bool(base.atoms) and all(isinstance(atom, Object) and atom.type == "options" for atom in base.atoms)
    outcome = call_targets(machine, targets, arguments, place, scope, state, level, chosen=chosen)
    _weigh(machine, item, targets, place, scope, state)
    return outcome


def _weigh(machine: Machine, item: code.Call, targets: tuple[Atom, ...], place: Place, scope: Scope, state: State) -> None:
    """What was drawn for nothing but a name, a shape or the time it took decides nothing by itself."""
    first = [
        stream for (stream, mark), witness in state.firsts.items()
        if mark in {"early", "entropic"} and witness.level > POSSIBLE and (witness.place == place or place in witness.calls)
    ]  # fmt: skip
    if not first:
        return
    if machine.only_names(item, place):
        for stream in first:
            state.demote(stream, place)
    elif scope.function is None and machine.read(("main", scope.path), state, scope.activation) is not True:
        return  # a module's variables are everybody's
    elif machine.drops(item, scope) and all(_only_gives(machine, atom, loose=item.loose) for atom in targets):
        state.overwrite(frozenset({place}))
    elif (thrown := machine.thrown(item, targets, scope)) is not None:
        (state.tell if thrown.told else state.overwrite)(frozenset({place}))


def _only_gives(machine: Machine, atom: Atom, *, loose: bool) -> bool:
    """Whether all that a call draws goes into what it gives: a network, an array. `loose`: nobody takes that."""
    if isinstance(atom, Library):
        rows = machine.rows(atom.dotted)
        if loose and not any(api.returns == "module" for api in rows):
            return False
        return bool(rows) and not atom.dotted.endswith("_") and not any(api.calls or api.seeds or api.returns == "none" for api in rows)
    if loose:
        return False
    if isinstance(atom, Code):
        return machine.gives(atom)
    return isinstance(atom, ClassRef) and "torch.nn.Module" in machine.order(atom.key)


def _says_seed(callee: code.Expr, scope: Scope) -> bool:
    """Whether a call of something unknown seems to seed: by its own name, or by that of the function around it.

    A method of something unknown, as `logger.info` in a helper that seeds, is no such call.
    """
    if isinstance(callee, code.Attr):
        return False
    while isinstance(callee, code.Item):
        callee = callee.of
    name = callee.id if isinstance(callee, code.Name) else callee.name if isinstance(callee, code.Attr) else ""
    around = scope.function.name if scope.function is not None else ""
    return library.names_seeding(name) or (library.names_seeding(around) and not around.startswith("_"))


def _unsure(base: Value) -> bool:
    """A generator of one's own, or whatever was passed in its place."""
    return len(base.atoms) > 1 and any(isinstance(atom, Rng) for atom in base.atoms) and any(isinstance(atom, Top) for atom in base.atoms)


def _method_targets(machine: Machine, base: Value, name: str, scope: Scope, state: State) -> tuple[Atom, ...]:
    found: dict[Atom, None] = {}
    for atom in base.atoms:
        value = attribute_of(machine, atom, name, scope, state, called=True, taints=base.taints)
        found.update(dict.fromkeys(value.atoms))
    return tuple(found)


def collect(machine: Machine, written: tuple[code.Argument, ...], scope: Scope, state: State) -> Arguments:
    """The arguments as they are passed; known spreads are spread."""
    arguments = Arguments()
    for argument in written:
        value = evaluate(machine, argument.value, scope, state)
        if argument.stars == 1:
            lazy = any(isinstance(atom, Lazy) for atom in value.atoms)
            sequence = drained(machine, value, scope, state) if lazy else elements_of(machine, value, scope, state)
            known = sequence.atoms[0] if len(sequence.atoms) == 1 else None
            if isinstance(known, Sequence) and arguments.rest is None:
                arguments.positional.extend(known.elements)
            else:
                arguments.rest = with_taints(element_of(sequence), taint.in_round(sequence.taints, scope.loops + 1))
        elif argument.stars:
            spread_keywords(machine, value, arguments, scope, state)
        elif argument.name is not None:
            arguments.keywords[argument.name] = value
        elif arguments.rest is not None:
            arguments.rest = join(arguments.rest, value)
        else:
            arguments.positional.append(value)
    return arguments


def drained(machine: Machine, value: Value, scope: Scope, state: State) -> Value:
    """What a generator yields that is spread into arguments."""
    from reprolint.flow import iteration

    return iteration.iterate(machine, value, scope, state, scope.at) or of(Many(NOWHERE))


def spread_keywords(machine: Machine, value: Value, arguments: Arguments, scope: Scope, state: State) -> None:
    """`**value`: the keywords that are known, and that there are more."""
    for atom in value.atoms:
        if isinstance(atom, Object):
            found = entries(machine, atom, scope, state)
            for name, inner in found.items():
                arguments.keywords[name] = join(arguments.keywords[name], inner) if name in arguments.keywords else inner
            if machine.read((atom.key, "[]"), state, scope.activation) is not MISSING or atom.type not in {"dict", "namespace", "options"}:
                arguments.extra = True
        else:
            arguments.extra = True


def _super(machine: Machine, scope: Scope, state: State) -> Value:
    function = scope.function
    if function is None or not function.parameters or not scope.owner:
        return TOP
    first = name_value(machine, function.parameters[0].name, scope, state)
    found = [Super(scope.owner, atom) for atom in first.atoms if isinstance(atom, Object | ClassRef)]
    return Value(tuple(found)) if found else TOP


def call_targets(
    machine: Machine, targets: tuple[Atom, ...], arguments: Arguments, place: Place, scope: Scope, state: State, level: int, *,
    chosen: bool = False,
) -> Outcome:  # fmt: skip
    """Call each target from the same state and join what comes back; `chosen`: the user says which, so each of them runs some day."""
    if not targets:
        return Outcome(NOWHERE)
    if len(targets) > MAX_TARGETS:
        targets = targets[:MAX_TARGETS]
    if len(targets) == 1:
        return call_atom(machine, targets[0], arguments, place, scope, state, level)
    before = state.copy()
    after: list[State | None] = []
    values: list[Value] = []
    ended = False
    for target in targets:
        trial = before.copy()
        outcome = call_atom(machine, target, arguments, place, scope, trial, min(level, LIKELY))
        ended = ended or outcome.ended
        if outcome.value is not None:
            values.append(outcome.value)
            after.append(trial)
    _doubt(before, after, chosen=chosen)
    joined = machine.join_states(after, scope.activation)
    if joined is None:
        return Outcome(None, ended)
    state.become(joined)
    found = [value for value in values if value.atoms]
    return Outcome(join(*found) if found else NOWHERE)


def _doubt(before: State, after: list[State | None], *, chosen: bool = False) -> None:
    """Where one target touches a stream and another does not, or not so, what it shows is merely possible."""
    alive = [state for state in after if state is not None]
    for state in alive:
        for (stream, mark), witness in state.firsts.items():
            others = [other for other in alive if not chosen or other.words.get(stream, NOTHING) != before.words.get(stream, NOTHING)]
            if (stream, mark) not in before.firsts and any((stream, mark) not in other.firsts for other in others):
                state.firsts[stream, mark] = replace(witness, level=POSSIBLE)


def call_value(
    machine: Machine, value: Value, arguments: Arguments, place: Place, scope: Scope, state: State, level: int
) -> Value:
    """Call whatever a value is; a call that never comes back gives NOWHERE."""
    return call_targets(machine, value.atoms, arguments, place, scope, state, level).value or NOWHERE


def call_atom(
    machine: Machine, atom: Atom, arguments: Arguments, place: Place, scope: Scope, state: State, level: int
) -> Outcome:
    """Call one thing."""
    if isinstance(atom, Code):
        return Outcome(call_code(machine, atom, arguments, place, scope, state, level))
    if isinstance(atom, ClassRef):
        made = instances.instantiate(machine, atom, arguments, place, scope, state, level)
        carried = taint.elements(found for value in arguments.all() for found in value.taints)
        return Outcome(with_taints(made, carried) if made is not None and carried else made)
    if isinstance(atom, Bound):
        passed = Arguments([of(atom.receiver), *arguments.positional], arguments.keywords, arguments.rest, arguments.extra)
        if isinstance(atom.receiver, Object) and atom.receiver.key.startswith(FOREIGN):
            level = min(level, LIKELY)
        outcome = call_atom(machine, atom.target, passed, place, scope, state, level)
        if isinstance(atom.target, Code) and atom.target.function.name == "load_state_dict" and isinstance(atom.receiver, Object):
            parameters.overwritten(machine, of(atom.receiver), arguments.keywords.get("strict", NOWHERE), arguments.first(), scope, state)
        return outcome
    if isinstance(atom, Partial):
        return _call_partial(machine, atom, arguments, place, scope, state, level)
    if isinstance(atom, Library):
        return library.call_library(machine, atom.dotted, arguments, place, scope, state, level)
    if isinstance(atom, Method):
        return methods.call_method(machine, atom, arguments, place, scope, state, level)
    if isinstance(atom, Object):
        return _call_object(machine, atom, arguments, place, scope, state, level)
    if isinstance(atom, Top):
        run_held(machine, atom.held, arguments, place, scope, state, POSSIBLE)
        return Outcome(Value((Top(tuple(dict.fromkeys((*atom.held, *held(arguments.all()))))[:8]),)))
    if isinstance(atom, Const) and atom.value is None:
        return Outcome(NOWHERE)
    return Outcome(TOP)


def run_held(
    machine: Machine, atoms: tuple[Atom, ...], arguments: Arguments, place: Place, scope: Scope, state: State, level: int
) -> None:
    """Call what a carrier holds: functions, and objects that can be called."""
    for atom in atoms[:MAX_TARGETS]:
        if isinstance(atom, Code | Bound | Partial) or (isinstance(atom, Object) and _callable(machine, atom)):
            trial = state.copy()
            outcome = call_atom(machine, atom, Arguments(rest=TOP), place, scope, trial, level)
            if outcome.value is not None:
                state.become(trial)


def _forgotten(machine: Machine, scope: Scope, state: State, value: Value, depth: int = 2) -> Value:
    """A tensor is a tensor: only what is sure and small is told apart in what a module is called with, and what is text."""
    if all(isinstance(atom, Const | Rng | Text) for atom in value.atoms):
        return value
    if depth and all(isinstance(atom, Sequence | Many) or (isinstance(atom, Object) and atom.type == "list") for atom in value.atoms):
        element = element_of(elements_of(machine, value, scope, state))
        element = _forgotten(machine, scope, state, Value(element.atoms), depth - 1) if element.atoms else TOP
        if all(isinstance(atom, Text | Many) for atom in element.atoms):
            return of(Many(element))
    return with_taints(TOP, taint.values(value.taints))


def _callable(machine: Machine, atom: Object) -> bool:
    order = machine.order(atom.type)
    return any(machine.find_method(order, name) is not None for name in ("__call__", "forward"))


def _call_partial(
    machine: Machine, atom: Partial, arguments: Arguments, place: Place, scope: Scope, state: State, level: int
) -> Outcome:
    keywords = dict(atom.keywords)
    if "#command" in keywords:
        return Outcome(call_command(machine, atom, arguments, place, scope, state, level))
    if "#context" in keywords:
        return Outcome(contexts.call_within(machine, atom, arguments, place, scope, state, level))
    merged = Arguments([*atom.arguments, *arguments.positional], {**keywords, **arguments.keywords}, arguments.rest, arguments.extra)
    return call_targets(machine, atom.target.atoms, merged, place, scope, state, level)


def _call_object(
    machine: Machine, atom: Object, arguments: Arguments, place: Place, scope: Scope, state: State, level: int
) -> Outcome:
    order = machine.order(atom.type)
    for name in ("__call__", "forward"):
        found = machine.find_method(order, name)
        if found is not None:
            info, function, _ = found
            target = Code(function, info.path, info.scopes, info.key)
            passed = Arguments([of(atom), *arguments.positional], arguments.keywords, arguments.rest, arguments.extra)
            if name == "forward":
                forget = partial(_forgotten, machine, scope, state)
                passed = Arguments([of(atom), *map(forget, arguments.positional)], {key: forget(value) for key, value in arguments.keywords.items()}, arguments.rest and TOP, arguments.extra)
            library.model_called(machine, atom, order, scope, state)
            return Outcome(call_code(machine, target, passed, place, scope, state, level))
    run_commands(machine, atom.key, place, scope, state, level)
    stored = machine.read((atom.key, "forward"), state, scope.activation)
    if isinstance(stored, Value):
        return call_targets(machine, stored.atoms, arguments, place, scope, state, level)
    return library.call_instance(machine, atom, order, arguments, place, scope, state, level)


# -- project functions ---------------------------------------------------------------------------------------------


def call_code(
    machine: Machine, target: Code, arguments: Arguments, place: Place, scope: Scope, state: State, level: int
) -> Value | None:
    """Call a function of the project; None if it never comes back."""
    function = target.function
    parameters = bind(machine, target, arguments, place, scope, state)
    if function.generator:
        return of(Lazy(target, tuple(sorted(parameters.items())), None, is_manager(function)))
    return invoke(machine, target, parameters, place, scope, state, level)


def is_manager(function: code.Function) -> bool:
    """Whether the function is decorated as a context manager."""
    return any("contextmanager" in repr(decorator) for decorator in function.decorators)


def bind(machine: Machine, target: Code, arguments: Arguments, place: Place, scope: Scope, state: State) -> dict[str, Value]:
    """Parameters → values."""
    bound: dict[str, Value] = {}
    positional = list(arguments.positional)
    keywords = dict(arguments.keywords)
    for parameter in target.function.parameters:
        name = parameter.name
        if parameter.kind == "var_positional":
            rest = positional if arguments.rest is None else []
            bound[name] = of(Sequence(tuple(rest))) if arguments.rest is None else of(Many(join(arguments.rest, *positional)))
            positional = []
        elif parameter.kind == "var_keyword":
            bound[name] = _keyword_record(keywords, arguments, place, target, state)
            keywords = {}
        elif parameter.kind != "keyword" and positional:
            bound[name] = positional.pop(0)
        elif name in keywords and parameter.kind != "positional_only":
            bound[name] = keywords.pop(name)
        elif arguments.rest is not None and parameter.kind != "keyword":
            bound[name] = arguments.rest
        elif parameter.default is not None:
            bound[name] = default_value(machine, target, parameter, scope, state)
            if arguments.extra:
                bound[name] = overridable(bound[name], (name,))
        else:
            bound[name] = TOP
        if parameter.annotation is not None and bound[name] == TOP:
            bound[name] = _annotated(machine, target, parameter.annotation, scope, state)
    return bound


def _annotated(machine: Machine, target: Code, annotation: code.Expr, scope: Scope, state: State) -> Value:
    """What an unknown argument is by its annotation: the instance of a project class that this run made, else one that somebody else made.

    Of a class that others derive from, nobody knows which of them it is.
    """
    if not isinstance(annotation, code.Name | code.Attr):
        return TOP
    kind = machine.static_expression(target.path, annotation, state, scope.activation)
    only = single(kind)
    if not isinstance(only, ClassRef):
        return TOP
    made = machine.instance(only.key, state, scope.activation)
    if made is None and only.key in machine.classes and machine.classes[only.key].node.name not in machine.leads.bases:
        made = Object(f"{FOREIGN}{only.key}", only.key)
    return of(made) if made is not None else TOP


def _keyword_record(keywords: dict[str, Value], arguments: Arguments, place: Place, target: Code, state: State) -> Value:
    key = f"{place.path}:{place.site}>{target.path}:{target.function.site}**"
    for name, value in keywords.items():
        state.writes[key, f"k:{name}"] = value
    state.writes[key, "#keys"] = tuple(keywords)
    if arguments.extra:
        state.writes[key, "[]"] = TOP
    return of(Object(key, "dict"))


def default_value(machine: Machine, target: Code, parameter: code.Parameter, scope: Scope, state: State) -> Value:
    """What a parameter is worth when it is left out."""
    default = parameter.default
    if isinstance(default, code.Const):
        return const(default.value)
    stored = machine.read((f"{target.path}:{target.function.site}", f"={parameter.name}"), state, scope.activation)
    if isinstance(stored, Value):
        return stored
    return machine.static_expression(target.path, default, state, scope.activation) if default is not None else TOP


def keep_defaults(machine: Machine, function: code.Function, scope: Scope, state: State) -> None:
    """Evaluate the defaults of a definition, which Python does once."""
    for parameter in function.parameters:
        if parameter.default is not None and not isinstance(parameter.default, code.Const):
            value = evaluate(machine, parameter.default, scope, state)
            state.writes[f"{scope.path}:{function.site}", f"={parameter.name}"] = value


def invoke(
    machine: Machine, target: Code, parameters: dict[str, Value], place: Place, scope: Scope, state: State, level: int
) -> Value | None:
    """Run a function, or do again what it did when it last looked at the same things."""
    key: tuple[Any, ...] = (target.path, target.function.site, scope.worker, min(scope.loops, 2), target.scopes)
    for number in range(MAX_NESTED):
        if not _asks_something_else(machine.active.get(key), parameters) and not _makes_another(target, machine.active.get(key), parameters):
            break
        key = (*key[:5], number)
    for running in (key, (*key, "general")):
        if running in machine.active:
            return _again(machine, running, place, scope, state, level)
    if scope.depth > machine.frames:
        return Value((Top(held(parameters.values())),))
    summary = _result(machine, target, parameters, place, scope, state, key)
    machine.replay(summary, place, scope, state, level)
    return summary.value if summary.completes else None


def _asks_something_else(running: dict[str, Value] | None, parameters: dict[str, Value]) -> bool:
    """Whether a function that is being evaluated is called for another name: `build("optimizer")` that calls `build("model")`."""
    return running is not None and any(text_of(value) not in {None, text_of(running.get(name, NOWHERE))} for name, value in parameters.items())


def _makes_another(target: Code, running: dict[str, Value] | None, parameters: dict[str, Value]) -> bool:
    """Whether an instance is made while another of its class is: a configuration inside a configuration."""
    first = target.function.parameters[0].name if target.function.name == "__init__" and target.function.parameters else ""
    return running is not None and first in parameters and running.get(first) != parameters[first]


def _result(machine: Machine, target: Code, parameters: dict[str, Value], place: Place, scope: Scope, state: State, key: tuple[Any, ...]) -> Summary:
    """What the call does: as another of this run did, or of an earlier run, or found out now."""
    used = machine.used.setdefault(key, [])
    if machine.ledger is None:
        for summary in used:
            if machine.holds(summary, parameters, state, scope.activation):
                return summary
    if len(used) + machine.evaluated[key] >= machine.results_of(target.function):
        return _general(machine, target, parameters, place, scope, state, key)
    found = machine.remembered(key, parameters, state, scope.activation) if machine.ledger is None else None
    if found is None:
        found = _settled(machine, target, parameters, place, scope, state, key)
        if found not in used:
            machine.evaluated[key] += 1
    elif found in machine.memo.get(key, ()):
        used.append(found)
    return found


def _again(machine: Machine, key: tuple[Any, ...], place: Place, scope: Scope, state: State, level: int) -> Value | None:
    """A call of a function that is still being evaluated does what is known of it so far: at first, no path."""
    scope.activation.pending.add(key)
    machine.recursive.add(key)
    summary = machine.provisional.get(key)
    if summary is None:
        return None
    machine.replay(summary, place, scope, state, level)
    return summary.value if summary.completes else None


def _settled(machine: Machine, target: Code, parameters: dict[str, Value], place: Place, scope: Scope, state: State, key: tuple[Any, ...]) -> Summary:
    """Evaluate a function until what it does no longer depends on what was assumed of its own calls."""
    settled = len(machine.memo.get(key, ())), len(machine.used.get(key, ()))
    summary = _run(machine, target, parameters, place, scope, state, key)
    if key in machine.recursive and not summary.completes:
        # What ends the recursion depends on arguments that change from call to call.
        parameters = _loose(target, parameters)
        machine.recursive.discard(key)
        _forget(machine, key, settled)
        summary = _run(machine, target, parameters, place, scope, state, key)
    for _ in range(MAX_ROUNDS):
        if key not in machine.recursive or (summary.completes and not summary.words):
            break
        known = summary if summary.completes else Summary((), {}, {}, {}, TOP, {}, completes=True, ended=False, ends={})
        machine.provisional[key] = known
        machine.recursive.discard(key)
        _forget(machine, key, settled)
        summary = _run(machine, target, parameters, place, scope, state, key)
        if summary.words == known.words and summary.completes:
            break
    machine.recursive.discard(key)
    machine.provisional.pop(key, None)
    return summary


def _forget(machine: Machine, key: tuple[Any, ...], settled: tuple[int, int]) -> None:
    """Drop results that rest on what was merely assumed of a recursive call."""
    del machine.memo.get(key, [])[settled[0] :]
    del machine.used.get(key, [])[settled[1] :]


def _general(machine: Machine, target: Code, parameters: dict[str, Value], place: Place, scope: Scope, state: State, key: tuple[Any, ...]) -> Summary:
    """Past the cap, one evaluation with unknown parameters stands for all further calls."""
    known = machine.general.setdefault(key, [])
    loose = _loose(target, parameters)
    for summary in known:
        if machine.holds(summary, loose, state, scope.activation):
            return summary
    if len(known) < MAX_GENERAL:
        wide = (*key, "general")
        found = machine.remembered(wide, loose, state, scope.activation) if machine.ledger is None else None
        known.append(found or _run(machine, target, loose, place, scope, state, wide))
    return known[-1]


def _loose(target: Code, parameters: dict[str, Value]) -> dict[str, Value]:
    """Parameters of which only the receiver, and what can be called, is known."""
    first = target.function.parameters[0].name if target.owner and target.function.parameters else ""
    return {name: value if name == first else Value((Top(held([value])),)) for name, value in parameters.items()}


def _run(machine: Machine, target: Code, parameters: dict[str, Value], place: Place, scope: Scope, state: State, key: tuple[Any, ...]) -> Summary:
    from reprolint.flow.statements import execute

    activation = Activation(scope.activation, state, parameters)
    inner = function_scope(machine, target, parameters, activation, scope, place)
    before = len(machine.ledger) if machine.ledger is not None else 0
    machine.active[key] = parameters
    try:
        start = State()
        _capture(inner, parameters, start)
        exits = execute(machine, target.function.body, inner, start)
    finally:
        del machine.active[key]
    if machine.ledger is not None:
        machine.ledger[before:] = [(kind, stream, witness.under(place, CERTAIN)) for kind, stream, witness in machine.ledger[before:]]
    summary = summarise(machine, exits, activation, inner)
    pass_on(activation, scope.activation)
    memorise(machine, key, summary, activation, scope)
    return summary


def pass_on(activation: Activation, caller: Activation) -> None:
    """What was asked of the world by a callee was asked by its caller."""
    for location, found in activation.reads.items():
        if location[0] in {"world", "assumed", "opens"}:
            caller.reads.setdefault(location, found)


def memorise(machine: Machine, key: tuple[Any, ...], summary: Summary, activation: Activation, scope: Scope) -> None:
    pending = activation.pending - {key}
    if pending:
        scope.activation.pending |= pending
        guesses = [guess for guess in machine.tentative.get(key, ()) if machine.stands(guess[1])]
        guesses.append((summary, {running: machine.provisional.get(running) for running in pending}))
        machine.tentative[key] = guesses
        return
    machine.used.setdefault(key, []).append(summary)
    known = machine.memo.setdefault(key, [])
    if len(known) < MAX_KEPT:
        known.append(summary)


def function_scope(machine: Machine, target: Code, parameters: dict[str, Value], activation: Activation, caller: Scope, place: Place) -> Scope:
    """The scope of a function's body; what it shares with the functions inside it is its own at each place of a call."""
    function = target.function
    captured = captured_by(function)
    cell = f"{target.path}:{function.site}@{place.path}:{place.site}/" if captured else ""
    if captured:
        machine.cells[cell] = captured
    return Scope(
        path=target.path, key=machine.fresh_key(), activation=activation, function=function, scopes=target.scopes,
        cell=cell, captured=captured, parameters=parameters,
        owner=target.owner, depth=caller.depth + 1, loops=caller.loops, worker=caller.worker,
    )  # fmt: skip


def _capture(scope: Scope, parameters: dict[str, Value], state: State) -> None:
    for name in sorted(scope.captured):
        if name in parameters:
            if scope.parameters is scope.activation.parameters:
                scope.activation.reads["parameter", name] = parameters[name]
            state.writes[scope.cell, name] = parameters[name]


def summarise(machine: Machine, exits: Exits, activation: Activation, scope: Scope) -> Summary:
    """What a finished evaluation did, without its own variables."""
    value = NOWHERE
    if exits.fall is not None:
        value = NONE
    if exits.value is not None:
        value = join(exits.value, NONE) if exits.fall is not None else exits.value
    done = machine.join_states([exits.fall, exits.returned], activation)
    final = done or exits.ended or exits.raised or State()
    return Summary(
        reads=_outside(activation.reads),
        words=final.words,
        firsts=final.firsts,
        writes={location: found for location, found in final.writes.items() if type(location[0]) is not int},
        value=value,
        events=activation.events,
        completes=done is not None,
        ended=exits.ended is not None,
        ends=exits.ended.words if exits.ended is not None else {},
        overwritten=final.overwritten,
        told=final.told,
    )


def _outside(reads: dict[Location, Any]) -> tuple[tuple[Location, Any], ...]:
    """What was looked at outside the function; parameters, which differ most often and are compared fastest, come first."""
    own = [item for item in reads.items() if item[0][0] == "parameter"]
    rest = [item for item in reads.items() if type(item[0][0]) is not int and item[0][0] != "parameter"]
    return (*own, *rest)


# -- generators ----------------------------------------------------------------------------------------------------


def run_lazy(
    machine: Machine, lazy: Lazy, scope: Scope, state: State, hook: Callable[[Value, State], State | None], place: Place
) -> State | None:
    """Run a generator's body in the consumer's own state, with `hook` at every yield."""
    from reprolint.flow.statements import execute

    key = (lazy.code.path, lazy.code.function.site, "lazy")
    if key in machine.active or scope.depth > machine.frames:
        return hook(TOP, state) if lazy.manager else state  # what stands in the `with` runs all the same
    parameters = dict(lazy.parameters)
    inner = function_scope(machine, lazy.code, parameters, scope.activation, scope, place)
    inner.parameters = dict(parameters)
    inner.hook = hook
    _capture(inner, parameters, state)
    machine.active[key] = {}
    try:
        exits = execute(machine, lazy.code.function.body, inner, state)
    finally:
        del machine.active[key]
    done = machine.join_states([exits.fall, exits.returned], scope.activation)
    if done is not None:
        for location in [found for found in done.writes if found[0] == inner.key]:
            del done.writes[location]
    return done


def drain(machine: Machine, lazy: Lazy, scope: Scope, state: State, place: Place) -> Value:
    """Consume a generator to its end; what it yielded, as a sequence."""
    yielded: list[Value] = []

    def on_yield(value: Value, current: State) -> State:
        yielded.append(value)
        return current

    after = run_lazy(machine, lazy, scope, state, on_yield, place)
    if after is not None and after is not state:
        state.become(after)
    taints = taint.gathered((found for value in yielded for found in taint.deep(machine, value, scope, state)), scope.loops)
    return Value((Many(join(*yielded)),), taints) if yielded else of(Many(NOWHERE))


# -- decorators and commands ---------------------------------------------------------------------------------------


def decorate(machine: Machine, decorator: Value, value: Value, place: Place, scope: Scope, state: State) -> Value:
    """`decorator(value)` for a definition."""
    atom = decorator.atoms[0] if len(decorator.atoms) == 1 else None
    if atom is not None and contexts.decorates(machine, atom):
        return contexts.wrapped(atom, value)
    if isinstance(atom, Code | Bound | Partial | ClassRef):
        result = call_atom(machine, atom, Arguments([value]), place, scope, state, CERTAIN).value
        useful = result is not None and any(isinstance(found, Code | ClassRef | Bound | Partial | Object) for found in result.atoms)
        return result if useful and result is not None else value
    if isinstance(atom, Object) and atom.type in machine.classes:
        result = call_atom(machine, atom, Arguments([value]), place, scope, state, CERTAIN).value
        return result if result is not None and result.atoms and not isinstance(result.atoms[0], Top) else value
    return commands.decorated(machine, atom, value, place, scope, state)


def call_command(
    machine: Machine, atom: Partial, arguments: Arguments, place: Place, scope: Scope, state: State, level: int
) -> Value | None:
    """Run a command: its parameters come from the user."""
    keywords = {name: value for name, value in atom.keywords if not name.startswith("#")}
    after: list[State | None] = []
    result: Value | None = None
    for target in atom.target.atoms:
        owner = _command_function(machine, target)
        passed = Arguments(list(arguments.positional), dict(arguments.keywords))
        if owner is not None:
            for parameter in owner.function.parameters[len(arguments.positional) + (not isinstance(target, Code)) :]:
                if parameter.name not in passed.keywords and parameter.kind not in {"var_positional", "var_keyword"}:
                    passed.keywords[parameter.name] = command_parameter(machine, owner, parameter, keywords, scope, state)
        outcome = call_atom(machine, target, passed, place, scope, state, level)
        result = outcome.value if result is None else result
        after.append(state)
    if result is not None or not atom.target.atoms:
        run_commands(machine, group_key(atom), place, scope, state, level)
    return result if result is not None else (NOWHERE if not atom.target.atoms else None)


def _command_function(machine: Machine, target: Atom) -> Code | None:
    """The function whose parameters the user gives: a command's own, or that which makes an instance."""
    if isinstance(target, Bound):
        return target.target if isinstance(target.target, Code) else None
    if isinstance(target, ClassRef):
        found = machine.find_method(machine.order(target.key), "__init__")
        return Code(found[1], found[0].path, found[0].scopes, found[0].key) if found is not None else None
    return target if isinstance(target, Code) else None


def group_key(atom: Partial) -> str:
    """What tells one group of commands from another: the function that it decorates."""
    target = next((found for found in atom.target.atoms if isinstance(found, Code)), None)
    return f"group:{target.path}:{target.function.site}" if target is not None else ""


def run_commands(machine: Machine, key: str, place: Place, scope: Scope, state: State, level: int) -> None:
    """A group runs one of its commands: each is a path of its own."""
    commands = machine.read((key, "#commands"), state, scope.activation) if key else MISSING
    if isinstance(commands, tuple):
        run_one_of(machine, commands, place, scope, state, level)


def run_one_of(
    machine: Machine, commands: tuple[Value, ...], place: Place, scope: Scope, state: State, level: int, passed: tuple[Value, ...] = ()
) -> None:
    """Run commands from the same state: the user chooses one."""
    if len(commands) == 1:
        if call_targets(machine, commands[0].atoms, Arguments(list(passed)), place, scope, state, level).value is None:
            state.writes["process", "refused"] = TOP
        return
    trials = [state.copy() for _ in commands]
    for command, trial in zip(commands, trials, strict=True):
        call_targets(machine, command.atoms, Arguments(list(passed)), place, scope, trial, level)
    joined = machine.join_states([*trials], scope.activation)  # a command that does not come back ends the run: it counts
    if joined is not None:
        state.become(joined)


def command_parameter(
    machine: Machine, target: Code, parameter: code.Parameter, options: dict[str, Value], scope: Scope, state: State
) -> Value:
    """What a command's parameter holds by default: overridable by the option of its name."""
    if parameter.name in options:
        return willing(machine, parameter.name, options[parameter.name], scope)
    via = (f"--{parameter.name.replace('_', '-')}",)
    if parameter.default is None:
        return of(Object("config:" + parameter.name, "config")) if parameter.name in {"cfg", "config", "conf", "args"} else of(Given(via))
    value = default_value(machine, target, parameter, scope, state)
    value = commands.option_default(machine, value, parameter.name, scope, state)
    return willing(machine, parameter.name, overridable(value, via), scope)


def overridable(value: Value, via: tuple[str, ...]) -> Value:
    """The same default, known to depend on an option."""
    atoms = tuple(Const(atom.kind, atom.value, unite(atom.via, via)) if isinstance(atom, Const) else atom for atom in value.atoms)
    return Value(atoms, value.taints)


def willing(machine: Machine, name: str, value: Value, scope: Scope) -> Value:
    """In the willing world an unset seed option is given."""
    if not seed_like(name) or machine.opens(SEEDS, scope) != "willing":
        return value
    atoms = tuple(
        Given(atom.via) if isinstance(atom, Const) and (atom.value is None or atom.value is False or atom.value in (-1, 0)) else atom
        for atom in value.atoms
    )
    return Value(atoms, value.taints)
