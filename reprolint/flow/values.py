"""Abstract values: at most a few atoms, joined and folded, with the order or entropy they carry."""

from __future__ import annotations

import ast
import posixpath
import re
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from reprolint.model.code import Function, Scalar
    from reprolint.model.span import Place

MAX_ATOMS: Final = 4
MAX_HELD: Final = 8
MAX_DEPTH: Final = 3
MAX_TAINTS: Final = 4
_CONTAINERS: Final = frozenset({"list", "set", "dict", "options", "namespace"})
_WIDE: Final = 64
"""Powers and shifts beyond this are not worked out."""


class Const(Struct, frozen=True, gc=False, cache_hash=True):
    """A known scalar; `via` names the options, keys and variables of the environment it depends on."""

    kind: str
    value: Scalar
    via: tuple[str, ...] = ()


class Given(Struct, frozen=True, gc=False, cache_hash=True):
    """Not None, and supplied by the user, a file or the environment."""

    via: tuple[str, ...] = ()


class Entropy(Struct, frozen=True, gc=False, cache_hash=True):
    """Differs from run to run: clock, pid, the system's entropy."""

    source: str
    place: Place | None


class Drawn(Struct, frozen=True, gc=False, cache_hash=True):
    """A number out of a stream."""

    stream: str
    place: Place | None
    unit: bool = False
    """It is at least 0 and below 1."""


class Derived(Struct, frozen=True, gc=False, cache_hash=True):
    """What torch gives a worker to seed itself with: as good as the worker's torch stream."""

    stream: str


class WorkerNumber(Struct, frozen=True, gc=False, cache_hash=True):
    """The number of a worker, or a value made of nothing else that changes."""


class Code(Struct, frozen=True, gc=False, cache_hash=True):
    """A function of the project."""

    function: Function
    path: str
    scopes: tuple[str, ...] = ()
    """Keys of the enclosing functions whose variables it sees, innermost first."""
    owner: str = ""
    """Key of the class that defines it, for `super()`."""

    def __hash__(self) -> int:
        return hash((self.path, self.function.site))

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Code)
            and self.path == other.path
            and self.function.site == other.function.site
            and self.scopes == other.scopes
        )


class ClassRef(Struct, frozen=True, gc=False, cache_hash=True):
    """A class of the project."""

    key: str


class Library(Struct, frozen=True, gc=False, cache_hash=True):
    """Something of a library by its dotted name."""

    dotted: str


class ModuleRef(Struct, frozen=True, gc=False, cache_hash=True):
    """A module of the project."""

    path: str


class Object(Struct, frozen=True, gc=False, cache_hash=True):
    """An instance, list, dict or set made at one place; its fields live in the store under `key`."""

    key: str
    type: str
    """Key of a project class, dotted name of a library class, or `list dict set namespace options`."""
    place: Place | None = None

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Object) and self.key == other.key and self.type == other.type)


class Bound(Struct, frozen=True, gc=False, cache_hash=True):
    """A method with its receiver."""

    target: Atom
    receiver: Atom


class Method(Struct, frozen=True, gc=False, cache_hash=True):
    """A method of a library object, or of an unknown one."""

    name: str
    receiver: Value
    dotted: str = ""
    """The library's name of it, where the type is known."""


class Partial(Struct, frozen=True, gc=False, cache_hash=True):
    target: Value
    arguments: tuple[Value, ...]
    keywords: tuple[tuple[str, Value], ...]


class Sequence(Struct, frozen=True, gc=False, cache_hash=True):
    """A tuple whose elements are known one by one."""

    elements: tuple[Value, ...]


class Many(Struct, frozen=True, gc=False, cache_hash=True):
    """Any number of elements that are all like this one."""

    element: Value


class Text(Struct, frozen=True, gc=False, cache_hash=True):
    """Some text, not known which."""


class Lazy(Struct, frozen=True, gc=False, cache_hash=True):
    """A generator that has not run: its function and the arguments it was called with."""

    code: Code
    parameters: tuple[tuple[str, Value], ...]
    receiver: Atom | None = None
    manager: bool = False
    """It came from a function decorated as a context manager."""


