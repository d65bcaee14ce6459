"""Markers of the tests on API rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Name the marker of rows whose libraries are not in the `dev` extra."""
    config.addinivalue_line("markers", "catalog: needs a library of the `catalog` extra")
