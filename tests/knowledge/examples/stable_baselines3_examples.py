"""How the rows of stable_baselines3.toml are called."""

from __future__ import annotations

SETUP = """
import tempfile
import gymnasium
import torch
import stable_baselines3
import stable_baselines3.common.utils

pole = gymnasium.make("CartPole-v1")
pendulum = gymnasium.make("Pendulum-v1")
folder = tempfile.mkdtemp()


def saved(name, *args, **kwargs):
    path = f"{folder}/{name}.zip"
    with torch.random.fork_rng():
        getattr(stable_baselines3, name)(*args, **kwargs).save(path)
    return path
"""

ARGUMENTS = {
    "A2C": "'MlpPolicy', pole, n_steps=8",
    "DDPG": "'MlpPolicy', pendulum, learning_starts=4",
    "DQN": "'MlpPolicy', pole, learning_starts=4",
    "PPO": "'MlpPolicy', pole, n_steps=8, batch_size=4",
    "SAC": "'MlpPolicy', pendulum, learning_starts=4",
    "TD3": "'MlpPolicy', pendulum, learning_starts=4",
}
EXAMPLES: dict[str, str | tuple[str, str]] = {
    f"stable_baselines3.{name}": f"stable_baselines3.{name}({text}, seed=3)" for name, text in ARGUMENTS.items()
}
EXAMPLES |= {
    f"stable_baselines3.{name}.learn": (f"stable_baselines3.{name}({text})", "it.learn(16)")
    for name, text in ARGUMENTS.items()
}
EXAMPLES["stable_baselines3.common.utils.set_random_seed"] = "stable_baselines3.common.utils.set_random_seed(3)"
EXAMPLES |= {
    f"stable_baselines3.{name}.save": (f"stable_baselines3.{name}({text})", "it.save(f'{folder}/agent')")
    for name, text in ARGUMENTS.items()
}
EXAMPLES |= {
    f"stable_baselines3.{name}.load": f"stable_baselines3.{name}.load(saved({name!r}, {text}))"
    for name, text in ARGUMENTS.items()
}

QUIET = [
    "pole.reset(seed=1)",
]