class Super(Struct, frozen=True, gc=False, cache_hash=True):
    """`super()` inside a method: looks up after `owner` in the receiver's order."""

    owner: str
    receiver: Atom


class Rng(Struct, frozen=True, gc=False, cache_hash=True):
    """A generator with a stream of its own."""

    kind: str
    seeded: str
    """`fixed`, `entropy` or `unknown`."""
    place: Place | None
    where: str = ""
    """`worker` if it was made in a worker."""


class Saved(Struct, frozen=True, gc=False, cache_hash=True):
    """The saved state of streams; `finals` is what each was left with when it was saved."""

    streams: tuple[tuple[str, int], ...]


class Top(Struct, frozen=True, gc=False, cache_hash=True):
    """Anything; `held` are the callables and protocol objects it may run or iterate later."""

    held: tuple[Atom, ...] = ()


Atom: TypeAlias = (
    Const | Given | Entropy | Drawn | Derived | WorkerNumber | Code | ClassRef | Library | ModuleRef | Object | Bound
    | Method | Partial | Sequence | Many | Text | Lazy | Super | Rng | Saved | Top
)  # fmt: skip


class Taint(Struct, frozen=True, gc=False, cache_hash=True):
    """An order or a value that changes between runs for a reason no seed touches."""

    kind: str
    """`listing`, `hash`, `entropy`, `clock`."""
    place: Place
    shape: str = "order"
    """`order`: elements in an unfixed order; `value`: a value that depends on it."""
    what: str = ""


class Value(Struct, frozen=True, gc=False, cache_hash=True):
    atoms: tuple[Atom, ...]
    taints: tuple[Taint, ...] = ()


NOWHERE: Final = Value(())
"""The value of something that was not executed on this path."""
TOP: Final = Value((Top(),))
NONE: Final = Value((Const("NoneType", None),))


def const(value: Scalar, via: tuple[str, ...] = ()) -> Value:
    return Value((Const(type(value).__name__, value, via),))


def of(*atoms: Atom) -> Value:
    return Value(atoms)


def held(values: Iterable[Value]) -> tuple[Atom, ...]:
    """What is worth holding among values, displays looked into."""
    found: dict[Atom, None] = {}
    for value in values:
        _hold(value, found, 0)
    return tuple(found)[:MAX_HELD]


def computed(values: Iterable[Value]) -> Value:
    """What a library that computes makes of values: an array holds nothing, but whoever wraps a network or a function holds that."""
    kept = tuple(atom for atom in held(values) if not isinstance(atom, Object) or atom.type not in _CONTAINERS)
    return Value((Top(kept),)) if kept else TOP


def _hold(value: Value, found: dict[Atom, None], depth: int) -> None:
    for atom in value.atoms:
        if isinstance(atom, Top):
            found.update(dict.fromkeys(atom.held))
        elif isinstance(atom, Sequence | Many):
            if depth < MAX_DEPTH:
                for element in atom.elements if isinstance(atom, Sequence) else (atom.element,):
                    _hold(element, found, depth + 1)
        elif isinstance(atom, Code | Object | Bound | Partial | Lazy | Rng):
            found[atom] = None


def join(*values: Value) -> Value:
    """The union of values, widened to Top past four atoms."""
    first = values[0]
    for value in values:
        if value is not first and value != first:
            break
    else:
        return first
    atoms: dict[Atom, None] = {}
    taints: dict[Taint, None] = {}
    for value in values:
        atoms.update(dict.fromkeys(value.atoms))
        taints.update(dict.fromkeys(value.taints))
    merged = tuple(atoms)
    if len(merged) > MAX_ATOMS:
        merged = _widen(merged)
    return Value(merged, tuple(taints)[:MAX_TAINTS])


