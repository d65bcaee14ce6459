"""How the rows of diffusers.toml are called."""

from __future__ import annotations

SETUP = """
import diffusers.training_utils
"""

EXAMPLES = {
    "diffusers.training_utils.set_seed": "diffusers.training_utils.set_seed(3)",
}

QUIET = []
