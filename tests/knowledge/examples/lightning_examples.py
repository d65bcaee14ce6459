"""How the rows of lightning.toml are called."""

from __future__ import annotations

SETUP = """
import logging, tempfile
import pytest
logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
import torch
import lightning, lightning.fabric, lightning.fabric.utilities.seed, lightning.pytorch
import lightning.pytorch.cli, lightning.pytorch.tuner, lightning.pytorch.utilities.seed
from torch.utils.data import DataLoader, TensorDataset


class Net(lightning.pytorch.LightningModule):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(2, 1)
        self.batch_size = 2
        self.learning_rate = 0.01

    def training_step(self, batch, number):
        return self.layer(batch[0]).mean()

    validation_step = test_step = predict_step = training_step

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=self.learning_rate)


net = Net()
data = TensorDataset(torch.ones(4, 2))
loader = DataLoader(data, batch_size=2)
shuffled = DataLoader(data, batch_size=2, shuffle=True)
quiet = dict(max_epochs=1, accelerator="cpu", logger=False, enable_checkpointing=False, enable_progress_bar=False)
quiet |= dict(enable_model_summary=False)
folder = tempfile.mkdtemp()


class Still(Net):
    def __init__(self):
        super(Net, self).__init__()
        self.layer = torch.nn.PReLU()
        self.learning_rate = 0.01


still, manual, trained = Still(), Still(), lightning.pytorch.Trainer(**quiet)
trained.fit(still, loader)
trained.save_checkpoint(f"{folder}/still.ckpt")
manual.automatic_optimization = False
fabric = lightning.fabric.Fabric(accelerator="cpu")
fabric.setup(manual)
plain = torch.nn.PReLU()
optimizer = torch.optim.SGD(plain.parameters(), 0.1)


def loss():
    return torch.nn.Parameter(torch.ones(2)).sum()


class Owner(Net):
    def __init__(self):
        super().__init__()
        self.load_state_dict(net.state_dict())

    def train_dataloader(self):
        return DataLoader(data, batch_size=self.batch_size, shuffle=True)

    def val_dataloader(self):
        return loader


def cli():
    pytest.importorskip("docstring_parser", reason="LightningCLI needs jsonargparse[signatures]")
    lightning.pytorch.cli.LightningCLI(Net, seed_everything_default=5, args=[], run=False)


def isolated():
    with lightning.pytorch.utilities.seed.isolate_rng():
        torch.rand(1)
"""

TRAINER = "lightning.pytorch.Trainer(**quiet)"

EXAMPLES = {
    "lightning.fabric.Fabric": "lightning.fabric.Fabric(accelerator='cpu')",
    "lightning.fabric.Fabric.backward": "fabric.backward(loss())",
    "lightning.fabric.Fabric.launch": "lightning.fabric.Fabric(accelerator='cpu').launch(id)",
    "lightning.fabric.Fabric.save": "fabric.save(f'{folder}/state', {'a': 1})",
    "lightning.fabric.Fabric.setup": "fabric.setup(plain)",
    "lightning.fabric.Fabric.setup_dataloaders": "fabric.setup_dataloaders(shuffled)",
    "lightning.fabric.Fabric.setup_module": "fabric.setup_module(plain)",
    "lightning.fabric.Fabric.setup_optimizers": "fabric.setup_optimizers(optimizer)",
    "lightning.fabric.Fabric.to_device": "fabric.to_device(net)",
    "lightning.pytorch.LightningDataModule": "lightning.pytorch.LightningDataModule()",
    "lightning.pytorch.LightningDataModule.from_datasets": "lightning.pytorch.LightningDataModule.from_datasets(data)",
    "lightning.pytorch.LightningModule": "lightning.pytorch.LightningModule()",
    "lightning.pytorch.LightningModule.load_from_checkpoint": "Still.load_from_checkpoint(f'{folder}/still.ckpt')",
    "lightning.pytorch.LightningModule.manual_backward": "manual.manual_backward(loss())",
    "lightning.pytorch.LightningModule.save_hyperparameters": "still.save_hyperparameters({'a': 1})",
    "lightning.pytorch.Trainer": TRAINER,
    "lightning.pytorch.Trainer.save_checkpoint": "trained.save_checkpoint(f'{folder}/again.ckpt')",
    "lightning.pytorch.tuner.Tuner": f"lightning.pytorch.tuner.Tuner({TRAINER})",
    "lightning.pytorch.tuner.Tuner.lr_find": (
        f"lightning.pytorch.tuner.Tuner({TRAINER})",
        "it.lr_find(net, shuffled, loader, num_training=2)",
    ),
    "lightning.fabric.Fabric.seed_everything": "lightning.fabric.Fabric.seed_everything(3, verbose=False)",
    "lightning.pytorch.Trainer.fit": (TRAINER, "it.fit(net, shuffled)"),
    "lightning.pytorch.Trainer.predict": (TRAINER, "it.predict(net, loader)"),
    "lightning.pytorch.Trainer.test": (TRAINER, "it.test(net, loader, verbose=False)"),
    "lightning.pytorch.Trainer.validate": (
        TRAINER,
        "it.validate(net, loader, verbose=False)",
    ),
    "lightning.pytorch.cli.LightningCLI": "cli()",
    "lightning.pytorch.seed_everything": "lightning.pytorch.seed_everything(3, verbose=False)",
    "lightning.pytorch.tuner.Tuner.scale_batch_size": (
        f"lightning.pytorch.tuner.Tuner({TRAINER})",
        "it.scale_batch_size(Owner(), max_trials=1, steps_per_trial=1)",
    ),
    "lightning.pytorch.utilities.seed.isolate_rng": "isolated()",
}

QUIET = [
    f"lightning.pytorch.tuner.Tuner({TRAINER}).lr_find(net, shuffled, loader, num_training=2)",
    "lightning.pytorch.Trainer(**quiet)",
    "lightning.pytorch.LightningDataModule.from_datasets(data)",
    "lightning.fabric.Fabric(accelerator='cpu').setup_dataloaders(shuffled)",
    "lightning.fabric.Fabric(accelerator='cpu').setup(net)",
]
