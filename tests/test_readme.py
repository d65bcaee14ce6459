"""The README: its two commands, its output, and the settings it lists are those of the program."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import msgspec

from reprolint.config import KEYS, Settings
from reprolint.knowledge.apis import load
from reprolint.knowledge.pages import rules_folder

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def fences(kind: str) -> list[str]:
    return [body for found, body in FENCE.findall(README.read_text(encoding="utf-8")) if found == kind]


def showcase() -> str:
    """What the first command prints at its end."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "reprolint", "check", "--exit-zero", "fixtures/showcase"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return done.stdout


def test_the_output_is_what_the_program_prints() -> None:
    assert fences("text")[0] == showcase(), "`python tests/test_readme.py` puts the current output into README.md"


def test_the_output_shows_a_path_over_two_files() -> None:
    told = re.findall(r"^ +\d+  (\S+):\d+ ", fences("text")[0], re.MULTILINE)
    assert len(set(told)) > 1


def test_two_commands_take_a_fresh_machine_to_a_run_and_to_the_tests() -> None:
    first, second = fences("sh")[:2]
    assert first.startswith("python3 -m venv .venv && .venv/bin/pip install -q . ")
    assert first.rstrip().endswith(".venv/bin/reprolint check --exit-zero fixtures/showcase")
    assert second.startswith(".venv/bin/pip install -q -e '.[dev]' && .venv/bin/pytest ")


def test_what_comes_first_fits_on_one_screen() -> None:
    text = README.read_text(encoding="utf-8")
    head = text[: text.index("## ")].splitlines()
    assert sum(len(line) // 100 + 1 for line in head) <= 50


def test_nobody_is_sent_to_the_other_project() -> None:
    for page in (README, *ROOT.glob("rules/*.md"), *ROOT.glob("*.md")):
        assert not re.search(r"pip install (-\S+ )*reprolint(\s|$)", page.read_text(encoding="utf-8")), page.name


def test_every_setting_is_listed_with_its_default() -> None:
    listed = tomllib.loads(next(body for body in fences("toml") if "[tool.reprolint]" in body))["tool"]["reprolint"]
    assert sorted([*listed, "apis"]) == sorted(KEYS)
    assert msgspec.convert(listed, Settings) == Settings()


def test_rows_of_the_example_are_rows() -> None:
    rows = tomllib.loads(next(body for body in fences("toml") if "apis" in body))["tool"]["reprolint"]["apis"]
    catalog = load(rules_folder() / "apis", msgspec.convert({"apis": rows}, Settings).apis)
    assert [row.seeds for row in catalog.find("acme.seed_all")] == [["python", "numpy", "torch"]]


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", README.read_text(encoding="utf-8")):
        assert (ROOT / target).exists(), target


if __name__ == "__main__":
    written = README.read_text(encoding="utf-8")
    README.write_text(written.replace(fences("text")[0], showcase()), encoding="utf-8")
