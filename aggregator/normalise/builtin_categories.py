"""The built-in rules for categories of press releases.

Mostly the title decides, and else the first words of the text: a text that mentions a visit or an
arrest is not of that category.  In doubt a rule does not apply, because wrong entries make a list
useless, while missing ones can be found elsewhere (``docs/decisions/categories.md``).

Patterns are applied to the form of ``match_key``: lower case, plain quotes and hyphens, single
spaces.  To be fast on any text they have no repetition within a repetition, and every gap of words
has a limit.
"""

from aggregator.normalise.categories import Patterns, Rule

VERSION = "1"
"""Increased whenever the categories of a release may change, so that all are assigned again."""


def _patterns(*alternatives: str) -> Patterns:
    return ("|".join(alternatives),)


_START = r"(?:^|: |- |\| ?)"
"""The start of a title, or of a part of it after a separator."""

_PERSON = (
    r"(?:secretary|minist(?:er|re)|president|chancellor|chair(?:man|woman|person)?|commissioner"
    r"|director|chiefs?|general|ambassador|king|queen|prince|princess|pope|delegation|committee"
    r"|council|spokesperson|representative|envoy|admiral|gen\.|adm\.|mrs?\.?|ms\.?)"
)

_STATEMENT = Rule(
    term="statement",
    cues=("statement", "communiqu", "declar", "déclaration", "erklärung", "comunicado"),
    opening_cues=("following statement", "following joint", "following press"),
    title=_patterns(
        r"\b(?:joint|press|doorstep|agreed|media|ministerial|leaders'|final) statements?\b",
        rf"{_START}statements?\b(?! of (?:intent|accounts?|work|assurance|objections|account"
        r"|compliance|requirements|principles|need|interest))"
        r"(?=:| -|$| (?:by|of|on|from|to|at|in|attributable|regarding|concerning|following|after"
        r"|ahead|delivered|about|as)\b)",
        r"\bstatement (?:by|from|on|attributable|regarding|concerning|following)\b",
        r"'s? statement (?:on|to|at|about|of|following|after|regarding)\b",
        r": (?:\w+ ){0,2}statement$",
        r"\b(?:joint|final|summit|leaders'|ministers'?|ministerial|council)"
        r" (?:communiqu[eé]|declaration)\b",
        rf"{_START}(?:communiqu[eé]|(?:joint )?declaration) (?:by|of|on) ",
        # French, Spanish, German.
        rf"{_START}déclaration (?:conjointe|commune|d[ue]s? (?!revenus|impôts|tva|conformité)|à la"
        r"|sur)",
        r"\bcommuniqué conjoint\b|\bdéclaration conjointe\b",
        r"\b(?:declaración|comunicado) (?:conjunt[ao]|institucional)\b",
        rf"{_START}declaración (?:del?|sobre) ",
        rf"\bgemeinsame erklärung\b|{_START}erklärung (?:der|des|von|zu[mr]?)\b",
    ),
    unless=_patterns(
        r"\bstatements? of (?:intent|accounts?|work|assurance|objections|principles)\b",
        r"\b(?:financial|bank|mission|impact|income|account|budget|needs|problem) statements?\b",
    ),
    opening=_patterns(
        r"(?:.{0,200}\b)?(?:issued|released|made|delivered|gave|provided) the following"
        r" (?:joint |press )?statement",
        r"(?:the )?following (?:joint )?statement (?:is|was) (?:attributable|issued|released)",
    ),
)

