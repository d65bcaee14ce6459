"""How the rows of optuna.toml are called."""

from __future__ import annotations

SETUP = """
import optuna
optuna.logging.set_verbosity(optuna.logging.ERROR)


def objective(trial):
    return trial.suggest_float("x", 0, 1)
"""

EXAMPLES: dict[str, str | tuple[str, str]] = {
    "optuna.create_study": "optuna.create_study()",
    "optuna.study.Study": "optuna.create_study()",
    "optuna.study.Study.optimize": ("optuna.create_study()", "it.optimize(objective, 2)"),
}
EXAMPLES |= {
    f"optuna.samplers.{name}": f"optuna.samplers.{name}()"
    for name in ("CmaEsSampler", "GPSampler", "NSGAIISampler", "QMCSampler", "RandomSampler", "TPESampler")
}

QUIET = [
    "optuna.create_study().optimize(objective, 2)",
    "optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1)).optimize(objective, 2)",
]
