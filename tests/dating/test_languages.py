"""The tables of the languages: whole, consistent, and enough to tell two notices apart."""

import re
from itertools import combinations

import pytest

from aggregator.dating.languages.english import ENGLISH_MONTHS
from aggregator.dating.languages.language import Language, all_names, full_names
from aggregator.dating.languages.tables import CORE, LANGUAGES
from aggregator.dedupe import Text, compare
from tests.support.project import Project, block, digest

# One notice in each language of the tables, the same each time but for its date.
NOTICES = {
    "en": "The council meets in Brussels on {} to discuss plans for the work of coming years.",
    "fr": "Le conseil se réunit à Bruxelles le {} pour examiner les plans des années à venir.",
    "de": "Der Rat tritt am {} in Brüssel zusammen, um über die Pläne der Jahre zu beraten.",
    "es": "El consejo se reúne en Bruselas el {} para tratar los planes de los años que vienen.",
    "it": "Il consiglio si riunisce a Bruxelles il {} per esaminare i piani degli anni futuri.",
    "nl": "De raad komt op {} in Brussel bijeen om de plannen voor de komende jaren te bespreken.",
    "pt": "O conselho reúne-se em Bruxelas em {} para discutir os planos dos anos que vêm.",
    "cs": "Rada se sejde {} v Bruselu, aby projednala plány práce na další roky.",
    "el": "Το συμβούλιο συνεδριάζει στις {} στις Βρυξέλλες για τα σχέδια των επόμενων ετών.",
    "fi": "Neuvosto kokoontuu {} Brysselissä ja keskustelee tulevien vuosien suunnitelmista.",
    "hu": "A tanács {} Brüsszelben ülésezik, hogy megvitassa a következő évek terveit.",
    "pl": "Rada zbiera się {} w Brukseli, aby omówić plany pracy na kolejne lata.",
    "ro": "Consiliul se întrunește la Bruxelles în {} pentru a discuta planurile anilor viitori.",
    "ru": "Совет соберётся {} в Брюсселе, чтобы обсудить планы работы на следующие годы.",
    "sv": "Rådet möts i Bryssel den {} för att diskutera planerna för de kommande åren.",
    "tr": "Konsey {} günü Brüksel'de toplanarak gelecek yılların planlarını görüşecek.",
    "uk": "Рада збереться {} у Брюсселі, щоб обговорити плани роботи на наступні роки.",
}  # fmt: skip
DATES = {
    "en": "5 {} 2024", "de": "5. {} 2024", "es": "5 de {} de 2024", "pt": "5 de {} de 2024",
    "cs": "5. {} 2024", "fi": "5. {} 2024", "hu": "2024. {} 5.",
}  # fmt: skip
PATTERNS = (
    "past present future infinitive issued date_labels event_labels schedule_labels history"
    " deadlines until abbreviations"
)


def tag(language: Language) -> str:
    return language.tag


def first_names(names: tuple[str, ...], language: Language) -> list[str]:
    """The first form of each name, written as the language writes it."""
    firsts = [forms.split()[0] for forms in names]
    return [name.capitalize() for name in firsts] if language.capitals else firsts


def notice(language: Language, date: str) -> Text:
    """A notice of a meeting at a date, long enough that one word in it is a small edit."""
    body = NOTICES[language.tag].format(date)
    return Text(agency="Council", title=body.split(",")[0][:30], body=f"{body}\n\n{body}")


def assert_all_differ(language: Language, dates: list[str]) -> None:
    for one, other in combinations(dates, 2):
        verdict = compare(notice(language, one), notice(language, other))
        assert verdict.kind == "different", (one, other)


@pytest.mark.parametrize("language", LANGUAGES, ids=tag)
def test_notices_that_differ_in_the_month_alone_are_two(language: Language) -> None:
    months = first_names(language.months, language)
    assert_all_differ(language, [DATES.get(language.tag, "5 {} 2024").format(m) for m in months])


@pytest.mark.parametrize("language", LANGUAGES, ids=tag)
def test_notices_that_differ_in_the_weekday_alone_are_two(language: Language) -> None:
    assert_all_differ(language, first_names(language.weekdays, language))


@pytest.mark.parametrize("language", LANGUAGES, ids=tag)
def test_notices_that_differ_in_an_abbreviated_month_are_two(language: Language) -> None:
    short = [forms.split()[-1] for forms in language.months]
    months = [name.capitalize() for name in short] if language.capitals else short
    assert_all_differ(language, [DATES.get(language.tag, "5 {} 2024").format(m) for m in months])


@pytest.mark.parametrize("language", LANGUAGES, ids=tag)
def test_a_table_has_every_month_and_weekday_once(language: Language) -> None:
    assert (len(language.months), len(language.weekdays)) == (12, 7)
    for names in (language.months, language.weekdays):
        words = [word for forms in names for word in forms.split()]
        assert len(words) == len(set(words))
        assert all(word == word.lower() for word in words)


@pytest.mark.parametrize("language", LANGUAGES, ids=tag)
def test_the_patterns_of_a_table_compile_without_groups(language: Language) -> None:
    """They are joined with those of other languages in one pattern, which has its own groups."""
    for field in PATTERNS.split():
        assert re.compile(getattr(language, field)).groups == 0, field


@pytest.mark.parametrize("language", LANGUAGES, ids=tag)
def test_every_word_for_today_is_a_day_of_the_table(language: Language) -> None:
    assert set(language.today.split()) <= set(language.days)


def test_english_months_have_a_capital() -> None:
    assert (ENGLISH_MONTHS[0], ENGLISH_MONTHS[11]) == ("January", "December")


@pytest.mark.parametrize("month", ["februari", "maart"])
def test_dutch_notices_of_two_months_are_two_entries(project: Project, month: str) -> None:
    texts = [NOTICES["nl"].format(f"5 {name} 2024") for name in ("januari", month)]
    project.write(
        "digests/a.txt", digest(*(block("Raad komt bijeen", "Raad", text) for text in texts))
    )
    assert project.run("once").code == 0
    assert len(project.run("entries", "--json").json_lines) == 2
