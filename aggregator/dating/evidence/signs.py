"""Patterns of labels, datelines, deadlines and sentences, for ``rules`` and ``tense``.

``signs_of`` takes a language and returns the ``Signs`` made of its table and that of English.
Patterns outside of ``Signs`` are of English alone, or of no language.
"""

import re
from functools import cache

from aggregator.dating.languages.english import ENGLISH
from aggregator.dating.languages.language import Language
from aggregator.dating.languages.tables import CORE
from aggregator.dating.phrases.patterns import any_of as phrase_of


class Signs:
    """The patterns that are made of the words of ``languages``."""

    def __init__(self, languages: tuple[Language, ...]) -> None:
        def any_of(*fields: str) -> str:
            parts = [getattr(language, field) for language in languages for field in fields]
            return "|".join(filter(None, parts)) or r"(?!)"

        def words(field: str) -> str:
            found = {word for one in languages for word in getattr(one, field).split()}
            return "|".join(sorted(map(re.escape, found), reverse=True))

        articles = rf"(?:(?:{words('articles')}|on|op|em|la|pe)\.?\s{{1,2}})?"
        self.advisories = tuple(sign for language in languages for sign in language.advisories)
        #: Words that may begin a sentence with a date ("On", "Since"), and are no place.
        self.before_days = frozenset(
            re.findall(
                r"\w+",
                f"{any_of('articles', 'leads', 'weak_leads', 'from_words', 'between_words')}"
                f" {any_of('deadlines', 'until', 'history', 'date_labels', 'revised')} on le em op",
            )
        )
        self.stating = re.compile(
            r"(?:^|\b(?:statement|communiqu\w+|declaration|release|readout|remarks)"
            r" (?:\w+ ){0,4}?)(?:was |were |is |has been )?(?:first )?"
            rf"(?:{any_of('issued')})\b",
            re.IGNORECASE,
        )
        self.label = re.compile(
            rf"(?:^|\n)[^\S\n]*(?:{any_of('date_labels', 'revised')})"
            rf"[^\S\n]*[:|,\u2013\u2014-]?[^\S\n]*{articles}\Z",
            re.IGNORECASE,
        )
        self.revised = re.compile(rf"(?:{any_of('revised')})", re.IGNORECASE)
        self.event_label = re.compile(
            rf"(?:^|\n)[^\S\n]*(?:{any_of('event_labels')})\b[^\n]{{0,20}}\Z", re.IGNORECASE
        )
        self.event_lines = re.compile(
            rf"\n[^\S\n]*(?:(?:{any_of('schedule_labels')})\s*:|\d{{1,2}}[:.h]\d{{2}}\b)",
            re.IGNORECASE,
        )
        # What is named by its date, or has gone on since then.
        self.history = re.compile(
            rf"\b(?:{any_of('history', 'acts')})\s{{1,2}}{articles}(?:\w+,? )?\(?\Z",
            re.IGNORECASE,
        )
        # The streets of a foreign capital are named as they are there.
        streets = "|".join(one.streets for one in dict.fromkeys((*CORE, *languages)) if one.streets)
        self.street = re.compile(rf"(?<!\w)(?:{streets})\s{{1,2}}\Z", re.IGNORECASE)
        self.street_after = re.compile(rf"\.?\s(?:{any_of('streets_after')})\b", re.IGNORECASE)
        self.deadline = re.compile(rf"\b(?:{any_of('deadlines')})\s{{1,2}}{articles}\Z", re.I)
        self.until = re.compile(
            r"(?P<ended>(?:ran|lasted|continued|stayed|remained"
            r"|(?:was|were)(?! (?:remand|extend|postpon|adjourn|suspend|prolong|defer)))"
            r"(?: \w+){0,2} )?"
            rf"\b(?:{any_of('until')})\s{articles}\Z",
            re.IGNORECASE,
        )
        # Words that set a day: they say more than the verb next to it.
        self.planned = re.compile(
            rf"\b(?:{any_of('planned')})(?: [\w'\u2019-]+){{0,6}}?(?: the)?\s{{1,2}}\(?\Z",
            re.IGNORECASE,
        )
        # What has to be directly before the day, since it is common elsewhere.
        self.sets = re.compile(rf"\b(?:{any_of('sets')})\s{{1,2}}{articles}\(?\Z", re.IGNORECASE)
        # A clause about somebody or something that the sentence names: not the news itself.
        self.aside = re.compile(
            rf"\b(?:{any_of('asides')})\b[^.;:\u201c\u201d]{{0,90}}\Z", re.IGNORECASE
        )
        #: From a word such as "today" to how many days it is from then.
        self.days = {
            day: offset
            for language in languages
            for day, offset in (*language.days.items(), *language.own_days.items())
            if offset is not None
        }
        self.beside_today = re.compile(
            rf"(?<!\w)(?P<word>{phrase_of(self.days)}),?\s{{0,2}}{articles}\(?\Z",
            re.IGNORECASE,
        )


@cache
def signs_of(language: Language) -> Signs:
    """Return the signs of a language, with those of English besides."""
    return Signs(tuple(dict.fromkeys((language, ENGLISH))))


