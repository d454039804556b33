"""Webhooks: new and changed entries are sent, signed, in order, and until they are accepted."""

import asyncio
import base64
import hashlib
import hmac
import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.config import Config, load
from aggregator.errors import ConfigError
from aggregator.fetch.client import Client
from aggregator.fetch.exchange import Form, FormResponse, Limits
from aggregator.ingest.forget import forget, undo
from aggregator.ingest.run import ingest
from aggregator.output.regenerate import regenerate
from aggregator.output.render import among_feeds
from aggregator.output.stale import output_of
from aggregator.status.alarms import watch
from aggregator.store import open_store
from aggregator.store import webhooks as store_webhooks
from aggregator.store.forgotten import Wanted
from aggregator.store.webhooks import Delivering
from aggregator.websub import webhooks
from aggregator.websub.webhooks import Told
from tests.support.loopback import Connection, Loopback, Reply, Request
from tests.support.project import CONFIG, FIRST, ONE, ROOT, SECOND, Project, make_project

NOW = datetime(2024, 6, 2, 12, tzinfo=UTC)
SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()
HOOK = f'\n[[webhooks]]\nid = "desk"\nurl = "http://127.0.0.1:9/hook"\nsecret = "{SECRET}"\n'
TEN = timedelta(seconds=10)
EDITED = """Tunnel opens on Sunday

Source: NATO

Crews finished the second tube of the tunnel under the strait after nine years of work. Traffic
will use both tubes from Sunday morning on, the harbour office said. {} lorries are expected to
cross in the first week, and ferries will go on sailing until the end of the month. The bridge
beside it closes for repairs in the autumn, when its cables will be inspected one after another.
"""


def digest(*titles: str, source: str = "NATO") -> str:
    """Return a digest with a release of each title, which came out on days that follow."""
    return "\n".join(
        f"{title}\n\nSource: {source}\nDate: 2024-01-{len(titles) - place:02}\n\n"
        f"The {title.lower()} was shown to visitors on a windy day.\n"
        for place, title in enumerate(titles)
    )


class Trial:
    """A project, its store, and receivers that answer as a test says."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.now = NOW
        self.answer: tuple[int | None, str | None] = (204, None)
        self.retry_after: int | None = None
        self.answers: dict[str, int] = {}
        self.forms: list[Form] = []
        self.told: list[Told] = []

    @property
    def config(self) -> Config:
        return load(self.project.config)

    def run(self) -> None:
        """Ingest, and write the feeds."""
        with open_store(self.project.store) as store:
            ingest(self.config, store, now=self.now)
            regenerate(self.config, store)

    def add(self, name: str, content: str) -> None:
        """Add a digest, read it, and write the feeds."""
        later = 60 * len(list(self.project.folder.glob("digests/*")))
        self.project.write(f"digests/{name}.txt", content, later=later)
        self.run()

    async def send(self, form: Form) -> FormResponse:
        self.forms.append(form)
        status, error = self.answer
        status = self.answers.get(form.address.rpartition("/")[2], status)
        return FormResponse(form=form, status=status, error=error, retry_after=self.retry_after)

    def deliver(
        self, send: webhooks.Send | None = None, is_over: Callable[[], bool] = lambda: False
    ) -> list[str]:
        """Send what is due; return the titles that were sent, in order."""
        self.forms.clear()
        self.told.clear()
        with open_store(self.project.store) as store:
            webhooks.deliver(
                self.config,
                store,
                send or self.send,
                self.told.append,
                now=lambda: self.now,
                is_over=is_over,
            )
        return [item["title"] for form in self.forms for item in feed(form)["items"]]

    @property
    def problems(self) -> list[str]:
        return [told.problem for told in self.told if told.problem is not None]

    @property
    def changes(self) -> list[str]:
        return [f"{told.webhook}: {told.change}" for told in self.told if told.change is not None]

    def state(self, name: str = "desk") -> Delivering:
        with open_store(self.project.store) as store:
            return store_webhooks.deliverings(store)[name]


def feed(form: Form) -> dict[str, Any]:
    """Return the JSON Feed of a request."""
    assert form.body is not None
    found: dict[str, Any] = json.loads(form.body)
    return found


@pytest.fixture
def trial(tmp_path: Path) -> Trial:
    """A project with a webhook that was started, and three entries from before."""
    made = Trial(make_project(tmp_path / "p", {"a.txt": FIRST}, config=CONFIG + HOOK))
    made.run()
    assert made.deliver() == []
    assert made.changes == ["desk: starts; entries that come from now on are sent"]
    return made


# What is sent.


def test_entries_from_before_are_not_sent(trial: Trial) -> None:
    """A webhook gets what comes after it was first configured."""
    trial.run()
    assert trial.deliver() == []
    assert trial.told == []


def test_new_entries_are_sent_once_oldest_first(trial: Trial) -> None:
    """In one request, as the items that the feeds have."""
    trial.add("b", digest("Third ship", "Second ship", "First ship"))
    assert trial.deliver() == ["First ship", "Second ship", "Third ship"]
    (form,) = trial.forms
    sent = feed(form)
    assert sent["version"] == "https://jsonfeed.org/version/1.1"
    assert sent["feed_url"] == "http://localhost:8080/all.json"
    listed = json.loads(trial.project.files()["all.json"])["items"]
    assert sent["items"] == [item for item in reversed(listed) if item["title"][-4:] == "ship"]
    assert form.headers["Content-Type"] == "application/feed+json"
    assert trial.deliver() == []
    assert trial.state().waiting == 0
    assert trial.state().delivered == NOW


def test_changed_text_is_sent_again(trial: Trial) -> None:
    """The entry has the same id, and its new text."""
    trial.add("b", EDITED.format("Many"))
    trial.deliver()
    first = feed(trial.forms[0])["items"][0]
    trial.add("c", EDITED.format("Few"))
    assert len(trial.deliver()) == 1
    second = feed(trial.forms[0])["items"][0]
    assert second["id"] == first["id"]
    assert second["content_html"] != first["content_html"]


def test_only_feeds_that_are_named_are_sent(trial: Trial) -> None:
    """An agency, or a saved search with its rules; a feed that nothing has is empty."""
    config = f"""{CONFIG}
