"""The comments of a text that mention reprolint."""

import io
import tokenize
from collections.abc import Iterator

from reprolint.model.code import Comment
from reprolint.source.notebook import Notebook

_WORD = "reprolint"


def comments(text: str, notebook: Notebook | None) -> tuple[Comment, ...]:
    if _WORD not in text.lower():
        return ()
    return tuple(_comment(line, comment, before, notebook) for line, comment, before in _found(text))


def _found(text: str) -> Iterator[tuple[int, str, str]]:
    """Line, text, and what stands before it on its line."""
    reader = io.StringIO(text, newline=None).readline
    try:
        for token in tokenize.generate_tokens(reader):
            if token.type == tokenize.COMMENT and _WORD in token.string.lower():
                yield token.start[0], token.string, token.line[: token.start[1]]
    except (tokenize.TokenError, SyntaxError):  # newer syntax than this Python reads
        return


def _comment(line: int, text: str, before: str, notebook: Notebook | None) -> Comment:
    cell, inside = None, line
    if notebook:
        cell, inside, _ = notebook.locate(line)
    return Comment(inside, cell, text, not before.strip())
