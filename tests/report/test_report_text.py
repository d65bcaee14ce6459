"""What people read."""

import re

import pytest
from made import SOURCE, finding, report, run, span, state, written
from rich.cells import cell_len

from reprolint.model.finding import LedgerLine, Muted, Step, Unresolved
from reprolint.report.text import paper, write_ledger

GOLDEN = """\
train.py  torch ✗ never seeded

error[RPL101] unseeded-stream: torch.rand draws from `torch` before anything seeds it
  --> train.py:5:9
   │
 4 │ def main():
 5 │     x = torch.rand(3, 4)
   │         ^^^^^^^^^^^^^^^^
 6 │     return x
   │
   1  train.py:9  the run starts here  main()
   2  train.py:5  draws from torch     x = torch.rand(3, 4)
help: call `torch.manual_seed` first

1 error in 1 run (train.py)
"""


@pytest.fixture(autouse=True)
def _plain(monkeypatch):
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


@pytest.fixture
def terminal(monkeypatch):
    def of(width):
        monkeypatch.setenv("FORCE_COLOR", "1")
        monkeypatch.setenv("COLUMNS", str(width))

    return of


def uncoloured(text):
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def test_report():
    assert written(report(finding())) == GOLDEN


def test_colours_are_the_sixteen_of_the_terminal(terminal):
    terminal(100)
    text = written(report(finding(), finding(severity="warning"), finding(severity="info")))
    codes = {code for found in re.findall(r"\x1b\[([0-9;]*)m", text) for code in found.split(";")}
    assert codes <= {"0", "1", "3", "31", "32", "33", "34", "36"}
    assert "1" in codes
    assert "2" not in codes
    assert "\x1b[1;31merror[RPL101]" in text


def test_no_color(terminal, monkeypatch):
    terminal(100)
    monkeypatch.setenv("NO_COLOR", "1")
    text = written(report(finding()))
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]", text)
    assert uncoloured(text) == GOLDEN


@pytest.mark.parametrize("width", [60, 80, 140])
def test_lines_keep_to_the_width(terminal, width):
    terminal(width)
    deep = "src/a/long/way/down/train.py"
    steps = tuple(Step(span(5, 9, path=deep), f"what happens at step {number}, said at length") for number in range(3))
    made = finding(
        span(5, 9, 5, 25, path=deep), message="word " * 60, help="word " * 60, also=("a.py",) * 9, steps=steps
    )
    runs = (run(deep, *(state(name, "late") for name in ("torch", "cuda", "numpy", "python"))),) * 3
    text = written(report(made, runs=runs, frames={deep: tuple(SOURCE.splitlines())}, unresolved_count=8))
    assert max(cell_len(line) for line in uncoloured(text).splitlines()) <= width


def test_nothing_is_wrapped_away_from_a_terminal():
    assert f": {'word ' * 60}".rstrip() in written(report(finding(message="word " * 60)))


def test_control_characters_do_not_reach_the_terminal():
    evil = "\x1b[2J\u202e"
    made = finding(
        span(5, 9, path=f"{evil}.py"), message=evil, help=evil, steps=(Step(span(1, 1), evil),), also=(evil,)
    )
    text = written(report(made, runs=(run(evil, reduced=evil),), unresolved=(Unresolved(span(1, 1), evil, evil),)))
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_ascii_terminal():
    text = written(report(finding(message="a → b"), source=SOURCE.replace("x =", "数 =")), encoding="ascii")
    assert text.isascii()
    assert "torch x never seeded" in text
    assert "a -> b" in text


def test_markup_is_not_interpreted():
    assert "[bold]x[/bold] :smile:" in written(report(finding(message="[bold]x[/bold] :smile:")))


# -- runs


def test_streams_of_a_run():
    only = run(
        "train.py",
        state("torch", "seeded", seeded_at=span(14, 1)),
        state("cuda", "unused"),
        state("numpy", "optional", options=("--seed", "--debug")),
        state("python", "seeded", seeded_at=span(3, 1, path="seeds.py")),
        state("hash", "unknown"),
        state("worker:torch", "seeded"),
    )
    assert written(report(runs=(only,))).splitlines()[0] == (
        "train.py  torch ✓ seeded 14 · numpy ~ only with --seed, --debug · python ✓ seeded seeds.py:3"
        " · hash ? cannot be told · workers ✓"
    )


def test_workers_say_what_is_wrong():
    only = run("train.py", state("worker:torch", "seeded"), state("worker:numpy", "unseeded"))
    assert written(report(runs=(only,))).startswith("train.py  workers ✗ numpy never seeded\n")


def test_run_without_draws():
    assert written(report(runs=(run("prepare.py"),))).startswith("prepare.py  draws from no stream\n")


def test_runs_worst_first_and_at_most_twenty():
    clean = tuple(run(f"{number:02}.py", state("torch", "seeded")) for number in range(25))
    bad = (run("optional.py", state("torch", "optional")), run("bad.py", state("torch", "unseeded")))
    lines = written(report(runs=clean + bad)).splitlines()
    assert [line.split()[0] for line in lines[:20]] == ["bad.py", "optional.py", *(f"{n:02}.py" for n in range(18))]
    assert lines[20] == "and 7 more runs"


