"""Dutch: the words of its dates."""

from aggregator.dating.languages.language import Language

DUTCH = Language(
    tag="nl",
    months=(
        "januari jan", "februari feb", "maart mrt", "april apr", "mei", "juni jun", "juli jul",
        "augustus aug", "september sept sep", "oktober okt", "november nov", "december dec",
    ),
    weekdays=("maandag ma.", "dinsdag di.", "woensdag wo.", "donderdag do.", "vrijdag vr.",
              "zaterdag za.", "zondag zo."),
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
    days={"vandaag": 0, "vanavond": 0, "vanochtend": 0, "gisteren": -1, "morgen": 1,
          "goede morgen": None, "de morgen": None},
    known_by="de het een van en in op met voor dat",
    past=(
        r"(?:werd|werden|was|waren|had|hadden|heeft|hebben|vond|vonden|nam|namen|sprak|spraken"
        r"|bezocht|bezochten|ontving|ontmoette|kwam|kwamen)"
    ),
    present=r"(?:vindt|vinden|ontmoet|bezoekt|ontvangt)",
    future=r"(?:zal|zullen|gepland|aanstaande|komende|uiterlijk)",
    date_labels="datum",
    history="sinds",
    today="vandaag",
)  # fmt: skip
