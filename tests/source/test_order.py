"""A summary, run as a program, calls what Python calls, in Python's order, and leaves the same values."""

from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from summary_runner import run

from reprolint.source.summarise import summarise

PROGRAMS = """
x = t(f)(t(2), t(3))
---
x = f(t(1), k=t(2), *[t(3)], **{"z": t(4)})
---
x = f(k=t(1), *t([2, 3]), j=t(4))
---
x = f(a=t(1), *t([2]), **t({"b": 3}))
---
x = t(0) or t(2) or t(3)
---
x = t(1) and t(0) and t(3)
---
x = (t(1) and t(0)) or (t(2) and not t(0))
---
x = 0 or 1 and t(5)
y = 1 or 0 or t(5) or 0
z = 0 or (1 and t(3)) or t(4)
---
x = t(1) if t(0) else t(2)
y = t(1) if t(1) else t(2)
z = (t(1) if t(0) else t(2)) if t(0) else (t(3) if t(1) else t(4))
---
x = t(1) < t(2) < t(3)
y = t(2) < t(1) < t(3) < t(4)
z = t(1) < t(2) > t(3) == t(4)
w = 1 < 2 < t(3) != 5
---
x = t([1, 2, 3])[t(0):t(2):t(1)]
y = t({(1, 2): 3})[t(1), t(2)]
---
x = {t(1): t(2), **t({3: 4}), t(5): t(6)}
y = [t(1), *t([2, 3]), t(4)]
z = {t(1), t(2)}
w = t(1), (t(2), t(3))
---
x = -t(1) + ~t(2) * t(3) ** -1 - (not t(0))
y = t(1) + t(2) + t(3) - t(4) * t(5)
---
x = f"{t(1)}a{t(2)}b" f"{t(3)}" "c"
y = "a" 'b' "c"
z = f"{{{t(1)}}}"
---
a = b = c = t(1)
---
o.f = t(1)
t(o).g = t(2)
t(o).h[t(3)] = t(4)
x = o.log()
---
i = 3
i += t(1)
d = {1: 5}
d[t(1)] += t(2)
---
a, (b, *c) = t((1, (2, 3, 4)))
[d, e] = t([1, 2])
*g, h = t((1, 2, 3))
---
x: t(int) = t(3)
y: t(5)
---
x = (y := t(3)) + (z := y + t(1))
w = [k := t(1), k]
---
if t(0):
    t(1)
elif t(2):
    t(3)
else:
    t(4)
---
if t(0): t(1)
elif t(0): t(2)
elif t(0): t(3)
else: t(4); t(5)
---
i = 0
while t(i) < 3:
    i += 1
    if i == 2: continue
    t(10)
else:
    t(11)
---
i = 0
while True:
    i += 1
    if t(i) == 3:
        break
else:
    t(12)
---
for i in t([1, 2, 3]):
    if t(i) == 2:
        continue
    t(i + 10)
else:
    t(99)
---
for a, b in [(1, 2), (3, 4)]:
    for c in t([a, b]):
        if c == 2: break
        t(c)
    else:
        t(7)
---
x = [t(a) for a in t([1, 2, 3]) if t(a) > 1]
---
x = [t(a + b) for a in t([1, 2]) if t(a) for b in t([a, 5]) if t(b) > 1 if t(1)]
---
a = 7
x = [t(a) for a in t([a, 2])]
y = a
---
x = {t(a): t(a * 2) for a in t([1, 2])}
y = {t(a) for a in t([1, 2])}
---
x = [[t(b) for b in t([a, 2])] for a in t([1, 2])]
---
x = [t(1) if a else t(2) for a in t([0, 1])]
y = [t(1) or a for a in t([0, 1])]
---
x = [g := t(a) for a in t([1, 2])]
y = g
---
x = list(t(a) for a in t([1, 2]) if t(a) > 1)
---
g = (t(a) for a in t([1, 2]) for b in t([3]))
t(5)
x = list(g)
---
x = any(t(a) for a in t([0, 1, 2]))
---
x = any((last := a) > 1 for a in t([1, 2, 3]))
y = last
---
x = [(lambda b=a: t(a + b))() for a in t([1, 2])]
---
h = lambda p, q=t(1), *r, s=t(2): t(p) + q + s + len(r)
t(9)
x = h(t(5)) + h(1, 2, 3, s=4)
---
def d(p=t(1), *, q=t(2)):
    return t(p) + t(q)
t(3)
x = d() + d(5, q=t(6))
---
@t(wrap)
@t(same)
def d(p: t(int) = t(1)) -> None:
    t(p)
    return p
x = d()
---
@t(same)
class A(t(object), metaclass=t(type)):
    y = t(1)
    def m(self, p=t(2)):
        return t(p) + self.y
    z = [t(k) for k in t([1, 2])]
t(3)
x = A().m()
y = A.z
---
def outer():
    n = t(1)
    def inner():
        nonlocal n
        n += t(2)
        return n
    inner()
    return inner() + t(n)
x = outer()
---
def setter():
    global G
    G = t(4)
setter()
x = G
---
def gen():
    t(1)
    got = yield t(2)
    yield from t([3, 4])
    t(5)
x = [t(a) for a in gen()]
---
def gen():
    for i in range(3):
        if (yield t(i)):
            t(100)
x = list(gen())
---
try:
    t(1)
    boom(2)
    t(3)
except (ValueError, KeyError) as e:
    t(4)
else:
    t(5)
finally:
    t(6)
---
try:
    t(1)
except (KeyError, ValueError):
    t(2)
else:
    t(3)
finally:
    t(4)
---
try:
    try:
        boom(1)
    except KeyError:
        t(2)
    finally:
        t(3)
except ValueError as e:
    t(4)
---
try:
    try:
        boom(1)
    except ValueError:
        t(2)
        raise
except ValueError:
    t(3)
---
def r():
    try:
        return t(1)
    finally:
        t(2)
x = r()
---
with cm(t(1)) as a, cm(t(2)) as b:
    t(a + b)
with cm(3):
    t(4)
with (cm(5) as c, cm(6)):
    t(c)
---
with cm(1) as o.f, cm((2, 3)) as (p, t(o).h[t(4)]):
    t(o.f)
---
try:
    assert t(1), t(2)
    assert t(0), t(3)
except AssertionError as e:
    t(4)
---
try:
    raise ValueError(t(1)) from t(None)
except ValueError:
    t(2)
---
match t(2):
    case 1:
        t(10)
    case 2 | 3 if t(0):
        t(11)
    case 2 | 4:
        t(12)
    case _:
        t(13)
---
match t(5):
    case 1:
        t(10)
    case -5 | o.none:
        t(10)
    case v if t(v) > 9:
        t(11)
    case w:
        t(w + 1)
t(14)
---
match t(None):
    case True:
        t(1)
    case None:
        t(2)
---
match t(5):
    case (1 | 5) as k:
        t(k)
---
import os.path
from os import sep as s, path
import os.path as p
x = t(p.join("a", "b")) + t(s)
y = t(os.path is path)
---
x = t(o).log()
t(o).add(t(1)).add(t(2)).add(t(3) + t(o).add(t(4)).size())
---
del_me = t(1)
del del_me
x = 'del_me' in globals_()
---
x = t(1); y = t(2); t(3)
---
x = [*t([1]), *(t(a) for a in t([2, 3]))]
---
for t(o).h[t(1)], o.f in t([(1, 2), (3, 4)]):
    t(o.f)
x = [t(o.f) for t(o).f in t([1, 2])]
---
x = t(1) if t(0) or t(2) and not t(3) else t(4)
---
x = f(t(1) or t(2), t(0) and t(3), k=t(4) if t(0) else t(5))
---
async def co():
    return t(1)
import asyncio
x = 1
---
x = [t(1), [t(2), {t(3): [t(4)]}]][t(1)][t(0)]
---
def f2():
    for i in t([1, 2]):
        try:
            if t(i) == 2:
                return t(3)
            continue
        finally:
            t(4)
x = f2()
""".split("---\n")


