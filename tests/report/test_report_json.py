"""The JSON contract: keys, order and meaning."""

import json

from made import finding, report, run, span, state

from reprolint import __version__
from reprolint.model.finding import Edit, Fix, LedgerLine, Muted, Problem, Step, Unresolved
from reprolint.model.stream import STREAMS
from reprolint.report.json import render, render_ledger


def loaded(made, **options):
    return json.loads(render(made, **options))


def test_document():
    document = loaded(report(finding()))
    assert list(document) == ["version", "tool", "runs", "findings", "muted", "unresolved", "problems", "summary"]
    assert document["version"] == 1
    assert document["tool"] == {"name": "reprolint", "version": __version__}


def test_every_stream_is_listed_always():
    [only] = loaded(report(runs=(run("train.py", state("numpy", "late")),)))["runs"]
    assert tuple(only["streams"]) == STREAMS
    assert {name: found["state"] for name, found in only["streams"].items()} == {
        name: "late" if name == "numpy" else "unused" for name in STREAMS
    }


def test_run():
    seeded = state("torch", "optional", seeded_at=span(3, 1, path="seeds.py"), drawn_at=span(5, 9), options=("--seed",))
    made = run("cli.py", seeded, state("worker:numpy", "unseeded"), kind="console-script", function="main", line=7)
    [only] = loaded(report(runs=(made,)))["runs"]
    assert (only["entry"], only["kind"], only["function"], only["line"]) == ("cli.py", "console-script", "main", 7)
    assert only["streams"]["torch"] == {
        "state": "optional",
        "seeded_at": {"path": "seeds.py", "line": 3},
        "drawn_at": {"path": "train.py", "line": 5},
        "options": ["--seed"],
        "confidence": "certain",
    }
    assert only["workers"]["numpy"]["state"] == "unseeded"


def test_finding():
    [only] = loaded(report(finding(also=("eval.py",))))["findings"]
    assert only == {
        "rule": "RPL101",
        "name": "unseeded-stream",
        "severity": "error",
        "confidence": "certain",
        "message": "torch.rand draws from `torch` before anything seeds it",
        "path": "train.py",
        "line": 5,
        "column": 9,
        "end_line": 5,
        "end_column": 25,
        "cell": None,
        "file_line": 5,
        "stream": "torch",
        "entry": "train.py",
        "also": ["eval.py"],
        "steps": [
            {"path": "train.py", "line": 9, "column": 1, "cell": None, "note": "the run starts here"},
            {"path": "train.py", "line": 5, "column": 9, "cell": None, "note": "draws from torch"},
        ],
        "fingerprint": "0123456789abcdef",
        "help": "call `torch.manual_seed` first",
        "url": None,
        "fix": None,
    }


def test_fix():
    fix = Fix("seed torch", "unsafe", (Edit(span(4, 1, 4, 1), "torch.manual_seed(0)\n"),))
    [only] = loaded(report(finding(fix=fix)))["findings"]
    assert only["fix"] == {
        "title": "seed torch",
        "applicability": "unsafe",
        "edits": [
            {
                "path": "train.py",
                "line": 4,
                "column": 1,
                "end_line": 4,
                "end_column": 1,
                "cell": None,
                "text": "torch.manual_seed(0)\n",
            }
        ],
    }


def test_the_rest():
    document = loaded(
        report(
            finding(),
            finding(severity="warning"),
            finding(severity="warning"),
            finding(severity="info"),
            muted=(Muted(finding(), "inline", "warm start"),),
            unresolved=(Unresolved(span(2, 1), "build", "getattr"),),
            unresolved_count=9,
            problems=(Problem("bad.py", 1, "cannot be read"),),
            files=("a.py", "b.py"),
        )
    )
    assert document["muted"] == [
        {
            "rule": "RPL101",
            "path": "train.py",
            "line": 5,
            "fingerprint": "0123456789abcdef",
            "why": "inline",
            "reason": "warm start",
        }
    ]
    assert document["unresolved"] == [{"path": "train.py", "line": 2, "callee": "build", "reason": "getattr"}]
    assert document["problems"] == [{"path": "bad.py", "line": 1, "message": "cannot be read"}]
    assert document["summary"] == {
        "errors": 1,
        "warnings": 2,
        "info": 1,
        "muted": 1,
        "runs": 1,
        "unresolved": 9,
        "files": 2,
    }


def test_statistics_come_on_request_and_most_frequent_first():
    made = report(finding(rule="RPL205", name="unsorted-listing"), finding(), finding())
    assert "statistics" not in loaded(made)
    assert loaded(made, statistics=True)["statistics"] == [
        {"rule": "RPL101", "name": "unseeded-stream", "count": 2},
        {"rule": "RPL205", "name": "unsorted-listing", "count": 1},
    ]


def test_bytes_are_utf8_and_survive_names_that_are_not():
    written = render(report(finding(message="中文 →", span=span(1, 1, path="b\udcff.py"))))
    assert written.endswith(b"}\n")
    assert "中文 →".encode() in written
    assert json.loads(written)["findings"][0]["path"] == "b\udcff.py"


def test_ledger():
    line = LedgerLine("draw", "torch", span(5, 9, 5, 25), "torch.rand", (Step(span(9, 1), "calls main"),))
    document = json.loads(render_ledger([line], run("train.py", state("torch", "unseeded"))))
    assert document["run"]["entry"] == "train.py"
    assert document["ledger"] == [
        {
            "kind": "draw",
            "stream": "torch",
            "path": "train.py",
            "line": 5,
            "column": 9,
            "end_line": 5,
            "end_column": 25,
            "cell": None,
            "what": "torch.rand",
            "steps": [{"path": "train.py", "line": 9, "column": 1, "cell": None, "note": "calls main"}],
        }
    ]
