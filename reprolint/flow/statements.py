"""Blocks → exits: statements in execution order, under a world."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reprolint.flow import calls, contexts, iteration, lookups, modules, parameters, taint
from reprolint.flow.conditions import Decision, asked, decide, refine
from reprolint.flow.definitions import target_names
from reprolint.flow.effect import NOTHING, finals
from reprolint.flow.expressions import Round, assign, assign_name, element_of, elements_of, evaluate, rounds_of
from reprolint.flow.leads import Lead
from reprolint.flow.state import CERTAIN, LIKELY, Exits, Scope, State, dump
from reprolint.flow.values import (
    NOWHERE,
    TOP,
    ClassRef,
    Code,
    Const,
    Given,
    Lazy,
    Object,
    Sequence,
    Value,
    const,
    join,
    of,
    via_of,
    with_taints,
)
from reprolint.model import code
from reprolint.model.span import Place
from reprolint.model.walk import inner_blocks, statements
from reprolint.project.entries import is_main_guard

if TYPE_CHECKING:
    from collections.abc import Callable

    from reprolint.flow.machine import Machine

MAX_ROUNDS: Final = 3
MAX_HOPS: Final = 5


def execute(machine: Machine, block: code.Block, scope: Scope, state: State) -> Exits:
    """Run a block; the given state is used up."""
    exits = Exits()
    current: State | None = state
    for statement in block:
        machine.visit()
        scope.site = getattr(statement, "site", scope.site)
        current = _EXECUTE[type(statement)](machine, statement, scope, current, exits)
        if current is None:
            return exits
    exits.fall = current
    return exits


def absorb(machine: Machine, exits: Exits, inner: Exits, scope: Scope, *, loops: bool = True) -> None:
    """Add the ways out of an inner block to those of the outer one."""
    activation = scope.activation
    if inner.returned is not None:
        exits.returned = machine.join_states([exits.returned, inner.returned], activation)
        exits.value = inner.value if exits.value is None else join(exits.value, inner.value or NOWHERE)
    exits.raised = machine.join_states([exits.raised, inner.raised], activation)
    exits.ended = machine.join_states([exits.ended, inner.ended], activation)
    if loops:
        exits.broke = machine.join_states([exits.broke, inner.broke], activation)
        exits.continued = machine.join_states([exits.continued, inner.continued], activation)


def _call(machine: Machine, item: code.Call, scope: Scope, state: State, exits: Exits) -> State | None:
    place = Place(scope.path, item.site)
    outcome = calls.call(machine, item, scope, state, place)
    if outcome.ended:
        exits.ended = machine.join_states([exits.ended, state.copy()], scope.activation)
    if outcome.value is None:
        if not outcome.ended:
            exits.raised = machine.join_states([exits.raised, state], scope.activation)
        return None
    scope.results[item.number] = outcome.value
    scope.called[item.number] = item
    return state


def _bind(machine: Machine, item: code.Bind, scope: Scope, state: State, exits: Exits) -> State | None:
    place = Place(scope.path, item.site)
    if item.value is None:
        if scope.body_class and isinstance(item.target, code.Name) and item.annotation is not None:
            _annotate(scope, state, item)
        return state
    value = evaluate(machine, item.value, scope, state)
    if scope.loops and value.taints:
        taint.arrive(machine, taint.recurring(machine, item, value.taints, scope, state), "training", place, scope, state, LIKELY)
    if item.augmented:
        value = _augment(machine, item, value, scope, state)
    assign(machine, item.target, value, scope, state, place)
    if scope.body_class and item.annotation is not None:
        _annotate(scope, state, item)
    return state


def _annotate(scope: Scope, state: State, item: code.Bind) -> None:
    """Remember the order of a class body's annotated fields: dataclasses need it."""
    if isinstance(item.target, code.Name):
        fields = state.writes.get((scope.key, "#fields"), ())
        state.writes[scope.key, "#fields"] = tuple(dict.fromkeys((*fields, item.target.id)))


