"""Files that the program reads its configuration from: what is in them, as values that say where they come from."""

from __future__ import annotations

from posixpath import basename, dirname, join, normpath
from typing import TYPE_CHECKING, Any, Final

from reprolint.flow import calls, paths
from reprolint.flow.state import LIKELY, MISSING, POSSIBLE, Scope, State
from reprolint.flow.values import (
    TOP,
    Const,
    Given,
    Library,
    Many,
    Object,
    Sequence,
    Value,
    const,
    constant,
    of,
    text_of,
)
from reprolint.model.stream import SEEDABLE
from reprolint.model.tagged import Tagged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from reprolint.flow.calls import Arguments, Outcome
    from reprolint.flow.machine import Machine
    from reprolint.model.span import Place

    Handler = Callable[[Machine, Arguments, Place, Scope, State, int], Outcome | None]

MAX_KEYS: Final = 200
MAX_ELEMENTS: Final = 24
_PREFIX: Final = "data:"
_CONTENTS: Final = "contents"


# -- which file ----------------------------------------------------------------------------------------------------


def find(machine: Machine, text: str, scope: Scope, state: State) -> str | None:
    """The file of the tree that a path means: from the root, from the script's folder, or by its only possible end."""
    data = machine.project.data
    if text.startswith((f"{paths.ROOT}/", "/", "~")):
        found = normpath(text.removeprefix(f"{paths.ROOT}/"))
        return found if text.startswith(paths.ROOT) and found in data else None
    main = machine.read(("process", "main"), state, scope.activation)
    home = dirname(main) if isinstance(main, str) else machine.home
    near = [path for path in dict.fromkeys((normpath(text), normpath(join(home, text)))) if path in data]
    if not near:
        tail = "/" + normpath(text).lstrip("./")
        near = [path for path in data if f"/{path}".endswith(tail)]
        return near[0] if len(near) == 1 else None
    return near[0] if all(data[path] == data[near[0]] for path in near) else None


def source_of(machine: Machine, value: Value, scope: Scope, state: State) -> str | None:
    """The file that a path, an open file, or the text read from one means; not one that the program writes."""
    atom = value.atoms[0] if len(value.atoms) == 1 else None
    if isinstance(atom, Object) and atom.type in {"file", _CONTENTS}:
        known = machine.read((atom.key, "#path"), state, scope.activation)
        return known if isinstance(known, str) else None
    text = paths.text_of(value)
    found = find(machine, text, scope, state) if text is not None else None
    if found is None or machine.read(("written", found), state, scope.activation) is not MISSING:
        return None
    return found


def opened(machine: Machine, path: Value, mode: Value | None, tag: str, place: Place, scope: Scope, state: State) -> Value:
    """A file object that knows its file, if that is one to read a configuration from."""
    found = source_of(machine, path, scope, state)
    known = text_of(mode) if mode is not None else "r"
    if found is not None and (known is None or set(known) & set("wax+")):
        state.writes["written", found] = True
        found = None
    state.writes[tag, "#path"] = found if found is not None else ""
    return of(Object(tag, "file", place))


def contents(machine: Machine, value: Value, place: Place, scope: Scope, state: State) -> Value | None:
    """The whole text of a file, if it is one that can be looked into."""
    found = source_of(machine, value, scope, state)
    if not found:
        return None
    key = f"{_PREFIX}{place.path}:{place.site}:{found}#text"
    state.writes[key, "#path"] = found
    return of(Object(key, _CONTENTS, place))


# -- what is in it -------------------------------------------------------------------------------------------------


def load(machine: Machine, path: str, place: Place, scope: Scope, state: State, kind: str = "dict") -> Value:
    """The content of a file; a `kind` of config takes keys that it does not have as given."""
    key = f"{_PREFIX}{place.path}:{place.site}:{path}"
    return _value(machine, machine.project.data[path], (key, f"{basename(path)}: ", kind), "", scope, state)


def _value(machine: Machine, plain: Any, where: tuple[str, str, str], trail: str, scope: Scope, state: State) -> Value:
    via = (where[1] + trail,) if trail else ()
    if isinstance(plain, dict) and len(plain) <= MAX_KEYS:
        return _record(machine, plain, where, trail, scope, state)
    if isinstance(plain, list) and len(plain) <= MAX_ELEMENTS:
        key = f"{where[0]}/{trail}"
        elements = tuple(_value(machine, inner, where, f"{trail}[{number}]", scope, state) for number, inner in enumerate(plain))
        state.writes[key, "items"] = of(Sequence(elements))
        return of(Object(key, "list"))
    if isinstance(plain, list):
        return of(Many(of(Given(via)))) if None not in plain else of(Given(via))
    if isinstance(plain, Tagged):
        return TOP
    if plain is ... or isinstance(plain, dict):
        return of(Given(via))
    return calls.willing(machine, trail.rpartition(".")[2], const(plain, via), scope)


