"""Every Python fence of every rule page: errors and warnings stand exactly where the marks are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from reprolint.check import check

from reprolint.config import Settings
from reprolint.knowledge.pages import Fence, pages

MARK = re.compile(r"# (RPL\d{3}(?:, RPL\d{3})*)$")
EXAMPLES = [
    pytest.param(fence, id=f"{page.code}:{fence.line}-{fence.kind}")
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


@pytest.mark.parametrize("fence", EXAMPLES)
def test_findings_stand_where_the_marks_are(fence: Fence, tmp_path: Path) -> None:
    for name, text in fence.files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    report = check([Path()], Settings(root=tmp_path), cwd=tmp_path)
    found = {
        (finding.span.path, finding.span.file_line or finding.span.line, finding.rule)
        for finding in report.findings
        if finding.severity in {"error", "warning"}
    }
    assert found == marks(fence)