def _augment(machine: Machine, item: code.Bind, value: Value, scope: Scope, state: State) -> Value:
    """`xs += ys` keeps the list it was."""
    assert isinstance(item.value, code.Fold)
    left = evaluate(machine, item.value.operands[0], scope, state)
    atom = left.atoms[0] if len(left.atoms) == 1 else None
    if isinstance(atom, Object) and atom.type == "list" and item.value.op == "+":
        right = elements_of(machine, evaluate(machine, item.value.operands[1], scope, state), scope, state)
        iteration.extend(machine, atom, right, scope, state)
        return left
    return value


def _evaluate(machine: Machine, item: code.Evaluate, scope: Scope, state: State, exits: Exits) -> State | None:
    evaluate(machine, item.value, scope, state)
    return state


def _import(machine: Machine, item: code.Import, scope: Scope, state: State, exits: Exits) -> State | None:
    base = machine.target_module(scope.path, item)
    place = Place(scope.path, item.site)
    if base is not None:
        for path in _import_chain(machine, base, item):
            if not modules.run_module(machine, path, place, scope, state):
                exits.raised = machine.join_states([exits.raised, state.copy()], scope.activation)
        _import_lazily(machine, base, item.name or "", place, scope, state)
    if item.name == "*":
        return state
    if scope.function is not None or scope.body_class or item.bound not in machine.static(scope.path):
        value, _ = machine.imported_value(scope.path, item, state, scope.activation)
        assign_name(machine, item.bound, value, scope, state)
    return state


def _import_lazily(machine: Machine, path: str, name: str, place: Place, scope: Scope, state: State) -> None:
    """A package that imports its parts when they are asked for tells type checkers alone where they are."""
    for _ in range(MAX_HOPS):
        binding = machine.static(path).get(name)
        target = machine.target_module(path, binding) if isinstance(binding, code.Import) and binding.name else None
        if target is None or target not in machine.project.modules or not isinstance(binding, code.Import):
            return
        modules.run_module(machine, target, place, scope, state)
        path, name = target, binding.name or ""


def _import_chain(machine: Machine, base: str, item: code.Import) -> list[str]:
    """Parent packages first, then the module, then the submodule that a `from` import names."""
    chain: list[str] = []
    parts = base.split("/")
    for depth in range(1, len(parts)):
        package = "/".join((*parts[:depth], "__init__.py"))
        if package in machine.project.modules and item.level == 0:
            chain.append(package)
    if base in machine.project.modules:
        chain.append(base)
    if item.name and item.name != "*" and (base.endswith(("/", "__init__.py"))):
        inner = machine.project.submodule(base, item.name)
        if inner is not None and inner in machine.project.modules and not machine.defines(base, item.name):
            chain.append(inner)
    return list(dict.fromkeys(chain))


# -- branches ------------------------------------------------------------------------------------------------------


def _branch(machine: Machine, item: code.Branch, scope: Scope, state: State, exits: Exits) -> State | None:
    if item.kind == "assert":
        refine(machine, item.test, True, scope, state)  # noqa: FBT003
        return state
    decision = _decision(machine, item, scope, state)
    opened = machine.opens(_lead(machine, item, scope), scope) if decision.via else ""
    if decision.outcome is not None and not opened:
        return _arm(machine, item, bool(decision.outcome), scope, state, exits)
    if opened == "willing":
        return _willing(machine, item, decision, scope, state, exits)
    return _both(machine, item, decision, scope, state, exits)


def _lead(machine: Machine, item: code.Branch, scope: Scope) -> Lead:
    """Where the arms lead; one that leaves keeps from what comes after."""
    lead = machine.leads.of_item(item, scope.path)
    if scope.function is not None and (_leaves(item.body) or _leaves(item.orelse)):
        lead |= machine.leads.of_function(scope.function, scope.path)
    return lead


def _leaves(arm: code.Block) -> bool:
    return bool(arm) and isinstance(arm[-1], code.Return)


def _decision(machine: Machine, item: code.Branch, scope: Scope, state: State) -> Decision:
    if is_main_guard(item.test):
        return Decision(machine.read(("main", scope.path), state, scope.activation) is True)
    if isinstance(item.test, code.Name | code.Attr) and "TYPE_CHECKING" in dump(item.test):
        return Decision(False)  # noqa: FBT003
    return decide(machine, item.test, scope, state)


