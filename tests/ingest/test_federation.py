"""Aggregators that read each other: what a subscriber of the last one receives."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aggregator.config import load
from aggregator.ingest.derive import derive
from aggregator.ingest.jobs import Job, ReadDocument, ReadResult, read_rules
from aggregator.ingest.read import read
from aggregator.ingest.retention import remove_expired
from aggregator.ingest.run import ingest_delivery, open_run
from aggregator.ingest.sandbox import KillableProcess
from aggregator.ingest.transfer import pack_result, unpack_result
from aggregator.model import Document
from aggregator.output.regenerate import regenerate
from aggregator.store import open_store
from aggregator.store.documents import remember_sources
from aggregator.store.retention import Keep
from tests.support.federation import MEDIA_TYPES, NOW, Federation, Node, Upstream
from tests.support.loopback import Loopback
from tests.support.misbehaving import prose
from tests.support.project import ROOT, block, digest

DAY = timedelta(days=1)

JCS = """
[[agencies]]
id = "us-jcs"
name = "US Joint Chiefs of Staff"
aliases = ["US Defense Joint Chiefs of Staff"]
"""


@pytest.fixture
def federation(tmp_path: Path) -> Iterator[Federation]:
    with Loopback() as server:
        yield Federation(tmp_path, server)


def _seeds() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((ROOT / "seeds").glob("*.txt"))}


@pytest.mark.parametrize("form", ["json", "atom"])
def test_three_hops_have_the_same_entries_as_the_first(federation: Federation, form: str) -> None:
    first = federation.node("a", digests=_seeds(), agencies=JCS)
    second = federation.node("b", Upstream("a", f"all.{form}"))
    third = federation.node("c", Upstream("b", f"all.{form}"))
    fourth = federation.node("d", Upstream("c", f"all.{form}"))
    for node in (first, second, third, fourth):
        reports = node.run()
        assert not [report.error for report in reports if report.error]
    expected = first.entries()
    assert len(expected) > 40
    bases = {item["_aggregator"]["dating"]["basis"] for item in expected.values()}
    assert {"inferred", "stated"} <= bases  # not only what Atom has without the extension
    for node in (second, third, fourth):
        assert node.entries() == expected
        assert node.entries("us-jcs").keys() == first.entries("us-jcs").keys()


def test_feed_of_an_agency_tells_its_agency_in_atom(federation: Federation) -> None:
    federation.node("a", digests=_seeds(), agencies=JCS).run()
    reader = federation.node("b", Upstream("a", "us-jcs.atom"))
    reader.run()
    assert {item["_aggregator"]["agency"] for item in reader.entries().values()} == {"us-jcs"}
    assert reader.entries("us-jcs") == federation.nodes["a"].entries("us-jcs")


def test_ordinary_source_cannot_state_anything_by_the_extension(federation: Federation) -> None:
    federation.node("a", digests=_seeds(), agencies=JCS).run()
    for form in ("json", "atom"):
        reader = federation.node(
            f"b-{form}", Upstream("a", f"all.{form}", "format = 'json'" if form == "json" else "")
        )
        reader.run()
        entries = reader.entries()
        assert len(entries) > 40
        assert not entries.keys() & federation.nodes["a"].entries().keys()
        bases = {item["_aggregator"]["dating"]["basis"] for item in entries.values()}
        assert bases == {"upstream"}


def _release(agency: str, title: str, date: str | None = None, seed: str = "") -> str:
    return block(title, agency, prose(f"{title} {seed}", 60), date=date)


def _shards(federation: Federation) -> list[Node]:
    shared = _release("NATO", "Northern exercise ends", "2024-05-20")
    nato = digest(_release("NATO", "Ministers meet in Oslo"), shared)
    europol = digest(
        _release("Europol", "Forged notes seized", "2024-05-21"),
        block("Joint statement on ports", "Europol", prose("ports", 80)),
    )
    others = digest(
        shared,
        block("Joint statement on ports", "INTERPOL", prose("ports", 80)),
        _release("Herring Board", "Herring fleet comes home"),
    )
    found = []
    for name, text in (("s1", nato), ("s2", europol), ("s3", others)):
        found.append(federation.node(name, digests={"a.txt": text}))
    return found


def test_three_shards_combined_are_the_union_without_doubles(federation: Federation) -> None:
    shards = _shards(federation)
    for shard in shards:
        shard.run()
    combiner = federation.node("all", *(Upstream(name) for name in ("s1", "s2", "s3")))
    combiner.run()
    entries = combiner.entries()
    told = [shard.entries() for shard in shards]
    joint, shared = "Joint statement on ports", "Northern exercise ends"
    for number, one in enumerate(told):
        for entry_id, item in one.items():
            # The time on a day that only the day is known of is each shard's own: the first's is
            # kept.
            if item["title"] != joint and (number, item["title"]) != (2, shared):
                assert entries[entry_id] == item
    assert len(entries) == 5  # the exercise and the joint statement are in two shards
    (both,) = (item for item in entries.values() if item["title"] == joint)
    assert both["_aggregator"]["agency"] == "europol"
    assert both["_aggregator"]["also_by"] == ["interpol"]
    assert both["id"] in told[1]
    assert entries.keys() == _single(federation).keys()


def _single(federation: Federation) -> dict[str, Any]:
    digests = {
        f"{name}.txt": (federation.nodes[name].project.folder / "digests/a.txt").read_bytes()
        for name in ("s1", "s2", "s3")
    }
    node = federation.node("single", digests=digests)
    node.run()
    return node.entries()


def test_shard_that_is_down_keeps_its_entries_and_comes_back(federation: Federation) -> None:
    first, second, _ = _shards(federation)
    first.run()
    second.run()
    combiner = federation.node("all", Upstream("s1"), Upstream("s2"))
    combiner.run()
    before = combiner.entries()
    federation.put("/s1/all.json", b"gone", "text/plain")
    second.project.write_digest("b.txt", digest(_release("Europol", "Second wave of arrests")))
    second.run(NOW + DAY)
    reports = {report.id: report for report in combiner.run(NOW + DAY)}
    assert reports["s1"].error
    assert not reports["s2"].error
    after = combiner.entries()
    assert {entry_id: after[entry_id] for entry_id in before} == before
    assert len(after) == len(before) + 1
    first.run(NOW + 2 * DAY)
    reports = {report.id: report for report in combiner.run(NOW + 2 * DAY)}
    assert not reports["s1"].error
    assert combiner.entries() == after


def test_revision_keeps_its_id_and_its_time_of_change_over_two_hops(
    federation: Federation,
) -> None:
    text = prose("treaty", 80)
    first = federation.node("a", digests={"a.txt": digest(block("Treaty agreed", "NATO", text))})
    second = federation.node("b", Upstream("a"))
    third = federation.node("c", Upstream("b", "all.atom"))
    for node in (first, second, third):
        node.run()
    before = third.entries()
    changed = digest(block("Treaty agreed", "NATO", f"{text}\n\n{prose('annex', 20)}"))
    first.project.write_digest("b.txt", changed, NOW)
    for node in (first, second, third):
        node.run(NOW + DAY)
    expected = first.entries()
    assert expected.keys() == before.keys()
    assert expected != before
    (item,) = expected.values()
    assert item["_aggregator"]["revised"] == [NOW.isoformat()]
    assert second.entries() == third.entries() == expected


@pytest.mark.parametrize("form", ["json", "atom"])
def test_two_that_read_each_other_settle_after_one_round(federation: Federation, form: str) -> None:
    own = {"a": ("NATO", "Ministers meet in Oslo"), "b": ("Europol", "Forged notes seized")}
    for name, other in (("a", "b"), ("b", "a")):
        text = digest(_release(*own[name], "2024-05-21"), _release(own[name][0], f"Of {name}"))
        federation.node(name, Upstream(other, f"all.{form}"), digests={"a.txt": text})
    first, second = federation.nodes["a"], federation.nodes["b"]
    for node in (first, second, first, second):
        node.run()
    assert len(first.entries()) == 4
    assert first.entries() == second.entries()
    settled = [node.project.files() for node in (first, second)]
    for day in range(1, 4):
        for node in (first, second):
            reports = node.run(NOW + day * DAY)
            assert {report.status for report in reports} == {"unchanged"}
    assert [node.project.files() for node in (first, second)] == settled
    for node in (first, second):
        assert node.project.rows("SELECT count(*) FROM revisions") == [(0,)]
        assert node.project.rows("SELECT count(*) FROM entries WHERE changed IS NOT NULL") == [(0,)]


def test_dating_of_an_own_entry_does_not_stay_by_its_echo(federation: Federation) -> None:
    title, text = "Ministers meet in Oslo", prose("Oslo", 60)
    first = federation.node(
        "a", Upstream("b"), digests={"a.txt": digest(block(title, "NATO", text))}
    )
    second = federation.node("b", Upstream("a"))
    for node in (first, second, first, second):
        node.run()
    first.project.write_digest("b.txt", digest(block(title, "NATO", text, date="2024-05-03")))
    for day in (1, 2):
        for node in (first, second):
            node.run(NOW + day * DAY)
    for node in (first, second):
        (item,) = node.entries().values()
        assert item["_aggregator"]["dating"]["basis"] == "upstream"
        assert item["date_published"].startswith("2024-05-03")


def test_doctor_finds_nothing_amiss_in_a_combined_store(federation: Federation) -> None:
    shards = _shards(federation)
    for shard in shards:
        shard.run()
    text = digest(_release("NATO", "Ministers meet in Oslo"))
    combiner = federation.node(
        "all", *(Upstream(name) for name in ("s1", "s2", "s3")), digests={"own.txt": text}
    )
    combiner.run()
    more = digest(_release("NATO", "Ministers meet in Oslo", seed="again"))
    shards[0].project.write_digest("b.txt", more, NOW)
    shards[0].run(NOW + DAY)
    combiner.run(NOW + DAY)
    ran = combiner.project.run("doctor")
    assert (ran.code, ran.err) == (0, ""), ran.out


def _item(entry_id: str, title: str, text: str, agency: str, **more: Any) -> dict[str, Any]:
    """An item as an Aggregator writes it; ``more`` replaces members of its extension."""
    published = more.pop("published", "2024-05-20T10:00:00+00:00")
    return {
        "id": entry_id,
        "title": title,
        "content_html": f"<p>{text}</p>",
        "date_published": published,
        "date_modified": more.pop("updated", published),
        "authors": [{"name": agency.upper()}],
        "tags": [agency.upper()],
        "_aggregator": {
            "agency": agency,
            "names": {agency: agency.upper()},
            "dating": {
                "basis": "inferred",
                "earliest": "2024-05-18T00:00:00+00:00",
                "latest": "2024-05-22T23:59:59+00:00",
                "evidence": "on Monday",
            },
            **more,
        },
    }


_TEXT = prose("the honest text", 60)
_HONEST = _item("urn:uuid:11111111-1111-5111-8111-111111111111", "Ports reopen", _TEXT, "nato")
_ID = _HONEST["id"]
_OTHER = prose("another text altogether", 60)

LIES = {
    "an id of another's agency, with another text": _item(_ID, "Buy now", _OTHER, "europol"),
    "an id and an agency of another's": _item(_ID, "Buy now", _OTHER, "nato"),
    "another's entry with an edited text": _item(_ID, "Ports reopen", f"{_TEXT} Buy now.", "nato"),
    "another's entry as its own": _item(_ID, "Ports reopen", _TEXT, "europol"),
    "another date and window": _item(
        _ID, "Ports reopen", _TEXT, "nato", published="1999-01-01T00:00:00+00:00",
        dating={"basis": "upstream", "earliest": "1999-01-01T00:00:00+00:00",
                "latest": "1999-01-01T00:00:00+00:00", "evidence": "Fri, 1 Jan 1999"},
    ),
    "a later change": _item(_ID, "Ports reopen", _TEXT, "nato", updated="2024-06-03T11:00:00Z"),
    "another carrier and cut": _item(
        _ID, "Ports reopen", _TEXT, "nato", also_by=["evil"], names={"nato": "EVIL"},
        truncated=True, revised=["2024-06-01T00:00:00Z"],
    ),
    "another id for another's entry": _item(
        "urn:uuid:22222222-2222-5222-8222-222222222222", "Ports reopen", _TEXT, "nato"
    ),
}  # fmt: skip


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
@pytest.mark.parametrize("claims", ["", '\nagencies = ["europol"]', '\nagencies = ["nato"]'])
def test_lying_shard_changes_no_entry_of_another(
    federation: Federation, lie: dict[str, Any], claims: str
) -> None:
    federation.put_items("honest", [_HONEST])
    federation.put_items("liar", [lie])
    combiner = federation.node(
        "all",
        Upstream("honest", more='aggregator = true\nagencies = ["nato"]'),
        Upstream("liar", more=f"aggregator = true{claims}"),
    )
    combiner.run()
    alone = federation.node("alone", Upstream("honest"))
    alone.run()
    expected = alone.entries()[_ID]
    for day in (1, 2):
        found = combiner.entries()[_ID]
        carriers = found["_aggregator"].pop("also_by", [])
        assert set(carriers) <= {"europol"}  # carries the very text, and no more
        if carriers:
            found["tags"].remove("europol")
            found["_aggregator"]["names"].pop("europol")
        assert found == expected
        federation.put_items("liar", [lie, _item("urn:x-new:1", "New", _OTHER, "nato")])
        combiner.run(NOW + day * DAY)
    assert combiner.project.run("doctor").code == 0


def test_claims_leave_out_items_of_other_agencies_with_a_line(federation: Federation) -> None:
    others = [
        _item(f"urn:x-a:{n}", f"Of agency {n}", prose(str(n), 50), f"agency-{n}")
        for n in range(300)
    ]
    federation.put_items("liar", [_HONEST, *others])
    combiner = federation.node(
        "all", Upstream("liar", more='aggregator = true\nagencies = ["nato"]')
    )
    (report,) = combiner.run()
    (problem,) = report.problems
    assert "300 items are left out" in problem
    assert "'agency-0' (1)" in problem
    assert "295 more" in problem
    assert combiner.entries().keys() == {_ID}
    assert combiner.project.rows("SELECT id FROM agencies ORDER BY id") == [("nato",)]


def test_shard_that_rolls_back_repeats_and_changes_ids_keeps_its_entries(
    federation: Federation,
) -> None:
    first = _item("urn:x-a:1", "Treaty agreed", _TEXT, "nato")
    second = _item(
        "urn:x-a:1", "Treaty agreed", f"{_TEXT} Amended.", "nato", updated="2024-05-21T10:00:00Z",
        revised=["2024-05-21T10:00:00Z"],
    )  # fmt: skip
    combiner = federation.node("all", Upstream("shard"))
    for day, item in enumerate((first, second)):
        federation.put_items("shard", [item])
        combiner.run(NOW + day * DAY)
    expected = combiner.entries()
    (entry,) = expected.values()
    assert entry["date_modified"] == "2024-05-21T10:00:00+00:00"
    assert "Amended" in entry["content_html"]
    federation.put_items("shard", [first])  # rolled back
    combiner.run(NOW + 2 * DAY)
    (entry,) = combiner.entries().values()
    assert "Amended" in entry["content_html"]
    assert entry["date_modified"] == "2024-05-21T10:00:00+00:00"
    renamed = {**second, "id": "urn:x-a:9"}
    federation.put_items("shard", [renamed, renamed])
    combiner.run(NOW + 3 * DAY)
    (entry,) = combiner.entries().values()
    assert entry["id"] == "urn:x-a:1"
    assert entry["date_modified"] == "2024-05-21T10:00:00+00:00"


@pytest.mark.parametrize(
    ("lie", "words"),
    [
        ({"published": "2031-01-01T00:00:00Z"}, "dated in the future"),
        ({"published": "1850-01-01T00:00:00Z"}, "dated before 1900"),
        ({"published": "2024-05-01T00:00:00Z"}, "outside of the days"),
        (
            {"dating": {"basis": "inferred", "earliest": "2024-05-22T00:00:00Z",
                        "latest": "2024-05-18T00:00:00Z", "evidence": ""}},
            "what cannot be",
        ),
        ({"dating": {"basis": "sworn", "earliest": None, "latest": None}}, "what cannot be"),
        ({"dating": ["inferred"]}, "what cannot be"),
    ],
)  # fmt: skip
def test_impossible_dating_is_not_taken_over(
    federation: Federation, lie: dict[str, Any], words: str
) -> None:
    federation.put_items("liar", [_item("urn:x-a:1", "Treaty agreed", _TEXT, "nato", **lie)])
    combiner = federation.node("all", Upstream("liar"))
    (report,) = combiner.run()
    assert any(words in problem for problem in report.problems)
    (entry,) = combiner.entries().values()
    assert entry["id"] == "urn:x-a:1"
    assert entry["_aggregator"]["dating"]["basis"] == "first-seen"
    assert entry["date_published"] <= NOW.isoformat()


def test_exact_time_of_a_shard_joins_an_own_digest_only_where_claimed(
    federation: Federation,
) -> None:
    text = digest(block("Ports reopen", "NATO", f"{_TEXT}\n\nIssued on 20 May 2024."))
    exact = _item(
        _ID, "Ports reopen", f"{_TEXT}</p><p>Issued on 20 May 2024.", "nato",
        dating={"basis": "upstream", "earliest": "2024-05-20T10:00:00Z",
                "latest": "2024-05-20T10:00:00Z", "evidence": "Mon, 20 May 2024 10:00 GMT"},
    )  # fmt: skip
    federation.put_items("shard", [exact])
    found = {}
    for name, claims in (("no", ""), ("yes", '\nagencies = ["nato"]')):
        node = federation.node(
            name, Upstream("shard", more=f"aggregator = true{claims}"), digests={"a.txt": text}
        )
        node.run()
        (entry,) = node.entries().values()
        found[name] = entry["_aggregator"]["dating"]["basis"], entry["date_published"]
        assert node.project.run("doctor").code == 0
    assert found["no"][0] != "upstream"
    assert found["yes"] == ("upstream", "2024-05-20T10:00:00+00:00")


@pytest.mark.parametrize("form", ["json", "atom", "rss"])
def test_feed_of_an_aggregator_that_is_not_configured_as_one_is_remarked(
    federation: Federation, form: str
) -> None:
    federation.node("a", digests={"a.txt": digest(_release("NATO", "Ministers meet"))}).run()
    plain = federation.node("b", Upstream("a", f"all.{form}", ""))
    known = federation.node("c", Upstream("a", f"all.{form}"))
    for node in (plain, known):
        node.run()
    words = "'aggregator = true' would keep its ids, agencies and dates"
    assert words in plain.project.run("status").out
    assert words in plain.project.run("check").out
    assert words not in known.project.run("status").out
    assert words not in known.project.run("check").out
    (source,) = plain.project.run("status", "--json").json["sources"]
    assert source["is_aggregator"]
    federation.put(f"/a/all.{form}", STRANGER, "application/rss+xml")
    plain.run(NOW + DAY)
    assert words not in plain.project.run("status").out


def test_agencies_of_another_aggregator_are_not_to_be_configured_here(
    federation: Federation,
) -> None:
    """Only ids of a source's 'agencies' that nothing has are told, once it was read."""
    federation.node(
        "a", digests={"a.txt": digest(_release("Harbour Office", "Ministers meet"))}
    ).run()
    combiner = federation.node(
        "b", Upstream("a", more='aggregator = true\nagencies = ["harbour-office", "harbor-offis"]')
    )
    assert "there is no agency" not in combiner.project.run("check").out
    combiner.run()
    checked = combiner.project.run("check").out
    warning = "source a: warning: there is no agency 'harbor-offis' yet"
    assert f"{warning}; did you mean 'harbour-office'?" in checked
    assert checked.count("there is no agency") == 1
    shown = combiner.project.run("status").out
    assert "Harbour Office" in shown
    assert "not configured" not in shown
    (agency,) = combiner.project.run("status", "--json").json["agencies"]
    assert (agency["configured"], agency["relayed"]) == (False, True)


