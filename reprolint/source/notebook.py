"""A notebook's JSON → the text of its code cells as one program, and the way back from its lines to the cells."""

import ast
import bisect
import io
import itertools
import json
import json.decoder
import json.scanner
import re
import tokenize
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from reprolint.source.problem import SyntaxProblem

_FORMAT = 4
_NEWLINE = re.compile(r"\r\n?")
_MAGIC = re.compile(r"(\s*)(?:[%!?]|[\w.]+\?{1,2}\s*$)")
_ASSIGNED = re.compile(r"(\s*[\w.,\s\[\]'\"*()]+?\s*=\s*)[%!](?!=)")
_RUNS = re.compile(r"(\s*)(%(?:time|timeit|prun|memit)(?:\s+-\w+(?:\s*\d+)?)*\s+)(\S.*)")
"""Line magics whose rest is Python that runs where it stands."""
_CELL_RUNS = re.compile(r"%%(?:time|timeit|capture|prun|memit|debug)\b")
"""Cell magics whose cell is Python that runs where it stands."""


@dataclass(frozen=True, slots=True)
class Notebook:
    """`text` holds line for line what the code cells hold; what is not Python in them is masked."""

    text: str
    cells: tuple[int, ...]
    """Number of each code cell, from 1 over all cells."""
    starts: tuple[int, ...]
    """Line of `text`, from 1, on which each of them begins."""
    file_lines: tuple[int, ...]
    """Line of the file that holds each line of `text`."""
    skipped: tuple[int, ...]
    """Cells that are neither Python nor a magic."""

    def locate(self, line: int) -> tuple[int, int, int]:
        """Line of `text` → cell, line inside the cell, line of the file."""
        if not self.cells:
            return 1, line, line
        line = min(line, len(self.file_lines))
        at = bisect.bisect_right(self.starts, line) - 1
        return self.cells[at], line - self.starts[at] + 1, self.file_lines[line - 1]


def is_notebook(path: str) -> bool:
    return path.endswith(".ipynb")


def read_notebook(text: str) -> Notebook:
    """Raises `SyntaxProblem` for what is not a notebook of format 4."""
    lines: list[str] = []
    numbers, starts, skipped, physical = [], [], [], []
    newlines = [match.start() for match in re.finditer("\n", text)]
    for number, cell in _code_cells(_document(text)):
        inside = _lines(cell)
        masked = _masked([line for line, _ in inside])
        if masked is None:
            skipped.append(number)
            masked = [_comment(line) for line, _ in inside]
        numbers.append(number)
        starts.append(len(lines) + 1)
        lines += masked
        physical += [bisect.bisect_left(newlines, offset) + 1 for _, offset in inside]
    whole = "".join(line + "\n" for line in lines)
    return Notebook(whole, tuple(numbers), tuple(starts), tuple(physical), tuple(skipped))


# -- JSON ----------------------------------------------------------------------------------------------------------


class _Text(str):
    """A JSON string that knows where its first character stands."""

    __slots__ = ("offset",)
    offset: int


def _text(document: str, start: int, strict: bool = True) -> tuple[_Text, int]:  # noqa: FBT001, FBT002 - json's way
    value, end = json.decoder.scanstring(document, start, strict)  # type: ignore[attr-defined]
    text = _Text(value)
    text.offset = start
    return text, end


def _document(text: str) -> dict[str, Any]:
    decoder = json.JSONDecoder()
    decoder.parse_string = _text  # type: ignore[attr-defined]
    decoder.scan_once = json.scanner.py_make_scanner(decoder)  # type: ignore[attr-defined]
    try:
        document = decoder.decode(text)
    except json.JSONDecodeError as error:
        raise SyntaxProblem(error.lineno, f"not a notebook: {error.msg}") from None
    except (RecursionError, ValueError):
        raise SyntaxProblem(1, "not a notebook") from None
    if not isinstance(document, dict) or not isinstance(document.get("cells"), list):
        raise SyntaxProblem(1, f"not a notebook of format {_FORMAT}")
    return document


def _code_cells(document: dict[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    if not _is_python(document.get("metadata")):
        return
    for number, cell in enumerate(document["cells"], 1):
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            yield number, cell


def _is_python(metadata: object) -> bool:
    """Notebooks that do not say are taken for Python."""
    if not isinstance(metadata, dict):
        return True
    for key, name in (("language_info", "name"), ("kernelspec", "language")):
        about = metadata.get(key)
        if isinstance(about, dict) and isinstance(about.get(name), str):
            return "python" in about[name].lower()
    return True


def _lines(cell: dict[str, Any]) -> list[tuple[str, int]]:
    """The lines of a cell, each with its offset in the file."""
    source = cell.get("source")
    pieces = [piece for piece in (source if isinstance(source, list) else [source]) if isinstance(piece, _Text)]
    whole = _NEWLINE.sub("\n", "".join(pieces))
    ends = list(itertools.accumulate(len(_NEWLINE.sub("\n", piece)) for piece in pieces))
    lines = whole.split("\n")
    if len(lines) > 1 and not lines[-1]:
        lines.pop()
    begins = itertools.accumulate((len(line) + 1 for line in lines), initial=0)
    return [(line, _piece_at(pieces, ends, begin)) for line, begin in zip(lines, begins, strict=False)]


def _piece_at(pieces: list[_Text], ends: list[int], begin: int) -> int:
    return pieces[min(bisect.bisect_right(ends, begin), len(pieces) - 1)].offset if pieces else 0


# -- magics --------------------------------------------------------------------------------------------------------


def _masked(lines: list[str]) -> list[str] | None:
    """Python with as many lines; None if no masking makes it Python."""
    if _parses("\n".join(lines)):
        return lines
    first = next((at for at, line in enumerate(lines) if line.strip()), 0)
    if lines[first].startswith("%%") and not _CELL_RUNS.match(lines[first]):
        return [_comment(line) for line in lines]
    done: list[str] = []
    continued = False
    for line in lines:
        masked = _comment(line) if continued else _masked_line(line, done)
        continued = line.endswith("\\") and masked != line
        done.append(masked)
    return done if _parses("\n".join(done)) else None


def _masked_line(line: str, before: list[str]) -> str:
    magic, assigned = _MAGIC.match(line), _ASSIGNED.match(line)
    if not (magic or assigned) or not _complete(before):
        return line
    if assigned or magic is None:
        kept = assigned[1] if assigned else ""
        return f"{kept}...  {_comment(line[len(kept) :])}"
    runs = _RUNS.match(line)
    if runs and _parses(runs[3]):
        return runs[1] + "True;".ljust(len(runs[2])) + runs[3]
    return f"{magic[1]}pass  {_comment(line)}"


def _comment(line: str) -> str:
    return f"# {line}" if line.strip() else ""


def _complete(lines: list[str]) -> bool:
    """Whether a new statement begins after `lines`: no bracket and no string is open."""
    if lines and lines[-1].endswith("\\"):
        return False
    try:
        list(tokenize.generate_tokens(io.StringIO("\n".join(lines) + "\n").readline))
    except tokenize.TokenError:
        return False
    except SyntaxError:
        return True
    return True


def _parses(text: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
    return True
