"""`rules/RPL*.md` → Page: what a rule means, and the examples that test it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["bad", "good", "fixed", "text"]

_TITLE = re.compile(r"# (RPL\d{3}) ([a-z0-9]+(?:-[a-z0-9]+)*)")
_FENCE = re.compile(r"```(\w*)")
_FILE = re.compile(r"# file: (\S+)")
_KINDS: dict[str, Kind] = {"Bad": "bad", "Good": "good", "Fixed": "fixed", "Not flagged, and why": "good"}
_ENTRY = "train.py"
_HEAD = 4
"""Lines above the first section: title, summary, severity, probe."""
_PROBE = re.compile(r"Probe: (?:nothing; (?P<why>[^;]+)|(?!nothing)(?P<by>[a-z-]+(?:, [a-z-]+)*)(?:; needs (?P<needs>[a-z]+))?)\.")
_BEGIN, _END = "<!-- index: begin -->", "<!-- index: end -->"


@dataclass(frozen=True, slots=True)
class Fence:
    """One fenced block; `bad`, `good` and `fixed` Python fences are run as examples, `text` ones are only read."""

    kind: Kind
    language: str
    text: str
    line: int
    """Where its first line of text stands in the page, from 1."""

    @property
    def files(self) -> dict[str, str]:
        """File name → text; lines `# file: data.py` start a file, what comes before the first is train.py."""
        found: dict[str, list[str]] = {}
        name = _ENTRY
        for line in self.text.splitlines(keepends=True):
            start = _FILE.fullmatch(line.rstrip())
            if start:
                name = start[1]
                found[name] = []
            else:
                found.setdefault(name, []).append(line)
        return {name: "".join(lines) for name, lines in found.items()}


@dataclass(frozen=True, slots=True)
class Shown:
    """What `reprolint probe` shows of what a rule says."""

    by: tuple[str, ...] = ()
    """What has to be varied: the name of a variation, or `process` (nothing has to); `kernel` is an operation that gives something
    else for the same input, `file` a file that one run leaves to the next, `workers` what loaders do with 0, 1 and 2 workers. Empty: nothing shows it."""
    needs: str = ""
    """What must take part: `cuda`, `workers` of a DataLoader, `processes` that the run starts; empty: nothing else."""
    why: str = ""
    """Why nothing shows it."""


@dataclass(frozen=True, slots=True)
class Page:
    """What a rule means."""

    code: str
    name: str
    summary: str
    severity: str
    """The line under the summary, without its label: `error, shown by default.`"""
    probe: Shown
    sections: dict[str, str]
    """Heading → text below it, in the page's order."""
    fences: tuple[Fence, ...]
    path: Path
    text: str

    @property
    def slug(self) -> str:
        """The file name without its ending."""
        return f"{self.code}-{self.name}"


class PageError(Exception):
    """A page that does not have the form `rules/README.md` describes; the message is one line."""


def rules_folder() -> Path:
    """Return the folder of knowledge: inside the installed package, else beside it in a checkout."""
    package = Path(str(files("reprolint")))
    inside = package / "rules"
    return inside if inside.is_dir() else package.parent / "rules"


@cache
def pages() -> dict[str, Page]:
    """Every page by code, sorted. Raises PageError if one is malformed."""
    found = (parse(path) for path in sorted(rules_folder().glob("RPL*.md")))
    return {page.code: page for page in found}


def page(code_or_name: str) -> Page | None:
    """Return the page of `RPL101`, `rpl101` or `unseeded-stream`, or None."""
    wanted = code_or_name.strip().lower()
    return next((page for page in pages().values() if wanted in (page.code.lower(), page.name)), None)


def parse(path: Path) -> Page:
    """Read one page. Raises PageError if the title, the summary, the severity or what a probe shows is missing."""
    text = path.read_text(encoding="utf-8")
    head, sections = _sections(text)
    title, summary, severity, probe = _head(head, path.name)
    return Page(
        code=title[1],
        name=title[2],
        summary=summary,
        severity=severity,
        probe=probe,
        sections=sections,
        fences=tuple(_fences(text, path.name)),
        path=path,
        text=text,
    )


def _head(head: list[str], file: str) -> tuple[re.Match[str], str, str, Shown]:
    lines = [line for line in head if line.strip()]
    title = _TITLE.fullmatch(lines[0]) if lines else None
    if title is None:
        message = f"{file}: the first line is not `# RPL101 a-name`"
        raise PageError(message)
    if len(lines) != _HEAD or not lines[2].startswith("Severity: "):
        message = f"{file}: below the title stand one summary line, one line `Severity: ...` and one line `Probe: ...`"
        raise PageError(message)
    shown = _PROBE.fullmatch(lines[3])
    if shown is None:
        message = f"{file}: `{lines[3]}` is not `Probe: process, clock; needs workers.` or `Probe: nothing; the reason.`"
        raise PageError(message)
    probe = Shown(tuple(shown["by"].split(", ")) if shown["by"] else (), shown["needs"] or "", shown["why"] or "")
    return title, lines[1], lines[2].removeprefix("Severity: "), probe


def _sections(text: str) -> tuple[list[str], dict[str, str]]:
    """Split at second-level headings outside fences."""
    head: list[str] = []
    found: dict[str, list[str]] = {}
    current, fenced = head, False
    for line in text.splitlines():
        fenced ^= line.startswith("```")
        if line.startswith("## ") and not fenced:
            current = found.setdefault(line.removeprefix("## ").strip(), [])
        else:
            current.append(line)
    return head, {name: "\n".join(lines).strip() for name, lines in found.items()}


def _fences(text: str, file: str) -> list[Fence]:
    found: list[Fence] = []
    section, start, language = "", 0, ""
    lines = text.splitlines()
    for number, line in enumerate(lines, start=1):
        opening = _FENCE.fullmatch(line)
        if start and line == "```":
            body = "".join(f"{text}\n" for text in lines[start - 1 : number - 1])
            found.append(Fence(_kind(section, language), language, body, start))
            start = 0
        elif not start and opening:
            start, language = number + 1, opening[1]
        elif not start and line.startswith("## "):
            section = line.removeprefix("## ").strip()
    if start:
        message = f"{file}:{start - 1}: the fence is never closed"
        raise PageError(message)
    return found


def _kind(section: str, language: str) -> Kind:
    return _KINDS.get(section, "text") if language == "python" else "text"


def index(found: dict[str, Page]) -> str:
    """Return the table of all rules for `rules/README.md`."""
    rows = [
        f"| [{page.code}]({page.path.name}) | {page.name} | {page.severity.rstrip('.')} | {page.summary} |"
        for page in found.values()
    ]
    return "\n".join(["| code | name | severity | what it says |", "| --- | --- | --- | --- |", *rows])


def renewed(readme: str, found: dict[str, Page]) -> str:
    """Return the README's text with its index brought up to date."""
    before, _, rest = readme.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return f"{before}{_BEGIN}\n{index(found)}\n{_END}{after}"


def main() -> None:
    """Rewrite the index in `rules/README.md`."""
    readme = rules_folder() / "README.md"
    readme.write_text(renewed(readme.read_text(encoding="utf-8"), pages()), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
