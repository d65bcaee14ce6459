"""A value of a YAML file that loading it makes by a call."""

from __future__ import annotations

from typing import Any

from msgspec import Struct


class Tagged(Struct, frozen=True):
    """`!apply:package.function [1, 2]`: the tag without its mark, and the arguments as far as they are known."""

    tag: str
    value: Any