def _arm(machine: Machine, item: code.Branch, outcome: bool, scope: Scope, state: State, exits: Exits) -> State | None:  # noqa: FBT001
    refine(machine, item.test, outcome, scope, state)
    replaced = state.writes.get(("process", "replaced"))
    inner = execute(machine, item.body if outcome else item.orelse, scope, state)
    absorb(machine, exits, inner, scope)
    if inner.fall is not None and inner.fall.writes.get(("process", "replaced")) is not replaced:
        # What started again takes the other arm.
        again = execute(machine, item.orelse if outcome else item.body, scope, inner.fall)
        absorb(machine, exits, again, scope)
        return again.fall
    return inner.fall


def _arms(machine: Machine, item: code.Branch, scope: Scope, state: State, single: frozenset[Place] = frozenset()) -> tuple[Exits, Exits]:
    """Both arms; the first is taken for one element alone of the orders in `single`."""
    other = state.copy()
    refine(machine, item.test, True, scope, state)  # noqa: FBT003
    if single:
        taint.set_apart(single, state)
    then = execute(machine, item.body, scope, state)
    if single:
        taint.settle(machine, single, then, other, scope)
    refine(machine, item.test, False, scope, other)  # noqa: FBT003
    return then, execute(machine, item.orelse, scope, other)


def _both(machine: Machine, item: code.Branch, decision: Decision, scope: Scope, state: State, exits: Exits) -> State | None:
    key, contrary = asked(item.test, scope)
    assumed = machine.assumed(key, scope)
    if assumed is not None:
        return _arm(machine, item, assumed != contrary, scope, state, exits)
    before = dict(state.words)
    value = evaluate(machine, item.test, scope, state)
    deciding = taint.deciding(value.taints)
    if deciding:
        taint.split_by(machine, item, deciding, scope, state)
    then, other = _arms(machine, item, scope, state, taint.singled_out(machine, item, scope, state))
    for arm in (then, other) if deciding else ():
        arm.value = with_taints(arm.value, deciding) if arm.value is not None else None
    if decision.via:
        machine.event("draw-guard", Place(scope.path, item.site), scope, _turned(then.fall, other.fall), *decision.via)
    seeds = (_seeds(then.fall, before), _seeds(other.fall, before))
    machine.event("undecided", Place(scope.path, item.site), scope, key, seeds[0] != seeds[1])
    absorb(machine, exits, then, scope)
    absorb(machine, exits, other, scope)
    if not decision.via and seeds[0] != seeds[1]:
        machine.event("open-guard", Place(scope.path, item.site), scope)
    return machine.join_states([then.fall, other.fall], scope.activation)


def _seeds(state: State | None, before: dict[str, int], wanted: frozenset[str] = frozenset()) -> frozenset[str]:
    """The streams that an arm leaves fixed on every path and that were not before."""
    if state is None:
        return frozenset()
    return frozenset(
        stream
        for stream, words in state.words.items()
        if finals(words) == 2 and finals(before.get(stream, NOTHING)) != 2 and (not wanted or stream in wanted)  # noqa: PLR2004
    )


def _turned(then: State | None, other: State | None) -> tuple[str, ...]:
    """The streams with which the arms do different things."""
    one, two = (arm.words if arm is not None else {} for arm in (then, other))
    return tuple(sorted(stream for stream in {*one, *two} if one.get(stream, NOTHING) != two.get(stream, NOTHING)))


def _willing(machine: Machine, item: code.Branch, decision: Decision, scope: Scope, state: State, exits: Exits) -> State | None:
    """Take the arm that seeds; note the test if it had to be turned."""
    before = dict(state.words)
    then, other = _arms(machine, item, scope, state)
    wanted = machine.wanted(scope)
    gains = (_seeds(then.fall or then.returned, before, wanted), _seeds(other.fall or other.returned, before, wanted))
    chosen = True if gains[0] - gains[1] else False if gains[1] - gains[0] else decision.outcome
    left, stayed = (then, other) if chosen else (other, then)
    if chosen is not None and gains[0] == gains[1] and left.fall is None and stayed.fall is not None and _seeds_later(machine, wanted, scope, stayed.fall):
        chosen = not chosen
        machine.event("guard", Place(scope.path, item.site), scope, *decision.via)
    if chosen is None:
        absorb(machine, exits, then, scope)
        absorb(machine, exits, other, scope)
        return machine.join_states([then.fall, other.fall], scope.activation)
    if gains[0] != gains[1]:
        machine.event("guard", Place(scope.path, item.site), scope, *decision.via)
    inner = then if chosen else other
    absorb(machine, exits, inner, scope)
    return inner.fall


