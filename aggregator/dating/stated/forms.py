"""Read a stated date in any form: asctime, epochs, digits in any order, words of any language.

``read_form`` takes a date and the rules; returns the time, the day, or None.  It takes the time and
the date out of the text; what is left has to be a zone, a weekday, or a word that says nothing
("at", "Uhr"), else only the day is certain.  ``order_of`` returns which of day and month comes
first in the dates of a document.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from html import unescape

from aggregator.dating.languages.language import Language, all_names
from aggregator.dating.languages.tables import LANGUAGES
from aggregator.dating.phrases import find_dates
from aggregator.dating.phrases.phrase import century_of
from aggregator.dating.stated.rules import DateRules
from aggregator.dating.stated.zones import is_zone, utc_of
from aggregator.model.normal_form import normal_form, without_marks

_LONG = 200  # no date has as many characters
_DATETIME = re.compile(r"<time\b[^<>]{0,300}?\bdatetime\s*=\s*[\"']?([^\"'<>]+)", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
# Seconds, or milliseconds, microseconds or nanoseconds, since 1970; from 1973 on.
_EPOCH = re.compile(r"(\d{9,10})(?:\d{3}|\d{6}|\d{9})?(?:\.\d{0,9})?", re.ASCII)
_FIRST_OF_DIGITS = 12  # "202403121015" is a date, not milliseconds

# What is rewritten before it is read: "20240312T101500", "T101500", "3月12日", "10h15".
_REWRITTEN = [
    (re.compile(pattern), wanted)
    for pattern, wanted in (
        (r"^(\d{4})(\d\d)(\d\d)(?=t|\s|$|z|[+-])", r"\1-\2-\3"),
        (r"^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(?!\d)", r"\1-\2-\3 t\4\5\6"),
        (r"^(\d{4}-\d\d-\d\d\s?|\d{4}-?w\d\d-?\d|\d{4}-?\d{3})t(\d\d)(?=z|[+-]|$)", r"\1 \2:00"),
        (r"(?<=[\d ])t(\d\d)(\d\d)(\d\d)?(?![\d:])", r" \1:\2:\3"),
        (r"^(\d{4}-\d\d-\d\d) (\d\d)(\d\d)(\d\d)?(?![\d:])", r"\1 \2:\3:\4"),
        (r"\([月火水木金土日월화수목금토일]\)|[月火水木金土日]曜日?|[월화수목금토일]요일", " "),
        (r"(?:星期|[周週])[一二三四五六日天]", " "),
        (r"(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일]", r"\1-\2-\3 "),
        (r"(\d{1,2})\s?[時时点點시]\s?(?:(\d{1,2})\s?[分분])?(?:\s?\d{1,2}\s?[秒초])?", r" \1h\2 "),
        (r"(?<=:\d\d) (?![ap]m\b)([a-z]{2,5}|(?:utc|gmt)?[+-]\d\d:?\d\d) (\d{4})$", r" \2 \1"),
        (r"(?:午前|上午|오전)\s?(\d{1,2})(?:h|:)(\d{0,2})", r"\1:\2 am"),
        (r"(?:午後|下午|오후)\s?(\d{1,2})(?:h|:)(\d{0,2})", r"\1:\2 pm"),
        (r"(?<![\d:.+-])(\d{1,2})\s?(?:h|uhr|uur|hrs|hours)\b\s?(\d\d)?(?!\d|:)", r"\1:\2 "),
        (r"(?<![\d:.+-])(\d{1,2})h(\d\d)(?!\d|:)", r"\1:\2 "),
        (r"\b(?:kl|klo|um|ore|alle|à|at)\.?\s(\d{1,2})\.(\d\d)(?![\d.])", r" \1:\2 "),
        (r"(?<![\d.])(\d{1,2})\.(\d\d)(?=\s?(?:uhr|[ap]\.?\s?m\b))", r"\1:\2"),
        (r"(?<![\d:.])(\d{1,2})(?=\s?[ap]\.?\s?m\b)", r"\1:"),
        (r"[\u2212\u2013\u2014]", "-"),
    )
]
_TIME = re.compile(
    r"(?<![\d+-])(\d{1,2}):(\d\d)?(?!\d)(?::(\d\d)?(?:[.,:]\d{1,9})?)?(?!\d|:\d)"
    r"(?:\s?([ap])\.?\s?m\b\.?)?"
)
_GAP = r"[\0\s.,/'\u2019-]*(?:(?:de|del|d|of|den|г|m)\b[\s.'\u2019]*)?"
_WORD = r"([^\W\d_][^\s\d.,/()'\u2019-]*)"
_DAY = r"(\d{1,2})(?!\d)(?:\s?(?:st|nd|rd|th|er|re|ste|de|a|º|o|ª|°)(?=[\s.,]))?"
_YEAR = r"(\d{4}|\d\d)(?!\d|:\d)"
_DAY_FIRST = re.compile(rf"(?<!\d){_DAY}{_GAP}{_WORD}{_GAP}{_YEAR}")
_DAY_SECOND = re.compile(rf"(?<!\w){_WORD}{_GAP}{_DAY}{_GAP}(\d{{4}})(?!\d)")
_YEAR_FIRST = re.compile(rf"(?<!\d)(\d{{4}}){_GAP}(?:(?:г|m)\b)?{_GAP}{_WORD}{_GAP}{_DAY}(?!\d)")
_BIG = re.compile(r"(?<!\d)(\d{4})\s?([-/.])\s?(\d{1,2})\s?\2\s?(\d{1,2})(?!\d)\.?")
_LITTLE = re.compile(r"(?<!\d)(\d{1,2})\s?([-/.])\s?(\d{1,2})\s?\2\s?(\d{4}|\d\d)(?!\d)")
_WEEK = re.compile(r"^(\d{4})-?w(\d\d)-?([1-7])(?!\d)")
_ORDINAL = re.compile(r"^(\d{4})-?(\d{3})(?!\d)")
_HOLE = "\0"  # where the time was
_LEFT = re.compile(r"[^\s,;:|.·•]+(?:\.[^\W\d_]+)*")
_NOTHING = frozenset(
    "- / @ t ( ) at on the of um uhr uur hrs hours hour h o'clock time local à le les kl klo om ore"
    " alle il a as às el la las al am den der op de del г р год года date datum published posted"
    " released issued updated publié veröffentlicht in v в ч hod godz óra".split()
)
_ZONE_AT_END = re.compile(
    r"(?:(?<=\s)|^)(?:\(?(?:utc|gmt)?\s?[+-]\d{1,2}(?::?\d\d)?\)?(?:\s?(?:\(.*\)|\[.*\]|[a-z]{1,5}))?"
    r"|\(?[^\W\d_]{1,5}\)?(?:\s?\((?:utc|gmt)[+-][\d:]+\))?"
    r"|\(?(?:[a-z]+ ){1,3}time\)?)\s*$"
)


def read_form(text: str, rules: DateRules) -> date | None:
    """Return the time or the day that ``text`` states in any form."""
    text = _plain(text)
    if not text or len(text) > _LONG:
        return None
    epoch = _EPOCH.fullmatch(text)
    if epoch and len(text.partition(".")[0]) != _FIRST_OF_DIGITS:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=int(epoch[1]))
    try:
        return _understood(text, rules)
    except (ValueError, OverflowError):
        return None


def order_of(dates: Iterable[str]) -> bool | None:
    """Return whether the day is first in ``dates`` as 31/12/2023, where they agree."""
    firsts = set()
    for text in dates:
        if len(text) <= _LONG and (found := _LITTLE.search(text)) and found[2] != ".":
            a, b = int(found[1]), int(found[3])
            if (a > 12) != (b > 12):
                firsts.add(a > 12)
    return firsts.pop() if len(firsts) == 1 else None


def _plain(text: str) -> str:
    """Return ``text`` in lower case and without markup; a ``datetime`` attribute is all of it."""
    for _ in range(2):  # escaped markup
        if "<" in text and (found := _DATETIME.search(text)):
            text = found[1]
        text = unescape(_TAG.sub(" ", text))
    text = re.sub("[\0\u200e\u200f]", "", text)
    return " ".join(normal_form("NFKC", text[: 2 * _LONG]).lower().split())


def _understood(text: str, rules: DateRules) -> date | None:
    read = text
    for pattern, wanted in _REWRITTEN:
        read = pattern.sub(wanted, read)
    clock, left = _time(read)
    known = _weekdays()
    weekday = next((known[word] for word in _words(left) if word in known), None)
    found = _date(left, rules, weekday)
    if found is None:
        return _in_prose(text, rules)
    day, left = found
    before, _, after = left.rpartition(_HOLE)
    zone = _ZONE_AT_END.search(after.rstrip(" ,;.|-"))
    written = " ".join(zone[0].split()) if zone is not None else ""
    if zone is not None and (is_zone(written) or not _says_nothing(written)):
        after = after[: zone.start()]
    else:
        written = ""
    if not _says_nothing(before) or not _says_nothing(after):
        rest = before + after
        is_other = any(character.isdigit() for character in rest)
        return day if not is_other or _in_prose(text, rules) == day else None
    if clock is None:
        return day
    local = datetime(day.year, day.month, day.day) + clock
    return utc_of(local, written, rules.zone) or day


def _time(text: str) -> tuple[timedelta | None, str]:
    """Return the time of day in ``text``, if it is one, and the text without it."""
    found = _TIME.search(text)
    if found is None:
        return None, text
    hour, minute, second = (int(part or 0) for part in found.groups()[:3])
    if found[4] and 1 <= hour <= 12:
        hour = hour % 12 + 12 * (found[4] == "p")
    is_time = (hour < 24 and minute < 60 and second <= 60) or (hour, minute, second) == (24, 0, 0)
    clock = timedelta(hours=hour, minutes=minute, seconds=second) if is_time else None
    return clock, f"{text[: found.start()]} {_HOLE} {text[found.end() :]}"


def _date(text: str, rules: DateRules, weekday: int | None) -> tuple[date, str] | None:
    """Return the one date in ``text``, and the text without it."""
    for match, readings in _readings(text, rules):
        real = [day for reading in readings if (day := _real(*reading)) is not None]
        if len(real) > 1 and weekday is not None:
            real = [day for day in real if day.weekday() == weekday] or real
        if len(set(real)) > 1 and match.re is _LITTLE:
            if match[2] != "." and rules.day_first is None:
                return None
            real = real[:1] if match[2] == "." or rules.day_first else real[1:]
        if real:
            hole = _HOLE if _HOLE in match[0] else " "
            return real[0], f"{text[: match.start()]} {hole} {text[match.end() :]}"
    return None


_Reading = tuple[int, int, int]


def _readings(text: str, rules: DateRules) -> Iterator[tuple[re.Match[str], list[_Reading]]]:
    """Yield what may be a date, and the years, months and days that it can mean."""
    if found := _WEEK.search(text):
        day = date.fromisocalendar(*map(int, found.groups()))
        yield found, [(day.year, day.month, day.day)]
    if found := _BIG.search(text):
        yield found, [(int(found[1]), int(found[3]), int(found[4]))]
    for found in _LITTLE.finditer(text):
        if len(found[4]) == 4 or found[2] != "-":
            year, a, b = _year(found[4]), int(found[1]), int(found[3])
            yield found, [(year, b, a), (year, a, b)]
    if found := _ORDINAL.search(text):
        day = date(int(found[1]), 1, 1) + timedelta(days=int(found[2]) - 1)
        if day.year == int(found[1]):
            yield found, [(day.year, day.month, day.day)]
    months = _months()
    shapes = ((_DAY_FIRST, (3, 2, 1)), (_DAY_SECOND, (3, 1, 2)), (_YEAR_FIRST, (1, 2, 3)))
    for shape, (year_at, month_at, day_at) in shapes:
        for found in shape.finditer(text):
            month = _meaning(months.get(found[month_at]), rules.language)
            if month is not None:
                yield found, [(_year(found[year_at]), month, int(found[day_at]))]


def _year(written: str) -> int:
    return int(written) if len(written) == 4 else century_of(int(written))


def _real(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _words(text: str) -> list[str]:
    return [word.strip("()[]\"'") for word in _LEFT.findall(text)]


def _says_nothing(text: str) -> bool:
    known = _weekdays()
    return all(not word or word in _NOTHING or word in known for word in _words(text))


def _in_prose(text: str, rules: DateRules) -> date | None:
    """Return the day in a text with other words, if there is exactly one and it is complete."""
    language = _languages().get((rules.language or "").lower().partition("-")[0])
    found = [p for p in find_dates(text, language, rules.day_first) if not p.missing]
    if len(found) != 1 or found[0].first != found[0].last:
        return None
    return found[0].first.to_date()


def _meaning(months: dict[str, int] | None, language: str | None) -> int | None:
    """Return the month that a name means: in ``language``, or everywhere."""
    if months is None:
        return None
    own = months.get((language or "").lower().partition("-")[0])
    return own or (next(iter(months.values())) if len(set(months.values())) == 1 else None)


@cache
def _languages() -> dict[str, Language]:
    return {language.tag: language for language in LANGUAGES}


@cache
def _months() -> dict[str, dict[str, int]]:
    """Map the name of a month to its number, by the languages that have it."""
    names = {"mär": {"de": 3}}  # short, and a word of its own in prose
    for language in LANGUAGES:
        for number, name in enumerate(language.months, 1):
            for word in _spellings(name):
                names.setdefault(word, {})[language.tag] = number
    return names


@cache
def _weekdays() -> dict[str, int]:
    """Map the name of a weekday to its number, Monday 0; of two languages the first is right."""
    names: dict[str, int] = {}
    for language in LANGUAGES:
        for number, name in enumerate(language.weekdays):
            for word in _spellings(name):
                names.setdefault(word, number)
    return names


def _spellings(name: str) -> set[str]:
    words = [word.rstrip(".") for word in all_names(name)]
    return {normal_form("NFKC", word) for word in words} | {without_marks(word) for word in words}
