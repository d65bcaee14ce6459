"""Runs a script as `__main__` in a process of its own and writes down what it computes: the only file here that knows torch.

Started by the parent as `python tracer.py ORDER`, in the environment of the script, so it needs nothing but the standard
library, and torch, numpy, scikit-learn and xxhash only if the script has them. It is a file of its own for that reason.

ORDER is a JSON file: what to run (`script` or `module`, `argv`; or `factory` in `module` or `file`, whose steps are called), `steps` to
watch, `trace` to write to, `ops` (steps of which every operation is written down), `keep` (values that are kept as they are, not as
fingerprints), `path` (`sys.path`), `calls` (a step is a call), `lines` (of which is to be said whether they ran: see `lines.py`), `draws`
(who draws from which stream is noted: see `draws.py`), `standing` (what a run that is to be resumed stands on: see `standing.py`), `loading`
(what loaders and their workers do: see `loaders.py`), `ranks` (this is one of several: see `rank.py`), and what `world.py`, beside this file, is to change.
A trace is lines of JSON; one that does not end with a line of kind `end` was broken off.
"""

from __future__ import annotations

import atexit
import builtins
import contextlib
import faulthandler
import hashlib
import importlib.abc
import importlib.machinery
import importlib.util
import inspect
import json
import os
import pickle
import random
import re
import runpy
import sys
import threading
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


_READ = 0x100
"""What `PyMemoryView_FromMemory` calls memory that is not written to."""


def _view():
    """Makes a view of memory by its address, size and `_READ`; None where this Python cannot."""
    try:
        import ctypes

        function = ctypes.pythonapi.PyMemoryView_FromMemory
        function.restype, function.argtypes = ctypes.py_object, (ctypes.c_void_p, ctypes.c_ssize_t, ctypes.c_int)
    except Exception:
        return None
    return function


class Prints:
    """Bitwise fingerprints: type, shape and a hash of the elements in logical order.

    Of tensors that are not on the CPU the hash is computed where they are (see `ondevice.py`), and a mark stands for it until it was
    read back. `anywhere`: of all tensors, so that what two devices hold can be compared.
    """

    def __init__(self, *, anywhere=False):
        self.hash = _fast()
        self.unknown = {}
        self.anywhere = anywhere
        self.device = None
        self.view = _view()
        self.dtypes = {}

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

    def now(self, text):
        """A text without marks: what they stand for is read back."""
        return text if self.device is None else self.device.now(text)

    def array(self, value):
        import numpy

        value = numpy.asarray(value)
        if value.dtype.hasobject:
            return f"object{list(value.shape)}#" + self.hash(repr(value.tolist()).encode())
        data = numpy.ascontiguousarray(value)
        return f"{value.dtype}{list(value.shape)}#{self.hash(data.tobytes())}"

    def plain(self, value):
        """Whether the elements of a strided tensor are what lies in this process's memory as it stands; then no operation of torch is needed to read them."""
        torch = sys.modules["torch"]
        if self.view is None or self.anywhere or type(value) not in {torch.Tensor, torch.nn.Parameter} or not value.is_cpu or value.is_neg():
            return False
        known = self.dtypes.get(value.dtype)
        if known is None:
            known = self.dtypes[value.dtype] = not value.is_complex() and not value.is_quantized
        return known

    def memory(self, value, size):
        """Bytes from the first element of a plain tensor on. Raises `ValueError` if there are not as many."""
        start = value.data_ptr()
        if not start or value.storage_offset() * value.element_size() + size > value.untyped_storage().nbytes():
            raise ValueError("a tensor whose memory was taken away")
        return self.view(start, size, _READ)

    def tensor(self, value):
        import torch

        head = str(value.dtype).removeprefix("torch.")
        try:
            head += str(list(value.shape))
            if value.layout is torch.strided and self.plain(value) and value.is_contiguous():
                with contextlib.suppress(ValueError):
                    return f"{head}#{self.hash(self.memory(value, value.numel() * value.element_size()))}" if value.numel() else head
            with torch.no_grad():
                value = getattr(value, "_local_tensor", value).detach()  # of a tensor that is spread over ranks, this rank's part
                if value.is_meta or type(value).__name__ == "FakeTensor":
                    return head
                if value.layout is not torch.strided:
                    if value.layout is torch.sparse_coo:
                        value = value.coalesce()
                        return f"sparse{head}#" + self.hash(self.now(self.tensor(value.indices()) + self.tensor(value.values())).encode())
                    value = value.to_dense()
                if value.is_quantized:
                    value = value.int_repr()
                if (self.anywhere or value.device.type != "cpu") and value.numel() and type(value).__torch_dispatch__ is torch.Tensor.__torch_dispatch__:
                    if self.device is None:
                        self.device = _beside("ondevice").OnDevice(torch)
                    return f"{head}#{self.device.of(value)}"
                value = value.resolve_conj().resolve_neg()
                if value.is_complex():
                    value = torch.view_as_real(value)
                flat = value.cpu().contiguous().reshape(-1)
                if value._is_zerotensor():
                    flat = torch.zeros(flat.shape, dtype=flat.dtype)
                if not flat.numel():
                    return head
                data = flat.as_strided(flat.shape, (1,)).view(torch.uint8).numpy() if self.view is None else self.memory(flat, flat.numel() * flat.element_size())  # one element may have any stride
                return f"{head}#{self.hash(data)}"
        except Exception as error:
            kind = f"{type(value).__name__}: {str(error)[:60]}"
            self.unknown[kind] = self.unknown.get(kind, 0) + 1
            return f"{head}?"


