"""Recognise what a mailing system adds to a mail: links for its readers, footers, quoted replies.

Takes lines of text and addresses.  What these say differs little from one system to another; in
doubt a line is text.
"""

import re
from collections.abc import Sequence
from urllib.parse import parse_qsl, unquote, urlsplit

_READERS = re.compile(
    r"unsubscri|opt[ -]?out\b"
    r"|(?:manage|update|change|edit|email|subscriber) (?:your |my |e-?mail )?"
    r"(?:\w+ )?(?:preferences|subscriptions?|settings|options|profile)"
    r"|(?:view|read|open|see|display)(?: \w+){0,4} (?:in|with|on|using)(?: \w+)?"
    r" (?:web ?)?(?:browser|online|the web)\b"
    r"|view (?:it |as a )?(?:online|web ?(?:page|version))|(?:web|online|browser) version"
    r"|having trouble (?:viewing|reading)|(?:not|isn.t) display(?:ing|ed)? (?:correctly|properly)"
    r"|forward (?:this|to a) |(?:send|tell) (?:this )?to a friend|share (?:this|on|via)\b"
    r"|(?:you (?:are|were|have(?: been)?)|you.re|you) (?:receiving|received|getting|subscribed)\b"
    r"|this (?:e-?mail|message|bulletin|newsletter) (?:was|is|has been) (?:being )?sent"
    r"|add (?:us|this address) to your|privacy (?:policy|notice|statement)|terms of (?:use|service)"
    r"|follow us\b|stay connected|all rights reserved|powered by |questions\? contact us$"
    r"|subscriber (?:services|help)|update your profile|^©|^copyright\b|skip to (?:main )?content"
    r"|abmelden|abbestellen|abo verwalten|im browser|datenschutz|folgen sie uns|weiterempfehlen"
    r"|impressum|désabonn|désinscri|se désinscrire|dans (?:votre|un) navigateur|version en ligne"
    r"|gérer (?:vos|mes)|suivez-nous|politique de confidentialité|mentions légales"
    r"|darse de baja|cancelar (?:la |su )?suscripci|ver en (?:el|su|tu) navegador|síganos|síguenos"
    r"|annulla(?:re)? l.iscrizione|disiscri|cancellati|visualizza (?:nel|questa)|seguici"
    r"|cancelar (?:a )?(?:subscrição|inscrição|assinatura)|ver no navegador|siga-nos"
    r"|afmelden|uitschrijven|bekijk (?:deze|in)|volg ons|online bekijken"
    r"|avregistrera|avprenumerera|avsluta prenumeration|avmeld|afmeld|framelding|peruuta tilaus"
    r"|wypisz|zrezygnuj|rezygnacj|wyświetl w przegl|odhlás|zobrazit v prohl|leiratkoz"
    r"|dezabon|διαγραφή|отписаться|отказаться от рассылки|відписатися|открыть в браузере"
    r"|abonelikten|tarayıcıda|配信停止|取消订阅|수신거부|إلغاء الاشتراك",
    re.IGNORECASE,
)
_MORE = re.compile(
    r"(?:click here(?: to .*)?"
    r"|(?:read|see|learn|find out|view|get|know|tell me|show)?\s*(?:more|on)"
    r"(?: (?:here|about .*|information|details))?|(?:read|view|see|open|download|get)?\s*(?:the )?"
    r"(?:full|complete|entire|original|whole)?\s*(?:press |news |media )?(?:release|story|text"
    r"|article|details|statement|announcement|report|page|document|link|here)"
    r"|(?:https?://|www\.)\S+|continue(?: reading)?"
    r"|details|link|url|web|weblink|website|here|source"
    r"|weiterlesen|mehr(?: (?:lesen|erfahren|dazu|informationen))?|zum artikel|zur meldung"
    r"|(?:en )?(?:savoir|lire)(?: en)? ?(?:plus|la suite)?|suite|lire l.article"
    r"|(?:leer|ver|saber|seguir leyendo) ?más|leia mais|saiba mais|ler mais|ver mais"
    r"|leggi(?: tutto| di più)?|continua(?: a leggere)?|lees (?:meer|verder)|meer lezen"
    r"|läs mer|les mer|læs mere|lue lisää|czytaj (?:więcej|dalej)|więcej|číst (?:více|dál)"
    r"|více|čítať viac|tovább(?: olvasom)?|citește mai (?:mult|departe)|διαβάστε περισσότερα"
    r"|περισσότερα|подробнее|читать (?:далее|полностью)|детальніше|читати далі|прочети още"
    r"|devamı(?:nı oku)?|više|opširnije|več|preberi več|loe (?:edasi|rohkem)|plačiau|lasīt vairāk)"
    r"\W*",
    re.IGNORECASE,
)
_SOCIAL = re.compile(
    r"(?:^|\.)(?:facebook|twitter|x|linkedin|instagram|youtube|youtu|flickr|tiktok|whatsapp|wa"
    r"|telegram|t|pinterest|threads|bsky|snapchat|vimeo|soundcloud|medium|reddit|addthis|sharethis"
    r"|plus\.google)\.(?:com|net|be|me|app|social)$"
)
_SERVICES = re.compile(
    r"unsubscribe|opt-?out|/preferences|manage[-_]?(?:subscription|preference)|subscriber/(?:edit|new)"
    r"|forward-to-friend|view[-_]?(?:in[-_]?browser|email)|webversion|/abmeld|desinscri|mailto:"
    r"|list-manage\.com/(?:profile|unsubscribe|vcard)|service\.govdelivery\.com|/mailman/(?:listinfo"
    r"|options)|/oneclick",
    re.IGNORECASE,
)
_PLACES = re.compile(
    r"(?:facebook|twitter|x|linkedin|instagram|youtube|flickr|tiktok|whatsapp|telegram|rss|threads"
    r"|bluesky|mastodon|pinterest|podcasts?|home|website|email|print|share|tweet|like|subscribe"
    r"|contact(?: us)?|about(?: us)?|help|search|login|log in|donate)",
    re.IGNORECASE,
)
_FOOTER = re.compile(
    r"to unsubscribe\b"
    r"|you (?:are|were) receiving this|you (?:have )?received this|you are subscribed to"
    r"|(?:copyright )?©|copyright\b|our (?:mailing )?address is|want to (?:change|unsub)"
    r"|this (?:e-?mail|message) (?:was|is being) sent (?:to|by)|unsubscribe\b.{0,80}$"
    r"|(?:this|the information (?:contained )?in this|the contents of this)"
    r" (?:e-?mail|message|transmission|communication)"
    r".{0,60}(?:confidential|intended (?:only|solely)|privileged)"
    r"|sent from my |sie erhalten diese (?:e-?mail|nachricht)|vous recevez ce|ha recibido este"
    r"|if you (?:no longer|do not|don.t) (?:wish|want) to|wenn sie .{0,60}(?:nicht mehr|keine)"
    r"|si vous ne (?:souhaitez|voulez|désirez) plus|si (?:ya )?no desea|caso não (?:deseje|queira)"
    r"|se non (?:desideri|vuoi|desidera|vuole)|wilt u .{0,60}(?:niet (?:meer|langer)|geen)"
    r"|um sich abzumelden|pour vous désabonner",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(r"-- ?$|(_{20,})$")
_ATTRIBUTION = re.compile(
    r"(?:on|am|le|el|il|em|op|den|dnia)\b.{5,150}\b(?:wrote|schrieb.*|écrit|escribió|ha scritto"
    r"|escreveu|schreef.*|skrev.*|napisał.*)\s*:$",
    re.IGNORECASE,
)
ORIGINAL = re.compile(
    r"-{2,}\s*(?:original message|forwarded (?:message|by)|ursprüngliche nachricht"
    r"|message d.origine"
    r"|message transféré|weitergeleitete nachricht|mensaje original|mensaje reenviado"
    r"|messaggio (?:originale|inoltrato)|mensagem original|oorspronkelijk bericht"
    r"|doorgestuurd bericht)\b.{0,80}|begin forwarded message:|anfang der weitergeleiteten.{0,40}:",
    re.IGNORECASE,
)
"""The line above a mail that was quoted or forwarded as a whole."""

_RULE = re.compile(r"\s*(?:[-=_*~#+•·–—] ?){3,}\s*")


def is_for_readers(text: str, *, is_link: bool = False) -> bool:
    """Return whether a line, or a link, is for the readers of a list, as "Unsubscribe" is."""
    bare = text.strip(" |·•-–—:.()[]<>*")
    if is_link and _PLACES.fullmatch(bare):
        return True
    if _FOOTER.match(bare):
        return True
    return (_READERS.search if len(text) <= 60 else _READERS.match)(bare) is not None


def is_more(text: str) -> bool:
    """Return whether the text of a link says nothing of what it leads to, as "Read more" does."""
    return len(text) <= 200 and _MORE.fullmatch(text.strip(" |·•-–—:>[](){}«»→›")) is not None


def is_service(address: str) -> bool:
    """Return whether a link leads to the system that sent the mail, or to a social network."""
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        return True
    return _SOCIAL.search(host) is not None or _SERVICES.search(address) is not None


def is_rule(text: str) -> bool:
    """Return whether a line consists of dashes or the like."""
    return len(text) <= 200 and _RULE.fullmatch(text) is not None


def target(address: str) -> str:
    """Return where a redirect leads, if its address says so, else ``address``."""
    _, mark, rest = address.rpartition("&&&")  # GovDelivery, as it was
    if mark and rest.startswith(("https://", "http://")):
        return rest
    try:
        parts = urlsplit(address)
        values = [value for _, value in parse_qsl(parts.query, max_num_fields=50)]
        # and as it is in the path: links.example/CL0/https:%2F%2Foffice.example%2Fnews/1/…
        values += [unquote(part) for part in parts.path.split("/") if part[:8].lower() in _ENCODED]
    except ValueError:
        return address
    found = [value for value in values if value.startswith(("https://", "http://"))]
    return found[0] if len(found) == 1 and _is_redirect(parts.path) else address


_ENCODED = frozenset(["https:%2", "http:%2f"])
_REDIRECT = re.compile(
    r"/(?:cl\d*|c|l|r|ls|ct|track\w*|click\w*|redir\w*|goto|go|out|link\w*|url\w*)(?:[/.]|$)", re.I
)


def _is_redirect(path: str) -> bool:
    in_path = any(sign in path.lower() for sign in _ENCODED)
    return in_path or _REDIRECT.search(path) is not None or path in ("", "/")


def footer_start(lines: Sequence[str]) -> int:
    """Return the line at which the signature or footer of a mail begins, or their number.

    A phrase of footers counts only below the middle of the text, since some begin a mail with it.
    """
    total, before = sum(map(len, lines)), 0
    for number, line in enumerate(lines):
        mark = _SIGNATURE.match(line)
        if mark and before and (mark[1] is None or _names_list(lines[number + 1 : number + 3])):
            return number
        if before * 2 > total and _FOOTER.match(line.strip()):
            return number
        before += len(line)
    return len(lines)


def _names_list(lines: Sequence[str]) -> bool:
    return any("list" in line or "http" in line for line in lines)


def is_attribution(line: str) -> bool:
    """Return whether a line says who wrote the quoted mail below it."""
    return len(line) <= 250 and _ATTRIBUTION.fullmatch(line.strip()) is not None
