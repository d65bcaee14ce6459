"""Paths as values: what is known of a file's place, joined and taken apart like text."""

from __future__ import annotations

from posixpath import basename, dirname, join, splitext
from typing import Final

from reprolint.flow.values import TOP, Const, Sequence, Value, of

KIND: Final = "path"
"""The kind of a constant that is a `pathlib.Path`."""
ROOT: Final = "<root>"
"""Stands for the folder of the checked tree in what `__file__` is worth."""


def source(path: str) -> Value:
    """`__file__` of a module."""
    return of(Const("str", f"{ROOT}/{path}"))


def text_of(value: Value) -> str | None:
    """The path that a value surely is."""
    atom = value.atoms[0] if len(value.atoms) == 1 and not value.taints else None
    return atom.value if isinstance(atom, Const) and isinstance(atom.value, str) else None


def via_of(values: list[Value]) -> tuple[str, ...]:
    """The options that paths depend on."""
    return tuple(dict.fromkeys(name for value in values for atom in value.atoms if isinstance(atom, Const) for name in atom.via))


def joined(values: list[Value], kind: str) -> Value | None:
    """`a / b` or `os.path.join(a, b)`, where all parts are known."""
    texts = [text for value in values if (text := text_of(value)) is not None]
    if not texts or len(texts) < len(values):
        return None
    return of(Const(kind, join(*texts), via_of(values)))


def part(atom: Const, name: str) -> Value:
    """An attribute of a path."""
    text = str(atom.value)
    if name == "parent":
        return of(Const(KIND, dirname(text) or ".", atom.via))
    if name == "parents":
        found: list[Value] = []
        while dirname(text) not in {text, ""}:
            text = dirname(text)
            found.append(of(Const(KIND, text, atom.via)))
        return of(Sequence(tuple(found))) if found else TOP
    last = basename(text)
    known = {"name": last, "stem": splitext(last)[0], "suffix": splitext(last)[1]}
    return of(Const("str", known[name], atom.via)) if name in known else TOP


def method(atom: Const, name: str, arguments: list[Value]) -> Value | None:
    """What a method makes of a path, if that is another path or its text."""
    text = str(atom.value)
    if name in {"resolve", "absolute", "expanduser"} and not text.startswith("~"):
        return of(atom)
    if name == "as_posix":
        return of(Const("str", text, atom.via))
    if name == "joinpath":
        return joined([of(atom), *arguments], KIND)
    other = text_of(arguments[0]) if len(arguments) == 1 else None
    if other is not None and name in {"with_name", "with_suffix"}:
        stem = join(dirname(text), other) if name == "with_name" else splitext(text)[0] + other
        return of(Const(KIND, stem, atom.via))
    return None