# -- what is written down ------------------------------------------------------------------------------------------


class Tracer:
    def __init__(self, order):
        self.order = order
        self.owner = os.getpid()
        self.prints = Prints(anywhere=order.get("anywhere", False))
        self.rank = order.pop("rank", None)
        self.file = open(order["trace"], "w", encoding="utf-8", buffering=1 if self.rank is not None else 1 << 16)
        self.lock = threading.RLock()
        self.quieted = threading.local()
        self.held = []
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
        self.outside = []
        self.spawned = _beside("spawned").Spawned(order.get("world", {}), self)
        self.threads = []
        self.created = []
        self.world = None
        self.made = []
        self.over = 0
        self.numbers = {"op": 0, "value": 0}
        self.room = (order.get("keep") or {}).get("limit", 0)
        self.devices = set()
        self.lines = _lines(order["lines"]) if order.get("lines") else None
        self.draws = _beside("draws").Draws(self, sys.modules["__reprolint_world__"].Stand) if order.get("draws") else None
        self.standing = _beside("standing").Standing(self, order["standing"], sys.modules["__reprolint_world__"].Stand) if order.get("standing") else None
        self.loading = _beside("loaders").Loaders(self, order["loading"]) if order.get("loading") else None
        self.notes = {}
        self.named_files = {}
        self.places = {}
        self.synced = []
        self.here = (__file__, os.path.dirname(os.path.abspath(__file__)))
        self.alone()
        self.streams()
        self.write(
            kind="begin", schema=SCHEMA, python=sys.version.split()[0], argv=order.get("argv", []),
            hash_seed=os.environ.get("PYTHONHASHSEED", ""), cwd=os.getcwd(),
        )  # fmt: skip
        self.file.flush()
        if self.rank is not None:
            self.rank.watch(self)

    @property
    def quiet(self):
        """Whether what this thread does is the tracer's own: devices compute gradients in threads of their own, side by side."""
        return getattr(self.quieted, "on", False)

    @quiet.setter
    def quiet(self, on):
        self.quieted.on = on

    def write(self, **record):
        self.put(json.dumps(record, separators=(",", ":"), default=str).encode("utf-8", "backslashreplace").decode() + "\n")

    def put(self, line):
        """A line of the trace that is JSON already."""
        if os.getpid() != self.owner or self.file.closed:
            return
        device = self.prints.device
        with self.lock:
            if device is None or not (self.held or device.waits(line)):
                self.file.write(line)
                return
            self.held.append(line)
            if device.full():
                self.settle()

    def settle(self):
        """What was computed on devices is read back, and the lines that waited for it are written. Once a step: it makes the script wait."""
        device = self.prints.device
        if device is None or os.getpid() != self.owner or self.file.closed:
            return
        with self.lock:
            self.silently(device.settle)
            if not device.waiting:
                held, self.held = self.held, []
                self.file.writelines(map(device.written, held))

    def alone(self):
        """A copy of this process, made by `fork`, writes nothing: neither lines of its own nor those that wait to be written."""

        def before():
            self.lock.acquire()
            if not self.file.closed:
                self.file.flush()

        def in_copy():
            self.file, self.held = open(os.devnull, "w", encoding="utf-8"), []
            self.lock.release()

        if hasattr(os, "register_at_fork"):
            os.register_at_fork(before=before, after_in_parent=self.lock.release, after_in_child=in_copy)

    # files

    def watch_files(self):
        ignored = tuple({os.path.abspath(sys.prefix), os.path.abspath(sys.base_prefix), "/dev", "/proc", "/sys", "/usr", "/etc", self.here[1]})
        traces = os.path.dirname(self.order["trace"])

        def known(path):
            """The path as a text that means the same in any folder; nothing where it is no file of the script's."""
            if self.quiet or os.getpid() != self.owner or not isinstance(path, (str, bytes)):
                return ""
            try:
                path = os.path.abspath(os.fsdecode(path))
            except OSError:
                return ""  # the working folder is gone
            return "" if path.startswith(ignored) or os.path.dirname(path) == traces or "__pycache__" in path or "site-packages" in path else path

        def opened(path, flags):
            access = flags & (os.O_RDONLY | os.O_WRONLY | os.O_RDWR)
            if access != os.O_WRONLY and not flags & os.O_TRUNC:
                self.reads(path)
            if access != os.O_RDONLY:
                self.writes(path, adds=flags & os.O_APPEND)

        def hook(event, details):
            if event == "open":
                path = known(details[0])
                if path:
                    opened(path, details[2] or 0)
            elif event == "os.rename":
                path, other = known(details[0]), known(details[1])
                if path in self.written and other:
                    self.writes(other)
            elif event in _STARTS and os.getpid() == self.owner:
                self.spawned.audited(event, details)
            elif event == "os.exec" and os.getpid() == self.owner:
                self.end("exec", 0)

        sys.addaudithook(hook)

    def named(self, path):
        """A file as it is called from where the script was started."""
        return os.path.relpath(path, self.order.get("start", self.order["cwd"]))

    def reads(self, path):
        """What it wrote before it read it is its own."""
        if path not in self.written:
            self.read.setdefault(path, None)

    def writes(self, path, *, adds=False):
        """From which byte on a file is its own: what it adds to one that was there, or all of it."""
        if path not in self.written:
            try:
                size = os.path.getsize(path)
            except OSError:
                size = 0
                self.created.append(path)
            self.written[path] = size if adds else 0

    def watch_threads(self):
        """Threads that the script's own code starts, itself or by a pool, and not those of libraries."""
        original, tracer = threading.Thread.start, self

        def start(thread):
            frame = sys._getframe(1)
            while frame is not None and frame.f_code.co_filename.startswith(_THREADS):
                frame = frame.f_back
            if frame is not None and tracer.own(frame.f_code.co_filename) and os.getpid() == tracer.owner:
                tracer.threads.append(thread.name)
            return original(thread)

        threading.Thread.start = _like(original, start)

    # torch

    def torch_came(self, torch):
        from torch.optim import optimizer as module

        self.streams()
        self.write(kind="torch", version=torch.__version__, threads=torch.get_num_threads(), cuda=bool(torch.version.cuda or torch.version.hip))
        self.silently(self.watch_cuda, torch)
        module.register_optimizer_step_pre_hook(self.before_step)
        module.register_optimizer_step_post_hook(self.after_step)
        self.watch_making(torch.optim.Optimizer)
        self.watch_backward(torch)
        self.watch_paths(torch, "save", 1, self.writes)
        self.watch_paths(torch, "load", 0, self.reads)
        if self.draws is not None:
            self.silently(self.draws.torch_came, torch)
        if self.standing is not None:
            self.silently(self.standing.torch_came, torch)
        if self.loading is not None:
            self.silently(self.loading.torch_came, torch)
        if self.reached() in self.order.get("ops", ()):
            self.start_ops(torch)

    def watch_cuda(self, torch):
        """The CUDA stream as it comes up, before anything seeds it. To ask for it earlier would bring it up, and fix which GPUs the script sees."""

        def came():
            if os.getpid() == self.owner:
                self.untouched["cuda"] = self.cuda_state(torch)

        torch.cuda._lazy_call(lambda: self.silently(came))

    def cuda_state(self, torch):
        return self.prints.hash(b"".join(one.get_state().numpy().tobytes() for one in torch.cuda.default_generators))

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
                loss = tensors if not isinstance(tensors, (list, tuple)) or len(tensors) != 1 else tensors[0]
                if tracer.call() and isinstance(loss, torch.Tensor):
                    tracer.devices.add(loss.device.type)
                if tracer.loading is not None:
                    tracer.loading.trained()
                tracer.losses.append(tracer.silently(tracer.printed_one, "loss", tracer.moment(), len(tracer.losses) + 1, loss))
            return original(tensors, *args, **kwargs)

        torch.autograd.backward = backward

    def watch_paths(self, owner, name, position, seen):
        """Files that are opened outside of Python."""
        original, tracer = getattr(owner, name), self

        def watched(*args, **kwargs):
            path = args[position] if len(args) > position else kwargs.get("f")
            if isinstance(path, (str, os.PathLike)) and os.getpid() == tracer.owner:
                tracer.silently(seen, os.path.abspath(os.fsdecode(path)))
            return original(*args, **kwargs)

        setattr(owner, name, _like(original, watched))

    def loader_came(self, module):
        tracer, kind = self, module._BaseDataLoaderIter
        original = kind.__next__

        def following(iterator):
            batch = original(iterator)
            if os.getpid() == tracer.owner:
                tracer.batches.append(tracer.silently(tracer.printed_one, "batch", tracer.moment(), len(tracer.batches) + 1, batch))
                if tracer.rank is not None:
                    tracer.rank.lives()
            return batch

        kind.__next__ = following
        if self.lines is not None:
            self.lines.watch_workers(module)
        if self.draws is not None:
            self.draws.loader_came(module)
        if self.loading is not None:
            self.silently(self.loading.loader_came, module)

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
        modules = [module for module in modules if type(module).__name__ != "OptimizedModule"]  # what `torch.compile` wraps keeps its names
        inside = {id(child) for module in modules for child in module.children()}
        alike = _kept_alike(modules)
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
        self.synced += [self.names[found] for found in alike & wanted]

    def each_parameter(self, optimizer):
        for group in optimizer.param_groups:
            for parameter in group["params"]:
                yield self.names.get(id(parameter), "?"), parameter

    def before_step(self, optimizer, args, kwargs):
        if os.getpid() != self.owner or self.ended:
            return
        if self.standing is not None and not self.order.get("calls"):
            self.silently(self.standing.look)
        if self.enough(optimizer):
            self.stop()
        self.silently(self._before_step, optimizer)
        if self.standing is not None and not self.order.get("calls"):
            self.silently(self.standing.stand_now)
        if self.draws is not None:
            self.draws.tell("before_step")

    def _before_step(self, optimizer):
        if id(optimizer) not in self.counts:
            self.optimizers.append(optimizer)  # kept alive: its id stays its own
            self.counts[id(optimizer)] = 0
            self.name_parameters(optimizer)
            self.write(
                kind="init", optimizer=self.label(optimizer), where=self.where(), call=self.call(),
                devices=sorted({found.device.type for _, found in self.each_parameter(optimizer)}),
                parameters=self.printed("initial parameters", self.label(optimizer), self.each_parameter(optimizer)), streams=self.streams(),
                **({"synced": self.synced} if self.rank is not None else {}),
            )  # fmt: skip
        given = ((name, found.grad) for name, found in self.each_parameter(optimizer) if found.grad is not None)
        self.gradients = self.printed("gradients", self.done + 1, given)

    def after_step(self, optimizer, args, kwargs):
        if os.getpid() != self.owner or self.ended:
            return
        if self.draws is not None:
            self.draws.tell("after_step")
        self.silently(self._after_step, optimizer)

    def _after_step(self, optimizer):
        self.counts[id(optimizer)] += 1
        self.done += 1
        at = self.done
        held = ((f"{name} {key}", value) for name, found in self.each_parameter(optimizer) for key, value in optimizer.state.get(found, {}).items())
        state = self.printed("optimizer state", at, held)
        rates = {f"group {number} {key}": repr(group[key]) for number, group in enumerate(optimizer.param_groups) for key in ("lr", "weight_decay", "momentum") if isinstance(group.get(key), (int, float))}
        self.write(
            kind="step", number=at, step=self.counts[id(optimizer)], optimizer=self.label(optimizer), where=self.where(), call=self.call(),
            batch=self.batches, loss=self.losses, gradients=getattr(self, "gradients", {}),
            parameters=self.printed("parameters", at, self.each_parameter(optimizer)),
            buffers=self.printed("buffers", at, ((f"{type(root).__name__}.{name}", found) for root in self.roots for name, found in root.named_buffers())),
            state=state | rates, streams=self.streams(),
        )  # fmt: skip
        self.settle()
        self.batches, self.losses = [], []
        if self.rank is not None:
            self.rank.lives()
        if not self.order.get("calls"):
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
            if torch.cuda.is_initialized() and not torch.cuda.is_current_stream_capturing():
                found["cuda"] = self.cuda_state(torch)
        return found

    def where(self, frame=None):
        """The script's own line that is running: the innermost frame outside of libraries."""
        frame = frame or sys._getframe(1)
        while frame is not None:
            code = frame.f_code
            path = self.named_files.get(code.co_filename)
            if path is None:
                path = self.named_files[code.co_filename] = os.path.relpath(code.co_filename, self.order["cwd"]) if self.own(code.co_filename) else ""
            if path:
                _, lines = self.places.setdefault(id(code), (code, {}))  # with the code itself, so that its number stays its own
                found = lines.get(frame.f_lasti)
                if found is None:
                    found = lines[frame.f_lasti] = f"{path}:{frame.f_lineno}"
                return found
            frame = frame.f_back
        return ""

    def waits(self):
        """The line on which the script waits while a device computes gradients, in a thread that has no lines of the script's."""
        frame = sys._current_frames().get(threading.main_thread().ident)
        return self.where(frame) if frame is not None and threading.current_thread() is not threading.main_thread() else ""

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
        self.mode = _beside("operations").mode(self, torch, _beside("unwritten").Unwritten)
        self.mode.__enter__()

    def reached(self):
        """The steps that are over: of optimizers, or calls where a step is a call."""
        return self.over if self.order.get("calls") else self.done

    def switch_ops(self):
        """Operations of step N are those after step N - 1 was taken."""
        wanted = self.reached() in self.order.get("ops", ())
        if wanted and self.mode is None:
            self.start_ops(sys.modules["torch"])
        elif not wanted and self.mode is not None:
            self.mode.__exit__(None, None, None)
            self.mode = None
        elif self.mode is not None:
            self.mode.next_step()

    # splits, which ranks have to agree about

    def dataset_came(self, module):
        self.watch_split(module, "random_split", lambda dataset, *_: str(len(dataset)), lambda parts: [list(part.indices) for part in parts])

    def selection_came(self, module):
        self.watch_split(module, "train_test_split", lambda *arrays: self.prints.of(arrays), lambda parts: parts)

    def watch_split(self, module, name, of, what):
        """Write down what is split, and how, as fingerprints."""
        original, tracer = getattr(module, name), self

        def told(args, dataset, parts):
            value = tracer.prints.hash(tracer.prints.now(tracer.prints.of(what(parts))).encode())
            tracer.write(kind="split", name=name, where=tracer.where(), of=of(*(args or (dataset,))), value=value)

        def splitting(*args, **kwargs):
            parts = original(*args, **kwargs)
            if os.getpid() == tracer.owner:
                tracer.silently(told, args, kwargs.get("dataset"), parts)
            return parts

        setattr(module, name, _like(original, splitting))

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
                tracer.result(f"{type(estimator).__name__}.{name}", result, tracer.where())
            return result

        setattr(owner, name, _like(original, scored))

    def fitted(self, estimator, method):
        if os.getpid() != self.owner or threading.current_thread() is not threading.main_thread():
            return
        learned = {name: value for name, value in sorted(vars(estimator).items()) if name.endswith("_") and not name.startswith("_") and "_time" not in name}
        self.result(f"{type(estimator).__name__}.{method}", learned, self.where())

    def record(self, name, value):
        self.result(str(name), value, self.where())

    def result(self, name, value, where):
        self.numbers["value"] += 1
        found = self.silently(self.printed_one, "result", self.numbers["value"], name, value)
        self.write(kind="value", name=name, where=where, value=found, call=self.call())

    # values as they are

    def printed(self, kind, at, named):
        """Fingerprints by name; the values themselves are kept where that was asked for."""
        return {name: self.printed_one(kind, at, name, value) for name, value in named}

    def printed_one(self, kind, at, name, value):
        keep = self.order.get("keep")
        if keep and keep.get("kind") == kind and keep["at"] == str(at) and str(name) in keep["names"]:
            self.silently(self.keep, "state", str(name), value)
        return self.prints.of(value)

    def keep(self, place, name, value):
        """Write a value's elements to files of their own, as far as there is room."""
        for path, leaf in _leaves(value):
            told = {"kind": "kept", "place": place, "name": name + path, "dtype": "", "shape": [], "file": "", "note": ""}
            try:
                told |= _about(leaf)
                size = told.pop("size")
                if size > self.room:
                    told["note"] = f"its {size:,} bytes are more than is kept"
                else:
                    self.numbers["kept"] = self.numbers.get("kept", 0) + 1
                    told["file"] = f"{self.numbers['kept']}.bin"
                    with open(os.path.join(self.order["keep"]["folder"], told["file"]), "wb") as file:
                        file.write(_elements(leaf))
                    self.room -= size
            except Exception as error:
                told |= {"file": "", "note": f"not kept: {type(error).__name__}: {str(error)[:60]}"}
            self.write(**told)

    # steps that are called

    def call(self):
        """The call that is running, from 1, where a step is a call; what comes before the first one belongs to it."""
        return self.over + 1 if self.order.get("calls") else 0

    def moment(self):
        """Before which step of an optimizer, and in which call; a call begins its counts of batches and losses anew."""
        return f"{self.done + 1} in call {self.call()}" if self.call() else str(self.done + 1)

    def take(self, step, name, where):
        """Run one step and write down what it returns, and what went into `backward` or came from a loader and no optimizer used."""
        if self.draws is not None and not self.over:
            self.draws.tell("start")
        if self.standing is not None:
            self.silently(self.standing.stand_now)
        result = step()
        if inspect.isawaitable(result):
            if inspect.iscoroutine(result):
                result.close()
            raise Unsuitable(f"{name} returns {type(result).__name__}, which never runs: a step is no `async` function")
        for kind, found in (("batch", self.batches), ("loss", self.losses)):
            for number, value in enumerate(found, 1):
                self.write(kind="value", name=str(number), where=where, value=value, call=self.call(), part=kind)
        self.batches, self.losses = [], []
        for path, leaf in _leaves(result):
            if leaf is not None:
                self.devices.update([leaf.device.type] if hasattr(getattr(leaf, "device", None), "type") else [])
                self.result(f"{name}{path}", leaf, where)
        self.over += 1
        self.settle()
        self.switch_ops()
        place = self.standing.place_for(self.over) if self.standing is not None else ""
        if place:
            _keeper(self.order, "save", self)(place)
            self.standing.calls_saved(place)

    # the end

    def enough(self, optimizer):
        """Whether every optimizer has taken the steps that were asked for, or one so many that the others may never."""
        if self.order.get("calls") or self.loading is not None:
            return False
        if self.standing is not None:
            return self.standing.enough()
        taken, steps = self.counts.get(id(optimizer), 0), self.order["steps"]
        others = [self.counts.get(id(found), 0) for reference in self.made if (found := reference()) is not None]
        return taken >= steps and (min(others, default=steps) >= steps or taken >= PATIENCE * steps)

    def stop(self):
        """Leave at once: the script's own handlers would take an exception for a failure."""
        self.end("steps", 0)
        _flush()
        if self.rank is not None:
            self.rank.wait()
        os._exit(0)  # the trace has its end: this is no exit of the script's own

    def hardware(self):
        """The GPUs that the script used, and what drives them; nothing where it used none."""
        torch = sys.modules.get("torch")
        return _beside("ondevice").hardware(torch) if torch is not None and torch.cuda.is_initialized() else {}

    def end(self, reason, code, problem=""):
        if self.ended or os.getpid() != self.owner:
            return
        if self.draws is not None:
            self.draws.tell("end")
        if self.standing is not None:
            self.silently(self.standing.end)
        self.settle()
        if self.loading is not None:
            self.silently(self.loading.end)
        self.quiet = True
        if self.mode is not None:
            self.mode.__exit__(None, None, None)
        streams = self.streams()
        files = {self.named(path): _content(path, self.order.get("clock_fields", ""), start) for path, start in self.written.items()}
        self.write(
            kind="end", reason=reason, code=code, steps=self.done, streams=streams, files={path: found for path, found in files.items() if found},
            opened=sorted(self.named(path) for path in self.read), unhashed=self.prints.unknown,
            threads=self.threads, notes=self.notes, processes=self.processes, outside=self.outside,
            created=sorted(self.named(path) for path in self.created if os.path.exists(path)),
            varied=self.world.noted() if self.world is not None else {}, calls=self.over, devices=sorted(self.devices), problem=problem,
            **(self.silently(self.hardware) or {}),
        )  # fmt: skip
        if self.held:
            self.prints.device.give_up()
            self.file.writelines(map(self.prints.device.written, self.held))
        self.ended = True
        self.file.close()
        if self.lines is not None:
            self.lines.end()
        if self.rank is not None:
            self.rank.ends(reason)


