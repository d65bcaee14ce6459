"""What rows say besides streams — what comes back, what is called, what order a result has — is what the example does."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import threading
import warnings
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from stream_state import disturb
from test_rows import ALWAYS, EXAMPLES, FILES, example, has_example, is_method, keyed, namespace, resolve_or_none
from watching import Watch, altered, fingerprint, holds, reordered, watched

from reprolint.knowledge.apis import Api, Runs

TWO_RUNS = """
import json, sys, warnings
from watching import fingerprint
warnings.simplefilter("ignore")
found = {}
for library, (setup, examples) in json.load(sys.stdin).items():
    names = {}
    exec(setup, names)
    for key, (make, use) in examples.items():
        names["it"] = eval(make, names)
        found[f"{library}:{key}"] = fingerprint(eval(use, names) if use else names["it"])
print(json.dumps(found))
"""
SURROUNDINGS = ({"TZ": "Etc/GMT+12", "PYTHONHASHSEED": "1"}, {"TZ": "Etc/GMT-14", "PYTHONHASHSEED": "2"})
"""Of two runs: the date differs between these zones at any time."""


def rows(wanted: Any) -> Any:
    """Parametrise over the rows that have an example and are `wanted`."""
    return pytest.mark.parametrize(
        ("library", "key", "api"),
        [
            pytest.param(
                library, key, api, id=f"{library}:{key}", marks=() if library in ALWAYS else (pytest.mark.catalog,)
            )
            for library, (_, apis) in FILES.items()
            for key, api in keyed(apis).items()
            if has_example(library, key) and not api.unverifiable and wanted(api)
        ],
    )


class Run:
    """A row's example, evaluated with its call watched."""

    def __init__(self, library: str, key: str, api: Api, watch: Watch, **changed: Any) -> None:
        make, self.use = example(library, key, api)
        self.names = {**namespace(library), **changed, "watch": watch}
        self.called = {name.removeprefix("builtins.") for name in (api.name, *api.aliases)} | {api.name}
        if is_method(api):
            self.called.add(f".{api.name.rpartition('.')[2]}")
        self.watch = watch
        self.value = self.names["it"] = self.evaluate(watched(make, self.called) or make)
        if not watch.called:
            self.finish()
        if not watch.called:
            pytest.skip("the call cannot be seen in the example")

    def finish(self) -> Any:
        """Use the object, if the example does: what the whole example comes to."""
        if self.use:
            self.value = self.evaluate((None if self.watch.called else watched(self.use, self.called)) or self.use)
            self.use = ""
        return self.value

    def evaluate(self, expression: Any) -> Any:
        """Evaluate in the example's names."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return eval(expression, self.names)


@pytest.fixture
def run(library: str, key: str, api: Api, tmp_path: Any, monkeypatch: Any) -> Run:
    """The example, evaluated once."""
    namespace(library)
    disturb(1)
    return Run(library, key, api, Watch(api, tmp_path / "calls", monkeypatch))


def value_of(library: str, key: str, api: Api, **changed: Any) -> Any:
    """What the example comes to, with other values for some of its names."""
    make, use = example(library, key, api)
    names = {**namespace(library), **changed}
    disturb(1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        names["it"] = eval(make, names)
        return fingerprint(eval(use, names) if use else names["it"])


def data(library: str, key: str, api: Api, change: Any) -> dict[str, Any]:
    """The names in the example whose values `change` changes, with the changed values."""
    make, use = example(library, key, api)
    mentioned = {node.id for text in (make, use) for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}
    known = namespace(library)
    found = {name: change(known[name]) for name in sorted(mentioned & known.keys())}
    return {name: value for name, value in found.items() if value is not known[name]}


# -- what comes back


@rows(lambda api: api.returns == "none")
def test_returns_none(run: Run) -> None:
    assert run.watch.result is None


@rows(lambda api: api.returns == "self")
def test_returns_an_instance_or_its_own_object(api: Api, run: Run) -> None:
    named = resolve_or_none(api.name)
    if isinstance(named, type):
        assert isinstance(run.watch.result, named)
    elif is_method(api):
        assert kin(run.watch.result, run.watch.receiver)
    else:
        assert run.watch.result is not None, "the function makes an object"


def kin(one: Any, other: Any) -> bool:
    """Whether two objects are one, or their classes have one above them in common."""
    return one is other or bool({*type(one).__mro__} & {*type(other).__mro__} - {object})


@rows(lambda api: api.returns.startswith("instance:"))
def test_returns_an_instance_of_the_named_class(api: Api, run: Run) -> None:
    assert isinstance(run.watch.result, resolve_or_none(api.returns.removeprefix("instance:")))


@rows(lambda api: api.returns.startswith("argument:"))
def test_returns_its_argument_or_one_like_it_or_around_it(api: Api, run: Run) -> None:
    name = api.returns.removeprefix("argument:")
    given = [run.watch.arguments[name], *run.watch.returned.get(name, ())]
    assert any(isinstance(run.watch.result, type(one)) for one in given) or holds(run.watch.result, given)


@rows(lambda api: api.returns.startswith("result:"))
def test_returns_what_its_argument_returned(api: Api, run: Run) -> None:
    assert run.watch.result is run.watch.returned[api.returns.removeprefix("result:")][-1]


@rows(lambda api: api.returns == "carrier")
def test_holds_what_it_was_given(run: Run) -> None:
    assert run.watch.held


@rows(lambda api: api.returns == "module")
def test_returns_a_module(run: Run) -> None:
    assert isinstance(run.watch.result, resolve_or_none("torch.nn.Module"))


@rows(lambda api: api.returns == "loader")
def test_returns_a_loader(run: Run) -> None:
    assert isinstance(run.watch.result, resolve_or_none("torch.utils.data.DataLoader"))


@rows(lambda api: api.returns == "parser")
def test_returns_a_parser(run: Run) -> None:
    assert callable(run.watch.result.parse_args)


@rows(lambda api: api.returns == "options")
def test_returns_what_the_command_line_says(run: Run) -> None:
    found = run.watch.result
    assert vars(found[0] if isinstance(found, tuple) else found)


@rows(lambda api: api.returns == "same")
def test_returns_the_numbers_it_was_given(run: Run) -> None:
    given = run.watch.given[0]
    assert fingerprint(run.watch.result)[-1] == repr(given.tolist() if hasattr(given, "tolist") else given)


@rows(lambda api: api.returns in {"text", "texts"})
def test_returns_text(api: Api, run: Run) -> None:
    found = run.watch.result if api.returns == "texts" else [run.watch.result]
    assert isinstance(found, list)
    assert found
    assert all(isinstance(part, str) for part in found)


@rows(lambda api: api.returns == "drawn:unit")
def test_returns_numbers_of_at_least_0_and_below_1(run: Run) -> None:
    found = pytest.importorskip("numpy").asarray(run.watch.result, dtype=float)
    assert found.size
    assert found.min() >= 0
    assert found.max() < 1


@rows(lambda api: api.returns == "first")
def test_returns_the_first_that_its_argument_gives(library: str, key: str, api: Api) -> None:
    (items,) = (value for value in data(library, key, api, reordered).values() if isinstance(value, list))
    assert value_of(library, key, api) == fingerprint(items[-1])


@rows(lambda api: api.returns in {"given", "constant"})
def test_what_is_given_is_given_again(library: str, key: str, api: Api) -> None:
    assert value_of(library, key, api) == value_of(library, key, api)


@rows(lambda api: api.returns.startswith("generator:"))
def test_a_seeded_generator_repeats_whatever_came_before(library: str, key: str, api: Api, run: Run) -> None:
    if run.watch.arguments.get(api.seed) is None:
        pytest.skip("the example seeds nothing")
    values = []
    for number in (1, 2):
        disturb(number)
        values.append(value_of(library, key, api))
    assert values[0] == values[1]


@rows(lambda api: api.fits)
def test_what_fits_is_a_method(api: Api, run: Run) -> None:
    assert not [method for method in api.fits if not hasattr(type(run.watch.result), method)]


@rows(lambda api: api.stores)
def test_what_was_stored_comes_back(api: Api, run: Run) -> None:
    assert fingerprint(run.finish()) == fingerprint(run.watch.arguments[api.stores])


@rows(lambda api: api.entry == "decorator")
def test_a_command_takes_what_the_user_gives(run: Run) -> None:
    assert run.finish() == "x"


# -- what is called


@rows(lambda api: api.calls)
def test_calls_its_argument_when_it_says(api: Api, run: Run) -> None:
    run.finish()
    given = {runs.argument for runs in api.calls} & run.watch.spied_on
    assert given, "the example passes nothing that is called"
    for argument in given:
        seen = [called(api, runs, run) for runs in api.calls if runs.argument == argument]
        assert any(seen), f"{argument} is never called"


def called(api: Api, runs: Runs, run: Run) -> bool:
    """Whether an argument was called; if so, as the row says: of several methods, those that the class fills are."""
    own = [label for label in api.parameters if label == f"*{runs.argument}"]
    method = runs.method or ("__call__" if run.watch.noted(f"{runs.argument}.__call__") else "")
    noted = run.watch.noted(f"{own[0] if own else runs.argument}.{method}")
    if not noted:
        return False
    early = noted[0] in run.watch.noted()[: run.watch.during]
    here = [line["process"] == os.getpid() and line["thread"] == threading.get_ident() for line in noted]
    if runs.how == "now":
        assert early
        assert all(here)
    elif runs.how == "thread":
        assert {line["process"] for line in noted} == {os.getpid()}
        assert not all(here)
    elif runs.how == "child":
        assert os.getpid() not in {line["process"] for line in noted}
        assert not runs.start or started(noted[0]) == runs.start
    else:
        assert not early
        assert all(here)
    if not method:
        assert len(noted[0]["args"]) >= runs.prepend
        handed_on(api, runs, run, noted[0])
    return True


def started(line: dict[str, Any]) -> str:
    """How the process was started that wrote the line: what it inherited tells."""
    if line["home"] == os.getpid():
        return "fork"
    return "spawn" if line["parent"] == os.getpid() else "forkserver"


def handed_on(api: Api, runs: Runs, run: Run, line: dict[str, Any]) -> None:
    """Compare what arrived with the arguments that the row says are handed on."""
    given = {"self": run.watch.receiver, **run.watch.arguments}
    if not runs.arguments or any(name.startswith(".") for name in runs.arguments):
        return
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    for name in runs.arguments:
        value = given.get(name.lstrip("*"))
        if name.startswith("**"):
            kwargs.update(value or {})
        elif name.startswith("*"):
            args += value or ()
        else:
            args.append(value)
        if name in api.parameters:
            known = {label.lstrip("*") for label in api.parameters}
            kwargs.update({label: found for label, found in run.watch.arguments.items() if label not in known})
    assert line["args"][runs.prepend :][: len(args)] == [repr(value) for value in args]
    assert line["kwargs"] == {label: repr(value) for label, value in kwargs.items()}


# -- order and entropy


@rows(lambda api: api.taint == "keeps")
def test_carries_what_its_arguments_carry(library: str, key: str, api: Api) -> None:
    changed = data(library, key, api, reordered) or data(library, key, api, altered)
    if not changed:
        pytest.skip("the example names no data")
    assert value_of(library, key, api) != value_of(library, key, api, **changed)


@rows(lambda api: api.taint == "sanitizer")
def test_forgets_the_order_of_its_arguments(library: str, key: str, api: Api) -> None:
    changed = data(library, key, api, reordered)
    if changed:
        assert value_of(library, key, api) == value_of(library, key, api, **changed)


@rows(lambda api: api.taint == "sanitizer")
def test_what_has_no_order_to_forget_says_no_more_than_a_number(library: str, key: str, api: Api, run: Run) -> None:
    if not data(library, key, api, reordered):
        assert isinstance(run.watch.result, int | float | type)


@rows(lambda api: api.taint == "source:completion")
def test_who_is_done_first_comes_first(library: str, key: str, api: Api) -> None:
    changed = data(library, key, api, reordered)
    assert changed
    assert value_of(library, key, api) == value_of(library, key, api, **changed)


@rows(lambda api: api.taint == "source:listing")
def test_names_come_as_the_file_system_gives_them(library: str, key: str, api: Api) -> None:
    make, use = example(library, key, api)
    names = dict(namespace(library))
    given = [path.name for path in Path(names["folder"]).iterdir()]
    if sorted(given) == given:
        pytest.skip("this file system sorts names")
    names["it"] = eval(make, names)
    found = [Path(name).name for name in (eval(use, names) if use else names["it"])]
    assert found == given


@rows(lambda api: api.taint.startswith("sink:data") or api.taint == "sink:split")
def test_the_order_of_the_argument_decides(library: str, key: str, api: Api, tmp_path: Any, monkeypatch: Any) -> None:
    changed = data(library, key, api, reordered)
    if not changed:
        pytest.skip("the example names no data")
    values = []
    for number, other in ((1, {}), (2, changed)):
        disturb(1)
        run = Run(library, key, api, Watch(api, tmp_path / f"{number}", monkeypatch), **other)
        arrived = [value for name, value in run.watch.arguments.items() if name in (api.taint_arguments or [name])]
        chosen = run.finish()
        if api.name.endswith(".split"):
            chosen = [[arrived[0][part] for part in fold] for fold in chosen]
        values.append([fingerprint(chosen), fingerprint(arrived) if run.watch.result is None else ""])
    assert values[0] != values[1]


@cache
def two_runs() -> list[dict[str, Any]]:
    """Values of the rows that say that they differ from run to run, from two runs of Python."""
    wanted: dict[str, tuple[str, dict[str, Any]]] = {}
    for library, (_, apis) in FILES.items():
        found = {
            key: example(library, key, api)
            for key, api in keyed(apis).items()
            if differs(api) and has_example(library, key) and not api.unverifiable
        }
        if found and library in ALWAYS:
            wanted[library] = (EXAMPLES[library].SETUP, found)
    command = ["sh", "-c", '"$0" "$@"; exit $?', sys.executable, "-c", TWO_RUNS]
    return [
        json.loads(
            subprocess.run(
                command,
                input=json.dumps(wanted),
                env={**os.environ, **around, "PYTHONPATH": os.pathsep.join(sys.path)},
                capture_output=True,
                check=True,
                text=True,
            ).stdout
        )
        for around in SURROUNDINGS
    ]


def differs(api: Api) -> bool:
    """Whether the row says that the value differs from run to run."""
    return api.returns == "entropy" or api.taint in {"source:hash", "source:entropy", "source:entropy:name"}


@rows(differs)
def test_differs_from_run_to_run(library: str, key: str, api: Api) -> None:
    if library not in ALWAYS:
        pytest.skip("not run apart")
    one, other = two_runs()
    assert one[f"{library}:{key}"] != other[f"{library}:{key}"]