STRANGER = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>
<generator>WordPress</generator><item><title>Something else</title></item></channel></rss>"""


def test_trying_an_aggregator_says_what_would_keep_its_ids(federation: Federation) -> None:
    federation.node("a", digests={"a.txt": digest(_release("NATO", "Ministers meet"))}).run()
    node = federation.node("b")
    ran = node.project.run("test", federation.server.url("/a/all.json"), "--allow-private")
    assert "'aggregator = true' would keep its ids" in ran.out


plain_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=8,
)
extensions = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(
            ("agency", "names", "also_by", "dating", "revised", "related", "links"), plain_json
        ),
        "truncated": plain_json | st.just(True),
        "summary_only": plain_json | st.just(True),
    },
)
honest_members = ("agency", "dating", "names")


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lie=extensions,
    kept=st.sets(st.sampled_from(honest_members)),
    entry_id=st.sampled_from([_ID, "urn:x-own:1", "no iri", 7]),
    text=st.sampled_from([_TEXT, f"{_TEXT} More.", _OTHER]),
)
def test_any_extension_is_taken_without_an_error_and_crosses_no_source(
    federation: Federation,
    lie: dict[str, Any],
    kept: set[str],
    entry_id: Any,
    text: str,
) -> None:
    number = len(federation.nodes)
    item = _item("x", "Ports reopen", text, "nato")
    honest = {name: item["_aggregator"][name] for name in kept}
    item |= {"id": entry_id, "_aggregator": {**lie, **honest}}
    federation.put_items("honest", [_HONEST])
    federation.put_items("liar", [item])
    combiner = federation.node(
        f"all-{number}",
        Upstream("honest", more='aggregator = true\nagencies = ["nato"]'),
        Upstream("liar"),
    )
    reports = {report.id: report for report in combiner.run()}
    assert not reports["liar"].error
    found = combiner.entries()[_ID]
    for name in ("title", "content_html", "date_published", "date_modified", "url"):
        assert found.get(name) == _entry_alone(federation).get(name)
    assert found["_aggregator"]["agency"] == "nato"
    assert found["_aggregator"]["dating"] == _entry_alone(federation)["_aggregator"]["dating"]


def _entry_alone(federation: Federation) -> dict[str, Any]:
    if "alone" not in federation.nodes:
        federation.node("alone", Upstream("honest")).run()
    return federation.nodes["alone"].entries()[_ID]


def test_delivery_of_a_hub_is_taken_as_a_poll_is(federation: Federation) -> None:
    shard = federation.node("a", digests=_seeds(), agencies=JCS)
    shard.run()
    polled = federation.node("b", Upstream("a", "all.atom"))
    polled.run()
    node = federation.node("c", Upstream("a", "all.atom"))
    config = load(node.project.config)
    document = Document(
        source="a",
        name="a delivery",
        body=(shard.project.output / "all.atom").read_bytes(),
        sha256="0" * 64,
        modified=NOW,
        address=config.sources[0].location,
        media_type="application/atom+xml",
    )
    with (
        open_store(config.store) as store,
        open_run(config, store, clock=lambda: NOW, is_continuous=True) as run,
    ):
        with store.transaction():
            remember_sources(store, [("a", config.sources[0].location)])
        done: list[ReadResult] = []
        job = Job(config.sources[0], document, is_partial=True)
        report = ingest_delivery(run, job, lambda _job, result: result, done.append)
        derive(config, store)
        regenerate(config, store)
    assert report.new == len(shard.entries())
    assert len(done) == 1
    assert node.entries() == polled.entries() == shard.entries()


def test_own_digest_that_comes_later_takes_the_entry_over(federation: Federation) -> None:
    text = digest(block("Ports reopen", "NATO", _TEXT, date="2024-05-20"))
    federation.put_items("shard", [_HONEST])
    node = federation.node("all", Upstream("shard"), digests={"a.txt": digest(_release("X", "Y"))})
    node.run()
    assert node.entries()[_ID]["_aggregator"]["dating"]["basis"] == "inferred"
    node.project.write_digest("b.txt", text, NOW)
    node.run(NOW + DAY)
    own = node.entries()[_ID]
    assert own["_aggregator"]["dating"]["basis"] == "upstream"
    edited = {**_HONEST, "content_html": f"<p>{_TEXT} Buy now.</p>"}
    edited["date_modified"] = "2024-06-04T00:00:00Z"
    federation.put_items("shard", [edited])
    node.run(NOW + 2 * DAY)
    assert node.entries()[_ID] == own
    assert node.project.run("doctor").code == 0


def test_unconfigured_agency_keeps_the_id_that_it_has_upstream(federation: Federation) -> None:
    federation.node("a", digests=_seeds(), agencies=JCS).run()
    node = federation.node("b", Upstream("a"))
    for day in (0, 1):
        node.run(NOW + day * DAY)
        assert "us-jcs" in {row[0] for row in node.project.rows("SELECT agency FROM entries")}
    known = federation.node("c", Upstream("a"), agencies=JCS.replace("us-jcs", "joint"))
    known.run()
    agencies = {item["_aggregator"]["agency"] for item in known.entries().values()}
    assert "joint" in agencies
    assert "us-jcs" not in agencies
    search = federation.node("d", Upstream("a"), agencies='[[feeds]]\nid = "us-jcs"\nquery = "x"\n')
    search.run()
    assert search.project.rows("SELECT 1 FROM entries WHERE agency LIKE '%joint-chiefs%'")
    assert search.project.run("doctor").code == 0


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ('agencies = ["nato"]', "agencies: is for a source with aggregator = true"),
        ('aggregator = true\nagency = "nato"', "agency: aggregator = true takes agencies"),
        ('aggregator = true\nagencies = ["a/b"]', "agencies: may contain only letters"),
        ("aggregator = 1", "aggregator: must be true or false"),
    ],
)
def test_keys_that_contradict_are_named(federation: Federation, more: str, words: str) -> None:
    node = federation.node("a", Upstream("b", more=more))
    ran = node.project.run("check")
    assert ran.code == 2
    assert words in ran.err


@pytest.mark.parametrize("form", ["json", "atom"])
def test_entries_of_feeds_of_every_kind_are_the_same_over_two_hops(
    federation: Federation, form: str
) -> None:
    """Pictures, files, pages in several languages, summaries, items without a title."""
    sources = []
    for path in sorted((ROOT / "tests/data/feeds").glob("*.*")):
        if path.suffix in (".xml", ".json"):
            kind = "application/xml" if path.suffix == ".xml" else "application/feed+json"
            address = federation.put(f"/src/{path.name}", path.read_bytes(), kind)
            sources.append(
                f'[[sources]]\nid = "{path.stem}"\nlocation = "{address}"\nallow_private = true\n'
            )
    first = federation.node("a", agencies="".join(sources))
    second = federation.node("b", Upstream("a", f"all.{form}"))
    third = federation.node("c", Upstream("b", f"all.{form}"))
    for node in (first, second, third):
        node.run()
    found = [node.entries() for node in (first, second, third)]
    assert len(found[0]) > 50
    if form == "atom":  # of a time to the second, the evidence is the time as Atom has it
        for item in (item for entries in found for item in entries.values()):
            dating = item["_aggregator"]["dating"]
            if dating["basis"] == "upstream" and dating["earliest"] == dating["latest"]:
                dating["evidence"] = ""
    assert found[1] == found[0]
    assert found[2] == found[0]


def test_archives_of_an_aggregator_have_its_ids_and_datings(federation: Federation) -> None:
    releases = [
        _release("NATO", f"Ministers meet {month}", f"2024-{month:02}-10") for month in (5, 4, 3, 2)
    ]
    old = block("Herring fleet comes home", "NATO", prose("herring", 60))
    first = federation.node("a", digests={"a.txt": digest(*releases, old)})
    config = first.project.config.read_text("utf-8").replace("= 500", "= 1")
    first.project.configure(config)
    first.run()
    for path in first.project.output.rglob("*.atom"):
        # Its archives are where its feeds are read.
        here = federation.server.url("/a/").encode()
        body = path.read_bytes().replace(b"http://a.example/", here)
        name = path.relative_to(first.project.output).as_posix()
        federation.put(f"/a/{name}", body, MEDIA_TYPES["atom"])
    second = federation.node("b", Upstream("a", "all.atom", 'aggregator = true\nbackfill = "all"'))
    second.run()
    query = (
        "SELECT id, agency, published, dating_basis, dating_earliest, dating_latest, title, text"
        " FROM entries ORDER BY id"
    )
    assert second.project.rows(query) == first.project.rows(query)
    assert len(second.project.rows(query)) == 5


def test_removed_entry_of_an_aggregator_does_not_come_back(federation: Federation) -> None:
    items = [
        _item(f"urn:x-a:{n}", f"Release {n}", prose(str(n), 50), "nato", also_by=["jcs"])
        for n in range(3)
    ]
    federation.put_items("shard", items)
    node = federation.node("all", Upstream("shard"))
    node.run()
    config = load(node.project.config)
    with open_store(config.store) as store:
        assert remove_expired([Keep(source="shard", days=None, entries=1)], store, now=NOW) == 2
    assert node.project.rows("SELECT count(*) FROM relayed") == [(1,)]
    assert node.project.rows("SELECT count(*) FROM relayed_credits") == [(1,)]
    federation.put_items("shard", [*items, _item("urn:x-a:9", "New", _OTHER, "nato")])
    node.run(NOW + DAY)
    assert len(node.entries()) == 2
    assert node.project.run("doctor").code == 0


def test_item_of_an_aggregator_is_the_same_read_in_another_process(
    federation: Federation,
) -> None:
    shard = federation.node("a", digests=_seeds(), agencies=JCS)
    shard.run()
    node = federation.node("b", Upstream("a", "all.json", 'aggregator = true\nagencies = ["nato"]'))
    config = load(node.project.config)
    document = Document(
        source="a",
        name="all.json",
        body=(shard.project.output / "all.json").read_bytes(),
        sha256="0" * 64,
        modified=NOW,
        address=config.sources[0].location,
    )
    result = read(Job(config.sources[0], document), read_rules(config), KillableProcess())
    assert isinstance(result, ReadDocument)
    assert any(p.relayed is not None and p.relayed.dating for p in result.prepared)
    packed = pack_result(result)
    assert packed is not None
    assert unpack_result(packed) == result
