"""What a probe varies, what it says of it, and that no script upsets it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from reprolint.cli import main
from reprolint.probe import world
from reprolint.probe.children import CouldNotRun, Target, run
from reprolint.probe.compare import compare
from reprolint.probe.experiment import experiment
from reprolint.probe.output import LINES, WIDEST, Head, Tail
from reprolint.probe.reading import bound, of_bound, repeats_for
from reprolint.probe.scratch import scratch
from reprolint.probe.sensitivity import gist
from reprolint.probe.trace import read
from reprolint.probe.variations import VARIATIONS, chosen


@pytest.fixture
def probe(tmp_path, monkeypatch):
    """Write a script and probe it: exit code, outcome if there is one, and what was said on stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")

    def probed(source, *options):
        Path("train.py").write_text(source)
        done = CliRunner().invoke(main, ["probe", "--output-format", "json", *options, "train.py"])
        return done.exit_code, json.loads(done.stdout) if done.stdout else None, done.stderr

    return probed


def one(tmp_path, source, *names, number=1, **others):
    """The trace of one run with these variations on."""
    (tmp_path / "train.py").write_text(source)
    target = Target(script="train.py", cwd=tmp_path)
    return run(target, chosen(names), (), steps=2, timeout=60, number=number, **others)


# -- listings and the clock ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [2, 3, 5])
def test_no_run_lists_in_the_order_of_the_first(count):
    names = [f"{number}.png" for number in range(count)]
    assert world.ordered(names[::-1], str, 0) == names
    for number in range(1, 40):
        found = world.ordered(names, str, number)
        assert sorted(found) == names
        assert found != names


LISTINGS = """
import glob, os, pathlib, shutil
print(os.listdir("data"))
print([entry.name for entry in os.scandir("data")])
print(next(os.walk("data"))[2])
print([os.path.basename(path) for path in glob.glob("data/*")])
print([path.name for path in pathlib.Path("data").iterdir()])
print([path.name for path in pathlib.Path("data").glob("*")])
assert os.scandir in os.supports_fd and shutil.rmtree.avoids_symlink_attacks
"""


def test_every_way_to_list_a_folder_is_varied(tmp_path):
    (tmp_path / "data").mkdir()
    for name in "ab":
        (tmp_path / "data" / name).touch()
    first = one(tmp_path, LISTINGS)
    other = one(tmp_path, LISTINGS, "listing-order")
    assert set(first.lines) == {"['a', 'b']"}
    assert set(other.lines) == {"['b', 'a']"}


DATES = """
import copy, datetime as dt, logging, pickle, sys, time

class Own(dt.datetime):
    pass

class Timer:
    clock, parts = time.time, time.localtime
    def read(self):
        return self.clock(), self.parts(0)

now = dt.datetime.now()
assert type(now) is dt.datetime and isinstance(now, dt.date) and type(Own.now()) is type(Own.utcnow()) is Own
assert dt.datetime.now(tz=dt.timezone.utc).tzinfo is dt.timezone.utc and dt.datetime.utcnow().tzinfo is None
assert pickle.loads(pickle.dumps(now)) == now and pickle.loads(pickle.dumps(dt.datetime.now))().year == now.year
assert pickle.loads(pickle.dumps(time.time)) is time.time and copy.deepcopy(time.time) is time.time
Timer().read()
logging.basicConfig(format="%(asctime)s", stream=sys.stdout)
logging.warning("")
years = [now.year, dt.datetime.utcnow().year, dt.datetime.today().year, dt.date.today().year, time.localtime().tm_year]
years += [time.gmtime(time.time_ns() // 10**9).tm_year, time.gmtime(time.clock_gettime(time.CLOCK_REALTIME)).tm_year, int(time.strftime("%Y"))]
print(*sorted(set(years)))
"""


def test_dates_are_shifted_and_stay_what_they_are(tmp_path):
    first, other = one(tmp_path, DATES), one(tmp_path, DATES, "clock")
    years = [int(trace.lines[-1]) for trace in (first, other)]
    assert years[1] - years[0] in {1, 2}
    assert other.end is not None
    assert not other.end.notes


# -- other variations ----------------------------------------------------------------------------------------------


def test_fresh_memory_is_filled_with_something_else_each_time(tmp_path):
    source = "import ctypes\nmalloc = ctypes.CDLL(None).malloc\nmalloc.restype = ctypes.c_void_p\nprint(ctypes.string_at(malloc(5_000_000) + 99, 4))\n"
    found = {one(tmp_path, source, "memory", number=number).lines for number in (1, 2, 3)}
    assert len(found) == 3


