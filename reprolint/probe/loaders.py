"""Notes what each DataLoader hands out, epoch by epoch, and what its workers draw for it; part of the tracer, which loads it only when it is asked for.

Needs nothing but the standard library. Each worker that is forked writes a file of its own in the folder that was ordered, a line an item: which one,
a fingerprint, and the state of each stream or generator that was drawn from for it, as it was before. Equal states give equal numbers.
"""

from __future__ import annotations

import functools
import json
import os
import random
import sys
import time
import types

EPOCHS = 2
"""Epochs of a loader that trains after which the run is over."""
BATCHES = 2_000
"""Batches of one epoch after which nobody waits for its end."""
ITEMS = 20_000
"""Items of one epoch and worker that are noted."""
OBJECTS, DEEPEST, LONGEST = 2_000, 6, 80
"""Of a dataset that is searched for generators: objects that are looked at, how deep, and how many elements of a container."""


class Loaders:
    """`folder` to write to; `seconds` after which the run is over wherever it is."""

    def __init__(self, tracer, order):
        self.tracer, self.folder = tracer, order["folder"]
        self.until = time.monotonic() + order["seconds"]
        self.known = []
        self.epochs = []
        self.making = self.last = None
        self.resumed = 0
        self.seeded = set()
        self.places = {}
        for name in ("seed", "setstate"):
            self.watch_seed(random, name, "python")

    # what seeds within an item makes its numbers its own

    def watch_seed(self, owner, name, stream):
        original, loaders = getattr(owner, name), self

        @functools.wraps(original)
        def seeding(*args, **kwargs):
            loaders.seeded.add(stream)
            return original(*args, **kwargs)

        setattr(owner, name, seeding)

    def numpy_came(self, module):
        for name in ("seed", "set_state"):
            self.watch_seed(module, name, "numpy")

    def torch_came(self, torch):
        for name in ("manual_seed", "set_rng_state", "seed"):
            self.watch_seed(torch, name, "torch")
            setattr(torch.random, name, getattr(torch, name))

    # loaders and their epochs, in the script's own process

    def loader_came(self, module):
        loaders, kind, base = self, module.DataLoader, module._BaseDataLoaderIter
        init, iterate, index, following, fetcher = kind.__init__, kind.__iter__, base._next_index, base.__next__, module._DatasetKind.create_fetcher

        @functools.wraps(init)
        def made(loader, *args, **kwargs):
            init(loader, *args, **kwargs)
            loaders.quietly(loaders.make, loader)

        @functools.wraps(iterate)
        def iterating(loader):
            loaders.stop_if(loaders.enough(loader))
            epoch = loaders.quietly(loaders.begin, loader)
            loaders.making = epoch
            try:
                iterator = iterate(loader)
            finally:
                loaders.making = None
            if epoch is not None:
                vars(iterator)["_reprolint"] = epoch
            return iterator

        def next_index(iterator):
            found = index(iterator)
            epoch = loaders.making or vars(iterator).get("_reprolint")
            if epoch is not None:
                loaders.quietly(lambda: epoch["indexes"].append(loaders.tracer.prints.hash(repr(found).encode())))
            return found

        def next_batch(iterator):
            epoch = vars(iterator).get("_reprolint") if os.getpid() == loaders.tracer.owner else None
            try:
                batch = following(iterator)
            except StopIteration:
                if epoch is not None:
                    epoch["complete"] = True
                raise
            if epoch is not None:
                epoch["batches"].append(loaders.tracer.prints.now(loaders.tracer.batches[-1]) if loaders.tracer.batches else "")
                loaders.last = epoch
                loaders.stop_if(len(epoch["batches"]) >= BATCHES or time.monotonic() > loaders.until)
            return batch

        def create_fetcher(*args, **kwargs):
            found = fetcher(*args, **kwargs)
            loaders.quietly(loaders.watch_fetcher, found)
            return found

        kind.__init__, kind.__iter__, base._next_index, base.__next__ = made, iterating, next_index, next_batch
        module._DatasetKind.create_fetcher = staticmethod(create_fetcher)

    def quietly(self, function, *args):
        return self.tracer.silently(function, *args) or None

    def make(self, loader):
        """The loader as the script asked for it. The same line with the same dataset again is the same loader: some make one in each epoch."""
        place = self.place()
        for known in self.known:
            if known["chain"] == place and known["dataset"] is loader.dataset:
                vars(loader)["_reprolint"] = known
                return
        sampler, batches = loader.sampler, loader.batch_sampler
        asked = (sys.modules["__reprolint_world__"].NOTED.get("workers") or [loader.num_workers])[-1]
        known = {
            "chain": place, "dataset": loader.dataset, "kind": "loader", "number": len(self.known), "where": ", from ".join(list(dict.fromkeys(place.split(" ")))[:2]), "of": type(loader.dataset).__name__,
            "iterable": isinstance(loader.dataset, sys.modules["torch"].utils.data.IterableDataset), "asked": int(asked),
            "shuffles": self.shuffles(sampler) or self.shuffles(batches), "sampler": type(sampler).__name__, "trains": False,
            "ordered": bool(getattr(loader, "in_order", True)),
        }  # fmt: skip
        vars(loader)["_reprolint"] = known
        self.known.append(known)

    def shuffles(self, sampler):
        """Whether a sampler of torch's own shuffles; those of others are unknown."""
        kind = type(sampler)
        if not kind.__module__.startswith("torch."):
            return False
        return kind.__name__ in {"RandomSampler", "SubsetRandomSampler"} or (kind.__name__ == "DistributedSampler" and sampler.shuffle)

    def place(self):
        """The script's own lines that lead here, the innermost one first."""
        frame, found = sys._getframe(1), []
        while frame is not None:
            if self.tracer.own(frame.f_code.co_filename):
                found.append(f"{os.path.relpath(frame.f_code.co_filename, self.tracer.order['cwd'])}:{frame.f_lineno}")
            frame = frame.f_back
        return " ".join(found)

    def begin(self, loader):
        known = vars(loader).get("_reprolint")
        if known is None or os.getpid() != self.tracer.owner:
            return None
        epoch = {"loader": known["number"], "number": 1 + sum(one["loader"] == known["number"] for one in self.epochs), "indexes": [], "batches": [], "complete": False}
        self.epochs.append(epoch)
        return epoch

    def enough(self, loader):
        known = vars(loader).get("_reprolint")
        return known is not None and known["trains"] and sum(one["loader"] == known["number"] for one in self.epochs) >= EPOCHS

    def trained(self):
        """A gradient is taken: the last batch that came was to train with."""
        if self.last is not None:
            self.known[self.last["loader"]]["trains"] = True

    def stop_if(self, over):
        if over and os.getpid() == self.tracer.owner:
            self.tracer.stop()

    def end(self):
        with open(os.path.join(self.folder, "loaders.jsonl"), "w", encoding="utf-8") as file:
            told = [{name: value for name, value in known.items() if name not in {"chain", "dataset"}} for known in self.known]
            file.writelines(json.dumps(one) + "\n" for one in (*told, *({"kind": "epoch", **epoch} for epoch in self.epochs)))

    # items, wherever they are made

    def watch_fetcher(self, fetcher):
        epoch = self.making
        if os.getpid() != self.tracer.owner:
            info = sys.modules["torch"].utils.data.get_worker_info()
            number, worker = epoch["number"] + self.resumed, info.id
            self.resumed += 1  # a worker that persists makes one for each epoch
        else:
            number, worker = epoch["number"], -1
        items = Items(self, os.path.join(self.folder, f"items.{epoch['loader']}.{number}.{worker}"), fetcher)
        if hasattr(fetcher, "dataset_iter"):
            fetcher.dataset_iter = Following(fetcher.dataset_iter, items)
        else:
            fetcher.dataset = (Together if getattr(fetcher.dataset, "__getitems__", None) else Single)(fetcher.dataset, items)
        fetcher.collate_fn = Collating(fetcher.collate_fn, items)

    def generators(self, *roots):
        """Objects with streams of their own that code of a dataset can reach, by the path to them."""
        numpy, torch = sys.modules.get("numpy"), sys.modules.get("torch")
        kinds = [random.Random]
        if numpy is not None:
            kinds += [numpy.random.Generator, numpy.random.RandomState]
        if torch is not None:
            kinds.append(torch.Generator)
        plain = {id(random._inst)} | ({id(sys.modules["numpy.random.mtrand"]._rand)} if numpy is not None else set()) | ({id(torch.default_generator)} if torch is not None else set())
        found, seen, left = {}, set(plain), [(root, type(root).__name__, None, 0) for root in roots]
        while left and len(seen) < OBJECTS:
            value, path, holder, depth = left.pop(0)
            if id(value) in seen or isinstance(value, (str, bytes, int, float, complex, type, types.ModuleType, type(None))):
                continue
            seen.add(id(value))
            if isinstance(value, tuple(kinds)):
                found[path] = value
                self.places.setdefault(path, holder if isinstance(holder, list) else self.lines_of(holder))
            elif depth < DEEPEST:
                left += [(part, name, place, depth + 1) for part, name, place in self.parts(value, path)]
        return found

    def parts(self, value, path):
        """What a value holds, or its code names."""
        if isinstance(value, dict):
            return [(part, f"{path}[{key!r:.40}]", value) for key, part in list(value.items())[:LONGEST]]
        if isinstance(value, (list, tuple, set, frozenset)):
            return [(part, f"{path}[{number}]", value) for number, part in zip(range(LONGEST), value, strict=False)]
        if isinstance(value, functools.partial):
            return [(part, path, value) for part in (value.func, *value.args, *value.keywords.values())]
        if isinstance(value, types.MethodType):
            return [(value.__self__, path, value), (value.__func__, path, value)]
        if isinstance(value, types.FunctionType):
            return self.named_by(value)
        torch, numpy = sys.modules.get("torch"), sys.modules.get("numpy")
        if (torch is not None and isinstance(value, torch.Tensor)) or (numpy is not None and isinstance(value, numpy.ndarray)):
            return []
        held = getattr(value, "__dict__", None)
        found = [(part, f"{path}.{name}", value) for name, part in held.items()] if isinstance(held, dict) else []
        return found + [part for function in self.methods(type(value)) for part in self.named_by(function)]

    def methods(self, kind):
        """Functions of a class that are the script's own."""
        functions = [value for one in kind.__mro__ for value in vars(one).values() if isinstance(value, types.FunctionType)]
        return [function for function in functions if self.tracer.own(function.__code__.co_filename)]

    def named_by(self, function):
        """Globals that a function names, and what it encloses; of functions of libraries nothing."""
        if not self.tracer.own(function.__code__.co_filename):
            return []
        file = [[self.relative(function.__code__.co_filename), 0, 0]]
        found = [(function.__globals__[name], name, file) for name in function.__code__.co_names if name in function.__globals__]
        for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=False):
            try:
                found.append((cell.cell_contents, name, file))
            except ValueError:
                continue
        return found

    def lines_of(self, holder):
        """Where the class of an object is written: what of it is the script's own."""
        found = []
        for one in type(holder).__mro__:
            codes = [value.__code__ for value in vars(one).values() if isinstance(value, types.FunctionType) and self.tracer.own(value.__code__.co_filename)]
            if codes:
                lines = [line for code in codes for _, _, line in code.co_lines() if line]
                found.append([self.relative(codes[0].co_filename), min(lines), max(lines)])
        return found

    def relative(self, path):
        return os.path.relpath(path, self.tracer.order["cwd"])

    def states(self, generators):
        found = {"python": str(hash(random.getstate()))}
        numpy, torch, digest = sys.modules.get("numpy"), sys.modules.get("torch"), self.tracer.prints.hash
        if numpy is not None:
            _, keys, *rest = numpy.random.get_state()
            found["numpy"] = digest(keys.tobytes() + repr(rest).encode())
        if torch is not None:
            found["torch"] = digest(torch.get_rng_state().numpy())
        for path, one in generators.items():
            if isinstance(one, random.Random):
                found[f"held {path}"] = str(hash(one.getstate()))
            elif torch is not None and isinstance(one, torch.Generator):
                found[f"held {path}"] = digest(one.get_state().cpu().numpy())
            elif hasattr(one, "bit_generator"):
                found[f"held {path}"] = digest(repr(one.bit_generator.state).encode())
            else:
                _, keys, *rest = one.get_state()
                found[f"held {path}"] = digest(keys.tobytes() + repr(rest).encode())
        return found


