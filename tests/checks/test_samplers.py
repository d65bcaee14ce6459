"""RPL207: when a shuffle of a DistributedSampler is frozen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from checked import lines

if TYPE_CHECKING:
    from pathlib import Path

LOOP = """import torch, acme
from torch.utils.data import DataLoader, DistributedSampler
data = list(range(8))
sampler = DistributedSampler(data, num_replicas=1, rank=0{options})
loader = DataLoader(data, sampler=sampler)
{before}
for epoch in range(3):
    for batch in loader:
        print(batch)
"""


def test_frozen(tmp_path: Path) -> None:
    assert lines(tmp_path, "RPL207", LOOP.format(options="", before="")) == [4]


def test_a_dataset_that_has_an_epoch_of_its_own(tmp_path: Path) -> None:
    told = LOOP.format(options="", before="").replace("    for batch", "    loader.dataset.set_epoch(epoch)\n    for batch")
    assert lines(tmp_path, "RPL207", told) == [4]


@pytest.mark.parametrize(
    ("options", "before"),
    [(", shuffle=False", ""), ("", "def later(e): loader.sampler.set_epoch(e)"), ("", "def later(e): getattr(loader.sampler, 'set_epoch', print)(e)")],
)
def test_silent(tmp_path: Path, options: str, before: str) -> None:
    assert lines(tmp_path, "RPL207", LOOP.format(options=options, before=before)) == []


def test_one_pass_needs_no_epoch(tmp_path: Path) -> None:
    once = LOOP.format(options="", before="").replace("for epoch in range(3):\n    for batch in loader:\n        print(batch)", "for batch in loader:\n    print(batch)")
    assert lines(tmp_path, "RPL207", once) == []
