"""`python -m benchmarks.check PATH`: the whole cold analysis against libcst's parse of the same files, in CPU seconds."""

from __future__ import annotations

import argparse
import contextlib
import resource
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import libcst

from reprolint import check as pipeline
from reprolint import config
from reprolint.source.discover import discover
from reprolint.source.notebook import is_notebook, read_notebook
from reprolint.source.problem import SyntaxProblem
from reprolint.source.read import decode, read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from reprolint.config import Settings

_PEERS = ("flake8", "torchfix")


def main() -> None:
    """Print one line a contestant: median CPU seconds of all rounds, and how many times the bare parse that is."""
    arguments = _arguments()
    settings = config.load([arguments.path], Path.cwd(), isolated=True)
    files = [settings.root / name for name in discover([arguments.path], settings.root, ()).files]
    texts = [text for file in files for text in _text(file)]
    print(f"{arguments.path}: {len(texts)} files and notebooks, {sum(map(len, texts)) / 1e6:.2f} MB of Python")
    contestants: dict[str, Callable[[], object]] = {
        "libcst parse": lambda: _parse(texts),
        "reprolint check": lambda: _check(arguments.path, settings),
    }
    taken = _measured(contestants, arguments.rounds)
    base = statistics.median(taken["libcst parse"])
    for name, seconds in taken.items():
        _say(name, seconds, base)
    for name, command in _peers(arguments.path).items():
        _say(name, [_child(command) for _ in range(arguments.rounds)], base)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("-n", "--rounds", type=int, default=3)
    found = parser.parse_args()
    found.path = found.path.resolve()
    return found


def _measured(contestants: dict[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """CPU seconds of every round; the order is reversed from round to round, after one that does not count."""
    taken: dict[str, list[float]] = {name: [] for name in contestants}
    for number in range(rounds + 1):
        names = list(contestants) if number % 2 else list(reversed(contestants))
        for name in names:
            begin = time.process_time()
            contestants[name]()
            if number:
                taken[name].append(time.process_time() - begin)
    return taken


def _text(file: Path) -> Iterator[str]:
    """The Python in a file or notebook; nothing for what cannot be read."""
    with contextlib.suppress(SyntaxProblem, OSError):
        text = decode(read(file)).text
        yield read_notebook(text).text if is_notebook(file.name) else text


def _parse(texts: Sequence[str]) -> None:
    for text in texts:
        with contextlib.suppress(libcst.ParserSyntaxError, RecursionError):
            libcst.parse_module(text)


def _check(path: Path, settings: Settings) -> None:
    pipeline.check([path], settings, cwd=Path.cwd())


def _peers(path: Path) -> dict[str, list[str]]:
    """Other linters beside this interpreter: started as processes, as their users do."""
    found = {name: str(Path(sys.executable).with_name(name)) for name in _PEERS}
    found = {name: where for name, where in found.items() if shutil.which(where)}
    commands = {}
    if "torchfix" in found:
        commands["torchfix"] = [found["torchfix"], "--select", "ALL", str(path)]
    if "flake8" in found and "torchfix" in found:
        commands["flake8 + torchfix"] = [found["flake8"], "-j1", "--isolated", "--select", "TOR", str(path)]
    return commands


def _child(command: list[str]) -> float:
    """CPU seconds of a process and of those that it starts."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def _say(name: str, seconds: list[float], base: float) -> None:
    middle = statistics.median(seconds)
    spread = f"{min(seconds):.2f} to {max(seconds):.2f}"
    print(f"{name:<18} {middle:8.2f} s  {middle / base:6.2f} x parse   ({spread}, n={len(seconds)})")


if __name__ == "__main__":
    main()
