"""The abstract interpreter's state for one home folder and world: lookups, memory, draws and seeds."""

from __future__ import annotations

import functools
import re
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from posixpath import dirname
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from reprolint.flow import dropped, naming, spelled, taint
from reprolint.flow.callees import Kind, Known
from reprolint.flow.definitions import linear, methods_of, relevant_words, static_names
from reprolint.flow.effect import DRAW, NOTHING, SEED, UNSEED, compose, finals
from reprolint.flow.leads import Lead, Leads
from reprolint.flow.state import (
    CERTAIN,
    MISSING,
    POSSIBLE,
    Activation,
    Event,
    Scope,
    State,
    Summary,
    Witness,
)
from reprolint.flow.throwaway import Outcome, Throwaway, both
from reprolint.flow.values import (
    NOWHERE,
    TOP,
    Bound,
    ClassRef,
    Code,
    Library,
    Method,
    ModuleRef,
    Object,
    Sequence,
    Value,
    join,
    may_be_none,
    of,
    truth,
)
from reprolint.model import walk
from reprolint.model.code import (
    Attr,
    Call,
    Class,
    Define,
    Function,
    Import,
    Name,
)
from reprolint.model.span import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reprolint.flow.state import Location
    from reprolint.flow.values import Atom
    from reprolint.knowledge.apis import Api, Catalog
    from reprolint.model.code import Expr, Module
    from reprolint.project.modules import Project

_MODULE: Final = "torch.nn.Module"
MAX_RESULTS: Final = 5
"""What a function may do differently for one entry in one world, before it is taken to be called with anything."""
MAX_KEPT: Final = 40
MAX_IDLE_RESULTS: Final = 2
"""Results that are kept of a function that leads to nothing by its names."""
MAX_PATIENT_RESULTS: Final = 24
MAX_FRAMES: Final = 64
MAX_VISITS: Final = 100_000
_ANSWERS: Final = frozenset({"world", "opens", "assumed", "left"})
"""What an evaluation may have looked at that is in no store."""
_CLASS: Final = re.compile(r"_?[A-Z]\w*[a-z]")
_SETTINGS: Final = frozenset({"version", "backends", "config", "flags"})
"""Parts of the names of attributes that may hold anything."""


class BudgetExceeded(Exception):
    """An entry needed more evaluation than it is given."""


class World(Struct, frozen=True, gc=False, cache_hash=True):
    """Which arm a test takes that depends on an option: `default`, `willing` or `any`."""

    kind: str = "default"
    wanted: frozenset[str] = frozenset()
    """Streams for which the willing world looks for a seed, and the widest one for a draw."""
    assumed: tuple[tuple[str, bool], ...] = ()
    """Tests that are split: what each is taken to be."""


@dataclass(slots=True)
class ClassInfo:
    """A class of the project: its methods by name and its bases as values."""

    key: str
    path: str
    node: Class
    bases: tuple[Value, ...]
    methods: dict[str, tuple[Function, str]]
    scopes: tuple[str, ...] = ()
    order: tuple[str, ...] | None = None
    fields: tuple[str, ...] | None = None
    """The names that its methods give to `self`, once somebody asked."""


