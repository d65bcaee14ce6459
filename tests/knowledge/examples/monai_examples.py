"""How the rows of monai.toml are called."""

from __future__ import annotations

SETUP = """
import monai.data
import monai.transforms
import monai.utils
import numpy as np

picture = np.zeros((1, 4, 4), "float32")
"""

EXAMPLES = {
    "monai.data.DataLoader": "monai.data.DataLoader([1, 2])",
    "monai.utils.set_determinism": "monai.utils.set_determinism(3)",
}

QUIET = [
    "monai.transforms.RandFlip(prob=0.5)(picture)",
    "monai.data.DataLoader([1, 2])",
]
