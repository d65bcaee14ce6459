"""Memory that was asked for and that nobody wrote yet: what stands there is chance, and says nothing of a run. Part of the tracer.

Needs torch, which the script has brought. A storage is forgotten once each of its elements was written; until then it is known which were.
"""

from __future__ import annotations

LARGEST = 1 << 24
"""Elements above which a storage counts as written once any part of it is."""


class Unwritten:
    """By the address of a storage: the storage itself, so that its address stays its own, which elements were written, and how many were not."""

    def __init__(self, torch):
        self.torch = torch
        self.held = {}

    def made(self, leaf):
        """A tensor came whose memory is as it was found."""
        storage = leaf.untyped_storage()
        self.held[storage._cdata] = [storage, None, 0]

    def wrote(self, leaf, name="", args=()):
        """Its elements were written, or those of them that an operation of that name says in its arguments."""
        found = self.held.get(leaf.untyped_storage()._cdata)
        if found is None:
            return
        part = name.startswith(("aten.index_put_.", "aten.masked_fill_.")) and leaf.is_cpu
        if not part and leaf.numel() * leaf.element_size() >= found[0].nbytes():
            self.forget(leaf)
            return
        seen = self.seen(found, leaf, make=True)
        if seen is None:
            self.forget(leaf)
            return
        before = int(seen.sum())
        if not part:
            seen.fill_(1)
        elif name.startswith("aten.index_put_."):
            seen.index_put_(args[1], self.torch.ones((), dtype=self.torch.bool))
        else:
            seen.masked_fill_(args[1], 1)
        found[2] -= int(seen.sum()) - before
        if found[2] <= 0:
            self.forget(leaf)

    def forget(self, leaf):
        """All of its memory counts as written."""
        self.held.pop(leaf.untyped_storage()._cdata, None)

    def known(self, leaf):
        """Whether each of its elements was written."""
        found = self.held.get(leaf.untyped_storage()._cdata)
        if found is None:
            return True
        seen = self.seen(found, leaf)
        return seen is not None and bool(seen.all())

    def seen(self, found, leaf, *, make=False):
        """Which elements of a tensor were written; None where that is not kept."""
        storage, mask, _ = found
        size = storage.nbytes() // leaf.element_size()
        if mask is None and make and size <= LARGEST:
            mask = found[1] = self.torch.zeros(size, dtype=self.torch.bool, device="cpu")
            found[2] = size
        return mask.as_strided(leaf.size(), leaf.stride(), leaf.storage_offset()) if mask is not None and len(mask) == size else None
