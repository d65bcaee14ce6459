"""Memory that was asked for and that nobody wrote yet: what stands there is chance, and says nothing of a run. Part of the tracer.

Needs torch, which the script has brought. A storage is forgotten once each of its elements was written; until then it is known which were.
"""

from __future__ import annotations

LARGEST = 1 << 24
"""Elements above which a storage counts as written once any part of it is."""


class Unwritten:
    """Of one storage: which elements were written, and how many were not. It is kept with the storage, and holds nothing of it."""

    __slots__ = ("left", "mask", "torch")

    def __init__(self, torch):
        self.torch = torch
        self.mask = None
        self.left = 0

    def wrote(self, leaf, name="", args=()):
        """Elements of a tensor were written, or those of them that an operation of that name says in its arguments. Whether all of the storage counts as written now."""
        part = name.startswith(("aten.index_put_.", "aten.masked_fill_.")) and leaf.is_cpu
        if not part and leaf.numel() * leaf.element_size() >= leaf.untyped_storage().nbytes():
            return True
        seen = self.seen(leaf, make=True)
        if seen is None:
            return True
        before = int(seen.sum())
        if not part:
            seen.fill_(1)
        elif name.startswith("aten.index_put_."):
            seen.index_put_(args[1], self.torch.ones((), dtype=self.torch.bool))
        else:
            seen.masked_fill_(args[1], 1)
        self.left -= int(seen.sum()) - before
        return self.left <= 0

    def known(self, leaf):
        """Whether each of a tensor's elements was written."""
        seen = self.seen(leaf)
        return seen is not None and bool(seen.all())

    def seen(self, leaf, *, make=False):
        """Which elements of a tensor were written; None where that is not kept."""
        size = leaf.untyped_storage().nbytes() // leaf.element_size()
        if self.mask is None and make and size <= LARGEST:
            self.mask = self.torch.zeros(size, dtype=self.torch.bool, device="cpu")
            self.left = size
        return self.mask.as_strided(leaf.size(), leaf.stride(), leaf.storage_offset()) if self.mask is not None and len(self.mask) == size else None
