"""What resuming showed → what people read, and what programs read."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import msgspec
from rich.text import Text

from reprolint import __version__
from reprolint.probe import hardware
from reprolint.probe.reading import of_difference, of_scratch
from reprolint.report.frame import GUTTER

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reprolint.probe.compare import Difference
    from reprolint.probe.lacking import Leg, Part
    from reprolint.probe.resuming import Resumption
    from reprolint.report.text import Paper

_NAMES: Final = 3
_NOT_SEEN: Final = (
    "what is kept in any other place (a counter, a cache, a worker, a generator that no variable holds), unless batches or losses show it",
    "other hash seeds, listings, clocks: `reprolint probe` without --resume-with varies them",
)
_HELP: Final = {
    "checkpoint": "see that the script acts on what it is given, and that it is the option's right form",
    "model": "save `model.state_dict()`, and load it before the first step",
    "buffers": "save the whole `model.state_dict()`: the parameters alone leave the buffers out",
    "optimizer": "save `optimizer.state_dict()`, and load it after the weights",
    "settings": "save what the learning rate is computed from (a scheduler's `state_dict()`, the number of the step), and load it after the optimizer",
    "scheduler": "save its `state_dict()`, and load it after the optimizer's",
    "scaler": "save its `state_dict()`, and load it",
    "module": "save its `state_dict()` beside that of the model, and load it",
    "values": "save it beside the model, and load it",
    "generator": "save its state and restore it last of all; if it shuffles and the checkpoint is from the middle of an epoch, save the place in the epoch too",
    "place": "save how much of the epoch is over and skip as much, or save at the end of an epoch; the sampler's own state and epoch belong to it",
    "unknown": "look at what differs first: something that these steps depend on is neither in the checkpoint nor among what was compared",
}
_STREAMS: Final = {
    "python": "save `random.getstate()`, and set it with `random.setstate` last of all",
    "numpy": "save `numpy.random.get_state()`, and set it with `numpy.random.set_state` last of all",
    "torch": "save `torch.get_rng_state()`, and set it with `torch.set_rng_state` last of all, once model and loaders are made",
    "cuda": "save `torch.cuda.get_rng_state_all()`, and set it with `torch.cuda.set_rng_state_all` last of all",
}
_WHAT: Final = {
    "model": "the weights", "buffers": "buffers of the model", "optimizer": "the state of the optimizer", "settings": "settings of the optimizer",
    "place": "the place in the data", "unknown": "something that was not watched",
}  # fmt: skip


def called(part: Part) -> str:
    """What is lost, in words."""
    if part.what == "stream":
        return f"the {part.name} stream"
    if part.what == "checkpoint":
        return f"all of it: {_unread(part)}"
    return _WHAT.get(part.what) or {"module": f"{part.name} (a module beside the model)", "values": f"`{part.name}` (a copy of the weights)", "generator": f"`{part.name}` (a generator)"}.get(part.what, part.name)


def how(part: Part) -> str:
    """In which way it is lost."""
    if part.what in {"checkpoint", "unknown"}:
        return ""
    if part.what in {"stream", "generator"}:
        return part.detail + (", and as it was at the start" if part.afresh else "")
    if part.what == "place":
        return part.detail + (": the loader started over" if part.afresh else "")
    counts = [f"{len(names)} of {part.total} {word}" for names, word in ((part.missing, "are not there" if part.total > 1 else "is not there"), (part.other, "differ" if part.total > 1 else "differs")) if names]
    shown = [*part.missing, *part.other]
    names = ", ".join(shown[:_NAMES]) + (", …" if len(shown) > _NAMES else "")
    over = "; as they were at the start" if part.afresh and part.other else ""
    return f"{' and '.join(counts)} ({names}){over}" + (f"; {part.detail}" if part.detail else "")


def _unread(part: Part) -> str:
    instead = f"{', '.join(part.other)} was read instead" if part.other else "it starts over" if part.afresh else ""
    return f"{part.name} was not seen to be read" + (f"; {instead}" if instead else "")


def remedy(part: Part) -> str:
    """What to do about it."""
    if part.what == "stream":
        return "restore it later: after model, loaders and their iterators are made" if part.detail.startswith("restored as") else _STREAMS.get(part.name, "save its state, and restore it")
    return _HELP[part.what]


def write(outcome: Resumption, on: Paper) -> None:
    """The whole report."""
    put = partial(on.console.print, soft_wrap=True)
    put(Text(hardware.said(outcome.device, outcome.gpus, but=" but what steps return"), style=GUTTER))
    if outcome.scratch is not None:
        put(Text(of_scratch(outcome.scratch), style=GUTTER))
    good = not outcome.diverged
    put(Text.assemble(f"{outcome.target}  ", ("✓", "green") if good else ("✗", "red"), f" {verdict(outcome)}"))
    for line, fine in runs(outcome):
        put(Text.assemble("  ", (line, "green" if fine else "red" if fine is False else GUTTER)))
    for title, found in _legs(outcome):
        if found.lacks or found.first is not None:
            _write_leg(title, found, put)
    for note in notes(outcome):
        put(Text.assemble(("note", "cyan"), f": {note}"))
    kept = outcome.first.kept if outcome.first is not None else ()
    if kept:
        put(f"came back as it was: {', '.join(kept)}")
    put(compared(outcome))
    put(f"not watched: {'; '.join((*outcome.unwatched, *_NOT_SEEN))}")


def _legs(outcome: Resumption) -> Iterator[tuple[str, Leg]]:
    if outcome.first is not None:
        yield "", outcome.first
    if outcome.second is not None and not _alike(outcome):
        yield "the second time", outcome.second


def _write_leg(title: str, found: Leg, put: Any) -> None:  # noqa: ANN401  prints a line
    put()
    if found.first is not None:
        put(Text.assemble((f"first difference{', ' + title if title else ''}", "bold red"), f": {_difference(found.first)}"))
    for part in found.lacks:
        said = how(part)
        put(Text.assemble((f"lost{', ' + title if title else ''}", "bold red"), f": {called(part)}", f": {said}" if said else ""))
        put(f"  help: {remedy(part)}")


def verdict(outcome: Resumption) -> str:
    """In one line."""
    if outcome.straight is not None:
        return "two runs differ that were never interrupted: nothing can be said of the checkpoint"
    first, second = outcome.first, outcome.second
    if first is not None and not first.agrees:
        return f"resumed, {_first(first)}"
    if outcome.repeats is not None:
        return "two runs that are resumed from the same checkpoint differ"
    if second is not None and not second.agrees:
        return "resumed once it goes on as if nothing had happened; resumed a second time it does not"
    return "resumed, it goes on as if nothing had happened"


def _first(found: Leg) -> str:
    """How the first resumed run goes wrong."""
    if found.first is not None and found.first.kind == "exit":
        return found.first.detail.replace("a run failed", "it fails").replace("the first one went well", "the run that goes straight on does not")
    if found.lacks and found.lacks[0].what == "checkpoint":
        return _unread(found.lacks[0])
    return f"it goes on from another state: lost {_and([called(part) for part in found.lacks])}" if found.lacks else "it goes on differently"


def runs(outcome: Resumption) -> Iterator[tuple[str, bool | None]]:
    """Each run, and whether it went as it should; None where that was not tried."""
    words = f"with {outcome.resumed_with}" if outcome.resumed_with else "by itself, with the same arguments"
    if outcome.straight is not None:
        yield f"run twice, never interrupted: differs: {_difference(outcome.straight)}", False
        yield "resumed: not judged", None
        return
    assert outcome.first is not None
    yield f"interrupted, with the checkpoint {outcome.checkpoint} of step {outcome.first.after}: until then as the run that goes straight on", True
    yield f"resumed {words}: {_went(outcome.first)}", outcome.first.agrees
    if outcome.repeats is not None:
        yield f"resumed from the same checkpoint again: differs from the first time: {_difference(outcome.repeats)}", False
    if outcome.second is None:
        yield f"resumed a second time, from the checkpoint of the resumed run: not tried: {outcome.alone or 'what is resumed does not repeat'}", None
    else:
        same = ", for the same reason" if _alike(outcome) else ""
        yield f"resumed a second time, from the checkpoint of the resumed run, of step {outcome.second.after}: {_went(outcome.second)}{same}", outcome.second.agrees


def _went(found: Leg) -> str:
    if found.first is not None and found.first.number:
        return f"differs from step {found.first.number} on" + (", its first" if found.first.number == found.after + 1 else "")
    if found.first is not None:
        return "fails" if found.first.kind == "exit" else "differs from its start" if not found.first.step else "differs"
    if found.lacks:
        return f"{_count(found.steps)} agree, and yet something is lost"
    return f"{_count(found.steps)} agree"


def _difference(found: Difference) -> str:
    """Steps are counted over all optimizers, as in all that is said of resuming."""
    counted = msgspec.structs.replace(found, step=found.number) if found.step else found
    return of_difference(counted).replace("initial parameters", "weights that it starts from")


def _alike(outcome: Resumption) -> bool:
    """Whether the second resume loses what the first one lost, and no more."""
    first, second = outcome.first, outcome.second
    return first is not None and second is not None and bool(first.lacks) and {(part.what, part.name) for part in second.lacks} == {(part.what, part.name) for part in first.lacks}


def notes(outcome: Resumption) -> tuple[str, ...]:
    """What else is to be known."""
    unsure = outcome.first.unsure if outcome.first is not None else ()
    found = [f"the {part.name} stream is in another state too ({part.detail}); these steps were not seen to depend on it" for part in unsure]
    if outcome.straight is not None:
        found.append("`reprolint probe` without --resume-with says what it is that does not repeat" if not outcome.calls else "`assert_reproducible` says what it is that does not repeat")
    return tuple(found)


def compared(outcome: Resumption) -> str:
    """What was compared, in one line."""
    legs = [one for one in (outcome.first, outcome.second) if one is not None]
    spans = [f"step {one.after + 1}" if one.steps == 1 else f"steps {one.after + 1} to {one.after + one.steps}" for one in legs if one.steps]
    what = "results, batches, losses, gradients, weights, buffers and optimizers" if outcome.calls else "batches, losses, gradients, weights, buffers and optimizers"
    before = "; and what the first of them starts from: weights, optimizers, schedulers, scalers, modules beside the model, copies of the weights, streams, generators"
    return f"compared: {what} of {' and of '.join(spans)}, bit by bit{before}" if spans else "compared: nothing after the checkpoint"


def _count(number: int) -> str:
    return "1 step" if number == 1 else f"{number} steps"


def _and(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def document(outcome: Resumption) -> dict[str, Any]:
    """The outcome under `version` 1, with what it means."""
    legs = {name: one for name, one in (("first", outcome.first), ("second", outcome.second)) if one is not None}
    told = msgspec.to_builtins(outcome)
    return {
        "version": 1,
        "tool": {"name": "reprolint", "version": __version__},
        "verdict": "diverged" if outcome.diverged else "agreed",
        "target": told.pop("target"),
        "device": told.pop("device"),
        "steps": told.pop("steps"),
        "unwatched": [*told.pop("unwatched"), *_NOT_SEEN],
        "scratch": told.pop("scratch"),
        "resume": told,
        "meaning": {
            "verdict": verdict(outcome),
            "runs": [line for line, _ in runs(outcome)],
            "went": [fine for _, fine in runs(outcome)],
            "scratch": of_scratch(outcome.scratch) if outcome.scratch else None,
            "differences": {name: _difference(one.first) if one.first else None for name, one in legs.items()},
            "notes": notes(outcome),
            "compared": compared(outcome),
            **{name: [{"lost": called(part), "how": how(part), "help": remedy(part)} for part in one.lacks] for name, one in legs.items()},
        },
    }
