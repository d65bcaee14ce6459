"""A command line that starts ranks → the target that each run launches anew."""

from __future__ import annotations

import re
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Final

from reprolint.config import UsageError
from reprolint.probe.children import Target

if TYPE_CHECKING:
    from collections.abc import Sequence

_TORCHRUN: Final = "torch.distributed.run"
_MODULES: Final = (_TORCHRUN, "torch.distributed.launch")
_OTHERS: Final = frozenset({"accelerate", "deepspeed", "mpirun", "mpiexec", "horovodrun", "srun"})
_PYTHON: Final = re.compile(r"python(\d(\.\d+)?)?")
_PAIR: Final = 2


def launch(module: str | None, words: Sequence[str], python: str) -> Target | None:
    """`torchrun …`, `python -m torch.distributed.run …`, or that module by `-m`; None for what starts no ranks. Raises `UsageError` for another launcher."""
    said = " ".join((*(("-m", module) if module is not None else ()), *words))
    if module is None and words and not words[0].endswith(".py"):
        name = PurePath(words[0]).name
        if name in _OTHERS:
            raise UsageError(f"ranks are watched where torchrun starts them, and not under {name}: write `reprolint probe -- torchrun --nproc-per-node N SCRIPT`")
        if name == "torchrun":
            module, words = _TORCHRUN, words[1:]
        elif _PYTHON.fullmatch(name) and len(words) > _PAIR and words[1] == "-m" and words[2] in _MODULES:
            python = words[0] if words[0] != name else python
            module, words = words[2], words[3:]
    if module not in _MODULES:
        return None
    if not words:
        raise UsageError("name the script that torchrun is to start, behind its options")
    script = next((word for word in words if word.endswith(".py") and Path(word).is_file()), "")
    return Target(script=script, launcher=module, launch=tuple(words), python=python, cwd=Path.cwd(), name=said)
