"""What names a factory of steps, a text or a function, → the target that a fresh process can run."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reprolint.config import UsageError
from reprolint.probe.children import Target

if TYPE_CHECKING:
    from collections.abc import Callable


def named(text: str) -> Target | None:
    """`pkg.mod:function` or `file.py:function`; None for a text that is neither. Raises `UsageError` for a file that is not there."""
    place, _, name = text.rpartition(":")
    if not place or not all(part.isidentifier() for part in name.split(".")):
        return None
    if place.endswith(".py"):
        if not Path(place).is_file():
            raise UsageError(f"no such file: {place}")
        return Target(module=Path(place).stem, file=str(Path(place).resolve()), factory=name, calls=True, name=text)
    if not all(part.isidentifier() for part in place.split(".")):
        return None
    return Target(module=place, factory=name, calls=True, name=text)


def target(factory: Callable[[], object] | str) -> Target:
    """What a fresh process, with the module path of this one, runs for a factory.

    Raises `TypeError` if no fresh process could find it: it has to stand at the top of a module, as a function or a class.
    """
    __tracebackhide__ = True
    path = tuple(str(Path(one).absolute()) for one in sys.path)
    if isinstance(factory, str):
        found = named(factory)
        if found is None:
            raise TypeError(f"{factory!r} names no factory: write pkg.mod:function, or file.py:function")
        return replace(found, path=path)
    module, file, name = _found(factory)
    return Target(module=module, file=file, factory=name, calls=True, path=path, name=f"{module}:{name}")


def keeper(given: Callable[..., object] | str) -> dict[str, str]:
    """How a fresh process finds what saves or loads: the name of a method of what the factory returns, or a function of a module.

    Raises `TypeError` if it could not.
    """
    __tracebackhide__ = True
    if isinstance(given, str):
        if not given.isidentifier():
            raise TypeError(f"{given!r} is no name of a method")
        return {"name": given}
    module, file, name = _found(given)
    return {"module": module, "file": file, "name": name}


def _found(function: Callable[..., object]) -> tuple[str, str, str]:
    """Module, file and name by which a fresh process finds a function. Raises `TypeError`."""
    __tracebackhide__ = True
    module, name = getattr(function, "__module__", None), getattr(function, "__qualname__", None)
    said = name or repr(function)
    if not (isinstance(module, str) and isinstance(name, str)):
        raise TypeError(f"{said} has no name that a fresh process could find it by: pass a function, or a class, that stands at the top of a module")
    if "<" in name:
        raise TypeError(f"{said} is made while another function runs, and a fresh process cannot find it: move it to the top of its module")
    holder = sys.modules.get(module)
    found_there: Any = holder
    for part in name.split("."):
        found_there = getattr(found_there, part, None)
    if found_there is not function:
        raise TypeError(f"{module}.{name} is not what was passed: a fresh process, which knows the name alone, would run something else")
    file = getattr(holder, "__file__", None)
    if module == "__main__":
        if not file or not Path(file).is_file():
            raise TypeError(f"{said} stands in no file that a fresh process could read: put it into a module")
        module = Path(file).stem
    return module, str(Path(file).resolve()) if file else "", name
