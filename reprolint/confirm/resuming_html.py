"""The document of a run that was resumed → one page to keep or to send, in the style of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reprolint.confirm.html import document, table
from reprolint.confirm.plots import said

if TYPE_CHECKING:
    from collections.abc import Iterator


def page(told: dict[str, Any]) -> bytes:
    """The page of a document that `probe.resuming_text.document` made."""
    return document(f"reprolint: {told['target']}, resumed", "\n".join(_body(told)))


def _body(told: dict[str, Any]) -> Iterator[str]:
    bad = told["verdict"] == "diverged"
    mark = f'<strong>{"✗" if bad else "✓"} {said(told["meaning"]["verdict"])}</strong>'
    yield f'<div class="verdict{" bad" if bad else " good"}"><h1><code>{said(told["target"])}</code>: {mark}</h1></div>'
    yield "<h2>Runs</h2><ul>" + "".join(f"<li>{said(line)}</li>" for line in told["meaning"]["runs"]) + "</ul>"
    for name, title in (("first", "What is lost"), ("second", "What is lost the second time")):
        rows = [[said(part["lost"]), said(part["how"]), said(part["help"])] for part in told["meaning"].get(name, ())]
        if rows:
            yield f"<h2>{title}</h2>" + table("What does not come back from the checkpoint.", ("part", "how", "help"), rows)
    first = (told["resume"]["first"] or {}).get("first")
    if first:
        names = ", ".join(f"<code>{said(one)}</code>" for one in first["names"][:12])
        yield f"<p>First difference: {said(first['kind'])} at step {first['step']}{': ' if names else ''}{names}.</p>"
    kept = (told["resume"]["first"] or {}).get("kept")
    if kept:
        yield f"<p>Came back as it was: {said(', '.join(kept))}.</p>"
    yield from (f"<p><strong>Note:</strong> {said(note)}.</p>" for note in told["meaning"]["notes"])
    yield "<h2>What was compared, and what was not</h2>"
    yield f"<p>{said(told['meaning']['compared'])}.</p><p>Not watched:</p><ul>" + "".join(f"<li>{said(one)}</li>" for one in told["unwatched"]) + "</ul>"
