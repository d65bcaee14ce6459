"""Runs that are interrupted and resumed: what the checkpoint lacks is named, and nothing else is."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from reprolint.cli import main
from reprolint.probe import assert_resumable
from reprolint.probe.children import CouldNotRun, Target
from reprolint.probe.lacking import leg
from reprolint.probe.resuming import ByScript
from reprolint.probe.resuming_text import called, how
from reprolint.probe.scratch import scratch
from reprolint.probe.trace import Begin, End, Saved, Start, Step, made

SCRIPT = """
import argparse, os, random
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, Subset

parser = argparse.ArgumentParser()
parser.add_argument("--resume")
args = parser.parse_args()
out = os.environ.get("LEFT_OUT", "").split()
random.seed(0), np.random.seed(0), torch.manual_seed(0)

class Data(Dataset):
    x, y = torch.randn(32, 3), torch.randn(32, 1)
    def __len__(self):
        return 32
    def __getitem__(self, i):
        return self.x[i] + float(np.random.rand()) + random.random(), self.y[i]

class Average:
    def __init__(self):
        self.shadow = {name: one.detach().clone() for name, one in net.named_parameters()}
    def update(self):
        for name, one in net.named_parameters():
            self.shadow[name].lerp_(one.detach(), 0.1)

net = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(0.2), nn.Linear(4, 1))
teacher = torch.optim.swa_utils.AveragedModel(net)
optimizer = torch.optim.AdamW(net.parameters(), lr=0.1)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 50)
scaler = torch.amp.GradScaler("cpu")
average, data, step, order, loaded = Average(), Data(), 0, torch.Generator(), None
held = {"model": net, "optimizer": optimizer, "scheduler": scheduler, "scaler": scaler, "teacher": teacher}
if args.resume and "all" not in out:
    loaded = torch.load(args.resume, weights_only=False)
    for name, one in held.items():
        if name == "model" and "buffers" in out:
            net.load_state_dict({key: value for key, value in loaded["model"].items() if "running" not in key and "num_" not in key}, strict=False)
        elif name not in out:
            one.load_state_dict(loaded[name])
    average.shadow = average.shadow if "average" in out else loaded["average"]
    step = 0 if "place" in out else loaded["step"]
