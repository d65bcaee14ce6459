"""Every row of `rules/apis/` is well formed, and does to the streams what it says, where its library is installed."""

from __future__ import annotations

import builtins
import importlib
import importlib.util
import inspect
import itertools
import tomllib
import warnings
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from examples import modules
from row_claims import calls, draws
from stream_state import MEASURED, disturb, moved, states

from reprolint.knowledge.apis import Api, Library

FOLDER = Path(__file__).parents[2] / "rules" / "apis"
ALWAYS = {"commands", "numpy", "pandas", "python", "scipy", "sklearn", "torch"}
"""Files whose libraries every developer has; the others' tests are marked `catalog`."""
WORDS = {"", "self", "carrier", "loader", "options", "parser", "entropy", "drawn", "drawn:unit", "given", "state", "first"}
WORDS |= {"constant", "module", "none", "same", "text", "texts", "view"}
EXAMPLES = modules()


def read(path: Path) -> tuple[Library, list[Api]]:
    """Read one file as the catalog does, file by file."""
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    return msgspec.convert(raw["library"], Library), msgspec.convert(raw.get("api", []), list[Api])


def spread(apis: list[Api]) -> list[Api]:
    """Give every API a row of its own."""
    rows = [
        msgspec.structs.replace(api, name=name, also=[], aliases=api.aliases if not api.also else [])
        for api in apis
        for name in (api.name, *api.also)
    ]
    return sorted(rows, key=lambda api: api.name)


RAW = {path.stem: read(path) for path in sorted(FOLDER.glob("*.toml"))}
FILES = {stem: (library, spread(apis)) for stem, (library, apis) in RAW.items()}


def keyed(apis: list[Api]) -> dict[str, Api]:
    """Rows by name; a later row of the same name by `name@draws_when`."""
    found: dict[str, Api] = {}
    for api in apis:
        found[api.name if api.name not in found else f"{api.name}@{api.draws_when}"] = api
    return found


def parameters(wanted: Any = lambda _: True) -> list[Any]:
    """One pytest parameter a row that is `wanted`."""
    return [
        pytest.param(
            library, key, api, id=f"{library}:{key}", marks=() if library in ALWAYS else (pytest.mark.catalog,)
        )
        for library, (_, apis) in FILES.items()
        for key, api in keyed(apis).items()
        if wanted(api)
    ]


def has_example(library: str, key: str) -> bool:
    """Whether the examples of the library say how the row is called."""
    return key in getattr(EXAMPLES.get(library), "EXAMPLES", {})


def acts(api: Api) -> bool:
    """Whether the row claims something about a stream's state."""
    return bool(api.draws or api.seeds or api.unseeds or api.scope or api.saves or api.restores)


every_row = pytest.mark.parametrize(("library", "key", "api"), parameters())
every_act = pytest.mark.parametrize(("library", "key", "api"), parameters(acts))
every_example = pytest.mark.parametrize(
    ("library", "key", "api"),
    [row for row in parameters() if acts(row.values[2]) or has_example(*row.values[:2])],
)
every_draw = pytest.mark.parametrize(("library", "key", "api"), parameters(lambda api: api.draws and api.generator))
every_file = pytest.mark.parametrize("library", FILES)


# -- form


@every_file
def test_rows_are_sorted_and_not_repeated(library: str) -> None:
    _, apis = RAW[library]
    assert [api.name for api in apis] == sorted(api.name for api in apis)
    assert all(api.also == sorted(api.also) for api in apis)
    assert len(FILES[library][1]) == len(keyed(FILES[library][1])), "two rows of one name need different `draws_when`"


@every_file
def test_no_alias_is_a_row_of_its_own(library: str) -> None:
    _, apis = FILES[library]
    names = {api.name for api in apis}
    assert not [alias for api in apis for alias in api.aliases if alias in names - {api.name}]


@every_file
def test_every_row_says_what_confirmed_it_or_why_nothing_can(library: str) -> None:
    _, apis = FILES[library]
    assert not [api.name for api in apis if not (api.verified or api.unverifiable)]


@every_row
def test_row_is_well_formed(library: str, key: str, api: Api) -> None:
    assert api.source.startswith("https://"), "a row says where the public can read it"
    assert api.returns in WORDS or api.returns.partition(":")[0] in {"argument", "generator", "instance", "result"}
    assert not api.verified or key in EXAMPLES[library].EXAMPLES, "`verified` needs an example"
    assert not (api.verified and api.unverifiable)
    named = {"self"} | {name.lstrip("*") for name in api.parameters} | keywords(api, library)
    assert {name.lstrip("*.") for run in api.calls for name in (run.argument, *run.arguments)} <= named
    assert set(api.taint_arguments) <= named


