"""Installed as a wheel, installed editable, or run from a bare checkout: the program finds its rules."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "rules" / "RPL101-unseeded-stream.md").read_text(encoding="utf-8")


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    """Standard output; nothing of this process's import path comes along."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PIP_"))}
    kept = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=clean | kept | environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment that sees this one's libraries, not its `reprolint`."""
    folder = tmp_path_factory.mktemp("fresh")
    venv.create(folder, symlinks=True)
    [packages] = (folder / "lib").glob("python*/site-packages")
    borrowed = folder / "borrowed"
    borrowed.mkdir()
    for found in Path(sysconfig.get_path("purelib")).iterdir():
        if "reprolint" not in found.name and found.suffix != ".pth":
            (borrowed / found.name).symlink_to(found)
    (packages / "borrowed.pth").write_text(f"{borrowed}\n", encoding="utf-8")
    return folder


def build(kind: str, into: Path) -> Path:
    """Build a wheel in a process of its own, with what is installed here."""
    code = f"import hatchling.build as b; print(b.build_{kind}({str(into)!r}))"
    return into / run(sys.executable, "-c", code, cwd=ROOT).splitlines()[-1]


def unpack(wheel: Path, environment: Path) -> Path:
    """Install without asking anybody: pure wheels need no more than this."""
    [packages] = (environment / "lib").glob("python*/site-packages")
    run(sys.executable, "-m", "zipfile", "-e", wheel, packages, cwd=ROOT)
    return packages


@pytest.mark.parametrize("kind", ["wheel", "editable"])
def test_installed(kind: str, fresh: Path, tmp_path: Path) -> None:
    wheel = build(kind, tmp_path)
    packages = unpack(wheel, fresh)
    python = fresh / "bin" / "python"
    try:
        where = run(python, "-c", "import reprolint; print(reprolint.__file__)", cwd=tmp_path).strip()
        assert Path(where).is_relative_to(packages if kind == "wheel" else ROOT)
        assert run(python, "-m", "reprolint", "explain", "RPL101", cwd=tmp_path) == PAGE
        (tmp_path / "train.py").write_text("import random\n\nprint(random.random())\n", encoding="utf-8")
        report = run(python, "-m", "reprolint", "check", "--exit-zero", "train.py", cwd=tmp_path)
        assert "RPL101" in report
    finally:
        run(sys.executable, "-c", UNINSTALL, packages, wheel, cwd=tmp_path)


UNINSTALL = """
import pathlib, shutil, sys, zipfile
packages = pathlib.Path(sys.argv[1])
for name in {name.split("/")[0] for name in zipfile.ZipFile(sys.argv[2]).namelist()}:
    found = packages / name
    shutil.rmtree(found) if found.is_dir() else found.unlink(missing_ok=True)
"""


def test_bare_checkout(fresh: Path, tmp_path: Path) -> None:
    python = fresh / "bin" / "python"
    assert run(python, "-m", "reprolint", "explain", "RPL101", cwd=tmp_path, PYTHONPATH=str(ROOT)) == PAGE


def test_no_rules_beside_the_modules() -> None:
    assert not (ROOT / "reprolint" / "rules").exists()
