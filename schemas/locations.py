"""How a source or an output is named: by a path, by the URL of a feed, or in a store of files."""


def is_url(location: str) -> bool:
    """Say whether `location` names something by scheme and not by path."""
    return "://" in location


def is_web(location: str) -> bool:
    """Say whether `location` is an http(s) URL: a feed, and no place where files lie."""
    return location.partition("://")[0].lower() in ("http", "https") and is_url(location)
