"""Fingerprints of tensors where they live: whole numbers, computed on the device and read back together; part of the tracer.

Needs nothing but the standard library and the torch that the script has; loaded only when a tensor comes by that is not on the CPU.
Of the elements in logical order, as words of 32 bits (of 16 or 8, if that is all an element has), number i being w[i], it computes

    sum over i of  inner[i mod BLOCK] * outer[i div BLOCK] * w[i]   mod 2**64

twice, with other factors, which are odd and come from SHAKE-128. An odd factor has an inverse, so that a change in one word always
shows; any other change is missed with a chance of 2**-64 at most, as for a sum with random factors. Whole numbers add to the same in any
order, so neither the kernel nor the layout nor how a tensor is cut into pieces matters, and a device gives what the CPU gives.
Nothing draws, nothing is written to but memory of its own, and no mode, subclass or gradient of the script sees it.
"""

from __future__ import annotations

import contextlib
import hashlib
import re

BLOCK = 1 << 20
"""Words that are computed together: 16 bytes of memory each, and as much for the factors."""
LEAST = 1 << 12
"""Factors that are made at first; then 16 times as many, and so on."""
MOST = 1 << 12
"""Fingerprints that may wait to be read back."""
LANES = 2
_MARK = "\ue000{}\ue001"
_MARKS = re.compile("\ue000([0-9]+)\ue001")
_ESCAPED = re.compile(r"\\ue000([0-9]+)\\ue001")
_WORD = 4
_DRIVER = re.compile(r"\s([0-9]{3,}\.[0-9.]+)\s")
CUDNN_9 = 90_000
"""From version 9 on, cuDNN counts its major version in ten thousands."""


class Captured(Exception):
    """Work is being recorded for a CUDA graph: it does not run now, and nothing may be read back."""