class Thing:
    """Something with attributes, items and chained methods."""

    none = -1

    def __init__(self) -> None:
        self.h: dict[Any, Any] = {}
        self.values: list[Any] = []

    def add(self, value: Any) -> "Thing":
        self.values.append(value)
        return self

    def size(self) -> int:
        return len(self.values)

    def log(self) -> str:
        return repr((sorted(vars(self)), self.h))


def world(log: list[Any]) -> dict[str, Any]:
    def t(value: Any) -> Any:
        """Say that it was called."""
        log.append("function" if callable(value) else "o" if isinstance(value, Thing) else repr(value)[:50])
        return value

    def boom(value: Any) -> None:
        t(value)
        raise ValueError(value)

    @contextmanager
    def cm(value: Any) -> Any:
        t(("enter", value))
        yield value
        t(("exit", value))

    def wrap(function: Any) -> Any:
        t("wrap")
        return lambda: (t("before"), function(), t("after"))

    def f(*positional: Any, **named: Any) -> Any:
        t((positional, sorted(named.items())))
        return len(positional)

    variables: dict[str, Any] = {"t": t, "f": f, "boom": boom, "cm": cm, "wrap": wrap, "o": Thing()}
    return {**variables, "same": lambda thing: thing, "globals_": lambda: variables}


