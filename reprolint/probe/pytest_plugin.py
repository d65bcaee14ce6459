"""pytest: a fixture that asserts that steps repeat, and a mark for tests whose body is the step. Imports nothing else before it is used."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from reprolint.probe.children import Target

_MARK = "reproducible(repeats=4, steps=1, vary=(), timeout=600, quick=False, scratch=False): run the test in fresh processes and compare, bit by bit, what it returns and what it trains"
_OPTIONS = {"repeats": None, "steps": 1, "vary": (), "timeout": 600, "quick": False, "scratch": False}


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", _MARK)
    if "__reprolint_tracer__" in sys.modules:
        os.dup2(2, 1)  # all that a run says is shown if it fails


@pytest.fixture(name="assert_reproducible")
def _assert_reproducible() -> Callable[..., None]:
    """`reprolint.probe.assert_reproducible`: runs a factory of steps in fresh processes and fails with the report if they differ."""
    from reprolint.probe import assert_reproducible

    def asserting(*args: Any, **kwargs: Any) -> None:  # noqa: ANN401  handed on
        __tracebackhide__ = True
        assert_reproducible(*args, **kwargs)

    return asserting


@pytest.fixture(name="assert_resumable")
def _assert_resumable() -> Callable[..., None]:
    """`reprolint.probe.assert_resumable`: saves steps of a factory, loads them in fresh processes, and fails with the report if they do not go on as they would have."""
    from reprolint.probe import assert_resumable

    def asserting(*args: Any, **kwargs: Any) -> None:  # noqa: ANN401  handed on
        __tracebackhide__ = True
        assert_resumable(*args, **kwargs)

    return asserting


def pytest_runtest_setup(item: pytest.Item) -> None:
    mark = item.get_closest_marker("reproducible")
    if mark is None:
        return
    unknown = [repr(one) for one in mark.args] + [one for one in mark.kwargs if one not in _OPTIONS]
    if unknown:
        pytest.fail(f"@pytest.mark.reproducible takes {', '.join(_OPTIONS)} by name, not {', '.join(unknown)}", pytrace=False)
    cls = getattr(item, "cls", None)
    unittest = sys.modules.get("unittest")
    if not isinstance(item, pytest.Function) or (cls is not None and unittest is not None and issubclass(cls, unittest.TestCase)):
        pytest.fail("@pytest.mark.reproducible is for test functions and methods of plain classes, not for unittest's and not for doctests", pytrace=False)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> object | None:
    """The call of a marked test: here the runs that are compared, in one of those runs the steps."""
    mark = pyfuncitem.get_closest_marker("reproducible")
    if mark is None:
        return None
    options = {**_OPTIONS, **mark.kwargs}
    tracer = sys.modules.get("__reprolint_tracer__")
    if tracer is not None:
        _take(tracer, pyfuncitem)
    else:
        _compare(pyfuncitem, options)
    return True


def _take(tracer: Any, item: pytest.Function) -> None:  # noqa: ANN401  the tracer runs as a script and has no type
    """In a run that is watched: the body of the test, as often as there are steps."""
    given = {name: item.funcargs[name] for name in item._fixtureinfo.argnames}  # noqa: SLF001  pytest has no other name for them
    _, line, _ = item.reportinfo()
    for _ in range(tracer.order["steps"]):
        try:
            tracer.take(lambda: item.obj(**given), f"{item.originalname}()", f"{item.path.name}:{(line or 0) + 1}")
        except pytest.skip.Exception as skipped:
            tracer.end("skipped", 0, str(skipped))
            raise


def _compare(item: pytest.Function, options: dict[str, Any]) -> None:
    """Run the test in fresh processes; pytest's own ways to say how that went."""
    from tempfile import TemporaryDirectory

    from reprolint.probe.asserting import check
    from reprolint.probe.children import CouldNotRun, Skipped

    failed = skipped = ""
    with TemporaryDirectory(prefix="reprolint-") as folder:
        try:
            check(_target(item, folder), copied=_copied(item) if options["scratch"] is True else None, **options)
        except (AssertionError, ValueError) as error:
            failed = str(error)
        except Skipped as error:
            skipped = str(error) or "it skips itself"
        except CouldNotRun as error:
            failed = f"{error}\n{error.output}".rstrip("\n")
    if skipped:
        pytest.skip(skipped)
    if failed:
        pytest.fail(failed, pytrace=False)


def _target(item: pytest.Function, folder: str) -> Target:
    """The one test, run as this pytest would run it, with temporary files in `folder`."""
    from reprolint.probe.children import Target

    config = item.config
    option = config.option
    inside = item.nodeid.partition("::")[2]
    argv = [
        f"{_from(item, item.path)}::{inside}", f"--rootdir={_from(item, config.rootpath)}", f"--import-mode={config.getoption('importmode')}", f"--basetemp={folder}/run",
        "--runxfail", "-q", "-s", "-p", "no:cacheprovider", "-o", "addopts=",
    ]  # fmt: skip
    argv += [part for name in option.plugins or () if name not in {"no:cacheprovider", "no:terminal"} for part in ("-p", name)]
    argv += [part for setting in option.override_ini or () for part in ("-o", setting) if not setting.startswith("addopts")]
    argv += ["-c", _from(item, config.inipath)] if config.inipath is not None else []
    return Target(
        module="pytest", calls=True, argv=(*argv, *_own_options(config)), cwd=config.invocation_params.dir, path=tuple(str(Path(one).absolute()) for one in sys.path), name=item.nodeid
    )


def _from(item: pytest.Function, path: Path) -> str:
    """A path as it is called from where pytest was started, so that it leads to the same place of a copy; one outside of the project as it is."""
    return os.path.relpath(path, item.config.invocation_params.dir) if path.is_relative_to(item.config.rootpath) else str(path)


def _copied(item: pytest.Function) -> Path:
    """The folder that a run needs a copy of: the root of the project, as pytest finds it. Raises `ValueError`."""
    root, start = item.config.rootpath, item.config.invocation_params.dir
    for folder in (item.path, start):
        if not folder.is_relative_to(root):
            raise ValueError(f"scratch=True gives each run a copy of {root}, the root that pytest finds, and {folder} lies outside of it")
    return root


def _own_options(config: pytest.Config) -> list[str]:
    """What was given for the options that the project's own conftest files declare."""
    found = []
    for option in getattr(config._parser._anonymous, "options", ()):  # noqa: SLF001  pytest keeps no other list of them
        told, names = option.attrs(), option.names()
        value = config.getoption(option.dest, None)
        if value is None or value == told.get("default") or not names:
            continue
        if isinstance(value, bool):
            found.append(names[-1])
        elif isinstance(value, list) and told.get("nargs") in {"+", "*"}:
            found += [names[-1], *map(str, value)]
        else:
            found += [f"{names[-1]}={one}" for one in (value if isinstance(value, list) else [value])]
    return found
