"""Situations that decide whether following a run is right, each with what is said of it."""

import pytest
from situation import Situation, cases, judge

from reprolint.check import check
from reprolint.config import Settings

SITUATIONS = [
    Situation(
        "option without default guards the seed",
        "torch optional",
        """
import argparse
import torch

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int)
a = parser.parse_args()
if a.seed is not None:
    torch.manual_seed(a.seed)
net = torch.nn.Linear(2, 2)  # RPL103 certain
print(net.weight)
""",
        says="--seed",
        repeats=False,
    ),
    Situation(
        "a helper fills the option first",
        "torch seeded",
        """
import argparse
import torch

def complete(o):
    if o.seed is None:
        o.seed = 5

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int)
a = parser.parse_args()
complete(a)
if a.seed is not None:
    torch.manual_seed(a.seed)
print(torch.nn.Linear(2, 2).weight)
""",
    ),
    Situation(
        "helper whose seed stays None",
        "torch unseeded",
        """
import torch

def fix(seed=None):
    if seed is not None:
        torch.manual_seed(seed)

fix()
print(torch.rand(3))  # RPL101 likely
""",
        repeats=False,
    ),
    Situation(
        "numpy seeded with None by a helper",
        "numpy unseeded",
        """
import numpy as np

def fix(seed=None):
    np.random.seed(seed)  # RPL104

fix()
print(np.random.rand(3))
""",
        repeats=False,
    ),
    Situation(
        "seed drawn from a seeded stream",
        "numpy seeded, torch seeded",
        """
import numpy as np
import torch

np.random.seed(1)
torch.manual_seed(np.random.randint(1000))
print(torch.rand(3))
""",
    ),
    Situation(
        "seed drawn from an unseeded stream",
        "python unseeded, torch unseeded",
        """
import random
import torch

torch.manual_seed(random.randint(0, 999999))  # RPL104
print(torch.rand(3))
""",
        repeats=False,
    ),
    Situation(
        "argument is built before the constructor seeds",
        "torch late",
        """
import torch
from torch.nn import Linear

class Runner:
    def __init__(self, net, seed):
        torch.manual_seed(seed)
        self.net = net

runner = Runner(net=Linear(2, 2), seed=0)  # RPL102
print(runner.net.weight)
""",
        repeats=False,
    ),
    Situation(
        "base constructor builds what the subclass defines",
        "torch late",
        """
import torch

class Base:
    def __init__(self):
        self.build()

class Sub(Base):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)

    def build(self):
        self.layer = torch.nn.Linear(2, 2)  # RPL102

print(Sub().layer.weight)
""",
        repeats=False,
    ),
    Situation(
        "unset seed is an error",
        "torch seeded",
        """
import argparse
import torch

p = argparse.ArgumentParser()
p.add_argument("--seed", type=int)
a = p.parse_args(["--seed", "3"])
if a.seed is None:
    p.error("--seed is needed")
torch.manual_seed(a.seed)
print(torch.rand(3))
""",
    ),
    Situation(
        "flag off by default draws before the training seeds",
        "torch seeded",
        """
import argparse
import torch

def train():
    torch.manual_seed(0)
    print(torch.rand(3))

p = argparse.ArgumentParser()
p.add_argument("--search", action="store_true")
a = p.parse_args()
if a.search:
    print(torch.rand(3))  # RPL103 possible
    train()
else:
    train()
""",
        says="--search",
    ),
    Situation(
        "workers seed python from torch",
        "torch seeded, python seeded",
        """
import random
import torch
from torch.utils.data import DataLoader, Dataset

class Data(Dataset):
    def __len__(self):
        return 4

    def __getitem__(self, index):
        return random.random()

torch.manual_seed(0)
for batch in DataLoader(Data(), shuffle=True, num_workers=2):
    print(batch)
""",
    ),
    Situation(
        "without workers python is the main stream",
        "torch seeded, python unseeded",
        """
import random
import torch
from torch.utils.data import DataLoader, Dataset

class Data(Dataset):
    def __len__(self):
        return 4

    def __getitem__(self, index):
        return random.random()  # RPL101

torch.manual_seed(0)
for batch in DataLoader(Data(), shuffle=True, num_workers=0):
    print(batch)
""",
        repeats=False,
    ),
    Situation(
        "chain of transforms draws inline",
        "torch seeded, python unseeded",
        """
import random
import torch
from torch.utils.data import DataLoader, Dataset

class Flip:
    def __call__(self, x):
        return -x if random.random() < 0.5 else x  # RPL101

class Chain:
    def __init__(self, steps):
        self.steps = steps

    def __call__(self, x):
        for step in self.steps:
            x = step(x)
        return x

class Data(Dataset):
    def __init__(self, transform):
        self.transform = transform

    def __len__(self):
        return 64

    def __getitem__(self, index):
        return self.transform(torch.ones(1))

torch.manual_seed(0)
for batch in DataLoader(Data(Chain([Flip()])), shuffle=True, num_workers=0):
    print(batch)
""",
        repeats=False,
    ),
    Situation(
        "chain of transforms draws in workers",
        "torch seeded, python seeded",
        """
import random
import torch
from torch.utils.data import DataLoader, Dataset

class Flip:
    def __call__(self, x):
        return -x if random.random() < 0.5 else x

class Chain:
    def __init__(self, steps):
        self.steps = steps

    def __call__(self, x):
        for step in self.steps:
            x = step(x)
        return x

class Data(Dataset):
    def __init__(self, transform):
        self.transform = transform

    def __len__(self):
        return 8

    def __getitem__(self, index):
        return self.transform(torch.ones(1))

torch.manual_seed(0)
for batch in DataLoader(Data(Chain([Flip()])), shuffle=True, num_workers=2):
    print(batch)
""",
    ),
    Situation(
        "sampler draws in the main process",
        "torch any, numpy unseeded",
        """
import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset, Sampler

class Order(Sampler):
    def __init__(self, size):
        self.size = size

    def __len__(self):
        return self.size

    def __iter__(self):
        return iter(np.random.permutation(self.size).tolist())  # RPL101

class Data(Dataset):
    def __len__(self):
        return 9

    def __getitem__(self, index):
        return index

torch.manual_seed(0)
for batch in DataLoader(Data(), sampler=Order(9), num_workers=2):
    print(batch)
""",
        repeats=False,
    ),
    Situation(
        "worker init seeds numpy from the clock",
        "torch seeded, numpy unseeded",
        """
import time
import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

class Data(Dataset):
    def __len__(self):
        return 4

    def __getitem__(self, index):
        return np.random.rand()

def init(worker_id):
    np.random.seed(int(time.time_ns()) % 2**32)  # RPL104

torch.manual_seed(0)
for batch in DataLoader(Data(), shuffle=True, num_workers=2, worker_init_fn=init):
    print(batch)
""",
        repeats=False,
    ),
    Situation(
        "seed under the guard does not reach spawned children",
        "torch unseeded",
        """
import torch
import torch.multiprocessing as mp

def work(rank):
    print(torch.rand(3))

if __name__ == "__main__":
    torch.manual_seed(0)
    mp.spawn(work, nprocs=1)  # RPL114
""",
        repeats=False,
    ),
    Situation(
        "seed at module level is applied again in spawned children",
        "torch seeded",
        """
import torch
import torch.multiprocessing as mp

torch.manual_seed(0)

def work(rank):
    print(torch.rand(3))

if __name__ == "__main__":
    mp.spawn(work, nprocs=1)
""",
    ),
    Situation(
        "forked process keeps numpy and loses python",
        "numpy seeded, python unseeded",
        """
import random
from multiprocessing import get_context
import numpy as np

def work():
    print(random.random(), np.random.rand(), flush=True)

random.seed(0)
np.random.seed(0)
child = get_context("fork").Process(target=work)
child.start()  # RPL114
child.join()
""",
        repeats=False,
    ),
    Situation(
        "lazy draws made before the seed and consumed after it",
        "python seeded",
        """
import random

def noise():
    for _ in range(3):
        yield random.random()

made = noise()
random.seed(0)
print(list(made))
""",
    ),
    Situation(
        "lazy draws consumed before the seed",
        "python late",
        """
import random

def noise():
    for _ in range(3):
        yield random.random()  # RPL102

made = noise()
print(next(made))
random.seed(0)
print(list(made))
""",
        repeats=False,
    ),
    Situation(
        "shuffling loader made before the seed",
        "torch seeded",
        """
import torch
from torch.utils.data import DataLoader, TensorDataset

loader = DataLoader(TensorDataset(torch.arange(9)), shuffle=True)
torch.manual_seed(0)
for (batch,) in loader:
    print(batch)
""",
    ),
    Situation(
        "shuffling loader consumed before the seed",
        "torch late",
        """
import torch
from torch.utils.data import DataLoader, TensorDataset

loader = DataLoader(TensorDataset(torch.arange(9)), batch_size=9, shuffle=True)
print(next(iter(loader)))  # RPL102
torch.manual_seed(0)
for (batch,) in loader:
    print(batch)
""",
        repeats=False,
    ),
    Situation(
        "draw inside a context manager that seeds and restores",
        "numpy seeded",
        """
from contextlib import contextmanager
import numpy as np

@contextmanager
def fixed(seed):
    state = np.random.get_state()
    np.random.seed(seed)
    yield
    np.random.set_state(state)

with fixed(0):
    print(np.random.rand(3))
""",
    ),
    Situation(
        "draw after a context manager that seeds and restores",
        "numpy unseeded",
        """
from contextlib import contextmanager
import numpy as np

@contextmanager
def fixed(seed):
    state = np.random.get_state()
    np.random.seed(seed)
    yield
    np.random.set_state(state)

with fixed(0):
    inside = np.random.rand(3)
print(np.random.rand(3))  # RPL101
""",
        repeats=False,
    ),
    Situation(
        "registry filled by a decorator",
        "torch unseeded",
        """
import argparse
import torch

ZOO = {}

def register(name):
    def keep(cls):
        ZOO[name] = cls
        return cls
    return keep

@register("small")
class Small(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(2, 2)  # RPL101 certain

@register("large")
class Large(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(9, 9)

p = argparse.ArgumentParser()
p.add_argument("--net", default="small")
a = p.parse_args()
print(ZOO[a.net]().layer.weight)
""",
        repeats=False,
    ),
    Situation(
        "the same flag seeds and draws",
        "python unused",
        """
import argparse
import random

p = argparse.ArgumentParser()
p.add_argument("--aug", action="store_true")
a = p.parse_args()
if a.aug:
    random.seed(3)
print("ready")
if a.aug:
    print(random.random())
""",
    ),
    Situation(
        "guard on a data test with a draw",
        "numpy unseeded",
        """
import sys
import numpy as np

if len(sys.path) > 0:
    print(np.random.rand())  # RPL101
""",
        repeats=False,
    ),
    Situation(
        "rows that a mask selects are a frame",
        "numpy unseeded",
        """
import pandas as pd

frame = pd.DataFrame({"t": [0, 1, 0, 1, 0], "v": range(5)})
if frame[frame["v"] > 9].empty:
    print("fine")
print(frame[frame["t"] == 0].sample(n=2))  # RPL111
print(frame.loc[frame["t"] == 1].sample(n=1))
""",
        repeats=None,
    ),
    Situation(
        "function that a frame is piped through",
        "numpy unseeded",
        """
import pandas as pd

def balance(frame, size):
    return frame.sample(n=size)  # RPL111

frame = pd.DataFrame({"t": [0, 1, 0, 1, 0]})
print(frame.pipe(balance, size=2).sample(frac=1))
""",
        repeats=None,
    ),
    Situation(
        "clock that goes through a tensor into the seed",
        "torch unseeded",
        """
import time
import torch

def shared(seed):
    if seed is None:
        seed = time.time_ns()  # RPL104
    everyone = torch.tensor([seed], dtype=torch.int64)
    return everyone.to("cpu").item()

net = torch.nn.Linear(2, 2)  # RPL101
torch.manual_seed(shared(None))
print(torch.rand(2), net.weight)
""",
        repeats=False,
    ),
    Situation(
        "seed drawn as a tensor from a seeded stream",
        "torch seeded, numpy seeded",
        """
import numpy as np
import torch

torch.manual_seed(3)
np.random.seed(torch.randint(0, 10, (1,)).item())
print(np.random.rand(2))
""",
    ),
    Situation(
        "a seed that gives the state back seeds nothing else",
        "numpy unseeded",
        """
import sys
import numpy as np

def palette(count):
    state = np.random.get_state()
    np.random.seed(42)
    colours = np.random.randint(0, 256, size=(count, 3))
    np.random.set_state(state)
    return colours

for number in range(3):
    if len(sys.argv) + number > 2:
        print(palette(3))
    else:
        print(np.random.randint(0, 256, size=3))  # RPL101 likely
""",
        repeats=False,
    ),
    Situation(
        "runner that a registry or a method builds",
        "numpy seeded",
        """
import numpy as np
from mmengine.config import Config
from mmengine.registry import RUNNERS
from mmengine.runner import Runner

cfg = Config.fromfile("config.py")
runner = Runner.from_cfg(cfg) if "runner_type" not in cfg else RUNNERS.build(cfg)
print(np.random.rand(3))
""",
        repeats=None,
    ),
]


@cases(SITUATIONS)
def test_what_is_said(one, tmp_path):
    judge(one, tmp_path)


@pytest.mark.parametrize("name", ["flag off by default draws before the training seeds"])
def test_what_only_other_options_show_is_not_shown(name, tmp_path):
    one = next(one for one in SITUATIONS if one.name == name)
    one.write(tmp_path)
    assert check([], Settings(root=tmp_path), cwd=tmp_path).findings == ()


def test_one_cause_is_one_finding(tmp_path):
    one = next(one for one in SITUATIONS if one.name == "seed drawn from an unseeded stream")
    one.write(tmp_path)
    assert [finding.rule for finding in check([], Settings(root=tmp_path), cwd=tmp_path).findings] == ["RPL104"]