_SPEECH = Rule(
    term="speech",
    cues=(
        *("speech", "remarks", "address", "keynote", "lecture", "doorstep", "message"),
        *("discours", "allocution", "discurso", "palabras", "rede ", "ansprache", "grußwort"),
        "intervención",
    ),
    title=_patterns(
        rf"{_START}(?:\w+ ){{0,3}}speech(?: \w+)? (?:by|of|at|to|on|for|delivered)\b",
        rf"{_START}speech(?:$|:| -)|: (?:keynote |opening )?speech\b",
        rf"{_START}(?:[\w'-]+ ){{0,4}}remarks(?:$|:| (?:by|at|to|on|as|following|with|before|after"
        r"|from|for|delivered|during|in)\b)",
        r"(?:'s|s') (?:\w+ )?(?:remarks|speech)(?:$|:| (?:at|to|on|following|before|for|in)\b)",
        r"\b(?:opening|closing|welcoming|keynote|introductory|concluding|doorstep) remarks\b",
        r"\bkeynote (?:speech|address)\b|\bdoorstep statement\b",
        rf"{_START}(?:\w+ ){{0,3}}(?:keynote|address|lecture|video message) (?:by|of) ",
        rf"{_START}(?:\w+ ){{0,2}}address (?:by|to the nation)\b",
        # French, Spanish, German.
        rf"{_START}(?:discours|allocution) (?:du |de |d'|prononcé|à )",
        rf"{_START}(?:discurso|palabras|intervención) del? ",
        rf"{_START}(?:rede|ansprache|grußwort) (?:von|der|des|bei|vor|zu[mr]?|anlässlich)\b",
    ),
    unless=_patterns(
        r"\b(?:hate|free|freedom of|hateful) speech\b(?!.* speech)",
        r"\b(?:condemns?|reacts? to|deplores?|regrets?|rejects?|in response to|denounces?)\b"
        r".{0,60}\b(?:remarks|speech)\b",
        r"\bspeech (?:recognition|therap|disorder|technolog)",
    ),
    opening=_patterns(
        r".{0,160}\b(?:as delivered|as prepared for delivery|check against delivery)\b",
        r"(?:opening |closing |keynote )?(?:remarks|speech|address|lecture) (?:by|of) ",
        r"(?:\W|a )*good (?:morning|afternoon|evening)\b",
        r"\W*(?:(?:mr|madam|mister)\.? (?:president|chair\w*|speaker|secretary-general), ?)?"
        r"(?:your )?(?:excellenc(?:y|ies)\b|ladies and gentlemen\b|distinguished (?:delegates"
        r"|guests|colleagues|members|participants|representatives)\b)",
        r"\W*dear (?:colleagues|friends|ministers?|ladies|excellenc|guests|delegates)\b",
        r"\W*(?:thank you|many thanks)(?: (?:very|so) much)?,? (?:\w+ )?(?:for|to|mr|madam"
        r"|secretary|president|prime|chair|minister|general|and|dear)\b",
    ),
)

_MEDIA_ADVISORY = Rule(
    term="media advisory",
    cues=("media", "press", "prensa", "medios", "médias", "rédactions", "medien", "terminhinweis"),
    opening_cues=("media", "journalists"),
    title=_patterns(
        r"\b(?:media|press) advisory\b(?! (?:board|council|committee|group|panel|body|service))",
        rf"{_START}(?:media|press) (?:alert|invitation|opportunity|accreditation|notice)\b",
        r"\bmedia accreditation (?:for|open|now|is|to)\b",
        r"\binvitation (?:to|for) (?:the |all )?(?:media|press|journalists)\b",
        rf"{_START}(?:notice|note|information|invitation|call) (?:to|for) (?:the )?(?:media|press)"
        r"\b",
        # French, Spanish, German.
        r"\bavis aux médias\b|\bnote aux rédactions\b|\binvitation (?:à la )?presse\b",
        r"\bconvocatoria (?:de prensa|a (?:los )?medios)\b|\baviso a (?:los )?medios\b",
        r"\bpresseeinladung\b|\bpressetermin\b|\bterminhinweis|\bmedienhinweis\b"
        r"|\beinladung (?:an die|zum|zur) (?:presse|medien)",
    ),
    opening=_patterns(
        r"(?:\S+ ){0,6}media advisory\b(?! (?:board|council|committee|group|panel|body|service))",
        # A heading within the text: a time or a list follows it.
        r".{0,780}\bmedia advisory (?:\d{1,2}[:.h]\d\d|(?:[a-z]+day,? )?\d{1,2} [a-z]+ \d{4}"
        r"|media coverage|[•*-] )",
        r"(?:.{0,200}\b)?(?:members of the media|media representatives|journalists) (?:are invited"
        r"|wishing to (?:attend|cover)|who wish to (?:attend|cover))",
    ),
)

