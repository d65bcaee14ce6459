"""RPL310, and what the catalog says of modules that take any attribute, against the installed torch."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import pytest
from checked import findings, lines

from reprolint.knowledge.apis import load
from reprolint.knowledge.pages import rules_folder

if TYPE_CHECKING:
    from pathlib import Path

SPACES = load(rules_folder() / "apis").namespaces
OLD = {"lib", "verbose", "amp", "default_stream", "has_cuda", "has_cudnn", "has_half", "has_magma", "has_mkldnn", "has_mps"}


@pytest.mark.parametrize("name", sorted(SPACES))
def test_torch_takes_any_attribute_there(name: str) -> None:
    pytest.importorskip("torch")
    module = import_module(name)
    module.deterministc = True  # type: ignore[attr-defined]
    del module.deterministc  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", sorted(SPACES))
def test_the_settings_exist(name: str) -> None:
    pytest.importorskip("torch")
    module = import_module(name)
    assert {attribute for attribute in SPACES[name] - OLD if not hasattr(module, attribute)} == set()


@pytest.mark.parametrize("line", ["torch.backends.cudnn.benchmrk = False", "torch.abled = False", "torch.backends.cudnn.deterministc, x = True, 1"])
def test_a_setting_that_does_not_exist(tmp_path: Path, line: str) -> None:
    assert lines(tmp_path, "RPL310", f"import torch\n{line}\ntorch.rand(1)\n") == [2]


@pytest.mark.parametrize(
    "line",
    [
        "torch.backends.cudnn.benchmark = False",
        "torch.load = print",
        "torch.backends.cuda.matmul.allow_tf33 = True",
        "torch.ours = True; print(torch.ours)",
        "torch._private = 1",
    ],
)
def test_silent(tmp_path: Path, line: str) -> None:
    assert lines(tmp_path, "RPL310", f"import torch\n{line}\ntorch.rand(1)\n") == []


def test_a_parameter_hides_the_module(tmp_path: Path) -> None:
    source = "from torch.backends import cudnn\ndef f(cudnn):\n    cudnn.speed = 1\nf(object())\ncudnn.speed = 1\n"
    assert lines(tmp_path, "RPL310", source) == [5]


def test_the_help_names_the_nearest_setting(tmp_path: Path) -> None:
    (found,) = findings(tmp_path, "RPL310", "import torch\ntorch.abled = False\ntorch.rand(1)\n")
    assert "torch.backends.cudnn.enabled" in found.help
