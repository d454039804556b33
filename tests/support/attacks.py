"""HTML that tries to run a script, and a check that finds it.

``ATTACKS`` are the attempts: elements by attributes by addresses by ways to hide them by broken
syntax.  ``active_parts`` reads HTML with Python's own parser, which the program does not use, and
returns everything that is not on its list of allowed HTML.
"""

import re
from html.parser import HTMLParser
from itertools import product

SCRIPT = "alert(1)"

_ADDRESSES = (
    f"javascript:{SCRIPT}",
    f"JaVaScRiPt:{SCRIPT}",
    f"java\tscript:{SCRIPT}",
    f"java\nscript:{SCRIPT}",
    f"java\x00script:{SCRIPT}",
    f" \x01javascript:{SCRIPT}",
    f"java\u200bscript:{SCRIPT}",
    f"\ufeffjavascript:{SCRIPT}",
    f"&#106;avascript:{SCRIPT}",
    f"&#x6A;avascript&#58;{SCRIPT}",
    f"&#0000106avascript&colon;{SCRIPT}",
    f"java&Tab;script:{SCRIPT}",
    f"java&NewLine;script&colon;{SCRIPT}",
    f"javascript://example.org/%0A{SCRIPT}",
    f"vbscript:{SCRIPT}",
    f"data:text/html,<script>{SCRIPT}</script>",
    "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
    f"data:image/svg+xml,<svg onload={SCRIPT}>",
    "blob:https://example.org/1",
    "file:///etc/hostname",
    f"feed:javascript:{SCRIPT}",
    f"view-source:javascript:{SCRIPT}",
    f"\\javascript:{SCRIPT}",
)

_CARRIERS = (
    '<a href="{}">x</a>',
    "<a href='{}'>x</a>",
    "<a href={}>x</a>",
    "<a title=x href\n=\n`{}`>x</a>",
    '<a href="https://example.org/" href="{}">x</a>',
    '<a xlink:href="{}">x</a>',
    '<svg><a xlink:href="{}"><text y=9>x</text></a></svg>',
    '<math><mtext href="{}">x</mtext></math>',
    '<img src="{}">',
    '<img src=x srcset="{} 1x">',
    '<img lowsrc="{}" dynsrc="{}">',
    '<iframe src="{}"></iframe>',
    '<embed src="{}">',
    '<object data="{}"></object>',
    '<form action="{}"><button>x</button></form>',
    '<button formaction="{}">x</button>',
    '<input type=image src="{}">',
    '<link rel=stylesheet href="{}">',
    '<base href="{}">',
    '<meta http-equiv=refresh content="0;url={}">',
    '<body background="{}">',
    '<table background="{}"><tr><td background="{}">x</table>',
    '<blockquote cite="{}">x</blockquote>',
    '<video poster="{}"><source src="{}"></video>',
    '<audio src="{}"></audio>',
    '<p style="background:url({})">x</p>',
    '<script src="{}"></script>',
    '<isindex action="{}">',
    '<applet code="{}"></applet>',
    '<a ping="{}" href="https://example.org/">x</a>',
)

_ELEMENTS = (
    *("a", "abbr", "b", "body", "details open", "div", "iframe", "img src=x", "input autofocus"),
    *("marquee", "p", "select autofocus", "style", "svg", "table", "td", "textarea autofocus"),
    *("video src=x", "x-own", "math", "li", "pre", "button", "audio src=x", "object", "link"),
)
_HANDLERS = (
    " onerror={}",
    ' onload="{}"',
    "/onfocus='{}'",
    "\tONCLICK={}",
    "\nonmouseover\n=\n{}",
    ' a=">" onerror={}',
    " \x00onerror={}",
    ' style="x:expression({})"',
    "/ /onpointerrawupdate={}",
    ' title="x"onbegin={}',
    " =onerror={}",
    " '\"onerror={} x='",
)

