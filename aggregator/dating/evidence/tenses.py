"""The cues by which a sentence tells past from future, one table a language.

Gives ``TENSES``; takes nothing.  A new language is one more ``Tenses`` here.  Leaves to ``verbs``
which of the cues of a sentence decides.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenses:
    """The cues of one language, as regular expressions in lower case, read in any case."""

    #: Common words by which the language of a sentence is known.
    known_by: str
    past: str
    present: str
    future: str
    #: Words that begin a cue and are none alone ("has", of "has visited").
    openers: str = ""
    #: What makes a sentence a title about the future when nothing in it has a tense ("to visit").
    infinitive: str = r"(?!)"


_EN_PAST = (
    "was|were|had|did|met|held|took|gave|spoke|said|told|led|went|came|made|began|saw|sent"
    "|became|brought|built|kept|lost|paid|ran|rose|fell|sold|sought|stood|taught|won|wrote"
    "|found|drew|grew|knew|chose|broke|dealt|fought|struck|threw|underwent|undertook|withdrew"
    "|oversaw|flew|laid|agreed|got|following"
)
ENGLISH = Tenses(
    known_by="the of and to in a on for with by",
    past=rf"(?:(?:has|have) (?:been )?\w+(?:ed|en)|{_EN_PAST}|\w+[^\We]ed)",
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
        r"|(?:agreed|decided|plans?|intends?|hopes?|invited|set|ready|preparing) to \w+)"
    ),
    openers="is are has have scheduled planned due slated foreseen expected takes comes enters"
    " next agreed decided plan plans intend intends hope hopes invited set ready preparing",
    infinitive=(
        r"to (?:visit|meet|travel|attend|host|hold|chair|address|receive|welcome|participate"
        r"|take|deliver|speak|join|open|launch|discuss|give|mark|brief|tour|convene|gather"
        r"|present|sign|be|begin|start|head|lead|co-host|award|commemorate|celebrate)"
    ),
)
FRENCH = Tenses(
    openers="a ont est sont avait avaient était étaient s'est s\u2019est se à prévu prévue prévus",
    known_by="le la les des du et est une dans pour à en",
    past=(
        r"(?:a|ont|est|sont|avait|avaient|était|étaient|s['\u2019]est|se sont|fut|furent)"
        r" (?:été |eu |également )?(?:\w+(?:é|ée|és|ées|i|is|it|u|us|ue|ues|ert))"
        r"|était|étaient|avait|avaient|fut"
    ),
    present=r"(?:se réunit|rencontre|reçoit|participe|débute|commence|aujourd['\u2019]hui)",
    future=(
        r"(?:\w{2,}(?:era|eront|ira|iront|dra|dront)|aura|auront|sera|seront"
        r"|prévue?s? (?:le|pour)|à venir|prochaine?|doit|doivent)"
    ),
)
GERMAN = Tenses(
    openers="bis",
    known_by="der die das und ist im den von mit für auf am",
    past=(
        r"(?:wurden?|war|waren|hatten?|haben?|hat|fand|fanden|nahm|nahmen|traf|trafen|kam|kamen"
        r"|ging|sprach|gab|gaben|eröffneten?|besuchten?|begrüßten?|empfing|erklärten?|sagten?"
        r"|führten|führte|durchsuchten|durchsuchte|diskutierten?)"
    ),
    present=r"(?:findet|finden|trifft|treffen|besucht|tagt|beginnt)",
    future=r"(?:wird|werden|bevorstehende[nrs]?|geplant|kommende[nrs]?|spätestens|bis zum)",
)
SPANISH = Tenses(
    openers="ha han va van se",
    known_by="el la los las del y en que por con una para",
    past=(
        r"(?:\w{2,}(?:ó|aron|ieron)|fue|fueron|tuvo|tuvieron|hizo|hicieron|dijo|estuvo"
        r"|ha \w+do|han \w+do|era|eran|había)"
    ),
    present=r"(?:se reúne|participa|recibe|visita|celebra|comienza)",
    future=r"(?:\w{2,}(?:ará|erá|irá|arán|erán|irán|drá|drán)|va a|van a|previst[oa]s?|próxim[oa])",
)
ITALIAN = Tenses(
    openers="ha hanno è sono si era erano",
    known_by="il lo la gli di del della che per con una nel",
    past=(
        r"(?:(?:ha|hanno|è|sono|si è|si sono|era|erano) (?:stat[oaie] )?"
        r"\w+(?:to|ta|ti|te|so|sa|si|se)|fu|furono)"
    ),
    present=r"(?:si riunisce|incontra|partecipa|riceve|visita)",
    future=r"(?:\w{2,}(?:erà|irà|arà|eranno|iranno|aranno|drà|dranno)|previst[oaie]|prossim[oaie])",
)
DUTCH = Tenses(
    known_by="de het een van en in op met voor dat",
    past=(
        r"(?:werd|werden|was|waren|had|hadden|heeft|hebben|vond|vonden|nam|namen|sprak|spraken"
        r"|bezocht|bezochten|ontving|ontmoette|kwam|kwamen)"
    ),
    present=r"(?:vindt|vinden|ontmoet|bezoekt|ontvangt)",
    future=r"(?:zal|zullen|gepland|aanstaande|komende|uiterlijk)",
)
PORTUGUESE = Tenses(
    known_by="o os as do da dos em que não uma para com",
    past=r"(?:\w{2,}(?:ou|aram|eram|iram|eu|iu)|foi|foram|teve|tiveram|fez|disse|esteve)",
    present=r"(?:reúne|participa|recebe|visita)",
    future=r"(?:\w{2,}(?:ará|erá|irá|arão|erão|irão)|vai|vão|previst[oa]s?|próxim[oa])",
)
TENSES = (ENGLISH, FRENCH, GERMAN, SPANISH, ITALIAN, DUTCH, PORTUGUESE)
