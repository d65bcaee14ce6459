"""Every fixture project does at run time what its truth.toml says."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec

import pytest
from fixture_runner import Project, Variation, marks, projects, run

PROJECTS = projects()
STATES = {"seeded", "late", "optional", "unseeded", "unused", "unknown"}


def variations(project: Project) -> list[Variation]:
    """One run that varies everything, if nothing may matter; else one run a variation."""
    agrees = project.truth.agrees
    if not agrees:
        return ["plain"]
    return ["everything"] if all(agrees.values()) else [name for name in agrees]  # type: ignore[misc]


CASES = [pytest.param(p, v, id=f"{p.name}-{v}") for p in PROJECTS for v in variations(p)]


@cache
def plain(project_name: str) -> str:
    return run(next(project for project in PROJECTS if project.name == project_name))


@pytest.mark.parametrize(("project", "variation"), CASES)
def test_digest_agrees_as_promised(project: Project, variation: Variation) -> None:
    for package in project.truth.needs:
        if find_spec(package) is None:
            pytest.skip(f"{package} is not installed")
    first = plain(project.name)
    if variation == "plain":
        return
    expected = variation == "everything" or project.truth.agrees[variation]
    assert (run(project, variation) == first) == expected


@pytest.mark.parametrize("project", PROJECTS, ids=lambda project: project.name)
def test_what_breaks_a_run_is_marked(project: Project) -> None:
    assert all(project.truth.agrees.values()) or marks(project)


@pytest.mark.parametrize("project", PROJECTS, ids=lambda project: project.name)
def test_truth_speaks_of_things_that_exist(project: Project) -> None:
    truth = project.truth
    assert (project.folder / truth.entry).is_file()
    assert all((project.folder / script).is_file() for script in truth.prepare)
    assert truth.argv[0] == truth.entry
    assert set(truth.streams.values()) <= STATES
