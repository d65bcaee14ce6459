"""Outcome of a probe and findings of a check → a verdict a finding, and for each cause of a difference the finding that predicts it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from reprolint.confirm.workers import WORKERS, Word, alike, apart
from reprolint.knowledge.pages import pages
from reprolint.probe import reading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reprolint.confirm.exercise import Exercise
    from reprolint.confirm.static import Candidate, Static
    from reprolint.probe.experiment import Outcome

_LINE, _STREAM, _KIND, _NONE = 3, 2, 1, 0
_PLAIN: Final = frozenset({"process", "kernel", "file"})
"""What pages name that is no variation."""
_CODES: Final = 3


@dataclass(frozen=True, slots=True)
class Judged:
    """A finding and what the runs say of it."""

    candidate: Candidate
    word: Word
    reason: str
    by: tuple[str, ...] = ()
    """What shows it: variations, `process`, `kernel`, `file`."""
    among: int = 1
    """How many findings fit the difference equally well."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Something that changes the result, and the findings that predict it."""

    name: str
    judged: tuple[Judged, ...]
    says: str


@dataclass(frozen=True, slots=True)
class Joined:
    static: Static | None
    judged: tuple[Judged, ...] = ()
    causes: tuple[Cause, ...] = ()
    problem: str = ""
    """Why nothing could be joined."""
    blind: bool = False
    """Which lines run was to be noted, and could not be."""


def join(outcome: Outcome, static: Static, ran: Exercise | None, *, watched: bool) -> Joined:
    """Judge every finding. `watched`: lines were to be noted; `ran` is then None where that failed."""
    judged = [_judge(one, outcome, static, ran, watched=watched) for one in static.candidates]
    fitting = [(one, _fit(one, outcome, static)) for one in static.candidates if _may_fit(one, static, ran, outcome, watched=watched)]
    seen = reading.shown(outcome)
    also = [name for one, tier in fitting if tier for name in _by(one, outcome, static)]
    names = tuple(dict.fromkeys((*(name for name in outcome.causes if name in seen), *sorted(seen & _PLAIN), *also)))
    found: dict[int, Judged] = {}
    for name in names:
        group = [(one, tier) for one, tier in fitting if tier and name in _by(one, outcome, static)]
        best = max((tier for _, tier in group), default=_NONE)
        among = sum(tier == best for _, tier in group)
        for one, tier in group:
            if tier in {best, _STREAM}:
                word: Word = "confirmed" if watched and ran is not None else "predicted"
                found.setdefault(id(one), Judged(one, word, _evidence(one, name, tier, outcome, static), (name,), among if tier == best == _KIND else 1))
            else:
                found.setdefault(id(one), Judged(one, "open", "another finding explains the first difference: mend that one, and confirm again"))
    said = tuple(_unless_shy(found.get(id(one.candidate), one)) for one in judged)
    kept = tuple(one for one in said if one is not None)
    return Joined(static, kept, tuple(_cause(name, kept, outcome) for name in names), blind=watched and bool(static.candidates) and ran is None)


def _unless_shy(one: Judged) -> Judged | None:
    """What `reprolint check` does not show is told only where the runs show it: by its line, its stream or its variation."""
    if one.candidate.shown:
        return one
    confirmed = one.word in {"confirmed", "predicted"} and not (one.by == ("process",) and one.reason == _EVIDENCE["process"])
    return one if confirmed else None


# -- does it fit the difference? -----------------------------------------------------------------------------------


def _by(one: Candidate, outcome: Outcome, static: Static) -> tuple[str, ...]:
    """What of the difference the page of a finding's rule names."""
    page = pages()[one.finding.rule]
    found = [name for name in page.probe.by if name in reading.shown(outcome) and (name != WORKERS or alike(one, outcome, static) is not None)]
    if one.finding.stream in _streams(outcome) and "process" in page.probe.by and "process" in outcome.causes:
        found.append("process")  # the stream differs, whatever operation differs first
    return tuple(dict.fromkeys(found)) if reading.took_part(page.probe.needs, outcome) else ()


def _streams(outcome: Outcome) -> tuple[str, ...]:
    return outcome.first.streams if outcome.first is not None else ()


def _fit(one: Candidate, outcome: Outcome, static: Static) -> int:
    """How closely it fits: the line of the first operation that differs, a stream that differs, or the kind of cause alone."""
    if not _by(one, outcome, static):
        return _NONE
    if alike(one, outcome, static) is not None:
        return _LINE
    op, finding = outcome.op, one.finding
    if op is not None:
        ends = finding.steps[-1:] if op.kind != "stream" else ()
        spans = (finding.span, *(step.span for step in ends))
        places = {f"{static.show(span.path)}:{line}" for span in spans for line in range(span.line, span.end_line + 1)}
        if places & {op.where, op.forward}:
            return _LINE
    if finding.stream in _streams(outcome):
        return _STREAM
    elsewhere = op is not None and op.kind == "stream" and finding.stream in {"python", "numpy", "tensorflow"}
    return _NONE if elsewhere else _KIND


