"""Puts the processes that a script starts with the same Python into the world that the script sees: listings and the clock. Part of the tracer.

Forked processes are in it as they are. Processes that `multiprocessing` (or joblib) spawns are given the world with the data that they are prepared
with, before they import anything of the script. Of `subprocess`, commands that run this Python with a script, a module or code run this file
first, which changes the world and then does what the command says. Nothing is left in the environment, and `Popen.args` stays what it was.
"""

from __future__ import annotations

import _thread
import builtins
import importlib.machinery
import importlib.util
import json
import os
import re
import runpy
import shutil
import sys
import types

_VARIED = ("listing", "shift")
"""What of an order a process that starts afresh can be given."""
_FLAGS = re.compile(r"-[bBdEIOPqsSuv]+")
"""Options of Python that change nothing of what it runs."""
_PREPARED = """
try:
    import importlib.util, sys
    spec = importlib.util.spec_from_file_location("__reprolint_spawned__", {path!r})
    sys.modules[spec.name] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.begin({world!r})
except Exception:
    pass
"""


class Prepared:
    """Changes the world where it is unpickled, and is nothing there."""

    def __init__(self, world):
        self.world = world

    def __reduce__(self):
        return exec, (_PREPARED.format(path=os.path.abspath(__file__), world=self.world), {})


class Spawned:
    """What a script starts: `tracer.processes` counts them, `tracer.outside` names those that are in the world of the system. Without a tracer nobody counts."""

    def __init__(self, order, tracer=None):
        self.world = {name: order[name] for name in _VARIED if name in order}
        self.tracer = tracer
        self.python = os.path.abspath(sys.executable or "")
        self.starting = {}

    def install(self):
        """Change `subprocess` now; what `multiprocessing` is to be told, by module, once that was imported."""
        import subprocess

        self.watch_commands(subprocess)
        return dict.fromkeys(("multiprocessing.spawn", "joblib.externals.loky.backend.spawn", "loky.backend.spawn"), self.prepare)

    def prepare(self, module):
        """What a process is prepared with holds the world, too."""
        original = module.get_preparation_data

        def prepared(name, *args, **kwargs):
            data = original(name, *args, **kwargs)
            if name != "ignore":  # that one starts the server of `forkserver`, which forks what is then prepared
                data["__reprolint__"] = Prepared(self.world)
                self.count()
            return data

        module.get_preparation_data = _like(original, prepared)

    def watch_commands(self, subprocess):
        import inspect

        original = subprocess.Popen._execute_child
        names = list(inspect.signature(original).parameters)
        place = {name: names.index(name) - 2 for name in ("executable", "shell", "env") if name in names}

        def starting(popen, args, *rest):
            told = {name: rest[at] for name, at in place.items()}
            wrapped = self.wrapped(args, **told)
            self.starting[_thread.get_ident()] = wrapped is not None
            try:
                return original(popen, wrapped or args, *rest)
            finally:
                del self.starting[_thread.get_ident()]

        subprocess.Popen._execute_child = _like(original, starting)

    def wrapped(self, args, *, executable=None, shell=False, env=None):
        """The command that runs this file first; None for one that does not run this Python, or in a way that is not known."""
        if shell or executable is not None or isinstance(args, (str, bytes, os.PathLike)):
            return None
        try:
            words = [os.fsdecode(word) for word in args]
        except TypeError:
            return None
        if not words or not self.same(words[0], env):
            return None
        at = _target(words)
        return None if at is None else [*words[:at], os.path.abspath(__file__), json.dumps(self.world), json.dumps(words), *words[at:]]

    def same(self, command, env):
        """Whether a command is this Python, by its path or by its name."""
        path = command if os.path.dirname(command) else shutil.which(command, path=(os.environ if env is None else env).get("PATH"))
        if not (path and self.python):
            return False
        path = os.path.abspath(path)  # a link elsewhere may be another environment
        return os.path.dirname(path) == os.path.dirname(self.python) and os.path.realpath(path) == os.path.realpath(self.python)

    def count(self, program=""):
        """One more process; `program`: what runs there, if it sees listings and the clock as they are."""
        if self.tracer is not None and os.getpid() == self.tracer.owner:
            self.tracer.processes += 1
            if program:
                self.tracer.outside.append(program)

    def audited(self, event, details):
        """What Python says of a process that is started."""
        inside = self.starting.get(_thread.get_ident())
        if event == "subprocess.Popen":
            self.count("" if inside else _program(details[0], details[1]))
        elif inside is not None:
            return  # how `subprocess` starts what was counted
        elif event == "os.posix_spawn":
            self.count(_program(details[0], ()))
        elif event == "os.system":
            self.count("a shell")
        else:
            self.count()


