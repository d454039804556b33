"""The subscriber of WebSub, with a set clock: requests to hubs, and what hubs request."""

import hmac
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.config import Config, load
from aggregator.fetch import politeness
from aggregator.fetch.exchange import Form, FormResponse
from aggregator.ingest.derive import derive
from aggregator.ingest.run import ingest, open_run
from aggregator.model import SourceReport, Visit
from aggregator.output.pages import status_page
from aggregator.output.pages.page_data import SiteInfo
from aggregator.output.regenerate import regenerate
from aggregator.status.hubs import subscription_json, subscription_lines
from aggregator.store import deliveries as store_deliveries
from aggregator.store import open_store, subscriptions
from aggregator.store.subscriptions import Subscription, by_source
from aggregator.store.visits import remembered, visits
from aggregator.websub import deliveries, inbox, subscriber
from aggregator.websub.deliveries import Arrived
from aggregator.websub.inbox import Inbox, Parcel, Received
from aggregator.websub.subscriber import Step
from tests.support.loopback import Loopback, Reply
from tests.support.project import Project, make_project

NOW = datetime(2024, 6, 2, 12, tzinfo=UTC)
CALLBACK = "https://example.org/websub/"
HUB = "https://hub.example/"
TOPIC = "https://news.example/feed"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def links(hub: str = HUB, topic: str = TOPIC) -> str:
    """Return the links of a channel to its hub and to itself."""
    return (
        f'<atom:link rel="hub" href="{hub}"/><atom:link rel="self" href="{topic}"/>' if hub else ""
    )


def feed(*titles: str, more: str | None = None) -> bytes:
    """Return an RSS feed with items of these titles."""
    items = "".join(
        f"<item><title>{title}</title><guid>https://news.example/{title}</guid>"
        f"<description>The text of {title}, which is rather short.</description></item>"
        for title in titles
    )
    about = links() if more is None else more
    return (
        '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>News</title>'
        f"{about}{items}</channel></rss>"
    ).encode()


def reply(body: bytes, **headers: str) -> Reply:
    return Reply(200, body, {"Content-Type": "application/rss+xml", **headers})


class Trial:
    """A project with one remote source, and hubs that answer as a test says."""

    def __init__(self, project: Project, server: Loopback) -> None:
        self.project = project
        self.server = server
        self.forms: list[Form] = []
        self.answer: tuple[int | None, str | None] = (202, None)
        self.retry_after: int | None = None

    @property
    def config(self) -> Config:
        return load(self.project.config)

    def serve(self, body: bytes, **headers: str) -> None:
        """Serve this at the source's address."""
        self.server.at("/feed", reply(body, **headers))

    def poll(self, now: datetime = NOW) -> SourceReport:
        """Poll the source."""
        with open_store(self.project.store) as store:
            (report,) = ingest(self.config, store, now=now)
            regenerate(self.config, store)
        return report

    def step(self, now: datetime = NOW) -> Step:
        """Run one step; ``forms`` are then the requests that hubs got."""
        self.forms = []
        with open_store(self.project.store) as store:
            return subscriber.step(self.config, store, self._post, now=lambda: now)

    def _post(self, forms: Sequence[Form]) -> list[FormResponse]:
        self.forms += forms
        status, error = self.answer
        after = self.retry_after
        return [FormResponse(form=f, status=status, error=error, retry_after=after) for f in forms]

    def subscriptions(self) -> list[Subscription]:
        with open_store(self.project.store) as store:
            return subscriptions.every(store)

    def subscription(self) -> Subscription:
        (found,) = self.subscriptions()
        return found

    def visit(self) -> Visit:
        with open_store(self.project.store) as store:
            return visits(store)["news"]

    def seen(self) -> bytes:
        with open_store(self.project.store) as store:
            return remembered(store, ["news"])["news"].seen

    def inbox(self, now: datetime = NOW) -> Inbox:
        return Inbox(self.project.store, lambda: now)

    def confirm(self, now: datetime = NOW, lease: int | None = subscriber.LEASE) -> Subscription:
        """Have the hub verify the subscription."""
        found = self.subscription()
        box = self.inbox(now)
        assert box.confirm(found.token, "subscribe", found.topic, lease) == "news"
        box.close()
        return self.subscription()

    def subscribe(self, now: datetime = NOW) -> Subscription:
        """Poll, subscribe, and have the hub verify."""
        self.poll(now)
        self.step(now)
        return self.confirm(now)

    def deliver(self, body: bytes, now: datetime = NOW) -> Received:
        """Have the hub deliver this, signed."""
        found = self.subscription()
        box = self.inbox(now)
        try:
            return box.receive(found.token, parcel(found, body))
        finally:
            box.close()

    def take_in(self, now: datetime = NOW) -> list[Arrived]:
        """Read the deliveries."""
        config = self.config
        with open_store(config.store) as store:
            with open_run(config, store, clock=lambda: now) as run:
                arrived = list(deliveries.take_all(run))
                run.index.write_out()
            derive(config, store)
            regenerate(config, store)
        return arrived

    def titles(self) -> set[str]:
        return {title for (title,) in self.project.rows("SELECT title FROM entries")}


