"""Small findings, runs and reports to render."""

import io
from dataclasses import replace

from reprolint.model.finding import Finding, Report, Run, Step, StreamState
from reprolint.model.span import Span
from reprolint.report.text import paper, write

SOURCE = """\
import torch


def main():
    x = torch.rand(3, 4)
    return x


main()
"""


def span(line, column, end_line=None, end_column=None, *, path="train.py", cell=None):
    return Span(path, line, column, end_line or line, end_column or column + 1, cell, line)


def finding(at=None, **changes):
    made = Finding(
        rule="RPL101",
        name="unseeded-stream",
        severity="error",
        confidence="certain",
        message="torch.rand draws from `torch` before anything seeds it",
        span=at or span(5, 9, 5, 25),
        help="call `torch.manual_seed` first",
        stream="torch",
        entry="train.py",
        steps=(Step(span(9, 1), "the run starts here"), Step(span(5, 9), "draws from torch")),
        enclosing="main",
        fingerprint="0123456789abcdef",
    )
    return replace(made, **changes)


def state(stream, word, **more):
    return StreamState(stream, word, **more)


def run(entry="train.py", *states, **more):
    return Run(**{"entry": entry, "kind": "script", "function": None, "line": 1, "streams": states, **more})


def report(*findings, source=SOURCE, runs=None, **more):
    return Report(
        **{
            "findings": findings,
            "runs": (run("train.py", state("torch", "unseeded")),) if runs is None else runs,
            "files": ("train.py",),
            "frames": {"train.py": tuple(source.splitlines())},
            **more,
        }
    )


class Screen(io.StringIO):
    """A terminal of a given encoding that keeps what is written."""

    def __init__(self, encoding="utf-8"):
        super().__init__()
        self._encoding = encoding

    @property
    def encoding(self):
        return self._encoding


def written(made, *, encoding="utf-8", show=str, **options):
    screen = Screen(encoding)
    write(made, paper(screen, show), **options)
    return screen.getvalue()
