"""Who draws from which stream, as a part of the page: what shifts a stream first, then a table a part of the run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from reprolint.confirm.markup import code, grouped, prose, sentence
from reprolint.confirm.plots import said
from reprolint.probe import ledger_text
from reprolint.probe.ledger import VALIDATION, Ledger

if TYPE_CHECKING:
    from collections.abc import Iterator


def part(told: dict[str, Any]) -> Iterator[str]:
    """`told`: the key `draws` of a probe's document."""
    ledger = msgspec.convert(told, Ledger)
    yield "<h2>Who draws from which random stream</h2>"
    if ledger.failed:
        yield f"<p>{sentence(f'Not known: {ledger.failed}')}</p>"
        return
    for shift, says, remedy in zip(ledger.shifts, ledger_text.says(ledger), ledger_text.remedies(ledger), strict=True):
        word = '<strong class="bad">Warning:</strong>' if shift.phase == VALIDATION else "<strong>Note:</strong>"
        yield f"<p>{word} {sentence(says)} {sentence(f'Help: {remedy}')}</p>"
    if ledger.changed:
        yield "<p><strong>Note:</strong> this run computed something else than the first one: take its draws with care.</p>"
    groups = [(said(heading), [[said(stream), _who(who), code(place) if place else "", said(often)] for stream, who, place, often in rows]) for heading, rows in ledger_text.groups(ledger)]
    if groups:
        yield grouped("Draws from the global streams, in one more run with nothing varied.", ("stream", "who draws", "line", "how often"), groups)
    else:
        yield "<p>No global stream was drawn from or seeded.</p>"
    yield "<p>Not in it:</p><ul>" + "".join(f"<li>{prose(one)}</li>" for one in ledger_text.missing(ledger)) + "</ul>"


def _who(words: str) -> str:
    return said(words) if words == ledger_text.UNSEEN else code(words)
