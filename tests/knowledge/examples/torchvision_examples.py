"""How the rows of torchvision.toml are called."""

from __future__ import annotations

SETUP = """
import torch
import torchvision, torchvision.datasets.samplers, torchvision.models, torchvision.ops, torchvision.transforms
import torchvision.models.detection, torchvision.models.optical_flow, torchvision.models.quantization
import torchvision.models.segmentation, torchvision.models.video
import torchvision.transforms.v2
from torchvision import tv_tensors

image = torch.full((3, 8, 8), 100, dtype=torch.uint8)
floats = image / 255
batch = torch.stack([floats, floats])
labels = torch.tensor([0, 1])
boxes = tv_tensors.BoundingBoxes([[1, 1, 5, 5]], format="XYXY", canvas_size=(8, 8))
boxed = {"image": tv_tensors.Image(image), "boxes": boxes, "labels": torch.tensor([1])}
flip = torchvision.transforms.v2.Identity()
"""

ARGUMENTS = {
    "RandomAdjustSharpness": "2",
    "RandomAffine": "30",
    "RandomCrop": "4",
    "RandomPosterize": "2",
    "RandomResizedCrop": "4",
    "RandomRotation": "30",
    "RandomSolarize": "9",
    "GaussianBlur": "3",
    "ElasticTransform": "1.0, 0.5",
    "RandomResize": "4, 9",
    "RandomShortestSize": "[4, 5]",
    "ScaleJitter": "(8, 8)",
    "CutMix": "num_classes=2",
    "MixUp": "num_classes=2",
    "RandomApply": "[flip]",
    "RandomChoice": "[flip, flip]",
    "RandomOrder": "[flip, flip]",
}
"""What the transforms that need arguments are made with."""

USES = {
    "ElasticTransform": "it(floats)",
    "GaussianNoise": "it(floats)",
    "RandomErasing": "it(floats)",
    "CutMix": "it(batch, labels)",
    "MixUp": "it(batch, labels)",
    "RandomIoUCrop": "it(boxed)",
}
"""What the transforms are called with that do not take one image of bytes."""

V1 = [
    "AugMix",
    "AutoAugment",
    "ColorJitter",
    "ElasticTransform",
    "GaussianBlur",
    "RandAugment",
    "RandomAdjustSharpness",
    "RandomAffine",
    "RandomApply",
    "RandomAutocontrast",
    "RandomChoice",
    "RandomCrop",
    "RandomEqualize",
    "RandomErasing",
    "RandomGrayscale",
    "RandomHorizontalFlip",
    "RandomInvert",
    "RandomOrder",
    "RandomPerspective",
    "RandomPosterize",
    "RandomResizedCrop",
    "RandomRotation",
    "RandomSolarize",
    "RandomVerticalFlip",
    "TrivialAugmentWide",
]
V2 = [
    "CutMix",
    "MixUp",
    "GaussianNoise",
    "RandomChannelPermutation",
    "RandomIoUCrop",
    "RandomPhotometricDistort",
    "RandomResize",
    "RandomShortestSize",
    "RandomZoomOut",
    "ScaleJitter",
]


def transforms(package: str, names: list[str]) -> dict[str, str | tuple[str, str]]:
    """Draw when the transform is called, never when it is made."""
    return {
        f"{package}.{name}": (f"{package}.{name}({ARGUMENTS.get(name, '')})", USES.get(name, "it(image)"))
        for name in names
    }


