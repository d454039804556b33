"""Reports of one matter at its stages, and releases of which one word was corrected.

Returns pairs with their kind and whether they are one release.  All texts are written for this
purpose, in six languages.
"""
# ruff: noqa: E501 - the sentences are kept whole, one to a line

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations, pairwise

from pairs import Pair

from aggregator.dedupe.compare import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """What an office reports several times: a title and a lead a stage, and what is always told."""

    agency: str
    language: str
    stages: tuple[tuple[str, str], ...]
    told: str


_TRADE = (
    " over a scheme in which forged invoices were used to move twelve million euros out of a fund for rural "
    "schools, the office said on Tuesday. The money went through four companies that had neither staff nor "
    "premises. An accountant of the fund noticed in 2019 that three bills carried the same number, and told "
    "her supervisor. Searches of two flats and a boathouse brought to light ledgers, stamps and a list of "
    "passwords. Officers of the fraud section worked with colleagues in Lisbon and Riga for fourteen months. "
    "“Children went without books so that he could buy boats,” said prosecutor Ellen Marsh. The fund has "
    "since changed its rules, and every payment above five thousand euros now needs two signatures."
)
MATTERS = (
    Matter(agency="District Prosecutor", language="en", told=_TRADE, stages=(
        ("Former treasurer arrested over fraud against school fund", "A former treasurer, Aldous Brenner, was arrested"),
        ("Former treasurer charged over fraud against school fund", "A former treasurer, Aldous Brenner, was charged"),
        ("Former treasurer indicted for fraud against school fund", "A former treasurer, Aldous Brenner, was indicted"),
        ("Former treasurer pleads guilty to fraud against school fund", "A former treasurer, Aldous Brenner, pleaded guilty"),
        ("Former treasurer goes on trial for fraud against school fund", "A former treasurer, Aldous Brenner, went on trial"),
        ("Former treasurer convicted of fraud against school fund", "A former treasurer, Aldous Brenner, was convicted"),
        ("Former treasurer sentenced for fraud against school fund", "A former treasurer, Aldous Brenner, was sentenced"),
    )),
    Matter(agency="Parliament", language="en", stages=(
        ("Harbour Safety Bill proposed", "The Harbour Safety Bill was proposed in the chamber on Tuesday"),
        ("Harbour Safety Bill has its first reading", "The Harbour Safety Bill had its first reading in the chamber on Tuesday"),
        ("Harbour Safety Bill has its second reading", "The Harbour Safety Bill had its second reading in the chamber on Tuesday"),
        ("Harbour Safety Bill adopted", "The Harbour Safety Bill was adopted in the chamber on Tuesday"),
        ("Harbour Safety Bill signed", "The Harbour Safety Bill was signed in the chamber on Tuesday"),
        ("Harbour Safety Act enters into force", "The Harbour Safety Act entered into force on Tuesday"),
    ), told=(
        ". It obliges every port with more than two berths to keep a tug, a pilot and a fire crew on duty day and "
        "night. Owners of small quays may share a crew. The text goes back to an inquiry into the loss of the "
        "ferry Marigold, in which nine people died within sight of the pier. Unions had asked for it since "
        "1998, shipowners called it costly. Inspectors are to visit each port once a year and publish what they find."
    )),
    Matter(agency="City Museum", language="en", stages=(
        ("Museum announces exhibition of river maps", "The City Museum announced its exhibition of river maps"),
        ("Exhibition of river maps opens", "The City Museum opened its exhibition of river maps"),
        ("Exhibition of river maps closes", "The City Museum closed its exhibition of river maps"),
    ), told=(
        ", which brings together ninety sheets drawn between 1560 and 1910 and lent by eleven archives. Most had "
        "never left their drawers. A room is given over to the surveyors, who walked the banks with chains and "
        "slept in barns. Children can draw a river of their own on a table of glass. “A map is a letter to "
        "somebody who will come later,” said curator Hana Weiss. A catalogue is on sale in the shop."
    )),
    Matter(agency="Roads Authority", language="en", stages=(
        ("Work on Carrow bridge launched", "Work on the new bridge over the Carrow was launched"),
        ("Work on Carrow bridge under way", "Work on the new bridge over the Carrow is under way"),
        ("Work on Carrow bridge completed", "Work on the new bridge over the Carrow was completed"),
    ), told=(
        ". The bridge of 340 metres replaces a ferry that stops whenever the water is high. It has two lanes, a "
        "path for cyclists and a passage for otters. Seventy people are employed on the site, most of them from "
        "the valley. The steel comes from a mill at the coast and is brought by barge. Half of the cost is met by "
        "the regional fund, half by the county, which raised a loan over thirty years."
    )),
    Matter(agency="Weather Service", language="en", stages=(
        ("Flood warning for the lower valley issued", "A flood warning was issued for the lower valley"),
        ("Flood warning for the lower valley extended", "A flood warning was extended for the lower valley"),
        ("Flood warning for the lower valley lifted", "A flood warning was lifted for the lower valley"),
    ), told=(
        " on Sunday morning, and residents of Aske, Thorn and Little Wade are asked to listen to the radio. After "
        "three days of rain the river stood two metres above its usual level. Volunteers filled sandbags in the "
        "gymnasium, and the school in Thorn served as a shelter for forty families. The road along the dyke is "
        "watched by the fire service. Questions are answered by the town hall at any hour."
    )),
    Matter(agency="County Police", language="en", stages=(
        ("Hiker, 67, missing near Glen Orrin", "A hiker, 67, has been missing near Glen Orrin since Friday"),
        ("Hiker, 67, found safe near Glen Orrin", "A hiker, 67, has been found safe near Glen Orrin"),
    ), told=(
        ". She had set out from the car park at the weir with a red jacket, a stick and a small brown dog. The "
        "mountain rescue team, two dogs and a helicopter took part in the search. Mist made it hard to see more "
        "than a few steps. A shepherd remembers a woman who asked him for the way to the chapel. The family "
        "thanks everybody who helped and asks to be left in peace."
    )),
    Matter(agency="Statistics Office", language="en", stages=(
        ("Harvest of the year: preliminary results", "The office published its preliminary results on the harvest"),
        ("Harvest of the year: final results", "The office published its final results on the harvest"),
    ), told=(
        ". Farmers brought in less wheat and more barley than in the year before, since the spring was wet and "
        "the summer short. Orchards in the south lost blossom to a late frost. The results rest on reports of "
        "nine hundred farms, which are drawn by lot and asked by post. A description of the method is on the "
        "website, as are tables by district. Enquiries are answered by the section for agriculture."
    )),
    Matter(agency="Council of the Union", language="en", stages=(
        ("Marta Olin nominated as ombudsman", "Marta Olin was nominated as ombudsman"),
        ("Marta Olin appointed as ombudsman", "Marta Olin was appointed as ombudsman"),
        ("Marta Olin sworn in as ombudsman", "Marta Olin was sworn in as ombudsman"),
        ("Marta Olin resigns as ombudsman", "Marta Olin resigned as ombudsman"),
    ), told=(
        " at a sitting in the old town hall. The lawyer, who was born in a village of fishermen, taught public law "
        "for twenty years and sat on the commission for prisons. The ombudsman hears complaints of citizens "
        "against any office and reports to the assembly. Her predecessor dealt with four thousand letters a "
        "year, most of them on pensions and building permits."
    )),
    Matter(agency="Staatsanwaltschaft", language="de", stages=(
        ("Kassenwart wegen Betrugs festgenommen", "Ein früherer Kassenwart ist am Dienstag wegen Betrugs festgenommen worden"),
        ("Kassenwart wegen Betrugs angeklagt", "Ein früherer Kassenwart ist am Dienstag wegen Betrugs angeklagt worden"),
        ("Kassenwart wegen Betrugs verurteilt", "Ein früherer Kassenwart ist am Dienstag wegen Betrugs verurteilt worden"),
    ), told=(
        ". Er soll mit gefälschten Rechnungen zwölf Millionen Euro aus einem Fonds für Dorfschulen abgezweigt "
        "haben. Das Geld floss über vier Firmen, die weder Personal noch Räume hatten. Einer Buchhalterin fiel "
        "auf, dass drei Belege dieselbe Nummer trugen. In zwei Wohnungen und einem Bootshaus fanden die Beamten "
        "Stempel, Listen und ein Heft mit Kennwörtern. Der Fonds hat seine Regeln inzwischen geändert."
    )),
    Matter(agency="Landtag", language="de", stages=(
        ("Hafengesetz in erster Lesung", "Das Hafengesetz war am Mittwoch in erster Lesung im Landtag"),
        ("Hafengesetz in zweiter Lesung", "Das Hafengesetz war am Mittwoch in zweiter Lesung im Landtag"),
        ("Hafengesetz beschlossen", "Das Hafengesetz wurde am Mittwoch im Landtag beschlossen"),
        ("Hafengesetz in Kraft", "Das Hafengesetz ist seit Mittwoch in Kraft"),
    ), told=(
        ". Jeder Hafen mit mehr als zwei Liegeplätzen braucht danach Tag und Nacht einen Schlepper, einen Lotsen "
        "und eine Feuerwehr. Kleine Häfen dürfen sich zusammentun. Anlass war der Untergang der Fähre Marigold, "
        "bei dem neun Menschen in Sichtweite der Mole starben. Gewerkschaften hatten lange darauf gedrängt, "
        "Reeder hielten es für zu teuer. Einmal im Jahr kommt ein Prüfer in jeden Hafen."
    )),
    Matter(agency="Stadtmuseum", language="de", stages=(
        ("Ausstellung alter Flusskarten eröffnet", "Das Stadtmuseum hat die Ausstellung alter Flusskarten eröffnet"),
        ("Ausstellung alter Flusskarten beendet", "Das Stadtmuseum hat die Ausstellung alter Flusskarten beendet"),
    ), told=(
        ". Neunzig Blätter aus elf Archiven sind zu sehen, die meisten davon zum ersten Mal. Ein Raum gehört den "
        "Vermessern, die mit Ketten am Ufer entlanggingen und in Scheunen schliefen. Kinder zeichnen an einem "
        "gläsernen Tisch einen eigenen Fluss. Der Katalog kostet zwölf Euro und liegt an der Kasse aus."
    )),
    Matter(agency="Parquet", language="fr", stages=(
        ("Un ancien trésorier interpellé pour fraude", "Un ancien trésorier a été interpellé mardi pour fraude"),
        ("Un ancien trésorier mis en examen pour fraude", "Un ancien trésorier a été mis en examen mardi pour fraude"),
        ("Un ancien trésorier condamné pour fraude", "Un ancien trésorier a été condamné mardi pour fraude"),
    ), told=(
        ". Douze millions d’euros destinés aux écoles rurales avaient été détournés au moyen de fausses factures. "
        "L’argent passait par quatre sociétés sans personnel ni locaux. Une comptable avait remarqué que trois "
        "pièces portaient le même numéro. Les enquêteurs ont saisi des tampons, des listes et un carnet dans deux "
        "appartements et un hangar. Le fonds a depuis modifié ses règles."
    )),
    Matter(agency="Assemblée", language="fr", stages=(
        ("La loi sur les ports en première lecture", "La loi sur les ports est passée mercredi en première lecture"),
        ("La loi sur les ports en deuxième lecture", "La loi sur les ports est passée mercredi en deuxième lecture"),
        ("La loi sur les ports promulguée", "La loi sur les ports a été promulguée mercredi"),
    ), told=(
        ". Chaque port de plus de deux postes devra disposer jour et nuit d’un remorqueur, d’un pilote et d’une "
        "équipe de pompiers. Les petits ports pourront s’associer. Le texte fait suite au naufrage du Marigold, "
        "qui a coûté la vie à neuf personnes en vue de la jetée. Les syndicats le demandaient depuis longtemps."
    )),
    Matter(agency="Fiscalía", language="es", stages=(
        ("Un antiguo tesorero detenido por fraude", "Un antiguo tesorero fue detenido el martes por fraude"),
        ("Un antiguo tesorero condenado por fraude", "Un antiguo tesorero fue condenado el martes por fraude"),
        ("Un antiguo tesorero absuelto de fraude", "Un antiguo tesorero fue absuelto el martes de fraude"),
    ), told=(
        ". Doce millones de euros de un fondo para escuelas rurales salieron del país con facturas falsas. El "
        "dinero pasaba por cuatro empresas sin personal ni locales. Una contable vio que tres recibos llevaban el "
        "mismo número. Los agentes hallaron sellos, listas y un cuaderno en dos pisos y un cobertizo. El fondo ha "
        "cambiado sus normas desde entonces."
    )),
    Matter(agency="Comune", language="it", stages=(
        ("Mostra di mappe fluviali inaugurata", "La mostra di mappe fluviali è stata inaugurata al museo civico"),
        ("Mostra di mappe fluviali conclusa", "La mostra di mappe fluviali è stata conclusa al museo civico"),
    ), told=(
        ". Novanta fogli provengono da undici archivi e quasi tutti si vedono per la prima volta. Una sala è "
        "dedicata ai topografi, che percorrevano le rive con le catene e dormivano nei fienili. I bambini "
        "disegnano un fiume su un tavolo di vetro. Il catalogo costa dodici euro e si trova alla cassa."
    )),
    Matter(agency="Gemeente", language="nl", stages=(
        ("Nieuwe havenwet voorgesteld", "De nieuwe havenwet is woensdag voorgesteld in de raad"),
        ("Nieuwe havenwet aangenomen", "De nieuwe havenwet is woensdag aangenomen in de raad"),
        ("Nieuwe havenwet van kracht", "De nieuwe havenwet is sinds woensdag van kracht"),
    ), told=(
        ". Elke haven met meer dan twee ligplaatsen moet dag en nacht een sleepboot, een loods en een brandweer "
        "paraat hebben. Kleine havens mogen samenwerken. Aanleiding was het vergaan van de veerboot Marigold, "
        "waarbij negen mensen in het zicht van de pier omkwamen. De vakbonden vroegen er al jaren om."
    )),
)  # fmt: skip


