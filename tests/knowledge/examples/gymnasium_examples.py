"""How the rows of gymnasium.toml are called."""

from __future__ import annotations

SETUP = """
import gymnasium
env = gymnasium.make("CartPole-v1")
"""

EXAMPLES: dict[str, str] = {}

QUIET = [
    "gymnasium.make('CartPole-v1')",
    "env.reset()",
    "(env.reset(seed=1), env.step(env.action_space.sample()))",
]
