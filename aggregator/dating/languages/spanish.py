"""Spanish: the words of its dates."""

from aggregator.dating.languages.language import Language

SPANISH = Language(
    tag="es",
    months=(
        "enero ene", "febrero feb", "marzo", "abril abr", "mayo", "junio jun", "julio jul",
        "agosto ago", "septiembre setiembre sept", "octubre oct", "noviembre nov",
        "diciembre dic",
    ),
    weekdays=("lunes lun", "martes", "miércoles mié", "jueves jue", "viernes vie", "sábado sáb",
              "domingo dom"),
    ambiguous="mayo julio ago domingo dom mañana hoy",
    lists="y e o",
    ranges="al a hasta",
    from_words="del desde",
    between_words="entre",
    of_words="de del",
    articles="el los",
    ordinals="º ° o",
    leads="en desde hasta mediados principios finales de",
    before={"este": 0, "esta": 0, "pasado": -1, "pasada": -1, "próximo": 1, "próxima": 1},
    after={"pasado": -1, "pasada": -1, "próximo": 1, "próxima": 1},
    units={"semana": "week", "mes": "month", "año": "year"},
    days={
        "hoy": 0, "esta mañana": 0, "esta tarde": 0, "esta noche": 0, "ayer": -1, "anoche": -1,
        "mañana": 1, "la mañana": None, "santo domingo": None,
    },
    known_by="el la los las del y en que por con una para",
    past=(
        r"(?:\w{2,}(?:ó|aron|ieron)|fue|fueron|tuvo|tuvieron|hizo|hicieron|dijo|estuvo"
        r"|ha \w+do|han \w+do|era|eran|había)"
    ),
    present=r"(?:se reúne|participa|recibe|visita|celebra|comienza)",
    future=r"(?:\w{2,}(?:ará|erá|irá|arán|erán|irán|drá|drán)|va a|van a|previst[oa]s?|próxim[oa])",
    openers="ha han va van se",
    advisories=("aviso a los medios",),
    issued="publicado",
    date_labels="fecha",
    event_labels="cuándo",
    schedule_labels="hora|lugar",
    history="desde",
    deadlines="hasta el",
    until="hasta el",
    today="hoy",
    abbreviations="sra?",
)  # fmt: skip
