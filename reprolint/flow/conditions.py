"""Tests → outcomes: what a condition decides, which options it asks, and what its arms then know."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from reprolint.flow import bounds, files, mappings
from reprolint.flow.expressions import assign_name, elements_of, entries, evaluate
from reprolint.flow.state import MISSING, Scope, State, dump
from reprolint.flow.values import (
    Atom,
    ClassRef,
    Const,
    Given,
    Many,
    Object,
    Sequence,
    Value,
    constant,
    fold,
    of,
    text_of,
    unite,
    via_of,
)
from reprolint.model import code

if TYPE_CHECKING:
    from reprolint.flow.machine import Machine


@dataclass(frozen=True, slots=True)
class Decision:
    """True, False or not known; `via` names the options that the answer rests on."""

    outcome: bool | None
    via: tuple[str, ...] = ()


_COMPARISONS: Final = frozenset({"==", "!=", "<", "<=", ">", ">="})


_RESULT: Final = re.compile(r"Result\(number=(\d+)\)")
_LONGEST: Final = 400


_DENIES: Final = {"is not": "is", "!=": "==", "not in": "in"}


def asked(test: code.Expr, scope: Scope) -> tuple[str, bool]:
    """What a test asks, as a text, and whether it asks for the contrary.

    The same question elsewhere in the run is taken to have the same answer. A number of a result means nothing
    elsewhere, so the call stands for it; what a call makes of a function's own variables is that function's affair.
    """
    known = _POSITIVE.get(id(test))
    if known is None or known[0] is not test:
        known = _POSITIVE[id(test)] = (test, *_positive(test))
    return _question(known[1], scope), known[2]


_POSITIVE: Final[dict[int, tuple[code.Expr, code.Expr, bool]]] = {}


def _positive(test: code.Expr) -> tuple[code.Expr, bool]:
    """The test without its denials, and whether what they leave is the contrary."""
    contrary = False
    while isinstance(test, code.Fold) and (test.op == "not" or test.op in _DENIES):
        contrary = not contrary
        test = test.operands[0] if test.op == "not" else code.Fold(_DENIES[test.op], test.operands)
    return test, contrary


def _question(test: code.Expr, scope: Scope) -> str:
    key = dump(test)
    results = _RESULT.search(key) is not None
    while len(key) < _LONGEST and _RESULT.search(key):
        key = _RESULT.sub(lambda found: _called(int(found[1]), scope), key)
    own = scope.function.variables if results and scope.function is not None else ()
    if results and (len(key) >= _LONGEST or any(f"Name(id={name!r})" in key for name in own)):
        return f"{scope.path}:{scope.function.site if scope.function is not None else ''}:{key}"
    return key


def _called(number: int, scope: Scope) -> str:
    item = scope.called.get(number)
    if item is None:
        return f"<{number} of {scope.path}:{scope.function.site if scope.function is not None else ''}>"
    return f"{dump(item.callee)}({', '.join(map(repr, item.arguments))})"


def decide(machine: Machine, test: code.Expr, scope: Scope, state: State) -> Decision:
    """What a test says here."""
    if isinstance(test, code.Fold):
        if test.op == "not":
            inner = decide(machine, test.operands[0], scope, state)
            return Decision(None if inner.outcome is None else not inner.outcome, inner.via)
        if test.op in {"and", "or"}:
            return _decide_logical(machine, test, scope, state)
        if len(test.operands) == 2:  # noqa: PLR2004
            return _decide_pair(machine, test, scope, state)
    value = evaluate(machine, test, scope, state)
    return _agreed(value, {machine.truth(atom) for atom in value.atoms})


def _agreed(value: Value, answers: set[bool | None]) -> Decision:
    if len(answers) == 1:
        return Decision(answers.pop(), via_of(value))
    return Decision(None, via_of(value))


def _decide_logical(machine: Machine, test: code.Fold, scope: Scope, state: State) -> Decision:
    stop = test.op == "or"
    via: tuple[str, ...] = ()
    unknown = False
    for operand in test.operands:
        found = decide(machine, operand, scope, state)
        if found.outcome is stop:
            return Decision(None if unknown and found.via else stop, unite(via, found.via) if unknown else found.via)
        via = unite(via, found.via)
        unknown = unknown or found.outcome is None
    return Decision(None if unknown else not stop, via)


def _decide_pair(machine: Machine, test: code.Fold, scope: Scope, state: State) -> Decision:
    left = evaluate(machine, test.operands[0], scope, state)
    right = evaluate(machine, test.operands[1], scope, state)
    via = unite(via_of(left), via_of(right))
    op = test.op
    if op in {"is", "is not", "==", "!="} and (known := constant(right)) is not None and known.value is None:
        answers = {machine.may_be_none(atom) for atom in left.atoms}
        found = _agreed(left, answers).outcome
        return Decision(found if found is None or op in {"is", "=="} else not found, _via_none(left))
    if op in _COMPARISONS and (always := bounds.decided(machine, test, left, right, scope, state)) is not None:
        return Decision(always, via)
    if op in _COMPARISONS or op in {"is", "is not"}:
        return Decision(_compare({"is": "==", "is not": "!="}.get(op, op), left, right), via)
    if op in {"in", "not in"}:
        found = _contains(machine, left, right, scope, state)
        via = unite(via, _asked(machine, left, right, scope, state))
        return Decision(found if found is None or op == "in" else not found, via)
    value = evaluate(machine, test, scope, state)
    return _agreed(value, {machine.truth(atom) for atom in value.atoms})


def _via_none(value: Value) -> tuple[str, ...]:
    """The options that may turn None into a value, or back: nobody can type a None."""
    open_ = (atom for atom in value.atoms if isinstance(atom, Const) and (atom.value is None or not all(name.startswith("-") for name in atom.via)))
    return via_of(Value(tuple(open_)))


def _compare(op: str, left: Value, right: Value) -> bool | None:
    if not left.atoms or not right.atoms:
        return None
    answers: set[bool | None] = set()
    for one in left.atoms:
        for other in right.atoms:
            if isinstance(one, Const) and isinstance(other, Const):
                result = constant(fold(op, of(one), of(other)))
                answers.add(bool(result.value) if result is not None else None)
            else:
                answers.add(None)
    return answers.pop() if len(answers) == 1 else None


def _asked(machine: Machine, left: Value, right: Value, scope: Scope, state: State) -> tuple[str, ...]:
    """The key of a configuration file that a membership test asks for."""
    key = text_of(left)
    record = right.atoms[0] if len(right.atoms) == 1 else None
    return files.absent(machine, record, key, scope, state) if key is not None and isinstance(record, Object) else ()


def _contains(machine: Machine, left: Value, right: Value, scope: Scope, state: State) -> bool | None:
    known = constant(left)
    if known is None:
        return None
    whole = constant(right)
    if whole is not None:
        return _compare("in", left, right)
    atom = right.atoms[0] if len(right.atoms) == 1 else None
    if isinstance(atom, ClassRef) and isinstance(known.value, str):  # `name in cls.__dict__`
        info = machine.classes[atom.key]
        return known.value in info.methods or machine.read((atom.key, known.value), state, scope.activation) is not MISSING
    if isinstance(atom, Object):
        atom = mappings.mapping_of(machine, atom) or atom
    if isinstance(atom, Object) and atom.type == "dict":
        if machine.read((atom.key, "[]"), state, scope.activation) is not MISSING:
            return None
        return known.value in entries(machine, atom, scope, state)
    sequence = elements_of(machine, right, scope, state)
    only = sequence.atoms[0] if len(sequence.atoms) == 1 else None
    if isinstance(only, Many):
        held = [part.value for part in only.element.atoms if isinstance(part, Const)]
        return False if len(held) == len(only.element.atoms) and known.value not in held else None
    if isinstance(only, Sequence):
        members = [constant(element) for element in only.elements]
        if all(member is not None for member in members):
            return known.value in [member.value for member in members if member is not None]
    return None


# -- what an arm knows ---------------------------------------------------------------------------------------------


def refine(machine: Machine, test: code.Expr, outcome: bool, scope: Scope, state: State) -> None:  # noqa: FBT001
    """Narrow the tested variable or field to what the arm says of it."""
    if isinstance(test, code.Fold):
        if test.op == "not":
            refine(machine, test.operands[0], not outcome, scope, state)
        elif test.op == ("and" if outcome else "or"):
            for operand in test.operands:
                refine(machine, operand, outcome, scope, state)
        elif len(test.operands) == 2:  # noqa: PLR2004
            _refine_pair(machine, test, outcome, scope, state)
    elif isinstance(test, code.Name | code.Attr | code.Item):
        _narrow(machine, test, lambda atom: machine.truth(atom) is not (not outcome), scope, state)


def _refine_pair(machine: Machine, test: code.Fold, outcome: bool, scope: Scope, state: State) -> None:  # noqa: FBT001
    left, right = test.operands
    if isinstance(right, code.Const) and right.value is None and test.op in {"is", "is not", "==", "!="}:
        wants_none = outcome == (test.op in {"is", "=="})
        _narrow(machine, left, lambda atom: machine.may_be_none(atom) is not (not wants_none), scope, state)
    elif test.op in _COMPARISONS and isinstance(right, code.Const) and isinstance(left, code.Name | code.Attr | code.Item):
        op = test.op
        known = Const(type(right.value).__name__, right.value)

        def fits(atom: Atom) -> bool:
            return not isinstance(atom, Const) or _compare(op, of(atom), of(known)) is not (not outcome)

        _narrow(machine, left, fits, scope, state)


def _narrow(machine: Machine, expression: code.Expr, fits: object, scope: Scope, state: State) -> None:
    value = evaluate(machine, expression, scope, state)
    kept = tuple(atom for atom in value.atoms if fits(atom))  # type: ignore[operator]
    if len(kept) == len(value.atoms):
        return
    narrowed = Value(kept or (Given(via_of(value)),), value.taints)
    _replace(machine, expression, narrowed, scope, state)


def _replace(machine: Machine, expression: code.Expr, value: Value, scope: Scope, state: State) -> None:
    if isinstance(expression, code.Name):
        function = scope.function
        local = (scope.key, expression.id) in state.writes or expression.id in scope.parameters
        if local or (function is None and not scope.body_class):
            assign_name(machine, expression.id, value, scope, state)
        return
    base = evaluate(machine, expression.of, scope, state) if isinstance(expression, code.Attr | code.Item) else None
    atom = base.atoms[0] if base is not None and len(base.atoms) == 1 else None
    if not isinstance(atom, Object):
        return
    if isinstance(expression, code.Attr):
        state.writes[atom.key, expression.name] = value
    elif isinstance(expression, code.Item):
        known = constant(evaluate(machine, expression.key, scope, state))
        if known is not None and isinstance(known.value, str):
            state.writes[atom.key, f"k:{known.value}" if atom.type == "dict" else known.value] = value
