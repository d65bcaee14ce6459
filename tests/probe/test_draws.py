"""`reprolint probe --draws`: who draws from which stream, in which part of the run, and what of it shifts training."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from reprolint.cli import main
from reprolint.probe.children import CouldNotRun, Target, run
from reprolint.probe.factories import named
from reprolint.probe.ledger import IDLE, Ledger, Shift, _shifts, ledger
from reprolint.probe.ledger_text import _when, lines, remedies, says
from reprolint.probe.trace import Begin, Draw, Draws, End, Step, made

PLAIN = """import pickle
import random

import numpy as np


class Held:
    draw = random.random
    pick = np.random.rand


random.seed(3), np.random.seed(3)
print(Held().draw(), Held().pick(2))
random.shuffle([])
print(callable(pickle.loads(pickle.dumps(random.choice))), np.random.randn(), np.random.gamma(2.0))
print(np.random.mtrand._rand.permutation(5), isinstance(np.random.mtrand._rand, np.random.RandomState))
random._inst.random()
print(random.Random(4).random(), np.random.RandomState(4).rand(), np.random.default_rng(4).random())
print([random.random() for _ in range(3)], random.sample(range(9), 2), np.random.get_state()[2])
np.random.set_state(np.random.get_state())
try:
    random.choice([])
except IndexError as error:
    print(error)
"""
TRAINED = """import random
import threading
import torch
from torch import nn
from torch.utils.data import DataLoader

torch.manual_seed(0)
teacher = nn.Sequential(nn.Linear(2, 2)).eval()