[[feeds]]
id = "boats"
query = "boat"
exclude = ["rowing"]

[[webhooks]]
id = "police"
url = "http://127.0.0.1:9/police"
feeds = ["europol", "unknown"]

[[webhooks]]
id = "harbour"
url = "http://127.0.0.1:9/harbour"
feeds = ["boats"]
"""
    trial.project.configure(config)
    trial.run()
    trial.deliver()
    trial.add("b", digest("Boat of oak", "Rowing boat"))
    trial.add("c", digest("Raid at dawn", source="Europol"))
    trial.deliver()
    sent = {form.address[19:]: [i["title"] for i in feed(form)["items"]] for form in trial.forms}
    assert sent == {"police": ["Raid at dawn"], "harbour": ["Boat of oak"]}
    by_address = {form.address[19:]: feed(form) for form in trial.forms}
    assert by_address["harbour"]["feed_url"] == "http://localhost:8080/boats.json"


def test_entries_of_a_feed_are_those_that_the_feed_has(tmp_path: Path) -> None:
    """The quick way, among what is new, selects what writing the whole feed does."""
    searches = (
        'query = "fog OR boats"',
        'agencies = ["nato", "europol"]\nexclude = ["/forged?/"]',
        'include = ["crews", "bridge"]\nmax_per_agency = 1',
        'sources = ["digests"]\nlanguages = ["en"]',
        'categories = ["operation"]',
        'query = "!"',
    )
    tables = [f'[[feeds]]\nid = "f{n}"\n{search}\n' for n, search in enumerate(searches)]
    config = "\n".join([CONFIG, *tables])
    project = make_project(tmp_path / "p", {"a.txt": FIRST, "b.txt": SECOND}, config=config)
    assert project.run("once").code == 0
    files = project.files()
    with open_store(project.store) as store:
        output = output_of(load(project.config), store, touched=())
        ids: dict[int, str] = dict(store.rows("SELECT key, id FROM entries"))
        for name in (*(f"f{n}" for n in range(len(searches))), "all", "nato", "europol"):
            found = [ids[key] for key in among_feeds(output, [name], sorted(ids))]
            listed = {item["id"] for item in json.loads(files[f"{name}.json"])["items"]}
            assert len(found) == len(set(found))
            if name == "f2":  # the feed has one of each agency
                assert listed < set(found)
            else:
                assert set(found) == listed
            few = sorted(ids)[1:3]
            assert among_feeds(output, [name], few) == [key for key in few if ids[key] in found]
        both = {ids[key] for key in among_feeds(output, ["f0", "europol"], sorted(ids))}
        assert {ids[key] for key in among_feeds(output, ["f0"], sorted(ids))} < both


def test_many_entries_are_sent_in_batches(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    """No request has more than so many entries or bytes, and the order is kept over all."""
    monkeypatch.setattr(webhooks, "MOST_ITEMS", 4)
    names = [f"Lantern {name}" for name in ("jay", "owl", "hen", "auk", "kea", "roc", "emu")]
    trial.add("b", digest(*names))
    assert trial.deliver() == names[::-1]
    assert [len(feed(form)["items"]) for form in trial.forms] == [4, 3]
    monkeypatch.setattr(webhooks, "MOST_BYTES", 1)
    trial.add("c", digest("Cabin of pine", "Cabin of larch"))
    assert trial.deliver() == ["Cabin of larch", "Cabin of pine"]
    assert len(trial.forms) == 2


def test_first_document_of_a_feed_is_no_news(tmp_path: Path) -> None:
    """What a new source has when it is read first came before; what follows is sent."""
    with Loopback() as server:
        url = server.at("/feed", Reply(200, rss("Old net"), {"ETag": '"1"'}))
        source = f'\n[[sources]]\nid = "f"\nlocation = "{url}"\nallow_private = true\n'
        trial = Trial(make_project(tmp_path / "p", {"a.txt": FIRST}, config=CONFIG + HOOK))
        trial.run()
        trial.deliver()
        trial.project.configure(CONFIG + source + HOOK)
        trial.run()
        assert trial.deliver() == []
        server.at("/feed", Reply(200, rss("New net", "Old net")))
        trial.now += timedelta(days=2)
        trial.run()
        assert trial.deliver() == ["New net"]


def test_older_pages_of_a_feed_are_no_news(trial: Trial) -> None:
    """They are from before the source was read first, whenever they are read."""
    with Loopback() as server:
        older = server.at("/older", Reply(200, rss("Old net").replace(b"Jun", b"May")))
        link = f'<link xmlns="{_ATOM}" rel="prev-archive" href="{older}"/>'
        url = server.at("/feed", Reply(200, rss("Mid net", more=link)))
        source = f'\n[[sources]]\nid = "f"\nlocation = "{url}"\nallow_private = true\n'
        trial.project.configure(f'{CONFIG}{source}backfill = "1y"\n{HOOK}')
        trial.run()
        server.at("/feed", Reply(200, rss("New net", "Mid net", more=link)))
        trial.now += timedelta(days=2)
        trial.run()
        titles = trial.project.rows("SELECT title FROM entries WHERE title LIKE '%net'")
        assert sorted(titles) == [("Mid net",), ("New net",), ("Old net",)]
        assert trial.deliver() == ["New net"]


_ATOM = "http://www.w3.org/2005/Atom"


def rss(*titles: str, more: str = "") -> bytes:
    """Return a feed with an item of each title, and ``more`` elements."""
    items = "".join(
        f"<item><title>{title}</title><guid>urn:{title[:3]}</guid>"
        f"<description>{title} was mended by the harbour master himself.</description>"
        f"<pubDate>{3 if title.startswith('New') else 1} Jun 2024 10:00:00 GMT</pubDate></item>"
        for title in titles
    )
    return f'<rss version="2.0"><channel><title>N</title>{more}{items}</channel></rss>'.encode()


def test_removed_entry_is_not_sent(trial: Trial) -> None:
    """What a person takes out before it was sent is not sent."""
    trial.add("b", digest("Secret plan", "Open plan"))
    (entry,) = trial.project.rows("SELECT id FROM entries WHERE title = 'Secret plan'")
    trial.answer = (500, None)
    trial.deliver(is_over=lambda: True)
    assert trial.state().waiting == 2
    assert trial.project.run("forget", entry[0], "--yes").code == 0
    trial.now = datetime(2100, 1, 1, tzinfo=UTC)  # the command tried it at the time of the clock
    trial.answer = (204, None)
    assert trial.deliver() == ["Open plan"]


@pytest.mark.parametrize("is_delivered", [True, False])
def test_entry_that_is_put_back_is_not_sent_again(trial: Trial, is_delivered: bool) -> None:
    """It is sent if it waited when it was taken out."""
    trial.add("b", ONE)
    if is_delivered:
        assert trial.deliver() == ["Lighthouse lit again"]
    with open_store(trial.project.store) as store:
        (key,) = store.rows("SELECT id FROM entries WHERE title = 'Lighthouse lit again'")
        wanted = Wanted(kind="entry", name=key[0])
        forget(store, wanted, now=NOW)
        trial.run()
        assert trial.deliver() == []
        assert undo(store, wanted) == 1
    trial.run()
    assert trial.deliver() == ([] if is_delivered else ["Lighthouse lit again"])


# How it is signed.


def test_signature_is_that_of_the_standard(trial: Trial) -> None:
    """HMAC-SHA256 over id, time and body, with the key that is behind ``whsec_``."""
    trial.add("b", ONE)
    trial.deliver()
    (form,) = trial.forms
    event, stamp = form.headers["webhook-id"], form.headers["webhook-timestamp"]
    assert form.body is not None
    assert stamp == str(int(NOW.timestamp()))
    signed = event.encode() + b"." + stamp.encode() + b"." + form.body
    mac = base64.b64encode(hmac.new(b"k" * 32, signed, hashlib.sha256).digest()).decode()
    assert form.headers["webhook-signature"] == f"v1,{mac}"
    assert "." not in event


def test_example_of_the_standard_libraries() -> None:
    """The value that their test suites have for the same key, id, time and body."""
    found = webhooks.signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "1614265330",
        b'{"test": 2432232314}',
    )
    assert found == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_any_text_is_a_secret(trial: Trial) -> None:
    """A secret without the prefix is the key itself; without one nothing is signed."""
    trial.project.configure(CONFIG + HOOK.replace(SECRET, "tide"))
    trial.add("b", ONE)
    trial.deliver()
    (form,) = trial.forms
    head = form.headers
    signed = f"{head['webhook-id']}.{head['webhook-timestamp']}.".encode() + (form.body or b"")
    mac = base64.b64encode(hmac.new(b"tide", signed, "sha256").digest()).decode()
    assert head["webhook-signature"] == f"v1,{mac}"
    trial.project.configure(CONFIG + HOOK.replace(f'secret = "{SECRET}"', ""))
    trial.add("c", ONE.replace("Lighthouse", "Chapel"))
    trial.deliver()
    assert "webhook-signature" not in trial.forms[0].headers


# When it fails.


def test_failure_is_tried_again_with_the_same_id(trial: Trial) -> None:
    """After growing waits, with the same bytes and a new time; what came meanwhile follows."""
    trial.add("b", ONE)
    trial.answer = (500, None)
    trial.deliver()
    first = trial.forms[0]
    assert trial.problems == ["responded with 500"]
    trial.add("c", digest("Later ship"))
    waits = []
    for _ in range(15):
        assert trial.deliver() == []
        due = trial.state().due
        assert due is not None
        waits.append(round((due - trial.now).total_seconds()))
        trial.now = due
        trial.deliver()
        assert [form.body for form in trial.forms] == [first.body]
        assert trial.forms[0].headers["webhook-id"] == first.headers["webhook-id"]
        assert trial.forms[0].headers["webhook-timestamp"] != first.headers["webhook-timestamp"]
    assert waits[:4] == [10, 20, 40, 80]
    assert waits[-2:] == [81_920, 86_400]
    trial.answer = (200, None)
    trial.now += timedelta(days=1)
    assert trial.deliver()[1:] == ["Later ship"]
    assert [form.headers["webhook-id"] == first.headers["webhook-id"] for form in trial.forms] == [
        True,
        False,
    ]
    assert (trial.state().failing, trial.state().error, trial.state().tries) == (None, None, 0)


def test_server_asks_to_wait(trial: Trial) -> None:
    """``Retry-After`` counts where it is longer."""
    trial.add("b", ONE)
    trial.answer, trial.retry_after = (503, None), 1234
    trial.deliver()
    assert trial.state().due == NOW + timedelta(seconds=1234)


def test_clock_that_was_wrong_holds_nothing_back(trial: Trial) -> None:
    """No failure waits for more than a week, so a later time is from another clock."""
    trial.now = NOW.replace(year=2040)
    trial.add("b", ONE)
    trial.answer = (500, None)
    trial.deliver()
    trial.now, trial.answer = NOW, (204, None)
    assert trial.deliver() == ["Lighthouse lit again"]


def test_entry_that_changes_while_it_is_sent_is_sent_again(trial: Trial) -> None:
    """The request stays as it is; the new text follows in another."""
    trial.add("b", EDITED.format("Many"))
    trial.answer = (None, "the server closed the connection")
    trial.deliver()
    trial.add("c", EDITED.format("Few"))
    trial.now += TEN
    trial.answer = (204, None)
    trial.deliver()
    assert len(trial.forms) == 2
    first, second = (feed(form)["items"] for form in trial.forms)
    assert first[0]["id"] == second[0]["id"]
    assert first[0]["content_html"] != second[0]["content_html"]


def test_gone_switches_off_until_changed(trial: Trial) -> None:
    """Nothing more is sent or kept; another address starts it again."""
    trial.add("b", ONE)
    trial.answer = (410, None)
    trial.deliver()
    (problem,) = trial.problems
    assert problem.startswith("responded with 410; nothing is sent until")
    trial.answer, trial.now = (204, None), NOW + timedelta(days=3)
    trial.add("c", digest("Later ship"))
    assert trial.deliver() == []
    assert (trial.state().is_off, trial.state().waiting) == (True, 0)
    trial.project.configure(CONFIG + HOOK.replace("9/hook", "9/other"))
    trial.deliver()
    trial.add("d", digest("Last ship"))
    assert trial.deliver() == ["Last ship"]


def test_request_that_is_too_large_is_halved(trial: Trial) -> None:
    """Requests stay that small; an entry that is too large alone is given up, and counted."""
    names = [f"Lantern {name}" for name in ("jay", "owl", "hen", "auk", "kea", "roc", "emu")]
    long = digest("Lantern long").replace("windy day.", "windy day. " + "It was long. " * 400)
    trial.add("b", f"{digest(*names[:3])}\n{long}\n{digest(*names[3:])}")
    accepted: list[str] = []

    async def send(form: Form) -> FormResponse:
        is_small = len(form.body or b"") <= 4_000
        trial.forms.append(form)
        accepted.extend(item["title"] for item in feed(form)["items"] if is_small)
        return FormResponse(form=form, status=204 if is_small else 413)

    trial.deliver(send)
    assert trial.state().failing == NOW
    (problem,) = trial.problems
    assert problem == trial.state().error
    assert re.fullmatch(
        r"responded with 413 to urn:uuid:\S+, which is given up: 1?\d,\d{3} bytes", problem
    )
    assert " 1 given up, fails since " in trial.project.run("status").out
    trial.now += TEN
    trial.deliver(send)
    assert sorted(accepted) == sorted(names)
    assert trial.problems == []
    assert (trial.state().waiting, trial.state().given_up, trial.state().failing) == (0, 1, None)
    trial.add("c", digest(*(name.replace("Lantern", "Lamp") for name in names)))
    trial.deliver(send)
    assert trial.changes == []
    assert len(accepted) == 2 * len(names)


def test_after_a_week_of_failure_the_oldest_is_given_up(trial: Trial) -> None:
    """What is younger is still sent."""
    trial.add("b", ONE)
    trial.answer = (500, None)
    trial.deliver()
    trial.now += timedelta(days=6)
    trial.add("c", digest("Later ship"))
    trial.deliver()
    trial.now += timedelta(days=2)
    trial.deliver()
    assert trial.problems == ["responded with 500; 1 entry given up"]
    assert (trial.state().waiting, trial.state().given_up) == (1, 1)
    trial.answer, trial.now = (204, None), trial.now + timedelta(days=1)
    assert trial.deliver() == ["Later ship"]


def test_machine_that_was_off_gives_nothing_up(trial: Trial) -> None:
    """Entries that waited for long are tried at least once."""
    trial.add("b", ONE)
    trial.deliver(is_over=lambda: True)
    trial.now += timedelta(days=30)
    trial.answer = (500, None)
    trial.deliver()
    assert (trial.state().waiting, trial.state().given_up) == (1, 0)


def test_queue_is_bounded(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest are given up, and counted."""
    monkeypatch.setattr(webhooks, "MOST_WAITING", 2)
    trial.answer = (500, None)
    trial.add("b", digest("Third ship", "Second ship", "First ship"))
    trial.deliver()
    assert (trial.state().waiting, trial.state().given_up) == (2, 1)
    assert [item["title"] for item in feed(trial.forms[0])["items"]] == [
        "Second ship",
        "Third ship",
    ]