_READOUT = Rule(
    term="readout",
    cues=("readout", "read-out", "compte"),
    opening_cues=("readout", "read-out"),
    title=_patterns(
        rf"{_START}(?:\w+ ){{0,2}}read-?out(?:$|:| -| (?:of|from|on|following)\b)",
        r"\bread-?out$|(?:'s|s') read-?out (?:of|on|from|following)\b",
        r"\bcompte[ -]rendu (?:de l'|d'un |du |de la )(?:entretien|appel|échange|rencontre)",
    ),
    unless=_patterns(r"\b(?:digital|sensor|qubit|detector|pixel|meter|electronic)s? read-?out\b"),
    opening=_patterns(
        r"(?:.{0,200}\b)?(?:issued|released|provided|gave) the following read-?out\b",
        r"(?:the )?following (?:is a )?read-?out (?:of|is|was)\b",
    ),
)

_COUNTED = "".join(
    rf"(?<!{word} )"
    for word in (
        *("website", "web", "site", "page", "online", "virtual", "of", "million", "thousand"),
        *("doctor", "hospital", "tourist", "museum", "record", "hundred", "clinic", "patient"),
        *("home", "park", "inspection", "family", "prison", "medical"),
    )
)
"""Excludes statistics of visits: "website visits rose"."""

_VISIT = Rule(
    term="visit",
    cues=("visit", "travel", "tour", "welcome", "trip to", "besuch", "reist", "déplacement"),
    opening_cues=("visit", "travel", "welcomed"),
    title=_patterns(
        r"\bto (?:pay an? \w+ )?visit\b(?! (?:our|your|the (?:web)?site|us\b|www))",
        rf"{_COUNTED}\bvisits\b(?! (?:to|per|by|from|of|in|on) (?:the |our |its |their )?"
        r"(?:website|site|page|portal|platform|museum|park|clinic|hospital|gp|doctor|year|day"
        r"|month|week)s?\b)(?! (?:up|down|rose|rise|fell|increased?|decreased?|per|website)\b)",
        r"\b(?:official|state|working|two-day|three-day|one-day|first|historic|bilateral|high-level"
        r"|concludes?|ends?|begins?|completes?|during|upcoming|port|courtesy) (?:\S+ ){0,2}"
        rf"{_COUNTED}visit\b",
        rf"{_START}visit (?:by|of|to) (?!(?:our|your|the (?:web)?site))",
        rf"\b{_PERSON}(?: [\w'.,-]+){{0,6}} visit to\b",
        r"(?:'s|s') (?:\w+ ){0,2}(?:visit|travel|trip) to\b",
        rf"\b{_PERSON}(?: [\w'.,-]+){{0,8}} (?:to travel|travels|travelled|visited|to tour"
        r"|closes? [\w' -]{1,30}tour)\b",
        rf"\bwelcomes (?:[\w'.,-]+ ){{0,3}}{_PERSON}(?: [\w'.,-]+){{0,8}} to\b",
        # French, Spanish, German.
        rf"{_START}(?:visite|déplacement) (?:officielle|d'état|de travail|du |de la |de m|d[eu]"
        r" (?:président|ministre|premier|secrétaire|commissaire)|en |à )(?!(?:ligne|guidée))",
        r"\ben visite (?:officielle|d'état|à|en|au)\b",
        r"\bvisita (?:oficial|de estado|de trabajo|del? (?:president|ministr|rey|secretari|rein))",
        rf"\bstaatsbesuch\b|\bbesucht\b|\breist nach\b|{_START}besuch (?:von|der|des|in|bei[m]?)\b",
    ),
    unless=_patterns(
        r"\b(?:visa|website|webpage|tourists?|visitors?|passengers?|holidaymakers?)\b",
        r"\b(?:places|reasons|how|chance|free|things|ways|opportunity|time) to visit\b",
        r"\bvisite (?:guidée|médicale|technique|virtuelle)",
    ),
    opening=_patterns(
        r".{0,200}\b(?:concluded?|ended|completed|began) (?:his|her|their|an?) (?:\S+ ){0,3}visit"
        r" to\b",
        rf".{{0,120}}\b{_PERSON}(?: [\w'.,()-]+){{0,6}},? (?:will|is to|was to)"
        r" (?:visit|travel to)\b(?! the website)",
        rf".{{0,120}}\bwelcomed (?:[\w'.,-]+ ){{0,5}}{_PERSON}(?: [\w'.,()-]+){{0,10}} to"
        r" (?:\w+ )?(?:headquarters|the (?:elysee|white house|kremlin|palace))",
    ),
)

