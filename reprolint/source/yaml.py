"""The YAML that configurations are written in → plain values; what lies outside of it is `...`, never a guess."""

from __future__ import annotations

import re
from typing import Any, Final, TypeAlias

from reprolint.model.tagged import Tagged

Plain: TypeAlias = Any
"""None, bool, int, float, str, a list, a dict or Tagged; `...` stands for what cannot be known, as a key for more keys."""

_DEPTH: Final = 40
_LONGEST: Final = 400
"""Digits."""
_KEY: Final = re.compile(r"""("(?:[^"\\])*"|'[^']*'|[A-Za-z0-9_./<$+~-](?:[^:#{}\[\],&*!|>'"%`]|:(?=\S))*?)\s*:(?=\s|$)""", re.ASCII)
_IN_BRACKETS: Final = re.compile(r"""\s*("[^"\\]*"|'[^']*'|(?:[^\[\]{},:"'#]|:(?=[^\s,\[\]{}]))+)""", re.ASCII)
_INTEGER: Final = re.compile(r"[-+]?(?:0|[1-9][0-9]*)\Z")
_HEXADECIMAL: Final = re.compile(r"0x[0-9a-fA-F]+\Z")
_FLOAT: Final = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+][0-9]+)?\Z")
_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
_TRUTHS: Final = {text: text.lower() == "true" for text in ("true", "True", "TRUE", "false", "False", "FALSE")}
_DISPUTED: Final = re.compile(
    r"(?:y|n|yes|no|on|off|=|<<|\?\?\?)\Z"  # truths in YAML 1.1, text in 1.2
    r"|[-+]?[0-9][0-9_]*(?:[:_][0-9_:]*)?(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]*)?\Z"  # octal, sexagesimal, 1e-3
    r"|[-+]?\.[0-9_]+(?:[eE][-+]?[0-9]+)?\Z|[-+]?\.(?:inf|nan)\Z|[-+]?0[bo][0-9_]+\Z|0x"
    r"|\d{4}-\d{1,2}-\d{1,2}",
    re.IGNORECASE | re.ASCII,
)
_COMMENT: Final = re.compile(r"(?:^|[ \t])#")
_INDICATORS: Final = frozenset("@`%|>&*!,]}#")
_CALLS: Final = ("!apply:", "!include:")
"""Tags that run something while the file is loaded."""


class Odd(ValueError):
    """The text is outside of the subset in a way that nothing after it can be trusted."""


class _Lines:
    """The lines that say something, with their indentation."""

    def __init__(self, text: str) -> None:
        self.rows: list[tuple[int, str]] = []
        for number, line in enumerate(text.split("\n")):
            self._add(line.rstrip("\r"), number)
        self.at = 0

    def _add(self, line: str, number: int) -> None:
        bare = line.strip(" ")
        if bare == "---" and not self.rows:
            return
        if line.startswith(("---", "...")) or (line.startswith("%") and not self.rows):
            raise Odd(f"line {number + 1} starts or ends a document")
        if "\t" in line[: len(line) - len(line.lstrip(" \t"))]:
            raise Odd(f"line {number + 1} is indented with a tab")
        if bare and not bare.startswith("#"):
            self.rows.append((len(line) - len(line.lstrip(" ")), bare))

    @property
    def indent(self) -> int:
        return self.rows[self.at][0] if self.at < len(self.rows) else -1

    @property
    def text(self) -> str:
        return self.rows[self.at][1]

    def skip_deeper(self, indent: int) -> bool:
        """Pass over the lines that belong to something further in; whether there were any."""
        start = self.at
        while self.indent > indent:
            self.at += 1
        return self.at > start


def read(text: str) -> Plain:
    """A whole document. Raises Odd."""
    lines = _Lines(text.removeprefix("\ufeff"))
    if not lines.rows:
        return None
    value = _block(lines, lines.indent, 0)
    if lines.at < len(lines.rows):
        raise Odd(f"`{lines.text}` belongs to nothing")
    return value


def _block(lines: _Lines, indent: int, depth: int) -> Plain:
    """The mapping, list or value whose first line is the next one."""
    if depth > _DEPTH:
        raise Odd("nested too deeply")
    if _is_item(lines.text):
        return _items(lines, indent, depth)
    if _KEY.match(lines.text):
        return _mapping(lines, indent, depth)
    return _inline(lines, lines.text, indent - 1)


