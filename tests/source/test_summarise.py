"""What a summary says beside the order of calls; and that it never fails."""

import pickle
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reprolint.model.code import (
    Attr,
    Bind,
    Branch,
    Call,
    Class,
    Code,
    Comment,
    Const,
    Define,
    Delete,
    Display,
    Evaluate,
    Expr,
    Fold,
    Function,
    Import,
    Item,
    Module,
    Name,
    Opaque,
    Raise,
    Result,
    Return,
    Spread,
    Statement,
    Try,
    With,
    Yield,
)  # fmt: skip
from reprolint.source.problem import SyntaxProblem
from reprolint.source.summarise import parse, summarise


def module(source: str) -> Module:
    return summarise("m.py", source)


def body(source: str) -> tuple[Statement, ...]:
    return module(source).body


def value(source: str) -> Expr | None:
    """The expression that `x = source` binds."""
    last = body(f"x = {source}\n")[-1]
    assert isinstance(last, Bind)
    return last.value


def function(source: str) -> Function:
    """The function that `source` defines last."""
    last = body(source)[-1]
    assert isinstance(last, Define)
    assert isinstance(last.definition, Function)
    return last.definition


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("1", 1), ("0x_ff", 255), ("1_0.5e1", 105.0), ("-3", -3), ("-2.5", -2.5), ("+4", 4), ("True", True),
        ("None", None), ("'a'", "a"), ('"""a"b"""', 'a"b'), ("r'\\n'", "\\n"), ("'\\n\\x41\\u00e9\\101'", "\nAéA"),
        ("'\\N{BULLET}'", "•"), ("'\\q'", "\\q"), ("'a' \"b\" r'\\c'", "ab\\c"), ("f'a{{b}}'", "a{b}"), ("f''", ""),
        ("u'a'", "a"), ("'a\\\nb'", "ab"), ("'a' f'b'", "ab"), (f"'{'a' * 80}'", "a" * 80), ("'\\\\' '\\''", "\\'"),
    ],
)  # fmt: skip
def test_literals(source: str, expected: object) -> None:
    found = value(source)
    assert found == Const(expected)  # type: ignore[arg-type]
    assert isinstance(found, Const)
    assert type(found.value) is type(expected)


@pytest.mark.parametrize(
    "source", ["b'a'", "1j", "...", f"'{'a' * 81}'", "'\\ud800'", "'\\N{NO SUCH NAME}'", "9" * 5000, "b'a' b'b'"]
)
def test_literals_that_are_opaque(source: str) -> None:
    found = value(source)
    assert isinstance(found, Opaque)
    assert not any(isinstance(part, Const) for part in found.parts)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a.b[c]", Item(Attr(Name("a"), "b"), Name("c"))),
        ("a + b * 2", Fold("+", (Name("a"), Fold("*", (Name("b"), Const(2)))))),
        ("a or b or c", Fold("or", (Name("a"), Name("b"), Name("c")))),
        ("a < b is not c", Fold("and", (Fold("<", (Name("a"), Name("b"))), Fold("is not", (Name("b"), Name("c")))))),
        ("a not in b", Fold("not in", (Name("a"), Name("b")))),
        ("not a", Fold("not", (Name("a"),))),
        ("-a", Fold("neg", (Name("a"),))),
        ("-True", Fold("neg", (Const(value=True),))),
        ("f'{a}-{b!r}{c:>{d}}'", Fold("format", (
            Name("a"), Const("-"), Opaque((Name("b"),)), Opaque((Name("c"), Const(">"), Name("d"))),
        ))),
        ("'a' f'{b}' 'c'", Fold("format", (Const("a"), Name("b"), Const("c")))),
        ("[a, *b]", Display("list", (Name("a"), Spread(Name("b"))))),
        ("{a: 1, **b}", Display("dict", (Const(1), Name("b")), (Name("a"), None))),
        ("()", Display("tuple", ())),
        ("a[b,]", Item(Name("a"), Display("tuple", (Name("b"),)))),
        ("a[*b]", Item(Name("a"), Display("tuple", (Spread(Name("b")),)))),
        ("await a", Name("a")),
    ],
)  # fmt: skip
def test_expressions_without_calls(source: str, expected: Expr) -> None:
    assert value(source) == expected


def test_conditional_call_stands_in_a_branch() -> None:
    branch, bind = body("x = a or f()\n")
    assert isinstance(branch, Branch)
    assert (branch.test, branch.body, branch.kind) == (Name("a"), (), "choice")
    (call,) = branch.orelse
    assert isinstance(call, Call)
    assert isinstance(bind, Bind)
    assert bind.value == Fold("or", (Name("a"), Result(0)))


def test_loose_calls() -> None:
    calls = [each for each in body("f(g())\nawait h()\nx = k()\n") if isinstance(each, Call)]
    assert [(call.number, call.loose) for call in calls] == [(0, False), (1, True), (2, True), (3, False)]


