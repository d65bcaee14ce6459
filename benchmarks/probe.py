"""`python -m benchmarks.probe`: what watching costs a training step and how much memory it takes, beside the same script without a probe.

Interleaved runs of a small convolutional net and a small transformer, medians: the bare script, every step fingerprinted
(what a probe does), every operation too (what it does for the one step that differs), and torch's own `DebugMode` with hashes of tensors, switched on
for the same steps. Needs torch. On the CPU in CPU time, with one thread; with `--device cuda` in time by the clock, from when the GPU has nothing left
to do until it has nothing left to do. `--save` writes the figures to benchmarks/results/, with the machine that they are from.
On the CPU also how fast fingerprints are taken, beside how fast memory can be read; and the memory that a loop of 1,000 steps takes.

`python -m benchmarks.probe --repeats 20 fixtures/projects`: probes each project there that a CPU can run and that repeats, according to
its `truth.toml`, in that many runs, and counts those that are said to differ. None should be.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from reprolint import probe
from reprolint.probe.variations import cores

_TRACER: Final = Path(probe.__file__).with_name("tracer.py")
_STEPS: Final = 16
_BEFORE: Final = 4
"""Steps that warm up."""
_LOOP: Final = f"""
import contextlib, statistics, sys, time
def now():
    if DEVICE == "cpu":
        return time.process_time()
    torch.cuda.synchronize()
    return time.perf_counter()
net, x, y = net.to(DEVICE), x.to(DEVICE), y.to(DEVICE)
optimizer = torch.optim.AdamW(net.parameters())
taken = []
def watched():
    found = contextlib.ExitStack()
    if len(sys.argv) > 1:
        from torch.utils._debug_mode import DebugMode
        found.enter_context(DebugMode(record_stack_trace=sys.argv[1] == "lines"))
        found.enter_context(DebugMode.log_tensor_hashes(hash_fn="hash_tensor"))
    return found
for step in range({_STEPS}):
    start = now()
    with watched():
        loss = torch.nn.functional.cross_entropy(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    taken.append(now() - start)
print(statistics.median(taken[{_BEFORE}:]))
"""
_NETS: Final = {
    "convolutions": """
import torch
from torch import nn
torch.manual_seed(0)
def block(width): return nn.Sequential(nn.Conv2d(width, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU())
net = nn.Sequential(nn.Conv2d(3, 32, 3), *(block(32) for _ in range(6)), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 10))
x, y = torch.randn(32, 3, 32, 32), torch.randint(0, 10, (32,))
""",
    "transformer": """
import torch
from torch import nn
torch.manual_seed(0)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        layer = nn.TransformerEncoderLayer(256, 4, 1024, batch_first=True)
        self.embed, self.body, self.head = nn.Embedding(100, 256), nn.TransformerEncoder(layer, 4), nn.Linear(256, 10)
    def forward(self, x):
        return self.head(self.body(self.embed(x)).mean(1))
net = Net()
x, y = torch.randint(0, 100, (8, 128)), torch.randint(0, 10, (8,))
""",
}
_RESULTS: Final = Path(__file__).with_name("results")
_WAYS: Final[dict[str, tuple[tuple[int, ...] | None, str]]] = {
    "bare": (None, ""),
    "every step": ((), ""),
    "every operation": (tuple(range(_STEPS)), ""),
    "DebugMode, hashes": (None, "hashes"),
    "DebugMode, + lines": (None, "lines"),
}
_LONG: Final = 1000
_MARKS: Final = (100, _LONG)
"""Steps after which the memory is looked at."""
_MEMORY: Final = f"""
import os, resource, torch
torch.manual_seed(0)
data = torch.utils.data.TensorDataset(torch.randn(256, 16), torch.randn(256, 4))
loader = torch.utils.data.DataLoader(data, 8, shuffle=True)
net = torch.nn.Sequential(torch.nn.Linear(16, 64), torch.nn.BatchNorm1d(64), torch.nn.Dropout(0.1), torch.nn.ReLU(), torch.nn.Linear(64, 4))
optimizer = torch.optim.AdamW(net.parameters())
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, {_LONG})
step, found = 0, []
while step < {_LONG}:
    for x, y in loader:
        step += 1
        optimizer.zero_grad()
        (net(x) - y).square().mean().backward()
        optimizer.step()
        scheduler.step()
        if step in {_MARKS}:
            with open("/proc/self/statm") as file:
                found.append(int(file.read().split()[1]) * resource.getpagesize())
        if step == {_LONG}:
            break
