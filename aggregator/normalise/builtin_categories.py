"""The built-in rules for categories of press releases.

Mostly the title decides, and else the first sentence of the text: a text that mentions a visit or
an arrest is not of that category.  In doubt a rule does not apply, because wrong entries make a
list useless, while missing ones can be found elsewhere (``docs/decisions/categories.md``).

Patterns are applied to the form of ``match_key``: lower case ("ß" is "ss"), plain quotes and
hyphens, single spaces.  To be fast on any text they have no repetition within a repetition, and
every gap of words has a limit.
"""

from aggregator.normalise.categories import Rule, elsewhere, one_of
from aggregator.normalise.court_categories import COURT
from aggregator.normalise.event_categories import (
    MEDIA_ADVISORY,
    PERSON,
    PRESS_CONFERENCE,
    START,
    VISIT,
)
from aggregator.normalise.police_categories import OPERATION

VERSION = "2"
"""Increased whenever the categories of a release may change, so that all are assigned again."""

_STATEMENT = Rule(
    term="statement",
    cues=("statement", "communiqu", "declaration"),
    head_cues=(
        *("the following", "this statement", "following statement", "following joint"),
        *("statement by", "statement from", "issued a", "following is"),
    ),
    title=one_of(
        r"\b(?:joint|press|doorstep|agreed|media|ministerial|leaders'|final) statements?\b(?!"
        r" (?:archive|guid|rules))",
        rf"{START}statements?\b(?! of (?:intent|accounts?|work|assurance|objections|account"
        r"|compliance|requirements|principles|need|interest))"
        rf"(?=:| -|$| (?:by|of (?:the )?(?:\w+ )?{PERSON}|on|from|to|at|in|attributable|regarding"
        rf"|concerning|following|after"
        r"|ahead|delivered|about|as)\b)",
        r"\bstatements? (?:by|from|on|attributable|regarding|concerning|following)\b"
        r"|\b(?:issues?|releases?|makes?) (?:a )?(?:\w+ )?statement\b",
        r"'s? statement (?:on|to|at|about|of|following|after|regarding)\b",
        rf": (?:\w+ ){{0,2}}statement$|\b{PERSON}(?:'s)? statement(?:$|:| (?:in|at|to|after)\b)",
        r"\b(?:joint|final|summit|leaders'|ministers'?|ministerial|council)"
        r" (?:communiqu[eé]|declaration)\b",
        rf"{START}(?:communiqu[eé]|(?:joint )?declaration) (?:by|of|on) ",
    ),
    unless=one_of(
        r"\bstatements? of (?:intent|accounts?|work|assurance|objections|principles)\b",
        r"\b(?:financial|bank|mission|impact|income|account|budget|needs|problem) statements?\b",
    ),
    lead=one_of(
        r"\b(?:issued|released|made|delivered|gave|provided|offered) (?:today )?(?:the following"
        r"|this) (?:\w+ ){0,2}(?:statement|comment)",
        r"\bissued an? (?:\w+ )?statement\b(?! of)|\bfollowing (?:joint )?statement (?:is|was|can"
        r" be) (?:attribut|issued|released)",
    ),
    head=one_of(
        r"(?:opening |joint |press |media )?statement (?:by|from) ",
        r"(?:the )?following is (?:the )?(?:full )?(?:text|transcript) of .{0,80}\bstatement\b",
    ),
    also=(
        elsewhere(  # French
            "statement",
            ("déclaration", "communiqué"),
            rf"{START}déclarations? (?:conjointe|commune|liminaire|d[ue]s? (?!revenus|impôts|tva"
            r"|conformité|douane|naissance)|de l[a'] ?|à la|sur|attribuable)",
            r"\bcommuniqué (?:conjoint|final)\b|\bdéclaration (?:conjointe|commune)\b"
            r"|\b(?:fait|publié) la déclaration (?:suivante|conjointe)\b",
        ),
        elsewhere(  # German
            "statement",
            ("*erklär", "stellungnahme", "statement", "folgende"),
            rf"\bgemeinsame erklärung\b|{START}(?:\w+ )?(?:erklärung|stellungnahme|statement)"
            rf" (?:de[rs]"
            r"|vo[nm]|zu[mr]?)\b|\berklär(?:t|te|en) (?:anlässlich|zu[mr]?) ",
            r"^zu[mr]? .{0,120}\berklärte?\b|\b(?:gab|gibt) .{0,60}\bfolgende (?:\w+ )?(?:erklärung"
            r"|stellungnahme)\b|\berklärte? (?:hierzu |dazu |heute )?(?:ein sprecher|eine"
            r" sprecherin|d(?:er|ie) (?:\w+ )?sprecher)",
            unless=r"\b(?:steuer|einkommen|zoll|bereit)\w*erklärung|\beinfach erklärt",
        ),
        elsewhere(  # Spanish, Portuguese, Italian, Dutch, Polish, Swedish
            "statement",
            (
                *("declara", "comunicado", "dichiarazion", "verklaring", "gezamenlijke"),
                *("oświadczenie", "wspólne", "uttalande", "gemensamt"),
            ),
            r"\b(?:declaración|comunicado|declaração) (?:conjunt[ao]|institucional|final)\b"
            rf"|{START}(?:declaraci[óo]n|declaraciones|declaração) (?:del?|d[oa]|sobre)"
            rf" (?!renta|impuesto)|{START}comunicado (?:sobre|ante|en relación|del? (?!prensa))",
            rf"{START}dichiarazion[ei] (?:congiunta|d[ie]|de[li]|dell[ao']|sull?[ae']?)",
            rf"\bgezamenlijke verklaring\b|{START}verklaring (?:van|over)\b|{START}(?:wspólne )?"
            rf"oświadczenie\b|{START}(?:gemensamt )?uttalande\b",
        ),
    ),
)

