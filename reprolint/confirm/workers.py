"""Findings about workers and epochs that draw alike, beside what `--workers` has seen: such a run repeats bit by bit, and no variation shows it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from reprolint.knowledge.pages import pages
from reprolint.report.text import source

if TYPE_CHECKING:
    from reprolint.confirm.static import Candidate, Static
    from reprolint.probe.experiment import Outcome
    from reprolint.probe.said import Said

Word: TypeAlias = Literal["confirmed", "predicted", "not confirmed", "not exercised", "open"]
"""`predicted`: fits the difference, and nobody watched whether its line ran. `open`: these runs cannot tell."""
WORKERS: Final = "workers"
"""What pages name that loaders show, when they are watched with 0, 1 and 2 workers."""
_SEEDERS: Final = {"python": r"(?<![.\w])random\.seed", "numpy": r"\b(np|numpy)\.", "torch": r"\btorch\."}
"""Streams, and how lines that seed them read."""


def wanted(static: Static) -> bool:
    """Whether a finding about the run can be shown by watching loaders."""
    return any(WORKERS in pages()[one.finding.rule].probe.by for one in static.candidates)


def alike(one: Candidate, outcome: Outcome, static: Static) -> Said | None:
    """What was seen of loaders that a finding predicts."""
    if outcome.loading is None or WORKERS not in pages()[one.finding.rule].probe.by:
        return None
    return next((said for said in outcome.loading.faults if _fits(one, said, static)), None)


def _fits(one: Candidate, said: Said, static: Static) -> bool:
    """A sampler by its kind, a generator by the code that holds it and by its name, a stream by its name."""
    finding = one.finding
    if said.about == "shuffle":
        return finding.rule == "RPL207" and said.names == ("DistributedSampler",)
    if said.about not in {"draws", "epochs"} or finding.rule == "RPL207":
        return False
    span = finding.span
    lines = source(span, static.report)
    line = lines[span.line - 1] if 0 < span.line <= len(lines) else ""
    if not said.generator:
        return finding.rule == "RPL203" and said.names[0] in _seeds(line)
    return finding.rule == "RPL202" and any(path == static.show(span.path) and _holds(line, said.names[0], span.line, first, last) for path, first, last in said.places)


def _seeds(line: str) -> frozenset[str]:
    """The streams that a line may seed, by the library that it names; a function of the project's own may seed any."""
    found = frozenset(stream for stream, pattern in _SEEDERS.items() if re.search(pattern, line))
    return found or frozenset(_SEEDERS)


def _holds(line: str, name: str, number: int, first: int, last: int) -> bool:
    """Whether a line may make a generator of that name: in its class, or anywhere in the file for a name that belongs to no object."""
    own, _, path = name.partition(".")
    if not last:
        return not line or re.search(rf"(?<![.\w]){re.escape(own)}\b", line) is not None
    return first <= number <= last and (not line or bool(set(re.findall(r"\w+", line)) & set(re.findall(r"[^\W\d]\w*", path or own))))


def apart(outcome: Outcome) -> tuple[Word, str]:
    """The verdict on a finding about workers that none of the loaders shows."""
    seen = outcome.loading
    if outcome.quick:
        return "not exercised", "what workers draw was not watched, with --quick"
    if seen is None:
        return "not exercised", "what workers draw was not watched: that takes a script that runs in one process"
    if seen.failed:
        return "open", f"what workers draw was not seen: {seen.failed}"
    if seen.unseen:
        return "open", f"not all that would show it was seen: {seen.unseen[0]}"
    return "not confirmed", "its line ran, and neither workers nor epochs draw what others have drawn"
