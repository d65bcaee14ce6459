"""The names of the random streams and what can be said of one at the end of a run."""

from typing import Final, Literal, TypeAlias

Stream: TypeAlias = str
"""One of `STREAMS`, or `worker:` and one of them inside a DataLoader worker."""

STREAMS: Final = ("torch", "cuda", "numpy", "python", "tensorflow", "hash")
"""Every stream a report lists, in the order in which it lists them."""

WORKER_STREAMS: Final = ("worker:torch", "worker:numpy", "worker:python")

State: TypeAlias = Literal["seeded", "late", "optional", "unseeded", "unused", "unknown"]
"""What a run does with a stream; `seeded` means repeatable."""
SEEDABLE: Final = ["python", "numpy", "torch", "cuda", "tensorflow"]
"""The streams that a call may seed of which nothing but its name is known."""
