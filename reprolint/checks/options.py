"""RPL117, 118: seeds that a guard drops, and seed options that reach nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from reprolint.checks import rule
from reprolint.checks.findings import Draft
from reprolint.flow.state import CERTAIN, LIKELY, POSSIBLE
from reprolint.model import walk
from reprolint.model.code import (
    Attr,
    Bind,
    Branch,
    Call,
    Class,
    Const,
    Fold,
    Function,
    Item,
    Name,
    Raise,
    Result,
    Return,
)
from reprolint.model.span import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reprolint.flow.program import Program
    from reprolint.knowledge.apis import Api
    from reprolint.model.code import Block, Expr, Statement

_DEEP: Final = 3
_LOUD: Final = frozenset(
    "print info debug warning error critical log write pprint format exception success dump dumps add_text add_argument append echo secho".split()
)
"""Last names of calls that only tell what the options are."""
_CONVERTS: Final = frozenset({"int", "str", "float", "abs", "bool"})

_SEED: Final = re.compile(r"(?<!un)seed(?!s|ed)")
"""One seed, not several of them, and not whether something is seeded."""


# -- RPL117 --------------------------------------------------------------------------------------------------------


@rule("RPL117", "falsy-seed-guard", "warning")
def falsy_seed_guard(program: Program) -> Iterator[Draft]:
    """The guard of a seeding asks whether the seed is truthy, so seed 0 is dropped silently."""
    seeders = Seeders(program)
    checked = _checked(program)
    for path, module in program.project.modules.items():
        if path in program.tests or seeders.words.isdisjoint(module.words):
            continue
        names = walk.library_names(module)
        for unit in walk.units(path, module):
            if unit.function is not None and seeders.words.isdisjoint(unit.function.words):
                continue
            results = {item.number: item for item in walk.statements(unit.body) if isinstance(item, Call)}
            for site, seed, remedy in _guards(unit.body, results, seeders, names):
                place = Place(path, site)
                if _name(seed, results) not in checked:
                    yield Draft("RPL117", place, f"`{program.text(place)}` is false for seed 0 too, and then nothing is seeded", remedy, CERTAIN)


class Seeders:
    """What seeds with an argument: rows of the catalog, and functions of the project that hand it on to one."""

    def __init__(self, program: Program) -> None:
        self.positions: dict[str, set[str | int]] = {}
        """By last name: where the seed stands, as a number or keyword."""
        for name, apis in program.catalog.rows.items():
            for api in apis:
                if _takes_seed(api):
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
                    self._add_from(known[path], words, walk.library_names(module))

    def _add_from(self, units: list[walk.Unit], words: frozenset[str], names: dict[str, str]) -> None:
        for unit in units:
            if unit.function is not None and not words.isdisjoint(unit.function.words):
                for place, name in self._handed_on(unit, names):
                    self.positions.setdefault(unit.function.name, set()).update({place, name})

    def _handed_on(self, unit: walk.Unit, names: dict[str, str]) -> Iterator[tuple[int, str]]:
        """The parameters of a function that it seeds with."""
        assert unit.function is not None
        results = {item.number: item for item in walk.statements(unit.body) if isinstance(item, Call)}
        method = unit.owner is not None
        for number, parameter in enumerate(unit.function.parameters):
            if self.given(unit.body, Name(parameter.name), results, names):
                yield number - method, parameter.name

    def given(
        self, block: Block, seed: Expr, results: dict[int, Call], names: dict[str, str], *, library: bool = False
    ) -> bool:
        """Whether a block holds a call that seeds with the value; only one of a library, if that is asked."""
        return any(
            _holds(argument.value, seed, results)
            for item in walk.statements(block)
            if isinstance(item, Call) and (where := self._where(item.callee, names, library=library))
            for number, argument in enumerate(item.arguments)
            if (argument.name or number) in where or argument.stars
        )

    def _where(self, callee: Expr, names: dict[str, str], *, library: bool) -> set[str | int]:
        """Where a call takes its seed. What a library's rows say of a name counts before a namesake of the project."""
        found = self.positions.get(walk.last_name(callee), set())
        name = walk.dotted(callee, names) if found else ""
        if self.catalog.knows(name.partition(".")[0]):
            return found if any(map(_takes_seed, self.catalog.find(name))) else set()
        return set() if library else found