def test_the_load_is_there_and_goes_away(tmp_path):
    source = """
import os, subprocess, time
count = 0
for _ in range(20):  # on a busy machine a process takes its time to start
    listed = subprocess.run(["ps", "axwwo", "ppid,args"], capture_output=True, text=True).stdout.splitlines()
    count = count or sum("busy.py" in line and line.split()[0] == str(os.getppid()) for line in listed)
    if count:
        break
    time.sleep(0.1)
print(count)
"""
    idle, busy = (int(one(tmp_path, source, *names).lines[0]) for names in ((), ("load",)))
    assert (idle, busy > 0) == (0, True)


def test_the_load_ends_with_its_parent():
    starter = "import subprocess, sys, os\nprint(subprocess.Popen([sys.executable, sys.argv[1], str(os.getpid())]).pid)\n"
    busy = Path(world.__file__).with_name("busy.py")
    pid = int(subprocess.run([sys.executable, "-c", starter, str(busy)], capture_output=True, text=True, check=True).stdout)
    for _ in range(100):
        if not Path(f"/proc/{pid}").exists():
            return
        time.sleep(0.05)
    raise AssertionError("a busy process is left behind")


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("cwd", "import os\nprint(os.path.exists('train.py'))\n"),
        ("home", "import os\nprint(os.listdir(os.path.expanduser('~')) == [])\n"),
        ("timezone", "import datetime\nprint(datetime.datetime.fromtimestamp(0).minute)\n"),
        ("locale", "import locale\nlocale.setlocale(locale.LC_ALL, '')\nprint(locale.localeconv()['decimal_point'], open('train.py').encoding)\n"),
    ],
)
def test_what_is_varied_on_request(probe, monkeypatch, tmp_path, name, source):
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "settings").touch()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert probe(source, "--quick")[0] == 0
    code, found, _ = probe(source, "--vary", f"only:{name}")
    assert (code, found["causes"]) == (1, [name])


def test_a_race_is_not_blamed_on_a_seed_of_hashes(probe):
    """It differs in the first varied run alone, and not when that one is done again."""
    source = "from pathlib import Path\nimport os\nruns = Path(os.path.dirname(os.path.abspath(__file__))).parent / 'runs'\n"
    source += "count = len(runs.read_text()) if runs.exists() else 0\nos.system(f'printf x >> {runs}')\nprint(count == 1)\n"
    found = probe(source, "--vary", "only:hash-seed")[1]
    assert found["causes"] == ["process"]


def test_names_and_kinds(probe):
    code, found, _ = probe("", "--vary", "only:clock,hash-seed", "--vary", "only:may")
    assert code == 0
    assert found["trials"][0]["variations"] == ["hash-seed", "clock"]
    assert [trial["variations"][0] for trial in found["sensitivity"]] == [one.label for one in VARIATIONS if one.kind == "may"]


@pytest.mark.parametrize(("asked", "said"), [("hashseed", "did you mean hash-seed?"), ("thread,load", "no such variation: thread; did you mean threads?")])
def test_a_name_that_is_none(probe, asked, said):
    code, _, stderr = probe("", "--vary", asked)
    assert code == 2
    assert said in stderr


# -- what may change bits ------------------------------------------------------------------------------------------

LOADER = """
import torch
from torch.utils.data import DataLoader, Dataset

class Noise(Dataset):
    def __len__(self):
        return 8
    def __getitem__(self, number):
        return torch.ones(2) * number + torch.rand(2)

torch.manual_seed(0)
net = torch.nn.Linear(2, 1)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1, fused=False)
if __name__ == "__main__":
    torch.set_num_threads(1)
    for batch in DataLoader(Noise(), 4, num_workers=0, prefetch_factor=None):
        optimizer.zero_grad(), net(batch).sum().backward(), optimizer.step()
"""


def test_what_may_change_bits_is_told_and_no_failure(tmp_path, monkeypatch):
    pytest.importorskip("torch")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    (tmp_path / "train.py").write_text(LOADER)
    may = [one for one in VARIATIONS if one.label in {"workers=2", "foreach", "threads"}]
    found = experiment(Target(script="train.py", cwd=tmp_path), (), may, steps=2, repeats=1, timeout=120, tell=lambda _: None)
    assert not found.diverged
    assert [trial.gist for trial in found.sensitivity] == [
        "nothing to vary: the script sets its number of threads itself",
        "with 2 workers instead of 0: the batches differ from step 1 on",
        "with `foreach` on instead of off: the same bits in 2 steps",
    ]


