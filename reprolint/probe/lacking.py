"""A straight run and one that was resumed → where they part, and what the checkpoint lacks. Knows no torch."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import msgspec

from reprolint.probe.compare import Difference, compare

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from reprolint.probe.trace import End, Init, Saved, Start, Step, Trace

What: TypeAlias = Literal[
    "checkpoint", "model", "buffers", "optimizer", "settings", "scheduler", "scaler", "module", "values", "generator", "stream", "place", "unknown"
]
"""`checkpoint`: it is not read; `settings`: of an optimizer, as its learning rate; `module`, `values`: kept beside the model, as an average of
its weights; `generator`: one of the script's own; `stream`: a random stream; `place`: in the data; `unknown`: nothing that is watched."""

_ORDER: Final[tuple[What, ...]] = ("checkpoint", "model", "buffers", "optimizer", "scheduler", "settings", "scaler", "module", "values", "generator", "stream", "place", "unknown")


CAME_BACK: Final = "restored as it was saved"


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """Something that does not come back from the checkpoint."""

    what: What
    name: str = ""
    """Of the object or the stream."""
    missing: tuple[str, ...] = ()
    """Values that are not there at all after resuming."""
    other: tuple[str, ...] = ()
    """Values that are others."""
    total: int = 0
    """Values that there are in the straight run."""
    afresh: bool = False
    """They are what they were before the first step: it starts over."""
    detail: str = ""


class Leg(msgspec.Struct, frozen=True, kw_only=True):
    """A resumed run beside the run that went straight on."""

    after: int
    """The step, or call, after which the checkpoint was written, as the straight run counts."""
    steps: int
    """Steps after it that both took."""
    first: Difference | None
    """The first difference of the steps; their numbers are those of the straight run."""
    lacks: tuple[Part, ...]
    """What explains it; and what else is lost, though these steps do not show it yet."""
    unsure: tuple[Part, ...] = ()
    """What is in another state too, without being seen to matter in these steps."""
    kept: tuple[str, ...] = ()
    """What came back as it was, in words."""

    @property
    def agrees(self) -> bool:
        """Nothing differs that was compared, and nothing is lost."""
        return self.first is None and not self.lacks


def leg(straight: Trace, resumed: Trace, saved: Saved, *, after: int, until: int, path: str) -> Leg:
    """Compare steps `after + 1` to `until` of the straight run with those of a run that was resumed from a checkpoint, which counts from 1.

    `saved`: the checkpoint, by the run that wrote it; `path`: where it lies, if the run was told to read it.
    """
    calls = bool(straight.end is not None and straight.end.calls)
    one, other = _window(straight, 0, after, until), _window(resumed, after, after, until)
    one = _named_alike(one, other, straight, after, calls=calls)
    one, other = _batches(one, other, saved.batches, after)
    found = compare(one, other)
    steps = min(_reached(straight), _reached(resumed) + after, until) - after
    before = _start(straight, after + 1)
    there = _start(resumed, 1)
    if before is None or there is None:
        silent = found is None or found.kind in {"exit", "steps"}
        return Leg(after=after, steps=max(0, steps), first=found, lacks=() if silent else (Part(what="unknown"),))
    judge = _Judge(straight, resumed, one, other, saved, before, there, found, after)
    lacks, unsure, kept = judge.parts()
    if found is not None and found.kind == "exit" and not (resumed.steps or resumed.values):
        lacks = ()
    if not _reads(resumed, path) and any(part.what == "model" and (part.afresh or part.detail) for part in lacks):
        lacks = (Part(what="checkpoint", name=path, other=_instead(resumed, path), afresh=any(part.what == "model" and part.afresh for part in lacks)),)
        unsure, kept = (), ()
    if found is not None and found.kind not in {"exit", "steps"} and not lacks:
        lacks = (Part(what="unknown"),)
    lacks = tuple(sorted(lacks, key=lambda part: _ORDER.index(part.what)))
    return Leg(after=after, steps=max(0, steps), first=found, lacks=lacks, unsure=unsure, kept=kept)


def cut(trace: Trace, until: int) -> Trace:
    """The first steps of a trace, as though the run had ended there."""
    return _window(trace, 0, 0, until)


