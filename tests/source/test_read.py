"""Bytes become the text that Python would read; and whether they are worth parsing."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reprolint.source.prefilter import matters
from reprolint.source.problem import SyntaxProblem
from reprolint.source.read import LARGEST, decode, read


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("x = 'é'\n".encode(), "x = 'é'\n"),
        (b"\xef\xbb\xbfx = 1\n", "x = 1\n"),
        ("# -*- coding: latin-1 -*-\n'é'".encode("latin-1"), "# -*- coding: latin-1 -*-\n'é'"),
        ("#!/x\n# vim: set fileencoding=cp1252 :\n'€'".encode("cp1252"), "#!/x\n# vim: set fileencoding=cp1252 :\n'€'"),
        ("\n# coding: koi8-r\n'я'".encode("koi8-r"), "\n# coding: koi8-r\n'я'"),
        (b"a\r\nb\r", "a\r\nb\r"),
        (b"", ""),
    ],
)  # fmt: skip
def test_decode(data: bytes, text: str) -> None:
    found = decode(data)
    assert (found.text, found.problem) == (text, None)


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"x = 1\ny = '\xe9'\n", 2),
        (b"x = 1\n# coding: latin-1\ny = '\xe9'\n", 3),
        (b"# coding: no-such-codec\ny = '\xe9'\n", 1),
        (b"# coding: hex\ny = '\xe9'\n", 1),
        (b"# coding: ascii\ny = '\xe9'\n", 2),
    ],
)
def test_fallback_says_so(data: bytes, line: int) -> None:
    found = decode(data)
    assert "é" in found.text
    assert found.problem is not None
    assert found.problem.line == line


def test_nul_bytes_are_not_text() -> None:
    with pytest.raises(SyntaxProblem) as problem:
        decode(b"a\nb\0c")
    assert problem.value.line == 2


@given(st.binary(max_size=60))
def test_any_bytes_decode_or_are_not_text(data: bytes) -> None:
    try:
        decode(data)
    except SyntaxProblem:
        assert b"\0" in data


def test_read(tmp_path: Path) -> None:
    small, large = tmp_path / "a.py", tmp_path / "b.py"
    small.write_bytes(b"x\r\n")
    large.write_bytes(b"#" * (LARGEST + 1))
    assert read(small) == b"x\r\n"
    with pytest.raises(SyntaxProblem, match=r"5\.0 MB is too large"):
        read(large)
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "c.py")


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"np.random.seed(0)", True),
        (b"from torch import seed as s", True),
        (b"reseed(0); seeds = 1; seed_all()", False),
        (b'{"source": "import a\\nseed(1)"}', True),
        (b'"\\\\seed"', True),
        (b"", False),
    ],
)
def test_matters(data: bytes, found: bool) -> None:
    assert matters(data, frozenset({b"seed", b"manual_seed"})) is found
