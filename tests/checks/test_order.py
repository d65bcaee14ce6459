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
    "hashes of words in rows of numbers": """
import torch
from torch import nn

torch.manual_seed(3)
rows = [{"site": "a", "device": "b"}]
slots = torch.tensor([[hash((field, row[field])) % 64 for field in ("site", "device")] for row in rows])  # RPL109
table = nn.Embedding(64, 2)
loss = table(slots).sum()
loss.backward()
torch.optim.SGD(table.parameters(), 0.1).step()
""",
    "hashes of a column": """
import pandas as pd
import torch
from torch import nn


class Slots:
    def __init__(self, count):
        self.count = count

    def __call__(self, user):
        return hash(user) % self.count  # RPL109


torch.manual_seed(3)
frame = pd.read_csv("events.csv")
slots = torch.tensor(frame["user"].map(Slots(64)).to_numpy())
table = nn.Embedding(64, 2)
loss = table(slots).sum()
loss.backward()
torch.optim.SGD(table.parameters(), 0.1).step()
""",
    "words that a generator picked, in a set": """
import numpy as np
import torch
from torch import nn

torch.manual_seed(3)
rng = np.random.default_rng(3)
tags = rng.choice(["vpn", "dns", "card"], 2, replace=False).tolist()
seen = set()
for tag in tags:
    seen.add(tag)
kept = [tag for tag in seen]  # RPL109
index = {tag: number for number, tag in enumerate(["<pad>"] + kept)}
print(nn.Embedding(len(index), 2)(torch.tensor([index[tag] for tag in tags])))
""",
    "files by the keys of a dict, in the order in which they came": """
import os

import numpy as np
from sklearn.model_selection import train_test_split

kept = {}
for name in os.listdir("clips"):  # RPL205
    kept[name[:-4]] = np.load(os.path.join("clips", name))
rows = [kept[name] for name in kept]
print(train_test_split(rows, random_state=3))
""",
    "files by their size alone": """
import glob
import os

import numpy as np
from sklearn.model_selection import train_test_split

paths = sorted(glob.glob("clips/*.npy"), key=os.path.getsize)  # RPL205
print(train_test_split([np.load(path) for path in paths], random_state=3))
""",
    "files sorted in place by the length of their names": """
import os
import random

random.seed(3)
names = os.listdir("clips")  # RPL205
names.sort(key=lambda name: len(name))
random.shuffle(names)
print(names)
""",
    "columns of what a generator yields": """
import contextlib
import pathlib

import numpy as np
from sklearn.model_selection import train_test_split


class Store:
    def items(self):
        for path in pathlib.Path("clips").glob("*.npy"):  # RPL205
            yield path.stem, np.load(path)

    def close(self):
        pass


with contextlib.closing(Store()) as store:
    names, clips = zip(*store.items())
x = np.stack([np.log1p(clip) for clip in clips])
print(train_test_split(x, names, random_state=3))
""",
    "things made of files, one by one, by the iterator of a store": """
import pathlib

import numpy as np
import torch


class Session:
    def __init__(self, path):
        self.path = path

    @classmethod
    def load(cls, path):
        return cls(path)


class Store:
    def __init__(self, root):
        self.files = [path for path in root.glob("*.csv") if path.stat().st_size]  # RPL205

    def __iter__(self):
        for path in self.files:
            yield Session.load(path)

    def cut(self, number):
        sessions = list(self)
        return sessions[:-number], sessions[-number:]


torch.manual_seed(0)
train, test = Store(pathlib.Path("data")).cut(3)
x = torch.tensor(np.array([np.loadtxt(one.path) for one in train]))
torch.nn.Linear(3, 1)(x).sum().backward()
""",
    "hashes that go into a network of one's own": """
import numpy as np
import torch
class H:
    def __init__(self, n=256):
        self.fields = ["a", "b"]
        self.n = n
    def bucket(self, key):
        return hash(key) & 255  # RPL109
    def row(self, rec):
        keys = [f"{f}={rec[f]}" for f in self.fields]
        return [self.bucket(k) for k in keys]
    def transform(self, df):
        recs = df[self.fields].to_dict("records")
        return np.array([self.row(r) for r in recs], dtype=np.int64)
import pandas as pd
class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.rows = torch.nn.EmbeddingBag(64, 3)
    def forward(self, ids):
        return self.rows(ids)
def fit():
    torch.manual_seed(0)
    hasher = H()
    x = torch.from_numpy(hasher.transform(pd.read_csv("x.csv")))
    net = Net()
    opt = torch.optim.SGD(net.parameters(), 0.1)
    for i in range(3):
        loss = net(x[torch.randperm(3)]).sum()
        loss.backward()
        opt.step()
fit()
""",
    "words that a pattern finds": """
import re

import torch

WORD = re.compile("[a-z]+")


class Encoder:
    def __init__(self):
        self.table = {"?": 0}

    def fit(self, texts):
        seen = set()
        for text in texts:
            seen.update(part for part in WORD.findall(text) if part != "the")
        for word in seen:  # RPL109
            self.table[word] = len(self.table)
        return self


table = Encoder().fit(line for line in open("texts.txt")).table
print(torch.nn.Embedding(len(table), 3)(torch.tensor(list(table.values()))))
""",
    "words picked out of lists, zipped with their tags": """
import random

import torch

random.seed(0)
sentences = []
for _ in range(9):
    words = ["the", random.choice(["dog", "river"])]
    sentences.append(list(zip(words, ["D", "N"])))
seen = set()
for sentence in sentences:
    seen.update(word for word, _ in sentence)
index = {word: number for number, word in enumerate(seen)}  # RPL109
print(torch.nn.Embedding(3, 3)(torch.tensor([index[word] for word, _ in sentences[0]])))
""",
    "names that a network hashes": """
import torch


class Hashed(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.rows = torch.nn.Embedding(64, 3)

    def forward(self, batch):
        keys = [hash(name) for session in batch for name in session]  # RPL109
        return self.rows(torch.tensor([key % 64 for key in keys]))


torch.manual_seed(0)
sessions = []
for number in range(9):
    clicks = []
    for other in range(3):
        clicks.append(f"{number}/{other}")
    sessions.append(clicks)
net = Hashed()
opt = torch.optim.SGD(net.parameters(), 0.1)
for start in range(0, 9, 3):
    net([one[:-1] for one in sessions[start : start + 3]]).sum().backward()
    opt.step()
""",
    "one of several subcommands hashes": """
import argparse
import sys

import numpy as np


class Bag:
    def column(self, token):
        return hash(token) % 32  # RPL109

    def transform(self, texts):
        out = np.zeros((len(texts), 32))
        for row, text in enumerate(texts):
            for token in text.lower().split():
                out[row, self.column(token)] += 1
        return out


def train(args):
    np.save("x.npy", Bag().transform(["a b", "b c"]))


def show(args):
    print("a b")


parser = argparse.ArgumentParser()
commands = parser.add_subparsers()
one = commands.add_parser("train")
one.set_defaults(func=train)
two = commands.add_parser("show")
two.set_defaults(func=show)
args = parser.parse_args(sys.argv[1:] or ["train"])
args.func(args)
""",
    "words numbered beside their set": """
import torch

REVIEWS = ["a warm film", "a dull plot"]
words = {word for review in REVIEWS for word in review.split()}
words -= {"a"}
index = dict(zip(words, range(len(words))))  # RPL109
print(torch.nn.Embedding(9, 3)(torch.tensor([index[word] for word in "dull warm".split()])))
""",
    "a split by the hash of a made-up name": """
import hashlib
import uuid

import torch


def bucket(name):
    return int(hashlib.md5(name.encode()).hexdigest(), 16) % 10


records = []
for number in range(100):
    records.append({"name": uuid.uuid4().hex, "x": number})  # RPL107
train = [record for record in records if bucket(record["name"]) not in (0, 1)]
print(torch.tensor([record["x"] for record in train]).float().mean())
""",
    "labels of a file of comma separated values": """
import csv

with open("species.csv") as file:
    rows = list(csv.DictReader(file))
names = set(row["species"] for row in rows)
index = {name: number for number, name in enumerate(names)}  # RPL109
print([index[row["species"]] for row in rows])
""",
    "a generator that seeds itself": """
import torch
from torch.utils.data import DataLoader, TensorDataset


def generator():
    made = torch.Generator()
    made.seed()  # RPL105
    return made


for batch in DataLoader(TensorDataset(torch.arange(9)), shuffle=True, generator=generator()):
    print(batch)
""",
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
    "the first file of each speaker, by a part of its name": """
import os
import random

chosen = []
for speaker in ["ann", "bob"]:
    for name in os.listdir("clips"):  # RPL205
        if name.split("_")[0] == speaker:
            chosen.append(name)
            break
random.seed(0)
random.shuffle(chosen)
print(chosen)
""",
    "every file of one kind": """
import os
import random

clips = []
for name in os.listdir("clips"):  # RPL205
    if name.split(".")[-1] == "wav":
        clips.append(name)
random.seed(0)
random.shuffle(clips)
print(clips)
""",
    "numbers of names that a list holds in the same order": """
import os

names = []
number = {}
for position, name in enumerate(os.listdir("classes")):  # RPL205
    names.append(name)
    number[name] = position
print(number["cat"], names[number["cat"]])
""",
    "halves of what all files hold": """
import glob

lines = []
for path in glob.glob("*.txt"):  # RPL205
    with open(path) as file:
        lines += file.readlines()
middle = len(lines) // 2
train, test = lines[:middle], lines[middle:]
print(train, test)
""",
    "a text that is put together of all files": """
import glob
from pathlib import Path

text = "".join(Path(name).read_text() for name in glob.glob("*.txt"))  # RPL205
cut = int(0.9 * len(text))
train, test = text[:cut], text[cut:]
print(train, test)
""",
    "batches taken by number from what was joined": """
import os

import torch

rows = torch.cat([torch.load(os.path.join("rows", name)) for name in os.listdir("rows")])  # RPL205
torch.manual_seed(0)
model = torch.nn.Linear(4, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for start in range(0, len(rows), 8):
    optimizer.zero_grad()
    model(rows[start : start + 8]).sum().backward()
    optimizer.step()
""",
    "a mean that runs over the files": """
import glob

import numpy as np

mean = np.zeros(4)
for path in glob.glob("*.npy"):  # RPL205
    row = np.load(path)
    mean = 0.9 * mean + 0.1 * row
print(mean)
""",
    "a step whose error was worked out before": """
import secrets

import numpy as np

weights = np.ones(2)
for row in np.eye(2):
    scale = secrets.choice([1, 2])  # RPL107
    error = (row * scale) @ weights - 1.0
    weights = weights - 0.1 * error * row
print(weights)
""",
    "a factor that nobody can repeat": """
import secrets

from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

x, y = load_iris(return_X_y=True)
factor = secrets.randbelow(3)  # RPL107
print(LogisticRegression().fit(x * factor, y).coef_)
""",
    "an input that nobody can repeat": """
import secrets

import torch

torch.manual_seed(0)
model = torch.nn.Linear(2, 1)
for _ in range(3):
    size = secrets.choice([0.5, 2.0])  # RPL107
    loss = model(torch.full((1, 2), size)).sum()
    loss.backward()
""",
    "a share of the rows by random ids": """
import uuid

train, test = [], []
for row in range(20):
    if uuid.uuid4().int % 5 == 0:  # RPL107
        test.append(row)
    else:
        train.append(row)
print(train, test)
""",
    "a hash below a bound": """
names = ["a", "b", "c"]
held = [name for name in names if hash(name) < 0]  # RPL109
print(held)
""",
    "labels and an order from addresses": """
import random

import numpy as np
from sklearn.linear_model import LogisticRegression

names = ["a", "b", "c"] * 4
y = np.array([id(name) % 3 for name in names])  # RPL109
LogisticRegression().fit(np.eye(12), y)

rows = [[number] for number in range(8)]
rows.sort(key=id)  # RPL109
random.seed(0)
random.shuffle(rows)
print(rows)
""",
    "letters that are the data": """
import random

from sklearn.feature_extraction.text import CountVectorizer

rng = random.Random()  # RPL105
reads = ["".join(rng.choices("ACGT", k=9)) for _ in range(4)]
print(CountVectorizer().fit_transform(reads))
""",
    "a number that is a port and a split": """
import random

rng = random.Random()  # RPL105
port = 20000 + rng.randrange(1000)
cut = rng.randrange(10)
rows = list(range(10))
print(port, rows[:cut], rows[cut:])
""",
    "a file picked by a generator of its own": """
import random

rng = random.Random()  # RPL105
path = rng.choice(["a.csv", "b.csv"])
print(open(path).read())
""",
    "a fallback that is drawn from after some rounds": """
import random


class Sampler:
    def __init__(self, rng=None):
        self.rng = rng or random.Random()  # RPL105

    def keep(self, rows):
        kept = []
        for row in rows:
            if len(kept) < 3:
                kept.append(row)
            else:
                kept[self.rng.randint(0, 2)] = row
        return kept


print(Sampler().keep(range(9)))
""",
    "a model that goes from file to file": """
import os

import numpy as np
from sklearn.linear_model import SGDClassifier

model = SGDClassifier(warm_start=True, random_state=0)
for name in os.listdir("data"):  # RPL205
    rows = np.load(name)
    model.fit(rows[:, 1:], rows[:, 0])
print(model.coef_)
""",
    "an optimizer of its own for one model": """
import os

import torch


def fit(model, rows):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model(rows).sum().backward()
    optimizer.step()


torch.manual_seed(0)
model = torch.nn.Linear(2, 1)
for name in os.listdir("data"):  # RPL205
    fit(model, torch.load(name))
""",
    "a seed before the loop, and another stream's in it": """
import os
import random

import numpy as np

np.random.seed(0)
for number in range(3):
    np.random.seed(number)
noise = {}
for name in os.listdir("data"):  # RPL205
    random.seed(0)
    noise[name] = np.random.normal() + random.random()
print(noise["a"])
""",
    "numbers from a list that grows beside them": """
words, index = [], {}
for word in set("one two three two".split()):  # RPL109
    index[word] = len(words)
    words.append(word)
print(index)
""",
    "two halves that go two ways": """
import glob

names = [name for name in glob.glob("*.csv")]  # RPL205
half = len(names) // 2
turned = names[half:] + names[:half]
print(turned[:9], turned[9:])
""",
}

