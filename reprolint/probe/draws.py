"""Notes who draws from the global streams and who sets them; part of the tracer, which loads it only when it is asked for.

Needs nothing but the standard library. A draw is noted only if the stream's state is another one after it. What changes a state
without being seen is found by comparing states where something is seen next, so that no draw is lost: only its place is.
"""

from __future__ import annotations

import os
import random
import sys
import threading
import weakref

CONSTRUCTION, STEP, VALIDATION, ASIDE = "construction", "step", "validation", "no gradients"
GONE = "gone"
"""Of a layer that was thrown away before the first step."""
_SETS = {"seed": "seeds", "setstate": "restores", "set_state": "restores", "manual_seed": "seeds", "manual_seed_all": "seeds", "set_rng_state": "restores"}
_STILL = {"getstate", "get_state"}
IDLE = "(for no worker)"
"""Behind the name of a draw that decides nothing."""
_LAYERS = 60
"""Frames that are looked through for the layer or class that a draw is made for."""


class Draws:
    """The ledger of one run, written to its trace at the end: one line a phase, stream, function and place."""

    def __init__(self, tracer, stand):
        self.tracer = tracer
        self.stand = stand
        self.rows = {}
        self.last = {}
        self.inside = 0
        self.begun = False
        self.stepping = False
        self.settled = False
        self.eval_trains = False
        self.evaluated = []
        self.layers = []
        self.numbers = {}
        self.noted = []
        self.apart = {}
        self.shifts = []
        self.validated = False
        self.workers = 0
        self.base = None
        self.starting = False
        self.mode = None
        self.numpy = None
        self.watch_python()

    def tell(self, event):
        """Hear of something; nothing that goes wrong here may stop the script."""
        try:
            getattr(self, event)()
        except Exception as error:
            self.tracer.notes[f"{type(error).__name__}: {error}"[:120]] = event

    # streams

    def state(self, stream):
        """The whole state of a stream, as something that can be compared."""
        if stream == "python":
            return random.getstate()
        if stream == "numpy":
            found = self.numpy.get_state(legacy=False)
            key = found["state"].get("key") if isinstance(found.get("state"), dict) else None
            return repr(found) if key is None else (key.tobytes(), found["state"]["pos"], found.get("has_gauss"), found.get("gauss"))
        torch = sys.modules["torch"]
        if stream == "torch":
            return _bytes(torch.default_generator.get_state())
        return tuple(_bytes(one.get_state()) for one in torch.cuda.default_generators)

    def up(self):
        """The streams that there are by now."""
        found = ["python"]
        if self.numpy is not None:
            found.append("numpy")
        if self.mode is not None:
            torch = sys.modules["torch"]
            found += ["torch", "cuda"] if torch.cuda.is_initialized() else ["torch"]
        return found

    def look(self, stream):
        """The state of a stream, after noting whatever moved it since it was last seen."""
        now = self.state(stream)
        if now != self.last.setdefault(stream, now):
            self.note(stream, "moves", "", self.last[stream])
            self.last[stream] = now
        return now

    def look_at_all(self):
        if self.watching():
            for stream in self.up():
                self.tracer.silently(self.look, stream)

    def watching(self):
        if self.inside or self.tracer.quiet or self.tracer.ended or os.getpid() != self.tracer.owner:
            return False
        return threading.current_thread() is threading.main_thread()

    def call(self, streams, name, kind, function, args, kwargs):
        """Call what may draw from streams, or set them, and note which of them it did."""
        if not self.watching():
            return function(*args, **kwargs)
        before = {stream: self.tracer.silently(self.look, stream) for stream in streams}
        self.inside += 1
        try:
            result = function(*args, **kwargs)
        finally:
            self.inside -= 1
            self.tracer.silently(self.after, before, name, kind)
        if kind == "draws":
            self.tracer.silently(self.sized, result)
        return result

    def after(self, before, name, kind):
        self.noted = []
        for stream, state in before.items():
            now = self.state(stream)
            if now != state or kind == "seeds":
                self.note(stream, kind, name, state)
            self.last[stream] = now

    def sized(self, result):
        """Elements of what a draw gave, or filled."""
        for row in self.noted:
            row[1] += _elements(result)

    # what is noted

    def note(self, stream, kind, name, before):
        phase, step = self.phase()
        phase = STEP if kind == "moves" and phase != CONSTRUCTION else phase  # it happened somewhere before
        part, where = self.around()
        name = f"{name} {IDLE}" if kind == "draws" and self.for_no_workers() else name
        self.follow(stream, kind, before, phase, step, where)
        row = self.rows.setdefault((phase, step, stream, kind, name, part, where), [0, 0])
        row[0] += 1
        self.noted.append(row)

    def for_no_workers(self):
        """Whether a loader draws the seed of workers that it does not start: that number decides nothing."""
        if self.base is None or self.starting:
            return False
        torch = os.path.dirname(sys.modules["torch"].__file__)
        data = os.path.join(torch, "utils", "data")
        frame = sys._getframe(2)
        while frame is not None and (path := frame.f_code.co_filename).startswith((*self.tracer.here, torch)) and not path.startswith(data):
            frame = frame.f_back
        return frame is not None and frame.f_code is self.base

    def phase(self):
        """Which part of the run this is, and before the end of which step. Before the first step it may have to be judged later."""
        tracer, torch = self.tracer, sys.modules.get("torch") if self.mode is not None else None
        if not self.begun:
            return CONSTRUCTION, 0
        step = tracer.reached() + 1
        aside = torch is not None and not self.stepping and not torch.is_grad_enabled() and not _differentiated(torch)
        other = ASIDE if aside else STEP
        if self.stepping or torch is None:
            return other, step
        if self.settled:
            rests = tracer.roots and not self.eval_trains and not any(root.training for root in tracer.roots)
            return (VALIDATION if rests else other), step
        resting = frozenset(id(found) for one in self.evaluated if (found := one()) is not None and not found.training)
        return ((resting, other) if resting else other), step

    def follow(self, stream, kind, before, phase, step, where):
        """Whether draws beside training leave the stream in another state than they found it in."""
        if kind in {"seeds", "restores"}:
            self.apart.pop(stream, None)
            return
        like = phase[0] if isinstance(phase, tuple) else phase
        held = self.apart.get(stream)
        if held is not None and held[0] != like:
            del self.apart[stream]
            if before != held[1]:
                self.shifts.append((held[2], held[3], stream, held[4]))
        if like not in {CONSTRUCTION, STEP} and stream not in self.apart:
            self.apart[stream] = like, before, phase, step, where

    def around(self):
        """The layer, or else the class of a library, that a draw is made for; and the script's own line."""
        torch = sys.modules.get("torch") if self.mode is not None else None
        layer, kind = None, ""
        frame = sys._getframe(1)
        for _ in range(_LAYERS):
            if frame is None:
                break
            code = frame.f_code
            own = self.tracer.own(code.co_filename)
            first = frame.f_locals.get(code.co_varnames[0]) if code.co_argcount and not code.co_filename.startswith(self.tracer.here) else None
            if torch is not None and torch.nn.Module in type(first).__mro__:
                layer = first
                break
            if own:
                if code.co_name == "<module>":
                    break
            elif not kind and not code.co_filename.startswith("<") and code.co_varnames[:1] == ("self",) and first is not None and not type(first).__name__.startswith("_"):
                kind = type(first).__name__
            frame = frame.f_back
        where = self.tracer.where()
        if layer is None:
            return kind, where
        number = self.numbers.get(id(layer))
        if number is None or self.layers[number][0]() is not layer:
            number = self.numbers[id(layer)] = len(self.layers)
            self.layers.append([weakref.ref(layer), type(layer).__name__, ""])
        return number, where

    # python and numpy

    def watch_python(self):
        for name, value in list(vars(random).items()):
            if getattr(value, "__self__", None) is random._inst and name not in _STILL:
                self.stand(random, name, self.watched(["python"], f"random.{name}", _SETS.get(name, "draws"), value))

    def watched(self, streams, name, kind, function):
        def calling(*args, **kwargs):
            return self.call(streams, name, kind, function, args, kwargs)

        return calling

    def numpy_came(self, module):
        """The stream's own object is replaced by one that shares its state, so that whoever holds it is seen."""
        mtrand = sys.modules["numpy.random.mtrand"]
        old, ledger = mtrand._rand, self

        def method(name):
            original, kind = getattr(module.RandomState, name), _SETS.get(name, "draws")

            def calling(held, *args, **kwargs):
                if held is not ledger.numpy:
                    return original(held, *args, **kwargs)
                return ledger.call(["numpy"], f"numpy.random.{name}", kind, original, (held, *args), kwargs)

            calling.__name__ = calling.__qualname__ = name
            calling.__doc__ = original.__doc__
            return calling

        names = [name for name in dir(module.RandomState) if not name.startswith("_") and name not in _STILL]
        kind = type("RandomState", (module.RandomState,), {name: method(name) for name in names if callable(getattr(module.RandomState, name))})
        kind.__module__ = module.RandomState.__module__
        new = kind(old._bit_generator)
        new.set_state(old.get_state())
        for owner in (module, mtrand):
            for name, value in list(vars(owner).items()):
                if value is old:
                    setattr(owner, name, new)
                elif getattr(value, "__self__", None) is old:
                    setattr(owner, name, getattr(new, name))
        self.numpy = new
        self.last["numpy"] = self.state("numpy")

    # torch

    def torch_came(self, torch):
        self.mode = _mode(self, torch)
        self.last["torch"] = self.state("torch")
        for owner, names in ((torch.random, ("manual_seed", "seed", "set_rng_state")), (torch.cuda.random, ("manual_seed", "manual_seed_all", "seed", "seed_all", "set_rng_state"))):
            for name in names:
                self.watch_setting(torch, owner, name)
        ledger, kind = self, torch.nn.Module
        train = kind.train

        def training(module, mode=True):  # noqa: FBT002  as torch has it
            if not mode and not ledger.settled:
                ledger.evaluated.append(weakref.ref(module))
            ledger.validated |= not mode and ledger.begun
            return train(module, mode)

        kind.train = _like(train, training)
        handle = torch.nn.modules.module.register_module_forward_pre_hook(lambda *_: ledger.called(handle))
        backward = torch.autograd.backward

        def beginning(*args, **kwargs):
            ledger.tell("begin")
            return backward(*args, **kwargs)

        torch.autograd.backward = _like(backward, beginning)
        self.mode.__enter__()

    def watch_setting(self, torch, owner, name):
        original, ledger = getattr(owner, name), self
        kind = _SETS.get(name, "seeds")
        cuda = owner is not torch.random
        said = f"torch.{'cuda.' if cuda else ''}{name}"

        def setting(*args, **kwargs):
            streams = [one for one in ledger.up() if one in ({"cuda"} if cuda else {"torch"} if name == "set_rng_state" else {"torch", "cuda"})]
            return ledger.call(streams, said, kind, original, args, kwargs)

        _like(original, setting)
        for module in (owner, torch, torch.cuda):
            if vars(module).get(name) is original:
                setattr(module, name, setting)

    def called(self, handle):
        """The first call of a layer that no constructor makes: from here on it is no construction."""
        frame = sys._getframe(1)
        while frame is not None:
            if frame.f_code.co_name == "__init__" and self.tracer.own(frame.f_code.co_filename):
                return
            frame = frame.f_back
        handle.remove()
        self.tell("begin")

    def loader_came(self, module):
        kind, ledger = module._BaseDataLoaderIter, self
        made = kind.__init__
        self.base = getattr(made, "__code__", None)

        def making(iterator, *args, **kwargs):
            ledger.tell("begin")
            ledger.starting = isinstance(iterator, module._MultiProcessingDataLoaderIter)
            ledger.workers += ledger.starting
            return made(iterator, *args, **kwargs)

        kind.__init__ = _like(made, making)

    # steps

    def begin(self):
        """Construction is over, unless it is in steps that are called: there the first call says so."""
        if not self.begun and not self.tracer.order.get("calls") and self.watching():
            self.start()

    def start(self):
        self.look_at_all()
        self.begun = True

    def before_step(self):
        """What comes before the first step is judged once it is known which modules are trained."""
        self.begin()
        self.look_at_all()
        self.stepping = True
        roots = self.tracer.roots
        self.eval_trains |= any(not root.training for root in roots)
        self.name_parts()
        if roots and not self.settled:
            self.settled = True
            resting = {id(root) for root in roots} if not self.eval_trains else {None}
            self.validated |= any(one() is root for one in self.evaluated for root in roots)
            self.apart = {stream: (VALIDATION if resting <= like else like, *rest) if isinstance(like, frozenset) else (like, *rest) for stream, (like, *rest) in self.apart.items()}
            self.judge(lambda held, other: VALIDATION if resting <= held else other)

    def after_step(self):
        self.look_at_all()
        self.stepping = False

    def judge(self, kind):
        """Give what could not be judged its phase."""

        def judged(phase):
            return kind(*phase) if isinstance(phase, tuple) else phase

        rows, self.rows = self.rows, {}
        for (phase, *rest), (times, elements) in rows.items():
            row = self.rows.setdefault((judged(phase), *rest), [0, 0])
            row[0], row[1] = row[0] + times, row[1] + elements
        self.shifts = [(judged(phase), *rest) for phase, *rest in self.shifts]
        self.apart = {stream: (like, before, judged(phase), *rest) for stream, (like, before, phase, *rest) in self.apart.items()}

    def name_parts(self):
        """Layers by where they are in a trained model; those that are gone before the first step are told."""
        names = {}
        for root in self.tracer.roots:
            for name, module in root.named_modules():
                names.setdefault(id(module), f"{type(root).__name__}.{name}" if name else "")
        for found in self.layers:
            layer = found[0]()
            if layer is None and not found[2] and not self.settled:
                found[2] = GONE
            elif layer is not None:
                found[2] = names.get(id(layer), "")

    def end(self):
        """Write the ledger."""
        self.look_at_all()
        for stream, (like, before, phase, step, where) in list(self.apart.items()):
            if like not in {CONSTRUCTION, STEP} and self.state(stream) != before:
                self.shifts.append((phase, step, stream, where))
        self.judge(lambda _, other: other)
        if self.mode is not None:
            self.mode.__exit__(None, None, None)
        plain = {VALIDATION: STEP} if self.eval_trains else {}
        written = {}
        for (phase, step, stream, kind, name, part, where), (times, elements) in self.rows.items():
            owner = self.layers[part][1:] if isinstance(part, int) else (part, "")
            key = plain.get(phase, phase), step, stream, kind, name, *owner, where
            row = written.setdefault(key, [0, 0])
            row[0], row[1] = row[0] + times, row[1] + elements
        for (phase, step, stream, kind, name, owner, part, where), (times, elements) in written.items():
            self.tracer.write(
                kind="draw", phase=phase, step=step, stream=stream, does=kind, name=name, owner=owner, part=part, where=where, times=times,
                elements=elements,
            )  # fmt: skip
        shifts = [(plain.get(phase, phase), *rest) for phase, *rest in self.shifts]
        shifts = [shift for shift in shifts if shift[0] in {VALIDATION, ASIDE}]
        self.tracer.write(kind="draws", shifts=shifts, validated=self.validated and not self.eval_trains, workers=self.workers)


