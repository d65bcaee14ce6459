"""Configuration files become the values that their own parsers read, or `...`; never something else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reprolint.model.tagged import Tagged
from reprolint.source import data, yaml

yaml_library = pytest.importorskip("yaml")

WRITTEN = {
    "nested maps": ("a:\n  b:\n    c: 1\n  d: x\ne: 2.5\n", {"a": {"b": {"c": 1}, "d": "x"}, "e": 2.5}),
    "null four ways": ("a:\nb: ~\nc: null\nd: NULL\n", {"a": None, "b": None, "c": None, "d": None}),
    "truths": ("a: true\nb: False\n", {"a": True, "b": False}),
    "truths on which the versions differ": ("a: yes\nb: off\nc: n\n", {"a": ..., "b": ..., "c": ...}),
    "numbers": ("a: -3\nb: 0x1F\nc: 1.5\nd: .5\ne: 2.0e-3\n", {"a": -3, "b": 31, "c": 1.5, "d": 0.5, "e": 0.002}),
    "numbers on which the versions differ": (
        "a: 1e-3\nb: 010\nc: 1_000\nd: 1:30\ne: .inf\nf: 2020-01-01\n", dict.fromkeys("abcdef", ...),
    ),
    "text": ("a: plain text\nb: 'it''s'\nc: \"no: comment # here\"\nd: http://x.org\n",
             {"a": "plain text", "b": "it's", "c": "no: comment # here", "d": "http://x.org"}),
    "quoted numbers are text": ("a: '42'\nb: \"null\"\n", {"a": "42", "b": "null"}),
    "escapes are not read": ('a: "x\\ty"\nb: 1\n', {"a": ..., "b": 1}),
    "comments with quotes": (
        "a: !ref x # it's\nb: plain 'text' # it's\nc: ['8k'] # or \"16k\"\nd: 'x' # don't\n",
        {"a": ..., "b": "plain 'text'", "c": ["8k"], "d": "x"},
    ),
    "comments": ("# top\na: 1  # one\n  # inner\nb: x#y\n", {"a": 1, "b": "x#y"}),
    "one document": ("---\na: 1\n", {"a": 1}),
    "inline": ("a: [1, 2.5, x, [null]]\nb: {c: 3, d: {e: ~}}\n", {"a": [1, 2.5, "x", [None]], "b": {"c": 3, "d": {"e": None}}}),
    "inline over lines": ("a: [1,\n    2]\nb: {\n  c: 3,\n}\n", {"a": [1, 2], "b": {"c": 3}}),
    "lists": ("a:\n- 1\n- x\nb:\n  - c: 1\n    d: 2\n  - c: 3\n", {"a": [1, "x"], "b": [{"c": 1, "d": 2}, {"c": 3}]}),
    "lists of lists": ("- - 1\n  - 2\n-\n  - 3\n", [[1, 2], [3]]),
    "block text is not read": ("a: |\n  seed: 1\n  # no comment\nb: >-\n  x\nc: 2\n", {"a": ..., "b": ..., "c": 2}),
    "text over lines is not read": ("a: one\n  two\nb: 2\n", {"a": ..., "b": 2}),
    "tags are not read": (
        "seed: 1986\nout: !ref results/<seed>\nnet: !new:torch.nn.Linear\n  in: 3\nb: 2\n",
        {"seed": 1986, "out": ..., "net": ..., "b": 2},
    ),
    "tags that call are read": (
        "a: !apply:x.f [1, !ref <b>]\nb: !apply:x.g\nc: !apply:x.h\n  k: 1\nd: !include:more.yaml\n",
        {"a": Tagged("apply:x.f", [1, ...]), "b": Tagged("apply:x.g", None), "c": Tagged("apply:x.h", ...), "d": Tagged("include:more.yaml", None)},
    ),
    "aliases are not read, anchors are": ("a: &x\n  b: 1\nc: *x\nd:\n  <<: *x\n  e: 2\n", {"a": {"b": 1}, "c": ..., "d": {...: ..., "e": 2}}),
    "interpolations are not read": ("a: ${b}\nb: 1\nc: '${b}'\n", {"a": ..., "b": 1, "c": ...}),
    "nothing": ("# only a comment\n", None),
}  # fmt: skip

REFUSED = {
    "two documents": "a: 1\n---\nb: 2\n",
    "a tab": "a:\n\tb: 1\n",
    "quotes over lines": "a: 'x\n  y'\n",
    "a bracket without end": "a: [1, 2\n",
    "odd indentation": "a:\n    b: 1\n  c: 2\n",
    "a long key": "? a\n: 1\n",
}


@pytest.mark.parametrize(("text", "value"), WRITTEN.values(), ids=WRITTEN)
def test_yaml_is_read(text: str, value: Any) -> None:
    assert yaml.read(text) == value


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_yaml_is_refused_as_a_whole(text: str) -> None:
    with pytest.raises(yaml.Odd):
        yaml.read(text)
    assert data.parse(".yaml", text) is ...


scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
trees = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8) | st.integers(), inner, max_size=4),
    max_leaves=12,
)


@given(trees, st.sampled_from([None, True, False]))
@settings(max_examples=300, deadline=None)
def test_what_is_read_is_what_was_written(tree: Any, flow: bool | None) -> None:
    """Whatever PyYAML writes is read as PyYAML reads it, as far as it is read."""
    text = yaml_library.safe_dump(tree, default_flow_style=flow, allow_unicode=True)
    assert agrees(data.parse(".yaml", text), yaml_library.safe_load(text))


@given(st.text(alphabet="ab1 :-#[]{},'\"\n&*!|>?~.0", max_size=60))
@settings(max_examples=500, deadline=None)
def test_noise_is_never_misread(text: str) -> None:
    found = data.parse(".yaml", text)
    try:
        expected = yaml_library.safe_load(text)
    except yaml_library.YAMLError:
        return
    assert agrees(found, expected)


def agrees(found: Any, expected: Any) -> bool:
    """Whether everything that is claimed is so."""
    if found is ...:
        return True
    if isinstance(found, dict):
        known = {key: value for key, value in found.items() if key is not ...}
        whole = known.keys() == found.keys()
        return (
            isinstance(expected, dict)
            and known.keys() <= expected.keys()
            and (not whole or known.keys() == expected.keys())
            and all(agrees(value, expected[key]) for key, value in known.items())
        )
    if isinstance(found, list):
        return isinstance(expected, list) and len(found) == len(expected) and all(map(agrees, found, expected))
    return type(found) is type(expected) and found == expected


def test_only_named_files_are_read(tmp_path: Path) -> None:
    for name in ("named.yaml", "other.yaml", "deep/named.yaml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("seed: 1\n", encoding="utf-8")
    found = data.load(tmp_path, ["named.yaml", "other.yaml", "deep/named.yaml"], {"main.py": 'open("conf/named.yaml")'})
    assert found == {"deep/named.yaml": {"seed": 1}, "named.yaml": {"seed": 1}}


def test_recipes_beside_a_program_are_read(tmp_path: Path) -> None:
    names = ["near/hparams/one.yaml", "near/two.yaml", "near/deep/hparams/three.yaml", "far/four.yaml"]
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).write_text("seed: 1\n", encoding="utf-8")
    assert data.load(tmp_path, names, {"near/train.py": "load_hyperpyyaml(file)"}) == {name: {"seed": 1} for name in names[:2]}


def test_a_hydra_name_names_a_file(tmp_path: Path) -> None:
    (tmp_path / "main.yaml").write_text("seed: 1\n", encoding="utf-8")
    text = '@hydra.main(config_path=".", config_name="main")'
    assert data.load(tmp_path, ["main.yaml"], {"main.py": text}) == {"main.yaml": {"seed": 1}}


def test_json_and_toml(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"seed": null, "b": [1]}', encoding="utf-8")
    (tmp_path / "a.toml").write_text("seed = 3\nday = 2020-01-01\n", encoding="utf-8")
    (tmp_path / "bad.json").write_text("{// no\n}", encoding="utf-8")
    (tmp_path / "big.json").write_text("[" + "1," * data.MAX_BYTES + "1]", encoding="utf-8")
    (tmp_path / "bytes.json").write_bytes(b'"\xff"')
    names = ["a.json", "a.toml", "bad.json", "big.json", "bytes.json", "gone.json"]
    assert data.load(tmp_path, names, {"main.py": " ".join(f"'{name}'" for name in names)}) == {
        "a.json": {"seed": None, "b": [1]}, "a.toml": {"seed": 3, "day": ...},
        "bad.json": ..., "big.json": ..., "bytes.json": ..., "gone.json": ...,
    }  # fmt: skip