@dataclass
class Machine:
    """Everything that lives longer than one function's evaluation."""

    project: Project
    catalog: Catalog
    home: str
    leads: Leads
    """Where the project's names lead."""
    world: World = field(default_factory=World)
    recursive: set[tuple[Any, ...]] = field(default_factory=set)
    """Functions that were called while they were being evaluated."""
    provisional: dict[tuple[Any, ...], Summary] = field(default_factory=dict)
    tentative: dict[tuple[Any, ...], list[tuple[Summary, dict[tuple[Any, ...], Summary | None]]]] = field(default_factory=dict)
    """Results that rest on what is assumed, for the time being, of functions that are still being evaluated."""
    evaluated: Counter[tuple[Any, ...]] = field(default_factory=Counter)
    """How often each function was evaluated for this entry in this world with a result that nobody can use again."""
    naming: dict[Place, bool] = field(default_factory=dict)
    dropping: dict[tuple[str, int, int, bool], bool] = field(default_factory=dict)
    throwing: dict[tuple[Any, ...], Outcome | None] = field(default_factory=dict)
    used: dict[tuple[Any, ...], list[Summary]] = field(default_factory=dict)
    """What each function did for this entry in this world."""
    general: dict[tuple[Any, ...], list[Summary]] = field(default_factory=dict)
    """What functions do that are called with anything, for those that were evaluated too often."""
    cells: dict[str, frozenset[str]] = field(default_factory=dict)
    """The variables that each function shares with the functions inside it."""
    sites: dict[str, dict[Place, Place]] = field(default_factory=dict)
    slice: frozenset[str] | None = None
    memo: dict[tuple[Any, ...], list[Summary]] = field(default_factory=dict)
    classes: dict[str, ClassInfo] = field(default_factory=dict)
    active: dict[tuple[Any, ...], dict[str, Value]] = field(default_factory=dict)
    """What is being evaluated, with its parameters."""
    statics: dict[str, dict[str, Define | Import]] = field(default_factory=dict)
    constants: dict[tuple[str, str], Value] = field(default_factory=dict)
    by_method: dict[str, set[str]] = field(default_factory=dict)
    """The classes that some run has made instances of, by the methods they have."""
    resolving: set[tuple[str, str]] = field(default_factory=set)
    """Names of modules whose meaning is being looked up."""
    ledger: list[tuple[str, str, Witness]] | None = None
    visits: int = 0
    uid: int = 0
    limit: int = MAX_VISITS
    frames: int = MAX_FRAMES
    """How deep calls are followed."""
    patient: bool = False
    follows: bool = True
    """Whether an entry is followed; without one, nothing is known of the streams."""

    # -- stores ----------------------------------------------------------------------------------------------------

    def read(self, location: Location, state: State, activation: Activation) -> Any:
        """A cell of the store, or MISSING; what comes from a caller is noted as looked at."""
        found = state.writes.get(location, MISSING)
        if found is not MISSING:
            return found
        reads = activation.reads
        if location in reads:
            return reads[location]
        found = MISSING
        if activation.parent is not None and activation.caller is not None:
            found = self.read(location, activation.caller, activation.parent)
        reads[location] = found
        return found

    def left(self, stream: str, state: State, activation: Activation) -> int:
        """What the run has left a stream with, as a set of finals; noted as looked at."""
        own = finals(state.words.get(stream, NOTHING))
        if not own & 1 or activation.parent is None or activation.caller is None:
            return own
        location: Location = ("left", stream)
        if location not in activation.reads:
            activation.reads[location] = self.left(stream, activation.caller, activation.parent)
        inherited: int = activation.reads[location]
        return own & ~1 | inherited

    def _left(self, stream: str, state: State, activation: Activation) -> int:
        """The same, without a note."""
        own = finals(state.words.get(stream, NOTHING))
        if not own & 1 or activation.parent is None or activation.caller is None:
            return own
        known = activation.reads.get(("left", stream), MISSING)
        inherited: int = self._left(stream, activation.caller, activation.parent) if known is MISSING else known
        return own & ~1 | inherited

    def join_states(self, states: list[State | None], activation: Activation) -> State | None:
        """The state after paths that meet."""
        result: State | None = None
        for state in states:
            if result is None:
                result = state
            elif state is not None:
                self._merge(result, state, activation)
        return result

    def _merge(self, into: State, other: State, activation: Activation) -> None:
        writes = into.writes
        others = other.writes
        if writes is not others:
            same = 0
            for location, found in others.items():
                mine = writes.get(location, MISSING)
                if mine is found:
                    same += 1
                    continue
                if mine is MISSING:
                    mine = self._outer(location, activation)
                else:
                    same += 1
                writes[location] = self._join_cells(mine, found)
            if len(writes) - len(others) or same - len(others):
                for location in [key for key in writes if key not in others]:
                    outer = self._outer(location, activation)
                    if outer is not MISSING:
                        writes[location] = self._join_cells(outer, writes[location])
        if into.overwritten - other.overwritten:  # on the other path the first draw still counts
            for key, witness in other.firsts.items():
                if key[1] == "early" and key in into.firsts and witness.level >= into.firsts[key].level:
                    into.firsts[key] = witness
        into.overwritten &= other.overwritten
        into.told |= other.told
        words = into.words
        for stream, found in other.words.items():
            words[stream] = words.get(stream, NOTHING) | found
        for stream in words:
            if stream not in other.words:
                words[stream] |= NOTHING
        for (stream, mark), witness in other.firsts.items():
            into.note(stream, mark, witness)

    def _outer(self, location: Location, activation: Activation) -> Any:
        if type(location[0]) is int or activation.parent is None or activation.caller is None:
            return MISSING
        reads = activation.reads
        if location in reads:
            return reads[location]
        found = reads[location] = self.read(location, activation.caller, activation.parent)
        return found

    def _join_cells(self, one: Any, other: Any) -> Any:
        if one is not MISSING and type(one) is Value and type(other) is Value:
            return join(one, other)
        return other

    def opens(self, lead: Lead, scope: Scope) -> str:
        """The kind of the world, if it leaves a test open that asks an option: its arms lead to what the world looks for.

        The answer is noted as looked at; in the default world it is none.
        """
        location: Location = ("opens", lead)  # type: ignore[assignment]
        found = scope.activation.reads[location] = self._opens(lead)
        return found

    def _opens(self, lead: Lead) -> str:
        kind, wanted = self.world.kind, self.world.wanted
        if kind == "default":
            return ""
        found = lead.seeds if kind == "willing" else lead.seeds | lead.draws
        return kind if any(stream.rpartition(":")[2] in found for stream in wanted) else ""

    def wanted(self, scope: Scope) -> frozenset[str]:
        """The streams for which the world looks for a seed, noted as looked at."""
        scope.activation.reads["world", "wanted"] = self.world.wanted
        return self.world.wanted

    def assumed(self, key: str, scope: Scope) -> bool | None:
        """What the world takes an open test to be."""
        return self._assumed(key, scope.activation)

    def _assumed(self, key: str, activation: Activation) -> bool | None:
        found = dict(self.world.assumed).get(key)
        activation.reads["assumed", key] = found
        return found

    # -- names -----------------------------------------------------------------------------------------------------

    def module(self, path: str) -> Module | None:
        return self.project.modules.get(path)

    def static(self, path: str) -> dict[str, Define | Import]:
        """The names that a module binds exactly once, by a plain definition or an import."""
        known = self.statics.get(path)
        if known is None:
            module = self.module(path)
            known = self.statics[path] = static_names(module) if module else {}
        return known

    def global_value(self, path: str, name: str, state: State, activation: Activation) -> Value:
        """What a global name of a module is worth."""
        known = self.constants.get((path, name))
        if known is not None:
            return known
        binding = self.static(path).get(name)
        if binding is not None:
            value, stable = self._bound_value(path, binding, state, activation)
            if stable:
                self.constants[path, name] = value
            return value
        found = self.read((path, name), state, activation)
        if found is not MISSING:
            return found  # type: ignore[no-any-return]
        return self._starred(path, name, state, activation) or self.builtin(name)

    def _bound_value(
        self, path: str, binding: Define | Import, state: State, activation: Activation
    ) -> tuple[Value, bool]:
        if isinstance(binding, Import):
            return self.imported_value(path, binding, state, activation)
        definition = binding.definition
        if isinstance(definition, Function):
            return of(Code(definition, path)), True
        return of(ClassRef(self.class_of(path, definition, (), state, activation).key)), True

    def imported_value(self, path: str, item: Import, state: State, activation: Activation) -> tuple[Value, bool]:
        """What an import binds, and whether that can never change."""
        base = self.target_module(path, item)
        if item.name is None:
            if item.whole or "." not in item.module:
                return of(ModuleRef(base) if base else Library(item.module)), True
            top = item.module.partition(".")[0]
            found = self.project.find(top, path, self.home) if base else None
            return of(ModuleRef(found) if found else Library(top)), True
        if base is None:
            dotted = f"{item.module}.{item.name}" if item.module else item.name
            return of(Library(dotted)), True
        return self.member(base, item.name, state, activation)

    def target_module(self, path: str, item: Import) -> str | None:
        """The project module that an import statement names, or None for a library."""
        if item.level:
            return self.project.relative(path, item.level, item.module) or f"{dirname(path)}/?"
        return self.project.find(item.module, path, self.home)

    def member(self, path: str, name: str, state: State, activation: Activation) -> tuple[Value, bool]:
        """An attribute of a project module, and whether it can never change."""
        asked = (path, name)
        if asked in self.resolving:  # two modules that import each other's names in a circle
            return TOP, False
        self.resolving.add(asked)
        try:
            return self._member(path, name, state, activation)
        finally:
            self.resolving.discard(asked)

    def _member(self, path: str, name: str, state: State, activation: Activation) -> tuple[Value, bool]:
        if path in self.project.modules:
            binding = self.static(path).get(name)
            if binding is not None and not (isinstance(binding, Import) and self._is_self(path, binding, name)):
                return self._bound_value(path, binding, state, activation)
            found = self.read((path, name), state, activation)
            if found is not MISSING:
                return found, False
            starred = self._starred(path, name, state, activation)
            if starred is not None:
                return starred, False
        inner = self.project.submodule(path, name)
        if inner is not None:
            return of(ModuleRef(inner)), True
        return TOP, False

    def defines(self, path: str, name: str) -> bool:
        """Whether a package binds a name itself, other than by importing the submodule of that name from itself."""
        binding = self.static(path).get(name)
        return binding is not None and not (isinstance(binding, Import) and self._is_self(path, binding, name))

    def _is_self(self, path: str, binding: Import, name: str) -> bool:
        return binding.name == name and self.target_module(path, binding) == path

    def _starred(self, path: str, name: str, state: State, activation: Activation) -> Value | None:
        module = self.module(path)
        if module is None or name.startswith("_"):
            return None
        for item in reversed(module.imports):
            if item.name != "*":
                continue
            base = self.target_module(path, item)
            if base is None:
                if self.catalog.find(f"{item.module}.{name}"):
                    return of(Library(f"{item.module}.{name}"))
            elif base != path:
                value, _ = self.member(base, name, state, activation)
                if value is not TOP:
                    return value
        return None

    def builtin(self, name: str) -> Value:
        """A name that nobody binds: Python's own."""
        return of(Library(f"builtins.{name}"))

    # -- classes ---------------------------------------------------------------------------------------------------

    def class_of(
        self, path: str, node: Class, scopes: tuple[str, ...], state: State, activation: Activation
    ) -> ClassInfo:
        """The class of a definition; bases that cannot be read without running code are Top."""
        key = f"{path}:{node.site}"
        info = self.classes.get(key)
        if info is None:
            info = ClassInfo(key, path, node, (), methods_of(node), scopes)
            self.classes[key] = info
            for argument in node.bases:
                if argument.name is None:
                    value = self.static_expression(path, argument.value, state, activation)
                    info.bases += self._spread(value, state, activation) if argument.stars else (value,)
        return info

    def _spread(self, value: Value, state: State, activation: Activation) -> tuple[Value, ...]:
        """The elements of a tuple or list of bases."""
        found: list[Value] = []
        for atom in value.atoms:
            kept = self.read((atom.key, "items"), state, activation) if isinstance(atom, Object) else of(atom)
            found += [element for one in (kept.atoms if isinstance(kept, Value) else ()) if isinstance(one, Sequence) for element in one.elements]
        return tuple(found) or (TOP,)

    def static_expression(self, path: str, expression: Expr, state: State, activation: Activation) -> Value:
        """The value of a dotted expression at module level."""
        if isinstance(expression, Name):
            return self.global_value(path, expression.id, state, activation)
        if isinstance(expression, Attr):
            base = self.static_expression(path, expression.of, state, activation)
            return join(*(self._static_attribute(atom, expression.name, state, activation) for atom in base.atoms)) if base.atoms else TOP
        return TOP

    def _static_attribute(self, atom: object, name: str, state: State, activation: Activation) -> Value:
        if isinstance(atom, Library):
            return of(Library(f"{atom.dotted}.{name}"))
        if isinstance(atom, ModuleRef):
            return self.member(atom.path, name, state, activation)[0]
        return TOP

    def order(self, key: str) -> tuple[str, ...]:
        """The method resolution order: keys of project classes and dotted names of library classes."""
        info = self.classes.get(key)
        if info is None:
            return (key, _MODULE) if self._is_module(key) else (key,)
        if info.order is None:
            info.order = (key,)
            sequences = [list(self.order(base)) for base in _base_keys(info)]
            info.order = (key, *linear([*sequences, list(_base_keys(info))]))
        return info.order

    def _is_module(self, key: str) -> bool:
        """Whether a library class is one of torch's modules: the row says so, or where it lives."""
        if key == _MODULE:
            return False
        last = key.rpartition(".")[2]
        lives = key.startswith("torch.nn.") and last[:1].isupper() and last not in {"Parameter", "Buffer", "UninitializedParameter", "UninitializedBuffer"}
        return lives or any(api.returns == "module" for api in self.catalog.find(key))

    def make(self, key: str, place: Place, order: tuple[str, ...]) -> Object:
        """The instance that a call makes: one for each of the first few places, then one for the class."""
        limit = 2 if "torch.nn.Module" in order else 6
        sites = self.sites.setdefault(key, {})
        if place not in sites:
            sites[place] = place if len(sites) < limit else next(reversed(sites.values()))
        site = sites[place]
        return Object(f"{site.path}:{site.site}@{key}", key, site)

    def relevant(self, function: Function) -> bool:
        """Whether a function may, by the names it mentions, lead to anything that the catalog knows."""
        if self.slice is None:
            self.slice = relevant_words((item for _, item in self.leads.definitions), self.catalog)
        return not self.slice.isdisjoint(function.words)

    def results_of(self, function: Function) -> int:
        """How many different things a function may do for one entry before it is taken to be called with anything."""
        return MAX_PATIENT_RESULTS if self.patient else MAX_RESULTS if self.relevant(function) else MAX_IDLE_RESULTS

    @contextmanager
    def patience(self) -> Iterator[None]:
        """While known elements are looked at one by one, a function may do something else for each."""
        before, self.patient = self.patient, True
        try:
            yield
        finally:
            self.patient = before

    def note_made(self, instance: Object, state: State, activation: Activation) -> None:
        """Note that the run has an instance of a class of the project: the first one stands for all."""
        location: Location = ("made", instance.type)
        if self.read(location, state, activation) is MISSING:
            state.writes[location] = of(instance)
        for key in self.order(instance.type):
            for name in self.classes[key].methods if key in self.classes else ():
                self.by_method.setdefault(name, set()).add(instance.type)

    def instance(self, key: str, state: State, activation: Activation) -> Object | None:
        """An instance of the class that this run has made."""
        found = self.read(("made", key), state, activation)
        atom = found.atoms[0] if isinstance(found, Value) and found.atoms else None
        return atom if isinstance(atom, Object) else None

    def find_method(self, order: tuple[str, ...], name: str) -> tuple[ClassInfo, Function, str] | None:
        """The first class of an order that defines a method, with the kind of method."""
        for key in order:
            info = self.classes.get(key)
            if info is not None and name in info.methods:
                function, kind = info.methods[name]
                return info, function, kind
        return None

    @functools.cached_property
    def throwaway(self) -> Throwaway:
        return Throwaway(self)

    # -- what draws are for ----------------------------------------------------------------------------------------

    def only_names(self, item: Call, place: Place) -> bool:
        """Whether the letters, or the words, that the call at a place draws only make names."""
        return self.names(walk.last_name(item.callee), place)

    def names(self, method: str, place: Place) -> bool:
        """The same for a call of which only the name of what is called, and the place, is known."""
        if method not in spelled.PICKS:
            return False
        if place not in self.naming:
            self.naming[place] = naming.only_names(self.project, place, numbers=False) or spelled.only_spelled(self.project, place)
        return self.naming[place]

    def drops(self, item: Call, scope: Scope) -> bool:
        """Whether a call's result is read for its shape at most, and goes nowhere."""
        return not scope.body_class and self._dropped(scope.path, scope.function, item, given=False)

    def gives(self, target: Code) -> bool:
        """Whether all that a function may draw goes into what it returns, and nowhere else."""
        calls = (item for item in walk.statements(target.function.body) if isinstance(item, Call))
        drawing = [item for item in calls if self.leads.may_draw(walk.last_name(item.callee))]
        return bool(drawing) and all(not item.loose and self._dropped(target.path, target.function, item, given=True) for item in drawing)

    def _dropped(self, path: str, function: Function | None, item: Call, *, given: bool) -> bool:
        key = (path, function.site if function is not None else -1, item.site, given)
        if key not in self.dropping:
            body, outer = (self.project.modules[path].body, ()) if function is None else (function.body, function.outer)
            others = frozenset(outer).union(*(definition.words for definition in walk.definitions(body)))
            shown = function is None and path.endswith(".ipynb")
            self.dropping[key] = dropped.dropped(body, item, others, shown=shown, given=given)
        return self.dropping[key]

    def thrown(self, item: Call, targets: tuple[Atom, ...], scope: Scope) -> Outcome | None:
        """What comes of what a call draws, if nothing uses it, through the functions that it is handed to."""
        key = (scope.path, scope.function.site if scope.function is not None else -1, item.site, targets)
        if key not in self.throwing:
            drawn = [self._drawn_in(target, loose=item.loose) for target in targets]
            info = self.classes.get(scope.owner)
            around = Known(scope.path, scope.function, info.node if info is not None else None) if scope.function is not None else scope.path
            known = functools.reduce(both, drawn) if drawn and not scope.body_class else None
            self.throwing[key] = self.throwaway.here(around, item, known) if known is not None else None
        return self.throwing[key]

    def _drawn_in(self, target: Atom, *, loose: bool) -> Outcome | None:
        """What comes of the draws of a call in what is called; None if something there uses them, or that is not known."""
        target = target.target if isinstance(target, Bound) else target
        if isinstance(target, Code):
            info = self.classes.get(target.owner)
            known = Known(target.path, target.function, info.node if info is not None else None, bound=info is not None)
            return self.throwaway.of(known, frozenset(), draws=True, depth=0)
        if isinstance(target, Library):
            rows = self.rows(target.dotted)
            if not rows or target.dotted.endswith("_") or any(api.calls or api.seeds for api in rows):
                return None
            if any(api.returns == "none" for api in rows):
                return Outcome(changed=frozenset({"#first"})) if target.dotted.endswith(".shuffle") else None
            return None if loose else Outcome(given=True)
        kind = self.classes.get(target.key if isinstance(target, ClassRef) else target.type if isinstance(target, Object) else "")
        if kind is not None and not self.throwaway.contained(Kind(kind.path, kind.node)):
            return None
        if isinstance(target, Object):
            return Outcome(given=True, changed=frozenset({"#callee"})) if _MODULE in self.order(target.type) else None
        return Outcome(given=True) if kind is not None and not loose else None

    # -- truths ----------------------------------------------------------------------------------------------------

    def truth(self, atom: Atom) -> bool | None:
        """The truth of one atom where it is known."""
        return truth(atom) if self._solid(atom) else None

    def may_be_none(self, atom: Atom) -> bool | None:
        """Whether the atom is None: True, False, or not known."""
        return may_be_none(atom) if self._solid(atom) else None

    def _solid(self, atom: Atom) -> bool:
        """Whether what is known by its name alone is a module, class or function, and not a setting of unknown worth."""
        if not isinstance(atom, (Library, Method)):
            return True
        package, _, rest = atom.dotted.partition(".")
        if package == "builtins" or (not rest and package) or self.rows(atom.dotted):
            return True
        if isinstance(atom, Method) and atom.name in {"weight", "bias"} and any(api.draws for api in self.rows(atom.dotted.rpartition(".")[0])):
            return True  # a parameter of a layer; `bias=False` was seen before
        if isinstance(atom, Method):
            return False
        if not rest or not self.catalog.knows(package):
            return _CLASS.match(atom.dotted.rpartition(".")[2]) is not None
        return _SETTINGS.isdisjoint(rest.split("."))

    # -- streams ---------------------------------------------------------------------------------------------------

    def draw(self, stream: str, what: str, place: Place, scope: Scope, state: State, *, level: int, rule: str = "", source: Place | None = None) -> None:
        """One draw from a global stream; `source` is where the object was made that draws."""
        if scope.worker and stream in {"torch", "numpy", "python"}:
            stream = f"worker:{stream}"
        if self.read(("process", "blocked"), state, scope.activation) is not MISSING:
            level = POSSIBLE
        witness = Witness(place, what, level, rule=rule, source=source)
        if self.ledger is not None:
            self.ledger.append(("draw", stream, witness))
        state.apply(stream, DRAW, {"early": witness})
        taint.drew(state, stream)

    def seed(
        self, streams: list[str], qualities: frozenset[str], what: str, place: Place, scope: Scope, state: State, *,
        level: int, via: tuple[str, ...] = (), source: Place | None = None,
    ) -> None:  # fmt: skip
        """One seeding: `qualities` holds `fixed`, `entropy` or both."""
        effect = 0
        witnesses = {}
        for quality, part in (("fixed", SEED), ("entropy", UNSEED), ("nothing", NOTHING)):
            if quality in qualities:
                effect |= part
                if quality != "nothing":
                    witnesses[quality] = Witness(place, what, level, via=via, source=source)
        for stream in streams:
            for name in self._seeded_names(stream, scope):
                if self.ledger is not None and not name.startswith("worker:"):
                    self.ledger.append(("seed" if "fixed" in qualities else "entropy", name, next(iter(witnesses.values()))))
                state.apply(name, effect, witnesses)
                if qualities == {"fixed"}:
                    taint.made(self, name, (), scope, state)

    def _seeded_names(self, stream: str, scope: Scope) -> tuple[str, ...]:
        if scope.worker:
            return (f"worker:{stream}",) if stream in {"torch", "numpy", "python"} else ()
        if stream == "torch":
            return ("torch", "worker:torch", "worker:numpy", "worker:python")
        return (stream,)

    def event(self, kind: str, place: Place, scope: Scope, *detail: Any, level: int = CERTAIN) -> None:
        """Tell the checks."""
        scope.activation.events.setdefault(Event(kind, place, detail, level), ())

    # -- memory ----------------------------------------------------------------------------------------------------

    def remembered(
        self, key: tuple[Any, ...], parameters: dict[str, Value], state: State, activation: Activation
    ) -> Summary | None:
        """An earlier evaluation that looked at nothing that differs now."""
        for summary in self.memo.get(key, ()):
            if self.holds(summary, parameters, state, activation):
                return summary
        for summary, assumed in self.tentative.get(key, ()):
            if self.stands(assumed) and self.holds(summary, parameters, state, activation):
                activation.pending.update(assumed)
                self.recursive.update(assumed)
                return summary
        return None

    def stands(self, assumed: dict[tuple[Any, ...], Summary | None]) -> bool:
        """Whether what was assumed of functions that are still being evaluated is assumed now."""
        return all(running in self.active and self.provisional.get(running) is known for running, known in assumed.items())

    def begin(self, world: World) -> None:
        """Start an entry in a world: what was learned of functions stays, what was counted does not."""
        self.world = world
        self.visits = 0
        self.active.clear()
        self.provisional.clear()
        self.tentative.clear()
        self.general.clear()
        self.evaluated.clear()
        self.used.clear()
        self.sites.clear()

    def holds(self, summary: Summary, parameters: dict[str, Value], state: State, activation: Activation) -> bool:
        """Whether everything that an evaluation looked at is as it was; only then is it noted as looked at here too.

        What is compared in vain must leave no trace: it would make what the caller looked at depend on what is remembered.
        """
        writes = state.writes
        for location, value in summary.reads:
            head = location[0]
            if head == "parameter":
                now: Any = parameters.get(location[1], NOWHERE)
            elif head in _ANSWERS:
                now = self._answer(location, state, activation)
            elif value is MISSING and head == "import":
                continue  # importing a module twice does no harm
            elif (now := writes.get(location, MISSING)) is MISSING:
                now = self._peek(location, activation)
            if now is not value and now != value:
                return False
        for location, value in summary.reads:
            head = location[0]
            if head == "left":
                self.left(location[1], state, activation)
            elif head in _ANSWERS:
                activation.reads[location] = value
            elif head != "parameter" and location not in writes and not (value is MISSING and head == "import"):
                self.read(location, state, activation)
        return True

    def _peek(self, location: Location, activation: Activation) -> Any:
        """A cell of the store as the callers of what is being evaluated have it, without a note."""
        found = activation.reads.get(location, activation.peeked.get(location))
        if found is not None or activation.caller is None or activation.parent is None:
            return MISSING if found is None else found
        found = activation.caller.writes.get(location, MISSING)
        if found is MISSING:
            found = self._peek(location, activation.parent)
        activation.peeked[location] = found
        return found

    def _answer(self, location: Location, state: State, activation: Activation) -> Any:
        head = location[0]
        if head == "world":
            return self.world.wanted
        if head == "opens":
            return self._opens(location[1])  # type: ignore[arg-type]
        if head == "assumed":
            return dict(self.world.assumed).get(location[1])
        return self._left(location[1], state, activation)

    def replay(self, summary: Summary, place: Place, scope: Scope, state: State, level: int) -> None:
        """Do to the caller what the callee did."""
        before = {stream: finals(state.words.get(stream, NOTHING)) for stream, _ in summary.firsts}
        for stream, effect in summary.words.items():
            state.words[stream] = compose(state.words.get(stream, NOTHING), effect)
        for (stream, mark), witness in summary.firsts.items():
            seen = witness.under(place, level)
            if mark == "latest":
                if before[stream] & 1:
                    state.note(stream, mark, seen)
            elif mark == "early":
                for number, name in enumerate(("early", "clean", "entropic")):
                    if before[stream] >> number & 1:
                        state.note(stream, name, seen)
            else:
                state.note(stream, mark, seen)
        state.writes.update(summary.writes)
        if summary.overwritten:
            state.overwrite(summary.overwritten)
        if summary.told:
            state.tell(summary.told)
        if summary.events:
            scope.activation.events.setdefault(summary, (place,))

    def visit(self) -> None:
        self.visits += 1
        if self.visits > self.limit:
            raise BudgetExceeded

    def fresh_key(self) -> int:
        self.uid += 1
        return self.uid

    def rows(self, dotted: str) -> tuple[Api, ...]:
        """The catalog's rows for a library name."""
        found = self.catalog.find(dotted)
        if not found and dotted.startswith("builtins."):
            found = self.catalog.find(dotted.removeprefix("builtins."))
        return found

    def method_rows(self, order: tuple[str, ...], name: str) -> tuple[Api, ...]:
        """The rows of a method along a class order."""
        for base in order:
            found = self.catalog.find(f"{base}.{name}")
            if found:
                return found
        return ()


def _base_keys(info: ClassInfo) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for value in info.bases:
        for atom in value.atoms:
            if isinstance(atom, ClassRef) and atom.key != info.key:
                found[atom.key] = None
            elif isinstance(atom, Library):
                found[atom.dotted] = None
    return tuple(found)
