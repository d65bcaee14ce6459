"""Drafts of findings → findings: places become spans, levels become words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reprolint.model.finding import CONFIDENCES, Finding, Step

if TYPE_CHECKING:
    from reprolint.flow.program import Program, RunResult
    from reprolint.flow.state import Witness
    from reprolint.model.span import Place


@dataclass(frozen=True, slots=True)
class Draft:
    """What a check knows of a finding before it has a position."""

    rule: str
    place: Any
    message: str
    help: str
    level: int
    stream: str | None = None
    run: RunResult | None = None
    steps: tuple[Step, ...] = ()
    path: tuple[Place, ...] | None = None
    """Calls that lead to the place, outermost first: its steps, if it has no others."""
    severity: str = ""
    audit: bool = False


def finding(program: Program, draft: Draft) -> Finding:
    """Give a draft its span, its rule's name and severity, and its steps."""
    from reprolint.checks import load

    found = load()[draft.rule]
    steps = draft.steps
    if draft.path is not None and not steps:
        steps = (*called(program, draft.path), Step(program.span(draft.place), program.text(draft.place)))
    return Finding(
        rule=draft.rule,
        name=found.name,
        severity=draft.severity or found.severity,  # type: ignore[arg-type]
        confidence=CONFIDENCES[draft.level],
        message=draft.message,
        span=program.span(draft.place),
        help=draft.help,
        stream=draft.stream,
        entry=draft.run.entry.path if draft.run is not None else None,
        steps=steps if len(steps) > 1 else (),
        enclosing=program.enclosing(draft.place),
        audit=draft.audit or found.audience == "audit",
    )


def path_steps(program: Program, witness: Witness, note: str) -> tuple[Step, ...]:
    """The calls from the entry to a seed or draw, and the place itself."""
    last = Step(program.span(witness.place), f"{note}: {witness.what}")
    return (*called(program, witness.calls), last)


def called(program: Program, calls: tuple[Place, ...]) -> tuple[Step, ...]:
    """A step for each call or import that leads on."""
    places = [place for place in dict.fromkeys(calls) if place.site >= 0 and place.path]
    return tuple(Step(program.span(place), _leads_on(program.text(place))) for place in places)


def _leads_on(text: str) -> str:
    return "imports the module" if text.startswith(("import ", "from ")) else f"calls {text}"
