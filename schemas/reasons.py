"""Why an item or a source could not be used: every reason code, once, with what to do about it."""

from typing import NamedTuple


class Reason(NamedTuple):
    """One reason code of the rejects table."""

    code: str
    meaning: str
    remedy: str
    retryable: bool = False


_DECLARED = (
    # read: the source as a whole
    Reason("source-missing", "the file or folder does not exist", "check the path", True),
    Reason("source-unreadable", "the file could not be opened or read",
           "check the permissions and the disk", True),
    Reason("source-empty", "the file holds no bytes, or only white space", "check the exporter"),
    Reason("source-unrecognised", "the content is no feed, no Telegram export and no text",
           "name the kind in feeds.toml, or remove the file"),
    Reason("source-too-large", "the document exceeds the size limit of its kind",
           "split it, or fetch a shorter feed"),
    # recognise
    Reason("model-failed", "the model could not tag this text", "report it with the text", True),
)

REASONS = {reason.code: reason for reason in _DECLARED}
