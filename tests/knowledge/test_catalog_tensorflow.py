"""TensorFlow's stream has no state to compare: rows that draw from it must repeat under its seed, and only under it."""

from __future__ import annotations

import tomllib
import warnings
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from examples import tensorflow_examples

ROWS = Path(__file__).parents[2] / "rules" / "apis" / "tensorflow.toml"
DRAWING = [
    name
    for row in tomllib.loads(ROWS.read_text(encoding="utf-8"))["api"]
    if "tensorflow" in row.get("draws", []) and not row.get("unverifiable")
    for name in (row["name"], *row.get("also", []))
]
pytestmark = pytest.mark.catalog


@cache
def names() -> dict[str, Any]:
    """Give what the examples' SETUP makes."""
    pytest.importorskip("tensorflow")
    found: dict[str, Any] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(tensorflow_examples.SETUP, found)
    return found


def result(expression: str, seed: int) -> str:
    """Evaluate under a seed of TensorFlow's stream, everything else as it may be."""
    names()["tensorflow"].random.set_seed(seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return repr(eval(expression, names()))


@pytest.mark.parametrize("name", DRAWING)
def test_tensorflow_draws_follow_its_seed(name: str) -> None:
    expression = tensorflow_examples.EXAMPLES[name]
    assert result(expression, 1) == result(expression, 1)
    assert len({result(expression, seed) for seed in range(1, 5)}) > 1


@pytest.mark.parametrize("name", DRAWING)
def test_tensorflow_seeds_its_own_draws(name: str) -> None:
    names()
    expression = tensorflow_examples.EXAMPLES[name]
    first = result(expression, 1)
    assert first == result(f"(tensorflow.random.normal((1,)), tensorflow.random.set_seed(1), {expression})[-1]", 2)
