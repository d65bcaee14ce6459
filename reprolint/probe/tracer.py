"""Runs a script as `__main__` in a process of its own and writes down what it computes: the only file here that knows torch.

Started by the parent as `python tracer.py ORDER`, in the environment of the script, so it needs nothing but the standard
library, and torch, numpy, scikit-learn and xxhash only if the script has them. It is a file of its own for that reason.

ORDER is a JSON file: what to run (`script` or `module`, `argv`), `steps` to watch, `trace` to write to, `shuffle` (listings
come in another order), `shift` (seconds added to the clock), `ops` (steps of which every operation is written down), `lines` (lines of
which is to be said whether they ran: see `lines.py`).
A trace is lines of JSON; one that does not end with a line of kind `end` was broken off.
"""

from __future__ import annotations

import builtins
import contextlib
import hashlib
import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import pickle
import random
import re
import runpy
import sys
import threading
import time
import traceback
import types
import weakref
import zlib

SCHEMA = 1
TEXT = 1 << 22
"""Bytes: a written file below this may be a text."""
LARGEST = 1 << 28
"""Bytes: a written file above this is known by its size alone."""
PATIENCE = 10
"""Times the steps that one optimizer may take while another has not taken its own."""
DEEPEST = 6
"""Containers within containers that are looked into."""
LONGEST = 80
"""Characters of a text that stand in a trace as they are."""


# -- fingerprints --------------------------------------------------------------------------------------------------


def _fast():
    try:
        import xxhash
    except ImportError:
        return lambda data: f"{zlib.crc32(data):08x}{zlib.adler32(data):08x}{len(data):x}"
    return xxhash.xxh3_64_hexdigest


class Prints:
    """Bitwise fingerprints: type, shape and a hash of the elements in logical order."""

    def __init__(self):
        self.hash = _fast()
        self.unknown = {}

    def of(self, value, depth=0):
        """One text for any value; trees of containers are looked into."""
        torch, numpy = sys.modules.get("torch"), sys.modules.get("numpy")
        if torch is not None and isinstance(value, torch.Tensor):
            return self.tensor(value)
        if numpy is not None and isinstance(value, (numpy.ndarray, numpy.generic)):
            return self.array(value)
        if isinstance(value, dict) and depth < DEEPEST:
            return "{" + ",".join(f"{key}:{self.of(part, depth + 1)}" for key, part in value.items() if "_time" not in str(key)) + "}"
        if isinstance(value, (list, tuple)) and depth < DEEPEST:
            return "[" + ",".join(self.of(part, depth + 1) for part in value) + "]"
        if isinstance(value, (int, float, complex, str, bytes, bool, type(None))):
            return repr(value) if len(repr(value)) < LONGEST else "text#" + self.hash(repr(value).encode())
        if type(value).__module__.startswith("pandas.") and hasattr(value, "to_numpy"):
            return type(value).__name__ + self.of(value.to_numpy(), depth + 1)
        if type(value).__module__.startswith("scipy.sparse") and hasattr(value, "tocoo"):
            entries = value.tocoo()
            return "sparse" + self.of([entries.row, entries.col, entries.data], depth + 1)
        kind = f"{type(value).__module__}.{type(value).__qualname__}"
        if kind.startswith("sklearn.") and getattr(value, "__dict__", None) and depth < DEEPEST:
            return kind + self.of({name: part for name, part in vars(value).items() if not name.endswith("_id")}, depth + 1)
        if kind.startswith(("sklearn.", "scipy.")):
            try:
                return f"{kind}#{self.hash(pickle.dumps(value))}"
            except Exception:
                return f"<{kind}>"
        self.unknown[kind] = self.unknown.get(kind, 0) + 1
        return f"<{kind}>"

    def array(self, value):
        import numpy

        value = numpy.asarray(value)
        if value.dtype.hasobject:
            return f"object{list(value.shape)}#" + self.hash(repr(value.tolist()).encode())
        data = numpy.ascontiguousarray(value)
        return f"{value.dtype}{list(value.shape)}#{self.hash(data.tobytes())}"

    def tensor(self, value):
        import torch

        head = str(value.dtype).removeprefix("torch.")
        try:
            head += str(list(value.shape))
            with torch.no_grad():
                value = value.detach()
                if value.is_meta or type(value).__name__ == "FakeTensor":
                    return head
                if value.layout is not torch.strided:
                    if value.layout is torch.sparse_coo:
                        value = value.coalesce()
                        return f"sparse{head}#" + self.hash((self.tensor(value.indices()) + self.tensor(value.values())).encode())
                    value = value.to_dense()
                if value.is_quantized:
                    value = value.int_repr()
                value = value.resolve_conj().resolve_neg()
                if value.is_complex():
                    value = torch.view_as_real(value)
                flat = value.cpu().contiguous().reshape(-1)
                if not flat.numel():
                    return head
                return f"{head}#{self.hash(flat.view(torch.uint8).numpy())}"
        except Exception as error:
            kind = f"{type(value).__name__}: {str(error)[:60]}"
            self.unknown[kind] = self.unknown.get(kind, 0) + 1
            return f"{head}?"