def parcel(found: Subscription, body: bytes, **more: Any) -> Parcel:
    """Return a correct delivery, apart from what a test changes."""
    secret = found.secret or ""
    signature = "sha256=" + hmac.new(secret.encode(), body, "sha256").hexdigest()
    right: dict[str, Any] = {
        "body": body,
        "signature": signature,
        "topic": found.topic,
        "media_type": "application/rss+xml",
        "charset": None,
    }
    return Parcel(**(right | more))


def configured(server: Loopback, more: str = "", *, callback: str = CALLBACK) -> str:
    """Return a configuration with the source; ``more`` goes into its table."""
    websub = f'[websub]\ncallback = "{callback}"\n' if callback else ""
    return (
        f'base_url = "http://localhost:8080/"\n{websub}[fetch]\ndelay = "0s"\n[[sources]]\n'
        f'id = "news"\nlocation = "{server.url("/feed")}"\ninterval = "15m"\n'
        f"allow_private = true\n{more}\n"
    )


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Trial]:
    """A project whose source names a hub; nothing was done yet."""
    with Loopback() as server:
        project = make_project(tmp_path / "p", config=configured(server))
        made = Trial(project, server)
        made.serve(feed("One", "Two"))
        yield made


# Hubs are found.


def test_feed_names_its_hub(trial: Trial) -> None:
    """Hub and topic of the feed are remembered, and stay while the feed is unchanged."""
    trial.poll()
    assert (trial.visit().hub, trial.visit().topic) == (HUB, TOPIC)
    trial.poll(NOW + HOUR)
    assert (trial.visit().hub, trial.visit().topic) == (HUB, TOPIC)
    assert trial.subscriptions() == []  # a single run does not subscribe
    trial.serve(feed("One", "Two", more=""))
    trial.poll(NOW + 2 * HOUR)
    assert (trial.visit().hub, trial.visit().topic) == (None, None)


def test_header_counts_before_the_feed(trial: Trial) -> None:
    """Section 4: links of the header come first."""
    other = "https://other.example/"
    trial.serve(feed("One"), Link=f'<{other}>; rel="hub", <{TOPIC}?x>; rel="self"')
    trial.poll()
    assert (trial.visit().hub, trial.visit().topic) == (other, f"{TOPIC}?x")


# Hubs are asked.


def test_subscribes_to_a_named_hub(trial: Trial) -> None:
    """The hub gets an unguessable callback and a secret, and is asked once."""
    trial.poll()
    trial.step()
    (form,) = trial.forms
    found = trial.subscription()
    assert (form.address, form.allow_private) == (HUB, True)
    assert form.fields == {
        "hub.callback": f"{CALLBACK}{found.token}",
        "hub.mode": "subscribe",
        "hub.topic": TOPIC,
        "hub.lease_seconds": "864000",
        "hub.secret": found.secret,
    }
    assert len(found.token) == 43
    assert found.secret is not None
    assert found.secret not in found.callback
    assert len(found.secret) < 200  # bytes, section 5.1
    assert found.state == "requested"
    trial.step(NOW + timedelta(minutes=9))
    assert trial.forms == []


