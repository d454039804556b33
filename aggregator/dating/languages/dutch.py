"""Dutch: the words of its dates."""

from aggregator.dating.languages.language import Language, with_parts_of_day

DUTCH = Language(
    tag="nl",
    months=(
        "januari | jan", "februari | feb", "maart | mrt", "april | apr", "mei", "juni | jun",
        "juli | jul", "augustus | aug", "september | sept sep", "oktober | okt", "november | nov",
        "december | dec",
    ),
    weekdays=with_parts_of_day(
        ("maandag | ma.", "dinsdag | di.", "woensdag | wo.", "donderdag | do.", "vrijdag | vr.",
         "zaterdag | za.", "zondag | zo."),
        "ochtend morgen middag namiddag avond nacht",
    ),
    ambiguous="morgen",
    lists="en",
    ranges="tot t/m",
    from_words="van",
    between_words="tussen",
    of_words="van",
    articles="de den",
    ordinals="e ste de",
    leads="in sinds eind begin half medio tot",
    before={"vorige": -1, "afgelopen": -1, "deze": 0, "dit": 0, "volgende": 1, "komende": 1},
    units={"week": "week", "weekend": "weekend", "maand": "month", "jaar": "year"},
    days={"vandaag": 0, "vanavond": 0, "vanochtend": 0, "gisteren": -1, "gisteravond": -1,
          "gisterochtend": -1, "eergisteren": -2,
          "overmorgen": 2, "morgen": 1,
          "goede morgen": None, "de morgen": None},
    known_by="de het een van en in is op met voor dat te aan zijn door",
    past=(
        r"(?:werd|werden|was|waren|had|hadden|heeft|hebben|vond|vonden|nam|namen|sprak|spraken"
        r"|bezocht|bezochten|ontving|ontmoette|kwam|kwamen)"
    ),
    present=r"(?:ontmoet|bezoekt|ontvangt|vandaag)",
    future=(
        r"(?:zal|zullen|vindt|vinden|begint|start|gepland|aanstaande|komende|uiterlijk|houdt"
        r"|houden|opent|openen|sluit|eindigt|wordt|worden|moet|moeten|kan|kunnen|gaat|gaan|geldt)"
    ),
    issued="gepubliceerd|uitgebracht",
    date_labels=(
        "datum|gepubliceerd(?: op)?|publicatiedatum|geplaatst(?: op)?|aangemaakt(?: op)?"
        "|nieuwsbericht|persbericht"
    ),
    revised=(
        "(?:laatst )?(?:bijgewerkt|gewijzigd|aangepast|geactualiseerd)(?: op)?"
        "|laatste (?:update|wijziging)"
    ),
    event_labels="wanneer",
    schedule_labels="locatie|plaats|tijd",
    history="sinds|verjaardag van|herdenking van|opgericht op|geboren op",
    acts=(
        r"(?:\w*(?:wet|besluit|verdrag|verordening|richtlijn|overeenkomst|regeling)|resolutie"
        r"|conventie)(?: \(\w{2,4}\))?(?: \d\S*)? van"
    ),
    streets=r"\w*(?:straat|plein|laan|brug)",
    deadlines="voor|uiterlijk|uiterlijk op|vóór|vanaf",
    until="tot|tot en met|t/m",
    planned=(
        r"(?:gepland|uitgesteld|verschoven|vastgesteld|geldig|verplaatst|treedt in werking"
        r"|verdaagd|verwacht|verlengd|volgt|volgen)(?: \w+){0,3}? (?:op|tot|naar|voor|per|vanaf)"
    ),
    sets="met ingang van|(?:treedt|treden|begint|eindigt|sluit|opent) (?:op|vanaf)",
)  # fmt: skip