def test_slow_webhook_delays_no_other(trial: Trial) -> None:
    """While one answers nothing, all batches of the other are sent, also what comes meanwhile."""
    other = HOOK.replace("desk", "slow").replace("9/hook", "9/slow")
    trial.project.configure(CONFIG + HOOK + other)
    trial.run()
    trial.deliver()
    trial.add("b", ONE)
    sent = []

    async def send(form: Form) -> FormResponse:
        sent.append(form.address)
        if form.address.endswith("/slow"):
            while sent.count(trial.config.webhooks[0].url) < 2:
                await asyncio.sleep(0.01)
        elif len(sent) < 3:
            trial.add("c", digest("Later ship"))
        return FormResponse(form=form, status=204)

    trial.deliver(send)
    assert [address[-4:] for address in sent] == ["hook", "slow", "hook", "slow"]


def test_kill_between_sending_and_noting_sends_the_same_again(trial: Trial) -> None:
    """The receiver tells by the id that it has it already."""
    trial.add("b", ONE)

    async def killed(form: Form) -> FormResponse:
        trial.forms.append(form)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        trial.deliver(killed)
    first = trial.forms[0]
    trial.deliver()
    assert trial.forms[0].headers["webhook-id"] == first.headers["webhook-id"]
    assert trial.forms[0].body == first.body


