"""How the rows of jax.toml are called."""

from __future__ import annotations

SETUP = """
import jax

key = jax.random.key(0)
"""

EXAMPLES = {
    "jax.random.PRNGKey": "jax.random.PRNGKey(0)",
    "jax.random.clone": "jax.random.clone(key)",
    "jax.random.fold_in": "jax.random.fold_in(key, 1)",
    "jax.random.key": ("jax.random.key(0)", "jax.random.key_data(it)"),
    "jax.random.split": "jax.random.split(key)",
}

QUIET = [
    "jax.random.PRNGKey(0)",
    "jax.random.normal(jax.random.key(0), (2,))",
    "jax.random.split(jax.random.key(0))",
]
