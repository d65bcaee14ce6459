"""Programs as text → what one rule says of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprolint.check import check
from reprolint.config import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from reprolint.model.finding import Finding


def findings(folder: Path, rule: str, source: str, **files: str) -> list[Finding]:
    """The findings of a rule in `train.py` and the files beside it, the possible and informational ones included."""
    for name, text in {"train": source, **files}.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    report = check([folder], Settings(root=folder, audit=True), cwd=folder)
    return [finding for finding in report.findings if finding.rule == rule]


def lines(folder: Path, rule: str, source: str, **files: str) -> list[int]:
    """Where they stand."""
    return [finding.span.line for finding in findings(folder, rule, source, **files)]
