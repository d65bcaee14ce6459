"""Where the seed comes from: options, configuration, environment; and which arms a run then takes."""

import pytest
from situation import Situation, cases, judge

from reprolint.check import check
from reprolint.config import Settings

SITUATIONS = [
    Situation(
        "a return before the seeding, unless a folder is given",
        "torch optional",
        """
import argparse
import os
import torch

def setup(options):
    if not options.logs:
        return None
    os.makedirs(options.logs, exist_ok=True)
    torch.manual_seed(options.seed)
    return options.logs

parser = argparse.ArgumentParser()
parser.add_argument("--logs")
parser.add_argument("--seed", type=int, default=3)
options = parser.parse_args()
setup(options)
print(torch.rand(3))  # RPL103
""",
        says="--logs",
        repeats=False,
    ),
    Situation(
        "a return that has nothing to do with the seeding",
        "torch unseeded",
        """
import argparse
import torch

def report(options):
    if options.quiet is None:
        return
    print("ready")

parser = argparse.ArgumentParser()
parser.add_argument("--quiet")
options = parser.parse_args()
report(options)
print(torch.rand(3))  # RPL101
""",
        repeats=False,
    ),
    Situation(
        "default of the option",
        "numpy seeded",
        """
import argparse
import numpy as np

def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=42)
    return parser.parse_args()

def main():
    args = options()
    np.random.seed(args.seed)
    print(np.random.rand())

main()
""",
    ),
    Situation(
        "option without default is passed straight on",
        "numpy optional",
        """
import argparse
import numpy as np

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int)
args = parser.parse_args()
np.random.seed(args.seed)
print(np.random.rand())  # RPL103
""",
        says="--seed",
        repeats=False,
    ),
    Situation(
        "guard on the truth of the seed",
        "python optional",
        """
import argparse
import random

parser = argparse.ArgumentParser()
parser.add_argument("-s", "--random-seed", type=int, default=None)
args = parser.parse_args()
if args.random_seed:
    random.seed(args.random_seed)
print(random.random())  # RPL103
""",
        says="--random-seed",
        repeats=False,
    ),
    Situation(
        "guard on a negative default",
        "python optional",
        """
import argparse
import random

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, default=-1)
args = parser.parse_args()
if args.seed >= 0:
    random.seed(args.seed)
print(random.random())  # RPL103
""",
        says="--seed",
        repeats=False,
    ),
    Situation(
        "flag that turns determinism on",
        "torch optional",
        """
import argparse
import torch

parser = argparse.ArgumentParser()
parser.add_argument("--deterministic", action="store_true")
args = parser.parse_args()
if args.deterministic:
    torch.manual_seed(0)
print(torch.rand(2))  # RPL103
""",
        says="--deterministic",
        repeats=False,
    ),
    Situation(
        "flag that turns seeding off",
        "torch seeded",
        """
import argparse
import torch

parser = argparse.ArgumentParser()
parser.add_argument("--no-seed", action="store_true")
args = parser.parse_args()
if not args.no_seed:
    torch.manual_seed(0)
print(torch.rand(2))  # RPL103 possible
""",
        says="--no-seed",
    ),
    Situation(
        "both arms seed",
        "torch seeded",
        """
import argparse
import torch

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int)
args = parser.parse_args()
if args.seed is None:
    torch.manual_seed(0)
else:
    torch.manual_seed(args.seed)
print(torch.rand(2))
""",
    ),
    Situation(
        "a missing seed is made from the clock",
        "torch optional",
        """
import argparse
import time
import torch

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int)
args = parser.parse_args()
if args.seed is None:
    args.seed = int(time.time_ns()) % 100000  # RPL103
torch.manual_seed(args.seed)
print(torch.rand(2))
""",
        says="--seed",
        repeats=False,
    ),
    Situation(
        "parser is filled in another function",
        "python optional",
        """
import argparse
import random

def add_common(parser):
    group = parser.add_argument_group("common")
    group.add_argument("--seed", type=int, default=None)

def main():
    parser = argparse.ArgumentParser()
    add_common(parser)
    args = parser.parse_args()
    if args.seed is not None:
        random.seed(args.seed)
    print(random.random())  # RPL103

if __name__ == "__main__":
    main()
""",
        says="--seed",
        repeats=False,
    ),
    Situation(
        "options live in another module",
        "python seeded",
        """
import random
from options import parse

args = parse()
random.seed(args.seed)
print(random.random())

### options.py
import argparse

def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()
""",
    ),
    Situation(
        "subparsers share the pool of options",
        "python seeded",
        """
import argparse
import random

parser = argparse.ArgumentParser()
commands = parser.add_subparsers(dest="command")
train = commands.add_parser("train")
train.add_argument("--seed", type=int, default=7)
args = parser.parse_args(["train"])
random.seed(args.seed)
print(random.random())
""",
    ),
    Situation(
        "set defaults gives the seed",
        "python seeded",
        """
import argparse
import random

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int)
parser.set_defaults(seed=3)
args = parser.parse_args()
if args.seed is not None:
    random.seed(args.seed)
print(random.random())
""",
    ),
    Situation(
        "set defaults gives the function of a command",
        "python seeded",
        """
import argparse
import random

def train(args):
    random.seed(args.seed)
    print(random.random())

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, default=1)
parser.set_defaults(run=train)
args = parser.parse_args()
args.run(args)
""",
    ),
    Situation(
        "vars of the options",
        "python optional",
        """
import argparse
import random

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int)
config = vars(parser.parse_args())
if config["seed"] is not None:
    random.seed(config["seed"])
print(random.random())  # RPL103
""",
        says="--seed",
        repeats=False,
    ),
    Situation(
        "options are spread into the run",
        "python optional",
        """
import argparse
import random

def run(seed=None, epochs=1):
    if seed is not None:
        random.seed(seed)
    print(random.random())  # RPL103

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int)
parser.add_argument("--epochs", type=int, default=1)
run(**vars(parser.parse_args()))
""",
        says="--seed",
        repeats=False,
    ),
    Situation(
        "namespace made by hand",
        "python seeded",
        """
import random
from argparse import Namespace

args = Namespace(seed=3)
if args.seed is not None:
    random.seed(args.seed)
print(random.random())
""",
    ),
    Situation(
        "known options only",
        "python seeded",
        """
import argparse
import random

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, default=3)
args, rest = parser.parse_known_args()
random.seed(args.seed)
print(random.random())
""",
    ),
    Situation(
        "dest names the option",
        "python optional",
        """
import argparse
import random

parser = argparse.ArgumentParser()
parser.add_argument("--manualSeed", dest="fixed", type=int)
args = parser.parse_args()
if args.fixed is not None:
    random.seed(args.fixed)
print(random.random())  # RPL103
""",
        says="--manualSeed",
        repeats=False,
    ),
    Situation(
        "required option is given",
        "python seeded",
        """
import argparse
import random

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, required=True)
args = parser.parse_args(["--seed", "4"])
if args.seed is not None:
    random.seed(args.seed)
print(random.random())
""",
    ),
    Situation(
        "seed and rank",
        "torch seeded",
        """
import argparse
import os
import torch

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, default=0)
args = parser.parse_args()
rank = int(os.environ.get("RANK", 0))
torch.manual_seed(args.seed + rank)
print(torch.rand(2))
""",
    ),
    Situation(
        "environment with a default",
        "python seeded",
        """
import os
import random

random.seed(int(os.environ.get("SEED", "3")))
print(random.random())
""",
    ),
    Situation(
        "environment guards the seed",
        "python optional",
        """
import os
import random

seed = os.environ.get("TRAIN_SEED")
if seed is not None:
    random.seed(int(seed))
print(random.random())  # RPL103
""",
        says="TRAIN_SEED",
        repeats=False,
    ),
    Situation(
        "dataclass holds the default",
        "python seeded",
        """
import random
from dataclasses import dataclass

@dataclass
class Config:
    rate: float = 0.1
    seed: int = 3

def main(config: Config):
    if config.seed is not None:
        random.seed(config.seed)
    print(random.random())

main(Config(rate=0.2))
""",
    ),
    Situation(
        "dataclass whose seed is None",
        "python optional",
        """
import random
from dataclasses import dataclass

@dataclass
class Config:
    seed: int | None = None

def main(config):
    if config.seed is not None:
        random.seed(config.seed)
    print(random.random())  # RPL103

main(Config())
""",
        says="seed",
        repeats=False,
    ),
    Situation(
        "dict of settings",
        "python seeded",
        """
import random

CONFIG = {"seed": 3, "model": {"width": 2}}

def fix(config):
    seed = config.get("seed")
    if seed is not None:
        random.seed(seed)

fix(CONFIG)
print(random.random())
""",
    ),
    Situation(
        "nested dict without the key",
        "python unseeded",
        """
import random

CONFIG = {"train": {"epochs": 3}}
if CONFIG["train"].get("seed") is not None:
    random.seed(CONFIG["train"]["seed"])
print(random.random())  # RPL101
""",
        repeats=False,
    ),
    Situation(
        "json at a literal path",
        "python seeded",
        """
import json
import random

with open("config.json") as file:
    config = json.load(file)
if config["seed"] is not None:
    random.seed(config["seed"])
print(random.random())

### config.json
{"seed": 5}
""",
    ),
    Situation(
        "clock as the seed",
        "python unseeded",
        """
import random
import time

random.seed(time.time_ns())  # RPL104
print(random.random())
""",
        repeats=False,
    ),
    Situation(
        "a sum with the clock is entropy",
        "numpy unseeded",
        """
import os
import time
import numpy as np

rank = 3
np.random.seed((time.time_ns() + os.getpid()) % 2**32 + rank)  # RPL104
print(np.random.rand())
""",
        repeats=False,
    ),
    Situation(
        "no argument is entropy",
        "python unseeded",
        """
import random

random.seed()  # RPL104
print(random.random())
""",
        repeats=False,
    ),
    Situation(
        "torch seed without a number",
        "torch unseeded",
        """
import torch

torch.seed()  # RPL104
print(torch.rand(2))
""",
        repeats=False,
    ),
    Situation(
        "entropy after the fixed seed",
        "python unseeded",
        """
import random
import time

random.seed(0)
random.seed(time.time_ns())  # RPL104
print(random.random())
""",
        repeats=False,
    ),
    Situation(
        "fixed seed after entropy",
        "python seeded",
        """
import random
import time

random.seed(time.time_ns())
random.seed(0)
print(random.random())
""",
    ),
    Situation(
        "two seeds at different times",
        "python late",
        """
import random

print(random.random())  # RPL102
random.seed(0)
print(random.random())
random.seed(1)
print(random.random())
""",
        repeats=False,
    ),
    Situation(
        "only one of three streams is seeded",
        "python unseeded, numpy unseeded, torch seeded",
        """
import random
import numpy as np
import torch

torch.manual_seed(0)
print(torch.rand(1))
print(np.random.rand())  # RPL101
print(random.random())  # RPL101
""",
        repeats=False,
    ),
    Situation(
        "cuda alone is seeded",
        "torch unseeded",
        """
import torch

torch.cuda.manual_seed_all(0)  # RPL110
print(torch.rand(2))
""",
        repeats=False,
    ),
    Situation(
        "cuda is seeded besides when it is there",
        "torch seeded",
        """
import torch

torch.manual_seed(0)
if torch.cuda.is_available():
    torch.cuda.manual_seed_all(0)
print(torch.rand(2))
""",
    ),
    Situation(
        "test on the data decides the seed",
        "python optional",
        """
import pathlib
import random

if pathlib.Path("data.csv").exists():
    random.seed(0)
print(random.random())  # RPL103
""",
        says="exists",
        repeats=None,
    ),
    Situation(
        "the same test seeds and draws",
        "python seeded",
        """
import random
import sys

deterministic = sys.platform != "nowhere"
if deterministic:
    random.seed(0)
print("ready")
if deterministic:
    print(random.random())
""",
    ),
    Situation(
        "only another mode seeds",
        "torch optional",
        """
import argparse
import torch

def train():
    print(torch.nn.Linear(2, 2).weight)  # RPL103

def test():
    torch.manual_seed(0)
    print(torch.nn.Linear(2, 2).weight)

parser = argparse.ArgumentParser()
parser.add_argument("--mode", choices=["train", "test"], default="train")
args = parser.parse_args()
if args.mode == "train":
    train()
elif args.mode == "test":
    test()
""",
        repeats=False,
    ),
    Situation(
        "assert on the seed",
        "python seeded",
        """
import argparse
import random

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int)
args = parser.parse_args(["--seed", "1"])
assert args.seed is not None
random.seed(args.seed)
print(random.random())
""",
    ),
    Situation(
        "flag of absl that says which data",
        "python unseeded",
        """
import random

import numpy as np
from absl import app, flags

FLAGS = flags.FLAGS

def define():
    flags.DEFINE_enum("data", default="real", enum_values=["real", "made"], help="")

def main(argv):
    if FLAGS.data == "made":
        print(np.random.rand(3))  # RPL101 possible
    print(random.random())  # RPL101

if __name__ == "__main__":
    define()
    app.run(main)
""",
        repeats=None,
    ),
    Situation(
        "flag of absl that seeds only if it is given, and another that is held",
        "numpy optional, python seeded",
        """
import random

import numpy as np
from absl import app, flags

_SEED = flags.DEFINE_integer("seed", 7, "of the order")
flags.DEFINE_integer("data_seed", None, "of the data")

def main(argv):
    random.seed(_SEED.value)
    if flags.FLAGS.data_seed is not None:
        np.random.seed(flags.FLAGS.data_seed)
    print(random.random(), np.random.rand(3))  # RPL103

if __name__ == "__main__":
    app.run(main)
""",
        says="--data_seed",
        repeats=None,
    ),
    Situation(
        "flag of absl without which nothing runs",
        "python unseeded",
        """
import random

from absl import app, flags

FLAGS = flags.FLAGS
flags.DEFINE_string("data", None, "")

def main(argv):
    if FLAGS.data is None:
        raise RuntimeError("give --data")
    print(random.random())  # RPL101

if __name__ == "__main__":
    app.run(main)
""",
        repeats=None,
    ),
    Situation(
        "flags of TensorFlow by another of their names",
        "tensorflow seeded",
        """
import tensorflow as tf

tf.compat.v1.flags.DEFINE_integer("seed", 7, "")
FLAGS = tf.compat.v1.app.flags.FLAGS
if FLAGS.seed >= 0:
    tf.random.set_seed(FLAGS.seed)
print(tf.random.normal((2, 2)))  # RPL103 possible
""",
        repeats=None,
    ),
    Situation(
        "command of click with a default",
        "python seeded",
        """
import random
import click

@click.command()
@click.option("--seed", default=3, type=int)
def main(seed):
    random.seed(seed)
    print(random.random())

if __name__ == "__main__":
    main()
""",
    ),
    Situation(
        "command of click without a default",
        "python optional",
        """
import random
import click

@click.command()
@click.option("--seed", type=int)
def main(seed):
    if seed is not None:
        random.seed(seed)
    print(random.random())  # RPL103

if __name__ == "__main__":
    main()
""",
        says="--seed",
        repeats=False,
    ),
    Situation(
        "command of typer",
        "python optional",
        """
import random
from typing import Optional
import typer

def main(seed: Optional[int] = None):
    if seed is not None:
        random.seed(seed)
    print(random.random())  # RPL103

if __name__ == "__main__":
    typer.run(main)
""",
        says="seed",
        repeats=None,
    ),
    Situation(
        "command of fire",
        "python optional",
        """
import random
import fire

def main(seed=None):
    if seed is not None:
        random.seed(seed)
    print(random.random())  # RPL103

if __name__ == "__main__":
    fire.Fire(main)
""",
        says="seed",
        repeats=None,
    ),
    Situation(
        "command of hydra takes a seed from its file",
        "torch seeded",
        """
import hydra
import torch

@hydra.main(config_path="conf", config_name="train", version_base=None)
def main(cfg):
    torch.manual_seed(cfg.seed)
    print(torch.rand(2))

if __name__ == "__main__":
    main()

### conf/train.yaml
seed: 3
""",
        repeats=None,
    ),
    Situation(
        "command of hydra seeds nothing",
        "torch unseeded",
        """
import hydra
import torch

@hydra.main(config_path="conf", config_name="train", version_base=None)
def main(cfg):
    print(torch.rand(cfg.size))  # RPL101

if __name__ == "__main__":
    main()
""",
        repeats=None,
    ),
    Situation(
        "group with an option seeds before its commands",
        "python optional",
        """
import random
import click

@click.group()
@click.option("--seed", type=int)
@click.option("--name", default="x")
def cli(seed, name):
    if seed is not None:
        random.seed(seed)

@cli.command()
@click.option("--low", default=2)
def search(low):
    print(random.uniform(low, 3))  # RPL103

@click.command()
def report():
    print("nothing random")

cli.add_command(report)

if __name__ == "__main__":
    cli()
""",
        says="--seed",
        repeats=None,
    ),
    Situation(
        "command that invokes another with arguments",
        "python seeded",
        """
import random
import click

@click.command()
@click.option("--seed", type=int)
def search(seed):
    random.seed(seed)
    print(random.random())

@click.command()
@click.pass_context
def main(ctx):
    ctx.invoke(search, seed=3)

if __name__ == "__main__":
    main()
""",
        repeats=None,
    ),
    Situation(
        "command added to its group by a call",
        "python unseeded",
        """
import random
import click

@click.group()
def cli():
    pass

@click.command()
def search():
    print(random.random())  # RPL101

cli.add_command(search)

if __name__ == "__main__":
    cli()
""",
        repeats=None,
    ),
    Situation(
        "program that starts again under a fixed hash seed",
        "numpy unseeded",
        """
import os
import sys
import numpy as np

if os.environ.get("PYTHONHASHSEED") != "0":
    os.environ["PYTHONHASHSEED"] = "0"
    os.execv(sys.executable, [sys.executable, *sys.argv])

print(np.random.normal(size=3))  # RPL101
""",
        repeats=None,
    ),
    Situation(
        "what started again takes the other arm",
        "numpy unseeded",
        """
import os
import sys
import numpy as np

def main():
    print(np.random.normal(size=3))  # RPL101

if __name__ == "__main__":
    if "PYTHONHASHSEED" not in os.environ:
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, "PYTHONHASHSEED": "0"})
    else:
        main()
""",
        repeats=None,
    ),
    Situation(
        "table of commands",
        "python unseeded, numpy seeded",
        """
import random
import sys
import fire
import numpy as np

def train(seed=3):
    np.random.seed(seed)
    print(np.random.rand())
    sys.exit(0)

def search(size=2):
    print(random.random())  # RPL101

if __name__ == "__main__":
    fire.Fire({"train": train, "search": search})
""",
        repeats=None,
    ),
    Situation(
        "class whose methods are commands",
        "python optional",
        """
import random
import fire

class App:
    def __init__(self, seed=None):
        if seed is not None:
            random.seed(seed)

    def train(self, rounds=3):
        print(random.random())  # RPL103

    def show(self):
        print("nothing random")

if __name__ == "__main__":
    fire.Fire(App)
""",
        says="--seed",
        repeats=None,
    ),
    Situation(
        "record that the command line fills",
        "python optional",
        """
import random
from dataclasses import dataclass
import tyro

@dataclass
class Settings:
    seed: int | None = None

if __name__ == "__main__":
    settings = tyro.cli(Settings)
    random.seed(settings.seed)
    print(random.random())  # RPL103
""",
        repeats=None,
    ),
    Situation(
        "launcher that runs its argument with a rank",
        "torch seeded, numpy unseeded",
        """
import ignite.distributed as idist
import numpy as np
import torch

def training(rank, config):
    torch.manual_seed(config["seed"] + rank)
    print(torch.rand(2), np.random.rand())  # RPL101

if __name__ == "__main__":
    with idist.Parallel(backend=None) as parallel:
        parallel.run(training, {"seed": 3})
""",
        repeats=None,
    ),
    Situation(
        "function that runs as a job of a cluster",
        "numpy unseeded",
        """
import numpy as np
import submitit

def train(size, seed=None):
    if seed is not None:
        np.random.seed(seed)
    print(np.random.rand(size))  # RPL101

if __name__ == "__main__":
    executor = submitit.AutoExecutor(folder="logs")
    executor.submit(train, 3)
    executor.submit(train, 3, seed=4)
""",
        repeats=None,
    ),
    Situation(
        "flag that decides, though the seed is an option too",
        "python optional, numpy optional",
        """
import argparse
import random
import numpy as np

def setup(seed, strict):
    if strict:
        random.seed(seed)

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, default=42)
parser.add_argument("--numpy-seed", type=int)
parser.add_argument("--deterministic", action="store_true")
args = parser.parse_args()
setup(args.seed, args.deterministic)
np.random.seed(args.numpy_seed)
print(random.random())  # RPL103
print(np.random.rand())  # RPL103
""",
        says="not seeded unless `strict`, which --deterministic decides",
        repeats=False,
    ),
    Situation(
        "command line that is told not to seed",
        "torch unseeded",
        """
import torch
from lightning.pytorch.cli import LightningCLI

class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(2, 2)  # RPL101

LightningCLI(Net, seed_everything_default=False)
""",
        repeats=None,
    ),
]