def _widen(atoms: tuple[Atom, ...]) -> tuple[Atom, ...]:
    constants = [atom for atom in atoms if isinstance(atom, Const | Given)]
    if len(constants) == len(atoms):
        via = unite(*(atom.via for atom in constants))
        if not via and all(isinstance(atom, Const) and isinstance(atom.value, str) for atom in constants):
            return (Text(),)
        if all(atom.value is not None for atom in constants if isinstance(atom, Const)):
            return (Given(via),)
    keep = held([Value(atoms)])
    special = [atom for atom in atoms if isinstance(atom, Entropy | Drawn | Derived | Saved)]
    if len(keep) == len(atoms) and len(atoms) <= MAX_HELD:
        return atoms
    return (*special[:2], Top(keep))


def unite(*vias: tuple[str, ...]) -> tuple[str, ...]:
    """All names, in order, once."""
    return tuple(dict.fromkeys(name for via in vias for name in via))[:6]


def via_of(value: Value) -> tuple[str, ...]:
    """What options a value depends on."""
    return unite(*(atom.via for atom in value.atoms if isinstance(atom, Const | Given)))


def with_taints(value: Value, taints: Iterable[Taint]) -> Value:
    united = tuple(dict.fromkeys((*value.taints, *taints)))[:MAX_TAINTS]
    return value if united == value.taints else replace(value, taints=united)


def single(value: Value) -> Atom | None:
    """The only atom, if there is just one."""
    return value.atoms[0] if len(value.atoms) == 1 else None


def constant(value: Value) -> Const | None:
    """The constant that the value surely is."""
    atom = single(value)
    return atom if isinstance(atom, Const) else None


def text_of(value: Value) -> str | None:
    found = constant(value)
    return found.value if found is not None and isinstance(found.value, str) else None


def field_of(key: Value) -> str | None:
    """The name under which a record keeps what it has for a key, where that is known: a scalar, or a tuple of such."""
    atom = single(key)
    if isinstance(atom, Const):
        whole = isinstance(atom.value, bool | float) and atom.value == atom.value // 1  # True, 1.0 and 1 are one key
        return atom.value if isinstance(atom.value, str) else f"#{int(atom.value) if whole else atom.value!r}"  # type: ignore[arg-type]
    if isinstance(atom, Sequence):
        parts = [field_of(element) for element in atom.elements]
        return None if None in parts else repr(tuple(parts))
    return None


def key_of(name: str) -> Value:
    """The key that a record has under such a name."""
    if not name.startswith(("(", "#")):
        return const(name)
    try:
        return const(ast.literal_eval(name[1:])) if name.startswith("#") else TOP
    except (ValueError, SyntaxError):
        return TOP


# -- operators -----------------------------------------------------------------------------------------------------

_OPERATORS: Final[dict[str, Callable[[object, object], object]]] = {
    "+": lambda a, b: a + b,  # type: ignore[operator]
    "-": lambda a, b: a - b,  # type: ignore[operator]
    "*": lambda a, b: a * b,  # type: ignore[operator]
    "/": lambda a, b: a / b,  # type: ignore[operator]
    "//": lambda a, b: a // b,  # type: ignore[operator]
    "%": lambda a, b: a % b,  # type: ignore[operator]
    "**": lambda a, b: a**b if abs(b) < _WIDE else None,  # type: ignore[operator,arg-type]
    "&": lambda a, b: a & b,  # type: ignore[operator]
    "|": lambda a, b: a | b,  # type: ignore[operator]
    "^": lambda a, b: a ^ b,  # type: ignore[operator]
    "<<": lambda a, b: a << b if abs(b) < _WIDE else None,  # type: ignore[operator,arg-type]
    ">>": lambda a, b: a >> b,  # type: ignore[operator]
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,  # type: ignore[operator]
    "<=": lambda a, b: a <= b,  # type: ignore[operator]
    ">": lambda a, b: a > b,  # type: ignore[operator]
    ">=": lambda a, b: a >= b,  # type: ignore[operator]
    "in": lambda a, b: a in b,  # type: ignore[operator]
    "not in": lambda a, b: a not in b,  # type: ignore[operator]
}


