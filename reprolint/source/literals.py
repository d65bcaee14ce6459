"""The source of a string, number or f-string part → its value."""

import re
import unicodedata

from reprolint.model.code import Const, Expr, Fold, Opaque

LONGEST = 80
_ESCAPE = re.compile(
    r"\\(\r\n|[\n\r\\'\"abfnrtv]|[0-7]{1,3}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|N\{[^}]+\})"
)
_SIMPLE = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\n": "", "\r": "", "\r\n": ""}
_NOTHING = Opaque()


def string(source: str) -> Expr:
    """`source` with prefix and quotes."""
    start = 0
    while source[start] not in "'\"":
        start += 1
    prefix = source[:start].lower()
    width = 3 if source[start : start + 3] in {"'''", '"""'} else 1
    if "b" in prefix:
        return _NOTHING
    return text(source[start + width : -width], raw="r" in prefix)


def text(body: str, *, raw: bool) -> Expr:
    """The inside of a string literal; `raw` keeps backslashes."""
    if len(body) > LONGEST and (raw or "\\" not in body):
        return _NOTHING
    value = body if raw or "\\" not in body else _unescaped(body)
    return _NOTHING if value is None or len(value) > LONGEST else Const(value)


def _unescaped(body: str) -> str | None:
    """None for what Python rejects, and for lone surrogates, which no output encodes."""
    try:
        value = _ESCAPE.sub(_character, body)
        value.encode()
    except (ValueError, KeyError, OverflowError):
        return None
    return value


def _character(match: re.Match[str]) -> str:
    escape = match[1]
    if escape in _SIMPLE:
        return _SIMPLE[escape]
    if escape[0] == "N":
        return unicodedata.lookup(escape[2:-1])
    if escape[0] in "xuU" and len(escape) > 1:
        return chr(int(escape[1:], 16))
    return chr(int(escape, 8)) if escape.isdigit() else escape


def integer(source: str) -> Expr:
    try:
        return Const(int(source, 0))
    except ValueError:  # more digits than int() takes
        return _NOTHING


def decimal(source: str) -> Expr:
    return Const(float(source))


def joined(parts: list[Expr], *, formatted: bool) -> Expr:
    """Neighbouring literals become one; what is left is a text or a `format`."""
    merged: list[Expr] = []
    for part in parts:
        last = merged[-1] if merged else None
        if type(part) is Const and type(last) is Const and isinstance(part.value, str) and isinstance(last.value, str):
            whole = last.value + part.value
            merged[-1] = Const(whole) if len(whole) <= LONGEST else _NOTHING
        else:
            merged.append(part)
    if not formatted:
        return merged[0] if len(merged) == 1 else Opaque(tuple(merged))
    if not merged:
        return Const("")
    if len(merged) == 1 and type(merged[0]) is Const and isinstance(merged[0].value, str):
        return merged[0]
    return Fold("format", tuple(merged))
