"""Notes what a run stands on before a step, when it saves, and which streams it restores; part of the tracer, loaded only to test resuming.

Needs nothing but the standard library. What training goes on from is found without calling code of the script: trained modules and
optimizers, schedulers and scalers of torch, modules that no optimizer steps, generators, and values that look like a copy of the weights.
"""

from __future__ import annotations

import collections
import contextlib
import gc
import glob
import os
import random
import sys

_SCHEDULERS = {"LRScheduler", "_LRScheduler", "ReduceLROnPlateau"}
_COUNTERS = {"_step_count", "_get_lr_called_within_step", "_is_initial", "verbose"}
"""Of a scheduler: what only its own warnings are made of."""
_OBJECTS = 20_000
"""Objects of the script's own classes that are looked into."""
_FRAMES = 60
_DEEP = 3
"""Containers within containers in which a copy of the weights is looked for."""


class Standing:
    """What is noted for a run that is to be interrupted or was resumed.

    `order`: `before`, the steps (calls, where a step is a call) before which it is noted what the run stands on, from 1; when it ends:
    after `least` steps and a checkpoint, or after `total` steps, each if it is not 0; `checkpoint`: a pattern of files, from the folder where it started;
    for steps that are calls `load` and `save`, what to load first and after which call to save where.
    """

    def __init__(self, tracer, order, stand):
        self.tracer = tracer
        self.order = order
        self.stand = stand
        self.before = set(order["before"])
        self.pattern = order.get("checkpoint", "")
        self.known = self.standing_files()
        self.waiting = {}
        self.opened = {}
        self.saved = 0
        stand(random, "setstate", self.restoring("python", random.setstate))
        self.watch_files()

    # checkpoints

    def watch_files(self):
        """How far the run was in its batches when it began to write a file; where a file goes that was written under another name."""

        def hook(event, details):
            if self.tracer.quiet or self.tracer.ended or os.getpid() != self.tracer.owner:
                return
            if event == "os.rename":
                with contextlib.suppress(Exception):
                    source, target = (os.path.abspath(os.fsdecode(one)) for one in details[:2])
                    for found in (self.waiting, self.opened):
                        for path in [path for path in found if path == source or path.startswith(source + os.sep)]:
                            found[target + path[len(source) :]] = found.pop(path)
            elif event == "open" and isinstance(details[0], (str, bytes)) and (details[2] or 0) & (os.O_WRONLY | os.O_RDWR):
                with contextlib.suppress(Exception):
                    self.opened[os.path.abspath(os.fsdecode(details[0]))] = self.tracer.done, len(self.tracer.batches)

        sys.addaudithook(hook)

    def torch_came(self, torch):
        original = torch.save

        def save(value, file, *args, **kwargs):
            self.tracer.silently(self.saves, file)
            return original(value, file, *args, **kwargs)

        save.__wrapped__, save.__name__, save.__doc__ = original, "save", original.__doc__
        torch.save = save
        torch.set_rng_state = torch.random.set_rng_state = self.restoring("torch", torch.random.set_rng_state)
        cuda = self.restoring("cuda", torch.cuda.random.set_rng_state)
        torch.cuda.set_rng_state = torch.cuda.random.set_rng_state = cuda

    def numpy_came(self, module):
        self.stand(module, "set_state", self.restoring("numpy", module.set_state))

    def saves(self, file):
        path = file if isinstance(file, (str, os.PathLike)) else getattr(file, "name", None)
        if isinstance(path, (str, os.PathLike)) and os.getpid() == self.tracer.owner:
            self.waiting[os.path.abspath(os.fspath(path))] = self.tracer.done, len(self.tracer.batches), self.tracer.streams()

    def standing_files(self):
        """What matches the pattern, each with a mark that changes when it is written."""
        found = {}
        if self.pattern:
            for path in glob.glob(os.path.join(self.tracer.order.get("start", self.tracer.order["cwd"]), self.pattern), recursive=True):
                with contextlib.suppress(OSError):
                    inside = [os.path.join(folder, name) for folder, _, names in os.walk(path) for name in names]
                    found[os.path.abspath(path)] = sorted((one, (state := os.stat(one)).st_mtime_ns, state.st_size, state.st_ino) for one in (inside or [path]))
        return found

    def look(self):
        """Note the checkpoints that were written since the last look, the newest one last."""
        if self.pattern:
            now = self.standing_files()
            written = [path for path in now if now[path] != self.known.get(path)]
            written.sort(key=lambda path: (max(mark[1] for mark in now[path]), path))
            self.known = now
        else:
            written = [path for path in self.waiting if os.path.exists(path)]
        if written:
            at = self.when(written)
            self.tracer.write(
                kind="saved", paths=[self.tracer.named(path) for path in written], inside=all(self.inside(path) for path in written),
                after=at[0], call=self.tracer.over, batches=at[1], streams=at[2],
            )  # fmt: skip
            self.saved += at[0] > 0 or self.tracer.over > 0
        self.waiting = {path: at for path, at in self.waiting.items() if not os.path.exists(path)}
        self.opened.clear()

    def when(self, written):
        """Steps, batches since the last step, and streams at the time when the last of these files was written."""
        under = [at for path, at in self.waiting.items() for one in written if path == one or path.startswith(one + os.sep)]
        if under:
            return max(under, key=lambda at: at[:2])
        opened = [(*at, {}) for path, at in self.opened.items() for one in written if path == one or path.startswith(one + os.sep)]
        return max(opened, key=lambda at: at[:2], default=(self.tracer.done, len(self.tracer.batches), {}))

    def inside(self, path):
        """Whether a file lies in the folder where the run started, links followed."""
        start = os.path.realpath(self.tracer.order.get("start", self.tracer.order["cwd"]))
        return os.path.realpath(path).startswith(start + os.sep)

    # streams

    def restoring(self, stream, original):
        def restore(*args, **kwargs):
            result = original(*args, **kwargs)
            if os.getpid() == self.tracer.owner and not self.tracer.quiet:
                self.tracer.silently(self.restored, stream)
            return result

        restore.__wrapped__, restore.__name__ = original, getattr(original, "__name__", "set_state")
        return restore

    def restored(self, stream):
        self.tracer.write(kind="restored", stream=stream, state=self.tracer.states().get(stream, ""), after=self.tracer.reached())

    # steps

    def enough(self):
        """Whether the run is to end before the step that would follow."""
        done = self.tracer.done
        return (0 < self.order["least"] <= done and self.saved > 0) or 0 < self.order["total"] <= done

    def stand_now(self):
        """Note what the next step starts from, if that was asked for."""
        if self.tracer.reached() + 1 in self.before:
            self.before.discard(self.tracer.reached() + 1)
            self.stands()

    def end(self):
        if not self.tracer.order.get("calls"):
            self.look()

    def place_for(self, call):
        """Where to save after a call; nothing if not after this one."""
        return self.order.get("save", {}).get(str(call), "")

    def calls_saved(self, path):
        """A checkpoint of steps that are calls was written."""
        self.tracer.write(kind="saved", paths=[path], inside=True, after=self.tracer.done, call=self.tracer.over, batches=0, streams=self.tracer.streams())

    # what a step starts from

    def stands(self):
        tracer, torch = self.tracer, sys.modules.get("torch")
        prints = tracer.prints.of
        streams = tracer.streams()
        optimizers = [one for reference in tracer.made if (one := reference()) is not None and getattr(one, "param_groups", None)]
        for one in optimizers:
            tracer.name_parameters(one)
        found = {**self.trained(optimizers, prints), "others": self.others(torch, optimizers, prints)}
        tracer.write(kind="start", number=tracer.reached() + 1, call=tracer.call(), streams=streams, **found)

    def trained(self, optimizers, prints):
        """Weights and buffers of the modules that are trained; states and settings of their optimizers, each in the order in which they were made."""
        tracer = self.tracer
        parameters, buffers, state, groups = {}, {}, {}, {}
        for root in tracer.roots:
            parameters |= {tracer.names.get(id(one), name): prints(one) for name, one in root.named_parameters()}
            buffers |= {f"{type(root).__name__}.{name}": prints(one) for name, one in root.named_buffers()}
        for label, optimizer in _numbered(optimizers):
            for name, one in tracer.each_parameter(optimizer):
                parameters.setdefault(name, prints(one))
                state |= {f"{label} {name} {key}": prints(value) for key, value in optimizer.state.get(one, {}).items()}
            for number, group in enumerate(optimizer.param_groups):
                settings = {key: value for key, value in group.items() if key not in {"params", "initial_lr"}}
                groups |= {f"{label} group {number} {key}": prints(value) for key, value in settings.items() if _plain(value) or hasattr(value, "dtype")}
        return {"parameters": parameters, "buffers": buffers, "state": state, "groups": groups}

    def others(self, torch, optimizers, prints):
        """What else training keeps from step to step, by kind and name: fingerprints of its parts."""
        tracer = self.tracer
        living = [found for generation in (2, 1, 0) for found in gc.get_objects(generation)]  # the oldest ones first
        kinds = {}
        for found in living:
            mro = type(found).__mro__
            if mro[0] in kinds:
                continue
            kinds[mro[0]] = self.kind_of(mro, torch)
        chosen = {kind: [found for found in living if kinds[type(found)] == kind] for kind in ("scheduler", "scaler", "module", "loader", "own")}
        result = {}
        for name, one in _numbered(chosen["scheduler"]):
            parts = {key: value for key, value in vars(one).items() if key not in _COUNTERS and _plain(value)}
            result[f"scheduler {name}"] = {key: prints(value) for key, value in parts.items()}
        for name, one in _numbered([one for one in chosen["scaler"] if getattr(one, "_enabled", True)]):
            result[f"scaler {name}"] = {key: prints(value) for key, value in one.state_dict().items()}
        modules = [one for one in chosen["module"] if "_modules" in vars(one) and "_parameters" in vars(one)]
        known = {id(part) for root in tracer.roots for part in (*root.parameters(), *root.buffers())}
        known |= {id(part) for optimizer in optimizers for group in optimizer.param_groups for part in group["params"]}
        inside = {id(child) for one in modules for child in one.children()}
        roots = [one for one in modules if id(one) not in inside and not any(one is root for root in tracer.roots)]
        copies = set()
        for name, one in _numbered(roots):
            parts = {key: part for key, part in (*one.named_parameters(), *one.named_buffers()) if id(part) not in known}
            copies.update(id(part) for part in parts.values())
            if parts:
                result[f"module {name}"] = {key: prints(part) for key, part in parts.items()}
        looks = _Kept(torch, tracer.roots, optimizers, copies)
        for name, one in _numbered(chosen["own"][:_OBJECTS]):
            for key, value in list(getattr(one, "__dict__", {}).items()):
                self.keep(result, f"{name}.{key}", value, looks)
        for name, value in self.variables():
            self.keep(result, name, value, looks)
        for name, loader in _numbered(chosen["loader"]):
            for owner, of in ((loader, name), (getattr(loader, "sampler", None), f"{name}.sampler")):
                self.keep(result, f"{of}.generator", getattr(owner, "generator", None), looks)
        return result

    def keep(self, result, name, value, looks):
        """Note a generator, or the copies of the weights in a value, under the first name that leads there."""
        state = looks.generator(value)
        if state is not None:
            result.setdefault(f"generator {name}", {"state": self.tracer.prints.of(state)})
        for path, parts in looks.inside(value):
            result.setdefault(f"values {name}{path}", {part: self.tracer.prints.of(leaf) for part, leaf in parts})

    def kind_of(self, mro, torch):
        if torch is not None and torch.nn.Module in mro:
            return "" if mro[0].__name__ == "OptimizedModule" else "module"
        if any(one.__name__ in _SCHEDULERS and one.__module__.startswith("torch.optim") for one in mro):
            return "scheduler"
        if any(one.__name__ == "GradScaler" and one.__module__.startswith("torch.") for one in mro):
            return "scaler"
        if any(one.__name__ == "DataLoader" and one.__module__.startswith("torch.") for one in mro):
            return "loader"
        module = sys.modules.get(mro[0].__module__)
        path = getattr(module, "__file__", None)
        return "own" if path and self.tracer.own(path) and issubclass(mro[0], object) and not issubclass(mro[0], type) else ""

    def variables(self):
        """Variables of the script's own functions that are running, and of its main module."""
        frame, seen = sys._getframe(1), set()
        for _ in range(_FRAMES):
            if frame is None:
                break
            if self.tracer.own(frame.f_code.co_filename) and id(frame.f_locals) not in seen:
                seen.add(id(frame.f_locals))
                yield from list(frame.f_locals.items())
            frame = frame.f_back
        main = vars(sys.modules["__main__"])
        if id(main) not in seen:
            yield from list(main.items())


