"""Source code as the analysis sees it: statements in execution order over expressions that run nothing.

A-normal form. Every call is a statement of its own, numbered in execution order inside its unit (module body,
class body, function, lambda, generator expression); expressions only refer to names and to earlier calls by
`Result(number)`. So evaluating an expression never calls anything, and reading a block from top to bottom is the
order in which Python runs it: arguments before the call, decorators and defaults before the definition.

Conditional evaluation becomes a `Branch`: `a or f()` is `Branch(a, (), (Call 0,))` followed by
`Fold("or", (a, Result(0)))`. A `Result` whose call was not executed on a path has no value there.
"""

from typing import Literal, TypeAlias

from msgspec import Struct

Scalar: TypeAlias = None | bool | int | float | str


# -- expressions ---------------------------------------------------------------------------------------------------


class Const(Struct, frozen=True, gc=False):
    """A literal. Text longer than 80 characters, bytes, complex numbers and `...` are `Opaque`."""

    value: Scalar


class Name(Struct, frozen=True, gc=False):
    """A variable read, or as a target, written. Comprehension variables carry a suffix: `x@3`."""

    id: str


class Attr(Struct, frozen=True, gc=False):
    of: "Expr"
    name: str


class Item(Struct, frozen=True, gc=False):
    of: "Expr"
    key: "Expr"


class Slice(Struct, frozen=True, gc=False):
    """The key of `x[a:b:c]`; absent parts are None."""

    lower: "Expr | None"
    upper: "Expr | None"
    step: "Expr | None"


class Result(Struct, frozen=True, gc=False):
    """What call `number` of the same unit returned."""

    number: int


class Code(Struct, frozen=True, gc=False):
    """A lambda, or the generator function of a generator expression."""

    function: "Function"


class Spread(Struct, frozen=True, gc=False):
    """`*x` inside a display or an unpacking target."""

    of: "Expr"


class Display(Struct, frozen=True, gc=False):
    """`[a, b]`, `(a, b)`, `{a, b}`, `{k: v}`. For a dict `keys` pairs with `items`; key None is `**item`."""

    kind: Literal["list", "tuple", "set", "dict"]
    items: tuple["Expr", ...]
    keys: tuple["Expr | None", ...] = ()


class Collected(Struct, frozen=True, gc=False):
    """The value of a list, set or dict comprehension whose `Loop` stands just before it.

    `element` (and `key` for a dict) is what each round adds; `iterables` are the `for` clauses' iterables.
    """

    kind: Literal["list", "set", "dict"]
    element: "Expr"
    key: "Expr | None"
    iterables: tuple["Expr", ...]


class Choice(Struct, frozen=True, gc=False):
    """`a if test else b`; calls inside the arms stand in a `Branch` before it."""

    test: "Expr"
    then: "Expr"
    other: "Expr"


class Fold(Struct, frozen=True, gc=False):
    """An operator over operands.

    `op` is one of: `+ - * / // % ** @ & | ^ << >>`, `neg pos invert not`, `and or` (any number of operands),
    `== != < <= > >= is`, `is not`, `in`, `not in` (two operands; a chain becomes an `and`),
    `format` (an f-string: its literal and its replaced parts in order).
    """

    op: str
    operands: tuple["Expr", ...]


class Opaque(Struct, frozen=True, gc=False):
    """Anything else; `parts` are the expressions inside it, so that nothing tracked is lost from sight."""

    parts: tuple["Expr", ...] = ()


Expr: TypeAlias = Const | Name | Attr | Item | Slice | Result | Code | Spread | Display | Collected | Choice | Fold | Opaque

Target: TypeAlias = Name | Attr | Item | Spread | Display
"""What an assignment writes: a `Display` unpacks."""


# -- statements ----------------------------------------------------------------------------------------------------


class Argument(Struct, frozen=True, gc=False):
    value: Expr
    name: str | None = None
    """The keyword, if one is written."""
    stars: int = 0
    """1 for `*value`, 2 for `**value`."""


class Call(Struct, frozen=True, gc=False):
    number: int
    callee: Expr
    arguments: tuple[Argument, ...]
    site: int
    """The call expression from its first to its last character."""
    loose: bool = False
    """True for an expression statement: nobody uses the result."""


class Bind(Struct, frozen=True, gc=False):
    """`target = value`, one per target; also walrus, augmented (`value` is then a `Fold`) and annotated assignment.

    `for` targets, `with … as`, `except … as` are part of their statements. `value` None: only annotated.
    """

    target: Target
    value: Expr | None
    site: int
    """The whole assignment statement."""
    annotation: Expr | None = None
    augmented: bool = False


class Evaluate(Struct, frozen=True, gc=False):
    """An expression statement that is not a call: its attributes and items are read, no more."""

    value: Expr
    site: int


