"""Processes that a script starts: those of the same Python see the listings and the clock that the script sees, and nothing else of it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from reprolint.probe import spawned
from reprolint.probe.children import Target, run
from reprolint.probe.reading import of_processes
from reprolint.probe.trace import End
from reprolint.probe.variations import chosen

LOOK = "import os, sys, time, datetime\nprint(os.listdir('data'), int(time.time()) - int(sys.argv[1]) > 86400, datetime.datetime.now().timestamp() - int(sys.argv[1]) > 86400)\n"
STARTS = """
import concurrent.futures, multiprocessing, os, subprocess, sys, time

sys.path.append(os.getcwd())

def look(_):
    return os.listdir("data"), time.time() - START > 86400

def nested(_):
    return subprocess.run([sys.executable, "look.py", str(START)], capture_output=True, text=True).stdout.strip()

START = int(sys.argv[1])

if __name__ == "__main__":
    for method in ("fork", "spawn", "forkserver"):
        with concurrent.futures.ProcessPoolExecutor(1, mp_context=multiprocessing.get_context(method)) as pool:
            print(method, *pool.map(look, [0]))
            print(method, *pool.map(nested, [0]))
    for words in (["look.py"], ["-u", "-W", "ignore", "./look.py"], ["-m", "look"], ["-Xutf8", "-c", open("look.py").read()]):
        done = subprocess.run([sys.executable, *words, str(START)], capture_output=True, text=True)
        assert done.args == [sys.executable, *words, str(START)]
        print("Popen", done.stdout.strip() + done.stderr)
"""


def started(folder, source, *argv, names=("listing-order", "clock"), number=1):
    (folder / "train.py").write_text(source)
    return run(Target(script="train.py", argv=argv, cwd=folder), chosen(names), (), steps=1, timeout=60, number=number)


def test_processes_of_the_same_python_are_in_the_same_world(tmp_path):
    (tmp_path / "data").mkdir()
    for name in "abc":
        (tmp_path / "data" / name).touch()
    (tmp_path / "look.py").write_text(LOOK)
    start = str(int((tmp_path / "look.py").stat().st_mtime))
    other = "['c', 'b', 'a']"
    trace = started(tmp_path, STARTS, start)
    assert trace.lines == (
        *(line for method in ("fork", "spawn", "forkserver") for line in (f"{method} ({other}, True)", f"{method} {other} True True")),
        *(f"Popen {other} True True",) * 4,
    )  # fmt: skip
    plain = started(tmp_path, STARTS, start, names=())
    assert [line.partition(" ")[2] for line in plain.lines[-4:]] == ["['a', 'b', 'c'] False False"] * 4
    assert trace.end is not None
    assert (trace.end.processes, trace.end.outside, trace.end.notes) == (7, [], {})


SHOW = """
import os, sys
import __main__
print(__name__, sys.argv, sys.orig_argv[1:], sys.path[:2], sorted(vars(__main__)), __main__.__dict__ is globals(), sys.flags)
print(globals().get("__file__"), __spec__ and __spec__.name, type(__loader__).__name__, sorted(name for name in os.environ), sys.stdin.read())
assert "reprolint" not in str(sorted(sys.modules)).replace("__reprolint_world__", "")
"""
FAILS = "import sys\ndef f():\n    raise KeyError('no such column')\nsys.stdout.write('x')\nf()\n"


@pytest.mark.parametrize(
    "words",
    [["show.py", "a", "-b"], ["-I", "./pkg/show.py"], ["-m", "pkg.show", "1"], ["-m", "no.such"], ["-c", SHOW, "-m"], ["fails.py"], ["none.py"], ["wrong.py"], ["-Ec", "raise SystemExit('bye')"], ["-c", "import sys; sys.exit(7)"]],
    ids=lambda words: "_".join(words)[:20].replace("\n", " "),
)  # fmt: skip
def test_a_process_is_what_it_would_be_otherwise(tmp_path, words):
    (tmp_path / "pkg").mkdir()
    for path, source in (("pkg/__init__.py", ""), ("pkg/show.py", SHOW), ("show.py", SHOW), ("fails.py", FAILS), ("wrong.py", "x = (\n")):
        (tmp_path / path).write_text(source)

    def done(command):
        found = subprocess.run(command, cwd=tmp_path, input="given", capture_output=True, text=True, check=False)
        return found.returncode, found.stdout, found.stderr

    command = [sys.executable, *words]
    wrapped = spawned.Spawned({"listing": 1}).wrapped(command)
    assert (wrapped is None) == (words[0] == "-Ec")
    if wrapped is not None:
        assert done(wrapped) == done(command)


@pytest.mark.parametrize(
    "command",
    [["ls"], [sys.executable], [sys.executable, "-"], [sys.executable, "-V"], [sys.executable, "-i", "a.py"], [sys.executable, "pkg"], [sys.executable, "-m"], "python a.py", [sys.executable, 3]],
    ids=str,
)  # fmt: skip
def test_what_is_no_command_of_this_python_is_left_alone(command):
    assert spawned.Spawned({}).wrapped(command) is None


def test_another_environment_is_another_python(tmp_path):
    (tmp_path / "python").symlink_to(sys.executable)
    one = spawned.Spawned({})
    assert one.wrapped([str(tmp_path / "python"), "a.py"]) is None
    assert one.wrapped([sys.executable, "a.py"], shell=True) is None  # noqa: S604  nothing is started
    assert one.wrapped([sys.executable, "a.py"], executable="/bin/true") is None
    assert one.wrapped([Path(sys.executable).name, "a.py"], env={"PATH": str(Path(sys.executable).parent)}) is not None
    assert one.wrapped([Path(sys.executable).name, "a.py"], env={"PATH": str(tmp_path)}) is None


def test_what_is_not_in_that_world_is_named(tmp_path):
    source = (
        "import os, subprocess, sys\nsubprocess.run(['true', 'secret'])\nsubprocess.run('true secret', shell=True)\nos.system('true')\n"
        "subprocess.run([sys.executable, '-c', 'pass'])\nsubprocess.run(['true'], close_fds=False)\nos.waitpid(os.posix_spawn('/bin/true', ['true'], {}), 0)\n"
    )
    end = started(tmp_path, source).end
    assert end is not None
    assert (end.processes, end.outside) == (6, ["true", "a shell", "a shell", "true", "true"])
    assert of_processes(end) == ("6 processes that it starts, but for what comes back; listings and the clock are not varied in 5 (true, a shell)",)
    assert of_processes(end, varied=False) == ("6 processes that it starts, but for what comes back",)
    none = End(reason="exit", code=0, steps=0, streams={}, files={}, opened=[], unhashed={}, threads=[], notes={})
    assert of_processes(none) == ()


def test_workers_of_joblib_are_in_the_same_world(tmp_path):
    pytest.importorskip("joblib")
    (tmp_path / "data").mkdir()
    for name in "abc":
        (tmp_path / "data" / name).touch()
    trace = started(tmp_path, "import os\nfrom joblib import Parallel, delayed\nprint(Parallel(n_jobs=2)(delayed(os.listdir)('data') for _ in range(2)))\n")
    assert trace.lines == ("[['c', 'b', 'a'], ['c', 'b', 'a']]",)


def test_the_world_is_told_in_the_command_alone(tmp_path):
    wrapped = spawned.Spawned({"listing": 2, "shift": 1.5, "workers": 0}).wrapped([sys.executable, "-u", "a.py", "b"])
    assert wrapped == [sys.executable, "-u", spawned.__file__, json.dumps({"listing": 2, "shift": 1.5}), json.dumps([sys.executable, "-u", "a.py", "b"]), "a.py", "b"]