def _program(executable, args):
    """The name of what is started; nothing else of a command is written down."""
    found = executable or (args if isinstance(args, (str, bytes, os.PathLike)) else next(iter(args), ""))
    name = os.path.basename(os.fsdecode(found))
    return "a shell" if name in {"sh", "bash", "dash", "zsh"} else name.split(" ")[0][:40] or "?"


def _target(words):
    """Where the script, `-m` or `-c` stands in a command of Python; None where it is neither."""
    at = 1
    while at < len(words):
        word = words[at]
        if word in {"-m", "-c"}:
            return at if at + 1 < len(words) else None
        if word in {"-W", "-X"}:
            at += 2
        elif _FLAGS.fullmatch(word) or word.startswith(("-W", "-X")):
            at += 1
        else:
            return at if word.endswith(".py") else None
    return None


def _like(original, function):
    import functools

    return functools.update_wrapper(function, original)


# -- in the process that was started -------------------------------------------------------------------------------


def begin(world):
    """Change the world of this process, and of those that it starts in turn."""
    spec = importlib.util.spec_from_file_location("__reprolint_world__", os.path.join(os.path.dirname(os.path.abspath(__file__)), "world.py"))
    sys.modules[spec.name] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.change(world)
    import multiprocessing.spawn

    spawned = Spawned(world)
    spawned.install()
    spawned.prepare(multiprocessing.spawn)


def become(words, rest):
    """Do what the command says, as Python itself would: `rest` begins with `-m`, `-c` or the path of a script."""
    sys.orig_argv = words
    main = sys.modules["__main__"] = types.ModuleType("__main__")
    main.__dict__.update(__builtins__=builtins, __spec__=None, **({"__annotations__": {}} if sys.version_info < (3, 14) else {}))
    if rest[0] == "-m":
        sys.argv = ["-m", *rest[2:]]
        _first(os.getcwd())
        runpy._run_module_as_main(rest[1])
        return
    if rest[0] == "-c":
        sys.argv = ["-c", *rest[2:]]
        _first("")
        main.__loader__ = importlib.machinery.BuiltinImporter
        exec(compile(rest[1], "<string>", "exec", dont_inherit=True), main.__dict__)
        return
    sys.argv = rest
    path = os.path.join(os.getcwd(), rest[0])  # as Python does it: a dot stays one
    _first(os.path.dirname(os.path.realpath(rest[0])))
    try:
        with open(rest[0], "rb") as file:
            source = file.read()
    except OSError as error:
        sys.stderr.write(f"{sys.executable}: can't open file {path!r}: [Errno {error.errno}] {error.strerror}\n")
        sys.exit(2)
    main.__dict__.update(__file__=path, __cached__=None, __loader__=importlib.machinery.SourceFileLoader("__main__", path))
    exec(compile(source, path, "exec", dont_inherit=True), main.__dict__)


_SAFE = getattr(sys.flags, "safe_path", sys.flags.isolated)
"""Python puts no folder before its own."""


def _first(folder):
    if not _SAFE:
        sys.path.insert(0, folder)


def _main():
    world, words, rest = json.loads(sys.argv[1]), json.loads(sys.argv[2]), sys.argv[3:]
    if not _SAFE:
        del sys.path[0]  # the folder of this file
    begin(world)
    try:
        become(words, rest)
    except Exception as error:
        trace = error.__traceback__
        while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
            trace = trace.tb_next
        sys.excepthook(type(error), error.with_traceback(trace), trace)
        sys.exit(1)


if __name__ == "__main__":
    _main()