def test_time_is_up_cancels_what_is_under_way(trial: Trial) -> None:
    """A command ends in bounded time; the request is sent the next time."""
    trial.add("b", ONE)
    asked = []

    async def never(form: Form) -> FormResponse:
        asked.append(form)
        await asyncio.Event().wait()
        raise AssertionError

    trial.deliver(never, is_over=lambda: bool(asked))
    assert trial.state().waiting == 1
    trial.deliver()
    assert trial.forms[0].headers["webhook-id"] == asked[0].headers["webhook-id"]


# What people see of it.


def test_status_has_a_line_for_each_webhook(trial: Trial) -> None:
    """It says that it works, or since when it does not, why, and what waits."""
    assert "  webhook desk well\n" in trial.project.run("status").out
    trial.add("b", ONE)
    trial.answer = (500, None)
    trial.deliver()
    shown = trial.project.run("status").out.splitlines()
    (line,) = [line for line in shown if line.startswith("  webhook")]
    assert line == (
        "  webhook desk failing, 1 entry waits, fails since 2024-06-02 12:00,"
        " next try 2024-06-02 12:00: responded with 500"
    )
    (found,) = trial.project.run("status", "--json").json["webhooks"]
    assert (found["id"], found["state"], found["waiting"]) == ("desk", "failing", 1)
    assert "127.0.0.1" not in json.dumps(found)


