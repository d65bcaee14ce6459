"""Names of what can be done with a thing that is thrown away without touching anything else: lists, and nothing but lists."""

from __future__ import annotations

import re
from typing import Final

from reprolint.model import walk
from reprolint.model.code import Attr, Const, Display, Expr, Fold, Item, Name

SHAPES: Final = frozenset("ndim dtype device requires_grad itemsize is_cuda layout in_features out_features num_features out_channels".split())
"""Attributes that never depend on the numbers in a tensor, an array or a module; its length may, if it was filtered."""
BUILTINS: Final = frozenset(
    "abs all any bool dict divmod enumerate float format frozenset hash int isinstance len list max min range repr reversed round set sorted str sum tuple type zip".split()
)
METHODS: Final = frozenset(
    "eval train to cuda cpu half float double long bool int parameters named_parameters buffers modules children detach clone contiguous view reshape "
    "flatten squeeze unsqueeze transpose permute numpy astype copy mean sum item pow abs sqrt exp log max min argmax argmin argsort any all std var norm "
    "tolist softmax log_softmax sigmoid tanh relu matmul mm dot square clamp round eq ne lt le gt ge add sub mul div isnan isfinite isinf topk sort "
    "cumsum prod median quantile expand repeat split chunk index_select gather masked_fill type_as new_zeros new_ones zero_grad requires_grad_ "
    "state_dict items keys values get lower upper strip split join format replace startswith endswith count index numel size dim element_size".split()
)
"""Methods that compute something new, or leave the numbers as they are."""
CHANGES: Final = frozenset("backward step append extend insert appendleft update pop clear reverse zero_ fill_ add_ sub_ mul_ div_ clamp_ normal_ uniform_ copy_".split())
"""Methods that change the receiver, or what it was computed from."""
SWITCHES: Final = frozenset("eval train to zero_grad requires_grad_ cuda cpu half float double sort".split())
"""Methods that give a network, or a list, back as it was but for a setting or the order."""
GROWS: Final = frozenset("append extend insert add appendleft update".split())
"""Methods by which a container takes something in."""
LOGS: Final = frozenset("debug info warning warn error critical exception log".split())
MAKERS: Final = frozenset(
    f"{package}.{name}"
    for package, names in (
        ("torch", "rand randn randint randperm zeros ones empty full arange linspace eye normal bernoulli multinomial rand_like randn_like zeros_like ones_like full_like"),
        ("numpy", "zeros ones empty full arange linspace eye zeros_like ones_like"),
        ("numpy.random", "rand randn randint random uniform normal permutation standard_normal random_sample"),
        ("random", "random randint randrange uniform gauss"),
        ("builtins", "range float int str"),
    )
    for name in names.split()
)
"""Functions that make something new, and keep nothing of their arguments in it."""
_COMPUTES: Final = frozenset(
    f"{package}.{name}"
    for package, names in (
        (
            "torch",
            ("stack cat concat mean sum abs allclose isclose equal isfinite isnan isinf is_tensor sqrt exp log pow softmax log_softmax sigmoid tanh relu argmax argmin max "
            "min topk sort einsum matmul mm bmm dot tensor norm var std all any eq ne lt gt le ge where clamp square flatten reshape squeeze unsqueeze"),
        ),
        (
            "numpy",
            ("stack concatenate vstack hstack mean sum abs allclose isclose array_equal isfinite isnan isinf sqrt exp log power argmax argmin argsort max min sort dot "
            "matmul einsum var std median all any where clip square array asarray maximum minimum cumsum prod diff round"),
        ),
        ("numpy.linalg", "norm"),
        ("torch.linalg", "norm"),
        ("time", "sleep time perf_counter monotonic"),
    )
    for name in names.split()
)
_WRAPPERS: Final = frozenset("Sequential ModuleList ModuleDict ParameterList ParameterDict DataParallel TransformerEncoder TransformerDecoder Transformer".split())
"""Layers that are made of others."""
QUIET: Final = frozenset("no_grad inference_mode enable_grad autocast nullcontext set_grad_enabled".split())
"""Contexts that catch nothing and keep nothing."""
CHECKS: Final = frozenset(
    "sanity preflight flight warm warmup profile smoke bench benchmark check checks selftest probe dry overfit verify validate test diagnose diagnostics ok works "
    "debug inspect".split()
)
"""Words in the name of a function of which nobody takes the numbers that it prints for a result."""
SHOWS: Final = frozenset("show peek preview demo glance example examples display visualize visualise illustrate inspect".split())
"""Words in the name of a function that shows a few of many: which ones is no result."""
_NUMBERS: Final = frozenset(
    "dim dims size sizes width widths hidden channels channel classes class features depth layers heads vocab num n k lr rate dropout kernel length len batch "
    "device dtype steps epochs momentum decay eps scale count rows cols height seq tokens".split()
)
_OPTIONS: Final = frozenset("args cfg conf config flags hparams opt options opts settings hp".split())
"""Whose fields are what the user says: numbers and names."""


def computes(dotted: str) -> bool:
    """Whether a function of a library computes something from its arguments and keeps, changes and tells nothing else."""
    package, _, last = dotted.rpartition(".")
    if package in {"math", "torch.nn.functional", "statistics", "cmath"}:
        return not last.endswith("_")
    if package == "builtins":
        return last in BUILTINS or last.endswith(("Error", "Exception", "Warning"))
    if package == "random":
        return last in {"sample", "choice", "choices"} or dotted in MAKERS
    if package in {"torch.optim", "torch.nn"}:
        return last[:1].isupper() and last not in {"Parameter", "Buffer", "Module"}
    return dotted in _COMPUTES or dotted in MAKERS


def keeps(dotted: str) -> int | None:
    """How many of its arguments what a library's function gives keeps hold of, or was computed from; None is all."""
    package, _, last = dotted.rpartition(".")
    if dotted in MAKERS or (package == "torch.nn" and last not in _WRAPPERS):
        return 0
    return 1 if package == "torch.optim" else None


def words(identifier: str) -> frozenset[str]:
    """The words of an identifier, in lower case."""
    return frozenset(word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", identifier))


def checks(name: str) -> bool:
    """Whether a function says of itself that it only has a look."""
    return not words(name).isdisjoint(CHECKS) or "selfcheck" in name.lower()


def shows(name: str) -> bool:
    """Whether a function says of itself that it shows something."""
    return not words(name).isdisjoint(SHOWS)


def plain(expression: Expr) -> bool:
    """Whether an expression is, by what it is called, a number or an option: nothing that could be changed."""
    if isinstance(expression, Const):
        return True
    if isinstance(expression, Display | Fold):
        return all(map(plain, walk.inner(expression)))
    if isinstance(expression, Name):
        return _number(expression.id)
    if isinstance(expression, Attr):
        return expression.name in SHAPES or _number(expression.name) or _optional(expression.of)
    if isinstance(expression, Item):
        return _optional(expression.of) or (plain(expression.key) and plain(expression.of))
    return False


def _number(identifier: str) -> bool:
    parts = [part.lower() for part in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", identifier)]
    return bool(parts) and (parts[-1] in _NUMBERS or parts[0] in {"num", "n"})


def _optional(expression: Expr) -> bool:
    if isinstance(expression, Attr):
        return expression.name in _OPTIONS or _optional(expression.of)
    if isinstance(expression, Item):
        return _optional(expression.of)
    return isinstance(expression, Name) and expression.id in _OPTIONS
