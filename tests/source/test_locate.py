"""Where sites stand: exactly where libcst's own provider says."""

from pathlib import Path

import click
import libcst as cst
import pytest
from libcst.metadata import MetadataWrapper, PositionProvider

from reprolint.model.code import Branch, Call, Define, Function
from reprolint.model.span import Place, Span
from reprolint.source.locate import KEPT_SITES, Locator
from reprolint.source.summarise import Parsed, parse

CLICK = sorted(Path(click.__file__).parent.glob("*.py"))

ODD = (
    "x = (\r\n  f(a) +\r\n  'é😀' + g(b)\r\n)\r\n",
    "if a:\n\tf()\n\tif b: g(); h()\n",
    "\n\n# first\nf(  # why\n  a\n)\n@d(1)\ndef g(b=c()): return (h)(b)  # end",
    "class A(B):\n    x: int = f(\n        1)\n\n    async def g(self):\n        async with a() as b: await c()\n",
    "match f(a):\n  case [1, *b] if g(b):\n    h()\n  case (C(d=2)): pass\n",
    "try:\n  f()\nexcept (A, B) as e: g()\nexcept: h()\nelse: i()\nfinally: j()\n",
    "x = [f(a) for a in g(b) if h(a)] or (i(c) for c in d)\n",
    "f();g() ; h()\nassert f(), g()\ndel a[f()]\nreturn_ = lambda a=f(): g(a)\n",
    "f()\n\x0c\ng()\n",
    "def f():\n  # comment only\n\n  return g()\n  # trailing\n",
)  # fmt: skip


def positions(parsed: Parsed) -> dict[int, tuple[int, int, int, int]]:
    """What `PositionProvider` says, columns from 1."""
    found = MetadataWrapper(parsed.tree, unsafe_skip_copy=True).resolve(PositionProvider)
    spans = [found[node] for node in parsed.walked.nodes]
    return {
        site: (span.start.line, span.start.column + 1, span.end.line, span.end.column + 1)
        for site, span in enumerate(spans)
    }


def located(parsed: Parsed, text: str) -> dict[int, tuple[int, int, int, int]]:
    locator = Locator(lambda _: text)
    spans = [locator.span(Place(parsed.module.path, site)) for site in range(len(parsed.walked.nodes))]
    return {site: (span.line, span.column, span.end_line, span.end_column) for site, span in enumerate(spans)}


@pytest.mark.parametrize("path", CLICK, ids=lambda path: path.name)
def test_positions_in_a_package(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    parsed = parse(path.name, text)
    assert located(parsed, text) == positions(parsed)


@pytest.mark.parametrize("text", ODD)
def test_positions_in_odd_layouts(text: str) -> None:
    parsed = parse("m.py", text)
    assert parsed.walked.nodes
    assert located(parsed, text) == positions(parsed)


def test_few_sites_stand_where_all_do() -> None:
    """Marks of one node may depend on those of others."""
    text = CLICK[-1].read_text(encoding="utf-8")
    parsed = parse("m.py", text)
    everything = positions(parsed)
    for site in list(everything)[::17]:
        span = Locator(lambda _: text).span(Place("m.py", site))
        assert (span.line, span.column, span.end_line, span.end_column) == everything[site]


def test_span_covers_the_call() -> None:
    text = "a = 1\nb = f(\n  'é', g(2))\n"
    parsed = parse("d/m.py", text)
    calls = {call.number: call.site for call in parsed.module.body if isinstance(call, Call)}
    locator = Locator(lambda _: text)
    assert locator.span(Place("d/m.py", calls[0])) == Span("d/m.py", 3, 8, 3, 12, None, 3)
    assert locator.span(Place("d/m.py", calls[1])) == Span("d/m.py", 2, 5, 3, 13, None, 2)


def test_module_itself_and_what_is_gone() -> None:
    start = Span("m.py", 1, 1, 1, 1, None, 1)
    locator = Locator(lambda _: "f()\n")
    assert [locator.span(Place("m.py", site)) for site in (-1, 99)] == [start, start]

    def gone(_: str) -> str:
        raise FileNotFoundError

    for read in (gone, lambda _: "f("):
        locator = Locator(read)
        assert locator.span(Place("m.py", 0)) == start
        assert locator.text(Place("m.py", 0)) == ""
        assert locator.enclosing(Place("m.py", 0)) == ""


def test_text_is_one_short_line() -> None:
    text = "if args.seed is not None and (\n        a\n    or b):\n    pass\nf(" + "x, " * 60 + ")\n"
    parsed = parse("m.py", text)
    branch, call = parsed.module.body
    assert isinstance(branch, Branch)
    assert isinstance(call, Call)
    locator = Locator(lambda _: text)
    assert locator.text(Place("m.py", branch.site)) == "args.seed is not None and ( a or b)"
    long = locator.text(Place("m.py", call.site))
    assert len(long) == 80
    assert long.startswith("f(x, x,")
    assert long.endswith("…")
    assert locator.text(Place("m.py", -1)) == ""


def test_enclosing() -> None:
    method = "    def m(self):\n        f(2)\n        g = lambda: f(3)\n        def n(): f(4)\n"
    text = f"f(0)\nclass A:\n    f(1)\n{method}    f(5)\n"
    parsed = parse("m.py", text)
    locator = Locator(lambda _: text)
    calls = {node: site for site, node in enumerate(parsed.walked.nodes) if isinstance(node, cst.Call)}
    assert [locator.enclosing(Place("m.py", site)) for site in calls.values()] == ["", "A", "A.m", "A.m", "A.m.n", "A"]
    define = parsed.module.body[1]
    assert isinstance(define, Define)
    assert locator.enclosing(Place("m.py", define.site)) == "A"


def test_kept_trees_are_not_parsed_again() -> None:
    reads: list[str] = []

    def read(path: str) -> str:
        reads.append(path)
        return "f()\n"

    locator = Locator(read)
    locator.keep(parse("kept.py", "f()\n"))
    assert locator.span(Place("kept.py", 0)).end_column == 4
    assert locator.span(Place("other.py", 0)) == locator.span(Place("other.py", 0))
    assert locator.text(Place("other.py", 0)) == "f()"
    assert reads == ["other.py"]


def test_kept_trees_are_bounded() -> None:
    reads: list[str] = []

    def read(path: str) -> str:
        reads.append(path)
        return "f()\n"

    locator = Locator(read)
    big = parse("big.py", f"[{'f(),' * (KEPT_SITES - 2)}]\n")
    locator.keep(big)
    locator.keep(parse("a.py", "f()\n"))
    locator.span(Place("a.py", 0))
    assert reads == []
    locator.keep(parse("b.py", "f()\n"))
    locator.keep(parse("c.py", "f()\n"))
    locator.text(Place("big.py", 1))
    locator.span(Place("b.py", 0))
    assert reads == ["big.py"]


def test_deep_code() -> None:
    text = "x = a" + ".b()" * 400 + "\n"
    parsed = parse("m.py", text)
    last = max(call.site for call in parsed.module.body if isinstance(call, Call))
    locator = Locator(lambda _: text)
    assert locator.span(Place("m.py", last)) == Span("m.py", 1, 5, 1, len(text), None, 1)
    assert locator.text(Place("m.py", last)).startswith("a.b().b()")


def test_definition_is_located_by_its_name() -> None:
    text = "@d\nasync def  train(): pass\n"
    define = parse("m.py", text).module.body[0]
    assert isinstance(define, Define)
    assert isinstance(define.definition, Function)
    assert Locator(lambda _: text).span(Place("m.py", define.site)) == Span("m.py", 2, 12, 2, 17, None, 2)
