"""Whether all that comes of what a call gives is its shape, its size, or the time it took: a benchmark, a profile, a dummy input.

Only what is listed here counts as going nowhere; any other use is a use.
"""

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
    Try,
    With,
    Yield,
)

if TYPE_CHECKING:
    from reprolint.model.code import Block, Function, Statement

_SHAPES: Final = frozenset(
    "shape ndim dtype device requires_grad itemsize nbytes is_cuda layout in_features out_features num_features out_channels feature_info "
    "default_cfg pretrained_cfg".split()
)
"""Attributes that say nothing of the numbers in a tensor, an array or a module."""
_SIZES: Final = frozenset({"len", "type", "isinstance", "numel", "size", "dim", "element_size", "sleep"})
"""Functions and methods that say as little, or only wait."""
_KEEPS: Final = frozenset(
    "eval train to cuda cpu half float double parameters named_parameters buffers detach clone contiguous view reshape flatten squeeze unsqueeze "
    "transpose permute numpy astype copy".split()
)
"""Methods that give the same again, in another form."""
_PARTS: Final = frozenset({"parameters", "named_parameters", "buffers"})
"""Methods whose parts may be gone through: how many there are does not depend on their numbers."""
_PURE: Final = frozenset({"sum", "tuple", "list", "int", "float", "round"})
_COMPARES: Final = frozenset({"==", "!=", "<", "<=", ">", ">=", "in", "not in", "and", "or", "not", "is", "is not"})
_PASSES: Final = 6


def dropped(body: Block, made: Call, others: frozenset[str], *, shown: bool = False, given: bool = False) -> bool:
    """Whether what a call in a block of a function or a module makes is read for its shape at most, and goes nowhere.

    `others`: the variables that somebody else reads too; `shown`: what an expression statement gives is shown, as in a
    notebook; `given`: it may be returned. False where that cannot be told.
    """
    start = next((number for number, item in enumerate(body) if _within(item, made)), None)
    if start is None or any(argument.name in {"out", "inplace"} for argument in made.arguments):
        return False
    codes = {word for item in walk.statements(body) for code in walk.codes(item) if code.function.name != "<generator>" for word in code.function.words}
    trace = _Trace({made.number}, others=others | codes, networks=_networks(body), shown=shown, given=given)
    if any(isinstance(item, Loop) and _within(item, made) for item in walk.statements((body[start],))):
        for _ in range(_PASSES):
            known = len(trace.names), len(trace.results)
            if not trace.block((body[start],), straight=False):
                return False
            if known == (len(trace.names), len(trace.results)):
                return trace.block(body[start + 1 :])
        return False
    return trace.after(made, body[start]) and trace.block(body[start + 1 :])


def _within(item: Statement, made: Call) -> bool:
    """Whether a call stands in a statement."""
    return any(inner is made for inner in walk.statements((item,)))


def _networks(body: Block) -> frozenset[str]:
    """Variables that hold nothing but an instance that the block makes: `net = Net(3).eval()`."""
    calls = {item.number: item for item in walk.statements(body) if isinstance(item, Call)}
    bound: dict[str, bool] = {}
    for item in walk.statements(body):
        if isinstance(item, Bind):
            made = item.value
            while isinstance(made, Result) and made.number in calls:
                callee = calls[made.number].callee
                if walk.last_name(callee)[:1].isupper():
                    break
                made = callee.of if isinstance(callee, Attr) and callee.name in _KEEPS else None
            for part in walk.parts(item.target):
                if isinstance(part, Name):
                    bound[part.id] = bound.get(part.id, True) and part is item.target and made is not None and isinstance(made, Result)
    return frozenset(name for name, network in bound.items() if network)


