"""What the text alone says that a call means: a function or a class of the project, or a library's name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct

from reprolint.flow.definitions import methods_of, target_names
from reprolint.model import walk
from reprolint.model.code import Attr, Bind, Class, Define, Function, Import, Loop, Name, With

if TYPE_CHECKING:
    from reprolint.flow.machine import Machine
    from reprolint.model.code import Expr

_MAX_HOPS: Final = 6


class Known(Struct, frozen=True, gc=False):
    """A function of the project, with its class if it is a method, and whether it takes the receiver."""

    path: str
    function: Function
    owner: Class | None = None
    bound: bool = False

    @property
    def key(self) -> tuple[str, int]:
        return self.path, self.function.site


class Kind(Struct, frozen=True, gc=False):
    """A class of the project."""

    path: str
    node: Class


class _Folder(Struct, frozen=True, gc=False):
    """A module of the project."""

    path: str


Meant: TypeAlias = Known | Kind | str | None
"""A string is a library's dotted name, or `builtins.` with the name; None is not known."""


class Callees:
    """Resolves names of one home folder without running anything."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self._bound: dict[str, frozenset[str]] = {}

    def meant(self, caller: Known | None, path: str, callee: Expr) -> Meant:
        """What a callee means in a function, or in a module's own code."""
        found = self._of(caller, path, callee)
        return None if isinstance(found, _Folder) else found

    def _of(self, caller: Known | None, path: str, callee: Expr) -> Meant | _Folder:
        if isinstance(callee, Attr):
            owner = caller.owner if caller is not None else None
            first = caller.function.parameters[0].name if caller is not None and owner is not None and caller.function.parameters else None
            if caller is not None and owner is not None and callee.of == Name(first or ""):
                return self._method(caller.path, owner, callee.name)
            base = self._of(caller, path, callee.of)
            if isinstance(base, _Folder):
                return self._member(base.path, callee.name, _MAX_HOPS)
            return f"{base}.{callee.name}" if isinstance(base, str) and not base.startswith("builtins.") else None
        if not isinstance(callee, Name):
            return None
        if caller is not None and callee.id in caller.function.variables:
            found = [item for item in walk.statements(caller.function.body) if isinstance(item, Import) and item.bound == callee.id]
            return self._imported(path, found[0], _MAX_HOPS) if len(found) == 1 and not self._assigned(caller.function, callee.id) else None
        return self._member(path, callee.id, _MAX_HOPS)

    def _assigned(self, function: Function, name: str) -> bool:
        targets = [item.target for item in walk.statements(function.body) if isinstance(item, Bind | Loop | With) and item.target is not None]
        return any(name in target_names(target) for target in targets) or any(one.name == name for one in function.parameters)

    def _member(self, path: str, name: str, hops: int) -> Meant | _Folder:
        module = self.machine.module(path)
        if module is None or hops <= 0:
            return None
        binding = self.machine.static(path).get(name)
        if isinstance(binding, Import):
            return self._imported(path, binding, hops - 1)
        if isinstance(binding, Define):
            return Kind(path, binding.definition) if isinstance(binding.definition, Class) else Known(path, binding.definition)
        if path not in self._bound:
            every = list(walk.statements(module.body))
            bound = [name for item in every if isinstance(item, Bind | Loop | With) and item.target is not None for name in target_names(item.target)]
            defined = [item.definition.name if isinstance(item, Define) else item.bound for item in every if isinstance(item, Define | Import)]
            self._bound[path] = frozenset((*bound, *defined))
        starred = any(item.name == "*" for item in module.imports)
        return f"builtins.{name}" if name not in self._bound[path] and not starred else None

    def _imported(self, path: str, item: Import, hops: int) -> Meant | _Folder:
        base = self.machine.target_module(path, item)
        if item.name is None:
            if base is not None:
                return _Folder(base) if item.whole or "." not in item.module else None
            return item.module if item.whole else item.module.partition(".")[0]
        if base is None:
            return f"{item.module}.{item.name}"
        inner = self.machine.project.submodule(base, item.name)
        found = self._member(base, item.name, hops) if base in self.machine.project.modules else None
        if found is None or (isinstance(found, str) and found.startswith("builtins.")):
            return _Folder(inner) if inner is not None else None
        return found

    def _method(self, path: str, owner: Class, name: str) -> Known | None:
        """A method of the class itself, which no other class takes the place of."""
        found = methods_of(owner).get(name)
        if found is None or owner.name in self.machine.leads.bases or found[1] not in {"plain", "static"}:
            return None
        return Known(path, found[0], owner, bound=found[1] == "plain")


__all__ = ["Callees", "Kind", "Known", "Meant"]
