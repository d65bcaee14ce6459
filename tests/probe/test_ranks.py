"""`reprolint probe -- torchrun …`: each rank with itself, ranks with each other, and launches that end badly."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from reprolint.cli import main
from reprolint.config import UsageError
from reprolint.probe import children, launched
from reprolint.probe.children import Target
from reprolint.probe.compare import compare
from reprolint.probe.launches import launch
from reprolint.probe.rank import Rank
from reprolint.probe.ranks import judge
from reprolint.probe.trace import Begin, End, Init, Split, Step, Trace

HEAD = """import torch, torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel as DDP
from torch.utils.data import DataLoader, TensorDataset, random_split
from torch.utils.data.distributed import DistributedSampler

dist.init_process_group("gloo")
rank = dist.get_rank()
torch.manual_seed(0)
data = TensorDataset(torch.randn(32, 4), torch.randn(32, 1))
"""
TAIL = """
opt = torch.optim.SGD(model.parameters(), lr=0.1)
for epoch in range(2):
    for x, y in loader:
        loss = (model(x) - y).square().mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
"""
GOOD = f"""{HEAD}
train, held_out = random_split(data, [24, 8])
model = DDP(nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Dropout(), nn.Linear(8, 1)))
torch.manual_seed(rank)
loader = DataLoader(train, batch_size=4, sampler=DistributedSampler(train))
{TAIL}"""
BAD = f"""{HEAD}
model = DDP(nn.Sequential(nn.Linear(4, 8), nn.Dropout(), nn.Linear(8, 1)))
loader = DataLoader(data, batch_size=4, shuffle=True)
if rank == 0:
    model.module[0].weight.data.mul_(0.5)
random_split(data, [24, 8], generator=torch.Generator().manual_seed(rank))
{TAIL}"""


@pytest.fixture
def ranks(tmp_path, monkeypatch):
    """Two ranks of a script: the trace of one run."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")

    def ran(source, *, steps=3, timeout=100.0):
        (tmp_path / "train.py").write_text(source)
        target = Target(launcher="torch.distributed.run", launch=("--nproc-per-node=2", "train.py", "--lr", "1"), cwd=tmp_path, name="torchrun train.py")
        return children.run(target, (), (), steps=steps, timeout=timeout)

    pytest.importorskip("torch")
    return ran


def weights(trace):
    return {one.about: one.weight for one in judge(trace).found}


# -- real launches -------------------------------------------------------------------------------------------------


def test_ranks_as_they_should_be(ranks):
    trace = ranks(GOOD)
    assert [len(one.steps) for one in trace.ranks] == [3, 3]
    assert {one.end.reason for one in trace.ranks} == {"steps"}
    assert trace.ranks[0].begin.argv == ["--lr", "1"]
    assert weights(trace) == {"split": "agrees", "batches": "agrees", "parameters": "agrees", "buffers": "note"}
    assert not judge(trace).faulty
    assert compare(trace, trace) is None


def test_ranks_as_they_should_not_be(ranks):
    found = {one.about: one for one in judge(ranks(BAD)).found}
    assert {about: one.weight for about, one in found.items()} == {"split": "fault", "batches": "fault", "parameters": "fault", "streams": "note"}
    assert found["parameters"].names == ("DistributedDataParallel.module.0.weight",)
    assert "before the first step" in found["parameters"].says
    assert found["streams"].names == ("torch",)
    assert found["split"].where == "train.py:16"


