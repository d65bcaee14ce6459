"""Target → what the static half says of its run."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from reprolint.model.finding import Finding, Report
    from reprolint.probe.children import Target


@dataclass(frozen=True, slots=True)
class Candidate:
    """A finding about the run of the target."""

    finding: Finding
    shown: bool
    """`reprolint check` shows it; else it is said with `--audit` alone, or muted."""
    muted: str = ""
    """Why it is muted: `inline`, `config`."""


@dataclass(frozen=True, slots=True)
class Static:
    """The findings that concern the run of the target, in the order of the report."""

    report: Report
    root: Path
    cwd: Path
    candidates: tuple[Candidate, ...]
    note: str = ""
    """What was not judged, and why."""

    def show(self, path: str) -> str:
        """A path relative to the root → relative to the working directory."""
        return Path(os.path.relpath(self.root / path, self.cwd)).as_posix()

    def place(self, finding: Finding) -> str:
        """`train.py:12`, as the tracer names lines."""
        return f"{self.show(finding.span.path)}:{finding.span.line}"


def file_of(target: Target) -> Path | None:
    """The file that the target runs, or that its factory is in; None for a module that does not lie in the working directory."""
    if target.script or target.file:
        return target.cwd / (target.script or target.file)
    base = target.cwd / target.module.replace(".", "/")
    return next((path for path in (base.with_suffix(".py"), base / ("__init__.py" if target.factory else "__main__.py")) if path.is_file()), None)


def read(
    target: Target, config: Path | None = None, *, isolated: bool = False, tell: Callable[[str], None] | None = None
) -> Static:
    """Check the project that holds the target. Raises `UsageError` or `CatalogError`."""
    from reprolint.check import check
    from reprolint.config import UsageError, load

    file = file_of(target)
    if file is None:
        raise UsageError(f"the file of the module {target.module} was not found in the current folder")
    settings = load([file], target.cwd, config, {"audit": True}, isolated=isolated)
    report = check([file], settings, cwd=target.cwd, progress=tell)
    path = Path(os.path.relpath(os.path.abspath(file), settings.root)).as_posix()  # noqa: PTH100  resolves no link
    found = [Candidate(finding, not (finding.confidence == "possible" or finding.audit or finding.severity == "info")) for finding in report.findings]
    found += [Candidate(muted.finding, shown=False, muted=muted.why) for muted in report.muted]
    unseen = target.factory and not any(run.entry == path for run in report.runs)
    note = f"`reprolint check` follows scripts, and no run begins in {Path(path).name}: seeding was not judged" if unseen else ""
    return Static(report, settings.root, target.cwd, tuple(one for one in found if _concerns(one.finding, path)), note)


def _concerns(finding: Finding, entry: str) -> bool:
    """Whether a finding is about the run of that entry, or about code alone."""
    return finding.entry in {None, entry} or entry in finding.also
