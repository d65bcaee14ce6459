"""RPL401: which saved modules hold random weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from checked import findings, lines

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "import pickle, os, torch\nfrom torch import nn\nnet = nn.Embedding(3, 2)\n"


@pytest.mark.parametrize("save", ["torch.save(net, 'x')", "torch.save({'a': [net]}, 'x')", "pickle.dump(net, open('x', 'wb'))"])
def test_saved_untrained(tmp_path: Path, save: str) -> None:
    assert lines(tmp_path, "RPL401", f"{HEAD}{save}\n") == [3]


@pytest.mark.parametrize("between", ["net(torch.tensor([1])).sum().backward()", "torch.optim.SGD(net.parameters()).step()"])
def test_saved_after_training(tmp_path: Path, between: str) -> None:
    assert lines(tmp_path, "RPL401", f"{HEAD}{between}\ntorch.save(net, 'x')\n") == []


def test_saved_where_the_file_is_missing_before_training(tmp_path: Path) -> None:
    later = "net(torch.tensor([1])).sum().backward()\n"
    assert lines(tmp_path, "RPL401", f"{HEAD}if not os.path.exists('x'):\n    torch.save(net, 'x')\n{later}") == [3]
    assert lines(tmp_path, "RPL401", f"{HEAD}torch.save(net, 'x')\n{later}") == []


def test_weights_from_elsewhere_make_it_doubtful(tmp_path: Path) -> None:
    (found,) = findings(tmp_path, "RPL401", f"{HEAD}net.load_state_dict(torch.load('y'))\ntorch.save(net, 'x')\n")
    assert found.confidence == "possible"