_PRESS_CONFERENCE = Rule(
    term="press conference",
    cues=("conference", "conferencia", "briefing", "press", "media", "prensa"),
    title=_patterns(
        r"\b(?:press|news|media) conference\b",
        r"\b(?:press|media) (?:briefing|point|availability|gaggle|encounter|stakeout|roundtable)\b",
        rf"{_START}(?:daily |noon |weekly |department )(?:\w+ )?briefing\b",
        # French, Spanish, German.
        r"\bconférence de presse\b|\bpoint (?:de )?presse\b",
        r"\brueda de prensa\b|\bconferencia de prensa\b",
        r"\bpressekonferenz\b|\bpresse-?statements?\b|\bregierungspressekonferenz\b",
    ),
    unless=_patterns(r"\b(?:postpone|cancel)\w*\b", r"\bpress conference (?:room|centre|center)\b"),
)

_OPED = Rule(
    term="op-ed",
    cues=(
        *("op-ed", "oped", "opinion", "article", "column", "essay", "commentary", "tribun"),
        *("gastbeitrag", "namensartikel", "artículo"),
    ),
    opening_cues=("published", "appeared"),
    title=_patterns(
        r"\bop-ed\b|\boped\b|\bopinion (?:editorial|piece|article)\b",
        r"^opinion ?[:|] ?|^opinion - (?!adopt)|: opinion$|\bguest (?:column|essay|article)\b",
        rf"{_START}(?:commentary|article) by (?!article\b)",
        r"(?:'s|s') (?:article|op-ed|column|essay) (?:in|for|published)\b",
        # French, Spanish, German.
        rf"{_START}tribune (?::|de |du |d'|conjointe|publiée)|\btribuna (?:del? |publicada)",
        r"\bgastbeitrag\b|\bnamensartikel\b|\bartículo de opinión\b",
    ),
    unless=_patterns(r"\b(?:advisory|legal|scientific|public|preliminary|expert) opinions?\b"),
    opening=_patterns(
        r"(?:.{0,120}\b)?this (?:op-ed|opinion piece|opinion article|article) (?:was |has been )?"
        r"(?:first |originally )?(?:published|appeared)\b",
    ),
)

_CRIME = (
    r"\b(?:crim|traffick|drug|smuggl|fraud|gang|cartel|cyber|botnet|malware|ransomware|counterfeit"
    r"|scam|illicit|launder|piracy|child abuse|theft|thie(?:f|ves)|stolen|cocaine|heroin|firearm"
    r"|mafia|terror|darknet|dark web)"
)

