"""A probe's document, and the findings beside it → one page to keep or to send: no script, no network, no clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from reprolint.confirm import plots
from reprolint.confirm.plots import said
from reprolint.confirm.text import BLIND, ORDER, among
from reprolint.probe import hardware

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from reprolint.confirm.static import Static

_CONTEXT: Final = 2
_NAMES: Final = 12
_STYLE: Final = """
:root { color-scheme: light dark; --ink: #1c1e21; --soft: #55595f; --paper: #fff; --panel: #f4f5f7; --line: #c9ccd1; --bad: #b3261e; --good: #14692f; --mark: #fde7e5; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8e9eb; --soft: #b0b4ba; --paper: #17191c; --panel: #22252a; --line: #4a4e55; --bad: #ff9389; --good: #79d69a; --mark: #4a2320; } }
body { margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color: var(--ink); background: var(--paper); font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.4rem; margin: 0 0 .3rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; } h3 { font-size: 1rem; margin: 1.2rem 0 .2rem; }
code, pre, svg text { font-family: ui-monospace, Menlo, Consolas, monospace; font-size: .87rem; }
svg text { fill: var(--ink); font-size: 11px; } .wide { overflow-x: auto; }
.verdict { border-left: .4rem solid var(--good); padding: .6rem 1rem; background: var(--panel); } .verdict.bad { border-color: var(--bad); }
.bad strong, strong.bad { color: var(--bad); } .good strong, strong.good { color: var(--good); } .soft { color: var(--soft); } p { margin: .3rem 0; }
table { border-collapse: collapse; margin: .5rem 0; } th, td { text-align: left; vertical-align: top; padding: .25rem .9rem .25rem 0; border-bottom: 1px solid var(--line); }
caption { text-align: left; color: var(--soft); } td.number { font-variant-numeric: tabular-nums; }
pre { background: var(--panel); padding: .6rem .8rem; overflow-x: auto; margin: .4rem 0; } pre mark { background: var(--mark); color: inherit; display: inline-block; min-width: 100%; }
rect.same { fill: var(--panel); stroke: var(--line); } rect.other { fill: var(--bad); } path.cross { stroke: var(--paper); stroke-width: 1.5; fill: none; } path.axis { stroke: var(--soft); fill: none; }
"""


def page(told: dict[str, Any], cwd: Path, static: Static | None) -> bytes:
    """The page of a document that `probe.text.document` made; lines of code are read from `cwd`."""
    return document(f"reprolint: {told['target']}", "\n".join(part for part in _body(told, cwd, static) if part))


def document(title: str, body: str) -> bytes:
    """A whole page with that title, around what is markup already."""
    text = (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{said(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )
    return text.encode("utf-8", "backslashreplace")


def _body(told: dict[str, Any], cwd: Path, static: Static | None) -> Iterator[str]:
    yield from _verdict(told)
    yield _runs(told)
    yield from _besides(told)
    if told["first"]:
        yield from _first(told, cwd)
        yield from _drawings(told)
    if told.get("static"):
        yield from _findings(told["static"], static)
    yield from _limits(told)


def _verdict(told: dict[str, Any]) -> Iterator[str]:
    faulty = any(one["weight"] == "fault" for one in _compared(told))
    differ = told["verdict"] == "diverged"
    words = "the runs differ" if differ else "all runs do the same, and ranks or workers do not do what they should" if faulty else "no difference seen"
    says, bad = "", differ or faulty
    if differ:
        why = f" What decides it: {said('; '.join(told['meaning']['causes']))}." if told["causes"] else " What decides it was not looked for, with --quick." if told["quick"] else ""
        says = f"<p>First difference: {said(_at(told['first']))}.{why}</p>"
    elif told["bound"] is not None:
        says = f"<p>A difference that shows in less than {told['bound']:.0%} of all runs could have been missed.</p>"
    yield f'<div class="verdict{" bad" if bad else " good"}"><h1><code>{said(told["target"])}</code>: <strong>{"✗" if bad else "✓"} {words}</strong></h1>{says}</div>'
    device = hardware.said(told["device"], told.get("gpus", ""))
    yield f'<p class="soft">{said(device[0].upper() + device[1:])}. reprolint {said(told["tool"]["version"])}.</p>'
    for note in told["notes"]:
        yield f"<p><strong>Note:</strong> {said(note)}.</p>"
    for line in told["meaning"]["files"]:
        yield f"<p><strong class='bad'>Warning:</strong> {said(line)}.</p>"
    if told["meaning"]["scratch"]:
        yield f'<p class="soft">{said(told["meaning"]["scratch"])}.</p>'


def _runs(told: dict[str, Any]) -> str:
    rows = []
    for trial in told["trials"]:
        name = ", ".join(trial["variations"]) or "a fresh process, nothing varied"
        word = f"{trial['differed']} of {trial['runs']} differ" if trial["differed"] else "all agree"
        rows.append([said(name), "must not matter", str(trial["runs"]), f'<strong class="{"bad" if trial["differed"] else "good"}">{word}</strong>'])
    for trial, gist in zip(told["sensitivity"], told["meaning"]["sensitivity"], strict=True):
        rows.append([said(trial["variations"][0]), "may change bits", str(trial["runs"]), f'<span class="soft">{said(gist)}</span>'])
    return "<h2>Runs</h2>\n" + table("Each run against the first one.", ("varied", "kind", "runs", "result"), rows)


def _compared(told: dict[str, Any]) -> list[dict[str, Any]]:
    """All that is said of ranks and of workers."""
    return [*(told["ranks"]["found"] if told["ranks"] else ()), *(one for found in (told["loading"]["found"] if told["loading"] else ()) for one in found)]


def _besides(told: dict[str, Any]) -> Iterator[str]:
    """Ranks, and loaders with other numbers of workers, next to each other."""
    if told["ranks"]:
        yield f"<h2>Ranks</h2>\n<p>The {told['ranks']['count']} ranks of the first run, next to each other.</p>" + _list(told["ranks"])
    if told["loading"]:
        yield "<h2>Workers</h2>\n<p>DataLoaders with 0, 1 and 2 workers, in their first two epochs.</p>"
        if told["loading"]["failed"]:
            yield f"<p>Not known: {said(told['loading']['failed'])}.</p>"
        for loader, found in zip(told["loading"]["loaders"], told["loading"]["found"], strict=False):
            yield f"<h3><code>{said(loader['where'])}</code> {said(loader['of'])}</h3>" + _list({"found": found, "unseen": []})
        yield _list({"found": [], "unseen": told["loading"]["unseen"]})


def _list(told: dict[str, Any]) -> str:
    words = {"fault": ("bad", "✗"), "note": ("soft", "·"), "agrees": ("good", "✓")}
    rows = [
        f'<p><strong class="{words[one["weight"]][0]}">{words[one["weight"]][1]} {said(one["about"])}</strong> {said(one["says"])}.{_helped(one)}</p>'
        for one in told["found"]
    ]
    return "\n".join([*rows, *(f'<p class="soft">Not compared: {said(text)}.</p>' for text in told["unseen"])])


def _helped(one: dict[str, Any]) -> str:
    return f" Help: {said(one['help'])}." if one["help"] else ""


def _first(told: dict[str, Any], cwd: Path) -> Iterator[str]:
    first, op = told["first"], told["op"]
    yield "<h2>What differs first</h2>"
    names = ", ".join(f"<code>{said(name)}</code>" for name in first["names"][:_NAMES])
    more = ", …" if len(first["names"]) > _NAMES else ""
    yield f"<p>{said(_at(first))}{': ' if names else ''}{names}{more}{_detail(first)}</p>"
    if first["streams"]:
        yield f"<p>Streams in another state by then: {said(', '.join(first['streams']))}.</p>"
    yield _size(told)
    if op is None:
        return
    says, remedy = told["meaning"]["op"]
    yield f"<h3>First operation that differs</h3><p><code>{said(op['op'])} {said(op['tensor'])}</code>, number {op['number'] + 1} of step {op['step']}</p>"
    for place, words in ((op["where"], ""), (op["forward"], "Its gradient belongs to: ")):
        if place:
            path, _, line = place.rpartition(":")
            yield f"<p>{words}<code>{said(place)}</code></p>" + _code(_lines(cwd / path), int(line) if line.isdigit() else 0)
    yield f"<p>It means: {said(says)}{_detail(op)}.</p><p>Help: {said(remedy)}.</p>"


def _at(first: dict[str, Any]) -> str:
    return f"{first['kind']} at step {first['step']}" if first["step"] else str(first["kind"])


def _detail(part: dict[str, Any]) -> str:
    return f" ({said(part['detail'])})" if part["detail"] else ""


def _size(told: dict[str, Any]) -> str:
    """How much it differs, where that was measured."""
    rows = []
    for what, part in (("first difference", "state"), ("went into the first operation", "inputs"), ("came out of it", "outputs")):
        for size in told["sizes"][part][:_NAMES]:
            about = f"<code>{said(size['name'])} {said(size['dtype'])}{said(list(size['shape'])) if size['shape'] else ''}</code>"
            if size["note"]:
                rows.append([what, about, said(size["note"]), "", "", ""])
                continue
            apart = ("none" if size[key] is None else said(f"{size[key]:.3g}" if key == "max_abs" else f"{size[key]:,}") for key in ("max_abs", "max_ulp", "infinite"))
            rows.append([what, about, f"{size['differing']:,} of {size['total']:,}", *apart])
    note = f"<p>How much it differs is not known: {said(told['sizes']['note'])}.</p>" if told["sizes"]["note"] else ""
    head = ("where", "value", "elements that differ", "largest difference", "in units of the last place", "NaN or infinite in one run")
    return note + (table("How much it differs.", head, rows) if rows else "")


def _drawings(told: dict[str, Any]) -> Iterator[str]:
    matrix = told.get("matrix")
    if not matrix:
        return
    yield "<h2>Where it spreads</h2>"
    yield '<p class="soft">The first run against the first one that differs; “start” is before the first step. Steps are counted over all optimizers.</p>'
    yield plots.bars(matrix)
    yield plots.cells(matrix)
    shown = plots.columns(matrix)
    if matrix["left_out"] or len(shown) < len(matrix["steps"]):
        steps = len(matrix["steps"]) - len(shown)
        yield f"<p>Not drawn: {matrix['left_out']} values that differ later or not at all, and {steps} steps.</p>"
    rows = [[said(share["kind"]), *(f"{share['differ'][at]} of {share['total'][at]}" if share["total"][at] else "none" for at in shown)] for share in matrix["shares"]]
    head = ("values", *("start" if at == 0 else f"step {matrix['steps'][at]}" for at in shown))
    yield "<details><summary>The same as a table</summary>" + table("How many values differ.", head, rows) + "</details>"


def _findings(told: dict[str, Any], static: Static | None) -> Iterator[str]:
    yield "<h2>What <code>reprolint check</code> says of this run</h2>"
    if told["problem"]:
        yield f"<p>It could not be asked: {said(told['problem'])}.</p>"
        return
    if told.get("note"):
        yield f"<p><strong>Note:</strong> {said(told['note'])}.</p>"
    for cause in told["causes"]:
        if cause["says"]:
            yield f"<p><strong class='bad'>{said(cause['name'])}</strong>: {said(cause['says'])}.</p>"
    if told["blind"]:
        yield f"<p>{said(BLIND[0].upper() + BLIND[1:])}.</p>"
    if not told["findings"]:
        yield "<p>No finding.</p>"
        return
    rows = []
    for one in told["findings"]:
        path = static.show(one["path"]) if static is not None else one["path"]
        rows.append([
            f'<strong class="{"bad" if one["verdict"] in ORDER[:2] else "good" if one["verdict"] == "not confirmed" else "soft"}">{said(one["verdict"])}</strong>',
            f"<code>{said(one['rule'])}</code> {said(one['name'])}", f"<code>{said(path)}:{one['line']}</code>", said(one["reason"] + among(one["among"])),
        ])  # fmt: skip
    yield table("Findings about this run.", ("verdict", "rule", "place", "why"), rows)
    for one in told["findings"]:
        if one["verdict"] in ORDER[:2]:
            path = static.show(one["path"]) if static is not None else one["path"]
            yield f"<h3><code>{said(one['rule'])}</code> {said(one['name'])}, <code>{said(path)}:{one['line']}</code></h3><p>{said(one['message'])}</p>"
            yield _code(static.report.frames.get(one["path"], ()) if static is not None else (), one["line"])
            yield f"<p>Help: {said(one['help'])}.</p>" if one["help"] else ""


def _limits(told: dict[str, Any]) -> Iterator[str]:
    yield "<h2>What was compared, and what was not</h2>"
    steps = told["steps"]
    what = (f"all {steps} steps" if told["whole"] else f"the first {steps} steps") if steps else "results, written files and printed lines"
    yield f"<p>Compared bit by bit: {what}.</p>"
    if told["aside"]:
        yield f"<p>Set aside: {len(told['aside'])} printed lines that differ in dates, times or durations alone.</p>"
    if told["unwatched"]:
        yield "<p>Not watched:</p><ul>" + "".join(f"<li>{said(one)}</li>" for one in told["unwatched"]) + "</ul>"
    yield '<p class="soft">No difference seen is no proof: other data, more steps, another device or a rarer race may still differ.</p>'


def table(caption: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Cells are markup already; the first one of a row is its header."""
    heads = "".join(f'<th scope="col">{said(one)}</th>' for one in head)
    body = "\n".join("<tr>" + "".join(f'<th scope="row">{one}</th>' if number == 0 else f"<td>{one}</td>" for number, one in enumerate(row)) + "</tr>" for row in rows)
    return f'<div class="wide"><table><caption>{said(caption)}</caption><thead><tr>{heads}</tr></thead><tbody>\n{body}\n</tbody></table></div>'


def _lines(path: Path) -> Sequence[str]:
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ()


def _code(lines: Sequence[str], line: int) -> str:
    """A line with its neighbours; nothing if it is not there."""
    if not 0 < line <= len(lines):
        return ""
    shown = range(max(1, line - _CONTEXT), min(len(lines), line + _CONTEXT) + 1)
    texts = [f"{number:>4}  {said(lines[number - 1].expandtabs(4))}" for number in shown]
    return "<pre>" + "\n".join(f"<mark>{text}</mark>" if number == line else text for number, text in zip(shown, texts, strict=True)) + "</pre>"
