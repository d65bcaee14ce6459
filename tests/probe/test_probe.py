"""`reprolint probe` on small scripts: what it says of them, and that nothing is left behind."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import fixture_runner
import pytest
from click.testing import CliRunner

from reprolint.cli import main
from reprolint.probe.children import CouldNotRun, Target, run
from reprolint.probe.compare import compare
from reprolint.probe.reading import bound
from reprolint.probe.variations import VARIATIONS

SEEDED = "import random\nrandom.seed(3)\nprint(random.random())\n"
UNSEEDED = "import random\nprint(random.random())\n"
HASHES = 'words = {"north", "east", "south", "west"}\nprint(list(words))\n'
LISTS = "import os\nprint(os.listdir('data'))\n"
STEP = "net = torch.nn.Linear(2, 2)\noptimizer = torch.optim.SGD(net.parameters(), lr=0.1)\nnet(torch.ones(1, 2)).sum().backward()\noptimizer.step()\n"
CLOCK = "import time\nprint(int(time.time()) // 2_000_000)\n"


@pytest.fixture
def probe(tmp_path, monkeypatch):
    """Write a script and probe it: exit code and outcome."""
    monkeypatch.chdir(tmp_path)

    def probed(source, *options, after=()):
        Path("train.py").write_text(source)
        done = CliRunner().invoke(main, ["probe", "--output-format", "json", *options, "train.py", *(["--", *after] if after else [])])
        return done.exit_code, json.loads(done.stdout) if done.stdout else done.stderr

    return probed


def test_a_script_that_repeats(probe):
    code, found = probe(SEEDED)
    assert (code, found["verdict"], found["causes"], found["first"]) == (0, "agreed", [], None)
    assert found["bound"] == pytest.approx(bound(3), abs=1e-3)


@pytest.mark.parametrize(
    ("source", "cause"), [(UNSEEDED, "process"), (HASHES, "hash-seed"), (LISTS, "listing-order"), (CLOCK, "clock")]
)
def test_what_had_to_be_varied_is_the_cause(probe, tmp_path, source, cause):
    (tmp_path / "data").mkdir()
    for name in "abcdef":
        (tmp_path / "data" / name).touch()
    code, found = probe(source)
    assert (code, found["verdict"], found["causes"]) == (1, "diverged", [cause])
    assert found["first"]["kind"] == "output"


def test_an_exported_hash_seed_masks_nothing(probe, monkeypatch):
    monkeypatch.setenv("PYTHONHASHSEED", "7")
    assert probe(HASHES, "--vary", "only:hash-seed")[1]["causes"] == ["hash-seed"]


def test_arguments_and_the_way_it_is_run(probe):
    source = "import sys, os\nassert __name__ == '__main__' and sys.argv[1:] == ['--rate', '3']\nassert sys.path[0] == os.path.dirname(__file__)\n"
    assert probe(source, after=("--rate", "3"))[0] == 0


def test_a_module(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("pkg").mkdir()
    Path("pkg/__init__.py").touch()
    Path("pkg/train.py").write_text("import sys\nfrom . import __name__ as name\nprint(name, sys.argv[1:])\n")
    done = CliRunner().invoke(main, ["probe", "-m", "pkg.train", "--", "x"])
    assert done.exit_code == 0, done.output
    assert "-m pkg.train x  ✓ no difference seen" in done.stdout


def test_results_of_estimators(probe):
    source = "from sklearn.ensemble import RandomForestClassifier\nRandomForestClassifier(3).fit([[0], [1], [2], [3]] * 9, [0, 1, 0, 1] * 9)\n"
    code, found = probe(source, "--vary", "only:hash-seed", "--quick")
    assert (code, found["first"]["kind"], found["first"]["names"]) == (1, "result", ["RandomForestClassifier.fit"])
    assert found["first"]["where"] == "train.py:2"


def test_values_of_ones_own(probe):
    source = "import random\nfrom reprolint.probe import record\nrecord('draw', random.random())\n"
    assert probe(source, "--quick")[1]["first"]["names"] == ["draw"]


def test_a_file_that_a_later_run_reads_is_named(probe):
    source = "from pathlib import Path\nfile = Path('state.txt')\nfile.write_text(str(int(file.read_text()) + 1) if file.exists() else '1')\n"
    code, found = probe(source)
    assert (code, found["carried"]) == (1, ["state.txt"])


def test_printed_times_are_set_aside(probe):
    code, found = probe("import time\nprint(f'took {time.perf_counter():.9f} s')\n")
    assert code == 0
    assert found["aside"]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("def inner():\n    raise ValueError('no such thing')\ninner()\n", "`train.py` failed, exit code 1"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n", "was killed by signal 9 (SIGKILL)"),
        ("import os\nos._exit(3)\n", "failed, exit code 3"),
    ],
)
def test_a_script_that_cannot_run(probe, source, said):
    code, stderr = probe(source)
    assert code == 2
    assert said in stderr
    if "raise" in source:
        assert "line 2, in inner\n    raise ValueError('no such thing')\nValueError: no such thing" in stderr
        assert "tracer.py" not in stderr


def test_a_script_that_hangs_leaves_no_process(probe):
    marker = f"hang-{time.time_ns()}"
    source = f"import subprocess, sys, time\nsubprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)', '{marker}'])\ntime.sleep(60)\n"
    code, stderr = probe(source, "--timeout", "2")
    assert code == 2
    assert "did not end within 2 s" in stderr
    time.sleep(0.2)
    assert marker not in subprocess.run(["ps", "axww", "-o", "args"], capture_output=True, text=True, check=True).stdout


def test_a_script_that_fails_is_no_script_that_agrees(probe):
    code, stderr = probe("import sys\nsys.exit('no data found')\n")
    assert code == 2
    assert "no data found" in stderr
    assert "failed, exit code 1" in stderr


def test_a_script_that_fails_in_another_world_differs(probe):
    source = "import os, sys\nsys.exit(int(os.environ['PYTHONHASHSEED']))\n"
    code, found = probe(source)
    assert (code, found["first"]["kind"], found["causes"]) == (1, "exit", ["hash-seed"])


def watched_step(folder, source):
    """Device, steps and first names of one run that takes a step."""
    pytest.importorskip("torch")
    (folder / "train.py").write_text(source + STEP)
    trace = run(Target(script="train.py", cwd=folder), (), (), steps=3, timeout=120)
    return trace.inits[0].devices, len(trace.steps), list(trace.inits[0].parameters)


def test_a_module_that_is_only_looked_for_is_seen_when_it_comes(tmp_path):
    source = "import importlib.util\nassert importlib.util.find_spec('numpy')\nassert importlib.util.find_spec('torch')\nimport torch\n"
    assert watched_step(tmp_path, source) == (["cpu"], 1, ["Linear.weight", "Linear.bias"])


def test_a_torch_that_was_there_before_is_watched_too(tmp_path, monkeypatch):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text("import torch\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))
    assert watched_step(tmp_path, "import torch\n") == (["cpu"], 1, ["Linear.weight", "Linear.bias"])


def test_the_script_is_compiled_on_its_own_terms(probe):
    source = "import dataclasses, sys\n@dataclasses.dataclass\nclass C:\n    rate: float = 0.1\nassert dataclasses.fields(C)[0].type is float\nassert sys.argv[0] == 'train.py'\n"
    assert probe(source, "--repeats", "2")[0] == 0


def test_times_in_results_and_logs_are_set_aside(probe):
    source = (
        "import logging\nfrom sklearn.linear_model import LogisticRegression\nfrom sklearn.model_selection import GridSearchCV\n"
        "logging.basicConfig(filename='train.log', format='%(asctime)s %(message)s', level='INFO')\n"
        "GridSearchCV(LogisticRegression(), {'C': [1, 2]}, cv=2).fit([[0], [1], [2], [3]] * 9, [0, 1, 0, 1] * 9)\nlogging.info('done')\n"
    )
    assert probe(source, "--repeats", "2")[1]["first"] is None


def test_a_process_that_is_left_behind_holds_nothing_up(probe):
    source = "import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', 'import time; time.sleep(8)'], start_new_session=True)\nprint('done')\n"
    start = time.monotonic()
    code, found = probe(source, "--repeats", "2")
    assert code == 0
    assert time.monotonic() - start < 6
    assert any("process" in one for one in found["unwatched"])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["none.py"], "no such file: none.py"),
        ([], "name the script to run"),
        (["--vary", "hash", "train.py"], "did you mean hash-seed?"),
    ],
)
def test_what_cannot_be_asked(tmp_path, monkeypatch, options, said):
    monkeypatch.chdir(tmp_path)
    Path("train.py").touch()
    done = CliRunner().invoke(main, ["probe", *options])
    assert done.exit_code == 2
    assert said in done.stderr


def test_a_gigabyte_is_not_kept(probe):
    code, found = probe("for number in range(50_000):\n    print('x' * 5000)\n", "--vary", "only:hash-seed")
    assert (code, found["verdict"]) == (0, "agreed")


STEPS = """
import torch
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
data = TensorDataset(torch.randn(32, 3), torch.randn(32, 1))
net = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4), torch.nn.Dropout(0.2), torch.nn.Linear(4, 1))
first, second = torch.optim.AdamW(net[0].parameters()), torch.optim.SGD(net[3].parameters(), lr=0.1, momentum=0.9)
for epoch in range(9):
    for x, y in DataLoader(data, 8, shuffle=True):
        loss = torch.nn.functional.mse_loss(net(x), y)
        first.zero_grad(), second.zero_grad()
        loss.backward()
        first.step(), second.step()