class _Judge:
    """Holds what is known at the moment before the first step after the checkpoint."""

    def __init__(
        self, straight: Trace, resumed: Trace, one: Trace, other: Trace, saved: Saved, before: Start, there: Start, found: Difference | None, after: int
    ) -> None:
        self.resumed, self.one, self.other, self.saved, self.before, self.there, self.found = resumed, one, other, saved, before, there, found
        self.straight, self.after = straight, after
        self.begin = _start(straight, 1)
        self.next = _start(straight, after + 2)
        self.in_call = bool(straight.end is not None and straight.end.calls)

    def parts(self) -> tuple[tuple[Part, ...], tuple[Part, ...], tuple[str, ...]]:
        """What is lost, what is in another state without being seen to matter, and what came back."""
        model, optimizer = self._model(), self._held("optimizer", "state")
        whole = optimizer is not None and len(optimizer.missing) == optimizer.total  # its settings are in what is not there
        found = (model, optimizer, *self._others(), None if whole else self._settings(), None if model is not None else self._buffers())
        lacks = [part for part in found if part is not None]
        blamed, unsure = self._streams(clean=model is None)
        own = list(self._generators()) if model is None and not blamed else []
        lacks += [*blamed, *own]
        place = self._place(bool(blamed or own))
        if place is not None:  # a loader that begins anew draws from a stream that came back
            lacks.append(place)
            unsure = [part for part in unsure if not part.detail.startswith(CAME_BACK)]
        return tuple(lacks), tuple(unsure), tuple(self._kept(lacks, (*blamed, *unsure)))

    def _held(self, what: What, field: str) -> Part | None:
        begin: Mapping[str, str] = getattr(self.begin, field) if self.begin is not None else {}
        return _part(what, "", getattr(self.before, field), getattr(self.there, field), begin)

    def _model(self) -> Part | None:
        """Whether the weights are those of another step says whether another checkpoint was read."""
        part = self._held("model", "parameters")
        if part is None or part.afresh:
            return part
        there = self.there.parameters
        at = [step.number for step in self.straight.steps if step.parameters and all(there.get(name) == value for name, value in step.parameters.items())]
        at = [number for number in at if number != self.after]
        return msgspec.structs.replace(part, detail=f"they are those that the straight run had after step {at[-1]}") if at and not self.in_call else part

    def _others(self) -> Iterator[Part]:
        """Schedulers, scalers, modules and copies of the weights. A copy that the straight run never changes is no state."""
        for key, parts in self.before.others.items():
            kind, _, name = key.partition(" ")
            if kind == "generator":
                continue
            values = kind == "values"
            if values and (key not in self.there.others or all(one is None or one.others.get(key) == parts for one in (self.begin, self.next))):
                continue
            part = _part(kind, name, parts, self.there.others.get(key, {}), self.begin.others.get(key, {}) if self.begin is not None else {})  # type: ignore[arg-type]
            if part is not None and not (values and self.found is not None and self.found.kind in {"batch", "loss", "gradients"} and not part.afresh and not part.missing):
                yield part

    def _settings(self) -> Part | None:
        """Learning rates and the like: before the first step, or from a later one on."""
        part = self._held("settings", "groups")
        if part is not None and not any(name.startswith("scheduler ") and self.there.others.get(name) != parts for name, parts in self.before.others.items()):
            return part
        for left, right in zip(self.one.steps, self.other.steps, strict=False):
            names = tuple(name for name, value in left.state.items() if name.startswith("group ") and right.state.get(name) != value)
            if names and part is None and not any(found.what == "scheduler" for found in self._others()):
                return Part(what="settings", other=names, total=sum(name.startswith("group ") for name in left.state), detail=f"from step {left.step} on")
            if names or left.parameters != right.parameters:
                return None
        return None

    def _buffers(self) -> Part | None:
        """Before a step of an optimizer the forward pass has changed them already: they are to blame if all that it starts from is the same."""
        part = self._held("buffers", "buffers")
        if part is None:
            return None
        counters = [name for name in (*part.missing, *part.other) if name.endswith("num_batches_tracked")]
        same = self.before.parameters == self.there.parameters and self.before.streams == self.there.streams and self._same_batch()
        return part if self.in_call or same or counters or part.missing else None

    def _same_batch(self) -> bool:
        left, right = self.one.steps[:1], self.other.steps[:1]
        return bool(left and right and left[0].batch == right[0].batch)

    def _streams(self, *, clean: bool) -> tuple[list[Part], list[Part]]:
        """Streams in another state: to blame if training is seen to draw from them, or if nothing else explains other batches or losses."""
        here, there = self.before.streams, self.there.streams
        restored = {found.stream: found.state for found in self.resumed.restored if not found.after}
        apart = [name for name in dict.fromkeys((*here, *there)) if here.get(name) != there.get(name)]
        parts = {name: self._stream(name, restored) for name in apart}
        if self.found is None or self.found.kind in {"exit", "steps"}:
            return [], list(parts.values())
        lost = [name for name in apart if not (name in restored and restored[name] == self.saved.streams.get(name))]
        drawn = [name for name in lost if self.next is not None and self.next.streams.get(name) != here.get(name)]
        if not drawn and clean and (self.found.kind == "batch" or (self.found.kind == "loss" and self.before.buffers == self.there.buffers)):
            drawn = [name for name in lost if not self.saved.streams or self.saved.streams.get(name) != here.get(name)]
        if not drawn and clean and self.found.kind == "loss" and self._same_batch():  # restored, and drawn from since by something else
            drawn = apart
        return [parts[name] for name in drawn], [parts[name] for name in apart if name not in drawn]

    def _generators(self) -> Iterator[Part]:
        """Generators of the script's own in another state, if there are other batches, losses or results: nothing says whether they were restored."""
        if self.found is None or self.found.kind not in {"batch", "loss", "result"}:
            return
        for key, parts in self.before.others.items():
            kind, _, name = key.partition(" ")
            if kind == "generator" and key in self.there.others and self.there.others[key] != parts:
                afresh = self.begin is not None and self.there.others[key] == self.begin.others.get(key)
                yield Part(what="generator", name=name, other=(name,), total=1, afresh=afresh, detail="it is in another state")

    def _stream(self, name: str, restored: Mapping[str, str]) -> Part:
        state = self.there.streams.get(name)
        begin = self.begin.streams.get(name) if self.begin is not None else None
        if name not in restored:
            detail = "never restored"
        elif restored[name] == self.saved.streams.get(name):
            detail = f"{CAME_BACK}, and drawn from since by something that the straight run does not do there"
        else:
            detail = "restored to another state than it had when the checkpoint was written" if self.saved.streams else "restored to another state"
        return Part(what="stream", name=name, other=(name,), total=1, afresh=state is not None and state == begin, detail=detail)

    def _place(self, blamed: bool) -> Part | None:  # noqa: FBT001  one thing is asked
        """Other batches that no stream explains."""
        if self.found is None or self.found.kind != "batch" or blamed:
            return None
        step = next((number for number, one in enumerate(self.one.steps) if one.number == self.found.number), 0)
        left, right = self.one.steps[step : step + 1], self.other.steps[step : step + 1]
        detail, afresh = f"from step {self.found.step} on other batches come", False
        if left and right and right[0].batch:
            first = right[0].batch[-1]
            same = [one.step for one in self.straight.steps if one.batch and one.batch[-1] == first]
            afresh = same[:1] == [1] and step == 0
            if same:
                detail = f"its batch for step {self.found.step} is the one that the straight run had at step {same[0]}"
        return Part(what="place", detail=detail, afresh=afresh)

    def _kept(self, lacks: Sequence[Part], streams: Sequence[Part]) -> Iterator[str]:
        lost = {part.what for part in lacks} | {f"{part.what} {part.name}" for part in lacks}
        for what, words, field in (("model", "weights", "parameters"), ("optimizer", "optimizer values", "state"), ("settings", "optimizer settings", "groups")):
            parts = getattr(self.before, field)
            if parts and what not in lost and parts == getattr(self.there, field):
                yield f"{len(parts)} {words}"
        if self.before.buffers and self.before.buffers == self.there.buffers:
            yield f"{len(self.before.buffers)} buffers"
        yield from (_called(key) for key, parts in self.before.others.items() if parts and self.there.others.get(key) == parts)
        apart = {part.name for part in streams}
        yield from (f"{name} stream" for name in self.before.streams if name not in apart and self.there.streams.get(name) == self.before.streams[name])


