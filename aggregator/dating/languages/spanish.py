"""Spanish: the words of its dates."""

from aggregator.dating.languages.language import Language

SPANISH = Language(
    tag="es",
    months=(
        "enero | ene", "febrero | feb", "marzo", "abril | abr", "mayo", "junio | jun",
        "julio | jul", "agosto | ago", "septiembre setiembre | sept", "octubre | oct",
        "noviembre | nov", "diciembre | dic",
    ),
    weekdays=("lunes | lun", "martes", "miércoles | mié", "jueves | jue", "viernes | vie",
              "sábado | sáb",
              "domingo | dom"),
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
        "anteayer": -2, "pasado mañana": 2, "mañana": 1, "la mañana": None, "santo domingo": None,
    },
    known_by="el la los las de del y en que por con un una para al fue ha lo su",
    past=(
        r"(?:\w{2,}(?:ó|aron|ieron)|fue|fueron|tuvo|tuvieron|hizo|hicieron|dijo|estuvo"
        r"|ha \w+do|han \w+do|era|eran|había)"
    ),
    present=r"(?:se reúne|participa|recibe|visita)",
    future=(
        r"(?:\w{2,}(?:ará|erá|irá|arán|erán|irán|drá|drán)|va a|van a|se celebran?|comienza"
        r"|tiene lugar|previst[oa]s?|próxim[oa])"
    ),
    openers="ha han va van se",
    advisories=("aviso a los medios", "convocatoria de prensa", "convocatoria a medios"),
    issued="publicado|difundido",
    date_labels="fecha(?: de publicación)?|publicad[oa](?: el)?|cread[oa](?: el)?",
    revised=(
        "actualizad[oa](?: el)?|última (?:actualización|modificación)|modificad[oa](?: el)?"
        "|fecha de (?:actualización|modificación)"
    ),
    event_labels="cuándo",
    schedule_labels="hora|lugar",
    history="desde|aniversario del?|nacid[oa] el|fundad[oa] el|atentados? del?",
    acts=(
        r"(?:ley(?: orgánica)?|real decreto(?:-ley)?|decreto|orden|tratado|convenio|acuerdo"
        r"|reglamento|directiva|resolución|constitución)"
        r"(?: \(\w{2,4}\))?(?: (?:n\.?º ?)?[\w./-]*\d[\w./-]*)?"
        r"(?: \w+)?,? del?"
    ),
    streets=(
        r"(?:calle|plaza|avenida|avda\.|paseo|glorieta|hospital|puente|barrio|estadio|colonia"
        r"|parque|bulevar|villa)(?: del?)?"
    ),
    deadlines="hasta el|antes del|a más tardar el|a partir del",
    until="hasta el",
    planned=(
        r"(?:previst[oa]s?|programad[oa]s?|fijad[oa]s?|aplazad[oa]s?|pospuest[oa]s?|señalad[oa]s?"
        r"|convocad[oa]s?|citad[oa]s?|prorrogad[oa]s?|entrará en vigor|entra en vigor|válid[oa]s?"
        r"|vigentes?|vence|plazo|se celebrará|tendrá lugar)(?: \w+){0,4}?"
        r" (?:el|al|para el|hasta el|a partir del|desde el|día)"
    ),
    sets=(
        r"(?:finaliza|termina|concluye|vence|comienza|empieza|arranca|se abren?|se cierran?"
        r"|se celebran?|con efectos?)(?: el| hasta el| desde el| del?)"
    ),
    abbreviations="sra?",
)  # fmt: skip