while step < 40:
    order.manual_seed(step // 4)
    rest = torch.randperm(32, generator=order).tolist()[step % 4 * 8:]
    loader = DataLoader(Subset(data, rest), 8, generator=torch.Generator())
    if loaded is not None:
        for name, restore in (("torch", torch.set_rng_state), ("numpy", np.random.set_state), ("python", random.setstate)):
            if name not in out:
                restore(loaded[name])
        loaded = None
    for x, y in loader:
        optimizer.zero_grad()
        scaler.scale(nn.functional.mse_loss(net(x), y)).backward()
        scaler.step(optimizer), scaler.update(), scheduler.step(), average.update(), teacher.update_parameters(net)
        step += 1
        if step % 3 == 0:
            states = {name: one.state_dict() for name, one in held.items()}
            streams = {"torch": torch.get_rng_state(), "numpy": np.random.get_state(), "python": random.getstate()}
            torch.save(states | streams | {"average": average.shadow, "step": step}, "last.pt")
"""
LOST = {
    "": [],
    "model python": ["the weights", "the python stream"],
    "buffers optimizer": ["buffers of the model", "the state of the optimizer"],
    "scheduler scaler teacher average": [
        "CosineAnnealingLR", "GradScaler", "AveragedModel (a module beside the model)", "`Average.shadow` (a copy of the weights)",
    ],
    "torch numpy": ["the numpy stream", "the torch stream"],
    "place": ["the place in the data"],
    "all": ["all of it: last.pt was not seen to be read; it starts over"],
}  # fmt: skip
PLAIN = """
import glob, os, sys
import torch
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
data = TensorDataset(torch.randn(8, 3), torch.randn(8, 1))
net = torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
start = 0
def load(path):
    global start
    state = torch.load(path)
    net.load_state_dict(state["net"]), optimizer.load_state_dict(state["optimizer"]), torch.set_rng_state(state["stream"])
    start = state["epoch"] + 1
def train(epochs=9, save=lambda epoch: f"epoch-{epoch}.pt"):
    for epoch in range(start, epochs):
        for x, y in DataLoader(data, 4, shuffle=True):
            optimizer.zero_grad(), torch.nn.functional.mse_loss(net(x), y).backward(), optimizer.step()
        if save(epoch):
            torch.save({"net": net.state_dict(), "optimizer": optimizer.state_dict(), "stream": torch.get_rng_state(), "epoch": epoch}, "new.pt")
            os.replace("new.pt", save(epoch))
"""


@pytest.fixture(scope="module")
def legs(tmp_path_factory):
    """By what the resumed run leaves out: how it goes on, beside one straight run."""
    pytest.importorskip("torch")
    folder = tmp_path_factory.mktemp("resumed")
    (folder / "train.py").write_text(SCRIPT)
    target = Target(script="train.py", cwd=folder)
    with pytest.MonkeyPatch.context() as patch, scratch(target) as copies:
        patch.setenv("OMP_NUM_THREADS", "1")
        way = ByScript(target=target, copies=copies, resume_with="--resume {}", checkpoint="", steps=3, timeout=120)
        saved = way.begin().saved[-1]
        straight = way.straight(6, (1, 4, 5), ())

        def resumed(left_out):
            patch.setenv("LEFT_OUT", left_out)
            return leg(straight, way.resume(1, 3, (1, 2), keep=False), saved, after=saved.after, until=6, path=way.told(1)[1])

        yield resumed


@pytest.mark.parametrize("left_out", LOST)
def test_what_is_left_out_is_named(legs, left_out):
    found = legs(left_out)
    assert (found.after, found.steps) == (3, 3)
    assert [called(part) for part in found.lacks] == LOST[left_out]
    assert found.agrees == (not left_out)
    if "scheduler" in left_out:
        assert found.first is not None
        assert found.first.number == 5, "the optimizer brings the learning rate of its first step"
    if left_out == "torch numpy":
        assert {(part.detail, part.afresh) for part in found.lacks} == {("never restored", True)}


@pytest.fixture
def probe(tmp_path, monkeypatch):
    """Write a script and resume it: exit code, and outcome or what it said on stderr."""
    pytest.importorskip("torch")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")

    def probed(source, *options):
        Path("train.py").write_text(PLAIN + source)
        done = CliRunner().invoke(main, ["probe", "--output-format", "json", "--steps", "2", *options, "train.py"])
        return done.exit_code, json.loads(done.stdout) if done.stdout else done.stderr

    return probed


def test_a_script_that_resumes_by_itself_but_from_another_checkpoint_the_second_time(probe, tmp_path):
    source = "if glob.glob('epoch-*.pt'):\n    load(min(glob.glob('epoch-*.pt')))\ntrain()\n"
    code, found = probe(source, "--resume-with", "", "--html", "page.html")
    first, second = found["resume"]["first"], found["resume"]["second"]
    assert (code, found["verdict"], first["lacks"]) == (1, "diverged", [])
    assert [(one["after"], one["steps"]) for one in (first, second)] == [(2, 2), (4, 2)]
    assert "torch stream" in first["kept"]
    (part,) = second["lacks"]
    assert (part["what"], part["name"], part["other"]) == ("checkpoint", "epoch-1.pt", ["epoch-0.pt"])
    assert found["meaning"]["verdict"] == "resumed once it goes on as if nothing had happened; resumed a second time it does not"
    assert found["meaning"]["verdict"] in (tmp_path / "page.html").read_text()
    assert not list(tmp_path.glob("*.pt")), "each run has its own copy"


def step(number, **more):
    told = {"batch": [f"b{number}"], "loss": ["l"], "gradients": {}, "parameters": {"w": str(number)}, "buffers": {}, "state": {}, "streams": {}}
    return Step(number=number, step=number, optimizer="SGD", where="train.py:1", **(told | more))


def trace(*lines, reason="steps", code=0, opened=("last.pt",), files=()):
    end = End(
        reason=reason, code=code, steps=0, streams={}, files=dict.fromkeys(files, "x"), opened=list(opened), unhashed={}, threads=[], notes={},
    )  # fmt: skip
    return made([Begin(schema=1, python="", argv=[], hash_seed="", cwd=""), *lines, end])


def start(number, **more):
    told = {"parameters": {"w": str(number - 1)}, "state": {}, "groups": {}, "buffers": {}, "others": {}, "streams": {"torch": "t"}}
    return Start(number=number, call=0, **(told | more))


def saved(path="last.pt", *, after=2, batches=0, inside=True):
    return Saved(paths=[path], inside=inside, after=after, call=0, batches=batches, streams={"torch": "t"})


def resumed(*steps, there=None):
    return trace(there or start(1, parameters={"w": "2"}), *steps)


STRAIGHT = (start(1), step(1), step(2), start(3), step(3), step(4), step(5), step(6))


def test_a_loader_that_starts_over():
    other = resumed(step(1, batch=["b1"], parameters={"w": "x"}))
    found = leg(trace(*STRAIGHT), other, saved(), after=2, until=3, path="last.pt")
    (part,) = found.lacks
    assert (part.what, part.afresh) == ("place", True)
    assert how(part) == "its batch for step 3 is the one that the straight run had at step 1: the loader started over"


def test_batches_that_are_skipped_or_were_used_before_are_no_difference():
    straight = [step(3, batch=["validation 1", "b3"]) if getattr(one, "number", 0) == 3 and isinstance(one, Step) else one for one in STRAIGHT]
    others = [resumed(step(1, batch=batch, parameters={"w": "3"})) for batch in (["b3"], ["b1", "b2", "b3"], ["b3", "b1"])]
    found = [leg(trace(*straight), one, saved(batches=1), after=2, until=3, path="last.pt").agrees for one in others]
    assert found == [True, True, False]


def test_weights_of_another_step_say_so():
    straight = (step(1), step(2), *STRAIGHT[3:])
    found = leg(trace(start(1), *straight), resumed(step(1, batch=["b3"]), there=start(1, parameters={"w": "1"})), saved(), after=2, until=3, path="last.pt")
    assert [how(part) for part in found.lacks] == ["1 of 1 differs (w); they are those that the straight run had after step 1"]


def test_a_stream_that_nothing_depends_on_is_a_note():
    there = start(1, parameters={"w": "2"}, streams={"torch": "other"})
    found = leg(trace(*STRAIGHT), resumed(step(1, batch=["b3"], parameters={"w": "3"}), there=there), saved(), after=2, until=3, path="last.pt")
    assert found.agrees
    assert [(part.name, part.detail) for part in found.unsure] == [("torch", "never restored")]


def test_a_learning_rate_that_differs_later():
    straight = [step(one.number, state={"group 0 lr": str(one.number)}) if isinstance(one, Step) else one for one in STRAIGHT]
    steps = [step(number, batch=[f"b{number + 2}"], parameters={"w": str(number + 2 if number < 2 else "x")}, state={"group 0 lr": "3"}) for number in (1, 2)]
    found = leg(trace(*straight), resumed(*steps), saved(), after=2, until=4, path="last.pt")
    assert [(part.what, part.detail) for part in found.lacks] == [("settings", "from step 4 on")]


def test_an_option_that_the_script_does_not_know(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("train.py").touch()
    refused = replace(trace(reason="exit", code=2, opened=()), errors="usage: …\nerror: unrecognized arguments: --ckpt last.pt\n")
    runs = iter([trace(step(1), saved(after=1)), refused])
    monkeypatch.setattr("reprolint.probe.children.run", lambda *_, **__: next(runs))
    done = CliRunner().invoke(main, ["probe", "--resume-with", "--ckpt {}", "train.py"])
    assert done.exit_code == 2
    assert "`train.py --ckpt last.pt` failed before it opened last.pt: error: unrecognized arguments: --ckpt last.pt\n" in done.stderr


def test_what_is_kept_in_objects_is_lost_though_no_step_shows_it():
    others = {"scaler GradScaler": {"_growth_tracker": "2"}, "values ema": {"['w']": "e2"}, "values anchor": {"['w']": "a"}}
    begin = {"scaler GradScaler": {"_growth_tracker": "0"}, "values ema": {"['w']": "e0"}, "values anchor": {"['w']": "a"}}
    straight = trace(start(1, others=begin), step(1), step(2), start(3, others=others), step(3))
    there = start(1, parameters={"w": "2"}, others=begin | {"values anchor": {"['w']": "other"}})
    found = leg(straight, resumed(step(1, batch=["b3"], parameters={"w": "3"}), there=there), saved(), after=2, until=3, path="last.pt")
    assert found.first is None
    assert [called(part) for part in found.lacks] == ["GradScaler", "`ema` (a copy of the weights)"], "what no run ever changes is no state"


@pytest.mark.parametrize(
    ("run", "options", "said"),
    [
        (trace(step(1), reason="exit", files=["log.txt"]), ["{}"], "took 1 step and wrote no checkpoint with torch.save; it wrote log.txt; name it with --checkpoint"),
        (trace(step(1), reason="exit"), ["", "--checkpoint", "out/*"], "took 1 step and wrote no checkpoint that matches --checkpoint out/*"),
        (trace(step(1), step(2), saved(), reason="exit"), ["{}"], "was over after 2 steps, before it could be interrupted: its checkpoint last.pt was written after step 2"),
        (trace(saved("best.pt", after=0), step(1), saved("epoch-1.pt", after=1)), ["{}"], "saves best.pt, epoch-1.pt: say which of them to resume from, with --checkpoint"),
        (trace(step(1), saved("../last.pt", inside=False)), ["{}"], "saves to ../last.pt, outside of the current folder"),
        (trace(reason="exit"), ["{}"], "takes no step of an optimizer: there is nothing to resume"),
        (trace(reason="exit", code=3), ["{}"], "failed, exit code 3"),
    ],
)
def test_what_cannot_be_resumed(tmp_path, monkeypatch, run, options, said):
    monkeypatch.chdir(tmp_path)
    Path("train.py").touch()
    monkeypatch.setattr("reprolint.probe.children.run", lambda *_, **__: run)
    done = CliRunner().invoke(main, ["probe", "--resume-with", *options, "train.py"])
    assert done.exit_code == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--resume-with={}", "--quick"], "--quick is no option of --resume-with"),
        (["--checkpoint=last.pt"], "--checkpoint belongs to --resume-with"),
        (["--resume-with='"], "No closing quotation"),
    ],
)
def test_what_cannot_be_asked(tmp_path, monkeypatch, options, said):
    monkeypatch.chdir(tmp_path)
    Path("train.py").touch()
    done = CliRunner().invoke(main, ["probe", *options, "train.py"])
    assert done.exit_code == 2
    assert said in done.stderr


STEPS = """
import json, random

class Steps:
    left_out = ""
    def __init__(self):
        random.seed(0)
        self.own, self.count = random.Random(0), 0
    def __call__(self):
        self.count += 1
        return {"draw": random.random(), "own": self.own.random(), "count": self.count}
    def save(self, path):
        path = str(path)
        state = {"count": self.count, "draw": random.getstate(), "own": self.own.getstate()}
        open(path, "w").write(json.dumps({key: value for key, value in state.items() if key != self.left_out}))
    def load(self, path):
        state = json.loads(open(path).read())
        self.count = state.get("count", 0)
        if "draw" in state:
            random.setstate((state["draw"][0], tuple(state["draw"][1]), state["draw"][2]))
        if "own" in state:
            self.own.setstate((state["own"][0], tuple(state["own"][1]), state["own"][2]))

class NoStream(Steps):
    left_out = "draw"

class NoOwn(Steps):
    left_out = "own"

class NoCount(Steps):
    left_out = "count"

class Drifts(Steps):
    def load(self, path):
        super().load(path)
        if self.count > 3:
            random.random()

class Varies(Steps):
    def __call__(self):
        return random.SystemRandom().random()

class Guesses(Steps):
    def load(self, path):
        super().load(path)
        self.own.seed()

class Numbers(Steps):
    def __init__(self):
        import numpy
        super().__init__()
        self.numbers = numpy.random.default_rng(0)
    def __call__(self):
        return self.numbers.random()

class Fails(Steps):
    def load(self, path):
        raise KeyError("weights")

class Nowhere(Steps):
    def save(self, path):
        pass

def put(steps, path):
    steps.save(path)

def get(steps, path):
    steps.load(path)
"""


@pytest.fixture
def steps(tmp_path, monkeypatch):
    """`resumed_steps.py`, imported from a folder of its own."""
    (tmp_path / "resumed_steps.py").write_text(STEPS)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield importlib.import_module("resumed_steps")
    del sys.modules["resumed_steps"]


def test_steps_that_go_on(steps):
    assert_resumable(steps.Steps, steps=2)
    assert_resumable(steps.Steps, save=steps.put, load=steps.get, steps=1)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("NoStream", "lost the python stream"),
        ("NoOwn", "lost `Steps.own` (a generator)"),
        ("Numbers", "lost `Numbers.numbers` (a generator)"),
        ("NoCount", "lost something that was not watched"),
        ("Drifts", "resumed once it goes on as if nothing had happened; resumed a second time it does not"),
        ("Varies", "two runs differ that were never interrupted: nothing can be said of the checkpoint"),
        ("Guesses", "lost `Steps.own` (a generator)\n… resumed from the same checkpoint again: differs from the first time: result at step 1"),
        ("Fails", "resumed, it fails where the run that goes straight on does not: KeyError: 'weights'"),
    ],
)
def test_steps_that_do_not(steps, name, said):
    with pytest.raises(AssertionError) as caught:
        assert_resumable(getattr(steps, name))
    report = str(caught.value)
    first, _, more = said.replace("Steps.own", f"{name}.own").partition("\n… ")
    assert report.startswith(f"resumed_steps:{name}  ✗ ")
    assert first in report.splitlines()[0]
    assert more in report


def test_what_is_asked_of_steps(steps):
    with pytest.raises(CouldNotRun, match="save wrote nothing at the path that it was given"):
        assert_resumable(steps.Nowhere)
    with pytest.raises(CouldNotRun, match="has no method keep"):
        assert_resumable(steps.Steps, save="keep")
    with pytest.raises(TypeError, match="is made while another function runs"):
        assert_resumable(steps.Steps, save=lambda made, path: made.save(path))
    with pytest.raises(ValueError, match="steps=0"):
        assert_resumable(steps.Steps, steps=0)
