"""`reprolint check` finds in every fixture project what its marks promise, and nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from fixture_runner import FIXTURES, Mark, Project, copy, projects
from fixture_runner import marks as all_marks

PROJECTS = projects()
every_project = pytest.mark.parametrize("project", PROJECTS, ids=lambda project: project.name)

RULES = {page.name[:6] for page in FIXTURES.parent.glob("rules/RPL*.md")}
"""Rules that this version has; marks may be ahead of them."""

JUDGED = ("torch", "numpy", "python", "tensorflow")
"""Streams that are unused unless truth.toml says otherwise; the others are compared where it names them."""


def marks(project: Project) -> set[Mark]:
    return {mark for mark in all_marks(project) if mark.rule in RULES}


@cache
def report(name: str, *options: str) -> dict[str, Any]:
    project = next(project for project in PROJECTS if project.name == name)
    command = [sys.executable, "-P", "-m", "reprolint", "check", "--output-format", "json", "--no-cache", *options, "."]
    environment = os.environ | {"PYTHONPATH": str(FIXTURES.parent)}
    with TemporaryDirectory(prefix="fixture-") as scratch:
        folder = copy(project, Path(scratch))
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
        )
    assert done.returncode in {0, 1}, done.stderr
    return dict(json.loads(done.stdout))


def found(project: Project, *options: str) -> set[Mark]:
    return {
        Mark(one["path"], one["file_line"], one["rule"])
        for one in report(project.name, *options)["findings"]
        if one["severity"] in {"error", "warning"}
    }


@every_project
def test_findings_stand_where_the_marks_are(project: Project) -> None:
    assert found(project) == {mark for mark in marks(project) if not mark.possible}


@every_project
def test_possible_findings_are_shown_with_audit(project: Project) -> None:
    expected = {Mark(mark.path, mark.line, mark.rule) for mark in marks(project) if mark.possible}
    if not expected:
        pytest.skip("no mark says possible")
    assert expected <= found(project, "--audit")


@every_project
def test_streams_are_as_promised(project: Project) -> None:
    truth = project.truth
    run = next(run for run in report(project.name)["runs"] if run["entry"] == truth.entry)
    named = dict.fromkeys(JUDGED, "unused") | truth.streams
    expected = {stream: state for stream, state in named.items() if state != "any"}
    assert {stream: run["streams"][stream]["state"] for stream in expected} == expected
