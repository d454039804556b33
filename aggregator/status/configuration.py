"""What a configuration resolves to, in the lines that ``aggregator check`` prints."""

import difflib
from collections.abc import Collection, Iterator
from urllib.parse import urlsplit

from aggregator.config import ALL_DAYS, Config, SavedSearch, Source
from aggregator.config.webhooks import ALL
from aggregator.fetch.exchange import user_agent
from aggregator.fetch.guard import is_local, unreachable_base
from aggregator.fetch.politeness import in_words
from aggregator.normalise.addresses import display_address
from aggregator.normalise.categories import Rule, slug
from aggregator.normalise.languages import valid_language
from aggregator.status.layout import AGGREGATOR, CLUSTER, columns
from aggregator.store import Store
from aggregator.store.agencies import agencies_with_entries
from aggregator.store.categories import terms_of_feeds
from aggregator.store.documents import has_documents
from aggregator.store.visits import aggregators


def check_lines(config: Config, store: Store) -> Iterator[str]:
    """Return the resolved configuration, a line for each thing.

    ``store`` is open for reading, or empty: feeds may name agencies and categories that only it
    knows.
    """
    yield from columns(
        [
            ("configuration", str(config.file)),
            ("title", config.title),
            ("base_url", config.base_url),
            ("store", str(config.store)),
            ("output", str(config.output)),
            ("entries_per_feed", str(config.entries_per_feed)),
            ("listen", f"{config.listen[0]}:{config.listen[1]}"),
            ("max_document_size", f"{config.max_document_size:,} bytes"),
            ("document_timeout", f"{config.document_timeout:g} s"),
        ]
    )
    if any(source.is_remote for source in config.sources):
        fetch = config.fetch
        yield (
            f"fetch: {fetch.concurrency} at once, {fetch.delay:g} s between two requests to a host,"
            f" {fetch.timeout:g} s for a response, {fetch.parse_timeout:g} s to read one,"
            f" User-Agent {user_agent(fetch.contact, config.base_url)}"
        )
    if config.scale.scheduler is not None:
        yield f"scale: {CLUSTER.format(config.scale.scheduler)}"
    if config.websub.hub is not None:
        yield f"websub: {display_address(config.websub.hub)} is notified of news"
        if problem := unreachable_base(config.base_url, config.websub.hub):
            yield f"websub: warning: {problem}"
    if config.websub.callback is not None:
        yield f"websub: hubs of sources deliver news below {config.websub.callback} (`run` only)"
    yield from _webhook_lines(config, store)
    found = aggregators(store)
    for source in config.sources:
        owner = f", all of it {source.agency}'s" if source.agency else _aggregator_words(source)
        form = source.format or "found from the content"
        where = display_address(source.location) if source.is_remote else source.location
        owner += f", tagged {', '.join(source.tags)}" if source.tags else ""
        own = f", with {words}" if (words := source.request_words) else ""
        name = f"{source.id} ({source.title})" if source.title else source.id
        every = in_words(source.shortest_interval)
        every += " or less often" if source.is_remote and source.interval is None else ""
        yield f"source {name}: {where}, every {every}, format {form}{owner}{own}"
        if source.backfill is not None:
            back = (
                "to the first" if source.backfill == ALL_DAYS else f"{source.backfill:,} days back"
            )
            yield f"source {source.id}: its older pages are read, {back}"
        if source.id in found and not source.aggregator:
            yield f"source {source.id}: {AGGREGATOR}"
        if source.include:
            yield f"source {source.id}: includes only {', '.join(source.include)}"
        if source.exclude:
            yield f"source {source.id}: excludes {', '.join(source.exclude)}"
    for agency in config.agencies:
        also = f", also {', '.join(agency.aliases)}" if agency.aliases else ""
        yield f"agency {agency.id}: {agency.name}{also}"
    for feed in config.feeds:
        yield f"feed {feed.id}: {feed.title or feed.id}: {'; '.join(_filters(feed))}"
    yield from _unknown_names(config, store)
    for rule in config.category_rules:
        yield f"category {rule.term}: {_rule_words(config, rule)}"


