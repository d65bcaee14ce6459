"""All expressions together: which function handles which type of node."""

from reprolint.source import calls, comprehensions, displays, functions, operators
from reprolint.source.dispatch import EXPRESSIONS, aside, expression

__all__ = ["aside", "expression"]

for _module in (displays, operators, calls, functions, comprehensions):
    EXPRESSIONS.update(_module.HANDLERS)
