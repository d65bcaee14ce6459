"""A probe's document, and the findings beside it → one page to keep or to send: no script, no network, no clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import convert

from reprolint.confirm import draws_html, plots
from reprolint.confirm.markup import code, document, excerpt, lines_of, prose, sentence, table, verdict
from reprolint.confirm.plots import said
from reprolint.confirm.text import BLIND, ORDER, among
from reprolint.probe import hardware, loading_text
from reprolint.probe.loading import Loader

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from reprolint.confirm.static import Static

_NAMES: Final = 12


def page(told: dict[str, Any], cwd: Path, static: Static | None) -> bytes:
    """The page of a document that `probe.text.document` made; lines of code are read from `cwd`."""
    return document(f"reprolint: {told['target']}", "\n".join(part for part in _body(told, cwd, static) if part))


def _body(told: dict[str, Any], cwd: Path, static: Static | None) -> Iterator[str]:
    yield from _verdict(told)
    yield _runs(told)
    yield from _besides(told)
    if told["first"]:
        yield from _first(told, cwd)
        yield from _drawings(told)
    if told.get("static"):
        yield from _findings(told["static"], static)
    if told["draws"]:
        yield from draws_html.part(told["draws"])
    yield from _limits(told)


def _verdict(told: dict[str, Any]) -> Iterator[str]:
    faulty = any(one["weight"] == "fault" for one in _compared(told))
    differ = told["verdict"] == "diverged"
    words = "the runs differ" if differ else f"all runs do the same, and {'ranks' if told['ranks'] else 'workers'} do not do what they should" if faulty else "no difference seen"
    says, bad = "", differ or faulty
    if differ:
        why = " " + sentence(f"What decides it: {'; '.join(told['meaning']['causes'])}") if told["causes"] else " What decides it was not looked for, with --quick." if told["quick"] else ""
        says = f"<p>First difference: {said(_at(told['first']))}.{why}</p>"
    elif told["bound"] is not None:
        says = f"<p>A difference that shows in less than {told['bound']:.0%} of all runs could have been missed.</p>"
    yield verdict(told["target"], words, says, bad=bad)
    device = hardware.said(told["device"], told.get("gpus", ""))
    yield f'<p class="soft">{said(device[0].upper() + device[1:])}. reprolint {said(told["tool"]["version"])}.</p>'
    for note in told["notes"]:
        yield f"<p><strong>Note:</strong> {sentence(note)}</p>"
    for line in told["meaning"]["files"]:
        yield f"<p><strong class='bad'>Warning:</strong> {sentence(line)}</p>"
    if told["meaning"]["scratch"]:
        yield f'<p class="soft">{sentence(told["meaning"]["scratch"])}</p>'


def _runs(told: dict[str, Any]) -> str:
    rows = []
    for trial in told["trials"]:
        name = ", ".join(trial["variations"]) or "a fresh process, nothing varied"
        word = f"{trial['differed']} of {trial['runs']} differ" if trial["differed"] else f"{trial['runs']} of {trial['runs']} agree"
        rows.append([said(name), "must not matter", str(trial["runs"]), f'<strong class="{"bad" if trial["differed"] else "good"}">{word}</strong>'])
    for trial, gist in zip(told["sensitivity"], told["meaning"]["sensitivity"], strict=True):
        rows.append([said(trial["variations"][0]), "may change bits", str(trial["runs"]), f'<span class="soft">{prose(gist)}</span>'])
    return "<h2>Runs</h2>\n" + table("Each run against the first one.", ("varied", "kind", "runs", "result"), rows, numbers=(2,))


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
            yield f"<p>{sentence('Not known: ' + told['loading']['failed'])}</p>"
        for loader, found in zip(told["loading"]["loaders"], told["loading"]["found"], strict=False):
            yield f"<h3>{code(loader['where'])} {said(loading_text.about(convert(loader, Loader)))}</h3>"
            yield _list({"found": found, "unseen": []}) if found else f"<p>{sentence(loading_text.nothing(convert(loader, Loader)))}</p>"
        yield _list({"found": [], "unseen": told["loading"]["unseen"]})


def _list(told: dict[str, Any]) -> str:
    words = {"fault": ("bad", "✗"), "note": ("soft", "·"), "agrees": ("good", "✓")}
    rows = [
        f'<p><strong class="{words[one["weight"]][0]}">{words[one["weight"]][1]} {said(one["about"])}</strong>{_place(one)} {sentence(one["says"])}{_helped(one)}</p>'
        for one in told["found"]
    ]
    return "\n".join([*rows, *(f'<p class="soft">{sentence("Not compared: " + text)}</p>' for text in told["unseen"])])


def _place(one: dict[str, Any]) -> str:
    return f" ({code(one['where'])})" if one["where"] else ""


def _helped(one: dict[str, Any]) -> str:
    return f" {sentence('Help: ' + one['help'])}" if one["help"] else ""


def _first(told: dict[str, Any], cwd: Path) -> Iterator[str]:
    first, op = told["first"], told["op"]
    yield "<h2>What differs first</h2>"
    names = ", ".join(f"{code(name)}" for name in first["names"][:_NAMES])
    more = ", …" if len(first["names"]) > _NAMES else ""
    yield f"<p>{said(_at(first))}{': ' if names else ''}{names}{more}{_detail(first)}</p>"
    if first["streams"]:
        yield f"<p>Streams in another state by then: {said(', '.join(first['streams']))}.</p>"
    if told["failure"]:
        yield f'<details><summary>What the run that failed said</summary><pre tabindex="0">{said(told["failure"].rstrip())}</pre></details>'
    yield _size(told)
    if op is None:
        return
    says, remedy = told["meaning"]["op"]
    yield f"<h3>First operation that differs</h3><p>{code(op['op'])} {said(op['tensor'])}, number {op['number'] + 1} of step {op['step']}{_rank(op)}</p>"
    for place, words in ((op["where"], ""), (op["forward"], "Its gradient belongs to: ")):
        if place:
            path, _, line = place.rpartition(":")
            yield f"<p>{words}{code(place)}</p>" + excerpt(lines_of(cwd / path), int(line) if line.isdigit() else 0)
    yield f"<p>It means: {prose(says)}{_detail(op)}.</p><p>{sentence('Help: ' + remedy)}</p>"


def _at(first: dict[str, Any]) -> str:
    return (f"{first['kind']} at step {first['step']}" if first["step"] else str(first["kind"])) + _rank(first)


def _rank(part: dict[str, Any]) -> str:
    return f" of rank {part['rank']}" if part["rank"] is not None else ""


def _detail(part: dict[str, Any]) -> str:
    return f" ({said(part['detail'])})" if part["detail"] else ""


def _size(told: dict[str, Any]) -> str:
    """How much it differs, where that was measured."""
    rows = []
    for what, part in (("first difference", "state"), ("went into the first operation", "inputs"), ("came out of it", "outputs")):
        for size in told["sizes"][part][:_NAMES]:
            about = f"<code>{said(size['name'])} {said(size['dtype'])}{said(list(size['shape'])) if size['shape'] else ''}</code>"
            if size["note"]:
                rows.append([what, f"{about} {said(size['note'])}", "", "", "", ""])
                continue
            apart = ("none" if size[key] is None else said(f"{size[key]:.3g}" if key == "max_abs" else f"{size[key]:,}") for key in ("max_abs", "max_ulp", "infinite"))
            rows.append([what, about, f"{size['differing']:,} of {size['total']:,}", *apart])
    note = f"<p>{sentence('How much it differs is not known: ' + told['sizes']['note'])}</p>" if told["sizes"]["note"] else ""
    head = ("where", "value", "elements that differ", "largest difference", "in units of the last place", "NaN or infinite in one run")
    return note + (table("How much it differs.", head, rows, numbers=(2, 3, 4, 5)) if rows else "")


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
    yield "<details><summary>The same as a table</summary>" + table("How many values differ.", head, rows, numbers=range(1, len(head))) + "</details>"


def _findings(told: dict[str, Any], static: Static | None) -> Iterator[str]:
    yield "<h2>What <code>reprolint check</code> says of this run</h2>"
    if told["problem"]:
        yield f"<p>{sentence('It could not be asked: ' + told['problem'])}</p>"
        return
    if told.get("note"):
        yield f"<p><strong>Note:</strong> {sentence(told['note'])}</p>"
    for cause in told["causes"]:
        if cause["says"]:
            yield f"<p><strong class='bad'>{said(cause['name'])}</strong>: {sentence(cause['says'])}</p>"
    if told["blind"]:
        yield f"<p>{sentence(BLIND)}</p>"
    if not told["findings"]:
        yield "<p>No finding.</p>"
        return
    rows = []
    for one in told["findings"]:
        path = static.show(one["path"]) if static is not None else one["path"]
        rows.append([
            f'<strong class="{"bad" if one["verdict"] in ORDER[:2] else "good" if one["verdict"] == "not confirmed" else "soft"}">{said(one["verdict"])}</strong>',
            f"{code(one['rule'])} {said(one['name'])}", f"<code>{said(path)}:{one['line']}</code>", prose(one["reason"] + among(one["among"])),
        ])  # fmt: skip
    yield table("Findings about this run.", ("verdict", "rule", "place", "why"), rows)
    for one in told["findings"]:
        if one["verdict"] in ORDER[:2]:
            path = static.show(one["path"]) if static is not None else one["path"]
            yield f"<h3>{code(one['rule'])} {said(one['name'])}, <code>{said(path)}:{one['line']}</code></h3><p>{prose(one['message'])}.</p>"
            yield excerpt(static.report.frames.get(one["path"], ()) if static is not None else (), one["line"])
            yield f"<p>{sentence('Help: ' + one['help'])}</p>" if one["help"] else ""


def _limits(told: dict[str, Any]) -> Iterator[str]:
    yield "<h2>What was compared, and what was not</h2>"
    steps = told["steps"]
    what = (f"all {steps} steps" if told["whole"] else f"the first {steps} steps") if steps else "results, written files and printed lines"
    yield f"<p>Compared bit by bit: {what}.</p>"
    if told["aside"]:
        yield f"<p>Set aside: {len(told['aside'])} printed lines that differ in dates, times or durations alone, as {code(told['aside'][0])}.</p>"
    if told["unwatched"]:
        yield "<p>Not watched:</p><ul>" + "".join(f"<li>{prose(one)}</li>" for one in told["unwatched"]) + "</ul>"
    yield '<p class="soft">No difference seen is no proof: other data, more steps, another device or a rarer race may still differ.</p>'