def _is_item(text: str) -> bool:
    return text == "-" or text.startswith("- ")


def _mapping(lines: _Lines, indent: int, depth: int) -> dict[Plain, Plain]:
    found: dict[Plain, Plain] = {}
    while lines.indent == indent and not _is_item(lines.text):
        match = _KEY.match(lines.text)
        if match is None:
            raise Odd(f"`{lines.text}` is no key")
        key = _key(match[1])
        value = _value(lines, lines.text[match.end() :].strip(" \t"), indent, depth)
        if key is ...:
            value = ...
        found[key] = value
    if lines.indent > indent:
        raise Odd(f"`{lines.text}` is further in than what it belongs to")
    return found


def _key(text: str) -> Plain:
    return _scalar(text) if text != "<<" else ...


def _value(lines: _Lines, rest: str, indent: int, depth: int) -> Plain:
    """What stands after a colon, and the lines that belong to it."""
    rest = _uncommented(rest)
    rest = re.sub(r"^&[^ \t\[\]{},]+[ \t]*", "", rest)
    if rest:
        return _inline(lines, rest, indent)
    lines.at += 1
    if lines.indent > indent:
        return _block(lines, lines.indent, depth + 1)
    if lines.indent == indent and _is_item(lines.text):
        return _items(lines, indent, depth + 1)
    return None


def _items(lines: _Lines, indent: int, depth: int) -> list[Plain]:
    found: list[Plain] = []
    while lines.indent == indent and _is_item(lines.text):
        rest = lines.text[1:].lstrip(" ")
        inner = indent + len(lines.text) - len(rest)
        if rest and not rest.startswith("#") and (_is_item(rest) or _KEY.match(rest)):
            lines.rows[lines.at] = (inner, rest)
            found.append(_block(lines, inner, depth + 1))
        else:
            found.append(_value(lines, rest, indent, depth) if rest else _nested_item(lines, indent, depth))
    if lines.indent > indent:
        raise Odd(f"`{lines.text}` is further in than what it belongs to")
    return found


def _nested_item(lines: _Lines, indent: int, depth: int) -> Plain:
    lines.at += 1
    return _block(lines, lines.indent, depth + 1) if lines.indent > indent else None


def _inline(lines: _Lines, rest: str, indent: int) -> Plain:
    """A value that begins on this line."""
    if rest[0] in "[{":
        return _collection(lines, rest, indent)
    rest = _uncommented(rest)
    lines.at += 1
    if rest[0] in "|>&*!":
        tag, _, inner = rest.partition(" ")
        value = _tagged(lines, inner.lstrip(" \t"))
        deeper = lines.skip_deeper(indent)
        return Tagged(tag[1:], ... if deeper else value) if tag.startswith(_CALLS) else ...
    if rest[0] in "\"'":
        return _quoted(rest)
    if rest[0] in _INDICATORS or rest in {"?", "-", ":"} or rest.startswith(("? ", "- ", ": ")) or ": " in rest or rest.endswith(":"):
        raise Odd(f"`{rest}` is no value")
    return ... if lines.skip_deeper(indent) else _scalar(rest)


def _tagged(lines: _Lines, rest: str) -> Plain:
    """Pass over a value whose meaning only its tag knows; what is written there."""
    if rest[:1] in {"[", "{"}:
        text = _brackets(lines, rest)
        try:
            return _Flow(text).value(0)
        except Odd:
            return ...
    return _quoted(rest) if rest[:1] in {'"', "'"} else ... if rest else None


def _collection(lines: _Lines, rest: str, indent: int) -> Plain:
    """`[…]` or `{…}`, on this line or over several."""
    lines.at += 1
    text = _brackets(lines, _uncommented(rest))
    reader = _Flow(text)
    value = reader.value(0)
    if reader.rest():
        raise Odd(f"`{reader.rest()}` follows a bracket")
    if lines.indent > indent:
        raise Odd("a bracket is followed by lines further in")
    return value


def _brackets(lines: _Lines, text: str) -> str:
    """The text with the lines up to where its brackets are closed."""
    while _open(text):
        if lines.at >= len(lines.rows):
            raise Odd("a bracket is never closed")
        text = f"{text}\n{_uncommented(lines.text)}"
        lines.at += 1
    return text