def left(pids):
    """Processes that are still there."""
    return [pid for pid in pids if Path(f"/proc/{pid}").exists() and Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"]


FAILS = """import os, sys, time
from pathlib import Path
Path("pid" + os.environ["RANK"]).write_text(str(os.getpid()))
while not all(Path(f"pid{rank}").exists() for rank in "01"):
    time.sleep(0.05)
if os.environ["RANK"] == "1":
    END
time.sleep(1000)
"""


@pytest.mark.parametrize(
    ("end", "timeout", "said"),
    [
        ("raise ValueError('no data')", 60, "rank 1 of 2 failed: ValueError: no data"),
        ("os.kill(os.getpid(), 9)", 60, "rank 1 of 2 was killed by signal 9 (SIGKILL)"),
        ("pass", 10, "it did not end within 10 s (see --timeout): rank 0 took no step; rank 1 took no step"),
    ],
)
def test_a_launch_that_ends_badly(tmp_path, monkeypatch, end, timeout, said):
    pytest.importorskip("torch")
    monkeypatch.chdir(tmp_path)
    Path("train.py").write_text(FAILS.replace("END", end))
    done = CliRunner().invoke(main, ["probe", "--timeout", str(timeout), "--", "torchrun", "--nproc-per-node", "2", "train.py"])
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr
    if timeout < 60:
        assert "rank 1 is here:" in done.stderr
        assert 'train.py", line 8' in done.stderr
    for _ in range(50):
        if not left([path.read_text() for path in tmp_path.glob("pid*")]):
            return
        time.sleep(0.1)
    raise AssertionError("a rank is left behind")


# -- command lines -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("module", "words", "found"),
    [
        (None, ["torchrun", "--nproc-per-node", "2", "t.py"], ("torch.distributed.run", ("--nproc-per-node", "2", "t.py"))),
        (None, ["/opt/bin/torchrun", "--standalone", "t.py", "-m"], ("torch.distributed.run", ("--standalone", "t.py", "-m"))),
        (None, ["python3.11", "-m", "torch.distributed.launch", "t.py"], ("torch.distributed.launch", ("t.py",))),
        ("torch.distributed.run", ["--nproc_per_node=2", "-m", "pkg.t"], ("torch.distributed.run", ("--nproc_per_node=2", "-m", "pkg.t"))),
        ("pkg.train", ["torchrun"], None),
        (None, ["train.py", "torchrun"], None),
        (None, [], None),
    ],
)
def test_what_launches_ranks(module, words, found):
    target = launch(module, words, "python")
    assert (target and (target.launcher, target.launch)) == found


@pytest.mark.parametrize(("words", "said"), [(["accelerate", "launch", "t.py"], "not under accelerate"), (["torchrun"], "name the script")])
def test_what_cannot_be_launched(words, said):
    with pytest.raises(UsageError, match=said):
        launch(None, words, "python")


def test_a_python_of_ones_own():
    target = launch(None, ["/opt/python3", "-m", "torch.distributed.run", "t.py"], "python")
    assert target is not None
    assert (target.python, target.said) == ("/opt/python3", "/opt/python3 -m torch.distributed.run t.py")


REFUSED = """
import json, sys
sys.path.insert(0, sys.argv[1])
import launcher
for words in (["--nnodes=2", "t.py"], ["--no-python", "t.py"], ["gone.py"], ["-m", "pkg.t", "-x"], ["--rdzv-endpoint=localhost:1", "--max-restarts=3", "t.py", "-x"]):
    order = {"launcher": "torch.distributed.run", "launch": words, "cwd": sys.argv[2], "start": sys.argv[2]}
    try:
        args, _ = launcher.read(order, sys.argv[2], {})
        print(order["script"], order["module"], order["argv"], args.max_restarts, args.rdzv_endpoint.rpartition(":")[2] not in {"1"})
    except launcher.Problem as problem:
        print(problem)
"""


def test_what_the_launcher_makes_of_its_arguments(tmp_path):
    pytest.importorskip("torch")
    (tmp_path / "t.py").touch()
    place = str(Path(launched.__file__).parent)
    said = subprocess.run([sys.executable, "-c", REFUSED, place, str(tmp_path)], capture_output=True, text=True, check=True).stdout.splitlines()
    assert said == [
        "`--nnodes 2`: only ranks on one machine are watched",
        "`--no-python` runs a program that cannot be watched: name the script",
        "no such file: gone.py",
        " pkg.t ['-x'] 0 True",
        "t.py  ['-x'] 0 True",
    ]


