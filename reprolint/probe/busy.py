"""Keeps one processor busy, as `python busy.py PID`, until the process of that number is no more its parent."""

import os
import sys

_TURNS = 200_000
"""Of a loop that does nothing, between two looks at the parent: some milliseconds."""


def spin(parent: int) -> None:
    """Until the parent is another one: it may be killed, and leaves nobody to stop this."""
    while os.getppid() == parent:
        for _ in range(_TURNS):
            pass


if __name__ == "__main__":
    spin(int(sys.argv[1]))
