"""Pairs of recorded traces: the first thing that differs, and the first operation."""

from __future__ import annotations

from pathlib import Path

import pytest

from reprolint.probe.compare import clock_lines, compare, compare_ops, timeless
from reprolint.probe.trace import BrokenTrace, Trace, read

TRACES = Path(__file__).parents[2] / "fixtures" / "traces"
FIRST = {
    "unseeded-weights": ("initial parameters", 0, "stream", "aten.uniform_.default", "train.py:3"),
    "set-order": ("loss", 1, "outside", "aten.lift_fresh.default", "train.py:8"),
    "clock-in-rate": ("loss", 1, "scalar", "aten.mul.Tensor", "train.py:8"),
    "more-draws": ("initial parameters", 0, "sequence", "aten.empty.memory_format", "train.py:8"),
    "race": ("gradients", 1, "kernel", "aten.index_put.default", "train.py:7"),
}


def pair(name: str) -> tuple[Trace, Trace]:
    return read(TRACES / name / "one.jsonl"), read(TRACES / name / "other.jsonl")


@pytest.mark.parametrize("name", FIRST)
def test_the_first_difference(name):
    one, other = pair(name)
    found, op = compare(one, other), compare_ops(one, other)
    assert found is not None
    assert op is not None
    assert (found.kind, found.step, op.kind, op.op, op.where) == FIRST[name]


@pytest.mark.parametrize("name", [*FIRST, "seeded"])
def test_a_trace_is_the_same_as_itself(name):
    for trace in pair(name):
        assert compare(trace, trace) is None
        assert compare_ops(trace, trace) is None


def test_runs_that_agree():
    one, other = pair("seeded")
    assert compare(one, other) is None
    assert compare_ops(one, other) is None


def test_the_stream_that_was_in_another_state_is_named():
    found = compare(*pair("unseeded-weights"))
    assert found is not None
    assert found.streams == ("torch",)


def test_backward_operations_know_their_forward_line():
    op = compare_ops(*pair("race"))
    assert op is not None
    assert op.forward == "train.py:7"


def test_what_is_missing_in_one_run_is_named():
    op = compare_ops(*pair("more-draws"))
    assert op is not None
    assert op.detail == "nothing in one run, aten.rand.default at train.py:7 in the other"


def test_a_trace_that_was_cut_short_has_no_end(tmp_path):
    whole = (TRACES / "seeded" / "one.jsonl").read_bytes()
    (tmp_path / "cut.jsonl").write_bytes(whole[: len(whole) * 3 // 4])
    assert read(TRACES / "seeded" / "one.jsonl").end is not None
    assert read(tmp_path / "cut.jsonl").end is None


@pytest.mark.parametrize("content", [b"", b"\n", b'{"kind":"end"}\n', b"what?\n"])
def test_no_trace_at_all(tmp_path, content):
    (tmp_path / "none.jsonl").write_bytes(content)
    with pytest.raises(BrokenTrace):
        read(tmp_path / "none.jsonl")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2026-01-02 10:00:00,123 loss 0.5", "2027-03-04 11:59:59,001 loss 0.5"),
        ("epoch 1 took 3.1 s", "epoch 1 took 2.95 s"),
        ("[00:03<00:10, 3.2it/s]", "[00:04<00:11, 2.9it/s]"),
        ("<Net at 0x7f0c1a2b3c4d>", "<Net at 0x7fffdeadbeef>"),
    ],
)
def test_printed_times_are_set_aside(one, other):
    assert timeless(one) == timeless(other)
    left, right = pair("seeded")
    from msgspec.structs import replace

    assert list(clock_lines(replace(left, lines=(one,)), replace(right, lines=(other,)))) == [(1, one)]


@pytest.mark.parametrize(("one", "other"), [("loss 0.51", "loss 0.52"), ("step 3", "step 4"), ("0.1 0.2", "0.2 0.1")])
def test_printed_numbers_are_not(one, other):
    assert timeless(one) != timeless(other)