def test_statements_that_do_nothing_leave_no_trace() -> None:
    assert body('"""Text."""\n...\npass\n1\nb"x"\n') == ()
    (evaluated,) = body("a.b\n")
    assert isinstance(evaluated, Evaluate)


def test_bindings() -> None:
    found = [each for each in body("a = b.c = v\nn: int\nm: int = 1\nk += 1\n") if isinstance(each, Bind)]
    assert [(each.target, each.value, each.annotation, each.augmented) for each in found] == [
        (Name("a"), Name("v"), None, False),
        (Attr(Name("b"), "c"), Name("v"), None, False),
        (Name("n"), None, Name("int"), False),
        (Name("m"), Const(1), Name("int"), False),
        (Name("k"), Fold("+", (Name("k"), Const(1))), None, True),
    ]
    assert found[0].site == found[1].site


def test_annotations_run_where_python_runs_them() -> None:
    assert [type(each) for each in body("n: Annotated[int, f()]\n")] == [Call, Bind]
    inside = function("def g():\n    n: f() = h()\n    k()\n").body
    assert [each.number for each in inside if isinstance(each, Call)] == [0, 1]
    bind = inside[1]
    assert isinstance(bind, Bind)
    assert (bind.value, bind.annotation) == (Result(0), Opaque())
    parameter = function("def g(n: Annotated[int, f()] = 1): pass\n").parameters[0]
    assert parameter.annotation == Item(Name("Annotated"), Display("tuple", (Name("int"), Result(0))))


def test_imports() -> None:
    source = "import a.b, c.d as e\ndef f():\n    from ..g import h as i, j\n    from . import *\n"
    assert [(i.module, i.level, i.name, i.bound, i.whole) for i in module(source).imports] == [
        ("a.b", 0, None, "a", False),
        ("c.d", 0, None, "e", True),
        ("g", 2, "h", "i", False),
        ("g", 2, "j", "j", False),
        ("", 1, "*", "", False),
    ]
    assert isinstance(body(source)[0], Import)
    assert function(source).variables == ("i", "j")


def test_scopes() -> None:
    source = (
        "def f(a, /, b, *c, d, **e):\n"
        "    global g\n"
        "    g = h = i.j\n"
        "    for k, (l, *m) in n: o[k] = 1\n"
        "    with p as q: import r.s\n"
        "    try: pass\n"
        "    except t as u: del v\n"
        "    def w(x=y):\n"
        "        nonlocal h\n"
        "        h = 1\n"
        "    class z: inner = 1\n"
        "    [aa for aa in [ab for ab in ac]]\n"
        "    if (ad := 1): match ae:\n"
    )
    source = source.replace(
        "if (ad := 1): match ae:\n", "(ad := 1)\n    match ae:\n        case {'k': af, **ag}: pass\n"
    )
    found = function(source)
    names = {name.split("@")[0] for name in found.variables}
    assert names == {
        "a", "b", "c", "d", "e", "h", "k", "l", "m", "q", "r", "u", "v", "w", "z", "aa", "ab", "ad", "af", "ag",
    }  # fmt: skip
    assert found.outer == ("g",)
    assert {"i", "j", "n", "x", "y", "inner", "aa", "ae", "g", "s"} <= set(found.words)
    assert "aa@1" not in found.words
    assert [each.kind for each in found.parameters] == [
        "positional_only", "positional", "var_positional", "keyword", "var_keyword",
    ]  # fmt: skip
    assert list(found.words) == sorted(found.words)


def test_comprehension_variables_have_their_own_names() -> None:
    first, second = (
        each for each in body("x = [a for a in a]\ny = {a: b for a in a for b in a}\n") if isinstance(each, Bind)
    )
    assert first.value is not None
    assert second.value is not None
    assert {name for name in names(first.value) if "@" in name} == {"a@1"}
    assert names(second.value) == {"a", "a@2", "b@2"}
    (bind,) = body("z = lambda: [a for b in c for a in (lambda a: a)]\n")
    assert isinstance(bind, Bind)
    assert isinstance(bind.value, Code)
    assert bind.value.function.variables == ("a@1", "b@1")


def names(part: Any) -> set[str]:
    if isinstance(part, Name):
        return {part.id}
    if isinstance(part, tuple):
        return {name for each in part for name in names(each)}
    return {name for field in getattr(part, "__slots__", ()) for name in names(getattr(part, field))}


def test_lambda_parameter_hides_a_comprehension_variable() -> None:
    code = names(body("x = [lambda a: (a, b) for a in q for b in q]\n"))
    assert {"a", "b@1", "a@1"} <= code
    assert "b" not in code


