"""Report → the JSON document that programs read; version 1 of it only ever gains keys."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from reprolint import __version__
from reprolint.model.finding import StreamState
from reprolint.model.stream import STREAMS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reprolint.checks import Rule
    from reprolint.model.finding import Finding, Fix, LedgerLine, Muted, Report, Run, Step
    from reprolint.model.span import Span


def render(report: Report, *, statistics: bool = False) -> bytes:
    """UTF-8, ends with a newline; the bytes of a name that is not UTF-8 come as escaped surrogates."""
    document: dict[str, Any] = {
        **_head(),
        "runs": [_run(run) for run in report.runs],
        "findings": [of_finding(finding) for finding in report.findings],
        "muted": [_muted(muted) for muted in report.muted],
        "unresolved": [
            {"path": call.span.path, "line": call.span.line, "callee": call.callee, "reason": call.reason}
            for call in report.unresolved
        ],
        "problems": [
            {"path": problem.path, "line": problem.line, "message": problem.message} for problem in report.problems
        ],
        "summary": _summary(report),
    }
    if statistics:
        document["statistics"] = count(report.findings)
    return _encode(document)


def render_ledger(ledger: Sequence[LedgerLine], run: Run) -> bytes:
    """What `reprolint streams` found out about one run."""
    return _encode({**_head(), "run": _run(run), "ledger": [_line(line) for line in ledger]})


def render_rules(rules: Iterable[Rule]) -> bytes:
    return _encode({**_head(), "rules": [_rule(rule) for rule in rules]})


def count(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Findings a rule, most frequent first, then by code."""
    counted = Counter((finding.rule, finding.name) for finding in findings)
    ordered = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    return [{"rule": rule, "name": name, "count": number} for (rule, name), number in ordered]


def _encode(document: dict[str, Any]) -> bytes:
    text = json.dumps(document, indent=2, ensure_ascii=False)
    return f"{text}\n".encode("utf-8", "backslashreplace")


def _head() -> dict[str, Any]:
    return {"version": 1, "tool": {"name": "reprolint", "version": __version__}}


def _run(run: Run) -> dict[str, Any]:
    by_name = {state.stream: state for state in run.streams}
    workers = [state for state in run.streams if state.stream not in STREAMS]
    return {
        "entry": run.entry,
        "kind": run.kind,
        "function": run.function,
        "line": run.line,
        "streams": {name: _state(by_name.get(name, StreamState(name, "unused"))) for name in STREAMS},
        "workers": {state.stream.removeprefix("worker:"): _state(state) for state in workers},
        "reduced": run.reduced or None,
    }


def _state(state: StreamState) -> dict[str, Any]:
    return {
        "state": state.state,
        "seeded_at": _spot(state.seeded_at),
        "drawn_at": _spot(state.drawn_at),
        "options": list(state.options),
        "confidence": state.confidence,
    }


def _spot(span: Span | None) -> dict[str, Any] | None:
    return {"path": span.path, "line": span.line} if span else None


def of_finding(finding: Finding) -> dict[str, Any]:
    """One finding as programs read it."""
    return {
        "rule": finding.rule,
        "name": finding.name,
        "severity": finding.severity,
        "confidence": finding.confidence,
        "message": finding.message,
        **_stretch(finding.span),
        "file_line": finding.span.file_line,
        "stream": finding.stream,
        "entry": finding.entry,
        "also": list(finding.also),
        "steps": [_step(step) for step in finding.steps],
        "fingerprint": finding.fingerprint,
        "help": finding.help,
        "url": None,
        "fix": _fix(finding.fix),
    }


def _stretch(span: Span) -> dict[str, Any]:
    return {
        "path": span.path,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
        "cell": span.cell,
    }


def _step(step: Step) -> dict[str, Any]:
    span = step.span
    return {"path": span.path, "line": span.line, "column": span.column, "cell": span.cell, "note": step.note}


def _fix(fix: Fix | None) -> dict[str, Any] | None:
    if fix is None:
        return None
    edits = [{**_stretch(edit.span), "text": edit.text} for edit in fix.edits]
    return {"title": fix.title, "applicability": fix.applicability, "edits": edits}


def _muted(muted: Muted) -> dict[str, Any]:
    finding = muted.finding
    return {
        "rule": finding.rule,
        "path": finding.span.path,
        "line": finding.span.line,
        "fingerprint": finding.fingerprint,
        "why": muted.why,
        "reason": muted.reason,
    }


def _summary(report: Report) -> dict[str, int]:
    severities = Counter(finding.severity for finding in report.findings)
    return {
        "errors": severities["error"],
        "warnings": severities["warning"],
        "info": severities["info"],
        "muted": len(report.muted),
        "runs": len(report.runs),
        "unresolved": report.unresolved_count,
        "files": len(report.files),
    }


def _line(line: LedgerLine) -> dict[str, Any]:
    return {
        "kind": line.kind,
        "stream": line.stream,
        **_stretch(line.span),
        "what": line.what,
        "steps": [_step(step) for step in line.steps],
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "code": rule.code,
        "name": rule.name,
        "severity": rule.severity,
        "audience": rule.audience,
        "summary": rule.summary,
        "since": rule.since,
    }
