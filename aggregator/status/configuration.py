"""What a configuration resolves to, in the lines that ``aggregator check`` prints."""

from collections.abc import Iterator

from aggregator.config import Config
from aggregator.fetch.guard import unreachable_base
from aggregator.fetch.politeness import in_words
from aggregator.normalise.addresses import display_address
from aggregator.normalise.categories import Rule, slug
from aggregator.status.layout import columns


def check_lines(config: Config) -> Iterator[str]:
    """Return the resolved configuration, a line for each thing."""
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
            f" contact {fetch.contact or config.base_url}"
        )
    if config.websub.hub is not None:
        yield f"websub: {display_address(config.websub.hub)} is notified of news"
        if problem := unreachable_base(config.base_url, config.websub.hub):
            yield f"websub: warning: {problem}"
    if config.websub.callback is not None:
        yield f"websub: hubs of sources deliver news below {config.websub.callback} (`run` only)"
    for source in config.sources:
        owner = f", all of it {source.agency}'s" if source.agency else ""
        form = source.format or "found from the content"
        where = display_address(source.location) if source.is_remote else source.location
        own = f", with {words}" if (words := source.request_words) else ""
        name = f"{source.id} ({source.title})" if source.title else source.id
        every = in_words(source.interval)
        yield f"source {name}: {where}, every {every}, format {form}{owner}{own}"
        if source.include:
            yield f"source {source.id}: includes only {', '.join(source.include)}"
        if source.exclude:
            yield f"source {source.id}: excludes {', '.join(source.exclude)}"
    for agency in config.agencies:
        also = f", also {', '.join(agency.aliases)}" if agency.aliases else ""
        yield f"agency {agency.id}: {agency.name}{also}"
    for feed in config.feeds:
        yield f"feed {feed.id}: {feed.title or feed.id}: {feed.query or 'everything'}"
    for rule in config.category_rules:
        yield f"category {rule.term}: {_rule_words(config, rule)}"


def _rule_words(config: Config, rule: Rule) -> str:
    """Return where a rule comes from, for whom it holds, and the page of its category."""
    terms = {settings.term for settings in config.categories}
    origin = "configured" if rule.term in terms else "built in"
    whose = f", of {', '.join(sorted(rule.agencies))}" if rule.agencies else ""
    return f"{origin}{whose}, category/{slug(rule.term)}.html"