def test_alarm_after_a_day_ends_when_it_is_accepted(trial: Trial) -> None:
    """Also at once where nothing more is wanted, and when the webhook is taken out."""

    def noted() -> list[str]:
        with open_store(trial.project.store) as store:
            return [alarm.title for alarm in watch.note(store, trial.config, now=trial.now)]

    trial.add("b", ONE)
    trial.answer = (500, None)
    trial.deliver()
    assert noted() == []
    trial.now += timedelta(hours=25)
    assert noted() == ["webhook desk: accepts nothing since 2 June"]
    trial.deliver()
    assert noted() == []
    trial.answer, trial.now = (204, None), trial.now + TEN * 10
    trial.deliver()
    assert noted() == ["webhook desk: is back since 3 June"]
    trial.add("c", digest("Later ship"))
    trial.answer = (410, None)
    trial.deliver()
    assert noted() == ["webhook desk: accepts nothing since 3 June"]
    trial.project.configure(CONFIG)
    trial.now += TEN
    assert noted() == ["webhook desk: is no longer configured"]


# When the configuration changes.


@pytest.mark.parametrize(
    ("config", "change"),
    [
        (CONFIG, "is no longer configured"),
        (CONFIG + HOOK.replace("9/hook", "9/other"), "has another address or other feeds"),
        (CONFIG + HOOK + 'feeds = ["nato"]\n', "has another address or other feeds"),
    ],
)
def test_removed_or_changed_webhook_loses_its_queue(trial: Trial, config: str, change: str) -> None:
    """One line says so."""
    trial.add("b", ONE)
    trial.answer = (500, None)
    trial.deliver()
    trial.project.configure(config)
    trial.now += timedelta(hours=1)
    assert trial.deliver() == []
    assert trial.changes[0] == f"desk: {change}; 1 entry that waited for it will not be sent"
    assert len(trial.changes) == (1 if config == CONFIG else 2)
    if config == CONFIG:
        assert trial.project.rows("SELECT * FROM webhooks") == []
        trial.add("c", digest("Later ship"))
        assert trial.project.rows("SELECT * FROM to_announce") == []