def _kept_alike(modules):
    """The parameters that `DistributedDataParallel` keeps alike on all ranks, as far as it is there, by their ids."""
    module = sys.modules.get("torch.nn.parallel.distributed")
    found = set()
    for one in modules if module is not None else ():
        if isinstance(one, module.DistributedDataParallel):
            apart = getattr(one, "parameters_to_ignore", ())
            found |= {id(parameter) for name, parameter in one.module.named_parameters() if name not in apart}
    return found


def _content(path, clock_fields, start):
    """What is in a file from that byte on; of a text without the dates, times and durations in it."""
    try:
        size = os.path.getsize(path)
        if size - start > LARGEST:
            return f"{size - start} bytes"
        with open(path, "rb") as file:
            file.seek(start if start <= size else 0)
            data = file.read()
        if clock_fields and size < TEXT:
            with contextlib.suppress(UnicodeDecodeError):
                data = re.sub(clock_fields, "", data.decode(), flags=re.VERBOSE).encode()
        return hashlib.blake2b(data, digest_size=8).hexdigest()
    except OSError:
        return ""


# -- values --------------------------------------------------------------------------------------------------------


def _leaves(value, path="", depth=0):
    """The parts of a value that have no parts of their own, each with its path as Python writes it."""
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.nn.Module):
        value = value.state_dict()
    if depth >= DEEPEST:
        yield path, value
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from _leaves(part, f"{path}[{key!r:.60}]", depth + 1)
    elif isinstance(value, tuple) and hasattr(value, "_fields"):
        for name, part in zip(value._fields, value, strict=False):
            yield from _leaves(part, f"{path}.{name}", depth + 1)
    elif isinstance(value, (list, tuple)):
        for number, part in enumerate(value):
            yield from _leaves(part, f"{path}[{number}]", depth + 1)
    elif hasattr(type(value), "__dataclass_fields__"):
        for name in value.__dataclass_fields__:
            yield from _leaves(getattr(value, name, None), f"{path}.{name}", depth + 1)
    else:
        yield path, value


