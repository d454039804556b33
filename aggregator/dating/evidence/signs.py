"""Patterns of labels, datelines, deadlines and sentences, for ``rules`` and ``tense``.

They are made of the tables of all languages at once; those without a table are of English alone.
"""

import re

from aggregator.dating.languages.tables import LANGUAGES


def _any(field: str) -> str:
    """Return an alternation of what the languages have in a field."""
    return "|".join(filter(None, (getattr(language, field) for language in LANGUAGES)))


ADVISORY = tuple(sign for language in LANGUAGES for sign in language.advisories)
STATING = re.compile(
    r"(?:^|\b(?:statement|communiqu\w+|declaration|release|readout|remarks)"
    r" (?:\w+ ){0,4}?)(?:was |were |is |has been )?(?:first )?"
    rf"(?:{_any('issued')})\b",
    re.IGNORECASE,
)
LABEL = re.compile(
    rf"(?:^|\n)[^\S\n]*(?:{_any('date_labels')})[^\S\n]*[:|,\u2013\u2014-]?[^\S\n]*(?:on )?\Z",
    re.IGNORECASE,
)
EVENT_LABEL = re.compile(rf"(?:^|\n)[^\S\n]*(?:{_any('event_labels')})\b[^\n]{{0,20}}\Z", re.I)
EVENT_LINES = re.compile(
    rf"\n[^\S\n]*(?:(?:{_any('schedule_labels')})\s*:"
    r"|\d{1,2}[:.h]\d{2}\b)",
    re.IGNORECASE,
)
# Places before a dateline: "THE HAGUE, ", "Lyon, France - ", "GENEVA (".
PLACE = re.compile(
    r"[^\W\d_][\w.'\u2019-]*(?:[ ,/]{1,2}(?:de |of |am |la |le )?[^\W\d_][\w.'\u2019-]*){0,5}"
    r"\s{0,2}[,(/|\u2013\u2014-]\s{0,2}(?:on |le |den |am )?\Z"
)
# "ATHENS, 19 October 2023. The agency …": only a place in capitals is followed by a full stop.
LOUD_DATELINE_ENDS = re.compile(r"\.\s")
DATELINE_ENDS = re.compile(r"\)?\.?\s{0,3}(?:[\u2013\u2014-]|--|:|\|)|\)?[^\S\n]*(?:\n|\Z)|\)\s")
HISTORY_BEFORE = re.compile(
    rf"\b(?:{_any('history')})(?: the| le| dem)?\s{{1,2}}(?:\w+,? )?\(?\Z",
    re.IGNORECASE,
)
HISTORY_AFTER = re.compile(
    r"['\u2019]?s? ?\)?\s?(?:(?:terror(?:ist)? )?attacks?|revolution|movement|agreement|treaty"
    r"|anniversary|letter|report|memo(?:randum)?|speech|testimony|decision|ruling|massacre|coup"
    r"|incident|shooting|crash)\b",
    re.IGNORECASE,
)
NOWADAYS = re.compile(
    r"\s(?:more than ever|than ever|than before)|['\u2019]s (?:world|society)", re.I
)
AS_OF = re.compile(r"\bas (?:of|at)\s\Z|\bstand:?\s\Z", re.IGNORECASE)
BESIDE_TODAY = re.compile(
    rf"\b(?P<word>{_any('today').replace(' ', '|')}),?\s{{0,2}}(?:on )?\(?\Z",
    re.IGNORECASE,
)
TODAYS = {day: offset for language in LANGUAGES for day, offset in language.days.items()}
"""From a word such as those of ``BESIDE_TODAY`` to how many days it is from today."""

DEADLINE = re.compile(
    rf"\b(?:{_any('deadlines')})\s{{1,2}}(?:the )?\Z",
    re.IGNORECASE,
)
UNTIL = re.compile(
    r"(?P<ended>(?:ran|lasted|continued|stayed|remained|was|were)(?: \w+){0,2} )?"
    rf"\b(?:{_any('until')})\s\Z",
    re.IGNORECASE,
)
# Words that set a day: they say more than the verb next to it ("ordered to appear on 9 July").
PLANNED = re.compile(
    rf"\b(?:{_any('planned')})(?: [\w'\u2019-]+){{0,6}}?(?: the)?\s{{1,2}}\(?\Z", re.IGNORECASE
)
# A clause about somebody or something that the sentence names: not the news itself.
ASIDE = re.compile(rf"\b(?:{_any('asides')})\b[^.;:\u201c\u201d]{{0,90}}\Z", re.IGNORECASE)
STREET = re.compile(
    r"(?:\w*(?:stra(?:ß|ss)e|platz|br(?:ü|ue)cke)|rue|avenue|boulevard|place|square|plaza|calle"
    r"|avenida|via|viale|piazza|pra\u00e7a|rua|ulica|ul\.)\s(?:(?:des|du|de|del|della|da|do|of)\s)?\Z",
    re.IGNORECASE,
)
AGO_TODAY = re.compile(r"\bago\s(?:today|this day),?\s(?:on )?\(?\Z", re.IGNORECASE)
REVISED = re.compile(r"(?:updated|modified|revised|amended|mis à jour|aktualisiert)", re.IGNORECASE)
LEGAL = re.compile(r"(?:is|are) (?:accused|alleged|charged|suspected|said|believed)", re.IGNORECASE)
PROGRESSIVE = re.compile(r"(?:is|are) \w+ing\Z", re.IGNORECASE)
REPORTING = re.compile(
    r"(?:said|announced|told|confirmed|stated|added|noted|has announced|have announced)\Z", re.I
)
# Participles and names that look like the past tense and do not say when.
_NO_TENSE_WORDS = (
    "hundred based related needed armed united allied called entitled titled themed located"
    " headquartered named dedicated aimed unprecedented integrated advanced combined limited"
    " detailed shared planned renewed increased sacred expected proposed"
)
NO_TENSE = frozenset(_NO_TENSE_WORDS.split())
DETERMINERS = frozenset(("the", "a", "an", "its", "his", "her", "their", "our", "this", "of"))
STOP = re.compile(r"[.!?\u2026][\u201d\u2019\"')\]]{0,2}\s+(?=\S)|\n")
ABBREVIATION = re.compile(
    rf"(?:\b(?:{_any('abbreviations')})|\b[^\W\d_])\Z",
    re.IGNORECASE,
)
