"""Steps of many kinds with torch: equal where they repeat, different where they do not, and by how much."""

from __future__ import annotations

import pytest

from reprolint.probe.children import Target, run
from reprolint.probe.compare import _initial, _returned, _steps, _within, compare, compare_ops
from reprolint.probe.sizing import measure
from reprolint.probe.variations import chosen

KINDS = """
import os
import torch
from torch import nn

def net():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))

def factor():
    return 1.5 + (os.urandom(1)[0] / 256 + os.urandom(1)[0] if BROKEN else 0)

def lbfgs():
    model, x = net(), torch.randn(16, 4)
    optimizer = torch.optim.LBFGS(model.parameters(), max_iter=2)
    extra = factor()
    def closure():
        optimizer.zero_grad()
        loss = (model(x) * extra).square().mean()
        loss.backward()
        return loss
    return optimizer.step(closure)

def mixed():
    model = net()
    optimizer, scaler = torch.optim.AdamW(model.parameters()), torch.amp.GradScaler("cpu", enabled=False)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        loss = model(torch.randn(16, 4)).square().mean() * factor()
    scaler.scale(loss).backward(), scaler.step(optimizer), scaler.update()
    return model

def adversaries():
    model, critic = net(), nn.Linear(1, 1)
    first, second = torch.optim.Adam(model.parameters()), torch.optim.Adam(critic.parameters())
    fake = model(torch.randn(8, 4))
    critic(fake.detach()).mean().backward(), second.step()
    first.zero_grad(), (critic(fake).mean() * factor()).backward(), first.step()

def accumulated():
    model = net()
    for scale in (1, factor()):
        (model(torch.randn(8, 4)).square().mean() * scale).backward()
    torch.optim.SGD(model.parameters(), lr=0.1).step()

def sparse():
    torch.manual_seed(0)
    table = nn.Embedding(10, 3, sparse=True)
    (table(torch.randint(10, (6,))).square().sum() * factor()).backward()
    torch.optim.SparseAdam(list(table.parameters())).step()
    return table.weight.grad, torch.eye(3).to_sparse_csr()

def complexes():
    torch.manual_seed(0)
    weight = nn.Parameter(torch.randn(4, 4, dtype=torch.complex64))
    ((weight @ torch.randn(4, dtype=torch.complex64)).abs().sum() * factor()).backward()
    torch.optim.SGD([weight], lr=0.1).step()
    return {"conjugate": weight.conj()}

class Rows(torch.utils.data.Dataset):
    def __len__(self):
        return 8
    def __getitem__(self, row):
        return torch.full((4,), row * factor()) + torch.rand(1)

def loaded():
    model = net()
    for x in torch.utils.data.DataLoader(Rows(), 4, shuffle=True, num_workers=1):
        model(x).sum().backward()

def gradients_alone():
    net()(torch.randn(2, 4) * factor()).sum().backward()

def make():
    for kind in (lbfgs, mixed, adversaries, accumulated, sparse, complexes, loaded, gradients_alone):
        yield kind()
"""
CALLS = 8


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Two runs of steps that repeat and two of the same steps with a number that differs."""
    pytest.importorskip("torch")
    found = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OMP_NUM_THREADS", "1")
        for broken in (False, True):
            folder = tmp_path_factory.mktemp("steps")
            (folder / "kinds.py").write_text(KINDS.replace("BROKEN", str(broken)))
            target = Target(module="kinds", factory="make", calls=True, cwd=folder, name="kinds:make")
            found.append([run(target, (), (), steps=CALLS, timeout=120) for _ in range(2)])
    return found


def test_steps_that_repeat(runs):
    one, other = runs[0]
    assert one.end is not None
    assert (one.end.calls, one.end.devices, one.end.unhashed) == (CALLS, ["cpu"], {})
    assert compare(one, other) is None
    assert {step.optimizer.partition("#")[0] for step in one.steps} == {"LBFGS", "AdamW", "Adam", "SGD", "SparseAdam"}
    assert {value.part for value in one.values} == {"", "loss", "batch"}


@pytest.mark.parametrize("call", range(1, CALLS + 1))
def test_each_kind_of_step_that_does_not_repeat_is_found(runs, call):
    one, other = (_within(trace, call) for trace in runs[1])
    assert _initial(one, other) is None, "all are seeded"
    assert _steps(one, other) or _returned(one, other, 0)


SIZES = """
import os
import torch

def make():
    torch.manual_seed(0)
    kept = torch.nn.Parameter(torch.ones(3))
    def step():
        noise = torch.frombuffer(bytearray(os.urandom(8)), dtype=torch.uint8)
        loss = (kept * noise[:3].to(torch.bfloat16)).sum()
        loss.backward()
        torch.add(kept.detach(), 1, out=torch.zeros(3))
        return kept.grad, noise.to(torch.complex64), bool(noise[0] > 300)
    return step
