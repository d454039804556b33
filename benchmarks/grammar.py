"""The forms of the generated titles and sentences: text with slots, drawn from evenly.

A slot in braces is another entry of `GRAMMAR`, or a word or fact that `prose.Writer` supplies; its
first letter in capitals makes the text's first letter one. Few fixed words stand between slots, so
that two releases share their form, as real ones do, and hardly three words in a row. No sentence
is anybody's: where real releases have a stock phrase, this has its own.
"""

TITLES: dict[str, tuple[str, ...]] = {
    "news": (
        "{agency} {present} {matter} in {town}",
        "{chief} and {guest}: {matter} are a test for {country}",
        "{groups} from {few} countries {base} {matter}",
        "{num} {nouns} {past} as {country} turns to {matter}",
        "New {noun} brings {matter} to {town}",
        "Operation {Codename} {present} {matter}",
        "{chief} meets {guest} of {country} on {matter}",
        "‘{Adj} {noun}’ – how {country} {past} its {matter}",
        "Why {matter} matter: {agency} looks at {country}",
    ),
    "cut": (
        "{num} arrested in {town} over {matter}",
        "Operation {Codename} {present} {matter}",
        "{matter}: {num} {nouns} {past} in {country}",
        "Taking on {matter} across {few} countries",
        "EUR {num} million seized as {groups} {base} {matter}",
    ),
    "advisory": (
        "{chief} to visit {town} for talks on {matter}",
        "{chief} will meet {guest} of {country} on {matter}",
        "Media advisory: {matter}, {town}",
    ),
    "report": (
        "{chief} concludes visit to {town} with talks on {matter}",
        "{chief} and {guest} part with a plan for {matter}",
    ),
    "statement": (
        "Statement of the {agency} Council on {matter}",
        "Joint declaration by {agency} and {country} concerning {matter}",
    ),
    "speech": (
        "Speech by {chief} on {matter} at the {town} Forum",
        "Opening remarks on {matter} by {chief}, {town}",
    ),
    "readout": ("Readout of the call of {chief} with {guest} about {matter}",),
}

