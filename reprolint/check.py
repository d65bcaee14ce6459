"""The static pipeline: paths → files → modules → project → runs → findings → report."""

from __future__ import annotations

import gc
import re
import sys
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from reprolint import checks, triage
from reprolint.checks.findings import finding as made_of
from reprolint.checks.seeding import level_of
from reprolint.config import UsageError
from reprolint.flow import program as flow
from reprolint.flow.state import POSSIBLE
from reprolint.knowledge.apis import load as load_catalog
from reprolint.knowledge.pages import rules_folder
from reprolint.model.finding import (
    CONFIDENCES,
    Finding,
    LedgerLine,
    Problem,
    Report,
    Run,
    Step,
    StreamState,
    Unresolved,
)
from reprolint.model.stream import STREAMS
from reprolint.project.entries import closure, find_entries, is_test
from reprolint.project.modules import Project
from reprolint.source import data
from reprolint.source.discover import SUFFIXES, discover
from reprolint.source.locate import Locator
from reprolint.source.notebook import is_notebook, read_notebook
from reprolint.source.problem import SyntaxProblem
from reprolint.source.read import decode, read
from reprolint.source.summarise import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reprolint.config import Settings
    from reprolint.flow.program import Program, RunResult
    from reprolint.flow.state import Event, Witness
    from reprolint.knowledge.apis import Catalog
    from reprolint.model.code import Module
    from reprolint.model.span import Place, Span
    from reprolint.project.entries import Entry

_RECURSION: Final = 20_000
_GUARD: Final = re.compile(r"^if[ \t(]+__name__[ \t]*==[^\n]*", re.MULTILINE)


class Sources:
    """The files of the root: read once, summarised once."""

    def __init__(self, settings: Settings, tell: Callable[[str], None] | None) -> None:
        self.settings = settings
        self.tell = tell
        self.texts: dict[str, str] = {}
        self.data: tuple[str, ...] = ()
        """Paths of the files that may be configurations."""
        self.modules: dict[str, Module] = {}
        self.links: dict[str, str] = {}
        """Paths that are links to a module of another path."""
        self.problems: list[Problem] = []
        self.broken: list[Finding] = []
        self.locator = Locator(lambda path: self.texts[path])
        self._cells: dict[str, dict[int, tuple[str, ...]]] = {}

    def load(self, path: str, *, named: bool) -> None:
        """Read and summarise one file; what is wrong with it is a problem or RPL001, never an error."""
        if path in self.modules or path in self.texts:
            return
        if self.tell is not None:
            self.tell(f"reading {path}")
        try:
            decoded = decode(read(self.settings.root / path))
        except SyntaxProblem as problem:
            self._broken(path, problem)
            return
        except OSError as error:
            if named:
                raise UsageError(f"{path}: {error.strerror or error}") from error
            self.problems.append(Problem(path, 0, error.strerror or str(error)))
            return
        if decoded.problem is not None:
            self.problems.append(Problem(path, decoded.problem.line, decoded.problem.message))
        self.texts[path] = decoded.text
        try:
            parsed = parse(path, decoded.text)
        except SyntaxProblem as problem:
            self._broken(path, problem)
            return
        self.modules[path] = parsed.module
        self.locator.keep(parsed)

    def _broken(self, path: str, problem: SyntaxProblem) -> None:
        from reprolint.model.span import Span

        line = max(problem.line, 1)
        span = Span(path, line, 1, line, 2, None, line)
        message = f"cannot be parsed: {problem.message}"
        self.broken.append(
            Finding("RPL001", "syntax-error", "error", "certain", message, span, "mend the syntax, or exclude the file")
        )

    def lines(self, path: str, cell: int | None) -> tuple[str, ...]:
        """The source lines of a file or of a cell."""
        text = self.texts.get(path, "")
        if cell is None or not is_notebook(path):
            return tuple(text.splitlines())
        if path not in self._cells:
            notebook = read_notebook(text)
            cells: dict[int, list[str]] = {}
            for number, line in enumerate(notebook.text.splitlines(), start=1):
                cells.setdefault(notebook.locate(number)[0], []).append(line)
            self._cells[path] = {number: tuple(found) for number, found in cells.items()}
        return self._cells[path].get(cell, ())

    def line(self, entry: Entry) -> int:
        """Where an entry stands, from 1: read off the text where its line shows only once, else found in the tree."""
        from reprolint.model.span import Place

        if entry.site < 0:
            return 1
        text = self.texts.get(entry.path, "")
        shown = list(_GUARD.finditer(text)) if entry.function is None and text.count("\r") == text.count("\r\n") else []
        if len(shown) == 1:
            return text.count("\n", 0, shown[0].start()) + 1
        return self.locator.span(Place(entry.path, entry.site)).line


