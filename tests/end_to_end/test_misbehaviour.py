"""Misbehaving servers: one clear line for each, and no harm to anything else."""

import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import feedparser
import pytest
from lxml import etree

from tests.support.attacks import active_parts
from tests.support.loopback import Loopback, Reply
from tests.support.misbehaving import (
    MOST_ITEMS,
    PASSWORD,
    SETTINGS,
    WAYS,
    Way,
    item,
    misbehaving,
    ok,
    rss,
)
from tests.support.project import ONE, Project, Ran, assert_clear_error, make_project

IS_LINUX = sys.platform == "linux"
MOST_MEMORY = 300_000_000
HEALTHY = ("digests", "healthy")
"""The well-behaved sources next to the others: a digest and a feed, with one entry each."""

_ATOM = "{http://www.w3.org/2005/Atom}"
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")

_MEASURE = """
import atexit, re, resource
def peak():
    with open("/proc/self/status") as status:  # ru_maxrss holds what forked this process
        own = int(re.search(r"VmHWM:\\s*(\\d+)", status.read())[1])
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    with open("peak", "w") as file:
        file.write(str(1024 * max(own, children)))
atexit.register(peak)
"""
"""Writes, when a process ends, the peak memory of it or a child."""


@dataclass(frozen=True, slots=True)
class Source:
    """One of the sources of a project."""

    id: str
    location: str
    is_allowed: bool = True


def test_each_way_to_misbehave_has_its_name() -> None:
    """The table holds at least sixty ways, each with its own name."""
    names = [way.name for ways in WAYS.values() for way in ways]
    assert len(names) >= 60
    assert len(set(names)) == len(names)
    assert all(way.what.endswith(".") for ways in WAYS.values() for way in ways)


@pytest.mark.slow
@pytest.mark.parametrize("kind", WAYS)
def test_misbehaving_server_fails_its_source_only(kind: str, tmp_path: Path) -> None:
    """Each way fails its own source at most, in one line, and the same way the next day."""
    ways = WAYS[kind]
    with Loopback() as healthy, misbehaving(ways) as servers:
        healthy.at("/feed", ok(rss(item("healthy"))))
        places = [Source(way.name, servers[way.name][0], way.is_allowed) for way in ways]
        fetch = SETTINGS.get(kind, 'timeout = "20s"\nmax_item_size = "100kB"')
        project = project_of(
            tmp_path / "p", [Source("healthy", healthy.url("/feed")), *places], fetch
        )

        ran = project.run_process("once", "--json", before=_MEASURE if IS_LINUX else "")
        wrong = _wrong(project, ran, ways, later=False)
        assert not wrong, "\n".join(wrong)
        assert not IS_LINUX or int((project.folder / "peak").read_text()) < MOST_MEMORY
        assert_nothing_leaked(project, ran, project.run("status"))

        before, ids = project.feeds(), _ids(project)
        ran = project.run("once", "--json")
        wrong = _wrong(project, ran, ways, later=True)
        assert not wrong, "\n".join(wrong)
        assert ids <= _ids(project)
        if all(way.later is None for way in ways):
            assert project.feeds() == before
        assert_nothing_leaked(project, ran, project.run("status"))
        _assert_nothing_asked_in_vain(servers)


def _assert_nothing_asked_in_vain(servers: dict[str, tuple[str, Loopback | None]]) -> None:
    """No cookie is returned, no external entity read, and no private address connected to."""
    for name, (_, server) in servers.items():
        if server is not None:
            assert not any("cookie" in request.headers for request in server.requests), name
            assert not server.asked("/secret"), name
            assert not (name.startswith("private") and server.requests), name


# From a public place to a private one

PUBLIC = """
from aggregator.fetch import guard, resolve
is_public, look_up = guard.is_public, resolve._look_up
guard.is_public = lambda address: address == "127.0.0.1" or is_public(address)
answers = {"rebinding.example": iter(["127.0.0.1", "127.0.0.2", "127.0.0.2"])}
def changed(name, port):
    found = next(answers[name], None) if name in answers else None
    return ([found], "") if found else look_up(name, port)
resolve._look_up = changed
"""
"""Makes 127.0.0.1 public, and changes the address of ``rebinding.example`` once known."""

PRIVATE = {
    "plain": "http://127.0.0.2:{port}/",
    "name": "http://rebinding.example:{port}/again",
    "mapped": "http://[::ffff:127.0.0.2]:{port}/",
    "decimal": "http://2130706434:{port}/",
    "octal": "http://0177.0.0.2:{port}/",
    "hexadecimal": "http://0x7f.2:{port}/",
    "ipv6": "http://[::1]:{port}/",
    "nat64": "http://[64:ff9b::7f00:2]:{port}/",
    "nat64-local": "http://[64:ff9b:1::7f00:2]:{port}/",
    "6to4": "http://[2002:7f00:2::1]:{port}/",
    "metadata": "http://169.254.169.254/latest/meta-data/",
    "network": "http://10.0.0.1/",
    "zero": "http://0.0.0.0:{port}/",
}


