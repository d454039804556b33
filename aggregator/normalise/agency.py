"""Find the ``Agency`` that a name in a document means.

Names are compared by ``name_key``, which ignores how a name is written, descriptors in brackets,
and words such as "newsroom" at its end.  A name that is not configured gets an agency too.  Its id
depends on that form alone: it is the same in every store, safe as a file name on every system, and
of no other agency (``docs/decisions/agency-ids.md``).
"""

import hashlib
import re
from collections.abc import Collection, Iterable
from functools import lru_cache

from aggregator.model import Agency
from aggregator.model.normal_form import normal_form
from aggregator.normalise.addresses import site_of
from aggregator.normalise.text import is_blank, one_line

DEVICE_NAMES = frozenset(
    ["con", "prn", "aux", "nul"] + [f"{port}{n}" for port in ("com", "lpt") for n in range(10)]
)
"""File names that Windows reserves, with any extension."""

RESERVED_NAMES = DEVICE_NAMES.union(
    [
        "404",
        "agencies",
        "all",
        "archive",
        "category",
        "changes",
        "entries",
        "feeds",
        "index",
        "readme",
    ],
    ["search", "status"],
)
"""File names that the output folder uses itself."""

# Read from the end of a name: a search from its beginning would begin anew at each bracket.
_DESCRIPTORS = re.compile(r"\s*(?:[)\]}][^()\[\]{}]*[(\[{]\s*)+")
_MARKS = " .:;,|-\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
_BETWEEN_PARTS = re.compile(r"\s*[:;|,»›–—―]\s*|\s+[-‐‑‒−•·]+\s+")
_SEPARATORS = re.compile(r"[\s:;|,\u2010-\u2015\u2212-]+|\.+(?=\s|$)")
_INITIAL = re.compile(r"\b([a-z])\.\s?(?=[a-z]\b)")
_APOSTROPHES = re.compile(r"['`´‘’‛ʼ′]")
_DOTTED = re.compile(r"\w\.\s?\w\.$")
_ACCENTS = re.compile(r"([a-z])[\u0300-\u036f]+")
_WORDS = re.compile(r"[^\W_]+")
_WRITTEN_OUT = {
    **{"dept": "department", "dep't": "department", "depart": "department"},
    **{"govt": "government", "intl": "international", "natl": "national", "assn": "association"},
}
_LONGEST_TAIL = 80
# What follows a mark and names no agency, in the languages of most press offices.
_TAIL_WORDS = frozenset(
    "news newsroom newsdesk press media release releases office room centre center corner service"
    " statements announcements latest updates update feed rss official all"
    " presse pressestelle pressemitteilung pressemitteilungen pressemeldung pressemeldungen"
    " pressebüro presseamt medienmitteilung medienmitteilungen medieninformation nachrichten"
    " aktuelles aktuell meldungen newsletter"
    " actualités actualites actualité communiqué communiqués communique communiques salle espace"
    " bureau service de du la des et and und y e"
    " prensa noticias sala gabinete comunicado comunicados oficina actualidad"
    " stampa notizie ufficio comunicati comunicato imprensa notícias pers persberichten nieuws"
    " aktuality tiskové zprávy pressmeddelanden nyheter pressemeddelelser".split()
)
# What names no agency without a mark, too; "news" alone may: "Vatican News".
_TAIL = re.compile(
    r"\s+(?:newsroom|(?:press|media|news) (?:releases?|office|room|centre|center|corner)"
    r"|pressestelle|pressemitteilungen|medienmitteilungen|salle de presse|service de presse"
    r"|sala de prensa|gabinete de prensa|ufficio stampa)$",
    re.IGNORECASE,
)
_MOST_WORDS_AFTER = 8
_ASCII_NAME = re.compile(r"[A-Za-z0-9]++(?: [A-Za-z0-9]++)*+")
_PLAIN_NAME = re.compile(r"[a-z0-9]+(?: [a-z0-9]+)*")
_ENDS_LIKE_A_HASH = re.compile(r".* [0-9a-f]{8}")
_IN_BRACKETS = re.compile(r"\(([A-Z]{2,10})\)$")
_LONGEST_ABBREVIATION = 6
_MAX_SLUG = 60
_LONGEST_NAME = 200


