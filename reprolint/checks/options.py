"""RPL117, 118: seeds that a guard drops, and seed options that reach nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reprolint.checks import rule, walk
from reprolint.checks.findings import Draft, finding
from reprolint.flow.state import CERTAIN, LIKELY
from reprolint.model.code import Attr, Branch, Call, Const, Fold, Function, Item, Name, Raise, Result, Return
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
        if path in program.tests or not seeders.words & set(module.words):
            continue
        for unit in walk.units(path, module):
            results = {item.number: item for item in walk.statements(unit.body) if isinstance(item, Call)}
            for place, dropped, test in _guards(path, unit.body, results, seeders):
                yield finding(program, Draft(
                    "RPL117", place, f"`{program.text(Place(path, test))}` is false for seed 0 too, and then nothing is seeded",
                    "ask `is not None`", CERTAIN if dropped else LIKELY,
                ))  # fmt: skip


class Seeders:
    """What seeds: rows of the catalog by last name, and functions of the project whose body does."""

    def __init__(self, program: Program) -> None:
        rows = program.catalog.rows
        self.names = {
            name.rpartition(".")[2] for name, apis in rows.items() for api in apis if api.seed or api.returns.startswith("generator")
        }
        self.functions: dict[str, list[Function]] = {}
        for path, module in program.project.modules.items():
            for unit in walk.units(path, module):
                if unit.function is not None and unit.function.name != "<lambda>":
                    self.functions.setdefault(unit.function.name, []).append(unit.function)
        self.own = {name for name, found in self.functions.items() if any(self._seeds(one, _DEEP) for one in found)}
        self.words = self.names | self.own

    def _seeds(self, function: Function, depth: int) -> bool:
        called = {walk.last_name(item.callee) for item in walk.deep(function.body) if isinstance(item, Call)}
        if called & self.names:
            return True
        return depth > 0 and any(self._seeds(one, depth - 1) for name in called & self.functions.keys() for one in self.functions[name][:2] if one is not function)

    def given(self, block: Block, seed: Expr, results: dict[int, Call]) -> bool:
        """Whether a block holds a call that seeds with the value."""
        return any(
            walk.last_name(item.callee) in self.words and any(_holds(argument.value, seed, results) for argument in item.arguments)
            for item in walk.statements(block)
            if isinstance(item, Call)
        )


def _guards(path: str, block: Block, results: dict[int, Call], seeders: Seeders) -> Iterator[tuple[Place, bool, int]]:
    """Tests whose truth is that of a seed, where the arm for a true one seeds with it."""
    for number, item in enumerate(block):
        if isinstance(item, Branch) and item.kind in {"if", "choice"}:
            for seed, wanted, direct in _asked(item.test, results):
                arm = item.body if wanted else (*item.orelse, *(block[number + 1 :] if _leaves(item.body) else ()))
                if seeders.given(arm, seed, results):
                    yield Place(path, item.site), direct, item.site
                    break
        for inner in walk.inner_blocks(item):
            yield from _guards(path, inner, results, seeders)


def _leaves(block: Block) -> bool:
    return bool(block) and isinstance(block[-1], Return | Raise)


def _asked(test: Expr, results: dict[int, Call], wanted: bool = True) -> Iterator[tuple[Expr, bool, bool]]:  # noqa: FBT001, FBT002
    """The values whose truth a test asks, which truth leads on, and whether 0 is surely on the other side."""
    if isinstance(test, Fold):
        if test.op == "not":
            yield from _asked(test.operands[0], results, not wanted)
        elif test.op == ("and" if wanted else "or"):
            for operand in test.operands:
                yield from _asked(operand, results, wanted)
        elif len(test.operands) == 2 and wanted:  # noqa: PLR2004
            yield from _compared(test)
    elif isinstance(test, Name | Attr | Item) or (isinstance(test, Result) and _is_get(results.get(test.number))):
        yield test, wanted, True


def _compared(test: Fold) -> Iterator[tuple[Expr, bool, bool]]:
    left, right = test.operands
    if test.op in {">", "!="} and _zero(right):
        yield left, True, True
    elif test.op in {"<", "!="} and _zero(left):
        yield right, True, True


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
