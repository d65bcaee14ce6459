"""Runs a summary as a program, so that its order can be compared with Python's."""

import builtins
import operator
from collections.abc import Callable, Generator, Iterator
from typing import Any, TypeAlias

from reprolint.model.code import (
    Argument,
    Attr,
    Bind,
    Block,
    Branch,
    Call,
    Choice,
    Class,
    Code,
    Collected,
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
    Jump,
    Loop,
    Module,
    Name,
    Opaque,
    Raise,
    Result,
    Return,
    Slice,
    Spread,
    Statement,
    Target,
    Try,
    With,
    Yield,
)  # fmt: skip

Run = Generator[Any, Any, None]

OPERATORS: dict[str, Callable[..., Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "//": operator.floordiv,
    "%": operator.mod, "**": operator.pow, "@": operator.matmul, "&": operator.and_, "|": operator.or_,
    "^": operator.xor, "<<": operator.lshift, ">>": operator.rshift, "neg": operator.neg, "pos": operator.pos,
    "invert": operator.invert, "not": operator.not_, "==": operator.eq, "!=": operator.ne, "<": operator.lt,
    "<=": operator.le, ">": operator.gt, ">=": operator.ge, "is": operator.is_, "is not": operator.is_not,
    "in": lambda a, b: a in b, "not in": lambda a, b: a not in b,
    "format": lambda *parts: "".join(map(format, parts)),
}  # fmt: skip


class Returned(Exception):
    def __init__(self, value: Any) -> None:
        self.value = value


class Broken(Exception):
    def __init__(self, kind: str) -> None:
        self.kind = kind


class Frame:
    """The variables and results of one running unit."""

    def __init__(self, variables: dict[str, Any], outer: "Frame | None", function: Function | None = None) -> None:
        self.variables = variables
        self.outer = outer
        self.function = function
        self.results: dict[int, Any] = {}
        self.rounds: dict[int, list[Round]] = {}
        """What a comprehension's rounds left, by the identity of its iterable."""

    def top(self) -> "Frame":
        return self.outer.top() if self.outer else self

    def find(self, name: str) -> "Frame":
        if name in self.variables or self.outer is None:
            return self
        if self.function and name in self.function.variables:
            raise UnboundLocalError(name)
        return self.outer.find(name)

    def read(self, name: str) -> Any:
        frame = self.find(name)
        if name in frame.variables:
            return frame.variables[name]
        if hasattr(builtins, name):
            return getattr(builtins, name)
        raise NameError(name)

    def write(self, name: str, value: Any) -> None:
        if self.function and name in self.function.outer and self.outer:
            self.outer.find(name).variables[name] = value
        else:
            self.variables[name] = value

    def snapshot(self) -> "Frame":
        copy = Frame(dict(self.variables), self.outer, self.function)
        copy.results, copy.rounds = dict(self.results), dict(self.rounds)
        return copy


Round: TypeAlias = tuple[Frame, list[Any]]
"""What one round of a comprehension left, and the rounds of the loop it ended with."""


def run(module: Module, variables: dict[str, Any]) -> None:
    finish(block(module.body, Frame(variables, None)))


def finish(running: Run) -> None:
    for _ in running:
        raise AssertionError("yield outside a generator")


# -- expressions ---------------------------------------------------------------------------------------------------


def value(expr: Expr | None, frame: Frame) -> Any:
    match expr:
        case None:
            return None
        case Const(constant):
            return constant
        case Name(name):
            return frame.read(name)
        case Attr(of, name):
            return getattr(value(of, frame), name)
        case Item(of, key):
            return value(of, frame)[value(key, frame)]
        case Slice(lower, upper, step):
            return slice(value(lower, frame), value(upper, frame), value(step, frame))
        case Result(number):
            return frame.results[number]
        case Code(function):
            return made(function, defaults(function, frame), frame)
        case Opaque(()):
            return None  # what is sent to a `yield`
        case Display():
            return displayed(expr, frame)
        case Collected(kind, element, key, iterables):
            rounds = innermost(frame.rounds[id(iterables[0])], len(iterables))
            if kind == "dict":
                return {value(key, each): value(element, each) for each in rounds}
            found = [value(element, each) for each in rounds]
            return set(found) if kind == "set" else found
        case Choice(test, then, other):
            return value(then if value(test, frame) else other, frame)
        case Fold("and" | "or" as op, operands):
            return short_circuit(op, operands, frame)
        case Fold(op, operands):
            return OPERATORS[op](*(value(operand, frame) for operand in operands))
    raise AssertionError(f"cannot run {expr}")


def short_circuit(op: str, operands: tuple[Expr, ...], frame: Frame) -> Any:
    found = None
    for operand in operands:
        found = value(operand, frame)
        if bool(found) == (op == "or"):
            break
    return found


def displayed(expr: Display, frame: Frame) -> Any:
    if expr.kind == "dict":
        made: dict[Any, Any] = {}
        for key, item in zip(expr.keys, expr.items, strict=True):
            made.update(value(item, frame) if key is None else {value(key, frame): value(item, frame)})
        return made
    return {"list": list, "tuple": tuple, "set": set}[expr.kind](items(expr.items, frame))


def items(parts: tuple[Expr, ...], frame: Frame) -> Iterator[Any]:
    for part in parts:
        if isinstance(part, Spread):
            yield from value(part.of, frame)
        else:
            yield value(part, frame)


def given(arguments: tuple[Argument, ...], frame: Frame) -> tuple[list[Any], dict[str, Any]]:
    positional: list[Any] = []
    named: dict[str, Any] = {}
    for argument in arguments:
        found = value(argument.value, frame)
        if argument.name:
            named[argument.name] = found
        elif argument.stars:
            (positional.extend if argument.stars == 1 else named.update)(found)
        else:
            positional.append(found)
    return positional, named


# -- functions -----------------------------------------------------------------------------------------------------


def defaults(function: Function, frame: Frame) -> dict[str, Any]:
    return {each.name: value(each.default, frame) for each in function.parameters if each.default is not None}


def made(function: Function, absent: dict[str, Any], frame: Frame) -> Callable[..., Any]:
    enclosing = frame
    while enclosing.function is None and enclosing.outer is not None:
        enclosing = enclosing.outer  # a class body is not a scope for what is defined in it

    def called(*positional: Any, **named: Any) -> Any:
        inner = Frame(bound(function, absent, list(positional), dict(named)), enclosing, function)
        running = block(function.body, inner)
        return produced(running) if function.generator else returned(running)

    return called


def bound(function: Function, absent: dict[str, Any], positional: list[Any], named: dict[str, Any]) -> dict[str, Any]:
    variables: dict[str, Any] = {}
    for parameter in function.parameters:
        if parameter.kind == "var_positional":
            variables[parameter.name], positional = tuple(positional), []
        elif parameter.kind == "var_keyword":
            variables[parameter.name], named = named, {}
        elif positional and parameter.kind != "keyword":
            variables[parameter.name] = positional.pop(0)
        elif parameter.name in named:
            variables[parameter.name] = named.pop(parameter.name)
        else:
            variables[parameter.name] = absent[parameter.name]
    assert not positional
    assert not named
    return variables


def produced(running: Run) -> Iterator[Any]:
    try:
        yield from running
    except Returned:
        return


def returned(running: Run) -> Any:
    try:
        finish(running)
    except Returned as way_out:
        return way_out.value
    return None


def defined(definition: Function | Class, frame: Frame) -> None:
    decorators = [value(decorator, frame) for decorator in definition.decorators]
    thing: Any
    if isinstance(definition, Function):
        thing = made(definition, defaults(definition, frame), frame)
    else:
        bases, named = given(definition.bases, frame)
        body = Frame({}, frame)
        finish(block(definition.body, body))
        thing = named.pop("metaclass", type)(definition.name, tuple(bases), body.variables, **named)
    for decorator in reversed(decorators):
        thing = decorator(thing)
    frame.write(definition.name, thing)


# -- statements ----------------------------------------------------------------------------------------------------


def block(statements: Block, frame: Frame) -> Run:
    for each in statements:
        yield from statement(each, frame)


def statement(each: Statement, frame: Frame) -> Run:
    match each:
        case Call(number, callee, arguments):
            positional, named = given(arguments, frame)
            frame.results[number] = value(callee, frame)(*positional, **named)
        case Bind(target, bound_value):
            if bound_value is not None:
                assign(target, value(bound_value, frame), frame)
        case Evaluate(expr):
            value(expr, frame)
        case Import(module, _, name, bound_name, whole):
            loaded = __import__(module, fromlist=[name] if name else (["x"] if whole else []))
            frame.write(bound_name, getattr(loaded, name) if name else loaded)
        case Branch(test, body, orelse):
            yield from block(body if value(test, frame) else orelse, frame)
        case Loop(kind="comprehension"):
            yield from comprehension(each, frame)
        case Loop():
            yield from loop(each, frame)
        case Try():
            yield from tried(each, frame)
        case With(context, target, body):
            with value(context, frame) as entered:
                if target is not None:
                    assign(target, entered, frame)
                yield from block(body, frame)
        case Define(definition):
            defined(definition, frame)
        case Delete(targets):
            for target in targets:
                assert isinstance(target, Name)
                del frame.variables[target.id]
        case Return(expr):
            raise Returned(value(expr, frame))
        case Yield(expr, True):
            yield from value(expr, frame)
        case Yield(expr):
            yield value(expr, frame)
        case Raise(None):
            raise  # noqa: PLE0704  what the program re-raises
        case Raise(expr):
            raise value(expr, frame)
        case Jump(kind):
            raise Broken(kind)


def assign(target: Target | Expr, new: Any, frame: Frame) -> None:
    match target:
        case Name(name):
            frame.write(name, new)
        case Attr(of, name):
            setattr(value(of, frame), name, new)
        case Item(of, key):
            value(of, frame)[value(key, frame)] = new
        case Display(_, parts):
            unpack(parts, list(new), frame)


def unpack(parts: tuple[Expr, ...], new: list[Any], frame: Frame) -> None:
    for at, part in enumerate(parts):
        if isinstance(part, Spread):
            rest = len(parts) - at - 1
            assign(part.of, new[at : len(new) - rest], frame)
            new = [*new[:at], None, *new[len(new) - rest :]]
        else:
            assign(part, new[at], frame)


def loop(each: Loop, frame: Frame) -> Run:
    try:
        yield from while_rounds(each, frame) if each.kind == "while" else for_rounds(each, frame)
        yield from block(each.orelse, frame)
    except Broken as jump:
        assert jump.kind == "break"


def while_rounds(each: Loop, frame: Frame) -> Run:
    while True:
        yield from block(each.head, frame)
        if not value(each.test, frame):
            return
        yield from body(each, frame)


def for_rounds(each: Loop, frame: Frame) -> Run:
    assert each.target is not None
    for new in value(each.iterable, frame):
        assign(each.target, new, frame)
        yield from body(each, frame)


def body(each: Loop, frame: Frame) -> Run:
    try:
        yield from block(each.body, frame)
    except Broken as jump:
        if jump.kind == "break":
            raise


def comprehension(each: Loop, frame: Frame) -> Run:
    """Remembers what every round that meets the conditions leaves, for the `Collected` that follows."""
    assert each.target is not None
    passed: list[Round] = []
    for new in value(each.iterable, frame):
        assign(each.target, new, frame)
        inside = each.body
        while inside and isinstance(inside[-1], Branch) and inside[-1].kind == "if":
            yield from block(inside[:-1], frame)
            if not value(inside[-1].test, frame):
                break
            inside = inside[-1].body
        else:
            yield from block(inside, frame)
            last = inside[-1] if inside else None
            passed.append((frame.snapshot(), frame.rounds[id(last.iterable)] if isinstance(last, Loop) else []))
    frame.rounds[id(each.iterable)] = passed


def innermost(rounds: list[Round], clauses: int) -> list[Frame]:
    """The frames in which a comprehension with so many `for` clauses adds an element."""
    if clauses == 1:
        return [frame for frame, _ in rounds]
    return [frame for _, inner in rounds for frame in innermost(inner, clauses - 1)]


def tried(each: Try, frame: Frame) -> Run:
    try:
        try:
            yield from block(each.body, frame)
        except (Returned, Broken):
            raise
        except BaseException as error:
            for handler in each.handlers:
                if not handler.types or isinstance(error, tuple(value(kind, frame) for kind in handler.types)):
                    if handler.name:
                        frame.write(handler.name, error)
                    yield from block(handler.body, frame)
                    break
            else:
                raise
        else:
            yield from block(each.orelse, frame)
    finally:
        yield from block(each.final, frame)
