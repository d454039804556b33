"""Remove tracking parameters from addresses, and bring them into a canonical form.

Takes http and https addresses as found; returns one to display, which works like the original, and
one to compare, which is not meant to be fetched.  In doubt two addresses stay different: a missed
duplicate is better than a lost page.
"""

import re
from urllib.parse import unquote_plus, urlsplit, urlunsplit

from w3lib.url import canonicalize_url

from aggregator.normalise.links import public_address, url_problem

_TRACKING = frozenset(
    # advertisers' and networks' click identifiers
    "dclid epik fbclid gad_source gbraid gclid gclsrc igsh igshid irclickid li_fat_id msclkid"
    " rb_clickid srsltid ttclid twclid wbraid wickedid yclid ysclid"
    # newsletters' reader identifiers
    " __hsfp __hssc __hstc __s _bta_c _bta_tid _hsenc _hsmi ck_subscriber_id dm_i elqtrack"
    " elqtrackid hsctatracking mc_cid mc_eid mkt_tok ml_subscriber ml_subscriber_hash oly_anon_id"
    " oly_enc_id sc_uid vero_conv vero_id"
    # campaigns
    " _ga _gl _openstat at_campaign at_medium cmpid echobox fb_action_ids fb_action_types fb_ref"
    " fb_source ga_campaign ga_content ga_medium ga_source ga_term guccounter guce_referrer"
    " guce_referrer_sig s_cid wt.mc_id wt.rss_a wt.rss_f wt_mc xtor".split()
)
_TRACKING_PREFIXES = ("utm_", "pk_", "mtm_", "piwik_", "matomo_", "hmb_", "bsft_")

_SESSIONS = frozenset({"jsessionid", "phpsessid"})
_SESSION_IN_PATH = re.compile(r";jsessionid=[^/;?#]*", re.IGNORECASE)
_INDEX = re.compile(r"/index\.html?\Z", re.IGNORECASE)
_WWW = re.compile(r"^(?:www\.)+(?=[^.]+\.)")
_DEFAULT_PORT = re.compile(r":(?:80|443)$")
_ROUTES = ("!", "/")
# Addresses of which the form differs in the scheme, the host and the end of the path alone.
_PLAIN = re.compile(r"https?://([a-z0-9.-]+)((?:/(?!\.)[\w.~-]*)*)(?:\?([\w-]+=[\w-]+))?", re.ASCII)
_STEPS = 4  # two are enough, except for dots behind a `;` that is removed
_LONGEST = 4_096  # longer ones are not changed


def shown_link(address: str) -> str | None:
    """Return ``address`` for display, or None where it is not an http or https address.

    Tracking parameters are removed, and characters that browsers percent-encode are encoded.
    """
    found = public_address(address)
    return None if found is None else strip_tracking(found)


def strip_tracking(address: str) -> str:
    """Return ``address`` without tracking parameters, otherwise unchanged.

    A fragment is removed where it consists of such parameters alone.
    """
    if "?" not in address and "#" not in address:
        return address
    rest, hash_, fragment = address.partition("#")
    if fragment and all(map(_tracks, fragment.split("&"))):
        hash_ = fragment = ""
    path, mark, query = rest.partition("?")
    if query:
        kept = [parameter for parameter in query.split("&") if not _tracks(parameter)]
        query = "&".join(kept)
        mark = mark if kept else ""
    return f"{path}{mark}{query}{hash_}{fragment}"


def canonical_link(address: str) -> str | None:
    """Return the form in which addresses of one page are equal, or None for no web address.

    It ignores: http or https, ``www.``, the default port, a slash or ``index.html`` at the end, a
    fragment that is not a route (``#!``, ``#/``), tracking parameters and session ids, the order of
    parameters, case and alphabet of the host name, and superfluous percent-encoding (RFC 3986,
    section 6.2.2).  Paths and parameters keep their case.
    """
    found = public_address(address)
    if found is None or len(found) > _LONGEST:
        return found
    if (plain := _PLAIN.fullmatch(found)) and not _is_dropped(query := plain[3] or ""):
        mark = "?" if query else ""
        return f"https://{_host(plain[1])}{_path(plain[2], query)}{mark}{query}"
    return _form_of(found)


def _form_of(found: str) -> str:
    """Return the form of any address, in steps."""
    address = found
    for _ in range(_STEPS):
        form = _form(address)
        if form is None:
            break
        if form == address:
            return form
        address = form
    return found


def _form(address: str) -> str | None:
    """Return ``address`` one step nearer to the form, or None where that is not an address."""
    without = _SESSION_IN_PATH.sub("", strip_tracking(address))
    try:
        parts = urlsplit(canonicalize_url(without, keep_fragments=True))
    except ValueError:
        return None
    query = "&".join(pair for pair in parts.query.split("&") if not _varies(pair))
    fragment = parts.fragment if parts.fragment.startswith(_ROUTES) else ""
    host = _host(_DEFAULT_PORT.sub("", parts.netloc))
    form = urlunsplit(("https", host, _path(parts.path, query), query, fragment))
    return None if url_problem(form) else form


def _tracks(parameter: str) -> bool:
    name = parameter.partition("=")[0]
    if "%" in name or "+" in name:
        name = unquote_plus(name)
    name = name.lower()
    return name in _TRACKING or name.startswith(_TRACKING_PREFIXES)


def _varies(parameter: str) -> bool:
    """Return whether a parameter does not identify the page: a session id, or its AMP version."""
    name, _, value = parameter.partition("=")
    return name.lower() in _SESSIONS or (name == "amp" and value in ("", "1"))


def _is_dropped(parameter: str) -> bool:
    return _tracks(parameter) or _varies(parameter)


def _host(netloc: str) -> str:
    """Return a host name without final dots, and without ``www.`` where two labels are left."""
    user, at, host = netloc.rpartition("@")
    return f"{user}{at}{_WWW.sub('', host.rstrip('.'))}"


def _path(path: str, query: str) -> str:
    """Return a path without slashes and ``index.html`` at its end."""
    path = path.rstrip("/;")
    while not query and (index := _INDEX.search(path)):
        path = path[: index.start()].rstrip("/;")
    return path
