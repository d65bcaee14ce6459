"""Project → entries: where a run can start."""

from __future__ import annotations

from dataclasses import dataclass
from posixpath import basename, dirname
from typing import TYPE_CHECKING, Final, Literal

from reprolint.model.code import Attr, Branch, Call, Const, Fold, Loop, Name, Try, With

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reprolint.model.code import Block, Expr
    from reprolint.project.modules import Project

_SETUP_CALLS: Final = frozenset(
    "append insert filterwarnings simplefilter basicConfig setLevel addHandler register getLogger use set_verbosity "
    "setdefault update add extend style set_option set_printoptions add_safe_globals register_module enable disable "
    "load_dotenv disable_progress_bar set_style rc setrecursionlimit".split()
)
"""Last names of calls that configure a module when it is imported, and start nothing."""


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    path: str
    kind: Literal["script", "notebook", "console-script", "command", "spawned"]
    function: str | None = None
    site: int = -1
    """Where it stands: the guard, the function, or -1 for the whole module."""
    smoke: bool = False
    """A main guard in a module that other modules import."""


def find_entries(project: Project, named: frozenset[str]) -> tuple[Entry, ...]:
    """All entries in path order; `named` are files that the user named, so they may be entries whatever they hold."""
    imported = _imported(project)
    found = [entry for path in sorted(project.modules) for entry in _of_module(project, path, imported, named)]
    scripts = {entry.path for entry in found}
    for module, function in project.commands:
        path = project.find(module, "", "")
        if path in project.modules and path not in scripts:
            found.append(Entry(str(path), "console-script", function))
    return tuple(sorted(set(found), key=lambda entry: (entry.path, entry.kind, entry.function or "")))


def is_test(path: str) -> bool:
    """Whether a file is a test by its name or folder."""
    name = basename(path)
    parts = dirname(path).split("/")
    return name.startswith("test_") or name.endswith("_test.py") or name == "conftest.py" or "tests" in parts or "test" in parts


def _of_module(project: Project, path: str, imported: frozenset[str], named: frozenset[str]) -> Iterator[Entry]:
    module = project.modules[path]
    if is_test(path) and path not in named:
        return
    if module.notebook:
        yield Entry(path, "notebook")
    elif module.guarded:
        yield Entry(path, "script", None, _guard_site(module.body), smoke=path in imported)
    elif basename(path) in {"setup.py", "__init__.py", "noxfile.py"}:
        return
    elif (path in named and any(acts(module.body, named=True))) or (path not in imported and any(acts(module.body))):
        yield Entry(path, "script")


def _guard_site(block: Block) -> int:
    for item in block:
        if isinstance(item, Branch) and is_main_guard(item.test):
            return item.site
    return -1


def is_main_guard(test: Expr) -> bool:
    """Whether a test is `__name__ == "__main__"`, alone or in an `and`."""
    if isinstance(test, Fold):
        if test.op == "and":
            return any(is_main_guard(operand) for operand in test.operands)
        return test.op == "==" and {_literal(operand) for operand in test.operands} == {"__name__", "__main__"}
    return False


def _literal(expression: Expr) -> object:
    if isinstance(expression, Name):
        return expression.id
    return expression.value if isinstance(expression, Const) else None


def acts(block: Block, *, named: bool = False, nested: bool = False) -> Iterator[bool]:
    """Yields True for each statement by which a module body does something rather than define it."""
    for item in block:
        if isinstance(item, Call):
            if (item.loose or nested or named) and _last(item.callee) not in _SETUP_CALLS:
                yield True
        elif isinstance(item, Loop):
            if item.kind != "comprehension":
                yield from acts((*item.head, *item.body), named=named, nested=True)
        elif isinstance(item, With):
            yield from acts(item.body, named=named, nested=True)
        elif isinstance(item, Branch):
            if item.kind == "if":
                yield from acts((*item.body, *item.orelse), named=named)
        elif isinstance(item, Try):
            yield from acts(item.body, named=named)


def _last(callee: Expr) -> str:
    if isinstance(callee, Attr):
        return callee.name
    return callee.id if isinstance(callee, Name) else ""


def _imported(project: Project) -> frozenset[str]:
    """Paths that some other module imports."""
    found: set[str] = set()
    for path in sorted(project.modules):
        found.update(target for target in project.imported(path) if target != path)
    return frozenset(found)


def closure(project: Project, start: str) -> tuple[str, ...]:
    """The modules that importing `start` may run, itself first, by import statements anywhere in them."""
    seen: dict[str, None] = {start: None}
    queue = [start]
    while queue:
        path = queue.pop()
        for target in project.imported(path):
            if target not in seen:
                seen[target] = None
                queue.append(target)
    return tuple(path for path in seen if path in project.modules)
