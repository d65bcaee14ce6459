"""What the situations promise is what Python does: run twice, a program repeats exactly if no stream of it is bad."""

import os

import pytest
import test_config_files
import test_idioms
import test_language
import test_layouts
import test_loaders
import test_options
import test_paths
import test_situations
import test_throwaway
import test_unknown
from situation import Situation, outputs

pytest.importorskip("torch")
pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="runs programs in forked children"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

SITUATIONS = [
    one
    for module in (test_situations, test_config_files, test_idioms, test_language, test_layouts, test_loaders, test_options, test_paths, test_throwaway, test_unknown)
    for one in module.SITUATIONS
    if one.repeats is not None
]


@pytest.mark.parametrize("one", [pytest.param(one, id=one.name.replace(" ", "-")) for one in SITUATIONS])
def test_it_repeats_as_promised(one: Situation, tmp_path):
    (first_code, first), (second_code, second) = outputs(one, tmp_path)
    assert (first_code, second_code) == (0, 0), first.decode()
    assert (first == second) is one.repeats, (first, second)
    assert first.strip(), "prints nothing: shows nothing"


@pytest.mark.parametrize("one", SITUATIONS, ids=[one.name.replace(" ", "-") for one in SITUATIONS])
def test_the_states_agree_with_it(one: Situation):
    if set(one.wanted.values()) <= {"seeded", "unused", "any"}:
        assert one.repeats
    elif one.shows:  # a draw that decides nothing leaves a bad state, and no finding that is shown
        assert not one.repeats
