"""What is shown, what is muted and by what, and what a finding is called."""

from dataclasses import replace

import msgspec
import pytest

from reprolint.checks import Rule
from reprolint.config import Settings, UsageError
from reprolint.model.code import Comment
from reprolint.model.finding import Finding
from reprolint.model.span import Span
from reprolint.triage import choose, find, triage


def _never(program):
    yield from ()


RULES = {
    rule.code: rule
    for rule in (
        Rule("RPL001", "syntax-error", "error", "", _never),
        Rule("RPL101", "unseeded-stream", "error", "", _never),
        Rule("RPL103", "optional-seed", "warning", "", _never),
        Rule("RPL106", "default-seeded-generator", "info", "", _never, audience="audit"),
        Rule("RPL205", "unsorted-listing", "warning", "", _never),
    )
}

SOURCE = """\
import torch
x = torch.rand(3)
y = torch.rand(3)
"""


def finding(code="RPL101", line=2, **changes):
    rule = RULES[code]
    made = Finding(
        code, rule.name, rule.severity, "certain", "m", Span("train.py", line, 5, line, 18), "h", stream="torch"
    )
    return replace(made, **changes)


def judged(*findings, source=SOURCE, rules=RULES, whole=True, reported=None, **settings):
    """Triage over one file whose comments are found line by line."""
    lines = source.splitlines()
    comments = [
        Comment(number, None, text[text.index("#") :], text.lstrip().startswith("#"))
        for number, text in enumerate(lines, 1)
        if "reprolint" in text
    ]
    return triage(
        findings,
        {"train.py": comments},
        msgspec.convert(settings, Settings),
        rules,
        frames={"train.py": lines},
        whole=whole,
        reported=reported,
    )


def codes(findings):
    return [found.rule for found in findings]


# -- selection


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, ["RPL101", "RPL103", "RPL205"]),
        ({"select": ["RPL1"]}, ["RPL101", "RPL103"]),
        ({"select": ["RPL101"]}, ["RPL101"]),
        ({"select": ["unsorted-listing"]}, ["RPL205"]),
        ({"select": ["RPL1"], "extend-select": ["RPL205"]}, ["RPL101", "RPL103", "RPL205"]),
        ({"ignore": ["RPL1"]}, ["RPL205"]),
        ({"ignore": ["RPL1"], "select": ["ALL", "RPL103"]}, ["RPL103", "RPL205"]),
        ({"ignore": ["RPL101"], "select": ["RPL1"]}, ["RPL103"]),
        ({"ignore": ["RPL101"], "select": ["RPL101"]}, []),
        ({"ignore": ["ALL"]}, []),
        ({"ignore": ["ALL"], "select": ["RPL2"]}, ["RPL205"]),
    ],
)
def test_selection(settings, expected):
    assert codes(judged(finding(), finding("RPL103"), finding("RPL205"), **settings).kept) == expected


@pytest.mark.parametrize(
    ("selector", "hint"),
    [
        ("RPL204", "; did you mean `RPL205`?"),
        ("unseeded-steam", "; did you mean `unseeded-stream`?"),
        ("RPL9", ""),
        ("E501", ""),
        ("rpl101", "; did you mean `RPL101`?"),
    ],
)
@pytest.mark.parametrize("key", ["select", "ignore", "extend_select"])
def test_unknown_rule(key, selector, hint):
    with pytest.raises(UsageError) as raised:
        choose(Settings(**{key: (selector,)}), RULES)
    assert str(raised.value).startswith(f"unknown rule `{selector}`")
    assert str(raised.value).endswith(hint or "`")


def test_unknown_rule_in_per_file_ignores():
    with pytest.raises(UsageError, match="unknown rule `RPL9`"):
        judged(**{"per-file-ignores": {"*": ["RPL9"]}})


@pytest.mark.parametrize("word", ["RPL101", "rpl101", "unseeded-stream", "Unseeded-Stream"])
def test_find(word):
    assert find(word, RULES).code == "RPL101"


def test_find_suggests():
    with pytest.raises(UsageError, match="did you mean `unseeded-stream`"):
        find("unseeded-streams", RULES)


# -- what is loud enough


QUIET = (
    finding("RPL101", confidence="possible"),
    finding("RPL103", severity="info"),
    finding("RPL106"),
    finding("RPL205", audit=True),
)


def test_quiet_by_default():
    assert judged(*QUIET).kept == ()
    assert codes(judged(finding(confidence="likely")).kept) == ["RPL101"]


def test_audit_shows_everything():
    assert codes(judged(*QUIET, audit=True).kept) == ["RPL101", "RPL103", "RPL106", "RPL205"]


def test_a_rule_that_was_asked_for_shows_its_audit_findings():
    assert codes(judged(*QUIET, select=["RPL106", "unsorted-listing", "RPL101", "RPL103"]).kept) == [
        "RPL103",
        "RPL106",
        "RPL205",
    ]


