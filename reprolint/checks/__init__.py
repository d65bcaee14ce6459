"""The rules: each a code, a name and a function from a `Program` to drafts of findings."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from reprolint.checks.findings import Draft
    from reprolint.flow.program import Program
    from reprolint.model.finding import Severity

Check: TypeAlias = "Callable[[Program], Iterator[Draft]]"


@dataclass(frozen=True, slots=True)
class Rule:
    code: str
    name: str
    """Reads as "allow *name*": the pattern, never the remedy."""
    severity: Severity
    summary: str
    """The one sentence that its page opens with too."""
    run: Check
    audience: Literal["default", "audit"] = "default"
    since: str = "0.1.0"


_rules: dict[str, Rule] = {}


def rule(
    code: str, name: str, severity: Severity, *, audience: Literal["default", "audit"] = "default"
) -> Callable[[Check], Check]:
    """Register a check; the first line of its docstring is the rule's summary."""

    def register(run: Check) -> Check:
        summary = (run.__doc__ or "").strip().splitlines()[0]
        _rules[code] = Rule(code, name, severity, summary, run, audience)
        return run

    return register


@cache
def load() -> dict[str, Rule]:
    """Every rule by code, sorted; imports each module of the package once."""
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda found: found.name):
        import_module(f"{__name__}.{module.name}")
    return dict(sorted(_rules.items()))
