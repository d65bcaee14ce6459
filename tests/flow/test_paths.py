"""Which paths a run can take: loops that count, tests that nobody can decide, loops that only complain, closures."""

from situation import Situation, cases, judge

from reprolint.check import check
from reprolint.config import Settings

SITUATIONS = [
    Situation(
        "a layer that is made to see whether it can be",
        "torch late",
        """
import torch

def works(width):
    try:
        torch.nn.Linear(width, 2)
        size = torch.nn.Conv2d(width, 2, 3).out_channels  # RPL102 possible
        return size == 2
    except ValueError:
        return False

print(works(3))
torch.manual_seed(3)
print(torch.nn.Linear(3, 2).weight)
""",
    ),
    Situation(
        "a draw that filters",
        "python unseeded",
        """
import random

kept = [number for number in range(40) if random.random() < 0.5]  # RPL101
print(kept)
""",
        repeats=False,
    ),
    Situation(
        "a draw that decides whether to call",
        "python unseeded",
        """
import random

seen = []
for number in range(40):
    if random.random() < 0.5:  # RPL101
        seen.append(number)
print(seen)
""",
        repeats=False,
    ),
    Situation(
        "a draw that says how often",
        "python unseeded",
        """
import random

total = 0
rounds = random.randint(1, 10**6)  # RPL101
for number in range(rounds):
    total += number
print(total)
""",
        repeats=False,
    ),
    Situation(
        "how many are above a limit",
        "numpy unseeded",
        """
import numpy as np

draws = np.random.rand(4000)  # RPL101
print(len(draws[draws > 0.3]))
""",
        repeats=False,
    ),
    Situation(
        "a draw that a module registers",
        "torch unseeded",
        """
import torch
from torch import nn

class Features(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("proj", torch.randn(2, 8))  # RPL101

    def forward(self, x):
        return x @ self.proj

print(Features()(torch.ones(1, 2)))
""",
        repeats=False,
    ),
    Situation(
        "noise that is added in place",
        "numpy unseeded",
        """
import numpy as np

def noisy(x):
    x += np.random.randn(*x.shape)  # RPL101

x = np.zeros(3)
noisy(x)
print(x)
""",
        repeats=False,
    ),
    Situation(
        "an array that is filled by name",
        "torch unseeded",
        """
import torch

z = torch.zeros(3)
torch.randn(3, out=z)  # RPL101
print(z)
""",
        repeats=False,
    ),
    Situation(
        "a number that only sounds like a name",
        "python unseeded",
        """
import random

clients = [f"data of {number}" for number in range(10**6)]
client_id = random.randrange(10**6)  # RPL101
print(clients[client_id])
""",
        repeats=False,
    ),
    Situation(
        "the second draw of a function is kept",
        "python unseeded",
        """
import random

MEMORY = []

def act():
    first = random.random()  # RPL101
    MEMORY.append(random.random())
    return first

act()
print(MEMORY)
""",
        repeats=False,
    ),
    Situation(
        "a list that had another name before",
        "python unseeded",
        """
import random

xs = []
data = {"x": xs}
for _ in range(3):
    xs.append(random.random())  # RPL101
print(data)
""",
        repeats=False,
    ),
    Situation(
        "a bias that is loaded and a weight that is not",
        "torch unseeded",
        """
import torch

head = torch.nn.Linear(2, 1)  # RPL101
head.bias.data = torch.zeros(1)
print(head(torch.ones(1, 2)))
""",
        repeats=False,
    ),
    Situation(
        "only some of the layers of a kind are filled",
        "torch unseeded",
        """
import torch
from torch import nn

def fill(layer):
    if isinstance(layer, nn.Linear) and layer.out_features == 1:
        nn.init.zeros_(layer.weight)
        nn.init.zeros_(layer.bias)

net = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1))  # RPL101
net.apply(fill)
print(net[0](torch.ones(1, 2)))
""",
        repeats=False,
    ),
    Situation(
        "one entry of a table is called",
        "torch optional",
        """
import sys

import torch

def fixed():
    torch.manual_seed(3)

def free():
    print("free")

MODES = {"fixed": fixed, "free": free}
for mode in sys.argv[1:] or ["free"]:
    MODES[mode]()
print(torch.rand(2))  # RPL103
""",
        repeats=None,
    ),
    Situation(
        "filled again from the stream that was seeded since",
        "torch late",
        """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.last = nn.Linear(2, 2), nn.Linear(2, 1)  # RPL102 possible

def reset(layer):
    if isinstance(layer, nn.Linear):
        nn.init.trunc_normal_(layer.weight)
        nn.init.zeros_(layer.bias)

net = Net()
torch.manual_seed(3)
net.apply(reset)
print(net.first.weight)
""",
        repeats=None,
    ),
    Situation(
        "filled again from the stream that nobody seeded",
        "torch unseeded",
        """
import torch
from torch import nn

def reset(layer):
    nn.init.trunc_normal_(layer.weight)
    nn.init.zeros_(layer.bias)

net = nn.Sequential(nn.Linear(2, 2), nn.ReLU())  # RPL101
net[0].apply(reset)
print(net[0].weight)
""",
        repeats=False,
    ),
    Situation(
        "a step of a pipeline that is the project's own",
        "numpy unseeded",
        """
import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import Pipeline

class Noise(TransformerMixin, BaseEstimator):
    def fit(self, X, y=None):
        self.shift_ = np.random.normal()  # RPL101
        return self

    def transform(self, X):
        return X * self.shift_ + self.shift_**2

X = np.arange(20.0).reshape(10, 2)
model = Pipeline([("noise", Noise()), ("line", LinearRegression(fit_intercept=False))])
print(cross_val_predict(model, X, X[:, 0], cv=2))
""",
        repeats=False,
    ),
    Situation(
        "a function whose split is only counted",
        "numpy late",
        """
import numpy as np

def split(rows, share):
    order = np.random.permutation(len(rows))  # RPL102 possible
    size = int(len(rows) * share)
    return rows[order[size:]], rows[order[:size]]

train, test = split(np.arange(20), 0.2)
print(len(train), len(test))
np.random.seed(3)
train, test = split(np.arange(20), 0.2)
print(train)
""",
    ),
    Situation(
        "a function that keeps what it draws",
        "numpy late",
        """
import numpy as np

kept = []

def split(rows):
    order = np.random.permutation(len(rows))  # RPL102
    kept.append(order)
    return rows[order]

split(np.arange(20))
np.random.seed(3)
print(kept, split(np.arange(20)))
""",
        repeats=False,
    ),
    Situation(
        "layers that a list holds for a while",
        "torch unseeded",
        """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        layers = []
        for width in (2, 3):
            layers.append(nn.Linear(2, 2))  # RPL101
        self.layers = nn.Sequential(*layers)

net = Net()
print(net.layers[0].weight)
""",
        repeats=False,
    ),
    Situation(
        "a draw that says where a hole goes",
        "numpy unseeded",
        """
import numpy as np

rows = np.ones(20)

def holed(rows):
    start = np.random.randint(0, 15)  # RPL101
    rows = rows.copy()
    rows[start:start + 5] = 0
    return rows

print(holed(rows))
""",
        repeats=False,
    ),
    Situation(
        "a profile before the seeding",
        "torch late",
        """
import time

import torch
from torch import nn

class Net(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.body = nn.Linear(2, width)

    def forward(self, x):
        return self.body(x)

def profile(width):
    net = Net(width).eval()
    dummy = torch.randn(4, 2)  # RPL102 possible
    start = time.perf_counter()
    for _ in range(3):
        net(dummy)
    size = sum(p.numel() for p in net.parameters())
    print(f"{size} parameters, output {tuple(net(dummy).shape)}")
    return (time.perf_counter() - start) / 3

profile(3)
torch.manual_seed(3)
print(Net(3).body.weight)
""",
    ),
    Situation(
        "a net that learns from made-up inputs",
        "torch unseeded",
        """
import torch
from torch import nn

net = nn.Linear(2, 1)
net.load_state_dict({"weight": torch.zeros(1, 2), "bias": torch.zeros(1)})
x = torch.randn(4, 2)  # RPL101
loss = net(x).square().mean() + net(x).sum()
loss.backward()
print(net.weight.grad)
""",
        repeats=False,
    ),
    Situation(
        "the size of what a layer makes",
        "torch late",
        """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 2, 3)  # RPL102 possible
        flat = self.conv(torch.rand(1, 1, 8, 8)).view(1, -1).size(1)
        self.head = nn.Linear(flat, 2)

print(sum(p.numel() for p in Net().parameters()))
torch.manual_seed(3)
print(Net().head.weight)
""",
    ),
    Situation(
        "the name of a run is drawn first",
        "python unseeded",
        """
import random
import string

def run_name():
    tail = "".join(random.choices(string.ascii_lowercase, k=5))
    return f"run-{tail}"

print(len(run_name()))
rows = list(range(9))
random.shuffle(rows)  # RPL101
print(rows)
""",
        repeats=False,
    ),
    Situation(
        "a split of which the sizes alone are shown",
        "numpy late",
        """
import numpy as np

rows = np.arange(20)
order = np.random.permutation(len(rows))  # RPL102 possible
train, test = rows[order[:15]], rows[order[15:]]
print(len(train), len(test))
np.random.seed(3)
order = np.random.permutation(len(rows))
print(rows[order])
""",
    ),
    Situation(
        "weights filled by a generator of one's own",
        "torch unseeded",
        """
import torch
from torch import nn

class Factors(nn.Module):
    def __init__(self, generator):
        super().__init__()
        self.users = nn.Embedding(4, 2)
        self.head = nn.Linear(2, 1, bias=False)  # RPL101 possible
        nn.init.normal_(self.users.weight, generator=generator)
        self.head.weight.data.uniform_(-1, 1, generator=generator)

print(Factors(torch.Generator().manual_seed(3)).users.weight)
""",
        repeats=None,
    ),
    Situation(
        "a bias that nobody fills",
        "torch unseeded",
        """
import torch
from torch import nn

head = nn.Linear(2, 1)  # RPL101
nn.init.zeros_(head.weight)
print(head(torch.ones(1, 2)))
""",
        repeats=False,
    ),
    Situation(
        "layer by layer filled with constants",
        "torch unseeded",
        """
import torch
from torch import nn

def plain(layer):
    if isinstance(layer, nn.Linear):
        nn.init.ones_(layer.weight)
        if layer.bias is not None:
            nn.init.zeros_(layer.bias)

net = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 1))  # RPL101 possible
net.apply(plain)
print(net(torch.ones(1, 2)))
""",
        repeats=None,
    ),
    Situation(
        "drawn again once it is seeded",
        "torch late",
        """
import torch
from torch import nn

def again(layer):
    reset = getattr(layer, "reset_parameters", None)
    if callable(reset):
        reset()

net = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2), nn.Linear(2, 1))  # RPL102 possible
torch.manual_seed(3)
net.apply(again)
print(net.eval()(torch.ones(1, 2)))
""",
        repeats=None,
    ),
    Situation(
        "one layer alone drawn again",
        "torch late",
        """
import torch
from torch import nn

first = nn.Linear(2, 2)
last = nn.Linear(2, 1)  # RPL102
torch.manual_seed(3)
first.reset_parameters()
print(last(first(torch.ones(1, 2))))
""",
        repeats=False,
    ),
    Situation(
        "a helper that seeds, forgets a stream and talks to something unknown",
        "python seeded, numpy unseeded",
        """
import random
import numpy as np
from somewhere import logger, tools

def seed_everything(seed, log=logger):
    random.seed(seed)
    log.info("seeded with %s", seed)
    tools.note(seed)

seed_everything(3)
print(random.random())
print(np.random.rand())  # RPL101
""",
        repeats=None,
    ),
    Situation(
        "parameters that are filled in place",
        "torch unseeded",
        """
import torch
from torch import nn

net = nn.Linear(2, 2)  # RPL101 possible
with torch.no_grad():
    net.weight.copy_(torch.ones(2, 2))
    net.bias.data.copy_(torch.ones(2))
net(torch.ones(2)).sum().backward()
torch.optim.SGD(net.parameters(), 0.1).step()
print(net.weight)
""",
        repeats=None,
    ),
    Situation(
        "a copy of another net that was drawn",
        "torch unseeded",
        """
import torch
from torch import nn

net = nn.Linear(2, 2)  # RPL101
copy = nn.Linear(2, 2)
for old, new in zip(copy.parameters(), net.parameters()):
    old.data.copy_(new.data)
net(torch.ones(2)).sum().backward()
torch.optim.SGD(net.parameters(), 0.1).step()
print(net.weight)
""",
        repeats=False,
    ),
    Situation(
        "a function that is applied to every part",
        "torch unseeded",
        """
import torch
from torch import nn

def fill(module):
    if isinstance(module, nn.Linear):
        nn.init.normal_(module.weight)  # RPL101

net = nn.Sequential(nn.utils.skip_init(nn.Linear, 2, 2))
net.apply(fill)
print(net[0].weight)
""",
        repeats=False,
    ),
    Situation(
        "a sequence of layers whose numbers are loaded",
        "torch unseeded",
        """
import torch
from torch import nn

def resume(path, model, optimizer):
    saved = torch.load(path)
    model.load_state_dict(saved["model"])
    optimizer.load_state_dict(saved["optimizer"])

net = nn.Sequential(nn.Linear(1, 2), nn.ReLU(), nn.Linear(2, 1))  # RPL101 possible
optimizer = torch.optim.SGD(net.parameters(), 0.1)
torch.save({"model": net.state_dict(), "optimizer": optimizer.state_dict()}, "net.pt")
resume("net.pt", net, optimizer)
net(torch.ones(1, 1)).sum().backward()
optimizer.step()
print(net[0].weight)
""",
        repeats=None,
    ),
    Situation(
        "a field called data is filled by what draws",
        "numpy late",
        """
import numpy as np

class Experiment:
    def __init__(self):
        self.data = np.random.rand(3)  # RPL102

    def run(self):
        np.random.seed(3)
        return self.data + np.random.rand(3)

print(Experiment().run())
""",
        repeats=False,
    ),
    Situation(
        "a question and its contrary",
        "python seeded",
        """
import os
import random

def fit(path):
    resume = os.path.isfile(path)
    if not resume:
        random.seed(0)
    if resume:
        return None
    return random.random()

print(fit("missing.pt"))
""",
        repeats=True,
    ),
    Situation(
        "functions that are looked up by a text that is taken apart",
        "python seeded, numpy seeded",
        """
import importlib
import random
import numpy as np

def resolve(dotted):
    module, _, name = dotted.rpartition(".")
    return getattr(importlib.import_module(module), name)

SEEDERS = {name: resolve(path) for name, path in {"python": "random.seed", "numpy": "numpy.random.seed"}.items()}

def seed_with(seed, names=tuple(SEEDERS)):
    return {name: SEEDERS[name](seed) for name in names}

seed_with(3)
print(random.random(), np.random.rand())
""",
        repeats=True,
    ),
    Situation(
        "an unknown function whose name says that it seeds",
        "python seeded",
        """
import random
from somewhere import tools

SEEDERS = tools()
SEEDERS["python"](3)
print(random.random())
""",
        repeats=None,
    ),
    Situation(
        "a comprehension that calls each seeder",
        "python seeded, numpy seeded, torch seeded",
        """
import random
import numpy as np
import torch

[seed(0) for seed in (random.seed, np.random.seed, torch.manual_seed)]
print(random.random(), np.random.rand(), torch.rand(1))
""",
        repeats=True,
    ),
    Situation(
        "seeders that are mapped over",
        "python seeded, numpy seeded",
        """
import random
import numpy as np

class Seeder:
    steps = (random.seed, np.random.seed)

    def __init__(self, seed):
        self.seed = seed

    def __call__(self):
        list(map(lambda step: step(self.seed), self.steps))

Seeder(0)()
print(random.random(), np.random.rand())
""",
        repeats=True,
    ),
    Situation(
        "a comprehension that leaves some out",
        "python seeded, numpy unseeded",
        """
import random
import numpy as np

SEEDERS = {"python": random.seed, "numpy": np.random.seed}
{name: seed(0) for name, seed in SEEDERS.items() if name != "numpy"}
print(random.random())
print(np.random.rand())  # RPL101
""",
        repeats=False,
    ),
    Situation(
        "a registry that a comprehension fills",
        "torch unseeded",
        """
import torch
from torch import nn

class Drawn(nn.Module):
    name = "drawn"

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(2, 2)  # RPL101

class Fixed(nn.Module):
    name = "fixed"

    def __init__(self):
        super().__init__()
        self.layer = nn.Parameter(torch.ones(2, 2))

MODELS = {kind.name: kind for kind in (Drawn, Fixed)}
print(MODELS["drawn"]().layer.weight)
""",
        repeats=False,
    ),
    Situation(
        "the other entry of a registry",
        "torch unused",
        """
import torch
from torch import nn

class Drawn(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(2, 2)

class Fixed(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Parameter(torch.ones(2, 2))

MODELS = {kind.__name__.lower(): kind for kind in (Drawn, Fixed)}
print(MODELS["fixed"]().layer)
""",
        repeats=True,
    ),
    Situation(
        "two tests that each look at the first result of their function",
        "numpy unseeded, python seeded",
        """
import os
import random

import numpy as np

def once(function, *arguments):
    if os.path.isdir("."):
        function(*arguments)

def prepare(out):
    random.seed(0)
    if os.path.exists(out):
        return
    random.shuffle([1, 2, 3])
    print(np.random.rand())  # RPL101

once(prepare, "missing")
""",
        repeats=False,
    ),
    Situation(
        "one test asked twice: what is seeded under it is drawn from under it",
        "python seeded",
        """
import os
import random

def fast():
    return os.path.isfile("fast.txt")

def seed():
    if not fast():
        random.seed(0)

def train():
    if not fast():
        print(random.random())

seed()
train()
""",
        repeats=True,
    ),
    Situation(
        "the same words about another variable",
        "python optional",
        """
import os
import random

def seed(path):
    if os.path.isfile(path):
        random.seed(0)

def train(path):
    if os.path.isfile(path):
        print(random.random())  # RPL103 possible

seed("missing.txt")
train(__file__)
""",
        repeats=False,
    ),
    Situation(
        "an endless loop that a counter leaves",
        "torch unseeded",
        """
import torch

step, last = 0, 3
while True:
    print(torch.rand(2))  # RPL101
    step += 1
    if step > last:
        break
""",
        repeats=False,
    ),
    Situation(
        "a counter kept in a field",
        "python unseeded",
        """
import random

class Trainer:
    def __init__(self):
        self.step = 0

    def fit(self):
        while True:
            self.step = self.step + 1
            print(random.random())  # RPL101
            if self.step >= 3:
                return

Trainer().fit()
""",
        repeats=False,
    ),
    Situation(
        "a loop that nothing ends",
        "torch unseeded",
        """
import torch

while True:
    print(torch.rand(2))  # RPL101
""",
        repeats=None,
    ),
    Situation(
        "a setting of an unknown object is neither true nor false",
        "torch optional",
        """
import torch
from somewhere import settings

if settings.fast:
    print("fast")
else:
    torch.manual_seed(1)
print(torch.rand(3))  # RPL103
""",
        repeats=None,
    ),
    Situation(
        "an unknown setting that would raise",
        "torch seeded",
        """
import torch
from somewhere import settings

if settings.fast and settings.exact:
    raise ValueError("not both")
torch.manual_seed(0)
print(torch.rand(3))
""",
        repeats=None,
    ),
    Situation(
        "a loop that complains of what is left over",
        "torch seeded",
        """
import argparse
import torch

parser = argparse.ArgumentParser()
args, rest = parser.parse_known_args()
for name in rest:
    parser.error(f"unknown: {name}")
torch.manual_seed(0)
print(torch.rand(3))
""",
    ),
    Situation(
        "the rank of a process that nobody launched",
        "torch seeded",
        """
import os
import torch

if os.environ.get("RANK") is None:
    torch.manual_seed(0)
else:
    raise SystemExit("one process only")
print(torch.rand(3))
""",
    ),
    Situation(
        "two closures from one factory",
        "numpy seeded",
        """
import numpy as np

def later(work):
    return lambda: work()

fix = later(lambda: np.random.seed(0))
draw = later(lambda: np.random.randn())
fix()
print(draw())
""",
    ),
    Situation(
        "two functions under one decorator",
        "numpy late",
        """
import functools
import numpy as np

def logged(function):
    @functools.wraps(function)
    def inner(*args):
        return function(*args)
    return inner

@logged
def make():
    return np.random.rand()  # RPL102

@logged
def fix():
    np.random.seed(0)

print(make())
fix()
print(make())
""",
        repeats=False,
    ),
    Situation(
        "hooks of different classes run one after the other",
        "python seeded",
        """
import random

class Seeds:
    def before(self):
        random.seed(3)

class Draws:
    def before(self):
        print(random.random())

for hook in [Seeds(), Draws()]:
    hook.before()
""",
    ),
    Situation(
        "a file of several keys fills the options",
        "python seeded",
        """
import argparse
import json
import random

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int)
args = parser.parse_args()
for key, value in json.load(open("run.json")).items():
    if getattr(args, key, None) is None:
        setattr(args, key, value)
if args.seed is not None:
    random.seed(args.seed)
print(random.random())  # RPL103 possible

### run.json
{"steps": 5, "rate": 0.1, "seed": 14}
""",
    ),
    Situation(
        "bases from a list",
        "torch seeded",
        """
import torch

class Parallel:
    lazy = False

BASES = [Parallel]

class Options(*BASES):
    pass

if not Options().lazy:
    torch.manual_seed(4)
print(torch.rand(2))
""",
    ),
    Situation(
        "a tuple is iterable",
        "python seeded",
        """
import random
from collections.abc import Iterable

def fix(seeds):
    if not isinstance(seeds, Iterable):
        raise TypeError
    if isinstance(seeds, tuple):
        random.seed(seeds[0])

fix((3,))
print(random.random())
""",
    ),
    Situation(
        "a parser that fills records one by one",
        "torch seeded",
        """
import argparse
import dataclasses
import torch

@dataclasses.dataclass
class Model:
    extra: bool = False

@dataclasses.dataclass
class Training:
    seed: int = 3

class Parser(argparse.ArgumentParser):
    def __init__(self, types):
        super().__init__()
        self.types = [types] if dataclasses.is_dataclass(types) else list(types)
        for kind in self.types:
            for field in dataclasses.fields(kind):
                self.add_argument(f"--{field.name}", default=field.default)

    def records(self):
        found = self.parse_args()
        made = []
        for kind in self.types:
            names = {field.name for field in dataclasses.fields(kind)}
            made.append(kind(**{name: value for name, value in vars(found).items() if name in names}))
        if len(names) > 5:
            made.append(found)
        return (*made,)

model, training = Parser((Model, Training)).records()
if model.extra:
    print(torch.rand(1))
torch.manual_seed(training.seed)
print(torch.rand(1))
""",
    ),
    Situation(
        "weights that a file replaces are not drawn",
        "torch unseeded",
        """
import torch

net = torch.nn.Linear(2, 1)  # RPL101 possible
net.load_state_dict({"weight": torch.zeros(1, 2), "bias": torch.zeros(1)})
optimizer = torch.optim.SGD(net.parameters(), 0.1)
net(torch.ones(1, 2)).sum().backward()
optimizer.step()
print(net.weight)
""",
        repeats=None,
    ),
    Situation(
        "weights that replace part of a model",
        "torch unseeded",
        """
import torch

net = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Linear(2, 1))  # RPL101
net.load_state_dict({"0.bias": torch.zeros(2)}, strict=False)
optimizer = torch.optim.SGD(net.parameters(), 0.1)
net(torch.ones(1, 2)).sum().backward()
optimizer.step()
print(net[0].weight)
""",
        repeats=False,
    ),
    Situation(
        "a helper loads what a file has of the weights",
        "torch unseeded",
        """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(2, 2)  # RPL101 possible
        self.head = nn.Linear(2, 2)

    def forward(self, x):
        return self.head(self.body(x))

def load(model, path):
    model.load_state_dict(torch.load(path), strict=False)

model = Net()
torch.save(model.state_dict(), "net.pt")
load(model, "net.pt")
print(model(torch.ones(2)))
""",
        repeats=None,
    ),
    Situation(
        "only the body is loaded",
        "torch unseeded",
        """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(2, 2)
        self.head = nn.Linear(2, 2)  # RPL101

    def forward(self, x):
        return self.head(self.body(x))

model = Net()
torch.save(model.body.state_dict(), "body.pt")
model.body.load_state_dict(torch.load("body.pt"))
optimizer = torch.optim.SGD(model.parameters(), 0.1)
model(torch.ones(2)).sum().backward()
optimizer.step()
print(model.head.weight)
""",
        repeats=False,
    ),
    Situation(
        "the body and the head are loaded",
        "torch unseeded",
        """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(2, 2)
        self.head = nn.Linear(2, 2)  # RPL101 possible

    def forward(self, x):
        return self.head(self.body(x))

model = Net()
torch.save(model.state_dict(), "net.pt")
parts = torch.load("net.pt")
model.body.load_state_dict({name[5:]: part for name, part in parts.items() if name.startswith("body")})
model.head.load_state_dict({name[5:]: part for name, part in parts.items() if name.startswith("head")})
print(model(torch.ones(2)))
""",
        repeats=None,
    ),
    Situation(
        "weights are copied from a file one by one",
        "torch unseeded",
        """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(2, 2)
        self.head = nn.Linear(2, 2)  # RPL101 possible

    def forward(self, x):
        return self.head(self.body(x))

def convert(state):
    model = Net()
    model.body.weight.data[:] = state["body.weight"]
    model.body.bias.data[:] = state["body.bias"]
    model.head.weight.data = state["head.weight"]
    model.head.bias.data = state["head.bias"]
    return model

torch.save({"body.weight": torch.ones(2, 2), "body.bias": torch.ones(2), "head.weight": torch.ones(2, 2), "head.bias": torch.ones(2)}, "net.pt")
print(convert(torch.load("net.pt"))(torch.ones(2)))
""",
        repeats=None,
    ),
    Situation(
        "a loader written by hand",
        "torch unseeded",
        """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(2, 2)  # RPL101 possible
        self.head = nn.Linear(2, 2)

    def forward(self, x):
        return self.head(self.body(x))

def load(module, state, prefix=""):
    module._load_from_state_dict(state, prefix, {}, True, [], [], [])
    for name, child in module._modules.items():
        load(child, state, f"{prefix}{name}.")

model = Net()
torch.save(model.state_dict(), "net.pt")
load(model, torch.load("net.pt"))
print(model(torch.ones(2)))
""",
        repeats=None,
    ),
    Situation(
        "a checkpoint is loaded on one path only",
        "torch unseeded",
        """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(2, 2)  # RPL101
        self.head = nn.Linear(2, 2)

    def forward(self, x):
        return self.head(self.body(x))

import os

model = Net()
print(torch.rand(1))
if os.path.exists("net.pt"):
    model.load_state_dict(torch.load("net.pt"))
optimizer = torch.optim.SGD(model.parameters(), 0.1)
model(torch.ones(2)).sum().backward()
optimizer.step()
print(model.head.weight)
""",
        repeats=False,
    ),
]