@pytest.mark.parametrize(
    ("hub", "allow_private", "has_secret"),
    [
        (HUB, False, True),
        ("http://hub.example/", False, False),
        ("http://hub.example/", True, False),
        ("http://127.0.0.1:9/", False, False),
        ("http://127.0.0.1:9/", True, True),
    ],
)
def test_secret_is_not_sent_in_the_clear(
    trial: Trial, hub: str, allow_private: bool, has_secret: bool
) -> None:
    """Section 5.1: a secret goes over TLS only, except on a private network that is allowed."""
    trial.serve(feed("One", more=links(hub)))
    trial.poll()
    text = trial.project.config.read_text()
    flag = str(allow_private).lower()
    trial.project.write(
        "config.toml", text.replace("allow_private = true", f"allow_private = {flag}")
    )
    trial.step()
    assert [("hub.secret" in form.fields) for form in trial.forms] == [has_secret]
    assert (trial.subscription().secret is not None) == has_secret


@pytest.mark.parametrize(
    ("topic", "problem"),
    [
        ("http://10.0.0.1/feed", "not a public address"),
        ("http://localhost/feed", "not a public address"),
        ("https://me:secret@news.example/feed", "holds a user or a password"),
    ],
)
def test_hub_is_not_told_what_is_none_of_its(trial: Trial, topic: str, problem: str) -> None:
    """A topic on a private network, or with a password, is sent to no hub."""
    trial.serve(feed("One", more=links(topic=topic)))
    trial.poll()
    text = trial.project.config.read_text().replace("allow_private = true", "")
    trial.project.write("config.toml", text)
    trial.step()
    if trial.subscriptions():  # else the address was not stored
        assert problem in (trial.subscription().error or "")
    assert trial.forms == []


@pytest.mark.parametrize("in_header", [True, False], ids=["header", "feed"])
def test_topic_with_a_password_is_not_stored(trial: Trial, in_header: bool) -> None:
    """Credentials in a ``self`` link reach neither the visits nor the subscriptions."""
    topic = "https://me:secret@news.example/feed"
    link = f'<{HUB}>; rel="hub", <{topic}>; rel="self"'
    if in_header:
        trial.serve(feed("One", more=""), Link=link)
    else:
        trial.serve(feed("One", more=links(topic=topic)))
    trial.poll()
    trial.step()
    assert trial.subscriptions() == []
    assert trial.visit().topic is None


def test_hub_refuses_the_request(trial: Trial) -> None:
    """It is asked again after five minutes, then after twice the time, up to a day."""
    trial.poll()
    trial.answer = (500, None)
    now, waits = NOW, []
    for _ in range(12):
        said = trial.step(now).changed
        assert len(trial.forms) == 1
        found = trial.subscription()
        assert (found.state, found.error) == ("failed", f"{HUB}: responded with 500")
        waits.append(round((found.due - now).total_seconds() / 60))
        trial.step(found.due - timedelta(seconds=1))
        assert trial.forms == []
        now = found.due
        assert [each.state for each in said] == ["failed"]
    assert waits == [5, 10, 20, 40, 80, 160, 320, 640, 1280, 1440, 1440, 1440]
    trial.answer = (202, None)
    (each,) = trial.step(now).changed
    assert (each.state, each.error) == ("requested", None)
    assert trial.confirm(now).state == "verified"  # it changed its mind


def test_hub_refuses_to_renew(trial: Trial) -> None:
    """The subscription works until its lease ends, and its state says so."""
    due = trial.subscribe().due
    trial.answer = (500, None)
    (each,) = trial.step(due).changed
    assert (each.state, each.error) == ("verified", f"{HUB}: responded with 500")
    assert trial.subscription().state == "verified"


def test_hub_asks_for_peace(trial: Trial) -> None:
    """Retry-After is obeyed."""
    trial.poll()
    trial.answer, trial.retry_after = (429, None), 7200
    trial.step()
    assert trial.subscription().due == NOW + 2 * HOUR


def test_hub_does_not_ask_back(trial: Trial) -> None:
    """A hub that accepts the request and never verifies is asked again, at growing intervals."""
    trial.poll()
    now, waits = NOW, []
    for _ in range(5):
        trial.step(now)
        found = trial.subscription()
        waits.append(round((found.due - now).total_seconds() / 60))
        now = found.due
    assert waits == [10, 10, 20, 40, 80]
    assert (found.state, found.error) == ("requested", "its hub did not verify")