def check(
    paths: Sequence[Path], settings: Settings, *, cwd: Path, progress: Callable[[str], None] | None = None
) -> Report:
    """Analyse PATHS. Raises UsageError or CatalogError for bad input; nothing of the checked code is run."""
    sys.setrecursionlimit(max(sys.getrecursionlimit(), _RECURSION))
    collecting = gc.isenabled()
    gc.disable()  # there is next to nothing in circles, and looking for it costs a fifth of the time
    try:
        return _check(paths, settings, cwd, progress)
    finally:
        if collecting:
            gc.enable()


def _check(paths: Sequence[Path], settings: Settings, cwd: Path, progress: Callable[[str], None] | None) -> Report:
    sources, reported, seen = _read(paths, settings, cwd, progress)
    catalog, project = _linked(sources, settings)
    entries = _entries(project, paths, reported, settings, cwd)
    rules = triage.with_own(checks.load())
    selection = triage.choose(settings, rules)
    runs, loose = flow.run_all(project, catalog, entries, progress, audit=settings.audit)
    program = _program(project, catalog, settings, runs, sources, loose)
    commented = {path for path, module in project.modules.items() if module.comments}
    drafts = [draft for code, rule in rules.items() if selection.runs(code) for draft in rule.run(program)]
    found = [made_of(program, draft) for draft in drafts if draft.level > POSSIBLE or settings.audit or draft.place.path in commented]
    kept = _merged([*sources.broken, *(item for item in found if _in_scope(item, reported, program))])
    frames = _frames(kept, sources)
    comments = {path: module.comments for path, module in project.modules.items() if module.comments}
    frames.update({path: sources.lines(path, None) for path in comments if path not in frames})
    verdict = triage.triage(kept, comments, settings, rules, frames=frames, reported=reported, whole=_whole(paths, settings, cwd))
    findings = tuple(sorted((*verdict.kept, *verdict.extra), key=_order))
    unresolved = _unresolved(program, reported)
    return Report(
        findings=findings,
        muted=verdict.muted,
        runs=_runs(sources, program, reported, paths, settings, cwd),
        unresolved=unresolved if settings.audit else (),
        unresolved_count=len(unresolved),
        problems=tuple(sorted(sources.problems, key=lambda problem: (problem.path, problem.line))),
        files=tuple(sorted(reported)),
        seen=seen,
        parsed=len(project.modules),
        frames={**frames, **_frames(findings, sources)},
    )


def _read(
    paths: Sequence[Path], settings: Settings, cwd: Path, progress: Callable[[str], None] | None
) -> tuple[Sources, frozenset[str], int]:
    """Everything under the root is read; what PATHS name is reported on."""
    exclude = (*settings.exclude, *settings.extend_exclude)
    named = discover([cwd / path for path in paths] or [cwd], settings.root, exclude)
    whole = discover([settings.root], settings.root, exclude, suffixes=(*SUFFIXES, *data.SUFFIXES))
    sources = Sources(settings, progress)
    sources.data = tuple(path for path in whole.files if path.endswith(data.SUFFIXES))
    for path, message in named.problems:
        raise UsageError(f"{path}: {message}")
    explicit = {path for path in named.files if any((cwd / given) == settings.root / path for given in paths)}
    modules = {*named.files, *(path for path in whole.files if not path.endswith(data.SUFFIXES))}
    links = {link: target for link, target in whole.links if link in modules and link not in explicit}
    for path in sorted(modules.difference(links)):
        sources.load(path, named=path in explicit)
    for link, target in links.items():
        if _stands_anywhere(sources.modules.get(target)):
            sources.links[link] = target
        else:
            sources.load(link, named=False)
    sources.problems += [Problem(path, 0, message) for path, message in whole.problems]
    return sources, frozenset(sources.links.get(path, path) for path in named.files), len(modules) - len(sources.links)