def test_secret_and_headers_may_change(trial: Trial) -> None:
    """The queue stays, and what waits is signed with the new key."""
    trial.add("b", ONE)
    trial.answer = (401, None)
    trial.deliver()
    trial.project.configure(CONFIG + HOOK.replace(SECRET, "new") + 'headers = { X-A = "b" }\n')
    trial.answer, trial.now = (204, None), NOW + TEN
    assert len(trial.deliver()) == 1
    assert trial.changes == []


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ("", "[[webhooks]] number 1: url: is missing"),
        ('url = "ftp://a.example/"', "[[webhooks]] number 1: url: must be an http or https"),
        ('url = "https://u:pass@a.example/"', "url: contains a user or a password"),
        ('url = "https://a.example/#pass"', "url: must not contain #"),
        ('url = "env:NOT_SET_PASS"', "url: the environment variable NOT_SET_PASS is not set"),
        ('url = "https://a.example/pass"\nsecret = "whsec_*"', "secret: must be base64 after"),
        ('url = "https://a.example/pass"\nsecret = ""', "secret: is empty"),
        ('url = "https://a.example/pass"\nsecrets = "x"', "unknown key 'secrets'; did you mean"),
        ('url = "https://a.example/pass"\nfeeds = "all"', "feeds: must be a list of strings"),
        ('url = "https://a.example/pass"\nheaders = { Host = "x" }', "headers: 'Host': is set by"),
        (
            'url = "https://a.example/pass"\n[[webhooks]]\nurl = "https://a.example/2"',
            "[[webhooks]] number 2: id: 'a.example' is already that of number 1; give it another",
        ),
    ],
)
def test_bad_settings_name_the_key(tmp_path: Path, lines: str, problem: str) -> None:
    """Each is one line, without a secret."""
    project = make_project(tmp_path / "p", config=f"{CONFIG}\n[[webhooks]]\n{lines}\n")
    with pytest.raises(ConfigError) as raised:
        load(project.config)
    assert any(problem in line for line in raised.value.problems), raised.value.problems
    assert "pass@" not in str(raised.value)
    assert "/pass" not in str(raised.value)


