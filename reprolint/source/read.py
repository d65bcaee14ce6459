"""The bytes of a file → its text, as Python would decode them."""

import re
from dataclasses import dataclass
from pathlib import Path

from reprolint.source.problem import SyntaxProblem

LARGEST = 5_000_000
_BOM = b"\xef\xbb\xbf"
_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_BLANK = re.compile(rb"^[ \t\f]*(?:#[^\r\n]*)?$")


@dataclass(frozen=True, slots=True)
class Decoded:
    text: str
    problem: SyntaxProblem | None
    """Why the text may not be what its author wrote."""


def read(path: Path) -> bytes:
    """Raises `SyntaxProblem` for what is too large to be source, and `OSError`."""
    size = path.stat().st_size
    if size > LARGEST:
        raise SyntaxProblem(1, f"{size / 1e6:.1f} MB is too large; exclude the file or split it")
    return path.read_bytes()


def decode(data: bytes) -> Decoded:
    """UTF-8 unless the file says otherwise (PEP 263). Raises `SyntaxProblem` for what is not text."""
    if b"\0" in data:
        raise SyntaxProblem(data[: data.index(b"\0")].count(b"\n") + 1, "holds NUL bytes: not text")
    marked = data.startswith(_BOM)
    data = data[len(_BOM) :] if marked else data
    encoding = "utf-8" if marked else _declared(data)
    try:
        return Decoded(data.decode(encoding), None)
    except LookupError:
        problem = SyntaxProblem(1, f"unknown encoding {encoding}")
    except UnicodeError as error:
        at = error.start if isinstance(error, UnicodeDecodeError) else 0
        problem = SyntaxProblem(data[:at].count(b"\n") + 1, f"not {encoding}, read as latin-1")
    return Decoded(data.decode("latin-1"), problem)


def _declared(data: bytes) -> str:
    """What a comment on line 1, or on line 2 below nothing but a comment, says."""
    for line in re.split(rb"\r\n?|\n", data[:1000], maxsplit=2)[:2]:
        found = _COOKIE.match(line)
        if found:
            return found[1].decode("ascii", "replace")
        if not _BLANK.match(line):
            break
    return "utf-8"
