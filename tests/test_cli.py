"""The command line: exit codes, what goes where, and what is not imported."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import fake_check
import pytest
from click.testing import CliRunner

from reprolint import __version__
from reprolint.checks import Rule
from reprolint.cli import main

FAKE = [sys.executable, fake_check.__file__]
REAL = [sys.executable, "-m", "reprolint"]


def _never(program):
    yield from ()


RULES = {
    "RPL101": Rule("RPL101", "unseeded-stream", "error", "The run draws from an unseeded stream.", _never),
    "RPL106": Rule("RPL106", "default-seeded-generator", "info", "A bare generator.", _never, audience="audit"),
}


@pytest.fixture
def project(tmp_path, monkeypatch):
    (tmp_path / "train.py").write_text("\n".join(fake_check.SOURCE), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "reprolint.check", fake_check.module())
    monkeypatch.setattr("reprolint.checks.load", lambda: RULES)
    for name in ("NO_COLOR", "FORCE_COLOR", "REPROLINT_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def cli(project, monkeypatch):
    def called(*arguments, fake="error"):
        monkeypatch.setenv("FAKE", fake)
        return CliRunner().invoke(main, arguments, prog_name="reprolint")

    return called


def environment(**more):
    root = str(Path(__file__).parents[1])
    kept = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "FORCE_COLOR"}}
    return {**kept, "PYTHONPATH": root, **more}


def started(command, cwd, **more):
    return subprocess.run(command, cwd=cwd, env=environment(**more), capture_output=True, check=False, timeout=60)


# -- exit codes


@pytest.mark.parametrize(
    ("fake", "options", "code"),
    [
        ("clean", [], 0),
        ("error", [], 1),
        ("warning", [], 1),
        ("info", [], 0),
        ("info", ["--fail-on", "info"], 1),
        ("warning", ["--fail-on", "error"], 0),
        ("error", ["--fail-on", "error"], 1),
        ("error", ["--fail-on", "never"], 0),
        ("error", ["--exit-zero"], 0),
        ("empty", [], 0),
        ("crash", [], 2),
        ("interrupt", [], 130),
        ("error", ["nope.py"], 2),
        ("error", ["--select", "RPL999"], 2),
        ("error", ["--config", "nope.toml"], 2),
        ("error", ["--fail-on", "nonsense"], 2),
        ("error", ["--nonsense"], 2),
        ("error", ["--output-file", "no/such/folder/out"], 2),
    ],
)
def test_exit_code(cli, fake, options, code):
    assert cli("check", *options, fake=fake).exit_code == code


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["check", "nope.py"], "reprolint: no such file or directory: nope.py\n"),
        (["check", "--select", "RPL102"], "reprolint: unknown rule `RPL102`; did you mean `RPL101`?\n"),
        (
            ["check", "--select", "unseeded-steam"],
            "reprolint: unknown rule `unseeded-steam`; did you mean `unseeded-stream`?\n",
        ),
        (["explain", "RPL11"], "reprolint: unknown rule `RPL11`; did you mean `RPL101`?\n"),
        (["streams", "nope.py"], "reprolint: no such file or directory: nope.py\n"),
        (["streams", "."], "reprolint: . is a directory; name the script that starts training\n"),
    ],
)
def test_bad_input_is_one_line_on_stderr(cli, arguments, line):
    result = cli(*arguments)
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", line)


def test_bad_configuration_names_the_file_and_the_key(cli, project):
    (project / "pyproject.toml").write_text("[tool.reprolint]\nselct = []\n")
    assert cli("check").stderr == "reprolint: pyproject.toml: unknown key `selct`; did you mean `select`?\n"
    assert cli("check", "--isolated").exit_code == 1


def test_bad_catalog_row_is_the_users_mistake(cli, monkeypatch):
    from reprolint.knowledge.apis import CatalogError

    def check(*_, **__):
        raise CatalogError("[[tool.reprolint.apis]] acme: no such key")

    monkeypatch.setattr(sys.modules["reprolint.check"], "check", check)
    result = cli("check")
    assert (result.exit_code, result.stderr) == (2, "reprolint: [[tool.reprolint.apis]] acme: no such key\n")


def test_internal_error_is_one_line_and_asks_for_a_report(cli, monkeypatch):
    result = cli("check", fake="crash")
    assert result.stderr.startswith("reprolint: internal error: RuntimeError: two lines; this is a bug in reprolint")
    assert result.stderr.count("\n") == 1
    monkeypatch.setenv("REPROLINT_DEBUG", "1")
    assert "Traceback" in cli("check", fake="crash").stderr


@pytest.mark.parametrize(("word", "hint"), [("chek", "check"), ("explian", "explain"), ("train.py", "check train.py")])
def test_unknown_command(cli, word, hint):
    result = cli(word)
    assert result.exit_code == 2
    assert f"no such command `{word}`; did you mean `reprolint {hint}`?" in result.stderr


# -- output


def test_text(cli):
    result = cli("check")
    assert "error[RPL101] unseeded-stream: torch.rand draws" in result.stdout
    assert result.stdout.endswith("1 error in 1 run (train.py)\n")
    assert result.stderr == ""


def test_paths_are_shown_from_where_the_user_stands(cli, project, monkeypatch):
    (project / "reprolint.toml").write_text("")
    (project / "inner").mkdir()
    monkeypatch.chdir(project / "inner")
    assert "--> ../train.py:2:5" in cli("check", "..").stdout
    assert json.loads(cli("check", "..", "--output-format", "json").stdout)["findings"][0]["path"] == "train.py"


def test_json_is_alone_on_stdout(cli):
    document = json.loads(cli("check", "--output-format", "json", "--statistics").stdout)
    assert document["summary"]["errors"] == 1
    assert document["statistics"] == [{"rule": "RPL101", "name": "unseeded-stream", "count": 1}]


def test_no_python(cli):
    result = cli("check", fake="empty")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "no Python files under .\n")
    assert json.loads(cli("check", "--output-format", "json", fake="empty").stdout)["findings"] == []


@pytest.mark.parametrize("kind", ["text", "json"])
def test_output_file(cli, project, monkeypatch, kind):
    expected = cli("check", "--output-format", kind).stdout
    monkeypatch.setenv("FORCE_COLOR", "1")
    result = cli("check", "--output-format", kind, "--output-file", "out")
    assert (result.exit_code, result.stdout) == (1, "")
    assert (project / "out").read_text(encoding="utf-8") == expected


def test_show_files(cli, project):
    (project / "reprolint.toml").write_text('extend-exclude = ["old"]')
    for name in ("a/b.py", "old/c.py", "notes.txt"):
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).touch()
    result = cli("check", "--show-files")
    assert (result.exit_code, result.stdout) == (0, "a/b.py\ntrain.py\n")


def test_no_cache_is_accepted(cli):
    assert cli("check", "--no-cache", fake="clean").exit_code == 0


def test_options_reach_the_pipeline(cli, monkeypatch):
    seen = []

    def check(paths, settings, *, cwd, progress=None):
        seen.append((paths, settings, cwd))
        return fake_check.Report()

    monkeypatch.setattr(sys.modules["reprolint.check"], "check", check)
    cli("check", "train.py", "--select", "RPL101, RPL106", "--select", "RPL0", "--ignore", "RPL002", "--audit")
    [(paths, settings, cwd)] = seen
    assert paths == [Path("train.py")]
    assert settings.select == ("RPL101", "RPL106", "RPL0")
    assert settings.ignore == ("RPL002",)
    assert settings.audit
    assert settings.root == cwd == Path.cwd()


def test_streams(cli):
    result = cli("streams", "train.py")
    assert result.stdout == "1  draw  torch  train.py:2  torch.rand\n\ntorch  ✗ never seeded\n"
    document = json.loads(cli("streams", "train.py", "--output-format", "json").stdout)
    assert [line["what"] for line in document["ledger"]] == ["torch.rand"]


def test_rules(cli):
    lines = cli("rules").stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["RPL001", "RPL002", "RPL003", "RPL004", "RPL101", "RPL106"]
    assert lines[4].split() == "RPL101 unseeded-stream error The run draws from an unseeded stream.".split()
    assert lines[5].split()[:4] == ["RPL106", "default-seeded-generator", "info", "audit"]
    rules = json.loads(cli("rules", "--output-format", "json").stdout)["rules"]
    assert rules[4] == {
        "code": "RPL101",
        "name": "unseeded-stream",
        "severity": "error",
        "audience": "default",
        "summary": "The run draws from an unseeded stream.",
        "since": "0.1.0",
    }


@pytest.mark.parametrize("word", ["RPL101", "rpl101", "unseeded-stream"])
def test_explain_away_from_a_terminal_is_markdown(cli, word):
    text = cli("explain", word).stdout
    assert text.startswith("# RPL101 unseeded-stream\n")
    assert "## Bad" in text


def test_explain_a_rule_without_a_page(cli, monkeypatch, tmp_path):
    monkeypatch.setattr("reprolint.knowledge.pages.rules_folder", lambda: tmp_path)
    assert cli("explain", "RPL106").stdout == (
        "# RPL106 default-seeded-generator\n\nA bare generator.\n\nSeverity: info.\n"
    )


# -- help


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help(cli, flag):
    text = cli(flag).stdout
    for name in ("check", "explain", "rules", "streams"):
        assert f"\n  {name} " in text
    for name in ("check", "explain", "rules", "streams"):
        assert cli(name, flag).stdout.startswith(f"Usage: reprolint {name} ")


@pytest.mark.parametrize("command", [REAL, [str(Path(sys.executable).with_name("reprolint"))]])
def test_version(command, tmp_path):
    if not Path(command[0]).exists():
        pytest.skip("not installed")
    assert started([*command, "--version"], tmp_path).stdout.decode().strip() == f"reprolint {__version__}"


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["check", "--help"], ["explain", "-h"]])
def test_what_help_does_not_import(arguments, tmp_path):
    code = (
        "import sys\nfrom reprolint.cli import main\n"
        f"try: main({arguments!r})\nexcept SystemExit: pass\n"
        "print('loaded', *sorted({name.partition('.')[0] for name in sys.modules} | set(sys.modules)))\n"
    )
    done = started([sys.executable, "-c", code], tmp_path)
    loaded = set(done.stdout.decode().rpartition("loaded")[2].split())
    assert "click" in loaded
    assert loaded.isdisjoint(
        {"libcst", "rich", "msgspec", "pathspec", "torch", "numpy", "importlib.metadata", "tomllib"}
    )


# -- the world outside


def test_a_closed_pipe_is_silent(project):
    with subprocess.Popen(
        [*FAKE, "check"], cwd=project, env=environment(FAKE="flood"), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        process.stdout.read(100)
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 141


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_any_encoding_of_stdout(project, encoding):
    done = started([*FAKE, "check"], project, FAKE="error", PYTHONIOENCODING=encoding, PYTHONUTF8="0")
    assert (done.returncode, done.stderr) == (1, b"")
    done.stdout.decode(encoding)


def test_json_is_utf8_whatever_stdout_is(project):
    command = [*FAKE, "check", "--output-format", "json"]
    plain = started(command, project, FAKE="error").stdout
    assert started(command, project, FAKE="error", PYTHONIOENCODING="ascii").stdout == plain


def test_a_path_that_is_no_text(project):
    name = os.fsencode("b\udcff.py")
    done = subprocess.run([*FAKE, "check", name], cwd=project, env=environment(), capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (2, b"reprolint: no such file or directory: b\\udcff.py\n")


def at_a_terminal(command, cwd, columns=80, **more):
    """What a terminal of that width gets to see on both channels."""
    parent, child = pty.openpty()
    import fcntl
    import struct
    import termios

    fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    env = {**environment(**more), "TERM": "xterm-256color"}
    env.pop("COLUMNS", None)
    with subprocess.Popen(command, cwd=cwd, env=env, stdin=child, stdout=child, stderr=child):
        os.close(child)
        seen = b""
        while True:
            try:
                part = os.read(parent, 4096)
            except OSError:
                break
            if not part:
                break
            seen += part
    os.close(parent)
    return seen.decode()


def test_colours_and_time_at_a_terminal(project):
    seen = at_a_terminal([*FAKE, "check"], project, FAKE="error")
    assert "\x1b[1;31merror[RPL101]" in seen
    assert re.search(r"1 file in \d+\.\d", seen)
    assert "\x1b[1;31m" not in at_a_terminal([*FAKE, "check"], project, FAKE="error", NO_COLOR="1")


def test_progress_at_a_terminal_only_and_only_when_slow(project):
    seen = at_a_terminal([*FAKE, "check"], project, FAKE="slow")
    assert "reading 0 " not in seen
    shown = [part for part in seen.split("\r\x1b[2K") if part.startswith("reading")]
    assert shown
    assert max(len(part) for part in shown) < 80
    assert seen.index("no findings") > seen.rindex("\r\x1b[2K")
    assert b"reading" not in started([*FAKE, "check"], project, FAKE="slow").stderr


def test_explain_at_a_terminal(project):
    seen = at_a_terminal([*REAL, "explain", "RPL002"], project)
    assert "unused-suppression" in seen
    assert "```" not in seen
    assert "\x1b[48;" not in seen
    assert "\x1b[40m" not in seen


def test_interrupt_from_the_keyboard(project):
    with subprocess.Popen(
        [*FAKE, "check"], cwd=project, env=environment(FAKE="slow"), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509  a job in the background ignores it
    ) as process:  # fmt: skip
        time.sleep(2)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
        assert process.stderr.read() == b""