def test_public_source_leads_to_private_address(tmp_path: Path) -> None:
    """Neither a redirect nor a name that changes its address reaches a private one."""
    with Loopback() as server:
        for name, location in PRIVATE.items():
            place = location.format(port=server.port)
            server.at(f"/{name}", Reply(302, b"", {"Location": place}))
        hosts = dict.fromkeys(PRIVATE, "127.0.0.1") | {"name": "rebinding.example"}
        places = [
            Source(name, server.url(f"/{name}", host), is_allowed=False)
            for name, host in hosts.items()
        ]
        project = project_of(tmp_path / "p", places)
        ran = project.run_process("once", "--json", before=PUBLIC)
        assert_clear_error(ran, 1, "not a public address")
        errors = {source["id"]: source["error"] for source in ran.json["sources"]}
        refused = ("not a public address", "is not an address")  # httpx does not parse octal ones
        for name in PRIVATE:
            assert any(words in errors[name] for words in refused), errors[name]
        assert sorted(request.path for request in server.requests) == sorted(
            f"/{name}" for name in PRIVATE
        )


def test_page_names_a_private_feed(tmp_path: Path) -> None:
    """Autodiscovery follows no link to a private address."""
    with Loopback() as server:
        links = "".join(
            f'<link rel="alternate" type="application/rss+xml" href="{place}">'
            for place in (f"http://localhost:{server.port}/secret", "http://[::1]/secret")
        )
        server.at("/page", ok(f"<html><head>{links}</head></html>", "text/html"))
        server.at("/secret", ok(rss(item("secret"))))
        project = project_of(
            tmp_path / "p", [Source("page", server.url("/page"), is_allowed=False)]
        )
        blind = PUBLIC.replace("look_up(name, port)", '(["127.0.0.2"], "")')
        assert_clear_error(project.run_process("once", before=blind), 1, "page: ", "web page")
        assert not server.asked("/secret")


# Credentials


def test_password_goes_to_its_origin_only(tmp_path: Path) -> None:
    """A redirect to another port gets no credentials, and no output ever holds them."""
    with Loopback() as server, Loopback() as other:
        other.at("/feed", ok(rss(item("elsewhere"))))
        server.at("/feed", Reply(301, b"", {"Location": other.url("/feed")}))
        address = server.url("/feed").replace("//", f"//reader:{PASSWORD}@")
        project = project_of(tmp_path / "p", [Source("moved", address)])
        ran = project.run("once")
        assert ran.code == 0, ran.err
        assert "authorization" in server.requests[0].headers
        assert "authorization" not in other.requests[0].headers
        assert_nothing_leaked(project, ran, project.run("status"))


# What all of them share


def project_of(folder: Path, sources: Sequence[Source], fetch: str = "") -> Project:
    """Return a project with a digest and ``sources``, all of NATO; ``fetch``: more settings."""
    tables = [
        f'[[sources]]\nid = "{source.id}"\nlocation = "{source.location}"\nagency = "nato"\n'
        f"allow_private = {str(source.is_allowed).lower()}\n"
        for source in sources
    ]
    config = f"""
title = "Trial"
base_url = "http://localhost:8080/"
entries_per_feed = 1000

[fetch]
delay = "0s"
max_items = {MOST_ITEMS}
{fetch}

[[agencies]]
id = "nato"
name = "NATO"

[[sources]]
id = "digests"
location = "digests/*.txt"
"""
    return make_project(folder, {"a.txt": ONE}, config="\n".join([config, *tables]))


def _wrong(project: Project, ran: Ran, ways: Sequence[Way], *, later: bool) -> list[str]:
    """Return everything that is wrong after a run, each in a line."""
    assert ran.out, ran.err
    status = project.run("status", "--json").json
    sources = {source["id"]: source for source in status["sources"]}
    findings = project.run("doctor", "--json").json["findings"]
    shown = project.run("status").out.splitlines()
    return [
        *_wrong_of_run(ran, ways, sources, later=later),
        *_wrong_of_status(shown, sources),
        *_wrong_of_store(project, findings, sources),
        *_wrong_of_feeds(project),
    ]


def _wrong_of_run(
    ran: Ran, ways: Sequence[Way], sources: dict[str, Any], *, later: bool
) -> Iterator[str]:
    reports = {source["id"]: source for source in ran.json["sources"]}
    lines = ran.err.splitlines()
    for name in HEALTHY:
        if sources[name]["error"] or sources[name]["entries"] != 1 or _lines_of(name, lines):
            yield f"{name}: {sources[name]}: {lines}"
    failed = 0
    for way in ways:
        source, told = sources[way.name], _lines_of(way.name, lines)
        failed += source["error"] is not None
        for problem in _wrong_of_way(way, source, reports[way.name], told, later=later):
            yield f"{way.name}: {problem}\n    {source}\n    {told}"
    if ran.code != int(failed > 0):
        yield f"exit code {ran.code} for {failed} sources that failed"
    strange = [line for line in lines if not line.startswith("aggregator: ")]
    strange += [line for line in lines if not line.isprintable() or "fault in this" in line]
    yield from (f"on stderr: {line!a}" for line in strange)