@cases(SITUATIONS)
def test_what_is_said(one, tmp_path):
    judge(one, tmp_path)


SHARED = """
import numpy as np
import torch

class Engine:
    def __init__(self, seed=None):
        self.seed = seed

    def start(self, work):
        if self.seed is not None:
            torch.manual_seed(self.seed)
            np.random.seed(self.seed)
        return work()
"""
CALLER = """
import numpy as np
import torch
from engine import Engine

def work():
    return torch.rand(1), np.random.rand()

print(Engine({seed}).start(work))
"""


def test_a_run_is_judged_alike_in_any_company(tmp_path):
    """However many runs share a function, each is judged as if it were alone."""
    (tmp_path / "engine.py").write_text(SHARED)
    for number in range(20):
        (tmp_path / f"run{number:02}.py").write_text(CALLER.format(seed="" if number % 5 == 4 else number))
    together = {run.entry: {state.stream: state.state for state in run.streams} for run in check([], Settings(root=tmp_path), cwd=tmp_path).runs}
    assert len(together) == 20
    for number in range(20):
        wanted = "unseeded" if number % 5 == 4 else "seeded"
        assert together[f"run{number:02}.py"]["torch"] == together[f"run{number:02}.py"]["numpy"] == wanted


UNKNOWN = """
import torch
from somewhere import build

torch.manual_seed(0)
build().shake_hands()
print(torch.rand(1))
"""
NAMESAKE = """
import random

class Guest:
    def shake_hands(self):
        return random.random()  # RPL101

print(Guest().shake_hands())
"""


def test_what_another_run_makes_is_not_this_runs(tmp_path):
    """A method of something unknown is one of a class that this very run has made."""
    (tmp_path / "a_namesake.py").write_text(NAMESAKE)
    (tmp_path / "unknown.py").write_text(UNKNOWN)
    report = check([], Settings(root=tmp_path), cwd=tmp_path)
    states = {run.entry: {state.stream: state.state for state in run.streams} for run in report.runs}
    assert (states["a_namesake.py"]["python"], states["unknown.py"]["python"]) == ("unseeded", "unused")