def test_hub_verifies_before_it_answers(trial: Trial) -> None:
    """Its answer, whatever it is, then undoes nothing."""
    trial.poll()
    post = trial._post

    def verify_first(forms: Sequence[Form]) -> list[FormResponse]:
        trial.confirm()
        return post(forms)

    trial.answer = (500, None)
    with open_store(trial.project.store) as store:
        subscriber.step(trial.config, store, verify_first, now=lambda: NOW)
    found = trial.subscription()
    assert (found.state, found.error) == ("verified", None)
    assert found.due > NOW + DAY


def test_two_sources_at_a_slow_hub_leave_room_for_others(trial: Trial) -> None:
    """Only a few subscriptions of one hub are requested at once."""
    text = trial.project.config.read_text()
    table = text[text.index("[[sources]]") :]
    more = [table.replace('"news"', f'"s{n}"').replace("/feed", f"/{n}") for n in range(8)]
    trial.project.write("config.toml", text + "".join(more))
    for number in range(8):
        hub = HUB if number < 7 else "https://quick.example/"
        body = feed(f"T{number}", more=links(hub, f"{TOPIC}/{number}"))
        trial.server.at(f"/{number}", reply(body))
    with open_store(trial.project.store) as store:
        ingest(trial.config, store, now=NOW)
    trial.step()
    asked = [form.address for form in trial.forms]
    assert (asked.count(HUB), asked.count("https://quick.example/")) == (4, 1)
    trial.step()
    assert len(trial.forms) == 4


# Hubs ask back.


def test_intent_is_verified(trial: Trial) -> None:
    """The lease counts from now, and is renewed with a fifth of it left at the latest."""
    found = trial.subscribe()
    assert found.state == "verified"
    assert found.lease_until == NOW + timedelta(seconds=subscriber.LEASE)
    assert NOW + 0.69 * 10 * DAY < found.due <= NOW + 0.8 * 10 * DAY
    trial.step(found.due - timedelta(seconds=1))
    assert trial.forms == []
    trial.step(found.due)
    (form,) = trial.forms
    assert form.fields["hub.callback"] == found.callback
    assert form.fields["hub.secret"] == found.secret
    assert trial.subscription().state == "verified"
    again = trial.confirm(found.due)
    assert again.lease_until == found.due + 10 * DAY
    assert again.tries == 0


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, "news"),
        ({"topic": TOPIC + "x"}, None),
        ({"topic": ""}, None),
        ({"mode": "unsubscribe"}, None),
        ({"token": "A" * 43}, None),
        ({"token": "../../etc/passwd"}, None),
        ({"token": ""}, None),
    ],
)
def test_only_what_was_asked_for_is_confirmed(
    trial: Trial, change: dict[str, str], expected: str | None
) -> None:
    """Another topic, another mode or another token is not ours, and changes nothing."""
    trial.poll()
    trial.step()
    before = trial.subscription()
    right = {"token": before.token, "mode": "subscribe", "topic": TOPIC}
    box = trial.inbox()
    assert box.confirm(**(right | change), granted=60) == expected
    box.close()
    assert (trial.subscription() == before) == (expected is None)


@pytest.mark.parametrize(
    ("granted", "seconds"),
    [(None, 864_000), (0, 864_000), (1, 1), (3600, 3600), (10**9, 90 * 86_400)],
)
def test_lease_is_bounded(trial: Trial, granted: int | None, seconds: int) -> None:
    """No hub can make us renew all the time, nor rely on a lease for years."""
    trial.poll()
    trial.step()
    found = trial.confirm(lease=granted)
    assert found.lease_until == NOW + timedelta(seconds=seconds)
    assert found.due >= NOW + timedelta(seconds=subscriber.SHORTEST_LEASE)


def test_lease_runs_out(trial: Trial) -> None:
    """The source of a hub that does not renew is polled at once."""
    found = trial.subscribe()
    assert found.lease_until is not None
    trial.answer = (None, "no answer within 20 s")
    trial.step(found.due)
    assert trial.subscription().state == "verified"
    done = trial.step(found.lease_until)
    assert done.to_poll == ("news",)
    assert trial.subscription().state == "failed"
    trial.poll(found.lease_until)
    assert trial.visit().why == "every 15m as configured"
    trial.answer = (202, None)
    trial.step(trial.subscription().due)
    assert trial.confirm(found.lease_until + DAY).state == "verified"