class Agencies:
    """The configured agencies, looked up by id, name or alias.

    ``taken`` are ids that no other agency gets, since saved searches have feeds of these names.
    """

    def __init__(self, configured: Iterable[Agency] = (), taken: Iterable[str] = ()) -> None:
        self.configured = tuple(configured)
        self.taken = frozenset(id_.casefold() for id_ in taken)
        self._known: dict[str, Agency] = {}
        for agency in self.configured:
            for name in (agency.id, agency.name, *agency.aliases):
                self._known.setdefault(name_key(name), agency)
        self._made: dict[str, Agency] = {}
        self._homes: dict[str, list[Agency]] | None = None

    def __reduce__(self) -> tuple[type["Agencies"], tuple[tuple[Agency, ...], frozenset[str]]]:
        """Pickle the configuration alone; what follows from it is made again."""
        return Agencies, (self.configured, self.taken)

    def knows(self, name: str) -> bool:
        """Return whether ``name`` means an agency that is configured."""
        return self._configured(name, name_key(name)) is not None

    def named(self, name: str) -> Agency:
        """Return the agency that ``name`` means, configured or made from the name."""
        found = self._made.get(name)
        if found is None:
            key = name_key(name)
            found = self._configured(name, key) or _unconfigured(name, key, self.taken)
            self._made[name] = found
        return found

    def at_home(self, site: str) -> Agency | None:
        """Return the only agency whose homepage is at a host, given without ``www.``."""
        if self._homes is None:
            self._homes = {}
            for agency in self.configured:
                if agency.homepage and (home := site_of(agency.homepage)) is not None:
                    self._homes.setdefault(home, []).append(agency)
        found = self._homes.get(site, ())
        return found[0] if len(found) == 1 else None

    def _configured(self, name: str, key: str) -> Agency | None:
        """Return the agency of this name, or of its part before a mark or in brackets.

        ``NATO: Allied Command`` is NATO, and ``Office of Naval Research (ONR)`` is ONR.
        """
        if (found := self._known.get(key)) is not None or len(name) > _LONGEST_NAME:
            return found
        for mark in reversed(list(_BETWEEN_PARTS.finditer(name))):
            if len(name[mark.end() :].split()) > _MOST_WORDS_AFTER:
                return None
            if (found := self._known.get(name_key(name[: mark.start()]))) is not None:
                return found
        short = _IN_BRACKETS.search(name)
        if short is not None and short[1] == _initials(name[: short.start()]):
            return self._known.get(name_key(short[1]))
        return None

    def by_id(self, agency_id: str) -> Agency:
        """Return the agency that a source's configuration names, ignoring case.

        An agency that is not configured has that id, in lower case, and that name.
        """
        found = self._known.get(name_key(agency_id))
        return found or Agency(id=agency_id.casefold(), name=agency_id, configured=False)


@lru_cache(maxsize=1024)
def name_key(name: str) -> str:
    """Return the form in which the names of one agency are equal.

    It ignores compatibility forms, accents, case, white space, a leading "The", apostrophes, the
    dots of initials, dashes, and whatever ``display_name`` leaves out; "&" and some abbreviations
    are written out.  ``U. S. Dept. of State: Newsroom`` equals ``US Department of State``.  A name
    has the key of its ``display_name``.
    """
    if _ASCII_NAME.fullmatch(name) and not _TAIL.search(name[-_LONGEST_TAIL:]):
        plain = key = name.lower()  # nothing that is left out or written in another way
    else:
        plain = _plain(name)
        folded = normal_form("NFC", _ACCENTS.sub(r"\1", normal_form("NFD", plain)))
        key = _APOSTROPHES.sub("", folded).replace("&", " and ")
        key = _INITIAL.sub(r"\1", key)
        key = _SEPARATORS.sub(" ", key)
    words = [_WRITTEN_OUT.get(word, word) for word in key.split()]
    if words[:1] == ["the"] and len(words) > 1:
        del words[0]
    return " ".join(words) or plain


