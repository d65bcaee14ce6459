"""The names of flags that a program defines one by one: absl's, and TensorFlow's of the same kind."""

from __future__ import annotations

from typing import Final

FLAGS: Final = "absl.flags.FLAGS"
_MODULES: Final = ("absl.flags", "tensorflow.flags", "tensorflow.app.flags", "tensorflow.compat.v1.flags", "tensorflow.compat.v1.app.flags")
_KINDS: Final = (
    "DEFINE_bool DEFINE_boolean DEFINE_enum DEFINE_enum_class DEFINE_float DEFINE_integer DEFINE_list DEFINE_multi_enum DEFINE_multi_float "
    "DEFINE_multi_integer DEFINE_multi_string DEFINE_spaceseplist DEFINE_string"
).split()
NAMES: Final = tuple(f"{module}.{kind}" for module in _MODULES for kind in _KINDS)
_RECORDS: Final = frozenset(f"{module}.FLAGS" for module in _MODULES)


def canonical(dotted: str) -> str:
    """The one record of all flags, by whichever of its names."""
    return FLAGS if dotted in _RECORDS else dotted
