"""How the rows of jax.toml are called."""

from __future__ import annotations

SETUP = """
import jax
"""

EXAMPLES: dict[str, str] = {}

QUIET = [
    "jax.random.PRNGKey(0)",
    "jax.random.normal(jax.random.key(0), (2,))",
    "jax.random.split(jax.random.key(0))",
]
