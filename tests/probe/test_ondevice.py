"""Fingerprints by whole numbers alone, as they are computed on a GPU: here on the CPU, which gives the same."""

from __future__ import annotations

import itertools
import re
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import probe as benchmark
from reprolint.probe import hardware, ondevice
from reprolint.probe.children import Target, run
from reprolint.probe.compare import compare, compare_ops
from reprolint.probe.ondevice import Captured, OnDevice

torch = pytest.importorskip("torch")

EXACT = [torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64, torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.complex64, torch.complex128]
MORE = [torch.bool, torch.uint16, torch.uint32, torch.uint64, torch.float8_e4m3fn, torch.float8_e5m2, torch.complex32]


@pytest.fixture
def device():
    return OnDevice(torch)


@pytest.fixture
def small(monkeypatch):
    """Blocks of 64 words, so that small tensors take many."""
    monkeypatch.setattr(ondevice, "BLOCK", 64)
    monkeypatch.setattr(ondevice, "LEAST", 16)
    return OnDevice(torch)


def printed(device, *values):
    """The fingerprints of tensors, read back together."""
    return device.now(" ".join([device.of(value) for value in values])).split()


def of_bits(dtype, shape, seed=0):
    """A tensor of that type with random bits, NaN of every kind among them."""
    size = torch.empty(0, dtype=dtype).element_size()
    count = torch.Size(shape).numel()
    data = torch.randint(0, 2 if dtype is torch.bool else 256, (count * size,), dtype=torch.uint8, generator=torch.Generator().manual_seed(seed))
    return data.view(dtype).reshape(shape)


@pytest.mark.filterwarnings("ignore:ComplexHalf")
@pytest.mark.parametrize("dtype", [*EXACT, *MORE], ids=str)
def test_a_copy_is_equal_and_every_bit_counts(device, dtype):
    value = of_bits(dtype, (3, 2))
    count = 1 if dtype is torch.bool else 8
    others = []
    for byte in range(value.numel() * value.element_size()):
        for bit in range(count):
            data = value.clone().view(torch.uint8)
            data.view(-1)[byte] ^= 1 << bit
            others.append(data.view(dtype))
    first, again, *rest = printed(device, value, value.clone(), *others)
    assert first == again
    assert re.fullmatch("[0-9a-f]{32}", first)
    assert len({first, *rest}) == len(rest) + 1


@given(
    dtype=st.sampled_from(EXACT), shape=st.lists(st.integers(1, 7), min_size=0, max_size=4), order=st.randoms(use_true_random=False),
    step=st.integers(1, 3), block=st.sampled_from([4, 16, 64, 1 << 20]),
)  # fmt: skip
def test_the_layout_is_nothing(dtype, shape, order, step, block):
    value = of_bits(dtype, tuple(shape))
    places = list(range(len(shape)))
    order.shuffle(places)
    turned = value.permute(places).contiguous().permute([places.index(place) for place in range(len(shape))])
    wide = torch.zeros([size * step + 1 for size in shape], dtype=dtype)
    part = wide[tuple(slice(1, None, step) for _ in shape)]
    part.copy_(value)
    before = ondevice.BLOCK
    try:
        ondevice.BLOCK = block
        device = OnDevice(torch)
        assert len(set(printed(device, value, turned, part))) == 1
    finally:
        ondevice.BLOCK = before


def test_views_of_other_kinds_are_read_as_they_are_meant(device):
    value = torch.complex(torch.randn(5, 4), torch.randn(5, 4))
    for one, same in ((value.conj(), value.conj().resolve_conj()), (value.conj().imag, value.imag.neg()), (torch.ones(1).expand(6, 5), torch.ones(6, 5)), (value.mT, value.mT.contiguous())):
        first, second = printed(device, one, same)
        assert first == second
    assert printed(device, value) != printed(device, value.conj())


def test_an_image_that_keeps_channels_last(device):
    value = torch.randn(2, 3, 5, 7)
    assert printed(device, value) == printed(device, value.to(memory_format=torch.channels_last))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64], ids=str)