def _may_fit(one: Candidate, static: Static, ran: Exercise | None, outcome: Outcome, *, watched: bool) -> bool:
    """Whether nothing says that it did not take part."""
    return (outcome.diverged or outcome.faulty) and (not watched or not _missing(one, static, ran, outcome))


_EVIDENCE: Final = {
    "process": "runs with nothing varied differ",
    "kernel": "an operation gave something else for the same input",
    "file": "a later run read a file that an earlier one wrote",
}


def _evidence(one: Candidate, name: str, tier: int, outcome: Outcome, static: Static) -> str:
    shares = alike(one, outcome, static)
    if shares is not None:
        return shares.says
    if tier == _LINE and outcome.op is not None:
        return f"{outcome.op.op.removesuffix('.default')} on this line is the first operation that differs"
    if tier == _STREAM:
        return f"the state of this stream differs from run to run ({', '.join(_streams(outcome))})"
    return _EVIDENCE.get(name, f"varying {name} alone changes the result")


# -- and if it does not? -------------------------------------------------------------------------------------------


def _missing(one: Candidate, static: Static, ran: Exercise | None, outcome: Outcome) -> str:
    """Why the runs say nothing of a finding; empty if it took part, as far as anyone can tell."""
    needs = pages()[one.finding.rule].probe.needs
    if not reading.took_part(needs, outcome):
        return "no GPU took part in these runs"
    if ran is None:
        return ""
    if needs == "workers" and not ran.workers:
        return "no DataLoader started workers"
    if needs == "processes" and not ran.processes:
        return "the run started no process"
    if one.finding.fingerprint not in ran.ran:
        length = f" up to step {outcome.steps}" if outcome.steps and not outcome.whole else ""
        unseen = "; a process that it starts may have run it unseen" if ran.processes else ""
        return f"{static.place(one.finding)} did not run{length}{unseen}"
    return ""


def _judge(one: Candidate, outcome: Outcome, static: Static, ran: Exercise | None, *, watched: bool) -> Judged:
    """The verdict on a finding that does not fit the difference."""
    page = pages()[one.finding.rule]
    if not page.probe.by:
        return Judged(one, "open", f"no probe can show it: {page.probe.why}")
    missing = _missing(one, static, ran, outcome)
    if missing:
        return Judged(one, "not exercised", missing)
    if watched and ran is None:
        return Judged(one, "open", "which lines ran could not be told")
    if WORKERS in page.probe.by:
        return Judged(one, *apart(outcome))
    tried = {name for trial in outcome.trials for name in trial.variations} | _PLAIN
    untried = [name for name in page.probe.by if name not in tried]
    if len(untried) == len(page.probe.by):
        return Judged(one, "not exercised", f"{' and '.join(untried)} was not varied")
    return _unmoved(one, outcome, untried)


def _unmoved(one: Candidate, outcome: Outcome, untried: list[str]) -> Judged:
    """The verdict on a finding that took part, where what would show it was varied."""
    page = pages()[one.finding.rule]
    if not outcome.diverged:
        return Judged(one, "not confirmed", f"its line ran, and {outcome.agreed + 1} runs agreed")
    if outcome.quick:
        return Judged(one, "open", "the runs differ, and what had to be varied to see it was not looked for, with --quick")
    alone = {trial.variations[0] for trial in outcome.trials if len(trial.variations) == 1 and not trial.differed}
    cleared = alone | ({"process"} if "process" not in outcome.causes else set())
    if set(page.probe.by) - set(untried) <= cleared:
        said = [name for name in page.probe.by if name in alone]
        how = f"varying {' and '.join(said)} alone changes nothing" if said else "runs with nothing varied agree"
        return Judged(one, "not confirmed", f"its line ran, and {how}")
    return Judged(one, "open", "the runs differ for another reason: mend that first, and confirm again")


def _cause(name: str, judged: Sequence[Judged], outcome: Outcome) -> Cause:
    fits = tuple(one for one in judged if one.word in {"confirmed", "predicted"} and name in one.by)
    if fits:
        return Cause(name, fits, "")
    codes = [code for code, page in pages().items() if name in page.probe.by and reading.took_part(page.probe.needs, outcome)]
    if codes:
        more = f" and {len(codes) - _CODES} more rules" if len(codes) > _CODES else ""
        return Cause(name, (), f"no finding predicts this ({', '.join(codes[:_CODES])}{more} would)")
    return Cause(name, (), "no rule predicts this")


def unjoined(problem: str) -> Joined:
    """Nothing but the reason why."""
    return Joined(None, problem=problem)
