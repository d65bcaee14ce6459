"""Which tensors differ at which step → drawings that stand in a page, each with a text that says the same."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any, Final

from reprolint.report.frame import readable

if TYPE_CHECKING:
    from collections.abc import Sequence

_CELL, _ROW, _TOP, _CHARACTER = 26, 16, 22, 6.6
_NAMES: Final = 46
"""Characters of a name that are shown."""
_BAR, _GAP, _HIGH = 20, 26, 90
_COLUMNS, _BEFORE = 40, 3
"""Steps that are drawn, and how many of them before the first one that differs."""
_ROWS: Final = 60
"""Rows that are told in words."""
_SAYS: Final = {"=": "same", "x": "different", ".": "not there"}


def said(words: object) -> str:
    """Any text as a page can show it: nothing in it is markup, hidden or reordered."""
    return escape(readable(str(words)))


def cells(matrix: dict[str, Any]) -> str:
    """A square a value and step: filled and crossed out where it differs."""
    rows, shown = matrix["rows"], columns(matrix)
    steps = [matrix["steps"][at] for at in shown]
    names = [row["name"] if row["name"].startswith(row["kind"]) else f"{row['kind']}: {row['name']}" for row in rows]
    left = int(min(max((len(name) for name in names), default=0), _NAMES) * _CHARACTER) + 12
    wide, high = left + _CELL * len(steps) + 8, _TOP + _ROW * len(rows) + 4
    parts = [_text(left + _CELL * at + _CELL // 2, _TOP - 8, "start" if step == 0 else str(step), "middle") for at, step in enumerate(steps)]
    for number, (row, name) in enumerate(zip(rows, names, strict=True)):
        y = _TOP + _ROW * number
        parts.append(_text(left - 8, y + 12, name if len(name) <= _NAMES else f"…{name[1 - _NAMES :]}", "end"))
        for at, column in enumerate(shown):
            cell = row["cells"][column]
            parts.append(_cell(left + _CELL * at, y, cell, f"{name}, {_column(steps[at])}: {_SAYS[cell]}"))
    differ = sum("x" in row["cells"] for row in rows)
    return _drawing(wide, high, "cells", "Which values differ at which step", f"{differ} of {len(rows)} rows differ at some step. {_told(names, rows, steps, shown)}", parts)


def _told(names: Sequence[str], rows: Sequence[dict[str, Any]], steps: Sequence[int], shown: Sequence[int]) -> str:
    """The rows that differ in words, for who does not see the squares."""
    found = [(name, next((step for step, at in zip(steps, shown, strict=True) if row["cells"][at] == "x"), None)) for name, row in zip(names, rows, strict=True)]
    differ = [f"{name}: first {_column(step)}" for name, step in found if step is not None]
    return "; ".join(differ[:_ROWS]) + ("; …" if len(differ) > _ROWS else "")


def columns(matrix: dict[str, Any]) -> range:
    """The steps that are drawn: all of them, or those around the first one that differs."""
    number = len(matrix["steps"])
    first = next((at for at in range(number) if any(share["differ"][at] for share in matrix["shares"])), 0)
    start = max(0, min(first - _BEFORE, number - _COLUMNS))
    return range(start, min(number, start + _COLUMNS))


def _cell(x: int, y: int, cell: str, says: str) -> str:
    if cell == ".":
        return ""
    box = f'<rect class="{"other" if cell == "x" else "same"}" x="{x + 2}" y="{y + 1}" width="{_CELL - 4}" height="{_ROW - 3}" rx="2"><title>{said(says)}</title></rect>'
    if cell == "=":
        return box
    return box + f'<path class="cross" d="M{x + 9} {y + 4}l8 6m0 -6l-8 6"/>'


def _column(step: int) -> str:
    return "before the first step" if step == 0 else f"step {step}"


def bars(matrix: dict[str, Any]) -> str:
    """A bar a step: the share of all compared values that differ."""
    shown = columns(matrix)
    steps = [matrix["steps"][at] for at in shown]
    differ = [sum(share["differ"][at] for share in matrix["shares"]) for at in shown]
    total = [sum(share["total"][at] for share in matrix["shares"]) for at in shown]
    left = 44
    wide, high = left + (_BAR + _GAP) * len(steps) + 8, _HIGH + 44
    parts = [_text(left - 8, 20, "100%", "end"), _text(left - 8, 16 + _HIGH, "0%", "end"), f'<path class="axis" d="M{left} 16v{_HIGH}h{(_BAR + _GAP) * len(steps)}"/>']
    for at, step in enumerate(steps):
        tall = round(_HIGH * differ[at] / total[at], 1) if total[at] else 0.0
        x = left + 12 + (_BAR + _GAP) * at
        parts.append(
            f'<rect class="other" x="{x}" y="{16 + _HIGH - tall:g}" width="{_BAR}" height="{tall:g}"><title>{_column(step)}: {differ[at]} of {total[at]}</title></rect>'
        )
        parts += [_text(x + _BAR // 2, 30 + _HIGH, "start" if step == 0 else str(step), "middle"), _text(x + _BAR // 2, 13 + _HIGH - int(tall), f"{differ[at]}/{total[at]}", "middle")]
    told = "; ".join(f"{_column(step)}: {differ[at]} of {total[at]}" for at, step in enumerate(steps))
    return _drawing(wide, high, "bars", "Share of the values that differ, by step", told, parts)


def _text(x: int, y: int, words: str, anchor: str) -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}">{said(words)}</text>'


def _drawing(wide: int, high: int, key: str, title: str, says: str, parts: list[str]) -> str:
    inside = "\n".join(part for part in parts if part)
    names = f'<title id="{key}">{said(title)}</title><desc id="{key}-told">{said(says)}</desc>'
    svg = f'<svg role="img" aria-labelledby="{key}" aria-describedby="{key}-told" width="{wide}" height="{high}" viewBox="0 0 {wide} {high}">\n{names}\n{inside}\n</svg>'
    return f'<div class="wide" role="group" tabindex="0" aria-label="{said(title)}">{svg}</div>'
