"""The built-in rules for what takes place: advisories to the media, visits, press conferences.

They read like those of ``builtin_categories``.
"""

from aggregator.normalise.categories import Rule, elsewhere, one_of

START = r"(?:^|: |- |\| ?)"
"""The start of a title, or of a part of it after a separator."""

PERSON = (
    r"(?:(?:under)?secretary|minist(?:er|re)s?|presidents?|chancellor|chair(?:man|woman|person)?"
    r"|commissioners?|director|chiefs?|general|ambassadors?|king|queen|prince|princess|pope|duke"
    r"|duchess|majest(?:y|ies)|highness|premier|taoiseach|governor|mayor|senators?|sens?\.|speaker"
    r"|commander|delegation|committee|council|spokesperson|representative|envoy|admiral|justice"
    r"|pm|gen\.|adm\.|mrs?\.?|ms\.?)"
)

MEDIA_ADVISORY = Rule(
    term="media advisory",
    cues=("media", "press", "journalist", "reporters", "accredit", "photo"),
    head_cues=("media advisory",),
    opening_cues=(
        "advisory",
        "invite",
        "accredit",
        "rsvp",
        "register",
        "wish",
        "opportunity",
        "asked to",
    ),
    title=one_of(
        r"\b(?:media|press) advisory\b(?! (?:board|council|committee|group|panel|body|service))",
        rf"{START}(?:media|press) (?:alert|invitation|opportunity|accreditation|notice|call"
        rf"|programme|registration)\b|{START}photo ?(?:call|opportunit)",
        r"\b(?:media|press|journalists?) (?:accreditation|registration) (?:for|open|opens|now|is|to"
        r"|deadline|closes)\b|\baccreditation (?:of|for) (?:\S+ )?(?:media|press|journalists)\b"
        r"|\b(?:media|photo|press) opportunit(?:y|ies)\b",
        r"\binvitation (?:to|for) (?:the |all )?(?:media|press|journalists)\b|\binvites? (?:the "
        r"|all |members of the |local )?(?:media|press|journalists|reporters)\b|\b(?:media|press"
        r"|journalists|reporters) (?:are )?(?:cordially )?invited\b",
        rf"{START}(?:notice|note|information|invitation|call) (?:to|for) (?:the )?(?:media"
        rf"|press)\b",
        r"\b(?:to|will) (?:hold|host|give) (?:an? |his |her |their )?(?:\w+ ){0,2}(?:press|news"
        r"|media) (?:conference|briefing)\b",
    ),
    unless=one_of(
        r"\bsocial media\b.*\b(?:campaign|platform)|\b(?:revok|withdraw|suspen|restor|protest"
        r"|regret)\w*\b.*\baccreditation\b",
    ),
    head=one_of(
        r".{0,80}\bmedia advisory\b(?! (?:board|council|committee|group|panel|body|service))",
    ),
    opening=one_of(
        # A heading within the text: a time or a list follows it.
        r"\bmedia advisory (?:\d{1,2}[:.h]\d\d|(?:[a-z]+day,? )?\d{1,2} [a-z]+ \d{4}"
        r"|media coverage|[•*-] )",
        r"\b(?:media|media representatives|journalists|reporters|press) (?:(?:are|is) (?:cordially"
        r" |kindly |also |asked to |requested to |required to )?(?:invited|welcome|confirm|attend"
        r"|register|rsvp|accredit)|(?:wishing|who wish|wanting) to (?:attend|cover|register)"
        r"|interested in (?:attending|covering)|should (?:register|rsvp|contact .{0,60} to"
        r" (?:attend|rsvp)))",
        r"\b(?:invites? (?:the |all |members of the |local )?(?:media|press|journalists|reporters)"
        r"|(?:media|press) accreditation (?:is|for|will|opens?|must|requests?|deadline)"
        r"|accreditation (?:is required|requests? (?:must|should|can)|deadline|of journalists)"
        r"|open to (?:the )?(?:media|press)|(?<!no )(?:media|photo) opportunity)\b",
    ),
    also=(
        Rule(  # French
            term="media advisory",
            cues=("avis", "invitation", "note", "accrédit", "presse", "médias", "journalistes"),
            title=one_of(
                r"\b(?:avis|invitation|note) (?:aux|à la|à l'attention des) (?:médias|presse"
                r"|rédactions|journalistes)\b|\binvitation presse\b|\baccréditations? (?:presse"
                r"|médias?|des? (?:la presse|journalistes|médias))\b|\b(?:presse|médias"
                r"|journalistes) (?:sont )?(?:invité|convié)",
            ),
        ),
        Rule(  # German
            term="media advisory",
            cues=(
                *(
                    "presse",
                    "medien",
                    "termin",
                    "akkreditier",
                    "fototermin",
                    "einladung",
                    "hinweis",
                ),
            ),
            title=one_of(
                r"\b(?:presse|medien)(?:einladung|termin|hinweis|akkreditierung)|\btermin(?:hinweis"
                r"|ankündigung)|\bakkreditierungs(?:hinweis|verfahren|bedingung|frist)|\bfototermin"
                r"|\beinladung (?:an die|zum|zur) (?:\w+ )?(?:presse|medien|foto)|\bhinweise?"
                r" (?:für|an) (?:die )?(?:presse|medien|journalist)",
            ),
        ),
        Rule(  # Spanish, Italian, Dutch
            term="media advisory",
            cues=(
                *("convocatoria", "aviso", "acredita", "invito", "avviso", "persuit"),
                *("uitnodiging", "nota "),
            ),
            title=one_of(
                r"\bconvocatoria (?:de prensa|a (?:los )?medios)\b|\baviso a (?:los )?medios\b"
                r"|\bacreditaci(?:ón|ones) (?:de (?:prensa|medios)|para (?:la prensa|medios))\b",
                r"\b(?:invito|avviso) (?:alla|per la) stampa\b|\bpersuitnodiging\b|\buitnodiging"
                r" (?:voor de )?pers\b",
            ),
        ),
        Rule(  # French, German, Spanish, Italian, Dutch
            term="media advisory",
            opening_cues=("invit", "accrédit", "akkredit", "acredit", "eingeladen", "uitgenodigd"),
            opening=one_of(
                r"\b(?:journalistes|médias|presse) (?:souhaitant|(?:qui )?(?:sont|est|seront)"
                r" (?:\w+ )?(?:invité|convié|prié))|\baccréditations? (?:obligatoire|presse|avant"
                r"|auprès|des (?:journalistes|médias))|\bs'accréditer\b|\bouvert à la presse\b",
                r"\b(?:medienvertreter\w*|journalist\w*|pressevertreter\w*|medien(?:schaffende)?)"
                r" (?:\S+ ){0,6}eingeladen|\b(?:um|zur) (?:vorherige )?akkreditierung"
                r"|\bakkreditierung (?:ist|unter|per|bis|erforderlich)",
                r"\b(?:medios|periodistas) (?:\S+ ){0,4}(?:invitados|convocados|acredit)"
                r"|\bgiornalisti (?:sono )?invitati|\bde pers is (?:van harte )?(?:welkom"
                r"|uitgenodigd)",
            ),
        ),
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

# In French, in German, and in Spanish, Italian, Portuguese and Dutch.
_PERSONNE = (
    r"(?:ministre|présidente?|premi(?:er|ère)|secrétaire|commissaire|roi|reine|délégation|préfet"
    r"|préfète|directeur|directrice|chef|ambassad(?:eur|rice)|maire|général|m\.|mme)"
)
_AMTSPERSON = (
    r"(?:\w*minister(?:in|präsident|präsidentin)?|\w*kanzler(?:in)?|\w*präsident(?:in)?"
    r"|\w*sekretär(?:in)?|\w*kommissar(?:in)?|inspekteur(?:in)?|könig|königin|delegation"
    r"|botschafter"
    r"(?:in)?|\w*bürgermeister(?:in)?|landrat|landrätin|senator(?:in)?|bundesrat|bundesrätin"
    r"|\w*ausschuss|general\w*)"
)
_PERSONA = (
    r"(?:ministr[oae]|president[ea]?|presidenta|rey|reina|secretari[oa]|alcalde|comisari[oa]"
    r"|sottosegretario|canciller|premier|primeiro|minister|staatssecretaris|koning|koningin)"
)

VISIT = Rule(
    term="visit",
    cues=("visit", "travel", "tour", "closes", "welcome", "trip", "arrives"),
    head_cues=("visit", "travel", "welcomed", "trip", "arrived"),
    title=(
        r"\bto (?:pay an? \w+ )?visit\b(?! (?:our|your|the (?:web)?site|us\b|www))",
        *one_of(
            rf"{_COUNTED}\bvisits\b(?! (?:to|per|by|from|of|in|on) (?:the |our |its |their )?"
            r"(?:website|site|page|portal|platform|museum|park|clinic|hospital|gp|doctor|year|day"
            r"|month|week)s?\b)(?! (?:up|down|rose|rise|fell|increased?|decreased?|per|website"
            r"|with)\b)",
            r"\b(?:official|state|working|two-day|three-day|one-day|first|historic|bilateral"
            r"|high-level|concludes?|ends?|begins?|completes?|during|upcoming|port|courtesy) (?:\S+"
            r" ){0,2}"
            rf"{_COUNTED}visit\b",
            rf"{START}visit (?:by|of|to) (?!(?:our|your|the (?:web)?site))",
            rf"\b{PERSON}(?: [\w'.,-]+){{0,6}} (?:visit|trip) to\b",
            r"(?:'s|s') (?:\w+ ){0,2}(?:visit|travel|trip) to\b",
            rf"\b{PERSON}(?: [\w'.,-]+){{0,8}} (?:to travel|travels|travelled|visited|to tour|tours"
            r"|arrives in|closes? [\w' -]{1,30}tour)\b",
            rf"\bwelcomes (?:[\w'.,-]+ ){{0,3}}{PERSON}(?: [\w'.,-]+){{0,8}} to\b",
        ),
    ),
    unless=one_of(
        r"\b(?:visa|website|webpage|tourists?|visitors?|passengers?|holidaymakers?)\b",
        r"\b(?:places|reasons|how|chance|free|things|ways|opportunity|time) to visit\b|\bvisit"
        r" costs?\b",
    ),
    lead=one_of(
        rf"\b{PERSON}(?: [\w'.,()-]+){{0,10}} (?:(?:will|is to|was to|plans to) (?:\w+ )?(?:visit"
        r"|travel to|pay an?)|visited(?! (?:\w+ )?with)|is visiting|is travell?ing to|travell?ed to"
        r"|travels to|arrived in|paid an? (?:\S+ ){0,3}visit)\b(?! (?:the|our) website)",
        rf"\bwelcomed (?:[\w'.,-]+ ){{0,5}}{PERSON}(?: [\w'.,()-]+){{0,10}} to (?:\w+ )?"
        r"(?:headquarters|the (?:elysee|white house|kremlin|palace))",
        r"\b(?:on|during|at the (?:start|end) of|begins|concludes|(?:conclude|end|complete|beg)"
        r"(?:d|ed|an)) (?:an?|his|her|their) (?:\S+ ){0,4}(?:visit|trip) (?:to|in)\b",
    ),
    also=(
        elsewhere(  # French
            "visit",
            ("visit", "déplacement", "se rend", "s'est rend"),
            rf"{START}(?:visite|déplacement) (?:officielle|d'état|de travail|en |à )"
            r"(?!(?:ligne|guidée))|\b(?:en|une) visite (?:officielle|d'état|de travail|à|en|au|aux"
            r"|dans|chez)\b|\ben déplacement (?:à|en|au|aux|dans)\b",
            rf"\b(?:visite|déplacement) (?:\w+ )?(?:du |de la |de l'|de |d')(?:\w+-)?{_PERSONNE}"
            r"(?!\w)",
            rf"\b{_PERSONNE}(?: [\w'.,()-]+){{0,10}},? (?:se rend(?:ra)?|s'est rendue?) (?:[\w']+"
            rf" )?"
            r"(?:à|en|au|aux|dans|sur)\b",
            rf"\b{_PERSONNE}(?: [\w'.,()-]+){{0,10}},? (?:visite|visitera|a visité|effectue(?:ra)?"
            r" (?:une?|sa) (?:\w+ )?(?:visite|déplacement)|a effectué (?:une?|sa) (?:\w+"
            r" )?(?:visite|déplacement))\b",
            unless=r"\bvisites? (?:guidée|médicale|technique|virtuelle|libre)",
        ),
        elsewhere(  # German
            "visit",
            ("*besuch", "reist", "*reise"),
            r"\b(?:staats|antritts|arbeits|truppen|delegations)besuch\b|\breis(?:t|en|te) (?:\w+ )?"
            rf"nach\b|{START}(?:\w+ )?besuch (?:von|de[rs]|in|im|beim?|aus)\b|\bzu besuch (?:in|im"
            r"|beim?)\b|\b(?:dienst|auslands|delegations|nahost|asien|afrika)reise nach\b",
            rf"\b{_AMTSPERSON}(?: [\w'.,()-]+){{0,10}} (?:besucht|reist)e?\b|\bbesucht$"
            rf"|\b(?:besucht|reist)e? (?:\S+ ){{0,3}}{_AMTSPERSON}\b|^[\w-]+ besucht\b",
            unless=r"\b(?:kind(?:er)?|schüler\w*|prozent|millionen|jede[rs]?|besucher\w*"
            r"|besuchszeit\w*|studierende\w*|gäste\w*)\b",
        ),
        elsewhere(  # Spanish, Portuguese, Italian, Dutch
            "visit",
            ("visit", "viaj", "in missione", "*bezoek", "bezocht"),
            r"^[\w-]+ viaja(?:rá)? a\b|\b(?:visita|viaje) (?:oficial|de estado|de trabajo|ufficiale"
            r"|di stato|del? (?:president|ministr|rey|secretari|rein)|do (?:president|ministr)"
            r"|della? (?:ministr|president))",
            rf"\b{_PERSONA}(?: [\w'.,-]+){{0,8}} (?:viaja(?:rá)? an?|viajó an?|visita(?:rá)?|visitó"
            r"|ha visitado|in visita|in missione|bezoekt|bezocht|(?:bracht|brengt) (?:\S+ ){0,3}"
            r"(?:werk)?bezoek|op (?:werk)?bezoek)\b|\b(?:werk|staats)bezoek (?:aan|van)\b",
            unless=r"\bvisitas? (?:guiad|virtual)",
        ),
    ),
)

PRESS_CONFERENCE = Rule(
    term="press conference",
    cues=("conference", "briefing", "press", "media", "news"),
    head_cues=("press conference", "press briefing", "news conference", "media briefing"),
    title=one_of(
        r"\b(?:press|news|media) conference\b",
        r"\b(?:press|media) (?:briefing|point|availability|gaggle|encounter|stakeout|roundtable)\b",
        rf"{START}(?:daily |noon |weekly |department )(?:\w+ )?briefing\b",
    ),
    unless=one_of(
        r"\b(?:postpone|cancel)\w*\b|\bpress conference (?:room|centre|center)\b",
        r"\bpress conference\b.* (?:is|was) (?:no|not|an?)\b",
    ),
    lead=one_of(
        r"^(?:.{0,40}- )?at an? (?:\w+ ){0,3}(?:press|news) conference (?:today|yesterday|here|on"
        r"|in|at|\w+day)\b",
        r"\b(?:will|to) (?:hold|give|host) an? (?:\w+ ){0,2}(?:press|news|media) (?:conference"
        r"|briefing)\b",
    ),
    also=(
        elsewhere(  # French, German, Spanish, Portuguese, Italian, Dutch, Swedish, Polish
            "press conference",
            (
                *("conférence de presse", "point presse", "point de presse", "*pressekonferenz"),
                *("*medienkonferenz", "presse", "mediengespräch", "rueda de prensa", "conferenza"),
                *("conferencia de prensa", "coletiva", "conferência de imprensa", "konferencja"),
                *("persconferentie", "pressträff", "presskonferens"),
            ),
            rf"{START}(?:\S+ ){{0,4}}(?:conférence de presse|point (?:de )?presse)\b|\bconférence"
            rf" de"
            r" presse (?:du|de|d'|conjointe)\b|\b(?:tiendra|donnera) une? (?:conférence de|point"
            r" (?:de )?)presse\b",
            r"^(?:\S+ ){0,6}\w*(?:presse|medien)(?:konferenz|gespräch|briefing|begegnung)\b"
            r"|\b(?:lädt|laden) .{0,80}(?:presse|medien)(?:konferenz|gespräch)\b"
            r"|^presse-?statements?\b",
            r"\brueda de prensa\b|\bconferencia de prensa\b|\b(?:coletiva|conferência) de"
            r" imprensa\b|\bconferenza stampa\b|\bpersconferentie\b|\bpress(?:träff|konferens)\b"
            r"|\bkonferencja prasowa\b",
            unless=r"(?:annul|abgesagt|verschoben|cancelad|aplazad|reporté)",
        ),
    ),
)