_OPERATION = Rule(
    term="operation",
    cues=(
        *("arrest", "operation", "action", "dismantl", "take", "seiz", "raid", "bust", "crack"),
        *("searche", "broke", "break", "disrupt", "smash", "down", "detain", "detention", "held"),
        *("captured", "caught", "extradited", "custody", "interpell", "démant", "deten", "detien"),
        *("desarticul", "festnahme", "festgenommen", "razzia", "durchsuch"),
    ),
    opening_cues=(
        *("arrest", "detain", "detention", "apprehend", "searche", "criminal", "custody"),
        *("dismantled", "raided"),
    ),
    title=_patterns(
        r"(?<!cardiac )(?<!house )(?<!sinus )\barrest(?:s|ed)?\b(?! (?:warrants?|development))",
        r"\bjoint action (?:days?|week)\b|\baction (?:days?|week) (?:against|hits?|targets?)\b"
        r"|\bbusted\b",
        rf"\b(?:takedown|crackdown)\b.*{_CRIME}|{_CRIME}.*\b(?:takedown|crackdown)\b",
        r"\b(?:dismantle[ds]?|dismantling|dismantlement|broken up|broke up|breaks? up|taken down"
        r"|takes? down|cracked|smashed|busts?|disrupt(?:ed|s)?) .{0,60}\b(?:network|group|gang|ring"
        r"|cartel|syndicate|clan|mafia|laborator|lab|market|botnet|ransomware|malware|scam|fraud"
        r"|traffick|smuggl|criminal|infrastructure|platform|server)",
        r"\b(?:network|group|gang|ring|cartel|syndicate|lab|labs|market|marketplace|botnet|ransomware"
        r"|infrastructure|platform|servers?)\b.{0,40}\b(?:dismantled|broken up|busted|seized"
        r"|taken down|disrupted|smashed|shut down|cracked)\b",
        r"\b(?:cocaine|heroin|drugs|firearms|weapons|cash|assets|counterfeit\w*|medicines|cigarettes"
        r"|servers?|site|domains?|goods|ivory|crypto\w*|kg|tonnes?|tons|million|notes|pills)\b"
        r".{0,60}\bseized\b|\bseiz(?:e|es|ure of) .{0,60}\b(?:cocaine|heroin|drugs|firearms|weapons"
        r"|counterfeit|medicines|cigarettes|kg|tonnes?|tons|pills)\b",
        r"\b(?:suspects?|developer|ringleader|trafficker|smuggler|fugitive|kingpin|hacker)s? "
        r"(?:\S+ ){0,3}(?:held|detained|captured|caught|extradited|in custody"
        r"|taken into custody)\b",
        r"\b(?:police|criminal|anti-\w+|joint|global|international|cross-border|interpol|europol"
        r"|law enforcement|cybercrime) operation\b(?!s? (?:of|manual|room|centre))"
        r"(?=.*\b(?:crim|traffick|drug|smuggl|fraud|target|network|gang|ring|arms|cyber|police|theft"
        r"|thie|counterfeit|scam|against|illicit|launder|piracy|abuse))",
        r"\boperation (?!of\b|and\b|in\b|to\b|the\b|is\b|for\b|on\b|at\b|with\b|by\b)[\w-]+"
        r"(?: [\w-]+){0,4} .{0,60}\b(?:thie(?:f|ves)|traffick|smuggl|crim|fraud|drug|gang|seiz"
        r"|counterfeit|scam|illicit|stolen|launder)",
        r"\bleads? to (?:\S+ ){0,4}(?:searches|detentions)\b|\bhouse searches\b|\bpolice raids?\b"
        r"|(?<!air )\braids? (?:on|target|hit|in) ",
        # French, Spanish, German.
        r"\binterpell(?:é|ée|és|ées|ations?)\b|\barrestations?\b|\bdémantèlement\b|\bdémantel(?:é|ée"
        r"|és|ées)\b",
        r"\bdetenid[oa]s?\b|\bdetenciones\b|\bdesarticula(?:d[oa]|n)?\b|\bdetiene[n]? a\b",
        r"\bfestnahmen?\b|\bfestgenommen\b|\brazzia\b|\bdurchsuchungen\b",
    ),
    unless=_patterns(
        r"\b(?:statement|remarks|readout|condemns?|deplores?|concern(?:ed)?|calls? (?:for|on)"
        r"|urges?|protests?|journalists?|opposition|activists?|protesters?|demonstrators?|defenders?"
        r"|arbitrary|unlawful|erklärung|déclaration|declaración|anniversary"
        r"|years? (?:since|after|on|of)|civil society|human rights|dissent|staff|aid workers"
        r"|reporters?|bloggers?|lawyers?)\b",
    ),
    opening=_patterns(
        r".{0,300}\b(?:resulting in|resulted in|led to|leading to) (?:\S+ ){0,4}"
        r"(?:arrests?|detention|apprehension)s?\b(?! warrants?)",
        r".{0,200}\b\d[\d ,.]* (?:\S+ ){0,2}(?:people|persons|suspects|individuals|men|women"
        r"|members) (?:\S+ ){0,3}(?:arrested|detained|apprehended|taken into custody)\b",
        r".{0,200}\b(?:properties|homes|houses|addresses|locations|premises) (?:were|have been)"
        r" (?:searched|raided)\b|.{0,200}\b(?:\d+ )?(?:house )?searches were carried out\b",
        r".{0,200}\b(?:investigation|operation) (?:into|against|targeting) (?:this|the|an?)"
        r" (?:\S+ ){0,3}criminal (?:network|group|gang|organi[sz]ation)\b",
        r".{0,200}\b(?:police|officers|authorities|europol|interpol|investigators|agents) (?:\S+ )"
        r"{0,8}(?:arrested|detained|dismantled|apprehended) (?:\S+ ){0,4}(?:suspect|people|person"
        r"|member|network|group|gang|ringleader|trafficker|smuggler|individual|ring\b|man\b|men\b)",
    ),
)

BUILTIN: tuple[Rule, ...] = (
    *(_STATEMENT, _SPEECH, _MEDIA_ADVISORY, _READOUT, _VISIT, _PRESS_CONFERENCE, _OPED),
    _OPERATION,
)
"""In the order in which they are displayed."""
