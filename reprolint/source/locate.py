"""A site number → its place in the source, for the few sites that anyone wants to see."""

import bisect
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import accumulate

import libcst as cst
from libcst._nodes.internal import CodegenState

from reprolint.model.span import Place, Span
from reprolint.source.nesting import with_big_stack
from reprolint.source.notebook import Notebook
from reprolint.source.problem import SyntaxProblem
from reprolint.source.summarise import Parsed, parse

LONGEST_TEXT = 80
KEPT_SITES = 25_000
"""Trees are kept up to this many sites in all: about 1.5 MB of source."""

_NEWLINE = re.compile(r"\r\n?|\n")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where the sites of one file stand in its text."""

    starts: list[int]
    """Offset of each line."""
    stretches: dict[int, tuple[int, int]]
    """Site → first offset and the one after the last."""
    text: str
    definitions: tuple[tuple[int, int, str], ...]
    """Of each function and class, innermost first: its first and last site, and its qualified name."""
    notebook: Notebook | None


class Locator:
    """Spans and source text of sites; re-parses a file when its tree was not kept."""

    def __init__(self, read: Callable[[str], str]) -> None:
        """`read` gives the text of a path as `summarise` got it."""
        self._read = read
        self._kept: dict[str, Parsed] = {}
        self._sites = 0
        self._layouts: dict[str, _Layout] = {}

    def keep(self, parsed: Parsed) -> None:
        """Remember the tree, at the cost of those kept longest."""
        self._kept[parsed.module.path] = parsed
        self._sites += len(parsed.walked.nodes)
        while self._sites > KEPT_SITES and len(self._kept) > 1:
            oldest = self._kept.pop(next(iter(self._kept)))
            self._sites -= len(oldest.walked.nodes)

    def span(self, place: Place) -> Span:
        """Where a site stands. The first of a file costs one pass over it, which places all of its sites."""
        layout = self._layout(place.path)
        stretch = layout.stretches.get(place.site)
        return _span(place.path, layout, *stretch) if stretch is not None else _start(place.path)

    def text(self, place: Place) -> str:
        """The source of a site in one line, cut where it is long; empty for what cannot be read any more."""
        layout = self._layout(place.path)
        stretch = layout.stretches.get(place.site)
        if stretch is None:
            return ""
        line = _SPACE.sub(" ", layout.text[slice(*stretch)]).strip()
        return line if len(line) <= LONGEST_TEXT else line[: LONGEST_TEXT - 1] + "…"

    def enclosing(self, place: Place) -> str:
        """Qualified name of the innermost function or class around a site, empty at module level."""
        definitions = self._layout(place.path).definitions
        return next((name for first, last, name in definitions if first <= place.site <= last), "")

    def _layout(self, path: str) -> _Layout:
        layout = self._layouts.get(path)
        if layout is None:
            layout = self._layouts[path] = self._laid_out(path)
        return layout

    def _laid_out(self, path: str) -> _Layout:
        parsed = self._parsed(path)
        if parsed is None:
            return _Layout([0], {}, "", (), None)
        nodes = parsed.walked.nodes
        stretches, text = measure(parsed.tree, nodes)
        starts = [0, *(match.end() for match in _NEWLINE.finditer(text))]
        found = {site: stretches[node] for site, node in enumerate(nodes) if node in stretches}
        self._sites -= len(nodes)
        self._kept.pop(path, None)  # nobody needs the tree any more
        return _Layout(starts, found, text, tuple(parsed.walked.definitions), parsed.notebook)

    def _parsed(self, path: str) -> Parsed | None:
        if path in self._kept:
            return self._kept[path]
        try:
            parsed = parse(path, self._read(path))
        except (SyntaxProblem, OSError, UnicodeError):  # it changed since it was summarised
            return None
        self.keep(parsed)
        return parsed


def _start(path: str) -> Span:
    return Span(path, 1, 1, 1, 1, None, 1)


def _span(path: str, layout: _Layout, begin: int, end: int) -> Span:
    line, column = _position(layout.starts, begin)
    end_line, end_column = _position(layout.starts, end)
    if layout.notebook is None:
        return Span(path, line, column, end_line, end_column, None, line)
    cell, inside, physical = layout.notebook.locate(line)
    return Span(path, inside, column, inside + end_line - line, end_column, cell, physical)


def _position(starts: list[int], offset: int) -> tuple[int, int]:
    line = bisect.bisect_right(starts, offset)
    return line, offset - starts[line - 1] + 1


# -- positions -----------------------------------------------------------------------------------------------------


class _Marks(CodegenState):
    """Writes the code again and marks between which tokens the wanted nodes stand, as `PositionProvider` would."""

    def __init__(self, tree: cst.Module, wanted: Iterable[cst.CSTNode]) -> None:
        super().__init__(default_indent=tree.default_indent, default_newline=tree.default_newline)
        self.wanted = set(wanted)
        self.marks: dict[cst.CSTNode, tuple[int, int]] = {}
        self.begun: dict[cst.CSTNode, int] = {}

    def before_codegen(self, node: cst.CSTNode) -> None:
        if node in self.wanted:
            self.begun[node] = len(self.tokens)

    def after_codegen(self, node: cst.CSTNode) -> None:
        if node in self.wanted and node not in self.marks:
            self.marks[node] = self.begun[node], len(self.tokens)

    @contextmanager
    def record_syntactic_position(
        self, node: cst.CSTNode, *, start_node: cst.CSTNode | None = None, end_node: cst.CSTNode | None = None
    ) -> Iterator[None]:
        if node not in self.wanted:
            yield
            return
        self.wanted.update(part for part in (start_node, end_node) if part is not None)
        begin = len(self.tokens)
        yield
        end = len(self.tokens)
        begin = self.marks[start_node][0] if start_node is not None else begin
        end = self.marks[end_node][1] if end_node is not None else end
        self.marks[node] = begin, end


def measure(tree: cst.Module, nodes: Iterable[cst.CSTNode]) -> tuple[dict[cst.CSTNode, tuple[int, int]], str]:
    """First and last offset of each node in the text of the tree, and that text."""
    marks = _Marks(tree, nodes)
    _written(tree, marks)
    offsets = [0, *accumulate(map(len, marks.tokens))]
    last = len(offsets) - 1
    stretches = {
        node: (offsets[min(begin, last)], offsets[min(end, last)]) for node, (begin, end) in marks.marks.items()
    }
    return stretches, "".join(marks.tokens)


def _written(node: cst.CSTNode, state: CodegenState) -> None:
    """Where recursion fails, everything is written again with more room, from the first token."""
    try:
        node._codegen(state)  # noqa: SLF001 - the one way to positions that does not copy the tree
    except RecursionError:
        state.tokens.clear()
        state.indent_tokens.clear()
        with_big_stack(lambda: node._codegen(state))  # noqa: SLF001
