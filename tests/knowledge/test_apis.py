"""The loader of API rows: indexing, and one-line errors that name the row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reprolint.knowledge.apis import Api, CatalogError, build, load

if TYPE_CHECKING:
    from pathlib import Path

ROW = """
[library]
name = "acme"
packages = ["acme"]
silent = ["quiet"]
[[api]]
name = "acme.seed_all"
aliases = ["acme.utils.seed_all"]
seeds = ["torch"]
source = "https://example.org"
"""


def write(folder: Path, text: str) -> Path:
    (folder / "acme.toml").write_text(text, encoding="utf-8")
    return folder


def test_a_row_answers_to_its_name_and_its_aliases(tmp_path: Path) -> None:
    catalog = load(write(tmp_path, ROW))
    assert catalog.find("acme.seed_all") == catalog.find("acme.utils.seed_all") != ()
    assert catalog.find("acme.other") == ()


def test_a_row_holds_for_all_that_it_names_besides() -> None:
    rows = [Api(name="a.Adam", also=["a.SGD", "a.RMSprop"], source="s", returns="instance:a.Optimizer")]
    catalog = build(rows, [])
    found = [row for name in ("a.Adam", "a.SGD", "a.RMSprop") for row in catalog.find(name)]
    assert [(row.name, row.returns) for row in found] == [(name, "instance:a.Optimizer") for name in ("a.Adam", "a.SGD", "a.RMSprop")]
    assert catalog.words == {"Adam", "SGD", "RMSprop"}


def test_another_home_belongs_to_the_api_of_its_name() -> None:
    rows = [Api(name="a.Adam.step", aliases=["a.adam.Adam.step", "a.sgd.SGD.step"], also=["a.SGD.step"], source="s")]
    catalog = build(rows, [])
    assert [catalog.find(name)[0].name for name in rows[0].aliases] == ["a.Adam.step", "a.SGD.step"]


def test_silent_packages_are_known(tmp_path: Path) -> None:
    catalog = load(write(tmp_path, ROW))
    assert catalog.knows("acme")
    assert catalog.knows("quiet")
    assert not catalog.knows("unheard")


OTHER = """
[library]
name = "other"
packages = ["other"]
[[api]]
name = "other.make"
returns = "instance:acme.Thing"
source = "https://example.org"
"""


@pytest.mark.parametrize(("mentioned", "read"), [({"acme"}, {"acme"}), ({"other"}, {"acme", "other"}), ({"torch"}, set())])
def test_only_what_is_mentioned_is_read_and_what_it_names(tmp_path: Path, mentioned: set[str], read: set[str]) -> None:
    (tmp_path / "other.toml").write_text(OTHER, encoding="utf-8")
    catalog = load(write(tmp_path, ROW), (), mentioned)
    assert {name.partition(".")[0] for name in catalog.rows} == read
    assert catalog.knows("acme")
    assert catalog.knows("other")


@pytest.mark.parametrize(("mentioned", "read"), [({"scramble"}, {"acme"}), ({"acme"}, {"acme"}), ({"mix"}, set())])
def test_a_method_known_by_its_name_is_read_where_it_is_mentioned(tmp_path: Path, mentioned: set[str], read: set[str]) -> None:
    method = '[[api]]\nname = "acme.Deck.scramble"\nparameters = ["mix"]\nany_receiver = true\nsource = "https://example.org"\n'
    catalog = load(write(tmp_path, ROW + method), (), mentioned)
    assert {name.partition(".")[0] for name in catalog.rows} == read
    assert set(catalog.methods) == ({"scramble"} if read else set())


def test_users_rows_need_no_source(tmp_path: Path) -> None:
    catalog = load(write(tmp_path, ROW), [{"name": "ours.fix", "seeds": ["numpy"]}])
    (row,) = catalog.find("ours.fix")
    assert row.seeds == ["numpy"]


def test_rows_of_one_name_stand_beside_each_other() -> None:
    twice = [Api(name="a.f", source="s", draws=["torch"]), Api(name="a.f", source="s", draws=["cuda"])]
    assert [row.draws for row in build(twice, []).find("a.f")] == [["torch"], ["cuda"]]


def test_distinctive_methods_are_found_by_their_name_alone() -> None:
    rows = [
        Api(name="torch.Tensor.normal_", source="s", any_receiver=True),
        Api(name="torch.Tensor.sample", source="s"),
    ]
    assert list(build(rows, []).methods) == ["normal_"]


def test_words_are_last_components_and_fitting_methods() -> None:
    rows = [Api(name="a.b.Forest", aliases=["a.Wood"], source="s", fits=["fit", "fit_predict"])]
    assert build(rows, []).words == {"Forest", "Wood", "fit", "fit_predict"}


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ('seeds = "torch"', "seeds"),
        ("colour = 1", "colour"),
        ('draws_when = "someday"', "someday"),
        ("seeds = [", "acme.toml"),
    ],
)
def test_a_row_that_does_not_fit_is_refused_in_one_line(tmp_path: Path, bad: str, said: str) -> None:
    text = ROW + f'[[api]]\nname = "acme.x"\nsource = "https://example.org"\n{bad}\n'
    with pytest.raises(CatalogError, match=r"acme\.toml") as caught:
        load(write(tmp_path, text))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value).strip().removesuffix("\n")


def test_a_users_row_that_does_not_fit_is_named(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"tool\.reprolint\.apis\]\] ours\.fix"):
        load(write(tmp_path, ROW), [{"name": "ours.fix", "seeds": 3}])