TRACES = Path(__file__).parents[2] / "fixtures" / "traces"


@pytest.mark.parametrize(
    ("name", "varied", "said"),
    [
        ("workers=2", {"workers": ["0"]}, "with 2 workers instead of 0: the batches are the same, and all that is computed from them"),
        ("workers=2", {"workers": ["2"]}, "nothing to vary: the script has 2 workers"),
        ("workers=2", {}, "nothing to vary: the script makes no DataLoader"),
        ("tf32", {"tf32": ["off"], "set by the script": ["tf32"]}, "nothing to vary: the script sets tf32 itself"),
        ("cudnn-benchmark", {"cudnn-benchmark": ["on"]}, "with `cudnn.benchmark` off instead of on: the same bits in 1 steps"),
        ("start-method", {"start-method": ["spawn"]}, "with loading processes started by fork instead of spawn: the batches are the same, and all that is computed from them"),
    ],
)
def test_what_was_changed_and_what_came_of_it(name, varied, said):
    base = read(TRACES / "seeded" / "one.jsonl")
    assert base.end is not None
    trace = replace(base, end=replace(base.end, varied=varied))
    variation = next(one for one in VARIATIONS if one.label == name)
    assert gist(variation, base, trace, None).replace(f"{len(base.steps)} steps", "1 steps") == said


def test_what_differs_though_the_batches_do_not():
    base, trace = (read(TRACES / "race" / f"{name}.jsonl") for name in ("one", "other"))
    assert trace.end is not None
    trace = replace(trace, end=replace(trace.end, varied={"workers": ["0"]}))
    variation = next(one for one in VARIATIONS if one.label == "workers=1")
    assert gist(variation, base, trace, compare(base, trace)) == "with 1 worker instead of 0: the batches are the same; what is computed differs from step 1 on, first in the gradients"


def test_a_compiled_network_keeps_its_names(tmp_path):
    pytest.importorskip("torch")
    source = "import torch\nnet = torch.nn.Linear(1, 1)\nother = torch.compile(net)\ntorch.optim.SGD(other.parameters(), lr=0.1).step()\n"
    assert list(one(tmp_path, source).inits[0].parameters) == ["Linear.weight", "Linear.bias"]


def test_a_script_that_cannot_run_another_way_is_no_failure(probe):
    source = "import os\nassert os.environ.get('ATEN_CPU_CAPABILITY') != 'default', 'too old a machine'\n"
    code, found, _ = probe(source, "--quick", "--vary", "instruction-set")
    assert code == 0
    assert found["sensitivity"][0]["failed"] == "AssertionError: too old a machine"


# -- what is said --------------------------------------------------------------------------------------------------


def test_the_rate_that_agreeing_runs_leave_possible():
    for agreed in (1, 3, 28, 298):
        assert (1 - bound(agreed)) ** agreed == pytest.approx(0.05)
    assert [repeats_for(rate) for rate in (0.8, 0.3, 0.1, 0.01)] == [3, 10, 30, 300]
    assert of_bound(3).startswith("3 runs agreed with the first one; a race that shows in more than 63% of runs would have been seen with 95% confidence")


def test_quick_is_two_runs(probe):
    code, found, _ = probe("import random\nprint(random.random())\n", "--quick")
    assert (code, found["quick"], found["causes"], [trial["runs"] for trial in found["trials"]]) == (1, True, [], [1])
    assert probe("", "--quick", "--repeats", "5")[0] == 2


def test_an_exported_hash_seed_is_told(probe, monkeypatch):
    monkeypatch.setenv("PYTHONHASHSEED", "7")
    assert "PYTHONHASHSEED=7 is set in this shell" in probe("", "--quick")[1]["notes"][0]
    monkeypatch.delenv("PYTHONHASHSEED")
    assert probe("", "--quick")[1]["notes"] == []


def test_trackers_are_silent_unless_the_user_says_otherwise(tmp_path, monkeypatch):
    source = "import os\nprint(os.environ['WANDB_MODE'], os.environ['COMET_MODE'])\n"
    monkeypatch.setenv("COMET_MODE", "OFFLINE")
    monkeypatch.delenv("WANDB_MODE", raising=False)
    assert one(tmp_path, source).lines == ("disabled OFFLINE",)


# -- what a run finds that another one left ------------------------------------------------------------------------

