"""Which configuration is in force, what its root is, and what is wrong with it."""

from pathlib import Path

import pytest

from reprolint.config import UsageError, load

PYPROJECT = '[tool.reprolint]\nselect = ["RPL1"]\n'


@pytest.fixture
def tree(tmp_path):
    def made(**files):
        for name, text in files.items():
            path = tmp_path / name.replace("__", "/").replace("_toml", ".toml").replace("_py", ".py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path

    return made


def test_defaults(tmp_path):
    settings = load([], tmp_path)
    assert settings.select == ("ALL",)
    assert settings.fail_on == "warning"
    assert settings.exclude == ()
    assert settings.file is None


def test_every_key(tree):
    root = tree(
        reprolint_toml="""
        select = ["RPL1"]
        ignore = ["RPL103"]
        extend-select = ["unsorted-listing"]
        exclude = ["old"]
        extend-exclude = ["vendor"]
        fail-on = "error"
        audit = true
        src = ["lib"]
        [per-file-ignores]
        "tests/*" = ["ALL"]
        [[apis]]
        name = "acme.seed_all"
        seeds = ["torch"]
        """
    )
    settings = load([], root)
    assert settings.select == ("RPL1",)
    assert settings.ignore == ("RPL103",)
    assert settings.extend_select == ("unsorted-listing",)
    assert settings.exclude == ("old",)
    assert settings.extend_exclude == ("vendor",)
    assert settings.fail_on == "error"
    assert settings.audit
    assert settings.src == ("lib",)
    assert settings.per_file_ignores == {"tests/*": ("ALL",)}
    assert settings.apis == ({"name": "acme.seed_all", "seeds": ["torch"]},)


# -- which file


def test_nearest_wins(tree):
    root = tree(pyproject_toml=PYPROJECT, inner__reprolint_toml="audit = true", inner__deep__a_py="")
    assert load([root / "inner/deep/a.py"], root).file == root / "inner/reprolint.toml"
    assert load([root / "inner"], root).select == ("ALL",)
    assert load([root], root).select == ("RPL1",)


def test_what_paths_have_in_common_counts(tree):
    root = tree(pyproject_toml=PYPROJECT, one__reprolint_toml="", one__a_py="", two__b_py="")
    assert load([root / "one/a.py", root / "two"], root).file == root / "pyproject.toml"


def test_own_file_wins_over_pyproject_beside_it(tree):
    root = tree(pyproject_toml=PYPROJECT, reprolint_toml="audit = true")
    assert load([root], root).file == root / "reprolint.toml"


@pytest.mark.parametrize("other", ["[tool.ruff]\n", "# reprolint\n", "[tool]\nreprolint-else = 1\n"])
def test_pyproject_that_is_silent_is_passed_by(tree, other):
    root = tree(pyproject_toml=PYPROJECT, inner__pyproject_toml=other)
    assert load([root / "inner"], root).file == root / "pyproject.toml"


def test_own_file_may_spell_out_the_table(tree):
    root = tree(reprolint_toml=PYPROJECT)
    assert load([root], root).select == ("RPL1",)


def test_explicit_file(tree):
    root = tree(pyproject_toml=PYPROJECT, other__strict_toml='fail-on = "info"')
    settings = load([root], root, Path("other/strict.toml"))
    assert (settings.fail_on, settings.select) == ("info", ("ALL",))


def test_explicit_file_must_exist(tmp_path):
    with pytest.raises(UsageError, match="no such configuration file"):
        load([], tmp_path, Path("gone.toml"))


def test_isolated(tree):
    root = tree(pyproject_toml=PYPROJECT)
    assert load([root], root, isolated=True).select == ("ALL",)


# -- root


def test_root_is_where_the_configuration_is(tree):
    root = tree(pyproject_toml=PYPROJECT, a__b__c_py="")
    (root / "a/.git").mkdir()
    assert load([root / "a/b/c.py"], root / "a").root == root


def test_root_is_the_git_top_level(tree):
    root = tree(a__b__c_py="")
    (root / "a/.git").mkdir()
    assert load([root / "a/b"], root).root == root / "a"


def test_root_is_cwd_if_it_holds_all_paths(tree):
    root = tree(a__b__c_py="", a__d__e_py="")
    assert load([Path("b/c.py")], root / "a").root == root / "a"


def test_root_is_else_the_common_parent(tree):
    root = tree(a__b__c_py="", a__d__e_py="", z__f_py="")
    assert load([root / "a/b/c.py", root / "a/d/e.py"], root / "z").root == root / "a"


def test_a_configuration_elsewhere_does_not_move_the_root(tree):
    root = tree(a__b_py="", etc__reprolint_toml="")
    assert load([root / "a"], root / "a", root / "etc/reprolint.toml").root == root / "a"


def test_what_is_linked_into_a_project_belongs_to_it(tree):
    root = tree(project__reprolint_toml="audit = true", data__a_py="")
    (root / "project/linked").symlink_to(root / "data", target_is_directory=True)
    assert load([Path("linked")], root / "project").root == root / "project"


# -- the command line over the file


def test_options_win(tree):
    root = tree(reprolint_toml='fail-on = "error"\naudit = true')
    settings = load([root], root, overrides={"fail-on": "info", "audit": None})
    assert (settings.fail_on, settings.audit) == ("info", True)


def test_select_replaces_what_the_file_selects_and_ignores(tree):
    root = tree(reprolint_toml='select = ["RPL2"]\nextend-select = ["RPL3"]\nignore = ["RPL101"]')
    settings = load([root], root, overrides={"select": ["RPL101"]})
    assert (settings.select, settings.extend_select, settings.ignore) == (("RPL101",), (), ())


def test_extend_select_and_ignore_add(tree):
    root = tree(reprolint_toml='extend-select = ["RPL3"]\nignore = ["RPL101"]')
    settings = load([root], root, overrides={"extend-select": ["RPL4"], "ignore": ["RPL102"]})
    assert (settings.extend_select, settings.ignore) == (("RPL3", "RPL4"), ("RPL101", "RPL102"))


# -- what is wrong


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("selct = []", "reprolint.toml: unknown key `selct`; did you mean `select`?"),
        ("per_file_ignores = {}", "reprolint.toml: unknown key `per_file_ignores`; did you mean `per-file-ignores`?"),
        ("root = '/'", "reprolint.toml: unknown key `root`"),
        ("select = 'RPL1'", "reprolint.toml: select: expected `array`, got `str`"),
        ("select = ['RPL1', 3]", "reprolint.toml: select[1]: expected `str`, got `int`"),
        ("audit = 'yes'", "reprolint.toml: audit: expected `bool`, got `str`"),
        ("fail-on = 'never ever'", "reprolint.toml: fail-on: invalid enum value 'never ever'"),
        (
            "[per-file-ignores]\n'a/*' = ['RPL1']\n'b/*' = 'RPL1'",
            'reprolint.toml: per-file-ignores."b/*": expected `array`, got `str`',
        ),
    ],
)
def test_bad_value(tree, text, message):
    root = tree(reprolint_toml=text)
    with pytest.raises(UsageError) as raised:
        load([root], root)
    assert str(raised.value) == message


@pytest.mark.parametrize("text", [b"select = [", b"\xff\xfe", b"select = ['a'\n\n]\nselect = 1"])
def test_unreadable_file_is_one_line(tmp_path, text):
    (tmp_path / "reprolint.toml").write_bytes(text)
    with pytest.raises(UsageError, match=r"reprolint\.toml: ") as raised:
        load([tmp_path], tmp_path)
    assert "\n" not in str(raised.value)


def test_settings_travel_between_processes(tree):
    import pickle

    root = tree(reprolint_toml='[per-file-ignores]\n"a" = ["RPL1"]')
    settings = load([root], root)
    assert pickle.loads(pickle.dumps(settings)) == settings