def test_zeros_that_are_equal_and_not_numbers_that_are_alike(device, dtype):
    zeros, nan = torch.zeros(4, dtype=dtype), torch.full((4,), float("nan"), dtype=dtype)
    other = nan.clone()
    other.view(torch.uint8)[0] ^= 1
    signed = zeros.clone()
    signed[1] = -0.0
    moved = zeros.clone()
    moved[2] = -0.0
    found = printed(device, zeros, signed, moved, -zeros, nan, other)
    assert len(set(found)) == len(found)
    assert printed(device, nan) == printed(device, nan.clone())


def test_order_counts(small):
    value = torch.randn(400, 3)
    swapped = value.clone()
    swapped[[17, 18]] = value[[18, 17]]
    mask = torch.rand(4000) < 0.5
    spots = [torch.nn.functional.one_hot(torch.tensor(place), 500) for place in range(500)]
    blocks = value.flatten()[: 64 * 18].reshape(18, 64)
    orders = [torch.randperm(18, generator=torch.Generator().manual_seed(seed)) for seed in range(50)]
    found = printed(
        small, value, swapped, value.flip(0), value.roll(1), -value, mask, mask[torch.randperm(4000)], *spots, *(blocks[order] for order in orders),
        *(torch.full((256,), number) for number in range(1, 50)),
    )  # fmt: skip
    assert len(set(found)) == len(found)


def test_a_swap_of_top_bits_shows():
    """The weakest change for a sum: signs of zeros in two places of float64."""
    device = OnDevice(torch)
    found = []
    for place in range(2000):
        value = torch.zeros(2000, dtype=torch.float64)
        value[place] = -0.0
        found.append(value)
    assert len(set(printed(device, *found))) == len(found)


def test_no_collision_among_a_hundred_thousand_changes(device):
    draw = torch.Generator().manual_seed(7)
    value = torch.randint(-(2**31), 2**31, (640,), dtype=torch.int32, generator=draw)
    changes = {(place, 1 << bit) for place in range(640) for bit in range(32)}
    more = zip(torch.randint(640, (90_000,), generator=draw).tolist(), torch.randint(1, 2**32, (90_000,), generator=draw).tolist(), strict=True)
    changes.update(itertools.islice((one for one in more if one not in changes), 100_000 - len(changes)))
    found, marks, numbers = set(), [device.of(value)], value.numpy().view("uint32")
    for place, bits in changes:
        numbers[place] ^= bits
        marks.append(device.of(value))
        numbers[place] ^= bits
    found.update(device.now(" ".join(marks)).split())
    assert len(found) == len(changes) + 1 > 99_000


def test_a_large_one_in_pieces(device):
    value = torch.randint(0, 255, (3 * (1 << 20) + 5,), dtype=torch.uint8)
    last, first = value.clone(), value.clone()
    last[-1] ^= 1
    first[0] ^= 1
    moved = torch.cat([value[1 << 20 : 2 << 20], value[: 1 << 20], value[2 << 20 :]])
    found = printed(device, value, last, first, moved)
    assert len(set(found)) == len(found)
    grid = value[: 3 << 20].reshape(3, 1024, 1024)
    assert printed(device, grid.transpose(0, 2)) == printed(device, grid.transpose(0, 2).contiguous())


def test_all_that_waits_comes_in_one_transfer_and_draws_nothing(device):
    state = torch.get_rng_state()
    marks = [device.of(torch.full((3,), float(number))) for number in range(300)]
    assert device.transfers == 0
    device.settle()
    device.settle()
    assert device.transfers == 1
    assert len({device.now(mark) for mark in marks}) == 300
    assert torch.equal(torch.get_rng_state(), state)


