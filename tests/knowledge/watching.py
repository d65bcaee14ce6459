"""An example and a row → what the row's call in it was given, gave back and called, and when.

Nothing here loads a library: processes that an example starts import it.
"""

from __future__ import annotations

import ast
import functools
import gc
import inspect
import json
import os
import re
import threading
import types
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from reprolint.knowledge.apis import Api, Runs

HOME = os.getpid()
"""The process that imported this module; one that was forked has its parent's."""
PLAIN = (
    types.FunctionType,
    types.BuiltinFunctionType,
    types.MethodType,
    types.MethodDescriptorType,
    types.WrapperDescriptorType,
    type,
    functools.partial,
)
"""Callables that are no more than that, so that another may stand in their place."""


# -- calls of what is passed


class Spy:
    """A function in the place of another: each call is a line in a file, whichever process makes it."""

    def __init__(self, function: Any, name: str, log: Path) -> None:
        self.function = function
        self.name = name
        self.log = log
        functools.update_wrapper(self, function, updated=())

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Note the call and do what the other does."""
        self.note(*args, **kwargs)
        return self.function(*args, **kwargs)

    def note(self, *args: Any, **kwargs: Any) -> None:
        """Write down who calls, and with what."""
        line = {
            "name": self.name,
            "process": os.getpid(),
            "parent": os.getppid(),
            "home": HOME,
            "thread": threading.get_ident(),
            "args": [repr(value) for value in args],
            "kwargs": {name: repr(value) for name, value in kwargs.items()},
        }
        with self.log.open("a", encoding="utf-8") as out:
            out.write(json.dumps(line) + "\n")


@dataclass
class Watch:
    """Stands for the function in the row's call, and remembers the last call."""

    api: Api
    log: Path
    patch: pytest.MonkeyPatch
    receiver: Any = None
    given: Sequence[Any] = ()
    """What was passed by position."""
    arguments: dict[str, Any] = field(default_factory=dict)
    result: Any = None
    returned: dict[str, list[Any]] = field(default_factory=dict)
    """What the arguments that are called gave back, in this process."""
    during: int = 0
    """How many calls were noted before this one returned."""
    called: bool = False
    held: bool = False
    """Whether the result held something that it was given, when it came back."""
    spied_on: set[str] = field(default_factory=set)
    """The arguments that a spy stands for."""

    def __call__(self, owner: Any, name: str, *args: Any, **kwargs: Any) -> Any:
        """Call `owner`, or its attribute `name`, with spies in the place of what the row says is called."""
        self.called, self.receiver, self.given = True, owner, args
        self.spied("self", owner)
        given = [self.spied(label, value) for label, value in zip(self.labels(args), args, strict=True)]
        named = {label: self.spied(label, value) for label, value in kwargs.items()}
        self.arguments = {}
        for label, value in zip(self.labels(args), given, strict=True):
            if label.startswith("*"):
                self.arguments.setdefault(label[1:], []).append(value)
            else:
                self.arguments[label] = value
        self.arguments.update(named)
        self.result = (getattr(owner, name) if name else owner)(*given, **named)
        self.during = len(self.noted())
        if self.api.returns == "carrier":
            given = [part for value in self.arguments.values() for part in parts(value)]
            self.held = holds(self.result, [part for part in given if not isinstance(part, int | float | None)])
        return self.result

    def labels(self, args: Sequence[Any]) -> list[str]:
        """The parameter that each positional argument goes to; `*name` for one that takes the rest."""
        names = list(self.api.parameters)
        rest = names.pop() if names and names[-1].startswith("*") else "*"
        return [names[number] if number < len(names) else rest for number in range(len(args))]

    def spied(self, label: str, value: Any) -> Any:
        """The argument as it is passed: a spy, or itself with methods of its class spied upon."""
        for runs in self.api.calls:
            if runs.argument == label.lstrip("*"):
                value = self.replaced(runs, label, value)
        return value

    def replaced(self, runs: Runs, label: str, value: Any) -> Any:
        """What stands for the value, or for what is in a list, to see that it is called."""
        if isinstance(value, list | tuple):
            return type(value)(self.replaced(runs, label, part) for part in value)
        is_plain = isinstance(value, PLAIN) or type(value).__name__ == "ufunc"
        if inspect.iscoroutine(value) or (is_plain and not runs.method):
            self.spied_on.add(runs.argument)
            if inspect.iscoroutine(value):
                return self.awaited(value, label)
            return Spy(value, f"{label}.", self.log) if runs.how == "child" else self.kept(value, label)
        if runs.method or callable(value):
            self.patched(value, label, runs.method or "__call__")
        return value

    def kept(self, function: Any, label: str) -> Any:
        """A spy that also keeps what comes back."""

        def keep(*args: Any, **kwargs: Any) -> Any:
            self.returned.setdefault(label, []).append(function(*args, **kwargs))
            return self.returned[label][-1]

        return Spy(functools.update_wrapper(keep, function, updated=()), f"{label}.", self.log)

    async def awaited(self, coroutine: Any, label: str) -> Any:
        """A coroutine that is noted when it runs."""
        Spy(len, f"{label}.", self.log).note()
        self.returned.setdefault(label, []).append(await coroutine)
        return self.returned[label][-1]

    def patched(self, owner: Any, label: str, method: str) -> None:
        """Note the calls of a method of all objects of a class: libraries copy what they are given."""
        original = getattr(type(owner), method, None)
        if original is None or hasattr(original, "spied"):
            return
        spy = Spy(original, f"{label}.{method}", self.log)

        @functools.wraps(original)
        def noted(*args: Any, **kwargs: Any) -> Any:
            spy.note()
            return original(*args, **kwargs)

        noted.spied = True  # type: ignore[attr-defined]
        with suppress(TypeError):  # a class of the interpreter cannot be changed
            self.patch.setattr(type(owner), method, noted)
            self.spied_on.add(label.lstrip("*"))

    def noted(self, name: str = "") -> list[dict[str, Any]]:
        """The calls so far."""
        lines = self.log.read_text(encoding="utf-8").splitlines() if self.log.exists() else []
        return [line for line in map(json.loads, lines) if name in {"", line["name"]}]


