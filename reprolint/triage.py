"""Findings → kept and muted: rule selection, inline comments, per-file ignores, fingerprints."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from pathspec import GitIgnoreSpec

from reprolint.checks import Rule
from reprolint.config import UsageError, did_you_mean
from reprolint.model.finding import Finding, Muted
from reprolint.model.span import Span

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

    from reprolint.checks.findings import Draft
    from reprolint.config import Settings
    from reprolint.flow.program import Program
    from reprolint.model.code import Comment


class Verdict(NamedTuple):
    kept: tuple[Finding, ...]
    muted: tuple[Muted, ...]
    extra: tuple[Finding, ...]
    """What is wrong with the suppressions themselves; to be reported beside `kept`."""


def triage(
    findings: Iterable[Finding],
    comments: Mapping[str, Sequence[Comment]],
    settings: Settings,
    rules: Mapping[str, Rule],
    *,
    frames: Mapping[str, Sequence[str]] | None = None,
    reported: Container[str] | None = None,
    whole: bool = True,
) -> Verdict:
    """Decide what is shown, and give every finding its fingerprint.

    `comments` by path, for all modules. `frames` as in `Report.frames`. `reported`: the paths whose own suppressions
    are judged, None for all. `whole`: False if part of the project was not seen, so that nothing can be called unused.
    """
    selection = choose(settings, rules)
    source = frames or {}
    marks = [mark for path in sorted(comments) for mark in _marks(path, comments[path], source)]
    by_line = _by_line(marks)
    ignores = _Ignores.of(settings, selection.known)
    used: set[tuple[Mark, str]] = set()
    kept: list[Finding] = []
    muted: list[Muted] = []
    for finding in fingerprinted(findings, source):
        if not selection.runs(finding.rule):
            continue
        verdict = _muted(finding, by_line, ignores, used)
        if not selection.shows(finding):
            continue
        muted.append(verdict) if verdict else kept.append(finding)
    judged = [mark for mark in marks if reported is None or mark.path in reported]
    complaints = _complaints(judged, used, selection, source, whole=whole)
    extra: list[Finding] = []
    for finding in fingerprinted(complaints, source):
        if selection.runs(finding.rule) and selection.shows(finding):
            config = ignores.mute(finding)
            muted.append(config) if config else extra.append(finding)
    return Verdict(tuple(kept), tuple(muted), tuple(extra))


# -- selection -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rules speak, and how loud."""

    known: Mapping[str, Rule]
    codes: frozenset[str]
    explicit: frozenset[str]
    """Selected by their whole code or name."""
    audit: bool

    def runs(self, code: str) -> bool:
        return code in self.codes

    def shows(self, finding: Finding) -> bool:
        """Errors and warnings that are certain or likely; audit findings of rules that were asked for."""
        if self.audit:
            return True
        if finding.confidence == "possible":
            return False
        return finding.rule in self.explicit or not (finding.audit or finding.severity == "info")


def choose(settings: Settings, rules: Mapping[str, Rule]) -> Selection:
    """The rules that speak. The more specific of two selectors wins, and ignoring wins a draw.

    Raises UsageError for a selector that matches no rule.
    """
    known = with_own(rules)
    wanted = (*settings.select, *settings.extend_select)
    on = {code: _reach(code, known, wanted) for code in known}
    off = {code: _reach(code, known, settings.ignore) for code in known}
    for selector in (*wanted, *settings.ignore):
        _matching(selector, known)
    return Selection(
        known=known,
        codes=frozenset(code for code in known if on[code] > off[code]),
        explicit=frozenset(code for code in known if on[code] == _EXACT),
        audit=settings.audit,
    )


_EXACT: Final = 100


def _reach(code: str, known: Mapping[str, Rule], selectors: Iterable[str]) -> int:
    """How specific the most specific selector of a rule is; -1 if none matches."""
    return max((_specificity(code, known[code].name, selector) for selector in selectors), default=-1)


def _specificity(code: str, name: str, selector: str) -> int:
    if selector == "ALL":
        return 0
    if selector in {code, name}:
        return _EXACT
    return len(selector) if _is_prefix(selector) and code.startswith(selector) else -1


def _is_prefix(selector: str) -> bool:
    return re.fullmatch(r"RPL\d{0,3}", selector) is not None


def _matching(selector: str, known: Mapping[str, Rule]) -> frozenset[str]:
    found = frozenset(code for code, rule in known.items() if _specificity(code, rule.name, selector) >= 0)
    if not found and selector != "ALL":
        raise UsageError(f"unknown rule `{selector}`{_suggest(selector, known)}")
    return found


def _all_matching(selectors: Iterable[str], known: Mapping[str, Rule]) -> frozenset[str]:
    return frozenset(code for selector in selectors for code in _matching(selector, known))