def test_hub_grants_a_second(trial: Trial) -> None:
    """The hub is not asked every second for that."""
    trial.poll()
    trial.step()
    trial.confirm(lease=1)
    asked = 0
    for second in range(0, 1000, 5):
        now = NOW + timedelta(seconds=second)
        trial.step(now)
        if trial.forms:
            asked += 1
            trial.confirm(now, lease=1)
    assert asked == 3


def test_hub_denies_the_subscription(trial: Trial) -> None:
    """It is asked again a day later, and the source is polled as configured."""
    found = trial.subscribe()
    box = trial.inbox()
    assert box.deny(found.token, TOPIC + "x", "no") is None
    before = box.deny(found.token, TOPIC, "not\x00 you\n<b>")
    box.close()
    assert before is not None
    assert before.state == "verified"
    denied = trial.subscription()
    assert (denied.state, denied.due) == ("denied", NOW + DAY)
    assert (denied.error or "").startswith("its hub denies it: not")
    assert (denied.error or "").isprintable()
    trial.poll(NOW + HOUR)
    assert trial.visit().interval == 900
    trial.step(NOW + DAY)
    assert len(trial.forms) == 1


# What is not wanted any more.


def test_source_names_another_hub(trial: Trial) -> None:
    """The new hub is asked, and the old one told; once that verifies, it is forgotten."""
    old = trial.subscribe()
    other = "https://other.example/"
    trial.serve(feed("One", "Two", more=links(other)))
    trial.poll(NOW + HOUR)
    done = trial.step(NOW + HOUR)
    assert done.to_poll == ()
    modes = {form.address: form.fields["hub.mode"] for form in trial.forms}
    assert modes == {HUB: "unsubscribe", other: "subscribe"}
    leaving = next(s for s in trial.subscriptions() if s.state == "leaving")
    assert leaving.token == old.token
    box = trial.inbox()
    assert box.wanted(old.token) is None
    assert box.confirm(old.token, "subscribe", TOPIC, 60) is None
    assert box.confirm(old.token, "unsubscribe", TOPIC, None) == "news"
    box.close()
    assert trial.subscription().hub == other


def test_hub_does_not_let_go(trial: Trial) -> None:
    """After three requests it is forgotten all the same."""
    trial.subscribe()
    trial.project.write("config.toml", configured(trial.server).split("[[sources]]")[0])
    asked, now = 0, NOW
    while trial.subscriptions():
        trial.step(now)
        asked += len(trial.forms)
        now += DAY
    assert asked == 3


def test_no_public_address_any_more(trial: Trial) -> None:
    """All subscriptions are forgotten, and no hub is asked: none could reach us."""
    trial.subscribe()
    trial.project.write("config.toml", configured(trial.server, callback=""))
    trial.step()
    assert (trial.forms, trial.subscriptions()) == ([], [])
    trial.poll(NOW + HOUR)
    assert trial.visit().interval == 900


def test_public_address_changes(trial: Trial) -> None:
    """Hubs are told the new callback."""
    trial.subscribe()
    trial.project.write("config.toml", configured(trial.server, callback=CALLBACK + "new"))
    assert trial.step().to_poll == ("news",)
    modes = {f.fields["hub.mode"]: f.fields["hub.callback"] for f in trial.forms}
    assert modes["subscribe"].startswith(f"{CALLBACK}new/")
    assert modes["unsubscribe"].startswith(CALLBACK)


# What is delivered.


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_delivery_is_signed(trial: Trial, method: str) -> None:
    """Every method of the specification is accepted (section 7.1)."""
    found = trial.subscribe()
    body = feed("Three")
    digest = hmac.new((found.secret or "").encode(), body, method).hexdigest()
    box = trial.inbox()
    for signature in (f"{method}={digest}", f"{method.upper()}={digest.upper()}"):
        got = box.receive(found.token, parcel(found, body, signature=signature))
        assert (got.verdict, got.problem) == ("kept", None)
    box.close()
    assert trial.project.rows("SELECT count(*) FROM deliveries") == [(1,)]