def _record(machine: Machine, plain: dict[Any, Any], where: tuple[str, str, str], trail: str, scope: Scope, state: State) -> Value:
    key, label, kind = where
    key = f"{key}/{trail}"
    prefix = "k:" if kind == "dict" else ""
    names: list[str] = []
    for name, inner in plain.items():
        if name is not ...:
            names.append(name if isinstance(name, str) else repr(name))
            state.writes[key, prefix + names[-1]] = _value(machine, inner, where, f"{trail}.{names[-1]}" if trail else names[-1], scope, state)
    state.writes[key, "#keys"] = tuple(names)
    state.writes[key, "#label"] = f"{label}{trail}." if trail else label
    if ... in plain:
        state.writes[key, "[]"] = of(Given((f"{label}{trail}",)))
    return of(Object(key, kind))


def absent(machine: Machine, record: Object, key: str, scope: Scope, state: State) -> tuple[str, ...]:
    """How to call a key that a file does not have, for a record that comes from one."""
    if not record.key.startswith(_PREFIX):
        return ()
    label = machine.read((record.key, "#label"), state, scope.activation)
    return (f"{label}{key}",) if isinstance(label, str) else ()


def is_record(atom: object) -> bool:
    """Whether something is a part of a configuration file."""
    return isinstance(atom, Object) and atom.key.startswith(_PREFIX)


# -- calls ---------------------------------------------------------------------------------------------------------