def test_generator_expression() -> None:
    call, bind = body("x = (f(a) for a in b if (c := a))\n")
    assert isinstance(call, Call)
    assert isinstance(call.callee, Code)
    made = call.callee.function
    assert (made.name, made.generator, [p.name for p in made.parameters]) == ("<generator>", True, [".0"])
    assert [argument.value for argument in call.arguments] == [Name("b")]
    assert made.outer == ("c",)
    assert made.variables == (".0", "a")
    assert isinstance(bind, Bind)
    assert bind.value == Result(0)
    assert ".0" not in made.words


def test_walrus_in_a_generator_expression_is_local_to_the_function() -> None:
    assert function("def f():\n    any((last := a) for a in b)\n").variables == ("last",)


def test_definitions() -> None:
    source = "@d(1)\nclass A(B, *C, metaclass=M):\n    @e\n    async def f(self): yield\n    g = lambda: 0\n"
    define = body(source)[-1]
    assert isinstance(define, Define)
    found = define.definition
    assert isinstance(found, Class)
    assert (found.name, found.decorators) == ("A", (Result(0),))
    assert [(a.value, a.name, a.stars) for a in found.bases] == [
        (Name("B"), None, 0), (Name("C"), None, 1), (Name("M"), "metaclass", 0),
    ]  # fmt: skip
    method = found.body[0]
    assert isinstance(method, Define)
    assert isinstance(method.definition, Function)
    assert (method.definition.qualname, method.definition.coroutine, method.definition.generator) == ("A.f", True, True)
    code = found.body[1]
    assert isinstance(code, Bind)
    assert isinstance(code.value, Code)
    assert code.value.function.qualname == "A.<lambda>"
    assert function("def f():\n    def g():\n        def h(): pass\n").body[0].definition.qualname == "f.g"  # type: ignore[union-attr]


def test_small_statements() -> None:
    raised, bare, deleted = body("raise A from f()\nraise\ndel a, (b.c, d[0])\n")[1:]
    assert isinstance(raised, Raise)
    assert raised.value == Name("A")
    assert isinstance(bare, Raise)
    assert bare.value is None
    assert isinstance(deleted, Delete)
    assert deleted.targets == (Name("a"), Attr(Name("b"), "c"), Item(Name("d"), Const(0)))
    returned = function("def f():\n    return\n").body[0]
    assert isinstance(returned, Return)
    assert returned.value is None
    yielded = function("def f():\n    yield from a\n").body[0]
    assert isinstance(yielded, Yield)
    assert yielded.each


def test_several_contexts_nest() -> None:
    (outer,) = body("with a as b, c: d\n")
    assert isinstance(outer, With)
    (inner,) = outer.body
    assert isinstance(inner, With)
    assert (outer.context, outer.target, inner.context, inner.target) == (Name("a"), Name("b"), Name("c"), None)


@pytest.mark.parametrize("star", ["", "*"])
def test_try(star: str) -> None:
    (found,) = body(f"try: a\nexcept{star} (B, C) as d: e\nexcept{star} F: g\nelse: h\nfinally: i\n")
    assert isinstance(found, Try)
    assert [(each.types, each.name) for each in found.handlers] == [((Name("B"), Name("C")), "d"), ((Name("F"),), None)]
    assert [len(block) for block in (found.body, found.orelse, found.final)] == [1, 1, 1]


def test_assert_is_a_branch_that_raises() -> None:
    call, branch = body("assert f(), g()\n")
    assert isinstance(call, Call)
    assert isinstance(branch, Branch)
    assert (branch.test, branch.body, branch.kind) == (Result(0), (), "assert")
    assert [type(each) for each in branch.orelse] == [Call, Raise]


def test_match_is_a_chain() -> None:
    (first,) = body("match a:\n  case 1 | 'x': b\n  case C(d=e): f\n  case [g, *_]: h\n  case _: i\n")
    assert isinstance(first, Branch)
    assert first.kind == "case"
    assert first.test == Fold("or", (Fold("==", (Name("a"), Const(1))), Fold("==", (Name("a"), Const("x")))))
    (second,) = first.orelse
    assert isinstance(second, Branch)
    assert second.test == Opaque((Name("a"), Name("C")))
    bind = second.body[0]
    assert isinstance(bind, Bind)
    assert (bind.target, bind.value) == (Name("e"), Attr(Name("a"), "d"))
    (third,) = second.orelse
    assert isinstance(third, Branch)
    assert isinstance(third.orelse[0], Evaluate)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("if __name__ == '__main__':\n    f()\n", True),
        ("if '__main__' == __name__ and x:\n    f()\n", True),
        ("if __name__ == 'main':\n    f()\n", False),
        ("def f():\n    if __name__ == '__main__': pass\n", False),
        ("if x:\n    pass\nelif __name__ != '__main__': pass\n", False),
    ],
)
def test_guarded(source: str, expected: bool) -> None:
    assert module(source).guarded is expected


