"""Steps as functions: how a factory is named, what it may return, and what is compared of it."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner

from reprolint.cli import main
from reprolint.probe import assert_reproducible
from reprolint.probe.children import CouldNotRun
from reprolint.probe.factories import named, target

ROOT = Path(__file__).parents[2]
STEPS = """
import random
from collections import namedtuple
from dataclasses import dataclass

CONSTANT = 3

def same():
    generator = random.Random(0)
    return lambda: {"loss": generator.random(), "rows": [1, (2, None)]}

def numbers():
    generator = random.Random(0)
    for _ in range(2):
        yield generator.random()

def drifts():
    count = 0
    def step():
        nonlocal count
        count += 1
        return {"loss": 0.5, "noise": random.random() if count == 2 else 0.0, "more": random.random() if count == 2 else 0.0}
    return step

@dataclass
class Result:
    loss: float
    names: object

Pair = namedtuple("Pair", "first second")

def hashes():
    return lambda: Result(0.5, Pair(1, list({"north", "east", "south", "west"})))

class Trainer:
    def __call__(self):
        return 1

    @classmethod
    def make(cls):
        return cls()

def counts():
    with open("count", "a+") as file:
        file.write("x")
        file.seek(0)
        return lambda count=len(file.read()): count

def stops():
    return iter([random.random()] * (random.random() > 2))

def needs(rate, steps=3):
    raise AssertionError

def step_needs():
    return lambda batch: batch

def is_a_step():
    return 0.5

def is_async():
    async def step():
        return 1
    return step

def silent():
    return lambda: None

def leaves():
    import os
    return lambda: os._exit(0)

def exits():
    import sys
    return lambda: sys.exit("enough")

def fails():
    raise KeyError("no such column")

def arguments():
    import sys
    return lambda: sys.argv[1:]
