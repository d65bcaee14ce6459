"""Whether all that comes of what a call gives is its shape, its size, or the time it took: a benchmark, a profile, a dummy input."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from reprolint.model import walk
from reprolint.model.code import (
    Attr,
    Bind,
    Branch,
    Call,
    Code,
    Collected,
    Define,
    Delete,
    Display,
    Evaluate,
    Expr,
    Fold,
    Item,
    Loop,
    Name,
    Raise,
    Result,
    Return,
    Spread,
    Try,
    With,
    Yield,
)

if TYPE_CHECKING:
    from collections.abc import Collection

    from reprolint.model.code import Block, Function, Statement

_SHAPES: Final = frozenset("shape ndim dtype device requires_grad itemsize nbytes is_cuda layout __class__ __name__".split())
"""Attributes that say nothing of the numbers in a tensor, an array or a module."""
_SIZES: Final = frozenset("len type isinstance id numel size dim ndimension element_size get_device stride callable hasattr is_contiguous".split())
"""Functions and methods that say as little."""
_WAITS: Final = frozenset({"synchronize", "block_until_ready"})
_PURE: Final = frozenset(
    "sum tuple list dict zip enumerate max min abs round reversed map filter iter next sorted float int bool range set deepcopy copy".split()
)
_COMPUTES: Final = frozenset({"torch", "numpy", "math", "functools", "itertools", "copy", "time", "torchvision", "timm"})
"""Packages whose functions give what they make and keep nothing of it, but for those that write."""
_KEEPS: Final = frozenset({"append", "add", "extend", "insert"})
_LEARNS: Final = frozenset({"backward", "grad", "step", "fit", "partial_fit", "fit_transform", "train_on_batch", "minimize", "update", "apply_gradients"})
"""Methods by which it goes on into weights."""
_LEARNING: Final = ("step", "train", "update", "fit", "learn", "epoch", "optim")
_WRITES: Final = ("save", "dump", "write", "export", "to_csv", "to_json", "to_pickle", "tofile", "savefig", "push", "plot", "show", "load")


def dropped(body: Block, made: Call, names: dict[str, str], seen: frozenset[str], functions: Collection[str], *, shown: bool = False, given: bool = False) -> bool:
    """Whether what a call in a block of a function or a module makes is read for its shape at most, and goes nowhere.

    `names` are the names of libraries in the module, `seen` the variables that others read too, `functions` the names of
    the project's own; `shown`: what an expression statement gives is shown, as in a notebook; `given`: it
    may be returned. False where that cannot be told.
    """
    start = next((number for number, item in enumerate(body) if any(inner is made for inner in walk.statements((item,)))), None)
    last = walk.last_name(made.callee)
    if start is None or last.endswith("_") or last == "shuffle" or (shown and made.loose):
        return False
    bound = [item for item in walk.statements(body) if isinstance(item, Bind) and isinstance(item.target, Name)]
    variables = frozenset(item.target.id for item in bound if isinstance(item.target, Name))
    local = {item.target.id for item in bound if isinstance(item.target, Name) and isinstance(item.value, Display | Collected)}
    trace = _Trace(names, {made.number}, local=local, seen=seen, variables=variables, functions=functions, shown=shown, given=given)
    again = any(isinstance(item, Loop) and any(inner is made for inner in walk.statements((item,))) for item in walk.statements((body[start],)))
    if again:
        return all(trace.block((body[start],), straight=False) for _ in range(2)) and trace.block(body[start + 1 :])
    return trace.after(made, body[start]) and trace.block(body[start + 1 :])


@dataclass(slots=True)
class _Trace:
    """What holds the thing, or something computed from it."""

    library: dict[str, str]
    results: set[int]
    names: set[str] = field(default_factory=set)
    local: set[str] = field(default_factory=set)
    """Names of containers that the block made itself."""
    seen: frozenset[str] = frozenset()
    variables: frozenset[str] = frozenset()
    functions: Collection[str] = ()
    shown: bool = False
    given: bool = False

    def block(self, block: Block, *, straight: bool = True) -> bool:
        """Follow it through a block; False as soon as it goes somewhere. `straight`: what is bound anew is another thing."""
        return all(self.statement(item, straight=straight) for item in block)

    def after(self, made: Call, item: Statement) -> bool:
        """Follow it through what comes after its making in the statement that holds it."""
        if item is made:
            return True
        for inner in walk.inner_blocks(item):
            for number, part in enumerate(inner):
                if any(found is made for found in walk.statements((part,))):
                    return self.after(made, part) and self.block(inner[number + 1 :], straight=False)
        return False

    def statement(self, item: Statement, *, straight: bool) -> bool:
        if isinstance(item, Call):
            return self._call(item)
        if isinstance(item, Bind):
            return self._bind(item, straight=straight)
        if isinstance(item, Return | Yield | Evaluate):
            free = (isinstance(item, Evaluate) and not self.shown) or (isinstance(item, Return) and self.given)
            return free or item.value is None or not self.holds(item.value)
        if isinstance(item, Branch):
            if self.holds(item.test) and not all(isinstance(inner, Raise | Call) for inner in (*item.body, *item.orelse)):
                return False
        elif isinstance(item, Loop):
            if item.test is not None and self.holds(item.test):
                return False
            if item.iterable is not None and item.target is not None and self.holds(item.iterable):
                self.take(item.target)
        elif isinstance(item, With):
            if item.target is not None and self.holds(item.context):
                self.take(item.target)
        elif isinstance(item, Delete):
            return not any(isinstance(part, Item) and self.holds(part.key) for target in item.targets for part in walk.parts(target))
        elif isinstance(item, Define):
            if any(map(self.holds, walk.written(item))):
                return False  # a default, a decorator, a base
            return self.names.isdisjoint(item.definition.words)
        if isinstance(item, Branch | Loop | With | Try):
            return all(self.block(inner, straight=False) for inner in walk.inner_blocks(item))
        return True

    def holds(self, expression: Expr) -> bool:
        """Whether an expression holds the thing, or what is in it."""
        if isinstance(expression, Attr):
            return expression.name not in _SHAPES and self.holds(expression.of)
        if isinstance(expression, Name):
            return expression.id in self.names
        if isinstance(expression, Result):
            return expression.number in self.results
        if isinstance(expression, Fold) and expression.op in {"is", "is not"}:
            return False
        if isinstance(expression, Code):
            return not self.names.isdisjoint(expression.function.words)
        return any(map(self.holds, walk.inner(expression)))

    def take(self, target: Expr) -> bool:
        """Bind a name to it; False if it goes into something else."""
        if isinstance(target, Name):
            self.names.add(target.id)
            return target.id not in self.seen
        if isinstance(target, Display):
            return all(map(self.take, target.items))
        if isinstance(target, Spread):
            return self.take(target.of)
        root = target.of if isinstance(target, Attr | Item) else target
        while isinstance(root, Attr | Item):
            root = root.of
        if isinstance(root, Name) and root.id in self.local:
            self.names.add(root.id)
        return isinstance(root, Name) and root.id in self.names

    def _bind(self, item: Bind, *, straight: bool) -> bool:
        if item.value is None:
            return True
        if any(isinstance(part, Item) and self.holds(part.key) for part in walk.parts(item.target)):
            return False  # it says where something else goes
        if self.holds(item.value):
            return self.take(item.target)
        if straight and not item.augmented:
            for target in item.target.items if isinstance(item.target, Display) else (item.target,):
                if isinstance(target, Name):
                    self.names.discard(target.id)
        return True

    def _call(self, item: Call) -> bool:
        last = walk.last_name(item.callee)
        given = any(self.holds(argument.value) for argument in item.arguments)
        if isinstance(item.callee, Code):
            return self._lambda(item, item.callee.function, given=given)
        own = self.holds(item.callee)
        if not own and not given:
            return True
        if last in _SIZES | _WAITS:
            return True
        if last.startswith(_WRITES) or last.endswith(_WRITES):
            return False
        if isinstance(item.callee, Attr) and last in _KEEPS and not own:
            return self.take(Attr(item.callee.of, ""))
        if last in _LEARNS or (own and self.shown and item.loose):
            return False
        if own or (last in _PURE and isinstance(item.callee, Name)) or self._computes(item.callee):
            self.results.add(item.number)
            return True
        return False

    def _computes(self, callee: Expr) -> bool:
        """A function that only gives a result: of a library that computes, or a network in a variable or a field."""
        if walk.dotted(callee, self.library).partition(".")[0] in _COMPUTES:
            return True
        name = walk.last_name(callee)
        field_ = isinstance(callee, Attr) and callee.of == Name("self") and name not in self.functions
        variable = isinstance(callee, Name) and name in self.variables
        return (variable or field_) and not any(part in name.lower() for part in _LEARNING)

    def _lambda(self, item: Call, function: Function, *, given: bool) -> bool:
        """A generator expression: it gives what its element is."""
        if function.name != "<generator>":
            return not given and self.names.isdisjoint(function.words)
        inner = replace(self, results=set(), names=set(self.names))
        if given:
            inner.names.update(parameter.name for parameter in function.parameters)
        for part in walk.statements(function.body):
            if isinstance(part, Yield):
                if part.value is not None and inner.holds(part.value):
                    self.results.add(item.number)
            elif isinstance(part, Loop):
                if part.iterable is not None and part.target is not None and inner.holds(part.iterable):
                    inner.take(part.target)
            elif not isinstance(part, Branch) and not inner.statement(part, straight=False):
                return False
        return True