@dataclass(slots=True)
class _Trace:
    """What holds the thing, or something computed from it."""

    results: set[int]
    names: set[str] = field(default_factory=set)
    sequences: set[int] = field(default_factory=set)
    """Calls that give parts to go through."""
    others: frozenset[str] = frozenset()
    networks: frozenset[str] = frozenset()
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
                if _within(part, made):
                    return self.after(made, part) and self.block(inner[number + 1 :], straight=False)
        return False

    def statement(self, item: Statement, *, straight: bool) -> bool:
        if isinstance(item, Call):
            return self._call(item)
        if isinstance(item, Bind):
            return self._bind(item, straight=straight)
        if isinstance(item, Return):
            return self.given or item.value is None or not self.holds(item.value)
        if isinstance(item, Evaluate):
            return not self.shown or not self.holds(item.value)
        if isinstance(item, Loop):
            return self._loop(item)
        if isinstance(item, With) and self.holds(item.context):
            return False
        if isinstance(item, Branch) and self.holds(item.test):
            return False
        if isinstance(item, Branch | With | Try):
            return all(self.block(inner, straight=False) for inner in walk.inner_blocks(item))
        if isinstance(item, Define):
            return not any(map(self.holds, walk.written(item))) and self.names.isdisjoint(item.definition.words)
        if isinstance(item, Delete):
            return not any(isinstance(target, Item) and self.holds(target) for target in item.targets)
        return not (isinstance(item, Yield | Raise) and item.value is not None and self.holds(item.value))

    def _loop(self, item: Loop) -> bool:
        if item.test is not None and self.holds(item.test):
            return False
        if item.iterable is not None and self.holds(item.iterable):
            known = isinstance(item.iterable, Result) and item.iterable.number in self.sequences
            if not known or item.target is None or not self.take(item.target):
                return False
        return all(self.block(inner, straight=False) for inner in walk.inner_blocks(item))

    def holds(self, expression: Expr) -> bool:
        """Whether an expression holds the thing, or what is in it."""
        if isinstance(expression, Attr):
            return expression.name not in _SHAPES and self.holds(expression.of)
        if isinstance(expression, Name):
            return expression.id in self.names
        if isinstance(expression, Result):
            return expression.number in self.results
        if isinstance(expression, Code):
            return not self.names.isdisjoint(expression.function.words)
        return any(map(self.holds, walk.inner(expression)))

    def _decides(self, expression: Expr) -> bool:
        """Whether a value asks something of it, and so may have another length or another shape than it."""
        return any(isinstance(part, Fold) and part.op in _COMPARES and self.holds(part) for part in walk.parts(expression))

    def take(self, target: Expr) -> bool:
        """Bind names to it; False if it goes into anything else."""
        if isinstance(target, Display):
            return all(map(self.take, target.items))
        if not isinstance(target, Name):
            return False
        self.names.add(target.id)
        return target.id not in self.others

    def _bind(self, item: Bind, *, straight: bool) -> bool:
        held = item.value is not None and self.holds(item.value)
        if item.augmented and (held or self.holds(item.target)):
            return False
        if held:
            return item.value is not None and not self._decides(item.value) and self.take(item.target)
        if any(isinstance(part, Item) and self.holds(part.key) for part in walk.parts(item.target)):
            return False  # it says where something else goes
        if straight:
            for target in item.target.items if isinstance(item.target, Display) else (item.target,):
                if isinstance(target, Name):
                    self.names.discard(target.id)
        return True

    def _call(self, item: Call) -> bool:
        last = walk.last_name(item.callee)
        given = [argument.value for argument in item.arguments if self.holds(argument.value)]
        if isinstance(item.callee, Code):
            return self._generator(item, item.callee.function, given=bool(given))
        own = self.holds(item.callee)
        if not own and not given:
            return True
        if any(map(self._decides, given)) or self._decides(item.callee):
            return False
        if last in _SIZES:
            return True
        method = isinstance(item.callee, Attr)
        name = item.callee.id if isinstance(item.callee, Name) else ""
        harmless = (not method or last in _KEEPS) if own else name in self.networks or (name in _PURE and not item.loose)
        if not harmless or (own and self.shown and item.loose):
            return False
        self.results.add(item.number)
        if own and method and last in _PARTS:
            self.sequences.add(item.number)
        return True

    def _generator(self, item: Call, function: Function, *, given: bool) -> bool:
        """A generator expression: it gives what its element is."""
        if function.name != "<generator>":
            return not given and self.names.isdisjoint(function.words)
        first = item.arguments[0].value if item.arguments else None
        if given and not (isinstance(first, Result) and first.number in self.sequences):
            return False
        inner = replace(self, results=set(), names={*self.names, *(one.name for one in function.parameters)} if given else set(self.names), sequences=set())
        for part in walk.statements(function.body):
            if isinstance(part, Yield):
                if part.value is not None and inner.holds(part.value):
                    self.results.add(item.number)
            elif isinstance(part, Loop):
                if part.target is None or (part.iterable is not None and inner.holds(part.iterable) and not inner.take(part.target)):
                    return False
            elif (isinstance(part, Branch) and inner.holds(part.test)) or (not isinstance(part, Branch) and not inner.statement(part, straight=False)):
                return False
        return True
