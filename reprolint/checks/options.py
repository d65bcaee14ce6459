"""RPL117, 118: seeds that a guard drops, and seed options that reach nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reprolint.checks import rule, walk
from reprolint.checks.findings import Draft, finding
from reprolint.flow.machine import seed_like
from reprolint.flow.state import CERTAIN
from reprolint.model.code import Attr, Branch, Call, Const, Fold, Item, Name, Raise, Result, Return
from reprolint.model.span import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reprolint.flow.program import Program
    from reprolint.model.code import Block, Expr
    from reprolint.model.finding import Finding

_DEEP: Final = 3


# -- RPL117 --------------------------------------------------------------------------------------------------------


@rule("RPL117", "falsy-seed-guard", "warning")
def falsy_seed_guard(program: Program) -> Iterator[Finding]:
    """The guard of a seeding asks whether the seed is truthy, so seed 0 is dropped silently."""
    seeders = Seeders(program)
    for path, module in program.project.modules.items():
        if path in program.tests or seeders.words.isdisjoint(module.words):
            continue
        names = walk.library_names(module)
        for unit in walk.units(path, module):
            if unit.function is not None and seeders.words.isdisjoint(unit.function.words):
                continue
            results = {item.number: item for item in walk.statements(unit.body) if isinstance(item, Call)}
            for site in _guards(unit.body, results, seeders, names):
                place = Place(path, site)
                yield finding(program, Draft(
                    "RPL117", place, f"`{program.text(place)}` is false for seed 0 too, and then nothing is seeded",
                    "ask `is not None`", CERTAIN,
                ))  # fmt: skip


class Seeders:
    """What seeds with an argument: rows of the catalog, and functions of the project that hand it on to one."""

    def __init__(self, program: Program) -> None:
        self.positions: dict[str, set[str | int]] = {}
        """By last name: where the seed stands, as a number or keyword."""
        for name, apis in program.catalog.rows.items():
            for api in apis:
                if api.seed and (api.seeds or api.returns.startswith("generator")):
                    found = self.positions.setdefault(name.rpartition(".")[2], {api.seed})
                    found.add(api.parameters.index(api.seed) if api.seed in api.parameters else api.seed)
        self.catalog = program.catalog
        self._add_own(program)
        self.words = frozenset(self.positions)

    def _add_own(self, program: Program) -> None:
        known: dict[str, list[walk.Unit]] = {}
        for _ in range(_DEEP):
            words = frozenset(self.positions)
            for path, module in program.project.modules.items():
                if not words.isdisjoint(module.words):
                    if path not in known:
                        known[path] = [unit for unit in walk.units(path, module) if unit.function is not None]
                    self._add_from(known[path], words)

    def _add_from(self, units: list[walk.Unit], words: frozenset[str]) -> None:
        for unit in units:
            if unit.function is not None and not words.isdisjoint(unit.function.words):
                for place, name in self._handed_on(unit):
                    self.positions.setdefault(unit.function.name, set()).update({place, name})

    def _handed_on(self, unit: walk.Unit) -> Iterator[tuple[int, str]]:
        """The parameters of a function that it seeds with."""
        assert unit.function is not None
        results = {item.number: item for item in walk.statements(unit.body) if isinstance(item, Call)}
        method = unit.owner is not None
        for number, parameter in enumerate(unit.function.parameters):
            if self.given(unit.body, Name(parameter.name), results):
                yield number - method, parameter.name

    def given(self, block: Block, seed: Expr, results: dict[int, Call], names: dict[str, str] | None = None) -> bool:
        """Whether a block holds a call that seeds with the value; with `names` only a library's counts."""
        return any(
            _holds(argument.value, seed, results)
            for item in walk.statements(block)
            if isinstance(item, Call) and (where := self.positions.get(walk.last_name(item.callee)))
            if names is None or self.catalog.find(walk.dotted(item.callee, names))
            for number, argument in enumerate(item.arguments)
            if (argument.name or number) in where or argument.stars
        )


def _guards(block: Block, results: dict[int, Call], seeders: Seeders, names: dict[str, str]) -> Iterator[int]:
    """Tests whose truth is that of a seed, where the arm for a true one seeds with it."""
    for number, item in enumerate(block):
        if isinstance(item, Branch) and item.kind in {"if", "choice"}:
            for seed, wanted in _asked(item.test, results):
                arm = item.body if wanted else (*item.orelse, *(block[number + 1 :] if _leaves(item.body) else ()))
                if seeders.given(arm, seed, results, None if _named_seed(seed, results) else names):
                    yield item.site
                    break
        for inner in walk.inner_blocks(item):
            yield from _guards(inner, results, seeders, names)


def _named_seed(seed: Expr, results: dict[int, Call]) -> bool:
    meant = _meaning(seed, results)
    name = meant[1] if isinstance(meant, tuple) else meant.id if isinstance(meant, Name) else ""
    return seed_like(str(name))


def _leaves(block: Block) -> bool:
    return bool(block) and isinstance(block[-1], Return | Raise)


def _asked(test: Expr, results: dict[int, Call], wanted: bool = True) -> Iterator[tuple[Expr, bool]]:  # noqa: FBT001, FBT002
    """The values whose truth a test asks, and the truth that leads to the arm."""
    if isinstance(test, Fold):
        if test.op == "not":
            yield from _asked(test.operands[0], results, not wanted)
        elif test.op == ("and" if wanted else "or"):
            for operand in test.operands:
                yield from _asked(operand, results, wanted)
        elif len(test.operands) == 2 and wanted:  # noqa: PLR2004
            left, right = test.operands
            if test.op in {">", "!="} and _zero(right):
                yield left, True
            elif test.op in {"<", "!="} and _zero(left):
                yield right, True
    elif isinstance(test, Name | Attr | Item) or (isinstance(test, Result) and _is_get(results.get(test.number))):
        yield test, wanted


def _zero(expression: Expr) -> bool:
    return isinstance(expression, Const) and expression.value == 0 and not isinstance(expression.value, bool | str)


def _is_get(call: Call | None) -> bool:
    return call is not None and (
        (isinstance(call.callee, Attr) and call.callee.name == "get") or walk.last_name(call.callee) == "getattr"
    )


def _holds(value: Expr, seed: Expr, results: dict[int, Call]) -> bool:
    """Whether an argument is the seed or is computed from it."""
    meant = _meaning(seed, results)
    for part in walk.parts(value):
        if _meaning(part, results) == meant:
            return True
        if isinstance(part, Result) and part.number in results:
            inner = results[part.number]
            if not _is_get(inner) and any(_holds(argument.value, seed, results) for argument in inner.arguments):
                return True
    return False


def _meaning(expression: Expr, results: dict[int, Call]) -> object:
    """The same for `cfg["seed"]`, `cfg.get("seed")` and `cfg.seed`."""
    if isinstance(expression, Result):
        call = results.get(expression.number)
        if call is None or not _is_get(call) or not call.arguments:
            return expression
        if isinstance(call.callee, Attr):
            return (call.callee.of, walk.text(call.arguments[0].value))
        return (call.arguments[0].value, walk.text(call.arguments[1].value)) if len(call.arguments) > 1 else expression
    if isinstance(expression, Item) and walk.text(expression.key) is not None:
        return (expression.of, walk.text(expression.key))
    if isinstance(expression, Attr):
        return (expression.of, expression.name)
    return expression