@cases(SITUATIONS)
def test_what_is_said(one, tmp_path):
    judge(one, tmp_path)


ENTROPY = [
    'int.from_bytes(os.urandom(4), "little") % 2**32',
    'struct.unpack("I", os.urandom(4))[0]',
    "int(binascii.hexlify(os.urandom(4)), 16)",
    "int(datetime.datetime.now().timestamp())",
    'int(datetime.datetime.now().strftime("%f"))',
    'int(f"{time.time():.0f}"[-4:])',
    "math.floor(time.time())",
    "hash(os.urandom(8)) % 1000",
    "zlib.crc32(os.urandom(4))",
    "int(hashlib.md5(str(time.time()).encode()).hexdigest(), 16) % 1000",
    "max(1, int(time.time() * 1000)) % 2**32",
]
FIXED = ['int.from_bytes(b"seed", "little")', 'zlib.crc32(b"seed")', 'int(hashlib.md5(b"seed").hexdigest(), 16) % 1000', "math.floor(7.5)"]
SEEDS = """
import binascii, datetime, hashlib, math, os, struct, time, zlib
import numpy as np

np.random.seed({seed})
print(np.random.rand())
"""


@pytest.mark.parametrize("seed", [*ENTROPY, *FIXED])
def test_what_is_computed_of_entropy_is_entropy(seed, tmp_path):
    (tmp_path / "main.py").write_text(SEEDS.format(seed=seed))
    found = [finding.rule for finding in check([], Settings(root=tmp_path), cwd=tmp_path).findings]
    assert found == (["RPL104"] if seed in ENTROPY else [])