def _signed(method: str, secret: str, body: bytes) -> str:
    return f"{method}={hmac.new(secret.encode(), body, method).hexdigest()}"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"signature": None}, "no signature"),
        ({"signature": ""}, "unknown method"),
        ({"signature": "sha256=" + "0" * 64}, "wrong signature"),
        ({"signature": "md5=" + "0" * 32}, "unknown method"),
        ({"signature": _signed("sha256", "other", feed("Three"))}, "wrong signature"),
        ({"signature": _signed("sha256", "", feed("Three"))}, "wrong signature"),
        ({"signature": "sha256=é"}, "unknown method"),
        ({"body": feed("Four")}, None),
        ({"topic": None}, None),
    ],
)
def test_delivery_is_a_lie(trial: Trial, change: dict[str, Any], problem: str | None) -> None:
    """A delivery with a wrong signature or topic is noted and ignored."""
    found = trial.subscribe()
    body = feed("Three")
    told = parcel(found, body)
    if "body" in change:
        problem = "wrong signature"
    told = replace(told, **change)
    box = trial.inbox()
    got = box.receive(found.token, told)
    box.close()
    if problem is None:
        assert got.verdict == "kept"
        return
    assert got.verdict == "ignored"
    assert problem in (got.problem or "")
    assert trial.subscription().error == got.problem
    assert trial.subscription().state == "verified"
    assert trial.project.rows("SELECT * FROM deliveries") == []


@given(st.one_of(st.none(), st.text(), st.from_regex(r"sha(1|256)=[0-9a-f]{0,70}")))
def test_no_signature_is_right_by_chance(signature: str | None) -> None:
    """Any header is compared, and none raises an error."""
    told = Parcel(body=b"x", signature=signature, topic=None, media_type=None, charset=None)
    assert inbox._problem("secret", told) is not None


def test_delivery_is_of_another_topic(trial: Trial) -> None:
    """It is ignored; with a right signature its source is polled: the topic may have moved."""
    found = trial.subscribe()
    box = trial.inbox()
    told = parcel(found, feed("Three"), topic=TOPIC + "x")
    first, second = box.receive(found.token, told), box.receive(found.token, told)
    forged = box.receive(found.token, replace(told, signature="sha256=" + "0" * 64))
    box.close()
    assert [got.verdict for got in (first, second, forged)] == ["hint", "hint", "ignored"]
    assert "another topic" in (first.problem or "")
    assert trial.project.rows("SELECT * FROM deliveries") == []