def keywords(api: Api, library: str) -> set[str]:
    """Give the keyword-only names of an API that is installed."""
    prepared(library)
    try:
        found = inspect.signature(resolve_or_none(api.name)).parameters.values()
    except (TypeError, ValueError):
        return set()
    return {one.name for one in found if one.kind == inspect.Parameter.KEYWORD_ONLY}


@every_row
def test_parameters_are_those_of_the_signature(library: str, key: str, api: Api) -> None:
    found = resolve(api.name, library)
    try:
        signature = inspect.signature(found)
    except (TypeError, ValueError):
        pytest.skip("no signature to compare with")
    if api.unverifiable or {"args"} <= signature.parameters.keys() <= {"self", "args", "kwargs", "kwds"}:
        pytest.skip("the signature does not tell")
    if not api.parameters and not names_parameters(api):
        pytest.skip("the row speaks of no parameter")
    expected = positional(api, found, signature)
    more = api.parameters[len(expected) :]
    assert api.parameters[: len(expected)] == expected
    assert set(more) <= keywords(api, library), "what decorators accept by position has a keyword-only name"


def names_parameters(api: Api) -> bool:
    """Whether anything in the row needs to know which argument is which."""
    own = [api.seed, api.generator, *api.when, *api.unless, *api.calls, *api.taint_arguments]
    return any(own) or any(hazard.when or hazard.unless for hazard in api.hazards) or "argument:" in api.returns


def positional(api: Api, found: Any, signature: inspect.Signature) -> list[str]:
    """Names in positional order, without self; `*args` ends them."""
    prefix = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
    names = [
        prefix.get(one.kind, "") + one.name
        for one in signature.parameters.values()
        if one.kind not in {inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.VAR_KEYWORD}
    ]
    unbound = inspect.isroutine(found) and not isinstance(found, type) and not inspect.ismethod(found)
    return names[1:] if unbound and is_method(api) and names[:1] == ["self"] else names


@every_row
def test_name_and_aliases_resolve(library: str, key: str, api: Api) -> None:
    found = resolve(api.name, library)
    for alias in () if api.versions or api.unverifiable else api.aliases:
        same = resolve_or_none(alias)
        assert same is not None, f"{alias} does not exist"
        assert same == found or callable(same)


def resolve(name: str, library: str) -> Any:
    """Give what the dotted name names; skip if its library is not installed, fail if it lacks the name."""
    package = name.partition(".")[0]
    prepared(library)
    if not hasattr(builtins, package) and importlib.util.find_spec(package) is None:
        pytest.skip(f"{package} is not installed")
    found = resolve_or_none(name)
    row = next(api for api in FILES[library][1] if api.name == name)
    if found is None and (row.versions or row.unverifiable):
        pytest.skip(row.unverifiable or f"holds for {row.versions} only")
    assert found is not None, f"{name} does not exist"
    return found


@cache
def resolve_or_none(name: str) -> Any:
    """Follow a dotted name by attributes, importing submodules where there is none."""
    first, *rest = name.split(".")
    found: Any = builtins
    if not hasattr(builtins, first):
        found, first = imported(first), ""
    done = name.partition(".")[0]
    for part in [first, *rest] if first else rest:
        found, done = getattr(found, part, None), f"{done}.{part}"
        found = imported(done) if found is None else found
    return found


def imported(name: str) -> Any:
    """Import a module, or give None; a deprecated home is a home."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return importlib.import_module(name)
        except ImportError:
            return None


# -- behaviour


def namespace(library: str) -> dict[str, Any]:
    """Give the names that a library's SETUP makes; skip if it is not installed."""
    found = prepared(library)
    if isinstance(found, str):
        pytest.skip(found)
    return found