RESUMES = "from pathlib import Path\nfile = Path('last.txt')\ndone = int(file.read_text()) if file.exists() else 0\nfile.write_text(str(done + 1))\nprint(done)\n"
DOWNLOADS = "from pathlib import Path\nfile = Path('done')\nprint('found' if file.exists() else 'downloading')\nfile.touch()\n"


def test_a_run_that_resumes_is_named_and_in_copies_it_does_not(probe, tmp_path):
    code, found, _ = probe(RESUMES, "--vary", "only:clock")
    assert (code, found["carried"], found["causes"]) == (1, ["last.txt"], ["process"])
    assert found["meaning"]["rules"] == ["RPL401"]
    assert found["meaning"]["causes"] == ["nothing has to be varied: each run finds what earlier ones left, so it starts from another place"]
    (tmp_path / "last.txt").unlink()
    code, found, _ = probe(RESUMES, "--vary", "only:clock", "--scratch")
    assert (code, found["carried"]) == (0, [])
    assert found["scratch"] == {"files": 1, "bytes": len(RESUMES), "shared": []}
    assert not (tmp_path / "last.txt").exists()


def test_a_file_that_only_the_first_run_makes(probe):
    code, found, _ = probe(DOWNLOADS, "--quick")
    assert (code, found["left"], found["carried"]) == (1, ["done"], [])
    Path("done").unlink()
    assert probe(DOWNLOADS, "--quick", "--scratch")[0] == 0


def test_what_it_wrote_itself_is_no_file_of_another_run(probe):
    source = "from pathlib import Path\nPath('out.txt').write_text('x')\nprint(Path('out.txt').read_text())\n"
    assert probe(source, "--quick")[1]["carried"] == []


def test_of_a_file_that_grows_what_this_run_added_counts(probe):
    assert probe("open('log.txt', 'a').write('a line\\n')\n", "--quick")[0] == 0
    source = "import random\nopen('log.txt', 'a').write(str(random.random()))\n"
    assert probe(source, "--quick")[1]["first"]["names"] == ["log.txt"]


def test_a_copy_has_all_of_the_folder_and_shares_what_is_large(tmp_path, monkeypatch):
    monkeypatch.setattr("reprolint.probe.scratch.LARGE", 1000)
    monkeypatch.setattr("reprolint.probe.scratch.COUNT", 4)
    work = tmp_path / "work"
    for name, size in {"train.py": 3, "data/weights.bin": 1001, "data/a": 1, "many/1": 1, "many/2": 1, "many/3": 1, "many/4": 1, ".git/HEAD": 1}.items():
        (work / name).parent.mkdir(parents=True, exist_ok=True)
        (work / name).write_bytes(b"x" * size)
    (work / "link").symlink_to("data")
    (work / "__pycache__").mkdir()
    with scratch(Target(script=str(work / "train.py"), cwd=work)) as copies:
        first = copies.fresh()
        assert set(copies.copied.shared) == {"data/weights.bin", "link", "many"}
        assert first.script == str(first.cwd / "train.py")
        assert not (first.cwd / "train.py").is_symlink()
        assert (first.cwd / "many" / "4").read_bytes() == (first.cwd / ".git" / "HEAD").read_bytes() == b"x"
        assert len((first.cwd / "link" / "weights.bin").read_bytes()) == 1001
        (first.cwd / "data" / "a").write_bytes(b"changed")
        (first.cwd / "new").touch()
        other = copies.fresh()
        assert other.cwd == first.cwd
        assert (other.cwd / "data" / "a").read_bytes() == b"x"
        assert not (other.cwd / "new").exists()
    assert not first.cwd.exists()
    assert (work / "data" / "a").read_bytes() == b"x"


# -- scripts that would upset it -----------------------------------------------------------------------------------


def test_a_copy_of_the_process_writes_no_second_trace(tmp_path):
    source = "import os\nfrom reprolint.probe import record\nrecord('one', 1)\npid = os.fork()\nrecord('two', 2)\nif pid:\n    os.waitpid(pid, 0)\n"
    trace = one(tmp_path, source)
    assert [value.name for value in trace.values] == ["one", "two"]
    assert trace.end is not None
    assert trace.end.processes == 1


def test_threads_and_exit_functions_are_waited_for(tmp_path):
    source = "import atexit, threading, time\ndef work():\n    time.sleep(0.2)\n    open('thread', 'w').close()\n"
    source += "threading.Thread(target=work, name='mine').start()\natexit.register(lambda: open('last', 'w').close())\n"
    end = one(tmp_path, source).end
    assert end is not None
    assert set(end.files) == {"thread", "last"}
    assert end.threads == ["mine"]


