"""How the rows of datasets.toml are called."""

from __future__ import annotations

SETUP = """
import json, os, tempfile
os.environ["HF_DATASETS_OFFLINE"] = "1"
import datasets
import numpy as np
import pandas as pd

datasets.disable_progress_bars()
table = datasets.Dataset.from_dict({"x": list(range(20))})
tables = datasets.DatasetDict({"train": table})
stream = table.to_iterable_dataset()
folder = tempfile.mkdtemp()
table.save_to_disk(f"{folder}/table")
tables.save_to_disk(f"{folder}/tables")
table.to_csv(f"{folder}/table.csv")
table.to_json(f"{folder}/table.json")
plain = dict(cache_dir=f"{folder}/cache")


def same(row):
    return row


def small(row):
    return row["x"] < 5
"""

EXAMPLES = {
    "datasets.Dataset.shuffle": ("datasets.Dataset.from_dict({'x': [1, 2, 3]})", "it.shuffle()"),
    "datasets.Dataset.train_test_split": ("datasets.Dataset.from_dict({'x': [1, 2, 3]})", "it.train_test_split(0.5)"),
    "datasets.DatasetDict.shuffle": ("datasets.DatasetDict({'train': table})", "it.shuffle()"),
}
TABLE = "datasets.Dataset.from_dict({'x': [1, 2, 3]})"
STREAM = f"{TABLE}.to_iterable_dataset()"
STEPS = [
    "add_column('y', [1, 2, 3])",
    "cast(datasets.Features({'x': datasets.Value('int64')}))",
    "class_encode_column('x')",
    "filter(small)",
    "flatten()",
    "map(same)",
    "remove_columns('x')",
    "rename_column('x', 'y')",
    "select([0])",
    "shard(2, 0)",
    "skip(1)",
    "sort('x')",
    "take(1)",
    "with_format('numpy')",
    "with_transform(same)",
]
EXAMPLES |= {f"datasets.Dataset.{step.partition('(')[0]}": (TABLE, f"it.{step}") for step in STEPS}
EXAMPLES |= {
    "datasets.Dataset": "datasets.Dataset(table.data)",
    "datasets.Dataset.from_csv": "datasets.Dataset.from_csv(f'{folder}/table.csv', **plain)",
    "datasets.Dataset.from_dict": TABLE,
    "datasets.Dataset.from_generator": "datasets.Dataset.from_generator(lambda: iter([{'x': 1}]), **plain)",
    "datasets.Dataset.from_json": "datasets.Dataset.from_json(f'{folder}/table.json', **plain)",
    "datasets.Dataset.from_list": "datasets.Dataset.from_list([{'x': 1}])",
    "datasets.Dataset.from_pandas": "datasets.Dataset.from_pandas(pd.DataFrame({'x': [1]}))",
    "datasets.DatasetDict": "datasets.DatasetDict({'train': table})",
    "datasets.DatasetDict.filter": (f"datasets.DatasetDict({{'train': {TABLE}}})", "it.filter(small)"),
    "datasets.DatasetDict.map": (f"datasets.DatasetDict({{'train': {TABLE}}})", "it.map(same)"),
    "datasets.IterableDataset": STREAM,
    "datasets.IterableDataset.filter": f"list({STREAM}.filter(small))",
    "datasets.IterableDataset.map": f"list({STREAM}.map(same))",
    "datasets.IterableDataset.shuffle": f"{STREAM}.shuffle(seed=3)",
    "datasets.concatenate_datasets": "datasets.concatenate_datasets([table, table])",
    "datasets.interleave_datasets": "datasets.interleave_datasets([table, table], [0.5, 0.5])",
    "datasets.load_dataset": "datasets.load_dataset('csv', data_files=f'{folder}/table.csv', **plain)",
    "datasets.load_from_disk": "datasets.load_from_disk(f'{folder}/tables')",
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