def _webhook_lines(config: Config, store: Store) -> Iterator[str]:
    """Return what each webhook gets and how; its address may have a token in it."""
    if not config.webhooks:
        return
    known = {ALL, *(feed.id for feed in config.feeds), *(agency.id for agency in config.agencies)}
    known |= {agency.id for agency in agencies_with_entries(store)}
    for hook in config.webhooks:
        feeds = "all feeds" if hook.is_of_all else ", ".join(hook.feeds)
        host = urlsplit(hook.url)
        parts = [f"webhook {hook.name}: {feeds} to {host.scheme}://{host.netloc}/"]
        parts.append("signed" if hook.secret is not None else "unsigned")
        parts += [f"header {name}" for name, _ in hook.headers]
        yield ", ".join(parts)
        if is_local(hook.url) and not hook.allow_private:
            yield f"webhook {hook.name}: warning: needs allow_private = true, its host is local"
        for name in hook.feeds:
            if name not in known:
                yield f"webhook {hook.name}: warning: the feed {name!r} does not exist yet"


def _aggregator_words(source: Source) -> str:
    """Return what is kept of another Aggregator, and for whom it may speak."""
    if not source.aggregator:
        return ""
    agencies = ", ".join(source.agencies) or "any agency"
    return f", an Aggregator that speaks for {agencies}"


def _filters(feed: SavedSearch) -> list[str]:
    """Return everything that selects the entries of a feed."""
    limits = [
        f"{words} {', '.join(names)}"
        for words, names in (
            ("of", feed.agencies),
            ("from", feed.sources),
            ("tagged", feed.tags),
            ("in the categories", feed.categories),
            ("in the languages", feed.languages),
            ("includes only", feed.include),
            ("excludes", feed.exclude),
        )
        if names
    ]
    if feed.max_per_agency is not None:
        limits.append(f"at most {feed.max_per_agency} of an agency")
    return [feed.query or "everything", *limits]


def _unknown_names(config: Config, store: Store) -> Iterator[str]:
    """Return a warning for each name in a source or feed that nothing has, so it finds nothing."""
    agencies = {agency.id for agency in config.agencies}
    agencies |= {agency.id for agency in agencies_with_entries(store)}
    terms = [term for feed in config.feeds for term in feed.categories]
    known_terms = {rule.term.casefold() for rule in config.category_rules}
    known_terms |= {term.casefold() for term in terms_of_feeds(store, terms)}
    for source in config.sources:
        unknown = [name for name in source.agencies if name not in agencies]
        # Before it was read, its agencies are only expected.
        if unknown and has_documents(store, source.id):
            for name in unknown:
                yield _unknown(f"source {source.id}", "agency", name, agencies)
    for feed in config.feeds:
        place = f"feed {feed.id}"
        for name in feed.agencies:
            if name not in agencies:
                yield _unknown(place, "agency", name, agencies)
        for name in feed.categories:
            if name.casefold() not in known_terms:
                yield _unknown(
                    place, "category", name, {rule.term for rule in config.category_rules}
                )
        for name in feed.languages:
            if valid_language(name) is None:
                yield _unknown(place, "language", name, ())


def _unknown(place: str, what: str, name: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(name, sorted(known), n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return f"{place}: warning: there is no {what} {name!r} yet{hint}"


def _rule_words(config: Config, rule: Rule) -> str:
    """Return where a rule comes from, for whom it holds, and the page of its category."""
    terms = {settings.term for settings in config.categories}
    origin = "configured" if rule.term in terms else "built in"
    whose = f", of {', '.join(sorted(rule.agencies))}" if rule.agencies else ""
    return f"{origin}{whose}, category/{slug(rule.term)}.html"
