"""Portuguese: the words of its dates."""

from aggregator.dating.languages.language import Language

PORTUGUESE = Language(
    tag="pt",
    months=(
        "janeiro | jan", "fevereiro | fev", "março | mar", "abril | abr", "maio", "junho | jun",
        "julho | jul", "agosto | ago", "setembro | set", "outubro | out", "novembro | nov",
        "dezembro | dez",
    ),
    weekdays=("segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira",
              "sábado | sáb", "domingo | dom"),
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
    days={"hoje": 0, "esta manhã": 0, "ontem": -1, "anteontem": -2, "depois de amanhã": 2,
          "amanhã": 1},
    known_by="o os as de do da dos em que não um uma para com e é no na ao aos pelo foi mais",
    past=r"(?:\w{2,}(?:ou|aram|eram|iram|eu|iu)|foi|foram|teve|tiveram|fez|disse|esteve)",
    present=r"(?:reúne|participa|recebe|visita)",
    future=(
        r"(?:\w{2,}(?:ará|erá|irá|arão|erão|irão)|vai|vão|realiza|realizam|decorre|previst[oa]s?"
        r"|próxim[oa])"
    ),
    issued="publicad[oa]|divulgad[oa]",
    date_labels="data(?: de publicação)?|publicad[oa](?: em| a)?|criad[oa](?: em)?",
    revised=(
        "(?:última )?(?:atualização|modificação)|(?:atualizad|modificad|alterad)[oa](?: em| a)?"
    ),
    event_labels="quando",
    schedule_labels="hora|local",
    history="desde|aniversário de|aniversário do|nascid[oa] em|fundad[oa] em",
    acts=(
        r"(?:lei|decreto(?:-lei)?|portaria|despacho|tratado|convenção|acordo|regulamento|diretiva"
        r"|resolução|constituição)"
        r"(?: \(\w{2,4}\))?(?: (?:n\.?º ?)?[\w./-]*\d[\w./-]*)?(?: \w+)?,? de"
    ),
    streets=(
        r"(?:rua|praça|avenida|av\.|largo|ponte|travessa|estádio|hospital|bairro|alameda)"
        r"(?: de| do)?"
    ),
    deadlines="até|até ao dia|até dia|antes de|a partir de",
    until="até|até ao dia",
    planned=(
        r"(?:previst[oa]s?|marcad[oa]s?|adiad[oa]s?|agendad[oa]s?|válid[oa]s?|prorrogad[oa]s?"
        r"|convocad[oa]s?|entra em vigor|entrará em vigor|prazo|terá lugar|realiza-se)"
        r"(?: \w+){0,3}? (?:em|para|até|a|no|dia|para o dia|a partir de)"
    ),
)  # fmt: skip