_BROKEN = (
    "<script>{}</script>",
    "<SCRIPT\n>{}</SCRIPT\n>",
    "<scr<script>ipt>{}</scr</script>ipt>",
    "<<script>{}//<</script>",
    "<script/x>{}</script>",
    "<script>{}",
    "</title><script>{}</script>",
    "<!--><script>{}</script>-->",
    "<!--x--!><script>{}</script>",
    "<!-- <script>{}</script>",
    "<![CDATA[<script>{}</script>]]>",
    "<?xml x?><script>{}</script>",
    "<noscript><p title='</noscript><img src=x onerror={}>'></noscript>",
    "<textarea></textarea><img src=x onerror={}></textarea>",
    "<title><img title='</title><img src=x onerror={}>'>",
    "<style><img title='</style><img src=x onerror={}>'></style>",
    "<xmp><p title='</xmp><img src=x onerror={}>'></xmp>",
    "<iframe><p title='</iframe><img src=x onerror={}>'></iframe>",
    "<plaintext><script>{}</script>",
    "<svg><style><img src=x onerror={}></style></svg>",
    "<svg><p><style><!--</style><img src=x onerror={}>--></style>",
    "<svg></p><style><a id='</style><img src=1 onerror={}>'>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--><img src=1 onerror={}>'>",
    "<math><annotation-xml encoding='text/html'><script>{}</script></annotation-xml></math>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror={}>",
    "<svg><foreignObject><iframe srcdoc='<script>{}</script>'></foreignObject></svg>",
    "<svg><animate onbegin={} attributeName=x dur=1s></svg>",
    "<svg><script>{}</script></svg>",
    "<template><script>{}</script></template>",
    "<select><template><img src=x onerror={}></select>",
    "<table><td background=x><script>{}</script>",
    "<img src='x' alt='`><script>{}</script>'>",
    '<img alt="&quot;><script>{}</script>">',
    '<a title="&lt;img src=x onerror={}&gt;">x</a>',
    '<p>\u0338<b title="\u0338 onmouseover={} x">\u0338</b>',
    "<abbr title=x\u0338 onmouseover={}>x</abbr>",
    "&lt;script&gt;{}&lt;/script&gt;",
    "&amp;lt;img src=x onerror={}&amp;gt;",
    "\ud800<script>{}</script>",
    "<scr\x00ipt>{}</script>",
    "<\u200bscript>{}</script>",
    "\xbcscript\xbe{}\xbc/script\xbe",
    "<img src=x onerror={} <p>x",
    "<a href='https://example.org/'<script>{}</script>'>x</a>",
    "<p/onclick={}>x",
    "</p onclick={}>x",
    "<br/onload={}>",
    "<" + "b" * 70_000 + " onclick={}>x",
    "<b>" * 600 + "<img src=x onerror={}>",
    "x" * 61_000 + "<img src=x title='><script>{}</script>'><script>{}</script>",
)

ATTACKS = (
    *(carrier.replace("{}", address) for carrier, address in product(_CARRIERS, _ADDRESSES)),
    *(
        f"<{element}{handler.replace('{}', SCRIPT)}>x</{element.split()[0]}>"
        for element, handler in product(_ELEMENTS, _HANDLERS)
    ),
    *(broken.replace("{}", SCRIPT) for broken in _BROKEN),
)
"""One attempt each, as found in a feed."""

_ALLOWED = {
    name: set(attributes.split())
    for name, attributes in {
        **dict.fromkeys("b blockquote br caption cite code dd del dfn dl dt em i".split(), ""),
        **dict.fromkeys("figcaption figure h1 h2 h3 h4 h5 h6 hr ins kbd mark p pre".split(), ""),
        **dict.fromkeys("q s samp small strong sub sup table tbody tfoot thead".split(), ""),
        **dict.fromkeys("tr u ul var".split(), ""),
        "a": "href title rel",
        "abbr": "title",
        "img": "src alt title width height",
        "li": "value",
        "ol": "start",
        "td": "colspan rowspan",
        "th": "colspan rowspan",
    }.items()
}
_WEB = re.compile(r"https?://[^\s<>\"\\^`{|}]+")


class _Reading(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _ALLOWED:
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            if name not in _ALLOWED.get(tag, ()) or value is None:
                self.found.append(f"<{tag} {name}>")
            elif name in ("href", "src") and not _WEB.fullmatch(value):
                self.found.append(f"<{tag} {name}={value!r}>")
        if tag == "a" and dict(attrs).get("rel") != "noopener noreferrer":
            self.found.append("<a> without rel")

    def handle_comment(self, data: str) -> None:
        self.found.append("a comment")

    def handle_decl(self, decl: str) -> None:
        self.found.append("a declaration")

    def handle_pi(self, data: str) -> None:
        self.found.append("an instruction")

    def unknown_decl(self, data: str) -> None:
        self.found.append("a section")


def active_parts(html: str) -> list[str]:
    """Return what in ``html`` is not allowed, in words."""
    reading = _Reading()
    reading.feed(html)
    reading.close()
    if reading.rawdata:
        reading.found.append(f"an unfinished tag: {reading.rawdata[:80]!r}")
    return reading.found
