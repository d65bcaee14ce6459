"""Runs a script as `__main__` in a process of its own and writes down what it computes: the only file here that knows torch.

Started by the parent as `python tracer.py ORDER`, in the environment of the script, so it needs nothing but the standard
library, and torch, numpy, scikit-learn and xxhash only if the script has them. It is a file of its own for that reason.

ORDER is a JSON file: what to run (`script` or `module`, `argv`), `steps` to watch, `trace` to write to, `shuffle` (listings
come in another order), `shift` (seconds added to the clock), `ops` (steps of which every operation is written down).
A trace is lines of JSON; one that does not end with a line of kind `end` was broken off.
"""

from __future__ import annotations

import builtins
import hashlib
import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import pickle
import random
import runpy
import sys
import threading
import time
import traceback
import types
import zlib

SCHEMA = 1
LARGEST = 1 << 28
"""Bytes: a written file above this is known by its size alone."""
DEEPEST = 6
"""Containers within containers that are looked into."""
LONGEST = 80
"""Characters of a text that stand in a trace as they are."""


class Enough(BaseException):
    """Raised in the script once the steps that were asked for are done."""


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
            return "{" + ",".join(f"{key}:{self.of(part, depth + 1)}" for key, part in value.items()) + "}"
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

        head = f"{str(value.dtype).removeprefix('torch.')}{list(value.shape)}"
        try:
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
        except (RuntimeError, TypeError, NotImplementedError) as error:
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
        self.stopping = False
        self.mode = None
        self.written = {}
        self.read = {}
        self.untouched = {}
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
            self.file.write(json.dumps(record, separators=(",", ":"), default=str) + "\n")

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

        sys.addaudithook(hook)

    # torch

    def torch_came(self, torch):
        from torch.optim import optimizer as module

        self.streams()
        self.write(kind="torch", version=torch.__version__, threads=torch.get_num_threads(), cuda=bool(torch.cuda.is_available()))
        module.register_optimizer_step_pre_hook(self.before_step)
        module.register_optimizer_step_post_hook(self.after_step)
        self.watch_backward(torch)
        if 0 in self.order.get("ops", ()):
            self.start_ops(torch)

    def watch_backward(self, torch):
        tracer, original = self, torch.autograd.backward

        def backward(tensors, *args, **kwargs):
            if not tracer.quiet and threading.current_thread() is threading.main_thread():
                tracer.losses.append(tracer.silently(tracer.prints.of, tensors if not isinstance(tensors, (list, tuple)) or len(tensors) != 1 else tensors[0]))
            return original(tensors, *args, **kwargs)

        torch.autograd.backward = backward

    def loader_came(self, module):
        tracer = self
        for name in ("_BaseDataLoaderIter",):
            kind = getattr(module, name, None)
            if kind is None:
                continue
            original = kind.__next__

            def following(iterator, original=original):
                batch = original(iterator)
                if os.getpid() == tracer.owner:
                    tracer.batches.append(tracer.silently(tracer.prints.of, batch))
                return batch

            kind.__next__ = following

    def silently(self, function, *args):
        before, self.quiet = self.quiet, True
        try:
            return function(*args)
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
        if self.counts.get(id(optimizer), 0) >= self.order["steps"]:
            self.stop()
        self.silently(self._before_step, optimizer)

    def _before_step(self, optimizer):
        if id(optimizer) not in self.counts:
            self.optimizers.append(optimizer)  # kept alive: its id stays its own
            self.counts[id(optimizer)] = 0
            self.name_parameters(optimizer)
            self.write(
                kind="init", optimizer=self.label(optimizer), where=self.where(),
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
            kind="step", step=self.counts[id(optimizer)], optimizer=self.label(optimizer), where=self.where(),
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
        now = self.states()
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
            if not path.startswith(self.here) and not path.startswith("<") and "site-packages" not in path and not path.startswith(_STDLIB):
                return f"{os.path.relpath(path, self.order['cwd'])}:{frame.f_lineno}"
            frame = frame.f_back
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
        learned = {name: self.prints.of(value) for name, value in sorted(vars(estimator).items()) if name.endswith("_") and not name.startswith("_")}
        self.write(kind="value", name=f"{type(estimator).__name__}.{method}", where=self.where(), value=self.prints.of(learned))

    def record(self, name, value):
        self.write(kind="value", name=str(name), where=self.where(), value=self.prints.of(value))

    # the end

    def stop(self):
        """Leave the script after the steps that were asked for; a script that swallows that is left at once."""
        if self.stopping:
            self.end("steps", 0)
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(0)
        self.stopping = True
        raise Enough

    def end(self, reason, code):
        if self.ended or os.getpid() != self.owner:
            return
        self.quiet = True
        if self.mode is not None:
            self.mode.__exit__(None, None, None)
        streams = self.streams()
        files = {os.path.relpath(path, self.order["cwd"]): _content(path) for path in self.written}
        self.write(
            kind="end", reason=reason, code=code, steps=self.done, streams=streams, files={path: found for path, found in files.items() if found},
            opened=sorted(os.path.relpath(path, self.order["cwd"]) for path in self.read), unhashed=self.prints.unknown,
            threads=[thread.name for thread in threading.enumerate() if thread is not threading.main_thread()], notes=self.notes,
        )  # fmt: skip
        self.ended = True
        self.file.close()


def _content(path):
    try:
        size = os.path.getsize(path)
        if size > LARGEST:
            return f"{size} bytes"
        with open(path, "rb") as file:
            return hashlib.blake2b(file.read(), digest_size=8).hexdigest()
    except OSError:
        return ""


def _like(original, function):
    import functools

    return functools.update_wrapper(function, original)


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


def _own_line(self, lines):
    for line in reversed(lines):
        path, _, rest = line.strip().removeprefix('File "').partition('", line ')
        if not path.startswith(self.here) and "site-packages" not in path and not path.startswith((_STDLIB, "<")):
            return f"{os.path.relpath(path, self.order['cwd'])}:{rest.split(',')[0]}"
    return ""


Tracer.own_line = _own_line


# -- imports and the run -------------------------------------------------------------------------------------------


class Watch(importlib.abc.MetaPathFinder):
    """Tells the tracer when a module that it watches was imported, so that nothing is imported for its sake."""

    def __init__(self, wanted):
        self.wanted = wanted

    def find_spec(self, name, path=None, target=None):
        then = self.wanted.pop(name, None)
        if then is None:
            return None
        spec = importlib.util.find_spec(name) if "." not in name else importlib.machinery.PathFinder.find_spec(name, path)
        if spec is None or spec.loader is None:
            return None
        original = spec.loader.exec_module

        def exec_module(module):
            original(module)
            then(module)

        spec.loader.exec_module = exec_module
        return spec


def _run_script(path, argv):
    path = os.path.abspath(path)
    with open(path, "rb") as file:
        source = file.read()
    sys.argv = [path, *argv]
    sys.path[0] = os.path.dirname(path)
    main = types.ModuleType("__main__")
    main.__file__ = path
    main.__builtins__ = builtins
    sys.modules["__main__"] = main
    exec(compile(source, path, "exec"), main.__dict__)


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
    sys.meta_path.insert(0, Watch({
        "torch": tracer.torch_came, "numpy": lambda _: tracer.streams(), "torch.utils.data.dataloader": tracer.loader_came, "sklearn.base": tracer.estimators_came,
    }))  # fmt: skip
    reason, code = "exit", 0
    try:
        if order.get("module"):
            _run_module(order["module"], order.get("argv", []))
        else:
            _run_script(order["script"], order.get("argv", []))
    except Enough:
        reason = "steps"
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else 0 if left.code is None else 1
        if isinstance(left.code, str):
            print(left.code, file=sys.stderr)
    except BaseException:
        if tracer.stopping:
            reason = "steps"
        else:
            lines = traceback.format_exc().splitlines(keepends=True)
            own = [n for n, line in enumerate(lines) if f'File "{os.path.abspath(__file__)}"' in line]
            sys.stderr.write("".join([lines[0], *lines[own[-1] + 2 :]] if own else lines))
            reason, code = "error", 1
    if tracer.stopping:
        reason, code = "steps", 0
    tracer.end(reason, code)
    return code


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as _file:
        _order = json.load(_file)
    _code = run(_order)
    sys.stdout.flush()
    sys.stderr.flush()
    sys.exit(_code)
