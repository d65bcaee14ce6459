"""Changes the world that a script sees, in its own process: listings, the clock, and switches of torch.

Loaded by `tracer.py` from the folder that both lie in, before the script begins, so it needs nothing but the standard library.
What was really changed is noted in `NOTED`: a switch that the script never comes by changes nothing, and the report says so.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import gc
import hashlib
import os
import sys
import time

NOTED = {}
"""By variation: what the script asked for, each time, before it was given something else."""
_HELD = {}
"""By variation: whether the switch still stands as it was set."""


def change(order):
    """Change what can be changed before anything is imported; then, by module, what is to be done once that was imported."""
    number = int(order.get("listing", 0))
    set_listings(lambda names, key: ordered(names, key, number))
    if order.get("shift"):
        shift_clock(order["shift"])
    then = {}
    if "workers" in order or "start" in order:
        then["torch.utils.data.dataloader"] = lambda module: set_loaders(module, order.get("workers"), order.get("start"), fork=order.get("fork", False))
    if any(name in order for name in ("compile", "optimizer", "deterministic", "benchmark", "tf32")):
        then["torch"] = lambda torch: set_torch(torch, order)
    return then


def noted():
    """What was found, as lists of texts, with the switches that the script set back, and what torch computes with in the end."""
    found = {name: [str(asked) for asked in all_asked] for name, all_asked in NOTED.items()}
    with contextlib.suppress(Exception):
        found["set by the script"] = [name for name, holds in _HELD.items() if not holds()]
    torch = sys.modules.get("torch")
    with contextlib.suppress(Exception):
        found |= {"threads": [str(torch.get_num_threads())], "capability": [torch.backends.cpu.get_cpu_capability()]}
    return found


class Stand:
    """Stands for a function of a module that is written in C: no method of a class that holds it, and pickled by its name."""

    def __init__(self, module, name, function):
        functools.update_wrapper(self, getattr(module, name))
        self.__module__, self.__qualname__ = module.__name__, name
        self._function = function
        setattr(module, name, self)

    def __call__(self, *args, **kwargs):
        return self._function(*args, **kwargs)

    def __reduce__(self):
        return self.__name__

    def __repr__(self):
        return f"<function {self.__module__}.{self.__name__}>"


# -- listings ------------------------------------------------------------------------------------------------------


def ordered(found, name, number):
    """Sorted in run 0, backwards in run 1, in an order of its own in each later one: never sorted again."""
    ascending = sorted(found, key=lambda one: os.fsencode(name(one)))
    if number <= 1:
        return ascending[::-1] if number else ascending
    shuffled = sorted(ascending, key=lambda one: hashlib.blake2b(os.fsencode(name(one)), salt=str(number).encode()[:16]).digest())
    return shuffled if shuffled != ascending else ascending[::-1]


def set_listings(order):
    """Folder listings in an order of their own: no system promises any."""
    listdir, scandir = os.listdir, os.scandir

    class Entries:
        def __init__(self, path="."):
            with scandir(path) as found:
                self.entries = iter(order(list(found), lambda entry: entry.name))

        def __iter__(self):
            return self

        def __next__(self):
            return next(self.entries)

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.close()

        def close(self):
            self.entries = iter(())

    Stand(os, "listdir", lambda path=".": order(listdir(path), lambda name: name))
    Stand(os, "scandir", Entries)
    for original, stand in ((listdir, os.listdir), (scandir, os.scandir)):
        if original in os.supports_fd:
            os.supports_fd.add(stand)  # shutil asks


# -- the clock -----------------------------------------------------------------------------------------------------


def shift_clock(seconds):
    """The clock as Python code sees it; what code in C or C++ asks the system for stays."""
    real = {name: getattr(time, name) for name in ("time", "time_ns", "clock_gettime", "clock_gettime_ns") if hasattr(time, name)}
    Stand(time, "time", lambda: real["time"]() + seconds)
    Stand(time, "time_ns", lambda: real["time_ns"]() + int(seconds) * 10**9)
    for name, more in (("clock_gettime", seconds), ("clock_gettime_ns", int(seconds) * 10**9)):
        if name in real:
            Stand(time, name, lambda clock, name=name, more=more: real[name](clock) + (more if clock == time.CLOCK_REALTIME else 0))
    localtime, gmtime, ctime, strftime, asctime = time.localtime, time.gmtime, time.ctime, time.strftime, time.asctime
    for name, original in (("localtime", localtime), ("gmtime", gmtime), ("ctime", ctime)):
        Stand(time, name, lambda at=None, original=original: original(time.time() if at is None else at))
    Stand(time, "strftime", lambda form, at=None: strftime(form, time.localtime() if at is None else at))
    Stand(time, "asctime", lambda at=None: asctime(time.localtime() if at is None else at))
    shift_dates()


def shift_dates():
    """`now` and `utcnow` of `datetime.datetime` itself, whose `today` asks `time.time` anyway.

    The type stays the one it is, so that `isinstance`, `type(x) is datetime` and pickles go on as before: its own table of
    methods is changed, which Python allows for no type that is written in C, and CPython leaves reachable.
    """
    kind = dt.datetime
    stamp = kind.__dict__["fromtimestamp"]

    def now(cls, tz=None):
        return stamp.__get__(None, cls)(time.time(), tz)

    def utcnow(cls):
        return stamp.__get__(None, cls)(time.time(), dt.UTC).replace(tzinfo=None)

    try:
        import ctypes

        (table,) = [found for found in gc.get_referents(kind.__dict__) if type(found) is dict and found.get("fromtimestamp") is stamp]
        for function in (now, utcnow):
            function.__qualname__, function.__module__, function.__doc__ = f"datetime.{function.__name__}", "datetime", table[function.__name__].__doc__
            table[function.__name__] = classmethod(function)
        ctypes.pythonapi.PyType_Modified(ctypes.py_object(kind))
    except Exception:
        NOTED["the clock of datetime is not shifted"] = [""]


# -- switches of torch ---------------------------------------------------------------------------------------------


def note(name, asked):
    NOTED.setdefault(name, []).append(asked)


class Standing(int):
    """A number of workers in the place of the one that was `asked` for. Who copies the settings of a loader hands both on."""

    asked = 0


def set_loaders(module, workers, start, *, fork=False):
    """Every DataLoader with that many workers, or with another way to start them. `fork`: where the script leaves the way open."""
    import inspect
    import multiprocessing

    original = module.DataLoader.__init__
    signature = inspect.signature(original)

    @functools.wraps(original)
    def made(*args, **kwargs):
        given = signature.bind(*args, **kwargs)
        asked = given.arguments.get("num_workers", 0)
        asked = getattr(asked, "asked", asked)
        if workers is not None:
            note("workers", asked)
            given.arguments["num_workers"] = number = Standing(workers)
            number.asked = asked
            if not workers:
                for name in ("prefetch_factor", "persistent_workers", "timeout", "multiprocessing_context"):
                    given.arguments.pop(name, None)
            elif fork and "fork" in multiprocessing.get_all_start_methods() and multiprocessing.get_start_method(allow_none=True) is None:
                given.arguments.setdefault("multiprocessing_context", "fork")
        if start and asked:
            method = start_method(given.arguments.get("multiprocessing_context"))
            note("start-method", method)
            given.arguments["multiprocessing_context"] = "spawn" if method != "spawn" else "fork"
        return original(*given.args, **given.kwargs)

    module.DataLoader.__init__ = made


def start_method(context):
    """How processes start, without deciding it."""
    import multiprocessing

    if isinstance(context, str):
        return context
    if context is not None:
        return context.get_start_method()
    return multiprocessing.get_start_method(allow_none=True) or multiprocessing.get_all_start_methods()[0]


def set_torch(torch, order):
    """The switches that are asked for, right after torch was imported."""
    if "compile" in order:
        count_compiled(torch)
    if "optimizer" in order:
        turn_optimizers(torch, order["optimizer"])
    if "deterministic" in order:
        note("deterministic", "on" if torch.are_deterministic_algorithms_enabled() else "off")
        torch.use_deterministic_algorithms(mode=True, warn_only=True)
        torch.utils.deterministic.fill_uninitialized_memory = False
        _HELD["deterministic"] = torch.are_deterministic_algorithms_enabled
    if "benchmark" in order:
        turned = not torch.backends.cudnn.benchmark
        note("cudnn-benchmark", "off" if turned else "on")
        torch.backends.cudnn.benchmark = turned
        _HELD["cudnn-benchmark"] = lambda: torch.backends.cudnn.benchmark == turned
    if "tf32" in order:
        before = torch.get_float32_matmul_precision()
        wanted = "high" if before == "highest" else "highest"
        note("tf32", "off" if before == "highest" else "on")
        torch.set_float32_matmul_precision(wanted)
        _HELD["tf32"] = lambda: torch.get_float32_matmul_precision() == wanted


def count_compiled(torch):
    original = torch.compile

    @functools.wraps(original)
    def compiled(*args, **kwargs):
        note("compile", "on")
        return original(*args, **kwargs)

    torch.compile = compiled


def turn_optimizers(torch, name):
    """`fused` or `foreach` of every optimizer that knows it, the other way round."""
    original = torch.optim.Optimizer.__init__

    @functools.wraps(original)
    def made(optimizer, params, defaults):
        if name in defaults and not (name == "foreach" and defaults.get("fused")):
            asked = defaults[name]
            note(name, "on" if asked else "off")
            many = asked if asked is not None else name == "foreach" and torch.cuda.is_initialized()
            defaults = {**defaults, name: not many, **({"foreach": False} if name == "fused" and "foreach" in defaults else {})}
        return original(optimizer, params, defaults)

    torch.optim.Optimizer.__init__ = made
