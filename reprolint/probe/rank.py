"""One rank among others: where its trace goes, and how it ends without leaving the others in the lurch. Part of the tracer.

Needs nothing but the standard library. Ranks tell each other that they are over by files in the folder of the traces, and never by an operation of torch.
"""

from __future__ import annotations

import _thread
import os
import time

TICK = 0.05
"""Seconds between two looks at the other ranks."""


class Rank:
    """`folder` of the traces; `rank` of `world`; `grace`: seconds without a sign of life after which a rank waits for one that has stopped."""

    def __init__(self, order, extra=()):
        self.rank, self.world = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
        self.folder, self.grace = os.path.dirname(order["trace"]), order["ranks"]["grace"]
        self.alive = time.monotonic()
        self.over = False
        order["trace"] += f".{self.rank}"
        order["argv"] = [*extra, *order.get("argv", [])]
        if order.get("keep") and order["keep"].get("rank", self.rank) != self.rank:
            order["keep"] = None
        with open(os.path.join(self.folder, f"process.{self.rank}"), "w", encoding="utf-8") as file:
            file.write(str(os.getpid()))

    def watch(self, tracer):
        """From now on end this rank where it waits for one that has taken all its steps and is gone.

        The thread is started below `threading`, so that the script does not count it.
        """
        _thread.start_new_thread(self.look, (tracer,))

    def look(self, tracer):
        while not self.over:
            time.sleep(TICK * 10)
            if "steps" in self.others() and time.monotonic() - self.alive > self.grace and not self.over:
                tracer.end("waiting", 0)
                os._exit(0)

    def lives(self):
        """A step was taken, or a batch came."""
        self.alive = time.monotonic()

    def others(self):
        """How the other ranks ended, as far as they did."""
        found = []
        for rank in range(self.world):
            if rank != self.rank:
                try:
                    with open(os.path.join(self.folder, f"over.{rank}"), encoding="utf-8") as file:
                        found.append(file.read())
                except OSError:
                    continue
        return found

    def leaves(self):
        """The script is over: what follows may close what the others still listen to, and their failures come after this one."""
        with open(os.path.join(self.folder, f"left.{self.rank}"), "w", encoding="utf-8"):
            pass

    def ends(self, reason):
        """The trace of this rank is whole."""
        self.over = True
        path = os.path.join(self.folder, f"over.{self.rank}")
        with open(f"{path}.new", "w", encoding="utf-8") as file:
            file.write(reason)
        os.replace(f"{path}.new", path)

    def wait(self):
        """Stay until the others are over too: they may still receive what this rank has sent."""
        until = time.monotonic() + 3 * self.grace
        while len(self.others()) < self.world - 1 and time.monotonic() < until:
            time.sleep(TICK)
