"""Draws that are spelled out in a name that a function returns, of which nobody does more than tell it or name a file by it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reprolint.flow import harmless
from reprolint.model import walk
from reprolint.model.code import Attr, Bind, Branch, Call, Const, Evaluate, Fold, Name, Result, Return, With

if TYPE_CHECKING:
    from reprolint.model.code import Expr, Statement
    from reprolint.model.span import Place
    from reprolint.model.walk import Unit
    from reprolint.project.modules import Project

PICKS: Final = frozenset("choice choices sample randint randrange getrandbits integers".split())
"""What draws words, letters or numbers, one by one."""
_NAMES: Final = frozenset("name nickname codename alias slug title tag label run".split())
"""Words in the name of a function, or of a field, that gives or holds a name."""
_PLACES: Final = frozenset("dir directory folder path out output logdir".split())
"""Words in the name of a field that holds a place for files."""
_FILES: Final = frozenset("Path joinpath mkdir makedirs getLogger".split())
_OF_FOLDERS: Final = frozenset("mkdir touch write_text write_bytes exists is_dir is_file".split())
"""What is asked of a path without reading what is there."""
_MAX_HOPS: Final = 6


def only_spelled(project: Project, place: Place) -> bool:
    """Whether what the call at a place draws becomes part of a text that is a mere name, wherever it goes."""
    module = project.modules.get(place.path)
    for unit in walk.units(place.path, module) if module is not None else ():
        for item in walk.statements(unit.body) if unit.function is not None else ():
            if isinstance(item, Call) and item.site == place.site and walk.last_name(item.callee) in PICKS:
                return _spelled(project, unit, Result(item.number))
    return False


def _spelled(project: Project, unit: Unit, drawn: Expr, hops: int = _MAX_HOPS) -> bool:
    """Whether all that is done with a draw is to put it into a text that is returned, or kept, under a name that says what it is."""
    function = unit.function
    if function is None or hops <= 0 or function.generator or function.outer:
        return False
    used = given = False
    for item in walk.statements(unit.body):
        for root in walk.written(item):
            if drawn not in walk.parts(root):
                continue
            used = True
            spelled = isinstance(root, Fold) and (root.op == "format" or (root.op == "+" and any(map(walk.text, walk.parts(root)))))
            joins = isinstance(item, Call) and isinstance(item.callee, Attr) and item.callee.name == "join" and walk.text(item.callee.of) is not None
            if (isinstance(item, Return) and spelled) or (joins and isinstance(item, Call) and _returned(unit, Result(item.number))):
                given = True
                continue
            if isinstance(item, Bind) and isinstance(item.target, Attr) and spelled and not item.augmented and _field(project, item.target.name, function.name, hops):
                continue
            if isinstance(item, Bind) and isinstance(item.target, Name) and not item.augmented and item.target.id in function.variables:
                if spelled and root is not item.target and _returned(unit, item.target):
                    given = True
                    continue
                if root is item.target or (root == drawn and _spelled(project, unit, item.target, hops - 1)):
                    continue
            return False
    return used and (not given or (not harmless.words(function.name).isdisjoint(_NAMES) and _called(project, unit)))


def _returned(unit: Unit, text: Expr) -> bool:
    """Whether a text is only returned."""
    uses = [(item, root) for item in walk.statements(unit.body) for root in walk.written(item) if text in walk.parts(root)]
    return bool(uses) and all(isinstance(item, Return) or (isinstance(item, Bind) and root is item.target) for item, root in uses)


def _called(project: Project, unit: Unit) -> bool:
    """Whether every caller of a function only tells what it gives; it is called where its name is said, and nowhere else."""
    assert unit.function is not None
    name = unit.function.name
    every = [one for path, module in sorted(project.modules.items()) if name in module.words for one in walk.units(path, module)]
    for one in every:
        for item in walk.statements(one.body):
            if isinstance(item, Call) and walk.last_name(item.callee) == name:
                if not _told(project, one, Result(item.number), name, _MAX_HOPS):
                    return False
                roots = [argument.value for argument in item.arguments]
            else:
                roots = list(walk.written(item))
            if any(_says(part, name) for root in roots for part in walk.parts(root)):
                return False
    return bool(every)


def _says(part: Expr, name: str) -> bool:
    return (isinstance(part, Name) and part.id == name) or (isinstance(part, Attr) and part.name == name)


def _told(project: Project, unit: Unit, text: Expr, name: str, hops: int) -> bool:
    """Whether a unit does no more with a text than tell it, or name something by it."""
    return hops > 0 and all(
        _use(project, unit, item, root, text, name, hops) for item in walk.statements(unit.body) for root in walk.written(item) if text in walk.parts(root)
    )


def _use(project: Project, unit: Unit, item: Statement, root: Expr, text: Expr, name: str, hops: int) -> bool:
    if isinstance(item, Bind):
        return root is item.target or _bound(project, unit, item, text, name, hops)
    if isinstance(item, Branch):  # `given or fresh_name()`
        inside = [*item.body, *item.orelse]
        return all(isinstance(one, Call | Bind) and _asks_for(one, text, name) for one in inside)
    if isinstance(item, Call):
        return _handed(item, root, text)
    return isinstance(item, Evaluate | With)


def _handed(item: Call, root: Expr, text: Expr) -> bool:
    """A call that tells the text, makes a folder of that name, or writes a file there."""
    last = walk.last_name(item.callee)
    if root is item.callee:
        return isinstance(root, Attr) and last in _OF_FOLDERS and _plain(root.of, text)
    if not _plain(root, text):
        return False
    given = [one for one in item.arguments if one.value is root]
    logs = isinstance(item.callee, Attr) and last in harmless.LOGS and "log" in walk.last_name(item.callee.of).lower()
    if logs or (last in {"print", *_FILES} and [one.name for one in given] == [None]):
        return True
    modes = [walk.text(one.value) for one in item.arguments if one.name == "mode" or one is item.arguments[min(1, len(item.arguments) - 1)]]
    return last == "open" and given[0] is item.arguments[0] and any(mode is not None and mode[:1] in {"w", "a", "x"} for mode in modes)


def _asks_for(item: Call | Bind, text: Expr, name: str) -> bool:
    return walk.last_name(item.callee) == name if isinstance(item, Call) else item.target == text


def _plain(value: Expr, text: Expr) -> bool:
    """Whether a value is the text, a longer one, a path with it, or the last part of such a path."""
    if value == text or isinstance(value, Name | Const | Result):
        return True
    if isinstance(value, Fold):
        return value.op in {"or", "format", "/", "+"} and all(_plain(part, text) for part in value.operands)
    return isinstance(value, Attr) and (text not in walk.parts(value) or (value.name in {"name", "stem", "parent"} and _plain(value.of, text)))


def _bound(project: Project, unit: Unit, item: Bind, text: Expr, name: str, hops: int) -> bool:
    """A variable of a function, or a field whose name says that it is one: everybody who reads it only tells it."""
    value, target = item.value, item.target
    if value is None or not _plain(value, text) or item.augmented:
        return False
    if target == text:
        return True
    if isinstance(target, Name):
        shared = unit.function is None or target.id in unit.function.outer or target.id not in unit.function.variables
        inside = any(target.id in part.function.words for one in walk.statements(unit.body) for part in walk.codes(one))
        deeper = any(target.id in inner.words for inner in walk.definitions(unit.body))
        return not (shared or inside or deeper) and _told(project, unit, target, name, hops - 1)
    return isinstance(target, Attr) and _field(project, target.name, name, hops)


def _field(project: Project, field: str, name: str, hops: int) -> bool:
    """Whether a field is called a name, or a place for files, and everybody who reads one so called only tells it."""
    if harmless.words(field).isdisjoint(_NAMES | _PLACES):
        return False
    for path, module in sorted(project.modules.items()):
        for one in walk.units(path, module) if field in module.words else ():
            read = {part for found in walk.statements(one.body) for root in walk.written(found) for part in walk.parts(root) if isinstance(part, Attr) and part.name == field}
            if not all(_told(project, one, part, name, hops - 1) for part in sorted(read, key=repr)):
                return False
    return True


__all__ = ["PICKS", "only_spelled"]