EXAMPLES: dict[str, str | tuple[str, str]] = {
    **transforms("torchvision.transforms", V1),
    **transforms("torchvision.transforms.v2", V1 + V2),
    "torchvision.transforms.ColorJitter.get_params": (
        "torchvision.transforms.ColorJitter.get_params([0.5, 1.5], None, None, None)"
    ),
    "torchvision.transforms.ElasticTransform.get_params": (
        "torchvision.transforms.ElasticTransform.get_params([1.0, 1.0], [0.0, 0.0], [8, 8])"
    ),
    "torchvision.transforms.GaussianBlur.get_params": "torchvision.transforms.GaussianBlur.get_params(0.1, 2.0)",
    "torchvision.transforms.RandomAffine.get_params": (
        "torchvision.transforms.RandomAffine.get_params([-9.0, 9.0], None, None, None, [8, 8])"
    ),
    "torchvision.transforms.RandomCrop.get_params": "torchvision.transforms.RandomCrop.get_params(image, (4, 4))",
    "torchvision.transforms.RandomErasing.get_params": (
        "torchvision.transforms.RandomErasing.get_params(floats, (0.1, 0.3), (0.5, 2.0), [0.0])"
    ),
    "torchvision.transforms.RandomPerspective.get_params": (
        "torchvision.transforms.RandomPerspective.get_params(8, 8, 0.5)"
    ),
    "torchvision.transforms.RandomResizedCrop.get_params": (
        "torchvision.transforms.RandomResizedCrop.get_params(image, [0.1, 1.0], [0.5, 2.0])"
    ),
    "torchvision.transforms.RandomRotation.get_params": (
        "torchvision.transforms.RandomRotation.get_params([-9.0, 9.0])"
    ),
    "torchvision.transforms.AutoAugment.get_params": "torchvision.transforms.AutoAugment.get_params(5)",
    "torchvision.ops.Conv2dNormActivation": "torchvision.ops.Conv2dNormActivation(2, 2)",
    "torchvision.ops.Conv3dNormActivation": "torchvision.ops.Conv3dNormActivation(2, 2)",
    "torchvision.ops.DeformConv2d": "torchvision.ops.DeformConv2d(2, 2, 1)",
    "torchvision.ops.FeaturePyramidNetwork": "torchvision.ops.FeaturePyramidNetwork([2], 2)",
    "torchvision.ops.MLP": "torchvision.ops.MLP(2, [2])",
    "torchvision.ops.SqueezeExcitation": "torchvision.ops.SqueezeExcitation(2, 2)",
    "torchvision.ops.StochasticDepth": ("torchvision.ops.StochasticDepth(0.5, 'row')", "it(batch)"),
    "torchvision.ops.DropBlock2d": ("torchvision.ops.DropBlock2d(0.5, 3)", "it(batch)"),
    "torchvision.ops.DropBlock3d": ("torchvision.ops.DropBlock3d(0.5, 3)", "it(batch[None])"),
    "torchvision.ops.stochastic_depth": "torchvision.ops.stochastic_depth(batch, 0.5, 'row')",
    "torchvision.ops.drop_block2d": "torchvision.ops.drop_block2d(batch, 0.5, 3)",
    "torchvision.ops.drop_block3d": "torchvision.ops.drop_block3d(batch[None], 0.5, 3)",
    "torchvision.models.get_model": "torchvision.models.get_model('squeezenet1_1')",
    "torchvision.models.get_model@call": "torchvision.models.get_model('squeezenet1_1', weights=None)",
}
for small in ("squeezenet1_1", "shufflenet_v2_x0_5", "mnasnet0_5", "mobilenet_v3_small", "resnet18"):
    EXAMPLES[f"torchvision.models.{small}"] = f"torchvision.models.{small}()"
    EXAMPLES[f"torchvision.models.{small}@call"] = f"torchvision.models.{small}(weights=None)"

QUIET = [
    "torchvision.transforms.RandomHorizontalFlip()",
    "torchvision.transforms.Compose([torchvision.transforms.RandomCrop(4)])",
    "torchvision.transforms.ToTensor()",
    "torchvision.transforms.Normalize([0.5], [0.5])(floats)",
    "torchvision.transforms.Resize(4)(image)",
    "torchvision.transforms.CenterCrop(4)(image)",
    "torchvision.transforms.FiveCrop(4)(image)",
    "torchvision.transforms.TenCrop(4)(image)",
    "torchvision.transforms.v2.ToDtype(torch.float32, scale=True)(image)",
    "torchvision.datasets.FakeData(4, (3, 8, 8))[0]",
    "torchvision.ops.StochasticDepth(0.5, 'row').eval()(batch)",
    "torchvision.ops.stochastic_depth(batch, 0.5, 'row', training=False)",
    "torchvision.ops.FrozenBatchNorm2d(3)(batch)",
    "torchvision.models.list_models()",
]
