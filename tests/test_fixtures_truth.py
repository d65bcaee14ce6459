"""Every fixture project does at run time what its truth.toml says."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec

import pytest
from fixture_runner import Project, Truth, Variation, marks, projects, run

PROJECTS = projects()
STATES = {"seeded", "late", "optional", "unseeded", "unused", "unknown", "any"}
every_project = pytest.mark.parametrize("project", PROJECTS, ids=lambda project: project.name)


def expectations(truth: Truth) -> dict[Variation, bool]:
    """Which runs agree with the plain one; a single run varies everything if nothing may matter."""
    expected: dict[Variation, bool] = dict(truth.agrees)
    if expected and all(expected.values()):
        expected = {"everything": True}
    if truth.unprepared is not None:
        expected["unprepared"] = truth.unprepared
    return expected


@every_project
def test_digest_agrees_as_promised(project: Project) -> None:
    for package in project.truth.needs:
        if find_spec(package) is None:
            pytest.skip(f"{package} is not installed")
    expected = expectations(project.truth)
    with ThreadPoolExecutor(2) as pool:
        plain, *others = pool.map(lambda variation: run(project, variation), ["plain", *expected])
    assert {name: other == plain for name, other in zip(expected, others, strict=True)} == expected


@every_project
def test_what_breaks_a_run_is_marked(project: Project) -> None:
    broken = not all(project.truth.agrees.values())
    assert not broken or bool(marks(project)) != bool(project.truth.unmarked)


@every_project
def test_truth_speaks_of_things_that_exist(project: Project) -> None:
    truth = project.truth
    assert (project.folder / truth.entry).is_file()
    assert all((project.folder / script).is_file() for script in truth.prepare)
    assert truth.argv[0] == truth.entry
    assert set(truth.streams.values()) <= STATES
