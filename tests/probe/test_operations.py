"""Every operation of a step: memory is read once, and what was read before is what reading it again would give."""

from __future__ import annotations

import contextlib
import gc
import json
import threading
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from reprolint.cli import main
from reprolint.probe import operations, tracer
from reprolint.probe.children import Target, run
from reprolint.probe.operations import _laid
from reprolint.probe.unwritten import Unwritten

torch = pytest.importorskip("torch")


class Watched:
    """Operations as a tracer would write them down."""

    def __init__(self):
        self.lines = []
        quietly = lambda function, *args: function(*args)  # noqa: E731
        self.tracer = SimpleNamespace(
            prints=tracer.Prints(), numbers={"op": 0}, order={}, quiet=False, ended=False, silently=quietly, where=lambda: "here:1", waits=lambda: "", reached=lambda: 0, put=self.lines.append
        )
        self.mode = operations.mode(self.tracer, torch, Unwritten)

    @property
    def ops(self):
        return [json.loads(line) for line in self.lines]

    @contextlib.contextmanager
    def on(self):
        with self.mode:
            yield self


@pytest.fixture
def watched():
    return Watched()


@pytest.mark.parametrize(
    ("shape", "stride", "laid"),
    [
        ((2, 3), (3, 1), (6, "")),
        ((3, 2), (1, 3), (6, "@1.0")),
        ((2, 1, 3), (3, 7, 1), (6, "")),
        ((4, 3), (0, 1), (3, "@1")),
        ((4, 3), (0, 0), (1, "@")),
        ((2, 4, 5, 3), (60, 1, 12, 4), (120, "@0.2.3.1")),
        ((2, 3), (6, 1), None),
        ((3, 3), (1, 1), None),
        ((2,), (2,), None),
    ],
)
def test_how_elements_lie(shape, stride, laid):
    assert _laid(shape, stride) == laid


def steps():
    """Writes of many kinds, to memory that was read before."""
    torch.manual_seed(0)
    wide = 2048
    net = torch.nn.Sequential(torch.nn.Linear(8, wide), torch.nn.BatchNorm1d(wide), torch.nn.ReLU(inplace=True), torch.nn.Dropout(0.5))
    recurrent = torch.nn.LSTM(64, 64, batch_first=True)
    head = torch.nn.TransformerEncoderLayer(64, 2, 128, batch_first=True)
    parameters = [*net.parameters(), *recurrent.parameters(), *head.parameters()]
    optimizers = [torch.optim.AdamW(parameters, foreach=True), torch.optim.SGD(parameters, lr=0.1, momentum=0.9), torch.optim.Adam(parameters, fused=True)]
    for optimizer in optimizers:
        rows = net(torch.randn(4, 8)).view(4, 32, 64)
        found, _ = recurrent(torch.utils.checkpoint.checkpoint(head, rows, use_reentrant=False))
        loss = found.transpose(1, 2).square().mean() + rows[:, ::2].sum() + rows.expand(2, 4, 32, 64).mean()
        optimizer.zero_grad()
        loss.backward(retain_graph=True)
        loss.backward()
        optimizer.step()
    table = torch.zeros(64, 64)
    table[:32].add_(1), table.data.mul_(2), table.t().copy_(torch.randn(64, 64)), table.index_add_(0, torch.tensor([1, 1]), torch.ones(2, 64))
    torch.add(table, 1, out=table), table.resize_(32, 64), torch.empty(64, 64).copy_(torch.ones(64, 64)).exp()
    table.set_(torch.ones(64, 64)), table.sum(), (table.to(torch.complex64).conj() @ torch.ones(64, dtype=torch.complex64)).imag.sum()
    with torch.inference_mode():
        torch.ones(64, 64).add_(1).sum()


def test_what_was_read_before_is_what_reading_it_again_gives(watched):
    original, seen = watched.mode.print, []

    def checked(leaf, known, more=0):
        found = original(leaf, known, more)
        if known is not None:
            kept, known.prints = known.prints, {}
            seen.append((found, original(leaf, known, more), bool(kept)))
            known.prints = kept
        return found

    watched.mode.print = checked
    with watched.on():
        steps()
    assert [(one, again) for one, again, _ in seen if one != again] == []
    assert sum(kept for *_, kept in seen) > 300, "much of it was read before"
    assert not watched.tracer.prints.unknown


def test_memory_is_read_once(watched):
    read = []
    original = watched.tracer.prints.memory
    watched.tracer.prints.memory = lambda leaf, size: read.append(size) or original(leaf, size)
    with watched.on():
        x = torch.ones(64, 64)
        y = x.exp()
        (y.t(), y.view(-1), y.sum(), y @ x)
        assert len(read) == 4, "ones, exp, the sum and the product"
        y.add_(1)
        y.sum()
        assert len(read) == 6, "what was written, and the sum"
        watched.mode.next_step()
        y.sum()
    assert len(read) == 8, "in the next step all is read afresh"


