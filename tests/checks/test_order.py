"""Orders and entropy: what reaches something that decides a result is found at its source, the rest is silent."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from reprolint.check import check
from reprolint.config import Settings

RULES = {"RPL105", "RPL107", "RPL108", "RPL109", "RPL202", "RPL203", "RPL205"}
MARK = re.compile(r"# (RPL\d{3})$", re.MULTILINE)


def judged(source: str, folder: Path) -> tuple[set[tuple[int, str]], set[tuple[int, str]]]:
    """Line and rule of what is found by default, and of what the marks promise."""
    (folder / "train.py").write_text(source, encoding="utf-8")
    report = check([Path()], Settings(root=folder), cwd=folder)
    found = {
        (finding.span.line, finding.rule)
        for finding in report.findings
        if finding.rule in RULES and finding.severity != "info" and finding.confidence != "possible"
    }
    lines = source.splitlines()
    return found, {(number, mark) for number, line in enumerate(lines, 1) for mark in MARK.findall(line)}


FOUND = {
    "kept through a helper and a method": """
import os
import random


class Corpus:
    def __init__(self, root):
        self.names = [os.path.join(root, name) for name in os.listdir(root)]  # RPL205

    def shuffle(self):
        random.shuffle(self.names)


random.seed(0)
corpus = Corpus("data")
corpus.shuffle()
print(corpus.names)
""",
    "two halves of one list": """
from glob import glob

files = glob("*.txt")  # RPL205
count = int(0.8 * len(files))
train, test = files[:count], files[count:]
print(train, test)
""",
    "a generator of paths that is drained": """
import os
import random


def walk(root):
    for folder, _, names in os.walk(root):  # RPL205
        for name in names:
            yield os.path.join(folder, name)


random.seed(1)
print(random.sample(list(walk("data")), 2))
""",
    "a label for every file of a folder": """
import os

samples = []
for label, folder in enumerate(os.listdir("data")):  # RPL205
    for name in sorted(os.listdir(os.path.join("data", folder))):
        samples.append((name, label))
print(samples)
""",
    "numbers given by a counter of what is known": """
text = "one two three two".split()
index = {}
for word in set(text):  # RPL109
    if word not in index:
        index[word] = len(index)
print(index)
""",
    "an order that goes through a dict": """
import os
import random

import numpy as np

sizes = {name: os.path.getsize(name) for name in os.listdir(".")}  # RPL205
rows = list(sizes.items())
random.seed(0)
random.shuffle(rows)
print(np.array(rows))
""",
    "a loop that draws from a generator made before it": """
import os

import numpy as np

rng = np.random.default_rng(0)
noise = {}
for name in os.listdir("data"):  # RPL205
    noise[name] = rng.normal()
print(sorted(noise))
""",
    "an array that is filled in the order of the files": """
import os

import numpy as np

rows = np.zeros((4, 8))
for position, name in enumerate(os.listdir("data")):  # RPL205
    rows[position] = np.load(os.path.join("data", name))
np.random.seed(0)
np.random.shuffle(rows)
print(rows)
""",
    "what differs of two sets of strings": """
import random

known = {"a", "b", "c"}
left = list(known - {"b"})  # RPL109
random.seed(0)
random.shuffle(left)
print(left)
""",
    "a hash as a bucket": """
names = ["a", "b", "c"]
train, test = [], []
for name in names:
    if hash(name) % 5 == 0:  # RPL109
        test.append(name)
    else:
        train.append(name)
print(train, test)
""",
    "a hash as a generator's seed, said once": """
import numpy as np

rng = np.random.default_rng(abs(hash("baseline")))  # RPL109
print(rng.normal())
""",
    "rows sorted by random ids": """
import uuid

rows = list(range(20))
order = sorted(rows, key=lambda row: uuid.uuid4().hex)  # RPL107
print(order[:15], order[15:])
""",
    "a fallback that the entry reaches": """
import numpy as np


def draw(rng=None):
    rng = rng or np.random.default_rng()  # RPL105
    return rng.normal()


print(draw())
""",
    "a dataset that nothing in the project uses": """
import glob

from torch.utils.data import Dataset


class Images(Dataset):
    def __init__(self, root):
        self.paths = glob.glob(root + "/*.png")  # RPL205

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, index):
        return open(self.paths[index], "rb").read()
""",
}

SILENT = {
    "sorted in place, under another name": """
import os
import random

files = os.listdir("data")
names = files
names.sort()
random.seed(0)
random.shuffle(files)
print(files)
""",
    "a walk whose folders are sorted": """
import os
import random

