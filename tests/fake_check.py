"""A stand-in for the pipeline: what it returns or raises is told by the environment, so that it works in a subprocess."""

import os
import sys
import time
import types

from reprolint.model.finding import Finding, LedgerLine, Report, Run, StreamState
from reprolint.model.span import Span

SOURCE = ("import torch", "x = torch.rand(3)  # 数 →")


def finding(severity="error", message="torch.rand draws from `torch` before anything seeds it"):
    span = Span("train.py", 2, 5, 2, 18, None, 2)
    return Finding("RPL101", "unseeded-stream", severity, "certain", message, span, "seed it", "torch", "train.py")


def run():
    return Run("train.py", "script", None, 1, (StreamState("torch", "unseeded"),))


def check(paths, settings, *, cwd, progress=None):
    wanted = os.environ.get("FAKE", "error")
    if wanted == "slow":
        for number in range(30):
            progress(f"reading {number} " + "x" * 300)
            time.sleep(0.1)
    if wanted == "crash":
        raise RuntimeError("two\nlines")
    if wanted == "interrupt":
        raise KeyboardInterrupt
    if wanted == "empty":
        return Report()
    if wanted == "flood":
        return Report((finding(),) * 20_000, runs=(run(),), files=("train.py",), frames={"train.py": SOURCE})
    findings = () if wanted in {"clean", "slow"} else (finding(wanted),)
    return Report(findings, runs=(run(),), files=("train.py",), frames={"train.py": SOURCE})


def ledger(script, settings, cwd):
    return (LedgerLine("draw", "torch", Span("train.py", 2, 5, 2, 18), "torch.rand", ()),), run()


def module():
    made = types.ModuleType("reprolint.check")
    made.check, made.ledger = check, ledger
    return made


if __name__ == "__main__":
    sys.modules["reprolint.check"] = module()
    from reprolint.cli import main

    main(prog_name="reprolint")
