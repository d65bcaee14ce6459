"""RPL310: assignments to attributes that a module takes without having them."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache, partial
from typing import TYPE_CHECKING, Final

from reprolint.checks import rule
from reprolint.checks.findings import Draft
from reprolint.flow.state import CERTAIN, LIKELY
from reprolint.model import walk
from reprolint.model.code import Attr, Bind, Choice, Const, Fold, Function, Name, Opaque
from reprolint.model.span import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from reprolint.flow.program import Program
    from reprolint.model.code import Expr, Module

_CLOSE: Final = 0.75


@rule("RPL310", "unknown-backend-flag", "warning")
def unknown_backend_flag(program: Program) -> Iterator[Draft]:
    """The program assigns to an attribute that torch does not have, so the line does nothing."""
    read = cache(partial(_attributes_read, program))
    for path, module, names in _modules(program):
        for function, body in [(None, module.body), *((node if isinstance(node, Function) else None, node.body) for node in walk.definitions(module.body))]:
            written = [item for item in walk.statements(body) if isinstance(item, Bind) and not item.augmented and any(_is_outside(target) for target, _ in _pairs(item))]
            inner = {**names, **_renamed(function, names)} if written else {}
            for item in written:
                yield from _judge(program, path, item, inner, read)


def _modules(program: Program) -> Iterator[tuple[str, Module, dict[str, str]]]:
    """The modules that import one of those that take any attribute, with what their names mean."""
    roots = {name.partition(".")[0] for name in program.catalog.namespaces}
    for path, module in program.project.modules.items():
        if any(item.module.partition(".")[0] in roots for item in module.imports):
            yield path, module, walk.library_names(module)


def _renamed(function: Function | None, names: dict[str, str]) -> dict[str, str]:
    """`cudnn = torch.backends.cudnn` inside a function; a parameter of that name hides the module."""
    if function is None:
        return {}
    found = dict.fromkeys((parameter.name for parameter in function.parameters), "")
    for item in walk.statements(function.body):
        if isinstance(item, Bind) and isinstance(item.target, Name):
            found[item.target.id] = walk.dotted(item.value, names)
    return found


def _judge(program: Program, path: str, item: Bind, names: dict[str, str], read: Callable[[], frozenset[str]]) -> Iterator[Draft]:
    for target, value in _pairs(item):
        owner = walk.dotted(target.of, names)
        known = program.catalog.namespaces.get(owner)
        if known is None or target.name in known or target.name.startswith("_") or not _is_setting(value):
            continue
        if program.catalog.find(f"{owner}.{target.name}") or target.name in read():
            continue
        meant = _meant(program, owner, target.name)
        yield Draft(
            "RPL310", Place(path, item.site), f"`{owner}` has no setting `{target.name}`: the line makes a new attribute and changes nothing",
            f"`{meant}` is the nearest setting there is" if meant else "remove the line",
            CERTAIN if meant else LIKELY,
        )  # fmt: skip


def _pairs(item: Bind) -> Iterator[tuple[Attr, Expr | None]]:
    """Each attribute that the statement assigns with its value; a tuple is taken apart."""
    targets = getattr(item.target, "items", (item.target,))
    values = getattr(item.value, "items", (item.value,))
    for number, target in enumerate(targets):
        if isinstance(target, Attr):
            yield target, values[number] if len(values) == len(targets) else item.value


def _is_outside(target: Attr) -> bool:
    return not (isinstance(target.of, Name) and target.of.id == "self")


def _is_setting(value: Expr | None) -> bool:
    """A number, a truth or a choice of them: what a flag is set to, not a function that replaces another."""
    if isinstance(value, Const):
        return True
    if isinstance(value, Choice):
        return _is_setting(value.then) and _is_setting(value.other)
    if isinstance(value, Fold):
        return value.op in {"not", "and", "or", "==", "!=", "<", ">", "is", "is not"}
    return not isinstance(value, Opaque) and isinstance(value, Attr | Name) and _reads_as_option(value)


def _reads_as_option(value: Attr | Name) -> bool:
    name = value.name if isinstance(value, Attr) else value.id
    return any(word in name.lower() for word in ("bench", "determin", "enable", "tf32", "cudnn"))


def _meant(program: Program, owner: str, name: str) -> str:
    """The setting, of this module or else of any, that the name looks like."""
    spaces = program.catalog.namespaces
    for space in (owner, *sorted(spaces.keys() - {owner}, reverse=True)):
        close = get_close_matches(name.lower(), sorted(spaces[space]), 1, _CLOSE)
        if close:
            return f"{space}.{close[0]}"
    return ""


def _attributes_read(program: Program) -> frozenset[str]:
    """Attributes that some code reads from a module that takes any: what is kept there is looked at."""
    found: set[str] = set()
    for _, module, names in _modules(program):
        for item in walk.deep(module.body):
            targets = {id(target) for target, _ in _pairs(item)} if isinstance(item, Bind) else set()
            for expression in walk.written(item):
                found.update(
                    part.name
                    for part in walk.parts(expression)
                    if isinstance(part, Attr) and id(part) not in targets and walk.dotted(part.of, names) in program.catalog.namespaces
                )
    return frozenset(found)