# -- without torch -------------------------------------------------------------------------------------------------


def step(number, *, batch=(), loss=(), gradients=None, parameters=None, buffers=None, streams=None):
    return Step(
        number=number, step=number, optimizer="SGD", where="t.py:9", batch=list(batch), loss=list(loss), gradients=gradients or {}, parameters=parameters or {"w": f"{number}"},
        buffers=buffers or {}, state={}, streams=streams or {},
    )  # fmt: skip


END = End(reason="steps", code=0, steps=3, streams={}, files={}, opened=[], unhashed={}, threads=[], notes={})
BEGIN = Begin(schema=1, python="3", argv=[], hash_seed="0", cwd="/")


def rank_of(steps, *, initial="0", synced=("w",), splits=(), end=END):
    init = Init(optimizer="SGD", where="t.py:8", devices=["cpu"], parameters={"w": initial}, streams={}, synced=list(synced))
    return Trace(begin=BEGIN, inits=(init,), steps=tuple(steps), splits=tuple(splits), end=end)


def together(*found):
    return replace(found[0], ranks=found)


def test_gradients_that_nobody_averages():
    steps = [[step(n, gradients={"w": f"{rank if n > 1 else 0} {n}"}) for n in (1, 2)] for rank in (0, 1)]
    (found,) = [one for one in judge(together(*map(rank_of, steps))).found if one.weight == "fault"]
    assert (found.about, found.step, "no_sync" in found.help) == ("gradients", 2, True)


def test_an_optimizer_that_depends_on_the_rank():
    steps = [[step(1, gradients={"w": "g"}, parameters={"w": str(rank)})] for rank in (0, 1)]
    (found,) = [one for one in judge(together(*map(rank_of, steps))).found if one.weight == "fault"]
    assert (found.about, found.step) == ("parameters", 1)


def test_gradients_that_are_averaged_by_hand():
    """They are the same on all ranks though the losses are not: so the parameters have to be, too."""
    steps = [[step(1, loss=[f"l{rank}"], gradients={"w": "g"}, parameters={"w": f"w{rank}"})] for rank in (0, 1)]
    (found,) = [one for one in judge(together(*(rank_of(one, initial=str(n), synced=()) for n, one in enumerate(steps)))).found if one.weight == "fault"]
    assert (found.about, "broadcast" in found.help) == ("parameters", True)


def test_ranks_that_train_by_themselves_are_no_fault():
    steps = [[step(n, batch=[f"b{n}"], loss=[f"l{rank}"], gradients={"w": f"g{rank}"}, parameters={"w": f"w{rank}"}) for n in (1, 2)] for rank in (0, 1)]
    found = judge(together(*(rank_of(one, initial=str(n), synced=()) for n, one in enumerate(steps))))
    assert {one.about: one.weight for one in found.found} == {"batches": "note", "parameters": "note"}


def test_batches():
    def weight(*batches, synced=("w",)):
        found = judge(together(*(rank_of([step(n, batch=[one]) for n, one in enumerate(each, 1)], synced=synced) for each in batches)))
        return next(one.weight for one in found.found if one.about == "batches")

    assert weight("abc", "abc") == "fault"
    assert weight("aaa", "aaa") == "note", "all are alike: made up, perhaps"
    assert weight("abc", "abe") == "note"
    assert weight("abc", "def") == "agrees"
    assert weight("abc", "abc", synced=()) == "note"
    assert judge(together(rank_of([step(1)]), rank_of([step(1)]))).unseen == ("batches: they come from no DataLoader",)


def test_splits_of_other_data_are_not_compared():
    splits = [Split(name="train_test_split", where="t.py:3", of="same", value=str(n)) for n in (0, 1)]
    assert weights(together(*(rank_of([step(1)], splits=[one]) for one in splits)))["split"] == "fault"
    apart = [replace(one, of=str(n)) for n, one in enumerate(splits)]
    assert "split" not in weights(together(*(rank_of([step(1)], splits=[one]) for one in apart)))