def by_python(source: str) -> tuple[list[Any], dict[str, Any]]:
    log: list[Any] = []
    variables = world(log)
    exec(compile(source, "program", "exec"), variables)
    return log, plain(variables)


def by_summary(source: str) -> tuple[list[Any], dict[str, Any]]:
    log: list[Any] = []
    variables = world(log)
    run(summarise("program.py", source), variables)
    return log, plain(variables)


def plain(variables: dict[str, Any]) -> dict[str, Any]:
    """Values that can be compared."""
    kept = (int, float, str, list, dict, tuple, set, bool, type(None))
    return {
        name: repr(value) for name, value in variables.items()
        if isinstance(value, kept) and name.isidentifier() and name != "__builtins__" and "<" not in repr(value)
        and name != "__annotations__"
    }  # fmt: skip


@pytest.mark.parametrize("source", PROGRAMS)
def test_program(source: str) -> None:
    assert by_summary(source) == by_python(source)


def test_programs_do_something() -> None:
    assert sum(len(by_python(source)[0]) for source in PROGRAMS) > 300


TEMPLATES = (
    "t({})", "(not {})", "(-{})", "({} or {})", "({} and {})", "({} or {} and {})", "({} if {} else {})",
    "({} < {} <= {})", "({} + {})", "f({}, k={})", "f(k={}, *[{}])", "(lambda a={}: {})()", "[{}][0]",
    "sum([{} for a in [t(1), {}]])", "sum([a * {} for a in [t(1), {}] if {}])", "sum(a + {} for a in (t(1), {}))",
    "sum([a * b for a in [t(1), {}] if {} for b in [a, {}]])", "[{}, {}][t(0)]", "len(f'{{{}}}{{{}}}')",
    "sum({{t({}) for a in [{}]}})",
)  # fmt: skip


def filled(template: str, parts: list[str]) -> str:
    return template.format(*parts)


def grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(filled, st.sampled_from(TEMPLATES), st.lists(inner, min_size=3, max_size=3))


@settings(max_examples=150, deadline=None)
@given(st.recursive(st.sampled_from("0123"), grown, max_leaves=20))
def test_any_expression(text: str) -> None:
    source = f"a = 1\nx = {text}\n"
    try:
        compile(source, "program", "exec")
    except SyntaxError:  # a walrus where Python takes none
        return
    assert by_summary(source) == by_python(source)
