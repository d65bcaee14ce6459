"""What the text of a project alone says: the names that a module binds once, the methods of a class, and which names matter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reprolint.model.code import (
    Attr,
    Bind,
    Branch,
    Call,
    Class,
    Define,
    Display,
    Function,
    Import,
    Loop,
    Name,
    Result,
    Spread,
    Try,
    With,
)
from reprolint.model.walk import inner_blocks, statements

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reprolint.knowledge.apis import Api, Catalog
    from reprolint.model.code import Block, Expr, Module, Target

_SEED_NAMES: Final = ("seed", "determin", "reprod")


def relevant_words(definitions: Iterable[Function | Class], catalog: Catalog) -> frozenset[str]:
    """The names that lead, directly or through the project's own definitions, to something that matters."""
    words = {name.rpartition(".")[2] for name, rows in catalog.rows.items() if not name.startswith("builtins.") for api in rows if _matters(api)}
    pending = [(item.name, frozenset(item.words) - _EVERYWHERE) for item in definitions if not item.name.startswith("__") and item.name not in _EVERYWHERE]
    words -= _EVERYWHERE
    while True:
        found = {name for name, inner in pending if name not in words and not words.isdisjoint(inner)}
        if not found:
            return frozenset(words)
        words |= found
        pending = [item for item in pending if item[0] not in words]


_EVERYWHERE: Final = frozenset("forward step update get run main call to apply train eval fit sample self cuda load save open print item".split())


def _matters(api: Api) -> bool:
    return bool(
        api.seeds or api.unseeds or api.draws or api.restores or api.scope or api.calls or api.hazards or api.entry
        or api.returns.partition(":")[0] in {"loader", "parser", "options", "generator", "state"} or api.taint.startswith("source")
    )  # fmt: skip


def seed_like(name: str) -> bool:
    """Whether a name is that of a seed or of a switch for repeatability."""
    lowered = name.lower()
    return any(part in lowered for part in _SEED_NAMES)


def linear(sequences: list[list[str]]) -> list[str]:
    """C3, falling back to first come where the bases contradict each other."""
    result: list[str] = []
    while any(sequences):
        sequences = [sequence for sequence in sequences if sequence]
        head = next(
            (s[0] for s in sequences if not any(s[0] in other[1:] for other in sequences)), sequences[0][0]
        )
        result.append(head)
        sequences = [[item for item in sequence if item != head] for sequence in sequences]
    return result


TRANSPARENT: Final = frozenset({
    "staticmethod", "classmethod", "property", "cached_property", "abstractmethod", "override", "setter", "no_grad",
    "inference_mode", "torch_no_grad", "jit", "script", "export", "ignore", "unused", "typechecked", "wraps", "final",
    "overload", "njit", "record", "rank_zero_only", "beartype", "lru_cache", "cache", "singledispatch", "deprecated",
    "custom_fwd", "custom_bwd", "autocast", "compile", "contextmanager", "main", "command",
})  # fmt: skip


def decorator_name(expression: Expr, calls: dict[int, Call] | None = None) -> str:
    """The last name of a decorator; of `@name(…)` too, with the calls of the block that it stands in."""
    if isinstance(expression, Result) and calls and expression.number in calls:
        return decorator_name(calls[expression.number].callee)
    if isinstance(expression, Attr):
        return expression.name
    return expression.id if isinstance(expression, Name) else "?"


def setter(name: str) -> str:
    """The name under which a class keeps what runs when a property is assigned."""
    return f"{name}.setter"


def methods_of(node: Class) -> dict[str, tuple[Function, str]]:
    found: dict[str, tuple[Function, str]] = {}
    calls = {item.number: item for item in node.body if isinstance(item, Call)}
    for item in _definitions(node.body):
        function = item.definition
        if not isinstance(function, Function):
            continue
        names = {decorator_name(decorator, calls) for decorator in function.decorators}
        if "setter" in names:
            found[setter(function.name)] = function, "setter"
        if "setter" in names or "deleter" in names:
            continue
        kind = "plain"
        if "staticmethod" in names:
            kind = "static"
        elif "classmethod" in names:
            kind = "class"
        elif names & {"property", "cached_property"}:
            kind = "property"
        elif "contextmanager" in names or "asynccontextmanager" in names:
            kind = "manager"
        elif names - TRANSPARENT - {"?"}:
            kind = "decorated"
        found[function.name] = (function, kind)
    return found


def fields_of(node: Class) -> tuple[str, ...]:
    """The names of the fields that the methods of a class give to `self`."""
    found: dict[str, None] = {}
    for item in _definitions(node.body):
        function = item.definition
        if isinstance(function, Function) and function.parameters:
            receiver = Name(function.parameters[0].name)
            for inner in statements(function.body):
                if isinstance(inner, Bind):
                    for target in inner.target.items if isinstance(inner.target, Display) else (inner.target,):
                        if isinstance(target, Attr) and target.of == receiver:
                            found[target.name] = None
    return tuple(found)


def _definitions(block: Block) -> Iterator[Define]:
    for item in block:
        if isinstance(item, Define):
            yield item
        elif isinstance(item, Branch):
            yield from _definitions(item.body)
            yield from _definitions(item.orelse)
        elif isinstance(item, Try):
            yield from _definitions(item.body)


def static_names(module: Module) -> dict[str, Define | Import]:
    counts: dict[str, int] = {}
    bindings: dict[str, Define | Import] = {}
    _count(module.body, counts, bindings, top=True)
    for name in _declared_global(module.body):
        counts[name] = counts.get(name, 0) + 2
    return {name: binding for name, binding in bindings.items() if counts.get(name) == 1}


def _count(block: Block, counts: dict[str, int], bindings: dict[str, Define | Import], *, top: bool) -> None:
    for item in block:
        for name in _bound_names(item):
            counts[name] = counts.get(name, 0) + 1
        if isinstance(item, Import) and item.name != "*":
            bindings[item.bound] = item
        elif isinstance(item, Define) and top and not item.definition.decorators:
            bindings[item.definition.name] = item
        for inner in inner_blocks(item):
            _count(inner, counts, bindings, top=top and isinstance(item, Branch | Try | With))


def _bound_names(item: object) -> Iterator[str]:
    if isinstance(item, Import) and item.name != "*":
        yield item.bound
    elif isinstance(item, Define):
        yield item.definition.name
    elif isinstance(item, Bind | Loop | With) and item.target is not None:
        yield from target_names(item.target)
    elif isinstance(item, Try):
        yield from (handler.name for handler in item.handlers if handler.name)


def target_names(target: Target) -> Iterator[str]:
    """The variables that an assignment to `target` binds."""
    if isinstance(target, Name):
        yield target.id
    elif isinstance(target, Spread):
        yield from target_names(target.of)  # type: ignore[arg-type]
    elif isinstance(target, Display):
        for item in target.items:
            yield from target_names(item)  # type: ignore[arg-type]


def _declared_global(block: Block) -> Iterator[str]:
    for item in block:
        if isinstance(item, Define):
            if isinstance(item.definition, Function):
                yield from item.definition.outer
            yield from _declared_global(item.definition.body)
        for inner in inner_blocks(item):
            yield from _declared_global(inner)
