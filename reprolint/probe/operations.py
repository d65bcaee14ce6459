"""Writes down every operation of torch, with fingerprints of what goes in and comes out; part of the tracer, loaded for the steps that are asked for.

Needs nothing but the standard library and the torch that the script has. Memory is read once: a fingerprint is kept with the storage that
it was taken of until an operation writes to it, its version changes, or the step is over. What writes past torch's operations (numpy on the same memory,
a thread) may therefore be seen late, so that the one operation whose values are kept (`keep`) reads all that goes in afresh.
"""

from __future__ import annotations

import json
import threading

NODES = 1 << 17
"""Of how many nodes of gradients it is known on which line they were made."""
_NOTE = "_reprolint"
"""The attribute of a storage that says what is known of it: it lives as long as the storage does, and nothing lives longer because of it."""
SMALL = 1 << 12
"""Bytes: memory up to this size is read each time, as that takes no longer than to look whether it was read before."""
UNWRITTEN = "undefined"
"""Stands for a value in memory that nobody wrote, or not all of it."""
_UNKNOWN = object()


class Known:
    """Of one storage: what of it nobody has written since it was made, if anything, and fingerprints of its memory by address and size, of one step."""

    __slots__ = ("epoch", "loose", "prints", "unwritten")

    def __init__(self):
        self.epoch = 0
        self.unwritten = None
        self.loose = False  # something may write to it at any time
        self.prints = {}


class Plan:
    """What is known of an operation by its schema."""

    __slots__ = ("between", "draws", "empties", "foreign", "head", "name", "named", "outs", "rnn", "written")

    def __init__(self, func, torch):
        arguments = func._schema.arguments
        self.name = str(func)
        writes = [argument.alias_info is not None and argument.alias_info.is_write for argument in arguments]
        if "batch_norm" in self.name and "backward" not in self.name:  # its schema does not say so
            writes = [found or argument.name in {"running_mean", "running_var"} for found, argument in zip(writes, arguments, strict=True)]
        self.written = [number for number, found in enumerate(writes) if found]
        self.named = [argument.name for argument, found in zip(arguments, writes, strict=True) if found]
        self.outs = {argument.name for argument in arguments if argument.is_out}  # written, never read
        self.empties = "empty" in self.name
        self.rnn = "rnn" in self.name
        self.draws = torch.Tag.nondeterministic_seeded in func.tags
        self.between = self.name.startswith("c10d.")
        self.foreign = not self.name.startswith(("aten.", "prims."))  # may write to what its schema does not name
        self.head = json.dumps(self.name)


def _laid(shape, stride):
    """How the elements of a tensor lie in memory: how many lie side by side from its first one on, and in which order of its dimensions.

    None if there are gaps between them. A dimension along which memory is not walked is left out.
    """
    walked = sorted(((step, place) for place, (size, step) in enumerate(zip(shape, stride, strict=True)) if size > 1 and step), reverse=True)
    count = 1
    for step, place in reversed(walked):
        if step != count:
            return None
        count *= shape[place]
    order = [place for _, place in walked]
    spread = any(size > 1 and not step for size, step in zip(shape, stride, strict=True))
    return count, "@" + ".".join(map(str, order)) if spread or order != sorted(order) else ""


def _texts(texts):
    """A list of texts in JSON."""
    joined = '","'.join(texts)
    return f'["{joined}"]' if texts and joined.isascii() and "\\" not in joined else json.dumps(texts)