@pytest.mark.parametrize("source", ["import os, sys\nsys.stdout.close()\nos.close(1)\n", "import os\nos.chdir('/')\nopen('/dev/null').close()\n", "import sys\nsys.exit(0)\n"])
def test_what_upsets_nothing(probe, source):
    assert probe(source, "--quick")[:1] == (0,)


def test_where_it_hangs_is_said(probe):
    source = "import threading\ndef inner():\n    lock = threading.Lock()\n    lock.acquire()\n    lock.acquire()\ninner()\n"
    code, _, stderr = probe(source, "--timeout", "2")
    assert code == 2
    assert 'train.py", line 5 in inner' in stderr
    assert "tracer.py" not in stderr
    assert "did not end within 2 s" in stderr


def test_a_script_that_reads_what_is_typed_gets_nothing(probe):
    code, _, stderr = probe("print(input())\n")
    assert code == 2
    assert "EOFError" in stderr


def test_a_script_that_removes_its_folder(probe, tmp_path, monkeypatch):
    (tmp_path / "work").mkdir()
    source = "import os, shutil\nshutil.rmtree(os.getcwd())\ntry:\n    open('x')\nexcept FileNotFoundError:\n    print('gone')\n"
    (tmp_path / "work" / "train.py").write_text(source)
    target = Target(script="train.py", cwd=tmp_path / "work")
    assert run(target, (), (), steps=1, timeout=30).lines == ("gone",)
    with pytest.raises(CouldNotRun, match="is gone; an earlier run may have removed it"):
        run(target, (), (), steps=1, timeout=30)


def test_a_run_that_fails_only_when_something_is_varied_differs(probe):
    source = "import os\nassert os.environ['PYTHONHASHSEED'] == '0', 'too late'\n"
    code, found, stderr = probe(source)
    assert (code, found["causes"], found["first"]["kind"]) == (1, ["hash-seed"], "exit")
    assert found["first"]["detail"] == "a run failed where the first one went well: AssertionError: too late"
    assert "Traceback" in stderr


def test_a_run_that_is_killed_halfway_is_no_evidence(probe):
    source = "import os, signal\nprint('x')\nif os.environ['PYTHONHASHSEED'] != '0':\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    code, _, stderr = probe(source, "--vary", "only:hash-seed")
    assert code == 2
    assert "with hash-seed varied: `train.py` was killed by signal 9 (SIGKILL)" in stderr


# -- output --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_lines_do_not_depend_on_how_they_arrive(size):
    said = "one\r\ntwo\rthree\n\n50%\r100%\r\nfünf".encode()
    head = Head()
    for start in range(0, len(said), size):
        head.add(said[start : start + size])
    assert head.lines() == ("one", "two", "three", "", "50%", "100%", "fünf")
    assert not head.cut


def test_a_gigabyte_in_one_line_is_not_held():
    import tracemalloc

    head, tail, chunk = Head(), Tail(), b"x" * (1 << 16)
    tracemalloc.start()
    for _ in range(1 << 10):
        head.add(chunk)
        tail.add(chunk)
    assert tracemalloc.get_traced_memory()[1] < 8 << 20
    tracemalloc.stop()
    head.add(b"\n")
    assert (head.lines(), head.cut) == (("x" * WIDEST,), True)


def test_of_many_lines_the_first_are_kept_and_the_last_are_shown():
    head, tail = Head(), Tail()
    for number in range(LINES + 5):
        head.add(b"%d\n" % number)
        tail.add(b"%d\n" % number)
    assert (len(head.lines()), head.cut) == (LINES, True)
    assert tail.text().splitlines()[-1] == str(LINES + 4)
    assert len(tail.text().splitlines()) == 400


def test_a_process_that_is_left_behind_and_goes_on_talking(tmp_path):
    source = "import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', 'import time\\nwhile True: print(1, flush=True); time.sleep(.01)'], start_new_session=True)\n"
    (tmp_path / "pid.py").write_text(source.replace("subprocess.Popen", "child = subprocess.Popen") + "open('pid', 'w').write(str(child.pid))\n")
    start = time.monotonic()
    try:
        run(Target(script="pid.py", cwd=tmp_path), (), (), steps=1, timeout=30)
        assert time.monotonic() - start < 10
    finally:
        os.kill(int((tmp_path / "pid").read_text()), 9)
