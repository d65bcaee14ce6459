"""Joined findings → what people read below a probe's report, and what programs read in its document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from reprolint.report.frame import frame
from reprolint.report.json import of_finding
from reprolint.report.text import STYLES, count_of, source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reprolint.confirm.join import Cause, Joined, Judged
    from reprolint.confirm.workers import Word
    from reprolint.report.text import Paper

ORDER: Final[tuple[Word, ...]] = ("confirmed", "predicted", "not confirmed", "not exercised", "open")
"""As they are told: what the runs show first."""
_SIGNS: Final[dict[Word, tuple[str, str]]] = {
    "confirmed": ("✗", "bold red"),
    "predicted": ("→", "bold red"),
    "not confirmed": ("✓", "green"),
    "not exercised": ("·", "cyan"),
    "open": ("?", "cyan"),
}
BLIND: Final = "which lines run could not be told (the script failed in that run, or watches its own lines): nothing is called confirmed"
_PIPED: Final = 160
_SHOWN: Final = 3
"""Findings that a probe names of each cause."""


def write_predicted(joined: Joined, on: Paper) -> None:
    """For `probe`: for each cause the findings that predict it."""
    if joined.problem:
        on.say(f"not joined with `reprolint check`: {joined.problem}", indent=2)
    if joined.causes:
        on.say()
    _write_note(joined, on)
    for cause in joined.causes:
        if cause.says:
            on.say(f"{_name(cause)}: {cause.says}", indent=2)
            continue
        on.say((f"{_name(cause)}, predicted by `reprolint check`:", "bold"))
        for one in cause.judged[:_SHOWN]:
            _write_finding(one, joined, on)
        if len(cause.judged) > _SHOWN:
            on.say(f"  and {count_of(len(cause.judged) - _SHOWN, 'more finding')}")


def write_verdicts(joined: Joined, on: Paper) -> None:
    """For `confirm`: each finding with its verdict, and each cause that none predicts."""
    on.say()
    if joined.problem:
        on.say(f"not joined with `reprolint check`: {joined.problem}", indent=2)
        return
    _write_note(joined, on)
    for cause in joined.causes:
        if cause.says:
            on.say(("?", "bold red"), f" {_name(cause)}: {cause.says}", indent=2)
    for word in ORDER:
        for one in joined.judged:
            if one.word == word:
                _write_finding(one, joined, on)
    on.say(*summary(joined), indent=2)
    if joined.blind:
        on.say(BLIND, indent=2)
    on.say()


def _write_note(joined: Joined, on: Paper) -> None:
    if joined.static is not None and joined.static.note:
        on.say(("note", "cyan"), f": {joined.static.note}", indent=2)


def summary(joined: Joined) -> list[str]:
    """How many findings have which verdict."""
    counted = [f"{number} {word}" for word in ORDER if (number := sum(one.word == word for one in joined.judged))]
    return [f"{count_of(len(joined.judged), 'finding')} about this run" + (f": {', '.join(counted)}" if counted else "")]


def _name(cause: Cause) -> str:
    return {"process": "a fresh process", "kernel": "an operation that does not repeat", "file": "a file from an earlier run", "workers": "workers or epochs that draw alike"}.get(cause.name, cause.name)


def among(number: int) -> str:
    """That so many findings fit the difference equally well."""
    if number == 1:
        return ""
    return f"; {count_of(number - 1, 'other finding')} would explain it as well, and which one decides was not told apart"


def reason(one: Judged) -> str:
    """Why the verdict is what it is, with how many others share it."""
    fits = one.reason + among(one.among)
    return f"{fits} (muted: {one.candidate.muted})" if one.candidate.muted else fits


def _write_finding(one: Judged, joined: Joined, on: Paper) -> None:
    """A verdict and its reason; the code and the remedy of what the runs show."""
    assert joined.static is not None
    finding, static = one.candidate.finding, joined.static
    sign, style = _SIGNS[one.word]
    doubt = "" if finding.confidence == "certain" else f" · {finding.confidence}"
    on.say((sign, style), " ", (one.word, style), "  ", (finding.rule, STYLES[finding.severity]), (f" {finding.name}", "bold"), f"  {static.place(finding)}{doubt}", indent=2)
    if one.word in {"confirmed", "predicted"}:
        on.say(f"  {finding.message}", indent=2)
        for line in frame(source(finding.span, static.report), finding.span, width=on.width or _PIPED, style=style, encoding=on.encoding):
            on.line(line)
        on.write(on.text(reason(one)), head=on.text("  because: "))
        if finding.help:
            on.write(on.text(finding.help), head=on.text("  ", ("help", "bold green"), ": "))
    else:
        on.write(on.text(reason(one)), head=Text("  "))


# -- for programs --------------------------------------------------------------------------------------------------


def document(joined: Joined) -> dict[str, Any]:
    """The key `static` of a document: findings with their verdicts, and causes with the fingerprints of what predicts them."""
    return {
        "findings": [
            {
                **of_finding(one.candidate.finding), "verdict": one.word, "reason": one.reason, "by": list(one.by), "among": one.among,
                "muted": one.candidate.muted or None,
            }
            for one in _sorted(joined.judged)
        ],
        "causes": [
            {"name": cause.name, "findings": [one.candidate.finding.fingerprint for one in cause.judged], "says": cause.says or None} for cause in joined.causes
        ],
        "problem": joined.problem or None,
        "note": (joined.static.note if joined.static is not None else "") or None,
        "blind": joined.blind,
    }  # fmt: skip


def _sorted(judged: Sequence[Judged]) -> list[Judged]:
    return sorted(judged, key=lambda one: ORDER.index(one.word))
