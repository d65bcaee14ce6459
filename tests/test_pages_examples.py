"""Every Python fence of every rule page: findings stand exactly where the marks are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from reprolint.check import check
from reprolint.config import Settings
from reprolint.knowledge.pages import Fence, Page, pages

MARK = re.compile(r"# (RPL\d{3}(?:, RPL\d{3})*)$")
EXAMPLES = [
    pytest.param(page, fence, id=f"{page.code}:{fence.line}-{fence.kind}")
    for page in pages().values()
    for fence in page.fences
    if fence.kind != "text"
]


def marks(fence: Fence) -> set[tuple[str, int, str]]:
    return {
        (name, number, rule)
        for name, text in fence.files.items()
        for number, line in enumerate(text.splitlines(), start=1)
        for mark in MARK.findall(line)
        for rule in mark.split(", ")
    }


def judged(page: Page, fence: Fence, folder: Path) -> set[tuple[str, int, str]]:
    """Errors and warnings; for a rule that only speaks with --audit, what it says itself too."""
    audit = page.severity == "info, shown with `--audit`."
    report = check([Path()], Settings(root=folder, audit=audit), cwd=folder)
    return {
        (finding.span.path, finding.span.file_line or finding.span.line, finding.rule)
        for finding in report.findings
        if finding.rule == page.code or (finding.severity != "info" and finding.confidence != "possible")
    }


@pytest.mark.parametrize(("page", "fence"), EXAMPLES)
def test_findings_stand_where_the_marks_are(page: Page, fence: Fence, tmp_path: Path) -> None:
    for name, text in fence.files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert judged(page, fence, tmp_path) == marks(fence)
