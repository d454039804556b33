"""English: the words of its dates."""

from aggregator.dating.languages.language import Language

_PAST_FORMS = (
    "was|were|had|did|met|held|took|gave|spoke|said|told|led|went|came|made|began|saw|sent"
    "|became|brought|built|kept|lost|paid|ran|rose|fell|sold|sought|stood|taught|won|wrote"
    "|found|drew|grew|knew|chose|broke|dealt|fought|struck|threw|underwent|undertook|withdrew"
    "|oversaw|flew|laid|agreed|got|following"
)

ENGLISH = Language(
    tag="en",
    months=(
        "january | jan", "february | feb", "march | mar", "april | apr", "may", "june | jun",
        "july | jul", "august | aug", "september | sept sep", "october | oct", "november | nov",
        "december | dec",
    ),
    weekdays=(
        "monday | mon", "tuesday | tues tue", "wednesday | weds wed", "thursday | thurs thur thu",
        "friday | fri", "saturday | sat", "sunday | sun",
    ),
    capitals=True,
    month_first=True,
    ambiguous="may march mon wed fri sat sun",
    lists="and or",
    ranges="to until till through thru",
    from_words="from",
    between_words="between",
    of_words="of",
    articles="the",
    ordinals="st nd rd th",
    leads="in since until during throughout early late mid",
    weak_leads="till by from end of before after",
    before={"last": -1, "past": -1, "this": 0, "next": 1, "coming": 1, "previous": -1},
    units={"week": "week", "weekend": "weekend", "month": "month", "year": "year"},
    days={
        "today": 0, "tonight": 0, "this morning": 0, "this afternoon": 0, "this evening": 0,
        "yesterday": -1, "last night": -1, "tomorrow": 1,
        "black friday": None, "good friday": None, "cyber monday": None, "super tuesday": None,
        "giving tuesday": None, "ash wednesday": None, "bloody sunday": None,
        "sheffield wednesday": None, "maundy thursday": None,
    },
    known_by="the of and to in a on for with by",
    past=rf"(?:(?:has|have) (?:been )?\w+(?:ed|en)|{_PAST_FORMS}|\w+[^\We]ed)",
    present=(
        r"(?:(?:is|are)(?: \w+ing)?|says|meets|visits|welcomes|hosts|holds|attends|takes|marks"
        r"|begins|starts|opens|continues|joins|leads|gathers|concludes|ends|wraps up|completes"
        r"|agrees|reaffirms|reiterates|discusses|addresses|highlights|thanks|praises|stresses"
        r"|participates|travels|receives|chairs|signs|launches|announces|brings|helps|adopts"
        r"|strengthens|celebrates|urges|condemns|calls|encourages|tours|delivers|gives|becomes)"
    ),
    future=(
        r"(?:will|shall|won['\u2019]t|(?:is|are) (?:to|due|set|scheduled|expected|planned|going)"
        r"|(?:scheduled|planned|due|slated|foreseen|expected) (?:for|to|on|by|in)|upcoming"
        r"|forthcoming|takes effect|comes into force|enters into force|next (?:\w+ )?meeting"
        r"|(?:agreed|decided|plans?|intends?|hopes?|expects?|aims?|likely|invited|set|ready"
        r"|preparing) to \w+)"
    ),
    openers="is are has have scheduled planned due slated foreseen expected takes comes enters"
    " next agreed decided plan plans intend intends hope hopes expect expects aim aims likely"
    " invited set ready preparing",
    infinitive=(
        r"to (?:visit|meet|travel|attend|host|hold|chair|address|receive|welcome|participate"
        r"|take|deliver|speak|join|open|launch|discuss|give|mark|brief|tour|convene|gather"
        r"|present|sign|be|begin|start|head|lead|co-host|award|commemorate|celebrate)"
    ),
    advisories=(
        "media advisory", "media opportunity", "press advisory", "notice to media",
        "notice to the media", "notice to editors", "notice to press", "media programme",
        "media accreditation", "media coverage", "save the date",
    ),
    issued=(
        r"issued|released|published|posted|updated|last updated|made public"
        r"|for (?:immediate )?release|press release|news release|publication"
    ),
    date_labels=(
        r"(?:release |issue |posting |published )?date(?: of (?:issue|publication|release)"
        r"| (?:published|posted|issued|released|created))?|(?:first )?published(?: on)?"
        r"|publication date|press release|news release|statement|released?(?: on)?|posted(?: on)?"
        r"|issued(?: on)?|created(?: on)?"
    ),
    revised=(
        r"(?:last |date )?(?:updated|modified|revised|reviewed|amended|changed)(?: on| date)?"
        r"|last (?:update|modification|revision|review)"
    ),
    event_labels="when",
    schedule_labels="time|venue|where|place|location",
    history=(
        r"since|dating from|dated|founded|established|inaugurated|born|created|decision of"
        r"|anniversary of|attacks? (?:of|on)|events of|every|each|(?:every|each) year(?: on)?"
        r"|(?:year|quarter|months|period|half|week|weekend|month|season) (?:ended|ending)(?: on)?"
    ),
    acts=(
        r"(?:act|law|decree|resolution|regulation|directive|convention|treaty|agreement|protocol"
        r"|charter|constitution|ordinance|statute)s?(?: \(\w{2,4}\))?"
        r"(?: (?:no\.? ?)?[\w./()-]*\d[\w./()-]*)?,? of"
    ),
    streets=r"(?:street|avenue|square|bridge) of(?: the)?",
    streets_after=r"(?-i:Street|Avenue|Boulevard|Bridge|Stadium|Airport|Barracks)",
    deadlines=(
        r"by|until|till|before|no later than|starting(?: on)?|deadline(?: is)?:?|(?<!\w )from"
        r"|that from"
    ),
    planned=(
        r"(?:scheduled|slated|due|set(?! (?:up|out|off|fire|aside|sail))|ordered"
        r"|expected|planned|targeted|postponed|rescheduled"
        r"|adjourned|extended|deferred|continued|sentencing|arraignment|hearing|trial|deadline"
        r"|appearance|expires?|expiring|effective|would|to (?:begin|start|resume|return|launch"
        r"|open|retire|appear|expire)|resumes?|follows?|(?:when|until|before) \w+ (?:is|are)"
        r" \w+(?:ed|en)|be held|be \w+ed|taking place|going out)(?: [\w'\u2019-]+){0,5}?"
        r" (?:on|for|to|until|by|from|as of|in)"
    ),
    sets=(
        r"(?:begins?|starts?|opens?|closes?|ends?|runs?|kicks? off|takes? place|applies|apply)"
        r"(?: (?:at|from|until) [\d:.]+ ?(?:[ap]\.?m\.?)?)?(?: on| from)?"
        r"|(?:must|are invited to|join us)(?: [\w'\u2019-]+){0,4} on|faces? trial on"
        r"|(?:moved|called|brought forward) (?:for|to)"
        r"|with effect (?:from|as of)|(?:starting|effective|valid|applicable) from|as from"
        r"|(?:use|sell|best)[- ](?:by|before)(?: dates?)?(?: of)?"
        r"|(?:sentencing|trial|hearing|arraignment|deadline|meeting) is(?: on)?"
    ),
    asides=(
        r"who|whom|whose|which|that|after|because|when|where|while"
        r"|(?:letter|report|request|complaint|lawsuit|suit|bill|motion|order|petition|memo"
        r"|statement|indictment|investigation|audit|study) \w+"
    ),
    until="until|till|through",
    abbreviations=(
        "mr|mrs|ms|dr|prof|gen|adm|capt|col|lt|cmdr|sgt|maj|brig|amb|sen|rep|gov|st|jr|sr|no|nos"
        "|art|vs|hon|rt|rev|ca|approx|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec"
    ),
)  # fmt: skip

ENGLISH_MONTHS = tuple(names.split()[0].title() for names in ENGLISH.months)
ENGLISH_WEEKDAYS = tuple(names.split()[0].title() for names in ENGLISH.weekdays)
"""Names for texts that people read; those of ``strftime`` depend on the locale."""