def _stands_anywhere(module: Module | None) -> bool:
    """Whether a module means the same wherever a link to it stands: it imports nothing from beside it by a leading dot."""
    return module is not None and not any(item.level for item in module.imports)


def _linked(sources: Sources, settings: Settings) -> tuple[Catalog, Project]:
    """The rows that can matter to these sources, and the sources as a project."""
    values = data.load(settings.root, sources.data, sources.texts)
    mentioned = {word for module in sources.modules.values() for word in module.words}
    mentioned.update(item.module.partition(".")[0] for module in sources.modules.values() for item in module.imports)
    mentioned.update(text.partition(".")[0] for text in data.texts(values))
    catalog = load_catalog(rules_folder() / "apis", settings.apis, mentioned)
    return catalog, _project(sources, settings, catalog, values)


def _project(sources: Sources, settings: Settings, catalog: Catalog, values: dict[str, Any]) -> Project:
    roots = tuple("" if folder in {".", ""} else folder.strip("/") for folder in settings.src)
    return Project(
        modules=dict(sorted(sources.modules.items())),
        sources=roots,
        known=catalog.packages,
        commands=_console_scripts(settings.root),
        data=values,
        links=sources.links,
    )


def _console_scripts(root: Path) -> tuple[tuple[str, str], ...]:
    """`[project.scripts]` and `[tool.poetry.scripts]` of the root's pyproject.toml."""
    try:
        table: dict[str, Any] = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ()
    scripts = dict(table.get("project", {}).get("scripts", {}))
    scripts.update(table.get("tool", {}).get("poetry", {}).get("scripts", {}))
    targets = [target for _, target in sorted(scripts.items()) if isinstance(target, str) and ":" in target]
    return tuple((target.partition(":")[0].strip(), target.partition(":")[2].strip()) for target in targets)


def _entries(
    project: Project, paths: Sequence[Path], reported: frozenset[str], settings: Settings, cwd: Path
) -> tuple[Entry, ...]:
    """The entries in PATHS, and those that reach PATHS."""
    named = frozenset(path for path in reported if any((cwd / given) == settings.root / path for given in paths))
    found = find_entries(project, named)
    whole = len(reported) >= len(project.modules)
    kept = [entry for entry in found if whole or entry.path in reported or reported.intersection(closure(project, entry.path))]
    return tuple(kept)


def _program(
    project: Project, catalog: Catalog, settings: Settings, runs: tuple[RunResult, ...], sources: Sources,
    loose: dict[Event, tuple[Place, ...]] | None = None,
) -> Program:  # fmt: skip
    return flow.Program(
        project=project,
        catalog=catalog,
        settings=settings,
        runs=runs,
        loose=loose or {},
        span=sources.locator.span,
        text=sources.locator.text,
        enclosing=sources.locator.enclosing,
        tests=frozenset(path for path in project.modules if is_test(path)),
        words={path: frozenset(module.words) for path, module in project.modules.items()},
    )


def _in_scope(finding: Finding, reported: frozenset[str], program: Program) -> bool:
    """A finding is in scope when its place, its entry or a step lies in PATHS, and is not about a test."""
    if finding.span.path in program.tests and finding.entry not in reported:
        return False
    return (
        finding.span.path in reported
        or finding.entry in reported
        or any(step.span.path in reported for step in finding.steps)
    )


def _whole(paths: Sequence[Path], settings: Settings, cwd: Path) -> bool:
    return any((cwd / path).resolve() == settings.root.resolve() for path in paths)


def _merged(findings: list[Finding]) -> list[Finding]:
    """One finding for a rule, stream and place; the other entries are named beside it."""
    found: dict[tuple[str, str | None, Span], Finding] = {}
    for finding in findings:
        key = (finding.rule, finding.stream, finding.span)
        first = found.get(key)
        if first is None:
            found[key] = finding
        else:
            best, other = (finding, first) if _weight(finding) > _weight(first) else (first, finding)
            also = dict.fromkeys((*best.also, *other.also, *([other.entry] if other.entry else [])))
            found[key] = replace(best, also=tuple(entry for entry in also if entry != best.entry))
    return sorted(found.values(), key=_order)