def _about(leaf):
    """Type, shape and size in bytes of a value that can be kept."""
    torch, numpy = sys.modules.get("torch"), sys.modules.get("numpy")
    if torch is not None and isinstance(leaf, torch.Tensor):
        quantized = leaf.layout is torch.strided and leaf.is_quantized
        size = leaf.numel() * leaf.element_size()
        return {"dtype": "uint8" if quantized else str(leaf.dtype).removeprefix("torch."), "shape": list(leaf.shape), "size": size}
    if numpy is not None and isinstance(leaf, (numpy.ndarray, numpy.generic)):
        if leaf.dtype.hasobject or leaf.dtype.kind not in "biufc":
            raise TypeError(f"an array of {leaf.dtype}")
        return {"dtype": str(leaf.dtype.newbyteorder("=")), "shape": list(leaf.shape), "size": leaf.nbytes}
    if isinstance(leaf, (bool, int, float, complex)):
        return {"dtype": type(leaf).__name__, "shape": [], "size": 64}
    raise TypeError(f"a value of type {type(leaf).__name__}")


def _elements(leaf):
    """The elements in logical order, as bytes; of a number of Python that may be of any size its text."""
    torch, numpy = sys.modules.get("torch"), sys.modules.get("numpy")
    if torch is not None and isinstance(leaf, torch.Tensor):
        with torch.no_grad():
            value = leaf.detach()
            if value.layout is not torch.strided:
                value = value.to_dense()
            if value.is_quantized:
                value = value.int_repr()
            value = value.resolve_conj().resolve_neg()
            flat = value.cpu().contiguous().reshape(-1)
            if not flat.numel():
                return b""
            flat = flat.as_strided(flat.shape, (1,))
            return memoryview((torch.view_as_real(flat).reshape(-1) if flat.is_complex() else flat).view(torch.uint8).numpy())
    if numpy is not None and isinstance(leaf, (numpy.ndarray, numpy.generic)):
        value = numpy.asarray(leaf)
        return numpy.ascontiguousarray(value.astype(value.dtype.newbyteorder("="), copy=False)).tobytes()
    return bytes([leaf]) if isinstance(leaf, bool) else repr(leaf).encode()


