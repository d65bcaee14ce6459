"""How the rows of torchvision.toml are called."""

from __future__ import annotations

SETUP = """
import os, pathlib, tempfile
import torch
import torchvision, torchvision.datasets.samplers, torchvision.models, torchvision.ops, torchvision.transforms
import torchvision.models.detection, torchvision.models.optical_flow, torchvision.models.quantization
import torchvision.models.segmentation, torchvision.models.video
import torchvision.datasets.video_utils, torchvision.transforms.v2
from torchvision import tv_tensors

image = torch.full((3, 8, 8), 100, dtype=torch.uint8)
floats = image / 255
batch = torch.stack([floats, floats])
labels = torch.tensor([0, 1])
boxes = tv_tensors.BoundingBoxes([[1, 1, 5, 5]], format="XYXY", canvas_size=(8, 8))
boxed = {"image": tv_tensors.Image(image), "boxes": boxes, "labels": torch.tensor([1])}
flip = torchvision.transforms.v2.Identity()
picture = torchvision.transforms.v2.functional.to_pil_image(image)
points = tv_tensors.KeyPoints([[1, 1]], canvas_size=(8, 8))
pointed = {"image": tv_tensors.Image(image), "points": points, "labels": torch.tensor([1])}
known = {"video_paths": ["a"], "video_pts": [torch.arange(8)], "video_fps": [8]}
clips = torchvision.datasets.video_utils.VideoClips(["a"], 2, 1, _precomputed_metadata=known)
folder = pathlib.Path(tempfile.mkdtemp())
for label in ("a", "b"):
    (folder / "pictures" / label).mkdir(parents=True)
    picture.save(folder / "pictures" / label / "0.png")
pictures = torchvision.datasets.ImageFolder(folder / "pictures")
scene = folder / "Middlebury2014" / "train" / "Adirondack-perfect"
scene.mkdir(parents=True)
for view in ("im0", "im1", "im1E", "im1L"):
    picture.save(scene / f"{view}.png")
for name in ("disp0", "disp1"):
    (scene / f"{name}.pfm").write_bytes(b"Pf\\n8 8\\n-1.0\\n" + bytes(256))
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


STILL = {
    "image": """
        CenterCrop(4) ConvertImageDtype(torch.float32) FiveCrop(4) Grayscale() Pad(1) Resize(4) TenCrop(4) ToPILImage()
    """,
    "floats": "LinearTransformation(torch.eye(192),torch.zeros(192)) Normalize([0.5],[0.5])",
    "picture": "PILToTensor() ToTensor()",
}
"""Transforms that draw nothing, by what they are called with."""
STILL2 = {
    "image": "RGB() Identity() ToDtype(torch.float32)",
    "picture": "ToImage()",
    "boxes": "ClampBoundingBoxes() ConvertBoundingBoxFormat('XYWH') SetClampingMode('hard') ToPureTensor()",
    "boxed": "SanitizeBoundingBoxes()",
    "points": "ClampKeyPoints()",
    "pointed": "SanitizeKeyPoints()",
    "batch": "UniformTemporalSubsample(1)",
}
"""Those that only v2 has."""


def transforms(package: str, names: list[str]) -> dict[str, str | tuple[str, str]]:
    """Draw when the transform is called, never when it is made."""
    return {
        f"{package}.{name}": (f"{package}.{name}({ARGUMENTS.get(name, '')})", USES.get(name, "it(image)"))
        for name in names
    }


def still(package: str, names: dict[str, str]) -> dict[str, str | tuple[str, str]]:
    """Draw nothing, neither when the transform is made nor when it is called."""
    return {
        f"{package}.{made.partition('(')[0]}": (f"{package}.{made}", f"it({given})")
        for given, texts in names.items()
        for made in texts.split()
    }


EXAMPLES: dict[str, str | tuple[str, str]] = {
    **still("torchvision.transforms", STILL),
    **still("torchvision.transforms.v2", STILL),
    **still("torchvision.transforms.v2", STILL2),
    "torchvision.datasets.DatasetFolder": (
        "torchvision.datasets.DatasetFolder(folder / 'pictures', os.path.getsize, '.png')",
        "it[0]",
    ),
    "torchvision.datasets.FakeData": ("torchvision.datasets.FakeData(4, (3, 8, 8))", "it[0]"),
    "torchvision.datasets.ImageFolder": ("torchvision.datasets.ImageFolder(folder / 'pictures')", "it[0]"),
    "torchvision.datasets.Middlebury2014Stereo": (
        "torchvision.datasets.Middlebury2014Stereo(folder, use_ambient_views=True)",
        "[(left.close(), right.close()) for left, right, *_ in it]",
    ),
    "torchvision.datasets.samplers.DistributedSampler": (
        "torchvision.datasets.samplers.DistributedSampler(range(8), num_replicas=2, rank=0, shuffle=True)",
        "list(it)",
    ),
    "torchvision.datasets.samplers.RandomClipSampler": (
        "torchvision.datasets.samplers.RandomClipSampler(clips, 2)",
        "list(it)",
    ),
    "torchvision.datasets.samplers.UniformClipSampler": (
        "torchvision.datasets.samplers.UniformClipSampler(clips, 2)",
        "list(it)",
    ),
    "torchvision.datasets.wrap_dataset_for_transforms_v2": (
        "torchvision.datasets.wrap_dataset_for_transforms_v2(pictures)",
        "it[0]",
    ),
    "torchvision.models.get_model_builder": "torchvision.models.get_model_builder('resnet18')",
    "torchvision.ops.FrozenBatchNorm2d": ("torchvision.ops.FrozenBatchNorm2d(3)", "it(batch)"),
    "torchvision.ops.MultiScaleRoIAlign": "torchvision.ops.MultiScaleRoIAlign(['0'], 2, 1)",
    "torchvision.ops.PSRoIAlign": "torchvision.ops.PSRoIAlign(1, 1.0, 1)",
    "torchvision.ops.PSRoIPool": "torchvision.ops.PSRoIPool(1, 1.0)",
    "torchvision.ops.Permute": ("torchvision.ops.Permute([1, 2, 0])", "it(floats)"),
    "torchvision.ops.RoIAlign": "torchvision.ops.RoIAlign(2, 1.0, 1)",
    "torchvision.ops.RoIPool": "torchvision.ops.RoIPool(2, 1.0)",
    "torchvision.transforms.Compose": ("torchvision.transforms.Compose([torchvision.transforms.Pad(1)])", "it(image)"),
    "torchvision.transforms.Lambda": ("torchvision.transforms.Lambda(abs)", "it(image)"),
    "torchvision.transforms.v2.Compose": ("torchvision.transforms.v2.Compose([flip])", "it(image)"),
    "torchvision.transforms.v2.Lambda": ("torchvision.transforms.v2.Lambda(abs)", "it(image)"),
    "torchvision.transforms.v2.Transform": "torchvision.transforms.v2.Transform()",
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
