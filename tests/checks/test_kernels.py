"""RPL301, 302 and 306: what is on at the end of a run, what takes a request back, what reaches CUDA."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from checked import findings, lines

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "import torch, sys\nfrom torch.backends import cudnn\ntorch.manual_seed(0)\nx = torch.rand(3, requires_grad=True)\n"


def test_timing_left_on(tmp_path: Path) -> None:
    (found,) = findings(tmp_path, "RPL301", f"{HEAD}cudnn.benchmark = True\n")
    assert (found.span.line, found.severity, found.confidence) == (5, "warning", "certain")


def test_timing_that_a_record_switches_on(tmp_path: Path) -> None:
    source = f"{HEAD}from dataclasses import dataclass\n\n@dataclass\nclass Runtime:\n    autotune: bool = {{default}}\n\ncudnn.benchmark = Runtime().autotune\n"
    assert lines(tmp_path, "RPL301", source.format(default=True)) == [11]
    assert lines(tmp_path, "RPL301", source.format(default=False)) == []


def test_a_request_that_a_manager_gives_back(tmp_path: Path) -> None:
    source = (
        f"{HEAD}import contextlib\n\n@contextlib.contextmanager\ndef relaxed():\n    before = torch.are_deterministic_algorithms_enabled()\n"
        "    torch.use_deterministic_algorithms(False)\n    try:\n        yield\n    finally:\n        torch.use_deterministic_algorithms(before)\n\n"
        "def counts():\n    with relaxed():\n        return torch.histc(x.detach())\n\ntorch.use_deterministic_algorithms(True)\nprint(counts())\nx.sum().backward()\n"
    )
    assert lines(tmp_path, "RPL302", source) == []


def test_a_run_that_claims_nothing(tmp_path: Path) -> None:
    (found,) = findings(tmp_path, "RPL301", "import torch\ntorch.backends.cudnn.benchmark = True\nprint(torch.rand(1))\n")
    assert (found.severity, found.audit) == ("info", True)


@pytest.mark.parametrize(
    "line",
    ["cudnn.benchmark = False", "cudnn.benchmark = len(sys.argv) > 1", "cudnn.benchmark = True\ncudnn.benchmark = False", "with cudnn.flags(benchmark=True): pass"],
)
def test_timing_not_left_on(tmp_path: Path, line: str) -> None:
    assert lines(tmp_path, "RPL301", f"{HEAD}{line}\n") == []


def test_a_contradiction_takes_the_place_of_the_weaker_finding(tmp_path: Path) -> None:
    source = f"{HEAD}cudnn.benchmark = True\ncudnn.deterministic = True\n"
    assert (lines(tmp_path, "RPL302", source), lines(tmp_path, "RPL301", source)) == ([5], [])


def test_either_or_is_no_contradiction(tmp_path: Path) -> None:
    source = f"{HEAD}if sys.platform == open('x').read():\n    cudnn.deterministic = True\nelse:\n    cudnn.benchmark = True\n"
    assert lines(tmp_path, "RPL302", source) == []


def test_a_request_taken_back(tmp_path: Path) -> None:
    on, off = "torch.use_deterministic_algorithms(True)\n", "torch.use_deterministic_algorithms(False)\n"
    assert lines(tmp_path, "RPL302", HEAD + on + off) == [6]
    assert lines(tmp_path, "RPL302", HEAD + on + off + on) == []


def test_a_request_after_training(tmp_path: Path) -> None:
    on = "torch.use_deterministic_algorithms(True)\n"
    assert lines(tmp_path, "RPL302", f"{HEAD}x.sum().backward()\n{on}") == [6]
    assert lines(tmp_path, "RPL302", f"{HEAD}{on}x.sum().backward()\n") == []


@pytest.mark.parametrize(("device", "confidence"), [(".cuda()", "likely"), (".to('cuda:0')", "likely"), ("", "possible")])
def test_recurrent_dropout(tmp_path: Path, device: str, confidence: str) -> None:
    (found,) = findings(tmp_path, "RPL306", f"{HEAD}torch.nn.LSTM(2, 2, 2, dropout=0.5){device}\n")
    assert found.confidence == confidence


def test_one_layer_has_nothing_between(tmp_path: Path) -> None:
    assert lines(tmp_path, "RPL306", f"{HEAD}torch.nn.LSTM(2, 2, 1, dropout=0.5).cuda()\n") == []


@pytest.mark.parametrize(
    ("call", "found"),
    [
        ("import lightning\nlightning.Trainer(deterministic=True, benchmark=True)\n", [6]),
        ("import lightning\nlightning.Trainer(deterministic=True)\n", []),
        ("import lightning\ncudnn.benchmark = True\nlightning.Trainer(deterministic=True)\n", []),
        ("from transformers import enable_full_determinism\nenable_full_determinism(0)\ncudnn.benchmark = True\n", [7]),
        ("from transformers import set_seed\nset_seed(0, deterministic=True)\ncudnn.benchmark = True\n", [7]),
        ("from transformers import set_seed\nset_seed(0, deterministic=False)\ncudnn.benchmark = True\n", []),
    ],
)
def test_what_libraries_set(tmp_path: Path, call: str, found: list[int]) -> None:
    assert lines(tmp_path, "RPL302", f"{HEAD}{call}") == found


def test_a_library_that_fixes_the_workspace(tmp_path: Path) -> None:
    layer = "torch.nn.LSTM(2, 2, 2, dropout=0.5).cuda()\n"
    assert lines(tmp_path, "RPL306", f"{HEAD}from transformers import enable_full_determinism\nenable_full_determinism(0)\n{layer}") == []


def test_a_run_that_is_merely_perhaps_seeded_claims_nothing(tmp_path: Path) -> None:
    source = "import sys, torch\nfrom hyperpyyaml import load_hyperpyyaml\ntorch.backends.cudnn.benchmark = True\nload_hyperpyyaml(open(sys.argv[1]))\nprint(torch.rand(1))\n"
    (found,) = findings(tmp_path, "RPL301", source)
    assert (found.severity, found.audit) == ("info", True)
