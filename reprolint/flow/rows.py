"""A row and the arguments of a call → which parameter holds what, and which of the row's conditions hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from reprolint.flow.values import TOP, Atom, Const, Value, const, join, may_be_none, truth

if TYPE_CHECKING:
    from reprolint.flow.calls import Arguments
    from reprolint.knowledge.apis import Api, Condition


def bind_row(api: Api, arguments: Arguments) -> dict[str, Value]:
    """A row's parameters → the values passed; what is left out is absent. What `*steps` takes is under `*` and under `steps`."""
    bound: dict[str, Value] = dict(arguments.keywords)
    names = [name for name in api.parameters if not name.startswith("*")]
    for name, value in zip(names, arguments.positional, strict=False):
        bound.setdefault(name, value)
    extra = arguments.positional[len(names) :]
    if extra or arguments.rest is not None:
        bound["*"] = join(*extra, *([arguments.rest] if arguments.rest is not None else []))
        for name in (name[1:] for name in api.parameters if name.startswith("*") and not name.startswith("**")):
            bound.setdefault(name, bound["*"])
    if arguments.extra:
        bound["**"] = TOP
    if arguments.rest is not None:
        for name in names[len(arguments.positional) :]:
            bound.setdefault(name, arguments.rest)
    return bound


def holds(condition: Condition, bound: dict[str, Value]) -> bool | None:
    """Whether a condition holds; None if that cannot be said."""
    value = bound.get(condition.argument)
    if value is None and "**" in bound and condition.given is None:
        return None
    if condition.given is not None and (value is not None) != condition.given:
        return False
    if value is None:
        if condition.default is msgspec.UNSET:
            return condition.given is False and condition.value is msgspec.UNSET and condition.truthy is None and condition.greater is None
        value = const(condition.default)
    answers = {_satisfies(condition, atom) for atom in value.atoms}
    return answers.pop() if len(answers) == 1 else None


def _satisfies(condition: Condition, atom: Atom) -> bool | None:
    if condition.value is msgspec.UNSET and condition.truthy is None and condition.greater is None:
        return True
    if condition.truthy is not None:
        found = truth(atom)
        if found is None:
            return None
        if found != condition.truthy:
            return False
    if not isinstance(atom, Const):
        if condition.value is None and may_be_none(atom) is False:
            return False
        return True if condition.value is msgspec.UNSET and condition.greater is None else None
    if condition.value is not msgspec.UNSET:
        wanted = condition.value if isinstance(condition.value, list) else [condition.value]
        if not any(atom.value == one and isinstance(atom.value, bool) == isinstance(one, bool) for one in wanted):
            return False
    if condition.greater is not None:
        return isinstance(atom.value, int | float) and atom.value > condition.greater
    return True


def applies(api: Api, bound: dict[str, Value]) -> bool:
    """Whether the row's draws happen for these arguments."""
    if api.generator and (own := bound.get(api.generator)) is not None and own.atoms:
        if not all(isinstance(atom, Const) and atom.value is None for atom in own.atoms):
            return False
    if any(holds(condition, bound) is not True for condition in api.when):
        return False
    return not any(holds(condition, bound) is True for condition in api.unless)
