"""What reprolint says: findings with their witness, and the report around them."""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from reprolint.model.span import Span
from reprolint.model.stream import State

Severity: TypeAlias = Literal["error", "warning", "info"]
Confidence: TypeAlias = Literal["certain", "likely", "possible"]

CONFIDENCES: tuple[Confidence, ...] = ("possible", "likely", "certain")
"""From weak to strong."""


@dataclass(frozen=True, slots=True)
class Step:
    """One stop on the way from the entry to the draw."""

    span: Span
    note: str


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace a stretch of source by `text`; an empty stretch inserts."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    title: str
    applicability: Literal["safe", "unsafe"]
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    rule: str
    name: str
    severity: Severity
    confidence: Confidence
    message: str
    span: Span
    help: str
    """The remedy, one sentence."""
    stream: str | None = None
    entry: str | None = None
    """Path of the entry whose run shows it; None for a finding about the code alone."""
    steps: tuple[Step, ...] = ()
    also: tuple[str, ...] = ()
    """Further entries in which the same rule, stream and place were found."""
    enclosing: str = ""
    """Qualified name of the definition around it, for the fingerprint."""
    fix: Fix | None = None
    audit: bool = False
    """True for what is shown only with --audit or when its rule is selected."""
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Muted:
    finding: Finding
    why: Literal["inline", "config", "baseline"]
    reason: str


@dataclass(frozen=True, slots=True)
class StreamState:
    stream: str
    state: State
    seeded_at: Span | None = None
    drawn_at: Span | None = None
    options: tuple[str, ...] = ()
    """What the seeding depends on: `--seed`, a flag, an environment variable."""
    confidence: Confidence = "certain"
    """How sure a bad state is."""


@dataclass(frozen=True, slots=True)
class Run:
    """One entry and what its run does with every stream."""

    entry: str
    kind: Literal["script", "notebook", "console-script", "command", "spawned"]
    function: str | None
    line: int
    streams: tuple[StreamState, ...]
    reduced: str = ""
    """Why the analysis of this entry was less precise than usual; empty if it was not."""


@dataclass(frozen=True, slots=True)
class Unresolved:
    span: Span
    callee: str
    reason: str


@dataclass(frozen=True, slots=True)
class Problem:
    path: str
    line: int
    message: str


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One seed or draw of a run, in execution order."""

    kind: Literal["seed", "entropy", "draw", "restore"]
    stream: str
    span: Span
    what: str
    """The call as the catalog names it, e.g. `torch.nn.Linear`."""
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Report:
    findings: tuple[Finding, ...] = ()
    """Sorted by path, line, column, rule, stream."""
    muted: tuple[Muted, ...] = ()
    runs: tuple[Run, ...] = ()
    unresolved: tuple[Unresolved, ...] = ()
    """Filled with --audit only; `unresolved_count` is always true."""
    unresolved_count: int = 0
    problems: tuple[Problem, ...] = ()
    files: tuple[str, ...] = ()
    """The files that were reported on, sorted."""
    seen: int = 0
    parsed: int = 0
    frames: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Source lines of every file that a finding or a step stands in (`path`, or `path#cell` for a notebook cell)."""