def close_pairs() -> list[Pair]:
    """Return the pairs of all kinds."""
    return [*_sequels(), *_stage_words_edited(), *_slips(), *_series()]


def _sequels() -> Iterator[Pair]:
    """Yield each first report, cut and whole, with each later one, which tells the first again."""
    for matter in MATTERS:
        texts = [_report(matter, *stage) for stage in matter.stages]
        for at, later in combinations(range(len(texts)), 2):
            first, second = texts[at], texts[later]
            again = f"{second.body}\n\nBackground. {matter.stages[at][1]} before."
            told = replace(second, body=again)
            yield Pair(kind="first report and sequel", merge=False, one=first, other=second)
            yield Pair(
                kind="first report cut, and sequel", merge=False, one=_cut(first), other=second
            )
            yield Pair(
                kind="first report cut, and sequel", merge=False, one=_cut(first), other=told
            )


def _stage_words_edited() -> Iterator[Pair]:
    """Yield a release and its edit, in which title or text alone says another stage or tense."""
    for matter in MATTERS:
        texts = [_report(matter, *stage) for stage in matter.stages]
        for one, other in pairwise(texts):
            yield Pair(
                kind="stage corrected in title",
                merge=True,
                one=replace(one, title=other.title),
                other=one,
            )
            yield Pair(kind="report cut", merge=True, one=_cut(one), other=one)
    for title, before, after in _TENSES:
        told = MATTERS[3].told
        one, other = (
            Text(agency="Roads Authority", title=title, body=said + told)
            for said in (before, after)
        )
        yield Pair(kind="tense changed", merge=True, one=one, other=other)