class Noise(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x + torch.randn_like(x)

    @staticmethod
    def backward(ctx, gradient):
        return gradient


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(2, 2)
        unused = nn.Linear(3, 3)
        self.drop = nn.Dropout()

    def forward(self, x):
        return self.drop(self.body(x))


net = Net()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
data = torch.ones(8, 2)
held = DataLoader(data, batch_size=4)


def validate():
    net.eval()
    with torch.no_grad():
        for x in held:
            net(x)
    net.train()


validate()
for epoch in range(3):
    for x in DataLoader(data, batch_size=4, shuffle=True):
        with torch.no_grad():
            x = x + torch.rand(4, 2)
        optimizer.zero_grad()
        Noise.apply(net(x) - teacher(x)).sum().backward()
        optimizer.step()
        torch.rand(2, generator=torch.Generator())
    if epoch == 0:
        with torch.random.fork_rng():
            validate()
    if epoch == 1:
        thread = threading.Thread(target=torch.rand, args=(2,))
        thread.start(), thread.join()
validate()
"""


def target(tmp_path, source, name="train.py"):
    (tmp_path / name).write_text(source)
    return Target(script=name, cwd=tmp_path)


def line(source, text):
    return 1 + next(number for number, one in enumerate(source.splitlines()) if text in one)


def drawn(trace, *wanted):
    """Rows as tuples: phase, step, stream, name, owner, part, times."""
    rows = [(row.phase, row.step, row.stream, row.name, row.owner, row.part, row.times) for row in trace.draws if row.does in (wanted or ("draws",))]
    return sorted(rows)


def test_every_draw_of_python_and_numpy_and_nothing_is_changed_by_watching(tmp_path):
    plain = target(tmp_path, PLAIN)
    trace = run(plain, (), (), steps=1, timeout=60, draws=True)
    assert trace.lines == run(plain, (), (), steps=1, timeout=60).lines
    found = [(row.stream, row.does, row.name, row.where.partition(":")[2], row.times, row.elements) for row in trace.draws if row.where.startswith("train.py")]
    gamma, last = line(PLAIN, "gamma"), line(PLAIN, "range(3)")
    assert found == [
        ("python", "seeds", "random.seed", "12", 1, 0),
        ("numpy", "seeds", "numpy.random.seed", "12", 1, 0),
        ("python", "draws", "random.random", "13", 1, 1),
        ("numpy", "draws", "numpy.random.rand", "13", 1, 2),
        ("numpy", "draws", "numpy.random.randn", str(gamma), 1, 1),
        ("numpy", "draws", "numpy.random.gamma", str(gamma), 1, 1),
        ("numpy", "draws", "numpy.random.permutation", str(gamma + 1), 1, 5),
        ("python", "moves", "", str(last), 1, 0),  # of the draw that nothing saw: where it was found
        ("python", "draws", "random.random", str(last), 3, 3),
        ("python", "draws", "random.sample", str(last), 1, 2),
    ]
    assert {row.phase for row in trace.draws} == {"construction"}
    assert not trace.end.notes


def test_the_parts_of_a_run_and_validation_that_shifts_training(tmp_path):
    trace = run(target(tmp_path, TRAINED), (), (), steps=6, timeout=60, draws=True)
    body = ("construction", 0, "torch", "uniform_", "Linear", "Net.body", 2)
    assert drawn(trace) == sorted([
        body, ("construction", 0, "torch", "uniform_", "Linear", "gone", 2), ("construction", 0, "torch", "uniform_", "Linear", "", 2),
        *(("validation", step, "torch", f"random_ {IDLE}", "DataLoader", "", 1) for step in (1, 3, 7)),
        *(("step", step, "torch", name, owner, "", 1) for step in (1, 3, 5) for name, owner in ((f"random_ {IDLE}", "DataLoader"), ("random_", "RandomSampler"))),
        *(("step", step, "torch", "bernoulli_", "Dropout", "Net.drop", 1) for step in range(1, 7)),
        *(("no gradients", step, "torch", "rand", "", "", 1) for step in range(1, 7)),
        *(("step", step, "torch", "randn_like", "", "", 1) for step in range(1, 7)),
    ])  # fmt: skip
    assert [row[1:4] for row in drawn(trace, "moves")] == [(5, "torch", "")]
    assert [row[1:4] for row in drawn(trace, "restores")] == [(3, "torch", "torch.set_rng_state")]
    place = f"train.py:{line(TRAINED, 'for x in held')}"
    assert _shifts(trace) == (Shift(phase="validation", steps=(1,), stream="torch", where=place, loader=True),)
    assert not trace.end.notes



UNSHUFFLED = """import torch
from torch.utils.data import DataLoader

torch.manual_seed(0)
net = torch.nn.Linear(2, 2)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
held = DataLoader(torch.ones(4, 2), batch_size=4)
for epoch in range(3):
    for x in held:
        optimizer.zero_grad()
        net(x).sum().backward()
        optimizer.step()
    net.eval()
    for x in held:
        net(x)
    net.train()
"""


def test_a_seed_for_workers_that_are_never_started_shifts_nothing(tmp_path):
    trace = run(target(tmp_path, UNSHUFFLED), (), (), steps=2, timeout=60, draws=True)
    assert ("step", 1, "torch", f"random_ {IDLE}", "DataLoader", "", 1) in drawn(trace)
    assert trace.drawn.shifts
    assert _shifts(trace) == ()


def test_steps_that_are_calls(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("steps.py").write_text("import random\ndef make():\n    random.seed(0)\n    random.random()\n    return random.random\n")
    trace = run(named("steps.py:make"), (), (), steps=2, timeout=60, draws=True)
    assert drawn(trace) == [
        ("construction", 0, "python", "random.random", "", "", 1), *(("step", step, "python", "random.random", "", "", 1) for step in (1, 2))
    ]  # fmt: skip


@pytest.mark.parametrize(("source", "code"), [("import random\nrandom.seed(1)\nprint(random.random())\n", 0), ("import random\nprint(random.random())\n", 1)])
def test_the_command(tmp_path, monkeypatch, source, code):
    monkeypatch.chdir(tmp_path)
    Path("train.py").write_text(source)
    options = ["probe", "--quick", "--draws", "--vary", "only:hash-seed", "--html", "page.html"]
    told = CliRunner().invoke(main, [*options, "--output-format", "json", "train.py"])
    assert told.exit_code == code
    found = json.loads(told.stdout)
    rows = [row for row in found["draws"]["rows"] if row["where"]]
    assert [(row["does"], row["name"], row["where"]) for row in rows][-1] == ("draws", "random.random", f"train.py:{source.count(chr(10))}")
    assert found["draws"]["changed"] is False  # where runs differ anyway it would say nothing
    assert found["meaning"]["draws"] == []
    assert "draws" in CliRunner().invoke(main, ["probe", "--help"]).stdout


def test_without_being_asked_there_is_no_ledger(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("train.py").write_text("print(1)\n")
    told = CliRunner().invoke(main, ["probe", "--quick", "--output-format", "json", "train.py"])
    assert json.loads(told.stdout)["draws"] is None


def row(**told):
    found = {"phase": "step", "step": 1, "stream": "torch", "does": "draws", "name": "rand", "owner": "", "part": "", "where": "a.py:1", "times": 1, "elements": 1}
    return Draw(**(found | told))


def read(held):
    return [str(one) for one in lines(held)]


def test_the_table():
    rows = [
        *(row(phase="construction", step=0, name="uniform_", owner="Linear", part=part, times=2, elements=6) for part in ("Net.a", "Net.b")),
        row(phase="construction", step=0, name="uniform_", owner="Linear", part="gone", times=2, elements=6),
        *(row(step=step, where="a.py:2") for step in (1, 2, 3)),
        *(row(step=step, times=step, where="a.py:3") for step in (1, 3)),
        row(step=3, does="moves", name="", where="a.py:4"),
        row(phase="validation", step=3, stream="numpy", name="numpy.random.rand", where="a.py:5", elements=1200),
    ]  # fmt: skip
    assert read(Ledger(rows=tuple(rows), steps=2, validated=True)) == [
        "draws from the global streams, in one more run with nothing varied:",
        "  construction",
        "    torch  uniform_ in 2 Linears             a.py:1  4 times, 12 elements",
        "    torch  uniform_ in Linear (thrown away)  a.py:1  2 times, 6 elements",
        "  steps 1 and 2",
        "    torch  rand  a.py:2  1 time each",
        "  step 1",
        "    torch  rand  a.py:3  1 time",
        "  validation, after step 2",
        "    numpy  numpy.random.rand  a.py:5  1 time, 1,200 elements",
        "  after step 2",
        "    torch  not seen (a thread, compiled code, …)  before a.py:4  1 time",
        "not in it: generators of their own (`torch.Generator`, `default_rng()`), threads, other processes",
    ]


def test_what_is_not_in_the_table():
    many = Ledger(rows=tuple(row(where=f"a.py:{number}") for number in range(70)), steps=1, workers=1, changed=True)
    assert read(many)[-3] == "  … 10 more lines: --output-format json has all of them"
    assert "workers" in read(many)[-2]
    assert "validation: none was known by its eval mode in the only step" in read(many)[-2]
    assert read(many)[-1].startswith("this run computed something else")
    assert read(Ledger())[0] == "no global stream was drawn from or seeded"


@pytest.mark.parametrize(
    ("steps", "said"), [((1,), "step 1"), ((1, 2), "steps 1 and 2"), ((2, 3, 4), "steps 2 to 4"), ((1, 3, 5, 7, 9), "steps 1, 3, 5, … (5 of them)"), ((1, 3, 5), "steps 1, 3 and 5"), ((9, 11), "step 9 and after step 10"), ((11,), "after step 10")]
)
def test_steps_in_words(steps, said):
    assert _when(steps, 10) == said


def ended(reason, rows, shifts, steps=2):
    begin = Begin(schema=1, python="3", argv=[], hash_seed="0", cwd="")
    taken = [
        Step(number=number, step=number, optimizer="SGD", where="", batch=[], loss=[], gradients={}, parameters={}, buffers={}, state={}, streams={})
        for number in range(1, steps + 1)
    ]
    end = End(reason=reason, code=0, steps=steps, streams={}, files={}, opened=[], unhashed={}, threads=[], notes={})
    return made([begin, *taken, *rows, Draws(shifts=shifts, validated=True, workers=0), end])


def test_what_shifts_training():
    late, early = ("validation", 3, "torch", "a.py:9"), ("validation", 2, "torch", "a.py:9")
    assert [one.steps for one in _shifts(ended("steps", [row()], [late, early]))] == [(2, 3)]
    assert [one.steps for one in _shifts(ended("exit", [row()], [late, early]))] == [(2,)]  # what comes after training shifts none of it
    assert not _shifts(ended("steps", [row(stream="numpy")], [early]))
    each = [("no gradients", step, "torch", "a.py:7") for step in (1, 2)]
    rows = [row(phase="no gradients", step=step, where="a.py:7") for step in (1, 2)]
    assert not _shifts(ended("steps", [row(), *rows], each))  # a part of each step
    assert len(_shifts(ended("steps", [row()], each[1:]))) == 1


def test_shifts_in_words():
    shifts = tuple(Shift(phase=phase, steps=(2,), stream="torch", where="a.py:9", loader=loader) for phase, loader in (("validation", True), ("no gradients", False)))
    found = Ledger(rows=(row(),), steps=3, shifts=shifts, validated=True)
    assert says(found)[0] == "validation moves the stream `torch`, from which training draws too (a.py:9, before step 2): validating more or less often changes what is trained"
    assert "generator=torch.Generator()" in remedies(found)[0]
    assert "fork_rng" in remedies(found)[1]
    assert [one.partition(":")[0] for one in read(found)[:4]] == ["warning", "help", "note", "help"]


def test_a_run_that_fails_is_told(tmp_path):
    def fails():
        raise CouldNotRun("it did not end within 5 s")

    found = ledger(fails, ended("exit", [], []))
    assert read(found) == ["draws: not known: it did not end within 5 s"]
    told = run(target(tmp_path, "import sys\nif '__reprolint_draws__' in sys.modules:\n    raise ValueError('watched')\n"), (), (), steps=1, timeout=60, draws=True, may_fail=True)
    assert read(ledger(lambda: told, None)) == ["draws: not known: the run in which they are noted failed: ValueError: watched"]


def test_a_run_that_watching_changes_is_told(tmp_path):
    source = "import sys\nprint('__reprolint_draws__' in sys.modules)\n"
    base, told = (run(target(tmp_path, source), (), (), steps=1, timeout=60, draws=draws) for draws in (False, True))
    assert ledger(lambda: told, base).changed
    assert not ledger(lambda: told, told).changed


def test_modules_that_are_trained_in_eval_mode_validate_nothing(tmp_path):
    source = TRAINED.replace("net.train()", "pass")
    found = run(target(tmp_path, source), (), (), steps=3, timeout=60, draws=True)
    assert {row.phase for row in found.draws} == {"construction", "step", "no gradients"}
    assert not [one for one in _shifts(found) if one.phase == "validation"]
