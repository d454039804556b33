"""The language of a release, from its text and what its feed declares."""

import pytest

from aggregator.normalise import language_detection
from aggregator.normalise.language_detection import SAMPLE, language_of

ENGLISH = (
    "Officers from the economic crime unit began their investigation after a report from a bank,"
    " and the man was sentenced to six years in prison at the court in the capital on Friday."
)
GERMAN = (
    "Die Polizei hat am Samstagabend zwei Männer vorläufig festgenommen, die im Verdacht stehen,"
    " mehrere Fahrräder aus einem Keller gestohlen zu haben. Zeugen werden gebeten, sich zu melden."
)
NORWEGIAN = (
    "Regjeringen legger fram forslag til statsbudsjett for neste år. Det blir mer penger til"
    " forsvar og beredskap, men også kommunene får økte overføringer, sier finansministeren."
)
HEBREW = (
    "הממשלה אישרה היום את התוכנית החדשה לתמיכה בחקלאים. השר אמר כי התשלומים יתחילו בחודש הבא"
    " וכי ניתן להגיש בקשות באינטרנט."
)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", ENGLISH),
        ("de", GERMAN),
        ("no", NORWEGIAN),
        ("he", HEBREW),
        ("fr", "Le ministre de l'Intérieur s'est rendu mardi à Lyon afin de rencontrer la police."),
        ("pl", "Rada Ministrów przyjęła projekt ustawy o ochronie ludności i obronie cywilnej."),
        ("el", "Το Υπουργικό Συμβούλιο ενέκρινε σήμερα το νομοσχέδιο για την προστασία των δασών."),
        ("uk", "Уряд ухвалив нову програму підтримки внутрішньо переміщених осіб у громадах."),
        ("ja", "政府は本日、農家を支援する新しい計画を承認しました。"),
        ("en", f"https://www.example.org/de/die/der/das {ENGLISH}"),
        ("en", "1 2 3 4 5 " * (SAMPLE // 10) + ENGLISH),
        (None, ""),
        (None, "NATO"),
        (None, "12 345 – 2024-03-08, 11:00"),
        (None, "1 2 3 " * 500),
        (None, "\0\ufffd" * 300),
        (None, "x" * 300),
        (None, "https://www.example.org/the/text/of/the/law press@example.org"),
    ],
)
def test_language_of_text_without_a_declared_one(language: str | None, text: str) -> None:
    assert language_of(None, "", text) == language


@pytest.mark.parametrize(
    ("declared", "text", "language"),
    [
        ("en-GB", ENGLISH, "en-GB"),
        ("en-US", GERMAN, "de"),
        ("de-DE", ENGLISH, "en"),
        ("en", HEBREW, "he"),
        ("nb-NO", NORWEGIAN, "nb-NO"),
        ("nn", NORWEGIAN, "nn"),
        ("da", NORWEGIAN, "da"),
        ("gsw", GERMAN, "gsw"),
        ("en", "Die Polizei", "en"),
        ("fr", "", "fr"),
        ("fr", "1 2 3 " * 500, "fr"),
    ],
)
def test_declared_language_holds_unless_plainly_wrong(
    declared: str, text: str, language: str
) -> None:
    """The text has to be long enough, and the languages must not be alike."""
    assert language_of(declared, "", text) == language


@pytest.mark.parametrize("text", ["\ud800" * 700, "a://" * 100_000, "@" * 100_000, "é" * 100_000])
def test_strange_text_has_no_language_and_costs_little(text: str) -> None:
    language_of("en", text, text)
    assert language_of(None, text, text) is None


PLAIN = {
    "en": ENGLISH * 3,
    "de": GERMAN * 3,
    "fr": "Le ministre est dans la salle pour une réunion sur les aides aux communes. " * 6,
    "el": "Το Υπουργικό Συμβούλιο ενέκρινε το νομοσχέδιο για την προστασία των δασών. " * 6,
}


@pytest.mark.parametrize("language", PLAIN)
def test_common_words_tell_what_the_model_tells(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A text in its declared language, or in English, is not shown to the model."""

    def no_model() -> None:
        raise AssertionError("the model is asked")

    with monkeypatch.context() as patched:
        patched.setattr(language_detection, "_model", no_model)
        assert language_of(language, "", PLAIN[language]) == language
        assert language_of(f"{language}-XX", "", PLAIN[language]) == f"{language}-XX"
        assert language_of(None, "", PLAIN["en"]) == "en"
    monkeypatch.setattr(language_detection, "_OWN_WORDS", {})
    assert language_of(language, "", PLAIN[language]) == language
    assert language_of(None, "", PLAIN[language]) == language


@pytest.mark.parametrize("language", PLAIN)
@pytest.mark.parametrize("declared", PLAIN)
def test_common_words_do_not_confirm_another_language(declared: str, language: str) -> None:
    assert language_of(declared, "", PLAIN[language]) == language


FEW_COMMON_WORDS = (
    "Boreal Accord commemorated careful parish clauses of a slipway in Genoa. Experimental"
    " epidemics, launched in April, archived statistics worth many millions. Frozen gradual tanks"
    " were protected by officers, who exposed hidden cockpits."
)


def test_few_common_words_confirm_a_declared_language(monkeypatch: pytest.MonkeyPatch) -> None:
    """A text without a declared language needs more of them; one in another has too few."""
    asked: list[str] = []
    find = language_detection._find

    def ask(text: str) -> tuple[str | None, float, int]:
        asked.append(text)
        return find(text)

    monkeypatch.setattr(language_detection, "_find", ask)
    assert language_of("en", "", FEW_COMMON_WORDS) == "en"
    assert not asked
    assert language_of(None, "", FEW_COMMON_WORDS) == "en"
    assert language_of("en", "", f"{GERMAN} The Economist. {GERMAN} The Times of London.") == "de"
    assert len(asked) == 2