def _like(original, function):
    import functools

    return functools.update_wrapper(function, original)


def _lines(order):
    """What notes the lines that run: only a run that is asked for them loads it."""
    return _beside("lines").Lines(order["path"], order["wanted"])


_STDLIB = os.path.dirname(os.__file__)
_STARTS = {"subprocess.Popen", "os.fork", "os.posix_spawn", "os.system"}
_THREADS = (threading.__file__, os.path.join(_STDLIB, "concurrent", "futures"))


def _flush():
    """What was printed goes out; the script may have closed where it goes."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()


def _beside(name):
    """A file beside this one, under a name that no script uses."""
    spec = importlib.util.spec_from_file_location(f"__reprolint_{name}__", os.path.join(os.path.dirname(os.path.abspath(__file__)), f"{name}.py"))
    found = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


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


def _run_module(name, argv, cwd, path=()):
    sys.argv = [name, *argv]
    if not path:
        sys.path[0] = cwd
    runpy.run_module(name, run_name="__main__", alter_sys=True)


class Unsuitable(Exception):
    """What the target names cannot be run as steps: said in one line."""


def _module_of(name, file, said, tracer):
    """The module of a factory, by its name; from its file where its name leads elsewhere."""
    try:
        try:
            spec = importlib.util.find_spec(name)
        except (ModuleNotFoundError, ValueError):
            spec = None
        if not file or (spec is not None and spec.origin and os.path.exists(spec.origin) and os.path.samefile(spec.origin, file)):
            return importlib.import_module(name)
        name = f"{name}_" if name in sys.modules else name
        spec = importlib.util.spec_from_file_location(name, file)
        sys.modules[name] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    except Exception as error:
        if isinstance(error, ModuleNotFoundError) and error.name and f"{name}.".startswith(f"{error.name}."):
            raise Unsuitable(f"`{said}`: there is no module {error.name} here: the folder that it is in has to be the current one, or in PYTHONPATH") from None
        lines = [f'File "{frame.filename}", line {frame.lineno}' for frame in traceback.extract_tb(error.__traceback__)]
        place = tracer.own_line(lines)
        raise Unsuitable(f"`{said}`: importing it failed: {type(error).__name__}: {' '.join(str(error).split())}" + (f" ({place})" if place else "")) from None
    return module


def _close(name, owner):
    import difflib

    close = difflib.get_close_matches(name, [found for found in dir(owner) if not found.startswith("_")], n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _article(value):
    kind = type(value).__name__
    return "nothing" if value is None else f"{'an' if kind[:1].lower() in 'aeiou' else 'a'} {kind}"


def _without_arguments(function, said, called):
    """Raises `Unsuitable` if a function cannot be called without arguments."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return
    kinds = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    wanted = [name for name, found in signature.parameters.items() if found.default is found.empty and found.kind not in kinds]
    if wanted:
        raise Unsuitable(f"{said} needs {'an argument' if len(wanted) == 1 else 'arguments'} ({', '.join(wanted)}) {called}")


