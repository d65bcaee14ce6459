"""The pytest plugin in pytests of its own: what a marked test does, and what the fixture does."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONFTEST = """
import random
import pytest

def pytest_addoption(parser):
    parser.addoption("--width", type=int, default=3)

@pytest.fixture
def rows(request):
    generator = random.Random(0)
    return [generator.random() for _ in range(request.config.getoption("width"))]
"""


@pytest.fixture
def suite(tmp_path):
    """Run a test module in a pytest of its own, with the plugin: what it printed, without colours."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": "", "COLUMNS": "200", "NO_COLOR": "1"}
    environment.pop("FORCE_COLOR", None)
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = -ra --strict-markers --junitxml=report.xml\n")

    def run(source, *options):
        (tmp_path / "tests").mkdir(exist_ok=True)
        (tmp_path / "tests" / "conftest.py").write_text(CONFTEST)
        (tmp_path / "tests" / "test_steps.py").write_text(source)
        command = [sys.executable, "-m", "pytest", "-p", "reprolint.probe.pytest_plugin", *options, "tests"]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False).stdout

    run.environment = environment
    return run


def test_a_marked_test_is_run_more_than_once_and_compared(suite, tmp_path):
    said = suite(
        "import os, random, pytest\n"
        "@pytest.mark.reproducible(repeats=2)\n"
        "@pytest.mark.parametrize('rate', [0.1])\n"
        "def test_same(rows, rate, tmp_path, request):\n"
        "    (tmp_path / 'rows').write_text('x')\n"
        "    assert len(rows) == 5 and request.config.getoption('width') == 5\n"
        f"    with open({str(tmp_path / 'runs')!r}, 'a') as file:\n"
        "        file.write(f'{os.getpid()}\\n')\n"
        "    return rows, rate\n"
        "class TestDraws:\n"
        "    @pytest.mark.reproducible(repeats=2, steps=2, vary='only:clock')\n"
        "    def test_differs(self, rows):\n"
        "        return {'rows': rows, 'draw': random.random()}\n",
        "--width=5",
    )
    assert "1 failed, 1 passed" in said
    assert "tests/test_steps.py::TestDraws::test_differs  ✗ result at step 1 (1 of 6): test_differs()['draw']" in said
    assert "  clock: 1 of 1 differ" in said
    assert "by how much: test_differs()['draw']: it differs, by 0." in said
    assert "During handling" not in said
    runs = (tmp_path / "runs").read_text().split()
    assert len(runs) == len(set(runs)) == 2, "twice, in processes of their own"
    assert not list((tmp_path / "tests").glob("**/.pytest_cache"))


def test_what_a_marked_test_may_end_in(suite):
    said = suite(
        "import unittest, pytest\n"
        "mark = pytest.mark.reproducible(repeats=2, vary='only:clock')\n"
        "@mark\ndef test_fails():\n    total = 2\n    assert total == 3\n"
        "@mark\ndef test_skips():\n    pytest.skip('no GPU here')\n"
        "@mark\ndef test_silent():\n    pass\n"
        "@mark\n@pytest.mark.xfail(strict=True)\ndef test_expected():\n    assert 2 == 3\n"
        "@mark\nasync def test_async():\n    return 3\n"
        "@pytest.mark.reproducible(3)\ndef test_position():\n    pass\n"
        "@pytest.mark.reproducible(repeat=3)\ndef test_name():\n    pass\n"
        "@pytest.mark.reproducible(repeats=1)\ndef test_once():\n    pass\n"
        "class TestOld(unittest.TestCase):\n    @mark\n    def test_old(self):\n        pass\n"
    )
    assert "4 failed, 1 skipped, 1 xfailed, 3 errors" in said
    assert "`tests/test_steps.py::test_fails` failed, exit code 1" in said
    assert "E       assert 2 == 3" in said
    assert "no GPU here" in said
    assert "`tests/test_steps.py::test_silent` leaves nothing to compare" in said
    assert "a step is no `async` function" in said
    assert "takes repeats, steps, vary, timeout, quick, scratch by name, not 3" in said
    assert "takes repeats, steps, vary, timeout, quick, scratch by name, not repeat" in said
    assert "repeats=1: it has to be a whole number, 2 or more" in said
    assert "not for unittest's" in said


def test_the_fixture(suite):
    said = suite(
        "import random\n"
        "def same():\n    return lambda: 3\n"
        "def differs():\n    return random.random\n"
        "def test_same(assert_reproducible):\n    assert_reproducible(same, repeats=2)\n"
        "def test_differs(assert_reproducible):\n    assert_reproducible(differs, repeats=2, vary='only:clock')\n"
    )
    assert "1 failed, 1 passed" in said
    assert "AssertionError: test_steps:differs  ✗ result at step 1: random()" in said
    assert "asserting.py" not in said, "nothing of ours in the traceback"


def test_a_marked_test_in_copies_of_the_project(suite, tmp_path):
    """Wherever pytest is started, a copy holds the whole project."""
    (tmp_path / "conftest.py").write_text("import pytest\n@pytest.fixture\ndef outer():\n    return 3\n")
    source = (
        "import os, pytest\nfrom pathlib import Path\n"
        "@pytest.mark.reproducible(quick=True, scratch=True)\n"
        "def test_counts(outer, rows):\n"
        "    count = Path(__file__).with_name('count')\n"
        "    count.write_text((count.read_text() if count.exists() else '') + 'x')\n"
        f"    with open({str(tmp_path / 'runs')!r}, 'a') as file:\n        file.write(f'{{os.getpid()}}\\n')\n"
        "    return len(count.read_text()), outer, os.path.basename(os.getcwd())\n"
    )
    assert "1 passed" in suite(source)
    assert not (tmp_path / "tests" / "count").exists()
    below = subprocess.run([sys.executable, "-m", "pytest", "-p", "reprolint.probe.pytest_plugin", "test_steps.py"], cwd=tmp_path / "tests", env=suite.environment, capture_output=True, text=True, check=False)
    assert "1 passed" in below.stdout, below.stdout
    assert len((tmp_path / "runs").read_text().split()) == 4
    assert "1 failed" in suite(source.replace(", scratch=True", ""))


def test_it_is_declared_and_light():
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]["pytest11"]
    assert declared == {"reprolint": "reprolint.probe.pytest_plugin"}
    program = "import sys, pytest\nbefore = set(sys.modules)\nimport reprolint.probe.pytest_plugin\nprint(sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['reprolint', 'reprolint.probe', 'reprolint.probe.pytest_plugin']"


def test_the_fixture_for_resuming(suite, tmp_path):
    (tmp_path / "made.py").write_text(
        "import random\nclass Steps:\n    def __init__(self):\n        random.seed(0)\n        self.own = random.Random(0)\n    __call__ = lambda self: self.own.random()\n"
        "    def save(self, path):\n        open(path, 'w').write('nothing')\n    def load(self, path):\n        pass\n"
    )
    said = suite("import sys\nsys.path.insert(0, '.')\nimport made\ndef test_resumes(assert_resumable):\n    assert_resumable(made.Steps, steps=2)\n")
    assert "AssertionError: made:Steps  ✗ resumed, it goes on from another state: lost `Steps.own` (a generator)" in said
