"""`python -m benchmarks.startup`: what starting the program costs against `python -c pass`, in CPU milliseconds."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
from typing import Final

_ROUNDS: Final = 15
_COMMANDS: Final = {
    "python -c pass": ["-c", "pass"],
    "reprolint --version": ["-m", "reprolint", "--version"],
    "reprolint --help": ["-m", "reprolint", "--help"],
    "reprolint rules": ["-m", "reprolint", "rules"],
}


def main() -> None:
    """Round robin, so that a busy machine is busy for all of them alike; medians."""
    taken: dict[str, list[float]] = {name: [] for name in _COMMANDS}
    for _ in range(_ROUNDS):
        for name, arguments in _COMMANDS.items():
            taken[name].append(_cpu([sys.executable, *arguments]))
    base = statistics.median(taken["python -c pass"])
    for name, seconds in taken.items():
        middle = statistics.median(seconds)
        print(f"{name:<20} {middle * 1000:7.1f} ms  {middle / base:5.1f} x")


def _cpu(command: list[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


if __name__ == "__main__":
    main()