def fold(op: str, left: Value, right: Value) -> Value:
    """A binary operator: computes on constants, else the stronger kind wins (entropy, drawn, given)."""
    taints = (*left.taints, *right.taints)
    if op == "format" or any(isinstance(atom, Text) or (isinstance(atom, Const) and isinstance(atom.value, str)) for atom in (*left.atoms, *right.atoms)):
        taints = tuple(taint for taint in taints if taint.kind != "entropy" and taint.shape not in {"value", "name"})
    if not left.atoms or not right.atoms:
        return NOWHERE
    results: dict[Atom, None] = {}
    for one in left.atoms:
        for other in right.atoms:
            results[_fold_atoms(op, one, other)] = None
    return with_taints(join(Value(tuple(results))) if len(results) <= MAX_ATOMS else Value(_widen(tuple(results))), taints)


def _fold_atoms(op: str, left: Atom, right: Atom) -> Atom:
    for kind in (Entropy, Drawn, Derived, Saved):
        for atom in (left, right):
            if isinstance(atom, kind):
                return atom
    if isinstance(left, Sequence) and isinstance(right, Sequence) and op == "+":
        return Sequence((*left.elements, *right.elements)[:16])
    if isinstance(left, Const) and isinstance(right, Const):
        return _compute(op, left, right)
    if isinstance(left, WorkerNumber) and isinstance(right, Const | WorkerNumber):
        return left
    if isinstance(right, WorkerNumber) and isinstance(left, Const):
        return right
    scalars = (Const, Given, WorkerNumber)
    if isinstance(left, scalars) and isinstance(right, scalars):
        via = unite(*(atom.via for atom in (left, right) if isinstance(atom, Const | Given)))
        return Given(via) if via or op != "format" else Text()
    if op == "format" or isinstance(left, Text) or isinstance(right, Text):
        return Text() if op in {"+", "%", "format", "*"} else Top()
    keep = held([Value((left, right))])
    if isinstance(left, Given) or isinstance(right, Given):
        return Given(unite(*(atom.via for atom in (left, right) if isinstance(atom, Const | Given)))) if not keep else Top(keep)
    return Top(keep)


def _compute(op: str, left: Const, right: Const) -> Atom:
    via = unite(left.via, right.via)
    if op == "/" and "path" in {left.kind, right.kind}:
        return Const("path", posixpath.join(str(left.value), str(right.value)), via)
    if op in {"*", "%"} and _large(op, left.value, right.value):
        return Given(via)
    try:
        result = _OPERATORS[op](left.value, right.value)
    except (TypeError, ValueError, ZeroDivisionError, KeyError, OverflowError):
        return Top()
    if result is None or (isinstance(result, str) and len(result) > 200) or isinstance(result, complex):  # noqa: PLR2004
        return Given(via)
    return Const(type(result).__name__, result, via)  # type: ignore[arg-type]


def _large(op: str, left: object, right: object) -> bool:
    """Whether the text that comes of it would be very long."""
    if op == "%":
        return isinstance(left, str | bytes) and _WIDTH.search(str(left)) is not None
    texts = [value for value in (left, right) if isinstance(value, str | bytes)]
    numbers = [value for value in (left, right) if isinstance(value, int)]
    return bool(texts and numbers) and len(texts[0]) * numbers[0] > _LONGEST


_WIDTH: Final = re.compile(r"\d{4}|\*")
_LONGEST: Final = 1000


def truth(atom: Atom) -> bool | None:
    """The truth of one atom where it is known."""
    if isinstance(atom, Const):
        return bool(atom.value)
    if isinstance(atom, Sequence):
        return bool(atom.elements)
    if isinstance(atom, Code | ClassRef | Library | ModuleRef | Bound | Partial | Rng | Lazy):
        return True
    # a Method may be a property of an object that is not looked into: `frame.empty`
    return None


def may_be_none(atom: Atom) -> bool | None:
    """Whether the atom is None: True, False, or not known."""
    if isinstance(atom, Const):
        return atom.value is None
    if isinstance(atom, Top):
        return None
    return False