def _loads(kind: str = "dict") -> Handler:
    def handler(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome | None:
        given = [value for value in (arguments.first(), *(arguments.keywords.get(name) for name in ("fp", "stream", "s", "file_", "f"))) if value is not None and value.atoms]
        found = source_of(machine, given[0], scope, state) if given else None
        return calls.Outcome(load(machine, found, place, scope, state, kind)) if found else None

    return handler


def _hyperpyyaml(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome:
    """Loading the file calls what it says under `!apply:`; a file that is not in sight may seed everything.

    Where the user names the file, those beside the script say together what all of them say.
    """
    given = arguments.first() if arguments.positional else arguments.keywords.get("yaml_stream", TOP)
    found = source_of(machine, given, scope, state)
    offered = [found] if found else _offered(machine, scope, state)
    plain = _agreed([machine.project.data[path] for path in offered])
    applied = list(_applied(plain))
    if plain is ... or any(item.tag.startswith("include") for item in applied):
        machine.seed(SEEDABLE, frozenset({"fixed"}), "load_hyperpyyaml", place, scope, state, level=POSSIBLE)
        return calls.Outcome(TOP)
    if any(item not in applied for path in offered for item in _applied(machine.project.data[path])):
        machine.seed(SEEDABLE, frozenset({"fixed"}), "load_hyperpyyaml", place, scope, state, level=POSSIBLE)
    name = found or f"{dirname(offered[0])}/*"
    value = _value(machine, plain, (f"{_PREFIX}{place.path}:{place.site}:{name}", f"{basename(name)}: " if found else "", "dict"), "", scope, state)
    for item in applied:
        _apply(machine, item, place, scope, state, level)
    return calls.Outcome(value)


def _offered(machine: Machine, scope: Scope, state: State) -> list[str]:
    """The recipes in the folder of the script and in the folders inside it: files that make things by calls."""
    main = machine.read(("process", "main"), state, scope.activation)
    home = f"{dirname(main)}/" if isinstance(main, str) and dirname(main) else ""
    near = (path for path in sorted(machine.project.data) if path.startswith(home) and path.count("/") <= home.count("/") + 1)
    return [path for path in near if path.endswith((".yaml", ".yml")) and next(_applied(machine.project.data[path]), None) is not None]


def _agreed(plains: list[Any]) -> Any:
    """What several files all say; `...` where they differ, and for keys that not all of them have."""
    if not plains or any(plain is ... for plain in plains):
        return ...
    first = plains[0]
    if all(type(plain) is type(first) and plain == first for plain in plains[1:]):
        return first
    if not all(isinstance(plain, dict) for plain in plains):
        return ...
    shared = [key for key in first if all(key in plain for plain in plains)]
    return {**{key: _agreed([plain[key] for plain in plains]) for key in shared}, ...: ...}


def _applied(plain: Any) -> Iterator[Tagged]:
    """What a file calls when it is loaded, in its order."""
    if isinstance(plain, Tagged):
        yield plain
    elif isinstance(plain, dict | list):
        for inner in plain.values() if isinstance(plain, dict) else plain:
            yield from _applied(inner)


def _apply(machine: Machine, item: Tagged, place: Place, scope: Scope, state: State, level: int) -> None:
    """A seeding call that a file makes; other calls are left out."""
    dotted = item.tag.partition(":")[2]
    if any(api.seeds for api in machine.rows(dotted)):
        passed = calls.Arguments(extra=item.value is ...)
        if isinstance(item.value, list):
            passed.positional = [_argument(inner) for inner in item.value]
        elif isinstance(item.value, dict):
            passed.keywords = {name: _argument(inner) for name, inner in item.value.items() if isinstance(name, str)}
        calls.call_value(machine, of(Library(dotted)), passed, place, scope, state, min(level, LIKELY))
    elif "seed" in dotted.rpartition(".")[2].lower():
        machine.seed(SEEDABLE, frozenset({"fixed"}), dotted, place, scope, state, level=POSSIBLE)


def _argument(plain: Any) -> Value:
    scalar = plain is None or isinstance(plain, bool | int | float | str)
    return const(plain) if scalar else of(Given())


def _path(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome | None:
    value = paths.joined(arguments.positional, paths.KIND) if arguments.rest is None else None
    return calls.Outcome(value) if value is not None else None


def _join(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome | None:
    value = paths.joined(arguments.positional, "str") if arguments.rest is None else None
    return calls.Outcome(value) if value is not None else None


def _same(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome | None:
    """`abspath` and its like: from the root of the checked tree, a path is what it was."""
    text = paths.text_of(arguments.first())
    if text is None or text.startswith("~"):
        return None
    atom = arguments.first().atoms[0]
    return calls.Outcome(of(Const("str", normpath(text), atom.via if isinstance(atom, Const) else ())))


def _folder(machine: Machine, arguments: Arguments, place: Place, scope: Scope, state: State, level: int) -> Outcome | None:
    text = paths.text_of(arguments.first())
    atom = constant(arguments.first())
    return calls.Outcome(of(Const("str", dirname(text), atom.via))) if text is not None and atom is not None else None


HANDLERS: Final[dict[str, Handler]] = {
    **dict.fromkeys(("pathlib.Path", "pathlib.PurePath", "pathlib.PosixPath"), _path),
    **dict.fromkeys(("os.path.abspath", "os.path.realpath", "os.path.normpath", "os.path.expanduser", "os.fspath"), _same),
    "os.path.join": _join,
    "os.path.dirname": _folder,
    **dict.fromkeys(("json.load", "json.loads", "simplejson.load", "simplejson.loads", "ujson.load", "ujson.loads", "orjson.loads"), _loads()),
    **dict.fromkeys(("yaml.load", "yaml.safe_load", "yaml.full_load", "yaml.unsafe_load"), _loads()),
    **dict.fromkeys(("tomllib.load", "tomllib.loads", "tomli.load", "tomli.loads", "toml.load", "toml.loads"), _loads()),
    "omegaconf.OmegaConf.load": _loads("config"),
    **dict.fromkeys(("hyperpyyaml.load_hyperpyyaml", "hyperpyyaml.core.load_hyperpyyaml"), _hyperpyyaml),
}  # fmt: skip


def path_method(machine: Machine, name: str, atom: Const, arguments: Arguments, tag: str, place: Place, scope: Scope, state: State) -> Outcome | None:
    """A method of a known path."""
    if name == "open":
        return calls.Outcome(opened(machine, of(atom), arguments.positional[0] if arguments.positional else arguments.keywords.get("mode"), tag, place, scope, state))
    if name in {"write_text", "write_bytes"}:
        found = source_of(machine, of(atom), scope, state)
        if found is not None:
            state.writes["written", found] = True
        return calls.Outcome(of(Given()))
    if name in {"read_text", "read_bytes"}:
        value = contents(machine, of(atom), place, scope, state)
        return calls.Outcome(value) if value is not None else None
    made = paths.method(atom, name, arguments.positional)
    return calls.Outcome(made) if made is not None else None


def composed(machine: Machine, fields: dict[str, Value], place: Place, scope: Scope, state: State) -> Value | None:
    """The configuration that `hydra.main(config_path, config_name)` hands to its function."""
    folder, name = (text_of(fields[key]) if key in fields else None for key in ("config_path", "config_name"))
    if name is None:
        return None
    stem = normpath(join(dirname(place.path), folder or ".", name))
    for path in (stem, f"{stem}.yaml", f"{stem}.yml"):
        if isinstance(machine.project.data.get(path), dict):
            return load(machine, path, place, scope, state, "config")
    return None


