"""Idioms that projects have in common: kinds of dict, registries, estimators, names, and what is only shown."""

from situation import Situation, cases, judge

SITUATIONS = [
    Situation(
        "a kind of dict whose attributes are its keys",
        "torch seeded",
        """
import torch

class Record(dict):
    def __init__(self, *pairs, **named):
        super().__init__(*pairs, **named)
        self.__dict__ = self

config = Record({"seed": 3, "lr": 0.1})
if config.seed is not None:
    torch.manual_seed(config.seed)
print(torch.rand(3))
""",
    ),
    Situation(
        "a kind of dict that answers for its attributes, with nothing in it",
        "torch unseeded",
        """
import torch

class Record(dict):
    __getattr__ = dict.get

config = Record({"seed": None, "lr": 0.1})
if config.seed is not None:
    torch.manual_seed(config.seed)
print(torch.rand(3))  # RPL101 likely
""",
        repeats=False,
    ),
    Situation(
        "a field that a class answers for",
        "torch seeded",
        """
import torch

class Config:
    def __init__(self, given):
        self._given = given

    def __getattr__(self, name):
        try:
            return self._given[name]
        except KeyError:
            return None

config = Config({"seed": 3})
if config.seed is not None and config.dropout is None:
    torch.manual_seed(config.seed)
print(torch.rand(3))
""",
    ),
    Situation(
        "a record inside a record of its own class",
        "torch seeded",
        """
import torch

class Config:
    def __init__(self, fields):
        for name, value in fields.items():
            setattr(self, name, Config(value) if isinstance(value, dict) else value)

config = Config({"lr": 0.1, "train": {"seed": 3}})
if config.train.seed is not None:
    torch.manual_seed(config.train.seed)
print(torch.rand(3))
""",
    ),
    Situation(
        "a registry that is a dict builds before the seeding",
        "torch late",
        """
import torch
from registry import MODELS
from torch import nn

@MODELS.register("small")
class Small(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.layer = nn.Linear(width, 2)  # RPL102

model = MODELS.build({"type": "small", "width": 3})
torch.manual_seed(3)
print(model.layer.weight, torch.rand(2))

### registry.py
class Registry(dict):
    def register(self, name):
        def enter(made):
            if name in self:
                raise KeyError(name)
            self[name] = made
            return made
        return enter

    def build(self, spec):
        spec = dict(spec)
        return self[spec.pop("type")](**spec)

MODELS = Registry()
""",
        repeats=False,
    ),
    Situation(
        "classes are entered by their base, and one of them seeds",
        "torch seeded",
        """
import torch
from hooks import HOOKS

steps = [HOOKS["Report"](), HOOKS["Seeds"]()]
for step in steps:
    step.run()
print(torch.rand(3))

### hooks.py
import torch

HOOKS = {}

class Hook:
    first = 5

    def __init_subclass__(cls, **named):
        super().__init_subclass__(**named)
        HOOKS[cls.__name__] = cls

    def run(self):
        pass

class Seeds(Hook):
    first = 0

    def run(self):
        torch.manual_seed(3)

class Report(Hook):
    pass
""",
    ),
    Situation(
        "a base wraps the method of its subclasses",
        "torch seeded",
        """
import functools

import torch

def seeded(method):
    @functools.wraps(method)
    def inner(self):
        torch.manual_seed(3)
        return method(self)
    return inner

class Study:
    def __init_subclass__(cls, **named):
        super().__init_subclass__(**named)
        if "run" in cls.__dict__:
            cls.run = seeded(cls.run)

class Noise(Study):
    def run(self):
        return torch.rand(3)

print(Noise().run())
""",
    ),
    Situation(
        "a seed that is looked up in a dict without it",
        "torch unseeded",
        """
import torch

config = {"lr": 0.1}
try:
    seed = config["seed"]
except KeyError:
    seed = None
if seed is not None:
    torch.manual_seed(seed)
print(torch.rand(3))  # RPL101 likely
""",
        repeats=False,
    ),
    Situation(
        "a seed that is set by default in a dict",
        "torch seeded",
        """
import torch

config = {"lr": 0.1}
config.setdefault("seed", 3)
if "seed" in config:
    torch.manual_seed(config["seed"])
print(torch.rand(3))
""",
    ),
    Situation(
        "the default generator under its own name",
        "torch seeded",
        """
import torch

source = torch.default_generator
source.manual_seed(3)
print(torch.rand(3))
""",
    ),
    Situation(
        "layers of a container are in evaluation mode with it",
        "torch seeded",
        """
import torch
from torch import nn

def made():
    with torch.random.fork_rng():
        torch.manual_seed(3)
        return nn.Sequential(nn.Linear(3, 3), nn.Dropout(0.5)).eval()

model = made()
print(model(torch.ones(2, 3)))
torch.manual_seed(5)
print(torch.rand(2))
""",
    ),
    Situation(
        "the body of a manager returns, and the streams come back",
        "numpy unseeded",
        """
import contextlib

import numpy as np

@contextlib.contextmanager
def local(seed):
    before = np.random.get_state()
    np.random.seed(seed)
    try:
        yield
    finally:
        np.random.set_state(before)

def fixed():
    with local(3):
        return np.random.rand(2)

print(fixed())
print(np.random.rand(2))  # RPL101
""",
        repeats=False,
    ),
    Situation(
        "layers of a pair are drawn again one by one",
        "torch late",
        """
import torch
from torch import nn

class Gate(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(2, 3)  # RPL102 possible
        self.out = nn.Linear(3, 1)

    def renew(self):
        for layer in (self.hidden, self.out):
            layer.reset_parameters()

gate = Gate()
torch.manual_seed(3)
gate.renew()
print(gate.hidden.weight, gate.out.weight)
""",
    ),
    Situation(
        "layers are drawn again in a loop over the modules",
        "torch late",
        """
import torch
from torch import nn

net = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))  # RPL102 possible
torch.manual_seed(3)
for module in net.modules():
    if hasattr(module, "reset_parameters"):
        module.reset_parameters()
print([one for one in net.parameters()])
""",
    ),
    Situation(
        "an estimator gets its random state after it was made",
        "numpy unused",
        """
import numpy as np
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import SGDClassifier
from sklearn.pipeline import make_pipeline

x, y = np.arange(80.0).reshape(40, 2), np.arange(40) % 2
models = {"forest": RandomForestClassifier(5), "line": SGDClassifier()}
for name in models:
    model = clone(models[name])
    if "random_state" in model.get_params():
        model.set_params(random_state=3)
    print(make_pipeline(model).fit(x, y).predict(x))
steps = make_pipeline(RandomForestClassifier(5))
steps.set_params(randomforestclassifier__random_state=3)
print(steps.fit(x, y).predict_proba(x))
other = RandomForestClassifier(5)
other.random_state = 3
print(other.fit(x, y).predict_proba(x))
""",
    ),
    Situation(
        "a step of a pipeline has no random state, and is blamed where it is made",
        "numpy unseeded",
        """
import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

def steps():
    forest = RandomForestClassifier(9)  # RPL111
    return make_pipeline(StandardScaler(), forest)

x, y = np.random.RandomState(3).rand(60, 4), np.arange(60) % 2
print(steps().fit(x, y).predict_proba(x))
""",
        repeats=False,
    ),
    Situation(
        "which examples are shown is no result",
        "torch seeded, python unseeded",
        """
import random

import torch
from torch import nn

def rows_of(values):
    rows = []
    for value in values:
        rows.append("#" if value > 0 else ".")
    return rows

def show_examples(model, x, count=2):
    model.eval()
    with torch.no_grad():
        for number in random.sample(range(len(x)), count):  # RPL101 possible
            for cell in rows_of(model(x[number : number + 1]).flatten()):
                print(cell, end="")

torch.manual_seed(3)
model, x = nn.Linear(2, 2), torch.rand(9, 2)
show_examples(model, x)
print(model.weight)
""",
        repeats=None,
    ),
    Situation(
        "a run is called by words that a generator picks",
        "torch seeded",
        """
import random
from pathlib import Path

import torch

def run_name():
    pick = random.Random()
    return pick.choice(["amber", "brisk"]) + "-" + pick.choice(["otter", "lynx"])

folder = Path("runs") / run_name()
folder.mkdir(parents=True, exist_ok=True)
torch.manual_seed(3)
with open(folder / "loss.txt", "w") as file:
    file.write(str(torch.rand(1)))
print(torch.rand(3))
""",
    ),
    Situation(
        "one line makes the loader that draws and the one that does not",
        "torch unseeded",
        """
import torch
from torch.utils.data import DataLoader, TensorDataset

def loader(data, train):
    return DataLoader(data, batch_size=2, shuffle=train)

numbers = TensorDataset(torch.arange(32))
training, checking = loader(numbers, True), loader(numbers, False)
print(list(training))  # RPL101
print(list(checking))
""",
        repeats=False,
    ),
]


@cases(SITUATIONS)
def test_what_is_said_of_it(one, tmp_path):
    judge(one, tmp_path)
