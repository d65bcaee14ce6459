"""RPL402: layers that draw their weights and are never used."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from reprolint.checks import rule
from reprolint.checks.findings import Draft
from reprolint.flow.state import CERTAIN, LIKELY, POSSIBLE
from reprolint.model import walk
from reprolint.model.code import Attr, Bind, Branch, Call, Class, Const, Define, Delete, Function, Name, Result
from reprolint.model.span import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reprolint.flow.program import Program
    from reprolint.model.code import Block, Expr

_INDIRECT: Final = frozenset({"_modules", "__dict__", "_parameters"})
_REFLECTS: Final = frozenset({"getattr", "vars", "hasattr", "attrgetter", "get_submodule", "setattr", "delattr"})
_WALKS: Final = frozenset({"children", "modules", "named_children", "named_modules"})
_PREPARES: Final = ("init", "reset", "weight", "freeze", "quant", "param", "group", "decay", "repr", "count")
"""Parts of the names of methods that go through all layers without calling them."""


@dataclass(slots=True, eq=False)
class Known:
    """One class of the project and what it does with its fields."""

    path: str
    node: Class
    bases: tuple[Expr, ...]
    names: dict[str, str]
    made: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Fields that `__init__` fills with layers that draw: the site, and what draws."""
    chosen: set[str] = field(default_factory=set)
    """Those of them that stand under a test."""
    read: set[str] = field(default_factory=set)
    indirect: bool = False
    """It reaches its fields by other ways than their names."""
    runs: bool = False
    """It has methods of its own, so it is no mere record of layers."""
    looked: bool = False
    """Whether its methods were looked at."""


@rule("RPL402", "unused-random-parameter", "warning")
def unused_random_parameter(program: Program) -> Iterator[Draft]:
    """A layer with random weights is made and never used, and shifts the initial weights of everything built after it."""
    classes = _survey(program)
    by_name: dict[str, list[Known]] = {}
    below: dict[str, list[Known]] = {}
    for known in classes:
        by_name.setdefault(known.node.name, []).append(known)
        for base in known.bases:
            below.setdefault(walk.last_name(base), []).append(known)
    read: dict[str, frozenset[str]] = {}
    """By path, the attributes read or spelled out outside of `self`."""
    for known in classes:
        if not known.made or known.path in program.tests:
            continue
        family, whole = _family(program, known, by_name, below)
        for one in family:
            _read_methods(one)
        if any(one.indirect for one in family) or not whole or not any(one.runs for one in family):
            continue
        used = set().union(*(one.read for one in family))
        level = CERTAIN if len(family) == 1 else LIKELY
        for name, (site, drawn) in known.made.items():
            if name not in used and not _read_elsewhere(program, name, read):
                place = Place(known.path, site)
                sure = POSSIBLE if name in known.chosen or not _learned(program, known.path) else level
                yield Draft(
                    "RPL402", place, f"`self.{name}` is never used, and {drawn} draws its weights: it shifts the numbers that everything built after it gets",
                    "delete it, or build it last; a layer that a published checkpoint has must stay", sure, stream="torch",
                )  # fmt: skip


def _learned(program: Program, path: str) -> bool:
    """Whether some run that reaches the file trains, or none reaches it: what is only loaded and applied shifts nothing."""
    reaching = [run for run in program.runs if path in run.closure]
    return not reaching or any(run.learns for run in reaching)


def _survey(program: Program) -> list[Known]:
    """Every class, with the layers that it makes."""
    found: list[Known] = []
    drawers = frozenset(name.rpartition(".")[2] for name, rows in program.catalog.rows.items() for row in rows if "torch" in row.draws)
    for path, module in program.project.modules.items():
        names = walk.library_names(module)
        for node in walk.definitions(module.body):
            if isinstance(node, Class):
                known = Known(path, node, tuple(base.value for base in node.bases if base.name is None), names)
                meant = {*node.words, *(names[word].rpartition(".")[2] for word in node.words if word in names)}
                for method in _methods(known) if not drawers.isdisjoint(meant) else ():
                    if method.name == "__init__":
                        _constructed(program, known, method, _receiver(method))
                found.append(known)
    return found


def _methods(known: Known) -> Iterator[Function]:
    for item in walk.statements(known.node.body):
        if isinstance(item, Define) and isinstance(item.definition, Function):
            yield item.definition


def _receiver(function: Function) -> str:
    return function.parameters[0].name if function.parameters else "self"


def _read_methods(known: Known) -> None:
    """Look, once, at what the methods of a class read."""
    if not known.looked:
        known.looked = True
        for method in _methods(known):
            _read_method(known, method)


def _read_method(known: Known, function: Function) -> None:
    me = _receiver(function)
    known.runs = known.runs or not function.name.startswith("_") or function.name == "__call__"
    prepares = any(part in function.name.lower() for part in _PREPARES)
    for item in walk.deep(function.body):
        if prepares and isinstance(item, Call) and item.loose and _fills(item, me):
            continue
        expressions = walk.written(item)
        if isinstance(item, Bind):
            target = item.target
            plain = isinstance(target, Attr) and _is_name(target.of, me) and not item.augmented
            expressions = expressions[1:] if plain else expressions
        for expression in expressions:
            for part in walk.parts(expression):
                if isinstance(part, Attr) and _is_name(part.of, me):
                    known.read.add(part.name)
                    known.indirect = known.indirect or part.name in _INDIRECT
                elif isinstance(part, Const) and isinstance(part.value, str):
                    known.read.update(part.value.replace("{", ".").split("."))
        if isinstance(item, Call) and _reflects(item, me, prepares=prepares):
            known.indirect = True


def _is_name(expression: Expr, name: str) -> bool:
    return isinstance(expression, Name) and expression.id == name


