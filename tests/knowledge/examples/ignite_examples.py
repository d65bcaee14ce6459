"""How the rows of ignite.toml are called."""

from __future__ import annotations

SETUP = """
import torch
import ignite, ignite.distributed, ignite.engine, ignite.utils

model = torch.nn.Linear(2, 1)
optimizer = torch.optim.SGD(model.parameters(), 0.1)


class Batches:
    def __iter__(self):
        return iter([1, 2])

    def __len__(self):
        return 2


def within(parallel, action):
    with parallel:
        return action(parallel)


def step(engine, batch):
    return batch
"""

EXAMPLES = {
    "ignite.distributed.Parallel": "ignite.distributed.Parallel()",
    "ignite.distributed.Parallel.run": "within(ignite.distributed.Parallel(), lambda parallel: parallel.run(repr))",
    "ignite.engine.Engine": ("ignite.engine.Engine(step)", "it.run([1, 2])"),
    "ignite.engine.Engine.run": ("ignite.engine.Engine(step)", "it.run(Batches())"),
    "ignite.engine.create_supervised_evaluator": "ignite.engine.create_supervised_evaluator(model)",
    "ignite.engine.create_supervised_trainer": (
        "ignite.engine.create_supervised_trainer(model, optimizer, torch.nn.functional.mse_loss)"
    ),
    "ignite.utils.manual_seed": "ignite.utils.manual_seed(3)",
}

QUIET = [
    "ignite.engine.Engine(lambda engine, batch: None).run([1, 2])",
    "ignite.engine.create_supervised_trainer(model, optimizer, torch.nn.functional.mse_loss)",
]
