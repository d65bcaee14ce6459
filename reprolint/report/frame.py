"""A span and its source lines → a frame with carets, for any width and any character."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from rich.cells import cell_len
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reprolint.model.span import Span

GUTTER: Final = "blue"
"""Line numbers and bars, which nobody has to read."""

_ASCII: Final = {
    "✓": "+",
    "✗": "x",
    "·": "|",
    "→": "->",
    "…": "...",
    "╭": "/",
    "│": "|",
    "╰": "\\",
    "—": "-",
    "×": "x",  # noqa: RUF001  the sign is meant
}
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_TAB: Final = 4
_CONTEXT: Final = 1
_HEAD, _TAIL = 4, 2
"""Lines shown of a span that is longer than both together."""
_LEAD: Final = 12
"""Cells shown before the span when the beginning of its line is cut off."""

_Cells: TypeAlias = list[tuple[str, int]]


def readable(text: str, encoding: str = "utf-8") -> str:
    """Escape what would move the cursor, hide or reorder text, or what the encoding cannot say."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_readable(character, encoding) for character in text)


def _readable(character: str, encoding: str) -> str:
    if " " <= character <= "~":
        return character
    if unicodedata.category(character) in _UNSEEN:
        return character.encode("ascii", "backslashreplace").decode() if character > "\x7f" else repr(character)[1:-1]
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return _ASCII.get(character) or character.encode("ascii", "backslashreplace").decode()
    return character


@dataclass(frozen=True, slots=True)
class _Row:
    number: int | None
    text: str
    bracket: str = ""
    caret: tuple[int, int] | None = None
    """Where the underline begins and how long it is, in cells of the text as shown."""


def frame(lines: Sequence[str], span: Span, *, width: int, style: str, encoding: str = "utf-8") -> Iterator[Text]:
    """The lines of a span with a line of context either side; nothing if the span is not in them."""
    if not 0 < span.line <= len(lines):
        return
    last = min(span.end_line - (span.end_column == 1 and span.end_line > span.line), len(lines))
    rows = list(_rows(lines, span, last, width - gutter(span) - 3, encoding))
    margin = " " * gutter(span)
    bar = readable("│", encoding)
    yield Text(f"{margin} {bar}", GUTTER)
    for row in rows:
        number = f"{row.number:>{gutter(span)}}" if row.number else margin.replace(" ", ".")
        yield _line(f"{number} {bar}", (row.bracket, style), row.text)
        if row.caret:
            start, length = row.caret
            below = row.bracket.replace(readable("╭", encoding), bar)
            yield _line(f"{margin} {bar}", (below + " " * start + "^" * length, style), "")
    yield Text(f"{margin} {bar}", GUTTER)


def _line(margin: str, marked: tuple[str, str], code: str) -> Text:
    line = Text.assemble((margin, GUTTER), " ", marked, code)
    line.rstrip()
    return line


def gutter(span: Span) -> int:
    """The width of the widest line number in the frame."""
    return max(len(str(span.end_line + _CONTEXT)), 2)


def _rows(lines: Sequence[str], span: Span, last: int, width: int, encoding: str) -> Iterator[_Row]:
    several = last > span.line
    blank = "  " if several else ""
    room = max(width - len(blank), 20)
    first = _cells(lines[span.line - 1], encoding)
    end = len(first) if several else span.end_column - 1
    shift = _shift(first, span.column - 1, end, room)
    for number in _numbers(lines, span, last):
        if shift and number != span.line:
            continue
        if number is None:
            yield _Row(None, "", readable("│", encoding) + " ")
            continue
        cells = _cells(lines[number - 1], encoding)
        bracket = readable(_bracket(number, span.line, last), encoding) + " " if several else ""
        caret = _caret(cells, span.column - 1, end, shift, room) if number == span.line else None
        yield _Row(number, _window(cells, shift, room, encoding), bracket, caret)


def _numbers(lines: Sequence[str], span: Span, last: int) -> Iterator[int | None]:
    """Line numbers to show; None where some are left out."""
    if span.line > 1 and lines[span.line - 2].strip():
        yield span.line - 1
    spanned = range(span.line, last + 1)
    if len(spanned) > _HEAD + _TAIL + 1:
        yield from (*spanned[:_HEAD], None, *spanned[-_TAIL:])
    else:
        yield from spanned
    if last < len(lines) and lines[last].strip():
        yield last + 1


def _bracket(number: int, first: int, last: int) -> str:
    if not first <= number <= last:
        return " "
    return "╭" if number == first else "╰" if number == last else "│"


def _cells(line: str, encoding: str) -> _Cells:
    """Each character as it is shown, with its width."""
    cells: _Cells = []
    column = 0
    for character in line.rstrip("\r\n"):
        shown = " " * (_TAB - column % _TAB) if character == "\t" else readable(character, encoding)
        cells.append((shown, cell_len(shown)))
        column += cells[-1][1]
    return cells


def _wide(cells: _Cells) -> int:
    return sum(width for _, width in cells)


def _shift(cells: _Cells, start: int, end: int, room: int) -> int:
    """How many cells to cut off on the left so that the span can be seen."""
    if _wide(cells) <= room or _wide(cells[:end]) < room:
        return 0
    return max(_wide(cells[:start]) - _LEAD, 0)


def _window(cells: _Cells, shift: int, room: int, encoding: str) -> str:
    """The cells from `shift` on, as many as there is room for, with dots where something was cut off."""
    dots = readable("…", encoding)
    left = shift + len(dots) if shift else 0
    right = shift + room - (len(dots) if _wide(cells) > shift + room else 0)
    shown, column = "", 0
    for text, width in cells:
        if column >= left and column + width <= right:
            shown += text
        elif left < column + width <= right:
            shown += " " * (column + width - left)
        column += width
    before = dots if shift and column > shift else ""
    return before + shown + (dots if column > shift + room else "")


def _caret(cells: _Cells, start: int, end: int, shift: int, room: int) -> tuple[int, int]:
    left = max(_wide(cells[:start]) - shift, 0)
    length = _wide(cells[start:end])
    return left, max(min(length, room - left), 1)