class _Kept:
    """Finds generators, and containers that hold a tensor of the shape of each trained weight and are none of what is known already."""

    def __init__(self, torch, roots, optimizers, copies):
        self.torch = torch
        self.known = copies | {id(part) for root in roots for part in (*root.parameters(), *root.buffers())}
        self.places = set()
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                self.known |= {id(one) for one in group["params"]}
                self.places |= {place for one in group["params"] if (place := self.place(one))}
        for root in roots:
            self.places |= {place for one in (*root.parameters(), *root.buffers()) if (place := self.place(one))}
        self.generators = set()
        self.held = {id(optimizer.state) for optimizer in optimizers}
        wanted = [collections.Counter(tuple(one.shape) for one in root.parameters() if one.requires_grad) for root in roots]
        self.wanted = [one for one in wanted if one]

    def place(self, tensor):
        with contextlib.suppress(Exception):
            return tensor.untyped_storage().data_ptr()
        return 0

    def generator(self, value):
        """The state of a generator that was not met before."""
        kind, state = type(value), None
        if kind is random.Random:
            state = repr(value.getstate())
        elif self.torch is not None and kind is self.torch.Generator and value is not self.torch.default_generator:
            state = value.get_state()
        elif kind.__name__ == "Generator" and kind.__module__.startswith("numpy.random"):
            state = repr(value.bit_generator.state)
        elif kind.__name__ == "RandomState" and kind.__module__.startswith("numpy.random"):
            state = list(value.get_state(legacy=True))
        if state is None or id(value) in self.generators:
            return None
        self.generators.add(id(value))
        return state

    def inside(self, value, path="", depth=0):
        """Each such container with its path, and its tensors by key."""
        if isinstance(value, dict) and type(value).__module__ in {"builtins", "collections"}:
            items = [(f"[{key!r:.60}]", part) for key, part in list(value.items())]
        elif type(value) in {list, tuple}:
            items = [(f"[{number}]", part) for number, part in enumerate(value)]
        else:
            return
        if not self.wanted or id(value) in self.held or len(items) > _OBJECTS:
            return
        tensors = [(name, part) for name, part in items if isinstance(part, self.torch.Tensor)]
        own = [(name, part) for name, part in tensors if id(part) not in self.known and part.grad_fn is None and self.place(part) not in self.places]
        shapes = collections.Counter(tuple(part.shape) for _, part in own)
        if any(shapes >= one for one in self.wanted):
            yield path, own
        elif depth < _DEEP and len(tensors) < len(items):
            for name, part in items:
                yield from self.inside(part, path + name, depth + 1)


def _numbered(found):
    """Each with its type's name, and its number where there are several, from the second on."""
    counts = collections.Counter()
    for one in found:
        name = type(one).__name__
        counts[name] += 1
        yield (name if counts[name] == 1 else f"{name}#{counts[name]}"), one


def _plain(value):
    """Numbers, texts, and lists of them."""
    if isinstance(value, (list, tuple)):
        return all(_plain(part) for part in value)
    return isinstance(value, (bool, int, float, complex, str, type(None)))