paths = []
for folder, folders, names in os.walk("data"):
    folders.sort()
    for name in sorted(names):
        paths.append(os.path.join(folder, name))
random.seed(0)
random.shuffle(paths)
print(paths)
""",
    "files that are changed one by one": """
import glob
import os

import numpy as np

for path in glob.glob("*.npy"):
    array = np.load(path)
    np.save(path.replace(".npy", "-scaled.npy"), np.array(array) / array.max())
    os.remove(path)
""",
    "a generator made for each file": """
import os
import zlib

import numpy as np

noise = {}
for name in os.listdir("data"):
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    noise[name] = rng.normal()
print(noise["a"])
""",
    "a loop that does not draw, after one that did": """
import os
import random

random.seed(0)
noise = [random.random() for _ in range(4)]


def sizes(folder):
    found = {}
    for name in os.listdir(folder):
        found[name] = os.path.getsize(name)
    return found


for folder in os.listdir("data"):
    print(folder, sizes(folder)["a"], noise)
""",
    "pairs of a dict, sorted": """
import os
import random

sizes = {}
for name in os.listdir("data"):
    sizes[name] = os.path.getsize(name)
rows = {name: size for name, size in sorted(sizes.items())}
random.seed(0)
names = list(rows)
random.shuffle(names)
print(names)
""",
    "a generator that is seeded before it is used": """
import random


class Shards:
    def __init__(self):
        self.rng = random.Random()

    def draw(self, epoch):
        self.rng.seed(epoch)
        return self.rng.random()


print(Shards().draw(1))
""",
    "all but the first, and a look at a few": """
import glob

files = glob.glob("*.csv")
for path in files[1:]:
    print(path)
print(files[:3])
""",
    "a temporary file that may exist": """
import uuid
from pathlib import Path

part = Path("out") / f"{uuid.uuid4().hex}.part"
if part.exists():
    size = part.stat().st_size
else:
    size = 0
print(size)
""",
    "sums, sizes and the newest": """
import glob
import os

total = 0
for path in glob.glob("*.txt"):
    total += os.path.getsize(path)
newest = max(glob.glob("*.pt"), key=os.path.getmtime, default=None)
print(total, newest, len(set("abc")), "a" in {"a", "b"})
""",
    "small numbers in a set": """
import random

sizes = list({64, 128, 256})
random.seed(0)
random.shuffle(sizes)
print(sizes)
""",
    "ids and names": """
import secrets
import uuid

run = f"run-{uuid.uuid4().hex[:6]}"
names = {}
names[run] = secrets.token_hex(4)
with open(f"{run}.txt", "w") as out:
    out.write(names[run])
""",
    "a generator that is passed in": """
import numpy as np


def draw(rng=None):
    rng = rng or np.random.default_rng()
    return rng.normal()


print(draw(np.random.default_rng(3)))
""",
    "a seed that is written down": """
import time

import numpy as np

seed = time.time_ns() % 2**32
print("seed", seed)
rng = np.random.default_rng(seed)
print(rng.normal())
""",
    "a restart with the variable set": """
import os
import sys

import random

if os.environ.get("PYTHONHASHSEED") != "0":
    os.environ["PYTHONHASHSEED"] = "0"
    os.execv(sys.executable, [sys.executable, *sys.argv])
random.seed(0)
print(random.random())
""",
}


@pytest.mark.parametrize("source", FOUND.values(), ids=FOUND)
def test_found_at_its_source(source: str, tmp_path: Path) -> None:
    found, marked = judged(source, tmp_path)
    assert marked
    assert found == marked


@pytest.mark.parametrize("source", SILENT.values(), ids=SILENT)
def test_silent(source: str, tmp_path: Path) -> None:
    found, marked = judged(source, tmp_path)
    assert not marked
    assert found == set()


def test_the_sink_is_the_last_step(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(FOUND["two halves of one list"], encoding="utf-8")
    report = check([Path()], Settings(root=tmp_path), cwd=tmp_path)
    steps = next(finding.steps for finding in report.findings if finding.rule == "RPL205")
    assert [step.span.line for step in steps] == [4, 6]


def test_a_program_that_starts_again_with_fixed_hashes(tmp_path: Path) -> None:
    guard = "import os, sys\nif os.environ.get('PYTHONHASHSEED') != '0':\n    os.environ['PYTHONHASHSEED'] = '0'\n    os.execv(sys.executable, sys.argv)\n"
    rest = "numbers = {name: number for number, name in enumerate({'a', 'b'})}\nprint(numbers)\n"
    assert judged(rest, tmp_path)[0] == {(1, "RPL109")}
    assert judged(guard + rest, tmp_path)[0] == set()
