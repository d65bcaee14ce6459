"""What every page is made of: its frame and style, tables, and lines of code; no script, no network, no clock."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from reprolint.confirm.plots import said

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

_CONTEXT: Final = 2
_CODE: Final = re.compile(r"`([^`]+)`")
_JOINTS: Final = "._/:"
"""Behind these a long name may be broken."""
_STYLE: Final = """
:root { color-scheme: light dark; --ink: #1c1e21; --soft: #55595f; --paper: #fff; --panel: #f4f5f7; --line: #c9ccd1; --bad: #b3261e; --good: #14692f; --mark: #fde7e5; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8e9eb; --soft: #b0b4ba; --paper: #17191c; --panel: #22252a; --line: #4a4e55; --bad: #ff9389; --good: #79d69a; --mark: #4a2320; } }
body { margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color: var(--ink); background: var(--paper); font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.4rem; margin: 0 0 .3rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; } h3 { font-size: 1rem; margin: 1.2rem 0 .2rem; }
code, pre, svg text { font-family: ui-monospace, Menlo, Consolas, monospace; } code { font-size: .87em; } pre { font-size: .87rem; }
svg text { fill: var(--ink); font-size: 11px; } .wide { overflow-x: auto; }
.verdict { border-left: .4rem solid var(--good); padding: .6rem 1rem; background: var(--panel); } .verdict.bad { border-color: var(--bad); }
.bad strong, strong.bad { color: var(--bad); } .good strong, strong.good { color: var(--good); } .soft { color: var(--soft); } p { margin: .3rem 0; }
table { border-collapse: collapse; margin: .5rem 0; overflow-wrap: break-word; } th, td { text-align: left; vertical-align: top; padding: .25rem .9rem .25rem 0; border-bottom: 1px solid var(--line); }
td, tbody th { font-weight: normal; } caption { text-align: left; color: var(--soft); } th.group { font-weight: bold; padding-top: .9rem; } th.number, td.number { text-align: right; font-variant-numeric: tabular-nums; } td.number { white-space: nowrap; }
ul { margin: .3rem 0; padding-left: 1.3rem; } summary { cursor: pointer; } :focus-visible { outline: 2px solid var(--ink); outline-offset: 2px; }
pre { background: var(--panel); padding: .6rem .8rem; overflow-x: auto; margin: .4rem 0; } pre mark { background: var(--mark); color: inherit; display: inline-block; min-width: 100%; }
rect.same { fill: var(--panel); stroke: var(--line); } rect.other { fill: var(--bad); } path.cross { stroke: var(--paper); stroke-width: 1.5; fill: none; } path.axis { stroke: var(--soft); fill: none; }
"""


def document(title: str, body: str) -> bytes:
    """A whole page with that title, around what is markup already."""
    text = (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{said(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )
    return text.encode("utf-8", "backslashreplace")


def code(words: object) -> str:
    """A name or a place, which may be broken at its joints and nowhere else before it has to be."""
    text = str(words)
    parts = [""]
    for sign in text:
        parts[-1] += sign
        if sign in _JOINTS:
            parts.append("")
    return f"<code>{'<wbr>'.join(said(part) for part in parts if part)}</code>"


def prose(words: str) -> str:
    """A text in which code stands between backticks."""
    return _CODE.sub(r"<code>\1</code>", said(words))


def sentence(words: str) -> str:
    """The same, with a beginning and an end."""
    return prose(f"{words[:1].upper()}{words[1:]}{'' if words.endswith(('…', '.')) else '.'}")


def verdict(command: str, words: str, more: str = "", *, bad: bool) -> str:
    """What comes first: how it went, of which command, and `more` markup."""
    sign, style = ("✗", "bad") if bad else ("✓", "good")
    return f'<div class="verdict {style}"><h1><strong>{sign} {prose(words)}</strong></h1><p>{code(command)}</p>{more}</div>'


def table(caption: str, head: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: Sequence[int] = ()) -> str:
    """Cells are markup already; the first one of a row is its header. `numbers`: columns of numbers, from 0."""
    return grouped(caption, head, (("", rows),), numbers=numbers)


def grouped(caption: str, head: Sequence[str], groups: Iterable[tuple[str, Sequence[Sequence[str]]]], *, numbers: Sequence[int] = ()) -> str:
    """A table in parts, each with rows of its own under its heading, which is markup already and may be empty."""
    aside = [' class="number"' if number in numbers else "" for number in range(len(head))]
    heads = "".join(f'<th scope="col"{style}>{said(one)}</th>' for one, style in zip(head, aside, strict=True))
    bodies = []
    for heading, rows in groups:
        above = f'<tr><th class="group" scope="rowgroup" colspan="{len(head)}">{heading}</th></tr>\n' if heading else ""
        bodies.append(f"<tbody>\n{above}" + "\n".join(_row(row, aside) for row in rows) + "\n</tbody>")
    return scrolling(caption, f"<table><caption>{said(caption)}</caption><thead><tr>{heads}</tr></thead>{''.join(bodies)}</table>")


def _row(cells: Sequence[str], aside: Sequence[str]) -> str:
    marked = (f'<th scope="row">{one}</th>' if not number else f"<td{aside[number]}>{one}</td>" for number, one in enumerate(cells))
    return f"<tr>{''.join(marked)}</tr>"


def scrolling(name: str, markup: str) -> str:
    """What may be wider than the page moves by itself, also with the keys of someone who has no mouse."""
    return f'<div class="wide" role="group" tabindex="0" aria-label="{said(name)}">{markup}</div>'


def lines_of(path: Path) -> Sequence[str]:
    """The lines of a file; none if it cannot be read."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ()


def excerpt(lines: Sequence[str], line: int) -> str:
    """A line with its neighbours; nothing if it is not there."""
    if not 0 < line <= len(lines):
        return ""
    shown = range(max(1, line - _CONTEXT), min(len(lines), line + _CONTEXT) + 1)
    texts = [f"{number:>4}  {said(lines[number - 1].expandtabs(4))}" for number in shown]
    return '<pre tabindex="0">' + "\n".join(f"<mark>{text}</mark>" if number == line else text for number, text in zip(shown, texts, strict=True)) + "</pre>"