_SPEECH = Rule(
    term="speech",
    cues=(
        *("speech", "remarks", "address", "keynote", "lecture", "doorstep", "video message"),
        *("speaks", "new year"),
    ),
    head_cues=(
        *("delivered", "delivery", "delivers", "will deliver", "remarks", "speech", "addresse"),
        *("addressing", "keynote", "video message", "lecture", "the floor", "good morning"),
        *("good afternoon", "good evening", "excellenc", "ladies and", "distinguished", "dear"),
        *("thank you", "thank you", "many thanks", "address to", "address at"),
    ),
    title=one_of(
        rf"{START}(?:\w+ ){{0,3}}speech(?: \w+)? (?:by|of|at|to|on|for|delivered)\b",
        rf"{START}speech(?:$|:| -)|: (?:keynote |opening )?speech\b",
        rf"{START}(?:[\w'-]+ ){{0,4}}remarks(?:$|:| (?:by|at|to|on|as|following|with|before|after"
        r"|from|for|delivered|during|in)\b)",
        r"(?:'s|s') (?:\w+ )?(?:remarks|speech|address)(?:$|:| (?:at|to|on|following|before|for"
        r"|in)\b)",
        r"\b(?:opening|closing|welcoming|keynote|introductory|concluding|doorstep) remarks\b",
        r"\bkeynote (?:speech|address)\b|\bdoorstep statement\b",
        rf"{START}(?:\w+ ){{0,3}}(?:keynote|address|lecture|video message) (?:by|of) ",
        rf"{START}(?:\w+ ){{0,2}}address (?:by|to the nation)\b|{START}address (?:to|at) the\b",
        rf"\b(?:pm|{PERSON}) (?:\S+ ){{0,3}}(?:speech|remarks|address) (?:at|to|on|in|before|from"
        r"|during)\b|\b(?:inaugural|new year'?s?|farewell) (?:address|speech|message)\b",
        rf"\b{PERSON}(?:'s)? (?:\S+ ){{0,3}}speech$",
        r"\b(?:delivers?|delivered|gives?|to deliver|to give) (?:\S+ ){0,4}(?:speech|remarks"
        r"|keynote|lecture|address)\b|\bspeaks (?:at|on|in) (?:the )?(?:\S+ ){0,4}(?:floor"
        r"|conference|assembly|forum|summit|parliament|university|session)\b",
        rf"\b{PERSON} (?:\S+ ){{0,4}}address(?:es|ed) (?:the )?(?:\S+ ){{0,4}}(?:conference|forum"
        r"|assembly|summit|parliament|congress|session|nation|council|students|symposium)\b",
    ),
    unless=one_of(
        r"\b(?:hate|free|freedom of|hateful) speech\b(?!.* speech)",
        r"\b(?:condemns?|deplores?|regrets?|rejects?|denounces?|comments? on|react(?:s|ion)? to"
        r"|respon(?:ds|se) to|statement on|criticism of)\b.{0,60}\b(?:remarks|speech|address)\b",
        r"\bspeech (?:recognition|therap|disorder|technolog)",
    ),
    lead=one_of(
        r"\b(?:delivered|gave|delivers|will (?:deliver|give)) (?:\S+ ){0,5}(?:speech|keynote"
        r"|lecture|opening remarks|closing remarks|keynote address)\b",
        r"^(?:.{0,120}\b)?in (?:an?|his|her|their|the) (?:\S+ ){0,3}(?:speech|keynote|lecture"
        r"|video message|address) (?:to|at|before|in|delivered|during|on)\b",
        r"^(?:.{0,100}\b)?address(?:ing|ed) (?:the|an?|\w+'s) (?:\S+ ){0,7}(?:conference|assembly"
        r"|forum|session|parliament|summit|congress|council|symposium|seminar|convention|nation"
        r"|plenary|general debate|graduates|students)\b",
        r"\btook (?:to )?the (?:senate |house )?floor\b",
    ),
    head=one_of(
        r".{0,160}\b(?:as delivered|as prepared for delivery|check against delivery)\b",
        r"(?:by .{0,60})?delivered (?:at|to|in|before|by|on) ",
        r"(?:the )?following (?:is|are) (?:the )?(?:full )?(?:text|transcript|remarks) .{0,80}"
        r"\b(?:speech|remarks|address)\b",
        r"(?:opening |closing |keynote )?(?:remarks|speech|address|lecture) (?:by|of) ",
        r"(?:\W|a )*good (?:morning|afternoon|evening)\b",
        r"\W*(?:(?:mr|madam|mister)\.? (?:president|chair\w*|speaker|secretary-general), ?)?"
        r"(?:your )?(?:excellenc(?:y|ies)\b|ladies and gentlemen\b|distinguished (?:delegates"
        r"|guests|colleagues|members|participants|representatives)\b)",
        r"\W*dear (?:colleagues|friends|ministers?|ladies|excellenc|guests|delegates)\b",
        r"\W*(?:thank you|many thanks)(?: (?:very|so) much)?,? (?:\w+ )?(?:for|to|mr|madam"
        r"|secretary|president|prime|chair|minister|general|and|dear)\b",
    ),
    also=(
        Rule(  # French
            term="speech",
            cues=("discours", "allocution", "prise de parole", "propos", "intervention", "vœux"),
            head_cues=("prononc", "discours", "allocution", "mesdames", "monsieur le"),
            title=one_of(
                rf"{START}(?:discours|allocution|prise de parole|propos (?:liminaires?"
                r"|introductifs?)|intervention|vœux) (?:du |de |d'|des |prononcée? |à |devant |lors"
                r" |au )|\b(?:prononc(?:e|é|era)|discours prononcé) .{0,40}(?:discours"
                r"|allocution)\b",
            ),
            unless=one_of(r"\bintervention (?:militaire|chirurgicale|des (?:secours|pompiers))"),
            lead=one_of(r"\bprononc(?:e|é|era) (?:un|une|son|le) (?:discours|allocution)\b"),
            head=one_of(
                r".{0,160}\ble prononcé fait foi\b",
                r"\W*(?:mesdames,? (?:et |les )?(?:messieurs|\w+s,)|monsieur le président,)",
            ),
        ),
        Rule(  # German
            term="speech",
            cues=("*rede ", "*ansprache", "grusswort", "laudatio", "regierungserklärung"),
            head_cues=("*rede", "ansprache", "laudatio", "damen und", "gesprochene wort"),
            title=one_of(
                rf"{START}(?:\S+-)?(?:\w*rede|\w*ansprache|grusswort|laudatio|regierungserklärung"
                rf"|keynote)"
                r" (?:vo[nm]|de[rs]|beim?|vor|zu[mr]?|anlässlich|im|in|auf|an)\b",
                r"\bh(?:ält|ielt) (?:\S+ ){0,4}(?:\w*rede|ansprache|laudatio)\b",
            ),
            lead=one_of(
                r"\b(?:hält|hielt|gehalten) .{0,60}\b(?:\w*rede|ansprache|laudatio)\b"
                r"|\b(?:\w*rede|ansprache|laudatio) .{0,60}\bgehalten\b",
            ),
            head=one_of(
                r".{0,160}\bes gilt das gesprochene wort\b",
                r"\W*(?:sehr geehrte|meine|liebe|verehrte).{0,80}\bdamen und herren\b",
            ),
        ),
        Rule(  # Spanish, Portuguese, Italian, Dutch, Polish
            term="speech",
            cues=(
                *("discurso", "palabras", "intervención", "discorso", "intervento", "toespraak"),
                *("speech van", "przemówienie", "wystąpienie"),
            ),
            head_cues=("señor", "senhor", "signor", "dames en", "pronunci"),
            title=one_of(
                rf"{START}(?:discurso|palabras|intervención|discorso|intervento) (?:del?|d[oai]"
                rf"|della|dell'|in|en|ante) |{START}(?:toespraak|speech) (?:van|door)\b"
                rf"|{START}(?:przemówienie|wystąpienie) ",
            ),
            unless=one_of(r"\bintervención (?:de (?:bomberos|emergencia)|militar)"),
            lead=one_of(r"\bpronunci(?:ó|ará|ado) (?:un|el|su) discurso\b"),
            head=one_of(
                r"\W*(?:señoras y señores|senhoras e senhores|signor[ei] (?:e signor|presidente)"
                r"|dames en heren)\b",
            ),
        ),
    ),
)

