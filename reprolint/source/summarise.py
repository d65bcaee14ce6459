"""The text of one file → `Module`, in one pass over its tree."""

import gc
import re
from ast import PyCF_ONLY_AST
from dataclasses import dataclass
from typing import cast

import libcst as cst

from reprolint.model.code import Block, Branch, Const, Expr, Fold, Module, Name
from reprolint.source.comments import comments
from reprolint.source.nesting import shortened, with_big_stack, with_room
from reprolint.source.notebook import Notebook, is_notebook, read_notebook
from reprolint.source.problem import SyntaxProblem
from reprolint.source.statements import walk
from reprolint.source.unit import Unit, Walk

_MAIN = {Fold("==", (Name("__name__"), Const("__main__"))), Fold("==", (Const("__main__"), Name("__name__")))}
_NEWLINE = re.compile(r"\r\n?|\n")


@dataclass(frozen=True, slots=True)
class Parsed:
    """A summary with the tree it was made from; what it says of sites is in `walked`."""

    module: Module
    tree: cst.Module
    walked: Walk
    notebook: Notebook | None


def summarise(path: str, text: str, digest: str = "") -> Module:
    """`text` is what the file holds, for a notebook its JSON. Raises nothing but `SyntaxProblem`."""
    return parse(path, text, digest).module


def parse(path: str, text: str, digest: str = "") -> Parsed:
    """`summarise`, keeping the tree."""
    notebook = read_notebook(text) if is_notebook(path) else None
    code = notebook.text if notebook else text
    collecting = gc.isenabled()
    gc.disable()
    try:
        tree = _tree(code)
        try:
            module, walked = _module(path, code, digest, tree, notebook)
        except RecursionError:
            module, walked = with_big_stack(lambda: _shortened(path, code, digest, tree, notebook))
    finally:
        if collecting:
            gc.enable()
    return Parsed(module, tree, walked, notebook)


def _tree(code: str) -> cst.Module:
    try:
        return with_room(code, lambda: cst.parse_module(code))
    except cst.ParserSyntaxError as error:
        raise SyntaxProblem(_line_of(code) or max(error.raw_line, 1), "invalid syntax") from None
    except (KeyboardInterrupt, SystemExit, SyntaxProblem):
        raise
    except BaseException as error:  # noqa: BLE001 - the parser is native code, and its panics are no `Exception`
        raise SyntaxProblem(1, f"the parser failed: {error}") from None


def _line_of(code: str) -> int:
    """The line that Python itself complains about; 0 if it does not."""
    try:
        compile(code, "<code>", "exec", PyCF_ONLY_AST, dont_inherit=True)
    except SyntaxError as error:
        return error.lineno or 0
    except (ValueError, RecursionError, MemoryError):
        return 0
    return 0


def _module(
    path: str, code: str, digest: str, tree: cst.Module, notebook: Notebook | None, *, deep: bool = False
) -> tuple[Module, Walk]:
    walked = Walk(deep=deep)
    unit = Unit(walked, "module")
    walk(tree.body, unit)
    body = tuple(unit.out)
    module = Module(
        path=path,
        digest=digest,
        body=body,
        comments=comments(code, notebook),
        words=unit.close(),
        imports=tuple(walked.imports),
        notebook=notebook is not None,
        guarded=_guarded(body),
        lines=_lines(code),
    )
    return module, walked


def _shortened(path: str, code: str, digest: str, tree: cst.Module, notebook: Notebook | None) -> tuple[Module, Walk]:
    module, walked = _module(path, code, digest, tree, notebook, deep=True)
    return cast("Module", shortened(module)), walked


def _lines(code: str) -> int:
    newlines = code.count("\n") if "\r" not in code else len(_NEWLINE.findall(code))
    return newlines + (not code.endswith(("\n", "\r")) and code != "")


def _guarded(body: Block) -> bool:
    return any(type(statement) is Branch and _asks_for_main(statement.test) for statement in body)


def _asks_for_main(test: Expr) -> bool:
    if type(test) is not Fold:
        return False
    return test in _MAIN or (test.op in {"and", "or"} and any(map(_asks_for_main, test.operands)))