GRAMMAR: dict[str, tuple[str, ...]] = {
    # The first sentence, which carries the date where there is one.
    "lead news": (
        "{chief} {past} {thing} in {town}, {country}, on {when}, before {gerund} {things}.",
        "On {when}, {groups} and {groups} {past} {thing} at {agency} in {town}.",
        "{TOWN}, {country} – {groups} from {few} countries have {past} {thing}, it said on {when}.",
        "{TOWN}, {when} – {thing} was {past} by {groups}, who also {past} {things}.",
        "{agency} {past} {matter} at a {few}-day {noun} in {town} ({range}).",
        "At a {noun} held in {town} on {when}, {guest} and {chief} {past} {things}.",
        "Since {when}, {things} have been {past} {where}, a step that {groups} {past} {adv}.",
        "{chief} {past} {guest} of {country} on {when} and {past} the {adj} {noun} of {matter}.",
        "On {yearless}, {num} {nouns} were {past} {where}, and {num} {groups} {past} {thing}.",
    ),
    "lead report": (
        "{chief} ended {few} days of talks in {town} on {event}, and {past} {things} with {guest}.",
        "{guest} received {chief} in {town} on {event} to {base} {matter}.",
    ),
    "lead statement": (
        "adopted in {town} on {nth}",
        "agreed by the {groups} of {agency} in {town}, {when}",
    ),
    "lead speech": (
        "Good morning, dear {groups} of {town}. {guest}, thank you for {gerund} {thing} with us.",
        "{guest}, my friends. It is {few} years since {agency} {past} {thing} in {country}.",
    ),
    "lead readout": (
        "{chief} spoke by telephone with {guest} of {country} on {when}, to {base} {things}.",
    ),
    "lead advisory": (
        "On {future}, {chief} will travel to {town}, {country}, to {base} {matter} with {guest}.",
        "From {span}, {chief} will be in {town} to {base} {thing}, and meet {guest} of {country}.",
    ),
    "lead cut": (
        "{groups} and {groups} of {country} have {past} {thing}, {gerund} {num} {nouns} as well.",
        "The {adj} {noun} had {past} {things} for {num} {units} before {groups} {past} its {noun}.",
        "{num} {nouns} were {past} {where} with the help of {agency}; {groups} {past} {things}.",
        "In the vault:{num} {nouns};{adj} {nouns} worth EUR {num} {num3};{num} {nouns};{thing}.",
    ),
    "sentence": (
        "{Groups} from {abroad} {past} {thing}, {gerund} {things} {where}.",
        "{they} {past} {thing} and {adv} {past} {things} {where}.",
        "{thing} {past} {things}, while {groups} {past} {thing} and {past} {things}.",
        "{opener}, {thing} was {past} by {groups}, who {past} {num} {units} later {things}.",
        "{opener}, {short} {past} {things} as well as {thing} {where}.",
        "It {past} {num} {nouns}, {num} {nouns} and {thing} within {num} {units}.",
        "According to {groups}, {things} {base} {things} unless {thing} is {past}.",
        "{Things} are {adv} {past} {where}; {thing} is not.",
        "“{We} {base} {things} so that {groups} can {base} {thing},” said {they}.",
        "{they} called {thing} “{adj} and {adj}”, adding that “{things} {base} {things}”.",
        "The so-called ‘{noun} {noun}’ {past} {num} {percent} of {things} in {past_year}.",
        "{thing}, {past} in {past_month}, {past} {nouns} worth €{num}.{digit}{nbsp}million.",
        "{person} ({abroad}) {past} {thing}, as did {person} and {groups}.",
        "By {gerund} {things}, {groups} {base} {thing} {where} – and {base} {nouns}.",
        "{Adv} {past}, the {adj} {noun} {past} {things} for {num} {units}.",
        "Both {nouns} and {nouns} {past} {thing}; {person} {past} {things}.",
        "{elsewhere} {past} {thing} at the {past_year} Forum, where {groups} {past} {things}.",
        "Work on {matter} will {base} {thing} {where}, {short} said.",
    ),
    "speech": (
        "I {past} {things} with {groups} {where}, and I {past} {thing}.",
        "{We} must {base} {things}, because {groups} {base} {thing} {where}.",
        "Let me {base} {thing}: {nouns}, {nouns}, and {adj} {nouns}.",
        "When {person} {past} {thing}, few {groups} {past} {things}.",
        "So, to our {groups} I say: {base} {thing}, {base} {things}, and {base} {nouns}.",
        "{things} will not {base} {things}, however {adj} our {nouns} are.",
    ),
    "clause": (
        "{Groups} {past} {thing} and will {base} {things} {where}. {Short} {past} {nouns}.",
        "{We} {base} {things} {where}, and {base} {groups} to {base} {thing} by {next_year}.",
        "{thing}, as {past} in {past_month}, remains {adj}. {Groups} will {base} {things}.",
    ),
    # One agency's notice is word for word like its others, but for names, place and dates.
    "stock notice": (
        "The Press Office reminds editors that the doors of the building close to visitors a "
        "quarter of an hour before {they} arrives; bags are looked through at the gate.\n\n"
        "Neither questions nor separate interviews are foreseen. A short film without sound, free "
        "of charge to broadcasters, is placed on {site} the same evening.\n\n"
        "Whoever holds a press card for {this_year} need not apply again.",
    ),
    "bullet": (
        "{num} {adj} {nouns} {past} {where};",
        "{thing}, {past} by {groups};",
        "{adv} {past} {nouns} worth EUR{nbsp}{num}{nbsp}{num3};",
        "a {noun} on {things}, open to {groups}.",
    ),
    "bullets follow": (
        "{Groups} {past} the following:",
        "The {adj} {noun} led to:",
        "In {country}, {short} found:",
    ),
    "heading": ("{Adj} {nouns}", "{Nouns} and {nouns} {where}", "What {groups} {past}"),
    "press": (
        "The {noun} is open to reporters with a {adj} press card for {this_year}.",
        "Pictures of the {noun} will be on {site} once {they} has left.",
        "There is no room for cameras at the {adj} {noun}.",
        "A recording will be kept at https://{site}/media/{slug} for {num} {units}.",
        "{agency} will stream the {noun} from {clock} (CET) on{nbsp}{site}{nbsp}only.",
    ),
    "contact": (
        "Questions on {matter}: https://{site}/news/{slug}",
        "Press desk of {short}: +32{nbsp}2{nbsp}{num3}{nbsp}{num3}, press@{host}",
        "More at{nbsp}https://{site}/{this_year}/{slug}?from=release.",
        "Follow {short}: @{handle}{nbsp}and{nbsp}@{handle}Press",
    ),
    # Parts of sentences.
    "thing": (
        "the {adj} {noun}",
        "the {noun} of {elsewhere}",
        "the {noun} {noun} of {abroad}",
        "its {adj} {adj} {noun}",
        "the {noun} for {adj} {nouns}",
        "a {adj} {noun}",
    ),
    "things": (
        "{adj} {nouns}",
        "{noun} {nouns}",
        "{nouns} and {nouns}",
        "{num} {adj} {nouns}",
        "{adj} {noun} {nouns}",
        "the {nouns} of {groups}",
    ),
    "where": (
        "in {abroad}",
        "near {elsewhere}",
        "across {few} {units}",
        "at the {noun}",
        "with {groups}",
        "between {town} and {elsewhere}",
        "under {adj} {nouns}",
        "after {things}",
        "through {noun} {nouns}",
        "despite {things}",
    ),
    "opener": (
        "In {past_month}",
        "During the {noun}",
        "In {elsewhere}",
        "With {groups} {where}",
        "As {person} {past}",
        "Alongside {things}",
        "For {num} {units}",
    ),
    "percent": ("per cent", "%"),
    "We": ("We", "We all", "Together we", "Today we"),
}
