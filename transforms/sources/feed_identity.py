"""Choose what names an item within its source, from what its feed can be trusted with."""

import re
from collections import defaultdict
from collections.abc import Sequence

from schemas.ids import digest
from transforms.sources.feed_item import FeedItem

NAME_CHARS_MAX = 2_000
VERSIONS_MAX = 2
"""How many titles of one guid in one document are versions of one story."""

# A parameter that holds the moment of the request, as in https://www.example.com/?t=1700000000:
# the same item gets a new guid with each poll, and every poll looks like a flood of new items.
_ROTATES = re.compile(
    r"[?&;](?:t|ts|time|timestamp|_|r|rnd|rand|random|cb|nocache|cache)=\d{9,17}(?=[&;#]|$)",
    re.IGNORECASE,
)
_HOME_PAGE = re.compile(r"https?://[^/]*/?", re.IGNORECASE)


def item_ids(items: Sequence[FeedItem], policy: str) -> list[str]:
    """Return the identity of each item of one document.

    Args:
        items: all usable items of the document.
        policy: "guid", "link" or "content" takes that one, or the next best where it is
            missing. "auto" takes the guid if it names one thing in this document, else the
            link if that does, else the content. Some feeds give all items one guid (a page's
            template id) or one link (the home page); taken at its word, such a feed shrinks
            to a single story that is corrected with every poll. Two items of one guid and one
            link are a story and its correction.
    """
    contents = [digest(item.title, item.body) for item in items]
    if policy == "content":
        return contents
    guids = [item.guid for item in items]
    links = [item.link for item in items]
    if policy == "auto":
        guids = _trusted(guids, [(item.link, item.title) for item in items], VERSIONS_MAX)
        links = _trusted(links, [("", item.title) for item in items], 1)
    first, second = (links, guids) if policy == "link" else (guids, links)
    return [
        _bounded(one or other or content)
        for one, other, content in zip(first, second, contents, strict=True)
    ]


def _trusted(
    names: Sequence[str], things: Sequence[tuple[str, str]], titles_max: int
) -> list[str]:
    """Return `names` with "" for those that rotate or that name several things.

    Args:
        names: a guid or link for each item.
        things: the link, "" where it does not count, and the title of each item.
        titles_max: how many titles one name may have.
    """
    links, titles = defaultdict(set), defaultdict(set)
    for name, (link, title) in zip(names, things, strict=True):
        links[name].add(link)
        titles[name].add(title)
    return [
        "" if len(links[name]) > 1 or _ROTATES.search(name)
        or len(titles[name]) > (1 if _HOME_PAGE.fullmatch(name) else titles_max)
        else name
        for name in names
    ]


def _bounded(name: str) -> str:
    return name if len(name) <= NAME_CHARS_MAX else digest(name)