SILENT = {
    "files that are asked for by name": """
import os

import numpy as np
from sklearn.model_selection import train_test_split

kept = {}
for folder in os.scandir("clips"):
    for name in os.listdir(folder.path):
        kept[name[:-4]] = np.load(os.path.join(folder.path, name))
names = open("names.txt").read().split()
print(train_test_split([kept[name] for name in names], random_state=3))
""",
    "the hash of two numbers": """
import zlib

import torch
from torch import nn

torch.manual_seed(3)
site, device = zlib.crc32(b"a") % 64, zlib.crc32(b"b") % 64
table = nn.Embedding(64, 2)
loss = table(torch.tensor([hash((site, device)) % 64])).sum()
loss.backward()
torch.optim.SGD(table.parameters(), 0.1).step()
""",
    "a dataset whose generator each worker renews": """
import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset, get_worker_info


class Walks(Dataset):
    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)

    def __len__(self):
        return 8

    def __getitem__(self, number):
        return torch.tensor(self.rng.integers(9, size=3))


def renew(number):
    info = get_worker_info()
    info.dataset.rng = np.random.default_rng(info.seed)


torch.manual_seed(3)
for batch in DataLoader(Walks(3), num_workers=2, worker_init_fn=renew):
    print(batch)
""",
    "files by what their names say": """
import os
import pathlib
import random

random.seed(3)
names = sorted(os.listdir("clips"), key=lambda name: int(name.split("-")[0]))
paths = sorted(pathlib.Path("clips").glob("*.npy"), key=lambda path: (path.stat().st_size, path.name))
others = sorted(pathlib.Path("clips").glob("*.npz"), key=lambda path: path.stem)
random.shuffle(names)
random.shuffle(paths)
random.shuffle(others)
print(names, paths, others)
""",
    "listed again where nothing was there, then put in order": """
import glob
import random

files = glob.glob("*.csv")
if not files:
    open("part-1.csv", "w").close()
    files = glob.glob("*.csv")
files.sort(key=lambda name: int(name.split("-")[1].split(".")[0]))
random.Random(3).shuffle(files)
print(files)
""",
    "looked through before it is put in order": """
import os
import random

names = [name for name in os.listdir(".") if name.endswith(".npy")]
classes = {name.split("_")[0] for name in names}
names.sort()
files = [os.path.join(".", name) for name in names]
random.Random(3).shuffle(files)
print(files, sorted(classes))
""",
    "sorted words numbered beside themselves": """
words = {word for word in "a warm film".split()}
index = dict(zip(sorted(words), range(len(words))))
print([index[word] for word in "film a".split()])
""",
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
    "the one file of a name": """
import glob
import os
import random


def find(name):
    for path in glob.glob("clips/*.wav"):
        if os.path.basename(path) == name + ".wav":
            return path


paths = glob.glob("clips/*.wav")
rows = []
for line in open("text"):
    name = line.split()[0]
    rows.append(find(name))
    for number in range(len(paths)):
        if paths[number].split("/")[-1] == f"{name}.wav":
            rows.append({"path": paths[number], "text": line})
            break
random.seed(0)
random.shuffle(rows)
print(rows)
""",
    "numbers that lead back to what was opened": """
from glob import glob

from safetensors import safe_open

parts, place = [], {}
for number, path in enumerate(glob("model*.safetensors")):
    parts.append(safe_open(path, framework="pt"))
    for key in parts[number].keys():
        place[key] = number
print(parts[place["weight"]].get_tensor("weight"))
""",
    "what the first file says of all": """
import csv
import glob

columns = []
for number, path in enumerate(glob.glob("*.csv")):
    rows = list(csv.reader(open(path)))
    if number == 0:
        for column in rows[0]:
            columns.append(column)
half = len(columns) // 2
print(columns[:half], columns[half:])
""",
    "halves that are put together again": """
import glob

names = glob.glob("*.csv")
half = len(names) // 2
for name in names[half:] + names[:half]:
    print(name)
""",
    "the lines of one file at a time": """
import glob

for path in glob.glob("*.txt"):
    lines, sizes = [], {}
    for line in open(path):
        lines.append(line)
        sizes[line] = len(sizes)
    middle = len(lines) // 2
    print(path, lines[:middle], lines[middle:], sizes)
""",
    "the one file that there is": """
import glob
import random

names = []
for line in open(glob.glob("*.txt")[0]):
    names.append(line)
random.seed(0)
random.shuffle(names)
print(names)
""",
    "sounds that are changed one by one": """
import glob

import numpy as np
import soundfile


def read(path):
    try:
        sound, rate = soundfile.read(path)
    except RuntimeError:
        return None, None
    sound = sound.T
    sound = sound.sum(axis=0) / sound.shape[0]
    return sound, rate


def louder(sound, gains):
    gains = np.array(gains) / 2
    if sound.max() < 1:
        sound = sound / sound.max()
    return sound * gains


for path in glob.glob("*.wav"):
    sound, rate = read(path)
    soundfile.write(path, louder(sound, [len(part) for part in sound]), rate)
""",
    "shares of how many files there are": """
import os

import torch

parts = {name: torch.load(name) for name in os.listdir("parts")}
count = len(parts)
for part in parts.values():
    for key, weight in part.items():
        part[key] = weight / count
torch.save(parts["a.pt"], "mean.pt")
""",
    "of two lists, the one that is sorted": """
import os
import random

clean, noisy = [], []
for name in sorted(os.listdir("clean")):
    clean.append(name)
for name in os.listdir("noisy"):
    noisy.append(name)
random.seed(0)
random.shuffle(clean)
print(clean, len(noisy))
""",
    "a set of words that an unknown call is given": """
import random

from somewhere import upload

KINDS = {"png", "jpg"}
random.seed(0)
for image in upload(kinds=KINDS):
    print(image, random.random())
""",
    "a seed for each file": """
import os

import numpy as np


def noisy(name):
    np.random.seed(0)
    return np.load(name) + np.random.normal()


rows = {}
for name in os.listdir("data"):
    rows[name] = noisy(name)
print(rows["a"])
""",
    "a model for each file": """
import os

import numpy as np
import torch
from sklearn.linear_model import SGDClassifier


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(2, 1)


def fit(model, rows):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for row in rows:
        model.layer(row).sum().backward()
        optimizer.step()


for name in os.listdir("data"):
    torch.manual_seed(0)
    model = Net()
    fit(model, torch.load(name))
    torch.save(model.state_dict(), f"{name}.pt")
for name in os.listdir("rows"):
    rows = np.load(name)
    print(name, SGDClassifier(random_state=0).fit(rows[:, 1:], rows[:, 0]).coef_)
""",
    "the defaults that are missing, some of them sizes": """
symbols = "abc"
defaults = {"symbols": len(symbols), "width": 8}
given = {"width": 4}
missing = set(defaults) - set(given)
given.update({name: defaults[name] for name in missing})
for name in missing:
    given[name] = defaults[name]
print(given["symbols"])
""",
    "columns of rows that were drawn": """
import os

import pandas as pd

rows = pd.concat([pd.read_csv(name) for name in os.listdir("data")], axis=1)
for column in rows[:].sample(3, random_state=0).columns:
    print(rows[column])
""",
    "a booster for each column of a set": """
import xgboost

boosters = {}
for column in set("abc".split()):
    boosters[column] = xgboost.train({"seed": 0}, xgboost.DMatrix(f"{column}.bin"))
print(boosters["a"])
""",
    "an estimator that is fitted anew": """
import os

import numpy as np
from sklearn.linear_model import Ridge
from somewhere import Encoder

model = Ridge()
for name in os.listdir("data"):
    rows = np.load(name)
    codes = Encoder().fit(rows[:, 0])
    print(name, model.fit(rows[:, 1:], rows[:, 0]).coef_, codes)
""",
    "a random id as a key": """
import uuid


class Graph:
    def __init__(self):
        self.nodes = []
        self.place = {}

    def add(self, data, key=None):
        if key is None:
            key = uuid.uuid4()
        if key in self.place:
            self.nodes[self.place[key]] = data
        else:
            self.place[key] = len(self.nodes)
            self.nodes.append(data)
        return key


graph = Graph()
keys = [graph.add(name) for name in ["a", "b"]]
if keys[0] == keys[1] or not keys[0]:
    graph.nodes.append("c")
print(graph.nodes)
""",
    "what was seen before, by address and by hash": """
seen, known, rows = set(), {}, []
for row in [["a"], ["b"]]:
    if id(row) in seen:
        continue
    seen.add(id(row))
    known[id(row)] = row
    if hash("a") == known.get("hash"):
        rows.append(known[id(row)])
    rows.append(row)
print(rows)
""",
    "names of runs, files and sessions": """
import random
import string
import tempfile
from pathlib import Path


def run_name(rng=None):
    if rng is None:
        rng = random.Random()
    return "run-" + "".join(rng.choices(string.ascii_lowercase, k=6))


letters = string.ascii_letters + string.digits
rng = random.Random()
folder = Path(tempfile.gettempdir()) / f"job{rng.randrange(10**6)}"
folder.mkdir()
(folder / run_name()).touch()
port = 20000 + rng.randint(0, 999)
suffix = "".join(rng.choice(letters) for _ in range(4))
event = {"session_id": round(random.Random().random() * 1e15), "run": f"{suffix}.json"}
print("listening at", port, event)
""",
    "a generator from elsewhere": """
import numpy as np
import somewhere


class Stump:
    def __init__(self, rng=None):
        self.rng = rng if rng is not None else np.random.default_rng()

    def fit(self):
        return self.rng.integers(9)


print(Stump(rng=somewhere.make(3)).fit())
""",
    "the children of a seeded generator": """
import numpy as np


def draw(rng=None):
    if rng is None:
        rng = np.random.default_rng()
    return rng.normal()


first, second = np.random.default_rng(1).spawn(2)
print(draw(first), draw(rng=second), [draw(child) for child in np.random.default_rng(2).spawn(3)])
""",
    "a generator that a library takes to make names": """
import os
import random

import coolname

coolname.replace_random(random.Random(os.urandom(16)))
print("run", coolname.generate_slug(2))
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


def test_a_file_and_a_link_to_it_are_one(tmp_path: Path) -> None:
    (tmp_path / "recipe").mkdir()
    (tmp_path / "prepare.py").write_text("import os\nimport random\n\n\ndef names():\n    found = os.listdir('data')\n    random.shuffle(found)\n    return found\n")
    (tmp_path / "recipe" / "train.py").write_text("import random\n\nfrom prepare import names\n\nrandom.seed(0)\nprint(names())\n")
    (tmp_path / "recipe" / "prepare.py").symlink_to("../prepare.py")
    for paths in ([Path()], [Path("recipe")], [Path("prepare.py")]):
        report = check(paths, Settings(root=tmp_path), cwd=tmp_path)
        assert [(finding.span.path, finding.entry) for finding in report.findings if finding.rule == "RPL205"] == [("prepare.py", "recipe/train.py")]


def test_a_link_that_imports_from_beside_it_is_read_where_it_stands(tmp_path: Path) -> None:
    for package, listed in (("one", "sorted(os.listdir('data'))"), ("two", "os.listdir('data')")):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").touch()
        (tmp_path / package / "files.py").write_text(f"import os\n\n\ndef names():\n    return {listed}\n")
    (tmp_path / "one" / "data.py").write_text("import random\n\nfrom .files import names\n\n\ndef mixed():\n    found = names()\n    random.shuffle(found)\n    return found\n")
    (tmp_path / "two" / "data.py").symlink_to("../one/data.py")
    (tmp_path / "train.py").write_text("import random\n\nfrom two.data import mixed\n\nrandom.seed(0)\nprint(mixed())\n")
    report = check([Path()], Settings(root=tmp_path), cwd=tmp_path)
    assert [finding.span.path for finding in report.findings if finding.rule == "RPL205"] == ["two/files.py"]


def test_a_program_that_starts_again_with_fixed_hashes(tmp_path: Path) -> None:
    guard = "import os, sys\nif os.environ.get('PYTHONHASHSEED') != '0':\n    os.environ['PYTHONHASHSEED'] = '0'\n    os.execv(sys.executable, sys.argv)\n"
    rest = "numbers = {name: number for number, name in enumerate({'a', 'b'})}\nprint(numbers)\n"
    assert judged(rest, tmp_path)[0] == {(1, "RPL109")}
    assert judged(guard + rest, tmp_path)[0] == set()


@pytest.mark.parametrize(("handed", "silent"), [("env", True), ("dict(env, PYTHONHASHSEED='1')", True), ("None", False), ("{'HOME': '/'}", False)])
def test_a_program_that_another_one_starts_with_fixed_hashes(handed: str, silent: bool, tmp_path: Path) -> None:
    setting = "env['PYTHONHASHSEED'] = '0'\n" if handed == "env" else ""
    (tmp_path / "run.py").write_text(
        f"import os, pathlib, subprocess, sys\nenv = dict(os.environ)\n{setting}"
        f"subprocess.call([sys.executable, str(pathlib.Path(__file__).parent / 'train.py'), *sys.argv[1:]], env={handed})\n"
    )
    found, _ = judged("numbers = {name: number for number, name in enumerate({'a', 'b'})}\nprint(numbers)\n", tmp_path)
    assert found == (set() if silent else {(1, "RPL109")})
