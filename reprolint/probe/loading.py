"""Runs with 0, 1 and 2 workers → what each DataLoader hands out in two epochs, and what its workers draw for it. Knows no torch."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import msgspec

from reprolint.probe.children import CouldNotRun
from reprolint.probe.compare import last_line
from reprolint.probe.said import Said, worst_first
from reprolint.probe.variations import VARIATIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from reprolint.probe.said import Weight
    from reprolint.probe.trace import Trace

_SETTINGS: Final = tuple(one for one in VARIATIONS if one.name == "workers")
_PAIR: Final = 2
_FEW: Final = 8
"""Items whose order may be the same twice by chance."""


class Loader(msgspec.Struct, frozen=True, tag_field="kind", tag="loader", kw_only=True):
    """A DataLoader, as the script asked for it."""

    number: int
    """From 0, in the order in which they are made."""
    where: str
    of: str
    """The class of its dataset."""
    iterable: bool
    """Its dataset is iterated, and not indexed."""
    asked: int
    """Workers that the script asks for."""
    shuffles: bool
    """By a sampler of torch's own."""
    sampler: str
    trains: bool
    """A gradient was taken right after one of its batches."""
    ordered: bool
    """Batches come in the order in which they were asked for."""


class Epoch(msgspec.Struct, frozen=True, tag_field="kind", tag="epoch", kw_only=True):
    """One pass over a loader: fingerprints of the indexes of each batch, and of the batches as they came."""

    loader: int
    number: int
    """From 1."""
    indexes: list[str]
    batches: list[str]
    complete: bool


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """An item as a worker made it; `collate`: a batch of items."""

    index: str
    value: str
    draws: dict[str, str]
    """Streams, and generators that the dataset holds, that were drawn from, with their states before."""
    seeds: list[str]
    """Streams that were seeded within it."""
    places: dict[str, list[tuple[str, int, int]]]


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """What loaders did with that many workers. Items by loader, epoch and worker."""

    workers: int
    loaders: tuple[Loader, ...]
    epochs: dict[tuple[int, int], Epoch]
    items: dict[tuple[int, int], dict[int, list[Item]]]


class Loading(msgspec.Struct, frozen=True, kw_only=True):
    """What was found, of each loader in the order in which they are made."""

    loaders: tuple[Loader, ...] = ()
    found: tuple[tuple[Said, ...], ...] = ()
    """Of each loader."""
    unseen: tuple[str, ...] = ()
    failed: str = ""
    """Why nothing is known."""

    @property
    def faults(self) -> tuple[Said, ...]:
        """What should be otherwise with as many workers as the script asks for."""
        return tuple(one for found in self.found for one in found if one.weight == "fault")

    @property
    def faulty(self) -> bool:
        """Whether there is any."""
        return bool(self.faults)


def load(run: Callable[..., Trace], *, timeout: float, tell: Callable[[str], None]) -> Loading:
    """Three runs; one that fails is told, and loses nothing else. `run` as in `experiment`; `timeout`: seconds for one of them."""
    runs = []
    for one in _SETTINGS:
        tell(f"loaders with {one.setting} workers")
        with TemporaryDirectory(prefix="reprolint-") as folder:
            try:
                trace = run((one,), loading={"folder": folder, "seconds": timeout / _PAIR})
            except CouldNotRun as error:
                return Loading(failed=f"the script cannot run that way: {error}")
            if trace.end is not None and trace.end.reason == "error":
                return Loading(failed=f"with {one.setting} workers the script fails: {last_line(trace.errors)}")
            runs.append(read(Path(folder), int(one.setting)))
    return judge(runs)