@cache
def prepared(library: str) -> dict[str, Any] | str:
    """Run a library's SETUP once, from a state that no test starts in: the names it makes, or why it cannot run here."""
    for package in FILES[library][0].packages[:1] if library in FILES else ():
        if importlib.util.find_spec(package) is None:
            return f"{package} is not installed"
    names: dict[str, Any] = {}
    if library in EXAMPLES:
        disturb(0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(EXAMPLES[library].SETUP, names)
    return names


def example(library: str, key: str, api: Api) -> tuple[str, str]:
    """(make, use) of a row's example, its library prepared; skip where the row says why there is none."""
    if api.unverifiable:
        pytest.skip(api.unverifiable)
    found = getattr(EXAMPLES.get(library), "EXAMPLES", {}).get(key)
    assert found is not None, f"{key} has neither an example nor `unverifiable`"
    prepared(library)
    return found if isinstance(found, tuple) else (found, "")


def evaluate(library: str, expression: str, it: Any = None) -> tuple[Any, set[str]]:
    """Evaluate an expression: its value, and the streams it moved."""
    names = {**namespace(library), "it": it}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return moved(lambda: eval(expression, names))


@every_example
def test_moves_exactly_the_claimed_streams(library: str, key: str, api: Api) -> None:
    make, use = example(library, key, api)
    disturb(1)
    it, at_once = evaluate(library, make)
    claimed = {*api.draws, *api.seeds, *api.unseeds, *api.restores} & MEASURED
    if not use:
        assert at_once == claimed
        return
    expected_at_once = {stream for other in twins(library, api) if other.draws_when == "call" for stream in other.draws}
    if not is_method(api):
        assert at_once == expected_at_once & MEASURED, "the object's making moved something"
    assert evaluate(library, use, it)[1] == claimed


def is_method(api: Api) -> bool:
    """Whether the row is about a method, so that its example first makes an object by another row."""
    return isinstance(resolve_or_none(api.name.rpartition(".")[0]), type)


def twins(library: str, api: Api) -> list[Api]:
    """Give the other rows of the same name."""
    return [other for other in FILES[library][1] if other.name == api.name and other is not api]


@every_act
def test_example_meets_the_rows_conditions(library: str, key: str, api: Api) -> None:
    make, _ = example(library, key, api)
    if not api.draws:
        pytest.skip("draws nothing")
    found = [call for name, call in calls(make) if name in {api.name, *api.aliases}]
    assert not found or any(draws(api, call) for call in found)


@pytest.mark.parametrize(("library", "key", "api"), parameters(lambda api: api.seeds and api.seeds_when == "call"))
def test_seeding_forgets_what_was_before(library: str, key: str, api: Api) -> None:
    make, _ = example(library, key, api)
    ends = []
    for number in (1, 2):
        disturb(number)
        evaluate(library, make)
        ends.append(states())
    forgotten = {stream for stream in ends[0] if ends[0][stream] == ends[1][stream]}
    assert forgotten == set(api.seeds) & MEASURED


@pytest.mark.parametrize(("library", "key", "api"), parameters(lambda api: api.unseeds))
def test_unseeding_never_repeats(library: str, key: str, api: Api) -> None:
    make, _ = example(library, key, api)
    ends = []
    for _ in range(2):
        disturb(1)
        evaluate(library, make)
        ends.append(states())
    assert {stream for stream in ends[0] if ends[0][stream] != ends[1][stream]} == set(api.unseeds) & MEASURED


@every_draw
def test_a_generator_of_its_own_leaves_the_streams_alone(library: str, key: str, api: Api) -> None:
    make, use = example(library, key, api)
    values = getattr(EXAMPLES[library], "OWN", {})
    own = values.get(f"{key}:{api.generator}", values.get(api.generator))
    if own is None:
        pytest.skip(f"no value for {api.generator}=")
    with_generator = f"{make.removesuffix(')')}, {api.generator}={own})".replace("(, ", "(")
    if f"{api.generator}=None" in make:
        with_generator = make.replace(f"{api.generator}=None", f"{api.generator}={own}")
    disturb(1)
    it, at_once = evaluate(library, with_generator)
    assert not at_once
    assert not use or not evaluate(library, use, it)[1]


QUIET = [
    pytest.param(
        library, expression, id=f"{library}:{expression}", marks=() if library in ALWAYS else (pytest.mark.catalog,)
    )
    for library, module in EXAMPLES.items()
    for expression in module.QUIET
]


@pytest.mark.parametrize(("library", "expression"), QUIET)
def test_quiet_code_moves_nothing(library: str, expression: str) -> None:
    disturb(1)
    assert evaluate(library, expression)[1] == set()


@pytest.mark.parametrize(("library", "expression"), QUIET)
def test_no_row_claims_that_quiet_code_draws(library: str, expression: str) -> None:
    rows = [api for _, apis in FILES.values() for api in apis]
    named = itertools.product(calls(expression), rows)
    assert not [
        api.name
        for (name, call), api in named
        if name in {api.name, *api.aliases} and api.draws_when == "call" and draws(api, call)
    ]