def _weight(finding: Finding) -> int:
    return ("possible", "likely", "certain").index(finding.confidence)


def _order(finding: Finding) -> tuple[Any, ...]:
    span = finding.span
    return (span.path, span.file_line or span.line, span.column, finding.rule, finding.stream or "")


def _frames(findings: Sequence[Finding], sources: Sources) -> dict[str, tuple[str, ...]]:
    frames: dict[str, tuple[str, ...]] = {}
    for finding in findings:
        for span in (finding.span, *(step.span for step in finding.steps)):
            key = span.path if span.cell is None else f"{span.path}#{span.cell}"
            if key not in frames:
                frames[key] = sources.lines(span.path, span.cell)
    return frames


def _runs(
    sources: Sources, program: Program, reported: frozenset[str], paths: Sequence[Path], settings: Settings, cwd: Path
) -> tuple[Run, ...]:
    named = {path for path in reported if any((cwd / given) == settings.root / path for given in paths)}
    made = [_run(sources, program, result) for result in program.runs]
    return tuple(sorted(made, key=lambda run: (run.entry not in named, run.entry, run.line)))


def _run(sources: Sources, program: Program, result: RunResult) -> Run:

    entry = result.entry
    streams = tuple(_stream(program, stream, result) for stream in STREAMS)
    return Run(entry.path, entry.kind, entry.function, sources.line(entry), streams, result.reduced)


def _stream(program: Program, stream: str, result: RunResult) -> StreamState:
    verdict = result.reported[stream]
    seeded = program.span(verdict.seeded.place) if verdict.seeded is not None else None
    drawn = program.span(verdict.drawn.place) if verdict.drawn is not None and verdict.drawn.place.path else None
    state = verdict.state
    if stream == "hash":
        hashed = any(event.kind == "taint" and event.detail[0] == "hash" for event in result.events)
        fixed = any(event.kind == "hash-fixed" for event in result.events)
        state = "unused" if not hashed else "seeded" if fixed else "unseeded"
    sure = CONFIDENCES[level_of(program, result, stream, verdict)]
    return StreamState(stream, state, seeded if state != "unseeded" else None, drawn, verdict.guards, sure)


def _unresolved(program: Program, reported: frozenset[str]) -> tuple[Unresolved, ...]:
    places: dict[Place, tuple[str, str]] = {}
    for result in program.runs:
        for event, _ in result.of_kind("unresolved"):
            if event.place.path in reported:
                places.setdefault(event.place, event.detail[:2])
    if not program.settings.audit:
        from reprolint.model.span import Span

        nowhere = Span("", 0, 0, 0, 0)
        return tuple(Unresolved(nowhere, callee, reason) for callee, reason in places.values())
    found = [Unresolved(program.span(place), callee, reason) for place, (callee, reason) in places.items()]
    return tuple(sorted(found, key=lambda item: (item.span.path, item.span.line, item.span.column)))


# -- the ledger of one run -----------------------------------------------------------------------------------------


def ledger(script: Path, settings: Settings, cwd: Path) -> tuple[tuple[LedgerLine, ...], Run]:
    """Every seed and draw of the run that a script starts, in execution order."""
    sys.setrecursionlimit(max(sys.getrecursionlimit(), _RECURSION))
    sources, reported, _ = _read([script], settings, cwd, None)
    catalog, project = _linked(sources, settings)
    path = next(iter(reported))
    entries = [entry for entry in find_entries(project, reported) if entry.path == path]
    if not entries:
        raise UsageError(f"{script}: starts no run: it has no main guard and does nothing when it is run")
    lines, result = flow.trace(project, catalog, entries[0])
    program = _program(project, catalog, settings, (result,), sources)
    made: dict[LedgerLine, None] = {}
    for kind, stream, witness in lines:
        if witness.place.path:
            made[_ledger_line(program, kind, stream, witness)] = None
    return tuple(made), _run(sources, program, result)


def _ledger_line(program: Program, kind: str, stream: str, witness: Witness) -> LedgerLine:
    steps = tuple(Step(program.span(place), program.text(place)) for place in witness.calls if place.site >= 0)
    return LedgerLine(kind, stream, program.span(witness.place), witness.what, steps)  # type: ignore[arg-type]


__all__ = ["check", "ledger"]
