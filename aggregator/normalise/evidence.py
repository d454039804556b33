"""Read what the date phrases of a release say about the day the release itself came out.

Takes a title and a text; gives one `Evidence` for each date phrase, title first, in order. Leaves
to others the choice of a date: this module weighs each phrase by itself, with only the tense of
its sentence, its place, the title and the other dates of the same release to judge by.

The roles, and what each says of the release's day R against the phrase's first and last day:

- `stated`: R is that day. A dateline (`BRUSSELS, 3 May 2024 —`, or a date alone on the first
  lines), `issued on …`, `Published: …`, `today (3 May 2024)`.
- `past`: R is on or after the last day, and usually within three days. The verb is in the past.
- `present`: R is that day or close to it: `is meeting today`, `this week`, or no verb to tell.
- `future`: R is on or before the first day: `will visit`, `to meet`, a media advisory's schedule.
- `history`: says nothing of R: whole months, deadlines long past, treaties, `every Monday`, and
  days too far from those the release is about.

`strength`, from 0 to 1, is the weight for the fit: 1 a full dateline; about 0.8 the first
paragraph's or the title's own event; about 0.4 a later one; 0.2 a day mentioned in passing; 0
history. A phrase without a year counts somewhat less, one that is only a weekday half.

A missing year is filled in from the days of the same release that have one, and a bare weekday
from the day it must mean beside them; `phrase` keeps what was written. A new language is one
more `Tenses` in `TENSES`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Protocol

from aggregator.model import Evidence, PartialDate, Place, Role, Shift
from aggregator.normalise.dates import DatePhrase, find_dates


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """What one phrase says about the release. `first` and `last` may know more than `phrase`."""

    phrase: DatePhrase
    place: Place
    role: Role
    first: PartialDate
    last: PartialDate
    weekday: int | None
    shift: Shift | None
    strength: float
    reason: str


class _Resolvable(Protocol):
    """What `resolve` needs to know of a piece of evidence."""

    @property
    def role(self) -> Role: ...
    @property
    def first(self) -> PartialDate: ...
    @property
    def last(self) -> PartialDate: ...
    @property
    def weekday(self) -> int | None: ...
    @property
    def shift(self) -> Shift | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """Real days. `weekday_conflict`: the weekday written is not that of `first`."""

    first: date
    last: date
    weekday_conflict: bool


def read_evidence(title: str, text: str) -> tuple[Evidence, ...]:
    """Give the evidence of every date phrase of a release, title first, in order."""
    in_title, in_text = find_dates(title), find_dates(text)
    if not in_title and not in_text:
        return ()
    folded = f"{title}\n{text}".lower()
    cues = _CUES[_language(folded)]
    release = _Release(
        title=title,
        text=text,
        cues=cues,
        advisory=any(sign in folded for sign in _ADVISORY),
        title_tense=_tense_of(cues, title, len(title), len(title))[0],
        head=_head(text),
    )
    read = [_read_title(release, phrase) for phrase in in_title]
    read += [_read_body(release, phrase) for phrase in in_text]
    return tuple(_as_evidence(said) for said in _together(tuple(read)))


def resolve(evidence: _Resolvable, near: date | None) -> Resolved | None:
    """Give the real days of a piece of evidence; None if there is nothing to tell them by.

    A full date needs no `near`, the day about which the release is thought to have come out. A
    missing year is the nearest to it in which the weekday is right (at most three years off),
    else the nearest. A bare weekday is the last one on or before `near` for `past`, the next on
    or after it for `future`, the nearest otherwise. `today` and `last week` count from `near`.
    A month is all its days.
    """
    try:
        return _resolved(evidence, near)
    except (ValueError, OverflowError):  # within a year of date.min or date.max
        return None


def _as_evidence(said: _Said) -> Evidence:
    return Evidence(
        place=said.place,
        phrase=said.phrase.text,
        role=said.role,
        first=said.first,
        last=said.last,
        weekday=said.weekday,
        shift=said.shift,
        strength=said.strength,
        reason=said.reason,
    )


# -------------------------------------------------------------------------------------- tenses


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenses:
    """The cues of one language, as regular expressions in lower case, read in any case."""

    #: Common words by which the language of a sentence is known.
    known_by: str
    past: str
    present: str
    future: str
    #: Words that begin a cue and are none alone ("has", of "has visited").
    openers: str = ""
    #: What makes a sentence a title about the future when nothing in it has a tense ("to visit").
    infinitive: str = r"(?!)"


_EN_PAST = (
    "was|were|had|did|met|held|took|gave|spoke|said|told|led|went|came|made|began|saw|sent"
    "|became|brought|built|kept|lost|paid|ran|rose|fell|sold|sought|stood|taught|won|wrote"
    "|found|drew|grew|knew|chose|broke|dealt|fought|struck|threw|underwent|undertook|withdrew"
    "|oversaw|flew|laid|agreed|got|following"
)
ENGLISH = Tenses(
    known_by="the of and to in a on for with by",
    past=rf"(?:(?:has|have) (?:been )?\w+(?:ed|en)|{_EN_PAST}|\w+[^\We]ed)",
    present=(
        r"(?:(?:is|are)(?: \w+ing)?|says|meets|visits|welcomes|hosts|holds|attends|takes|marks"
        r"|begins|starts|opens|continues|joins|leads|gathers|concludes|ends|wraps up|completes"
        r"|agrees|reaffirms|reiterates|discusses|addresses|highlights|thanks|praises|stresses"
        r"|participates|travels|receives|chairs|signs|launches|announces|brings|helps|adopts"
        r"|strengthens|celebrates|urges|condemns|calls|encourages|tours|delivers|gives|becomes)"
    ),
    future=(
        r"(?:will|shall|won['\u2019]t|(?:is|are) (?:to|due|set|scheduled|expected|planned|going)"
        r"|(?:scheduled|planned|due|slated|foreseen|expected) (?:for|to|on|by|in)|upcoming"
        r"|forthcoming|takes effect|comes into force|enters into force|next (?:\w+ )?meeting"
        r"|(?:agreed|decided|plans?|intends?|hopes?|invited|set|ready|preparing) to \w+)"
    ),
    openers="is are has have scheduled planned due slated foreseen expected takes comes enters"
    " next agreed decided plan plans intend intends hope hopes invited set ready preparing",
    infinitive=(
        r"to (?:visit|meet|travel|attend|host|hold|chair|address|receive|welcome|participate"
        r"|take|deliver|speak|join|open|launch|discuss|give|mark|brief|tour|convene|gather"
        r"|present|sign|be|begin|start|head|lead|co-host|award|commemorate|celebrate)"
    ),
)
FRENCH = Tenses(
    openers="a ont est sont avait avaient était étaient s'est s\u2019est se à prévu prévue prévus",
    known_by="le la les des du et est une dans pour à en",
    past=(
        r"(?:a|ont|est|sont|avait|avaient|était|étaient|s['\u2019]est|se sont|fut|furent)"
        r" (?:été |eu |également )?(?:\w+(?:é|ée|és|ées|i|is|it|u|us|ue|ues|ert))"
        r"|était|étaient|avait|avaient|fut"
    ),
    present=r"(?:se réunit|rencontre|reçoit|participe|débute|commence|aujourd['\u2019]hui)",
    future=(
        r"(?:\w{2,}(?:era|eront|ira|iront|dra|dront)|aura|auront|sera|seront"
        r"|prévue?s? (?:le|pour)|à venir|prochaine?|doit|doivent)"
    ),
)
GERMAN = Tenses(
    openers="bis",
    known_by="der die das und ist im den von mit für auf am",
    past=(
        r"(?:wurden?|war|waren|hatten?|haben?|hat|fand|fanden|nahm|nahmen|traf|trafen|kam|kamen"
        r"|ging|sprach|gab|gaben|eröffneten?|besuchten?|begrüßten?|empfing|erklärten?|sagten?"
        r"|führten|führte|durchsuchten|durchsuchte|diskutierten?)"
    ),
    present=r"(?:findet|finden|trifft|treffen|besucht|tagt|beginnt)",
    future=r"(?:wird|werden|bevorstehende[nrs]?|geplant|kommende[nrs]?|spätestens|bis zum)",
)
SPANISH = Tenses(
    openers="ha han va van se",
    known_by="el la los las del y en que por con una para",
    past=(
        r"(?:\w{2,}(?:ó|aron|ieron)|fue|fueron|tuvo|tuvieron|hizo|hicieron|dijo|estuvo"
        r"|ha \w+do|han \w+do|era|eran|había)"
    ),
    present=r"(?:se reúne|participa|recibe|visita|celebra|comienza)",
    future=r"(?:\w{2,}(?:ará|erá|irá|arán|erán|irán|drá|drán)|va a|van a|previst[oa]s?|próxim[oa])",
)
ITALIAN = Tenses(
    openers="ha hanno è sono si era erano",
    known_by="il lo la gli di del della che per con una nel",
    past=(
        r"(?:(?:ha|hanno|è|sono|si è|si sono|era|erano) (?:stat[oaie] )?"
        r"\w+(?:to|ta|ti|te|so|sa|si|se)|fu|furono)"
    ),
    present=r"(?:si riunisce|incontra|partecipa|riceve|visita)",
    future=r"(?:\w{2,}(?:erà|irà|arà|eranno|iranno|aranno|drà|dranno)|previst[oaie]|prossim[oaie])",
)
DUTCH = Tenses(
    known_by="de het een van en in op met voor dat",
    past=(
        r"(?:werd|werden|was|waren|had|hadden|heeft|hebben|vond|vonden|nam|namen|sprak|spraken"
        r"|bezocht|bezochten|ontving|ontmoette|kwam|kwamen)"
    ),
    present=r"(?:vindt|vinden|ontmoet|bezoekt|ontvangt)",
    future=r"(?:zal|zullen|gepland|aanstaande|komende|uiterlijk)",
)
PORTUGUESE = Tenses(
    known_by="o os as do da dos em que não uma para com",
    past=r"(?:\w{2,}(?:ou|aram|eram|iram|eu|iu)|foi|foram|teve|tiveram|fez|disse|esteve)",
    present=r"(?:reúne|participa|recebe|visita)",
    future=r"(?:\w{2,}(?:ará|erá|irá|arão|erão|irão)|vai|vão|previst[oa]s?|próxim[oa])",
)
TENSES = (ENGLISH, FRENCH, GERMAN, SPANISH, ITALIAN, DUTCH, PORTUGUESE)


class _Cues:
    """The cues of one language, compiled; the future first, since "is to meet" begins as present.

    Most words begin no cue, and texts repeat their words: what a word is, is remembered.
    """

    def __init__(self, tenses: Tenses) -> None:
        self._pattern = re.compile(
            rf"(?:(?P<future>{tenses.future})|(?P<past>{tenses.past})"
            rf"|(?P<present>{tenses.present})|(?P<infinitive>{tenses.infinitive}))(?!\w)",
            re.IGNORECASE,
        )
        self._openers = frozenset(f"{tenses.openers} to".split())
        self._begins = lru_cache(maxsize=20_000)(self._begins_cue)

    def find(self, text: str, low: int, high: int) -> Iterator[re.Match[str]]:
        """Give the cues between two places, in order, not overlapping."""
        end = low
        for word in _WORD.finditer(text, low, high):
            if word.start() >= end and self._begins(word[0].lower()):
                match = self._pattern.match(text, word.start(), high)
                if match is not None:
                    end = match.end()
                    yield match

    def _begins_cue(self, word: str) -> bool:
        """Say whether a cue may begin with this word."""
        return word in self._openers or self._pattern.match(word) is not None


_WORD = re.compile(r"[^\W\d_][\w'\u2019]*")
_CUES = [_Cues(tenses) for tenses in TENSES]
_KNOWN_BY = [frozenset(tenses.known_by.split()) for tenses in TENSES]

# --------------------------------------------------------------------------------------- signs

_ADVISORY = (
    "media advisory", "media opportunity", "press advisory", "notice to media",
    "notice to the media", "notice to editors", "notice to press", "media programme",
    "media accreditation", "media coverage", "save the date", "avis aux médias",
    "aviso a los medios", "medienhinweis", "presseeinladung", "avviso ai media",
)  # fmt: skip
_STATING = re.compile(
    r"(?:^|\b(?:statement|communiqu\w+|declaration|release|readout|remarks)"
    r" (?:\w+ ){0,4}?)(?:was |were |is |has been )?(?:first )?"
    r"(?:issued|released|published|posted|updated|last updated|made public|for (?:immediate )?"
    r"release|press release|news release|publié|veröffentlicht|pubblicato|publicado|publication)\b",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"(?:^|\n)[^\S\n]*(?:date(?: of (?:issue|publication|release))?|published(?: on)?"
    r"|publication date|press release|news release|statement|released?|updated|last updated|posted"
    r"|issued|fecha|datum|data|stand|publié le|le)[^\S\n]*[:|,\u2013\u2014-]?[^\S\n]*(?:on )?\Z",
    re.IGNORECASE,
)
_EVENT_LABEL = re.compile(r"(?:^|\n)[^\S\n]*(?:when|wann|quand|cuándo|quando)\b[^\n]{0,20}\Z", re.I)
_EVENT_LINES = re.compile(
    r"\n[^\S\n]*(?:(?:time|venue|where|place|location|heure|lieu|ort|hora|lugar)\s*:"
    r"|\d{1,2}[:.h]\d{2}\b)",
    re.IGNORECASE,
)
# Places before a dateline: "THE HAGUE, ", "Lyon, France - ", "GENEVA (".
_PLACE = re.compile(
    r"[^\W\d_][\w.'\u2019-]*(?:[ ,/]{1,2}(?:de |of |am |la |le )?[^\W\d_][\w.'\u2019-]*){0,5}"
    r"\s{0,2}[,(/|\u2013\u2014-]\s{0,2}(?:on |le |den |am )?\Z"
)
_DATELINE_ENDS = re.compile(r"\)?\.?\s{0,3}(?:[\u2013\u2014-]|--|:|\|)|\)?[^\S\n]*(?:\n|\Z)|\)\s")
_HISTORY_BEFORE = re.compile(
    r"\b(?:since|dating from|dated|founded|established|inaugurated|born|"
    r"created|resolution \S+ of|regulation \S+ of|directive \S+ of|act of|decision of|law of"
    r"|treaty of|convention of|agreement of|anniversary of|attacks? (?:of|on)|every|each"
    r"|depuis|seit|desde|sinds)"
    r"(?: the| le| dem)?\s{1,2}(?:\w+,? )?\(?\Z",
    re.IGNORECASE,
)
_HISTORY_AFTER = re.compile(
    r"['\u2019]?s? ?\)?\s?(?:(?:terror(?:ist)? )?attacks?|revolution|movement|agreement|treaty"
    r"|anniversary)\b",
    re.IGNORECASE,
)
_NOWADAYS = re.compile(
    r"\s(?:more than ever|than ever|than before)|['\u2019]s (?:world|society)", re.I
)
_AS_OF = re.compile(r"\bas (?:of|at)\s\Z|\bstand:?\s\Z", re.IGNORECASE)
_BESIDE_TODAY = re.compile(
    r"\b(?P<word>today|yesterday|tomorrow|heute|aujourd['\u2019]hui|hoy|oggi|vandaag|hoje),?\s{0,2}"
    r"(?:on )?\(?\Z",
    re.IGNORECASE,
)
_DEADLINE = re.compile(
    r"\b(?:by|until|till|before|no later than|starting(?: on)?|deadline(?: is)?:?|bis zum"
    r"|avant le|jusqu['\u2019]au|hasta el|entro il)\s{1,2}(?:the )?\Z",
    re.IGNORECASE,
)
_UNTIL = re.compile(
    r"(?P<ended>(?:ran|lasted|continued|stayed|remained|was|were)(?: \w+){0,2} )?"
    r"\b(?:until|till|through|bis|jusqu['\u2019]au|hasta el|fino al)\s\Z",
    re.IGNORECASE,
)
_REPORTING = re.compile(
    r"(?:said|announced|told|confirmed|stated|added|noted|has announced|have announced)\Z", re.I
)
# Participles and names that look like the past tense and tell no time.
_NO_TENSE_WORDS = (
    "hundred based related needed armed united allied called entitled titled themed located"
    " headquartered named dedicated aimed unprecedented integrated advanced combined limited"
    " detailed shared planned renewed increased sacred expected proposed"
)
_NO_TENSE = frozenset(_NO_TENSE_WORDS.split())
_DETERMINERS = frozenset(("the", "a", "an", "its", "his", "her", "their", "our", "this", "of"))
_STOP = re.compile(r"[.!?\u2026][\u201d\u2019\"')\]]{0,2}\s+(?=\S)|\n")
_ABBREVIATION = re.compile(
    r"(?:\b(?:mr|mrs|ms|dr|prof|gen|adm|capt|col|lt|cmdr|sgt|maj|brig|amb|sen|rep|gov|st|jr|sr|no"
    r"|nos|art|vs|hon|rt|rev|ing|dott|sra?|mme|mm|ca|approx|jan|feb|mar|apr|jun|jul|aug|sept?"
    r"|oct|nov|dec)|\b[^\W\d_])\Z",
    re.IGNORECASE,
)
_SENTENCE = 300  # characters looked at on either side; longer sentences do not tell more
_FAR = timedelta(days=45)
_SOON = timedelta(days=7)

_TODAYS: dict[str, Role] = {"today": "stated", "yesterday": "past", "tomorrow": "future"}

# ------------------------------------------------------------------------------------- reading


@dataclass(frozen=True, slots=True, kw_only=True)
class _Release:
    """What is known of the whole while each phrase is read. `head`: end of the first paragraph."""

    title: str
    text: str
    cues: _Cues
    advisory: bool
    title_tense: Role | None
    head: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """A role with its weight and reason."""

    role: Role
    strength: float
    reason: str


def _head(text: str) -> int:
    """Give where the first paragraph of prose ends; the short lines above it belong to it."""
    end = -1
    for line in text[:4000].split("\n"):
        end += len(line) + 1
        if len(line) > 80 or line.rstrip().endswith("."):
            return end
    return end


def _read_title(release: _Release, phrase: DatePhrase) -> _Said:
    """Read a phrase of the title: with its verb, or as the date of what has that title."""
    reading = _history(release.title, phrase) or _by_precision(release, phrase, 0.6)
    if reading is None:
        tense, cue = _tense_of(release.cues, release.title, phrase.start, phrase.end)
        if tense is not None:
            reading = _Reading(role=tense, strength=0.7, reason=f"title: {cue}")
        elif release.advisory:
            reading = _Reading(role="future", strength=0.7, reason="title of a media advisory")
        elif phrase.first == phrase.last:
            reading = _Reading(role="stated", strength=0.6, reason="date in a title without verb")
        else:
            reading = _Reading(role="present", strength=0.4, reason="days in a title without verb")
    return _evidence(phrase, "title", reading)


def _read_body(release: _Release, phrase: DatePhrase) -> _Said:
    """Read a phrase of the body: by its line, by what stands beside it, by its sentence."""
    reading = (
        _dateline(release, phrase)
        or _beside_today(release.text, phrase)
        or _history(release.text, phrase)
        or _by_precision(release, phrase, 1.0 if phrase.start < release.head else 0.5)
        or _issued(release, phrase)
        or _by_sentence(release, phrase)
    )
    return _evidence(phrase, "body", reading)


def _evidence(phrase: DatePhrase, place: Place, reading: _Reading) -> _Said:
    """Build the evidence; what is missing takes from its weight."""
    weight = 1.0
    if phrase.precision == "day" and "day" in phrase.missing:
        weight = 0.5
    elif phrase.precision == "day" and "year" in phrase.missing:
        weight = 0.9
    return _Said(
        phrase=phrase,
        place=place,
        role=reading.role,
        first=phrase.first,
        last=phrase.last,
        weekday=phrase.weekday,
        shift=phrase.relative,
        strength=round(reading.strength * weight, 3),
        reason=reading.reason,
    )


# ------------------------------------------------------------------------- by line and neighbours


def _dateline(release: _Release, phrase: DatePhrase) -> _Reading | None:
    """Read a date that stands as a line, after a label, or after a place at the top."""
    text = release.text
    if phrase.first != phrase.last or phrase.first.month is None:
        return None
    low = text.rfind("\n", max(0, phrase.start - 200), phrase.start) + 1
    low = low or max(0, phrase.start - 200)
    before, after = text[low : phrase.start], text[phrase.end : phrase.end + 200]
    if len(before) > 100:
        return None
    if _EVENT_LABEL.search("\n" + before):
        return _Reading(role="future", strength=0.8, reason="after a label: when")
    if before.strip() and _LABEL.search("\n" + before):
        if _EVENT_LINES.search(after):
            return _Reading(role="future", strength=0.8, reason="date of an event with its hours")
        return _Reading(role="stated", strength=0.95, reason=f"after a label: {before.strip()}")
    rest = after.split("\n", 1)[0].strip(" \t\u00a0.,:;)\u2013\u2014-")
    if not before.strip(" \t\u00a0\u2022(*-") and not rest:
        return _alone(release, phrase, after)
    top = phrase.start <= release.head
    if top and _DATELINE_ENDS.match(after) and _is_place(before):
        return _Reading(role="stated", strength=1.0, reason="dateline")
    if not rest and _is_place(before) and not text[phrase.end :].strip(" \n.)"):
        return _Reading(role="stated", strength=0.8, reason="place and date at the end")
    return None


def _alone(release: _Release, phrase: DatePhrase, after: str) -> _Reading:
    """Read a date alone on its line: at the top a dateline, above hours a schedule."""
    if _EVENT_LINES.match(after.lstrip(" \t\u00a0:").replace("\n\n", "\n", 1)):
        return _Reading(role="future", strength=0.6, reason="a schedule's day")
    above = release.text[: phrase.start]
    if phrase.start <= release.head and above.count("\n") < 12:
        weight = 0.6 if phrase.precision == "month" else 1.0
        return _Reading(role="stated", strength=weight, reason="date alone at the top")
    if release.advisory:
        return _Reading(role="future", strength=0.6, reason="a media advisory's schedule")
    if not release.text[phrase.end :].strip(" \n\u00a0.)"):
        return _Reading(role="stated", strength=0.7, reason="date alone at the end")
    return _Reading(role="present", strength=0.3, reason="date alone on a line")


def _is_place(before: str) -> bool:
    """Say whether what stands before a date is a place ("THE HAGUE, "), or nothing."""
    words = re.findall(r"[^\W\d_][\w.'\u2019-]*", before)
    if not before.strip():
        return True
    if len(before) > 60 or not _PLACE.fullmatch(before.lstrip()):
        return False
    small = {"de", "of", "am", "la", "le", "on", "den", "the"}
    return all(word[0].isupper() or word in small for word in words)


def _beside_today(text: str, phrase: DatePhrase) -> _Reading | None:
    """Read `today (3 May 2024)`, which tells the day of writing."""
    if phrase.precision != "day":
        return None
    match = _BESIDE_TODAY.search(text, max(0, phrase.start - 24), phrase.start)
    if match is None:
        return None
    role = _TODAYS.get(match["word"].lower(), "stated")
    return _Reading(role=role, strength=0.9, reason=f"beside {match['word'].lower()!r}")


def _history(text: str, phrase: DatePhrase) -> _Reading | None:
    """Read what is named by its date or goes on since then: `Resolution 2231 of 20 July 2015`."""
    before = text[max(0, phrase.start - 40) : phrase.start]
    match = _HISTORY_BEFORE.search(before)
    if match is not None:
        return _Reading(role="history", strength=0.0, reason=f"after {match[0].strip()!r}")
    match = _HISTORY_AFTER.match(text, phrase.end)
    if match is not None:
        return _Reading(role="history", strength=0.0, reason=f"before {match[0].strip()!r}")
    return None


def _by_precision(release: _Release, phrase: DatePhrase, weight: float) -> _Reading | None:
    """Read phrases coarser than a day, and days told from today."""
    relative = phrase.relative
    if phrase.precision == "month":
        return _month(release, phrase)
    if phrase.precision == "day":
        pair = phrase.weekday is not None and "day" in phrase.missing and " " in phrase.text
        if pair and relative is None:
            return _Reading(role="history", strength=0.0, reason="days of any week")
        return None
    if relative is None:
        return None
    if relative.unit in ("month", "year"):
        return _Reading(role="history", strength=0.0, reason=f"a whole {relative.unit}")
    if _NOWADAYS.match(release.text, phrase.end):
        return _Reading(role="history", strength=0.0, reason="means nowadays")
    roles: dict[int, Role] = {-1: "past", 0: "present", 1: "future"}
    role = roles[max(-1, min(1, relative.offset))]
    return _Reading(role=role, strength=0.4 * weight, reason=phrase.text.lower())


def _month(release: _Release, phrase: DatePhrase) -> _Reading:
    """Read a month: ahead after a verb of the future in its clause or a `this`, else history."""
    low, _ = _sentence(release.text, phrase.start, phrase.end)
    clause = release.text[low : phrase.start].rpartition(",")[2]
    tense, cue = _tense_of(release.cues, clause, len(clause), len(clause))
    ahead = phrase.relative is not None and phrase.relative.offset >= 0
    if tense == "future" or (ahead and tense != "past"):
        return _Reading(role="future", strength=0.1, reason=f"a month ahead: {cue}")
    return _Reading(role="history", strength=0.0, reason="a whole month")


def _issued(release: _Release, phrase: DatePhrase) -> _Reading | None:
    """Read `issued following its meeting held … on 29th November 2023`, near the top only."""
    if phrase.start > release.head or phrase.first != phrase.last or phrase.first.day is None:
        return None
    low, _ = _sentence(release.text, phrase.start, phrase.end)
    before = release.text[low : phrase.start]
    match = _STATING.search(before) if len(before) < 160 else None
    if match is None:
        return None
    return _Reading(role="stated", strength=0.9, reason=f"after {match[0].strip()!r}")


# ----------------------------------------------------------------------------------- by sentence


def _by_sentence(release: _Release, phrase: DatePhrase) -> _Reading:
    """Read a day by the tense of its sentence, weighed by where it stands."""
    text, first = release.text, phrase.start < release.head
    before = text[max(0, phrase.start - 40) : phrase.start]
    tense, cue = _tense_of(release.cues, text, phrase.start, phrase.end)
    if tense != "past" and _DEADLINE.search(before):
        tense, cue = "future", "a deadline or start"
    elif (until := _UNTIL.search(before)) and not until["ended"]:
        return _Reading(role="future", strength=0.2, reason="until then")
    if _AS_OF.search(before):
        return _Reading(role="past", strength=0.7 if first else 0.5, reason="as of")
    ahead = release.advisory or release.title_tense == "future"
    if tense is None or (tense == "present" and ahead):
        if ahead:
            return _Reading(role="future", strength=0.7, reason="no verb, in an advance notice")
        weight = 0.5 if first else 0.3
        return _Reading(
            role=tense or "past", strength=weight, reason=cue or "no verb, as reports do"
        )
    weight = 0.8 if first else 0.4
    if tense == "future":
        weight = 0.9 if ahead and first else 0.7 if ahead or first else 0.2
    if tense == "past" and ahead and not first:
        weight *= 0.5
    if _in_quotes(text, phrase.start):
        weight *= 0.5
    place = "first paragraph" if first else "later paragraph"
    return _Reading(role=tense, strength=weight, reason=f"{cue}, {place}")


def _tense_of(cues: _Cues, text: str, start: int, end: int) -> tuple[Role | None, str]:
    """Give the tense of the verb a span belongs to, and the verb: the last before it, else after.

    After a verb of saying the first verb that follows decides if it is of the future: "said the
    meeting on 5 May will …". An infinitive decides only where nothing else has a tense.
    """
    low, high = _sentence(text, start, end)
    before = list(_tensed(cues, text, low, start))
    finite = [match for match in before if match.lastgroup != "infinitive"]
    chosen = finite[-1] if finite else None
    if chosen is None or _REPORTING.search(chosen[0]):
        after = list(_tensed(cues, text, end, high))
        later = next((match for match in after if match.lastgroup != "infinitive"), None)
        if later is not None and (chosen is None or later.lastgroup == "future"):
            chosen = later
        chosen = chosen or next(iter(before + after), None)
    if chosen is None:
        return None, ""
    group = chosen.lastgroup
    role: Role = "past" if group == "past" else "present" if group == "present" else "future"
    return role, chosen[0].lower()


def _tensed(cues: _Cues, text: str, low: int, high: int) -> Iterator[re.Match[str]]:
    """Give the cues of a stretch, without participles that only describe: "the planned base"."""
    for match in cues.find(text, low, high):
        word = match[0]
        if match.lastgroup == "past" and word.endswith("ed") and " " not in word:
            if word.lower() in _NO_TENSE or (word[0].isupper() and match.start() > low):
                continue
            preceding = text[max(low, match.start() - 12) : match.start()].split(" ")
            if text[match.start() - 1 : match.start()] == "-" and match.start() > low:
                continue
            if len(preceding) > 1 and preceding[-2].lower() in _DETERMINERS:
                continue
            if len(preceding) > 1 and preceding[-2].lower() == "be":
                continue  # "will be received": the tense is that of the verb before "be"
        yield match


def _language(text: str) -> int:
    """Give the place in `TENSES` of the language whose common words a text begins with most of.

    One word in eight is enough to be sure of the first, English, and asks no more.
    """
    words = text[:1000].split()
    counts: list[int] = []
    for common in _KNOWN_BY:
        counts.append(sum(map(common.__contains__, words)))
        if counts[0] * 8 > len(words):
            return 0
    return counts.index(max(counts))


def _sentence(text: str, start: int, end: int) -> tuple[int, int]:
    """Give the bounds of the sentence around a span, at most 300 characters either way."""
    low = max(0, start - _SENTENCE)
    for stop in _STOP.finditer(text, low, start):
        if _ends_sentence(text, stop):
            low = stop.end()
    high = min(len(text), end + _SENTENCE)
    for stop in _STOP.finditer(text, end, high):
        if _ends_sentence(text, stop):
            high = stop.start()
            break
    return low, high


def _ends_sentence(text: str, stop: re.Match[str]) -> bool:
    """Say whether a stop ends a sentence: not after "Mr.", nor where a long line was wrapped."""
    if stop[0] == "\n":
        line = text[max(0, stop.start() - 60) : stop.start()]
        wrapped = len(line) == 60 and "\n" not in line and line[-1] not in ".!?:"
        return not wrapped or text[stop.end() : stop.end() + 1] in ("\n", "\u2022", "")
    if "\n" in stop[0]:
        return True
    if text[stop.end()].islower():
        return False
    return not _ABBREVIATION.search(text, max(0, stop.start() - 8), stop.start())


def _in_quotes(text: str, at: int) -> bool:
    """Say whether a place is inside a quotation that began in the same paragraph."""
    low = max(text.rfind("\n", 0, at) + 1, at - 2000)
    return text.count("\u201c", low, at) > text.count("\u201d", low, at)


# ------------------------------------------------------------------------------------- together


def _together(read: tuple[_Said, ...]) -> tuple[_Said, ...]:
    """Let the days of a release help each other: years, weekdays, and what is far from the rest."""
    anchor = _anchor(read)
    if anchor is None:
        return read
    near = _day(anchor.last)
    filled = tuple(_filled(evidence, near) for evidence in read)
    anchor = _anchor(filled) or anchor
    return tuple(_unless_far(evidence, anchor) for evidence in filled)


def _anchor(read: tuple[_Said, ...]) -> _Said | None:
    """Give the evidence the release is about: the latest of the weightiest with a full date.

    A day of the future serves only where there is no other: it may be years ahead.
    """
    dated = [e for e in read if e.strength > 0 and e.last.year and e.last.month and e.last.day]
    chosen = [e for e in dated if e.role != "future"] or dated
    if not chosen:
        return None
    stated = [e for e in chosen if e.role == "stated"]
    most = max(e.strength for e in chosen)
    close = [e for e in stated or chosen if e.strength >= most - 0.15]
    return max(close or stated, key=lambda e: _day(e.last))


def _filled(evidence: _Said, near: date) -> _Said:
    """Fill in what a day's phrase leaves out, where the release's main day settles it."""
    phrase = evidence.phrase
    if evidence.role == "history" or phrase.precision != "day" or not phrase.missing:
        return evidence
    resolved = resolve(evidence, near)
    if resolved is None or resolved.weekday_conflict:
        return evidence
    if phrase.weekday is None and abs(resolved.last - near) > _FAR:
        return evidence  # "arrested on 12 January 2023 … sentenced on 3 May" may be years apart
    return replace(evidence, first=_whole(resolved.first), last=_whole(resolved.last))


def _unless_far(evidence: _Said, anchor: _Said) -> _Said:
    """Take an event long before the release's main day for history, and one well after for ahead.

    News is written within days of what it opens with: what lies later, and counts for less, is
    still to come, whatever the nearest verb.
    """
    last, near = evidence.last, _day(anchor.last)
    if evidence.role not in ("past", "present") or not (last.year and last.month and last.day):
        return evidence
    if _day(last) < near - _FAR:
        reason = f"long before {near.isoformat()}, which the release is about"
        return replace(evidence, role="history", strength=0.0, reason=reason)
    is_news = anchor.role in ("stated", "past") and anchor.strength > evidence.strength
    if is_news and _day(last) > near + _SOON:
        reason = f"well after {near.isoformat()}, which the release is about"
        return replace(evidence, role="future", strength=min(evidence.strength, 0.2), reason=reason)
    return evidence


def _day(partial: PartialDate) -> date:
    """Give the day of a full date."""
    assert partial.year is not None
    assert partial.month is not None
    assert partial.day is not None
    return date(partial.year, partial.month, partial.day)


def _whole(day: date) -> PartialDate:
    """Give a day as a full date."""
    return PartialDate(year=day.year, month=day.month, day=day.day)


# ------------------------------------------------------------------------------------ resolving


def _resolved(evidence: _Resolvable, near: date | None) -> Resolved | None:
    """Resolve by what the evidence has: a full date, a month, a relative day or a weekday."""
    first, last = evidence.first, evidence.last
    if first.year is None and near is None:
        return None
    if first.month is None:
        assert near is not None
        return _by_relative(evidence, near)
    if first.day is None:
        return _by_month(evidence, near)
    if first.year is not None and last.year is not None:
        days = _day(first), _day(last)
    else:
        assert near is not None
        found = _with_year(first, last, evidence.weekday, near)
        if found is None:
            return None
        days = found
    conflict = evidence.weekday is not None and days[0].weekday() != evidence.weekday
    return Resolved(first=days[0], last=days[1], weekday_conflict=conflict)


def _with_year(
    first: PartialDate, last: PartialDate, weekday: int | None, near: date
) -> tuple[date, date] | None:
    """Give the nearest year to days without one, with the weekday right if any of seven has it."""
    assert first.month is not None
    assert first.day is not None
    assert last.month is not None
    assert last.day is not None
    turns = (last.month, last.day) < (first.month, first.day)
    spans: list[tuple[date, date]] = []
    for year in range(near.year - 8, near.year + 9):
        try:
            spans.append(
                (
                    date(year, first.month, first.day),
                    date(year + turns, last.month, last.day),
                )
            )
        except ValueError:  # 29 February
            continue
    spans.sort(key=lambda span: abs((span[1] - near).days))
    if weekday is not None:
        for span in spans:
            if span[0].weekday() == weekday and abs((span[1] - near).days) < 3.5 * 365:
                return span
    return spans[0] if spans else None


def _by_month(evidence: _Resolvable, near: date | None) -> Resolved | None:
    """Give all days of a month; without a year, the one its role and `this` or `last` point to."""
    first, last, relative = evidence.first, evidence.last, evidence.shift
    assert first.month is not None
    assert last.month is not None
    if first.year is not None and last.year is not None:
        years = first.year, last.year
    else:
        assert near is not None
        year = near.year
        offset = relative.offset if relative is not None else None
        ahead = first.month - near.month
        if offset is None:
            if evidence.role == "future":
                year += ahead < 0
            elif evidence.role in ("past", "history"):
                year -= ahead > 0
            else:
                year += (ahead < -6) - (ahead > 6)
        elif offset < 0:
            year -= ahead >= 0
        elif offset > 0:
            year += ahead <= 0
        years = year, year
    start = date(years[0], first.month, 1)
    after = date(years[1] + last.month // 12, last.month % 12 + 1, 1)
    return Resolved(first=start, last=after - timedelta(days=1), weekday_conflict=False)


def _by_relative(evidence: _Resolvable, near: date) -> Resolved | None:
    """Give the days of `today`, `last week` or `Monday`, counted from `near`."""
    relative = evidence.shift
    if evidence.weekday is not None:
        offset = relative.offset if relative is not None else 0
        day = _weekday_near(evidence.weekday, evidence.role, offset, near)
        return Resolved(first=day, last=day, weekday_conflict=False)
    if relative is None:
        return None
    if relative.unit == "day":
        day = near + timedelta(days=relative.offset)
        return Resolved(first=day, last=day, weekday_conflict=False)
    if relative.unit in ("week", "weekend"):
        monday = near - timedelta(days=near.weekday()) + timedelta(weeks=relative.offset)
        first = monday + timedelta(days=5 if relative.unit == "weekend" else 0)
        return Resolved(first=first, last=monday + timedelta(days=6), weekday_conflict=False)
    months = near.year * 12 + near.month - 1
    if relative.unit == "year":
        low, high = (near.year + relative.offset) * 12, (near.year + relative.offset) * 12 + 12
    else:
        low, high = months + relative.offset, months + relative.offset + 1
    first, after = (date(n // 12, n % 12 + 1, 1) for n in (low, high))
    return Resolved(first=first, last=after - timedelta(days=1), weekday_conflict=False)


def _weekday_near(weekday: int, role: Role, offset: int, near: date) -> date:
    """Give the weekday that a role and `last`, `this` or `next` mean, seen from `near`."""
    ahead = (weekday - near.weekday()) % 7
    if offset > 0:
        return near + timedelta(days=ahead or 7)
    if offset < 0:
        return near + timedelta(days=ahead - 7)
    if role == "future":
        return near + timedelta(days=ahead)
    if role == "past" or ahead > 3:
        return near + timedelta(days=ahead - 7 if ahead else 0)
    return near + timedelta(days=ahead)