def _line_of(function, tracer):
    """The line on which a function begins, if it is the user's own."""
    function = inspect.unwrap(function)
    code = getattr(getattr(function, "__func__", function), "__code__", None) or getattr(vars(type(function)).get("__call__"), "__code__", None)
    return tracer.own_line([f'File "{code.co_filename}", line {code.co_firstlineno}']) if code is not None else ""


def _run_factory(order, tracer):
    """Call the factory once, and the step that it makes as often as asked for."""
    main = types.ModuleType("__main__")
    main.__builtins__ = builtins
    sys.modules["__main__"] = main
    said = order["said"]
    sys.argv = [said, *order.get("argv", [])]
    if not order.get("path"):
        sys.path[0] = os.path.dirname(os.path.abspath(order["file"])) if order.get("file") else order["cwd"]
    module = _module_of(order["module"], order.get("file", ""), said, tracer)
    factory = module
    for name in order["factory"].split("."):
        if not hasattr(factory, name):
            raise Unsuitable(f"`{said}`: there is no {name} in {order.get('file') or order['module']}{_close(name, factory)}")
        factory = getattr(factory, name)
    name = order["factory"]
    if not callable(factory):
        raise Unsuitable(f"`{said}`: {name} is {_article(factory)}, not a function")
    _without_arguments(factory, f"`{said}`: {name}", "and is called with none")
    where = _line_of(factory, tracer)
    step = factory()
    if tracer.standing is not None:
        tracer.made_step = step
        if order["standing"].get("load"):
            _keeper(order, "load", tracer)(order["standing"]["load"])
    if hasattr(step, "__next__"):
        with contextlib.suppress(StopIteration):
            for _ in range(order["steps"]):
                tracer.take(step.__next__, f"next({name}())", where)
    elif callable(step) and not isinstance(step, type):
        _without_arguments(step, f"`{said}`: the step that {name} returns", "and is called with none")
        where = _line_of(step, tracer) or where
        label = getattr(step, "__name__", type(step).__name__).replace("<lambda>", "step") + "()"
        for _ in range(order["steps"]):
            tracer.take(step, label, where)
    else:
        raise Unsuitable(f"`{said}`: {name} returned {_article(step)}: it has to return a function that runs one step, or an iterator of results")