def _takes_seed(api: Api) -> bool:
    return bool(api.seed and (api.seeds or api.returns.startswith("generator")))


def _checked(program: Program) -> frozenset[str]:
    """The fields of options whose values the project's own function reads, and may refuse: those say themselves what a seed may be."""
    refusing = {
        item.name
        for module in program.project.modules.values() if "add_argument" in module.words
        for item in walk.definitions(module.body) if isinstance(item, Function) and any(isinstance(part, Raise) for part in walk.statements(item.body))
    }  # fmt: skip
    calls = (
        item
        for path, module in program.project.modules.items() if refusing and "add_argument" in module.words
        for unit in walk.units(path, module) for item in walk.statements(unit.body) if isinstance(item, Call) and walk.last_name(item.callee) == "add_argument"
    )  # fmt: skip
    found = (item for item in calls if any(argument.name == "type" and walk.last_name(argument.value) in refusing for argument in item.arguments))
    texts = (walk.text(argument.value) for item in found for argument in item.arguments if argument.name is None)
    return frozenset(text.lstrip("-").replace("-", "_") for text in texts if text)


def _guards(block: Block, results: dict[int, Call], seeders: Seeders, names: dict[str, str]) -> Iterator[tuple[int, Expr, str]]:
    """Tests whose truth is that of a seed, where the arm for a true one seeds with it; that seed, and what to ask instead."""
    for number, item in enumerate(block):
        if isinstance(item, Branch) and item.kind in {"if", "choice"}:
            for seed, wanted in _asked(item.test, results):
                other = item.orelse if wanted else item.body
                if other and isinstance(other[-1], Raise):
                    continue  # a seed of 0 is refused aloud
                arm = item.body if wanted else (*item.orelse, *(block[number + 1 :] if _leaves(item.body) else ()))
                if seeders.given(arm, seed, results, names, library=not _named_seed(seed, results)):
                    yield item.site, seed, _REMEDIES.get(_operator(item.test, seed), "ask `is not None`")
                    break
        for inner in walk.inner_blocks(item):
            yield from _guards(inner, results, seeders, names)


_REMEDIES: Final = {
    ">": "ask `>= 0`: a negative number may stand for no seed",
    "<": "ask `0 <=`: a negative number may stand for no seed",
    "!=": "let None stand for no seed, and ask `is not None`",
}


def _operator(test: Expr, seed: Expr) -> str:
    """How a test compares the seed with zero; nothing if it asks for its truth."""
    if not isinstance(test, Fold):
        return ""
    if test.op in _REMEDIES and seed in test.operands:
        return test.op
    return next((found for operand in test.operands if (found := _operator(operand, seed))), "")


def _name(seed: Expr, results: dict[int, Call]) -> str:
    """The variable or field that a seed stands in."""
    meant = _meaning(seed, results)
    return str(meant[1] if isinstance(meant, tuple) else meant.id if isinstance(meant, Name) else "")


def _named_seed(seed: Expr, results: dict[int, Call]) -> bool:
    return _SEED.search(_name(seed, results).lower()) is not None


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
    if _meaning(value, results) == _meaning(seed, results):
        return True
    if isinstance(value, Result) and value.number in results:
        inner = results[value.number]
        return not _is_get(inner) and any(_holds(argument.value, seed, results) for argument in inner.arguments)
    if isinstance(value, Attr | Item):
        return False
    return any(_holds(part, seed, results) for part in walk.inner(value))


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


# -- RPL118 --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Option:
    """A seed that the user may give: where it is declared, how it is called, and the field it becomes."""

    place: Place
    name: str
    dest: str
    command: Function | None = None
    """The command that takes it as a parameter; None for a field of a record."""


