"""The bytes of two values → in how many elements they differ, and by how much. Knows neither torch nor numpy."""

from __future__ import annotations

import math
import operator
from array import array
from struct import unpack
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_BLOCK: Final = 1 << 16
"""Bytes that are looked at together: equal ones are skipped."""


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """How much two values of one type and shape differ, over all their elements."""

    name: str
    dtype: str = ""
    shape: tuple[int, ...] = ()
    differing: int = 0
    """Elements whose bits differ, out of `total`."""
    total: int = 0
    max_abs: float | None = None
    """The largest absolute difference, of complex numbers the largest modulus of one; none where no two finite elements differ."""
    max_ulp: int | None = None
    """The largest number of floating-point numbers of that type from one to the other, +0 and -0 being the same; of complex numbers part by part."""
    infinite: int = 0
    """Differing elements of which one at least is NaN or infinite; `max_abs` and `max_ulp` leave them out."""
    note: str = ""
    """Why nothing is known of it."""


_INTEGERS: Final = {"int8": "b", "uint8": "B", "int16": "h", "uint16": "H", "int32": "i", "uint32": "I", "int64": "q", "uint64": "Q"}
_WIDTHS: Final = {"float16": 2, "bfloat16": 2, "float32": 4, "float64": 8}
_COMPLEX: Final = {"complex32": "float16", "complex64": "float32", "complex128": "float64"}
_UNSIGNED: Final = {2: "H", 4: "I", 8: "Q"}


def compare(name: str, dtype: str, shape: Sequence[int], left: bytes, right: bytes) -> Size | None:
    """Compare the elements, in logical order and of native byte order; None if all their bits are the same."""
    if left == right:
        return None
    about = Size(name=name, dtype=dtype, shape=tuple(shape))
    if dtype in {"int", "float", "complex"}:
        return _numbers(about, left.decode(), right.decode())
    if len(left) != len(right):
        return msgspec.structs.replace(about, note="one of the two is cut short")
    total = math.prod(shape)
    if dtype in _COMPLEX or dtype in _WIDTHS:
        return _floats(about, _COMPLEX.get(dtype, dtype), left, right, parts=2 if dtype in _COMPLEX else 1)
    if dtype in _INTEGERS:
        pairs = [(a, b) for first, second in _blocks(left, right) for a, b in zip(array(_INTEGERS[dtype], first), array(_INTEGERS[dtype], second), strict=True) if a != b]
        return msgspec.structs.replace(about, differing=len(pairs), total=total, max_abs=max(abs(a - b) for a, b in pairs))
    width = max(1, len(left) // max(1, total))
    differing = sum(left[at : at + width] != right[at : at + width] for at in range(0, len(left), width))
    return msgspec.structs.replace(about, differing=differing, total=total)


def _numbers(about: Size, left: str, right: str) -> Size:
    """Two numbers of Python, as it writes them."""
    one = msgspec.structs.replace(about, differing=1, total=1)
    if about.dtype == "int":
        return msgspec.structs.replace(one, max_abs=abs(int(left) - int(right)))
    first, second = complex(left), complex(right)
    values = [array("d", (number.real, number.imag)[: 2 if about.dtype == "complex" else 1]).tobytes() for number in (first, second)]
    return _floats(one, "float64", values[0], values[1], parts=2 if about.dtype == "complex" else 1)


def _blocks(left: bytes, right: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The blocks that differ."""
    for at in range(0, len(left), _BLOCK):
        first, second = left[at : at + _BLOCK], right[at : at + _BLOCK]
        if first != second:
            yield first, second


def _floats(about: Size, dtype: str, left: bytes, right: bytes, parts: int = 1) -> Size:
    """Floating-point numbers; `parts` of them make one element."""
    width, read = _WIDTHS[dtype], _reader(dtype)
    differing = infinite = 0
    most, furthest = -1.0, -1
    for first, second in _blocks(left, right):
        bits = array(_UNSIGNED[width], first), array(_UNSIGNED[width], second)
        values = read(first), read(second)
        unlike = list(map(operator.ne, *bits))
        gaps = list(map(abs, map(operator.sub, *values)))
        if parts > 1:
            gaps = list(map(math.hypot, gaps[::2], gaps[1::2]))
            unlike = list(map(operator.or_, unlike[::2], unlike[1::2]))
        differing += sum(unlike)
        if math.isfinite(sum(gaps)):
            most, furthest = max(most, *gaps), max(furthest, _furthest(*bits, width))
            continue
        counted = [number for number, one in enumerate(unlike) if one and _finite(values, number, parts)]
        infinite += sum(unlike) - len(counted)
        most = max([most, *(gaps[number] for number in counted)])
        chosen = [number * parts + part for number in counted for part in range(parts)]
        left_bits, right_bits = (array(one.typecode, [one[number] for number in chosen]) for one in bits)
        furthest = max(furthest, _furthest(left_bits, right_bits, width))
    return msgspec.structs.replace(
        about, differing=differing, total=len(left) // (width * parts), infinite=infinite, max_abs=most if most >= 0 else None, max_ulp=furthest if furthest >= 0 else None,
    )  # fmt: skip


def _furthest(left: array[int], right: array[int], width: int) -> int:
    """The largest number of floating-point numbers that lie between two, by their bits; -1 for none."""
    sign = 1 << (8 * width - 1)
    signs = int.from_bytes(sign.to_bytes(width, "little") * len(left), "little")
    if not (int.from_bytes(left.tobytes(), "little") ^ int.from_bytes(right.tobytes(), "little")) & signs:
        return max(map(abs, map(operator.sub, left, right)), default=-1)
    rest = sign - 1
    return max(abs(a - b) if (a ^ b) < sign else (a & rest) + (b & rest) for a, b in zip(left, right, strict=True))


def _finite(values: Sequence[Sequence[float]], number: int, parts: int) -> bool:
    """Whether all parts of an element are finite in both."""
    return all(math.isfinite(one[at]) for one in values for at in range(number * parts, (number + 1) * parts))


def _reader(dtype: str) -> Callable[[bytes], Sequence[float]]:
    if dtype == "float16":
        return lambda data: unpack(f"{len(data) // 2}e", data)
    if dtype == "bfloat16":
        return _brains
    return lambda data: array("f" if dtype == "float32" else "d", data)


def _brains(data: bytes) -> Sequence[float]:
    """bfloat16 is the upper half of float32."""
    whole = bytearray(2 * len(data))
    whole[2::4], whole[3::4] = data[::2], data[1::2]
    return array("f", whole)
