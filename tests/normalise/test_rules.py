"""Words by which a source selects its items."""

import pytest

from aggregator.normalise.rules import WordRules, word_problem

TEXT = "Two arrested in Málaga\nThe Straße was closed; a PRESS  conference – at “ten” – follows."


def includes(word: str, text: str = TEXT) -> bool:
    return WordRules((word,), ()).reason_against(text) is None


@pytest.mark.parametrize(
    "word",
    [
        *("arrest*", "ARRESTED", "*rested", "a*r*t*d"),
        *("malaga", "Málaga", "ma\u0301laga", "strasse", "press conference", "press conf*"),
        *("p* c* - at", '"ten"', "in  malaga", "closed;", "*a*a*a", "follows."),
    ],
)
def test_word_that_is_found(word: str) -> None:
    """Case, accents and typography do not count; ``*`` is any letters, also none."""
    assert includes(word)


@pytest.mark.parametrize(
    "word",
    [
        "arrest",
        "rested",
        "two*arrested",
        "press  x conference",
        "mal",
        "a*a*a*a*a",
        "c.osed",
        "[a]",
    ],
)
def test_word_that_is_not_found(word: str) -> None:
    """Words are whole, a star is within a word, and other signs mean themselves."""
    assert not includes(word)


def test_words_of_languages_without_spaces_and_with_other_letters() -> None:
    """Stars find them within a run of letters."""
    assert includes("*会议*", "新闻发布会议今天")
    assert not includes("会议", "新闻发布会议今天")
    assert includes("арест*", "Арестованы двое")
    assert includes("ελληνικ*", "Ελληνικές αρχές")
    assert includes("*경찰*", "서울경찰청")


@pytest.mark.parametrize("word", ["a*a*a*a*a*a*a*a*b", "*a*a*a*a*b*", "a* a* a* a* b", "**b"])
def test_hostile_texts_take_linear_time(word: str) -> None:
    """A regular expression of the same meaning would take longer than the universe has existed."""
    assert not includes(word, "a" * 50_000)
    assert not includes(word, "a " * 25_000)


def test_exclude_wins_over_include() -> None:
    """The reason names the word."""
    rules = WordRules(("arrest*",), ("sport", "malaga"))
    assert rules.reason_against("Two arrested") is None
    assert rules.reason_against(TEXT) == "contains 'malaga' (exclude)"
    assert rules.reason_against("Sport") == "contains 'sport' (exclude)"
    assert rules.reason_against("Weather") == "contains no word of include"
    assert WordRules((), ("sport",)).reason_against("Weather") is None


@pytest.mark.parametrize(
    ("word", "problem"),
    [
        ("/a.*b/", "'/a.*b/' is a regular expression; write words, in which * is any letters"),
        ("", "'' has nothing to search for"),
        (" * ", "' * ' has nothing to search for"),
        ("\u0301", "'\u0301' has nothing to search for"),
        ("24/7", None),
        ("(", None),
    ],
)
def test_what_is_not_a_word(word: str, problem: str | None) -> None:
    """It is reported, not guessed."""
    assert word_problem(word) == problem
    if problem is not None:
        with pytest.raises(ValueError, match=r"has nothing|is a regular"):
            WordRules((word,), ())
