"""The text of one file → `Module`, in one pass over its tree."""

import gc
import itertools
import re
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import libcst as cst

from reprolint.model.code import Block, Branch, Comment, Const, Expr, Fold, Module, Name
from reprolint.source.problem import SyntaxProblem
from reprolint.source.statements import walk
from reprolint.source.unit import Unit, Walk

T = TypeVar("T")

_MAIN = {Fold("==", (Name("__name__"), Const("__main__"))), Fold("==", (Const("__main__"), Name("__name__")))}
_BRACKETS = re.compile(r"[()\[\]{}]")
_STEP = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}
_DEEP, _DEEPEST = 60, 1000
"""Bracket depths: more than usual; more than any Python takes (CPython stops at 200)."""
_CHAINED = ("elif", "else", "not", "lambda", "or", "and", "+", "-", "*", ".")
_LONG = 2000
_STACK, _FRAMES = 512 << 20, 200_000


@dataclass(frozen=True, slots=True)
class Parsed:
    """A summary with the tree it was made from; a site is an index into `nodes`."""

    module: Module
    tree: cst.Module
    nodes: list[cst.CSTNode]


def summarise(path: str, text: str, digest: str = "") -> Module:
    """Raises nothing but `SyntaxProblem`, for a text that is not Python."""
    return parse(path, text, digest).module


def parse(path: str, text: str, digest: str = "") -> Parsed:
    """`summarise`, keeping the tree."""
    return roomy(text, lambda: _parse(path, text, digest))


def _parse(path: str, text: str, digest: str) -> Parsed:
    tree = _tree(text)
    walked = Walk()
    unit = Unit(walked, "module")
    walk(tree.body, unit)
    body = tuple(unit.out)
    module = Module(
        path=path,
        digest=digest,
        body=body,
        comments=(),
        words=unit.close(),
        imports=tuple(walked.imports),
        notebook=False,
        guarded=_guarded(body),
        lines=len(text.splitlines()),
    )
    return Parsed(module, tree, walked.nodes)


def _tree(text: str) -> cst.Module:
    collecting = gc.isenabled()
    gc.disable()
    try:
        return cst.parse_module(text)
    except cst.ParserSyntaxError as error:
        raise SyntaxProblem(max(error.raw_line, 1), error.message) from None
    finally:
        if collecting:
            gc.enable()


def _guarded(body: Block) -> bool:
    return any(type(statement) is Branch and _asks_for_main(statement.test) for statement in body)


def _asks_for_main(test: Expr) -> bool:
    if type(test) is not Fold:
        return False
    return test in _MAIN or (test.op in {"and", "or"} and any(map(_asks_for_main, test.operands)))


# -- deep nesting --------------------------------------------------------------------------------------------------


def roomy(text: str, work: Callable[[], T]) -> T:
    """Run `work` on `text`; in a thread with a big stack where the parser, which never checks, might need one."""
    depth = _depth(text)
    if depth > _DEEPEST:
        raise SyntaxProblem(1, "brackets nest too deeply")
    if depth <= _DEEP and not any(text.count(word) > _LONG for word in _CHAINED):
        try:
            return work()
        except RecursionError:
            pass
    try:
        return _with_big_stack(work)
    except (RecursionError, MemoryError):
        raise SyntaxProblem(1, "the code nests too deeply") from None


def _depth(text: str) -> int:
    """How deep brackets nest; those in strings count too, so this may err upwards."""
    return max(itertools.accumulate(map(_STEP.__getitem__, _BRACKETS.findall(text))), default=0)


def _with_big_stack(work: Callable[[], T]) -> T:
    outcome: list[T] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            outcome.append(work())
        except BaseException as error:  # noqa: BLE001 - raised again below, in the thread that asked
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
    if failure:
        raise failure[0]
    return outcome[0]
