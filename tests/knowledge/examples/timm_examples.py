"""How the rows of timm.toml are called."""

from __future__ import annotations

import tomllib
from pathlib import Path

SETUP = """
import os, tempfile
import torch
import timm, timm.data, timm.data.auto_augment, timm.layers, timm.models, timm.models.vision_transformer, timm.utils
import timm.data.random_erasing
from PIL import Image
from torch.utils.data import TensorDataset

weight = torch.zeros(4, 4)
picture = Image.new("RGB", (40, 40), (10, 200, 30))
batch = torch.ones(4, 3, 8, 8)
labels = torch.tensor([0, 1, 1, 0])
plain = dict(num_workers=0, use_prefetcher=False, no_aug=True, persistent_workers=False)
erased = torch.ones(3, 8, 8)
folder = tempfile.mkdtemp()
os.mkdir(f"{folder}/a")
picture.save(f"{folder}/a/0.png")
prelu = torch.nn.PReLU()
optimizer = torch.optim.SGD(prelu.parameters(), 0.1)


class Pictures(torch.utils.data.Dataset):
    transform = None

    def __len__(self):
        return 4

    def __getitem__(self, index):
        return self.transform(picture), 0
"""

SMALL = "img_size=8, patch_size=4, embed_dim=8, depth=1, num_heads=2"
ROWS = tomllib.loads((Path(__file__).parents[3] / "rules" / "apis" / "timm.toml").read_text(encoding="utf-8"))
MODELS = next(row for row in ROWS["api"] if row["name"] == "timm.models.convnext_base")

EXAMPLES = {
    "timm.create_model": "timm.create_model('resnet10t')",
    "timm.data.FastCollateMixup": (
        "timm.data.FastCollateMixup()",
        "it([(image.numpy().astype('uint8'), 0) for image in batch])",
    ),
    "timm.data.Mixup": ("timm.data.Mixup(num_classes=2)", "it(batch, labels)"),
    "timm.data.RandomResizedCropAndInterpolation": (
        "timm.data.RandomResizedCropAndInterpolation(16)",
        "it(picture)",
    ),
    "timm.data.auto_augment.augment_and_mix_transform": (
        "timm.data.auto_augment.augment_and_mix_transform('augmix-m5-w4-d2', {})",
        "it(picture)",
    ),
    "timm.data.auto_augment_transform": (
        "timm.data.auto_augment_transform('original', {})",
        "[it(picture) for _ in range(9)]",
    ),
    "timm.data.create_dataset": "timm.data.create_dataset('', folder)",
    "timm.data.create_loader": (
        "timm.data.create_loader(Pictures(), (3, 16, 16), 2, is_training=True, **plain)",
        "list(it)",
    ),
    "timm.data.create_transform": (
        "timm.data.create_transform(16, is_training=True)",
        "it(picture)",
    ),
    "timm.data.rand_augment_transform": (
        "timm.data.rand_augment_transform('rand-m9-mstd0.5-inc1', {})",
        "[it(picture) for _ in range(9)]",
    ),
    "timm.data.random_erasing.RandomErasing": (
        "timm.data.random_erasing.RandomErasing(1.0, device='cpu')",
        "it(erased)",
    ),
    "timm.layers.Attention": "timm.layers.Attention(8, 2)",
    "timm.layers.DropBlock2d": ("timm.layers.DropBlock2d(0.5, 3)", "it(batch)"),
    "timm.layers.DropPath": ("timm.layers.DropPath(0.5)", "it(batch)"),
    "timm.layers.Mlp": "timm.layers.Mlp(4)",
    "timm.layers.PatchEmbed": "timm.layers.PatchEmbed(8, 4, 3, 8)",
    "timm.layers.drop_path": "timm.layers.drop_path(batch, 0.5, True)",
    "timm.layers.lecun_normal_": "timm.layers.lecun_normal_(weight)",
    "timm.layers.trunc_normal_": "timm.layers.trunc_normal_(weight)",
    "timm.layers.trunc_normal_tf_": "timm.layers.trunc_normal_tf_(weight)",
    "timm.layers.variance_scaling_": "timm.layers.variance_scaling_(weight)",
    "timm.models.vision_transformer.Block": "timm.models.vision_transformer.Block(8, 2)",
    "timm.models.vision_transformer.VisionTransformer": f"timm.models.vision_transformer.VisionTransformer({SMALL})",
    "timm.utils.NativeScaler": "timm.utils.NativeScaler()",
    "timm.utils.NativeScaler.__call__": ("timm.utils.NativeScaler()", "it(prelu(weight).sum(), optimizer)"),
    "timm.utils.random_seed": "timm.utils.random_seed(3)",
    "timm.utils.unwrap_model": "timm.utils.unwrap_model(prelu)",
}
EXAMPLES |= {name: f"{name}()" for name in (MODELS["name"], *MODELS["also"])}

QUIET = [
    "timm.data.create_transform(16)",
    "timm.data.create_transform(16)(picture)",
    "timm.layers.DropPath(0.0)(batch)",
    "timm.layers.drop_path(batch, 0.5)",
    "timm.utils.NativeScaler()",
]
