"""How the rows of datasets.toml are called."""

from __future__ import annotations

SETUP = """
import os
os.environ["HF_DATASETS_OFFLINE"] = "1"
import datasets
import numpy as np

datasets.disable_progress_bars()
table = datasets.Dataset.from_dict({"x": list(range(20))})
tables = datasets.DatasetDict({"train": table})
stream = table.to_iterable_dataset()
"""

EXAMPLES = {
    "datasets.Dataset.shuffle": ("datasets.Dataset.from_dict({'x': [1, 2, 3]})", "it.shuffle()"),
    "datasets.Dataset.train_test_split": ("datasets.Dataset.from_dict({'x': [1, 2, 3]})", "it.train_test_split(0.5)"),
    "datasets.DatasetDict.shuffle": ("datasets.DatasetDict({'train': table})", "it.shuffle()"),
}

QUIET = [
    "table.shuffle(seed=1)",
    "table.shuffle(generator=np.random.default_rng(1))",
    "table.train_test_split(0.5, seed=1)",
    "table.train_test_split(0.5, shuffle=False)",
    "tables.shuffle(seed=1)",
    "list(stream.shuffle(buffer_size=9))",
    "table.map(lambda row: row)",
    "datasets.interleave_datasets([table, table], [0.5, 0.5])",
]
