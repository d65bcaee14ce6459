"""A function → the variables that it shares with the functions and lambdas inside it."""

from __future__ import annotations

from reprolint.model import code
from reprolint.model.walk import inner_blocks

_CAPTURES: dict[int, tuple[code.Function, frozenset[str]]] = {}


def captured(function: code.Function) -> frozenset[str]:
    """The variables of a function that definitions inside it use."""
    known = _CAPTURES.get(id(function))
    if known is None or known[0] is not function:
        words: set[str] = set()
        _inner_words(function.body, words)
        known = (function, frozenset(words.intersection(function.variables)))
        _CAPTURES[id(function)] = known
    return known[1]


def _inner_words(block: code.Block, words: set[str]) -> None:
    for item in block:
        if isinstance(item, code.Define):
            words.update(item.definition.words)
        for inner in inner_blocks(item):
            _inner_words(inner, words)
        _lambda_words(item, words)


def _lambda_words(item: object, words: set[str]) -> None:
    """Words of the lambdas and generator expressions in a statement's own expressions."""
    stack: list[object] = []
    if isinstance(item, code.Call):
        stack = [item.callee, *(argument.value for argument in item.arguments)]
    elif isinstance(item, code.Bind | code.Return | code.Yield | code.Evaluate):
        stack = [item.value]
    elif isinstance(item, code.Branch):
        stack = [item.test]
    elif isinstance(item, code.Loop):
        stack = [item.iterable, item.test]
    while stack:
        found = stack.pop()
        if isinstance(found, code.Code):
            words.update(found.function.words)
        elif isinstance(found, code.Attr | code.Spread):
            stack.append(found.of)
        elif isinstance(found, code.Item):
            stack += [found.of, found.key]
        elif isinstance(found, code.Display):
            stack += [*found.items, *found.keys]
        elif isinstance(found, code.Fold):
            stack += found.operands
        elif isinstance(found, code.Choice):
            stack += [found.test, found.then, found.other]
        elif isinstance(found, code.Collected):
            stack += [found.element, found.key]
        elif isinstance(found, code.Opaque):
            stack += found.parts
