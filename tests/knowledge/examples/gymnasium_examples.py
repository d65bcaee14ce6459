"""How the rows of gymnasium.toml are called."""

from __future__ import annotations

SETUP = """
import gymnasium
env = gymnasium.make("CartPole-v1")
"""

EXAMPLES = {
    "gymnasium.Env": "gymnasium.Env()",
    "gymnasium.Wrapper": "gymnasium.Wrapper(env)",
    "gymnasium.make": "gymnasium.make('CartPole-v1')",
}

QUIET = [
    "gymnasium.make('CartPole-v1')",
    "env.reset()",
    "(env.reset(seed=1), env.step(env.action_space.sample()))",
]
