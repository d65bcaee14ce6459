"""The probe on a GPU: kernels that add in any order are found, what asks for a fixed order agrees, and fingerprints are computed there.

Scripts that are said to differ add hundreds of thousands of numbers to a few places at once: that two such runs agree in every bit is
as good as impossible. Where a kernel may well give the same each time, either answer passes, if it is the whole one.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from reprolint.cli import main
from reprolint.probe import ondevice
from reprolint.probe.children import Target, run
from reprolint.probe.compare import compare
from reprolint.probe.ondevice import OnDevice

pytestmark = pytest.mark.gpu

BEGIN = """
import os
DETERMINISTIC = {deterministic}
if DETERMINISTIC:
    os.environ["CUBLAS_WORKSPACE_CONFIG"] = ":4096:8"
import torch
from torch import nn
from torch.nn import functional as F
torch.manual_seed(0)
torch.use_deterministic_algorithms(DETERMINISTIC)
"""
ATOMICS = {
    "index_add": """
places = torch.randint(0, 16, (1 << 18,), device="cuda")
x, far = torch.randn(1 << 18, 8, device="cuda"), torch.randn(16, 8, device="cuda")
weight = nn.Parameter(torch.randn(8, device="cuda"))
def loss():
    return (torch.zeros(16, 8, device="cuda").index_add_(0, places, x * weight) * far).sum()
""",
    "scatter_add": """
places = torch.randint(0, 16, (1 << 20,), device="cuda")
x, far = torch.randn(1 << 20, device="cuda"), torch.randn(16, device="cuda")
weight = nn.Parameter(torch.randn(1, device="cuda"))
def loss():
    return (torch.zeros(16, device="cuda").scatter_add_(0, places, x * weight) * far).sum()
""",
    "upsample_bilinear2d_backward": """
far = torch.randn(4, 8, 512, 512, device="cuda")
weight = nn.Parameter(torch.randn(4, 8, 8, 8, device="cuda"))
def loss():
    return (F.interpolate(weight, size=(512, 512), mode="bilinear", align_corners=False) * far).sum()
""",
}
END = """
optimizer = torch.optim.SGD([weight], lr=1e-3)
for _ in range(3):
    optimizer.zero_grad()
    loss().backward()
    optimizer.step()
"""
CONVOLUTIONS = """
{switches}
net = nn.Sequential(nn.Conv2d(3, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10)).cuda()
x, y = torch.randn(16, 3, 64, 64, device="cuda"), torch.randint(0, 10, (16,), device="cuda")
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for _ in range(3):
    optimizer.zero_grad()
    F.cross_entropy(net(x), y).backward()
    optimizer.step()
"""
LSTM = """
net = nn.LSTM(64, 128, 2, dropout=0.5, batch_first=True).cuda()
x, far = torch.randn(32, 40, 64, device="cuda"), torch.randn(32, 40, 128, device="cuda")
optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
for _ in range(3):
    optimizer.zero_grad()
    (net(x)[0] * far).mean().backward()
    optimizer.step()
"""
PRODUCTS = """
torch.set_float32_matmul_precision("{precision}")
weight = nn.Parameter(torch.randn(512, 512, device="cuda"))
x = torch.randn(512, 512, device="cuda")
optimizer = torch.optim.SGD([weight], lr=0.1)
for _ in range(3):
    optimizer.zero_grad()
    (x @ weight).square().mean().backward()
    optimizer.step()