def read(folder: Path, workers: int) -> Run:
    """What a run wrote; the last line of a worker that was ended is left out if it is cut short."""
    decoder: msgspec.json.Decoder[Loader | Epoch] = msgspec.json.Decoder(Loader | Epoch)
    file = folder / "loaders.jsonl"
    known = [decoder.decode(line) for line in file.read_bytes().splitlines()] if file.exists() else []
    items: dict[tuple[int, int], dict[int, list[Item]]] = {}
    for path in sorted(folder.glob("items.*")):
        loader, epoch, worker = map(int, path.name.split(".")[1:])
        items.setdefault((loader, epoch), {})[worker] = list(_items(path))
    return Run(
        workers=workers, loaders=tuple(one for one in known if isinstance(one, Loader)),
        epochs={(one.loader, one.number): one for one in known if isinstance(one, Epoch)}, items=items,
    )  # fmt: skip


def _items(path: Path) -> Iterator[Item]:
    decoder = msgspec.json.Decoder(Item)
    for line in path.read_bytes().splitlines():
        try:
            yield decoder.decode(line)
        except msgspec.DecodeError:
            return


def judge(runs: Sequence[Run]) -> Loading:
    """What the runs with 0, 1 and 2 workers say, in that order."""
    loaders = runs[0].loaders
    if not loaders:
        return Loading(failed="the script makes no DataLoader")
    if any([(one.where, one.of) for one in run.loaders] != [(one.where, one.of) for one in loaders] for run in runs):
        return Loading(failed="the script makes other DataLoaders with another number of workers")
    trains = {one.number for run in runs for one in run.loaders if one.trains} or {one.number for one in loaders}
    found: list[tuple[Said, ...]] = []
    unseen: list[str] = []
    for one in loaders:
        if (one.number, 1) not in runs[0].epochs:
            found.append(())
            continue
        said = [*_order(one, runs), *(_streamed(one, runs) if one.iterable else ())]
        said += [*_between(one, runs), *_repeated(one, runs), *_shuffle(one, runs)] if one.number in trains else []
        found.append(worst_first(said))
        unseen += [f"{one.where}: {text}" for text in _unseen(one, runs, trains)]
    return Loading(loaders=loaders, found=tuple(found), unseen=tuple(unseen))


def _asked(one: Loader, runs: Sequence[Run]) -> Run:
    """The run that is nearest to what the script asks for."""
    return runs[min(one.asked, len(runs) - 1)]


# -- which items, in which order -----------------------------------------------------------------------------------


def _order(one: Loader, runs: Sequence[Run]) -> Iterator[Said]:
    if not one.ordered and one.asked > 1:
        yield Said(about="order", weight="note", says="batches come in the order in which workers are done (`in_order=False`): it is another one in each run", help="leave out `in_order=False`")
    numbers = [number for number in (1, 2) if all((one.number, number) in run.epochs for run in runs)]
    other = {}
    for number in numbers:
        found = [run.epochs[one.number, number] for run in runs]
        parts = [epoch.batches if one.iterable else epoch.indexes for epoch in found]
        length = min(map(len, parts))
        if any(part[:length] != parts[0][:length] for part in parts) or (all(epoch.complete for epoch in found) and len(set(map(len, parts))) > 1):
            other[number] = found
    if numbers and not other:
        yield Said(about="order", weight="agrees", says=f"the same {'batches' if one.iterable else 'items'} in the same order with 0, 1 and 2 workers{_both(numbers)}")
    elif numbers and one.iterable:
        yield Said(about="order", weight="note", says="other batches, or another order, with another number of workers: each worker iterates a copy of the dataset")
    elif numbers:
        drawn = any("torch" in item.draws for items in runs[0].items.values() for found in items.values() for item in found)
        yield Said(
            about="order", weight="note", says=f"the order{' of epoch 2' if min(other) > 1 else ''} depends on the number of workers: " + (
                "without workers, items draw from the stream that shuffles" if drawn else "something besides the seed decides it"),
            help="give the DataLoader a generator of its own: `generator=torch.Generator().manual_seed(0)`" if drawn else "",
        )  # fmt: skip
    if numbers and not one.iterable:
        yield from _contents(one, runs)


