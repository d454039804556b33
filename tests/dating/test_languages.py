"""The tables of the languages: whole, consistent, and enough to find the days that they write."""

import re
from datetime import date
from itertools import combinations

import pytest
from babel.dates import format_date
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.dating.languages import known
from aggregator.dating.languages.english import ENGLISH_MONTHS
from aggregator.dating.languages.known import language_of
from aggregator.dating.languages.language import Language, all_names, full_names
from aggregator.dating.languages.tables import CORE, LANGUAGES
from aggregator.dating.phrases import find_dates
from aggregator.dedupe.compare import Text, compare
from aggregator.model import PartialDate
from tests.support.project import Project, block, digest
from tools import calendar_names

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
# Apart from those of whose names one is a month and a weekday, or a name of people ("Mei").
DISTINCT = [language for language in LANGUAGES if language.tag not in ("cy", "id", "ms")]
PATTERNS = (
    "past present future infinitive issued date_labels revised event_labels schedule_labels history"
    " acts streets streets_after planned asides deadlines until abbreviations"
    " year_before year_after"
)


def tag(language: Language) -> str:
    return language.tag


def first_names(names: tuple[str, ...], language: Language) -> list[str]:
    """The first form of each name, written as the language writes it."""
    firsts = [full_names(name)[0] for name in names]
    return [name.capitalize() for name in firsts] if language.capitals else firsts


def notice(language: Language, date: str) -> Text:
    """A notice of a meeting at a date, long enough that one word in it is a small edit."""
    body = NOTICES.get(language.tag, NOTICES["en"]).format(date)
    return Text(agency="Council", title=body.split(",")[0][:30], body=f"{body}\n\n{body}")


def assert_all_differ(language: Language, dates: list[str]) -> None:
    for one, other in combinations(dates, 2):
        verdict = compare(notice(language, one), notice(language, other))
        assert verdict.kind == "different", (one, other)


@pytest.mark.parametrize("language", DISTINCT, ids=tag)
def test_notices_that_differ_in_the_month_alone_are_two(language: Language) -> None:
    months = first_names(language.months, language)
    assert_all_differ(language, [DATES.get(language.tag, "5 {} 2024").format(m) for m in months])


@pytest.mark.parametrize("language", DISTINCT, ids=tag)
def test_notices_that_differ_in_the_weekday_alone_are_two(language: Language) -> None:
    assert_all_differ(language, first_names(language.weekdays, language))


@pytest.mark.parametrize("language", CORE, ids=tag)
def test_notices_that_differ_in_an_abbreviated_month_are_two(language: Language) -> None:
    short = [all_names(name)[-1] for name in language.months]
    months = [name.capitalize() for name in short] if language.capitals else short
    assert_all_differ(language, [DATES.get(language.tag, "5 {} 2024").format(m) for m in months])


@pytest.mark.parametrize("language", LANGUAGES, ids=tag)
def test_a_table_has_every_month_and_weekday_once(language: Language) -> None:
    assert (len(language.months), len(language.weekdays)) == (12, 7)
    for names in (language.months, language.weekdays):
        words = [word for name in names for word in all_names(name)]
        assert len(words) == len(set(words))
        assert all(word == word.lower() for word in words)


@pytest.mark.parametrize("language", LANGUAGES, ids=tag)
def test_the_patterns_of_a_table_compile_without_groups(language: Language) -> None:
    """They are joined with those of other languages in one pattern, which has its own groups."""
    for field in PATTERNS.split():
        assert re.compile(getattr(language, field)).groups == 0, field


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(LANGUAGES), st.dates(date(1970, 1, 1), date(2069, 12, 31)), st.booleans())
def test_a_day_as_its_language_writes_it_is_found(
    language: Language, day: date, has_weekday: bool
) -> None:
    """In a sentence of its language, whose words find the language."""
    style = "full" if has_weekday else "long"
    written = format_date(day, style, locale=language.tag.replace("-", "_"))
    sentence = NOTICES.get(language.tag)
    if sentence is None:
        found = find_dates(f"Xyz, {written} \u2013 xyz.", language)
    else:
        found = find_dates(sentence.format(written))
    assert PartialDate(year=day.year, month=day.month, day=day.day) in [p.last for p in found]


@pytest.mark.parametrize("text", ["", "8 5 2024", "Xyz", "Brno and Łódź"])
def test_a_text_that_tells_nothing_is_english(text: str) -> None:
    assert language_of(text.lower()).tag == "en"


def test_the_table_of_names_is_that_of_the_cldr_installed() -> None:
    """After an update of babel: ``python -m tools.calendar_names``."""
    assert calendar_names.MODULE.read_text(encoding="utf-8") == calendar_names.module()


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


def test_the_dates_of_an_agency_show_whether_the_day_is_first(project: Project) -> None:
    """“13/02/2024” in one release settles “03/04/2024” in another of the same agency."""
    project.write(
        "digests/a.txt",
        digest(
            block("Theft", "North Police", "The man was seen on 03/04/2024 by the port."),
            block("Fire", "South Police", "The man was seen on 05/06/2024 by the port."),
            block("Arrest", "North Police", "The man was seen on 13/02/2024 by the port."),
            block("Flood", "South Police", "The man was seen on 02/13/2024 by the port."),
        ),
    )
    assert project.run("once").code == 0
    found = project.rows("SELECT phrase, first FROM evidence WHERE phrase != '2024'")
    assert dict(found) == {
        "03/04/2024": "2024-04-03",
        "13/02/2024": "2024-02-13",
        "05/06/2024": "2024-05-06",
        "02/13/2024": "2024-02-13",
    }


WORDS = [*known._INDEX, "xyz", "the", "čas", "ışık", "год"]


@given(st.lists(st.sampled_from(WORDS), max_size=12))
def test_language_has_the_most_counts_and_is_the_first_of_equals(words: list[str]) -> None:
    """Counting for every language has the same result, and takes longer."""
    text = " ".join(words)
    words = text.split()
    counts = [0] * len(known._ORDER)
    for word in words:
        for number, weight in known._INDEX.get(word.strip(known._MARKS), ()):
            counts[number] += weight
    for number, language in enumerate(known._ORDER):
        counts[number] += not set(language.letters).isdisjoint(text)
        if number >= len(CORE) and counts[number] < 2:
            counts[number] = 0
    if sum(map(known._ENGLISH.__contains__, words)) <= max(2, len(words) // 10):
        assert language_of(text) is known._ORDER[counts.index(max(counts))]
