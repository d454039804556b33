"""The names of elements in feeds, and the classes of elements by what feedparser does with them.

Names are feedparser's: the usual prefix of the namespace, whatever prefix the feed declares, an
underscore, and the local name in lower case.  RSS and Atom have no prefix.
"""

from functools import lru_cache

XML = "{http://www.w3.org/XML/1998/namespace}"
ATOM = "http://www.w3.org/2005/Atom"
ATOM03 = "http://purl.org/atom/ns#"
XHTML = "{http://www.w3.org/1999/xhtml}"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RSS10 = "http://purl.org/rss/1.0/"
RSS09 = "http://my.netscape.com/rdf/simple/0.9/"
_USERLAND = "backend.userland.com/rss"

_PURL = "http://purl.org/rss/1.0/modules/"
NAMESPACES = {
    "": "",
    **dict.fromkeys(
        (
            "http://backend.userland.com/rss",
            "http://blogs.law.harvard.edu/tech/rss",
            RSS10,
            RSS09,
            "http://example.com/newformat#",
            "http://example.com/necho",
            "http://purl.org/echo/",
            "uri/of/echo/namespace#",
            "http://purl.org/pie/",
            ATOM03,
            ATOM.lower(),
            _PURL + "rss091#",
        ),
        "",
    ),
    "http://webns.net/mvcb/": "admin",
    "http://media.tangent.org/rss/1.0/": "audio",
    "http://backend.userland.com/blogchannelmodule": "blogchannel",
    "http://creativecommons.org/ns#license": "cc",
    "http://web.resource.org/cc/": "cc",
    "http://cyber.law.harvard.edu/rss/creativecommonsrssmodule.html": "creativecommons",
    "http://backend.userland.com/creativecommonsrssmodule": "creativecommons",
    "http://my.theinfo.org/changed/1.0/rss/": "cp",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "http://freshmeat.net/rss/fm/": "fm",
    "http://xmlns.com/foaf/0.1/": "foaf",
    "http://www.w3.org/2003/01/geo/wgs84_pos#": "geo",
    "http://www.georss.org/georss": "georss",
    "http://www.opengis.net/gml": "gml",
    "http://postneo.com/icbm/": "icbm",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://example.com/dtds/podcast-1.0.dtd": "itunes",
    "http://search.yahoo.com/mrss": "media",
    "http://search.yahoo.com/mrss/": "media",
    "http://madskills.com/public/xml/rss/module/pingback/": "pingback",
    "http://prismstandard.org/namespaces/1.2/basic/": "prism",
    RDF: "rdf",
    "http://www.w3.org/2000/01/rdf-schema#": "rdfs",
    "http://schemas.xmlsoap.org/soap/envelope/": "soap",
    "http://hacks.benhammersley.com/rss/streaming/": "str",
    "http://schemas.pocketsoap.com/rss/mydescmodule/": "szf",
    "http://madskills.com/public/xml/rss/module/trackback/": "trackback",
    "http://wellformedweb.org/commentapi/": "wfw",
    "http://www.w3.org/1999/xhtml": "xhtml",
    "http://www.w3.org/1999/xlink": "xlink",
    "http://www.w3.org/xml/1998/namespace": "xml",
    "http://podlove.org/simple-chapters": "psc",
    **{
        f"{_PURL}{module}": prefix
        for module, prefix in (
            ("aggregation/", "ag"), ("annotate/", "annotate"), ("company", "co"),
            ("content/", "content"), ("email/", "email"), ("event/", "ev"), ("image/", "image"),
            ("link/", "l"), ("reference/", "ref"), ("richequiv/", "reqv"), ("search/", "search"),
            ("slash/", "slash"), ("servicestatus/", "ss"), ("subscription/", "sub"),
            ("syndication/", "sy"), ("taxonomy/", "taxo"), ("threading/", "thr"),
            ("textinput/", "ti"), ("wiki/", "wiki"),
        )
    },
}  # fmt: skip
"""Prefixes by namespace in lower case."""

PREFIXES = frozenset(NAMESPACES.values()) - {""}
"""Prefixes with a usual namespace: a feed that uses one for another namespace is refused."""

MARKUP = frozenset(
    "copyright dc_rights feedburner_browserfriendly info itunes_subtitle rights subtitle"
    " tagline".split()
)
"""Texts that are not kept, which may contain markup."""

IGNORED = frozenset(
    "cc_license cloud contributor created creativecommons_license dc_contributor dc_publisher"
    " dcterms_created dcterms_valid email expirationdate generator geom georss_box georss_line"
    " georss_point georss_polygon georss_where georssgeom gml_exterior gml_linearring"
    " gml_linestring gml_point gml_polygon gml_pos gml_poslist height homepage itunes_block"
    " itunes_email itunes_explicit itunes_link itunes_name itunes_owner media_credit"
    " media_group media_license media_player media_rating media_restriction"
    " name newlocation psc_chapter psc_chapters uri url webmaster where"
    " width".split()
)
"""Known to feedparser, but not kept; elements in them are treated like their siblings."""

UNSURE = frozenset(
    "abstract body channel entry feed fullitem item rss textinput xhtml_body".split()
)
"""Elements that change the meaning of those around them, and are left to feedparser."""

CLOBBERING = frozenset(
    "title_detail summary_detail content_detail author_detail authors links entries date"
    " published_parsed updated_parsed modified_parsed issued_parsed date_parsed"
    " description_detail guidislink enclosures publisher_detail publishers contributors".split()
)
"""Names of feedparser's results, which an element of this name would overwrite."""

SPLIT_PREFIXES = frozenset(name.partition("_")[0] for name in CLOBBERING if "_" in name)
"""Prefixes by which an element may get such a name."""


@lru_cache(maxsize=4096)
def name_of(tag: str) -> str | None:
    """Return the name of ``{namespace}local``, or None for one that feedparser does not know."""
    namespace, _, local = tag.rpartition("}")
    namespace = namespace[1:].lower()
    prefix = "" if _USERLAND in namespace else NAMESPACES.get(namespace)
    if prefix is None:
        return None
    return f"{prefix}_{local.lower()}" if prefix else local.lower()


def prefix_of(namespace: str) -> str | None:
    """Return the usual prefix of ``namespace``, empty for RSS and Atom, or None."""
    lower = namespace.lower()
    return "" if _USERLAND in lower else NAMESPACES.get(lower)
