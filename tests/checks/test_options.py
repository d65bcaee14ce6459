"""RPL117 and RPL118: guards that drop seed 0, options that reach nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from checked import findings, lines

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "import argparse, random\np = argparse.ArgumentParser()\np.add_argument('--seed', type=int, default=1)\nargs = p.parse_args()\n"
TAIL = "\nprint(random.random())\n"


@pytest.mark.parametrize("test", ["args.seed", "args.seed > 0", "0 < args.seed", "args.seed != 0", "args.seed is not None and args.seed > 0", "getattr(args, 'seed', None)"])
def test_a_guard_that_drops_0(tmp_path: Path, test: str) -> None:
    assert lines(tmp_path, "RPL117", f"{HEAD}if {test}:\n    random.seed(args.seed){TAIL}") == [5]


@pytest.mark.parametrize("test", ["args.seed is not None", "args.seed >= 0", "args.seed != -1", "args", "args.seed or True"])
def test_a_guard_that_lets_0_through(tmp_path: Path, test: str) -> None:
    assert lines(tmp_path, "RPL117", f"{HEAD}if {test}:\n    random.seed(args.seed){TAIL}") == []


@pytest.mark.parametrize(("refuses", "found"), [("if int(text) < 1: raise argparse.ArgumentTypeError(text)", []), ("print(text)", [9])])
def test_an_option_whose_values_are_checked(tmp_path: Path, refuses: str, found: list[int]) -> None:
    source = (
        f"import argparse, random\n\ndef number(text):\n    {refuses}\n    return int(text)\n\n"
        "p = argparse.ArgumentParser(); p.add_argument('--seed', type=number, default=1)\nargs = p.parse_args()\n"
        f"if args.seed:\n    random.seed(args.seed){TAIL}"
    )
    assert lines(tmp_path, "RPL117", source) == found


def test_a_way_out_before_the_seeding(tmp_path: Path) -> None:
    source = "import random\ndef fix(seed):\n    if not seed:\n        return\n    random.seed(seed)\nfix(0)\nprint(random.random())\n"
    assert lines(tmp_path, "RPL117", source) == [3]


def test_a_seeding_helper_that_takes_the_value(tmp_path: Path) -> None:
    helper = "import random\ndef fix(number):\n    random.seed(number)\n"
    assert lines(tmp_path, "RPL117", f"{HEAD}from helper import fix\nif args.seed:\n    fix(args.seed){TAIL}", helper=helper) == [6]


def test_a_namesake_in_a_library_seeds_nothing(tmp_path: Path) -> None:
    helper = "import random\ndef load(number):\n    random.seed(number)\n"
    source = "import torch\nimport helper\ndef resume(path):\n    if path:\n        torch.load(path)\nhelper.load(3)\nresume('last.pt')\n"
    assert lines(tmp_path, "RPL117", source, helper=helper) == []


def test_a_test_of_something_else(tmp_path: Path) -> None:
    assert lines(tmp_path, "RPL117", f"{HEAD}if args.verbose:\n    random.seed(args.seed){TAIL}") == []


@pytest.mark.parametrize("use", ["random.seed(5)", "print(args.seed)", "open(f'run-{args.seed}', 'w')", "fix(args.seed)"])
def test_an_option_that_reaches_nothing(tmp_path: Path, use: str) -> None:
    assert lines(tmp_path, "RPL118", f"{HEAD}def fix(seed):\n    random.seed(3)\n{use}{TAIL}") == [3]


@pytest.mark.parametrize("use", ["random.seed(args.seed)", "import acme\nacme.Trainer(seed=args.seed)", "s = int(args.seed)\nrandom.seed(s + 1)", "fix(args)"])
def test_an_option_that_is_used(tmp_path: Path, use: str) -> None:
    assert lines(tmp_path, "RPL118", f"{HEAD}def fix(options):\n    random.seed(options.seed)\n{use}{TAIL}") == []


def test_a_record_that_goes_where_nobody_can_follow(tmp_path: Path) -> None:
    (found,) = findings(tmp_path, "RPL118", f"{HEAD}import acme\nacme.run(args){TAIL}")
    assert found.confidence == "possible"


@pytest.mark.parametrize(
    ("test", "said"),
    [("args.seed", "is not None"), ("args.seed > 0", "ask `>= 0`"), ("args.seed is not None and 0 < args.seed", "0 <="), ("args.seed != 0", "let None stand")],
)
def test_the_remedy_fits_the_test(tmp_path: Path, test: str, said: str) -> None:
    (found,) = findings(tmp_path, "RPL117", f"{HEAD}if {test}:\n    random.seed(args.seed){TAIL}")
    assert found.help is not None
    assert said in found.help