"""


@pytest.fixture(scope="module", autouse=True)
def gpu():
    """torch, where it finds a CUDA device."""
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device is here")
    return torch


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch):
    for name in ("CUBLAS_WORKSPACE_CONFIG", "NVIDIA_TF32_OVERRIDE", "TORCH_ALLOW_TF32_CUBLAS_OVERRIDE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def probe(tmp_path, monkeypatch):
    """Write a script and probe it: exit code and outcome."""
    monkeypatch.chdir(tmp_path)

    def probed(source, *options, deterministic=False):
        Path("train.py").write_text(BEGIN.format(deterministic=deterministic) + source)
        done = CliRunner().invoke(main, ["probe", "--output-format", "json", "--vary", "only:hash-seed", *options, "train.py"])
        assert done.exit_code in {0, 1}, done.stderr
        return done.exit_code, json.loads(done.stdout)

    return probed


def watched(folder, source, *, deterministic=False, **more):
    (folder / "train.py").write_text(BEGIN.format(deterministic=deterministic) + source)
    return run(Target(script="train.py", cwd=folder), (), (), steps=3, timeout=300, **more)


def found_or_bounded(code, found, operation):
    """A run that differs names the operation; runs that agree say what that is worth."""
    if code:
        assert found["op"] is None or (operation in found["op"]["op"] and found["op"]["kind"] == "kernel")
    else:
        assert found["first"] is None
        assert 0 < found["bound"] < 1


@pytest.mark.parametrize("name", ATOMICS)
def test_what_adds_in_any_order_is_found(probe, name):
    code, found = probe(ATOMICS[name] + END)
    assert (code, found["causes"], found["device"]) == (1, ["process"], "cuda")
    assert (found["op"]["kind"], found["op"]["step"]) == ("kernel", 1)
    assert name in found["op"]["op"]
    assert found["op"]["where"].startswith("train.py:")
    assert found["sizes"]["outputs"][0]["max_abs"] > 0
    assert not found["first"]["streams"]


@pytest.mark.parametrize("name", ATOMICS)
def test_deterministic_algorithms_make_each_agree(probe, name):
    code, found = probe(ATOMICS[name] + END, deterministic=True)
    assert (code, found["first"]) == (0, None)


def test_convolutions_by_a_stopwatch(probe):
    code, found = probe(CONVOLUTIONS.format(switches="torch.backends.cudnn.benchmark = True"))
    found_or_bounded(code, found, "convolution")


def test_convolutions_without_a_stopwatch(probe):
    code, found = probe(CONVOLUTIONS.format(switches="torch.backends.cudnn.deterministic = True"), "--vary", "only:cudnn-benchmark")
    assert (code, found["first"]) == (0, None)
    (trial,) = found["sensitivity"]
    assert (trial["runs"], trial["failed"]) == (1, "")
    assert trial["gist"].startswith("with `cudnn.benchmark` on instead of off: ")


@pytest.mark.parametrize("workspace", ["", ":16:8", ":4096:2"])
def test_dropout_between_the_layers_of_an_lstm(probe, monkeypatch, workspace):
    if workspace:
        monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", workspace)
    code, found = probe(LSTM)
    if workspace:
        assert (code, found["first"]) == (0, None)
    found_or_bounded(code, found, "cudnn")


@pytest.mark.parametrize("precision", ["highest", "high"])
def test_products_with_and_without_tf32(probe, gpu, precision):
    code, found = probe(PRODUCTS.format(precision=precision))
    assert (code, found["first"]) == (0, None)


def test_tf32_changes_bits_and_is_no_failure(probe, gpu):
    code, found = probe(PRODUCTS.replace('torch.set_float32_matmul_precision("{precision}")', ""), "--vary", "only:hash-seed,tf32")
    assert (code, found["first"]) == (0, None)
    (trial,) = found["sensitivity"]
    assert trial["gist"].startswith("with TF32 on instead of off: ")
    if gpu.cuda.get_device_capability() >= (8, 0) and gpu.version.cuda:
        assert trial["differed"] == 1


def test_without_the_gpu_what_was_made_on_the_cpu_is_the_same(probe):
    """Fingerprints of both devices can be compared: parameters that were made on the CPU are the same, what is computed is not."""
    source = PRODUCTS.replace('torch.set_float32_matmul_precision("{precision}")', "").replace(', device="cuda"', "").replace(
        "nn.Parameter(torch.randn(512, 512))", "nn.Parameter(torch.randn(512, 512).to('cuda' if torch.cuda.is_available() else 'cpu'))"
    ).replace("x = torch.randn(512, 512)", "x = torch.randn(512, 512).to(weight.device)")  # fmt: skip
    code, found = probe(source, "--vary", "only:hash-seed,device")
    assert (code, found["first"]) == (0, None)
    (trial,) = found["sensitivity"]
    assert trial["failed"] == ""
    assert trial["first"] is None or trial["first"]["kind"] != "initial parameters"


def test_the_first_line_names_the_gpu(tmp_path, monkeypatch, gpu):
    monkeypatch.chdir(tmp_path)
    Path("train.py").write_text(BEGIN.format(deterministic=True) + ATOMICS["index_add"] + END)
    first = CliRunner().invoke(main, ["probe", "--quick", "--vary", "only:hash-seed", "train.py"]).stdout.splitlines()[0]
    assert first.startswith(f"on the GPU: {gpu.cuda.get_device_name(0)} (")
    assert (f"CUDA {gpu.version.cuda}" if gpu.version.cuda else f"ROCm {gpu.version.hip}") in first


# -- streams -------------------------------------------------------------------------------------------------------

DROPS = """
weight = nn.Parameter(torch.ones(64, device="cuda"))
optimizer = torch.optim.SGD([weight], lr=0.1)
for _ in range(3):
    optimizer.zero_grad()
    F.dropout(weight, 0.5).sum().backward()
    optimizer.step()
