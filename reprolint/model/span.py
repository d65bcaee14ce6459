"""Where something stands in the source."""

from msgspec import Struct


class Place(Struct, frozen=True, gc=False, order=True):
    """A numbered node of one module: cheap, without a position until someone asks for its `Span`."""

    path: str
    """POSIX path relative to the root."""
    site: int
    """Number of the node in the order in which `source.summarise` walks the module; -1 is the module itself."""


class Span(Struct, frozen=True, gc=False, order=True):
    """A stretch of source: lines and columns from 1, columns in Unicode code points, end exclusive."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    cell: int | None = None
    """Notebooks: the cell, from 1 over all cells; `line` then counts inside the cell."""
    file_line: int = 0
    """The physical line in the file; equals `line` except in notebooks."""