def test_what_another_thread_writes_is_read_again(watched):
    with watched.on():
        x = torch.ones(64, 64).exp()
        x.sum()
        thread = threading.Thread(target=lambda: x.add_(1))
        thread.start()
        thread.join()
        x.sum()
    one, other = (op["inputs"] for op in watched.ops if op["op"] == "aten.sum.default")
    assert one != other


def test_nothing_lives_longer_because_it_is_watched(watched):
    from torch.multiprocessing.reductions import StorageWeakRef

    with watched.on():
        stores = [StorageWeakRef(made.untyped_storage()) for made in (torch.empty(8), torch.empty(8).fill_(1), torch.ones(8).exp())]
        gc.collect()
        assert [store.expired() for store in stores] == [True] * 3


def test_what_nobody_wrote_is_not_read(watched):
    with watched.on():
        made = torch.empty(64, 64)
        made.view(-1)
        made[0].fill_(1)
        (made[0].sum(), made.sum())
        made[1:].fill_(2)
        made.sum()
    assert [op["inputs"] for op in watched.ops][:3] == [[], ["undefined"], ["undefined"]]
    assert ["undefined" in op["inputs"] for op in watched.ops if op["op"].startswith("aten.sum")] == [False, True, False], "a part of it was written, then all"


def test_layout_is_part_of_what_goes_in(watched):
    with watched.on():
        x = torch.arange(6.0).reshape(2, 3)
        (x.t().exp(), x.t().contiguous().exp())
    one, other = (op["inputs"] for op in watched.ops if op["op"] == "aten.exp.default")
    assert one != other
    assert one[0].startswith("float32[3, 2]#")


def test_memory_that_was_taken_away_is_said_and_not_read(watched):
    x = torch.ones(2048)
    x.untyped_storage().resize_(0)
    assert watched.tracer.prints.tensor(x) == "float32[2048]?"
    with watched.on():
        x.detach()
    assert watched.ops[0]["inputs"] == ["float32[2048]?"]
    assert list(watched.tracer.prints.unknown) == ["Tensor: a tensor whose memory was taken away"]
    assert watched.tracer.prints.tensor(vars(torch)["_efficientzerotensor"](4)) == watched.tracer.prints.tensor(torch.zeros(4))


def test_running_statistics_are_written_though_the_schema_does_not_say_so(watched):
    norm = torch.nn.BatchNorm1d(4)
    with watched.on():
        norm(torch.randn(8, 4))
    op = next(op for op in watched.ops if op["op"].startswith("aten.native_batch_norm"))
    prints = watched.tracer.prints
    assert op["outputs"][-2:] == [prints.tensor(norm.running_mean), prints.tensor(norm.running_var)]


LINES = """
import torch

torch.manual_seed(0)

class Double(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2
    @staticmethod
    def backward(ctx, given):
        return given * 2

weight = torch.nn.Parameter(torch.ones(4))
optimizer = torch.optim.SGD([weight], lr=0.1)
for _ in range(2):
    a = weight.sin()
    with torch.no_grad():
        a.abs()
    b = Double.apply(a)
    c = torch.utils.checkpoint.checkpoint(torch.cos, b, use_reentrant=False)
    optimizer.zero_grad()
    (first,) = torch.autograd.grad(c.sum(), weight, create_graph=True)
    first.square().sum().backward()
    optimizer.step()
"""


@pytest.mark.parametrize("name", ["train.py", 'a "path" \\ é.py'])
def test_lines_of_operations_and_of_what_they_are_gradients_of(tmp_path, monkeypatch, name):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    (tmp_path / name).write_text(LINES)
    trace = run(Target(script=name, cwd=tmp_path), (), (), steps=2, timeout=120, ops=(0, 1))
    assert trace.end is not None
    lines = {(op.op.split(".")[1], op.where.removeprefix(f"{name}:"), op.forward.removeprefix(f"{name}:")) for op in trace.ops}
    assert {("sin", "17", ""), ("abs", "19", ""), ("mul", "9", ""), ("cos", "21", ""), ("sum", "23", "")} <= lines
    assert {("cos", "23", "17"), ("mul", "12", "9"), ("sin", "23", "21")} <= lines, "of the first derivative"
    assert any(op == "mul" and where == "24" and forward == "24" for op, where, forward in lines), "of the square of it"
    assert {op.step for op in trace.ops} == {1, 2}


PAST = """
import os
import torch

torch.manual_seed(0)
weight = torch.nn.Parameter(torch.ones(4096))
optimizer = torch.optim.SGD([weight], lr=0.1)
x = torch.ones(4096)
y = x.exp()
y.numpy()[:] = os.urandom(1)[0] + os.urandom(1)[0] / 256
z = y.sin()
(weight * z).sum().backward()
optimizer.step()
"""


def test_a_value_that_was_written_past_torch_came_from_outside(tmp_path, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.py").write_text(PAST)
    found = json.loads(CliRunner().invoke(main, ["probe", "--output-format", "json", "--repeats", "2", "train.py"]).stdout)
    assert (found["op"]["op"], found["op"]["where"], found["op"]["kind"]) == ("aten.sin.default", "train.py:11", "outside")