# -- the world -----------------------------------------------------------------------------------------------------


def shuffle_listings(salt):
    """Folder listings in an order of their own: no system promises any."""
    listdir, scandir = os.listdir, os.scandir

    def key(name):
        return hashlib.blake2b(os.fsencode(name) if isinstance(name, str) else name, salt=salt.encode()[:16]).digest()

    def listed(path="."):
        return sorted(listdir(path), key=key)

    class Entries:
        def __init__(self, path="."):
            with scandir(path) as found:
                self.entries = iter(sorted(found, key=lambda entry: key(entry.name)))

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

    os.listdir, os.scandir = listed, Entries


def shift_clock(seconds):
    """The clock as Python code sees it; what C code asks the system for stays."""
    names = {"time": seconds, "time_ns": int(seconds * 1e9)}
    for name, more in names.items():
        original = getattr(time, name)
        setattr(time, name, lambda original=original, more=more: original() + more)
    for name in ("localtime", "gmtime", "ctime"):
        original = getattr(time, name)
        setattr(time, name, lambda at=None, original=original: original(time.time() if at is None else at))
    strftime, asctime = time.strftime, time.asctime
    time.strftime = lambda form, at=None: strftime(form, time.localtime() if at is None else at)
    time.asctime = lambda at=None: asctime(time.localtime() if at is None else at)


# -- what is written down ------------------------------------------------------------------------------------------


