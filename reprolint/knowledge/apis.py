"""`rules/apis/*.toml` → Catalog: one row an API, what it does to which stream.

A file describes one library::

    [library]
    name = "torch"                # the catalog knows it: names without a row neither seed, draw nor hide anything
    packages = ["torch"]          # import names it covers

    [[api]]
    name = "torch.manual_seed"    # where users import it from; `aliases` lists its other homes
    parameters = ["seed"]
    seeds = ["torch", "cuda"]
    seed = "seed"
    source = "https://..."        # a public page that says so
    verified = "torch 2.13.0"     # the version whose behaviour a test confirmed; "" when only read

Beside the rows a file may hold `[[flag]]` and `[[namespace]]` tables.
"""
from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Set as AbstractSet
    from pathlib import Path

_NAMED: Final = re.compile(r'[":]([A-Za-z_]\w*)\.')
"""The package at the start of a dotted name in a row."""

_DOTTED: Final = re.compile(r'"[A-Za-z_][\w.]*\.(\w+)"')
"""The last part of what may be the name of a row, among the texts in it."""

When = Literal["call", "result_called", "iterated"]


class Condition(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A test on one argument. `argument` is a parameter name; every field that is set must hold.

    `given`: it is passed at all (True) or left out (False). `value`: it is the constant, or one of them.
    `truthy`: its truth. `default` says what to take when the argument is left out; without one, a left-out
    argument only satisfies `given = false` and an unknown value satisfies nothing but `given = true`.
    """

    argument: str
    given: bool | None = None
    value: bool | int | float | str | list[bool | int | float | str | None] | msgspec.UnsetType | None = msgspec.UNSET
    truthy: bool | None = None
    greater: float | None = None
    """It is a number above this."""
    default: bool | int | float | str | msgspec.UnsetType | None = msgspec.UNSET


class Runs(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An argument that the API calls.

    `how`: `now` while the call lasts; `result_called` when what it returned is called; `iterated` when what it
    returned is iterated; `fit` at the methods listed in `fits`; `child` in a new process (`start` names the method, or
    is empty if the library decides; if the row has `fits`, the process starts there);
    `thread` in the same process. `method`: the method of the argument that runs, empty for the argument itself; `__iter__`
    iterates it, or each of a list.
    `arguments`: names of parameters handed on to it, in order (`"*"` spreads one, as `"*args"`, `"**"` a record,
    `".self"` is some part of the object that has the method; the row's own `*args` go on with the keywords that the row does not name).
    `prepend`: how many values of the API's own (a rank, a batch) come first.
    """

    argument: str
    how: Literal["now", "result_called", "iterated", "fit", "child", "thread"] = "now"
    method: str = ""
    arguments: list[str] = []
    prepend: int = 0
    start: str = ""
    iterates: bool = False
    """What comes back is iterated: a hook that makes a loader."""


class Hazard(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Calling the API under these conditions is what `rule` is about."""

    rule: str
    message: str = ""
    """What is wrong, without place: the rule's check adds where."""
    help: str = ""
    when: list[Condition] = []
    """All must hold."""
    unless: list[Condition] = []
    """None may hold."""
    confidence: Literal["certain", "likely", "possible"] = "certain"


class Sets(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A flag of the library, or a variable as `os.environ.NAME`, that the API sets: to its argument, or without one to `value`."""

    flag: str
    argument: str = ""
    value: bool | str = True
    when: list[Condition] = []
    """It does so only if all hold."""


class Api(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one function, class or method does to the random streams."""

    name: str
    """Dotted: `torch.manual_seed`, a class `torch.nn.Linear` (its call), a method `torch.Tensor.normal_`.

    A method row of a library class holds for its subclasses too. A class row also types its instances.
    """
    aliases: list[str] = []
    """Other homes of the same object."""
    also: list[str] = []
    """Further APIs of which the whole row holds word for word: `torch.optim.SGD` beside `torch.optim.Adam`. `aliases` then
    hold the other homes of all of them, each told by its last name."""
    parameters: list[str] = []
    """Names in positional order, without self; `*args` may end it. Needed to bind positions, so keyword-only names
    are not listed, and conditions and `calls` may still name them."""

    # seeding
    seeds: list[str] = []
    """Streams that the call fixes (`python numpy torch cuda tensorflow`)."""
    seed: str = ""
    """The parameter that holds the seed; empty with `seeds` means the call fixes them by itself."""
    seed_default: bool | int | float | str | msgspec.UnsetType | None = msgspec.UNSET
    """The seed when the argument is left out; unset means that leaving it out seeds from entropy."""
    none_seed: Literal["entropy", "fixed", "nothing"] = "entropy"
    """What a seed of None does."""
    idle_seed: bool | int | float | str | msgspec.UnsetType = msgspec.UNSET
    """A seed with which nothing is seeded."""
    seeds_when: Literal["call", "fit", "entered"] = "call"
    """`entered`: as a context manager, and the state comes back at its end; `fit`: at the methods in `fits`."""
    unseeds: list[str] = []
    """Streams that the call re-seeds from entropy (`torch.seed()`)."""

    # drawing
    draws: list[str] = []
    draws_when: Literal["call", "result_called", "iterated", "fit"] = "call"
    """`call`: at once. `result_called`: when the instance (or what it returns) is called, as `nn.Dropout`, a
    transform. `iterated`: when it is iterated, as a sampler. `fit`: at the methods listed in `fits`."""
    fits: list[str] = []
    """Methods that draw or seed, for `fit`, and that run what `calls` says for `fit`."""
    shifts: bool = False
    """The draw moves the stream but its value reaches nothing by itself."""
    when: list[Condition] = []
    """The row's draws (not its seeds) happen only if all hold."""
    unless: list[Condition] = []
    """No draw if one holds, e.g. `generator` given."""
    generator: str = ""
    """The parameter that takes a generator or seed of one's own: given and not None means no draw from a global
    stream (`generator=`, `random_state=`, `rng=`)."""
    rule: str = ""
    """The rule that speaks for an unseeded draw here instead of RPL101: `RPL111` estimators."""
    any_receiver: bool = False
    """A method row so distinctive (`normal_`) that it holds for receivers of unknown type too."""

    # values
    returns: str = ""
    """`self` (a method that returns its object, or a class: an instance), `argument:NAME`, `result:NAME` (of the argument
    that it calls), `carrier` (holds what it was
    given: it may run or iterate it later), `loader` (a DataLoader), `generator:KIND` (an RNG of its own: numpy, torch,
    python, jax, tensorflow), `options` (a parser's result), `parser`, `entropy` (clock, pid, urandom),
    `drawn` (a number out of `draws`; `drawn:unit` if it is at least 0 and below 1), `given` (from the user, a file or the environment), `state` (a saved RNG state of
    `draws`), `same` (the numbers that it is given, in a tensor or an array), `first`, `constant`, `module` (an nn.Module), `text` and `texts` (a string, a list of strings), `view` (holds the receiver), `instance:DOTTED` (an instance of that class), `none`, or empty: unknown, holding nothing."""
    calls: list[Runs] = []
    restores: list[str] = []
    """Streams whose state the call sets from a saved one (`set_rng_state`)."""
    saves: list[str] = []
    """Streams whose state the call returns (`get_rng_state`)."""
    scope: list[str] = []
    """A context manager that restores these streams at its end (`fork_rng`)."""
    entry: Literal["", "decorator", "call"] = ""
    """`decorator`: what it decorates is a command whose parameters come from the user (click, hydra);
    `call`: it runs its first argument so (`fire.Fire`, `app.run`)."""

    # order and entropy as taint
    source: str
    """A public URL that says what this row says."""
    taint: str = ""
    """`source:KIND` (KIND listing, hash, entropy, clock, completion; `source:KIND:name` where the value only tells things
    apart: an id decides nothing until something is computed from it), `sanitizer` (the result is in a fixed order or
    carries nothing; of a method that returns none: its receiver is),
    `sink:KIND` (data, split, index, seed, weights: an argument that decides a result arrives here), `keeps` (the result
    carries what its arguments carry)."""
    taint_arguments: list[str] = []
    """The arguments that reach the sink; empty means all."""

    # the rest
    hazards: list[Hazard] = []
    sets: list[Sets] = []
    stores: str = ""
    """The parameter whose value it writes to a file that a later run may load: `pickle.dump`, `torch.save`."""
    loads: bool = False
    """It reads back what such a call wrote."""
    overwrites: str = ""
    """It replaces the numbers in its receiver, so that what drew them decides nothing; the argument of this name says whether
    all of them have to be replaced."""
    bare: bool = False
    """A class to derive from that uses none of the fields that its subclasses set."""
    trains: bool = False
    """A run that reaches it trains, evaluates for real or saves a result: optimizer step, backward, fit."""
    versions: str = ""
    """For which versions of the library it holds, as a PEP 440 specifier; empty for all."""
    verified: str = ""
    unverifiable: str = ""
    """Why no test can confirm the row here (needs a GPU, a network, another version)."""


class Library(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    name: str
    packages: list[str] = []
    silent: list[str] = []
    """Further packages of which it is known that as a whole they neither seed nor draw."""


class Flag(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An attribute that changes which kernels run, and what it says of them when it is True."""

    name: str
    says: Literal["deterministic", "timed"]
    source: str


class Namespace(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A module that takes any attribute without a word, and the settings it has, those of older versions among them."""

    name: str
    attributes: list[str]
    source: str
    verified: str = ""


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    library: Library
    api: list[Api] = []
    flag: list[Flag] = []
    namespace: list[Namespace] = []


class CatalogError(Exception):
    """A row that cannot be read; the message is one line that names it."""


@dataclass(frozen=True)
class Catalog:
    """Every row by dotted name, and the packages about which the catalog knows."""

    rows: dict[str, tuple[Api, ...]]
    methods: dict[str, tuple[Api, ...]]
    """Rows with `any_receiver` by method name."""
    packages: frozenset[str]
    words: frozenset[str]
    """The last components of all names that seed, draw, run or make something: the slice of code that can matter."""
    flags: dict[str, Flag] = field(default_factory=dict)
    """Flags by dotted name."""
    namespaces: dict[str, frozenset[str]] = field(default_factory=dict)
    """The attributes of each module that takes any."""

    def find(self, dotted: str) -> tuple[Api, ...]:
        """The rows of a dotted name; several when a row per version or condition exists."""
        return self.rows.get(dotted, ())

    def knows(self, package: str) -> bool:
        """Whether the top-level package is covered, so that its silence means something."""
        return package in self.packages


def load(folder: Path, extra: Iterable[dict[str, Any]] = (), mentioned: AbstractSet[str] | None = None) -> Catalog:
    """Read the files of `folder` in name order, then the user's own rows.

    With `mentioned`, the names that a program uses, only the rows of packages among them are read, and of packages that
    those rows speak of; which packages there are is known all the same. Raises CatalogError if a file or a row does not
    fit the schema.
    """
    texts = {path: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.toml"))}
    wanted = texts if mentioned is None else _wanted(texts, mentioned)
    files = [_read(path, text if path in wanted else _head(text)) for path, text in texts.items()]
    apis = [api for file in files for api in file.api]
    apis += list(_user_rows(extra))
    packages = {name for file in files for name in (*file.library.packages, *file.library.silent)}
    return replace(
        build(apis, packages),
        flags={flag.name: flag for file in files for flag in file.flag},
        namespaces={space.name: frozenset(space.attributes) for file in files for space in file.namespace},
    )


def build(apis: Iterable[Api], packages: Iterable[str]) -> Catalog:
    """Index rows by every name they answer to."""
    rows: dict[str, list[Api]] = {}
    methods: dict[str, list[Api]] = {}
    words: set[str] = set()
    for row in apis:
        homes = _homes(row) if row.also else {row.name: row.aliases}
        for api in (row, *(msgspec.structs.replace(row, name=name, aliases=[], also=[]) for name in row.also)):
            for name in (api.name, *homes.get(api.name, ())):
                rows.setdefault(name, []).append(api)
                words.add(name.rpartition(".")[2])
            if api.any_receiver:
                methods.setdefault(api.name.rpartition(".")[2], []).append(api)
        words.update(row.fits)
    return Catalog(
        rows={name: tuple(found) for name, found in rows.items()},
        methods={name: tuple(found) for name, found in methods.items()},
        packages=frozenset(packages),
        words=frozenset(words),
    )


def _homes(row: Api) -> dict[str, list[str]]:
    """The aliases of a row by the API that each is another home of: the one whose name ends most like it."""
    endings: dict[str, list[str]] = {}
    for name in (row.name, *row.also):
        endings.setdefault(name.rpartition(".")[2], []).append(name)
    homes: dict[str, list[str]] = {}
    for alias in row.aliases:
        last = alias.rpartition(".")[2]
        found = endings.get(last, [row.name])
        owner = alias.rpartition(".")[0].rpartition(".")[2]
        home = next((name for name in found if name.endswith(f"{owner}.{last}")), found[0])
        homes.setdefault(home, []).append(alias)
    return homes


def _head(text: str) -> str:
    """The part of a file that says which packages it is about."""
    return text.partition("\n[[")[0]


def _wanted(texts: dict[Path, str], mentioned: AbstractSet[str]) -> set[Path]:
    """The files about what is mentioned and about what their rows name, with a method known by its name alone; always Python's."""
    packages = {path: _read(path, _head(text)).library.packages for path, text in texts.items()}
    found: set[Path] = set()
    queue = [path for path, names in packages.items() if "builtins" in names or not mentioned.isdisjoint((*names, *_methods(texts[path])))]
    while queue:
        path = queue.pop()
        if path not in found:
            found.add(path)
            named = set(_NAMED.findall(texts[path]))
            queue += [other for other, names in packages.items() if other not in found and not named.isdisjoint(names)]
    return found


def _methods(text: str) -> list[str]:
    """The methods of a file that are known by their name alone."""
    if "any_receiver" not in text:
        return []
    rows = (row for row in text.split("\n[[") if "any_receiver" in row)
    return [name for row in rows for name in _DOTTED.findall(row)]


def _read(path: Path, text: str) -> _File:
    try:
        return msgspec.convert(tomllib.loads(text), _File)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise CatalogError(f"{path.name}: {error}") from error


def _user_rows(extra: Iterable[dict[str, Any]]) -> Iterator[Api]:
    for row in extra:
        try:
            yield msgspec.convert({"source": "user", **row}, Api)
        except msgspec.ValidationError as error:
            raise CatalogError(f"[[tool.reprolint.apis]] {row.get('name', '?')}: {error}") from error
