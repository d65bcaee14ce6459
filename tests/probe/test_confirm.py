"""`reprolint confirm`: which findings the runs show; and the page of `--html`."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from reprolint.cli import main
from reprolint.confirm import plots
from reprolint.confirm.html import page
from reprolint.confirm.join import join
from reprolint.confirm.markup import code
from reprolint.confirm.static import file_of, read
from reprolint.probe.children import Target
from reprolint.probe.compare import Difference, OpDifference, compare, compare_ops
from reprolint.probe.experiment import Outcome, Trial
from reprolint.probe.ledger import Ledger, Shift
from reprolint.probe.lines import Lines
from reprolint.probe.matrix import matrix
from reprolint.probe.sizes import Size
from reprolint.probe.sizing import Sizes
from reprolint.probe.text import document
from reprolint.probe.trace import Draw
from reprolint.probe.trace import read as read_trace

TRACES = Path(__file__).parents[2] / "fixtures" / "traces"
TWO = "import random\nimport os\n\nprint(random.random())\nfor name in os.listdir('data'):\n    print(name, random.random())\n"
FEW = ("--repeats", "2")


@pytest.fixture
def confirm(tmp_path, monkeypatch):
    """Write files and confirm train.py: exit code, document, and its findings as rule → verdict."""
    monkeypatch.chdir(tmp_path)
    Path("reprolint.toml").touch()

    def confirmed(source, *options, after=(), **files):
        Path("train.py").write_text(source)
        for name, text in files.items():
            Path(f"{name}.py").write_text(text)
        done = CliRunner().invoke(main, ["confirm", "--output-format", "json", *options, "train.py", *(["--", *after] if after else [])])
        found = json.loads(done.stdout) if done.stdout else {}
        return done.exit_code, found, {one["rule"]: one["verdict"] for one in found["static"]["findings"]} if found else done.stderr

    return confirmed


def folder():
    Path("data").mkdir()
    for name in "abcdef":
        (Path("data") / name).touch()


def test_a_stream_that_nobody_seeds(confirm):
    code, found, verdicts = confirm("import random\nprint(random.random())\n", *FEW)
    assert (code, verdicts) == (1, {"RPL101": "confirmed"})
    assert found["static"]["causes"] == [{"name": "process", "findings": [found["static"]["findings"][0]["fingerprint"]], "says": None}]


def test_what_other_differences_hide_stays_open(confirm):
    folder()
    assert confirm(TWO, *FEW)[2] == {"RPL101": "confirmed", "RPL205": "open"}


def test_and_is_confirmed_when_those_are_mended(confirm):
    folder()
    code, found, verdicts = confirm(TWO.replace("import os\n", "import os\nrandom.seed(0)\n"))
    assert (code, verdicts, found["causes"]) == (1, {"RPL205": "confirmed"}, ["listing-order"])


def test_a_seed_that_was_given(confirm):
    source = (
        "import argparse\nimport random\nparser = argparse.ArgumentParser()\nparser.add_argument('--seed', type=int)\nargs = parser.parse_args()\n"
        "if args.seed is not None:\n    random.seed(args.seed)\nprint(random.random())\n"
    )
    assert confirm(source, *FEW, after=("--seed", "3"))[::2] == (0, {"RPL103": "not confirmed"})
    assert confirm(source, *FEW)[::2] == (1, {"RPL103": "confirmed"})


def test_a_line_that_does_not_run(confirm):
    source = "import random\nimport sys\n\n\ndef noise():\n    return random.random()\n\n\nif len(sys.argv) < 9:\n    sys.exit()\nprint(noise())\n"
    code, found, verdicts = confirm(source, *FEW)
    assert (code, set(verdicts.values())) == (0, {"not exercised"})
    assert "train.py:6 did not run" in found["static"]["findings"][0]["reason"]


def test_a_line_that_does_not_run_explains_no_difference(confirm):
    source = "import os\nimport sys\nimport random\n\n\ndef draw():\n    return random.random()\n\n\nprint(os.getpid())\nif len(sys.argv) < 9:\n    sys.exit()\nprint(draw())\n"
    code, found, verdicts = confirm(source, *FEW)
    assert (code, verdicts) == (1, {"RPL101": "not exercised"})
    assert found["static"]["causes"][0]["says"].startswith("no finding predicts this (RPL101")


def test_what_was_not_varied_is_not_exercised(confirm):
    folder()
    source = "import os\nimport random\nrandom.seed(0)\nfor name in os.listdir('data'):\n    print(name, random.random())\n"
    code, found, verdicts = confirm(source, *FEW, "--vary", "only:hash-seed")
    assert (code, verdicts) == (0, {"RPL205": "not exercised"})
    assert found["static"]["findings"][0]["reason"] == "listing-order was not varied"


def test_a_difference_that_no_finding_predicts_is_said_so(confirm):
    found = confirm("import os\nprint(os.getpid())\n", *FEW)[1]["static"]
    assert found["findings"] == []
    assert found["causes"][0]["says"].startswith("no finding predicts this")


def test_a_muted_finding_that_the_runs_show_is_told(confirm):
    found = confirm("import random\nprint(random.random())  # reprolint: ignore[RPL101] it is a game\n", *FEW)[1]["static"]
    assert [(one["verdict"], one["muted"]) for one in found["findings"]] == [("confirmed", "inline")]


def test_quick_confirms_nothing_and_says_why(confirm):
    folder()
    code, found, verdicts = confirm("from pathlib import Path\nPath('runs').open('a').write('x')\n" + TWO, "--quick")
    assert (code, verdicts, found["quick"], found["causes"], found["static"]["causes"]) == (1, {"RPL101": "open", "RPL205": "open"}, True, [], [])
    assert {one["reason"] for one in found["static"]["findings"]} == {"the runs differ, and what had to be varied to see it was not looked for, with --quick"}
    assert Path("runs").read_text() == "xxx", "two that are compared, and one whose lines are noted"


def test_quick_and_what_it_leaves_out(confirm):
    folder()
    source = "import os\nimport random\nrandom.seed(0)\nnames = os.listdir('data')\nfor name in names[:1]:\n    print(len(names), random.random())\n"
    assert confirm(source, "--quick")[::2] == (0, {"RPL205": "not confirmed"})
    assert confirm(source, "--quick", "--vary", "only:hash-seed")[::2] == (0, {"RPL205": "not exercised"})
    code, _, said = confirm(source, "--quick", "--repeats", "3")
    assert (code, said) == (2, "reprolint: --quick is two runs: leave out --repeats\n")


def test_it_could_not_run(confirm):
    code, _, stderr = confirm("raise SystemExit(3)\n")
    assert code == 2
    assert "failed, exit code 3" in stderr


def test_a_broken_configuration_loses_no_outcome(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("reprolint.toml").write_text("nonsense = 1\n")
    Path("train.py").write_text("import random\nprint(random.random())\n")
    done = CliRunner().invoke(main, ["probe", *FEW, "train.py"])
    assert done.exit_code == 1
    assert "not joined with `reprolint check`: reprolint.toml: unknown key `nonsense`" in done.stdout


def test_the_probe_names_what_predicts_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("reprolint.toml").touch()
    Path("train.py").write_text("import random\nprint(random.random())\n")
    said = CliRunner().invoke(main, ["probe", *FEW, "train.py"]).stdout
    assert "predicted by `reprolint check`" in said
    assert "RPL101 unseeded-stream  train.py:2" in said
    assert "print(random.random())" in said


def test_a_script_that_takes_the_watching_away(confirm):
    source = "import random\nimport sys\n\n\ndef f():\n    return random.random()\n\n\nsys.settrace(None)\nif hasattr(sys, 'monitoring'):\n    sys.monitoring.free_tool_id(4)\nprint(f())\n"
    code, found, verdicts = confirm(source, *FEW)
    assert (code, verdicts, found["static"]["blind"]) == (1, {"RPL101": "predicted"}, True)


@pytest.mark.parametrize(("option", "said"), [(["--html", "no/out.html"], "no such folder"), (["-o", "."], "it is a folder")])
def test_where_nothing_can_be_written_nothing_is_run(tmp_path, monkeypatch, option, said):
    monkeypatch.chdir(tmp_path)
    Path("train.py").write_text("open('ran', 'w')\n")
    for command in ("probe", "confirm"):
        done = CliRunner().invoke(main, [command, *option, "train.py"])
        assert done.exit_code == 2
        assert f"cannot write {option[1]}: {said}" in done.stderr
    assert not Path("ran").exists()


def test_the_verdicts_stand_in_the_text_and_on_the_page(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("reprolint.toml").touch()
    Path("train.py").write_text("import random\nprint(random.random())\n")
    done = CliRunner().invoke(main, ["confirm", *FEW, "--html", "out.html", "train.py"])
    assert done.exit_code == 1
    assert "✗ confirmed  RPL101 unseeded-stream  train.py:2" in done.stdout
    assert "because: the state of this stream differs from run to run (python)" in done.stdout
    assert "1 finding about this run: 1 confirmed" in done.stdout
    said = " ".join(Structure(Path("out.html").read_text()).words)
    assert re.search(r"confirmed\s+RPL101\s+unseeded-stream\s+train.py:2\s+the state of this stream", said)


# -- joining, from traces that were recorded


def static_of(tmp_path, source):
    (tmp_path / "reprolint.toml").touch()
    (tmp_path / "train.py").write_text(source)
    return read(Target(script="train.py", cwd=tmp_path))


def outcome_of(name="unseeded-weights", causes=("process",), **more):
    one, other = (read_trace(TRACES / name / f"{which}.jsonl") for which in ("one", "other"))
    trials = tuple(Trial(variations=varied, runs=3, differed=3) for varied in (("hash-seed", "clock"), ()))
    told = {"first": compare(one, other), "op": compare_ops(one, other), "matrix": matrix(one, other), "device": "cpu", "trials": trials}
    return Outcome(**{"target": "train.py", "steps": 2, "whole": True, "causes": causes, **told, **more})


def verdicts(outcome, static):
    found = join(outcome, static, None, watched=False)
    return {one.candidate.finding.rule: one.word for one in found.judged}, found


LATE = "import torch\n\nnet = torch.nn.Linear(4, 4)\ntorch.manual_seed(0)\nprint(net, torch.rand(1))\n"


def test_the_line_of_the_first_operation_decides(tmp_path):
    words, found = verdicts(outcome_of(), static_of(tmp_path, LATE))
    assert words == {"RPL102": "predicted"}
    assert found.judged[0].reason == "aten.uniform_ on this line is the first operation that differs"


def test_an_operation_that_does_not_repeat_is_no_seeding(tmp_path):
    op = OpDifference(kind="kernel", step=1, number=3, op="aten.index_put.default", where="train.py:3")
    first = Difference(kind="gradients", step=1)
    words, found = verdicts(outcome_of(op=op, first=first), static_of(tmp_path, LATE))
    assert words == {"RPL102": "open"}
    assert [(cause.name, cause.says) for cause in found.causes] == [("kernel", "no rule predicts this")]


def test_a_kernel_rule_needs_a_gpu(tmp_path):
    source = "import torch\n\ntorch.backends.cudnn.benchmark = True\ntorch.manual_seed(0)\nnet = torch.nn.Conv2d(3, 3, 3).cuda()\nprint(net(torch.rand(1, 3, 8, 8).cuda()))\n"
    static = static_of(tmp_path, source)
    assert verdicts(outcome_of(first=None, op=None, causes=()), static)[0] == {"RPL301": "not exercised"}
    op = OpDifference(kind="kernel", step=1, number=3, op="aten.convolution.default", where="train.py:6")
    assert verdicts(outcome_of(op=op, device="cuda"), static)[0] == {"RPL301": "predicted"}


def test_the_stream_that_differs_decides_between_two(tmp_path):
    source = "import random\nimport numpy as np\nprint(random.random(), np.random.rand())\n"
    first = Difference(kind="output", streams=("numpy",), detail="1 and 2")
    found = verdicts(outcome_of(first=first, op=None), static_of(tmp_path, source))[1]
    assert {(one.candidate.finding.stream, one.word) for one in found.judged} == {("numpy", "predicted"), ("python", "open")}


def test_an_operation_that_draws_is_explained_by_no_other_stream(tmp_path):
    source = "import numpy as np\nimport torch\nprint(np.random.rand())\ntorch.manual_seed(0)\nprint(torch.rand(1))\n"
    op = OpDifference(kind="stream", step=1, number=0, op="aten.rand.default", where="train.py:5")
    first = Difference(kind="initial parameters", streams=("torch",))
    assert verdicts(outcome_of(first=first, op=op), static_of(tmp_path, source))[0] == {"RPL101": "open"}


def test_several_that_fit_equally_well_say_so(tmp_path):
    source = "import numpy as np\nprint(np.random.default_rng().random())\nprint(np.random.default_rng().random())\n"
    first = Difference(kind="output", detail="1 and 2")
    assert [one.among for one in verdicts(outcome_of(first=first, op=None), static_of(tmp_path, source))[1].judged] == [2, 2]


def test_the_file_of_a_module(tmp_path):
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "__main__.py").touch()
    (tmp_path / "pkg" / "train.py").touch()
    assert file_of(Target(module="pkg", cwd=tmp_path)) == tmp_path / "pkg" / "__main__.py"
    assert file_of(Target(module="pkg.train", cwd=tmp_path)) == tmp_path / "pkg" / "train.py"
    assert file_of(Target(module="json.tool", cwd=tmp_path)) is None


# -- lines


def noted(tmp_path, source, *lines):
    """The numbers of the lines of a program that ran, as they were noted."""
    (tmp_path / "part.py").write_text(source)
    wanted = [[str(tmp_path / "part.py"), line, line] for line in lines]
    folder, out, part = (str(path) for path in (Path(plots.__file__).parents[1] / "probe", tmp_path / "out", tmp_path / "part.py"))
    program = f"import runpy, sys\nsys.path.insert(0, {folder!r})\nfrom lines import Lines\nLines({out!r}, {wanted!r}).start()\nrunpy.run_path({part!r})\nprint(sys.gettrace())"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    return [lines[int(word)] for word in (tmp_path / "out").read_text().split()], done.stdout.split()[-1]


def test_each_line_that_runs_is_noted_once(tmp_path):
    source = "def f(flag):\n    if flag:\n        return 1\n    return 2\n\n\nfor _ in range(3):\n    f(False)\n"
    assert noted(tmp_path, source, 2, 3, 4, 8)[0] == [8, 2, 4]


def test_when_all_are_seen_nothing_is_watched_any_more(tmp_path):
    assert noted(tmp_path, "def f():\n    return 2\n\n\nf()\nf()\n", 2) == ([2], "None")


def test_lines_of_forked_processes_and_of_threads_are_noted(tmp_path):
    source = "import os\nimport threading\n\n\ndef f():\n    return 1\n\n\ndef g():\n    return 2\n\n\nif not os.fork():\n    f()\n    os._exit(0)\nos.wait()\none = threading.Thread(target=g)\none.start()\none.join()\n"
    assert noted(tmp_path, source, 6, 10)[0] == [6, 10]


def test_nothing_wanted_watches_nothing(tmp_path):
    before = sys.gettrace()
    Lines(tmp_path / "out", []).start()
    assert sys.gettrace() is before


# -- the page


class Structure(HTMLParser):
    """Tags that are opened and closed, and everything that could reach out."""

    def __init__(self, text):
        super().__init__()
        self.open, self.wrong, self.out, self.seen, self.words = [], [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.handle_startendtag(tag, attributes)
        if tag not in {"meta", "wbr"}:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.seen.append((tag, dict(attributes)))
        self.out += [value for name, value in attributes if name in {"src", "href", "style"} or name.startswith("on")]

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    def handle_data(self, data):
        self.words.append(data)


def test_the_page_is_whole_and_needs_nothing(tmp_path):
    (tmp_path / "train.py").write_text("import torch\n\nnet = torch.nn.Linear(2, 2)\n")
    told = document(outcome_of())
    text = page(told, tmp_path, None).decode()
    assert text == page(told, tmp_path, None).decode()
    found = Structure(text)
    assert (found.wrong, found.open, found.out) == ([], [], [])
    tags = [tag for tag, _ in found.seen]
    assert "script" not in tags
    assert tags.count("h1") == 1
    drawn = [attributes for tag, attributes in found.seen if tag == "svg"]
    names = {attributes.get("id"): tag for tag, attributes in found.seen if tag in {"title", "desc"}}
    assert [(one["role"], names[one["aria-labelledby"]], names[one["aria-describedby"]]) for one in drawn] == [("img", "title", "desc")] * 2
    scrolls = [attributes for tag, attributes in found.seen if attributes.get("class") == "wide"]
    assert len(scrolls) == 2 + tags.count("table")
    assert all(one["tabindex"] == "0" and one["aria-label"] and one["role"] == "group" for one in scrolls), "with the keys alone, too"
    assert all(attributes.get("scope") for tag, attributes in found.seen if tag == "th")
    assert tags.count("caption") == tags.count("table")
    said = "".join(found.words)
    assert said.index("the runs differ") < said.index("On the CPU") < said.index("First operation that differs")
    assert "net = torch.nn.Linear(2, 2)" in said
    assert "prefers-color-scheme: dark" in text


def test_everything_on_the_page_is_escaped(tmp_path):
    evil = "<script>alert(1)</script>\u202e\"'&\x1b[2J\udcff"
    (tmp_path / "train.py").write_text(f"{evil.encode('utf-8', 'replace').decode()}\n" * 5)
    first = Difference(kind="gradients", step=1, names=(evil,), total=1, detail=evil, streams=(evil,))
    op = OpDifference(kind="scalar", step=1, number=0, op=evil, where="train.py:2", tensor=evil, detail=evil)
    outcome = outcome_of(target=evil, first=first, op=op, carried=(evil,), aside=(evil,), unwatched=(evil,), device=evil)
    told = document(outcome)
    told["matrix"]["rows"][0]["name"] = evil
    told["static"] = {"findings": [], "causes": [{"name": evil, "findings": [], "says": evil}], "problem": None, "blind": True}
    text = page(told, tmp_path, None).decode()
    assert "<script" not in text
    assert "\u202e" not in text
    assert "\x1b" not in text
    assert (Structure(text).wrong, Structure(text).open) == ([], [])


def test_sizes_are_told_where_they_were_measured(tmp_path):
    sizes = Sizes(
        state=(Size(name="net.<weight>", dtype="float32", shape=(4, 8), differing=8, total=32, max_abs=0.25, max_ulp=1048576),),
        inputs=(Size(name="input 1", note="float32[2] and float32[3]"),), note="it was gone",
    )  # fmt: skip
    said = " ".join(" ".join(Structure(page(document(outcome_of(sizes=sizes)), tmp_path, None).decode()).words).split())
    assert "first difference net.<weight> float32[4, 8] 8 of 32 0.25 1,048,576 0" in said
    assert "went into the first operation input 1 float32[2] and float32[3]" in said
    assert "How much it differs is not known: it was gone." in said


ROWS = (
    Draw(phase="construction", step=0, stream="torch", does="draws", name="uniform_", owner="Linear", part="Net.<b>", where="train.py:3", times=2, elements=6),
    Draw(phase="step", step=1, stream="torch", does="draws", name="bernoulli_", owner="Dropout", part="Net.drop", where="train.py:9", times=1, elements=8),
    Draw(phase="step", step=2, stream="torch", does="moves", name="", owner="", part="", where="train.py:11", times=1, elements=0),
)


def test_draws_stand_on_the_page_as_in_the_text(tmp_path):
    shifts = (Shift(phase="validation", steps=(1,), stream="torch", where="train.py:20", loader=True),)
    text = page(document(outcome_of(draws=Ledger(rows=ROWS, steps=2, shifts=shifts, validated=True, changed=True))), tmp_path, None).decode()
    found = Structure(text)
    assert (found.wrong, found.open) == ([], [])
    said = "".join(found.words)
    for words in ("Warning: Validation moves the stream torch,", "generator=torch.Generator()", "take its draws with care", "generators of their own", "2 times, 6 elements"):
        assert words in said
    cells = re.sub(r"<wbr>|</?code>", "", text)
    assert '<th scope="row">torch</th><td>uniform_ in Linear Net.&lt;b&gt;</td><td>train.py:3</td><td>2 times, 6 elements</td>' in cells
    assert re.findall(r'scope="rowgroup" colspan="4">([^<]*)<', text) == ["construction", "step 1", "step 2"]
    assert "<td>not seen (a thread, compiled code, …)</td><td>before train.py:11</td>" in cells
    assert "Not known: it hung." in page(document(outcome_of(draws=Ledger(failed="it hung"))), tmp_path, None).decode()
    assert "No global stream was drawn from or seeded." in page(document(outcome_of(draws=Ledger())), tmp_path, None).decode()
    assert "random stream" not in page(document(outcome_of()), tmp_path, None).decode()


def test_ranks_and_what_a_run_that_failed_said_stand_on_the_page(tmp_path):
    first = Difference(kind="gradients", step=1, names=("net.weight",), total=1, rank=1)
    text = page(document(outcome_of(first=first, failure="Traceback\nKeyError: <'a'>\n")), tmp_path, None).decode()
    assert "gradients at step 1 of rank 1" in text
    assert "What the run that failed said" in text
    assert "KeyError: &lt;&#x27;a&#x27;&gt;</pre></details>" in text


def test_long_names_may_be_broken_at_their_joints():
    assert code("decoder.<layers>_0") == "<code>decoder.<wbr>&lt;layers&gt;_<wbr>0</code>"


def test_runs_that_agree_have_a_page_too(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("train.py").write_text("print(1)\n")
    done = CliRunner().invoke(main, ["probe", *FEW, "--html", "out.html", "train.py"])
    assert done.exit_code == 0, done.output
    found = Structure(Path("out.html").read_text())
    assert (found.wrong, found.open) == ([], [])
    assert "no difference seen" in "".join(found.words)
    assert "svg" not in [tag for tag, _ in found.seen]


def test_the_matrix_says_what_differs_when():
    one, other = (read_trace(TRACES / "unseeded-weights" / f"{which}.jsonl") for which in ("one", "other"))
    found = matrix(one, other)
    assert found is not None
    assert found.steps == tuple(range(len(one.steps) + 1))
    assert all(len(row.cells) == len(found.steps) for row in found.rows)
    assert any(row.kind == "parameters" and row.cells.startswith("x") for row in found.rows)
    same = matrix(one, one)
    assert same is not None
    assert not any("x" in row.cells for row in same.rows)


def test_many_steps_are_drawn_around_the_first_that_differs():
    shares = [{"kind": "loss", "differ": [0] * 300 + [1] * 200, "total": [1] * 500}]
    assert plots.columns({"steps": list(range(500)), "shares": shares}) == range(297, 337)
    assert msgspec.json.encode(list(plots.columns({"steps": [0, 1], "shares": shares}))) == b"[0,1]"


# -- steps as functions


STEPS = "import random\n\n\ndef make():\n    return random.random\n"


@pytest.mark.parametrize("target", ["steps:make", "steps.py:make", "pkg:make"])
@pytest.mark.parametrize("scratch", [(), ("--scratch",)])
def test_steps_that_a_factory_makes(tmp_path, monkeypatch, target, scratch):
    monkeypatch.chdir(tmp_path)
    Path("reprolint.toml").touch()
    Path("pkg").mkdir()
    for name in ("steps.py", "pkg/__init__.py"):
        Path(name).write_text(STEPS)
    done = CliRunner().invoke(main, ["confirm", *FEW, *scratch, "--vary", "only:clock", "--output-format", "json", target])
    found = json.loads(done.stdout)
    assert (done.exit_code, found["target"], found["first"]["streams"]) == (1, target, ["python"])
    assert found["static"]["note"].endswith(": seeding was not judged")


def test_lines_are_watched_in_copies_too(confirm):
    code, found, verdicts = confirm("import random\nprint(random.random())\n", *FEW, "--scratch", "--vary", "only:clock")
    assert (code, verdicts, found["scratch"]["files"]) == (1, {"RPL101": "confirmed"}, 2)
