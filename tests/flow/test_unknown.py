"""What cannot be read or resolved: it neither hides a finding nor invents one."""

from situation import Situation, cases, judge

SITUATIONS = [
    Situation(
        "library function named seed",
        "torch seeded",
        """
import torch
from acme.tools import seed_everything

seed_everything(3)
print(torch.rand(2))
""",
        repeats=None,
    ),
    Situation(
        "library method named seed",
        "torch seeded",
        """
import acme
import torch

acme.Toolbox().set_random_seed(3)
print(torch.rand(2))
""",
        repeats=None,
    ),
    Situation(
        "project function named seed is judged by its body",
        "torch unseeded",
        """
import torch

def seed_everything(seed):
    print("seed", seed)

seed_everything(3)
print(torch.rand(2))  # RPL101
""",
        repeats=False,
    ),
    Situation(
        "unknown setup that takes the options blocks the claim",
        "torch unseeded",
        """
import argparse
import torch
from acme import setup

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, default=1)
args = parser.parse_args()
setup(args)
print(torch.rand(2))  # RPL101 possible
""",
        repeats=None,
    ),
    Situation(
        "printing the options blocks nothing",
        "torch unseeded",
        """
import argparse
import logging
import torch

parser = argparse.ArgumentParser()
parser.add_argument("--rate", type=float, default=1)
args = parser.parse_args()
print(args)
logging.info(vars(args))
print(torch.rand(2))  # RPL101 certain
""",
        repeats=False,
    ),
    Situation(
        "a tracker that takes the configuration blocks nothing",
        "torch unseeded",
        """
import argparse
import torch
import wandb

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, default=1)
args = parser.parse_args()
wandb.init(config=vars(args))
print(torch.rand(2))  # RPL101 certain
""",
        repeats=None,
    ),
    Situation(
        "unknown library call without a seed blocks nothing",
        "torch unseeded",
        """
import acme
import torch

data = acme.load("train.bin")
print(torch.rand(2))  # RPL101 certain
""",
        repeats=None,
    ),
    Situation(
        "carrier runs the function when it is called",
        "python seeded",
        """
import random
import acme

def draw():
    return random.random()

made = acme.traced(draw)
random.seed(0)
print(made())
""",
        repeats=None,
    ),
    Situation(
        "carrier that is never called runs nothing",
        "",
        """
import random
import acme

def draw():
    return random.random()

acme.keep(draw)
""",
        repeats=None,
    ),
    Situation(
        "unknown decorator keeps the function",
        "python unseeded",
        """
import random
import acme

@acme.timed
def train():
    print(random.random())  # RPL101

train()
""",
        repeats=None,
    ),
    Situation(
        "unknown receiver with a common method name is not matched",
        "",
        """
import random
import acme

class Agent:
    def step(self):
        return random.random()

world = acme.make()
world.step()
""",
        repeats=None,
    ),
    Situation(
        "annotation tells the receiver",
        "python unseeded",
        """
import random
import acme

class Agent:
    def step(self):
        return random.random()  # RPL101 likely

def play(agent: Agent):
    print(agent.step())

play(acme.make(Agent))
""",
        repeats=None,
    ),
    Situation(
        "annotation with a class that others derive from",
        "",
        """
import random
import acme

class Agent:
    def step(self):
        return random.random()

class Quiet(Agent):
    def step(self):
        return 0.5

def play(agent: Agent):
    print(agent.step())

play(acme.make(Quiet))
""",
        repeats=None,
    ),
    Situation(
        "registry with an unknown key",
        "torch unseeded",
        """
import torch
import acme

ZOO = {"small": lambda: torch.nn.Linear(2, 2), "large": lambda: torch.nn.Linear(9, 9)}  # RPL101
net = ZOO[acme.choose()]()
print(net)
""",
        repeats=None,
    ),
    Situation(
        "table where only one entry draws",
        "python unseeded",
        """
import random
import acme

TABLE = {"none": lambda: 0, "some": lambda: random.random()}  # RPL101 possible
print(TABLE[acme.choose()]())
""",
        repeats=None,
    ),
    Situation(
        "class is looked up in a module by text",
        "torch unseeded",
        """
import torch
import models

name = "Small"
print(getattr(models, name)().layer.weight)

### models.py
import torch

class Small(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(2, 2)  # RPL101
""",
        repeats=False,
    ),
    Situation(
        "estimator follows numpy",
        "numpy seeded",
        """
import numpy as np
from sklearn.model_selection import train_test_split

np.random.seed(0)
print(train_test_split(list(range(9))))
""",
    ),
    Situation(
        "estimator without a state",
        "numpy unseeded",
        """
from sklearn.model_selection import train_test_split

print(train_test_split(list(range(99))))  # RPL111
""",
        repeats=False,
    ),
    Situation(
        "estimator with a state",
        "",
        """
from sklearn.model_selection import train_test_split

print(train_test_split(list(range(99)), random_state=0))
""",
    ),
    Situation(
        "lists sorted by a random key in a helper",
        "python unseeded",
        """
from helpers import mix

print(mix(list(range(50))))

### helpers.py
import random

def mix(items):
    items = list(items)
    random.shuffle(items)  # RPL101
    return items
""",
        repeats=False,
    ),
    Situation(
        "a helper with an optional generator",
        "numpy unseeded",
        """
import numpy as np

def noise(rng=None):
    rng = rng or np.random
    return rng.normal()  # RPL101

print(noise())
""",
        repeats=False,
    ),
    Situation(
        "a helper that is given its generator",
        "",
        """
import numpy as np

def noise(rng=None):
    rng = rng or np.random
    return rng.normal()

print(noise(np.random.RandomState(0)))
""",
    ),
    Situation(
        "an unused draw in a function nobody calls",
        "python seeded",
        """
import random

def never():
    return random.random()

random.seed(0)
print(random.random())
""",
    ),
    Situation(
        "evaluation mode reaches what an unknown object holds",
        "",
        """
import torch
from acme import wrapped

class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.drop = torch.nn.Dropout(0.5)

    def forward(self, x):
        return self.drop(x)

net = wrapped(Net())
net.eval()
print(net(torch.ones(8)))
""",
        repeats=None,
    ),
    Situation(
        "exec hides what it does",
        "python unseeded",
        """
import random

exec("number = 3")
print(random.random())  # RPL101
""",
        repeats=False,
    ),
]


@cases(SITUATIONS)
def test_what_is_said(one, tmp_path):
    judge(one, tmp_path)