def find(word: str, rules: Mapping[str, Rule]) -> Rule:
    """The rule of a code or a name, in any case.

    Raises UsageError if there is none.
    """
    known = with_own(rules)
    for rule in known.values():
        if word.upper() == rule.code or word.lower() == rule.name:
            return rule
    raise UsageError(f"unknown rule `{word}`{_suggest(word, known)}")


def _suggest(word: str, known: Mapping[str, Rule]) -> str:
    codes = did_you_mean(word.upper(), list(known))
    names = did_you_mean(word.lower(), [rule.name for rule in known.values()])
    return codes if re.match(r"(?i)rpl", word) else names or codes


# -- the rules that need no check ----------------------------------------------------------------------------------


def _nothing(program: Program) -> Iterator[Draft]:  # noqa: ARG001  nothing of a program tells
    yield from ()


_OWN: Final = (
    Rule("RPL001", "syntax-error", "error", "The file cannot be parsed, so nothing in it was checked.", _nothing),
    Rule("RPL002", "unused-suppression", "warning", "The suppression comment mutes nothing.", _nothing),
    Rule("RPL003", "unexplained-suppression", "info", "The suppression gives no reason.", _nothing, audience="audit"),
    Rule(
        "RPL004",
        "unknown-suppression",
        "warning",
        "The suppression comment names a rule that does not exist.",
        _nothing,
    ),
)


def with_own(rules: Mapping[str, Rule]) -> dict[str, Rule]:
    """The rules, and those about files and suppressions where no check has registered them."""
    own = {rule.code: rule for rule in _OWN}
    return dict(sorted({**own, **rules}.items()))


# -- comments ------------------------------------------------------------------------------------------------------


_Line: TypeAlias = tuple[str, int | None, int]
"""Path, cell and line."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One suppression comment."""

    path: str
    cell: int | None
    line: int
    target: int
    """The line that it mutes."""
    rules: tuple[str, ...]
    """As written: codes or names."""
    reason: str
    fault: str = ""
    """Why it cannot be read; empty if it can."""


_PRAGMA: Final = re.compile(r"(?:^|(?<=\s))#\s*reprolint\s*:\s*(?P<verb>[\w-]*)[ \t]*(?P<rest>[^#\n]*)")
_RULES: Final = re.compile(r"\[(?P<rules>[^\]]*)\](?P<reason>.*)", re.DOTALL)
_VERBS: Final = ("ignore", "ignore-file", "ignore-next-line", "disable", "enable", "noqa", "skip", "skip-file", "off")
_SHAPE: Final = "`# reprolint: ignore[RPL101] why`"


def _marks(path: str, comments: Sequence[Comment], frames: Mapping[str, Sequence[str]]) -> Iterator[Mark]:
    for comment in comments:
        target = _next_code(path, comment, frames) if comment.own_line else comment.line
        for pragma in _PRAGMA.finditer(comment.text):
            fault, rules, reason = _read(pragma["verb"], pragma["rest"])
            if fault or rules:
                yield Mark(path, comment.cell, comment.line, target, rules, reason, fault)


def _read(verb: str, rest: str) -> tuple[str, tuple[str, ...], str]:
    """(fault, rules, reason); all empty for a remark that is no pragma."""
    listed = _RULES.match(rest)
    if verb != "ignore":
        meant = bool(listed) or bool(did_you_mean(verb, _VERBS))
        return (f"`{verb}` is not understood; write {_SHAPE}" if meant else "", (), "")
    if listed is None:
        fault = "the bracket is not closed" if rest.startswith("[") else "no rule is named"
        return (f"{fault}; write {_SHAPE}", (), "")
    rules = tuple(word.strip() for word in listed["rules"].split(",") if word.strip())
    return ("" if rules else f"no rule is named; write {_SHAPE}", rules, listed["reason"].strip(" \t:-\u2013\u2014"))


def _next_code(path: str, comment: Comment, frames: Mapping[str, Sequence[str]]) -> int:
    lines = _lines(path, comment.cell, frames)
    for number, text in enumerate(lines[comment.line :], start=comment.line + 1):
        if text.strip() and not text.lstrip().startswith("#"):
            return number
    return comment.line + 1


def _by_line(marks: Iterable[Mark]) -> dict[_Line, list[Mark]]:
    found: dict[_Line, list[Mark]] = {}
    for mark in marks:
        if not mark.fault:
            found.setdefault((mark.path, mark.cell, mark.target), []).append(mark)
    return found