def _plain(name: str) -> str:
    shown = _bare(one_line(normal_form("NFKC", display_name(name))))
    return one_line(normal_form("NFKC", shown)).casefold()


def display_name(name: str) -> str:
    """Return a name for display: tidy, without descriptors in brackets or words for news at its
    end.

    ``NATO – Newsroom``, ``NATO: news`` and ``NATO (press releases)`` are shown as ``NATO``.
    """
    return _bare(one_line(name))


def _bare(name: str) -> str:
    """Return ``name`` without what may stand at its end, unless nothing else is left."""
    while True:
        found = _DESCRIPTORS.match(name[::-1])
        bare = name[: -found.end()] if found else name
        if len(bare) <= _LONGEST_NAME:  # each turn may take one word only
            bare = _without_tail(bare if _DOTTED.search(bare) else bare.rstrip(_MARKS))
        if bare == name or is_blank(bare) or not any(map(str.isalnum, bare)):
            return name
        name = bare


def _without_tail(name: str) -> str:
    """Return ``name`` without words for news after a mark, or those that are in no name."""
    head, mark, tail = _last_part(name)
    if mark and not is_blank(head):
        words = _WORDS.findall(normal_form("NFKC", tail).casefold())
        if words and _TAIL_WORDS.issuperset(words):
            return head
    found = _TAIL.search(name[-_LONGEST_TAIL:])
    return name[: len(name) - len(found[0])] if found else name


def _last_part(name: str) -> tuple[str, str, str]:
    """Return what is before the last mark between parts of a name, the mark, and the rest."""
    marks = list(_BETWEEN_PARTS.finditer(name[-_LONGEST_TAIL:]))
    if not marks:
        return name, "", ""
    start = max(0, len(name) - _LONGEST_TAIL)
    return name[: start + marks[-1].start()], marks[-1][0], name[start + marks[-1].end() :]


def _initials(name: str) -> str:
    return "".join(word[0] for word in _WORDS.findall(name) if word[0].isupper())


def _unconfigured(name: str, key: str, taken: Collection[str]) -> Agency:
    made = _made_id(key, taken)
    return Agency(id=made, name=display_name(name) or made, configured=False)


def better_name(one: str, other: str) -> str:
    """Return which of two names of an agency is shown, whichever came first.

    It is one that is not in small letters, nor all in capitals where it is long, and a short one.
    """
    return min(one, other, key=lambda name: (name.islower(), _shouts(name), len(name), name))


def _shouts(name: str) -> bool:
    return name.isupper() and len(name) > _LONGEST_ABBREVIATION


def _made_id(key: str, taken: Collection[str]) -> str:
    """Return an id for a name that is not configured.

    ``european union`` becomes ``european-union``.  A short hash of the name is added where the name
    has anything but ASCII letters, digits and single spaces, is long, ends like a hash, or is
    reserved or ``taken``.  So ``NATO/`` and ``NATO`` have different files, whichever comes first.
    A configured id is a name of its agency, so that no other name has it.
    """
    ascii_only = normal_form("NFKD", key).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")[:_MAX_SLUG].strip("-")
    is_whole = _PLAIN_NAME.fullmatch(key) and len(key) <= _MAX_SLUG
    is_free = slug not in RESERVED_NAMES and slug not in taken
    if is_whole and is_free and not _ENDS_LIKE_A_HASH.fullmatch(key):
        return slug
    return f"{slug or 'agency'}-{hashlib.sha256(key.encode()).hexdigest()[:8]}"
