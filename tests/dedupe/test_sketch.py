"""The normal forms and the sketch: what must be equal is, and versions of a text share numbers."""

import random
import re
import subprocess
import sys
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.dedupe.sketch import comparison_key, sketch, title_key
from aggregator.model.normal_form import normal_form
from aggregator.normalise.identity import match_key
from tests.support.project import ROOT

sys.path.insert(0, str(ROOT / "benchmarks"))

from pairs import make_pairs

PAIRS = make_pairs(seed=11, releases=60, per_kind=40)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("“Nobody” can’t", '"nobody" can\'t'),
        ("12–13 December", "12-13 December"),
        ("17:30\u00a0(CET)", "17:30 (CET)"),
        ("a  b\n\nc\t", "A B C"),
        ("on with talks…", "on with talks..."),
        ("on with talks […]", "on with talks"),
        ("co\u00adoperation\u200b", "cooperation"),
        ("e\u0301quipe", "équipe"),
        ("ﬁnal", "final"),
    ],
)
def test_typography_does_not_count(one: str, other: str) -> None:
    assert comparison_key(one) == comparison_key(other)


@pytest.mark.parametrize("other", ["14 arrested", "13 Arrested.", "13 arrested today", ""])
def test_words_and_figures_count(other: str) -> None:
    assert comparison_key("13 arrested") != comparison_key(other)


@pytest.mark.parametrize(
    "title",
    [
        "NATO: Allies agree budgets",
        "Allies agree budgets | NATO",
        "Allies agree budgets | NATO News",
        "Allies agree budgets - NATO",
        "Allies agree budgets – NATO",
        "ALLIES AGREE BUDGETS",
    ],
)
def test_the_name_of_the_site_does_not_count(title: str) -> None:
    assert title_key(title, ["NATO"]) == "allies agree budgets"


@pytest.mark.parametrize(
    ("title", "key"),
    [
        ("NATO Secretary General: we are ready", "nato secretary general: we are ready"),
        ("Report | Part 2", "report | part 2"),
        ("Statement - Norway", "statement - norway"),
        ("NATO", "nato"),
        ("NATO: ", "nato:"),
        ("Europol - NATO", "europol"),
    ],
)
def test_what_a_title_says_stays(title: str, key: str) -> None:
    assert title_key(title, ["NATO"]) == key


def test_a_text_without_words_has_no_sketch() -> None:
    assert sketch("") == sketch(" … \n") == ()


def test_every_text_with_a_word_has_a_sketch() -> None:
    assert sketch("Statement")
    assert sketch("Two words")
    assert sketch("word " * 10_000)


def test_numbers_are_the_same_in_another_process() -> None:
    text = "On Wednesday 8 November 2023 the Secretary General will meet the President of Hungary."
    code = f"from aggregator.dedupe.sketch import sketch; print(sketch({text!r}))"
    runs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert runs == {f"{sketch(text)}\n"}


def test_numbers_fit_a_column_of_an_index() -> None:
    for pair in PAIRS:
        numbers = sketch(pair.one.body)
        assert list(numbers) == sorted(set(numbers))
        assert all(0 <= number < 2**32 for number in numbers)


ODD = "aé’ʼ´`ǅﬁß٣½İŉͅ한゙ﾞ₂\u0301\u0323\xad\u200b\ufe0f\ud800\x1f_'- \n"


@given(st.text() | st.text(st.sampled_from(ODD)))
def test_a_text_without_a_sample_keeps_all_sums_of_its_words(text: str) -> None:
    """Each is of three words in a row, as in every sketch that the store ever got."""
    text = " ".join(text.split()[:9])
    visible = re.sub("[\u00ad\u200b-\u200f\u2060\ufeff\ufe0e\ufe0f]", "", text)
    words = re.findall(r"\w+", normal_form("NFKC", visible).casefold())
    sums = [crc32(word.encode()) for word in words]
    rows = zip(sums, sums[1:] or [0], sums[2:] or [0], strict=False)
    kept = {(a + 5 * b + 9 * c) % 2**32 for a, b, c in rows}
    if len(kept) <= 16:
        assert sketch(text) == tuple(sorted(kept))


@given(st.text() | st.text(st.sampled_from(ODD)))
def test_a_sketch_is_the_same_from_the_key_of_ids(text: str) -> None:
    assert sketch(text, match_key(text)) == sketch(text)


def test_one_in_eight_is_kept_of_a_release() -> None:
    words = [f"word{n}" for n in range(1000)]
    assert 80 < len(sketch(" ".join(words))) < 170


def test_a_very_long_text_costs_the_index_no_more_than_a_long_one() -> None:
    rng = random.Random(1)
    text = " ".join(f"w{rng.randrange(50_000)}" for _ in range(200_000))
    assert len(sketch(text)) < 400


def test_a_cut_text_finds_its_whole_however_long() -> None:
    rng = random.Random(2)
    text = " ".join(f"word{rng.randrange(50_000)}" for _ in range(100_000))
    assert len({*sketch(text[:350] + "…")} & {*sketch(text)}) >= 2


@pytest.mark.parametrize("kind", sorted({pair.kind for pair in PAIRS if pair.merge}))
def test_a_changed_text_is_found(kind: str) -> None:
    pairs = [pair for pair in PAIRS if pair.kind == kind]
    assert all({*sketch(pair.one.body)} & {*sketch(pair.other.body)} for pair in pairs)


@given(st.text())
def test_a_key_is_its_own_key(text: str) -> None:
    key = comparison_key(text)
    assert comparison_key(key) == key


@given(st.text(), st.lists(st.text(max_size=12), max_size=3))
def test_no_text_is_too_strange(text: str, names: list[str]) -> None:
    assert isinstance(title_key(text, names), str)
    assert sketch(text) == sketch(text)
    assert bool(title_key(text, names)) == bool(comparison_key(text))
