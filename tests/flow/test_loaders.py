"""Loaders, samplers, workers and further processes: which stream a draw takes from."""

from situation import Situation, cases, judge

SITUATIONS = [
    Situation(
        "nothing seeds what the workers draw",
        "torch any, numpy unseeded",
        """
import numpy as np
from torch.utils.data import DataLoader, Dataset

class Data(Dataset):
    def __len__(self):
        return 4

    def __getitem__(self, index):
        return np.random.rand()

for batch in DataLoader(Data(), num_workers=2):  # RPL201
    print(batch)
""",
        repeats=False,
    ),
    Situation(
        "numpy seeded in the parent does not reach the workers",
        "torch any, numpy unseeded",
        """
import numpy as np
from torch.utils.data import DataLoader, Dataset

class Data(Dataset):
    def __len__(self):
        return 4

    def __getitem__(self, index):
        return np.random.rand()

np.random.seed(0)
for batch in DataLoader(Data(), num_workers=2):  # RPL201
    print(batch)
""",
        repeats=False,
    ),
    Situation(
        "numpy seeded in the parent is enough inline",
        "torch any, numpy seeded",
        """
import numpy as np
from torch.utils.data import DataLoader, Dataset

class Data(Dataset):
    def __len__(self):
        return 4

    def __getitem__(self, index):
        return np.random.rand()

np.random.seed(0)
for batch in DataLoader(Data()):
    print(batch)
""",
    ),
    Situation(
        "seeded generator of the loader fixes its workers",
        "torch any, numpy seeded",
        """
import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

class Data(Dataset):
    def __len__(self):
        return 4

    def __getitem__(self, index):
        return np.random.rand()

g = torch.Generator()
g.manual_seed(0)
for batch in DataLoader(Data(), num_workers=2, generator=g, shuffle=True):
    print(batch)
""",
    ),
    Situation(
        "seeded generator of a shuffling loader",
        "",
        """
import torch
from torch.utils.data import DataLoader, TensorDataset

g = torch.Generator().manual_seed(0)
for (batch,) in DataLoader(TensorDataset(torch.arange(9)), shuffle=True, generator=g):
    print(batch)
""",
    ),
    Situation(
        "shuffling loader without a seed",
        "torch unseeded",
        """
import torch
from torch.utils.data import DataLoader, TensorDataset

for (batch,) in DataLoader(TensorDataset(torch.arange(99)), shuffle=True):  # RPL101
    print(batch)
""",
        repeats=False,
    ),
    Situation(
        "loader that does not shuffle",
        "torch any",
        """
import torch
from torch.utils.data import DataLoader, TensorDataset

for (batch,) in DataLoader(TensorDataset(torch.arange(9)), shuffle=False):
    print(batch)
""",
    ),
    Situation(
        "making a loader draws nothing",
        "",
        """
import torch
from torch.utils.data import DataLoader, TensorDataset

loader = DataLoader(TensorDataset(torch.arange(9)), shuffle=True)
print(len(loader))
""",
    ),
    Situation(
        "loader is enumerated",
        "torch unseeded",
        """
import torch
from torch.utils.data import DataLoader, TensorDataset

loader = DataLoader(TensorDataset(torch.arange(99)), shuffle=True)
for step, (batch,) in enumerate(loader):  # RPL101
    print(step, batch)
""",
        repeats=False,
    ),
    Situation(
        "loader is zipped and sliced",
        "torch unseeded",
        """
from itertools import islice
import torch
from torch.utils.data import DataLoader, TensorDataset

loader = DataLoader(TensorDataset(torch.arange(99)), shuffle=True)
for step, (batch,) in zip(range(3), islice(loader, 3)):  # RPL101
    print(step, batch)
""",
        repeats=False,
    ),
    Situation(
        "loader behind a progress bar",
        "torch unseeded",
        """
import torch
from torch.utils.data import DataLoader, TensorDataset
from tqdm import tqdm

loader = DataLoader(TensorDataset(torch.arange(99)), shuffle=True)
for (batch,) in tqdm(loader):  # RPL101
    print(batch)
""",
        repeats=None,
    ),
    Situation(
        "loader is cycled by a project generator",
        "torch unseeded",
        """
import torch
from torch.utils.data import DataLoader, TensorDataset

def cycle(loader):
    while True:
        for batch in loader:  # RPL101
            yield batch

batches = cycle(DataLoader(TensorDataset(torch.arange(99)), shuffle=True))
for step in range(3):
    print(next(batches))
""",
        repeats=False,
    ),
    Situation(
        "loader behind a project wrapper",
        "torch unseeded",
        """
import torch
from torch.utils.data import DataLoader, TensorDataset

class Prefetch:
    def __init__(self, loader):
        self.loader = loader

    def __iter__(self):
        for batch in self.loader:  # RPL101
            yield batch

for batch in Prefetch(DataLoader(TensorDataset(torch.arange(99)), shuffle=True)):
    print(batch)
""",
        repeats=False,
    ),
    Situation(
        "loaders in a dict by phase",
        "torch unseeded",
        """
import torch
from torch.utils.data import DataLoader, TensorDataset

data = TensorDataset(torch.arange(99))
loaders = {phase: DataLoader(data, shuffle=phase == "train") for phase in ("train", "val")}
for phase in ("train", "val"):
    for (batch,) in loaders[phase]:  # RPL101
        print(batch)
""",
        repeats=False,
    ),
    Situation(
        "random sampler draws from torch",
        "torch unseeded",
        """
import torch
from torch.utils.data import DataLoader, RandomSampler, TensorDataset

data = TensorDataset(torch.arange(99))
for (batch,) in DataLoader(data, sampler=RandomSampler(data)):  # RPL101
    print(batch)
""",
        repeats=False,
    ),
    Situation(
        "collate function draws inline",
        "python unseeded, torch any",
        """
import random
import torch
from torch.utils.data import DataLoader, TensorDataset

def collate(batch):
    return [random.random() for _ in batch]  # RPL101

torch.manual_seed(0)
for batch in DataLoader(TensorDataset(torch.arange(9)), collate_fn=collate):
    print(batch)
""",
        repeats=False,
    ),
    Situation(
        "collate function draws in workers",
        "python seeded, torch any",
        """
import random
import torch
from torch.utils.data import DataLoader, TensorDataset

def collate(batch):
    return [random.random() for _ in batch]

torch.manual_seed(0)
for batch in DataLoader(TensorDataset(torch.arange(9)), collate_fn=collate, num_workers=1):
    print(batch)
""",
    ),
    Situation(
        "worker init seeds numpy from torch",
        "numpy seeded, torch any",
        """
import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

class Data(Dataset):
    def __len__(self):
        return 4

    def __getitem__(self, index):
        return np.random.rand()

def init(worker_id):
    np.random.seed(torch.initial_seed() % 2**32)

torch.manual_seed(0)
for batch in DataLoader(Data(), num_workers=2, worker_init_fn=init):
    print(batch)
""",
    ),
    Situation(
        "worker init does not help without a seed of torch",
        "torch any, numpy unseeded",
        """
import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

class Data(Dataset):
    def __len__(self):
        return 4

    def __getitem__(self, index):
        return np.random.rand()

def init(worker_id):
    np.random.seed(torch.initial_seed() % 2**32)

for batch in DataLoader(Data(), num_workers=2, worker_init_fn=init):  # RPL201
    print(batch)
""",
        repeats=False,
    ),
    Situation(
        "iterable dataset draws inline",
        "numpy unseeded, torch any",
        """
import numpy as np
from torch.utils.data import DataLoader, IterableDataset

class Stream(IterableDataset):
    def __iter__(self):
        for _ in range(3):
            yield np.random.rand()  # RPL101

for batch in DataLoader(Stream()):
    print(batch)
""",
        repeats=False,
    ),
    Situation(
        "iterable dataset draws in workers of a seeded run",
        "numpy seeded, torch any",
        """
import numpy as np
import torch
from torch.utils.data import DataLoader, IterableDataset

class Stream(IterableDataset):
    def __iter__(self):
        for _ in range(3):
            yield np.random.rand()

torch.manual_seed(0)
for batch in DataLoader(Stream(), num_workers=1):
    print(batch)
""",
    ),
    Situation(
        "subset and concatenation hold the dataset",
        "python unseeded, torch any",
        """
import random
import torch
from torch.utils.data import ConcatDataset, DataLoader, Dataset, Subset

class Data(Dataset):
    def __len__(self):
        return 4

    def __getitem__(self, index):
        return random.random()  # RPL101

torch.manual_seed(0)
both = ConcatDataset([Subset(Data(), [0, 1]), Data()])
for batch in DataLoader(both):
    print(batch)
""",
        repeats=False,
    ),
    Situation(
        "random split draws at the call",
        "torch unseeded",
        """
import torch
from torch.utils.data import TensorDataset, random_split

train, test = random_split(TensorDataset(torch.arange(99)), [90, 9])  # RPL101
print(train.indices)
""",
        repeats=False,
    ),
    Situation(
        "random split with its generator",
        "",
        """
import torch
from torch.utils.data import TensorDataset, random_split

g = torch.Generator().manual_seed(1)
train, test = random_split(TensorDataset(torch.arange(9)), [8, 1], generator=g)
print(train.indices)
""",
    ),
    Situation(
        "transform is set on the dataset later",
        "python unseeded, torch any",
        """
import random
import torch
from torch.utils.data import DataLoader, Dataset

class Data(Dataset):
    transform = None

    def __len__(self):
        return 4

    def __getitem__(self, index):
        return self.transform(index) if self.transform is not None else index

def jitter(x):
    return x + random.random()  # RPL101

data = Data()
data.transform = jitter
torch.manual_seed(0)
for batch in DataLoader(data):
    print(batch)
""",
        repeats=False,
    ),
    Situation(
        "library compose holds the transforms",
        "python unseeded, torch any",
        """
import random
import torch
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

class Jitter:
    def __call__(self, x):
        return x + random.random()  # RPL101

class Data(Dataset):
    def __init__(self, transform):
        self.transform = transform

    def __len__(self):
        return 4

    def __getitem__(self, index):
        return self.transform(index)

torch.manual_seed(0)
for batch in DataLoader(Data(transforms.Compose([Jitter()]))):
    print(batch)
""",
        repeats=None,
    ),
    Situation(
        "nobody knows how many workers, but each is seeded from entropy",
        "numpy unseeded, torch any",
        """
import os
import sys
import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

class Data(Dataset):
    def __len__(self):
        return 4

    def __getitem__(self, index):
        return np.random.rand()

np.random.seed(0)
torch.manual_seed(0)
workers = len(sys.argv)
start = lambda number: np.random.seed(int.from_bytes(os.urandom(4), "little") % 2**31 + number)  # RPL104
for batch in DataLoader(Data(), num_workers=workers, worker_init_fn=start):
    print(batch)
""",
        repeats=False,
    ),
    Situation(
        "number of workers is an option",
        "python seeded, torch any",
        """
import argparse
import random
import torch
from torch.utils.data import DataLoader, Dataset

class Data(Dataset):
    def __len__(self):
        return 4

    def __getitem__(self, index):
        return random.random()

parser = argparse.ArgumentParser()
parser.add_argument("--workers", type=int, default=2)
args = parser.parse_args()
torch.manual_seed(0)
for batch in DataLoader(Data(), num_workers=args.workers):
    print(batch)
""",
    ),
    Situation(
        "option of no workers by default",
        "python unseeded, torch any",
        """
import argparse
import random
import torch
from torch.utils.data import DataLoader, Dataset

class Data(Dataset):
    def __len__(self):
        return 4

    def __getitem__(self, index):
        return random.random()  # RPL101

parser = argparse.ArgumentParser()
parser.add_argument("--workers", type=int, default=0)
args = parser.parse_args()
torch.manual_seed(0)
for batch in DataLoader(Data(), num_workers=args.workers):
    print(batch)
""",
        repeats=False,
    ),
    Situation(
        "settings of the loader are spread",
        "python seeded, torch any",
        """
import random
import torch
from torch.utils.data import DataLoader, Dataset

class Data(Dataset):
    def __len__(self):
        return 4

    def __getitem__(self, index):
        return random.random()

settings = {"batch_size": 2, "num_workers": 1}
torch.manual_seed(0)
for batch in DataLoader(Data(), **settings):
    print(batch)
""",
    ),
    Situation(
        "subclass of the loader",
        "torch unseeded",
        """
import torch
from torch.utils.data import DataLoader, TensorDataset

class Loader(DataLoader):
    def __init__(self, data):
        super().__init__(data, shuffle=True)

for (batch,) in Loader(TensorDataset(torch.arange(99))):  # RPL101
    print(batch)
""",
        repeats=False,
    ),
    Situation(
        "dataset draws when it is made",
        "numpy late, torch any",
        """
import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

class Data(Dataset):
    def __init__(self):
        self.x = np.random.rand(4)  # RPL102

    def __len__(self):
        return 4

    def __getitem__(self, index):
        return self.x[index]

data = Data()
np.random.seed(0)
print(np.random.rand())
for batch in DataLoader(data, num_workers=1):
    print(batch)
""",
        repeats=False,
    ),
    Situation(
        "seeding inside the spawned function",
        "torch seeded",
        """
import torch
import torch.multiprocessing as mp

def work(rank, seed):
    torch.manual_seed(seed + rank)
    print(torch.rand(3))

if __name__ == "__main__":
    mp.spawn(work, args=(3,), nprocs=1)
""",
    ),
    Situation(
        "launcher calls directly by default",
        "torch seeded",
        """
import argparse
import torch
import torch.multiprocessing as mp

def work(rank, args):
    print(torch.rand(3))  # RPL103 possible

def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--world-size", type=int, default=1)
    args = parser.parse_args()
    torch.manual_seed(0)
    if args.world_size > 1:
        mp.spawn(work, args=(args,), nprocs=args.world_size)
    else:
        work(0, args)

if __name__ == "__main__":
    main()
""",
    ),
    Situation(
        "a spawned process seeds nothing in its parent",
        "python unseeded",
        """
import random
from multiprocessing import get_context

def work():
    random.seed(0)

if __name__ == "__main__":
    child = get_context("spawn").Process(target=work)
    child.start()
    child.join()
    print(random.random())  # RPL101
""",
        repeats=False,
    ),
    Situation(
        "a process is forked by default",
        "numpy seeded",
        """
import multiprocessing
import numpy as np

def work():
    print(np.random.rand(), flush=True)

if __name__ == "__main__":
    np.random.seed(0)
    child = multiprocessing.Process(target=work)
    child.start()
    child.join()
""",
        repeats=None,
    ),
    Situation(
        "a pool maps a drawing function",
        "python unseeded",
        """
import random
from multiprocessing import Pool

def work(n):
    return random.random()

if __name__ == "__main__":
    random.seed(0)
    with Pool(1) as pool:
        print(pool.map(work, range(2)))  # RPL114
""",
        repeats=False,
    ),
    Situation(
        "a pool whose tasks seed themselves",
        "python seeded",
        """
import random
from multiprocessing import Pool

def work(n):
    random.seed(n)
    return random.random()

if __name__ == "__main__":
    with Pool(1) as pool:
        print(pool.map(work, range(2)))
""",
    ),
    Situation(
        "an executor of processes",
        "python unseeded",
        """
import random
from concurrent.futures import ProcessPoolExecutor

def work(n):
    return random.random()

if __name__ == "__main__":
    random.seed(0)
    with ProcessPoolExecutor(1) as pool:
        print(list(pool.map(work, range(2))))  # RPL114
""",
        repeats=False,
    ),
    Situation(
        "generator object of numpy with a seed",
        "",
        """
import numpy as np

rng = np.random.default_rng(3)
print(rng.random())
""",
    ),
    Situation(
        "instance of random with a seed",
        "",
        """
import random

rng = random.Random(3)
print(rng.random())
""",
    ),
    Situation(
        "initializer of a pool seeds each process",
        "numpy seeded",
        """
from multiprocessing import get_context
import numpy as np

def prepare(seed):
    np.random.seed(seed)

def job(number):
    return np.random.normal() + number

if __name__ == "__main__":
    with get_context("spawn").Pool(1, initializer=prepare, initargs=(3,)) as pool:
        print(pool.map(job, [1, 2]))
""",
        repeats=None,
    ),
    Situation(
        "initializer of an executor seeds from the process",
        "numpy unseeded",
        """
import os
from concurrent.futures import ProcessPoolExecutor
import numpy as np

def prepare():
    np.random.seed(os.getpid())  # RPL104

def job(number):
    return np.random.normal() + number

if __name__ == "__main__":
    np.random.seed(0)
    with ProcessPoolExecutor(1, initializer=prepare) as pool:
        print(list(pool.map(job, [1, 2])))
""",
        repeats=None,
    ),
    Situation(
        "arguments of what is submitted arrive",
        "numpy seeded",
        """
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import Process
import numpy as np

def job(size, seed=None):
    np.random.seed(seed)
    print(np.random.normal(size=size))

if __name__ == "__main__":
    with ProcessPoolExecutor(1) as pool:
        pool.submit(job, 2, seed=3).result()
    other = Process(target=job, args=(2,), kwargs={"seed": 4})
    other.start()
    other.join()
""",
        repeats=None,
    ),
    Situation(
        "trainer iterates the loader that it is given",
        "torch seeded, python unseeded",
        """
import random
import lightning
import torch
from torch.utils.data import DataLoader, Dataset

class Numbers(Dataset):
    def __len__(self):
        return 8

    def __getitem__(self, index):
        return torch.tensor([random.random()])  # RPL101

class Net(lightning.LightningModule):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(1, 1)

    def training_step(self, batch, index):
        return self.layer(batch).sum()

torch.manual_seed(0)
lightning.Trainer().fit(Net(), train_dataloaders=DataLoader(Numbers(), shuffle=True))
""",
        repeats=None,
    ),
    Situation(
        "trainer iterates the loader that a hook makes",
        "torch seeded, python unseeded, numpy seeded",
        """
import random
import lightning
import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

class Numbers(Dataset):
    def __len__(self):
        return 8

    def __getitem__(self, index):
        return torch.tensor([random.random() + np.random.rand()])  # RPL101

class Net(lightning.LightningModule):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(1, 1)

    def train_dataloader(self):
        return DataLoader(Numbers(), shuffle=True)

torch.manual_seed(0)
np.random.seed(0)
lightning.Trainer().fit(Net())
""",
        repeats=None,
    ),
]


@cases(SITUATIONS)
def test_what_is_said(one, tmp_path):
    judge(one, tmp_path)
