"""Configuration files that modules name → plain values by path."""

from __future__ import annotations

import json
import re
import tomllib
from posixpath import basename, dirname
from typing import TYPE_CHECKING, Any, Final

from reprolint.model.tagged import Tagged
from reprolint.source import yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

SUFFIXES: Final = (".json", ".yaml", ".yml", ".toml")
MAX_BYTES: Final = 100_000
MAX_FILES: Final = 400
_SUFFIX: Final = re.compile(r"\.(?:json|ya?ml|toml)\b")
_NOT_NAME: Final = re.compile(r"[\s\"'()\[\]{}<>|*?,;=/\\]")
_QUOTED: Final = re.compile(r"[\"']([\w-]+)[\"']")
LONGEST_NAME: Final = 120
_RECIPES: Final = "load_hyperpyyaml"
_HYDRA: Final = re.compile(r"config_name\s*=\s*\\?[\"']([\w./-]+)")


def load(root: Path, files: Iterable[str], sources: Mapping[str, str]) -> dict[str, Any]:
    """The values of the files that some text names, and of the recipes beside a program that runs what its user names.

    `sources` are the texts of the programs by path. `...` stands for what cannot be known, as a key for more keys.
    """
    names = _names(sources.values())
    made: set[str] = {suffix for suffix in SUFFIXES if suffix in names}
    stems = {word for text in sources.values() for word in _QUOTED.findall(text)} if made else set()
    homes = {dirname(path) for path, text in sources.items() if _RECIPES in text}
    wanted = [path for path in sorted(files) if _named(basename(path), names, made, stems) or not homes.isdisjoint((dirname(path), dirname(dirname(path))))]
    found = _read_all(root, wanted, {})
    said = {text for text in texts(list(found.values())) if made}  # a file may name the one that it goes on from
    more = [path for path in sorted(files) if path not in found and _named(basename(path), frozenset(), made, said)]
    return _read_all(root, more, found) if more else found


def _read_all(root: Path, paths: Iterable[str], known: dict[str, Any]) -> dict[str, Any]:
    found = dict(known)
    for path in paths:
        found[path] = _read(root / path) if len(found) < MAX_FILES else ...
    return dict(sorted(found.items()))


def _named(name: str, names: frozenset[str], made: set[str], stems: set[str]) -> bool:
    """Whether some text says the name, or puts a suffix to a word that some text says: `f"{config}.yaml"`."""
    stem, dot, suffix = name.rpartition(".")
    return name in names or (dot + suffix in made and stem in stems)


def texts(value: Any) -> Iterator[str]:
    """Every text in a value, keys aside."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Tagged):
        yield value.tag.partition(":")[2]
        yield from texts(value.value)
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from texts(inner)


def _names(texts: Iterable[str]) -> frozenset[str]:
    """The last parts of all paths of data files that occur in the texts."""
    found: set[str] = set()
    for text in texts:
        found.update(_NOT_NAME.split(text[max(0, match.start() - LONGEST_NAME) : match.end()])[-1] for match in _SUFFIX.finditer(text))
        for name in _HYDRA.findall(text) if "config_name" in text else ():
            last = name.rpartition("/")[2]
            found.update((last, f"{last}.yaml", f"{last}.yml"))
    return frozenset(found)


def _read(path: Path) -> Any:
    try:
        if path.stat().st_size > MAX_BYTES:
            return ...
        return parse(path.suffix, path.read_bytes().decode("utf-8"))
    except (OSError, ValueError):
        return ...


def parse(suffix: str, text: str) -> Any:
    """The value that a text in this format holds; `...` if it is not understood."""
    try:
        if suffix == ".json":
            return json.loads(text)
        if suffix == ".toml":
            return _known(tomllib.loads(text))
        return yaml.read(text)
    except (ValueError, RecursionError):
        return ...


def _known(value: Any) -> Any:
    """With dates and times as what cannot be known."""
    if isinstance(value, dict):
        return {key: _known(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_known(inner) for inner in value]
    return value if isinstance(value, bool | int | float | str) else ...
