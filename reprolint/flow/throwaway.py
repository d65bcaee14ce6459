"""Whether all that comes of a draw is thrown away, over the functions of the project that it is handed to: a warm-up, a self-test.

A thing is what a call gave, and everything computed from it. It may be computed with, compared, printed, logged, asserted on
and handed to functions whose text is known, where the same holds. What a thing changes becomes a thing itself, and so does
what is bound under a test of one. Anything else that is done with it is a use.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from reprolint.flow import harmless
from reprolint.flow.callees import Callees, Kind, Known
from reprolint.flow.definitions import methods_of
from reprolint.model import walk
from reprolint.model.code import (
    Attr,
    Bind,
    Branch,
    Call,
    Choice,
    Code,
    Collected,
    Const,
    Define,
    Delete,
    Display,
    Evaluate,
    Fold,
    Item,
    Jump,
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
    from reprolint.flow.callees import Meant
    from reprolint.flow.machine import Machine
    from reprolint.model.code import Argument, Block, Expr, Function, Statement

_COMPARES: Final = frozenset({"==", "!=", "<", "<=", ">", ">=", "in", "not in", "not", "is", "is not"})
_DEPTH: Final = 5
_PASSES: Final = 12
_ROUNDS: Final = 4
_EVERYTHING: Final = frozenset({"locals", "globals", "vars", "exec", "setattr", "breakpoint"})
"""Who says one of these may read or write any variable."""

_OTHERS: Final = frozenset("KeyboardInterrupt SystemExit ImportError ModuleNotFoundError OSError FileNotFoundError FileExistsError PermissionError".split())

NOTHING, ANSWER, NUMBERS = 0, 1, 2
"""What is told of a thing: nothing, what a comparison says, its numbers."""


class Outcome(Struct, frozen=True, gc=False):
    """What becomes of the things in a function, if none of them is used."""

    given: bool = False
    """Some are returned."""
    changed: frozenset[str] = frozenset()
    """Parameters that are changed by one, and so are things in the caller too."""
    raises: bool = False
    """They may decide that it is left by an exception."""
    told: int = NOTHING


def both(one: Outcome | None, other: Outcome | None) -> Outcome | None:
    """What comes of the draws of one function or of another, if it is not known which is called."""
    if one is None or other is None:
        return None
    return Outcome(one.given or other.given, one.changed | other.changed, one.raises or other.raises, max(one.told, other.told))


class Throwaway:
    """Follows things through functions, and remembers what came of it."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.callees = Callees(machine)
        self._known: dict[tuple[Any, ...], Outcome | None] = {}
        self._running: set[tuple[Any, ...]] = set()
        self._rescued: frozenset[str] | None = None
        self._looked: list[str] = []

    def here(self, place: Known | str, item: Call, drawn: Outcome) -> Outcome | None:
        """What comes of what a call gives in the function, or the module, that it stands in; None if something uses it.

        `drawn`: what comes of its draws in what is called; `#first` is its first argument, `#callee` itself.
        """
        path = place if isinstance(place, str) else place.path
        known = place if isinstance(place, Known) else None
        body = known.function.body if known is not None else self.machine.project.modules[path].body
        trace = _Trace(self, path, known, body, frozenset({item.number}), frozenset(), draws=False, depth=0, drawn=drawn)
        found = trace.run()
        if found is None or found.given or found.changed:
            return None
        name = known.function.name if known is not None else ""
        if harmless.shows(name):
            found = Outcome(raises=found.raises)
        quiet = NOTHING if known is None else NUMBERS if harmless.checks(name) else ANSWER
        if found.told > max(quiet, min(drawn.told, ANSWER)):
            return None
        return None if found.raises and known is not None and known.function.name in self.rescued else found

    def contained(self, kind: Kind) -> bool:
        """Whether a network of the project's own changes nothing but itself."""
        if kind.node.name in self._looked:
            return False
        bases = [self.callees.meant(None, kind.path, base.value) for base in kind.node.bases if base.name is None]
        self._looked.append(kind.node.name)
        fine = any(walk.last_name(base.value).endswith("Module") for base in kind.node.bases) or any(isinstance(base, Kind) and self.contained(base) for base in bases)
        self._looked.pop()
        return fine and all(self._own(function) for function, _ in methods_of(kind.node).values())

    def _own(self, function: Function) -> bool:
        """Whether a method gives values to its own variables and to its receiver alone, and fills only what it made itself."""
        mine = {item.target.id for item in walk.statements(function.body) if isinstance(item, Bind) and isinstance(item.target, Name)}
        receiver = function.parameters[0].name if function.parameters else ""
        for item in walk.deep(function.body):
            target: Expr | None = item.target if isinstance(item, Bind) else None
            if isinstance(item, Call) and isinstance(item.callee, Attr) and item.callee.name in harmless.GROWS | harmless.CHANGES:
                target = Attr(item.callee.of, item.callee.name)
            depth = 0
            while isinstance(target, Attr | Item):
                target, depth = target.of, depth + 1
            if depth and isinstance(target, Name) and target.id not in mine and not (target.id == receiver and (depth == 1 or function.name == "__init__")):
                return False
        return not function.outer

    @functools.cached_property
    def defined(self) -> frozenset[str]:
        """The names of the project's own functions and methods."""
        return frozenset(item.name for _, item in self.machine.leads.definitions)

    def of(self, known: Known, held: frozenset[str], *, draws: bool, depth: int, dark: bool = False) -> Outcome | None:
        """What comes of things handed to a function, and of what it draws itself if `draws`; `dark`: a thing decides whether it is called."""
        key = (*known.key, held, draws, dark)
        if key in self._running or depth > _DEPTH or known.function.generator or known.function.coroutine or known.function.decorators:
            return None
        if key not in self._known:
            self._running.add(key)
            found = _Trace(self, known.path, known, known.function.body, frozenset(), held, draws=draws, depth=depth, escaped=dark).run()
            self._running.discard(key)
            if found is not None and found.raises and known.function.name in self.rescued:
                found = None
            if found is not None and found.told and harmless.shows(known.function.name):
                found = Outcome(found.given, found.changed, found.raises)
            if found is not None and found.told == NUMBERS and harmless.checks(known.function.name):
                found = Outcome(found.given, found.changed, found.raises, ANSWER)
            self._known[key] = found
        return self._known[key]

    @property
    def rescued(self) -> frozenset[str]:
        """Names of what is called where an exception leads to something else than the end, directly or not."""
        if self._rescued is None:
            project = self.machine.project
            found = {name for path, module in project.modules.items() for unit in walk.units(path, module) for name in _caught(unit.body)}
            called = {item.name: frozenset(item.words) for _, item in self.machine.leads.definitions}
            pending = [name for name in found if name in called]
            while pending:
                more = {word for word in called[pending.pop()] if word in called} - found
                found |= more
                pending += more
            self._rescued = frozenset(found)
        return self._rescued


