"""`.gitignore` patterns → whether one entry of a directory is ignored, as git decides it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_POSIX = {
    "alnum": "a-zA-Z0-9",
    "alpha": "a-zA-Z",
    "blank": " \\t",
    "digit": "0-9",
    "lower": "a-z",
    "punct": re.escape("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"),
    "space": "\\s",
    "upper": "A-Z",
    "xdigit": "0-9a-fA-F",
}


@dataclass(frozen=True, slots=True)
class Pattern:
    regex: re.Pattern[str]
    """Matches the whole path below the folder of the `.gitignore`."""
    negated: bool
    folders_only: bool


@dataclass(frozen=True, slots=True)
class Patterns:
    """The patterns of one file, in its order."""

    patterns: tuple[Pattern, ...]
    any: re.Pattern[str] | None
    """Matches if one of them does; None without patterns."""

    def decide(self, path: str, *, folder: bool) -> bool | None:
        """Ignored, re-included, or nothing said; the last pattern that matches wins."""
        if self.any is None or not self.any.fullmatch(path):
            return None
        for pattern in reversed(self.patterns):
            if (folder or not pattern.folders_only) and pattern.regex.fullmatch(path):
                return not pattern.negated
        return None


def patterns(lines: Iterable[str]) -> Patterns:
    found = tuple(pattern for line in lines if (pattern := _pattern(line)))
    anything = re.compile("|".join(f"(?:{pattern.regex.pattern})" for pattern in found)) if found else None
    return Patterns(found, anything)


def _pattern(line: str) -> Pattern | None:
    """None for comments, blank lines and what git never matches."""
    glob = _stripped(line)
    if glob.startswith("#"):
        return None
    negated = glob.startswith("!")
    glob = glob[1:] if negated else glob
    folders_only = glob.endswith("/") and not glob.endswith("\\/")
    glob = glob[:-1] if folders_only else glob
    anchored = "/" in glob
    glob = glob.removeprefix("/")
    if not glob:
        return None
    try:
        regex = re.compile(_translated(glob) if anchored else f"(?:.*/)?{_translated(glob)}", re.DOTALL)
    except re.error:
        return None
    return Pattern(regex, negated, folders_only)


def _stripped(line: str) -> str:
    """Without the line's end and the spaces before it, unless a backslash keeps them."""
    line = line.rstrip("\r\n")
    bare = line.rstrip(" ")
    backslashes = len(bare) - len(bare.rstrip("\\"))
    return bare + " " if backslashes % 2 and len(bare) < len(line) else bare


def _translated(glob: str) -> str:
    """A glob as a regular expression, in which only `**` between slashes crosses them."""
    made: list[str] = []
    at = 0
    while at < len(glob):
        piece, at = _piece(glob, at)
        made.append(piece)
    return "".join(made)


def _piece(glob: str, at: int) -> tuple[str, int]:
    """The next part of a glob, and where it ends."""
    character = glob[at]
    if character == "*":
        return _stars(glob, at)
    if character == "?":
        return "[^/]", at + 1
    if character == "[":
        return _class(glob, at)
    if character == "\\":
        if at + 1 == len(glob):
            raise re.error(glob)
        return re.escape(glob[at + 1]), at + 2
    return re.escape(character), at + 1


def _stars(glob: str, at: int) -> tuple[str, int]:
    end = at
    while end < len(glob) and glob[end] == "*":
        end += 1
    whole = end - at == 2 and (at == 0 or glob[at - 1] == "/")  # noqa: PLR2004 - `**`
    if whole and end == len(glob):
        return (".+" if at else ".*"), end
    if whole and glob[end] == "/":
        return "(?:.*/)?", end + 1
    return "[^/]*", end


def _class(glob: str, at: int) -> tuple[str, int]:
    """`[a-z]`, `[!a]`, `[[:alpha:]]`; never matches a slash."""
    end = at + 1
    negated = glob[end : end + 1] in {"!", "^"}
    end += negated
    made: list[str] = []
    first = True
    while first or glob[end : end + 1] != "]":
        first = False
        named = re.match(r"\[:(\w+):\]", glob[end:])
        if named:
            if named[1] not in _POSIX:
                raise re.error(glob)
            made.append(_POSIX[named[1]])
            end += named.end()
            continue
        if glob[end : end + 1] == "\\":
            end += 1
        if end >= len(glob):
            raise re.error(glob)
        made.append(_member(glob, end))
        end += 1
    return f"(?!/)[{'^' if negated else ''}{''.join(made)}]", end + 1


def _member(glob: str, at: int) -> str:
    """A hyphen between two characters makes a range, any other is itself."""
    character = glob[at]
    inside = character == "-" and glob[at - 1 : at] not in {"[", "!", "^"} and glob[at + 1 : at + 2] not in {"]", ""}
    return character if inside else re.escape(character)