def test_a_family_or_all_is_not_asking_for_a_rule():
    assert judged(*QUIET, select=["RPL1", "RPL2"]).kept == ()
    assert judged(*QUIET, select=["ALL"]).kept == ()


# -- comments


def mutes(source, line=2, **changes):
    verdict = judged(finding(line=line, **changes), source=source)
    return [muted.why for muted in verdict.muted], codes(verdict.extra)


@pytest.mark.parametrize(
    "comment",
    [
        "# reprolint: ignore[RPL101] warm start",
        "# reprolint: ignore[unseeded-stream] warm start",
        "#reprolint:ignore[RPL101]: warm start",
        "# reprolint: ignore[ RPL101 ] \u2014 warm start",
        "# noqa: E501  # reprolint: ignore[RPL101] warm start  # noqa",
    ],
)
def test_trailing_comment(comment):
    verdict = judged(finding(), source=f"import torch\nx = torch.rand(3)  {comment}\n")
    [muted] = verdict.muted
    assert (muted.why, muted.reason, muted.finding.rule) == ("inline", "warm start", "RPL101")
    assert (verdict.kept, verdict.extra) == ((), ())


def test_several_rules_in_one_comment():
    source = "import torch\nx = torch.rand(3)  # reprolint: ignore[RPL101, optional-seed] warm start\n"
    verdict = judged(finding(), finding("RPL103"), finding("RPL205"), source=source)
    assert codes(verdict.kept) == ["RPL205"]
    assert [muted.finding.rule for muted in verdict.muted] == ["RPL101", "RPL103"]
    assert verdict.extra == ()


def test_comment_on_its_own_line_mutes_the_next_line_of_code():
    comment = "# reprolint: ignore[RPL101] warm start\n"
    assert mutes(f"{comment}x = torch.rand(3)\n") == (["inline"], [])
    assert mutes(f"{comment}\n\n# and why\nx = torch.rand(3)\n", line=5) == (["inline"], [])
    assert mutes(f"{comment}# reprolint: ignore[RPL103] x\nx = torch.rand(3)\n", line=3) == (["inline"], ["RPL002"])
    assert mutes(f"{comment}y = 1\nx = torch.rand(3)\n", line=3) == ([], ["RPL002"])


def test_comment_after_a_call_of_several_lines():
    span = Span("train.py", 1, 5, 3, 2)
    assert mutes("x = torch.rand(\n    3,\n)  # reprolint: ignore[RPL101] y\n", span=span) == (["inline"], [])


def test_another_line_or_file_or_cell_is_not_muted():
    source = "import torch\nx = torch.rand(3)  # reprolint: ignore[RPL101] warm start\n"
    assert mutes(source, line=1) == ([], ["RPL002"])
    assert mutes(source, span=Span("other.py", 2, 5, 2, 18)) == ([], ["RPL002"])
    assert mutes(source, span=Span("train.py", 2, 5, 2, 18, cell=1)) == ([], ["RPL002"])


def test_notebook_cell():
    span = Span("a.ipynb", 1, 1, 1, 9, 3, 40)
    comments = {"a.ipynb": [Comment(1, 3, "# reprolint: ignore[RPL101] why", False)]}
    verdict = triage([finding(span=span)], comments, Settings(), RULES, frames={"a.ipynb#3": ["rand(3)  # …"]})
    assert len(verdict.muted) == 1


def test_what_is_hidden_anyway_is_not_listed_as_muted_but_uses_its_comment():
    source = "x\ny = rand()  # reprolint: ignore[RPL101] why\n"
    verdict = judged(finding(confidence="possible"), source=source)
    assert (verdict.kept, verdict.muted, verdict.extra) == ((), (), ())


# -- wrong comments


@pytest.mark.parametrize(
    ("comment", "message"),
    [
        ("# reprolint: ignore[RPL999] why", "`RPL999` names no rule"),
        ("# reprolint: ignore[RPL1O1] why", "`RPL1O1` names no rule; did you mean `RPL101`?"),
        (
            "# reprolint: ignore[unseeded-streams] why",
            "`unseeded-streams` names no rule; did you mean `unseeded-stream`?",
        ),
        ("# reprolint: ignore", "suppression cannot be read: no rule is named; write "),
        ("# reprolint: ignore all of it", "suppression cannot be read: no rule is named; write "),
        ("# reprolint: ignore[]", "suppression cannot be read: no rule is named; write "),
        ("# reprolint: ignore[RPL101 why", "suppression cannot be read: the bracket is not closed; write "),
        ("# reprolint: disable[RPL101] why", "suppression cannot be read: `disable` is not understood; write "),
        ("# reprolint: ingore", "suppression cannot be read: `ingore` is not understood; write "),
    ],
)
def test_unknown_suppression(comment, message):
    verdict = judged(source=f"x = 1  {comment}\n")
    [only] = verdict.extra
    assert only.rule == "RPL004"
    assert only.message.startswith(message)
    assert (only.span.line, only.span.column) == (1, 8)
    assert only.fingerprint


