"""Frames: the carets stand under the span, whatever the characters and the width."""

import pytest
from made import span
from rich.cells import cell_len

from reprolint.report.frame import frame, readable


def shown(text, at, *, width=80, encoding="utf-8"):
    return [line.plain for line in frame(text.splitlines(), at, width=width, style="red", encoding=encoding)]


def underlined(lines):
    """What stands above the carets, by screen cells."""
    [carets] = [number for number, line in enumerate(lines) if "^" in line]
    start, end = lines[carets].index("^"), len(lines[carets])
    cells = "".join(character * cell_len(character) for character in lines[carets - 1])
    return cells[start:end]


def test_span_with_a_line_of_context_either_side():
    assert shown("a = 1\nb = draw(2)\nc = 3\nd = 4\n", span(2, 5, 2, 12)) == [
        "   │",
        " 1 │ a = 1",
        " 2 │ b = draw(2)",
        "   │     ^^^^^^^",
        " 3 │ c = 3",
        "   │",
    ]


def test_blank_context_is_left_out():
    assert shown("\nb = draw(2)\n\n", span(2, 5, 2, 12))[1:3] == [" 2 │ b = draw(2)", "   │     ^^^^^^^"]


@pytest.mark.parametrize(
    ("line", "word", "expected"),
    [
        ("\tx = draw()", "draw()", "draw()"),
        ("ab\tx = draw()", "draw()", "draw()"),
        ("数据 = draw()", "draw()", "draw()"),
        ('f("数据", draw("文"))', 'draw("文")', 'draw("文文")'),
        ("é = draw()", "draw()", "draw()"),
        ("e\u0301 = draw()", "draw()", "draw()"),
        ("\x1b[31m = draw()", "draw()", "draw()"),
        ("\u202e = draw()", "draw()", "draw()"),
    ],
)
def test_carets_under_the_span(line, word, expected):
    column = line.index(word) + 1
    lines = shown(line, span(1, column, 1, column + len(word)))
    assert underlined(lines).startswith(expected.replace("\u0301", ""))
    assert len(lines[2]) - lines[2].index("^") == cell_len(word)


@pytest.mark.parametrize("width", [40, 60, 80, 140])
def test_long_lines_are_cut_around_the_span(width):
    line = "a" * 200 + " = draw() + " + "b" * 200
    lines = shown(f"x = 1\n{line}\ny = 2\n", span(2, 204, 2, 210), width=width)
    assert underlined(lines) == "draw()"
    assert all(cell_len(row) <= width for row in lines)
    assert lines[1].startswith(" 2 │ …")
    assert lines[1].endswith("…")


def test_wide_characters_are_never_cut_in_two():
    line = "数" * 100 + " = draw()"
    lines = shown(line, span(1, 104, 1, 110), width=41)
    assert underlined(lines) == "draw()"


def test_span_longer_than_the_screen():
    lines = shown("draw(" + "a" * 300 + ")", span(1, 1, 1, 307), width=50)
    assert all(cell_len(row) <= 50 for row in lines)


def test_several_lines_are_bracketed():
    text = "loader = Loader(\n    data,\n    workers=4,\n)\nprint()\n"
    assert shown(text, span(1, 10, 4, 2)) == [
        "   │",
        " 1 │ ╭ loader = Loader(",
        "   │ │          ^^^^^^^",
        " 2 │ │     data,",
        " 3 │ │     workers=4,",
        " 4 │ ╰ )",
        " 5 │   print()",
        "   │",
    ]


def test_many_lines_are_elided():
    text = "f(\n" + "    1,\n" * 30 + ")\n"
    lines = shown(text, span(1, 1, 32, 2))
    assert len(lines) == 10
    assert lines[6] == ".. │ │"
    assert lines[8] == "32 │ ╰ )"


def test_a_span_that_ends_before_the_first_column_does_not_reach_that_line():
    assert not any("╰" in line for line in shown("f()\ng()\n", span(1, 1, 2, 1)))


@pytest.mark.parametrize("at", [span(0, 1), span(9, 1)])
def test_no_frame_outside_the_file(at):
    assert shown("a\n", at) == []


@pytest.mark.parametrize("at", [span(1, 1, 1, 1), span(1, 3, 1, 2), span(1, 90, 1, 99), span(1, 1, 40, 1)])
def test_odd_spans_still_give_a_caret(at):
    assert sum("^" in line for line in shown("abc\ndef\n", at)) == 1


def test_ascii():
    lines = shown("数 = Loader(\n    1,\n)\n", span(1, 5, 3, 2), encoding="ascii")
    assert lines[1] == " 1 | / \\u6570 = Loader("
    assert all(line.isascii() for line in lines)
    assert lines[2] == "   | |          ^^^^^^^"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\tb", "a\\tb"),
        ("a\nb", "a\\nb"),
        ("\x1b]8;;", "\\x1b]8;;"),
        ("\x9b31m", "\\x9b31m"),
        ("\u202eabc", "\\u202eabc"),
        ("\udcff", "\\udcff"),
        ("数é→", "数é→"),
    ],
)
def test_readable(text, expected):
    assert readable(text) == expected
