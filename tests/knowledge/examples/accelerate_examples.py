"""How the rows of accelerate.toml are called."""

from __future__ import annotations

SETUP = """
import tempfile
import torch
import accelerate, accelerate.utils
from torch.utils.data import DataLoader

folder = tempfile.mkdtemp()
accelerator = accelerate.Accelerator(cpu=True)
model = torch.nn.Linear(2, 2)
loader = DataLoader(torch.ones(4, 2), shuffle=True)
accelerator.save_state(folder)


def empty():
    with accelerate.init_empty_weights():
        torch.nn.Linear(2, 2)
"""

EXAMPLES = {
    "accelerate.Accelerator.load_state": (
        "accelerate.Accelerator(cpu=True)",
        "it.load_state(folder)",
    ),
    "accelerate.utils.set_seed": "accelerate.utils.set_seed(3)",
}

QUIET = [
    "accelerate.Accelerator(cpu=True)",
    "accelerator.prepare(model, loader)",
    "accelerate.Accelerator(cpu=True).prepare_data_loader(loader)",
    "accelerate.Accelerator(cpu=True).unwrap_model(model)",
    "accelerate.skip_first_batches(loader, 1)",
    "empty()",
]