def test_paths_as_the_reader_sees_them():
    text = written(report(finding(also=("eval.py",))), show=lambda path: f"../{path}")
    assert re.findall(r"(?<!\.\./)\b(?:train|eval)\.py", text) == []


# -- findings


def test_notebook():
    made = finding(span(2, 5, 2, 9, path="train.ipynb", cell=3), steps=())
    text = written(report(made, frames={"train.ipynb#3": ("import torch", "x = rand(3)")}))
    assert "  --> train.ipynb:cell 3:2:5 · when train.py runs\n" in text
    assert " 2 │ x = rand(3)\n   │     ^^^^\n" in text


@pytest.mark.parametrize(
    ("confidence", "tail"), [("certain", ""), ("likely", " · likely"), ("possible", " · possible")]
)
def test_confidence(confidence, tail):
    assert f"--> train.py:5:9{tail}\n" in written(report(finding(confidence=confidence)))


def test_merged_runs():
    text = written(report(finding(also=("a.py", "b.py", "c.py", "d.py"))))
    assert "   and in 4 more runs (a.py, b.py, …)\n" in text
    assert "   and in 1 more run (a.py)\n" in written(report(finding(also=("a.py",))))


def test_long_witness_is_elided_in_the_middle():
    steps = tuple(Step(span(number, 1), f"step {number}") for number in range(1, 31))
    text = written(report(finding(steps=steps)))
    assert "step 6" in text
    assert "18 more steps" in text
    assert "step 7 " not in text
    assert "step 30" in text


def test_witness_that_says_nothing_new_is_left_out():
    assert "draws from torch" not in written(report(finding(steps=(Step(span(5, 9), "draws from torch"),))))


# -- the end


@pytest.mark.parametrize(
    ("made", "last"),
    [
        (report(), "no findings in 1 run (train.py)"),
        (
            report(runs=tuple(run(f"{name}.py") for name in "abcd"), unresolved_count=212),
            "no findings in 4 runs (a.py, b.py, …); 212 calls unresolved, see --audit",
        ),
        (
            report(
                finding(),
                finding(severity="warning"),
                finding(severity="warning"),
                muted=(Muted(finding(), "inline", ""),),
            ),
            "1 error, 2 warnings in 1 run (train.py); 1 muted",
        ),
        (
            report(runs=(), unresolved_count=3),
            "no entry found under src/: seeding was not judged; name the script that starts training",
        ),
    ],
)
def test_closing_line(made, last):
    assert written(made, paths=["src/"]).splitlines()[-1] == last


def test_findings_without_an_entry_keep_their_count():
    lines = written(report(finding(), runs=()), paths=["src/"]).splitlines()
    assert lines[-2:] == [
        "1 error",
        "no entry found under src/: seeding was not judged; name the script that starts training",
    ]


def test_unresolved_calls_are_grouped():
    calls = tuple(Unresolved(span(line, 1), name, "why") for line, name in ((3, "build"), (4, "make"), (5, "build")))
    text = written(report(unresolved=calls, unresolved_count=3))
    assert "not resolved\n  build × 2  why  (train.py:3, train.py:5)\n  make  why  (train.py:4)\n" in text
    assert text.endswith("3 calls unresolved, listed above\n")


def test_statistics_replace_the_findings():
    text = written(report(finding(), finding(), finding(rule="RPL205", name="unsorted-listing")), statistics=True)
    assert "    2  RPL101  unseeded-stream\n    1  RPL205  unsorted-listing\n" in text
    assert "-->" not in text


def test_ledger():
    from made import Screen

    screen = Screen()
    steps = (Step(span(9, 1), "main"), Step(span(4, 1), "build"), Step(span(5, 9), "torch.rand"))
    lines = [
        LedgerLine("seed", "numpy", span(2, 1), "numpy.random.seed", ()),
        LedgerLine("draw", "torch", span(5, 9), "torch.rand", steps),
    ]
    made = run(
        "train.py", state("torch", "unseeded", drawn_at=span(5, 9)), state("numpy", "seeded", seeded_at=span(2, 1))
    )
    write_ledger(lines, made, paper(screen))
    assert screen.getvalue() == (
        "1  seed  numpy  train.py:2  numpy.random.seed\n"
        "2  draw  torch  train.py:5  torch.rand         main → build\n"
        "\n"
        "torch  ✗ never seeded, first drawn train.py:5\n"
        "numpy  ✓ seeded train.py:2\n"
    )


def test_a_bad_state_that_nobody_would_report_is_said_with_a_doubt():
    lines = written(report(runs=(run("train.py", state("torch", "unseeded", confidence="possible"), state("numpy", "seeded", confidence="possible")),)))
    assert "torch ? perhaps never seeded · numpy ✓ seeded" in lines