"""


def test_the_stream_of_the_gpu_is_in_the_records(tmp_path):
    trace = watched(tmp_path, DROPS)
    assert all("cuda" in step.streams for step in trace.steps)
    assert len({step.streams["cuda"] for step in trace.steps}) == 3, "each step draws"
    assert compare(trace, watched(tmp_path, DROPS)) is None


def test_an_unseeded_stream_of_the_gpu_is_named(probe):
    code, found = probe(DROPS.replace("weight =", "torch.cuda.seed_all()\nweight =", 1))
    assert (code, found["causes"]) == (1, ["process"])
    assert "cuda" in found["first"]["streams"]
    assert found["op"]["kind"] == "stream"
    assert "dropout" in found["op"]["op"] or "bernoulli" in found["op"]["op"]


# -- what the script does of its own -------------------------------------------------------------------------------


def test_watching_brings_no_gpu_up(tmp_path):
    source = "net = nn.Linear(2, 2)\noptimizer = torch.optim.SGD(net.parameters(), lr=0.1)\nnet(torch.ones(1, 2)).sum().backward()\noptimizer.step()\nprint(torch.cuda.is_initialized())\n"
    trace = watched(tmp_path, source, ops=(0, 1), draws=True)
    assert trace.lines[-1].strip() == "False"
    assert trace.end is not None
    assert trace.end.gpus == []


def test_a_script_may_choose_its_gpus_after_it_imported_torch(tmp_path):
    trace = watched(tmp_path, 'os.environ["CUDA_VISIBLE_DEVICES"] = ""\nprint(torch.cuda.device_count(), torch.cuda.is_available())\n')
    assert trace.lines[-1].split() == ["0", "False"]


GRAPH = """
weight = nn.Parameter(torch.ones(64, device="cuda"))
x = torch.ones(64, device="cuda")
optimizer = torch.optim.SGD([weight], lr=0.1)
def step():
    optimizer.zero_grad(set_to_none=True)
    (weight * x).sum().backward()
    optimizer.step()
side = torch.cuda.Stream()
side.wait_stream(torch.cuda.current_stream())
with torch.cuda.stream(side):
    step()
torch.cuda.current_stream().wait_stream(side)
graph = torch.cuda.CUDAGraph()
with torch.cuda.graph(graph):
    step()
