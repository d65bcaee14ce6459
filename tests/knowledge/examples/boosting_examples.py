"""How the rows of boosting.toml are called."""

from __future__ import annotations

SETUP = """
import numpy as np
import pytest
catboost, lightgbm, xgboost = (pytest.importorskip(name) for name in ("catboost", "lightgbm", "xgboost"))

x = np.linspace(0, 1, 200).reshape(100, 2)
y = (x[:, 0] > 0.3).astype(int)
few = dict(n_estimators=2, n_jobs=1)
"""

EXAMPLES = {"xgboost.cv": "xgboost.cv({}, xgboost.DMatrix(x, y), 2)"}

QUIET = [
    "xgboost.XGBClassifier(**few, subsample=0.5).fit(x, y)",
    "xgboost.train({'subsample': 0.5}, xgboost.DMatrix(x, y), 2)",
    "lightgbm.LGBMClassifier(**few, subsample=0.5, subsample_freq=1, verbose=-1).fit(x, y)",
    "lightgbm.cv({'verbose': -1}, lightgbm.Dataset(x, y), 2)",
    "catboost.CatBoostClassifier(iterations=2, verbose=0, allow_writing_files=False).fit(x, y)",
]