def _open(text: str) -> bool:
    """Whether brackets are still open at the end of a text."""
    bare = re.sub(r"\"(?:[^\"\\]|\\.)*\"|'[^']*'", "", text)
    if '"' in bare or "'" in bare:
        raise Odd("a quote inside brackets")
    return sum(bare.count(one) for one in "[{") > sum(bare.count(one) for one in "]}")


def _uncommented(text: str) -> str:
    """Without a comment at its end."""
    comment = _COMMENT.search(text)
    if comment is None:
        return text.rstrip(" \t")
    before = text[: comment.start()]
    if text[0] not in "\"'[{!&*" or ("'" not in before and '"' not in before):
        return before.rstrip(" \t")
    if text[0] in "!&*":
        raise Odd("a quote and a number sign")
    quote = ""
    for number, letter in enumerate(text):
        if quote:
            quote = "" if letter == quote and (quote == "'" or text[number - 1] != "\\") else quote
        elif letter in "\"'" and (number == 0 or text[number - 1] in " [{,:"):
            quote = letter
        elif letter == "#" and (number == 0 or text[number - 1] in " \t"):
            return text[:number].rstrip(" \t")
    return text.rstrip(" \t")


def _quoted(text: str) -> Plain:
    """A text in quotes that ends on its line."""
    quote, inner = text[0], text[1:-1]
    if text == quote or text[-1] != quote:
        raise Odd("a text in quotes goes over several lines")
    if quote == "'":
        if "'" in inner.replace("''", ""):
            raise Odd("a quote inside quotes")
        return _text(inner.replace("''", "'"))
    if re.search(r'(?<!\\)(?:\\\\)*"', inner):
        raise Odd("a quote inside quotes")
    return ... if "\\" in inner else _text(inner)


def _text(text: str) -> Plain:
    return ... if "${" in text else text


def _scalar(text: str) -> Plain:  # noqa: PLR0911  a rule a line
    """A plain or quoted value by the rules on which YAML 1.1 and 1.2 agree."""
    if text[:1] in {'"', "'"}:
        return _quoted(text)
    if text in _NULLS:
        return None
    if text in _TRUTHS:
        return _TRUTHS[text]
    if _INTEGER.match(text) and len(text) < _LONGEST:
        return int(text)
    if _HEXADECIMAL.match(text):
        return int(text, 16)
    if _FLOAT.match(text):
        return float(text)
    return ... if _DISPUTED.match(text) else _text(text)


class _Flow:
    """A reader of `[…]` and `{…}` on one line."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def rest(self) -> str:
        return self.text[self.at :].strip(" \t")

    def _peek(self) -> str:
        while self.at < len(self.text) and self.text[self.at] in " \n":
            self.at += 1
        return self.text[self.at] if self.at < len(self.text) else ""

    def value(self, depth: int) -> Plain:
        first = self._peek()
        if depth > _DEPTH:
            raise Odd("nested too deeply")
        if first == "[":
            return self._list(depth)
        if first == "{":
            return self._dict(depth)
        return self._scalar()

    def _list(self, depth: int) -> list[Plain]:
        self.at += 1
        found: list[Plain] = []
        while self._peek() != "]":
            found.append(self.value(depth + 1))
            if self._peek() == ":":
                raise Odd("a key in a list")
            self._separator("]")
        self.at += 1
        return found

    def _dict(self, depth: int) -> dict[Plain, Plain]:
        self.at += 1
        found: dict[Plain, Plain] = {}
        while self._peek() != "}":
            key = self._scalar()
            value: Plain = None
            if self._peek() == ":":
                self.at += 1
                value = None if self._peek() in {",", "}"} else self.value(depth + 1)
            found[key] = ... if key is ... else value
            self._separator("}")
        self.at += 1
        return found

    def _separator(self, end: str) -> None:
        if self._peek() == ",":
            self.at += 1
        elif self._peek() != end:
            raise Odd("a bracket is not closed")

    def _scalar(self) -> Plain:
        match = _IN_BRACKETS.match(self.text, self.at)
        if match is None:
            raise Odd(f"`{self.rest()}` inside brackets")
        self.at = match.end()
        text = match[1].strip(" \t")
        if not text or text[0] in "-?" and text[1:2] in {"", " "}:
            raise Odd(f"`{text}` inside brackets")
        return ... if text[0] in _INDICATORS or "\n" in text else _scalar(text)