def parts(value: Any) -> Iterator[Any]:
    """A value, and what lists and tuples in it hold."""
    yield value
    for part in value if isinstance(value, list | tuple) else ():
        yield from parts(part)


def watched(expression: str, names: set[str]) -> types.CodeType | None:
    """The expression with the first call of one of `names` made through `watch`; None if there is none.

    A name with a leading dot is a method's.
    """
    tree = ast.parse(expression, mode="eval")
    for parent in ast.walk(tree):
        for place, child in list(ast.iter_fields(parent)):
            for number, node in enumerate(child if isinstance(child, list) else [child]):
                made = through_watch(node, names)
                if made is None:
                    continue
                if isinstance(child, list):
                    child[number] = made
                else:
                    setattr(parent, place, made)
                return compile(ast.fix_missing_locations(tree), "<example>", "eval")
    return None


def through_watch(node: Any, names: set[str]) -> ast.Call | None:
    """The call through `watch`, if the node is a call of one of `names`."""
    watch = ast.Name("watch", ast.Load())
    if isinstance(node, ast.Subscript) and ".__getitem__" in names:
        return ast.Call(watch, [node.value, ast.Constant("__getitem__"), node.slice], [])
    if not isinstance(node, ast.Call):
        return None
    text = ast.unparse(node.func)
    method = f".{node.func.attr}" if isinstance(node.func, ast.Attribute) else ""
    if text not in names and method not in names:
        return None
    if isinstance(node.func, ast.Attribute):
        return ast.Call(watch, [node.func.value, ast.Constant(node.func.attr), *node.args], node.keywords)
    return ast.Call(watch, [node.func, ast.Constant(""), *node.args], node.keywords)


# -- values


def fingerprint(value: Any) -> Any:
    """What a value says, order included, in a form that can be compared."""
    if isinstance(value, Mapping):
        return [[fingerprint(key), fingerprint(found)] for key, found in value.items()]
    if isinstance(value, AbstractSet):
        return sorted((fingerprint(element) for element in value), key=repr)
    if hasattr(value, "columns") and hasattr(value, "index"):
        return [value.columns.tolist(), value.index.tolist(), value.to_numpy().tolist()]
    if hasattr(value, "tolist"):
        return [value.index.tolist() if hasattr(value, "iloc") else "", repr(value.tolist())]
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [fingerprint(element) for element in value]
    for state in ("getstate", "get_state"):
        if hasattr(value, state):
            return fingerprint(getattr(value, state)())
    if hasattr(value, "bit_generator"):
        return fingerprint(value.bit_generator)
    if hasattr(value, "random_raw"):
        return repr(value.state)
    if hasattr(value, "read"):
        return value.read()
    if hasattr(value, "__getitem__") and hasattr(value, "__len__") and not isinstance(value, str | bytes | type):
        return [fingerprint(value[number]) for number in range(len(value))]
    if isinstance(value, Iterator):
        return [fingerprint(element) for element in islice(value, 50)]
    return re.sub(r" at 0x\w+", "", repr(value))


def reordered(value: Any) -> Any:
    """The same data in another order, lists in lists too; itself if it has no order."""
    if isinstance(value, type | types.ModuleType):
        return value
    if isinstance(value, dict):
        return {key: reordered(found) for key, found in reversed(value.items())}
    if isinstance(value, list | tuple):
        return type(value)(reordered(element) for element in reversed(value))
    if hasattr(value, "iloc"):
        return value.iloc[::-1]
    if hasattr(value, "flip") and value.ndim:
        return value.flip(0)
    if hasattr(value, "tolist") and getattr(value, "ndim", 0):
        return value[::-1].copy()
    return value[::-1] if isinstance(value, bytes) else value


def altered(value: Any) -> Any:
    """Another text or number; itself if it is neither."""
    if isinstance(value, str):
        return value + "x"
    return value + 1 if isinstance(value, int | float) and not isinstance(value, bool) else value


def holds(result: Any, wanted: list[Any]) -> bool:
    """Whether one of the wanted objects can be reached from the result, classes and modules left aside."""
    marks = {id(part) for part in wanted}
    seen: set[int] = set()
    queue = [result]
    while queue and len(seen) < 20000:
        found = queue.pop(0)
        if id(found) in marks:
            return True
        is_world = isinstance(found, type | types.ModuleType) or (isinstance(found, dict) and "__builtins__" in found)
        if id(found) not in seen and not is_world:
            seen.add(id(found))
            queue += gc.get_referents(found)
    return False