def _differentiated(torch):
    """Whether gradients are off only because torch itself turned them off, to compute some."""
    if torch._C._current_autograd_node() is not None:
        return True
    frame = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_filename == torch.autograd.function.__file__:
            return True
        frame = frame.f_back
    return False


def _bytes(state):
    """A generator's state; torch may have come without numpy."""
    with sys.modules["torch"]._C._DisableTorchDispatch():
        try:
            return state.numpy().tobytes()
        except Exception:
            return bytes(state.tolist())


def _elements(value):
    torch = sys.modules.get("torch")
    if isinstance(value, (list, tuple)):
        return sum(_elements(part) for part in value) if torch is not None and any(isinstance(part, torch.Tensor) for part in value) else len(value)
    if torch is not None and isinstance(value, torch.Tensor):
        return value.numel()
    return int(getattr(value, "size", 1)) if value is not None else 0


def _like(original, function):
    import functools

    return functools.update_wrapper(function, original)


def _mode(ledger, torch):
    from torch.utils._python_dispatch import TorchDispatchMode

    seeded, known = torch.Tag.nondeterministic_seeded, {}

    class Seen(TorchDispatchMode):
        """Operations that may draw."""

        @classmethod
        def ignore_compile_internals(cls):
            return True

        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            draws = known.get(func)
            if draws is None:
                draws = known[func] = seeded in func.tags
            if not draws:
                return func(*args, **(kwargs or {}))
            streams = [one for one in ("torch", "cuda") if one in ledger.up()]
            return ledger.call(streams, func._schema.name.rpartition("::")[2], "draws", func, args, kwargs or {})

    return Seen()
