"""A target that saves → a run that goes straight on, one that is interrupted and resumed, one that is resumed once more; and what the checkpoint lacks."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Protocol

import msgspec

from reprolint.probe import children
from reprolint.probe.compare import Difference, compare, last_line
from reprolint.probe.hardware import devices, gpus
from reprolint.probe.lacking import Leg, cut, leg
from reprolint.probe.reading import of_processes
from reprolint.probe.variations import MUST

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from reprolint.probe.children import Target
    from reprolint.probe.scratch import Copied, Scratch
    from reprolint.probe.trace import Saved, Trace

HERE: Final = "{}"
"""Stands for the checkpoint in what a script is given to resume."""
_SHOWN: Final = 5


class Resumption(msgspec.Struct, frozen=True, kw_only=True):
    """What the experiment says."""

    target: str
    device: str
    gpus: str = ""
    calls: bool
    """A step is a call."""
    steps: int
    """Steps that a run takes at least before it is interrupted, and after it was resumed."""
    resumed_with: str
    """What the script was given besides, for the first checkpoint; of steps that are calls what loads them."""
    checkpoint: str
    """Where the first checkpoint lies."""
    first: Leg | None = None
    """The first resumed run against the one that went straight on; None where that does not repeat itself."""
    second: Leg | None = None
    """A run that was resumed from the checkpoint of the resumed run, against the run that went straight on, or, where the first
    resumed run is not like that, against that one going on; None where there is none."""
    alone: str = ""
    """Why there is no second one."""
    straight: Difference | None = None
    """How two runs differ that were not resumed: what they do does not repeat, and nothing can be said of the checkpoint."""
    repeats: Difference | None = None
    """How two runs differ that were resumed from the same checkpoint."""
    unwatched: tuple[str, ...] = ()
    scratch: Copied | None = None
    failure: str = ""
    """What a resumed run said on stderr, if it failed."""

    @property
    def diverged(self) -> bool:
        """Whether it makes a difference that a run was interrupted, or whether two runs differ in any case."""
        legs = [one for one in (self.first, self.second) if one is not None]
        return self.straight is not None or self.repeats is not None or not all(one.agrees for one in legs)


class Way(Protocol):
    """How a target is run to be interrupted, resumed, or left alone."""

    calls: bool

    def begin(self) -> Trace:
        """Run until there is a checkpoint, and keep it as number 1. Raises `CouldNotRun`."""

    def resume(self, number: int, total: int, before: Sequence[int], *, keep: bool) -> Trace:
        """Resume from a checkpoint; `keep`: until there is another one, which is the next number; `total`: steps at most."""

    def straight(self, total: int, before: Sequence[int], saves: Sequence[int]) -> Trace:
        """Run that many steps; `saves`: after which steps the others saved."""

    def told(self, number: int) -> tuple[str, str]:
        """What the run is given to resume from a checkpoint, and where that lies."""


def resumption(target: Target, way: Way, *, steps: int, tell: Callable[[str], None], copied: Copied | None = None) -> Resumption:
    """Interrupt a run, resume it, resume it again, and compare. Raises `children.CouldNotRun`."""
    tell("a run until its first checkpoint")
    begun = way.begin()
    saved = _last(begun)
    after = _at(way, saved)
    given, path = way.told(1)
    outcome = Resumption(
        target=target.said, device=devices(begun), gpus=gpus(begun), calls=way.calls, steps=steps, resumed_with=given, checkpoint=path, unwatched=_unwatched(begun), scratch=copied,
    )  # fmt: skip

    tell("resumed from that checkpoint")
    once = way.resume(1, 2 * _reached(begun) + steps, (1, 2), keep=True)
    _started(target, once, given, path)
    again = _at(way, _last(once)) if _went_well(once) and once.saved and _last(once, or_none=True) else 0
    second = None
    if again and once.end is not None and (way.calls or once.end.reason == "steps"):
        tell("resumed from the checkpoint of the resumed run")
        second = way.resume(2, steps, (1,), keep=False)
    until = after + _reached(once)
    total = max(until, after + again + (steps if second is not None else 0))
    tell("the run that goes straight on")
    saves = (after, after + again) if again else (after,)
    before = (1, after + 1, after + 2, after + again + 1, after + again + 2)
    straight = way.straight(max(total, after + steps), before, saves)
    differ = compare(cut(straight, _reached(begun)), cut(begun, _reached(begun)))
    if differ is not None:
        return msgspec.structs.replace(outcome, straight=differ)
    first = leg(straight, once, saved, after=after, until=until if _went_well(once) else _reached(straight), path="" if way.calls else path)
    repeats = None
    last = None
    if _went_well(once):
        tell("resumed from the first checkpoint again")
        longer = way.resume(1, again + steps if second is not None else _reached(once), (1, 2, again + 1, again + 2), keep=False)
        repeats = compare(cut(once, _reached(once)), cut(longer, _reached(once)))
        if second is not None and repeats is None:
            path = "" if way.calls else way.told(2)[1]
            if first.agrees:
                last = leg(straight, second, _last(once), after=after + again, until=after + again + steps, path=path)
            else:
                last = _moved(leg(longer, second, _last(once), after=again, until=again + steps, path=path), straight, after)
    if not first.agrees and (repeats is not None or any(part.what == "unknown" for part in first.lacks)):
        tell("the run that goes straight on, again")
        differ = compare(cut(straight, until), cut(way.straight(until, (1, after + 1, after + 2), saves), until))
        if differ is not None:
            return msgspec.structs.replace(outcome, straight=differ)
    failed = next((one for one in (once, second) if one is not None and not _went_well(one)), None)
    return msgspec.structs.replace(
        outcome, first=first, second=last, repeats=repeats, failure=failed.errors if failed is not None else "",
        alone="" if second is not None else _why(once, way),
    )  # fmt: skip


def _why(once: Trace, way: Way) -> str:
    if not _went_well(once):
        return "the first resumed run failed"
    if once.end is not None and once.end.reason == "exit":
        return "the resumed run was over before it could be interrupted"
    return "the resumed run saved no checkpoint" if not way.calls else "the steps were over"


def _last(trace: Trace, *, or_none: bool = False) -> Any:  # noqa: ANN401  `Saved`, and None only for who asks
    """The newest checkpoint that was written after a step."""
    found = [one for one in trace.saved if one.after or one.call]
    return found[-1] if found or not or_none else None


def _at(way: Way, saved: Saved) -> int:
    return saved.call if way.calls else saved.after


def _reached(trace: Trace) -> int:
    return (trace.end.calls if trace.end is not None else 0) or len(trace.steps)


def _went_well(trace: Trace) -> bool:
    return trace.end is not None and trace.end.reason != "error" and not trace.end.code


def _started(target: Target, once: Trace, given: str, path: str) -> None:
    """Raises `CouldNotRun` for a run that fails before it has looked at the checkpoint: it was given what it does not know."""
    end = once.end
    if end is None or _went_well(once) or once.steps or once.restored or end.calls:
        return
    if not target.calls and not any(one == path or one.startswith(f"{path}/") for one in end.opened):
        said = last_line(once.errors)
        raise children.CouldNotRun(f"`{target.said} {given}`".replace(" `", "`") + f" failed before it opened {path}" + (f": {said}" if said else ""), once.errors)


def _unwatched(trace: Trace) -> tuple[str, ...]:
    end = trace.end
    if end is None:
        return ()
    found = [f"threads of its own ({', '.join(sorted(end.threads)[:3])})"] if end.threads else []
    found += of_processes(end, varied=False)
    return (*found, *(f"{number} values of type {kind}" for kind, number in sorted(end.unhashed.items())), *sorted(end.notes))


def _moved(found: Leg, straight: Trace, by: int) -> Leg:
    """Count as the straight run does."""
    first = found.first
    if first is not None and first.number:
        own = next((step.step for step in reversed(straight.steps) if step.optimizer == first.optimizer and step.number <= by), by)
        first = msgspec.structs.replace(first, number=first.number + by, step=first.step + (own if first.optimizer else by))
    return msgspec.structs.replace(found, after=found.after + by, first=first)


# -- scripts


@dataclass(slots=True, kw_only=True)
class ByScript:
    """A script that saves by itself and is told how to resume; each run in a copy of the folder, with what the run before it left."""

    target: Target
    copies: Scratch
    resume_with: str
    checkpoint: str
    steps: int
    timeout: float
    calls: bool = False
    paths: dict[int, str] = field(default_factory=dict)

    def begin(self) -> Trace:
        """Run until the first checkpoint."""
        try:
            trace = self._run(self.copies.fresh(), {"least": self.steps, "total": 0, "before": [1]})
        except children.CouldNotRun as error:
            if "did not end within" in str(error):
                raise children.CouldNotRun(f"{error}; a run is interrupted once it took {self.steps} steps and saved: let it save earlier", error.output) from error
            raise
        if trace.end is not None and trace.end.code:
            raise children.CouldNotRun(f"`{self.target.said}` failed, exit code {trace.end.code}", trace.errors)
        if not trace.steps:
            raise children.CouldNotRun(f"`{self.target.said}` takes no step of an optimizer: there is nothing to resume (steps of your own: `reprolint.probe.assert_resumable`)")
        self._keep(1, trace)
        if trace.end is not None and trace.end.reason != "steps":
            after = _last(trace).after
            raise children.CouldNotRun(
                f"`{self.target.said}` was over after {_steps(len(trace.steps))}, before it could be interrupted: its checkpoint {self.paths[1]} was written after step {after}. "
                f"Let it train longer or save earlier (a run is interrupted once it took {self.steps} steps, see --steps, and saved)"
            )
        return trace

    def resume(self, number: int, total: int, before: Sequence[int], *, keep: bool) -> Trace:
        """Run with what it takes to resume, in the folder as it was when it was interrupted."""
        place = self.copies.back(str(number))
        argv = (*place.argv, *self._given(number))
        trace = self._run(replace(place, argv=argv), {"least": self.steps if keep else 0, "total": total, "before": list(before)}, may_fail=True)
        if keep and _went_well(trace) and _last(trace, or_none=True) is not None:
            self._keep(number + 1, trace)
        return trace

    def straight(self, total: int, before: Sequence[int], saves: Sequence[int]) -> Trace:  # noqa: ARG002  it saves by itself
        """Run without an interruption."""
        return self._run(self.copies.fresh(), {"least": 0, "total": total, "before": list(before)})

    def told(self, number: int) -> tuple[str, str]:
        """Its arguments, as they would be typed."""
        return shlex.join(self._given(number)), self.paths[number]

    def _given(self, number: int) -> list[str]:
        return [word.replace(HERE, self.paths[number]) for word in shlex.split(self.resume_with)]

    def _run(self, place: Target, standing: dict[str, Any], *, may_fail: bool = False) -> Trace:
        told = {"checkpoint": self.checkpoint, **standing}
        return children.run(place, (), MUST, steps=self.steps, timeout=self.timeout, may_fail=may_fail, standing=told)

    def _keep(self, number: int, trace: Trace) -> None:
        """Put by the checkpoint with all else that lies there. Raises `CouldNotRun` where there is none, or none that can be told."""
        said, saved = self.target.said, _last(trace, or_none=True)
        if saved is None:
            wrote = sorted(trace.end.files) if trace.end is not None else []
            wrote = wrote[:_SHOWN] + ([f"{len(wrote) - _SHOWN} more"] if len(wrote) > _SHOWN else [])
            which = f" that matches --checkpoint {self.checkpoint}" if self.checkpoint else " with torch.save"
            hint = "" if self.checkpoint and not wrote else f"; it wrote {', '.join(wrote)}" if wrote else ""
            name = "; name it with --checkpoint if it is one of them" if wrote and not self.checkpoint else ""
            raise children.CouldNotRun(f"`{said}` took {_steps(len(trace.steps))} and wrote no checkpoint{which}{hint}{name}")
        if not saved.inside:
            raise children.CouldNotRun(f"`{said}` saves to {saved.paths[-1]}, outside of the current folder or through a link, where runs cannot be kept apart: let it save below the current folder")
        families = {re.sub(r"\d+", "*", path): path for one in trace.saved for path in one.paths}
        if len(families) > 1 and not self.checkpoint and HERE in self.resume_with:
            raise children.CouldNotRun(f"`{said}` saves {', '.join(sorted(families.values())[:_SHOWN])}: say which of them to resume from, with --checkpoint")
        self.paths[number] = saved.paths[-1]
        self.copies.keep(str(number))


def _steps(count: int) -> str:
    return "1 step" if count == 1 else f"{count} steps"


# -- steps that are calls


@dataclass(slots=True, kw_only=True)
class ByCalls:
    """Steps that a factory makes, with what saves and what loads them; checkpoints in a folder of their own."""

    target: Target
    keepers: dict[str, dict[str, str]]
    folder: Path
    steps: int
    timeout: float
    calls: bool = True
    runs: int = 0

    def begin(self) -> Trace:
        """Take the steps and save."""
        trace = self._run(self.steps, [1], save={self.steps: self._path(1)})
        if not (trace.steps or trace.values):
            raise children.CouldNotRun(f"`{self.target.said}` leaves nothing to compare: no step returns anything, calls `backward` or steps an optimizer")
        taken = trace.end.calls if trace.end is not None else 0
        if taken < self.steps or not trace.saved:
            raise children.CouldNotRun(f"`{self.target.said}` ended after {_steps(taken)}: there is nothing to resume")
        if not self._path(1).exists():
            raise children.CouldNotRun(f"`{self.target.said}`: {self.keepers['save']['name']} wrote nothing at the path that it was given")
        return trace

    def resume(self, number: int, total: int, before: Sequence[int], *, keep: bool) -> Trace:
        """Load first, then take steps."""
        save = {self.steps: self._path(number + 1)} if keep else {}
        return self._run(self.steps if keep else total, before, save=save, load=str(self._path(number)), may_fail=True)

    def straight(self, total: int, before: Sequence[int], saves: Sequence[int]) -> Trace:
        """Take all steps, and save where the others saved, to where nobody loads from."""
        self.runs += 1
        return self._run(total, before, save={call: self._path(f"{self.runs}-{call}") for call in saves})

    def told(self, number: int) -> tuple[str, str]:
        """What loads, and what it is given."""
        return self.keepers["load"]["name"], str(self._path(number).relative_to(self.folder))

    def _path(self, name: object) -> Path:
        place = self.folder / str(name)
        place.mkdir(exist_ok=True)
        return place / "checkpoint"

    def _run(self, calls: int, before: Sequence[int], *, save: dict[int, Path], load: str = "", may_fail: bool = False) -> Trace:
        told = {"least": 0, "total": 0, "before": list(before), "keepers": self.keepers, "load": load, "save": {str(call): str(path) for call, path in save.items()}}
        return children.run(self.target, (), MUST, steps=calls, timeout=self.timeout, may_fail=may_fail, standing=told)