graph.replay()
torch.cuda.synchronize()
print(round(weight[0].item(), 4))
"""


def test_a_graph_is_captured_as_without_a_probe(tmp_path):
    trace = watched(tmp_path, GRAPH)
    assert trace.end is not None
    assert (trace.end.reason, trace.end.code) == ("exit", 0), trace.errors
    assert trace.lines[-1].strip() == "0.8"
    assert any("captured" in kind for kind in trace.end.unhashed)
    assert len(trace.steps) == 2
    assert "#" in next(iter(trace.steps[0].parameters.values()))


# -- fingerprints --------------------------------------------------------------------------------------------------


def printed(*values):
    device = OnDevice(sys.modules["torch"])
    return device.now(" ".join([device.of(value) for value in values])).split()


@pytest.mark.parametrize("dtype", ["uint8", "bool", "int16", "float16", "bfloat16", "float32", "int64", "float64", "complex64", "complex128", "float8_e4m3fn"])
def test_equal_bits_are_equal_on_the_gpu_and_on_the_cpu(gpu, dtype):
    kind = getattr(gpu, dtype)
    size = gpu.empty(0, dtype=kind).element_size()
    data = gpu.randint(0, 2 if kind is gpu.bool else 256, (6 * 5 * 7 * size,), dtype=gpu.uint8)
    value = data.view(kind).reshape(6, 5, 7)
    flipped = data.clone()
    flipped[200] ^= 1
    there = value.cuda()
    first, again, turned, at_home, other = printed(there, there.clone(), there.transpose(0, 2).contiguous().transpose(0, 2), value, flipped.view(kind).reshape(6, 5, 7).cuda())
    assert first == again == turned == at_home
    assert other != first


def test_a_large_tensor_takes_little_memory(gpu):
    free, _ = gpu.cuda.mem_get_info()
    count = min(1 << 28, free // 64 * 4)
    value = gpu.arange(count, device="cuda", dtype=gpu.int32)
    gpu.cuda.synchronize()
    gpu.cuda.reset_peak_memory_stats()
    before = gpu.cuda.memory_allocated()
    found = printed(value, value.view(-1, 4).t())
    assert gpu.cuda.max_memory_allocated() - before < 10 * 16 * ondevice.BLOCK
    value[-1] ^= 1
    assert found[0] not in printed(value)
    assert found[0] != found[1]


def test_queues_are_waited_for_and_nothing_is_drawn(gpu):
    device, state = OnDevice(gpu), gpu.cuda.get_rng_state()
    value = gpu.randn(1 << 20, generator=gpu.Generator("cuda").manual_seed(3), device="cuda")
    gpu.cuda.synchronize()
    side = gpu.cuda.Stream()
    marks = [device.of(value)]
    with gpu.cuda.stream(side):
        marks += [device.of(value) for _ in range(50)]
    gpu.use_deterministic_algorithms(mode=True)
    try:
        marks.append(device.of(value))
    finally:
        gpu.use_deterministic_algorithms(mode=False)
    with gpu.inference_mode(), gpu.autocast("cuda"):
        marks.append(device.of(value))
    assert device.transfers == 0
    assert len({device.now(mark) for mark in marks}) == 1
    assert device.transfers == 1
    assert gpu.equal(gpu.cuda.get_rng_state(), state)
    assert gpu.cuda.current_stream() == gpu.cuda.default_stream()


def test_operations_of_a_step_on_the_gpu(tmp_path):
    found = [watched(tmp_path, ATOMICS["index_add"] + END, deterministic=True, ops=(0,)) for _ in range(2)]
    assert compare(*found) is None
    assert [op.outputs for op in found[0].ops] == [op.outputs for op in found[1].ops]
    assert "\ue000" not in repr(found)
    gradients = [op for op in found[0].ops if op.forward]
    assert gradients
    assert all(op.where.startswith("train.py:") for op in gradients), "a thread of the device computes them, while the script waits"