def _wrong_of_status(lines: Sequence[str], sources: dict[str, Any]) -> Iterator[str]:
    """``status`` has one line with the reason for each failed source, and none for the others."""
    for name, source in sources.items():
        shown = [line for line in lines if line.startswith(f"  {name} ")]
        if len(shown) != 1 or (source["error"] or "") not in shown[0]:
            yield f"{name}: status shows {shown}"
        elif bool(source["error"]) != (shown[0].split()[1] == "failed"):
            yield f"{name}: status shows another result: {shown}"


def _lines_of(source: str, lines: Iterable[str]) -> list[str]:
    return [line for line in lines if line.startswith(f"aggregator: {source}: ")]


def _wrong_of_way(
    way: Way, source: dict[str, Any], report: dict[str, Any], told: list[str], *, later: bool
) -> Iterator[str]:
    says = way.says_later if later and way.says_later is not None else way.says
    entries = way.later if later and way.later is not None else way.entries
    error = report["error"]
    if entries is None:
        says = "" if error else None
    elif source["entries"] != entries:
        yield f"{source['entries']} entries, not {entries}"
    # A source that was not asked again keeps what its server said the last time.
    if source["error"] != error and "no requests until" not in (error or ""):
        yield f"once says {error!a}"
    if (says is None) != (error is None):
        yield "failed" if error else "did not fail"
        return
    if says is None:
        if not later and entries is not None:
            yield from _wrong_of_details(way.mentions, told)
        return
    if len(told) != 1:
        yield f"{len(told)} lines are told"
    if not all(word in error for word in says.split("|")):
        yield f"does not say {says!r}"
    if not error.isprintable() or not 10 < len(error) < 500 or "Error" in error:
        yield "is not said in one clear line"
    if source["result"] != "failed" or not source["failures"] or not source["why"].isprintable():
        yield "has no failure"
    if source["next_due"] is None and "gone" not in source["why"]:
        yield "is never asked again"


def _wrong_of_details(tells: str, told: list[str]) -> Iterator[str]:
    if bool(tells) != bool(told):
        yield f"{len(told)} lines are told"
    if not all(word in line for word in tells.split("|") for line in told):
        yield f"does not tell {tells!r}"


def _wrong_of_store(
    project: Project, findings: list[dict[str, Any]], sources: dict[str, Any]
) -> Iterator[str]:
    """Return what the program and SQLite find wrong with the store."""
    if not project.is_sound():
        yield "the store is damaged"
    unread = {id_ for id_, source in sources.items() if source["last_success"] is None}
    for finding in findings:
        match = re.match(r"source (\S+) could never be read", finding["problem"])
        if not (match and match[1] in unread):
            yield f"doctor: {finding}"


def _wrong_of_feeds(project: Project) -> Iterator[str]:
    """Return what in the feeds is not well-formed, not clean, or active."""
    feeds = project.feeds()
    if "all.atom" not in feeds:
        yield "there is no feed"
    for name, content in feeds.items():
        if name.endswith((".rss", ".opml")):
            etree.fromstring(content)
        if name.endswith(".json"):
            json.loads(content)
        if not name.endswith(".atom"):
            continue
        if feedparser.parse(content, sanitize_html=False).bozo:
            yield f"{name}: feedparser stumbles over it"
        root = etree.fromstring(content)
        yield from (f"{name}: {problem}" for problem in _wrong_of_atom(root))


def _wrong_of_atom(root: Any) -> Iterator[str]:
    ids = [entry.findtext(f"{_ATOM}id") for entry in root.iter(f"{_ATOM}entry")]
    if len(set(ids)) != len(ids):
        yield "two entries have one id"
    for element in root.iter():
        text = element.text or ""
        if _FORBIDDEN.search(text):
            yield f"control characters in {element.tag}: {text[:80]!a}"
        if element.get("type") == "html" and (found := active_parts(text)):
            yield f"active: {found[:3]}"
        href = element.get("href")
        if href is not None and not href.startswith(("http://", "https://", "urn:", "tag:")):
            yield f"a link leads to {href[:80]!a}"
        if element.tag == f"{_ATOM}id" and re.match(r"(?:javascript|data|vbscript):", text):
            yield f"an id is {text[:80]!a}"
        if element.tag == f"{_ATOM}title" and element.get("type") == "html" and "<" in text:
            yield f"a title has markup: {text[:80]!a}"


def _ids(project: Project) -> set[str]:
    return {id_ for (id_,) in project.rows("SELECT id FROM entries")}


def assert_nothing_leaked(project: Project, *runs: Ran) -> None:
    """No output, feed or table holds the password or a terminal control sequence."""
    for text in (text for ran in runs for text in (ran.out, ran.err)):
        assert PASSWORD not in text
        assert not _FORBIDDEN.search(text), ascii(text)
    held = [*project.feeds().values(), *project.store_bytes().values()]
    assert not any(PASSWORD.encode() in content for content in held)
    assert not any(b"root:x:0" in content for content in held)  # an external entity
    assert PASSWORD not in json.dumps(project.contents(), default=repr)
