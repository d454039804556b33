"""Who can reach whom, as far as addresses themselves tell it."""

from urllib.parse import urlsplit

from aggregator.config import Config
from aggregator.fetch.guard import is_public


def warning(config: Config) -> str | None:
    """What will keep the hub from doing its work, if anything is known to, in words."""
    if config.websub.hub is None or not is_local(config.base_url) or is_local(config.websub.hub):
        return None
    return (
        f"[websub]: hub: it cannot fetch feeds from {config.base_url} (base_url), which is an"
        " address of this machine or network only"
    )


def is_local(address: str) -> bool:
    """Whether an address says itself that it is of this machine or network."""
    host = (urlsplit(address).hostname or "").rstrip(".")
    if host == "localhost" or host.endswith((".localhost", ".local")):
        return True
    return (host.replace(".", "").isdigit() or ":" in host) and not is_public(host)
