"""`[tool.reprolint]`, `reprolint.toml` and command-line options → Settings."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

import msgspec

FailOn: TypeAlias = Literal["error", "warning", "info", "never"]


class UsageError(Exception):
    """What the user gave cannot be used; the message is one line."""


class Settings(msgspec.Struct, frozen=True, kw_only=True, rename="kebab"):
    """Everything that can be configured, and the root that every reported path is relative to."""

    select: tuple[str, ...] = ("ALL",)
    """Rules that speak: a code, a name, the beginning of a code (`RPL1`), or ALL."""
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    """Rules added to `select`."""
    exclude: tuple[str, ...] = ()
    """Gitignore patterns of what is not walked, besides what never holds source of one's own."""
    extend_exclude: tuple[str, ...] = ()
    """More of them."""
    fail_on: FailOn = "warning"
    audit: bool = False
    apis: tuple[dict[str, Any], ...] = ()
    """Catalog rows of the user's own helpers, in the format of `rules/apis/`."""
    per_file_ignores: dict[str, tuple[str, ...]] = {}
    """Gitignore pattern → rules that are muted in the files it matches."""
    src: tuple[str, ...] = (".", "src")
    """Folders, relative to the root, that imports start from."""

    root: Path = Path()
    """Absolute."""
    file: Path | None = None
    """The configuration file in force."""


_CLOSE: Final = 0.7
_NOT_KEYS: Final = frozenset({"root", "file"})
KEYS: Final = tuple(
    field.encode_name for field in msgspec.structs.fields(Settings) if field.encode_name not in _NOT_KEYS
)


def load(
    paths: Sequence[Path],
    cwd: Path,
    config: Path | None = None,
    overrides: Mapping[str, Any] | None = None,
    *,
    isolated: bool = False,
) -> Settings:
    """Read the nearest configuration at or above what PATHS have in common; `overrides` win over it.

    Raises UsageError for a file that cannot be read, an unknown key or a value of the wrong type.
    """
    cwd = _absolute(cwd)
    places = [_folder(cwd / path) for path in paths] or [cwd]
    common = Path(os.path.commonpath(places))
    file = None if isolated else _explicit(cwd / config) if config else _nearest(common)
    table = (_table(file) or {}) if file else {}
    settings = _convert(_merged(table, overrides or {}), _shown(file, cwd) if file else "options")
    return msgspec.structs.replace(settings, root=_root(file, common, cwd), file=file)


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """`; did you mean …?`, or nothing if no known word is close; of equally close ones the one that begins alike."""
    best = max(known, key=lambda other: (_likeness(word, other), _alike(word, other)), default="")
    return f"; did you mean `{best}`?" if _likeness(word, best) >= _CLOSE else ""


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other).ratio()


def _alike(one: str, other: str) -> int:
    """How many letters they begin with in common."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


# -- finding the file ----------------------------------------------------------------------------------------------


def _absolute(path: Path) -> Path:
    """Without `..`; links stay, so that what is linked into a project belongs to it."""
    return Path(os.path.abspath(path))  # noqa: PTH100  resolves no link


def _folder(path: Path) -> Path:
    path = _absolute(path)
    return path if path.is_dir() else path.parent


def _explicit(path: Path) -> Path:
    if not path.is_file():
        raise UsageError(f"no such configuration file: {path}")
    return _absolute(path)


def _nearest(start: Path) -> Path | None:
    for folder in (start, *start.parents):
        own = folder / "reprolint.toml"
        if own.is_file():
            return own
        shared = folder / "pyproject.toml"
        if shared.is_file() and _speaks_of_us(shared):
            return shared
    return None


def _speaks_of_us(pyproject: Path) -> bool:
    try:
        mentioned = b"reprolint" in pyproject.read_bytes()
    except OSError:
        return False
    return mentioned and _table(pyproject) is not None


def _root(file: Path | None, common: Path, cwd: Path) -> Path:
    """The first of these that holds all PATHS: the configuration's folder, the git top level, cwd."""
    git = next((folder for folder in (common, *common.parents) if (folder / ".git").exists()), None)
    candidates = (file.parent if file else None, git, cwd)
    return next((found for found in candidates if found and common.is_relative_to(found)), common)


# -- reading it ----------------------------------------------------------------------------------------------------


def _table(file: Path) -> dict[str, Any] | None:
    """`[tool.reprolint]`, which `reprolint.toml` may also spell as its top level."""
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{file}: {' '.join(str(error).split())}") from error
    tool = document.get("tool")
    own = tool.get("reprolint") if isinstance(tool, dict) else None
    if own is None and file.name != "pyproject.toml":
        return document
    return own if isinstance(own, dict) else None


def _merged(table: dict[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    """`select` on the command line replaces what the file selects and ignores; `extend-select` adds to it."""
    given = {key: value for key, value in overrides.items() if value is not None}
    if "select" in given:
        table = {key: value for key, value in table.items() if key not in {"extend-select", "ignore"}}
    both: dict[str, Any] = {
        key: [*table[key], *given[key]]
        for key in ("extend-select", "ignore")
        if key in given and isinstance(table.get(key), list)
    }
    return {**table, **given, **both}


def _convert(table: dict[str, Any], where: str) -> Settings:
    for key in table:
        if key not in KEYS:
            raise UsageError(f"{where}: unknown key `{key}`{did_you_mean(key, KEYS)}")
    try:
        return msgspec.convert(table, Settings)
    except msgspec.ValidationError as error:
        what, _, path = str(error).partition(" - at `$")
        path = path.rstrip("`").removeprefix(".").replace("[...]", _culprit(table), 1)
        raise UsageError(f"{where}: {path}: {what[:1].lower()}{what[1:]}") from error


def _culprit(table: dict[str, Any]) -> str:
    """The first pattern of `per-file-ignores` whose rules are no list of text."""
    for pattern, rules in table.get("per-file-ignores", {}).items():
        if not isinstance(rules, list | tuple) or not all(isinstance(rule, str) for rule in rules):
            return f'."{pattern}"'
    return ""


def _shown(file: Path, cwd: Path) -> str:
    return str(file.relative_to(cwd)) if file.is_relative_to(cwd) else str(file)
