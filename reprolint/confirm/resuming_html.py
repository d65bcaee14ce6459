"""The document of a run that was resumed → one page to keep or to send, in the style of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from reprolint.confirm.markup import document, prose, sentence, table, verdict
from reprolint.confirm.plots import said

if TYPE_CHECKING:
    from collections.abc import Iterator

_DEVICES: Final = {"": "No optimizer took a step: no tensors were compared but what steps return.", "cpu": "On the CPU: no GPU kernel was exercised."}
_WENT: Final = {True: ("good", "✓"), False: ("bad", "✗"), None: ("soft", "·")}


def page(told: dict[str, Any]) -> bytes:
    """The page of a document that `probe.resuming_text.document` made."""
    return document(f"reprolint: {told['target']}, resumed", "\n".join(_body(told)))


def _body(told: dict[str, Any]) -> Iterator[str]:
    bad, meaning = told["verdict"] == "diverged", told["meaning"]
    yield verdict(told["target"], meaning["verdict"], bad=bad)
    yield f'<p class="soft">{said(_DEVICES.get(told["device"], "On " + told["device"] + "."))} reprolint {said(told["tool"]["version"])}.</p>'
    if meaning["scratch"]:
        yield f'<p class="soft">{sentence(meaning["scratch"])}</p>'
    yield "<h2>Runs</h2>"
    for line, went in zip(meaning["runs"], meaning["went"], strict=True):
        style, sign = _WENT[went]
        yield f'<p><strong class="{style}">{sign}</strong> {sentence(line)}</p>'
    yield from _leg(meaning, "first", "What is lost")
    lost = [[part["lost"] for part in meaning.get(name, ())] for name in ("first", "second")]
    if not lost[0] or lost[0] != lost[1]:  # else the runs above say that it is the same
        yield from _leg(meaning, "second", "What is lost the second time")
    kept = (told["resume"]["first"] or {}).get("kept")
    if kept:
        yield f"<p>{sentence('Came back as it was: ' + ', '.join(kept))}</p>"
    yield from (f"<p><strong>Note:</strong> {sentence(note)}</p>" for note in meaning["notes"])
    yield "<h2>What was compared, and what was not</h2>"
    yield f"<p>{sentence(meaning['compared'])}</p><p>Not watched:</p><ul>" + "".join(f"<li>{prose(one)}</li>" for one in told["unwatched"]) + "</ul>"


def _leg(meaning: dict[str, Any], name: str, title: str) -> Iterator[str]:
    """What is lost when it is resumed, and where that shows first."""
    rows = [[prose(part["lost"]), prose(part["how"]), prose(part["help"])] for part in meaning.get(name, ())]
    first = meaning["differences"].get(name)
    if rows or first:
        yield f"<h2>{title}</h2>"
    if first:
        yield f"<p>{sentence(f'First difference: {first}')}</p>"
    if rows:
        yield table("What does not come back from the checkpoint.", ("part", "how", "help"), rows)
