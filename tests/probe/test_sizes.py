"""How much two values differ, from their bytes alone: each type against what can be counted by hand."""

from __future__ import annotations

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reprolint.probe.sizes import compare

ONE_MORE = {"float16": 2**-10, "float32": 2**-23, "float64": 2**-52}
FORMATS = {"float16": "e", "float32": "f", "float64": "d"}


def packed(dtype, *numbers):
    return struct.pack(f"{len(numbers)}{FORMATS[dtype]}", *numbers)


def test_what_is_equal_has_no_size():
    assert compare("x", "float32", [2], packed("float32", 1, 2), packed("float32", 1, 2)) is None


@pytest.mark.parametrize("dtype", ONE_MORE)
def test_the_next_number_is_one_away(dtype):
    found = compare("x", dtype, [2, 2], packed(dtype, 1, 2, 3, 4), packed(dtype, 1 + ONE_MORE[dtype], 2, 3, 4))
    assert found is not None
    assert (found.differing, found.total, found.max_abs, found.max_ulp) == (1, 4, ONE_MORE[dtype], 1)


def test_brains():
    left, right = (b"".join(struct.pack("f", number)[2:] for number in numbers) for numbers in ((1.0, 2.0, -1.0), (1.0, 2.0 + 2**-6, 1.0)))
    found = compare("x", "bfloat16", [3], left, right)
    assert found is not None
    assert (found.differing, found.total, found.max_abs, found.max_ulp) == (2, 3, 2.0, 2 * 0x3F80)


def test_numbers_are_counted_over_zero():
    tiny = math.ulp(0.0)
    found = compare("x", "float64", [3], packed("float64", -tiny, 0.0, 5), packed("float64", tiny, -0.0, 5))
    assert found is not None
    assert (found.differing, found.max_abs, found.max_ulp) == (2, 2 * tiny, 2)
    zeros = compare("x", "float64", [1], packed("float64", 0.0), packed("float64", -0.0))
    assert zeros is not None
    assert (zeros.differing, zeros.max_abs, zeros.max_ulp) == (1, 0, 0)


def test_what_is_not_finite_is_counted_and_left_out():
    found = compare("x", "float32", [4], packed("float32", math.nan, 1, math.inf, 2), packed("float32", 1, math.nan, -math.inf, 2.5))
    assert found is not None
    assert (found.differing, found.infinite, found.max_abs, found.max_ulp) == (4, 3, 0.5, 1 << 21)
    same = compare("x", "float32", [2], packed("float32", math.nan, 1), packed("float32", math.nan, 2))
    assert same is not None
    assert (same.differing, same.infinite, same.max_abs) == (1, 0, 1)
    none = compare("x", "float32", [1], packed("float32", math.nan), packed("float32", 1))
    assert none is not None
    assert (none.differing, none.infinite, none.max_abs, none.max_ulp) == (1, 1, None, None)


def test_two_finite_numbers_may_be_too_far_apart():
    found = compare("x", "float64", [1], packed("float64", 1.7e308), packed("float64", -1.7e308))
    assert found is not None
    assert (found.differing, found.infinite, found.max_abs) == (1, 0, math.inf)


def test_complex_numbers_are_one_element_each():
    found = compare("x", "complex64", [2], packed("float32", 0, 0, 1, 1), packed("float32", 3, 4, 1, 1))
    assert found is not None
    assert (found.differing, found.total, found.max_abs) == (1, 2, 5.0)


@pytest.mark.parametrize(
    ("dtype", "form", "left", "right", "gap"),
    [("int64", "q", (-(2**63), 1), (2**63 - 1, 1), 2**64 - 1), ("uint8", "B", (0, 7), (255, 7), 255), ("int8", "b", (-3, 0), (4, 0), 7)],
)
def test_integers(dtype, form, left, right, gap):
    found = compare("x", dtype, [2], struct.pack(f"2{form}", *left), struct.pack(f"2{form}", *right))
    assert found is not None
    assert (found.differing, found.total, found.max_abs, found.max_ulp) == (1, 2, gap, None)


@pytest.mark.parametrize("dtype", ["bool", "float8_e4m3fn"])
def test_of_other_types_elements_are_counted(dtype):
    found = compare("x", dtype, [4], b"\0\1\0\1", b"\1\0\0\1")
    assert found is not None
    assert (found.differing, found.total, found.max_abs, found.max_ulp) == (2, 4, None, None)


@pytest.mark.parametrize(
    ("dtype", "left", "right", "gap", "ulp"),
    [("int", "3", "10000000000000000000000", 10**22 - 3, None), ("float", "1.0", "1.0000000000000002", 2**-52, 1), ("complex", "(1+2j)", "(4+6j)", 5.0, None)],
)
def test_numbers_of_python(dtype, left, right, gap, ulp):
    found = compare("x", dtype, [], left.encode(), right.encode())
    assert found is not None
    assert (found.differing, found.total, found.max_abs) == (1, 1, gap)
    assert ulp is None or found.max_ulp == ulp


def test_what_was_cut_short_has_no_size():
    found = compare("x", "float32", [2], packed("float32", 1, 2), packed("float32", 1))
    assert found is not None
    assert found.note
    assert found.differing == 0


@given(st.lists(st.tuples(st.floats(width=32, allow_nan=False), st.floats(width=32, allow_nan=False)), min_size=1, max_size=40))
def test_as_counted_one_by_one(pairs):
    left, right = (packed("float32", *(pair[side] for pair in pairs)) for side in (0, 1))
    found = compare("x", "float32", [len(pairs)], left, right)
    differing = [pair for pair in pairs if packed("float32", pair[0]) != packed("float32", pair[1])]
    finite = [abs(a - b) for a, b in differing if math.isfinite(a) and math.isfinite(b)]
    assert (found is None) == (not differing)
    if found is not None:
        assert (found.differing, found.infinite) == (len(differing), len(differing) - len(finite))
        assert found.max_abs == max(finite, default=None)


def test_blocks_far_from_the_beginning_are_seen():
    left = bytearray(1 << 18)
    right = bytearray(left)
    right[-4:] = struct.pack("f", 1.0)
    found = compare("x", "float32", [1 << 16], bytes(left), bytes(right))
    assert found is not None
    assert (found.differing, found.total, found.max_abs, found.max_ulp) == (1, 1 << 16, 1.0, 0x3F800000)