def test_too_much_is_delivered(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits is bounded: the hub is asked to try again later."""
    trial.subscribe()
    monkeypatch.setattr(inbox, "MOST_WAITING", 1000)
    verdicts = [trial.deliver(feed(f"T{n}")).verdict for n in range(5)]
    assert verdicts[0] == "kept"
    assert verdicts[-1] == "full"
    assert len(trial.take_in()) == verdicts.count("kept")
    assert trial.deliver(feed("T9")).verdict == "kept"


def test_delivery_that_nobody_can_vouch_for(trial: Trial) -> None:
    """Without a secret the source is only polled: no content is used, and the hub works."""
    about = links("http://hub.example/")
    trial.serve(feed("One", more=about))
    trial.poll()
    text = trial.project.config.read_text()
    trial.project.write("config.toml", text.replace("allow_private = true", ""))
    trial.step()
    trial.project.write("config.toml", text)
    with open_store(trial.project.store) as store, store.transaction():
        store.execute("UPDATE subscriptions SET allow_private = 1")
    trial.confirm()
    trial.poll(NOW + HOUR)
    for number in range(2):
        trial.serve(feed(f"Told {number}", more=about))
        now = NOW + (7 + 7 * number) * HOUR
        assert [trial.deliver(feed("X"), now).verdict for _ in range(3)] == ["hint"] * 3
        assert trial.poll(now).new == 1
        found = trial.subscription()
        assert (found.state, found.last_delivery, found.polled) == ("verified", now, True)
        assert trial.visit().interval >= 6 * 3600
    assert trial.project.rows("SELECT * FROM deliveries") == []
    trial.serve(feed("Untold", more=about))
    trial.poll(NOW + 40 * HOUR)
    assert trial.subscription().state == "failing"
    assert trial.deliver(b"", NOW + 41 * HOUR).verdict == "hint"
    assert trial.subscription().state == "verified"


# It is taken in.


def test_delivery_is_a_delta(trial: Trial) -> None:
    """New items are stored; absent ones are not gone; the visit stays as it was."""
    trial.subscribe()
    before = trial.visit()
    trial.deliver(feed("Three"))
    (arrived,) = trial.take_in()
    assert arrived.report is not None
    assert (arrived.report.new, arrived.problem) == (1, None)
    assert trial.titles() == {"One", "Two", "Three"}
    assert trial.visit() == before
    assert len(trial.seen()) == 3 * 8
    assert trial.project.rows("SELECT visits, failures, new FROM history") == [(1, 0, 3)]
    found = trial.subscription()
    assert (found.last_delivery, found.state) == (NOW, "verified")
    trial.serve(feed("Three", "One", "Two"))
    report = trial.poll(NOW + HOUR)
    assert (report.status, report.new, report.unchanged) == ("unchanged", 0, 3)


def test_delivery_is_repeated(trial: Trial) -> None:
    """A repeated delivery, at once or later, changes nothing in store and feeds."""
    trial.subscribe()
    trial.deliver(feed("Three", "One"))
    trial.take_in()
    before, feeds = trial.project.contents(), trial.project.files()
    for _ in range(3):
        assert trial.deliver(feed("Three", "One")).verdict == "kept"
        trial.take_in()
    assert trial.deliver(feed("One")).verdict == "kept"
    trial.take_in()
    assert (trial.project.contents(), trial.project.files()) == (before, feeds)


@pytest.mark.parametrize(
    "body",
    [b"", b"<html><body>Service unavailable</body></html>", b"\x00" * 100, b"ping", b"{}", b"<rss"],
)
def test_delivery_is_no_feed(trial: Trial, body: bytes) -> None:
    """It is a failure of the delivery: the source is well, and is polled."""
    trial.subscribe()
    before, visit = trial.project.contents(), trial.visit()
    assert trial.deliver(body).verdict == "kept"
    (arrived,) = trial.take_in()
    assert arrived.problem is not None
    assert trial.subscription().error == arrived.problem
    assert trial.project.contents() == before
    assert trial.visit() == visit
    assert trial.project.rows("SELECT last_status, failures FROM sources") == [("ok", 0)]
    assert trial.project.rows("SELECT * FROM deliveries") == []


def test_delivery_ends_the_worker(trial: Trial) -> None:
    """A delivery that was started twice and never finished is discarded, and costs no other."""
    trial.subscribe()
    trial.deliver(feed("Three"))
    with open_store(trial.project.store) as store:
        for _ in range(2):  # a worker that died each time
            assert store_deliveries.next_delivery(store) is not None
    trial.deliver(feed("Four"))
    poison, good = trial.take_in()
    assert "ended the worker" in (poison.problem or "")
    assert good.problem is None
    assert trial.titles() == {"One", "Two", "Four"}


def test_fault_in_reading_costs_one_delivery(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error is raised, to be logged, and the delivery is not read again."""
    trial.subscribe()
    trial.deliver(feed("Three"))

    def fault(*_: object) -> None:
        raise RuntimeError("a fault")

    monkeypatch.setattr(deliveries, "_job", fault)
    with pytest.raises(RuntimeError):
        trial.take_in()
    assert trial.project.rows("SELECT * FROM deliveries") == []
    assert trial.subscription().error == "a delivery cannot be read: RuntimeError"


def test_source_is_removed_while_something_waits(trial: Trial) -> None:
    """It is not read, and nothing is left of it."""
    trial.subscribe()
    trial.deliver(feed("Three"))
    trial.project.write("config.toml", configured(trial.server).split("[[sources]]")[0])
    assert trial.take_in() == []
    assert trial.project.rows("SELECT * FROM deliveries") == []
    assert trial.titles() == {"One", "Two"}


# How often the source is asked itself.


def test_source_is_asked_rarely_while_its_hub_tells(trial: Trial) -> None:
    """Once in six hours, or in the longest interval; never more often than without a hub."""
    trial.poll()
    assert trial.visit().interval == 900
    trial.step()
    trial.confirm()
    trial.poll(NOW + HOUR)
    visit = trial.visit()
    assert 6 * 3600 <= visit.interval <= 6.6 * 3600
    assert visit.why == "its hub delivers news; polled every 6h as a check"
    assert visit.due == NOW + HOUR + timedelta(seconds=visit.interval)
    text = trial.project.config.read_text()
    longest = text.replace('delay = "0s"', 'delay = "0s"\nlongest_interval = "2h"')
    trial.project.write("config.toml", longest)
    trial.poll(NOW + 2 * HOUR)
    assert trial.visit().interval == 2 * 3600
    trial.project.write("config.toml", text.replace('"15m"', '"12h"'))
    trial.poll(NOW + 3 * HOUR)
    assert trial.visit().interval >= 12 * 3600


def test_hub_tells_nothing(trial: Trial) -> None:
    """News that a poll finds makes the hub fail: polled as configured, and subscribed to again."""
    trial.subscribe()
    trial.serve(feed("Three", "One", "Two"))
    trial.poll(NOW + HOUR)  # what came before it was verified, no hub could tell
    assert trial.subscription().state == "verified"
    trial.serve(feed("Four", "Three"))
    trial.poll(NOW + 8 * HOUR)
    found = trial.subscription()
    assert (found.state, trial.visit().interval) == ("failing", 900)
    assert found.error == "a poll found news that its hub had not delivered"
    trial.step(NOW + 8 * HOUR)
    assert [form.fields["hub.mode"] for form in trial.forms] == ["subscribe"]
    assert trial.confirm(NOW + 8 * HOUR).state == "failing"
    trial.poll(NOW + 9 * HOUR)
    assert trial.visit().interval == 900
    trial.deliver(feed("Five"), NOW + 10 * HOUR)
    trial.take_in(NOW + 10 * HOUR)
    assert trial.subscription().state == "verified"
    trial.poll(NOW + 11 * HOUR)
    assert trial.visit().interval >= 6 * 3600


def test_poll_comes_before_what_waits(trial: Trial) -> None:
    """News that was delivered, and not read yet, does not mean that the hub fails."""
    trial.subscribe()
    trial.poll(NOW + HOUR)
    trial.deliver(feed("Three"))
    trial.serve(feed("Three", "One", "Two"))
    assert trial.poll(NOW + 8 * HOUR).new == 1
    assert trial.subscription().state == "verified"


def test_failed_poll_is_tried_again_as_ever(trial: Trial) -> None:
    """After a failure the source is not polled hours later, although its hub works."""
    trial.subscribe()
    trial.server.at("/feed", Reply(500))
    trial.poll(NOW + HOUR)
    assert trial.visit().interval <= 1000


def test_relaxing_never_brings_a_visit_nearer() -> None:
    """A publisher that asks for a day gets a day."""
    visit = Visit(due=NOW + DAY, interval=86_400, why="the feed asks for 24h")
    told = politeness.while_subscribed(visit, longest=86_400, now=NOW, jitter=0.5)
    assert told == visit


# What is reported of it.


def test_status_tells_of_subscriptions(trial: Trial) -> None:
    """For each source its hub, its state, until when, and what is wrong."""
    trial.poll()
    with open_store(trial.project.store) as store:
        none = subscription_json(trial.config, visits(store)["news"], None)
    assert none == {
        "hub": HUB,
        "topic": TOPIC,
        "state": "none",
        "lease_until": None,
        "last_delivery": None,
        "error": None,
    }
    trial.step()
    trial.confirm()
    with open_store(trial.project.store) as store:
        found, visit = by_source(store)["news"], visits(store)["news"]
    told = subscription_json(trial.config, visit, found)
    assert told is not None
    assert (told["state"], told["lease_until"]) == ("verified", "2024-06-12T12:00:00Z")
    assert list(subscription_lines(told)) == [
        f"subscription at {HUB} verified until 2024-06-12 12:00"
    ]
    assert found.secret is not None
    assert found.secret not in str(told)
    assert found.token not in str(told)
    assert f"subscription at {HUB} verified" in trial.project.run("status").out
    shown = SiteInfo(title="T", base_url="http://localhost:8080/", feeds=())
    page = status_page.status(shown, trial.project.run("status", "--json").json, NOW).decode()
    assert "delivers news; subscribed until" in page