def _both(numbers: Sequence[int]) -> str:
    return ", in both epochs" if len(numbers) == _PAIR else ""


def _contents(one: Loader, runs: Sequence[Run]) -> Iterator[Said]:
    """What is in the items of the first epoch."""
    values = [{item.index: item.value for items in run.items.get((one.number, 1), {}).values() for item in items if item.index != "collate"} for run in runs]
    common = set(values[0]).intersection(*values[1:])
    if not common:
        return
    if all(len({found[index] for found in values}) == 1 for index in common):
        yield Said(about="contents", weight="agrees", says="each item is the same with 0, 1 and 2 workers")
        return
    drawn = any(item.draws or item.seeds for run in runs for items in run.items.get((one.number, 1), {}).values() for item in items)
    why = "they draw, and each worker draws from streams of its own" if drawn else "and no stream or generator is known that they draw from: the dataset may keep a state"
    yield Said(about="contents", weight="note", says=f"the items are others with another number of workers: {why}")


def _streamed(one: Loader, runs: Sequence[Run]) -> Iterator[Said]:
    """Whether the workers of an iterable dataset share its items."""
    alone, pair = (_values(run, one) for run in (runs[0], runs[2]))
    first, second = (pair.get(worker, []) for worker in (0, 1))
    length = min(len(first), len(second))
    whole = all((epoch := run.epochs.get((one.number, 1))) is not None and epoch.complete for run in (runs[0], runs[2]))
    come, there = [value for values in pair.values() for value in values], alone.get(-1, [])
    if length >= _PAIR and len(set(first[:length])) > 1 and first[:length] == second[:length]:
        weight, when = _with(one, _PAIR)
        yield Said(
            about="items", weight=weight, says=f"{when}each worker gives all items: {length:,} come twice",
            help="let each worker take its own part: `torch.utils.data.get_worker_info()` in `__iter__`",
        )  # fmt: skip
    elif whole and there and not (lost := Counter(there) - Counter(come)):
        more = len(come) - len(there)
        says = "each item comes once with 2 workers" if not more else f"with 2 workers an epoch has {len(come):,} items instead of {len(there):,}: unless they are made up, some come twice"
        yield Said(about="items", weight="note" if more else "agrees", says=says)
    elif whole and there and not any(item.draws for run in runs for items in run.items.get((one.number, 1), {}).values() for item in items):
        weight, when = _with(one, _PAIR)
        yield Said(
            about="items", weight=weight, says=f"{when}{sum(lost.values()):,} of {len(there):,} items never come, or others come in their place",
            help="share the items out without a rest: `itertools.islice(items, info.id, None, info.num_workers)`",
        )  # fmt: skip


def _values(run: Run, one: Loader) -> dict[int, list[str]]:
    return {worker: [item.value for item in items if item.index != "collate"] for worker, items in run.items.get((one.number, 1), {}).items()}


def _with(one: Loader, workers: int) -> tuple[Weight, str]:
    """How much it weighs that it shows with so many workers, and the words for it."""
    if one.asked >= workers:
        return "fault", ""
    return "note", f"with {'1 worker' if workers == 1 else f'{workers} workers'} (the script asks for {one.asked}), "


# -- what is drawn for them ----------------------------------------------------------------------------------------


def _draws(items: Sequence[Item]) -> dict[str, set[str]]:
    """The states from which each stream or generator was drawn."""
    found: dict[str, set[str]] = {}
    for item in items:
        for name, state in item.draws.items():
            found.setdefault(name, set()).add(state)
    return found


