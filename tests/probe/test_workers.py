"""`reprolint probe --workers`: what loaders do with 0, 1 and 2 workers, over two epochs; and that `confirm` says what it confirms."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from reprolint.cli import main
from reprolint.confirm.exercise import Exercise
from reprolint.confirm.join import join
from reprolint.confirm.static import read as read_static
from reprolint.confirm.workers import _holds
from reprolint.probe import children
from reprolint.probe.children import Target
from reprolint.probe.experiment import Outcome, Trial
from reprolint.probe.loading import Epoch, Item, Loader, Loading, Run, judge, load, read
from reprolint.probe.loading_text import lines
from reprolint.probe.reading import shown
from reprolint.probe.said import sentence
from reprolint.probe.variations import VARIATIONS

MANY = """import random
import numpy as np, torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, IterableDataset, get_worker_info

rng = np.random.default_rng(0)

class Fine(Dataset):
    def __len__(self): return 8
    def __getitem__(self, i): return torch.full((4,), float(i)) + torch.rand(4)

class Seeds(Fine):
    def __getitem__(self, i):
        random.seed(i)
        return torch.full((4,), i + random.random())

class Global(Fine):
    def __getitem__(self, i): return torch.full((4,), i + float(rng.random()))

class Twice(IterableDataset):
    def __iter__(self): return iter([torch.full((4,), float(i)) for i in range(8)])

class Shared(IterableDataset):
    def __iter__(self):
        info = get_worker_info()
        first, step = (info.id, info.num_workers) if info else (0, 1)
        return iter([torch.full((4,), float(i)) for i in range(first, 8, step)])

class Lost(IterableDataset):
    def __iter__(self):
        info = get_worker_info()
        size = 7 // info.num_workers if info else 7
        at = info.id * size if info else 0
        return iter([torch.full((4,), float(i)) for i in range(at, at + size)])

class Noisy(Fine):
    def __init__(self):
        self.rng = np.random.default_rng(0)
    def __getitem__(self, i):
        return torch.full((4,), i + float(self.rng.normal()) + np.random.rand())

def seed_worker(worker):
    np.random.seed(42 + worker)

def same(worker): torch.manual_seed(3)

torch.manual_seed(0)
model = nn.Linear(4, 1)
opt = torch.optim.SGD(model.parameters(), lr=0.001)
kinds = [Fine(), Seeds(), Global(), Twice(), Shared(), Lost()]
loaders = [DataLoader(one, 2, num_workers=2) for one in kinds]
loaders.append(DataLoader(kinds[0], 2, num_workers=2, worker_init_fn=same, persistent_workers=True))
loaders.append(DataLoader(kinds[2], 2))
noisy = DataLoader(Noisy(), 2, num_workers=2, worker_init_fn=seed_worker)
validation = DataLoader(kinds[0], 2, num_workers=2, worker_init_fn=same)
for epoch in range(2):
    again = DataLoader(kinds[0], 2, shuffle=True, num_workers=1, generator=torch.Generator().manual_seed(0))
    for one in [*loaders, noisy, again]:
        for x in one:
            opt.zero_grad()
            model(x).sum().backward()
            opt.step()
    with torch.no_grad():
        for x in validation:
            model(x)