def test_address_and_secret_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are not shown, and the name is that of the host."""
    monkeypatch.setenv("HOOK_URL", "https://Hooks.example:8443/t0ken")
    monkeypatch.setenv("HOOK_KEY", "tide")
    text = f'{CONFIG}\n[[webhooks]]\nurl = "env:HOOK_URL"\nsecret = "env:HOOK_KEY"\n'
    (hook,) = load(make_project(tmp_path / "p", config=text).config).webhooks
    assert (hook.name, hook.url, hook.secret) == (
        "Hooks.example-8443",
        "https://Hooks.example:8443/t0ken",
        "tide",
    )
    assert "t0ken" not in repr(hook)
    assert "tide" not in repr(hook)


# Over HTTP.


@dataclass
class Receiver:
    """What a receiver on loopback got."""

    bodies: list[bytes] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    answer: bytes = b"HTTP/1.1 204 No Content\r\n\r\n"

    async def __call__(self, request: Request, connection: Connection) -> None:
        length = int(request.headers["content-length"])
        self.bodies.append(await connection.reader.readexactly(length))
        self.headers.append(request.headers)
        await connection.send(self.answer)


def over_http(url: str, *, allow_private: bool = True) -> str:
    """Return a configuration with a webhook at ``url``."""
    return (
        f'{CONFIG}\n[[webhooks]]\nid = "desk"\nurl = "{url}"\nsecret = "tide"\n'
        'headers = { Authorization = "Bearer x" }\n'
        f"allow_private = {str(allow_private).lower()}\n"
    )


def test_once_sends_at_its_end(tmp_path: Path) -> None:
    """The command says what starts, then sends what is new, and says what failed."""
    got = Receiver()
    with Loopback() as server:
        config = over_http(server.at("/hook", got))
        project = make_project(tmp_path / "p", {"a.txt": FIRST}, config=config)
        first = project.run("once")
        assert (first.code, first.complaints) == (
            0,
            ["aggregator: webhook desk: starts; entries that come from now on are sent"],
        )
        assert got.bodies == []
        project.write("digests/b.txt", ONE, later=600)
        assert project.run("once").complaints == []
        (body,), (headers,) = got.bodies, got.headers
        assert [item["title"] for item in json.loads(body)["items"]] == ["Lighthouse lit again"]
        assert headers["content-type"] == "application/feed+json"
        assert headers["authorization"] == "Bearer x"
        assert headers["user-agent"].startswith("Aggregator/")
        got.answer = b"HTTP/1.1 500 No\r\n\r\n"
        project.write("digests/c.txt", digest("Later ship"), later=900)
        failed = project.run("once")
        assert (failed.code, failed.complaints) == (
            0,
            ["aggregator: webhook desk: responded with 500"],
        )
        assert project.run("once").complaints == []


def posted(form: Form) -> FormResponse:
    """Send a request."""
    limits = Limits(connect_timeout=2.0, timeout=3.0)
    return asyncio.run(Client(limits, "Trial", now=lambda: NOW).post(form))


def sent(url: str) -> FormResponse:
    """Send a body to ``url``."""
    return posted(Form(address=url, body=b"{}", allow_private=True))


async def endless(request: Request, connection: Connection) -> None:
    await connection.reader.readexactly(int(request.headers["content-length"]))
    await connection.send(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        await connection.send(b"x" * 65_536)


def test_huge_answer_is_not_read() -> None:
    """The status alone counts."""
    with Loopback() as server:
        assert sent(server.at("/hook", endless)).status == 200


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_is_not_followed(status: int) -> None:
    """Neither the body nor its signature leave the address that was configured."""
    with Loopback() as server:
        target = server.at("/private", Reply(204))
        url = server.at("/hook", Reply(status, b"", {"Location": target}))
        assert sent(url).status == status
        assert server.asked("/private") == []


def test_private_address_is_refused(tmp_path: Path) -> None:
    """One line says so, and nothing is lost."""
    got = Receiver()
    with Loopback() as server:
        url = server.at("/hook", got)
        config = over_http(url, allow_private=False)
        project = make_project(tmp_path / "p", {"a.txt": FIRST}, config=config)
        project.run("once")
        project.write("digests/b.txt", ONE, later=600)
        (line,) = project.run("once").complaints
        assert line.startswith(
            "aggregator: webhook desk: leads to 127.0.0.1, which is not a public address"
        )
        assert got.bodies == []
        project.configure(over_http(url))
        with open_store(project.store) as store, store.transaction():
            store.execute("UPDATE webhooks SET due = ''")
        project.run("once")
        assert len(got.bodies) == 1


# What the documents say.


def block(name: str) -> str:
    """Return the code in ``docs/service.md`` that follows a comment."""
    page = (ROOT / "docs/service.md").read_text(encoding="utf-8")
    _, _, rest = page.partition(f"<!-- {name} -->\n```")
    return rest.partition("\n")[2].partition("```")[0]


def test_configuration_of_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It loads, and ``check`` shows it without what is secret."""
    monkeypatch.setenv("DESK_WEBHOOK", "https://hooks.example/t0ken")
    monkeypatch.setenv("DESK_SECRET", SECRET)
    project = make_project(tmp_path / "p", config=CONFIG + "\n" + block("webhook"))
    out = project.run("check").out
    assert "webhook desk: nato, europol to https://hooks.example/, signed\n" in out
    assert "t0ken" not in out
    assert SECRET not in out