def _between(one: Loader, runs: Sequence[Run]) -> Iterator[Said]:
    """Two workers that draw the same numbers in the same epoch."""
    done = set()
    for number in (1, 2):
        workers = runs[2].items.get((one.number, number), {})
        first, second = (_draws(workers.get(worker, [])) for worker in (0, 1))
        for name in first:
            shared = first[name] & second.get(name, set())
            if shared and name not in done:
                done.add(name)
                weight, when = _with(one, _PAIR)
                many = min(len(first[name]), len(second[name]))
                yield _drawn("draws", weight, name, f"{when}both workers draw the same numbers from {_called(name)} ({len(shared):,} of {many:,} times)", workers)


def _repeated(one: Loader, runs: Sequence[Run]) -> Iterator[Said]:
    """An epoch that draws what the one before has drawn."""
    done = set()
    for run in sorted(runs, key=lambda run: run is not _asked(one, runs)):
        found = [run.items.get((one.number, number), {}) for number in (1, 2)]
        first, second = (_draws([item for items in workers.values() for item in items]) for workers in found)
        for name in first:
            shared = first[name] & second.get(name, set())
            if shared and name not in done:
                done.add(name)
                nearest = run is _asked(one, runs)
                weight: Weight = "fault" if nearest else "note"
                when = "" if nearest else f"with {run.workers} {'worker' if run.workers == 1 else 'workers'} (the script asks for {one.asked}), "
                many = min(len(first[name]), len(second[name]))
                yield _drawn("epochs", weight, name, f"{when}epoch 2 draws the same numbers from {_called(name)} as epoch 1 ({len(shared):,} of {many:,} times)", found[0])


def _called(name: str) -> str:
    return f"`{name.removeprefix('held ')}`" if name.startswith("held ") else f"the stream `{name}`"


def _drawn(about: str, weight: Weight, name: str, says: str, workers: Mapping[int, list[Item]]) -> Said:
    held = name.startswith("held ")
    path = name.removeprefix("held ")
    places = {place for items in workers.values() for item in items for place in item.places.get(path, ())}
    seeding = "seed from `torch.initial_seed() % 2**32` in `worker_init_fn`, or leave it out: torch seeds python, numpy and torch in each worker"
    making = "make it in each worker, from `torch.initial_seed()`, or draw from the global streams, which torch seeds apart"
    return Said(about=about, weight=weight, says=says, names=(path,), generator=held, places=tuple(sorted(places)), help=making if held else seeding)


def _shuffle(one: Loader, runs: Sequence[Run]) -> Iterator[Said]:
    """A sampler that shuffles each epoch in the same way."""
    run = _asked(one, runs)
    first, second = (run.epochs.get((one.number, number)) for number in (1, 2))
    if not one.shuffles or first is None or second is None:
        return
    length = min(len(first.indexes), len(second.indexes))
    items = [item for found in run.items.get((one.number, 1), {}).values() for item in found if item.index != "collate"]
    if length and len(items) >= _FEW and first.indexes[:length] == second.indexes[:length]:
        known = one.sampler == "DistributedSampler"
        yield Said(
            about="shuffle", weight="fault", names=(one.sampler,), says="epoch 2 has the order of epoch 1, though it is shuffled",
            help="call `sampler.set_epoch(epoch)` before each epoch" if known else "make the loader and its generator once, and not anew in each epoch",
        )  # fmt: skip


# -- what was not seen ---------------------------------------------------------------------------------------------


def _unseen(one: Loader, runs: Sequence[Run], trains: set[int]) -> Iterator[str]:
    if any((one.number, 2) not in run.epochs for run in runs):
        first = runs[0].epochs[one.number, 1]
        yield "a second epoch: " + (f"the first one was not over after {len(first.batches):,} batches" if not first.complete else "the script has one")
    if any(not run.items.get((one.number, 1)) for run in runs[1:]):
        yield "what its workers give and draw: they are not forked"
    seeds = sorted({name for run in runs for key, items in run.items.items() if key[0] == one.number for found in items.values() for item in found for name in item.seeds})
    if seeds and one.number in trains:
        yield f"draws from {', '.join(seeds)} in items that seed it themselves"
