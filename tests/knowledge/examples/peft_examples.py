"""How the rows of peft.toml are called."""

from __future__ import annotations

SETUP = """
import torch
import peft


def net():
    with torch.random.fork_rng():
        return torch.nn.Sequential(torch.nn.Linear(2, 2))
"""

EXAMPLES = {
    "peft.get_peft_model": "peft.get_peft_model(net(), peft.LoraConfig(target_modules=['0']))",
    "peft.prepare_model_for_kbit_training": "peft.prepare_model_for_kbit_training(net(), False)",
}

QUIET = [
    "peft.LoraConfig(target_modules=['0'])",
]
