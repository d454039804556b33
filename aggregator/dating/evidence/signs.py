"""The words and shapes that tell what a date is there for: labels, datelines, deadlines.

Gives patterns and lists of words, of all languages at once; takes nothing.  Leaves to the readers
(``by_line``, ``by_words``, ``by_sentence``, ``verbs``, ``sentences``) where each is looked for.
"""

import re

ADVISORY = (
    "media advisory", "media opportunity", "press advisory", "notice to media",
    "notice to the media", "notice to editors", "notice to press", "media programme",
    "media accreditation", "media coverage", "save the date", "avis aux médias",
    "aviso a los medios", "medienhinweis", "presseeinladung", "avviso ai media",
)  # fmt: skip
STATING = re.compile(
    r"(?:^|\b(?:statement|communiqu\w+|declaration|release|readout|remarks)"
    r" (?:\w+ ){0,4}?)(?:was |were |is |has been )?(?:first )?"
    r"(?:issued|released|published|posted|updated|last updated|made public|for (?:immediate )?"
    r"release|press release|news release|publié|veröffentlicht|pubblicato|publicado|publication)\b",
    re.IGNORECASE,
)
LABEL = re.compile(
    r"(?:^|\n)[^\S\n]*(?:date(?: of (?:issue|publication|release))?|published(?: on)?"
    r"|publication date|press release|news release|statement|released?|updated|last updated|posted"
    r"|issued|fecha|datum|data|stand|publié le|le)[^\S\n]*[:|,\u2013\u2014-]?[^\S\n]*(?:on )?\Z",
    re.IGNORECASE,
)
EVENT_LABEL = re.compile(r"(?:^|\n)[^\S\n]*(?:when|wann|quand|cuándo|quando)\b[^\n]{0,20}\Z", re.I)
EVENT_LINES = re.compile(
    r"\n[^\S\n]*(?:(?:time|venue|where|place|location|heure|lieu|ort|hora|lugar)\s*:"
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
    r"\b(?:since|dating from|dated|founded|established|inaugurated|born|"
    r"created|resolution \S+ of|regulation \S+ of|directive \S+ of|act of|decision of|law of"
    r"|treaty of|convention of|agreement of|anniversary of|attacks? (?:of|on)|every|each"
    r"|depuis|seit|desde|sinds)"
    r"(?: the| le| dem)?\s{1,2}(?:\w+,? )?\(?\Z",
    re.IGNORECASE,
)
HISTORY_AFTER = re.compile(
    r"['\u2019]?s? ?\)?\s?(?:(?:terror(?:ist)? )?attacks?|revolution|movement|agreement|treaty"
    r"|anniversary)\b",
    re.IGNORECASE,
)
NOWADAYS = re.compile(
    r"\s(?:more than ever|than ever|than before)|['\u2019]s (?:world|society)", re.I
)
AS_OF = re.compile(r"\bas (?:of|at)\s\Z|\bstand:?\s\Z", re.IGNORECASE)
BESIDE_TODAY = re.compile(
    r"\b(?P<word>today|yesterday|tomorrow|heute|aujourd['\u2019]hui|hoy|oggi|vandaag|hoje),?\s{0,2}"
    r"(?:on )?\(?\Z",
    re.IGNORECASE,
)
DEADLINE = re.compile(
    r"\b(?:by|until|till|before|no later than|starting(?: on)?|deadline(?: is)?:?|bis zum"
    r"|avant le|jusqu['\u2019]au|hasta el|entro il)\s{1,2}(?:the )?\Z",
    re.IGNORECASE,
)
UNTIL = re.compile(
    r"(?P<ended>(?:ran|lasted|continued|stayed|remained|was|were)(?: \w+){0,2} )?"
    r"\b(?:until|till|through|bis|jusqu['\u2019]au|hasta el|fino al)\s\Z",
    re.IGNORECASE,
)
REPORTING = re.compile(
    r"(?:said|announced|told|confirmed|stated|added|noted|has announced|have announced)\Z", re.I
)
# Participles and names that look like the past tense and tell no time.
_NO_TENSE_WORDS = (
    "hundred based related needed armed united allied called entitled titled themed located"
    " headquartered named dedicated aimed unprecedented integrated advanced combined limited"
    " detailed shared planned renewed increased sacred expected proposed"
)
NO_TENSE = frozenset(_NO_TENSE_WORDS.split())
DETERMINERS = frozenset(("the", "a", "an", "its", "his", "her", "their", "our", "this", "of"))
STOP = re.compile(r"[.!?\u2026][\u201d\u2019\"')\]]{0,2}\s+(?=\S)|\n")
ABBREVIATION = re.compile(
    r"(?:\b(?:mr|mrs|ms|dr|prof|gen|adm|capt|col|lt|cmdr|sgt|maj|brig|amb|sen|rep|gov|st|jr|sr|no"
    r"|nos|art|vs|hon|rt|rev|ing|dott|sra?|mme|mm|ca|approx|jan|feb|mar|apr|jun|jul|aug|sept?"
    r"|oct|nov|dec)|\b[^\W\d_])\Z",
    re.IGNORECASE,
)