def _keeper(order, what, tracer):
    """What saves or loads steps: a method of what the factory returned, or a function that is given it first."""
    told, said = order["standing"]["keepers"][what], order["said"]
    if not told.get("module"):
        keeper = getattr(tracer.made_step, told["name"], None)
        if not callable(keeper):
            raise Unsuitable(f"`{said}`: {_article(tracer.made_step)}, which the factory returns, has no method {told['name']}: {what}=… names one, or is a function")
        return keeper
    found = _module_of(told["module"], told["file"], said, tracer)
    for name in told["name"].split("."):
        found = getattr(found, name)
    return lambda path: found(tracer.made_step, path)


def _left(order, code):
    """How a run ended that asked to: steps that leave the process are over before they were compared."""
    if order.get("factory"):
        return "unsuitable", code, f"`{order['said']}`: a step, or what makes it, leaves the process with exit code {code}"
    return "exit", code, ""


def _awaited(tracer):
    """By module: what is to be done once it was imported."""
    wanted = {
        "torch": tracer.torch_came, "numpy": lambda _: tracer.streams(), "torch.utils.data.dataloader": tracer.loader_came,
        "sklearn.base": tracer.estimators_came,
    }  # fmt: skip
    if tracer.rank is not None:
        wanted |= {"torch.utils.data.dataset": tracer.dataset_came, "sklearn.model_selection._split": tracer.selection_came}
    for beside in (tracer.draws, tracer.standing, tracer.loading):  # one at most
        if beside is not None:
            wanted["numpy.random"] = lambda module, beside=beside: tracer.silently(beside.numpy_came, module)
    return wanted