class Tracer:
    def __init__(self, order):
        self.order = order
        self.owner = os.getpid()
        self.prints = Prints()
        self.file = open(order["trace"], "w", encoding="utf-8", buffering=1 << 16)
        self.lock = threading.RLock()
        self.quiet = False
        self.counts = {}
        self.optimizers = []
        self.names = {}
        self.roots = []
        self.batches = []
        self.losses = []
        self.done = 0
        self.ended = False
        self.mode = None
        self.written = {}
        self.read = {}
        self.untouched = {}
        self.processes = 0
        self.made = []
        self.lines = _lines(order["lines"]) if order.get("lines") else None
        self.notes = {}
        self.here = (__file__, os.path.dirname(os.path.abspath(__file__)))
        self.streams()
        self.write(
            kind="begin", schema=SCHEMA, python=sys.version.split()[0], argv=order.get("argv", []),
            hash_seed=os.environ.get("PYTHONHASHSEED", ""), cwd=os.getcwd(),
        )  # fmt: skip
        self.file.flush()

    def write(self, **record):
        if os.getpid() != self.owner or self.file.closed:
            return
        with self.lock:
            self.file.write(json.dumps(record, separators=(",", ":"), default=str).encode("utf-8", "backslashreplace").decode() + "\n")

    # files

    def watch_files(self):
        ignored = tuple({os.path.abspath(sys.prefix), os.path.abspath(sys.base_prefix), "/dev", "/proc", "/sys", "/usr", "/etc", self.here[1]})

        def hook(event, details):
            if event != "open" or os.getpid() != self.owner:
                return
            path, mode, flags = details
            if not isinstance(path, (str, bytes)) or self.quiet:
                return
            path = os.path.abspath(os.fsdecode(path))
            if path.startswith(ignored) or path == self.order["trace"] or "__pycache__" in path or "site-packages" in path:
                return
            writes = any(letter in (mode or "") for letter in "wax+") if isinstance(mode, str) else bool((flags or 0) & (os.O_WRONLY | os.O_RDWR))
            (self.written if writes else self.read).setdefault(path, None)

        def children(event, _):
            if event in {"subprocess.Popen", "os.fork", "os.posix_spawn"} and os.getpid() == self.owner:
                self.processes += 1
            elif event == "os.exec" and os.getpid() == self.owner:
                self.end("exec", 0)

        sys.addaudithook(hook)
        sys.addaudithook(children)

    # torch

    def torch_came(self, torch):
        from torch.optim import optimizer as module

        self.streams()
        self.write(kind="torch", version=torch.__version__, threads=torch.get_num_threads(), cuda=bool(torch.cuda.is_available()))
        module.register_optimizer_step_pre_hook(self.before_step)
        module.register_optimizer_step_post_hook(self.after_step)
        self.watch_making(torch.optim.Optimizer)
        self.watch_backward(torch)
        self.watch_paths(torch, "save", 1, self.written)
        self.watch_paths(torch, "load", 0, self.read)
        if 0 in self.order.get("ops", ()):
            self.start_ops(torch)

    def watch_making(self, kind):
        original, tracer = kind.__init__, self

        def made(optimizer, *args, **kwargs):
            tracer.made.append(weakref.ref(optimizer))
            return original(optimizer, *args, **kwargs)

        kind.__init__ = _like(original, made)

    def watch_backward(self, torch):
        tracer, original = self, torch.autograd.backward

        def backward(tensors, *args, **kwargs):
            if not tracer.quiet and threading.current_thread() is threading.main_thread():
                tracer.losses.append(tracer.silently(tracer.prints.of, tensors if not isinstance(tensors, (list, tuple)) or len(tensors) != 1 else tensors[0]))
            return original(tensors, *args, **kwargs)

        torch.autograd.backward = backward

    def watch_paths(self, owner, name, position, where):
        """Files that are opened outside of Python."""
        original, tracer = getattr(owner, name), self

        def watched(*args, **kwargs):
            path = args[position] if len(args) > position else kwargs.get("f")
            if isinstance(path, (str, os.PathLike)) and os.getpid() == tracer.owner:
                where.setdefault(os.path.abspath(os.fspath(path)), None)
            return original(*args, **kwargs)

        setattr(owner, name, _like(original, watched))

    def loader_came(self, module):
        tracer, kind = self, module._BaseDataLoaderIter
        original = kind.__next__

        def following(iterator):
            batch = original(iterator)
            if os.getpid() == tracer.owner:
                tracer.batches.append(tracer.silently(tracer.prints.of, batch))
            return batch

        kind.__next__ = following
        if self.lines is not None:
            self.lines.watch_workers(module)

    def silently(self, function, *args):
        """Nothing that watching does may stop the script, or be watched."""
        before, self.quiet = self.quiet, True
        try:
            return function(*args)
        except Exception as error:
            self.notes[f"{type(error).__name__}: {error}"[:120]] = getattr(function, "__name__", "")
            return ""
        finally:
            self.quiet = before

    def name_parameters(self, optimizer):
        """Names from the modules that hold them: found once an optimizer, among all living modules."""
        import gc

        import torch

        wanted = {id(parameter) for group in optimizer.param_groups for parameter in group["params"]}
        if wanted <= self.names.keys():
            return
        modules = [found for found in gc.get_objects() if torch.nn.Module in type(found).__mro__]
        modules = [module for module in modules if "_modules" in vars(module) and "_parameters" in vars(module)]
        inside = {id(child) for module in modules for child in module.children()}
        for module in modules:
            if id(module) in inside:
                continue
            parameters = list(module.named_parameters())
            if any(id(parameter) in wanted for _, parameter in parameters):
                number = len(self.roots)
                self.roots.append(module)
                prefix = f"{type(module).__name__}." if number == 0 else f"{type(module).__name__}#{number + 1}."
                for name, parameter in parameters:
                    self.names.setdefault(id(parameter), prefix + name)
        for place, group in enumerate(optimizer.param_groups):
            for number, parameter in enumerate(group["params"]):
                self.names.setdefault(id(parameter), f"group {place} parameter {number}")

    def each_parameter(self, optimizer):
        for group in optimizer.param_groups:
            for parameter in group["params"]:
                yield self.names.get(id(parameter), "?"), parameter

    def before_step(self, optimizer, args, kwargs):
        if os.getpid() != self.owner or self.ended:
            return
        if self.enough(optimizer):
            self.stop()
        self.silently(self._before_step, optimizer)

    def _before_step(self, optimizer):
        if id(optimizer) not in self.counts:
            self.optimizers.append(optimizer)  # kept alive: its id stays its own
            self.counts[id(optimizer)] = 0
            self.name_parameters(optimizer)
            self.write(
                kind="init", optimizer=self.label(optimizer), where=self.where(),
                devices=sorted({found.device.type for _, found in self.each_parameter(optimizer)}),
                parameters={name: self.prints.tensor(found) for name, found in self.each_parameter(optimizer)}, streams=self.streams(),
            )  # fmt: skip
        self.gradients = {name: self.prints.tensor(found.grad) for name, found in self.each_parameter(optimizer) if found.grad is not None}

    def after_step(self, optimizer, args, kwargs):
        if os.getpid() != self.owner or self.ended:
            return
        self.silently(self._after_step, optimizer)

    def _after_step(self, optimizer):
        self.counts[id(optimizer)] += 1
        self.done += 1
        state = {}
        for name, parameter in self.each_parameter(optimizer):
            for key, value in optimizer.state.get(parameter, {}).items():
                state[f"{name} {key}"] = self.prints.of(value)
        rates = {f"group {number} {key}": repr(group[key]) for number, group in enumerate(optimizer.param_groups) for key in ("lr", "weight_decay", "momentum") if isinstance(group.get(key), (int, float))}
        self.write(
            kind="step", number=self.done, step=self.counts[id(optimizer)], optimizer=self.label(optimizer), where=self.where(),
            batch=self.batches, loss=self.losses, gradients=getattr(self, "gradients", {}),
            parameters={name: self.prints.tensor(found) for name, found in self.each_parameter(optimizer)},
            buffers={f"{type(root).__name__}.{name}": self.prints.tensor(found) for root in self.roots for name, found in root.named_buffers()},
            state=state | rates, streams=self.streams(),
        )  # fmt: skip
        self.batches, self.losses = [], []
        self.switch_ops()

    def label(self, optimizer):
        number = next((n for n, found in enumerate(self.optimizers) if found is optimizer), 0)
        return f"{type(optimizer).__name__}" + (f"#{number + 1}" if number else "")

    def streams(self):
        """Fingerprints of the states of the streams that were seeded or drawn from since they came up."""
        now = self.silently(self.states) or {}
        for name, state in now.items():
            self.untouched.setdefault(name, state)
        return {name: state for name, state in now.items() if state != self.untouched[name]}

    def states(self):
        found = {"python": self.prints.hash(repr(random.getstate()).encode())}
        numpy, torch = sys.modules.get("numpy"), sys.modules.get("torch")
        if numpy is not None and hasattr(numpy, "random"):
            kind, keys, *rest = numpy.random.get_state()
            found["numpy"] = self.prints.hash(keys.tobytes() + repr((kind, rest)).encode())
        if torch is not None and hasattr(torch, "get_rng_state"):
            found["torch"] = self.prints.hash(torch.get_rng_state().numpy())
            if torch.cuda.is_available() and torch.cuda.is_initialized():
                found["cuda"] = self.prints.hash(b"".join(state.numpy().tobytes() for state in torch.cuda.get_rng_state_all()))
        return found

    def where(self):
        """The script's own line that is running: the innermost frame outside of libraries."""
        frame = sys._getframe(1)
        while frame is not None:
            path = frame.f_code.co_filename
            if self.own(path):
                return f"{os.path.relpath(path, self.order['cwd'])}:{frame.f_lineno}"
            frame = frame.f_back
        return ""

    def own(self, path):
        """Whether a file is the script's, and not that of a library or of the tracer."""
        return not path.startswith((*self.here, _STDLIB, "<")) and "site-packages" not in path

    def own_line(self, lines):
        """The innermost of the lines of a traceback that is the script's own."""
        for line in reversed(lines):
            path, _, rest = line.strip().removeprefix('File "').partition('", line ')
            if self.own(path):
                return f"{os.path.relpath(path, self.order['cwd'])}:{rest.split(',')[0]}"
        return ""

    # every operation

    def start_ops(self, torch):
        self.mode = _ops_mode(self, torch)
        self.mode.__enter__()
        self.anomaly = torch.autograd.set_detect_anomaly(mode=True, check_nan=False)

    def switch_ops(self):
        """Operations of step N are those after step N - 1 was taken."""
        wanted = self.done in self.order.get("ops", ())
        if wanted and self.mode is None:
            self.start_ops(sys.modules["torch"])
        elif not wanted and self.mode is not None:
            sys.modules["torch"].autograd.set_detect_anomaly(mode=False)
            self.mode.__exit__(None, None, None)
            self.mode = None

    # results without torch

    def estimators_came(self, base):
        tracer = self
        original = getattr(base, "_fit_context", None)
        if original is not None:

            def watching(*args, **kwargs):
                inner = original(*args, **kwargs)

                def decorate(method):
                    wrapped = inner(method)

                    def fitting(estimator, *given, **named):
                        result = wrapped(estimator, *given, **named)
                        tracer.fitted(estimator, method.__name__)
                        return result

                    return _like(wrapped, fitting)

                return decorate

            base._fit_context = watching
        for kind, name in (("ClassifierMixin", "score"), ("RegressorMixin", "score")):
            mixin = getattr(base, kind, None)
            if mixin is not None:
                self.watch_method(mixin, name)

    def watch_method(self, owner, name):
        original, tracer = getattr(owner, name), self

        def scored(estimator, *given, **named):
            result = original(estimator, *given, **named)
            if os.getpid() == tracer.owner:
                tracer.write(kind="value", name=f"{type(estimator).__name__}.{name}", where=tracer.where(), value=tracer.prints.of(result))
            return result

        setattr(owner, name, _like(original, scored))

    def fitted(self, estimator, method):
        if os.getpid() != self.owner or threading.current_thread() is not threading.main_thread():
            return
        learned = {name: self.prints.of(value) for name, value in sorted(vars(estimator).items()) if name.endswith("_") and not name.startswith("_") and "_time" not in name}
        self.write(kind="value", name=f"{type(estimator).__name__}.{method}", where=self.where(), value=self.prints.of(learned))

    def record(self, name, value):
        self.write(kind="value", name=str(name), where=self.where(), value=self.prints.of(value))

    # the end

    def enough(self, optimizer):
        """Whether every optimizer has taken the steps that were asked for, or one so many that the others may never."""
        taken, steps = self.counts.get(id(optimizer), 0), self.order["steps"]
        others = [self.counts.get(id(found), 0) for reference in self.made if (found := reference()) is not None]
        return taken >= steps and (min(others, default=steps) >= steps or taken >= PATIENCE * steps)

    def stop(self):
        """Leave at once: the script's own handlers would take an exception for a failure."""
        self.end("steps", 0)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)  # the trace has its end: this is no exit of the script's own

    def end(self, reason, code):
        if self.ended or os.getpid() != self.owner:
            return
        self.quiet = True
        if self.mode is not None:
            self.mode.__exit__(None, None, None)
        streams = self.streams()
        files = {os.path.relpath(path, self.order["cwd"]): _content(path, self.order.get("clock_fields", "")) for path in self.written}
        self.write(
            kind="end", reason=reason, code=code, steps=self.done, streams=streams, files={path: found for path, found in files.items() if found},
            opened=sorted(os.path.relpath(path, self.order["cwd"]) for path in self.read), unhashed=self.prints.unknown,
            threads=[thread.name for thread in threading.enumerate() if thread is not threading.main_thread()], notes=self.notes, processes=self.processes,
        )  # fmt: skip
        self.ended = True
        self.file.close()
        if self.lines is not None:
            self.lines.end()


