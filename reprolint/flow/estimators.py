"""Parameters of estimators that are set after they were made: `set_params`, or the attribute of the same name.

Source: https://scikit-learn.org/stable/developers/develop.html#get-params-and-set-params
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reprolint.flow import library
from reprolint.flow.values import TOP, Object, Sequence, Value, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reprolint.flow.calls import Arguments
    from reprolint.flow.machine import Machine
    from reprolint.flow.state import Scope, State
    from reprolint.model.span import Place

_PACKAGES: Final = ("sklearn.", "imblearn.", "xgboost.", "lightgbm.", "catboost.")
"""Whose estimators keep what they were made with in attributes of the same names."""


def is_estimator(machine: Machine, atom: Object) -> bool:
    """Whether an object is of one of these libraries, or of a project's class derived from one of theirs."""
    return any(base.startswith(_PACKAGES) for base in machine.order(atom.type))


def parameters_of(machine: Machine, atom: Object) -> tuple[str, ...]:
    """The parameters that a library's estimator surely has: those of its row."""
    if atom.type in machine.classes or not is_estimator(machine, atom):
        return ()
    rows = machine.rows(atom.type)
    return tuple(dict.fromkeys(name for api in rows for name in (*api.parameters, api.generator) if name and not name.startswith("*")))


def holds_others(machine: Machine, only: Object, scope: Scope, state: State) -> bool:
    """Whether an estimator was made of others, whose parameters are its own too."""
    return any(_steps(machine, only, "", scope, state))


def set_parameters(machine: Machine, only: Object, arguments: Arguments, place: Place, scope: Scope, state: State) -> None:
    """`set_params(name=value, step__name=value)`."""
    from reprolint.flow.expressions import set_attribute
    from reprolint.flow.values import of

    for name, value in arguments.keywords.items():
        step, _, rest = name.partition("__")
        for target in [only] if not rest else list(_steps(machine, only, step, scope, state)):
            if rest and "__" in rest:
                set_parameters(machine, target, type(arguments)(keywords={rest: value}), place, scope, state)
            else:
                set_attribute(machine, of(target), rest or name, value, scope, state, place)
    for target in (only, *_steps(machine, only, "", scope, state)) if arguments.extra else ():
        for api in machine.rows(target.type):
            if api.generator:
                set_field(machine, target, api.generator, TOP, scope, state)


def set_field(machine: Machine, atom: Object, name: str, value: Value, scope: Scope, state: State) -> None:
    """What a library's estimator was made with, as if it had been given from the start."""
    if atom.type in machine.classes or not is_estimator(machine, atom):
        return
    known = library.arguments_of(machine, atom, scope, state)
    state.writes[atom.key, "#arguments"] = tuple({**known, name: value}.items())


def _steps(machine: Machine, only: Object, step: str, scope: Scope, state: State) -> Iterator[Object]:
    """The estimators inside one that are called by a name: a parameter, a step, or the class of a step; all of them for an empty name."""
    for name, value in library.arguments_of(machine, only, scope, state).items():
        for atom in library.flat(machine, value, scope, state):
            if isinstance(atom, Sequence) and len(atom.elements) > 1 and (not step or text_of(atom.elements[0]) in {step, None}):
                yield from (inner for inner in atom.elements[1].atoms if isinstance(inner, Object))
            elif isinstance(atom, Object) and (not step or name == step or step.partition("-")[0] == atom.type.rpartition(".")[2].lower()):
                yield atom
