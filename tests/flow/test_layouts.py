"""Where modules are found: beside the script, in packages, under src, among many of the same name."""

from situation import Situation, cases, judge

from reprolint.check import check
from reprolint.config import Settings

SITUATIONS = [
    Situation(
        "the script's own folder comes first",
        "python seeded",
        """
import data

print(data.noise)

### two/data.py
import random

noise = random.random()

### one/data.py
import random

random.seed(0)
noise = random.random()
""",
        entry="one/main.py",
    ),
    Situation(
        "two modules that take a name from each other in a circle",
        "torch unseeded",
        """
import torch

from one import thing

print(torch.rand(2), thing)  # RPL101

### one.py
from two import *
from two import thing

### two.py
from one import *
from one import thing
""",
        repeats=None,
    ),
    Situation(
        "a package that imports its parts when they are asked for",
        "torch seeded",
        """
import torch
from kit import Options

torch.manual_seed(Options().seed)
if Options().noise:
    print(torch.rand(1))
print(torch.rand(2))

### kit/__init__.py
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .options import Options
else:
    import importlib

    def __getattr__(name):
        return getattr(importlib.import_module(".options", __name__), name)

### kit/options.py
import dataclasses
import torch

@dataclasses.dataclass
class Options:
    seed: int = 1
    noise: bool = False
""",
    ),
    Situation(
        "a package beside the script",
        "torch late",
        """
from net.model import Net
import torch

net = Net()
torch.manual_seed(0)
print(net.layer.weight)

### net/__init__.py

### net/model.py
import torch
from .blocks import block

class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = block()

### net/blocks.py
import torch

def block():
    return torch.nn.Linear(2, 2)  # RPL102
""",
        repeats=False,
    ),
    Situation(
        "names are exported again by the package",
        "python seeded",
        """
from tools import fix
import random

fix()
print(random.random())

### tools/__init__.py
from .seeds import fix_all as fix

### tools/seeds.py
import random

def fix_all():
    random.seed(0)
""",
    ),
    Situation(
        "namespace package without an init",
        "python seeded",
        """
from tools.seeds import fix
import random

fix()
print(random.random())

### tools/seeds.py
import random

def fix():
    random.seed(0)
""",
    ),
    Situation(
        "relative import over two levels",
        "python seeded",
        """
from pack.inner.part import draw

draw()

### pack/__init__.py

### pack/seeds.py
import random

def fix():
    random.seed(0)

### pack/inner/__init__.py

### pack/inner/part.py
import random
from ..seeds import fix

def draw():
    fix()
    print(random.random())
""",
    ),
    Situation(
        "code under src",
        "python unseeded",
        """
from pack.part import draw

draw()

### src/pack/__init__.py

### src/pack/part.py
import random

def draw():
    print(random.random())  # RPL101
""",
        repeats=None,
    ),
    Situation(
        "a script below the root imports from the root",
        "python seeded",
        """
import os
import sys
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from common import fix
import random

fix()
print(random.random())

### common.py
import random

def fix():
    random.seed(0)
""",
        entry="scripts/main.py",
    ),
    Situation(
        "a folder named like a library without an init does not hide it",
        "numpy seeded",
        """
import numpy as np

np.random.seed(0)
print(np.random.rand())

### numpy/notes.py
print("notes")
""",
    ),
    Situation(
        "a submodule is imported with its package",
        "python seeded",
        """
import random
import pack.seeds as seeds

seeds.fix()
print(random.random())

### pack/__init__.py

### pack/seeds.py
import random

def fix():
    random.seed(0)
""",
    ),
    Situation(
        "a module attribute is set from outside",
        "python seeded",
        """
import random
import settings

settings.SEED = 3
settings.fix()
print(random.random())

### settings.py
import random

SEED = None

def fix():
    if SEED is not None:
        random.seed(SEED)
""",
    ),
]


@cases(SITUATIONS)
def test_what_is_said(one, tmp_path):
    judge(one, tmp_path)


def _write(folder, **files):
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_suffix(".py").write_text(text)


def _states(folder, stream="python"):
    report = check([], Settings(root=folder), cwd=folder)
    return {run.entry: {state.stream: state.state for state in run.streams}[stream] for run in report.runs}


def test_forty_neighbours_of_one_name(tmp_path):
    seeded = "import random\nrandom.seed(0)\ndef draw():\n    return random.random()\n"
    for number in range(40):
        text = seeded if number % 2 else seeded.replace("random.seed(0)\n", "")
        _write(tmp_path, **{f"e{number}__data": text, f"e{number}__train": "import data\nprint(data.draw())\n"})
    wanted = {f"e{number}/train.py": "seeded" if number % 2 else "unseeded" for number in range(40)}
    assert _states(tmp_path) == wanted


def test_a_console_script_starts_in_its_function(tmp_path):
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\n[project.scripts]\ntrain = "pack.cli:main"\n')
    _write(
        tmp_path,
        pack____init__="",
        pack__cli="import random\n\ndef main():\n    random.seed(0)\n    print(random.random())\n",
    )
    report = check([], Settings(root=tmp_path), cwd=tmp_path)
    assert [(run.entry, run.kind, run.function) for run in report.runs] == [("pack/cli.py", "console-script", "main")]
    assert _states(tmp_path) == {"pack/cli.py": "seeded"}


def test_a_library_has_no_entry(tmp_path):
    _write(tmp_path, pack____init__="from .part import draw\n", pack__part="import random\n\ndef draw():\n    return random.random()\n")
    report = check([], Settings(root=tmp_path), cwd=tmp_path)
    assert (report.runs, report.findings) == ((), ())


def test_tests_are_read_and_not_reported(tmp_path):
    _write(tmp_path, tests__test_it="import random\nprint(random.random())\n", main="print(1)\n")
    report = check([], Settings(root=tmp_path), cwd=tmp_path)
    assert ([run.entry for run in report.runs], report.findings) == (["main.py"], ())