def _content(path, clock_fields):
    """What is in a file; of a text without the dates, times and durations in it."""
    try:
        size = os.path.getsize(path)
        if size > LARGEST:
            return f"{size} bytes"
        with open(path, "rb") as file:
            data = file.read()
        if clock_fields and size < TEXT:
            with contextlib.suppress(UnicodeDecodeError):
                data = re.sub(clock_fields, "", data.decode(), flags=re.VERBOSE).encode()
        return hashlib.blake2b(data, digest_size=8).hexdigest()
    except OSError:
        return ""


def _like(original, function):
    import functools

    return functools.update_wrapper(function, original)


def _lines(order):
    """What notes the lines that run: only a run that is asked for them loads it."""
    spec = importlib.util.spec_from_file_location("__reprolint_lines__", os.path.join(os.path.dirname(os.path.abspath(__file__)), "lines.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Lines(order["path"], order["wanted"])


_STDLIB = os.path.dirname(os.__file__)


def _ops_mode(tracer, torch):
    from torch.utils._python_dispatch import TorchDispatchMode
    from torch.utils._pytree import tree_leaves

    seeded = torch.Tag.nondeterministic_seeded
    plans = {}

    class Ops(TorchDispatchMode):
        """Every operation with fingerprints of what went in and came out."""

        undefined = {}

        @classmethod
        def ignore_compile_internals(cls):
            return True

        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            kwargs = kwargs or {}
            if tracer.quiet or tracer.ended:
                return func(*args, **kwargs)
            plan = plans.get(func)
            if plan is None:
                written = [n for n, argument in enumerate(func._schema.arguments) if argument.alias_info is not None and argument.alias_info.is_write]
                named = [argument.name for argument in func._schema.arguments if argument.alias_info is not None and argument.alias_info.is_write]
                plan = plans[func] = (str(func), "empty" in str(func) or "new_empty" in str(func), seeded in func.tags, written, named)
            name, empties, draws, written, named = plan
            leaves = tree_leaves((args, kwargs))
            inputs = tracer.silently(lambda: [self.print(leaf) for leaf in leaves if isinstance(leaf, torch.Tensor)])
            scalars = [repr(leaf) for leaf in leaves if isinstance(leaf, (int, float, bool, complex, torch.dtype))]
            result = func(*args, **kwargs)
            outputs = [] if empties else [leaf for leaf in tree_leaves(result) if isinstance(leaf, torch.Tensor)]
            if "rnn" in name:  # their workspace is not all written
                outputs = [leaf for leaf in outputs if leaf.dtype is not torch.uint8]
            changed = tree_leaves([args[n] for n in written if n < len(args)] + [kwargs[n] for n in named if n in kwargs])
            if empties:
                for leaf in tree_leaves(result):
                    if isinstance(leaf, torch.Tensor):
                        storage = leaf.untyped_storage()
                        self.undefined[storage._cdata] = storage
            for leaf in (*changed, *outputs):
                if isinstance(leaf, torch.Tensor) and leaf.layout is torch.strided and not leaf.is_meta:
                    self.undefined.pop(leaf.untyped_storage()._cdata, None)
            node = torch._C._current_autograd_node()
            forward = ""
            if node is not None:
                lines = [line for part in (node.metadata.get("traceback_") or ()) for line in part.strip().splitlines() if line.lstrip().startswith('File "')]
                forward = tracer.own_line(lines)
            tracer.write(
                kind="op", step=tracer.done + 1, op=name, where=tracer.where(), forward=forward, draws=draws, scalars=scalars, inputs=inputs,
                outputs=tracer.silently(lambda: [self.print(leaf) for leaf in (*outputs, *(part for part in changed if isinstance(part, torch.Tensor)))]),
            )  # fmt: skip
            return result

        def print(self, leaf):
            if leaf.layout is torch.strided and not leaf.is_meta and leaf.untyped_storage()._cdata in self.undefined:
                return "undefined"
            return tracer.prints.tensor(leaf)

    return Ops()


# -- imports and the run -------------------------------------------------------------------------------------------


class Watch(importlib.abc.MetaPathFinder):
    """Tells the tracer when a module that it watches was imported, so that nothing is imported for its sake."""

    def __init__(self, wanted):
        self.wanted = wanted
        self.searching = set()

    def find_spec(self, name, path=None, target=None):
        if name not in self.wanted or name in self.searching:
            return None
        self.searching.add(name)
        try:
            spec = importlib.util.find_spec(name) if "." not in name else importlib.machinery.PathFinder.find_spec(name, path)
        finally:
            self.searching.discard(name)
        if spec is None or spec.loader is None:
            return None
        original = spec.loader.exec_module

        def exec_module(module):
            original(module)
            then = self.wanted.pop(name, None)  # somebody may ask for the spec alone
            if then is not None:
                then(module)

        spec.loader.exec_module = exec_module
        return spec


def _run_script(path, argv):
    with open(path, "rb") as file:
        source = file.read()
    sys.argv = [path, *argv]
    path = os.path.abspath(path)
    sys.path[0] = os.path.dirname(path)
    main = types.ModuleType("__main__")
    main.__file__ = path
    main.__loader__ = importlib.machinery.SourceFileLoader("__main__", path)
    main.__builtins__ = builtins
    sys.modules["__main__"] = main
    exec(compile(source, path, "exec", dont_inherit=True), main.__dict__)


def _run_module(name, argv):
    sys.argv = [name, *argv]
    sys.path[0] = os.getcwd()
    runpy.run_module(name, run_name="__main__", alter_sys=True)


def run(order):
    """Run what the order says; the exit code that the script would have had."""
    if order.get("shuffle"):
        shuffle_listings(order["shuffle"])
    if order.get("shift"):
        shift_clock(order["shift"])
    tracer = Tracer(order)
    sys.modules["__reprolint_tracer__"] = tracer
    tracer.watch_files()
    wanted = {
        "torch": tracer.torch_came, "numpy": lambda _: tracer.streams(), "torch.utils.data.dataloader": tracer.loader_came,
        "sklearn.base": tracer.estimators_came,
    }  # fmt: skip
    for name in [name for name in wanted if name in sys.modules]:  # a site may import it before anything runs
        wanted.pop(name)(sys.modules[name])
    sys.meta_path.insert(0, Watch(wanted))
    leave = os._exit

    def leaving(code):
        tracer.end("exit", code)
        leave(code)

    os._exit = leaving
    reason, code = "exit", 0
    if tracer.lines is not None:
        tracer.lines.start()
    try:
        if order.get("module"):
            _run_module(order["module"], order.get("argv", []))
        else:
            _run_script(order["script"], order.get("argv", []))
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else 0 if left.code is None else 1
        if isinstance(left.code, str):
            print(left.code, file=sys.stderr)
    except BaseException:
        lines = traceback.format_exc().splitlines(keepends=True)
        own = [n for n, line in enumerate(lines) if f'File "{os.path.abspath(__file__)}"' in line]
        sys.stderr.write("".join([lines[0], *lines[own[-1] + 2 :]] if own else lines))
        reason, code = "error", 1
    tracer.end(reason, code)
    return code


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as _file:
        _order = json.load(_file)
    _code = run(_order)
    sys.stdout.flush()
    sys.stderr.flush()
    sys.exit(_code)