_READOUT = Rule(
    term="readout",
    cues=("readout", "read-out", "call with"),
    head_cues=("readout", "read-out"),
    title=one_of(
        rf"{START}(?:\w+ ){{0,2}}read-?out(?:$|:| -| (?:of|from|on|following)\b)",
        r"\bread-?out$|(?:'s|s') read-?out (?:of|on|from|following)\b",
        r"(?:'s|s') (?:phone |telephone |video )?call with\b",
    ),
    unless=one_of(r"\b(?:digital|sensor|qubit|detector|pixel|meter|electronic)s? read-?out\b"),
    lead=one_of(
        r"\b(?:issued|released|provided|gave) the following read-?out\b",
        r"^(?:the )?following (?:is a )?read-?out (?:of|is|was)\b",
    ),
    also=(
        Rule(  # French, German, Spanish
            term="readout",
            cues=("compte", "*téléphonique", "telefon", "conversación", "llamada"),
            title=one_of(
                r"\bcompte[ -]rendu (?:de l'|d'un |du |de la )(?:entretien|appel|échange|rencontre)"
                r"|\b(?:entretien|échange|appel) téléphonique (?:avec|entre|du?|de la)\b",
                r"\btelefonat (?:mit|de[rs]|von|zwischen)\b|\btelefonier(?:t|te|en) (?:\w+ )?mit\b",
                r"\b(?:conversación|llamada) telefónica (?:con|entre|del?)\b",
            ),
        ),
    ),
)