def test_comments() -> None:
    source = "x = '# reprolint: no'\ny = 1  # Reprolint: ignore[RPL101]\n# other\n  # reprolint: off\n"
    assert module(source).comments == (
        Comment(2, None, "# Reprolint: ignore[RPL101]", own_line=False),
        Comment(4, None, "# reprolint: off", own_line=True),
    )


@pytest.mark.parametrize(("text", "lines"), [("", 0), ("a", 1), ("a\n", 1), ("a\n\nb", 3), ("a\r\nb\r", 2)])
def test_lines(text: str, lines: int) -> None:
    assert module(text).lines == lines


@pytest.mark.parametrize(
    ("text", "line"), [("print 1\n", 1), ("x = 1\ny = (\n", 3), ("def f(:\n  pass\n", 1), ("x = 1\n\texec 'a'\n", 2)]
)
def test_what_is_not_python_3(text: str, line: int) -> None:
    with pytest.raises(SyntaxProblem) as problem:
        module(text)
    assert abs(problem.value.line - line) <= 1
    assert pickle.loads(pickle.dumps(problem.value)).args == problem.value.args


CHAINS = {
    "sum": "x = " + " + ".join(["f()"] * 700),
    "else if": "if a:\n    pass\n" + "elif f(b):\n    g()\n" * 500 + "else:\n    h()\n",
    "cases": "match a:\n" + "  case 1:\n    g()\n" * 500 + "  case _:\n    h()\n",
    "calls": "x = a" + ".b()" * 400,
    "brackets": "x = " + "(" * 190 + "a" + ")" * 190,
    "lists": "x = " + "[" * 190 + "f()" + "]" * 190,
    "or": "x = " + " or ".join(["f()"] * 1500),
    "plain or": "x = " + " or ".join(["a"] * 5000),
    "lambdas": "x = " + "lambda: " * 300 + "1",
    "negations": "x = " + "not " * 900 + "f()",
    "choices": "x = " + "f() if b else " * 400 + "c",
    "text": "x = " + "'a' " * 2500,
    "indentation": "".join(" " * depth + "if f():\n" for depth in range(95)) + " " * 95 + "g()\n",
}


@pytest.mark.parametrize("name", CHAINS)
def test_deep_nesting(name: str) -> None:
    limit = sys.getrecursionlimit()
    found = module(CHAINS[name] + "\n")
    assert sys.getrecursionlimit() == limit
    assert found.body
    assert pickle.loads(pickle.dumps(found)) == found


def test_no_call_of_a_long_chain_is_lost() -> None:
    assert count(module(CHAINS["sum"]).body, Call) == 700
    assert count(module(CHAINS["else if"]).body, Call) == 1001
    assert count(module(CHAINS["or"]).body, Call) == 1500
    assert count(module(CHAINS["cases"]).body, Call) == 501


def count(part: Any, kind: type) -> int:
    inside = part if isinstance(part, tuple) else [getattr(part, field) for field in getattr(part, "__slots__", ())]
    return isinstance(part, kind) + sum(count(each, kind) for each in inside)


def test_hopeless_nesting_is_a_problem() -> None:
    with pytest.raises(SyntaxProblem):
        module("x = " + "(" * 100_000)


PIECES = st.sampled_from(
    "def class if else elif for in while try except finally with as match case lambda yield await async return raise "
    "import from global nonlocal del assert not and or is None True x y f() = := : , . ( ) [ ] { } * ** @ + - ~ -> 1 2.5 "
    "'s' f'{x}' b'' ... \n \n\x20\x20\x20\x20 ; # \\ \t _".split(" ")
)


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, max_size=25).map(" ".join))
def test_never_raises_on_pieces_of_python(text: str) -> None:
    only_syntax_problems(text)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40))
def test_never_raises_on_any_text(text: str) -> None:
    only_syntax_problems(text)


def only_syntax_problems(text: str) -> None:
    try:
        summarise("m.py", text)
    except SyntaxProblem as problem:
        assert problem.line >= 1


def test_sites_are_the_order_of_the_walk() -> None:
    parsed = parse("m.py", "@d()\ndef f(a=g()):\n    return h(a)\nx = f()\n")
    assert sites(parsed.module.body) == sorted(sites(parsed.module.body))
    assert len(parsed.walked.nodes) == len(set(sites(parsed.module.body)))


def sites(part: Any) -> list[int]:
    """In execution order, a definition's site before those of its body."""
    if isinstance(part, tuple):
        return [site for each in part for site in sites(each)]
    if isinstance(part, Define):
        return sites(part.definition)
    if isinstance(part, Function | Class):
        return [part.site, *sites(part.body)]
    here = [part.site] if hasattr(part, "site") else []
    return [site for field in getattr(part, "__slots__", ()) for site in sites(getattr(part, field))] + here
