"""Why an item or a source could not be used: every reason code, once, with what to do about it."""

from typing import NamedTuple


class Reason(NamedTuple):
    """One reason code of the rejects table."""

    code: str
    meaning: str
    remedy: str
    retryable: bool = False
    fails_source: bool = True  # a source that gives this and no item has failed


_DECLARED = (
    # read: the source as a whole
    Reason("source-missing", "the file or folder does not exist", "check the path", True),
    Reason("source-unreadable", "the file could not be opened or read",
           "check the permissions and the disk", True),
    Reason("source-link", "a link to a folder, in the folder given, is not followed",
           "name the folder that it leads to"),
    Reason("source-not-a-file", "a device, a pipe or a socket, or a name that is not valid UTF-8",
           "rename it or remove it"),
    Reason("source-empty", "the file holds no bytes, or only white space", "check the exporter"),
    Reason("source-unrecognised", "the content is no feed, no Telegram export and no text",
           "name the kind in feeds.toml, or remove the file"),
    Reason("source-too-large", "the document exceeds the size limit of its kind",
           "split it, or fetch a shorter feed"),
    # read: HTTP
    Reason("fetch-forbidden-address", "the URL leads to an address that is not public, or is no "
           "http(s) URL", "check the URL; --allow-loopback admits this machine"),
    Reason("fetch-dns", "the host name could not be resolved", "check the host name", True),
    Reason("fetch-refused", "the server could not be reached, or refused the connection",
           "check that the server is up", True),
    Reason("fetch-tls", "the server's certificate or its TLS could not be trusted",
           "check the certificate and this machine's clock", True),
    Reason("fetch-timeout", "the server did not answer in time", "try later", True),
    Reason("fetch-broken", "the answer broke off, or was no HTTP", "try later", True),
    Reason("fetch-decoding", "the Content-Encoding of the answer is unknown or damaged",
           "report it to the publisher", True),
    Reason("fetch-too-large", "the answer exceeds the size limit, as sent or decompressed",
           "fetch a shorter feed"),
    Reason("fetch-redirects", "too many redirects, or a redirect to nowhere",
           "name the final URL in feeds.toml"),
    Reason("fetch-empty", "the server answered 200 with an empty body", "try later", True),
    Reason("fetch-unavailable", "the server is overloaded or failed for now", "try later", True),
    Reason("fetch-gone", "the publisher has removed the feed for good (410)",
           "remove it from feeds.toml"),
    Reason("fetch-status", "the server refused the request", "check the URL and the credentials"),
    # read: plain text
    Reason("source-binary", "the file is no text", "convert it to text, or remove it"),
    # read: Telegram exports
    Reason("telegram-not-an-export", "the JSON holds no messages and no chats",
           "export the chat again as machine-readable JSON"),
    Reason("telegram-not-utf8", "the export was saved again in another encoding",
           "read the file that Telegram Desktop wrote, or convert this one to UTF-8"),
    Reason("telegram-truncated", "the export ends in the middle; what came before was read",
           "export the chat again and let it finish", True),
    Reason("telegram-trailing-data", "something that is no export follows the export",
           "remove what follows, if it matters read it as a file of its own"),
    Reason("telegram-message-malformed", "this message is no valid JSON and cannot be mended",
           "correct it in the file, or export the chat again", fails_source=False),
    Reason("telegram-message-too-large", "this message exceeds the size limit of one message",
           "it was not written by Telegram; look at the file", fails_source=False),
    Reason("telegram-private-chat", "a private chat is not read: only channels and groups are",
           "nothing to do; export single channels to leave private chats out", fails_source=False),
    # read: feeds
    Reason("source-not-a-feed", "the document was to be a feed and is something else",
           "open the address in a browser; the feed may have moved", True),
    Reason("feed-truncated", "the feed breaks off; its complete items were read",
           "fetch it again", True),
    Reason("feed-malformed", "the feed is broken beyond repair", "report it with the document"),
    Reason("feed-unsafe", "the feed's XML nests, swells or reaches outside beyond any real feed",
           "ask its publisher; do not trust it"),
    Reason("item-empty", "the item has no title, no text and no link", "ask its publisher",
           fails_source=False),
    Reason("item-malformed", "the item's parts are out of order", "report it with the item",
           fails_source=False),
    Reason("item-too-large", "the item, or a field of it, exceeds the size limit",
           "ask its publisher for a shorter item", fails_source=False),
    # normalise
    Reason("item-without-text", "no letter is left in the item's title and text",
           "nothing: a picture, a sticker or an empty post", fails_source=False),
    Reason("text-too-long", "the text exceeds two million characters",
           "split it into its items before it is read", fails_source=False),
)

REASONS = {reason.code: reason for reason in _DECLARED}


def to_markdown() -> str:
    """Return the reference of all reason codes, in Markdown."""
    lines = ["| reason | what is wrong | what to do | may pass later |", "|---|---|---|---|"]
    lines += [
        f"| `{reason.code}` | {reason.meaning} | {reason.remedy} "
        f"| {'yes' if reason.retryable else ''} |"
        for reason in REASONS.values()
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    print(to_markdown())  # noqa: T201 (this is what the command is for)