def _fills(item: Call, me: str) -> bool:
    """`init.normal_(self.x.weight)`, `self.x.weight.data.zero_()`: a layer that is only filled is not used."""
    about = [item.callee, *(argument.value for argument in item.arguments)]
    return any(isinstance(part, Attr) and part.name in {"weight", "bias"} and isinstance(part.of, Attr) and _is_name(part.of.of, me) for one in about for part in walk.parts(one))


def _reflects(item: Call, me: str, *, prepares: bool) -> bool:
    """A call that reaches fields by a computed name, or goes through all of them."""
    name = walk.last_name(item.callee)
    own = isinstance(item.callee, Attr) and _is_name(item.callee.of, me)
    if name in _WALKS and own:
        return not prepares
    if name in _REFLECTS:
        about = item.callee.of if own and isinstance(item.callee, Attr) else item.arguments[0].value if item.arguments else None
        computed = [argument.value for argument in item.arguments[0 if own else 1 :][:1]]
        return about is not None and _is_name(about, me) and not all(isinstance(one, Const) for one in computed)
    return False


def _read_elsewhere(program: Program, name: str, read: dict[str, frozenset[str]]) -> bool:
    """Whether any module reads or spells out the attribute of something that is not `self`."""
    for path, module in program.project.modules.items():
        spelled = not _REFLECTS.isdisjoint(program.words.get(path, ()))
        if not spelled and name not in program.words.get(path, ()):
            continue
        if path not in read:
            elsewhere: set[str] = set()
            _others(module.body, elsewhere)
            read[path] = frozenset(elsewhere)
        if name in read[path]:
            return True
    return False


def _others(block: Block, elsewhere: set[str]) -> None:
    """Attributes read from anything that is not `self`."""
    for item in walk.deep(block):
        for expression in walk.written(item):
            for part in walk.parts(expression):
                if isinstance(part, Attr) and not (isinstance(part.of, Name) and part.of.id in {"self", "cls"}):
                    elsewhere.add(part.name)
        if isinstance(item, Call) and walk.last_name(item.callee) in _REFLECTS:
            elsewhere.update(text for argument in item.arguments if (text := walk.text(argument.value)) is not None)
        if isinstance(item, Delete):
            elsewhere.update(target.name for target in item.targets if isinstance(target, Attr))


# -- what __init__ makes -------------------------------------------------------------------------------------------


def _constructed(program: Program, known: Known, function: Function, me: str) -> None:
    drawing: dict[int, str] = {}
    bare: set[int] = set()
    """Draws that are no layer and no parameter."""
    under = {inner.site for item in walk.statements(function.body) if isinstance(item, Branch) for arm in (item.body, item.orelse) for inner in walk.statements(arm) if isinstance(inner, Bind)}
    for item in walk.statements(function.body):
        if isinstance(item, Call):
            what = _draws(program, item, known.names, drawing)
            if what:
                drawing[item.number] = what
                if not _holds_weights(program, item, known.names):
                    bare.add(item.number)
        elif isinstance(item, Bind) and isinstance(item.target, Attr) and _is_name(item.target.of, me):
            value = item.value
            if isinstance(value, Result) and value.number in drawing and value.number not in bare:
                known.made.setdefault(item.target.name, (item.site, drawing[value.number]))
                if item.site in under:
                    known.chosen.add(item.target.name)


def _draws(program: Program, item: Call, names: dict[str, str], drawing: dict[int, str]) -> str:
    """What draws when the call makes a layer: the layer itself, or one that it is given."""
    name = walk.dotted(item.callee, names)
    rows = program.catalog.find(name) if name else ()
    if any(argument.stars or (argument.name == "device" and walk.text(argument.value) == "meta") for argument in item.arguments):
        return ""
    if any(row.draws and row.draws_when == "call" and not row.calls for row in rows) and "torch" in rows[0].draws:
        return _short(name)
    if name and program.catalog.knows(name.partition(".")[0]) and not (rows and rows[0].draws):
        return next((drawing[part.number] for argument in item.arguments for part in walk.parts(argument.value) if isinstance(part, Result) and part.number in drawing), "")
    return ""


def _holds_weights(program: Program, item: Call, names: dict[str, str]) -> bool:
    rows = program.catalog.find(walk.dotted(item.callee, names))
    return not rows or any(row.returns in {"module", "self", "carrier"} or row.returns.startswith(("argument", "instance")) for row in rows)


def _short(name: str) -> str:
    return ".".join(name.split(".")[-2:])


# -- families ------------------------------------------------------------------------------------------------------


def _family(program: Program, known: Known, by_name: dict[str, list[Known]], below: dict[str, list[Known]]) -> tuple[list[Known], bool]:
    """The classes above and below one, and whether nothing above is unknown."""
    family = [known]
    whole = True
    queue = [known]
    while queue:
        one = queue.pop()
        for base in one.bases:
            above = by_name.get(walk.last_name(base), [])
            fresh = [other for other in above if other not in family]
            family += fresh
            queue += fresh
            whole = whole and (bool(above) or _is_bare(program, base, one.names))
    names = [known.node.name]
    for name in names:
        for other in below.get(name, ()):
            if other not in family:
                family.append(other)
            if other.node.name not in names:
                names.append(other.node.name)
    return family, whole


def _is_bare(program: Program, base: Expr, names: dict[str, str]) -> bool:
    """A library class that uses none of the fields that others set, or one of Python's own."""
    name = walk.dotted(base, names)
    rows = program.catalog.find(name)
    return any(row.bare for row in rows) or (not name and walk.last_name(base) in {"object", "ABC"}) or name in {"abc.ABC", "typing.Generic", "typing.Protocol"}