class Import(Struct, frozen=True, gc=False):
    """One name of an import statement.

    `import a.b` binds `a` (`whole` False); `import a.b as c` binds `c` to the module a.b (`whole` True);
    `from m import n as k` has `name` n and binds `k`; `from m import *` has `name` "*" and binds nothing.
    """

    module: str
    level: int
    name: str | None
    bound: str
    whole: bool
    site: int


class Branch(Struct, frozen=True, gc=False):
    test: Expr
    body: "Block"
    orelse: "Block"
    site: int
    """The test expression."""
    kind: Literal["if", "choice", "assert", "case"] = "if"


class Loop(Struct, frozen=True, gc=False):
    """`for target in iterable`, or `while test` (target and iterable None).

    `head` runs before every test of a `while`; a `for`'s iterable was evaluated before the loop.
    A comprehension is a loop of kind "comprehension", its conditions a `Branch` around the rest.
    """

    target: Target | None
    iterable: Expr | None
    head: "Block"
    test: Expr | None
    body: "Block"
    orelse: "Block"
    site: int
    """The iterable, or the test."""
    kind: Literal["for", "while", "comprehension"] = "for"


class Handler(Struct, frozen=True, gc=False):
    types: tuple[Expr, ...]
    """What it catches; empty catches everything."""
    name: str | None
    body: "Block"
    site: int


class Try(Struct, frozen=True, gc=False):
    body: "Block"
    handlers: tuple[Handler, ...]
    orelse: "Block"
    final: "Block"
    site: int


class With(Struct, frozen=True, gc=False):
    """One context manager; several in one statement nest."""

    context: Expr
    target: Target | None
    body: "Block"
    site: int
    """The context expression."""


class Define(Struct, frozen=True, gc=False):
    """`def` or `class`: decorators, defaults and bases were evaluated just before."""

    definition: "Function | Class"
    site: int


class Delete(Struct, frozen=True, gc=False):
    targets: tuple[Target, ...]
    site: int


class Return(Struct, frozen=True, gc=False):
    value: Expr | None
    site: int


class Yield(Struct, frozen=True, gc=False):
    """`yield value`, or `yield from value` (`each`). What is sent in is not modelled."""

    value: Expr | None
    each: bool
    site: int


class Raise(Struct, frozen=True, gc=False):
    value: Expr | None
    site: int


class Jump(Struct, frozen=True, gc=False):
    kind: Literal["break", "continue"]


Statement: TypeAlias = (
    Call | Bind | Evaluate | Import | Branch | Loop | Try | With | Define | Delete | Return | Yield | Raise | Jump
)
Block: TypeAlias = tuple[Statement, ...]


# -- definitions ---------------------------------------------------------------------------------------------------


class Parameter(Struct, frozen=True, gc=False):
    name: str
    kind: Literal["positional_only", "positional", "keyword", "var_positional", "var_keyword"]
    default: Expr | None
    """In the numbering of the enclosing unit."""
    annotation: Expr | None


class Function(Struct, frozen=True, gc=False):
    name: str
    """`<lambda>` and `<generator>` for the nameless."""
    qualname: str
    """Dotted inside the module, without `<locals>`: `Net.forward`, `main.helper`."""
    parameters: tuple[Parameter, ...]
    decorators: tuple[Expr, ...]
    """Outermost first, in the numbering of the enclosing unit."""
    body: Block
    site: int
    """The name in the `def` line; for a lambda the lambda."""
    generator: bool
    coroutine: bool
    variables: tuple[str, ...]
    """Sorted names local to the function: parameters and everything bound, less `outer`."""
    outer: tuple[str, ...]
    """Names declared global or nonlocal, sorted."""
    words: tuple[str, ...]
    """Sorted identifiers that occur in it: variables, attribute names, keywords; inner functions included."""


class Class(Struct, frozen=True, gc=False):
    name: str
    qualname: str
    bases: tuple[Argument, ...]
    """Base classes and keywords such as `metaclass=`, in the numbering of the enclosing unit."""
    decorators: tuple[Expr, ...]
    body: Block
    site: int
    words: tuple[str, ...]


class Comment(Struct, frozen=True, gc=False):
    """A comment that mentions reprolint."""

    line: int
    """As in `Span.line`."""
    cell: int | None
    text: str
    own_line: bool
    """True if nothing but the comment stands on its line."""


class Module(Struct, frozen=True, gc=False):
    path: str
    """POSIX path relative to the root."""
    digest: str
    body: Block
    comments: tuple[Comment, ...]
    words: tuple[str, ...]
    imports: tuple[Import, ...]
    """Every import anywhere in the file, in source order."""
    notebook: bool
    guarded: bool
    """True if it holds an `if __name__ == "__main__":` at module level."""
    lines: int
