"""Words of the worlds → the state of one stream in one run, and the rule that speaks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from reprolint.flow.effect import (
    CLEAN,
    EARLY,
    ENTROPIC,
    LEFT_FIXED,
    LEFT_NONE,
    drawing,
    final_of,
    marks,
    marks_of,
    words_of,
)
from reprolint.flow.state import CERTAIN, LIKELY, POSSIBLE, Witness

if TYPE_CHECKING:
    from reprolint.model.stream import State

BAD: Final = EARLY | ENTROPIC


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said of a stream, and what shows it."""

    state: State
    rule: str = ""
    seeded: Witness | None = None
    drawn: Witness | None = None
    level: int = CERTAIN
    guards: tuple[str, ...] = ()
    """Options on which the seeding depends."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One stream in one world."""

    words: int
    firsts: dict[str, Witness]
    guards: tuple[str, ...] = ()
    """The options that turn draws on and off."""
    open: bool = False
    """Some test was left open."""


def judge(default: Evidence, willing: Evidence | None, widest: Evidence | None) -> Verdict:
    """The verdict table: DEFAULT decides, WILLING says whether a seed is optional.

    What ANY draws under options that are off by default is possible, and changes no state.
    """
    drawn = drawing(default.words)
    if not drawn:
        if widest is not None and drawing(widest.words):
            inner = judge(widest, willing if willing is not None and drawing(willing.words) else None, None)
            return Verdict("unused", inner.rule, inner.seeded, inner.drawn, POSSIBLE, inner.guards)
        return Verdict("unused", seeded=default.firsts.get("fixed"))
    bad = [word for word in drawn if marks_of(word) & BAD]
    seeded = default.firsts.get("fixed")
    if not bad:
        if widest is not None and marks(widest.words) & BAD:
            other = widest.firsts.get("early") or widest.firsts.get("entropic")
            return Verdict("seeded", "RPL103", seeded, other, POSSIBLE, widest.guards)
        return Verdict("seeded", "", seeded, default.firsts.get("clean"))
    rule, state = _table(default.words, list(drawn), bad, willing)
    return _shown(state, rule, default, willing, bad)


def _table(words: int, drawn: list[int], bad: list[int], willing: Evidence | None) -> tuple[str, State]:
    if len(bad) == len(drawn):
        if willing is not None and _can_be_clean(willing):
            return "RPL103", "optional"
        if all(not marks_of(word) & EARLY for word in bad):
            return "RPL104", "unseeded"
        if any(final_of(word) == LEFT_FIXED for word in words_of(words)):
            return "RPL102", "late"
        return "RPL101", "unseeded"
    if all(marks_of(word) & EARLY and final_of(word) == LEFT_FIXED for word in bad):
        return "RPL102", "late"
    if all(final_of(word) == LEFT_NONE for word in drawn) and any(marks_of(word) & EARLY for word in bad):
        return "RPL101", "unseeded"  # what seeds gives the state back: it seeds nothing but its own draws
    return "RPL103", "optional"


def _can_be_clean(willing: Evidence) -> bool:
    drawn = drawing(willing.words)
    return bool(drawn) and any(marks_of(word) & CLEAN and not marks_of(word) & BAD for word in drawn)


def _shown(state: State, rule: str, default: Evidence, willing: Evidence | None, bad: list[int]) -> Verdict:
    firsts = default.firsts
    entropic = rule == "RPL104" or "early" not in firsts
    drawn = firsts.get("entropic") if entropic else firsts.get("early")
    drawn = drawn or firsts.get("entropic") or firsts.get("early") or firsts.get("clean")
    seeded = firsts.get("fixed")
    guards: tuple[str, ...] = ()
    if state == "optional" and willing is not None:
        seeded = willing.firsts.get("fixed") or seeded
        guards = seeded.via if seeded is not None else ()
    if rule == "RPL104":
        seeded = None
    level = drawn.level if drawn is not None else POSSIBLE
    if rule == "RPL103" and default.open and any(not marks_of(word) for word in words_of(default.words)):
        level = POSSIBLE  # on some paths nothing is drawn, on some it is seeded: perhaps they are the same
    elif len(bad) < len(words_of(default.words)) and rule in {"RPL101", "RPL102"}:
        level = min(level, LIKELY)
    return Verdict(state, rule, seeded, drawn, level, guards)


_ORDER: Final = ("unseeded", "late", "optional", "unknown", "seeded", "unused")


def worse(one: Verdict, other: Verdict) -> Verdict:
    """The verdict that is reported for a stream and its double in the workers."""
    return min(one, other, key=lambda verdict: _ORDER.index(verdict.state))