def test_a_stream_that_stands_still_says_nothing():
    def about(*states):
        return weights(together(*(rank_of([step(n, streams={"torch": one}) for n, one in enumerate(states, 1)]) for _ in range(2))))

    assert about("a", "b", "c")["streams"] == "note"
    assert "streams" not in about("a", "a", "a")
    assert "streams" not in about("a")


def test_ranks_that_take_other_numbers_of_steps():
    found = judge(together(rank_of([step(1)]), rank_of([], end=replace(END, reason="waiting"))))
    assert found.found[0].says == "the ranks took different numbers of steps: rank 0 1, rank 1 0"
    assert len(found.unseen) == 2
    assert judge(together(rank_of([step(1)]))).unseen == ("ranks with each other: there is one",)
    assert judge(rank_of([step(1)])) is None


def test_the_earliest_difference_of_all_ranks():
    one = together(rank_of([step(1), step(2)]), rank_of([step(1), step(2)]))
    other = together(rank_of([step(1), step(2, loss=["x"])]), rank_of([step(1, loss=["x"]), step(2)]))
    found = compare(one, other)
    assert found is not None
    assert (found.rank, found.step, found.kind) == (1, 1, "loss")
    broken = replace(other, ranks=(other.ranks[0], replace(other.ranks[1], end=None)))
    again = compare(one, broken)
    assert again is not None
    assert again.rank == 0, "a rank that was ended is no evidence"


def test_one_rank_waits_for_the_others_and_no_longer(tmp_path, monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "2")
    found = []
    for number in (0, 1):
        monkeypatch.setenv("RANK", str(number))
        found.append(Rank({"trace": str(tmp_path / "trace"), "ranks": {"grace": 0.1}}, ["--local-rank=0"]))
    began = time.monotonic()
    found[0].wait()
    assert time.monotonic() - began >= 0.3
    found[1].ends("steps")
    assert found[0].others() == ["steps"]
    began = time.monotonic()
    found[0].wait()
    assert time.monotonic() - began < 0.1


def test_a_rank_that_waits_for_one_that_is_through_is_ended(tmp_path):
    """Without the others it would wait for ever."""
    code = f"""
import os, sys, time
sys.path.insert(0, {str(Path(launched.__file__).parent)!r})
from rank import Rank
class Tracer:
    def end(self, reason, code): print(reason, flush=True)
os.environ |= {{"RANK": "1", "WORLD_SIZE": "2"}}
one = Rank({{"trace": {str(tmp_path / "trace")!r}, "ranks": {{"grace": 0.2}}}})
open({str(tmp_path / "over.0")!r}, "w").write(REASON)
one.watch(Tracer())
time.sleep(2)
print("goes on")
"""
    said = [subprocess.run([sys.executable, "-c", code.replace("REASON", repr(reason))], capture_output=True, text=True, check=True, env=os.environ | {"PYTHONPATH": ""}).stdout for reason in ("steps", "exit")]
    assert said == ["waiting\n", "goes on\n"]


def test_ranks_are_told_in_the_document(ranks, monkeypatch, tmp_path):
    trace = together(rank_of([step(n, batch=[str(n)]) for n in (1, 2)]), rank_of([step(n, batch=[str(n)]) for n in (1, 2)]))
    monkeypatch.setattr(children, "run", lambda *_, **__: trace)
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["probe", "--quick", "--output-format", "json", "--", "torchrun", "t.py"])
    found = json.loads(done.stdout)
    assert (done.exit_code, found["verdict"], found["ranks"]["count"]) == (1, "agreed", 2)
    assert found["meaning"]["ranks"][0].startswith("batches: the same on both ranks in 2 steps")
    text = CliRunner().invoke(main, ["probe", "--quick", "--html", "page.html", "--", "torchrun", "t.py"]).stdout
    assert "✗ batches</strong> The same on both ranks in 2 steps" in Path("page.html").read_text()
    assert "torchrun t.py  ✗ all runs do the same, and ranks do not do what they should" in text