class OnDevice:
    """Computes fingerprints, and gives marks that stand for them until they are read back."""

    def __init__(self, torch):
        self.torch = torch
        self.tables = {}
        self.waiting = []  # device, number, lanes, queue
        self.known = {}
        self.number = 0
        self.transfers = 0

    def of(self, value):
        """A mark for the fingerprint of a strided tensor's elements. Raises what torch raises, and `Captured`."""
        with self.apart():
            if value.is_cuda and self.torch.cuda.is_current_stream_capturing():
                raise Captured("a tensor in a CUDA graph that is being captured")
            value = value.detach()
            try:
                digest = self.digest(value)
            except Exception:  # no memory left, or a device that cannot multiply whole numbers: the same numbers, computed elsewhere
                digest = self.digest(value.cpu())
            self.number += 1
            self.waiting.append((digest.device, self.number, digest, self.stream(digest.device)))
        return _MARK.format(self.number)

    @contextlib.contextmanager
    def apart(self):
        """Where operations are seen by no mode or subclass of the script's, nor by autograd."""
        torch = self.torch
        with torch._C.DisableTorchFunction(), torch._C._DisableTorchDispatch(), torch.no_grad():
            yield

    def digest(self, value):
        """The lanes, as a tensor of whole numbers on the device of the value."""
        torch = self.torch
        size = value.element_size()
        kind = {1: torch.uint8, 2: torch.int16}.get(size, torch.int32)
        words = max(1, size // _WORD)
        sums, blocks = [], []
        for start, piece in _pieces(value, BLOCK // words):
            flat = piece.resolve_conj().resolve_neg().reshape(-1).contiguous()
            numbers = flat.as_strided(flat.shape, (1,)).view(kind)  # one element may have any stride
            at = start * words
            while True:
                block, within = divmod(at, BLOCK)
                count = min(numbers.shape[0], BLOCK - within)
                factors = self.factors(value.device, "inner", within + count).narrow(1, within, count)
                sums.append((numbers[:count] * factors).sum(1))
                blocks.append(block)
                if count == numbers.shape[0]:
                    break
                numbers, at = numbers[count:], at + count
        if blocks == [0]:
            return sums[0]  # the outer factor of the first block is 1
        outer = self.factors(value.device, "outer", blocks[-1] + 1)
        return (torch.stack([outer[:, block] for block in blocks]) * torch.stack(sums)).sum(0)

    def factors(self, device, name, count):
        """A table of odd numbers on a device, a row a lane, at least that many in a row."""
        found = self.tables.get((device, name))
        if found is None or found.shape[1] < count:
            torch, size = self.torch, LEAST
            while size < count:
                size *= 16
            data = bytearray(hashlib.shake_128(f"reprolint {name}".encode()).digest(8 * LANES * size))
            with torch.inference_mode(mode=False):
                host = torch.frombuffer(data, dtype=torch.int64).bitwise_or(1).view(size, LANES).t().contiguous()
                if name == "outer":
                    host[:, 0] = 1
                found = self.tables[device, name] = host.to(device)
        return found

    def stream(self, device):
        """Which queue of the device is being filled."""
        if device.type != "cuda":
            return 0
        return self.torch.cuda.current_stream(device).cuda_stream

    def settle(self):
        """Read back all that waits, in one transfer a device. What could not be read is known as `?`; while a graph is captured nothing is."""
        torch = self.torch
        if any(device.type == "cuda" for device, *_ in self.waiting) and torch.cuda.is_current_stream_capturing():
            return
        waiting, self.waiting = self.waiting, []
        mine_of, failed = {}, None
        for one in waiting:
            mine_of.setdefault(one[0], []).append(one)
        for device, mine in mine_of.items():
            try:
                with self.apart():
                    self.finish(device, {stream for *_, stream in mine})
                    rows = torch.stack([digest for _, _, digest, _ in mine]).cpu().tolist()
                self.transfers += 1
                self.known.update({number: "".join(f"{lane % 2**64:016x}" for lane in row) for (_, number, *_), row in zip(mine, rows, strict=True)})
            except Exception as error:
                failed = error
                self.known.update(dict.fromkeys((number for _, number, *_ in mine), "?"))
        if failed is not None:
            raise failed

    def finish(self, device, streams):
        """Wait for the other queues of a device; the one that is read from waits by itself."""
        if device.type == "cuda":
            if streams != {self.stream(device)}:
                self.torch.cuda.synchronize(device)
        elif device.type != "cpu":
            wait = getattr(getattr(self.torch, device.type, None), "synchronize", None)
            if wait is not None:
                wait()

    def give_up(self):
        """The run ends while a graph is being captured: what waits stays unknown."""
        self.known.update(dict.fromkeys((number for _, number, *_ in self.waiting), "?"))

    def full(self):
        return len(self.waiting) >= MOST

    def waits(self, line):
        """Whether a line of JSON has a mark in it, and so has to wait."""
        return "\\ue000" in line

    def now(self, text):
        """A text in which no mark waits any more."""
        if not _MARKS.search(text):
            return text
        self.settle()
        return _MARKS.sub(self.said, text)

    def written(self, line):
        """A line of JSON with fingerprints in place of the marks that were read back."""
        return _ESCAPED.sub(self.said, line)

    def said(self, found):
        return self.known.get(int(found[1]), found[0])


def hardware(torch):
    """The GPUs that were used, by name, and what drives them, with versions. CUDA has to be up."""
    used = getattr(torch._C, "_cuda_hasPrimaryContext", lambda _: True)
    drivers = [f"CUDA {torch.version.cuda}"] if torch.version.cuda else [f"ROCm {torch.version.hip}"]
    version = torch.backends.cudnn.version() if torch.version.cuda else None
    if version:
        large = 1000 if version < CUDNN_9 else 10_000
        drivers.append(f"cuDNN {version // large}.{version % large // 100}.{version % 100}")
    with contextlib.suppress(OSError, TypeError), open("/proc/driver/nvidia/version", encoding="utf-8") as file:
        drivers.append(f"driver {_DRIVER.search(file.read())[1]}")
    return {"gpus": [torch.cuda.get_device_name(number) for number in range(len(torch.cuda.default_generators)) if used(number)] or [torch.cuda.get_device_name()], "drivers": drivers}


def _pieces(value, most, start=0):
    """Parts of at most that many elements, each with how many elements come before it; copies nothing."""
    count = value.numel()
    if count <= most:
        yield start, value
    elif value.is_contiguous():
        flat = value.view(-1)
        for at in range(0, count, most):
            yield start + at, flat[at : at + most]
    else:
        row = count // value.shape[0]
        if row > most:
            for number in range(value.shape[0]):
                yield from _pieces(value[number], most, start + number * row)
        else:
            many = most // row
            for at in range(0, value.shape[0], many):
                yield start + at * row, value[at : at + many]