def test_check_warns_of_what_cannot_work(tmp_path: Path) -> None:
    """A host that is local, and a feed that nothing has."""
    config = CONFIG + HOOK.replace("secret", "feeds = ['nato', 'nowhere']\n#")
    out = make_project(tmp_path / "p", config=config).run("check").out.splitlines()
    assert [line for line in out if line.startswith("webhook")] == [
        "webhook desk: nato, nowhere to http://127.0.0.1:9/, unsigned",
        "webhook desk: warning: needs allow_private = true, its host is local",
        "webhook desk: warning: the feed 'nowhere' does not exist yet",
    ]


@pytest.mark.parametrize("secret", [SECRET, "tide"])
def test_verification_of_the_page(secret: str) -> None:
    """It accepts what we sign, and nothing that was changed or is old."""
    names: dict[str, Any] = {"base64": base64, "hmac": hmac, "time": time}
    exec(block("verify"), names)
    verify = names["is_genuine"]
    stamp = str(int(time.time()))
    headers = {
        "webhook-id": "evt_1",
        "webhook-timestamp": stamp,
        "webhook-signature": webhooks.signature(secret, "evt_1", stamp, b"{}"),
    }
    assert verify(headers, b"{}", secret)
    assert not verify(headers, b"{ }", secret)
    assert not verify(headers | {"webhook-id": "evt_2"}, b"{}", secret)
    assert not verify(headers, b"{}", "other")
    old = str(int(stamp) - 301)
    signed = webhooks.signature(secret, "evt_1", old, b"{}")
    aged = headers | {"webhook-timestamp": old, "webhook-signature": signed}
    assert not verify(aged, b"{}", secret)


PRINTABLE = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1)
KEYS = st.binary(min_size=1).map(lambda key: f"whsec_{base64.b64encode(key).decode()}")


@settings(max_examples=50)
@given(PRINTABLE.filter(lambda text: not text.startswith("whsec_")) | KEYS, st.binary())
def test_any_secret_and_any_body_are_verified(secret: str, body: bytes) -> None:
    """As the page does it, and not with one more byte."""
    names: dict[str, Any] = {"base64": base64, "hmac": hmac, "time": time}
    exec(block("verify"), names)
    stamp = str(int(time.time()))
    headers = {
        "webhook-id": "evt_1",
        "webhook-timestamp": stamp,
        "webhook-signature": webhooks.signature(secret, "evt_1", stamp, body),
    }
    assert names["is_genuine"](headers, body, secret)
    assert not names["is_genuine"](headers, body + b"x", secret)


def test_bridge_of_the_page(trial: Trial) -> None:
    """It makes a message of each entry, and has a request sent again that did not arrive."""
    trial.add("b", digest("Second ship", "First ship"))
    trial.deliver()
    got = Receiver()
    with Loopback() as server, socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
        free.close()
        environment = {"TARGET": server.at("/slack", got), "PORT": port, "no_proxy": "127.0.0.1"}
        bridge = subprocess.Popen(
            [sys.executable, "-c", block("bridge")], env=environment, stderr=subprocess.DEVNULL
        )
        try:
            form = replace(trial.forms[0], address=f"http://127.0.0.1:{port}/", allow_private=True)
            while (answer := posted(form)).error == "the server refused the connection":
                assert bridge.poll() is None
            assert answer.status == 204
            got.answer = b"HTTP/1.1 500 No\r\n\r\n"
            assert not posted(form).is_accepted
        finally:
            bridge.kill()
            bridge.wait()
    texts = [json.loads(body)["text"] for body in got.bodies[:2]]
    assert [text[:10] for text in texts] == ["First ship", "Second shi"]
