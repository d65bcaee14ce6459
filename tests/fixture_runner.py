"""Fixture projects: where they are, what they promise, what they print when they run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, TypeAlias

FIXTURES = Path(__file__).parents[1] / "fixtures"
TIMEOUT = 120

Variation: TypeAlias = Literal["plain", "repeat", "hash_seed", "listing_order", "everything", "unprepared"]
"""What differs from the plain run; `repeat` differs in nothing, `everything` in the hash seed and the listings at once,
`unprepared` leaves out the scripts that come before."""

_KEYS = {
    "idea", "entry", "argv", "prepare", "unprepared", "repeat", "hash_seed", "listing_order", "cuda_only", "streams",
    "needs", "unmarked",
}  # fmt: skip
_MARK = re.compile(r"#\s*(RPL\d{3}(?: possible)?(?:,\s*RPL\d{3}(?: possible)?)*)\s*$")


@dataclass(frozen=True, slots=True)
class Truth:
    idea: str
    entry: str
    argv: tuple[str, ...]
    """The entry and its arguments."""
    prepare: tuple[str, ...]
    """Scripts that are run first, in the same folder."""
    agrees: dict[Variation, bool]
    """Variation → does the digest stay the same? Empty if no CPU run can tell."""
    unprepared: bool | None
    """Does the digest stay the same without the scripts that are run first? None: it cannot run without."""
    streams: dict[str, str]
    needs: tuple[str, ...]
    """Packages beyond torch, numpy, pandas and scikit-learn."""
    unmarked: str
    """Why nothing is marked in a project that does not repeat."""


@dataclass(frozen=True, slots=True)
class Project:
    name: str
    folder: Path
    truth: Truth


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    path: str
    line: int
    rule: str
    possible: bool = False
    """The finding is shown with --audit only."""


def projects() -> list[Project]:
    folders = sorted(path.parent for path in FIXTURES.glob("projects/*/truth.toml"))
    return [Project(folder.name, folder, _truth(folder)) for folder in folders]


def _truth(folder: Path) -> Truth:
    text = tomllib.loads((folder / "truth.toml").read_text(encoding="utf-8"))
    if unknown := sorted(set(text) - _KEYS):
        raise ValueError(f"{folder.name}: truth.toml does not know {unknown}")
    argv = tuple(text.get("argv", ())) or (text["entry"],)
    return Truth(
        idea=text["idea"],
        entry=text.get("entry", argv[0]),
        argv=argv,
        prepare=tuple(text.get("prepare", ())),
        agrees={} if text.get("cuda_only") else _agrees(text),
        unprepared=text.get("unprepared"),
        streams=dict(text.get("streams", {})),
        needs=tuple(text.get("needs", ())),
        unmarked=text.get("unmarked", ""),
    )


def _agrees(text: dict[str, object]) -> dict[Variation, bool]:
    """A run that does not even repeat says nothing about the other variations."""
    names: tuple[Variation, ...] = ("repeat", "hash_seed", "listing_order") if text["repeat"] else ("repeat",)
    return {name: bool(text[name]) for name in names}


def marks(project: Project) -> set[Mark]:
    """The findings that comments such as `# RPL101` or `# RPL103 possible` promise, each on its line."""
    return {
        Mark(path.relative_to(project.folder).as_posix(), number, rule[:6], rule.endswith("possible"))
        for path in sorted(project.folder.rglob("*.py"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if (found := _MARK.search(line))
        for rule in re.split(r",\s*", found[1])
    }


def copy(project: Project, into: Path) -> Path:
    """A copy that a run may write into."""
    return Path(shutil.copytree(project.folder, into / project.name, ignore=shutil.ignore_patterns("__pycache__")))


def run(project: Project, variation: Variation = "plain") -> str:
    """The digest that the project prints, run by fresh processes in a fresh copy of its folder."""
    with TemporaryDirectory(prefix="fixture-") as scratch:
        folder = copy(project, Path(scratch))
        for script in project.truth.prepare if variation != "unprepared" else ():
            _python([script], folder, variation)
        last = _python(list(project.truth.argv), folder, variation).rstrip().rpartition("\n")[2]
    if not re.fullmatch(r"DIGEST [0-9a-f]{64}", last):
        raise ValueError(f"{project.name}: the last line is not a digest but {last!r}")
    return last.removeprefix("DIGEST ")


def _python(argv: list[str], folder: Path, variation: Variation) -> str:
    done = subprocess.run(
        [sys.executable, *argv],
        cwd=folder,
        env=_environment(variation),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{folder.name}: {' '.join(argv)} exits with {done.returncode}\n{done.stderr}")
    return done.stdout


def _environment(variation: Variation) -> dict[str, str]:
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH") if name in os.environ}
    return inherited | {
        "PYTHONHASHSEED": "1" if variation in {"hash_seed", "everything"} else "0",
        "FIXTURE_LISTING": "reversed" if variation in {"listing_order", "everything"} else "sorted",
        "PYTHONPATH": str(FIXTURES / "listing"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }


def main(names: list[str]) -> None:
    """Print the digest of each named project under every variation."""
    for project in projects():
        if not names or project.name in names:
            for variation in ("plain", "repeat", "hash_seed", "listing_order"):
                print(f"{run(project, variation)[:12]}  {project.name} {variation}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
