"""`python -m benchmarks.probe`: what watching costs a training step, in CPU time, against the same script without a probe.

Interleaved runs of a small convolutional net and a small transformer, medians: the bare script, every step fingerprinted
(what a probe does), and every operation too (what it does for the one step that differs). Needs torch.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from reprolint import probe

_TRACER: Final = Path(probe.__file__).with_name("tracer.py")
_ROUNDS: Final = 5
_STEPS: Final = 24
_BEFORE: Final = 4
"""Steps that warm up."""
_LOOP: Final = f"""
import time
optimizer = torch.optim.AdamW(net.parameters())
start = 0.0
for step in range({_STEPS}):
    if step == {_BEFORE}:
        start = time.process_time()
    loss = torch.nn.functional.cross_entropy(net(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print((time.process_time() - start) / {_STEPS - _BEFORE})
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
_WAYS: Final = {"bare": None, "every step": (), "every operation": tuple(range(_STEPS))}


def main() -> None:
    """Print the figures."""
    for name, source in _NETS.items():
        taken: dict[str, list[float]] = {way: [] for way in _WAYS}
        with TemporaryDirectory() as folder:
            script = Path(folder) / "train.py"
            script.write_text(source + _LOOP)
            for _ in range(_ROUNDS):
                for way, ops in _WAYS.items():
                    taken[way].append(_step(script, ops))
        base = statistics.median(taken["bare"])
        for way, seconds in taken.items():
            middle = statistics.median(seconds)
            print(f"{name:<13} {way:<16} {middle * 1000:8.2f} ms a step  {middle / base:5.2f} x  ({min(seconds) / base:.2f} to {max(seconds) / base:.2f}, n={_ROUNDS})")


def _step(script: Path, ops: tuple[int, ...] | None) -> float:
    """CPU seconds that one step takes."""
    command = [sys.executable, str(script)]
    if ops is not None:
        order = script.with_name("order.json")
        told = {"script": str(script), "steps": 10**6, "trace": str(script.with_name("trace.jsonl")), "ops": list(ops), "cwd": str(script.parent)}
        order.write_text(json.dumps(told))
        command = [sys.executable, str(_TRACER), str(order)]
    done = subprocess.run(command, cwd=script.parent, env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])


if __name__ == "__main__":
    main()
