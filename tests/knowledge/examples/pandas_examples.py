"""How the rows of pandas.toml are called."""

from __future__ import annotations

SETUP = """
import io, sqlite3
import pandas, pandas.core.groupby, pandas.util

listed = [3, 1, 2]
many = pandas.Series([1, 2, 2, 3, 3, 3])
database = sqlite3.connect(":memory:")
stata, pickled = io.BytesIO(), io.BytesIO()
def double(x):
    return x * 2
frame = pandas.DataFrame({"a": [1, 2, 3, 4], "b": [1, 1, 2, 2]})
frame.to_stata(stata)
frame.to_pickle(pickled)
"""


def used(name: str, uses: list[str]) -> dict[str, str | tuple[str, str]]:
    """Methods of one class, each by the text of its call."""
    owner = "frame" if name == "DataFrame" else "frame.a"
    return {f"pandas.{name}.{use.partition('(')[0]}": f"{owner}.{use}" for use in uses}


def read(uses: list[str]) -> dict[str, str | tuple[str, str]]:
    """Readers, each by the text of its call."""
    return {f"pandas.{use.partition('(')[0]}": f"pandas.{use}" for use in uses}


OWN = {"random_state": "3"}

EXAMPLES: dict[str, str | tuple[str, str]] = {
    "pandas.DataFrame.sample": "frame.sample(2)",
    "pandas.DataFrame.sample@call": "frame.sample(frac=0.5)",
    "pandas.Series.sample": "frame.a.sample(2)",
    "pandas.core.groupby.DataFrameGroupBy.sample": "frame.groupby('b').sample(1)",
    "pandas.core.groupby.SeriesGroupBy.sample": "frame.groupby('b').a.sample(1)",
    "pandas.DataFrame": "pandas.DataFrame({'a': listed})",
    "pandas.Series": "pandas.Series(listed)",
    "pandas.concat": "pandas.concat([frame, frame])",
    "pandas.merge": "pandas.merge(frame, frame, on='a')",
    "pandas.DataFrame.sort_values": "frame.sort_values('a')",
    "pandas.DataFrame.drop_duplicates": "frame.drop_duplicates('b')",
    "pandas.DataFrame.groupby": "frame.groupby('b').sum()",
    "pandas.DataFrame.reset_index": "frame.reset_index()",
    "pandas.factorize": "pandas.factorize(frame.b)",
    **used(
        "DataFrame", ["apply(double)", "assign(c=1)", "astype(float)", "copy()", "dropna()", "fillna(0)", "head(2)"]
    ),
    **used("DataFrame", ["map(double)", "merge(frame, on='a')", "pipe(double)", "query('a > 1')"]),
    **used("DataFrame", ["rename(columns={'a': 'c'})", "set_index('b')", "sort_index()", "to_csv(io.StringIO())"]),
    **used("DataFrame", ["to_json(io.StringIO())", "to_pickle(io.BytesIO())"]),
    **used("Series", ["apply(double)", "groupby(frame.b).sum()", "map(double)", "nunique()", "sort_index()"]),
    **used("Series", ["sort_values()", "to_list()", "tolist()", "unique()"]),
    "pandas.DataFrame.__getitem__": "frame[frame.a > 1]",
    "pandas.Index": "pandas.Index(listed)",
    "pandas.Series.value_counts": "many.value_counts()",
    "pandas.Timestamp.now": "pandas.Timestamp.now()",
    "pandas.Timestamp.today": "pandas.Timestamp.today()",
    "pandas.Timestamp.utcnow": "pandas.Timestamp.utcnow()",
    "pandas.core.groupby.DataFrameGroupBy.apply": "frame.groupby('b').apply(double)",
    "pandas.unique": "pandas.unique(frame.b)",
    "pandas.util.hash_pandas_object": "pandas.util.hash_pandas_object(frame)",
    **read(["read_csv(io.StringIO('a'))", "read_fwf(io.StringIO('a'))", "read_json(io.StringIO('{}'))"]),
    **read(["read_table(io.StringIO('a'))", "read_xml(io.StringIO('<r><x><a>1</a></x></r>'), parser='etree')"]),
    **read(["read_sql('select 1', database)", "read_sql_query('select 1', database)"]),
    **read(["read_stata(io.BytesIO(stata.getvalue()))", "read_pickle(io.BytesIO(pickled.getvalue()))"]),
}

QUIET = [
    "frame.sample(2, random_state=3)",
    "frame.groupby('b').mean()",
    "frame.merge(frame, on='a')",
    "frame.sort_values('a')",
    "frame.describe()",
    "pandas.factorize(frame.b)",
]