def mode(tracer, torch, unwritten):
    """A mode of torch that writes down every operation, until it is left; `unwritten` makes what is known of memory that nobody wrote."""
    from torch.utils._python_dispatch import TorchDispatchMode

    strided, uint8 = torch.strided, torch.uint8
    node_now, sequence = torch._C._current_autograd_node, getattr(torch._C._autograd, "_get_sequence_nr", lambda: 0)
    prints, numbers, keep = tracer.prints, tracer.numbers, tracer.order.get("keep") or {}
    main = threading.main_thread().ident
    tensor, number, several, other = range(4)
    kinds = dict.fromkeys((torch.Tensor, torch.nn.Parameter), tensor) | dict.fromkeys((int, float, bool, complex, torch.dtype), number) | dict.fromkeys((list, tuple, torch.Size), several)
    kinds |= dict.fromkeys((type(None), str, torch.device, torch.layout, torch.memory_format), other)
    plans, heads, layouts, lines, nodes = {}, {}, {}, {}, {}

    def gather(values, tensors, scalars):
        """Tensors and numbers in containers, in the order in which they are given."""
        for value in values:
            kind = kinds.get(type(value))
            if kind is tensor:
                tensors.append(value)
            elif kind is number:
                scalars.append(repr(value))
            elif kind is several:
                gather(value, tensors, scalars)
            elif kind is None:
                if isinstance(value, torch.Tensor):
                    tensors.append(value)
                elif isinstance(value, (int, float, bool, complex)):
                    scalars.append(repr(value))
                elif isinstance(value, (list, tuple)):
                    gather(value, tensors, scalars)
                elif isinstance(value, dict):
                    gather(value.values(), tensors, scalars)

    def about(leaf):
        """What is known of a tensor's storage; None if it has none."""
        if leaf.layout is not strided or leaf.is_meta:
            return None
        try:
            found = leaf.untyped_storage().__dict__
        except (NotImplementedError, RuntimeError):  # it stands for other tensors
            return None
        known = found.get(_NOTE)
        if known is None:
            known = found[_NOTE] = Known()
        return known

    class Operations(TorchDispatchMode):
        """Every operation with fingerprints of what went in and came out."""

        epoch = 1
        foreign_nodes = False

        @classmethod
        def ignore_compile_internals(cls):
            return True

        def next_step(self):
            """From here on memory is read afresh."""
            self.epoch += 1
            if len(nodes) > NODES:
                for old in list(nodes)[: -NODES // 2]:
                    del nodes[old]
            for cache in (heads, layouts):
                if len(cache) > NODES:
                    cache.clear()

        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            kwargs = kwargs or {}
            if tracer.quiet or tracer.ended:
                return func(*args, **kwargs)
            plan = plans.get(func)
            if plan is None:
                plan = plans[func] = Plan(func, torch)
            leaves, scalars = [], []
            gather(args, leaves, scalars)
            if kwargs:
                gather([value for key, value in kwargs.items() if key not in plan.outs] if plan.outs else kwargs.values(), leaves, scalars)
            if plan.between:
                return self.passed(plan, func, leaves, args, kwargs)
            keeps = keep.get("op") == numbers["op"] if keep else False
            inputs, stores = tracer.silently(self.read, leaves, keeps) or ([], ())
            if keeps:
                self.keep("input", leaves)
            result = func(*args, **kwargs)
            outputs, changed, none = [], [], []
            if result is not None:
                gather((result,), outputs, none)
            if plan.written:
                gather([args[n] for n in plan.written if n < len(args)], changed, none)
                gather([kwargs[name] for name in plan.named if name in kwargs], changed, none)
                outputs = [leaf for leaf in outputs if not any(leaf is one for one in changed)]
            printed = tracer.silently(self.wrote, plan, stores, leaves, outputs, changed, args) or []
            if keeps:
                self.keep("output", [*outputs, *changed])
            node = node_now()
            where = tracer.where() or (tracer.waits() if node is not None else "")
            forward = "" if node is None else nodes.get(node._sequence_nr(), "")
            if node is None or torch.is_grad_enabled():
                self.made(where)
            self.write(plan, where, forward, scalars, inputs, printed)
            return result

        def read(self, leaves, afresh):
            """Fingerprints of what goes in, and what is known of where it lies."""
            stores = [about(leaf) for leaf in leaves]
            if afresh:
                for known in stores:
                    if known is not None:
                        known.prints.clear()
            return [self.print(leaf, known) for leaf, known in zip(leaves, stores, strict=True)], {id(known) for known in stores}

        def wrote(self, plan, stores, leaves, outputs, changed, args):
            """Fingerprints of what came out and what was changed; what is known of the memory of these is renewed."""
            if plan.foreign:
                for leaf in leaves:
                    known = about(leaf)
                    if known is not None:
                        known.prints.clear()
            printed = []
            for leaf in outputs:
                known = about(leaf)
                empty = plan.empties or (plan.rnn and leaf.dtype is uint8)  # the workspace of these is not all written
                if known is not None and id(known) not in stores:  # a view of what nobody wrote is not written by it
                    known.prints.clear()
                    if empty:
                        known.unwritten = unwritten(torch)
                    else:
                        self.filled(plan, leaf, known, args)
                if not empty:
                    printed.append((leaf, known, 0))
            for leaf in changed:
                known = about(leaf)
                if known is not None:
                    known.prints.clear()
                    self.filled(plan, leaf, known, args)
                printed.append((leaf, known, 1))
            return [self.print(*one) for one in printed]

        def filled(self, plan, leaf, known, args):
            """A tensor was written, or a part of it."""
            if known.unwritten is not None and tracer.silently(known.unwritten.wrote, leaf, plan.name, args):
                known.unwritten = None

        def made(self, where):
            """The node that autograd has just made, if it did, computes the gradient of this line."""
            if threading.get_ident() != main:
                if torch.is_grad_enabled():  # other threads count nodes of their own: two may have the same number
                    self.foreign_nodes = True
                    nodes.clear()
            elif not self.foreign_nodes:
                nodes.setdefault(sequence() - 1, where)

        def write(self, plan, where, forward, scalars, inputs, outputs):
            numbers["op"] += 1
            said = lines.get(where)
            if said is None:
                said = lines[where] = json.dumps(where)
            after = '""' if not forward else lines.get(forward) or json.dumps(forward)
            tracer.put(
                f'{{"kind":"op","step":{tracer.reached() + 1},"op":{plan.head},"where":{said},"forward":{after},"draws":{"true" if plan.draws else "false"},'
                f'"scalars":{_texts(scalars)},"inputs":{_texts(inputs)},"outputs":{_texts(outputs)}}}\n'
            )

        def passed(self, plan, func, leaves, args, kwargs):
            """An operation between ranks, which is under way when it returns: what came of it is seen where it goes in next."""
            for leaf in leaves:
                known = about(leaf)
                if known is not None:
                    known.unwritten, known.loose = None, True
                    known.prints.clear()
            self.write(plan, tracer.where(), "", [], [], [])
            return func(*args, **kwargs)

        def keep(self, place, found):
            for nth, leaf in enumerate({id(leaf): leaf for leaf in found}.values(), 1):
                known = about(leaf)
                if known is None or known.unwritten is None or known.unwritten.known(leaf):
                    tracer.silently(tracer.keep, place, f"{place} {nth}", leaf)

        def print(self, leaf, known, more=0):
            """A fingerprint; `more`: by how much its version will have grown once the operation that wrote it is over."""
            if known is not None and known.unwritten is not None and not known.unwritten.known(leaf):
                return UNWRITTEN
            if known is None or not prints.plain(leaf):
                return prints.tensor(leaf)
            try:
                return self.plain(leaf, known, more)
            except ValueError:  # its memory was taken away
                return prints.tensor(leaf)

        def plain(self, leaf, known, more):
            dtype, shape = leaf.dtype, leaf.shape
            head = heads.get((dtype, shape))
            if head is None:
                head = heads[dtype, shape] = f"{str(dtype).removeprefix('torch.')}{list(shape)}"
            count, order = leaf.numel(), ""
            if not count:
                return head
            if not leaf.is_contiguous():
                key = shape, leaf.stride()
                laid = layouts.get(key, _UNKNOWN)
                if laid is _UNKNOWN:
                    laid = layouts[key] = _laid(*key)
                if laid is None:
                    return self.apart(leaf, known, more, key)
                count, order = laid
            size = count * leaf.element_size()
            if size <= SMALL:
                return f"{head}#{prints.hash(prints.memory(leaf, size))}{order}"
            version = self.version(leaf, known, more)
            key = leaf.data_ptr(), size
            found = known.prints.get(key)
            if found is None or found[0] != version:
                found = version, prints.hash(prints.memory(leaf, size))
                if version >= 0:
                    known.prints[key] = found
            return f"{head}#{found[1]}{order}"

        def apart(self, leaf, known, more, laid):
            """The fingerprint of a tensor whose elements do not lie side by side."""
            version = self.version(leaf, known, more)
            key = leaf.data_ptr(), leaf.dtype, *laid
            found = known.prints.get(key)
            if found is None or found[0] != version:
                found = version, prints.tensor(leaf)
                if version >= 0:
                    known.prints[key] = found
            return found[1]

        def version(self, leaf, known, more):
            """How often a tensor was written to, as torch counts it; -1 where it cannot be told."""
            if known.epoch != self.epoch:
                known.epoch = self.epoch
                known.prints.clear()
            if known.loose:
                return -1
            try:
                return leaf._version + more
            except RuntimeError:  # made where nothing is counted
                return -1

    return Operations()
