"""One name for the links under which a publisher shows one story."""

import re
from urllib.parse import urlsplit

from courlan import clean_url

_WEB = re.compile(r"https?://", re.IGNORECASE)
_HOST_PREFIX = re.compile(r"^(?:www\d?|m|mobile|amp)\.")
_AMP = re.compile(r"(?:^|(?<=/))amp(?:/|$)|(?<=[?&])(?:amp|outputType)=[^&]*&?", re.IGNORECASE)


def canonical_url(url: str | None) -> str:
    """Return the canonical form of a link, without its scheme; "" if it names no single story.

    courlan drops what tracks readers; www, mobile and AMP forms, the scheme, and a trailing
    slash, which it leaves, are dropped here. A bare host or a link without a path is no story's.
    """
    cleaned = clean_url(url) if url and _WEB.match(url) else None
    if not cleaned:
        return ""
    parts = urlsplit(cleaned)
    path = _AMP.sub("", parts.path).rstrip("/")
    query = _AMP.sub("", f"?{parts.query}").strip("?&")
    if not path.strip("/") and not query:
        return ""
    host = _HOST_PREFIX.sub("", parts.netloc.lower())
    return f"{host}{path}" + (f"?{query}" if query else "")
