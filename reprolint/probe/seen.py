"""What all runs of an experiment wrote and read, as far as one of them may have changed what another one found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprolint.probe.compare import clock_lines, compare
from reprolint.probe.matrix import Matrix, matrix
from reprolint.probe.trace import of_rank

if TYPE_CHECKING:
    from reprolint.probe.compare import Difference
    from reprolint.probe.trace import End, Trace


class Seen:
    """The ends of the runs, in their order: of each, its files, and no more than that."""

    def __init__(self, base: Trace) -> None:
        self._base = base
        self._ends: list[End] = [base.end] if base.end is not None else []
        self.aside: tuple[str, ...] = ()
        """Printed lines of the first two runs that differ in dates, times or durations alone."""
        self.failure = ""
        """What the first run that failed said on stderr."""
        self.matrix: Matrix | None = None
        """Which tensors differ at which step, in the first run that differs."""

    def compare(self, trace: Trace) -> Difference | None:
        """One more run, and how it differs from the first one."""
        self.append(trace)
        found = compare(self._base, trace)
        if found is not None and self.matrix is None:
            self.matrix = matrix(of_rank(self._base, found.rank), of_rank(trace, found.rank))
        return found

    def append(self, trace: Trace) -> None:
        """One more run."""
        if trace.end is None:
            return
        if len(self._ends) == 1:
            self.aside = tuple(line for _, line in clock_lines(self._base, trace))
        if trace.end.reason == "error" and not self.failure:
            self.failure = trace.errors
        self._ends.append(trace.end)

    def carried(self, *, shared: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """Files that one run wrote and a later one read; of runs in copies, those outside of them, and what the copies share."""
        written: set[str] = set()
        found: dict[str, None] = {}
        for end in self._ends:
            found.update(dict.fromkeys(sorted(written.intersection(end.opened))))
            written.update(end.files)
        return tuple(path for path in found if shared is None or path.startswith("..") or any(path == one or path.startswith(f"{one}/") for one in shared))

    def left(self) -> tuple[str, ...]:
        """Files that the first run made, and that stood there when the others started."""
        return tuple(self._ends[0].created) if len(self._ends) > 1 else ()