def test_the_script_s_modes_see_nothing(device):
    from torch.overrides import TorchFunctionMode
    from torch.utils._python_dispatch import TorchDispatchMode

    seen = []

    class Functions(TorchFunctionMode):
        def __torch_function__(self, func, types, args=(), kwargs=None):
            seen.append(func)
            return func(*args, **(kwargs or {}))

    class Operations(TorchDispatchMode):
        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            seen.append(func)
            return func(*args, **(kwargs or {}))

    class Own(torch.Tensor):
        @classmethod
        def __torch_function__(cls, func, types, args=(), kwargs=None):
            seen.append(func)
            return super().__torch_function__(func, types, args, kwargs or {})

    plain = torch.arange(6.0)
    wanted = printed(OnDevice(torch), plain)
    own = plain.as_subclass(Own)
    seen.clear()
    with Functions(), Operations():
        mark = device.of(own)
        device.settle()
    assert seen == []
    assert device.now(mark).split() == wanted


def test_whatever_the_script_has_switched_on(device):
    value = torch.randn(5000, 3, requires_grad=True)
    wanted = printed(OnDevice(torch), value)
    with torch.inference_mode():
        inside = device.of(value * 1)
        device.settle()
    assert device.now(inside).split() == wanted
    assert printed(device, value) == wanted, "tables that were made in inference mode serve outside of it"
    with torch.autocast("cpu", dtype=torch.bfloat16), torch.device("meta"):
        assert printed(OnDevice(torch), value) == wanted
    torch.use_deterministic_algorithms(mode=True)
    try:
        assert printed(OnDevice(torch), value, value.t())[:1] == wanted
    finally:
        torch.use_deterministic_algorithms(mode=False)
    with torch.inference_mode():
        late = device.of(torch.ones(2))
    assert device.now(late + device.of(torch.ones(2)))
    assert value.grad is None


def test_where_the_device_cannot_the_same_is_computed_elsewhere(device, monkeypatch):
    value = torch.randn(50)
    wanted = printed(device, value)
    digest, calls = device.digest, []

    def failing(found):
        calls.append(found)
        if len(calls) == 1:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return digest(found)

    monkeypatch.setattr(device, "digest", failing)
    assert printed(device, value) == wanted
    assert len(calls) == 2


def test_nothing_is_read_back_while_a_graph_is_captured(device, monkeypatch):
    mark = device.of(torch.ones(3))
    monkeypatch.setattr(torch.cuda, "is_current_stream_capturing", lambda: True)
    with pytest.raises(Captured):
        device.of(SimpleNamespace(is_cuda=True))
    device.waiting.append((torch.device("cuda"), 99, None, 0))
    device.settle()
    assert len(device.waiting) == 2
    assert device.now(mark) == mark
    device.give_up()
    assert device.now(mark) == "?"


def test_what_cannot_be_read_back_is_no_fingerprint(device):
    good, bad = device.of(torch.ones(3)), device.of(torch.ones(4))
    where, number, digest, stream = device.waiting[1]
    device.waiting[1] = torch.device("meta"), number, digest.to("meta"), stream
    assert where == torch.device("cpu")
    with pytest.raises(NotImplementedError):
        device.settle()
    assert device.now(bad) == "?"
    assert len(device.now(good)) == 32


# -- in a run ------------------------------------------------------------------------------------------------------

STEPS = """
import os
import torch
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
data = TensorDataset(torch.randn(32, 3), torch.randn(32, 1))
net = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4), torch.nn.Dropout(0.2), torch.nn.Linear(4, 1))
optimizer = torch.optim.AdamW(net.parameters())
for epoch in range(9):
    for number, (x, y) in enumerate(DataLoader(data, 8, shuffle=True)):
        x = x * (FACTOR if number == 1 else 1)
        loss = torch.nn.functional.mse_loss(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if number == 1 and FORKS and os.fork() == 0:
            optimizer.step()
            os._exit(0)
"""


def watched(folder, source, factor="1", forks="False", **more):
    (folder / "train.py").write_text(source.replace("FACTOR", factor).replace("FORKS", forks))
    return run(Target(script="train.py", cwd=folder), (), (), steps=3, timeout=120, **more)


