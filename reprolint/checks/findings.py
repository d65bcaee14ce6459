"""Drafts of findings → findings: places become spans, levels become words, for those that someone will see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from reprolint.model.finding import CONFIDENCES, Finding, Step

if TYPE_CHECKING:
    from reprolint.flow.program import Program, RunResult
    from reprolint.flow.state import Witness
    from reprolint.model.span import Place


class Hop(Struct, frozen=True):
    """A step of a witness before it has a position."""

    place: Place
    note: str = ""
    """Empty for a call or import that leads on: its own text says it."""


class Draft(Struct, frozen=True):
    """What a check knows of a finding before it has a position."""

    rule: str
    place: Any
    message: str
    help: str
    level: int
    stream: str | None = None
    run: RunResult | None = None
    steps: tuple[Hop, ...] = ()
    path: tuple[Place, ...] | None = None
    """Calls that lead to the place, outermost first: its steps, if it has no others."""
    severity: str = ""
    audit: bool = False


def finding(program: Program, draft: Draft) -> Finding:
    """Give a draft its span, its rule's name and severity, and its steps."""
    from reprolint.checks import load

    found = load()[draft.rule]
    hops = draft.steps
    if draft.path is not None and not hops:
        hops = (*called(draft.path), Hop(draft.place, program.text(draft.place)))
    told = {program.span(hop.place) for hop in hops if hop.note}
    shown = [hop for hop in hops if hop.note or program.span(hop.place) not in told]
    steps = tuple(Step(program.span(hop.place), hop.note or _leads_on(program.text(hop.place))) for hop in shown)
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


def path_steps(witness: Witness, note: str) -> tuple[Hop, ...]:
    """The calls from the entry to a seed or draw, and the place itself."""
    return (*called(witness.calls), Hop(witness.place, f"{note}: {witness.what}"))


def called(calls: tuple[Place, ...]) -> tuple[Hop, ...]:
    """A step for each call or import that leads on."""
    return tuple(Hop(place) for place in dict.fromkeys(calls) if place.site >= 0 and place.path)


def _leads_on(text: str) -> str:
    return "imports the module" if text.startswith(("import ", "from ")) else f"calls {text}"