def _seeds_later(machine: Machine, wanted: frozenset[str], scope: Scope, state: State) -> bool:
    """Whether the function says names that lead to a seed which is still wanted."""
    if scope.function is None:
        return False
    seeds = machine.leads.of_function(scope.function, scope.path).seeds
    return any(stream.rpartition(":")[2] in seeds and finals(state.words.get(stream, NOTHING)) != 2 for stream in wanted)  # noqa: PLR2004


# -- loops ---------------------------------------------------------------------------------------------------------


def _loop(machine: Machine, item: code.Loop, scope: Scope, state: State, exits: Exits) -> State | None:
    before = taint.feed(state)
    scope.loops += 1
    try:
        after = _run_loop(machine, item, scope, state, exits)
    finally:
        scope.loops -= 1
    if after is not None:
        taint.eaten(before, after)
        parameters.each_filled(machine, item, scope, after)
    return after


def _run_loop(machine: Machine, item: code.Loop, scope: Scope, state: State, exits: Exits) -> State | None:
    place = Place(scope.path, item.site)
    leaving = Exits()
    if item.iterable is None:
        after = _while(machine, item, scope, state, exits, leaving)
    else:
        after = _for(machine, item, scope, state, exits, leaving, place)
    if after is not None and item.orelse:
        inner = execute(machine, item.orelse, scope, after)
        absorb(machine, exits, inner, scope)
        after = inner.fall
    return machine.join_states([leaving.broke, after], scope.activation)


def _counted(machine: Machine, block: code.Block, scope: Scope, state: State, place: Place) -> None:
    """What a loop counts up or down holds, from round to round, more than it begins with."""
    for item in block:
        if isinstance(item, code.Bind) and isinstance(item.value, code.Fold) and item.value.op in _COUNTS:
            if item.augmented or item.target in item.value.operands:
                before = evaluate(machine, item.target, scope, state)
                if before.atoms and all(isinstance(atom, Const) and isinstance(atom.value, int | float) for atom in before.atoms):
                    assign(machine, item.target, join(before, of(Given(via_of(before)))), scope, state, place)
        for inner in inner_blocks(item):
            _counted(machine, inner, scope, state, place)


_COUNTS: Final = frozenset({"+", "-", "*", "/", "//"})


def _while(machine: Machine, item: code.Loop, scope: Scope, state: State, exits: Exits, leaving: Exits) -> State | None:
    head = execute(machine, item.head, scope, state)
    if head.fall is None:
        absorb(machine, exits, head, scope)
        return None
    state = head.fall
    decision = decide(machine, item.test, scope, state) if item.test is not None else Decision(None)
    if decision.outcome is False and not decision.via:
        return state
    _counted(machine, (*item.head, *item.body), scope, state, Place(scope.path, item.site))
    endless = decision.outcome is True and not decision.via and isinstance(item.test, code.Const)

    def body(current: State) -> State | None:
        return _round(machine, item, scope, current, exits, leaving)

    spare = _spare(item, state) if not endless else None
    after = _repeat(machine, body, state, scope) or (spare if leaving.broke is None else None)
    if endless and after is not None and leaving.broke is None:
        exits.ended = machine.join_states([exits.ended, after], scope.activation)  # until somebody stops it
    return None if endless else after


def _spare(item: code.Loop, state: State) -> State | None:
    """The state before a loop whose every round may be an abort: a run that goes on has no rounds."""
    last = item.body[-1] if item.body else None
    return state.copy() if isinstance(last, code.Raise) or (isinstance(last, code.Call) and last.loose) else None


def _round(machine: Machine, item: code.Loop, scope: Scope, state: State, exits: Exits, leaving: Exits) -> State | None:
    """One round of the body; breaks are collected, a continue falls through."""
    inner = execute(machine, item.body, scope, state)
    absorb(machine, exits, inner, scope, loops=False)
    leaving.broke = machine.join_states([leaving.broke, inner.broke], scope.activation)
    return machine.join_states([inner.fall, inner.continued], scope.activation)