@pytest.fixture(autouse=True)
def one_thread(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


def test_steps_and_operations_by_such_fingerprints(tmp_path):
    found = [watched(tmp_path, STEPS, factor, ops=(0, 1), anywhere=True, forks="True") for factor in ("1", "1", "1.5")]
    assert compare(found[0], found[1]) is None
    assert compare_ops(found[0], found[1]) is None
    difference, op = compare(found[0], found[2]), compare_ops(found[0], found[2])
    assert difference is not None
    assert (difference.kind, difference.step) == ("loss", 2)
    assert op is not None
    assert (op.kind, op.op) == ("scalar", "aten.mul.Tensor")
    assert [step.number for step in found[0].steps] == [1, 2, 3]
    assert "\ue000" not in repr(found)
    assert "?" not in repr(found[0].steps)
    parts = [part.partition("#")[::2] for one in (found[0].steps[2].parameters, found[0].steps[2].state) for part in one.values()]
    assert ("float32[4, 3]", 32) in [(head, len(digest)) for head, digest in parts]
    assert {len(digest) for head, digest in parts if "[" in head} == {32}


def test_what_loaders_give_is_known_when_it_is_told(tmp_path):
    (tmp_path / "out").mkdir()
    watched(tmp_path, STEPS, anywhere=True, loading={"folder": str(tmp_path / "out"), "seconds": 60})
    told = "".join(path.read_text() for path in (tmp_path / "out").iterdir())
    assert re.search(r"float32\[8, 3\]#[0-9a-f]{32}", told)
    assert "ue000" not in told


SCALARS = """
import torch
import __reprolint_tracer__ as tracer
for number in range(9000):
    tracer.record(str(number), torch.tensor([number // 2]))
tracer.record("sparse", torch.eye(3).to_sparse())
tracer.record("empty", torch.empty(0, 3))
tracer.record("sparse again", torch.eye(3).to_sparse())
"""


def test_results_without_steps_wait_no_longer_than_they_have_to(tmp_path):
    trace = watched(tmp_path, SCALARS, anywhere=True)
    assert [value.name for value in trace.values] == [*map(str, range(9000)), "sparse", "empty", "sparse again"]
    assert len({value.value for value in trace.values[:9000]}) == 4500
    assert re.fullmatch(r"sparsefloat32\[3, 3\]#[0-9a-f]+", trace.values[9000].value)
    assert trace.values[9001].value == "float32[0, 3]"
    assert trace.values[9000].value == trace.values[9002].value


# -- CUDA is left alone --------------------------------------------------------------------------------------------

TOUCHES = """
import sys
import torch

def touch(name):
    def touched(*args, **kwargs):
        print("touched", name, file=sys.stderr)
        raise RuntimeError(name)
    return touched

for name in ("_lazy_init", "is_available", "device_count", "current_device", "get_device_name", "get_rng_state_all", "synchronize", "current_stream", "is_current_stream_capturing"):
    setattr(torch.cuda, name, touch(name))
"""


@pytest.mark.parametrize("more", [{"ops": (0, 1), "anywhere": True}, {"draws": True}], ids=str)
def test_a_script_on_the_cpu_brings_no_gpu_up(tmp_path, monkeypatch, more):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(TOUCHES)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"), prepend=":")
    trace = watched(tmp_path, STEPS, **more)
    assert "touched" not in trace.errors
    assert trace.end is not None
    assert (len(trace.steps), trace.end.notes, trace.end.gpus, trace.end.drivers) == (3, {}, [], [])


COMES_UP = """
import torch
from torch import nn
weight = nn.Parameter(torch.ones(2))
optimizer = torch.optim.SGD([weight], lr=0.1)
torch.cuda.default_generators = (torch.Generator(), torch.Generator())
for call, _ in torch.cuda._queued_calls:
    if "reprolint" in call.__code__.co_filename:
        call()
torch.cuda._initialized = True
torch.cuda.is_current_stream_capturing = lambda: False
if SEEDED:
    torch.cuda.default_generators[0].manual_seed(3)
weight.sum().backward()
optimizer.step()
"""


@pytest.mark.parametrize(("seeded", "streams"), [("True", {"cuda"}), ("False", set())])
def test_the_stream_of_a_gpu_is_known_from_when_it_comes_up(tmp_path, seeded, streams):
    trace = watched(tmp_path, COMES_UP.replace("SEEDED", seeded))
    assert set(trace.inits[0].streams) == streams
    assert trace.steps[0].streams == trace.inits[0].streams


def test_threads_that_compute_gradients_side_by_side_are_watched_apart(tmp_path):
    source = """
import threading
import torch
import __reprolint_tracer__ as tracer
inside, done = threading.Event(), threading.Event()
def slow():
    inside.set()
    done.wait()
thread = threading.Thread(target=tracer.silently, args=(slow,))
thread.start()
inside.wait()
print(tracer.quiet)
done.set()
thread.join()
thread = threading.Thread(target=exec, args=(compile("ask()", "<device>", "exec"), {"ask": lambda: print(tracer.waits())}))
thread.start()
thread.join()
"""
    trace = watched(tmp_path, source)
    assert trace.lines[0].strip() == "False"
    assert trace.lines[1].strip() == "train.py:16"


# -- what is said --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("device", "gpus", "said"),
    [
        ("", "", "no optimizer took a step: no tensors were compared"),
        ("", "A", "no optimizer took a step: no tensors were compared; it used A"),
        ("cpu", "", "on the CPU: no GPU kernel was exercised"),
        ("cpu", "A", "on the CPU, where the compared tensors are; it also used A"),
        ("cuda", "A (CUDA 12.8)", "on the GPU: A (CUDA 12.8)"),
        ("cpu, cuda", "A", "on the CPU and the GPU: A"),
        ("mps", "", "on mps"),
    ],
)
def test_the_first_line(device, gpus, said):
    assert hardware.said(device, gpus) == said