@pytest.mark.parametrize(
    "comment",
    [
        "# reprolint is a linter",
        "# see `# reprolint: ignore[RPL9]`",
        "# checked with reprolint: no findings",
        "# reprolint: we seed in main",
        "# noqa: RPL999",
    ],
)
def test_remarks_are_left_alone(comment):
    assert judged(source=f"x = 1  {comment}\n").extra == ()


def test_unused_suppression():
    source = "import torch\nx = 1  # reprolint: ignore[RPL101, RPL103] why\n"
    [only] = judged(source=source).extra
    assert (only.rule, only.severity, only.span.line) == ("RPL002", "warning", 2)
    assert only.message == "nothing to mute here for `RPL101`, `RPL103`"
    assert only.help == "remove the comment"
    [only] = judged(finding(), source=source).extra
    assert (only.message, only.help) == ("nothing to mute here for `RPL103`", "remove the rule from the comment")


@pytest.mark.parametrize(
    "settings",
    [
        {"select": ["RPL2", "RPL002"]},
        {"ignore": ["RPL101"]},
        {"ignore": ["RPL002"]},
        {"whole": False},
        {"reported": {"other.py"}},
        {"per-file-ignores": {"train.py": ["RPL0"]}},
    ],
)
def test_unused_is_judged_only_for_rules_that_ran_over_all_of_it(settings):
    assert judged(source="x = 1  # reprolint: ignore[RPL101] why\n", **settings).extra == ()


def test_audit_rules_are_judged_only_when_they_speak():
    source = "x = 1  # reprolint: ignore[RPL106] why\n"
    assert judged(source=source).extra == ()
    assert codes(judged(source=source, audit=True).extra) == ["RPL002"]
    assert codes(judged(source=source, **{"extend-select": ["RPL106"]}).extra) == ["RPL002"]


def test_unexplained_suppression_is_for_the_audit():
    source = "import torch\nx = torch.rand(3)  # reprolint: ignore[RPL101]\n"
    assert judged(finding(), source=source).extra == ()
    assert codes(judged(finding(), source=source, audit=True).extra) == ["RPL003"]


# -- per-file ignores


@pytest.mark.parametrize(
    ("pattern", "path", "muted"),
    [
        ("tests/*", "tests/a.py", True),
        ("tests/", "tests/deep/a.py", True),
        ("*.ipynb", "nb/a.ipynb", True),
        ("/a.py", "b/a.py", False),
        ("tests/*", "src/a.py", False),
    ],
)
def test_per_file_ignores(pattern, path, muted):
    verdict = judged(finding(span=Span(path, 1, 1, 1, 2)), **{"per-file-ignores": {pattern: ["RPL1"]}})
    assert len(verdict.muted) == muted
    assert len(verdict.kept) == (not muted)
    assert all(found.why == "config" and pattern in found.reason for found in verdict.muted)


def test_per_file_ignores_name_their_rules():
    verdict = judged(finding(), finding("RPL205"), **{"per-file-ignores": {"*": ["RPL205"]}})
    assert codes(verdict.kept) == ["RPL101"]


# -- fingerprints


def prints(*findings, source=SOURCE):
    return [found.fingerprint for found in judged(*findings, source=source).kept]


def test_fingerprint_is_the_same_after_edits_elsewhere():
    before = prints(finding(line=2))
    after = prints(finding(line=4), source=f"# new\n# lines\n{SOURCE}")
    assert before == after
    assert len(before[0]) == 16
    assert prints(finding(line=2), source="\n\t x  =  torch.rand(3)  \n") == before
    assert prints(finding(line=2), source="\nx = torch.rand(4)\n") != before


@pytest.mark.parametrize(
    "changes",
    [
        {"rule": "RPL103"},
        {"stream": "numpy"},
        {"entry": "eval.py"},
        {"enclosing": "main"},
        {"line": 3},
        {"span": Span("other.py", 2, 5, 2, 18)},
    ],
)
def test_fingerprint_tells_findings_apart(changes):
    made = finding(line=changes.pop("line", 2))
    assert prints(replace(made, **changes)) != prints(finding())


def test_equal_findings_are_numbered():
    assert len(set(prints(finding(), finding(), finding()))) == 3


def test_fingerprint_does_not_depend_on_what_is_shown():
    hidden = finding(confidence="possible")
    assert [found.fingerprint for found in judged(hidden, finding(), audit=True).kept][1] == prints(hidden, finding())[
        0
    ]


def test_fingerprint_is_pinned():
    """A change here makes every recorded baseline forget what it knew."""
    assert prints(finding()) == ["0a37f606f0b4c6a5"]