"""


def test_how_much_differs_of_the_step_and_of_the_operation(tmp_path, monkeypatch):
    pytest.importorskip("torch")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    (tmp_path / "sized.py").write_text(SIZES)
    target = Target(module="sized", factory="make", calls=True, cwd=tmp_path, name="sized:make")

    def once(varied, number=1, ops=(), *, slow=False, keep=None):
        return run(target, varied, (), steps=1, timeout=120, number=number, ops=ops, keep=keep)

    one, other = once((), ops=(0,)), once((), ops=(0,))
    first, op = compare(one, other), compare_ops(one, other)
    assert first is not None
    assert op is not None
    assert (first.kind, first.step, op.kind) == ("loss", 1, "outside")
    assert [len(one.inputs) for one in one.ops if one.op == "aten.add.out"] == [1], "what is only written does not go in"
    found = measure(once, first, op, (), (0,))
    assert not found.note
    assert [(size.name, size.dtype, size.total) for size in found.state] == [("loss 1", "float32", 1)]
    assert found.state[0].max_ulp
    [noise] = found.inputs
    assert (noise.name, noise.dtype, noise.max_ulp) == ("input 1", "uint8", None)
    assert 1 <= noise.differing <= noise.total == 8
    assert isinstance(noise.max_abs, int)
    [made] = found.outputs
    assert made.max_abs


def test_a_value_of_more_bytes_than_there_is_room_for_is_not_kept(tmp_path, monkeypatch):
    source = "import numpy, os\ndef make():\n    return lambda: {'large': numpy.frombuffer(os.urandom(1 << 16), 'i4'), 'small': numpy.array([len(os.urandom(1)) + 1j * os.urandom(1)[0]])}\n"
    (tmp_path / "sized.py").write_text(source)
    target = Target(module="sized", factory="make", calls=True, cwd=tmp_path, name="sized:make")

    def once(varied, number=1, ops=(), *, slow=False, keep=None):
        return run(target, varied, (), steps=1, timeout=120, keep=keep)

    first = compare(once(()), once(()))
    assert first is not None
    [size] = measure(once, first, None, (), ()).state
    assert (size.dtype, size.shape, size.total, size.max_ulp) == ("int32", (1 << 14,), 1 << 14, None)
    monkeypatch.setattr("reprolint.probe.sizing.LIMIT", 1 << 12)
    [size] = measure(once, first, None, (), ()).state
    assert (size.note, size.differing) == ("its 65,536 bytes are more than is kept", 0)


VIEWED = """
import os
import torch

def make():
    kept = torch.nn.Parameter(torch.zeros(2))
    def step():
        seen = torch.empty(1_000_000).view(1000, 1000)
        seen.fill_(os.urandom(1)[0] + os.urandom(1)[0] / 256)
        (kept.sum() * seen[0, 0]).backward()
        return kept.grad
    return step
"""


def test_a_view_of_memory_that_nobody_wrote_says_nothing(tmp_path, monkeypatch):
    pytest.importorskip("torch")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    (tmp_path / "viewed.py").write_text(VIEWED)
    target = Target(module="viewed", factory="make", calls=True, cwd=tmp_path, name="viewed:make")
    memory = chosen(("memory",))
    found = compare_ops(*(run(target, memory, (), steps=1, timeout=120, number=number, ops=(0,)) for number in (1, 2)))
    assert found is not None
    assert found.op == "aten.fill_.Scalar"


FILLED = """
import os
import torch

def make():
    torch.manual_seed(0)
    chance = os.urandom(1)[0] + os.urandom(1)[0] / 256
    words, rows = torch.LongTensor(40), torch.empty(64, 3)
    part = torch.empty(64)
    def step():
        for at in range(40):
            words[at] = at
        for at in range(64):
            rows[at] = torch.ones(3)
        even = torch.arange(64) % 2 == 0
        part[even] = 1.0
        part[~even] = 2.0
        first = rows.sum() + words.sum() + part.sum()
        unread = torch.empty(100_000).sum() if READS else 0
        return first * chance + unread
    return step
"""


@pytest.mark.parametrize(("reads", "op", "kind"), [(False, "aten.mul.Tensor", "scalar"), (True, "aten.sum.default", "memory")])
def test_memory_that_is_written_piece_by_piece_says_nothing_until_then(tmp_path, monkeypatch, reads, op, kind):
    pytest.importorskip("torch")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    (tmp_path / "filled.py").write_text(FILLED.replace("READS", str(reads)))
    target = Target(module="filled", factory="make", calls=True, cwd=tmp_path, name="filled:make")
    memory = chosen(("memory",))
    one, other = (run(target, memory, (), steps=1, timeout=120, number=number, ops=(0,)) for number in (1, 2))
    assert not one.end.notes
    found = compare_ops(one, other)
    assert found is not None
    assert (found.op, found.kind) == (op, kind)
    whole = [one.inputs for one in one.ops if one.op == "aten.sum.default"]
    assert ["undefined"] not in whole[:3], "once all of it was written it is read as it is"
