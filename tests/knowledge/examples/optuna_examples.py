"""How the rows of optuna.toml are called."""

from __future__ import annotations

SETUP = """
import optuna
optuna.logging.set_verbosity(optuna.logging.ERROR)


def objective(trial):
    return trial.suggest_float("x", 0, 1)
"""

EXAMPLES: dict[str, str] = {}

QUIET = [
    "optuna.create_study().optimize(objective, 2)",
    "optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1)).optimize(objective, 2)",
]