def _repeat(machine: Machine, body: Callable[[State], State | None], state: State, scope: Scope) -> State | None:
    """The state after one round or more."""
    words = dict(state.words)
    after = body(state)
    if after is None or after.words == words:
        return after
    result: State | None = after.copy()
    for _ in range(MAX_ROUNDS - 1):
        if result is None:
            break
        before = dict(result.words)
        after = body(after.copy())
        result = machine.join_states([result, after], scope.activation)
        if result is None or result.words == before:
            break
        after = result.copy()
    return result


def _for(
    machine: Machine, item: code.Loop, scope: Scope, state: State, exits: Exits, leaving: Exits, place: Place
) -> State | None:
    assert item.iterable is not None
    iterable = evaluate(machine, item.iterable, scope, state)
    lazy = iterable.atoms[0] if len(iterable.atoms) == 1 else None
    if isinstance(lazy, Lazy):
        return _for_lazy(machine, item, lazy, scope, state, exits, leaving, place)
    elements = iteration.iterate(machine, iterable, scope, state, place)
    if elements is None:
        return state
    orders = taint.orders(elements.taints)
    if item.kind == "comprehension":  # the same list may have been put in order since the last one went through it
        state.writes[scope.key, f"#orders:{dump(item.iterable)}"] = Value((), orders)
    known = elements.atoms[0] if len(elements.atoms) == 1 else None
    if isinstance(known, Sequence) and not known.elements and item.kind != "comprehension":
        return state
    if isinstance(known, Sequence) and item.kind != "comprehension" and iteration.unrolls(machine, known):
        return _unrolled(machine, item, known, scope, state, exits, leaving, place)
    if item.kind == "comprehension":
        state.writes.pop(rounds_of(item.iterable, scope), None)
        if isinstance(known, Sequence) and _gathers(machine, item, elements, known):
            after = _gathered(machine, item, known, scope, state.copy(), exits, leaving, place)
            if after is not None:
                return after
    element = element_of(elements)
    element = with_taints(Value(element.atoms, taint.in_round(element.taints, scope.loops)), taint.in_round(elements.taints, scope.loops))
    known_before = taint.watch(state) if orders else {}
    spare = _spare(item, state)
    if item.kind != "comprehension":
        _counted(machine, item.body, scope, state, place)

    def body(current: State) -> State | None:
        if item.target is not None:
            assign(machine, item.target, element, scope, current, place)
        return _round(machine, item, scope, current, exits, leaving)

    after = _repeat(machine, body, state, scope) or (spare if leaving.broke is None else None)
    if orders and after is not None:
        taint.watched(machine, orders, known_before, place, scope, after)
    return after


def _unrolled(
    machine: Machine, item: code.Loop, known: Sequence, scope: Scope, state: State, exits: Exits, leaving: Exits,
    place: Place,
) -> State | None:  # fmt: skip
    current: State | None = state
    scope.loops -= 1  # rounds that are taken one by one are no loop
    try:
        for element in known.elements:
            if current is None:
                return None
            if item.target is not None:
                assign(machine, item.target, element, scope, current, place)
            current = _round(machine, item, scope, current, exits, leaving)
    finally:
        scope.loops += 1
    return current


def _gathers(machine: Machine, item: code.Loop, elements: Value, known: Sequence) -> bool:
    """Whether to take the rounds of a comprehension one by one; orders that are not fixed are followed as a whole."""
    plain = not elements.taints and not any(element.taints for element in known.elements)
    return bool(known.elements) and plain and iteration.unrolls(machine, known) and not any(isinstance(inner, code.Loop) for inner in statements(item.body))