def _called(key: str) -> str:
    kind, _, name = key.partition(" ")
    return f"`{name}`" if kind in {"values", "generator"} else name


def _part(what: What, name: str, here: Mapping[str, str], there: Mapping[str, str], begin: Mapping[str, str]) -> Part | None:
    missing = tuple(key for key in here if key not in there)
    other = tuple(key for key, value in here.items() if key in there and there[key] != value)
    if not missing and not other:
        return None
    afresh = all(there.get(key) == begin.get(key) for key in (*missing, *other))
    return Part(what=what, name=name, missing=missing, other=other, total=len(here), afresh=afresh)


def _start(trace: Trace, number: int) -> Start | None:
    return next((one for one in trace.starts if one.number == number), None)


def _reached(trace: Trace) -> int:
    return (trace.end.calls if trace.end is not None else 0) or len(trace.steps)


def _reads(trace: Trace, path: str) -> bool:
    return not path or trace.end is None or any(one == path or one.startswith(f"{path}/") for one in trace.end.opened)


def _instead(trace: Trace, path: str) -> tuple[str, ...]:
    """Files called alike, but for a number, that were read."""
    family = re.sub(r"\d+", "*", path)
    return tuple(one for one in (trace.end.opened if trace.end is not None else ()) if re.sub(r"\d+", "*", one) == family)