_OPED = Rule(
    term="op-ed",
    cues=("op-ed", "oped", "opinion", "article", "column", "essay", "commentary", "guest"),
    head_cues=("published", "appeared"),
    title=one_of(
        r"\bop-ed\b|\boped\b|\bopinion (?:editorial|piece|article)\b",
        r"^opinion ?[:|] ?|^opinion - (?!adopt)|: opinion$|\bguest (?:column|essay|article)\b",
        rf"{START}(?:commentary|article) by (?!article\b)",
        r"(?:'s|s') (?:article|op-ed|column|essay) (?:in|for|published)\b",
    ),
    unless=one_of(r"\b(?:advisory|legal|scientific|public|preliminary|expert) opinions?\b"),
    head=one_of(
        r"(?:.{0,120}\b)?this (?:op-ed|opinion piece|opinion article|article) (?:was |has been )?"
        r"(?:first |originally )?(?:published|appeared)\b",
    ),
    also=(
        Rule(  # French, German, Spanish, Dutch
            term="op-ed",
            cues=("tribun", "gast", "namens", "meinungsbeitrag", "artículo", "opinie"),
            title=one_of(
                rf"{START}tribune (?::|de |du |d'|conjointe|publiée)|\btribuna (?:del? |publicada)",
                r"\bgast(?:beitrag|kommentar|artikel)\b|\bnamens(?:artikel|beitrag)\b"
                r"|\bmeinungsbeitrag\b|\bartículo de opinión\b|\bopinie(?:stuk|artikel)\b",
            ),
        ),
    ),
)

BUILTIN: tuple[Rule, ...] = (
    *(_STATEMENT, _SPEECH, MEDIA_ADVISORY, _READOUT, VISIT, PRESS_CONFERENCE, _OPED),
    OPERATION,
    *COURT,
)
"""In the order in which they are displayed."""
