"""RPL402: what counts as a use of a layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from checked import lines

if TYPE_CHECKING:
    from pathlib import Path

NET = """import torch
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.used = nn.Linear(2, 2)
        self.spare = {layer}
    def forward(self, x):
        {use}
        return self.used(x)
"""


@pytest.mark.parametrize(
    "layer", ["nn.Linear(2, 2)", "nn.Sequential(nn.Linear(2, 2))", "nn.Parameter(torch.randn(2))", "nn.Embedding(3, 3, device='cpu')"]
)
def test_a_layer_that_draws_and_is_not_used(tmp_path: Path, layer: str) -> None:
    assert lines(tmp_path, "RPL402", NET.format(layer=layer, use="pass")) == [7]


@pytest.mark.parametrize("layer", ["nn.Dropout(0.1)", "nn.LayerNorm(2)", "nn.Linear(2, 2, device='meta')", "nn.Parameter(torch.zeros(2))"])
def test_a_layer_that_draws_nothing(tmp_path: Path, layer: str) -> None:
    assert lines(tmp_path, "RPL402", NET.format(layer=layer, use="pass")) == []


@pytest.mark.parametrize(
    "use",
    ["self.spare(x)", "getattr(self, 'spa' + 're')(x)", "[m(x) for m in self.children()]", "self._modules['x'](x)", "f(lambda y: self.spare(y))", "del self.spare"],
)
def test_ways_to_use_it(tmp_path: Path, use: str) -> None:
    assert lines(tmp_path, "RPL402", NET.format(layer="nn.Linear(2, 2)", use=use)) == []


def test_use_from_outside_below_and_above(tmp_path: Path) -> None:
    net = NET.format(layer="nn.Linear(2, 2)", use="pass")
    assert lines(tmp_path, "RPL402", f"{net}Net().spare(torch.ones(2))\n") == []
    assert lines(tmp_path, "RPL402", f"{net}class Other(Net):\n    def more(self, x):\n        return self.spare(x)\n") == []
    foreign = net.replace("nn.Module", "acme.Base").replace("import torch\n", "import torch, acme\n", 1)
    assert lines(tmp_path, "RPL402", foreign) == []


def test_filling_is_no_use(tmp_path: Path) -> None:
    filled = NET.format(layer="nn.Linear(2, 2)", use="pass") + "    def init_weights(self):\n        nn.init.zeros_(self.spare.weight)\n"
    assert lines(tmp_path, "RPL402", filled) == [7]
