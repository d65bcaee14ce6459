"""Code that nests absurdly deep: room to parse it, and a summary that others can recurse through."""

import itertools
import re
import sys
import threading
from collections.abc import Callable
from typing import Any, TypeVar, get_args

from msgspec import Struct, structs

from reprolint.model.code import Expr, Opaque, Statement
from reprolint.source.problem import SyntaxProblem

T = TypeVar("T")

DEEPEST_EXPRESSION = 40
DEEPEST_BLOCK = 120
"""More than the 100 indentations that Python allows."""

_BRACKETS = re.compile(r"[()\[\]{}]")
_STEP = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}
_DEEP, _DEEPEST = 60, 1000
"""Depths of brackets: more than usual; far more than the 200 that CPython takes."""
_CHAINED = ("elif", "else", "not", "lambda", "or", "and", "+", "-", "*", ".")
_LONG = 2000
_STACK, _FRAMES = 512 << 20, 200_000
_EXPRESSIONS, _STATEMENTS = get_args(Expr), get_args(Statement)


def with_room(text: str, work: Callable[[], T]) -> T:
    """Run `work`, which parses `text`: the parser recurses without a check, so what looks deep gets a big stack."""
    depth = _depth(text)
    if depth > _DEEPEST:
        raise SyntaxProblem(1, "brackets nest too deeply")
    if depth <= _DEEP and not any(text.count(word) > _LONG for word in _CHAINED):
        return work()
    return with_big_stack(work)


def _depth(text: str) -> int:
    """How deep brackets nest; those in strings count too, so this may err upwards."""
    return max(itertools.accumulate(map(_STEP.__getitem__, _BRACKETS.findall(text))), default=0)


def with_big_stack(work: Callable[[], T]) -> T:
    """Run `work` in a thread of its own, where it may recurse a long way."""
    outcome: list[T] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            outcome.append(work())
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that asked
            failure.append(error)

    limit, size = sys.getrecursionlimit(), threading.stack_size(_STACK)
    sys.setrecursionlimit(max(limit, _FRAMES))
    try:
        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
    finally:
        sys.setrecursionlimit(limit)
        threading.stack_size(size)
    if not failure:
        return outcome[0]
    if isinstance(failure[0], RecursionError | MemoryError):
        raise SyntaxProblem(1, "the code nests too deeply")
    raise failure[0]


def shortened(value: Any, depth: int = 0, blocks: int = 0) -> Any:
    """`value`, a piece of a summary, with what lies too deep in it left out."""
    if isinstance(value, tuple):
        return tuple([shortened(part, depth, blocks) for part in value])
    if isinstance(value, _EXPRESSIONS):
        return Opaque() if depth >= DEEPEST_EXPRESSION else _replaced(value, depth + 1, blocks)
    if isinstance(value, _STATEMENTS):
        return _replaced(value, depth, blocks + 1)
    return _replaced(value, depth, blocks) if isinstance(value, Struct) else value


def _replaced(value: Any, depth: int, blocks: int) -> Any:
    changes = {}
    for name in value.__struct_fields__:
        part = getattr(value, name)
        too_deep = blocks >= DEEPEST_BLOCK and isinstance(part, tuple) and any(isinstance(x, _STATEMENTS) for x in part)
        changes[name] = () if too_deep else shortened(part, depth, blocks)
    return structs.replace(value, **changes)
