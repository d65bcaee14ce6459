"""How the rows of albumentations.toml are called."""

from __future__ import annotations

SETUP = """
import albumentations
import numpy as np

picture = np.zeros((4, 4, 3), np.uint8)
"""

EXAMPLES = {
    "albumentations.Compose": (
        "albumentations.Compose([albumentations.HorizontalFlip(p=0.5)])",
        "it(image=picture)",
    ),
}

QUIET = [
    "albumentations.Compose([albumentations.HorizontalFlip(p=0.5)])(image=picture)",
    "albumentations.Compose([albumentations.HorizontalFlip(p=0.5)], seed=1)(image=picture)",
]
