"""Notebooks: the code of their cells, magics masked, every line traceable."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reprolint.model.code import Bind, Call, Comment, Name, Opaque
from reprolint.model.span import Place
from reprolint.source.locate import Locator
from reprolint.source.notebook import read_notebook
from reprolint.source.problem import SyntaxProblem
from reprolint.source.summarise import summarise


def notebook(*cells: object, indent: int | None = 1, **metadata: Any) -> str:
    """Text cells are code; a tuple is a kind and its source."""
    made = []
    for cell in cells:
        kind, source = cell if isinstance(cell, tuple) else ("code", cell)
        made.append({"cell_type": kind, "metadata": {}, "outputs": ['é\n"}'], "source": source})
    return json.dumps({"cells": made, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}, indent=indent)


def lines(*cells: object) -> list[str]:
    return read_notebook(notebook(*cells)).text.split("\n")[:-1]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("%matplotlib inline\nf()", ["pass  # %matplotlib inline", "f()"]),
        ("if a:\n    !ls {b}\n    c()", ["if a:", "    pass  #     !ls {b}", "    c()"]),
        ("!pip install \\\n   torch\nf()", ["pass  # !pip install \\", "#    torch", "f()"]),
        ("?f\nf?\nf.g??", ["pass  # ?f", "pass  # f?", "pass  # f.g??"]),
        ("x = !ls\ny = %env HOME\nz = a != b", ["x = ...  # !ls", "y = ...  # %env HOME", "z = a != b"]),
        ("a = (b\n  % c)\nd = '''\n%no\n!no\n'''", ["a = (b", "  % c)", "d = '''", "%no", "!no", "'''"]),
        (
            "%load x\na = (b\n  % c)\nd = '''\n%no\n'''",
            ["pass  # %load x", "a = (b", "  % c)", "d = '''", "%no", "'''"],
        ),
        ("%time f()", ["True; f()"]),
        ("%timeit -n 10 -r3 f()", ["True;             f()"]),
        ("%time f(", ["pass  # %time f("]),
        ("%%time\nf()", ["pass  # %%time", "f()"]),
        ("\n%%capture out\nf()", ["", "pass  # %%capture out", "f()"]),
        ("%%bash\nls\n\nrm x", ["# %%bash", "# ls", "", "# rm x"]),
        ("%%writefile a.py\nf()", ["# %%writefile a.py", "# f()"]),
        ("this is no python", ["# this is no python"]),
        ("await f()", ["await f()"]),
        ("", [""]),
        (["f()\n", "g(", ")\n", "h()"], ["f()", "g()", "h()"]),
        ("f()\r\ng()\r\n", ["f()", "g()"]),
    ],
)
def test_cell(source: object, expected: list[str]) -> None:
    assert lines(source) == expected


def test_masking_keeps_columns() -> None:
    for source in ("%time f()", "%timeit -n 10 f()", "  x = !ls", "%prun  f()"):
        (line,) = lines("if 1:\n" + source if source.startswith(" ") else source)[-1:]
        at = source.find("f()") if "f()" in source else source.index("x")
        assert line[at] == source[at]


def test_one_bad_cell_does_not_spoil_the_rest() -> None:
    found = read_notebook(notebook("f()", "print 1", "g()"))
    assert found.skipped == (2,)
    assert found.text == "f()\n# print 1\ng()\n"


def test_where_lines_come_from() -> None:
    text = notebook(("markdown", ["# title\n", "f()"]), ["a\n", "b\n", "\n", "c"], ("raw", "x"), "d\ne", "", "f")
    found = read_notebook(text)
    assert found.cells == (2, 4, 5, 6)
    physical = text.split("\n")
    placed = [found.locate(line) for line in range(1, 9)]
    assert [(cell, line) for cell, line, _ in placed] == [
        (2, 1),
        (2, 2),
        (2, 3),
        (2, 4),
        (4, 1),
        (4, 2),
        (5, 1),
        (6, 1),
    ]
    for (_, _, file_line), code in zip(placed, found.text.split("\n"), strict=False):
        assert code in physical[file_line - 1]
    assert physical[placed[1][2] - 1].strip() == '"b\\n",'
    assert placed[4][2] == placed[5][2]


def test_notebook_on_one_line() -> None:
    found = read_notebook(notebook("a\nb", "c", indent=None))
    assert [found.locate(line)[2] for line in (1, 2, 3)] == [1, 1, 1]


def test_module_and_spans() -> None:
    text = notebook(("markdown", "hi"), "import a\n%cd x\n", ["x = !ls\n", "y = f(x)  # reprolint: ignore\n"])
    module = summarise("d/n.ipynb", text)
    assert module.notebook
    assert module.comments == (Comment(2, 3, "# reprolint: ignore", own_line=False),)
    binds = {bind.target: bind for bind in module.body if isinstance(bind, Bind)}
    assert binds[Name("x")].value == Opaque()
    (call,) = [each for each in module.body if isinstance(each, Call)]
    span = Locator(lambda _: text).span(Place("d/n.ipynb", call.site))
    assert (span.cell, span.line, span.column, span.end_line, span.end_column) == (3, 2, 5, 2, 9)
    assert '"y = f(x)' in text.split("\n")[span.file_line - 1]


def test_other_languages_hold_no_python() -> None:
    assert read_notebook(notebook("x <- 1", kernelspec={"language": "R"})).text == ""
    assert read_notebook(notebook("f()", language_info={"name": "ipython"})).text == "f()\n"
    assert summarise("n.ipynb", notebook()).body == ()


@pytest.mark.parametrize(
    ("text", "line"),
    [("", 1), ('{"cells": [\n,]}', 2), ("[]", 1), ('{"worksheets": []}', 1), ('{"cells": {}}', 1), ("[" * 50_000, 1)],
)
def test_what_is_not_a_notebook(text: str, line: int) -> None:
    with pytest.raises(SyntaxProblem) as problem:
        summarise("n.ipynb", text)
    assert problem.value.line == line


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["code", "f()\n", "%x", "", "'"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["cells", "cell_type", "source", "metadata", "kernelspec", "language"]), inner
        )
    ),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None)
@given(JSON, st.lists(st.fixed_dictionaries({"cell_type": st.just("code"), "source": JSON}) | JSON, max_size=3))
def test_never_raises_on_odd_notebooks(metadata: object, cells: list[object]) -> None:
    for document in ({"metadata": metadata, "cells": cells}, metadata):
        try:
            summarise("n.ipynb", json.dumps(document))
        except SyntaxProblem as problem:
            assert problem.line >= 1


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="%!?=ab \n'(\\#:\t", max_size=20))
def test_never_raises_and_keeps_the_lines_of_a_cell(source: str) -> None:
    found = read_notebook(notebook(source, "z"))
    expected = source.count("\n") + (not source.endswith("\n")) if source else 1
    assert found.starts == (1, expected + 1)
    summarise("n.ipynb", notebook(source, "z"))
