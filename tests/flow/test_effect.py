"""The laws of words and of sets of them: by enumeration where it is small, by sampling where it is not."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reprolint.flow.effect import (
    CLEAN,
    DRAW,
    EARLY,
    ENTROPIC,
    LEFT_ENTROPY,
    LEFT_FIXED,
    LEFT_NONE,
    NEVER,
    NOTHING,
    SEED,
    UNSEED,
    WORDS,
    compose,
    drawing,
    final_of,
    finals,
    fresh,
    marks,
    marks_of,
    scoped,
    then,
    with_final,
    word,
    words_of,
)

EMPTY = word()
ROUNDS = 5
EFFECTS = st.integers(0, 2**24 - 1)


def test_there_are_24_words():
    made = {word(marks, final) for marks in range(8) for final in (LEFT_NONE, LEFT_FIXED, LEFT_ENTROPY)}
    assert made == set(WORDS)
    assert all(word(marks_of(number), final_of(number)) == number for number in WORDS)


# -- words


def test_doing_one_after_the_other_is_associative():
    for a, b, c in product(WORDS, repeat=3):
        assert then(then(a, b), c) == then(a, then(b, c))


def test_doing_nothing_changes_nothing():
    assert all(then(EMPTY, number) == number == then(number, EMPTY) for number in WORDS)


def test_three_times_is_as_good_as_twice():
    for number in WORDS:
        twice = then(number, number)
        assert then(twice, number) == twice


def test_once_is_not_as_good_as_twice():
    draws_then_seeds = word(EARLY, LEFT_FIXED)
    assert then(draws_then_seeds, draws_then_seeds) == word(EARLY | CLEAN, LEFT_FIXED)


@pytest.mark.parametrize(("before", "mark"), [(LEFT_NONE, EARLY), (LEFT_FIXED, CLEAN), (LEFT_ENTROPY, ENTROPIC)])
def test_what_a_draw_becomes(before, mark):
    assert then(word(0, before), word(EARLY)) == word(mark, before)


def test_the_last_seed_is_what_is_left():
    assert then(word(0, LEFT_FIXED), word(0, LEFT_ENTROPY)) == word(0, LEFT_ENTROPY)
    assert then(word(0, LEFT_ENTROPY), word(0, LEFT_FIXED)) == word(0, LEFT_FIXED)
    assert then(word(0, LEFT_FIXED), EMPTY) == word(0, LEFT_FIXED)


def test_no_mark_is_ever_lost():
    for a, b in product(WORDS, repeat=2):
        assert marks_of(then(a, b)) & marks_of(a) == marks_of(a)
        assert marks_of(then(a, b)) & (marks_of(b) & ~EARLY) == marks_of(b) & ~EARLY


# -- sets of words


@given(EFFECTS, EFFECTS, EFFECTS)
def test_effects_compose_associatively(a, b, c):
    assert compose(compose(a, b), c) == compose(a, compose(b, c))


@given(EFFECTS, EFFECTS, EFFECTS)
def test_composition_distributes_over_union(a, b, c):
    assert compose(a, b | c) == compose(a, b) | compose(a, c)
    assert compose(a | b, c) == compose(a, c) | compose(b, c)


@given(EFFECTS)
def test_nothing_is_the_identity_and_no_path_stays_none(a):
    assert compose(NOTHING, a) == a == compose(a, NOTHING)
    assert compose(NEVER, a) == NEVER == compose(a, NEVER)


@given(EFFECTS, EFFECTS)
def test_an_effect_composes_as_its_words_do(a, b):
    wanted = {then(left, right) for left in words_of(a) for right in words_of(b)}
    assert set(words_of(compose(a, b))) == wanted


@given(EFFECTS)
def test_a_loop_settles(body):
    """Once or more: rounds are added until one more adds nothing."""
    total, last = body, body
    for _ in range(ROUNDS - 1):
        last = compose(last, body)
        total |= last
    assert total | compose(total, body) == total


def test_a_loop_of_one_word_settles_in_two_rounds():
    for number in WORDS:
        once = 1 << number
        total = once | compose(once, once)
        assert total | compose(total, once) == total


def test_a_seed_then_a_draw():
    assert words_of(compose(SEED, DRAW)) == (word(CLEAN, LEFT_FIXED),)
    assert words_of(compose(UNSEED, DRAW)) == (word(ENTROPIC, LEFT_ENTROPY),)
    assert words_of(compose(DRAW, SEED)) == (word(EARLY, LEFT_FIXED),)


# -- scopes and processes


@given(EFFECTS)
def test_a_scope_draws_the_same_and_leaves_nothing(a):
    assert {marks_of(number) for number in words_of(scoped(a))} == {marks_of(number) for number in words_of(a)}
    assert finals(scoped(a)) == (1 << LEFT_NONE if a else 0)
    assert scoped(scoped(a)) == scoped(a)


@given(EFFECTS, EFFECTS)
def test_a_scope_distributes_over_union(a, b):
    assert scoped(a | b) == scoped(a) | scoped(b)
    assert fresh(a | b) == fresh(a) | fresh(b)


@given(EFFECTS)
def test_in_a_new_process_no_draw_is_early(a):
    assert not marks(fresh(a)) & EARLY
    assert finals(fresh(a)) == (1 << LEFT_NONE if a else 0)


def test_a_parents_seed_does_not_reach_a_new_process():
    assert compose(SEED, fresh(DRAW)) == 1 << word(ENTROPIC, LEFT_FIXED)
    assert compose(SEED, fresh(compose(SEED, DRAW))) == 1 << word(CLEAN, LEFT_FIXED)


def test_after_a_scope_the_old_seed_holds_again():
    inside = scoped(compose(UNSEED, DRAW))
    assert compose(compose(SEED, inside), DRAW) == 1 << word(ENTROPIC | CLEAN, LEFT_FIXED)


# -- questions to a set


@given(EFFECTS)
def test_questions_agree_with_the_words(a):
    numbers = words_of(a)
    assert sum(1 << number for number in numbers) == a
    assert finals(a) == sum({1 << final_of(number) for number in numbers})
    assert drawing(a) == tuple(number for number in numbers if marks_of(number))
    union = 0
    for number in numbers:
        union |= marks_of(number)
    assert marks(a) == union


@given(EFFECTS, st.sampled_from([LEFT_NONE, LEFT_FIXED, LEFT_ENTROPY]))
def test_another_final_keeps_the_draws(a, final):
    made = with_final(a, final)
    assert {marks_of(number) for number in words_of(made)} == {marks_of(number) for number in words_of(a)}
    assert finals(made) == (1 << final if a else 0)
