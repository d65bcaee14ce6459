"""What each feature of Python does to the order of seeds and draws."""

from situation import Situation, cases, judge

SITUATIONS = [
    Situation(
        "texts that would be very long",
        "python unseeded",
        """
import random

def never():
    return "a" * 10**12, "%9999999999d" % 3, b"a" * 10**12

print(len(never()[0]))
print(random.random())  # RPL101
""",
        repeats=None,
    ),
    Situation(
        "chance between two bounds",
        "python unseeded",
        """
import random

print([1 if 0 <= random.random() < 0.5 else 2 for _ in range(40)])  # RPL101
""",
        repeats=False,
    ),
    Situation(
        "chance under two names",
        "python unseeded",
        """
import random

one = other = random.random()  # RPL101
if one < 0.0:
    print("never")
print(other)
""",
        repeats=False,
    ),
    Situation(
        "keys that look alike",
        "torch unseeded",
        """
import torch

seeds = {1: None, "1": 5, (1, 2): None, ("1", "2"): 5}
if seeds[1] is not None or seeds[1, 2] is not None:
    torch.manual_seed(5)
print(torch.rand(3))  # RPL101
""",
        repeats=False,
    ),
    Situation(
        "keys that are the same",
        "torch seeded",
        """
import torch

seeds = {}
seeds[1] = 7
seeds["1"] = None
if seeds[True]:
    torch.manual_seed(seeds[1.0])
print(torch.rand(3))
""",
    ),
    Situation(
        "elements sorted by what is not known of them",
        "torch optional",
        """
import torch

pairs = sorted([("b", 1), ("a", None)])
if pairs[0][1]:
    torch.manual_seed(0)
print(torch.rand(3))  # RPL103
""",
        repeats=False,
    ),
    Situation(
        "noise that is no parameter beside some that are filled",
        "torch unseeded",
        """
import torch

class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(2, 2)
        self.noise = torch.rand(3)  # RPL101

net = Net()
for parameter in net.parameters():
    parameter.data.fill_(0.5)
print(net.layer.weight, net.noise)
""",
        repeats=False,
    ),
    Situation(
        "parameters that are clipped",
        "torch unseeded",
        """
import torch

net = torch.nn.Linear(2, 2)  # RPL101
with torch.no_grad():
    for parameter in net.parameters():
        parameter.copy_(parameter.clamp(-0.1, 0.1))
print(net.weight)
""",
        repeats=False,
    ),
    Situation(
        "every parameter is filled from a generator",
        "torch unseeded",
        """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.items = nn.Embedding(3, 3)  # RPL101 possible
        self.bias = nn.Linear(1, 3, bias=False)

    def forward(self, x):
        return self.items(x) + self.bias.weight[:, 0]

@torch.no_grad()
def initialise(net, generator):
    for name, parameter in net.named_parameters():
        if name.startswith("bias"):
            parameter.zero_()
        else:
            nn.init.normal_(parameter, std=0.1, generator=generator)
    return net

net = initialise(Net(), torch.Generator().manual_seed(8))
print(net(torch.tensor([1])))
""",
    ),
    Situation(
        "some parameters are left as they were drawn",
        "torch unseeded",
        """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.items = nn.Embedding(3, 3)  # RPL101
        self.bias = nn.Linear(1, 3, bias=False)

    def forward(self, x):
        return self.items(x) + self.bias.weight[:, 0]

@torch.no_grad()
def initialise(net, generator):
    for name, parameter in net.named_parameters():
        if name.startswith("bias"):
            continue
        else:
            nn.init.normal_(parameter, std=0.1, generator=generator)
    return net

net = initialise(Net(), torch.Generator().manual_seed(8))
print(net(torch.tensor([1])))
""",
        repeats=False,
    ),
    Situation(
        "some parameters are filled from the global stream",
        "torch unseeded",
        """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.items = nn.Embedding(3, 3)  # RPL101
        self.bias = nn.Linear(1, 3, bias=False)

    def forward(self, x):
        return self.items(x) + self.bias.weight[:, 0]

@torch.no_grad()
def initialise(net, generator):
    for name, parameter in net.named_parameters():
        if name.startswith("bias"):
            parameter.zero_()
        else:
            nn.init.normal_(parameter, std=0.1)
    return net

net = initialise(Net(), torch.Generator().manual_seed(8))
print(net(torch.tensor([1])))
""",
        repeats=False,
    ),
    Situation(
        "property whose setter seeds",
        "python seeded",
        """
import os
import random

class Config:
    defaults = {"rows": 3, "seed": "15"}

    def __init__(self, **values):
        for key, value in {**self.defaults, **values}.items():
            setattr(self, key, value)

    @property
    def seed(self):
        return self._seed

    @seed.setter
    def seed(self, value):
        self._seed = int(value)
        random.seed(self._seed)

given = {key.lower(): value for key, value in os.environ.items() if key in {"ROWS", "SEED"}}
config = Config(**given)
print(random.random())
""",
    ),
    Situation(
        "property whose setter draws",
        "python unseeded",
        """
import random

class Store:
    @property
    def size(self):
        return self._size

    @size.setter
    def size(self, value):
        self._size = value + random.random()  # RPL101

store = Store()
store.size = 3
print(store.size)
""",
        repeats=False,
    ),
    Situation(
        "callbacks sorted by their order",
        "torch seeded, python seeded",
        """
import random

import torch

class Callback:
    order = 50

    def begin(self):
        pass

class Seed(Callback):
    order = 0

    def begin(self):
        torch.manual_seed(3)

class Early(Callback):
    order = 10

    def begin(self):
        random.seed(3)

class Draws(Callback):
    def begin(self):
        self.first = torch.rand(2), random.random()

draws = Draws()
callbacks = [draws, Early(), Seed()]
for callback in sorted(callbacks, key=lambda one: one.order):
    getattr(callback, "be" + "gin")()
print(draws.first, random.random())
""",
    ),
    Situation(
        "parts that are made when first asked for",
        "torch late",
        """
from functools import partial

import torch

class Container:
    def __init__(self, settings):
        self.made = {}
        self.recipes = {"model": partial(torch.nn.Linear, settings["size"], 1), "optimizer": self.optimizer}

    def optimizer(self):
        return torch.optim.SGD(self.get("model").parameters(), 0.1)

    def get(self, name):
        if name not in self.made:
            self.made[name] = self.recipes[name]()  # RPL102
        return self.made[name]

container = Container({"size": 3})
optimizer = container.get("optimizer")
torch.manual_seed(0)
print(container.get("model").weight, torch.rand(2))
""",
        repeats=False,
    ),
    Situation(
        "registry by two names",
        "torch unseeded",
        """
import torch

TABLE = {}

def register(kind, name):
    def keep(thing):
        TABLE[(kind, name)] = thing
        return thing
    return keep

@register("model", "plain")
def plain(size):
    return torch.ones(size)

@register("model", "drawn")
def drawn(size):
    return torch.rand(size)  # RPL101

@register("data", "plain")
def data(size):
    return list(range(size))

def build(kind, config):
    config = dict(config)
    return TABLE[(kind, config.pop("name"))](**config)

print(build("data", {"name": "plain", "size": 2}), build("model", {"name": "drawn", "size": 2}))
""",
        repeats=False,
    ),
    Situation(
        "chance that is never taken, and one that always is",
        "python unseeded, numpy unseeded, torch seeded",
        """
import random

import numpy as np
import torch

class Block(torch.nn.Module):
    def __init__(self, skipped=0.0, kept=1.0):
        super().__init__()
        self.skipped, self.kept = skipped, kept

    def forward(self, x):
        chance = random.uniform(0, 1)  # RPL101 possible
        if self.training and chance < self.skipped:
            return x
        if np.random.rand() >= self.kept:  # RPL101 possible
            x = x + 1
        return x * 2

torch.manual_seed(0)
print(Block()(torch.rand(3)))
""",
    ),
    Situation(
        "chance that is also read as a number",
        "python unseeded, torch seeded",
        """
import random

import torch

class Block(torch.nn.Module):
    def __init__(self, skipped=0.0):
        super().__init__()
        self.skipped = skipped

    def forward(self, x):
        chance = random.uniform(0, 1)  # RPL101
        if chance < self.skipped:
            return x
        return x * chance

torch.manual_seed(0)
print(Block()(torch.rand(3)))
""",
        repeats=False,
    ),
    Situation(
        "chance in wider bounds than the test",
        "python unseeded",
        """
import random

def jitter(low, high):
    return 1 if random.uniform(low, high) < 1 else 2  # RPL101

print([jitter(0, 4) for _ in range(40)])
""",
        repeats=False,
    ),
    Situation(
        "a timed function within a timed function",
        "torch unseeded",
        """
from contextlib import contextmanager

import torch

@contextmanager
def timed(name):
    print("begin", name)
    yield
    print("end", name)

@timed("build")
def build():
    return torch.rand(2)  # RPL101

@timed("train")
def train():
    with timed("inner"):
        return build()

print(train())
""",
        repeats=False,
    ),
    Situation(
        "a generator that is unpacked",
        "python unseeded",
        """
import random

top, left = (random.random() for _ in range(2))  # RPL101
print(top, left)
""",
        repeats=False,
    ),
    Situation(
        "a function that a default argument holds",
        "python seeded",
        """
import random

def seeding(offset):
    def apply(seed):
        random.seed(seed + offset)
    return apply

class Runner:
    def __init__(self, seed, prepare=seeding(offset=100)):
        self.seed, self.prepare = seed, prepare

    def run(self):
        self.prepare(self.seed)
        return random.random()

print(Runner(3).run())
""",
    ),
    Situation(
        "a loop over a table of functions",
        "python seeded, numpy seeded",
        """
import random

import numpy as np

SEEDERS = {"python": random.seed, "numpy": np.random.seed}

def fix(chosen):
    for name, value in chosen.items():
        SEEDERS[name](value)

fix({"python": 3, "numpy": 4})
print(random.random(), np.random.rand())
""",
    ),
    Situation(
        "super calls the next class of the receiver",
        "python seeded",
        """
import random

class Base:
    def setup(self):
        random.seed(0)

class Left(Base):
    def setup(self):
        super().setup()

class Right(Base):
    def setup(self):
        super().setup()
        print(random.random())

class Both(Left, Right):
    pass

Both().setup()
""",
    ),
    Situation(
        "the diamond draws before its base seeds",
        "python late",
        """
import random

class Base:
    def setup(self):
        random.seed(0)

class Left(Base):
    def setup(self):
        super().setup()

class Right(Base):
    def setup(self):
        print(random.random())  # RPL102
        super().setup()

class Both(Left, Right):
    pass

Both().setup()
""",
        repeats=False,
    ),
    Situation(
        "decorator with a closure seeds before the function",
        "numpy seeded",
        """
import functools
import numpy as np

def seeded(seed):
    def decorate(function):
        @functools.wraps(function)
        def inner(*args, **kwargs):
            np.random.seed(seed)
            return function(*args, **kwargs)
        return inner
    return decorate

@seeded(7)
def train(n):
    print(np.random.rand(n))

train(3)
""",
    ),
    Situation(
        "decorator draws when the function is defined",
        "python late",
        """
import random

def tagged(function):
    function.tag = random.random()  # RPL102
    return function

@tagged
def train():
    print(random.random(), train.tag)

random.seed(0)
train()
""",
        repeats=False,
    ),
    Situation(
        "lambda runs where it is called",
        "python seeded",
        """
import random

pick = lambda: random.random()
random.seed(0)
print(pick())
""",
    ),
    Situation(
        "default argument draws at definition",
        "python late",
        """
import random

def train(noise=random.random()):  # RPL102
    print(noise)

random.seed(0)
train()
""",
        repeats=False,
    ),
    Situation(
        "class body draws at definition",
        "numpy late",
        """
import numpy as np

class Config:
    noise = np.random.rand(3)  # RPL102

np.random.seed(0)
print(Config.noise, np.random.rand())
""",
        repeats=False,
    ),
    Situation(
        "generator expression is lazy",
        "python seeded",
        """
import random

made = (random.random() for _ in range(3))
random.seed(0)
print(list(made))
""",
    ),
    Situation(
        "list comprehension runs at once",
        "python late",
        """
import random

made = [random.random() for _ in range(3)]  # RPL102
random.seed(0)
print(made, random.random())
""",
        repeats=False,
    ),
    Situation(
        "yield from runs when it is consumed",
        "python seeded",
        """
import random

def inner():
    yield random.random()

def outer():
    yield from inner()

made = outer()
random.seed(0)
for value in made:
    print(value)
""",
    ),
    Situation(
        "partial keeps the function and its seed",
        "python seeded",
        """
import random
from functools import partial

prepare = partial(random.seed, 3)
prepare()
print(random.random())
""",
    ),
    Situation(
        "table of functions by a constant key",
        "python seeded",
        """
import random

def first():
    random.seed(0)

def second():
    pass

TABLE = {"first": first, "second": second}
TABLE["first"]()
print(random.random())
""",
    ),
    Situation(
        "table of functions where the key skips the seed",
        "python unseeded",
        """
import random

def first():
    random.seed(0)

def second():
    pass

TABLE = {"first": first, "second": second}
TABLE["second"]()
print(random.random())  # RPL101
""",
        repeats=False,
    ),
    Situation(
        "getattr of a constant name",
        "python seeded",
        """
import random
import helpers

getattr(helpers, "fix")()
print(random.random())

### helpers.py
import random

def fix():
    random.seed(0)
""",
    ),
    Situation(
        "globals by a constant name",
        "python seeded",
        """
import random

def fix():
    random.seed(0)

globals()["fix"]()
print(random.random())
""",
    ),
    Situation(
        "star import brings the seeder",
        "torch seeded",
        """
from helpers import *

everything(0)
print(torch.rand(2))

### helpers.py
import torch

def everything(seed):
    torch.manual_seed(seed)
""",
    ),
    Situation(
        "star import respects all",
        "python seeded",
        """
import random
from helpers import *

print(random.random(), visible)

### helpers.py
import random

__all__ = ["visible"]
random.seed(3)
visible = 1
""",
    ),
    Situation(
        "imports in a cycle run once",
        "python seeded",
        """
import random
import one

print(random.random())

### one.py
import two

def fix():
    import random
    random.seed(0)

two.start()

### two.py
import one

def start():
    one.fix()
""",
    ),
    Situation(
        "import runs where it stands",
        "python late",
        """
import random
from settings import noise

random.seed(0)
print(noise, random.random())

### settings.py
import random

noise = random.random()  # RPL102
""",
        repeats=False,
    ),
    Situation(
        "a seed before the import comes first",
        "python seeded",
        """
import random
random.seed(0)
from settings import noise
print(noise)

### settings.py
import random

noise = random.random()
""",
    ),
    Situation(
        "a package runs before its module",
        "python seeded",
        """
import random
import pack.part

print(random.random())

### pack/__init__.py
import random
random.seed(0)

### pack/part.py
""",
    ),
    Situation(
        "the fallback of an import that works is dead",
        "python seeded",
        """
import random
try:
    from helpers import fix
except ImportError:
    def fix():
        pass

fix()
print(random.random())

### helpers.py
import random

def fix():
    random.seed(0)
""",
    ),
    Situation(
        "a handler that raises again is no run",
        "python seeded",
        """
import random

try:
    random.seed(int("3"))
except ValueError:
    raise
print(random.random())
""",
    ),
    Situation(
        "finally runs after the body",
        "python seeded",
        """
import random

try:
    print("start")
finally:
    random.seed(0)
print(random.random())
""",
    ),
    Situation(
        "else of a try runs before what follows",
        "python seeded",
        """
import random

try:
    number = int("3")
except ValueError:
    raise SystemExit(1)
else:
    random.seed(number)
print(random.random())
""",
    ),
    Situation(
        "property draws when it is read",
        "python seeded",
        """
import random

class Data:
    @property
    def noise(self):
        return random.random()

data = Data()
random.seed(0)
print(data.noise)
""",
    ),
    Situation(
        "property draws before the seed",
        "python late",
        """
import random

class Data:
    @property
    def noise(self):
        return random.random()  # RPL102

data = Data()
print(data.noise)
random.seed(0)
print(data.noise)
""",
        repeats=False,
    ),
    Situation(
        "indexing runs getitem",
        "numpy unseeded",
        """
import numpy as np

class Data:
    def __getitem__(self, index):
        return np.random.rand()  # RPL101

print(Data()[0])
""",
        repeats=False,
    ),
    Situation(
        "iterating runs iter and next",
        "python unseeded",
        """
import random

class Numbers:
    def __init__(self):
        self.left = 2

    def __iter__(self):
        return self

    def __next__(self):
        if not self.left:
            raise StopIteration
        self.left -= 1
        return random.random()  # RPL101

for number in Numbers():
    print(number)
""",
        repeats=False,
    ),
    Situation(
        "calling a module runs forward",
        "torch unseeded",
        """
import torch

class Noise(torch.nn.Module):
    def forward(self, x):
        return x + torch.randn_like(x)  # RPL101

print(Noise()(torch.zeros(2)))
""",
        repeats=False,
    ),
    Situation(
        "context manager object seeds on entry",
        "python seeded",
        """
import random

class Fixed:
    def __enter__(self):
        random.seed(0)
        return self

    def __exit__(self, *exc):
        return False

with Fixed():
    print(random.random())
""",
    ),
    Situation(
        "loop over seeds runs at least once",
        "python seeded",
        """
import random

def study(seeds):
    for seed in seeds:
        random.seed(seed)
        print(random.random())

study([1, 2, 3])
""",
    ),
    Situation(
        "draw at the head of a loop whose tail seeds",
        "python late",
        """
import random

for round in range(2):
    print(random.random())  # RPL102
    random.seed(round)
""",
        repeats=False,
    ),
    Situation(
        "loop with break and else",
        "python seeded",
        """
import random

for number in range(5):
    if number == 2:
        random.seed(number)
        break
else:
    raise SystemExit(1)
print(random.random())
""",
    ),
    Situation(
        "while true ends by break after the seed",
        "python seeded",
        """
import random

while True:
    random.seed(0)
    break
print(random.random())
""",
    ),
    Situation(
        "early return skips the seed",
        "python unseeded",
        """
import random

def prepare(enabled):
    if not enabled:
        return
    random.seed(0)

prepare(False)
print(random.random())  # RPL101
""",
        repeats=False,
    ),
    Situation(
        "exit before the draw ends the run",
        "",
        """
import random
import sys

print("usage")
sys.exit(0)
print(random.random())
""",
    ),
    Situation(
        "abort arm is no run",
        "numpy seeded",
        """
import os
import sys
import numpy as np

if not os.path.exists("main.py"):
    sys.exit("no data")
else:
    np.random.seed(0)
print(np.random.rand())
""",
    ),
    Situation(
        "an abstract method is no candidate",
        "python seeded",
        """
import random

class Task:
    def prepare(self):
        raise NotImplementedError

    def run(self):
        self.prepare()
        print(random.random())

class Real(Task):
    def prepare(self):
        random.seed(0)

Real().run()
""",
    ),
    Situation(
        "recursion reaches the seed",
        "python seeded",
        """
import random

def down(n):
    if n > 0:
        down(n - 1)
    else:
        random.seed(0)

down(3)
print(random.random())
""",
    ),
    Situation(
        "mutual recursion draws after the seed",
        "python seeded",
        """
import random

def even(n):
    print(random.random())
    if n:
        odd(n - 1)

def odd(n):
    print(random.random())
    if n:
        even(n - 1)

random.seed(0)
even(3)
""",
    ),
    Situation(
        "keyword arguments are passed on",
        "python seeded",
        """
import random

def inner(seed=None):
    if seed is not None:
        random.seed(seed)

def outer(*args, **kwargs):
    inner(*args, **kwargs)

outer(seed=3)
print(random.random())
""",
    ),
    Situation(
        "a record is spread into keywords",
        "python seeded",
        """
import random

def fix(seed=None, verbose=False):
    if seed is not None:
        random.seed(seed)

options = {"seed": 3, "verbose": True}
fix(**options)
print(random.random())
""",
    ),
    Situation(
        "a sequence is spread into arguments",
        "python seeded",
        """
import random

def fix(name, seed=None):
    if seed is not None:
        random.seed(seed)

fix(*("run", 3))
print(random.random())
""",
    ),
    Situation(
        "global variable is set by a function",
        "python seeded",
        """
import random

SEED = None

def configure():
    global SEED
    SEED = 4

configure()
if SEED is not None:
    random.seed(SEED)
print(random.random())
""",
    ),
    Situation(
        "nonlocal variable is set by an inner function",
        "python seeded",
        """
import random

def main():
    seed = None

    def configure():
        nonlocal seed
        seed = 4

    configure()
    if seed is not None:
        random.seed(seed)
    print(random.random())

main()
""",
    ),
    Situation(
        "class attribute holds the seed",
        "python seeded",
        """
import random

class Config:
    seed = 3

def fix(config):
    if config.seed is not None:
        random.seed(config.seed)

fix(Config())
print(random.random())
""",
    ),
    Situation(
        "class attribute None skips the seed",
        "python unseeded",
        """
import random

class Config:
    seed = None

def fix(config):
    if config.seed is not None:
        random.seed(config.seed)

fix(Config)
print(random.random())  # RPL101
""",
        repeats=False,
    ),
    Situation(
        "attribute set after construction",
        "python seeded",
        """
import random

class Trainer:
    def __init__(self):
        self.seed = None

    def run(self):
        if self.seed is not None:
            random.seed(self.seed)
        print(random.random())

trainer = Trainer()
trainer.seed = 1
trainer.run()
""",
    ),
    Situation(
        "classmethod builds the object",
        "torch late",
        """
import torch

class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(2, 2)  # RPL102

    @classmethod
    def make(cls):
        return cls()

net = Net.make()
torch.manual_seed(0)
print(net.layer.weight)
""",
        repeats=False,
    ),
    Situation(
        "staticmethod seeds",
        "python seeded",
        """
import random

class Seeds:
    @staticmethod
    def fix(seed):
        random.seed(seed)

Seeds.fix(1)
print(random.random())
""",
    ),
    Situation(
        "bound method in a variable",
        "python seeded",
        """
import random

class Seeds:
    def fix(self):
        random.seed(1)

fix = Seeds().fix
fix()
print(random.random())
""",
    ),
    Situation(
        "map over a function that draws is lazy",
        "python seeded",
        """
import random

made = map(lambda n: n + random.random(), range(3))
random.seed(0)
print(list(made))
""",
    ),
    Situation(
        "sorted calls its key",
        "python unseeded",
        """
import random

print(sorted(range(20), key=lambda n: random.random()))  # RPL101
""",
        repeats=False,
    ),
    Situation(
        "short circuit skips the draw",
        "",
        """
import random

DEBUG = False
noise = DEBUG and random.random()
print(noise)
""",
    ),
    Situation(
        "conditional expression takes the known arm",
        "python seeded",
        """
import random

seed = None
random.seed(0 if seed is None else seed)
print(random.random())
""",
    ),
    Situation(
        "or gives the default",
        "python seeded",
        """
import random

def fix(seed=None):
    random.seed(seed or 42)

fix()
print(random.random())
""",
    ),
    Situation(
        "walrus binds the seed",
        "python seeded",
        """
import random

if (seed := 3) is not None:
    random.seed(seed)
print(random.random())
""",
    ),
    Situation(
        "match takes the arm of a constant",
        "python seeded",
        """
import random

mode = "fixed"
match mode:
    case "fixed":
        random.seed(0)
    case _:
        print("free")
print(random.random())
""",
    ),
    Situation(
        "module alias and function alias",
        "python seeded",
        """
import random as r
from random import seed as fix

fix(0)
draw = r.random
print(draw())
""",
    ),
    Situation(
        "tuple is returned and unpacked",
        "torch late",
        """
import torch

def make():
    return torch.nn.Linear(2, 2), 3  # RPL102

net, seed = make()
torch.manual_seed(seed)
print(net.weight, torch.rand(1))
""",
        repeats=False,
    ),
    Situation(
        "functions in a list are called in turn",
        "python seeded",
        """
import random

def fix():
    random.seed(0)

def draw():
    print(random.random())

for step in [fix, draw]:
    step()
""",
    ),
    Situation(
        "import by text",
        "python seeded",
        """
import importlib
import random

helpers = importlib.import_module("tools.helpers")
helpers.fix()
print(random.random())

### tools/__init__.py

### tools/helpers.py
import random

def fix():
    random.seed(0)
""",
    ),
    Situation(
        "main guard of an imported module does not run",
        "python unseeded",
        """
import random
import helpers

print(random.random())  # RPL101

### helpers.py
import random

if __name__ == "__main__":
    random.seed(0)
""",
        repeats=False,
    ),
    Situation(
        "type checking block does not run",
        "python unseeded",
        """
import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    random.seed(0)
print(random.random())  # RPL101
""",
        repeats=False,
    ),
    Situation(
        "a local name hides the module",
        "",
        """
class Source:
    def random(self):
        return 4

def draw(random):
    return random.random()

print(draw(Source()))
""",
    ),
    Situation(
        "thread runs its target",
        "python unseeded",
        """
import random
import threading

def work():
    print(random.random())  # RPL101

thread = threading.Thread(target=work)
thread.start()
thread.join()
""",
        repeats=False,
    ),
    Situation(
        "async main draws after its seed",
        "python seeded",
        """
import asyncio
import random

async def draw():
    return random.random()

async def main():
    random.seed(0)
    print(await draw())

asyncio.run(main())
""",
    ),
    Situation(
        "executor of threads runs what is submitted",
        "python seeded",
        """
import random
from concurrent.futures import ThreadPoolExecutor

def work(n):
    return random.random()

random.seed(0)
with ThreadPoolExecutor(1) as pool:
    print(list(pool.map(work, range(2))))
""",
    ),
    Situation(
        "saved state is restored before the draw",
        "python seeded",
        """
import random

random.seed(0)
state = random.getstate()
print(random.random())
random.setstate(state)
print(random.random())
""",
    ),
    Situation(
        "state of an unseeded stream restores nothing fixed",
        "python unseeded",
        """
import random

state = random.getstate()
random.setstate(state)
print(random.random())  # RPL101
""",
        repeats=False,
    ),
    Situation(
        "fork of torch streams restores them",
        "torch unseeded",
        """
import torch

with torch.random.fork_rng():
    torch.manual_seed(0)
    inside = torch.rand(2)
print(torch.rand(2))  # RPL101
""",
        repeats=False,
    ),
    Situation(
        "apply runs the initialiser on the module",
        "torch seeded",
        """
import torch

def init(module):
    if isinstance(module, torch.nn.Linear):
        torch.nn.init.normal_(module.weight)

torch.manual_seed(0)
net = torch.nn.Sequential(torch.nn.Linear(2, 2))
net.apply(init)
print(net[0].weight)
""",
    ),
    Situation(
        "dataclass factory draws when the object is made",
        "python late",
        """
import random
from dataclasses import dataclass, field

@dataclass
class Config:
    noise: float = field(default_factory=random.random)

config = Config()  # RPL102
random.seed(0)
print(config, random.random())
""",
        repeats=False,
    ),
    Situation(
        "post init of a dataclass seeds",
        "python seeded",
        """
import random
from dataclasses import dataclass

@dataclass
class Config:
    seed: int = 3

    def __post_init__(self):
        random.seed(self.seed)

Config()
print(random.random())
""",
    ),
    Situation(
        "named tuple carries the seed",
        "python seeded",
        """
import random
from typing import NamedTuple

class Config(NamedTuple):
    seed: int = 3
    rate: float = 0.1

config = Config(rate=0.2)
random.seed(config.seed)
print(random.random())
""",
    ),
    Situation(
        "subscript store and load",
        "python seeded",
        """
import random

state = {}
state["seed"] = 3
random.seed(state["seed"])
print(random.random())
""",
    ),
    Situation(
        "context managers as decorators",
        "python seeded, torch seeded",
        """
import random
from contextlib import ContextDecorator, contextmanager

import torch

class Pinned(ContextDecorator):
    def __init__(self, value):
        self.value = value

    def __enter__(self):
        self.before = random.getstate()
        random.seed(self.value)
        return self

    def __exit__(self, *error):
        random.setstate(self.before)

@contextmanager
def seeded(value):
    torch.manual_seed(value)
    yield

@Pinned(3)
def noise(number):
    return random.random() * number

class Trainer:
    @seeded(4)
    def run(self):
        return torch.rand(2)

print(noise(2), Trainer().run())
""",
    ),
    Situation(
        "a decorator puts back what was there before it",
        "python unseeded",
        """
import random
from contextlib import contextmanager

@contextmanager
def pinned(value):
    before = random.getstate()
    random.seed(value)
    yield
    random.setstate(before)

@pinned(3)
def noise():
    return random.random()

print(noise())
print(random.random())  # RPL101
""",
        repeats=False,
    ),
    Situation(
        "deleting and setting attributes by name",
        "python seeded",
        """
import random

class Config:
    pass

config = Config()
setattr(config, "seed", 3)
random.seed(getattr(config, "seed", None))
print(random.random())
""",
    ),
]


@cases(SITUATIONS)
def test_what_is_said(one, tmp_path):
    judge(one, tmp_path)
