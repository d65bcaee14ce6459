"""How the rows of boosting.toml are called."""

from __future__ import annotations

SETUP = """
import numpy as np
import pytest
catboost, lightgbm, xgboost = (pytest.importorskip(name) for name in ("catboost", "lightgbm", "xgboost"))

x = np.linspace(0, 1, 200).reshape(100, 2)
y = (x[:, 0] > 0.3).astype(int)
groups = np.repeat([0, 1], 50)
silent = dict(iterations=2, verbose=0, allow_writing_files=False)
few = dict(n_estimators=2, n_jobs=1)
"""

EXAMPLES: dict[str, str | tuple[str, str]] = {
    "catboost.CatBoost": "catboost.CatBoost(silent)",
    "catboost.CatBoost.fit": ("catboost.CatBoost(silent)", "it.fit(x, y)"),
    "catboost.cv": (
        "catboost.cv(catboost.Pool(x, y), {'iterations': 2, 'loss_function': 'RMSE', 'allow_writing_files': False}, "
        "fold_count=2, verbose=False)"
    ),
    "catboost.train": "catboost.train(catboost.Pool(x, y), {**silent, 'loss_function': 'RMSE'})",
    "lightgbm.cv": "lightgbm.cv({'verbose': -1}, lightgbm.Dataset(x, y), 2)",
    "lightgbm.train": "lightgbm.train({'verbose': -1}, lightgbm.Dataset(x, y), 2)",
    "xgboost.cv": "xgboost.cv({}, xgboost.DMatrix(x, y), 2)",
    "xgboost.train": "xgboost.train({'subsample': 0.5}, xgboost.DMatrix(x, y), 2)",
}
ESTIMATORS = {
    "catboost.CatBoostClassifier": ("**silent", "x, y"),
    "catboost.CatBoostRanker": ("**silent", "x, y, group_id=groups"),
    "catboost.CatBoostRegressor": ("**silent", "x, y"),
    "lightgbm.LGBMClassifier": ("**few, verbose=-1", "x, y"),
    "lightgbm.LGBMRanker": ("**few, verbose=-1", "x, y, group=[50, 50]"),
    "lightgbm.LGBMRegressor": ("**few, verbose=-1", "x, y"),
    "xgboost.XGBClassifier": ("**few, subsample=0.5", "x, y"),
    "xgboost.XGBRFClassifier": ("**few", "x, y"),
    "xgboost.XGBRFRegressor": ("**few", "x, y"),
    "xgboost.XGBRanker": ("**few, subsample=0.5", "x, y, group=[50, 50]"),
    "xgboost.XGBRegressor": ("**few, subsample=0.5", "x, y"),
}
"""What estimators are made with, and what they learn from."""
for name, (options, given) in ESTIMATORS.items():
    EXAMPLES |= {name: f"{name}({options})", f"{name}.fit": (f"{name}({options})", f"it.fit({given})")}

QUIET = [
    "xgboost.XGBClassifier(**few, subsample=0.5).fit(x, y)",
    "xgboost.train({'subsample': 0.5}, xgboost.DMatrix(x, y), 2)",
    "lightgbm.LGBMClassifier(**few, subsample=0.5, subsample_freq=1, verbose=-1).fit(x, y)",
    "lightgbm.cv({'verbose': -1}, lightgbm.Dataset(x, y), 2)",
    "catboost.CatBoostClassifier(iterations=2, verbose=0, allow_writing_files=False).fit(x, y)",
]