print(*found)
"""
_RATE: Final = f"""
import importlib.util, time, torch
torch.set_num_threads(1)
spec = importlib.util.spec_from_file_location("tracer", {str(_TRACER)!r})
tracer = importlib.util.module_from_spec(spec)
spec.loader.exec_module(tracer)
prints = tracer.Prints()
def rate(function, size):
    best = 1e9
    for _ in range(12):
        start = time.process_time()
        for _ in range(max(1, 2**28 // size)):
            function()
        best = min(best, (time.process_time() - start) / max(1, 2**28 // size))
    return size / best / 1e9
for size in (2**20, 2**28):
    value = torch.randint(0, 2**31, (size // 4,), dtype=torch.int32)
    words = value.view(torch.int64)
    print(size, rate(lambda: prints.tensor(value), size), rate(lambda: words.sum(), size))
"""
_MACHINE: Final = """
import json, torch
found = {"python": __import__("platform").python_version(), "torch": torch.__version__}
if DEVICE == "cuda":
    if not torch.cuda.is_available():
        raise SystemExit("no CUDA device is here" if torch.version.cuda or torch.version.hip else "no CUDA device can be used: this torch is built for the CPU alone")
    found |= {"gpu": torch.cuda.get_device_name(), "capability": ".".join(map(str, torch.cuda.get_device_capability())), "cuda": torch.version.cuda or torch.version.hip, "cudnn": torch.backends.cudnn.version()}
print(json.dumps(found))
"""
"""Says what a script would run on."""


def main() -> int:
    """Print the figures; 2 where there is no such device."""
    arguments = _arguments()
    if arguments.repeats:
        return _repeats(arguments.repeats, arguments.projects)
    asked = subprocess.run([sys.executable, "-c", f"DEVICE = {arguments.device!r}\n{_MACHINE}"], capture_output=True, text=True, check=False)
    if asked.returncode:
        print(f"benchmarks.probe: {(asked.stderr.strip().splitlines() or ['torch cannot be asked'])[-1]}", file=sys.stderr)
        return 2
    machine = _machine(arguments.device) | json.loads(asked.stdout)
    if arguments.device == "cpu":
        _rate()
        _memory()
    figures = [figure for name, source in _NETS.items() for figure in _figures(name, source, arguments.device, arguments.rounds)]
    if arguments.save:
        _RESULTS.mkdir(exist_ok=True)
        path = _RESULTS / f"probe-{_slug(machine)}.json"
        path.write_text(json.dumps({"benchmark": "probe", "device": arguments.device, "machine": machine, "rounds": arguments.rounds, "figures": figures}, indent=2) + "\n")
        print(f"written to {path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path}")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.probe", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("-n", "--rounds", type=int, default=5, help="runs of each kind (default: %(default)s)")
    parser.add_argument("--save", action="store_true", help="write the figures to benchmarks/results/")
    parser.add_argument("--repeats", type=int, metavar="N", help="probe projects in that many runs each, and measure nothing")
    parser.add_argument("projects", nargs="*", type=Path, help="folders with a truth.toml, or folders of such")
    found = parser.parse_args()
    if found.rounds < 1:
        parser.error("--rounds has to be 1 at least")
    return found


def _machine(device: str) -> dict[str, str]:
    """What this process can say of the machine: its processor, and what drives its GPU."""
    found = {"system": f"{platform.system()} {platform.machine()}", "cpu": platform.processor() or platform.machine(), "cores": str(cores())}
    for key, path, pattern in (("cpu", "/proc/cpuinfo", r"model name\s*: (.*)"), ("driver", "/proc/driver/nvidia/version", r"\s(\d{3,}\.[\d.]+)\s")):
        if (key == "cpu" or device == "cuda") and Path(path).exists() and (match := re.search(pattern, Path(path).read_text(encoding="utf-8"))):
            found[key] = match[1].strip()
    return found


def _slug(machine: dict[str, Any]) -> str:
    """The part of a file's name that says where figures are from."""
    return re.sub(r"[^a-z0-9]+", "-", str(machine.get("gpu", machine["cpu"])).lower()).strip("-")


# -- what it costs -------------------------------------------------------------------------------------------------


def _figures(name: str, source: str, device: str, rounds: int) -> list[dict[str, Any]]:
    """What a step of one net takes, watched in each way; a ratio is one of runs that follow each other."""
    taken: dict[str, list[float]] = {way: [] for way in _WAYS}
    for _ in range(rounds):
        for way, (ops, more) in _WAYS.items():
            taken[way].append(float(_run(f"DEVICE = {device!r}\n{source}{_LOOP}", ops, more)[-1]))
    found = []
    for way, seconds in taken.items():
        ratios = sorted(mine / bare for mine, bare in zip(seconds, taken["bare"], strict=True))
        middle, times = statistics.median(seconds) * 1000, statistics.median(ratios)
        print(f"{name:<13} {way:<19} {middle:8.2f} ms a step  {times:5.2f} x  ({ratios[0]:.2f} to {ratios[-1]:.2f}, n={rounds})", flush=True)
        found.append({"net": name, "way": way, "milliseconds": [round(one * 1000, 4) for one in seconds], "times_bare": round(times, 4)})
    return found


def _run(source: str, ops: tuple[int, ...] | None, *argv: str) -> list[str]:
    """What a script prints, as words; with the tracer unless `ops` is None, which are the steps whose operations are watched."""
    with TemporaryDirectory() as folder:
        script, order = Path(folder) / "train.py", Path(folder) / "order.json"
        script.write_text(source)
        given = [one for one in argv if one]
        command = [sys.executable, str(script), *given]
        if ops is not None:
            told = {"script": str(script), "argv": given, "steps": 10**6, "trace": str(Path(folder) / "trace.jsonl"), "ops": list(ops), "cwd": folder}
            order.write_text(json.dumps(told))
            command = [sys.executable, str(_TRACER), str(order)]
        done = subprocess.run(command, cwd=folder, env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True, text=True, check=True)
    return done.stdout.split()


def _rate() -> None:
    words = [float(word) for word in _run(_RATE, None)]
    for size, printed, read in zip(words[::3], words[1::3], words[2::3], strict=True):
        print(f"fingerprints of {size / 2**20:.0f} MiB: {printed:.1f} GB/s; memory is read at {read:.1f} GB/s", flush=True)


def _memory() -> None:
    for way, ops in (("bare", None), ("every step", ()), ("every operation", tuple(range(_LONG)))):
        found = [int(word) / 2**20 for word in _run(_MEMORY, ops)]
        said = ", ".join(f"{size:.1f} MiB after step {step}" for step, size in zip(_MARKS, found, strict=True))
        print(f"memory, {way}: {said}: {found[-1] - found[0]:+.1f} MiB", flush=True)


# -- runs that repeat ----------------------------------------------------------------------------------------------


def _repeats(repeats: int, folders: list[Path]) -> int:
    """Probe each project that repeats; the exit code says whether one of them was said not to."""
    found: dict[str, list[str]] = {}
    for folder in sorted({path.parent for given in folders for path in (*given.glob("truth.toml"), *given.glob("*/truth.toml"))}):
        truth = tomllib.loads((folder / "truth.toml").read_text(encoding="utf-8"))
        if truth.get("cuda_only") or not all(truth[name] for name in ("repeat", "hash_seed", "listing_order") if name in truth) or any(find_spec(name) is None for name in truth.get("needs", ())):
            continue
        verdict = _probed(folder, truth, repeats)
        found.setdefault(verdict, []).append(folder.name)
        print(f"{verdict:<20} {folder.name}", flush=True)
    total = sum(map(len, found.values()))
    print(f"{len(found.get('diverged', ()))} of {total} projects that repeat were said to differ, in {repeats} runs each; " + ", ".join(f"{len(names)} {verdict}" for verdict, names in sorted(found.items())))
    return int("diverged" in found)


def _probed(folder: Path, truth: dict[str, Any], repeats: int) -> str:
    """The verdict of a probe in a copy of the project, each run in a copy of its own, or it would find what the last one left."""
    with TemporaryDirectory() as scratch:
        place = Path(shutil.copytree(folder, Path(scratch) / folder.name, ignore=shutil.ignore_patterns("__pycache__")))
        env = {**os.environ, "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        for script in truth.get("prepare", ()):
            subprocess.run([sys.executable, script], cwd=place, env=env, capture_output=True, check=True)
        argv = tuple(truth.get("argv", ())) or (truth["entry"],)
        rest = ("--", *argv[1:]) if argv[0] != "-m" else ("--", *argv[2:])
        target = argv[:1] if argv[0] != "-m" else argv[:2]
        command = [sys.executable, "-m", "reprolint", "probe", "--scratch", "--repeats", str(repeats), "--output-format", "json", *target, *rest]
        done = subprocess.run(command, cwd=place, env=env, capture_output=True, text=True, check=False)
    try:
        verdict: str = json.loads(done.stdout)["verdict"]
    except (json.JSONDecodeError, KeyError):
        return "could not run"
    return verdict


if __name__ == "__main__":
    sys.exit(main())
