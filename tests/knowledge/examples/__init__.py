r"""`rules/apis/NAME.toml` ↔ `NAME_examples.py` here: how each row is called, and what must not draw.

Such a module holds::

    SETUP = "import torch\nimport torch.nn"      # run once; names that the expressions use
    EXAMPLES = {
        "torch.rand": "torch.rand(2)",           # by the row's name; the draw happens in this expression
        "torch.nn.Dropout": ("torch.nn.Dropout(0.5)", "it(x)"),   # nothing happens in the first, the draw in the second
        "torch.nn.LSTM@result_called": (...),    # a second row of a name: name@draws_when
    }
    QUIET = ["torch.nn.LayerNorm(2)"]            # moves no stream, and no row may claim that it does

Expressions name functions by the full dotted name that the row has. What a row says of order is tried by giving the
data that an expression names (lists, arrays, frames; else texts and numbers) another order or value: so data are names
of SETUP where the row speaks of `taint`, and functions to be called are passed plainly where it speaks of `calls`.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

HERE = Path(__file__).parent
SUFFIX = "_examples"


def modules() -> dict[str, ModuleType]:
    """Give every example module by the name of its TOML file."""
    return {
        path.stem.removesuffix(SUFFIX): importlib.import_module(f"examples.{path.stem}")
        for path in sorted(HERE.glob(f"*{SUFFIX}.py"))
    }