class Items:
    """What one worker makes of one epoch, a line each."""

    def __init__(self, loaders, path, fetcher):
        self.loaders, self.path = loaders, path
        self.roots = [fetcher.dataset, fetcher.collate_fn]
        self.file, self.count, self.generators = None, 0, {}

    def fresh(self):
        """Once a batch: generators may come up late."""
        self.generators = self.loaders.quietly(self.loaders.generators, *self.roots) or {}

    def note(self, index, make):
        """Make an item, and write down what was drawn for it."""
        if self.count >= ITEMS:
            return make()
        loaders = self.loaders
        if not self.generators and not self.count:
            self.fresh()
        before = loaders.quietly(loaders.states, self.generators) or {}
        loaders.seeded.clear()
        made = make()
        after = loaders.quietly(loaders.states, self.generators) or {}
        seeded = sorted(loaders.seeded)
        drawn = {name: state for name, state in before.items() if name not in seeded and after.get(name, state) != state}
        loaders.quietly(self.write, index, made, drawn, seeded)
        return made

    def write(self, index, made, drawn, seeded):
        if self.file is None:
            self.file = open(self.path, "w", encoding="utf-8", buffering=1)
        self.count += 1
        told = {"index": index if index == "collate" else repr(index)[:LONGEST], "value": "" if index == "collate" else self.loaders.tracer.prints.now(self.loaders.tracer.prints.of(made)), "draws": drawn, "seeds": seeded}
        places = {name[5:]: self.loaders.places.get(name[5:], []) for name in drawn if name.startswith("held ")}
        self.file.write(json.dumps({**told, "places": places}, separators=(",", ":")) + "\n")


class Single:
    """Stands for a dataset of which single items are taken."""

    def __init__(self, dataset, items):
        self.dataset, self.items = dataset, items

    def __getitem__(self, index):
        return self.items.note(index, lambda: self.dataset[index])


class Together(Single):
    """Stands for one that hands out many at once."""

    def __getitems__(self, indexes):
        return self.items.note(indexes, lambda: self.dataset.__getitems__(indexes))


class Following:
    """Stands for the iterator of a dataset."""

    def __init__(self, iterator, items):
        self.iterator, self.items = iterator, items

    def __iter__(self):
        return self

    def __next__(self):
        return self.items.note(None, self.iterator.__next__)


class Collating:
    """Stands for what makes a batch of items; it may draw too."""

    def __init__(self, function, items):
        self.function, self.items = function, items

    def __call__(self, found):
        batch = self.items.note("collate", lambda: self.function(found))
        self.items.fresh()
        return batch
