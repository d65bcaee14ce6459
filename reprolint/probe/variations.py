"""What a probe changes between two runs: one thing in the world each."""

from __future__ import annotations

import locale
import os
import site
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

Kind = Literal["must", "request", "may"]


class Variation(msgspec.Struct, frozen=True, kw_only=True):
    """`must`: no result may depend on it. `request`: nor on this, but honest scripts do. `may`: bits may change with it, which is no failure."""

    name: str
    kind: Kind
    says: str
    """What is changed, for those who choose: a line of `--help` and of the documentation."""
    environment: dict[str, str] = {}
    """Variables in the other run; `{folder}` is an empty folder that the run has to itself."""
    base: dict[str, str] = {}
    """Variables in every run, unless `environment` says otherwise."""
    order: dict[str, Any] = {}
    """What `world.py` is told in the other run."""
    counted: str = ""
    """A variable or a word of `order` that changes with the number of the run: one value alone may give the same by chance."""
    values: tuple[str, ...] = ()
    """What it is in run 1, 2, 3 …; without any, the number itself."""
    settled: bool = False
    """The same run twice gives the same: a difference that does not come back has another cause."""
    busy: bool = False
    """Other processes keep the processor busy."""
    elsewhere: bool = False
    """The run starts in an empty folder."""
    needs: Literal["", "torch", "cuda"] = ""
    """What the script must use, or the variation changes nothing."""
    setting: str = ""
    """What it is set to, where a name stands for several runs."""
    causes: str = ""
    """Why results would depend on it."""

    @property
    def label(self) -> str:
        """Its name, and what it is set to."""
        return f"{self.name}={self.setting}" if self.setting else self.name

    def environment_of(self, number: int, folder: Path) -> dict[str, str]:
        """The variables of the varied run of that number, from 1."""
        found = {name: value.format(folder=folder) for name, value in self.environment.items()}
        if self.counted.isupper():
            found[self.counted] = self._counted(number)
        return found

    def order_of(self, number: int) -> dict[str, Any]:
        """What `world.py` is told in the varied run of that number, from 1."""
        return self.order | ({self.counted: self._counted(number)} if self.counted.islower() else {})

    def _counted(self, number: int) -> str:
        return self.values[(number - 1) % len(self.values)] if self.values else str(number)


def _zone() -> str:
    """Half an hour off the full hour; by its rule where the system has no table of names."""
    return "Asia/Kolkata" if Path("/usr/share/zoneinfo/Asia/Kolkata").exists() else "IST-5:30"


def _foreign() -> dict[str, str]:
    """A locale of this machine that writes numbers in another way; the plain one, without UTF-8, if there is none."""
    before = locale.setlocale(locale.LC_ALL)
    try:
        for name in ("de_DE.UTF-8", "fr_FR.UTF-8", "ru_RU.UTF-8", "tr_TR.UTF-8", "es_ES.UTF-8"):
            try:
                locale.setlocale(locale.LC_ALL, name)
            except locale.Error:
                continue
            return {"LC_ALL": name}
    finally:
        locale.setlocale(locale.LC_ALL, before)
    return {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _threads() -> dict[str, str]:
    """One thread, or two where one is what a run has already."""
    usual = os.environ.get("OMP_NUM_THREADS", str(cores())).partition(",")[0]
    return dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "2" if usual == "1" else "1")


