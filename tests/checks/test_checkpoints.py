"""RPL404: which checkpoints lack the state of the streams, and when that is a warning."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from checked import findings, lines

if TYPE_CHECKING:
    from pathlib import Path

LOOP = """import os, argparse, torch
p = argparse.ArgumentParser()
p.add_argument('--resume', default='')
args = p.parse_args()
torch.manual_seed(0)
net = torch.nn.Linear(2, 2)
opt = torch.optim.Adam(net.parameters())
if {test}:
    state = torch.load('last.pt')
    net.load_state_dict(state['net'])
    opt.load_state_dict(state['opt'])
net(torch.rand(2)).sum().backward()
opt.step()
torch.save({record}, 'last.pt')
"""
BARE = "{'net': net.state_dict(), 'opt': opt.state_dict()}"


@pytest.mark.parametrize(("test", "severity"), [("os.path.exists('last.pt')", "warning"), ("args.resume", "info")])
def test_no_state_of_a_stream(tmp_path: Path, test: str, severity: str) -> None:
    (found,) = findings(tmp_path, "RPL404", LOOP.format(test=test, record=BARE))
    assert (found.span.line, found.severity, found.audit) == (14, severity, severity == "info")


@pytest.mark.parametrize("record", ["net.state_dict()", "{'net': net.state_dict()}", BARE[:-1] + ", 'rng': torch.get_rng_state()}", BARE[:-1] + ", **more}"])
def test_silent(tmp_path: Path, record: str) -> None:
    assert lines(tmp_path, "RPL404", LOOP.format(test="args.resume", record=record)) == []


def test_nothing_resumes_from_it(tmp_path: Path) -> None:
    source = LOOP.format(test="args.resume", record=BARE).replace("    opt.load_state_dict(state['opt'])\n", "")
    assert lines(tmp_path, "RPL404", source) == []