@rule("RPL118", "ignored-seed-option", "warning")
def ignored_seed_option(program: Program) -> Iterator[Draft]:
    """The program takes a seed option that reaches no seeding call."""
    reads: Reads | None = None
    used = {name for run in program.runs for event, _ in run.of_kind("option-used") for name in event.detail}
    for option in _options(program):
        if option.name in used or option.place.path in program.tests:
            continue
        reads = reads or Reads(program)
        if reads.uses(option):
            continue
        level = POSSIBLE if reads.escapes(option) or any(run.reduced for run in program.runs) else LIKELY
        yield Draft(
            "RPL118", option.place, f"`{option.name}` is taken and reaches nothing that is seeded",
            "pass it to the seeding call, or remove it", level,
        )  # fmt: skip


def _options(program: Program) -> Iterator[Option]:
    """Options of parsers and commands that some run makes, and fields of dataclasses that configure one."""
    seen: set[Place] = set()
    for run in program.runs:
        for event, _ in run.of_kind("option"):
            name, dest = event.detail
            if event.place not in seen and _is_seed(dest):
                seen.add(event.place)
                yield Option(event.place, name, dest, _command(program, event.place, dest))
    reached = dict.fromkeys(path for run in program.runs for path in run.closure)
    for path in reached:
        module = program.project.modules[path]
        for node in walk.definitions(module.body) if any(map(_is_seed, module.words)) else ():
            if isinstance(node, Class) and _is_record(node):
                for bind in node.body:
                    if isinstance(bind, Bind) and isinstance(bind.target, Name) and bind.annotation is not None and _is_seed(bind.target.id):
                        yield Option(Place(path, bind.site), bind.target.id, bind.target.id)


def _is_seed(name: str) -> bool:
    return name.lower().endswith("seed") or name.lower() == "random_state"


def _is_record(node: Class) -> bool:
    """A dataclass by its decorator, with fields alone, and called as configurations are."""
    kind = node.name.lower()
    decorated = any(walk.last_name(decorator) == "dataclass" or isinstance(decorator, Result) for decorator in node.decorators)
    return decorated and not node.bases and any(part in kind for part in ("config", "args", "argument", "option", "setting", "param"))


def _command(program: Program, place: Place, dest: str) -> Function | None:
    """The function that a decorator's option belongs to."""
    for node in walk.definitions(program.project.modules[place.path].body):
        if isinstance(node, Function) and node.decorators:
            if any(parameter.name == dest for parameter in node.parameters):
                return node
    return None