# -- traces of a part of a run


def _window(trace: Trace, shift: int, after: int, until: int) -> Trace:
    """Steps after `after` up to `until` of a trace whose own count begins at `shift`; steps are calls where there are any."""
    end = trace.end
    if end is not None and end.calls:
        steps = tuple(msgspec.structs.replace(one, call=one.call + shift) for one in trace.steps if after < one.call + shift <= until)
        inits = tuple(msgspec.structs.replace(one, call=one.call + shift) for one in trace.inits if after < one.call + shift <= until)
        values = tuple(msgspec.structs.replace(one, call=one.call + shift) for one in trace.values if after < one.call + shift <= until)
        return msgspec.structs.replace(trace, steps=steps, inits=inits, values=values, end=_ended(end, until, calls=min(end.calls + shift, until)))
    steps = tuple(msgspec.structs.replace(one, number=one.number + shift) for one in trace.steps if after < one.number + shift <= until)
    stopped = len(trace.steps) + shift >= until
    return msgspec.structs.replace(trace, steps=steps, values=(), lines=(), end=_ended(end, until, calls=0) if end is not None and stopped else end)


def _ended(end: End, until: int, *, calls: int) -> End:
    """The end of a run that was stopped there, whatever came after."""
    return msgspec.structs.replace(end, reason="steps", code=0, calls=calls) if calls in {0, until} else msgspec.structs.replace(end, calls=calls)


def _named_alike(one: Trace, other: Trace, whole: Trace, after: int, *, calls: bool) -> Trace:
    """The straight run as though its optimizers began where those of the resumed one do: with the weights that they had then."""
    found = []
    for init in other.inits:
        earlier = [step for step in whole.steps if step.optimizer == init.optimizer and (step.call if calls else step.number) <= after]
        own = next((mine for mine in whole.inits if mine.optimizer == init.optimizer), None)
        if earlier:
            found.append(_as_init(init, earlier[-1]))
        elif own is not None:
            found.append(own)
    return msgspec.structs.replace(one, inits=tuple(found))


def _as_init(init: Init, step: Step) -> Init:
    return msgspec.structs.replace(init, parameters=step.parameters, streams=step.streams)


def _batches(one: Trace, other: Trace, gone: int, after: int) -> tuple[Trace, Trace]:
    """Steps that count as the straight run does; of the first step after the checkpoint, the batches that can be compared.

    Batches that had come before the checkpoint was written are left out. So are those that one run alone takes before the ones that both take:
    validation, or what is skipped to find the place again.
    """
    counts = _before(one, after)
    steps = tuple(msgspec.structs.replace(step, step=step.step + counts.get(step.optimizer, 0)) for step in other.steps) if counts else other.steps
    if one.steps and steps:
        left, right = one.steps[0].batch[gone:], list(steps[0].batch)
        common = min(len(left), len(right))
        if common and left[-common:] == right[-common:]:
            left, right = left[-common:], right[-common:]
        one = msgspec.structs.replace(one, steps=(msgspec.structs.replace(one.steps[0], batch=left), *one.steps[1:]))
        steps = (msgspec.structs.replace(steps[0], batch=right), *steps[1:])
    return one, msgspec.structs.replace(other, steps=steps)


def _before(one: Trace, after: int) -> dict[str, int]:
    """How many steps each optimizer had taken before this part of the straight run."""
    found: dict[str, int] = {}
    for step in one.steps:
        found.setdefault(step.optimizer, step.step - 1)
    return found if after else {}