def _gathered(
    machine: Machine, item: code.Loop, known: Sequence, scope: Scope, state: State, exits: Exits, leaving: Exits,
    place: Place,
) -> State | None:  # fmt: skip
    """What the variables and the calls of each round hold is kept for what collects them.

    None where rounds make things at the same place, which are then one thing that is made in several ways.
    """
    assert item.iterable is not None
    assert item.target is not None
    names = tuple(target_names(item.target))
    numbers = tuple(inner.number for inner in statements(item.body) if isinstance(inner, code.Call))
    rounds: list[Round] = []
    current = state
    scope.loops -= 1
    try:
        for element in known.elements:
            assign(machine, item.target, element, scope, current, place)
            after = _round(machine, item, scope, current, exits, leaving)
            if after is None:
                return None
            current = after
            passes = _passes(machine, item.body, scope, current)
            if passes is not False:
                variables = {name: current.writes[scope.key, name] for name in names if (scope.key, name) in current.writes}
                rounds.append(Round(variables, {number: scope.results[number] for number in numbers if number in scope.results}, sure=passes is True))
    finally:
        scope.loops += 1
    made = [atom.key for each in rounds for result in each.results.values() for atom in result.atoms if isinstance(atom, Object)]
    if len(made) > len(set(made)):
        return None
    current.writes[rounds_of(item.iterable, scope)] = tuple(rounds)
    return current


def _passes(machine: Machine, block: code.Block, scope: Scope, state: State) -> bool | None:
    """Whether a round comes through the conditions of a comprehension."""
    sure = True
    while block and isinstance(block[-1], code.Branch) and block[-1].kind == "if" and not block[-1].orelse:
        outcome = decide(machine, block[-1].test, scope, state).outcome
        if outcome is False:
            return False
        sure = sure and outcome is True
        block = block[-1].body
    return True if sure else None


def _for_lazy(
    machine: Machine, item: code.Loop, lazy: Lazy, scope: Scope, state: State, exits: Exits, leaving: Exits,
    place: Place,
) -> State | None:  # fmt: skip
    """A generator runs between the rounds of the loop that consumes it."""

    def on_yield(value: Value, current: State) -> State | None:
        if item.target is not None:
            assign(machine, item.target, taint.within(value, scope.loops), scope, current, place)
        return _round(machine, item, scope, current, exits, leaving)

    return calls.run_lazy(machine, lazy, scope, state, on_yield, place)


# -- try and with --------------------------------------------------------------------------------------------------


def _try(machine: Machine, item: code.Try, scope: Scope, state: State, exits: Exits) -> State | None:
    before = state.copy()
    found = lookups.guarded(machine, item, scope, state)
    body = Exits(raised=state) if found is False else execute(machine, item.body, scope, state)
    result = Exits()
    handled = [_handle(machine, handler, before, body, scope, result) for handler in item.handlers if not found and not _dead(handler)]
    absorb(machine, result, Exits(returned=body.returned, value=body.value, broke=body.broke, continued=body.continued, ended=body.ended), scope)
    if not item.handlers:
        result.raised = machine.join_states([result.raised, body.raised], scope.activation)
    fall = body.fall
    if fall is not None and item.orelse:
        after = execute(machine, item.orelse, scope, fall)
        absorb(machine, result, after, scope)
        fall = after.fall
    fall = _join_handlers(machine, fall, handled, scope)
    return _finally(machine, item, result, fall, scope, exits)


def _dead(handler: code.Handler) -> bool:
    """A handler for a failed import: the analysis takes every import to succeed."""
    names = {kind.name if isinstance(kind, code.Attr) else kind.id if isinstance(kind, code.Name) else "" for kind in handler.types}
    return bool(names) and names <= {"ImportError", "ModuleNotFoundError"}


def _handle(machine: Machine, handler: code.Handler, before: State, body: Exits, scope: Scope, result: Exits) -> State | None:
    start = machine.join_states([before.copy(), body.fall.copy() if body.fall else None, body.raised.copy() if body.raised else None], scope.activation)
    assert start is not None
    if handler.name:
        assign_name(machine, handler.name, TOP, scope, start)
    inner = execute(machine, handler.body, scope, start)
    if body.fall is None and body.returned is None:
        absorb(machine, result, inner, scope)
    return inner.fall


def _join_handlers(machine: Machine, fall: State | None, handled: list[State | None], scope: Scope) -> State | None:
    """What handlers leave counts for values; their words only where the body cannot complete."""
    alive = [state for state in handled if state is not None]
    if fall is None:
        return machine.join_states(list(alive), scope.activation)
    for state in alive:
        state.words = dict(fall.words)
        state.firsts = dict(fall.firsts)
        state.overwritten, state.told = fall.overwritten, fall.told
    return machine.join_states([fall, *alive], scope.activation)


