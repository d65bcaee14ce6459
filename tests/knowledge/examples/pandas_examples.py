"""How the rows of pandas.toml are called."""

from __future__ import annotations

SETUP = """
import pandas

frame = pandas.DataFrame({"a": [1, 2, 3, 4], "b": [1, 1, 2, 2]})
"""

OWN = {"random_state": "3"}

EXAMPLES: dict[str, str | tuple[str, str]] = {
    "pandas.DataFrame.sample": "frame.sample(2)",
    "pandas.DataFrame.sample@call": "frame.sample(frac=0.5)",
    "pandas.Series.sample": "frame.a.sample(2)",
    "pandas.core.groupby.DataFrameGroupBy.sample": "frame.groupby('b').sample(1)",
    "pandas.core.groupby.SeriesGroupBy.sample": "frame.groupby('b').a.sample(1)",
    "pandas.DataFrame": "pandas.DataFrame({'a': [1]})",
    "pandas.Series": "pandas.Series([1])",
    "pandas.concat": "pandas.concat([frame, frame])",
    "pandas.merge": "pandas.merge(frame, frame, on='a')",
    "pandas.DataFrame.sort_values": "frame.sort_values('b')",
    "pandas.DataFrame.drop_duplicates": "frame.drop_duplicates('b')",
    "pandas.DataFrame.groupby": "frame.groupby('b').sum()",
    "pandas.DataFrame.reset_index": "frame.reset_index()",
    "pandas.factorize": "pandas.factorize(frame.b)",
}

QUIET = [
    "frame.sample(2, random_state=3)",
    "frame.groupby('b').mean()",
    "frame.merge(frame, on='a')",
    "frame.sort_values('a')",
    "frame.describe()",
    "pandas.factorize(frame.b)",
]
