"""Findings → which of their lines a run executes."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from reprolint.probe import children

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reprolint.confirm.static import Static
    from reprolint.model.finding import Finding
    from reprolint.probe.children import Target
    from reprolint.probe.scratch import Scratch
    from reprolint.probe.variations import Variation


@dataclass(frozen=True, slots=True)
class Exercise:
    """What one more run of the same length executed; it is compared with none, so that watching lines touches no comparison."""

    ran: frozenset[str]
    """Fingerprints of the findings whose lines ran."""
    workers: bool
    """A DataLoader started workers."""
    processes: int
    """Processes that the script started; what a spawned one executes is not seen."""


def exercise(
    target: Target, must: Sequence[Variation], static: Static, *, steps: int, timeout: float, copies: Scratch | None = None
) -> Exercise | None:
    """Run once more and note the lines of the findings. None where the run failed, or its Python lets nobody watch lines."""
    findings = [one.finding for one in static.candidates]
    with TemporaryDirectory(prefix="reprolint-") as folder:
        path = Path(folder) / "lines"
        path.touch()
        place = copies.fresh() if copies else target
        wanted = [_stretch(static, finding, copies) for finding in findings]
        try:
            trace = children.run(place, (), tuple(must), steps=steps, timeout=timeout, wanted={"path": str(path), "wanted": wanted})
        except children.CouldNotRun:
            return None
        words = set(path.read_text(encoding="utf-8").split())
    if "unknown" in words:
        return None
    ran = frozenset(finding.fingerprint for number, finding in enumerate(findings) if str(number) in words)
    return Exercise(ran, "workers" in words, trace.end.processes if trace.end is not None else 0)


def _stretch(static: Static, finding: Finding, copies: Scratch | None) -> tuple[str, int, int]:
    """The file that holds a finding, where the run finds it, and its first and last line."""
    span = finding.span
    path = os.path.normpath(static.root / span.path)
    return os.path.realpath(copies.moved(path) if copies else path), span.line, max(span.line, span.end_line - (span.end_column == 1))