raise AssertionError("the steps that were asked for are over")
"""
CRITIC = """
import torch

torch.manual_seed(0)
real, fake = torch.nn.Parameter(torch.ones(3)), torch.nn.Parameter(torch.ones(3))
critic, generator = torch.optim.SGD([real], lr=0.1), torch.optim.SGD([fake], lr=0.1)
try:
    for step in range(60):
        critic.zero_grad(), (real * torch.randn(3)).sum().backward(), critic.step()
        if step % 5 == 4:
            generator.zero_grad(), (fake * torch.randn(3)).sum().backward(), generator.step()
except BaseException:
    open("failed", "w").close()
"""


def test_steps_of_several_optimizers(tmp_path, monkeypatch):
    pytest.importorskip("torch")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    (tmp_path / "train.py").write_text(STEPS)
    target = Target(script="train.py", cwd=tmp_path)
    traces = [run(target, (), VARIATIONS[:1], steps=3, timeout=120, ops=(2,)) for _ in range(2)]
    assert compare(*traces) is None
    trace = traces[0]
    assert trace.end is not None
    assert (trace.end.reason, trace.end.code) == ("steps", 0)
    assert [(step.optimizer, step.step) for step in trace.steps] == [(name, step) for step in (1, 2, 3) for name in ("AdamW", "SGD#2")]
    one = trace.steps[0]
    assert len(one.batch) == len(one.loss) == 1
    assert {"Sequential.0.weight", "Sequential.0.bias"} == one.gradients.keys() == one.parameters.keys()
    assert "Sequential.1.running_mean" in one.buffers
    assert "Sequential.0.weight exp_avg" in one.state
    assert "torch" in one.streams
    assert {op.step for op in trace.ops} == {3}
    assert any(op.forward == "train.py:11" for op in trace.ops), "backward operations know their forward line"
    assert any("_foreach" in op.op or "addcdiv" in op.op for op in trace.ops)


def test_the_slower_optimizer_takes_its_steps_too(tmp_path, monkeypatch):
    pytest.importorskip("torch")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    (tmp_path / "train.py").write_text(CRITIC)
    trace = run(Target(script="train.py", cwd=tmp_path), (), (), steps=2, timeout=120)
    assert [step.optimizer for step in trace.steps].count("SGD#2") == 2
    assert [step.number for step in trace.steps] == list(range(1, len(trace.steps) + 1))
    assert not (tmp_path / "failed").exists(), "the script's own handlers see nothing"


SIMPLE = [one for one in fixture_runner.projects() if one.name in {"clock-seed", "decorator-seeds-main", "hash-order-harmless", "children-order-by-rank"}]


@pytest.mark.parametrize("project", [pytest.param(one, id=one.name) for one in SIMPLE])
def test_fixture_projects_say_what_their_truth_says(project, tmp_path, monkeypatch):
    folder = fixture_runner.copy(project, tmp_path)
    monkeypatch.chdir(folder)
    module = project.truth.argv[:2] if project.truth.argv[0] == "-m" else ()
    done = CliRunner().invoke(main, ["probe", "--output-format", "json", *module, *(["--", *project.truth.argv[2:]] if module else project.truth.argv)])
    found = json.loads(done.stdout)
    names = {"process": "repeat", "hash-seed": "hash_seed", "listing-order": "listing_order"}
    wanted = {variation for variation, agrees in project.truth.agrees.items() if not agrees}
    assert {names.get(cause, cause) for cause in found["causes"]} == ({"repeat"} if "repeat" in wanted else wanted)


def test_the_parent_never_imports_torch(tmp_path):
    (tmp_path / "train.py").write_text("import torch\nprint(torch.zeros(1))\n")
    program = "import sys\nfrom reprolint.cli import main\ntry:\n    main(['probe', '--quick', 'train.py'])\nexcept SystemExit:\n    pass\nprint('torch' in sys.modules)\n"
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False"


def test_it_could_not_run_where_python_is_not(tmp_path):
    (tmp_path / "train.py").touch()
    with pytest.raises(CouldNotRun, match="cannot be started"):
        run(Target(script="train.py", cwd=tmp_path, python=str(tmp_path / "no-python")), (), (), steps=1, timeout=5)
