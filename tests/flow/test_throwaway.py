"""What is drawn for a look at it and thrown away, over several functions, and what looks alike and is used after all."""

from situation import Situation, cases, judge

SITUATIONS = [
    Situation(
        "a network is tried out before the seeding",
        "torch late",
        """
import torch
from looks import learns, shaped
from torch import nn

class Trainer:
    def __init__(self, dim):
        self.dim = dim

    def preflight(self):
        probe = make(self.dim)
        shaped(probe, self.dim)
        first, last = learns(probe, torch.randn(16, self.dim), torch.randn(16))
        print("preflight", "fine" if last < first + 1e6 else "odd")

    def fit(self):
        torch.manual_seed(3)
        return make(self.dim)

def make(dim):
    layers = []
    for width in (4, 8):
        layers += [nn.Linear(dim, width), nn.ReLU(), nn.Dropout(0.1)]  # RPL102 possible
        dim = width
    return nn.Sequential(*layers, nn.Linear(dim, 1))

trainer = Trainer(3)
trainer.preflight()
print(trainer.fit()[0].weight)

### looks.py
import torch

def shaped(net, dim):
    out = net(torch.zeros(3, dim))
    if out.shape != (3, 1):
        raise ValueError(f"unexpected shape {tuple(out.shape)}")

def learns(net, x, y):
    opt = torch.optim.SGD(net.parameters(), lr=0.01)
    values = []
    for _ in range(60):
        loss = (net(x).squeeze(1) - y).pow(2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        values.append(loss.item())
    return values[0], values[-1]
""",
    ),
    Situation(
        "what was tried out is trained on",
        "torch late",
        """
import torch
from torch import nn

class Trainer:
    def preflight(self):
        probe = nn.Linear(3, 1)  # RPL102
        self.look(probe)
        print("preflight", "fine" if probe(torch.zeros(1, 3)).shape == (1, 1) else "odd")

    def look(self, net):
        assert net(torch.zeros(3, 3)).shape == (3, 1)
        self.net = net

    def fit(self):
        torch.manual_seed(3)
        return self.net(torch.ones(2, 3)) + torch.rand(2, 1)

trainer = Trainer()
trainer.preflight()
print(trainer.fit())
""",
        repeats=False,
    ),
    Situation(
        "a self-test shuffles its own list",
        "python unseeded",
        """
import random

def swap(tour, i, j):
    return tour[:i] + tour[i:j][::-1] + tour[j:]

def self_check(trials=20):
    for _ in range(trials):
        tour = list(range(10))
        random.shuffle(tour)
        i, j = sorted(random.sample(range(10), 2))  # RPL101 possible
        assert sorted(swap(tour, i, j)) == list(range(10))

self_check()
own = random.Random(3)
print(swap(list(range(9)), *sorted(own.sample(range(9), 2))))
""",
    ),
    Situation(
        "a self-test shuffles everybody's list",
        "python unseeded",
        """
import random

CITIES = list(range(30))

def self_check(cities):
    random.shuffle(cities)  # RPL101
    assert sorted(cities) == list(range(30))

self_check(CITIES)
print(CITIES)
""",
        repeats=False,
    ),
    Situation(
        "a smoke test logs its loss",
        "torch late",
        """
import logging

import torch
from torch import nn

logger = logging.getLogger(__name__)

def loss_of(net, x, y):
    return nn.functional.mse_loss(net(x), y).item()

def smoke_test(width):
    net = nn.Linear(width, 1)  # RPL102 possible
    value = loss_of(net, torch.randn(8, width), torch.zeros(8, 1))
    logger.info("smoke test: loss %.3f", value)
    if not value < 1e9:
        logger.warning("that is a lot: %s", value)

smoke_test(3)
torch.manual_seed(3)
print(nn.Linear(3, 1).weight)
""",
    ),
    Situation(
        "a smoke test without any seeding tells a number",
        "torch unseeded",
        """
import torch
from torch import nn

def loss_of(net, x):
    return net(x).square().mean().item()

def smoke_test(width):
    net = nn.Linear(width, 1)  # RPL101
    print("loss", loss_of(net, torch.ones(8, width)))

smoke_test(3)
""",
        repeats=False,
    ),
    Situation(
        "a baseline tells its loss before the seeding",
        "torch late",
        """
import torch
from torch import nn

def loss_of(net, x):
    return net(x).square().mean().item()

def baseline(width):
    net = nn.Linear(width, 1)  # RPL102
    print("baseline", loss_of(net, torch.ones(8, width)))

baseline(3)
torch.manual_seed(3)
print(nn.Linear(3, 1).weight)
""",
        repeats=False,
    ),
    Situation(
        "a check says whether more is done",
        "torch late",
        """
import torch
from torch import nn

def overfit(net, x):
    opt = torch.optim.SGD(net.parameters(), lr=1e-9)
    for _ in range(3):
        opt.zero_grad()
        loss = net(x).square().mean()
        loss.backward()
        opt.step()
    return loss.item()

def check(width):
    probe = nn.Linear(width, 1)  # RPL102
    return overfit(probe, torch.ones(4, width))

value = check(3)
torch.manual_seed(3)
rate = value if value > 0 else 0.0
print(torch.rand(3) * rate)
""",
        repeats=False,
    ),
    Situation(
        "a warm-up of what is trained later",
        "torch late",
        """
import torch
from torch import nn

def warm_up(net, x):
    opt = torch.optim.SGD(net.parameters(), lr=0.1)
    for _ in range(3):
        opt.zero_grad()
        net(x).square().mean().backward()
        opt.step()

def run(net):
    noise = torch.randn(4, 3)  # RPL102
    warm_up(net, noise)

net = nn.utils.skip_init(nn.Linear, 3, 1)
nn.init.ones_(net.weight)
nn.init.zeros_(net.bias)
run(net)
torch.manual_seed(3)
print(net.weight, torch.rand(2))
""",
        repeats=False,
    ),
    Situation(
        "early stopping of an overfit check",
        "torch late",
        """
import torch
from torch import nn

def overfits(net, x, y, steps=30):
    criterion = nn.MSELoss()
    opt = torch.optim.Adam(net.parameters(), lr=0.1)
    best = float("inf")
    for _ in range(steps):
        opt.zero_grad()
        loss = criterion(net(x), y)
        loss.backward()
        opt.step()
        best = min(best, loss.item())
        if best < 1e-3:
            break
    if best > 1e9:
        return False
    return True

def check():
    probe = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1))
    assert overfits(probe, torch.randn(4, 3), torch.zeros(4, 1)), "cannot learn"  # RPL102 possible

check()
torch.manual_seed(3)
print(nn.Linear(3, 1).weight)
""",
    ),
    Situation(
        "a check that is caught and changes the rate",
        "torch late",
        """
import torch
from torch import nn

def check(net):
    for _ in range(64):
        if net(torch.randn(1, 3)).item() > 2.4:
            raise ValueError("too large")

def rate():
    probe = nn.Linear(3, 1)  # RPL102
    check(probe)
    return 0.1

values = []
for _ in range(40):
    try:
        values.append(rate())
    except ValueError:
        values.append(0.01)
torch.manual_seed(3)
print(values, torch.rand(3))
""",
        repeats=False,
    ),
    Situation(
        "noise goes into a list that a function keeps",
        "torch late",
        """
import torch

HISTORY = []

def keep(value):
    HISTORY.append(value.mean().item())

def warm_up(size):
    noise = torch.randn(size)  # RPL102
    keep(noise)
    print(len(noise))

warm_up(3)
torch.manual_seed(3)
print(HISTORY, torch.rand(3))
""",
        repeats=False,
    ),
    Situation(
        "losses go into a list of one's own",
        "torch late",
        """
import torch
from torch import nn

def step(net, x, losses):
    loss = net(x).abs().mean()
    losses.append(loss.item())

def profile(steps):
    net = nn.Linear(3, 1)
    losses = []
    for _ in range(steps):
        step(net, torch.rand(4, 3), losses)  # RPL102 possible
    assert all(loss >= 0 for loss in losses)

profile(5)
torch.manual_seed(3)
print(nn.Linear(3, 1).weight)
""",
    ),
    Situation(
        "a check that recurses",
        "torch late",
        """
import torch

def deeper(value, left):
    if left == 0:
        return value
    return deeper(value.abs(), left - 1)

def check():
    noise = torch.randn(3)  # RPL102
    result = deeper(noise, 3)
    return result

first = check()
torch.manual_seed(3)
print(first, torch.rand(3))
""",
        repeats=False,
    ),
    Situation(
        "a filter of a warm-up says how often",
        "numpy late",
        """
import numpy as np

def chosen(values):
    return values[values > 0.5]

def warm_up():
    kept = chosen(np.random.rand(1000))  # RPL102
    total = 0
    for _ in range(len(kept)):
        total += 1
    return total

rounds = warm_up()
np.random.seed(3)
print(rounds, np.random.rand(rounds)[:3])
""",
        repeats=False,
    ),
    Situation(
        "a gradient check on made-up numbers",
        "torch late",
        """
import math
import warnings

import torch

def curve(x):
    return (x * x).sum()

def slope(at, eps):
    return ((curve(at + eps) - curve(at - eps)) / (2 * eps)).item()

def check_gradients(eps=1e-3):
    x = torch.randn(1, requires_grad=True)  # RPL102 possible
    curve(x).backward()
    if not math.isclose(x.grad.item(), slope(x, eps), abs_tol=0.1):
        warnings.warn("gradients differ")

check_gradients()
torch.manual_seed(3)
print(torch.rand(3))
""",
    ),
    Situation(
        "a run is called something fresh",
        "python late, torch seeded",
        """
import argparse
import logging
import random

import torch
from words import fresh_name

logger = logging.getLogger(__name__)
parser = argparse.ArgumentParser()
parser.add_argument("--name", default=None)
parser.add_argument("--seed", type=int, default=3)

def main():
    args = parser.parse_args()
    args.name = args.name or fresh_name()
    logger.info("sweep %s", args.name)
    random.seed(args.seed)
    torch.manual_seed(args.seed)
    print(random.random(), torch.rand(3))

main()

### words.py
import random

COLOURS = "amber brisk calm dusty".split()
ANIMALS = ["otter", "heron", "lynx"]

def fresh_name():
    return f"{random.choice(COLOURS)}-{random.choice(ANIMALS)}-{random.randrange(1000):03d}"  # RPL102 possible
""",
    ),
    Situation(
        "the fresh name is counted with",
        "python late, torch seeded",
        """
import argparse
import logging
import random

import torch
from words import fresh_name

logger = logging.getLogger(__name__)
parser = argparse.ArgumentParser()
parser.add_argument("--name", default=None)
parser.add_argument("--seed", type=int, default=3)

def main():
    args = parser.parse_args()
    name = fresh_name()
    logger.info("sweep %s", name)
    random.seed(args.seed)
    torch.manual_seed(args.seed)
    print(random.random() + int(name.encode().hex(), 16) % 1000003, torch.rand(3))

main()

### words.py
import random

COLOURS = "amber brisk calm dusty".split()
ANIMALS = ["otter", "heron", "lynx"]

def fresh_name():
    return f"{random.choice(COLOURS)}-{random.choice(ANIMALS)}-{random.randrange(1000):03d}"  # RPL102
""",
        repeats=False,
    ),
    Situation(
        "the fresh name decides the size",
        "python late, torch seeded",
        """
import argparse
import logging
import random

import torch
from words import fresh_name

logger = logging.getLogger(__name__)
parser = argparse.ArgumentParser()
parser.add_argument("--name", default=None)
parser.add_argument("--seed", type=int, default=3)

def width(options):
    return 8 if options.name.startswith("a") else len(options.name)

def main():
    args = parser.parse_args()
    args.name = args.name or fresh_name()
    random.seed(args.seed)
    torch.manual_seed(args.seed)
    print(random.random(), torch.rand(width(args)))

first = main()

### words.py
import random

COLOURS = "amber brisk calm dusty".split()
ANIMALS = ["otter", "heron", "lynx"]

def fresh_name():
    return f"{random.choice(COLOURS)}-{random.choice(ANIMALS)}-{random.randrange(1000):03d}"  # RPL102
""",
        repeats=False,
    ),
    Situation(
        "a log of one's own keeps what it is told",
        "torch late",
        """
import torch

class RunLog:
    def __init__(self):
        self.rows = []

    def info(self, value):
        self.rows.append(value)

run_log = RunLog()

def check(size):
    noise = torch.randn(size)  # RPL102
    run_log.info(noise.mean().item())

check(3)
torch.manual_seed(3)
print(run_log.rows, torch.rand(3))
""",
        repeats=False,
    ),
    Situation(
        "a network that is tried out keeps what it saw in a list of others",
        "torch late",
        """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self, seen):
        super().__init__()
        self.seen = seen
        self.body = nn.Linear(3, 1)  # RPL102

    def forward(self, x):
        out = self.body(x)
        self.seen.append(out.sum().item())
        return out

def look(net):
    assert net(torch.ones(2, 3)).shape == (2, 1)

def smoke_test(seen):
    net = Net(seen)
    look(net)

seen = []
smoke_test(seen)
torch.manual_seed(3)
print(seen, torch.rand(3))
""",
        repeats=False,
    ),
]


@cases(SITUATIONS)
def test_what_is_said_of_it(one, tmp_path):
    judge(one, tmp_path)
