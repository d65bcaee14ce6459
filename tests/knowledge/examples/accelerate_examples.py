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
optimizer = torch.optim.SGD(model.parameters(), 0.1)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 1)
torch.save(model.state_dict(), f"{folder}/weights.bin")


def loss():
    return torch.nn.Parameter(torch.ones(2)).sum()


def plain():
    return torch.nn.PReLU()


def empty():
    with accelerate.init_empty_weights():
        torch.nn.Linear(2, 2)
"""

EXAMPLES = {
    "accelerate.Accelerator": "accelerate.Accelerator(cpu=True)",
    "accelerate.Accelerator.backward": "accelerate.Accelerator(cpu=True).backward(loss())",
    "accelerate.Accelerator.load_state": (
        "accelerate.Accelerator(cpu=True)",
        "it.load_state(folder)",
    ),
    "accelerate.Accelerator.prepare": "accelerate.Accelerator(cpu=True).prepare(model, loader)",
    "accelerate.Accelerator.prepare_data_loader": "accelerate.Accelerator(cpu=True).prepare_data_loader(loader)",
    "accelerate.Accelerator.prepare_model": "accelerate.Accelerator(cpu=True).prepare_model(model)",
    "accelerate.Accelerator.prepare_optimizer": "accelerate.Accelerator(cpu=True).prepare_optimizer(optimizer)",
    "accelerate.Accelerator.prepare_scheduler": "accelerate.Accelerator(cpu=True).prepare_scheduler(scheduler)",
    "accelerate.Accelerator.save_model": "accelerate.Accelerator(cpu=True).save_model(model, tempfile.mkdtemp())",
    "accelerate.Accelerator.save_state": "accelerate.Accelerator(cpu=True).save_state(tempfile.mkdtemp())",
    "accelerate.Accelerator.unwrap_model": "accelerate.Accelerator(cpu=True).unwrap_model(model)",
    "accelerate.cpu_offload": "accelerate.cpu_offload(plain(), execution_device='cpu')",
    "accelerate.debug_launcher": "accelerate.debug_launcher(dict)",
    "accelerate.dispatch_model": "accelerate.dispatch_model(plain(), {'': 'cpu'})",
    "accelerate.load_checkpoint_and_dispatch": (
        "accelerate.load_checkpoint_and_dispatch(model, f'{folder}/weights.bin', {'': 'cpu'})"
    ),
    "accelerate.notebook_launcher": "accelerate.notebook_launcher(dict, num_processes=1)",
    "accelerate.skip_first_batches": "accelerate.skip_first_batches(loader, 1)",
    "accelerate.utils.find_executable_batch_size": "accelerate.utils.find_executable_batch_size(empty)",
    "accelerate.utils.set_seed": "accelerate.utils.set_seed(3)",
}

QUIET = [
    "accelerate.Accelerator(cpu=True)",
    "accelerate.Accelerator(cpu=True).prepare(model, loader)",
    "accelerate.Accelerator(cpu=True).prepare_data_loader(loader)",
    "accelerate.Accelerator(cpu=True).unwrap_model(model)",
    "accelerate.skip_first_batches(loader, 1)",
    "empty()",
]