def _finally(machine: Machine, item: code.Try, result: Exits, fall: State | None, scope: Scope, exits: Exits) -> State | None:
    if item.final:
        if result.returned is not None:
            result.returned = execute(machine, item.final, scope, result.returned).fall
        if fall is not None:
            inner = execute(machine, item.final, scope, fall)
            absorb(machine, exits, inner, scope)
            fall = inner.fall
    absorb(machine, exits, result, scope)
    return fall


def _with(machine: Machine, item: code.With, scope: Scope, state: State, exits: Exits) -> State | None:
    context = evaluate(machine, item.context, scope, state)
    place = Place(scope.path, item.site)
    atom = context.atoms[0] if len(context.atoms) == 1 else None
    if isinstance(atom, Lazy):
        return _with_manager(machine, item, atom, scope, state, exits, place)
    if isinstance(atom, Object):
        return _with_object(machine, item, atom, context, scope, state, exits, place)
    return _with_body(machine, item, Value(context.atoms, taint.elements(context.taints)), scope, state, exits)


def _with_body(machine: Machine, item: code.With, value: Value, scope: Scope, state: State, exits: Exits) -> State | None:
    if item.target is not None:
        assign(machine, item.target, value, scope, state, Place(scope.path, item.site))
    inner = execute(machine, item.body, scope, state)
    absorb(machine, exits, inner, scope)
    return inner.fall


def _with_manager(machine: Machine, item: code.With, atom: Lazy, scope: Scope, state: State, exits: Exits, place: Place) -> State | None:
    """The body runs at the `yield`; what follows that runs after a body that returns, too."""
    returned: list[Value] = []

    def on_yield(value: Value, current: State) -> State | None:
        inner = Exits()
        after = _with_body(machine, item, value, scope, current, inner)
        if after is None and inner.returned is not None:
            returned.append(inner.value or NOWHERE)
            after, inner.returned, inner.value = inner.returned, None, None
        absorb(machine, exits, inner, scope)
        return after

    after = calls.run_lazy(machine, atom, scope, state, on_yield, place)
    if returned and after is not None:
        absorb(machine, exits, Exits(returned=after, value=join(*returned)), scope)
        return None
    return after


def _with_object(
    machine: Machine, item: code.With, atom: Object, context: Value, scope: Scope, state: State, exits: Exits, place: Place
) -> State | None:
    saved = contexts.enter(machine, atom, scope, state, place)
    value = with_taints(saved.value, taint.elements(context.taints))
    inner_exits = Exits()
    after = _with_body(machine, item, value, scope, state, inner_exits)
    if after is not None:
        contexts.leave(machine, atom, saved, scope, after, place)
    if inner_exits.returned is not None:
        contexts.leave(machine, atom, saved, scope, inner_exits.returned, place)
    absorb(machine, exits, inner_exits, scope)
    return after


# -- definitions and jumps -----------------------------------------------------------------------------------------


def _define(machine: Machine, item: code.Define, scope: Scope, state: State, exits: Exits) -> State | None:
    definition = item.definition
    plain = not definition.decorators and scope.function is None and not scope.body_class
    if isinstance(definition, code.Function):
        if scope.body_class and definition.name and not _custom(definition):
            calls.keep_defaults(machine, definition, scope, state)
            return state
        scopes = (scope.cell, *scope.scopes) if scope.cell else scope.scopes
        value = of(Code(definition, scope.path, scopes, str(scope.key) if scope.body_class else scope.owner))
        calls.keep_defaults(machine, definition, scope, state)
    else:
        value = _define_class(machine, definition, scope, state)
    if plain and definition.name in machine.static(scope.path):
        return state
    for decorator in reversed(definition.decorators):
        value = calls.decorate(machine, evaluate(machine, decorator, scope, state), value, Place(scope.path, item.site), scope, state)
    assign_name(machine, definition.name, value, scope, state)
    return state


def _custom(definition: code.Function) -> bool:
    """Whether decorators may replace a method."""
    from reprolint.flow.definitions import TRANSPARENT, decorator_name

    return any(decorator_name(decorator) not in TRANSPARENT for decorator in definition.decorators)