def _complaints(
    marks: Iterable[Mark],
    used: Container[tuple[Mark, str]],
    selection: Selection,
    frames: Mapping[str, Sequence[str]],
    *,
    whole: bool,
) -> Iterator[Finding]:
    for mark in marks:
        span = _place(mark, frames)
        if mark.fault:
            yield _complaint(selection, "RPL004", span, f"suppression cannot be read: {mark.fault}", "mend the comment")
            continue
        unknown = [word for word in mark.rules if not _codes(word, selection.known)]
        for word in unknown:
            message = f"`{word}` names no rule{_suggest(word, selection.known)}"
            yield _complaint(selection, "RPL004", span, message, "name a rule that `reprolint rules` lists")
        idle = [word for word in mark.rules if word not in unknown and (mark, word) not in used]
        idle = [word for word in idle if all(_judged(code, selection) for code in _codes(word, selection.known))]
        if idle and whole:
            message = f"nothing to mute here for {', '.join(f'`{word}`' for word in idle)}"
            remedy = "remove the comment" if len(idle) == len(mark.rules) else "remove the rule from the comment"
            yield _complaint(selection, "RPL002", span, message, remedy)
        if not mark.reason:
            yield _complaint(
                selection, "RPL003", span, "suppression gives no reason", "say why after the bracket", audit=True
            )


def _judged(code: str, selection: Selection) -> bool:
    """Whether silence of the rule means anything: audit rules are silent by default."""
    heard = selection.audit or code in selection.explicit or selection.known[code].audience == "default"
    return selection.runs(code) and heard


def _codes(word: str, known: Mapping[str, Rule]) -> tuple[str, ...]:
    return tuple(code for code, rule in known.items() if word in {code, rule.name})


def _complaint(
    selection: Selection, code: str, span: Span, message: str, remedy: str, *, audit: bool = False
) -> Finding:
    rule = selection.known[code]
    return Finding(rule.code, rule.name, rule.severity, "certain", message, span, remedy, audit=audit)


def _place(mark: Mark, frames: Mapping[str, Sequence[str]]) -> Span:
    """The pragma in its line; where the source is not at hand, the line."""
    lines = _lines(mark.path, mark.cell, frames)
    text = lines[mark.line - 1] if mark.line <= len(lines) else ""
    found = _PRAGMA.search(text)
    start, end = (found.start() + 1, len(text[: found.end()].rstrip()) + 1) if found else (1, 1)
    return Span(mark.path, mark.line, start, mark.line, end, mark.cell, mark.line if mark.cell is None else 0)


# -- muting --------------------------------------------------------------------------------------------------------


class _Ignores(NamedTuple):
    """`per-file-ignores`, ready to match."""

    rows: tuple[tuple[str, GitIgnoreSpec, frozenset[str]], ...]

    @classmethod
    def of(cls, settings: Settings, known: Mapping[str, Rule]) -> _Ignores:
        rows = sorted(settings.per_file_ignores.items())
        return cls(tuple((row, GitIgnoreSpec.from_lines([row]), _all_matching(words, known)) for row, words in rows))

    def mute(self, finding: Finding) -> Muted | None:
        for pattern, spec, codes in self.rows:
            if finding.rule in codes and spec.match_file(finding.span.path):
                return Muted(finding, "config", f"per-file-ignores `{pattern}`")
        return None


def _muted(
    finding: Finding, marks: Mapping[_Line, Sequence[Mark]], ignores: _Ignores, used: set[tuple[Mark, str]]
) -> Muted | None:
    """How the finding is muted, if it is; every comment on its first or last line that does so counts as used."""
    span = finding.span
    hits = [
        (mark, word)
        for line in sorted({span.line, span.end_line})
        for mark in marks.get((span.path, span.cell, line), ())
        for word in mark.rules
        if word in {finding.rule, finding.name}
    ]
    used.update(hits)
    return Muted(finding, "inline", hits[0][0].reason) if hits else ignores.mute(finding)


# -- fingerprints --------------------------------------------------------------------------------------------------


def fingerprinted(findings: Iterable[Finding], frames: Mapping[str, Sequence[str]]) -> Iterator[Finding]:
    """Give each finding a name that survives edits elsewhere in its file: no line number goes into it."""
    seen: Counter[tuple[str, ...]] = Counter()
    for finding in findings:
        key = (
            finding.rule,
            finding.stream or "",
            finding.entry or "",
            finding.span.path,
            finding.enclosing,
            " ".join(_line(finding.span, frames).split()),
        )
        yield replace(finding, fingerprint=_digest(*key, str(seen[key])))
        seen[key] += 1


def _digest(*parts: str) -> str:
    return blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _line(span: Span, frames: Mapping[str, Sequence[str]]) -> str:
    lines = _lines(span.path, span.cell, frames)
    return lines[span.line - 1] if 0 < span.line <= len(lines) else ""


def _lines(path: str, cell: int | None, frames: Mapping[str, Sequence[str]]) -> Sequence[str]:
    return frames.get(path if cell is None else f"{path}#{cell}", ())
