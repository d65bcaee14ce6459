"""What `check` promises to whoever runs it: the same bytes, no foreign code, plain answers to bad input."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
FIXTURES = HERE.parent / "fixtures" / "projects"
PROJECTS = ("model-registry-unseeded", "loader-before-seed")
UNSEEDED = "import random\nprint(random.random())\n"
CLEAN = "import random\nrandom.seed(0)\nprint(random.random())\n"
NOTEBOOK = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {},
    "cells": [
        {"cell_type": "markdown", "id": "a", "metadata": {}, "source": ["# 数"]},
        {
            "cell_type": "code",
            "id": "b",
            "metadata": {},
            "execution_count": None,
            "outputs": [],
            "source": ["import numpy as np\n", "%time\n", "np.random.rand(3)"],
        },
    ],
}


def started(arguments, cwd, command=("-m", "reprolint"), **more):
    kept = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "FORCE_COLOR"}}
    env = {**kept, "PYTHONPATH": str(HERE.parent), **more}
    return subprocess.run(
        [sys.executable, *command, *arguments], cwd=cwd, env=env, capture_output=True, check=False, timeout=120
    )


def as_json(arguments, cwd, **more):
    done = started(["check", *arguments, "--output-format", "json"], cwd, **more)
    assert done.returncode in {0, 1}, done.stderr.decode()
    return done.stdout


def places(output):
    return [(finding["path"], finding["line"], finding["rule"]) for finding in json.loads(output)["findings"]]


def write(folder, **files):
    """`a__b` is written to a/b.py."""
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


# -- the same bytes


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tree")
    for name in PROJECTS:
        shutil.copytree(FIXTURES / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "look.ipynb").write_text(json.dumps(NOTEBOOK), encoding="utf-8")
    (folder / "reprolint.toml").touch()
    return folder


@pytest.fixture(scope="module")
def usual(tree):
    output = as_json(["--audit", "."], tree, PYTHONHASHSEED="0")
    assert {run["entry"].partition("/")[0] for run in json.loads(output)["runs"]} >= {*PROJECTS, "look.ipynb"}
    return output


@pytest.mark.parametrize("seed", ["1", "2", "3", "4"])
def test_the_hash_seed_changes_no_byte(tree, usual, seed):
    assert as_json(["--audit", "."], tree, PYTHONHASHSEED=seed) == usual


def test_the_order_of_the_paths_changes_no_byte(tree):
    paths = [*PROJECTS, "look.ipynb"]
    assert as_json(paths, tree) == as_json([*reversed(paths), paths[0]], tree)


def test_the_working_directory_changes_no_byte(tree, usual):
    inner = tree / PROJECTS[0]
    assert as_json(["--audit", ".."], inner) == usual
    assert as_json(["--audit", str(tree)], tree.parent, PYTHONHASHSEED="5") == usual


def test_no_output_names_this_machine(usual, tree):
    assert str(tree).encode() not in usual
    assert b"/tmp" not in usual


def test_text_is_the_same_twice(tree):
    runs = [started(["check", "."], tree, PYTHONHASHSEED=seed).stdout for seed in ("1", "2")]
    assert runs[0] == runs[1] != b""


def test_the_notebook_finding_stands_in_its_cell(usual):
    [finding] = [
        one for one in json.loads(usual)["findings"] if one["rule"] == "RPL101" and one["path"] == "look.ipynb"
    ]
    assert (finding["cell"], finding["line"]) == (2, 3)


# -- no foreign code


@pytest.mark.parametrize("arguments", [["check", "."], ["check", "--audit", "."], ["streams", "main.py"]])
def test_neither_torch_nor_numpy_is_imported(tmp_path, arguments):
    write(
        tmp_path,
        main="import numpy as np\nimport torch\ntorch.manual_seed(0)\nprint(torch.rand(1), np.random.rand())\n",
    )
    code = (
        "import sys\nfrom reprolint.cli import main\n"
        f"try: main({arguments!r})\nexcept SystemExit: pass\n"
        "print('loaded', *sys.modules)\n"
    )
    done = started([], tmp_path, command=("-c", code))
    loaded = done.stdout.decode().rpartition("loaded")[2].split()
    assert "libcst" in loaded
    assert {"torch", "numpy", "sklearn"}.isdisjoint(loaded)


def test_help_is_light(tmp_path):
    code = "import sys\nfrom reprolint.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass\nprint('loaded', *sys.modules)"
    loaded = started([], tmp_path, command=("-c", code)).stdout.decode().rpartition("loaded")[2].split()
    assert "click" in loaded
    assert {"libcst", "rich"}.isdisjoint(loaded)


def test_the_checked_code_is_not_run(tmp_path):
    trap = "from pathlib import Path\nPath(__file__).with_name('ran').touch()\n"
    write(
        tmp_path,
        main=f"{trap}import package.part\nimport importlib\nimportlib.import_module('other')\nimport random\nprint(random.random())\n",
        package____init__=trap,
        package__part=trap,
        other=trap,
        conftest=trap,
        setup=trap,
        sitecustomize=trap,
        click=trap,
    )
    done = started(["check", "."], tmp_path, command=("-P", "-m", "reprolint"))
    assert done.returncode == 1, done.stderr.decode()
    assert not list(tmp_path.rglob("ran"))
    assert not list(tmp_path.rglob("__pycache__"))


# -- PATHS


@pytest.fixture
def two_halves(tmp_path):
    (tmp_path / "reprolint.toml").touch()
    write(
        tmp_path,
        lib____init__="",
        lib__noise="import random\n\ndef draw():\n    return random.random()\n",
        a__train="from lib.noise import draw\nprint(draw())\n",
        b__train="import numpy as np\nprint(np.random.rand())\n",
    )
    return tmp_path


def test_all_is_reported_without_paths(two_halves):
    assert places(as_json([], two_halves)) == [("b/train.py", 2, "RPL101"), ("lib/noise.py", 4, "RPL101")]


def test_a_path_filters_what_is_reported_and_not_what_is_read(two_halves):
    output = as_json(["a"], two_halves)
    assert places(output) == [("lib/noise.py", 4, "RPL101")]
    assert [run["entry"] for run in json.loads(output)["runs"]] == ["a/train.py"]


def test_what_reaches_a_path_is_followed(two_halves):
    output = as_json(["lib/noise.py"], two_halves)
    assert places(output) == [("lib/noise.py", 4, "RPL101")]
    assert [run["entry"] for run in json.loads(output)["runs"]] == ["a/train.py"]


def test_another_path_says_nothing_of_it(two_halves):
    assert places(as_json(["b"], two_halves)) == [("b/train.py", 2, "RPL101")]


def test_the_named_file_comes_first_among_the_runs(two_halves):
    output = as_json(["b/train.py", "a"], two_halves)
    assert [run["entry"] for run in json.loads(output)["runs"]] == ["b/train.py", "a/train.py"]


def test_an_excluded_path_that_is_named_is_walked(tmp_path):
    (tmp_path / "reprolint.toml").write_text('extend-exclude = ["old"]')
    write(tmp_path, old__train=UNSEEDED)
    assert places(as_json(["."], tmp_path)) == []
    assert places(as_json(["old"], tmp_path)) == [("old/train.py", 2, "RPL101")]


# -- exit codes


@pytest.mark.parametrize(
    ("text", "options", "code"),
    [
        (CLEAN, [], 0),
        (UNSEEDED, [], 1),
        (UNSEEDED, ["--exit-zero"], 0),
        (UNSEEDED, ["--fail-on", "never"], 0),
        (UNSEEDED, ["--ignore", "RPL101"], 0),
        (UNSEEDED, ["--select", "RPL102"], 0),
        (f"{UNSEEDED.rstrip()}  # reprolint: ignore[RPL101] shown to the user alone\n", [], 0),
    ],
)
def test_exit_code(tmp_path, text, options, code):
    write(tmp_path, main=text)
    done = started(["check", *options, "."], tmp_path)
    assert (done.returncode, done.stderr) == (code, b"")


# -- bad input


def unusable(arguments, cwd):
    """What `check` says about what it cannot use: one line on stderr, nothing on stdout, exit 2."""
    done = started(["check", *arguments], cwd)
    said = done.stderr.decode()
    assert (done.returncode, done.stdout, said.count("\n")) == (2, b"", 1), (done.stdout, said)
    assert said.startswith("reprolint: ")
    return said


def test_a_path_that_is_missing(tmp_path):
    assert "nowhere.py" in unusable(["nowhere.py"], tmp_path)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read anything")
def test_a_named_file_that_cannot_be_read(tmp_path):
    write(tmp_path, main=CLEAN)
    (tmp_path / "main.py").chmod(0)
    assert "main.py" in unusable(["main.py"], tmp_path)


def test_a_named_file_whose_text_cannot_be_had(tmp_path):
    (tmp_path / "main.py").symlink_to("/proc/self/mem")
    if not Path("/proc/self/mem").exists():
        pytest.skip("needs /proc")
    assert "main.py" in unusable(["main.py"], tmp_path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("selct = []", "unknown key `selct`; did you mean `select`?"),
        ("select = 3", "select"),
        ("select = [", "reprolint.toml"),
        ('fail-on = "sometimes"', "fail-on"),
        ('select = ["RPL999"]', "RPL999"),
    ],
)
def test_a_configuration_that_cannot_be_used(tmp_path, text, said):
    (tmp_path / "reprolint.toml").write_text(text)
    write(tmp_path, main=CLEAN)
    assert said in unusable(["."], tmp_path)


def test_a_rule_that_does_not_exist(tmp_path):
    write(tmp_path, main=CLEAN)
    assert "unknown rule `unseeded-steam`; did you mean `unseeded-stream`?" in unusable(
        ["--select", "unseeded-steam", "."], tmp_path
    )


def test_a_folder_without_python(tmp_path):
    (tmp_path / "notes.txt").touch()
    done = started(["check", "."], tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"no Python files under .\n")


@pytest.mark.parametrize("text", ["def f(:\n", "x = (\n", "print 'old'\n", "\x00", "  x\n y\n"])
def test_a_broken_file_is_a_finding_and_the_rest_goes_on(tmp_path, text):
    write(tmp_path, broken=text, main=UNSEEDED)
    output = as_json(["."], tmp_path)
    assert [(path, rule) for path, _, rule in places(output)] == [("broken.py", "RPL001"), ("main.py", "RPL101")]


def test_a_broken_import_is_followed_no_further(tmp_path):
    write(tmp_path, broken="def f(:\n", main=f"import broken\nbroken.f()\n{UNSEEDED}")
    assert ("main.py", 4, "RPL101") in places(as_json(["main.py"], tmp_path))


def test_a_latin_1_file_says_so_or_is_read(tmp_path):
    (tmp_path / "declared.py").write_bytes(b"# -*- coding: latin-1 -*-\nname = 'caf\xe9'\n" + UNSEEDED.encode())
    (tmp_path / "main.py").write_text(UNSEEDED)
    assert places(as_json(["."], tmp_path)) == [("declared.py", 4, "RPL101"), ("main.py", 2, "RPL101")]


def test_bytes_that_are_no_text_are_one_problem(tmp_path):
    (tmp_path / "bad.py").write_bytes(b"name = 'caf\xe9'\n")
    (tmp_path / "main.py").write_text(UNSEEDED)
    document = json.loads(as_json(["."], tmp_path))
    said = [one["path"] for one in (*document["problems"], *document["findings"])]
    assert said.count("bad.py") == 1
    assert ("main.py", 2, "RPL101") in [(one["path"], one["line"], one["rule"]) for one in document["findings"]]


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf"])
def test_a_byte_order_mark_moves_no_column(tmp_path, mark):
    (tmp_path / "main.py").write_bytes(mark + b"from random import random; print(random())\n")
    [finding] = json.loads(as_json(["."], tmp_path))["findings"]
    assert (finding["line"], finding["column"]) == (1, 34)


@pytest.mark.parametrize("text", ["", "\n", "# nothing\n", '"""Nothing."""\n', "\f\n", "x = 1"])
def test_a_file_with_nothing_in_it(tmp_path, text):
    write(tmp_path, main=text)
    document = json.loads(as_json(["."], tmp_path))
    assert (document["findings"], document["problems"], document["summary"]["files"]) == ([], [], 1)


def test_line_ends_of_other_systems(tmp_path):
    (tmp_path / "main.py").write_bytes(b"import random\r\n\r\nprint(random.random())\r\n")
    assert places(as_json(["."], tmp_path)) == [("main.py", 3, "RPL101")]


def test_links_in_a_circle(tmp_path):
    write(tmp_path, a__main=UNSEEDED)
    (tmp_path / "a" / "again").symlink_to(tmp_path, target_is_directory=True)
    assert places(as_json(["."], tmp_path)) == [("a/main.py", 2, "RPL101")]


def test_a_link_to_itself(tmp_path):
    write(tmp_path, main=UNSEEDED)
    (tmp_path / "self.py").symlink_to("self.py")
    assert places(as_json(["."], tmp_path)) == [("main.py", 2, "RPL101")]


def test_a_notebook_that_is_none(tmp_path):
    (tmp_path / "look.ipynb").write_text("{]")
    write(tmp_path, main=UNSEEDED)
    assert ("main.py", 2, "RPL101") in places(as_json(["."], tmp_path))


def test_very_deep_code(tmp_path):
    deep = "x = " + "(" * 150 + "1" + ")" * 150 + "\ny = " + " + ".join(["1"] * 3000) + "\n"
    write(tmp_path, deep=deep, main=UNSEEDED)
    assert ("main.py", 2, "RPL101") in places(as_json(["."], tmp_path))
