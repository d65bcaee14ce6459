"""Which file an import means, and where runs start."""

import pytest

from reprolint.project.entries import closure, find_entries, is_test
from reprolint.project.modules import Project
from reprolint.source.summarise import summarise

ACTS = "print(1)\n"
GUARDED = 'def main():\n    print(1)\n\nif __name__ == "__main__":\n    main()\n'
DEFINES = "def main():\n    print(1)\n"


def project(files, **more):
    modules = {path: summarise(path, text) for path, text in sorted(files.items())}
    return Project(modules=modules, **more)


def of_paths(*paths, **more):
    return project(dict.fromkeys(paths, ""), **more)


# What an import means.


@pytest.mark.parametrize(
    ("paths", "dotted", "importer", "home", "found"),
    [
        (["data.py", "a/data.py"], "data", "a/train.py", "a", "a/data.py"),
        (["data.py", "a/data.py"], "data", "train.py", "", "data.py"),
        (["p/__init__.py", "p/q.py"], "p.q", "main.py", "", "p/q.py"),
        (["p/__init__.py"], "p", "main.py", "", "p/__init__.py"),
        (["p/q.py"], "p.q", "main.py", "", "p/q.py"),
        (["p.py", "p/__init__.py"], "p", "main.py", "", "p.py"),
        (["src/p/__init__.py"], "p", "main.py", "", "src/p/__init__.py"),
        (["deep/down/p/__init__.py", "deep/down/p/q.py"], "p.q", "deep/down/p/r.py", "x", "deep/down/p/q.py"),
        (["x/y/only.py"], "only", "main.py", "", "x/y/only.py"),
        (["x/twice.py", "y/twice.py"], "twice", "main.py", "", None),
        ([], "torch", "main.py", "", None),
    ],
)
def test_absolute_imports(paths, dotted, importer, home, found):
    assert of_paths("main.py", *paths, known=frozenset({"torch"})).find(dotted, importer, home) == found


def test_a_known_library_wins_against_a_folder_and_loses_against_a_file():
    folder, file = ["numpy/notes.py"], ["numpy.py"]
    known = frozenset({"numpy"})
    assert of_paths("main.py", *folder, known=known).find("numpy", "main.py", "") is None
    assert of_paths("main.py", *file, known=known).find("numpy", "main.py", "") == "numpy.py"


def test_a_configured_root_comes_before_the_tree():
    found = of_paths("main.py", "lib/p.py", "other/p.py", sources=("lib",)).find("p", "main.py", "")
    assert found == "lib/p.py"


@pytest.mark.parametrize(
    ("level", "dotted", "found"),
    [(1, "c", "a/b/c.py"), (2, "d", "a/d.py"), (2, "", "a/__init__.py"), (1, "", "a/b/__init__.py"), (1, "none", None)],
)
def test_relative_imports(level, dotted, found):
    tree = of_paths("a/__init__.py", "a/d.py", "a/b/__init__.py", "a/b/c.py", "a/b/e.py")
    assert tree.relative("a/b/e.py", level, dotted) == found


def test_the_closure_follows_every_import_once():
    tree = project(
        {
            "main.py": "import one\n",
            "one.py": "def f():\n    import two\n",
            "two.py": "import one\nfrom pack import part\n",
            "pack/__init__.py": "",
            "pack/part.py": "",
            "other.py": "",
        }
    )
    assert set(closure(tree, "main.py")) == {"main.py", "one.py", "two.py", "pack/__init__.py", "pack/part.py"}
    assert closure(tree, "main.py")[0] == "main.py"


# -- entries


def entries(files, named=(), **more):
    return [(entry.path, entry.kind, entry.smoke) for entry in find_entries(project(files, **more), frozenset(named))]


@pytest.mark.parametrize(
    ("text", "starts"),
    [
        (ACTS, True),
        (GUARDED, True),
        (DEFINES, False),
        ("import torch\nx = 1\n", False),
        ("for i in range(3):\n    print(i)\n", True),
        ("with open('x') as f:\n    f.read()\n", True),
        ("import warnings\nwarnings.filterwarnings('ignore')\n", False),
        ("try:\n    print(1)\nfinally:\n    pass\n", True),
    ],
)
def test_what_starts_a_run(text, starts):
    assert entries({"main.py": text}) == ([("main.py", "script", False)] if starts else [])


def test_a_module_that_others_import_is_no_script():
    assert entries({"main.py": "import part\nprint(part)\n", "part.py": ACTS}) == [("main.py", "script", False)]


def test_its_main_guard_is_a_smoke_test():
    found = entries({"main.py": "import part\nprint(part)\n", "part.py": GUARDED})
    assert found == [("main.py", "script", False), ("part.py", "script", True)]


@pytest.mark.parametrize("path", ["tests/test_a.py", "test_a.py", "a_test.py", "conftest.py", "pack/tests/tools.py"])
def test_a_test_starts_no_run_unless_it_is_named(path):
    assert is_test(path)
    assert entries({path: ACTS}) == []
    assert entries({path: ACTS}, named=[path]) == [(path, "script", False)]


@pytest.mark.parametrize("path", ["setup.py", "noxfile.py", "pack/__init__.py"])
def test_what_packaging_runs_is_no_run(path):
    assert entries({path: ACTS}) == []


def test_console_scripts_name_their_function():
    tree = project({"pack/__init__.py": "", "pack/cli.py": DEFINES}, commands=(("pack.cli", "main"),))
    [entry] = find_entries(tree, frozenset())
    assert (entry.path, entry.kind, entry.function) == ("pack/cli.py", "console-script", "main")


def test_a_console_script_that_is_not_there_is_none():
    assert find_entries(project({"a.py": DEFINES}, commands=(("gone.cli", "main"),)), frozenset()) == ()