def end_of(gpus, drivers):
    return SimpleNamespace(gpus=gpus, drivers=drivers)


def test_gpus_are_named_and_counted():
    one = SimpleNamespace(end=end_of(["NVIDIA H200", "NVIDIA H200"], ["CUDA 12.8", "cuDNN 9.10.2"]), ranks=())
    assert hardware.gpus(one) == "2 NVIDIA H200 (CUDA 12.8, cuDNN 9.10.2)"
    ranks = (SimpleNamespace(end=end_of(["A"], ["CUDA 12.8"])), SimpleNamespace(end=end_of(["B"], ["CUDA 12.8"])), SimpleNamespace(end=None))
    assert hardware.gpus(SimpleNamespace(end=None, ranks=ranks)) == "A, B (CUDA 12.8)"
    assert not hardware.gpus(SimpleNamespace(end=end_of([], []), ranks=()))


@pytest.mark.parametrize(("counted", "said"), [(8902, "cuDNN 8.9.2"), (91002, "cuDNN 9.10.2"), (90100, "cuDNN 9.1.0")])
def test_versions_of_what_drives_a_gpu(counted, said):
    cuda = SimpleNamespace(default_generators=(1, 2), get_device_name=lambda number=0: f"GPU {number}")
    fake = SimpleNamespace(
        _C=SimpleNamespace(_cuda_hasPrimaryContext=lambda number: number == 1), version=SimpleNamespace(cuda="12.8", hip=None), cuda=cuda,
        backends=SimpleNamespace(cudnn=SimpleNamespace(version=lambda: counted)),
    )  # fmt: skip
    found = ondevice.hardware(fake)
    assert found["gpus"] == ["GPU 1"]
    assert found["drivers"][:2] == ["CUDA 12.8", said]


def test_the_benchmark_needs_the_device_that_it_is_asked_for(monkeypatch, capsys):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    monkeypatch.setattr("sys.argv", ["benchmarks.probe", "--device", "cuda"])
    assert benchmark.main() == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert re.fullmatch(r"benchmarks\.probe: no CUDA device .*\n", said.err)