_TENSES = (
    ("New bridge over the Carrow", "The bridge will be opened to the public", "The bridge was opened to the public"),
    ("Minister opens bridge over the Carrow", "The minister opens the bridge today", "The minister opened the bridge today"),
    ("Council visits bridge over the Carrow", "The council visits the site of the bridge", "The council visited the site of the bridge"),
    ("Verdict on the bridge over the Carrow", "The builder is to be sentenced on Monday", "The builder was sentenced on Monday"),
)  # fmt: skip


def _report(matter: Matter, title: str, lead: str) -> Text:
    return Text(
        agency=matter.agency, title=title, body=lead + matter.told, language=matter.language
    )


def _cut(text: Text) -> Text:
    return replace(text, body=text.body[:260].rstrip() + "…")


# What an editor corrects: a name, a day, a figure in title and text. "{}" is the place.
_SLIPS = (
    ("name", "en", "Coastguard thanks the crew of the Marigold", "The skipper, {}, said that the rescue of the nine took less than an hour", ("Peter Halvorsen", "Peter Halvorson")),
    ("name", "en", "Court hears appeal on the harbour at Thorn", "Judge {} gave both sides an hour and asked for photographs of the quay", ("Jon Meyer", "John Maier")),
    ("name", "en", "Ministers discuss the river treaty at Aske", "The treaty was first discussed in {} before the war and then forgotten", ("Kiev", "Kyiv")),
    ("name", "de", "Küstenwache dankt der Besatzung der Marigold", "Der Kapitän, {}, sagte, die Rettung habe keine Stunde gedauert", ("Jörg Schmitt", "Jörg Schmidt")),
    ("name", "fr", "Les garde-côtes remercient l’équipage du Marigold", "Le capitaine, {}, a dit que le sauvetage avait duré moins d’une heure", ("Yves Lefèvre", "Yves Lefebvre")),
    ("name", "es", "La guardia costera agradece a la tripulación", "El capitán, {}, dijo que el rescate duró menos de una hora", ("Javier Giménez", "Javier Jiménez")),
    ("name", "it", "La guardia costiera ringrazia l’equipaggio", "Il capitano, {}, ha detto che il soccorso è durato meno di un’ora", ("Luca Viezzoli", "Luca Viezoli")),
    ("name", "nl", "Kustwacht dankt de bemanning van de Marigold", "De kapitein, {}, zei dat de redding nog geen uur duurde", ("Jan de Vries", "Jan de Fries")),
    ("day", "en", "Coastguard thanks the crew of the Marigold", "The ferry was lost on {} 2019 in a heavy swell off the pier", ("3 March", "4 March")),
    ("day", "en", "Man sentenced for theft from the harbour office", "He was arrested on {}, 2021 at his sister’s house", ("June 14", "June 19")),
    ("day", "en", "Work of the inquiry into the ferry Marigold", "The inquiry was set up in {} 2019 and heard forty witnesses", ("March", "April")),
    ("day", "en", "History of the lighthouse at Little Wade", "The lighthouse was built in {} by prisoners and has two lamps", ("1873", "1878")),
    ("day", "en", "Coastguard thanks the crew of the Marigold", "The ferry left Thorn on {} 2019 with eighty people on board", ("Tuesday 5 March", "Wednesday 6 March")),
    ("day", "de", "Küstenwache dankt der Besatzung der Marigold", "Die Fähre wurde am {} 2019 bei hohem Seegang vermisst", ("3. März", "5. März")),
    ("day", "fr", "Les garde-côtes remercient l’équipage du Marigold", "Le navire a été perdu le {} 2019 par forte houle", ("3 mars", "5 mars")),
    ("day", "es", "La guardia costera agradece a la tripulación", "El barco fue visto el {} de 2019 con fuerte oleaje", ("3 de marzo", "5 de marzo")),
    ("day", "it", "La guardia costiera ringrazia l’equipaggio", "La nave è stata perduta il {} 2019 con mare mosso", ("3 marzo", "5 marzo")),
    ("day", "nl", "Kustwacht dankt de bemanning van de Marigold", "Het schip werd op {} 2019 bij zware deining verloren", ("3 maart", "5 maart")),
    ("figure", "en", "{} people rescued from the ferry Marigold", "The crew took {} people off the ferry within an hour", ("87", "78")),
    ("figure", "en", "Grants of ${} million for small harbours", "Small harbours receive grants of ${} million over four years", ("4.2", "4.7")),
    ("figure", "en", "Operation at sea: {} arrested, boats seized", "Officers arrested {} men and seized five boats without a shot", ("14", "16")),
    ("figure", "en", "Three men jailed for {} years over stolen anchors", "The three were jailed for {} years each and lost their licences", ("6", "7")),
    ("figure", "en", "{} boats seized in operation against eel smugglers", "Officers seized {} boats and a van. The {} boats were taken to Thorn", ("Three", "Four")),
    ("figure", "de", "{} Menschen von der Fähre Marigold gerettet", "Die Besatzung holte {} Menschen in einer Stunde von Bord", ("87", "78")),
    ("figure", "fr", "{} personnes sauvées du navire Marigold", "L’équipage a sauvé {} personnes en moins d’une heure", ("87", "78")),
    ("figure", "es", "{} personas rescatadas del barco Marigold", "La tripulación rescató a {} personas en menos de una hora", ("87", "78")),
    ("figure", "it", "{} persone salvate dalla nave Marigold", "L’equipaggio ha salvato {} persone in meno di un’ora", ("87", "78")),
    ("figure", "nl", "{} mensen gered van de veerboot Marigold", "De bemanning haalde {} mensen binnen een uur van boord", ("87", "78")),
)  # fmt: skip
# What a series changes: the same place in the text, but another release.
_SERIES = (
    ("en", "Unemployment at {0}% in {1}", "Unemployment stood at {0}% in {1}, the office said", (("4.1", "May"), ("4.2", "June"))),
    ("en", "Situation report {0} on the floods", "This is situation report {0} on the floods in the lower valley", (("17",), ("18",))),
    ("en", "{0}th meeting of the harbour committee", "The {0}th meeting of the committee dealt with dredging and fees", (("17",), ("18",))),
    ("en", "Weekly count: {0} seals at Little Wade", "Wardens counted {0} seals on the sandbank", (("212",), ("231",))),
    ("en", "Harbour committee: notice of a sitting", "The committee will sit on {0} 2024 in the old customs house", (("5 March",), ("6 March",))),
    ("en", "Harbour committee: notice of a sitting", "The committee meets on {0} 2024 in the old customs house", (("5 January",), ("5 February",))),
    ("en", "Man sentenced for theft from the harbour office", "{0}, {1}, was sentenced for theft", (("Peter Dole", "34"), ("Simon Hart", "51"))),
    ("en", "{0} sentenced for theft from the harbour office", "{0} was sentenced for theft from the office", (("Peter Dole",), ("Simon Hart",))),
    ("en", "Minister receives the ambassador of {0}", "The minister received the ambassador of {0} for talks on fishing", (("Austria",), ("Australia",))),
    ("en", "Rescued in the past day: {0} people", "In the past 24 hours the service rescued {0} people", (("12",), ("9",))),
    ("de", "{0}. Sitzung des Hafenausschusses", "Die {0}. Sitzung des Ausschusses galt den Gebühren", (("17",), ("18",))),
    ("de", "Bekanntmachung des Hafenausschusses", "Der Ausschuss tagt am {0} 2024 im alten Zollhaus", (("5. März",), ("6. März",))),
    ("de", "Arbeitslosigkeit im {1}: {0} Prozent", "Die Quote lag im {1} bei {0} Prozent", (("4,1", "Mai"), ("4,2", "Juni"))),
    ("fr", "Avis de réunion de la commission du port", "La commission se réunira le {0} 2024 dans l’ancienne douane", (("5 mars",), ("6 mars",))),
    ("fr", "Bulletin mensuel : {0} navires au port", "Le port a reçu {0} navires", (("212",), ("231",))),
    ("es", "Aviso de sesión de la comisión del puerto", "La comisión se reúne el {0} de 2024 en la antigua aduana", (("5 de enero",), ("5 de febrero",))),
    ("it", "Avviso di seduta della commissione del porto", "La commissione si riunisce il {0} 2024 nella vecchia dogana", (("5 gennaio",), ("5 febbraio",))),
    ("nl", "Bericht van de havencommissie", "De commissie komt op {0} 2024 bijeen in het oude douanehuis", (("5 januari",), ("5 februari",))),
)  # fmt: skip
# Told besides where one matter alone is a short text.
_MORE = {
    "es": "Los vecinos del barrio llevaron mantas y sopa al muelle. Una escuela abrió su gimnasio para quienes no tenían donde dormir. El alcalde agradeció a todos y recordó que la sirena se prueba los sábados.",
    "it": "Gli abitanti del quartiere hanno portato coperte e minestra al molo. Una scuola ha aperto la palestra per chi non aveva dove dormire. Il sindaco ha ringraziato tutti e ha ricordato che la sirena si prova il sabato. Le barche dei pescatori sono rimaste in porto.",
    "nl": "Buurtbewoners brachten dekens en soep naar de kade. Een school opende haar gymzaal voor wie geen slaapplaats had. De burgemeester bedankte iedereen en herinnerde eraan dat de sirene op zaterdag wordt getest. De vissersboten bleven in de haven en het café deelde koffie uit.",
}  # fmt: skip