"""
FAULTS = {
    "Global": {"draws", "epochs"},
    "Twice": {"items"},
    "Lost": {"items"},
    "persistent": {"draws"},
    "noisy": {"draws", "epochs"},
    "again": {"epochs", "shuffle"},
}
NAMES = ("Fine", "Seeds", "Global", "Twice", "Shared", "Lost", "persistent", "none", "noisy", "validation", "again")



def test_who_copies_a_loader_asks_for_what_that_one_asked_for(tmp_path):
    """As accelerate and Lightning do."""
    pytest.importorskip("torch")
    (tmp_path / "train.py").write_text(
        "from torch.utils.data import DataLoader\none = DataLoader([1.0, 2.0], num_workers=2)\nother = DataLoader(one.dataset, num_workers=one.num_workers)\n"
        "print(list(other), other.num_workers)\n"
    )
    trace = children.run(Target(script="train.py", cwd=tmp_path), [one for one in VARIATIONS if one.order == {"workers": 0}], (), steps=1, timeout=60)
    assert trace.end.varied["workers"] == ["2", "2"]
    assert trace.lines[0].endswith(" 0")


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """What loaders of all kinds do, and the folder of the script."""
    pytest.importorskip("torch")
    folder = tmp_path_factory.mktemp("many")
    (folder / "train.py").write_text(MANY)
    (folder / "reprolint.toml").touch()
    target = Target(script="train.py", cwd=folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OMP_NUM_THREADS", "1")
        return load(lambda varied, **more: children.run(target, varied, (), steps=3, timeout=300, **more), timeout=300, tell=str), target


def of(many, name):
    """What is said of a loader, by what it is about."""
    return {one.about: one for one in many[0].found[NAMES.index(name)]}


def test_faults_and_no_others(many):
    assert many[0].failed == ""
    seen = {name: {about for about, one in of(many, name).items() if one.weight == "fault"} for name in NAMES}
    assert {name: abouts for name, abouts in seen.items() if abouts} == FAULTS


def test_what_is_said_of_each(many):
    assert of(many, "Global")["draws"].names == ("rng",)
    assert of(many, "Global")["draws"].says.endswith("(4 of 4 times)")
    assert of(many, "Twice")["items"].says == "each worker gives all items: 8 come twice"
    assert of(many, "Lost")["items"].says.startswith("1 of 7 items never come")
    assert of(many, "Shared")["items"].says == "each item comes once with 2 workers"
    assert of(many, "persistent")["draws"].names == ("torch",)
    assert of(many, "none")["draws"].weight == "note", "the script asks for no workers"
    assert of(many, "Fine")["order"].weight == of(many, "Seeds")["contents"].weight == "agrees"
    assert of(many, "Fine")["contents"].weight == "note"
    assert [text for text in many[0].unseen if "python" in text] == [f"{many[0].loaders[1].where}: draws from python in items that seed it themselves"]


def outcome(loading, **more):
    trial = Trial(variations=("clock",), runs=3, differed=0)
    return Outcome(**{"target": "train.py", "steps": 3, "whole": True, "device": "cpu", "trials": (trial,), "loading": loading, **more})


def verdicts(static, found, *, workers=True):
    ran = Exercise(frozenset(one.finding.fingerprint for one in static.candidates), workers, 0)
    return {one.candidate.finding.rule: (one.word, one.reason) for one in join(found, static, ran, watched=True).judged}


def test_findings_that_workers_confirm(many):
    loading, target = many
    static = read_static(target)
    assert {one.word for one in join(outcome(loading), static, None, watched=False).judged if one.by} == {"predicted"}
    ran = Exercise(frozenset(one.finding.fingerprint for one in static.candidates), workers=True, processes=0)
    found = {one.candidate.finding.span.line: (one.word, one.reason) for one in join(outcome(loading), static, ran, watched=True).judged}
    code = MANY.splitlines()
    for line, reason in (
        ("rng = np.random.default_rng(0)", "both workers draw the same numbers from `rng` (4 of 4 times)"),
        ("        self.rng = np.random.default_rng(0)", "both workers draw the same numbers from `Noisy.rng` (4 of 4 times)"),
        ("    np.random.seed(42 + worker)", "epoch 2 draws the same numbers from the stream `numpy` as epoch 1 (8 of 8 times)"),
        ("def same(worker): torch.manual_seed(3)", "both workers draw the same numbers from the stream `torch` (4 of 4 times)"),
    ):
        assert found[code.index(line) + 1] == ("confirmed", reason)
    assert outcome(loading).faulty
    assert "workers" in shown(outcome(loading))


def test_findings_that_workers_do_not_confirm(many):
    static = read_static(many[1])
    assert verdicts(static, outcome(None))["RPL203"][0] == "not exercised"
    assert verdicts(static, outcome(Loading()), workers=False)["RPL203"][0] == "not exercised"
    assert verdicts(static, outcome(Loading()))["RPL203"][0] == "not confirmed"
    assert verdicts(static, outcome(Loading(failed="no")))["RPL203"][0] == "open"
    assert verdicts(static, outcome(Loading(unseen=("a second epoch",))))["RPL203"] == ("open", "not all that would show it was seen: a second epoch")


def test_confirm_watches_workers_where_a_finding_needs_it(many, monkeypatch):
    monkeypatch.chdir(many[1].cwd)
    asked = []

    def experiment(*_, workers, **__):
        asked.append(workers)
        raise children.CouldNotRun("enough")

    monkeypatch.setattr("reprolint.probe.experiment.experiment", experiment)
    Path("other.py").write_text("print(1)")
    for script in ("train.py", "other.py"):
        CliRunner().invoke(main, ["confirm", script])
    assert asked == [True, False]


# -- without torch -------------------------------------------------------------------------------------------------


def loader(**more):
    return Loader(**{"number": 0, "where": "t.py:1", "of": "D", "iterable": False, "asked": 2, "shuffles": True, "sampler": "RandomSampler", "trains": True, "ordered": True, **more})


def run(workers, orders, draws=(), *, complete=True, **more):
    """Epochs with these orders of indexes; in each epoch each worker draws from these states of `numpy`."""
    epochs = {(0, number): Epoch(loader=0, number=number, indexes=list(order), batches=list(order), complete=complete) for number, order in enumerate(orders, 1)}
    items = {
        (0, number): {
            worker - (not workers): [Item(index=str(n), value=str(n), draws={"numpy": f"{state} {worker} {n}"}, seeds=[], places={}) for n in range(10)]
            for worker in range(max(1, workers))
        }
        for number, state in enumerate(draws, 1)
    }
    return Run(workers=workers, loaders=(loader(**more),), epochs=epochs, items=items)


def said(runs):
    return {one.about: one for one in judge(runs).found[0]}


def test_numbers_that_come_again_in_the_next_epoch():
    assert "epochs" not in said([run(n, ("ab", "ba"), ("one", "two")) for n in range(3)])
    found = said([run(n, ("ab", "ba"), ("one", "one")) for n in range(3)])
    assert (found["epochs"].weight, "draws" in found) == ("fault", False)
    assert said([run(n, ("ab", "ba"), ("one", "one"), asked=0) for n in range(3)])["epochs"].weight == "fault", "the same without workers"


def test_a_shuffle_that_does_not_happen():
    assert said([run(n, ("ab", "ab"), ("one", "two"), sampler="DistributedSampler") for n in range(3)])["shuffle"].help.startswith("call `sampler.set_epoch")
    assert "shuffle" not in said([run(n, ("ab", "ab"), ("one", "two"), shuffles=False) for n in range(3)])


def test_an_order_that_depends_on_the_number_of_workers():
    assert said([run(n, ("ab", "ba"), ("one", "two")) for n in range(3)])["order"].weight == "agrees"
    found = said([run(n, ("ab", "ba" if n else "ab"), ("one", "two")) for n in range(3)])["order"]
    assert (found.weight, "of epoch 2" in found.says) == ("note", True)
    unordered = judge([run(n, ("ab",), ("one",), ordered=False) for n in range(3)])
    assert "in_order=False" in unordered.found[0][0].says


def test_what_was_not_seen_is_told():
    assert "the script has one" in judge([run(n, ("ab",), ("one",)) for n in range(3)]).unseen[0]
    assert "was not over after 2 batches" in judge([run(n, ("ab",), ("one",), complete=False) for n in range(3)]).unseen[0]
    assert any("not forked" in text for text in judge([run(n, ("ab", "ba"), ("one", "two") if not n else ()) for n in range(3)]).unseen)
    assert judge([Run(workers=n, loaders=(), epochs={}, items={}) for n in range(3)]).failed == "the script makes no DataLoader"
    other = [run(n, ("ab",), where=f"t.py:{n}") for n in range(3)]
    assert "other DataLoaders" in judge(other).failed
    assert "not known" in next(iter(lines(judge(other)))).plain


def test_a_worker_that_was_ended_while_it_wrote(tmp_path):
    whole = '{"index":"1","value":"a","draws":{},"seeds":[],"places":{}}\n'
    (tmp_path / "items.0.1.0").write_text(whole + whole[:20])
    found = read(tmp_path, 2)
    assert len(found.items[0, 1][0]) == 1
    assert found.loaders == ()


def test_one_thing_is_said_once():
    found = judge([run(n, ("ab", "ba"), ("one", "one")) for n in range(3)])
    text = "\n".join(line.plain for line in lines(found))
    assert text.count(sentence(found.faults[0])) == 1
    assert "t.py:1  DataLoader of D, 2 workers asked for, trains" in text


def test_workers_of_ranks_are_not_watched(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["probe", "--workers", "--", "torchrun", "train.py"])
    assert (done.exit_code, "one process" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    ("line", "name", "span", "fits"),
    [
        ("self.rng = default_rng(0)", "Noisy.rng", (4, 4, 9), True),
        ("self.other = default_rng(0)", "Noisy.rng", (4, 4, 9), False),
        ("self.rng = default_rng(0)", "Noisy.rng", (10, 4, 9), False),
        ("self.rng = default_rng(0)", "rng", (4, 0, 0), False),
        ("rng = default_rng(0)", "rng", (1, 0, 0), True),
        ("", "Noisy.rng", (4, 4, 9), True),
    ],
)
def test_which_line_makes_a_generator(line, name, span, fits):
    assert _holds(line, name, *span) is fits