def _caught(block: Block) -> list[str]:
    """The names of what is called where a handler, or a context, catches what a check raises and goes on."""
    found: list[str] = []
    calls = {item.number: item for item in walk.statements(block) if isinstance(item, Call)}
    for item in walk.statements(block):
        if isinstance(item, Try):
            goes_on = any(not (one.body and isinstance(one.body[-1], Raise)) and not _elsewhere(one.types) for one in item.handlers)
        else:
            made = calls.get(item.context.number) if isinstance(item, With) and isinstance(item.context, Result) else None
            goes_on = made is not None and walk.last_name(made.callee) in {"suppress", "raises", "assertRaises"}
        if goes_on and isinstance(item, Try | With):
            found += [walk.last_name(inner.callee) for inner in walk.statements(item.body) if isinstance(inner, Call)]
    return found


def _elsewhere(types: tuple[Expr, ...]) -> bool:
    """Whether a handler is for what no check raises."""
    names = [walk.last_name(part) for one in types for part in (one.items if isinstance(one, Display) else (one,))]
    return bool(names) and all(name in _OTHERS for name in names)


@dataclass
class _Trace:
    """One function, with what is known to be a thing in it so far."""

    thrown: Throwaway
    path: str
    known: Known | None
    body: Block
    sources: frozenset[int]
    held: frozenset[str]
    draws: bool
    depth: int
    drawn: Outcome = Outcome()  # noqa: RUF009
    """What comes of the source's draws where they are made."""
    sticky: set[str] = field(default_factory=set)
    """Variables that are things wherever they are bound."""
    made: set[int] = field(default_factory=set)
    """Calls that give things, beside the sources."""
    dark_loops: set[int] = field(default_factory=set)
    """Loops of which a thing decides how often they run."""
    names: set[str] = field(default_factory=set)
    results: set[int] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)
    mixed: dict[Expr, None] = field(default_factory=dict)
    """What is no thing and went into one."""
    mutates: bool = False
    dark: int = 0
    """How many tests of things stand around this point."""
    escaped: bool = False
    """A thing decides where the function is left: what follows is under a test too."""
    loops: list[Loop] = field(default_factory=list)
    filtered: list[Expr] = field(default_factory=list)
    """What comprehensions go through of which a thing decides what they take."""
    touched: int = 0
    """How often a thing was passed on so far."""
    given: bool = False
    raises: bool = False
    told: int = NOTHING
    seeded: bool = False

    def run(self) -> Outcome | None:
        function = self.known.function if self.known is not None else None
        said = frozenset(function.words) if function is not None else frozenset()
        self._look_around(function)
        if not said.isdisjoint(_EVERYTHING) or Name("eval") in (item.callee for item in self._calls.values()):
            return None
        for _ in range(_PASSES):
            before = self._size()
            self.names, self.results, self.mixed = set(self.held | (self.sticky & self._parameters)), set(self.sources | self.made), {}
            self.filtered, self.touched = [], 0
            self.dark, self.loops, self.told, self.given, self.raises, self.mutates, self.seeded = int(self.escaped), [], NOTHING, False, False, False, False
            if not self.block(self.body, straight=True) or (self.mutates and not self._mix()):
                return None
            if before == self._size():
                return Outcome(self.given, frozenset(self.changed), self.raises, self.told)
        return None

    def _size(self) -> tuple[int, ...]:
        return len(self.sticky), len(self.made), len(self.dark_loops), self.escaped, len(self.changed)

    def _look_around(self, function: Function | None) -> None:
        """The variables that others share, and every call and binding of the body."""
        codes = {word for item in walk.statements(self.body) for code in walk.codes(item) for word in code.function.words}
        inner = {word for definition in walk.definitions(self.body) for word in definition.words}
        self._others = codes | inner | set(function.outer if function is not None else ())
        self._parameters = frozenset(one.name for one in function.parameters) if function is not None else frozenset()
        self._calls = {item.number: item for item in walk.statements(self.body) if isinstance(item, Call)}
        asked = [item.callee for item in self._calls.values() if isinstance(item.callee, Attr)]
        self._still = [one.of for one in asked if one.name == "eval" and not any(other.name == "train" and other.of == one.of for other in asked)]
        self._binds: dict[str, list[Expr | None]] = {}
        for item in walk.statements(self.body):
            if isinstance(item, Bind):
                single = isinstance(item.target, Name) and not item.augmented
                for part in walk.parts(item.target):
                    if isinstance(part, Name) and not isinstance(item.target, Attr | Item):
                        self._binds.setdefault(part.id, []).append(item.value if single else self._unpacked(item, part))
            elif isinstance(item, Loop | With) and item.target is not None:
                for part in walk.parts(item.target):
                    if isinstance(part, Name):
                        self._binds.setdefault(part.id, []).append(None)

    def _unpacked(self, item: Bind, part: Name) -> Expr | None:
        """The value that one of several targets gets; of an augmented assignment, what is added."""
        if item.augmented:
            return item.value
        if isinstance(item.target, Display) and isinstance(item.value, Display) and len(item.target.items) == len(item.value.items):
            return next((value for target, value in zip(item.target.items, item.value.items, strict=True) if target == part), None)
        return item.value if isinstance(item.value, Result) else None

    # -- what is a thing -------------------------------------------------------------------------------------------

    def holds(self, expression: Expr) -> bool:
        """Whether an expression holds a thing, or what is in it."""
        if isinstance(expression, Attr):
            return expression.name not in harmless.SHAPES and self.holds(expression.of)
        if isinstance(expression, Name):
            return expression.id in self.names
        if isinstance(expression, Result):
            return expression.number in self.results
        if isinstance(expression, Code):
            return not self.names.isdisjoint(expression.function.words)
        if isinstance(expression, Collected) and any(one in self.filtered for one in expression.iterables):
            return True
        return any(map(self.holds, walk.inner(expression)))

    def local(self, name: str) -> bool:
        """Whether a variable is this function's alone."""
        if name in self._others:
            return False
        return self.known is None or "@" in name or name in self.known.function.variables

    def take(self, target: Expr) -> bool:
        """Bind names to a thing; False if it goes into anything else."""
        if isinstance(target, Display):
            return all(map(self.take, target.items))
        if isinstance(target, Spread):
            return self.take(target.of)
        if isinstance(target, Name):
            self.names.add(target.id)
            return self.local(target.id)
        return isinstance(target, Item | Attr) and self.change(target.of)

    def change(self, expression: Expr) -> bool:
        """Something is changed by a thing: it is one too, if it is this function's own or a parameter."""
        while isinstance(expression, Attr | Item):
            expression = expression.of
        if self.holds(expression):
            self.mutates = True
        if isinstance(expression, Name):
            if expression.id in self._parameters:
                self.changed.add(expression.id)
            self.sticky.add(expression.id)
            self.names.add(expression.id)
            return self.local(expression.id) and (expression.id in self.held | self._parameters or all(map(self.fresh, self._binds.get(expression.id, [None]))))
        if isinstance(expression, Result):
            fresh = expression.number in self.results or self.fresh(expression)
            self.made.add(expression.number)
            return fresh
        if isinstance(expression, Display | Fold):
            return all(self.change(part) for part in walk.inner(expression) if not harmless.plain(part))
        return isinstance(expression, Const)

    def fresh(self, expression: Expr | None, hops: int = 4) -> bool:
        """Whether a value was made for this function alone, and keeps hold of nothing else that could be changed."""
        if expression is None or hops <= 0:
            return False
        if harmless.plain(expression) or self._thing(expression):
            return True
        if isinstance(expression, Display | Fold | Choice | Spread):
            return all(self.fresh(part, hops) for part in walk.inner(expression))
        if isinstance(expression, Collected):
            return self.fresh(expression.element, hops) and (expression.key is None or self.fresh(expression.key, hops))
        if isinstance(expression, Name):
            found = self._binds.get(expression.id)
            self.sticky.add(expression.id)  # who keeps hold of it changes it too
            return bool(found) and self.local(expression.id) and expression.id not in self._parameters and all(self.fresh(one, hops - 1) for one in found or ())
        if not isinstance(expression, Result) or expression.number not in self._calls:
            return False
        call = self._calls[expression.number]
        meant = self.meant(call.callee)
        if isinstance(meant, str):
            return harmless.computes(meant) and all(self.fresh(one.value, hops - 1) for one in call.arguments[: harmless.keeps(meant)])
        if isinstance(meant, Known):
            return self._gives_new(meant, hops) and all(self.fresh(one.value, hops - 1) for one in call.arguments)
        if isinstance(meant, Kind):
            return self.thrown.contained(meant) and all(self.fresh(one.value, hops - 1) for one in call.arguments)
        own = isinstance(call.callee, Attr) and call.callee.name in harmless.METHODS | harmless.CHANGES
        return own and isinstance(call.callee, Attr) and self.fresh(call.callee.of, hops - 1)

    def _thing(self, expression: Expr) -> bool:
        return isinstance(expression, Result) and (expression.number in self.sources | self.made or expression.number in self.results) or (
            isinstance(expression, Name) and expression.id in self.names
        )

    def _gives_new(self, known: Known, hops: int) -> bool:
        """Whether a function returns nothing but what it made itself."""
        if known.function.generator or known.function.coroutine or known.function.decorators or hops <= 1:
            return False
        inner = _Trace(self.thrown, known.path, known, known.function.body, frozenset(), frozenset(), draws=False, depth=self.depth + 1)
        inner._look_around(known.function)
        returned = [item.value for item in walk.statements(known.function.body) if isinstance(item, Return)]
        return bool(returned) and all(value is not None and inner.fresh(value, hops - 1) for value in returned)

    def _mix(self) -> bool:
        """Something that a thing was computed from is changed: what went into it is a thing too."""
        return all(self.change(part) for part in self.mixed)

    def mix(self, expression: Expr) -> None:
        """Note what goes into a thing without being one."""
        if self.holds(expression) and not isinstance(expression, Display | Fold | Choice | Collected | Spread):
            return
        if harmless.plain(expression) or isinstance(expression, Code) or self._counted(expression):
            return
        if isinstance(expression, Display | Fold | Choice | Collected | Spread):
            for part in walk.inner(expression):
                self.mix(part)
        else:
            self.mixed[expression] = None

    def _counted(self, expression: Expr) -> bool:
        """Whether a variable only ever holds a number that is written there."""
        found = self._binds.get(expression.id) if isinstance(expression, Name) and expression.id not in self._parameters else None
        return bool(found) and all(one is not None and harmless.plain(one) for one in found or ())

    def meant(self, callee: Expr) -> Meant:
        return self.thrown.callees.meant(self.known, self.path, callee)

    # -- statements ------------------------------------------------------------------------------------------------

    def block(self, block: Block, *, straight: bool = False) -> bool:
        """Follow things through a block; False as soon as one is used. `straight`: what is bound anew is another thing."""
        return all(self.statement(item, straight=straight) for item in block)

    def statement(self, item: Statement, *, straight: bool) -> bool:
        if isinstance(item, Call):
            return self._call(item)
        if isinstance(item, Bind):
            return self._bind(item, straight=straight)
        if isinstance(item, Branch):
            return self._branch(item)
        if isinstance(item, Loop):
            return self._loop(item)
        if isinstance(item, Return | Jump):
            return self._leave(item)
        if isinstance(item, Raise):
            self.raises = self.raises or bool(self.dark) or (item.value is not None and self.holds(item.value))
            return True
        if isinstance(item, Try):
            return self._try(item)
        if isinstance(item, With):
            return self._with(item)
        if isinstance(item, Define):
            said = frozenset(item.definition.words)
            return not self.dark and not any(map(self.holds, walk.written(item))) and self.names.isdisjoint(said) and self.sticky.isdisjoint(said)
        if isinstance(item, Yield):
            return not self.dark and (item.value is None or not self.holds(item.value))
        if isinstance(item, Delete):
            return all(not isinstance(target, Item) or not (self.dark or self.holds(target)) or self.change(target) for target in item.targets)
        if isinstance(item, Evaluate):
            return self.known is not None or not self.holds(item.value)
        return not self.dark

    def _branch(self, item: Branch) -> bool:
        dark = self.holds(item.test)
        if dark:
            self.filtered += [one.iterable for one in self.loops if one.kind == "comprehension" and one.iterable is not None]
        self.dark += dark
        fine = self.block(item.body) and self.block(item.orelse)
        self.dark -= dark
        return fine

    def _loop(self, item: Loop) -> bool:
        for _ in range(_ROUNDS):
            before = len(self.names), len(self.results), len(self.dark_loops)
            if item.test is None and item.iterable is not None and self.holds(item.iterable):
                self.dark_loops.add(item.site)
                if item.target is not None and not self.take(item.target):
                    return False
            dark = item.site in self.dark_loops
            if dark and item.target is not None and not self.take(item.target):
                return False
            self.dark += dark
            self.loops.append(item)
            fine = self.block(item.head)
            if item.test is not None and self.holds(item.test):
                self.dark_loops.add(item.site)
            fine = fine and self.block(item.body) and self.block(item.orelse)
            self.loops.pop()
            self.dark -= dark
            if not fine:
                return False
            if before == (len(self.names), len(self.results), len(self.dark_loops)):
                return True
        return False

    def _leave(self, item: Return | Jump) -> bool:
        """What decides when a loop or the function is left decides what else is done there."""
        if isinstance(item, Jump):
            if self.dark and self.loops:
                self.dark_loops.add(self.loops[-1].site)
            return True
        self.escaped = self.escaped or bool(self.dark)
        self.given = self.given or bool(self.dark) or (item.value is not None and self.holds(item.value))
        return True

    def _try(self, item: Try) -> bool:
        before, touched, self.raises = self.raises, self.touched, False
        fine = self.block(item.body)
        goes_on = any(not (one.body and isinstance(one.body[-1], Raise)) for one in item.handlers)
        caught = goes_on and (self.raises or touched != self.touched)
        self.raises = self.raises or before
        if caught or not fine:
            return False
        return all(self.block(handler.body) for handler in item.handlers) and self.block(item.orelse) and self.block(item.final)

    def _with(self, item: With) -> bool:
        if self.holds(item.context):
            return False
        if self.dark and item.target is not None and not self.take(item.target):
            return False
        before, self.raises = self.raises, False
        fine = self.block(item.body)
        called = self._calls.get(item.context.number) if isinstance(item.context, Result) else None
        caught = (self.raises or bool(self.dark)) and (called is None or walk.last_name(called.callee) not in harmless.QUIET)
        self.raises = self.raises or before
        return fine and not caught

    def _bind(self, item: Bind, *, straight: bool) -> bool:
        if item.value is None:
            return True
        held = bool(self.dark) or self.holds(item.value)
        if item.augmented:
            return not (held or self.holds(item.target)) or (self._absorb(item.value) and self.change(item.target) and self.take_again(item.target))
        if held:
            return self._absorb(item.value) and self.take(item.target)
        for part in walk.parts(item.target):
            if isinstance(part, Item | Attr) and self.holds(part):
                self.mix(item.value)
                return self.change(part.of)
        if isinstance(item.target, Name) and item.target.id in self.sticky:
            self.names.add(item.target.id)
            return self._own(item)
        if straight:
            for target in item.target.items if isinstance(item.target, Display) else (item.target,):
                if isinstance(target, Name) and target.id not in self.sticky:
                    self.names.discard(target.id)
        elif isinstance(item.target, Display):
            self.names.update(part.id for part in item.target.items if isinstance(part, Name) and part.id in self.sticky)
        return True

    def _own(self, item: Bind) -> bool:
        """A variable that is a thing for good is bound to something new, or to what becomes a thing with it."""
        return item.value is not None and self.fresh(item.value)

    def take_again(self, target: Expr) -> bool:
        return not isinstance(target, Name) or self.take(target)

    def _absorb(self, value: Expr) -> bool:
        self.touched += 1
        self.mix(value)
        return True

    # -- calls -----------------------------------------------------------------------------------------------------

    def _call(self, item: Call) -> bool:
        last = walk.last_name(item.callee)
        if last and not self.seeded and self.thrown.machine.leads.of_words((last,), self.path).seeds:
            self.seeded = True
        if item.number in self.sources:
            return self._source(item)
        own = self.holds(item.callee)
        given = [one for one in item.arguments if self.holds(one.value)]
        inside = [one.value for one in item.arguments if isinstance(one.value, Code)] + ([item.callee] if isinstance(item.callee, Code) else [])
        if self.draws and any(self.thrown.machine.leads.of_words(one.function.words, self.path).draws for one in inside):
            return False
        if isinstance(item.callee, Code):
            return not (given or self.dark or own) or self._generator(item)
        if not own and not given and not self.dark:
            return not self.draws or self._may_draw(item, last)
        if any(isinstance(one.value, Code) for one in item.arguments) or any(one.name in {"out", "file", "inplace"} and not self._to_log(one) for one in item.arguments):
            return False
        if own and isinstance(item.callee, Attr):
            return self._method(item, last, item.callee.of)
        if own:
            return self._gives(item, [one.value for one in item.arguments])
        return self._passed(item, last)

    def _source(self, item: Call) -> bool:
        """The call that all this is about: what it changes are things too, and what it keeps hold of is in what it gives."""
        meant = self.meant(item.callee)
        wanted = self.drawn.changed
        self.seeded = False
        self.told, self.raises = max(self.told, self.drawn.told), self.raises or self.drawn.raises
        if "#first" in wanted:
            return bool(item.arguments) and self.change(item.arguments[0].value)
        if "#callee" in wanted:
            return self.change(item.callee) and self._gives(item, [one.value for one in item.arguments])
        for one in item.arguments[: harmless.keeps(meant) if isinstance(meant, str) else None]:
            self.mix(one.value)
        return self._changed(item, meant, wanted)

    def _changed(self, item: Call, meant: Meant, names: frozenset[str]) -> bool:
        """What a function does to its parameters is done to the arguments."""
        if not names:
            return True
        passed = _parameters(meant, item.arguments) if isinstance(meant, Known) else None
        return passed is not None and all(name in passed and self.change(passed[name]) for name in sorted(names))

    def _generator(self, item: Call) -> bool:
        """A generator expression over things: no more than its element is looked at."""
        function = item.callee.function if isinstance(item.callee, Code) else None
        if function is None or function.name != "<generator>" or any(isinstance(part, Call | Bind) and not self._plain_call(part) for part in walk.statements(function.body)):
            return False
        self.results.add(item.number)
        return True

    def _plain_call(self, part: Statement) -> bool:
        if not isinstance(part, Call):
            return False
        last = walk.last_name(part.callee)
        return last in harmless.BUILTINS or (isinstance(part.callee, Attr) and last in harmless.METHODS)

    def _gives(self, item: Call, kept: list[Expr]) -> bool:
        self.touched += 1
        for value in kept:
            self.mix(value)
        self.results.add(item.number)
        return True

    def _to_log(self, one: Argument) -> bool:
        said = walk.last_name(one.value).lower()
        return one.name == "file" and (said in {"stderr", "stdout"} or "log" in said)

    def _method(self, item: Call, last: str, receiver: Expr) -> bool:
        """A method of a thing."""
        fine = last in harmless.METHODS | harmless.CHANGES and self._gives(item, [receiver, *(one.value for one in item.arguments)])
        return fine and (last in harmless.METHODS or self.change(receiver))

    def _passed(self, item: Call, last: str) -> bool:
        """A call of something that is no thing, with things or under a test of one."""
        meant = self.meant(item.callee)
        values = [one.value for one in item.arguments]
        if self._tells(item, meant, last):
            return self._tell(values)
        if isinstance(meant, Known):
            return self._handed(item, meant)
        if isinstance(meant, str):
            return harmless.computes(meant) and self._gives(item, values[: harmless.keeps(meant)])
        if isinstance(item.callee, Attr):
            receiver = item.callee.of
            if last in self.thrown.defined:
                return False
            if last in harmless.GROWS:
                for value in values:
                    self.mix(value)
                return self.change(receiver)
            fine = last in harmless.METHODS | harmless.CHANGES and self._gives(item, [receiver, *values])
            return fine and (last not in harmless.CHANGES | harmless.SWITCHES or self.change(receiver))
        if item.callee in self._still:
            return self._gives(item, values)
        return self._variable(item.callee) and self.change(item.callee) and self._gives(item, [item.callee, *values])

    def _variable(self, callee: Expr) -> bool:
        """Whether a callee is a variable of this function: what it holds is looked at where it was made."""
        return isinstance(callee, Name) and self.known is not None and callee.id in self.known.function.variables

    def _tells(self, item: Call, meant: Meant, last: str) -> bool:
        """Whether a call prints or logs."""
        if meant == "builtins.print" or meant in {"warnings.warn", *(f"logging.{name}" for name in harmless.LOGS)}:
            return True
        if not isinstance(item.callee, Attr) or last not in harmless.LOGS or last in self.thrown.defined:
            return False
        return "log" in walk.last_name(item.callee.of).lower() and not isinstance(meant, Known | Kind)

    def _tell(self, values: list[Expr]) -> bool:
        if self.seeded:
            return False
        for value in values:
            if self.dark or self.holds(value):
                self.told = max(self.told, NUMBERS if self._raw(value) else ANSWER)
        self.told = max(self.told, ANSWER if self.dark else NOTHING)
        return True

    def _raw(self, value: Expr) -> bool:
        """Whether a value tells more of a thing than what a comparison says."""
        if not self.holds(value) or (isinstance(value, Fold) and value.op in _COMPARES):
            return False
        if isinstance(value, Choice):
            return self._raw(value.then) or self._raw(value.other) or (self._raw(value.test) and not isinstance(value.test, Fold))
        if isinstance(value, Name | Result | Attr | Item):
            return True
        return any(map(self._raw, walk.inner(value)))

    def _handed(self, item: Call, meant: Known) -> bool:
        """Things are handed to a function of the project: what it does with them is followed."""
        passed = _parameters(meant, item.arguments)
        if passed is None:
            return False
        held = frozenset(name for name, value in passed.items() if self.holds(value))
        found = self.thrown.of(meant, held, draws=self.draws, depth=self.depth + 1, dark=bool(self.dark))
        if found is None or (found.told and self.seeded):
            return False
        self.told, self.raises = max(self.told, found.told), self.raises or found.raises
        for name, value in passed.items():
            if name in found.changed and not self.change(value):
                return False
        if found.changed - passed.keys():
            return False
        return self._gives(item, list(passed.values())) if found.given else True

    def _may_draw(self, item: Call, last: str) -> bool:
        """A call that no thing goes into: if it may draw, what it gives is one."""
        meant = self.meant(item.callee)
        draws = self.thrown.machine.leads.may_draw(last)
        if isinstance(meant, str):
            if not draws or meant.startswith("builtins."):
                return True
            return not item.loose and harmless.computes(meant) and self._gives(item, [one.value for one in item.arguments][: harmless.keeps(meant)])
        if isinstance(meant, Known):
            passed = _parameters(meant, item.arguments)
            found = self.thrown.of(meant, frozenset(), draws=True, depth=self.depth + 1)
            if found is None or passed is None or (found.told and self.seeded) or found.changed - passed.keys():
                return False
            self.told, self.raises = max(self.told, found.told), self.raises or found.raises
            if not all(self.change(passed[name]) for name in sorted(found.changed)):
                return False
            return self._gives(item, list(passed.values())) if found.given else True
        if isinstance(meant, Kind):
            fine = not item.loose and self.thrown.contained(meant)
            return not draws or (fine and self._gives(item, [one.value for one in item.arguments]))
        if self._variable(item.callee):
            return self.change(item.callee) and self._gives(item, [one.value for one in item.arguments])
        if self._tells(item, meant, last) or (isinstance(item.callee, Attr) and last in harmless.METHODS | harmless.GROWS and not draws):
            return True
        if isinstance(item.callee, Attr) and last in harmless.CHANGES and not draws:
            return self.change(item.callee.of)
        return False


def _parameters(known: Known, arguments: tuple[Argument, ...]) -> dict[str, Expr] | None:
    """The arguments of a call by the parameters that take them; None if that cannot be told."""
    takes = [one for one in known.function.parameters[known.bound :] if one.kind in {"positional_only", "positional"}]
    named = {one.name for one in known.function.parameters if one.kind in {"positional", "keyword"}}
    passed: dict[str, Expr] = {}
    for argument in arguments:
        if argument.stars:
            return None
        if argument.name is not None:
            if argument.name not in named:
                return None
            passed[argument.name] = argument.value
        elif takes:
            passed[takes.pop(0).name] = argument.value
        else:
            return None
    return passed


__all__ = ["NOTHING", "Outcome", "Throwaway", "both"]
