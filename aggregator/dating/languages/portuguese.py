"""Portuguese: the words of its dates."""

from aggregator.dating.languages.language import Language

PORTUGUESE = Language(
    tag="pt",
    months=(
        "janeiro jan", "fevereiro fev", "março mar", "abril abr", "maio", "junho jun",
        "julho jul", "agosto ago", "setembro set", "outubro out", "novembro nov",
        "dezembro dez",
    ),
    weekdays=("segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira",
              "sábado sáb", "domingo dom"),
    ambiguous="out set ago dez domingo dom",
    lists="e ou",
    ranges="a ao até",
    from_words="de",
    between_words="entre",
    of_words="de",
    articles="o dia os dias",
    ordinals="º ° o",
    leads="em desde até de meados",
    before={"este": 0, "esta": 0, "nesta": 0, "passado": -1, "passada": -1, "próximo": 1,
            "próxima": 1},
    after={"passado": -1, "passada": -1, "próximo": 1, "próxima": 1},
    units={"semana": "week", "mês": "month", "ano": "year"},
    days={"hoje": 0, "esta manhã": 0, "ontem": -1, "amanhã": 1},
    known_by="o os as do da dos em que não uma para com",
    past=r"(?:\w{2,}(?:ou|aram|eram|iram|eu|iu)|foi|foram|teve|tiveram|fez|disse|esteve)",
    present=r"(?:reúne|participa|recebe|visita)",
    future=r"(?:\w{2,}(?:ará|erá|irá|arão|erão|irão)|vai|vão|previst[oa]s?|próxim[oa])",
    issued="publicado",
    date_labels="data",
    event_labels="quando",
    schedule_labels="hora",
    history="desde",
    today="hoje",
)  # fmt: skip
