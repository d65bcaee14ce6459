"""`python -m benchmarks.probe`: what watching costs a training step, against the same script without a probe.

Interleaved runs of a small convolutional net and a small transformer, medians: the bare script, every step fingerprinted
(what a probe does), and every operation too (what it does for the one step that differs). Needs torch. On the CPU in CPU time, with one
thread; with `--device cuda` in time by the clock, from when the GPU has nothing left to do until it has nothing left to do.
`--save` writes the figures to benchmarks/results/, with the machine that they are from.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import statistics
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from reprolint import probe
from reprolint.probe.variations import cores

_TRACER: Final = Path(probe.__file__).with_name("tracer.py")
_ROUNDS: Final = 5
_STEPS: Final = 24
_BEFORE: Final = 4
"""Steps that warm up."""
_LOOP: Final = f"""
import time
def now():
    if DEVICE == "cpu":
        return time.process_time()
    torch.cuda.synchronize()
    return time.perf_counter()
net, x, y = net.to(DEVICE), x.to(DEVICE), y.to(DEVICE)
optimizer = torch.optim.AdamW(net.parameters())
start = 0.0
for step in range({_STEPS}):
    if step == {_BEFORE}:
        start = now()
    loss = torch.nn.functional.cross_entropy(net(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print((now() - start) / {_STEPS - _BEFORE})
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
_WAYS: Final = {"bare": None, "every step": (), "every operation": tuple(range(_STEPS))}


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
    asked = subprocess.run([sys.executable, "-c", f"DEVICE = {arguments.device!r}\n{_MACHINE}"], capture_output=True, text=True, check=False)
    if asked.returncode:
        print(f"benchmarks.probe: {(asked.stderr.strip().splitlines() or ['torch cannot be asked'])[-1]}", file=sys.stderr)
        return 2
    machine = _machine(arguments.device) | json.loads(asked.stdout)
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
    parser.add_argument("-n", "--rounds", type=int, default=_ROUNDS, help="runs of each kind (default: %(default)s)")
    parser.add_argument("--save", action="store_true", help="write the figures to benchmarks/results/")
    found = parser.parse_args()
    if found.rounds < 1:
        parser.error("--rounds has to be 1 at least")
    return found


def _figures(name: str, source: str, device: str, rounds: int) -> list[dict[str, Any]]:
    """What a step of one net takes, watched in each way."""
    taken: dict[str, list[float]] = {way: [] for way in _WAYS}
    with TemporaryDirectory() as folder:
        script = Path(folder) / "train.py"
        script.write_text(f"DEVICE = {device!r}\n{source}{_LOOP}")
        for _ in range(rounds):
            for way, ops in _WAYS.items():
                taken[way].append(_step(script, ops))
    base = statistics.median(taken["bare"])
    for way, seconds in taken.items():
        middle = statistics.median(seconds)
        print(f"{name:<13} {way:<16} {middle * 1000:8.2f} ms a step  {middle / base:5.2f} x  ({min(seconds) / base:.2f} to {max(seconds) / base:.2f}, n={rounds})")
    return [{"net": name, "way": way, "milliseconds": [round(one * 1000, 4) for one in seconds], "times_bare": round(statistics.median(seconds) / base, 4)} for way, seconds in taken.items()]


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


def _step(script: Path, ops: tuple[int, ...] | None) -> float:
    """Seconds that one step takes."""
    command = [sys.executable, str(script)]
    if ops is not None:
        order = script.with_name("order.json")
        told = {"script": str(script), "steps": 10**6, "trace": str(script.with_name("trace.jsonl")), "ops": list(ops), "cwd": str(script.parent)}
        order.write_text(json.dumps(told))
        command = [sys.executable, str(_TRACER), str(order)]
    done = subprocess.run(command, cwd=script.parent, env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])


if __name__ == "__main__":
    sys.exit(main())