class Reads:
    """Where fields and parameters are read, and whether for more than a message."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.units = [unit for path, module in program.project.modules.items() if path not in program.tests for unit in walk.units(path, module)]
        self.functions: dict[str, list[walk.Unit]] = {}
        for unit in self.units:
            if unit.function is not None:
                self.functions.setdefault(unit.function.name, []).append(unit)

    def uses(self, option: Option) -> bool:
        """Whether the option's value reaches anything but text, tests and functions that drop it."""
        if option.command is not None:
            unit = next(unit for unit in self.units if unit.function is option.command)
            return self._used(unit, Name(option.dest), _DEEP)
        return any(self._field_used(unit, option.dest) for unit in self.units if option.dest in self._words(unit))

    def _words(self, unit: walk.Unit) -> frozenset[str] | set[str]:
        if unit.function is not None:
            return {*unit.function.words, *_texts(unit)}
        return {*self.program.words.get(unit.path, ()), *_texts(unit)}

    def _field_used(self, unit: walk.Unit, dest: str) -> bool:
        calls = {item.number: item for item in walk.statements(unit.body) if isinstance(item, Call)}
        called = {id(item.callee) for item in calls.values()}
        found = {
            part
            for item in walk.statements(unit.body)
            for expression in _read(item)
            for part in walk.parts(expression)
            if id(part) not in called and _is_field(part, dest, calls)
        }
        return any(self._used(unit, one, _DEEP) for one in sorted(found, key=repr))

    def _used(self, unit: walk.Unit, wanted: Expr, depth: int) -> bool:
        """Whether an expression's value is used in a unit."""
        aliases: list[Expr] = [wanted]
        for item in walk.statements(unit.body):
            if isinstance(item, Call):
                if self._passed(item, aliases, depth):
                    return True
                if any(_mentions(argument.value, aliases) for argument in item.arguments) and walk.last_name(item.callee) in _CONVERTS:
                    aliases.append(Result(item.number))
            elif isinstance(item, Bind) and item.value is not None and _mentions(item.value, aliases):
                if not isinstance(item.target, Name):
                    return not (isinstance(item.target, Attr) and isinstance(wanted, Attr) and item.target.name == wanted.name)
                aliases.append(item.target)
            elif not isinstance(item, Branch | Call | Bind) and any(_mentions(expression, aliases) for expression in _read(item)):
                return True
        return False

    def _passed(self, item: Call, aliases: list[Expr], depth: int) -> bool:
        name = walk.last_name(item.callee)
        if _mentions(item.callee, aliases):
            return True
        for number, argument in enumerate(item.arguments):
            if not _mentions(argument.value, aliases) or name in _LOUD or name in _CONVERTS:
                continue
            targets = self.functions.get(name, [])
            if not targets or depth == 0 or argument.stars:
                return True
            if any(self._taken(target, argument.name or number, depth) for target in targets):
                return True
        return False

    def _taken(self, target: walk.Unit, where: str | int, depth: int) -> bool:
        """Whether a function uses the parameter that an argument becomes."""
        assert target.function is not None
        names = [parameter.name for parameter in target.function.parameters]
        if any(parameter.kind.startswith("var") for parameter in target.function.parameters):
            return True
        if isinstance(where, int):
            place = where + (target.owner is not None)
            return place >= len(names) or self._used(target, Name(names[place]), depth - 1)
        return where not in names or self._used(target, Name(where), depth - 1)

    def escapes(self, option: Option) -> bool:
        """Whether the whole record goes where nobody can follow."""
        if option.command is not None:
            return False
        passed = any(event.detail[0].rpartition(".")[2] not in _LOUD for run in self.program.runs for event, _ in run.of_kind("options-passed"))
        return passed or any(_spread(unit) for unit in self.units if {"vars", "asdict", "__dict__"} & set(self.program.words.get(unit.path, ())))


def _texts(unit: walk.Unit) -> set[str]:
    return {text for item in walk.statements(unit.body) for expression in walk.written(item) for part in walk.parts(expression) if (text := walk.text(part)) is not None}


def _read(item: Statement) -> tuple[Expr, ...]:
    """What a statement reads: of an assignment its value."""
    if isinstance(item, Bind):
        return (item.value,) if item.value is not None else ()
    return walk.written(item)


def _is_field(part: Expr, dest: str, calls: dict[int, Call]) -> bool:
    """`args.seed`, `args["seed"]`, `args.get("seed")`."""
    if isinstance(part, Attr):
        return part.name == dest and not (isinstance(part.of, Name) and part.of.id in {"random", "np"})
    if isinstance(part, Item):
        return walk.text(part.key) == dest
    if isinstance(part, Result) and part.number in calls and _is_get(calls[part.number]):
        return any(walk.text(argument.value) == dest for argument in calls[part.number].arguments)
    return False


def _mentions(expression: Expr, aliases: list[Expr]) -> bool:
    """Whether the value is in an expression, other than inside a text."""
    if expression in aliases:
        return True
    if isinstance(expression, Fold) and expression.op in {"format", "is", "is not"}:
        return False
    return any(_mentions(inner, aliases) for inner in walk.inner(expression))


def _spread(unit: walk.Unit) -> bool:
    """`f(**vars(args))`, `f(asdict(config))`: the record is handed on field by field."""
    whole = {
        item.number
        for item in walk.statements(unit.body)
        if isinstance(item, Call) and walk.last_name(item.callee) in {"vars", "asdict"}
    }
    return any(
        walk.last_name(item.callee) not in _LOUD
        and any(
            (isinstance(part, Result) and part.number in whole) or (isinstance(part, Attr) and part.name == "__dict__")
            for argument in item.arguments
            for part in walk.parts(argument.value)
        )
        for item in walk.statements(unit.body)
        if isinstance(item, Call)
    )
