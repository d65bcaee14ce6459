"""What loaders do with other numbers of workers, as people read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from reprolint.probe import said

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reprolint.probe.loading import Loader, Loading


def lines(loading: Loading) -> Iterator[Text]:
    """A heading for each loader, with what is said of it."""
    if loading.failed:
        yield Text(f"workers: not known: {loading.failed}")
        return
    yield Text("loaders with 0, 1 and 2 workers, and what they do in their first two epochs:")
    for one, found in zip(loading.loaders, loading.found, strict=True):
        yield Text(f" {_name(one)}", style="bold")
        yield from said.lines(found)
        if not found:
            yield Text(f"    {nothing(one)}")
    for text in loading.unseen:
        yield Text(f"not compared: {text}")


def _name(one: Loader) -> str:
    return f"{one.where}  {about(one)}"


def about(one: Loader) -> str:
    """What is loaded, and with how many workers."""
    asked = {0: "no workers", 1: "1 worker"}.get(one.asked, f"{one.asked} workers")
    return f"DataLoader of {one.of}, {asked} asked for{', trains' if one.trains else ''}"


def nothing(one: Loader) -> str:
    """Why nothing is said of a loader."""
    return "nothing was compared" if one.iterable else "no batch was taken from it"
