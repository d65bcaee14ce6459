"""Which files are found: as git ignores them, whatever the order of the arguments."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reprolint.source.discover import discover
from reprolint.source.ignore import patterns

FILES = (
    "a.py", "b.py", "keep.py", "foo.py", "x/a.py", "x/b.py", "x/keep.py", "x/y/a.py", "x/y/z/a.py", "x/y/z/keep.py",
    "out/a.py", "out/keep.py", "out/sub/a.py", "src/out/a.py", "src/data/a.py", "src/data/keep/a.py", "data/a.py",
    "doc/frotz/a.py", "a/doc/frotz/a.py", "we ird/a.py", "#hash.py", "!bang.py", "tail .py", "q[1].py", "q1.py", "Q.py",
    "log-1.py", "log-a.py", "log-_.py", "deep/x/y/a.py", "n.ipynb", "back\\slash.py",
)  # fmt: skip
IGNORES = (
    {"": "*.py\n!keep.py\n"},
    {"": "out/\n!out/keep.py\n"},
    {"": "out/*\n!out/keep.py\n!out/sub/\n"},
    {"": "/x/a.py\n/data\n"},
    {"": "doc/frotz\n"},
    {"": "/doc/frotz/\nfrotz/a.py\n"},
    {"": "**/frotz\n"},
    {"": "x/**/a.py\n"},
    {"": "x/**\n!x/y/\n"},
    {"": "**/y/**\n"},
    {"": "x/*/a.py\n"},
    {"": "*\n!*/\n!keep.py\n"},
    {"": "\\#hash.py\n\\!bang.py\n# comment\n\n   \n"},
    {"": "tail\\ .py\nb.py   \nwe ird/\n"},
    {"": "q[[]1].py\nq[0-9].py\n"},
    {"": "log-[!0-9].py\n"},
    {"": "log-[^a-z].py\n"},
    {"": "log-[[:alpha:]].py\n[[:upper:]].py\n"},
    {"": "log-[]-]a.py\nlog-[a\n"},
    {"": "?.py\n"},
    {"": "data\n", "src": "!data\n"},
    {"": "a.py\n", "x": "!a.py\n", "x/y": "a.py\n!/z/a.py\n"},
    {"x": "/y\n", "src": "data/*\n!data/keep\n"},
    {"": "/\n//\nfoo.py/\n*.py/\n"},
    {"": "x/***/a.py\n**a.py\n"},
    {"": "/**/y/a.py\nback\\\\slash.py\nfoo\\.py\n"},
    {"": "a.py\r\nx/\r\n"},
    {"": "\ufeffa.py\n"},
    {"": "src/\n!src/\n!src/data/\nsrc/data/a.py"},
    {"": "x/y/\n!x/y/z/\n", "x": "!y/\n"},
)


def tree(root: Path, ignores: dict[str, str], files: tuple[str, ...] = FILES) -> None:
    for name in files:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    for folder, text in ignores.items():
        (root / folder / ".gitignore").write_text(text, newline="")


def by_git(root: Path) -> set[str]:
    """What git would add."""
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    run = subprocess.run(
        ["git", "ls-files", "-z", "--others", "--exclude-per-directory=.gitignore"],
        cwd=root, env=environment, capture_output=True, check=True,
    )  # fmt: skip
    return {name for name in run.stdout.decode().split("\0") if name.endswith((".py", ".ipynb"))}


def started(root: Path) -> Path:
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    return root


needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="compares with git")


@needs_git
@pytest.mark.parametrize("ignores", IGNORES, ids=lambda ignores: repr(ignores)[:40])
def test_as_git(tmp_path: Path, ignores: dict[str, str]) -> None:
    tree(started(tmp_path), ignores)
    assert set(discover([tmp_path], tmp_path).files) == by_git(tmp_path)


LINE = st.text(alphabet="axy*?[]!-/\\ #.p", min_size=1, max_size=7)


@needs_git
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(LINE, min_size=1, max_size=6), st.lists(LINE, max_size=3))
def test_any_pattern_as_git(tmp_path_factory: pytest.TempPathFactory, lines: list[str], inner: list[str]) -> None:
    root = started(tmp_path_factory.mktemp("tree"))
    files = ("a.py", "x.py", "y.py", "a/x.py", "x/a.py", "x/y/a.py", "x/y/xy.py", "a/x/y/p.py", "-.py", "ax/a.py")
    tree(root, {"": "\n".join(lines) + "\n", "x": "\n".join(inner) + "\n"}, files)
    assert set(discover([root], root).files) == by_git(root)


def test_folder_of_the_repository_sees_the_patterns_around_it(tmp_path: Path) -> None:
    tree(tmp_path, {"": "x/a.py\n*.ipynb\n"})
    (tmp_path / ".git").mkdir()
    assert discover([tmp_path / "x"], tmp_path / "x").files == ("b.py", "keep.py", "y/a.py", "y/z/a.py", "y/z/keep.py")


def test_named_paths_are_taken_even_if_ignored(tmp_path: Path) -> None:
    tree(tmp_path, {"": "out/\nfoo.py\n"})
    (tmp_path / "tool").write_text("")
    found = discover([tmp_path / "out", tmp_path / "foo.py", tmp_path / "tool"], tmp_path)
    assert found.files == ("foo.py", "out/a.py", "out/keep.py", "out/sub/a.py", "tool")


def test_order_of_arguments_does_not_matter(tmp_path: Path) -> None:
    tree(tmp_path, {"": "b.py\n"})
    paths = [tmp_path / "x", tmp_path / "a.py", tmp_path / "src", tmp_path / "x" / "y"]
    found = discover(paths, tmp_path)
    assert found == discover(paths[::-1], tmp_path)
    assert list(found.files) == sorted(found.files)
    assert "x/y/a.py" in found.files


def test_missing_path_is_a_problem(tmp_path: Path) -> None:
    assert discover([tmp_path / "no.py"], tmp_path).problems == (("no.py", "no such file or folder"),)


def test_folders_without_source_of_ones_own(tmp_path: Path) -> None:
    files = (".venv/a.py", "build/lib/a.py", "env/lib/a.py", "__pycache__/a.py", "pkg/build/__init__.py", "pkg/m.py")
    tree(tmp_path, {}, (*files, ".ipynb_checkpoints/n.ipynb", "dist/a.py", "win.pyw", "note.txt"))
    (tmp_path / "env" / "pyvenv.cfg").write_text("")
    assert discover([tmp_path], tmp_path).files == ("pkg/build/__init__.py", "pkg/m.py", "win.pyw")
    assert discover([tmp_path / "env"], tmp_path).files == ("env/lib/a.py",)


def test_exclude_and_no_gitignore(tmp_path: Path) -> None:
    tree(tmp_path, {"": "*.py\n"}, ("a.py", "x/a.py", "x/b.py", "y/a.py"))
    assert discover([tmp_path], tmp_path, ["/x/b.py", "y/"], gitignore=False).files == ("a.py", "x/a.py")
    assert discover([tmp_path], tmp_path).files == ()


def test_links_make_no_loop(tmp_path: Path) -> None:
    tree(tmp_path, {}, ("x/a.py", "x/y/b.py"))
    (tmp_path / "x" / "y" / "up").symlink_to(tmp_path / "x")
    (tmp_path / "x" / "self").symlink_to("self")
    (tmp_path / "x" / "same.py").symlink_to("a.py")
    (tmp_path / "x" / "gone.py").symlink_to("nothing.py")
    assert discover([tmp_path], tmp_path).files == ("x/a.py", "x/same.py", "x/y/b.py")


def test_links_say_which_of_the_files_they_mean(tmp_path: Path) -> None:
    tree(tmp_path, {"in": "hidden.py\n"}, ("in/a.py", "in/hidden.py", "out.py"))
    for name, target in (("same", "a.py"), ("again", "same.py"), ("outside", "../out.py"), ("unseen", "hidden.py")):
        (tmp_path / "in" / f"{name}.py").symlink_to(target)
    found = discover([tmp_path / "in"], tmp_path / "in")
    assert found.files == ("a.py", "again.py", "outside.py", "same.py", "unseen.py")
    assert found.links == (("again.py", "a.py"), ("same.py", "a.py"))


def test_paths_outside_the_root(tmp_path: Path) -> None:
    tree(tmp_path, {}, ("in/a.py", "out.py"))
    assert discover([tmp_path / "out.py"], tmp_path / "in").files == ("../out.py",)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_folder_that_cannot_be_listed(tmp_path: Path) -> None:
    tree(tmp_path, {}, ("x/a.py", "b.py"))
    (tmp_path / "x").chmod(0)
    try:
        found = discover([tmp_path], tmp_path)
    finally:
        (tmp_path / "x").chmod(0o755)
    assert (found.files, found.problems) == (("b.py",), (("x", "Permission denied"),))


@given(st.text(alphabet="ax*?[]!-/\\^: .", max_size=12), st.text(alphabet="ax/.", max_size=8))
def test_no_pattern_raises(line: str, path: str) -> None:
    patterns([line]).decide(path, folder=True)