def _slips() -> Iterator[Pair]:
    """Yield a release and its correction in one fact, once with the fact far down."""
    for what, language, title, said, (wrong, right) in _SLIPS:
        for far in (False, True):
            one, other = (_filled(language, title, said, (fact,), far) for fact in (wrong, right))
            yield Pair(kind=f"{what} corrected once", merge=True, one=one, other=other)


def _series() -> Iterator[Pair]:
    """Yield two releases of a series that differ in no more than a slip would."""
    for language, title, said, (before, after) in _SERIES:
        for far in (False, True):
            one, other = (_filled(language, title, said, facts, far) for facts in (before, after))
            yield Pair(kind="next of a series", merge=False, one=one, other=other)


def _filled(language: str, title: str, said: str, facts: tuple[str, ...], far: bool) -> Text:
    told = " ".join(
        dict.fromkeys(matter.told[1:].strip() for matter in MATTERS if matter.language == language)
    )
    told = f"{told.lstrip('. ,')} {_MORE.get(language, '')}".strip()
    sentence = said.replace("{}", "{0}").format(*facts) + "."
    return Text(
        agency="Harbour Office",
        title=title.replace("{}", "{0}").format(*facts),
        body=f"{told} {sentence}" if far else f"{sentence} {told}",
        language=language,
    )