def _define_class(machine: Machine, definition: code.Class, scope: Scope, state: State) -> Value:
    scopes = (scope.cell, *scope.scopes) if scope.cell else scope.scopes
    info = machine.class_of(scope.path, definition, scopes, state, scope.activation)
    if scope.function is not None or scope.body_class or any(isinstance(argument.value, code.Result) for argument in definition.bases):
        info.bases = tuple(evaluate(machine, argument.value, scope, state) for argument in definition.bases if argument.name is None)
        info.order = None
    body = Scope(
        path=scope.path, key=info.key, activation=scope.activation, scopes=scopes, owner=info.key,
        depth=scope.depth, loops=scope.loops, worker=scope.worker, body_class=True,
    )  # fmt: skip
    execute(machine, definition.body, body, state)
    made = ClassRef(info.key)
    _announce(machine, definition, made, scope, state)
    return of(made)


def _announce(machine: Machine, definition: code.Class, made: ClassRef, scope: Scope, state: State) -> None:
    """What the bases of a new class, and its metaclass, do with it: most enter it in a registry."""
    place = Place(scope.path, definition.site)
    keywords = {argument.name: evaluate(machine, argument.value, scope, state) for argument in definition.bases if argument.name is not None}
    arguments = calls.Arguments([of(made)], {name: value for name, value in keywords.items() if name != "metaclass"})
    found = machine.find_method(machine.order(made.key)[1:], "__init_subclass__")
    if found is not None:
        info, function, _ = found
        calls.call_code(machine, Code(function, info.path, info.scopes, info.key), arguments, place, scope, state, CERTAIN)
    for atom in keywords.get("metaclass", NOWHERE).atoms:
        found = machine.find_method(machine.order(atom.key), "__init__") if isinstance(atom, ClassRef) else None
        if found is not None:
            info, function, _ = found
            passed = calls.Arguments([of(made), const(definition.name)], rest=TOP)
            calls.call_code(machine, Code(function, info.path, info.scopes, info.key), passed, place, scope, state, CERTAIN)


def _delete(machine: Machine, item: code.Delete, scope: Scope, state: State, exits: Exits) -> State | None:
    return state


def _return(machine: Machine, item: code.Return, scope: Scope, state: State, exits: Exits) -> State | None:
    value = evaluate(machine, item.value, scope, state) if item.value is not None else of(_NONE)
    exits.value = value if exits.value is None else join(exits.value, value)
    exits.returned = machine.join_states([exits.returned, state], scope.activation)
    return None


def _yield(machine: Machine, item: code.Yield, scope: Scope, state: State, exits: Exits) -> State | None:
    value = evaluate(machine, item.value, scope, state) if item.value is not None else of(_NONE)
    if item.each:
        return _yield_from(machine, item, value, scope, state)
    if scope.hook is None:
        scope.yielded.append(value)
        return state
    return scope.hook(value, state)


def _yield_from(machine: Machine, item: code.Yield, value: Value, scope: Scope, state: State) -> State | None:
    place = Place(scope.path, item.site)
    atom = value.atoms[0] if len(value.atoms) == 1 else None
    if isinstance(atom, Lazy) and scope.hook is not None:
        return calls.run_lazy(machine, atom, scope, state, scope.hook, place)
    elements = iteration.iterate(machine, value, scope, state, place)
    element = element_of(elements) if elements is not None else NOWHERE
    if scope.hook is None:
        scope.yielded.append(element)
        return state
    return scope.hook(element, state)


def _raise(machine: Machine, item: code.Raise, scope: Scope, state: State, exits: Exits) -> State | None:
    exits.raised = machine.join_states([exits.raised, state], scope.activation)
    return None


def _jump(machine: Machine, item: code.Jump, scope: Scope, state: State, exits: Exits) -> State | None:
    if item.kind == "break":
        exits.broke = machine.join_states([exits.broke, state], scope.activation)
    else:
        exits.continued = machine.join_states([exits.continued, state], scope.activation)
    return None


_NONE: Final = Const("NoneType", None)

_EXECUTE: Final[dict[type, Callable[..., State | None]]] = {
    code.Call: _call,
    code.Bind: _bind,
    code.Evaluate: _evaluate,
    code.Import: _import,
    code.Branch: _branch,
    code.Loop: _loop,
    code.Try: _try,
    code.With: _with,
    code.Define: _define,
    code.Delete: _delete,
    code.Return: _return,
    code.Yield: _yield,
    code.Raise: _raise,
    code.Jump: _jump,
}