_PACKAGES: Final = {"PYTHONUSERBASE": site.getuserbase()}
VARIATIONS: Final = (
    Variation(
        name="hash-seed", kind="must", says="the seed of hash(), and so the order of sets", base={"PYTHONHASHSEED": "0"}, counted="PYTHONHASHSEED",
        settled=True, causes="the order of a set, or `hash()` of a text, decides something",
    ),
    Variation(
        name="listing-order", kind="must", says="the order in which folders list their files: sorted in the first run, another one in each other run",
        counted="listing", settled=True, causes="files are taken in the order in which the system lists them",
    ),
    Variation(
        name="clock", kind="must", says="the date, a year ahead, as Python code sees it", order={"shift": 366 * 86400.0},
        causes="a seed, a name or a branch comes from the clock",
    ),
    Variation(
        name="memory", kind="must", says="what stands in memory that nobody wrote yet", base={"MALLOC_PERTURB_": "0"}, counted="MALLOC_PERTURB_",
        values=("165", "90", "1"), causes="memory is read that nobody wrote (`torch.empty`, `numpy.empty`)",
    ),
    Variation(
        name="load", kind="must", says="other processes keep half of the processors busy", busy=True,
        causes="threads or processes race: who comes first decides something",
    ),
    Variation(
        name="cwd", kind="request", says="started from an empty folder, the script by its full path", elsewhere=True,
        causes="the folder from which it is started decides something",
    ),
    Variation(
        name="home", kind="request", says="an empty home folder", base=_PACKAGES, environment={"HOME": "{folder}"},
        causes="something in the home folder decides: a setting, a cache, a download",
    ),
    Variation(
        name="timezone", kind="request", says="the time zone", base={"TZ": "UTC"}, environment={"TZ": _zone()}, causes="local time decides something",
    ),
    Variation(
        name="locale", kind="request", says="language and number formats", base={"LC_ALL": "C.UTF-8", "PYTHONIOENCODING": "utf-8"}, environment=_foreign(),
        causes="sorting, number formats or the encoding of files follow the locale",
    ),
    Variation(
        name="threads", kind="may", says="threads that share a sum: 1 instead of all, or 2 instead of 1", environment=_threads(),
        causes="sums are taken in another order",
    ),
    Variation(
        name="instruction-set", kind="may", says="the processor's instructions, as on an older machine",
        environment={"ATEN_CPU_CAPABILITY": "default", "ONEDNN_MAX_CPU_ISA": "SSE41", "MKL_ENABLE_INSTRUCTIONS": "SSE4_2"}, causes="another machine rounds differently",
    ),
    *(
        Variation(
            name="workers", kind="may", says="processes that load batches: 0, 1 and 2", order={"workers": number}, setting=str(number), needs="torch",
            causes="each worker draws from a stream of its own",
        )
        for number in range(3)
    ),
    Variation(
        name="start-method", kind="may", says="how loading processes start: spawn instead of fork, or the other way round", order={"start": True}, needs="torch",
        causes="what a loading process inherits depends on how it starts",
    ),
    Variation(
        name="compile", kind="may", says="`torch.compile` does nothing", order={"compile": "off"}, environment={"TORCHDYNAMO_DISABLE": "1"}, needs="torch",
        causes="compiled code adds in another order, and may draw in another one",
    ),
    Variation(
        name="fused", kind="may", says="optimizers with `fused` the other way round", order={"optimizer": "fused"}, needs="torch",
        causes="a fused step rounds differently",
    ),
    Variation(
        name="foreach", kind="may", says="optimizers with `foreach` the other way round", order={"optimizer": "foreach"}, needs="torch",
        causes="a step over many tensors at once may round differently",
    ),
    Variation(
        name="deterministic", kind="may", says="`torch.use_deterministic_algorithms` on (it warns, and fills no memory)", order={"deterministic": True},
        environment={"CUBLAS_WORKSPACE_CONFIG": ":4096:8"}, needs="torch", causes="operations are computed in another, fixed order",
    ),
    Variation(
        name="cudnn-benchmark", kind="may", says="`torch.backends.cudnn.benchmark` the other way round", order={"benchmark": True}, needs="cuda",
        causes="a stopwatch chooses the kernels",
    ),
    Variation(
        name="tf32", kind="may", says="TF32 in matrix products the other way round", order={"tf32": True}, needs="cuda",
        causes="products are rounded to fewer bits",
    ),
    Variation(
        name="device", kind="may", says="no GPU to be seen", environment={"CUDA_VISIBLE_DEVICES": "", "HIP_VISIBLE_DEVICES": ""}, needs="cuda",
        causes="another device rounds and draws differently",
    ),
)  # fmt: skip
NAMES: Final = tuple(dict.fromkeys(variation.name for variation in VARIATIONS))
KINDS: Final[tuple[Kind, ...]] = ("must", "request", "may")
MUST: Final = tuple(variation for variation in VARIATIONS if variation.kind == "must")


def chosen(names: tuple[str, ...]) -> tuple[Variation, ...]:
    """Variations by name or by kind, in their own order."""
    return tuple(variation for variation in VARIATIONS if variation.name in names or variation.kind in names)


def of_kind(kind: Kind) -> dict[str, str]:
    """The names of one kind, and what each changes."""
    return {variation.name: variation.says for variation in VARIATIONS if variation.kind == kind}


def asked(words: tuple[str, ...]) -> tuple[tuple[Variation, ...], tuple[Variation, ...]]:
    """What must not change anything, and what may, as `--vary` names it. Raises `UsageError`."""
    from difflib import get_close_matches

    from reprolint.config import UsageError

    only = any(word.startswith("only:") for word in words)
    names = tuple(name.strip() for word in words for name in word.removeprefix("only:").split(",") if name.strip())
    known = (*NAMES, *KINDS)
    for name in names:
        if name not in known:
            close = get_close_matches(name, known, n=1)
            raise UsageError(f"no such variation: {name}" + (f"; did you mean {close[0]}?" if close else f"; there are {', '.join(known)}"))
    found = chosen(names)
    must = tuple(variation for variation in found if variation.kind != "may")
    if not only:
        must = (*MUST, *(variation for variation in must if variation not in MUST))
    return must, tuple(variation for variation in found if variation.kind == "may")