"""


@pytest.fixture
def probe(tmp_path, monkeypatch):
    """Probe a factory of `steps.py`, in two runs: exit code, and outcome or what it said on stderr."""
    monkeypatch.chdir(tmp_path)
    Path("steps.py").write_text(STEPS)

    def probed(target, *options):
        done = CliRunner().invoke(main, ["probe", "--output-format", "json", "--repeats", "2", target, *options])
        return done.exit_code, json.loads(done.stdout) if done.stdout else done.stderr

    return probed


@pytest.mark.parametrize("target", ["steps:same", "steps.py:same", "steps:Trainer", "steps:Trainer.make"])
def test_steps_that_repeat(probe, target):
    code, found = probe(target, "--steps", "4")
    assert (code, found["verdict"], found["steps"], found["target"]) == (0, "agreed", 4, target)


def test_an_iterator_may_end_before_its_steps(probe):
    code, found = probe("steps:numbers", "--steps", "5")
    assert (code, found["steps"]) == (0, 2)


def test_the_step_and_the_part_of_its_result_that_differs(probe):
    code, found = probe("steps:drifts")
    first = found["first"]
    assert (code, first["kind"], first["step"], first["names"], first["total"]) == (1, "result", 2, ["step()['noise']", "step()['more']"], 3)
    assert first["where"] == "steps.py:19"
    size = found["sizes"]["state"][0]
    assert (size["name"], size["differing"], size["total"]) == ("step()['noise']", 1, 1)
    assert 0 < size["max_abs"] < 1


def test_records_and_named_tuples_are_looked_into(probe):
    code, found = probe("steps:hashes")
    assert (code, found["causes"]) == (1, ["hash-seed"])
    assert found["first"]["names"][0].startswith("step().names.second[")


def test_arguments_go_to_the_module(probe):
    assert probe("steps:arguments", "--", "--rate", "3")[0] == 0


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("steps:sam", "there is no sam in steps; did you mean same?"),
        ("steps:CONSTANT", "CONSTANT is an int, not a function"),
        ("steps:needs", "needs needs an argument (rate) and is called with none"),
        ("steps:step_needs", "the step that step_needs returns needs an argument (batch)"),
        ("steps:is_a_step", "is_a_step returned a float: it has to return a function that runs one step, or an iterator of results"),
        ("steps:is_async", "step() returns coroutine, which never runs"),
        ("steps:silent", "leaves nothing to compare"),
        ("steps:stops", "leaves nothing to compare"),
        ("steps:leaves", "a step, or what makes it, leaves the process with exit code 0"),
        ("no.such:thing", "there is no module no here"),
        ("broken:thing", "importing it failed: ZeroDivisionError: division by zero (broken.py:2)"),
        ("none.py:thing", "no such file: none.py"),
        ("steps:not a name", "no such file: steps:not a name"),
    ],
)
def test_what_cannot_be_run_is_said_in_one_line(probe, target, said):
    Path("broken.py").write_text("\nrate = 1 / 0\n")
    code, stderr = probe(target)
    assert code == 2
    assert said in stderr
    assert stderr.count("\n") == 1


def test_what_a_step_says_as_it_leaves_is_passed_on(probe):
    code, stderr = probe("steps:exits")
    assert code == 2
    assert stderr == "enough\nreprolint: `steps:exits`: a step, or what makes it, leaves the process with exit code 1\n"


def test_a_module_that_differs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("pkg").mkdir()
    Path("pkg/train.py").write_text("import random\nfrom reprolint.probe import record\nrecord('draw', random.random())\n")
    done = CliRunner().invoke(main, ["probe", "--repeats", "2", "--vary", "only:clock", "-m", "pkg.train"])
    assert done.exit_code == 1
    assert "-m pkg.train  ✗ result: draw\n" in done.stdout
    assert "by how much: draw: it differs, by 0." in done.stdout


def test_a_factory_that_fails_says_where(probe):
    code, stderr = probe("steps:fails")
    assert code == 2
    assert "in fails\n    raise KeyError" in stderr
    assert "tracer.py" not in stderr
    assert stderr.endswith("`steps:fails` failed, exit code 1\n")


@pytest.fixture
def steps(tmp_path, monkeypatch):
    """`steps.py`, imported from a folder of its own."""
    (tmp_path / "steps.py").write_text(STEPS)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield importlib.import_module("steps")
    del sys.modules["steps"]


def test_asserting_in_python(steps):
    assert_reproducible(steps.same, repeats=2, steps=2)
    with pytest.raises(AssertionError) as caught:
        assert_reproducible(steps.hashes, repeats=2, vary="only:hash-seed")
    report = str(caught.value).splitlines()
    assert report[0].startswith("steps:hashes  ✗ result at step 1")
    assert "cause: the order of a set, or `hash()` of a text, decides something" in report


def test_asserting_what_could_not_run(steps):
    with pytest.raises(CouldNotRun, match="exit code 1") as caught:
        assert_reproducible(steps.fails, repeats=2)
    assert "KeyError: 'no such column'" in caught.value.__notes__[0]


def test_asserting_quickly(steps):
    with pytest.raises(AssertionError) as caught:
        assert_reproducible(steps.hashes, quick=True)
    said = str(caught.value)
    assert "  hash-seed, listing-order, clock, memory, load: 1 of 1 differ\n" in said
    assert "cause: not looked for" in said
    assert "agree" not in said, "no more runs than these two"


def test_asserting_in_copies_of_the_folder(steps, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(AssertionError, match="which an earlier one wrote"):
        assert_reproducible(steps.counts, quick=True)
    assert (tmp_path / "count").read_text() == "xx"
    assert_reproducible(steps.counts, repeats=2, vary="only:clock", scratch=True)
    assert (tmp_path / "count").read_text() == "xx"


@pytest.mark.parametrize(
    "options",
    [{"repeats": 1}, {"steps": 0}, {"repeats": 2.5}, {"vary": ["hash"]}, {"quick": 1}, {"scratch": "yes"}, {"quick": True, "repeats": 3}],
)
def test_asserting_with_options_that_cannot_be(steps, options):
    with pytest.raises(ValueError, match=r"whole number|did you mean hash-seed|True or False|two runs"):
        assert_reproducible(steps.same, **options)


def test_what_a_fresh_process_could_not_find(steps, monkeypatch):
    def local():
        raise AssertionError

    for factory in (local, lambda: 1, partial(steps.same), steps.Trainer().__call__, "steps"):
        with pytest.raises(TypeError):
            target(factory)
    monkeypatch.setattr(steps, "same", steps.numbers)
    assert target(steps.numbers).factory == "numbers"
    monkeypatch.setattr(steps, "numbers", steps.hashes)
    with pytest.raises(TypeError, match="would run something else"):
        target(steps.same)


def test_names_of_factories(tmp_path):
    assert named("train.py") is None
    assert named("C:/train") is None
    assert named(":make") is None
    found = named("pkg.mod:Class.make")
    assert found is not None
    assert (found.module, found.factory, found.said) == ("pkg.mod", "Class.make", "pkg.mod:Class.make")


def alone(folder):
    """Run `own.py` with this reprolint."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run([sys.executable, "own.py"], cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_a_script_may_assert_its_own_steps(tmp_path):
    source = STEPS + "from reprolint.probe import assert_reproducible\nif __name__ == '__main__':\n    assert_reproducible(same, repeats=2)\n    print('repeats')\n"
    (tmp_path / "own.py").write_text(source)
    done = alone(tmp_path)
    assert done.stderr == ""
    assert done.stdout == "repeats\n"


def test_asserting_while_it_is_imported_ends(tmp_path):
    (tmp_path / "own.py").write_text(STEPS + "from reprolint.probe import assert_reproducible\nassert_reproducible(same, repeats=2)\n")
    done = alone(tmp_path)
    assert "put the call under `if __name__ == '__main__':`" in done.stderr


def test_importing_the_probe_costs_nothing():
    program = "import sys\nbefore = set(sys.modules)\nimport reprolint.probe\nprint(sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-S", "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    heavy = {"torch", "numpy", "msgspec", "rich", "click", "subprocess", "json"}
    assert not heavy & set(eval(done.stdout))