def run(order):
    """Run what the order says; the exit code that the script would have had."""
    if order.get("path"):
        sys.path[:] = order["path"]
    if order.get("where"):
        with contextlib.suppress(Exception):
            faulthandler.register(order["where"], file=os.fdopen(os.dup(2), "w"))
    world = _beside("world")
    changed = world.change(order.get("world", {}))
    tracer = Tracer(order)
    tracer.world = world
    sys.modules["__reprolint_tracer__"] = tracer
    tracer.watch_files()
    tracer.watch_threads()
    wanted = _awaited(tracer) | tracer.spawned.install()
    for name, change in changed.items():
        wanted[name] = lambda module, then=wanted[name], change=change: (tracer.silently(change, module), then(module))
    for name in [name for name in wanted if name in sys.modules]:  # a site may import it before anything runs
        wanted.pop(name)(sys.modules[name])
    sys.meta_path.insert(0, Watch(wanted))
    leave = os._exit

    def leaving(code):
        tracer.end(*_left(order, code))
        leave(code)

    os._exit = leaving
    reason, code, problem = "exit", 0, ""
    if tracer.lines is not None:
        tracer.lines.start()
    try:
        if order.get("factory"):
            _run_factory(order, tracer)
        elif order.get("module"):
            _run_module(order["module"], order.get("argv", []), order["cwd"], order.get("path"))
        else:
            _run_script(order["script"], order.get("argv", []))
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else 0 if left.code is None else 1
        if left.code is not None and not isinstance(left.code, int):
            print(left.code, file=sys.stderr)
        reason, code, problem = _left(order, code)
    except Unsuitable as error:
        reason, code, problem = "unsuitable", 2, str(error)
    except BaseException:
        lines = traceback.format_exc().splitlines(keepends=True)
        own = [n for n, line in enumerate(lines) if f'File "{os.path.abspath(__file__)}"' in line]
        sys.stderr.write("".join([lines[0], *lines[own[-1] + 2 :]] if own else lines))
        reason, code, problem = "error", 1, " ".join(lines[-1].split())[:200] if tracer.rank is not None else ""  # what ranks say on stderr is mixed
    _finish(tracer)
    tracer.end(reason, code, problem)
    return code


def _finish(tracer):
    """What the interpreter does once a script is over, while it is still watched: it waits for threads and calls what asked to be called."""
    if tracer.rank is not None:
        tracer.rank.leaves()
    with contextlib.suppress(Exception):
        threading._shutdown()
    with contextlib.suppress(Exception):
        atexit._run_exitfuncs()


if __name__ == "__main__":
    with open(sys.argv[-1], encoding="utf-8") as _file:
        _order = json.load(_file)
    if _order.get("ranks"):
        _order["rank"] = _beside("rank").Rank(_order, sys.argv[1:-1])
    _code = run(_order)
    _flush()
    sys.exit(_code)
