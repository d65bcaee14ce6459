"""How the rows of ignite.toml are called."""

from __future__ import annotations

SETUP = """
import torch
import ignite, ignite.engine, ignite.utils

model = torch.nn.Linear(2, 1)
optimizer = torch.optim.SGD(model.parameters(), 0.1)
"""

EXAMPLES = {
    "ignite.utils.manual_seed": "ignite.utils.manual_seed(3)",
}

QUIET = [
    "ignite.engine.Engine(lambda engine, batch: None).run([1, 2])",
    "ignite.engine.create_supervised_trainer(model, optimizer, torch.nn.functional.mse_loss)",
]
