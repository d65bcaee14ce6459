"""Notes which of some lines a run executes; part of the tracer, which loads it only when it is asked for.

Needs nothing but the standard library. What is found is appended to a file at once, so that processes that the script forks can tell too.
"""

from __future__ import annotations

import os
import sys
import threading


class Lines:
    """`wanted`: a file and its first and last line each; the number of each that runs is written to `path`, once a process."""

    def __init__(self, path, wanted):
        self.out = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self.wanted = wanted
        self.left = set(range(len(wanted)))
        self.files = {}
        self.codes = {}
        self.tool = 0

    def note(self, word):
        """One short line: a write of it is not interrupted by those of other processes."""
        os.write(self.out, f"{word}\n".encode())

    def start(self):
        """Watch from here on, in the cheapest way that this Python has."""
        if not self.left:
            return
        if hasattr(sys, "monitoring"):
            self.monitor(sys.monitoring)
        else:
            threading.settrace(self.called)
            sys.settrace(self.called)

    def of_file(self, name):
        """The numbers of the wanted lines of a file, as code objects name it."""
        if name not in self.files:
            real = os.path.realpath(name)
            self.files[name] = tuple(number for number, (path, _, _) in enumerate(self.wanted) if path == real)
        return self.files[name]

    def found(self, numbers, line):
        """A line runs."""
        for number in numbers:
            if number in self.left and self.wanted[number][1] <= line <= self.wanted[number][2]:
                self.left.discard(number)
                self.note(number)

    def end(self):
        """Say so if the script took the watching away before all was seen."""
        if not self.left:
            return
        monitoring = getattr(sys, "monitoring", None)
        kept = monitoring.get_tool(self.tool) == "reprolint" if monitoring is not None else sys.gettrace() == self.called
        if not kept:
            self.note("unknown")

    # Python 3.12 and later: each line is told once

    def monitor(self, monitoring):
        tool = self.tool = next((number for number in (4, 3, 5, 2, 1, 0) if monitoring.get_tool(number) is None), 0)
        if monitoring.get_tool(tool) is not None:
            return  # all are taken: `end` says that nothing was watched

        def ran(code, line):
            self.found(self.of_file(code.co_filename), line)
            return monitoring.DISABLE

        monitoring.use_tool_id(tool, "reprolint")
        monitoring.register_callback(tool, monitoring.events.LINE, ran)
        monitoring.set_events(tool, monitoring.events.LINE)

    # before: each call is told, and the lines of those functions that hold wanted ones

    def called(self, frame, event, arg):
        if not self.left:
            sys.settrace(None)
            return None
        name = frame.f_code.co_filename
        numbers = self.files[name] if name in self.files else self.of_file(name)
        if not numbers or not self.holds(frame.f_code, numbers):
            return None
        return self.stepped

    def holds(self, code, numbers):
        """Whether a function has lines that are still wanted."""
        if id(code) not in self.codes:
            lines = {line for _, _, line in code.co_lines() if line is not None}
            inside = [number for number in numbers if any(self.wanted[number][1] <= line <= self.wanted[number][2] for line in lines)]
            self.codes[id(code)] = code, inside  # kept alive: its id stays its own
        return any(number in self.left for number in self.codes[id(code)][1])

    def stepped(self, frame, event, arg):
        if event == "line":
            self.found(self.codes[id(frame.f_code)][1], frame.f_lineno)
            if not self.holds(frame.f_code, ()):
                frame.f_trace = None
                return None
        return self.stepped

    # what else may have to take part

    def watch_workers(self, module):
        """Say when a DataLoader starts workers."""
        kind, lines = module._MultiProcessingDataLoaderIter, self
        original = kind.__init__

        def made(iterator, *args, **kwargs):
            lines.note("workers")
            return original(iterator, *args, **kwargs)

        kind.__init__ = made
