"""Each page has its form, says what its check says, and stands in the index."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from reprolint.checks import load
from reprolint.knowledge.pages import Page, PageError, page, pages, parse, renewed, rules_folder
from reprolint.probe.variations import NAMES
from reprolint.triage import with_own

PAGES = pages()
RULES = with_own(load())
every_page = pytest.mark.parametrize("one", PAGES.values(), ids=PAGES)

HEAD = "# RPL999 a-name\n\nIt is so.\n\nSeverity: error, shown by default.\n\nProbe: process.\n"
URL = re.compile(r"- https://[^\s<>]+")
SECTIONS = ["Why", "Bad", "Good", "Fixed", "Not flagged, and why", "Sources"]


def written(folder: Path, text: str) -> Path:
    path = folder / "RPL999-a-name.md"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_rule_has_a_page_and_every_page_a_rule() -> None:
    assert list(PAGES) == list(RULES)


@every_page
def test_the_page_says_what_the_check_says(one: Page) -> None:
    rule = RULES[one.code]
    assert (one.name, one.summary) == (rule.name, rule.summary)
    assert rule.severity in re.findall(r"error|warning|info", one.severity)
    assert rule.audience == "default" or "--audit" in one.severity


@every_page
def test_the_page_says_what_a_probe_shows_of_it(one: Page) -> None:
    assert set(one.probe.by) <= {*NAMES, "process", "kernel", "file"}
    assert one.probe.needs in {"", "cuda", "workers", "processes"}
    assert bool(one.probe.by) != bool(one.probe.why)


@every_page
def test_the_file_is_named_after_code_and_name(one: Page) -> None:
    assert one.path.name == f"{one.slug}.md"


@every_page
def test_the_summary_is_one_plain_sentence(one: Page) -> None:
    assert one.summary.endswith(".")
    assert one.summary[0].isupper()
    assert not re.search(r"[.!?]\s|[*]", one.summary)


@every_page
def test_the_sections_stand_in_their_order(one: Page) -> None:
    assert list(one.sections) == [name for name in SECTIONS if name in one.sections]
    assert set(SECTIONS) - {"Fixed"} <= set(one.sections)
    assert "Remedy:" in one.sections["Why"]


@every_page
def test_sources_are_public_addresses(one: Page) -> None:
    lines = one.sections["Sources"].splitlines()
    assert lines
    assert [line for line in lines if not URL.fullmatch(line)] == []
    assert len(set(lines)) == len(lines)


@every_page
def test_bad_fences_carry_marks_and_good_ones_none(one: Page) -> None:
    examples = {kind: [fence for fence in one.fences if fence.kind == kind] for kind in ("bad", "good")}
    assert examples["bad"]
    assert examples["good"]
    assert all(f"# {one.code}\n" in fence.text for fence in examples["bad"])
    assert not any(re.search(r"# RPL\d{3}\n", fence.text) for fence in examples["good"])


@every_page
def test_examples_are_python(one: Page) -> None:
    for fence in one.fences:
        if one.code == "RPL001" and fence.kind == "bad":
            continue
        for name, text in fence.files.items():
            if name.endswith(".py") and fence.kind != "text":
                ast.parse(text, f"{one.path.name}:{fence.line} {name}")


def test_the_index_is_current() -> None:
    readme = (rules_folder() / "README.md").read_text(encoding="utf-8")
    assert readme == renewed(readme, PAGES), "run `python -m reprolint.knowledge.pages`"
    assert all(readme.count(f"]({one.path.name})") == 1 for one in PAGES.values())


def test_a_page_is_found_by_code_and_by_name() -> None:
    found = page("RPL101")
    assert found is not None
    assert found.name == "unseeded-stream"
    assert page("rpl101") is page("unseeded-stream") is found
    assert page("RPL1") is None


def test_fences_know_their_section_line_and_files(tmp_path: Path) -> None:
    body = "\n## Bad\n\n```python\n# file: a.py\nx = 1\n# file: train.py\n## not a heading\n```\n"
    body += "\n```toml\ny = 1\n```\n"
    body += "\n## Not flagged, and why\n\n```python\nz = 1\n```\n\n## Why\n\n```python\nw = 1\n```\n"
    found = parse(written(tmp_path, HEAD + body))
    assert [(fence.kind, fence.language, fence.line) for fence in found.fences] == [
        ("bad", "python", 12),
        ("text", "toml", 19),
        ("good", "python", 25),
        ("text", "python", 31),
    ]
    assert found.fences[0].files == {"a.py": "x = 1\n", "train.py": "## not a heading\n"}
    assert found.fences[2].files == {"train.py": "z = 1\n"}
    assert list(found.sections) == ["Bad", "Not flagged, and why", "Why"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "the first line"),
        ("# RPL1 a-name\n", "the first line"),
        ("# RPL999 a-name\n\nIt is so.\n", "one summary line"),
        (HEAD.replace("process", "nothing"), "is not `Probe: process"),
        (HEAD.replace("Probe: process.", "Probe"), "is not `Probe: process"),
        ("# RPL999 a-name\n\nIt is so.\n\nOr so.\n\nSeverity: error.\n", "one summary line"),
        (HEAD + "\n## Bad\n\n```python\nx = 1\n", "RPL999-a-name.md:11: the fence is never closed"),
    ],
)
def test_a_malformed_page_is_named(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(PageError, match=says):
        parse(written(tmp_path, text))
