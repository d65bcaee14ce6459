"""Report → what people read: one line a run, the findings with their frames and witnesses, and a closing line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Final, TypeAlias

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from reprolint.model.stream import STREAMS
from reprolint.report.frame import GUTTER, frame, gutter, readable
from reprolint.report.json import count

if TYPE_CHECKING:
    from reprolint.model.finding import Finding, LedgerLine, Report, Run, Severity, Step, StreamState, Unresolved
    from reprolint.model.span import Span
    from reprolint.model.stream import State

Show: TypeAlias = Callable[[str], str]

STYLES: Final[dict[Severity, str]] = {"error": "bold red", "warning": "bold yellow", "info": "bold cyan"}

_MARKS: Final[dict[State, tuple[str, str, str]]] = {
    "unseeded": ("✗", "red", "never seeded"),
    "late": ("✗", "red", "drawn before it is seeded"),
    "optional": ("~", "yellow", "seeded on some paths only"),
    "unknown": ("?", "cyan", "cannot be told"),
    "seeded": ("✓", "green", "seeded"),
    "unused": ("·", "default", "unused"),
}
"""State → its sign, colour and words, from bad to good."""
_BADNESS: Final = tuple(reversed(_MARKS))

_RUNS: Final = 20
_ENTRY: Final = 40
"""Entries are lined up unless they are longer than this."""
_BELOW: Final = 4
_NARROWEST: Final = 40
_NARROW: Final = 20
"""Nothing is wrapped narrower than this."""
_NAMES: Final = 3
_STEPS: Final = 12
_PIPED: Final = 160
"""How wide lines of code may be where no terminal sets the width."""


@dataclass(frozen=True, slots=True)
class Paper:
    """What is written on: a console, and how it shows paths."""

    console: Console
    show: Show
    """A path relative to the root → as the reader sees it."""

    encoding: str
    width: int | None
    """Where lines wrap: nowhere unless somebody reads them at a terminal."""

    def text(self, *parts: str | tuple[str, str]) -> Text:
        """Parts, each with a style or without, as this console can show them."""
        styled = ((part, "") if isinstance(part, str) else part for part in parts)
        return Text.assemble(*((readable(words, self.encoding), style) for words, style in styled))

    def write(self, text: Text, *, head: Text | None = None, indent: int | None = None) -> None:
        """One paragraph after its head; its further lines are indented, by the length of the head if not told."""
        head = head or Text()
        deep = head.cell_len if indent is None else indent
        room = None if self.width is None else max(self.width - max(deep, head.cell_len), _NARROW)
        lines = text.wrap(self.console, room) if room and text.cell_len > room else [text]
        for number, line in enumerate(lines):
            self.line((Text(" " * deep) if number else head) + line)

    def line(self, text: Text) -> None:
        """One line that is laid out already."""
        text.rstrip()
        if self.width:
            self.console.print(text, soft_wrap=True, highlight=False, markup=False, emoji=False)
        else:
            self.console.file.write(f"{text.plain}\n")  # the same, many times faster

    def say(self, *parts: str | tuple[str, str], indent: int = 0) -> None:
        self.write(self.text(*parts), indent=indent)


def paper(stream: IO[str], show: Show = str, *, plain: bool = False) -> Paper:
    """`plain` for a file: no colours, whatever the environment asks for."""
    terminal = False if plain else None
    console = Console(file=stream, force_terminal=terminal, highlight=False, markup=False, emoji=False)
    width = max(console.width, _NARROWEST) if console.is_terminal else None
    return Paper(console, show, getattr(stream, "encoding", None) or "utf-8", width)


def write(report: Report, on: Paper, *, paths: Sequence[str] = (), statistics: bool = False) -> None:
    """The whole report. `paths` as the user gave them."""
    _write_runs(report.runs, on)
    if statistics:
        _write_statistics(report.findings, on)
    else:
        for finding in report.findings:
            _write_finding(finding, report, on)
    _write_unresolved(report.unresolved, on)
    _write_closing(report, on, paths)


def count_of(number: int, noun: str) -> str:
    """`1 run`, `2 runs`, `2 info`."""
    return f"{number} {noun}" if number == 1 or noun == "info" else f"{number} {noun}s"


def place(span: Span, show: Show, *, column: bool = True) -> str:
    """`train.py:12:5`; in a notebook `train.ipynb:cell 3:2:5`."""
    cell = "" if span.cell is None else f":cell {span.cell}"
    return f"{show(span.path)}{cell}:{span.line}" + (f":{span.column}" if column else "")


def _some(names: Sequence[str]) -> str:
    """`(a.py, b.py, …)`."""
    shown = names if len(names) <= _NAMES else names[: _NAMES - 1]
    return f"({', '.join((*shown, *(['…'] if len(names) > len(shown) else [])))})"


# -- runs ----------------------------------------------------------------------------------------------------------


def _write_runs(runs: Sequence[Run], on: Paper) -> None:
    """Worst first; the order of the report among equals."""
    ordered = sorted(runs, key=_badness, reverse=True)
    shown = ordered[:_RUNS]
    lengths = [cell_len(readable(_entry(run, on.show), on.encoding)) for run in shown]
    room = on.width // 3 if on.width else _ENTRY
    wide = max((length for length in lengths if length <= min(room, _ENTRY)), default=0)
    for run in shown:
        _write_run(run, wide, on)
    if len(ordered) > len(shown):
        on.say(f"and {count_of(len(ordered) - len(shown), 'more run')}")
    if shown:
        on.say()


def _badness(run: Run) -> tuple[int, int]:
    states = [_BADNESS.index(state.state) for state in run.streams]
    worst = max(states, default=0)
    return worst, states.count(worst)


def _entry(run: Run, show: Show) -> str:
    return f"{show(run.entry)} {run.function}()" if run.function else show(run.entry)


def _write_run(run: Run, wide: int, on: Paper) -> None:
    """The entry, then its streams; what does not fit goes below the first stream."""
    line = on.text((_entry(run, on.show), "bold"))
    indent = wide + 2
    if on.width and line.cell_len > wide:
        on.line(line)
        line, indent = Text(" " * _BELOW), _BELOW
    line.pad_right(max(indent - line.cell_len, 2 * (line.cell_len > indent)))
    between = on.text(" · ")
    for number, part in enumerate(on.text(*words) for words in _segments(run, on.show)):
        if number and on.width and line.cell_len + between.cell_len + part.cell_len > on.width:
            on.line(line)
            line = Text(" " * indent)
        elif number:
            line += between
        line += part
    on.line(line)


def _segments(run: Run, show: Show) -> Iterator[list[str | tuple[str, str]]]:
    used = [state for state in run.streams if state.state != "unused"]
    for state in used:
        if state.stream in STREAMS:
            yield _segment(state.stream, state, run.entry, show)
    workers = [state for state in used if state.stream not in STREAMS]
    if workers:
        yield _workers(workers, run.entry, show)
    if not used:
        yield ["draws from no stream"]
    if run.reduced:
        yield [("?", "cyan"), f" analysed less precisely: {run.reduced}"]


def _segment(name: str, state: StreamState, entry: str, show: Show) -> list[str | tuple[str, str]]:
    sign, style = _sign(state)
    return [f"{name} ", (sign, f"bold {style}"), f" {_words(state, entry, show)}"]


def _sign(state: StreamState) -> tuple[str, str]:
    sign, style, _ = _MARKS[state.state]
    return ("?", "cyan") if _is_doubtful(state) else (sign, style)


def _is_doubtful(state: StreamState) -> bool:
    """A bad state that nobody would report."""
    return state.confidence == "possible" and state.state not in {"seeded", "unused", "unknown"}


def _words(state: StreamState, entry: str, show: Show) -> str:
    words = f"perhaps {_MARKS[state.state][2]}" if _is_doubtful(state) else _MARKS[state.state][2]
    if state.state == "optional" and state.options:
        return f"only with {', '.join(state.options)}"
    if state.state != "seeded" or state.seeded_at is None:
        return words
    here = state.seeded_at
    inside = f"cell {here.cell}:{here.line}" if here.cell is not None else f"{here.line}"
    return f"{words} {inside}" if here.path == entry else f"{words} {place(here, show, column=False)}"


def _workers(states: Sequence[StreamState], entry: str, show: Show) -> list[str | tuple[str, str]]:
    """One sign for all worker streams; words only where something is wrong."""
    worst = max(states, key=lambda state: _BADNESS.index(state.state))
    sign, style = _sign(worst)
    marked: list[str | tuple[str, str]] = ["workers ", (sign, f"bold {style}")]
    if worst.state == "seeded":
        return marked
    return [*marked, f" {worst.stream.removeprefix('worker:')} {_words(worst, entry, show)}"]


# -- findings ------------------------------------------------------------------------------------------------------


def _write_finding(finding: Finding, report: Report, on: Paper) -> None:
    style = STYLES[finding.severity]
    head = (f"{finding.severity}[{finding.rule}]", style)
    on.say(head, (f" {finding.name}: ", "bold"), (finding.message, "bold"), indent=2)
    _write_place(finding, on)
    lines = source(finding.span, report)
    for line in frame(lines, finding.span, width=on.width or _PIPED, style=style, encoding=on.encoding):
        on.line(line)
    _write_witness(finding, report, on)
    margin = " " * (gutter(finding.span) + 1)
    if finding.also:
        more = count_of(len(finding.also), "more run")
        also = on.text(f"and in {more} {_some([on.show(entry) for entry in finding.also])}")
        on.write(also, head=Text(margin))
    if finding.help:
        on.write(on.text(finding.help), head=on.text(("help", "bold green"), ": "))
    on.say()


def _write_place(finding: Finding, on: Paper) -> None:
    notes: list[str] = [] if finding.confidence == "certain" else [finding.confidence]
    if finding.entry and finding.entry != finding.span.path and not finding.steps:
        notes.append(f"when {on.show(finding.entry)} runs")
    head = Text(" " * gutter(finding.span) + "--> ", GUTTER)
    on.write(on.text(" · ".join([place(finding.span, on.show), *notes])), head=head)


def source(span: Span, report: Report) -> Sequence[str]:
    """The lines of the file or cell that a span lies in."""
    return report.frames.get(span.path if span.cell is None else f"{span.path}#{span.cell}", ())


def _write_witness(finding: Finding, report: Report, on: Paper) -> None:
    """The steps in columns: number, place, what happens, and the line itself where it fits."""
    steps = finding.steps
    if all((step.span.path, step.span.line) == (finding.span.path, finding.span.line) for step in steps):
        return
    margin = " " * (gutter(finding.span) + 1)
    digits = len(str(len(steps)))
    places = [on.text(place(step.span, on.show, column=False)) for step in steps]
    wide = max(found.cell_len for found in places)
    noted = max(cell_len(readable(step.note, on.encoding)) for step in steps)
    room = (on.width or _PIPED) - len(margin) - digits - wide - 4
    for number, step in enumerate(steps):
        if len(steps) > _STEPS and _STEPS // 2 <= number < len(steps) - _STEPS // 2:
            if number == _STEPS // 2:
                on.say(f"{margin}{'…':>{digits}}  {len(steps) - _STEPS} more steps")
            continue
        head = on.text(margin, (f"{number + 1:>{digits}}", GUTTER), "  ")
        deep = head.cell_len
        head += places[number]
        if noted <= room:
            head.pad_right(wide - places[number].cell_len + 2)
        else:
            on.line(head)
            head = Text(" " * deep)
        on.write(_told(step, noted, (on.width or _PIPED) - head.cell_len, report, on), head=head)


def _told(step: Step, noted: int, room: int, report: Report, on: Paper) -> Text:
    """What happens at a step, and the line itself where there is room for it."""
    note = on.text(step.note)
    quoted = on.text((_quote(step, report), "italic"))
    if quoted.plain and noted + 2 + quoted.cell_len <= room:
        note.pad_right(noted - note.cell_len + 2)
        note += quoted
    return note


def _quote(step: Step, report: Report) -> str:
    lines = source(step.span, report)
    return lines[step.span.line - 1].strip() if 0 < step.span.line <= len(lines) else ""


# -- the end -------------------------------------------------------------------------------------------------------


def _write_statistics(findings: Sequence[Finding], on: Paper) -> None:
    styles = {finding.rule: STYLES[finding.severity] for finding in findings}
    for row in count(findings):
        on.say(f"{row['count']:>5}  ", (row["rule"], styles[row["rule"]]), f"  {row['name']}")
    if findings:
        on.say()


def _write_unresolved(calls: Sequence[Unresolved], on: Paper) -> None:
    """Calls of the same name and reason share a line, in the order in which they first occur."""
    groups: dict[tuple[str, str], list[str]] = {}
    for call in calls:
        groups.setdefault((call.callee, call.reason), []).append(place(call.span, on.show, column=False))
    if groups:
        on.say(("not resolved", "bold cyan"))
    for (callee, reason), places in groups.items():
        times = f" \u00d7 {len(places)}" if len(places) > 1 else ""
        on.say("  ", (callee, "bold"), f"{times}  {reason}  {_some(places)}", indent=4)
    if groups:
        on.say()


def _write_closing(report: Report, on: Paper, paths: Sequence[str]) -> None:
    where = " ".join(paths) or "."
    no_entry = f"no entry found under {where}: seeding was not judged; name the script that starts training"
    if not report.runs and not report.findings:
        on.say(no_entry, indent=2)
        return
    on.say(*_counts(report, on), indent=2)
    if not report.runs:
        on.say(no_entry, indent=2)


def _counts(report: Report, on: Paper) -> Iterator[str | tuple[str, str]]:
    severities = [finding.severity for finding in report.findings]
    counted = [(count_of(severities.count(kind), kind), STYLES[kind]) for kind in STYLES if kind in severities]
    for number, part in enumerate(counted):
        yield from (", ", part) if number else (part,)
    if not counted:
        yield ("no findings", "bold green")
    if report.runs:
        entries = list(dict.fromkeys(on.show(run.entry) for run in report.runs))
        yield f" in {count_of(len(report.runs), 'run')} {_some(entries)}"
    if report.muted:
        yield f"; {len(report.muted)} muted"
    if report.unresolved_count:
        seen = "listed above" if report.unresolved else "see --audit"
        yield f"; {count_of(report.unresolved_count, 'call')} unresolved, {seen}"


# -- the ledger ----------------------------------------------------------------------------------------------------


def write_ledger(ledger: Sequence[LedgerLine], run: Run, on: Paper) -> None:
    """Every seed and draw of one run in the order in which it happens, then one line a stream."""
    rows = [
        (str(number), line.kind, line.stream, place(line.span, on.show, column=False), line.what, _way(line))
        for number, line in enumerate(ledger, 1)
    ]
    widths = [max(cell_len(readable(cell, on.encoding)) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        _write_row(row, widths, on)
    if rows:
        on.say()
    _write_streams(run, on)


_KINDS: Final = {"seed": "bold green", "restore": "bold green", "entropy": "bold red", "draw": ""}


def _write_row(row: Sequence[str], widths: Sequence[int], on: Paper) -> None:
    number, kind, stream, *rest = row
    head = on.text((f"{number:>{widths[0]}}  ", GUTTER), (f"{kind:<{widths[1]}}", _KINDS[kind]))
    head += Text(f"  {stream:<{widths[2]}}  ")
    body = Text()
    for cell, wide in zip(rest, widths[3:], strict=True):
        text = on.text(cell)
        text.pad_right(wide - text.cell_len + 2)
        body += text
    body.rstrip()
    on.write(body, head=head)


def _way(line: LedgerLine) -> str:
    """The lines that lead to it."""
    return " → ".join(step.note for step in line.steps[:-1])


def _write_streams(run: Run, on: Paper) -> None:
    wide = max(len(state.stream) for state in run.streams) if run.streams else 0
    for state in run.streams:
        sign, style, _ = _MARKS[state.state]
        drawn = f", first drawn {place(state.drawn_at, on.show, column=False)}" if state.drawn_at else ""
        head = on.text(f"{state.stream:<{wide}}  ", (sign, f"bold {style}"), " ")
        on.write(on.text(f"{_words(state, '', on.show)}{drawn}"), head=head)