# Places before a dateline: "THE HAGUE, ", "Lyon, France - ", "GENEVA (".
PLACE = re.compile(
    r"[^\W\d_][\w.'\u2019-]*(?:[ ,/]{1,2}(?:de |of |am |la |le )?[^\W\d_][\w.'\u2019-]*){0,5}"
    r"\s{0,2}[,(/|\u2013\u2014-]\s{0,2}(?:on |le |den |am )?\Z"
)
# "ATHENS, 19 October 2023. The agency …": only a place in capitals is followed by a full stop.
DASH = re.compile(r"\)?\.?\s{0,3}(?:[\u2013\u2014]|--|- )")
LOUD_DATELINE_ENDS = re.compile(r"\.\s")
DATELINE_ENDS = re.compile(r"\)?\.?\s{0,3}(?:[\u2013\u2014-]|--|:|\|)|\)?[^\S\n]*(?:\n|\Z)|\)\s")
HISTORY_AFTER = re.compile(
    r"['\u2019]?s? ?\)?\s?(?:(?:terror(?:ist)? )?attacks?|revolution|movement|agreement|treaty"
    r"|anniversary|letter|report|memo(?:randum)?|speech|testimony|decision|ruling|massacre|coup"
    r"|incident|shooting|crash|(?:capitol )?riots?|insurrection|bombings?|earthquake|uprising"
    r"|invasion|disaster|tragedy|robbery|burglary|stabbing|assault|murders?|homicide|killings?"
    r"|collision|accident|raid|indictment|complaint|directive|memorandum)\b",
    re.IGNORECASE,
)
# "Seventy-five years ago today", before the word for today.
YEARS_BEFORE = re.compile(
    r"\b(?:years?|Jahren?|ans|años|anni|jaar|anos|år|vuotta|let|lat|éve|ani|χρόνια|лет|років"
    r"|yıl)\b[^.\n]{0,20}\Z",
    re.IGNORECASE,
)
# "8. Mai 1945, heute vor 79 Jahren", "Hace 20 años, el 11 de marzo de 2004".
YEARS_AGO = re.compile(
    r"\b(?:years ago|vor [\w-]+ jahren|il y a [\w-]+ ans|hace [\w-]+ años|anni fa|jaar geleden"
    r"|há [\w-]+ anos|år sedan|år siden|lat temu|on this day in [\w ]+|лет назад|років тому)"
    r"(?: today)?,? (?:on |am |le |el |il |op |a |den )?\Z",
    re.IGNORECASE,
)
YEARS_AGO_AFTER = re.compile(
    r",? (?:heute )?(?:[\w-]+ years ago|vor [\w-]+ jahren|il y a [\w-]+ ans|hace [\w-]+ años"
    r"|[\w-]+ anni fa|[\w-]+ jaar geleden|há [\w-]+ anos|för [\w-]+ år sedan)\b",
    re.IGNORECASE,
)
NOWADAYS = re.compile(
    r"\s(?:more than ever|than ever|than before)|['\u2019]s (?:world|society)", re.I
)
AS_OF = re.compile(r"\bas (?:of|at)\s\Z|\bstand:?\s\Z", re.IGNORECASE)
LEGAL = re.compile(
    r"\b(?:is|are|was|were|been|stands?|allegedly)(?: \w+ly)? (?:accused|alleged|charged|suspected"
    r"|indicted|convicted|guilty|said to|believed to)\b|\ballegedly\b",
    re.IGNORECASE,
)
# "Daily briefing, 3 May 2024", "Minutes of 3 May 2024": what comes out on that day.
TITLE_DATE = re.compile(r"(?:[,:(|\u2013\u2014-]|\b(?:of|vom|du|del|van|de))\s*\Z", re.IGNORECASE)
PROGRESSIVE = re.compile(r"(?:is|are) \w+ing\Z", re.IGNORECASE)
# "Officers are appealing for witnesses to a collision on 3 May": of a day that is over.
APPEALING = re.compile(
    r"(?:is|are) (?:appeal|investigat|seek|look|ask|search|treat|examin|recover|respond|offer)"
    r"\w*ing\Z",
    re.IGNORECASE,
)
# "The container had left Matadi on 11 May": before the news.
PLUPERFECT = re.compile(
    r"(?:had|hatten?|avai(?:t|ent)|étai(?:t|ent)|había[ns]?|tinham?|hadden|aveva(?:no)?|erano?)"
    r"(?:\s.*)?",
    re.IGNORECASE,
)
# "had been planned for 27 October", "originally scheduled for 3 May": it came otherwise.
AT_FIRST = re.compile(r"\b(?:had(?: \w+)? been|originally|initially)\b", re.IGNORECASE)
# "Embargoed until 14:00 on 3 May": the release comes out when the embargo ends.
EMBARGO = re.compile(r"\b(?:embargo(?:ed)?|sperrfrist)\b[^\n]{0,40}\Z", re.IGNORECASE)
IS = re.compile(r"\b(?:is|are)\s\Z", re.IGNORECASE)
REPORTING = re.compile(
    r"(?:said|announced|told|confirmed|stated|added|noted|has announced|have announced)\Z", re.I
)
# Participles and names that look like the past tense and do not say when.
_NO_TENSE_WORDS = (
    "hundred based related needed armed united allied called entitled titled themed located"
    " headquartered named dedicated aimed unprecedented integrated advanced combined limited"
    " detailed shared planned renewed increased sacred expected proposed closed aged unused"
    " unchanged unvaccinated reminded invited advised"
)
NO_TENSE = frozenset(_NO_TENSE_WORDS.split())
PASSIVE = frozenset(("be", "is", "are", "being", "as"))
"""Words before a participle that has no tense of its own: "will be held", "is marked"."""
DETERMINERS = frozenset(("the", "a", "an", "its", "his", "her", "their", "our", "this", "of"))
STOP = re.compile(r"[.!?\u2026][\u201d\u2019\"')\]]{0,2}\s+(?=\S)|\n")
