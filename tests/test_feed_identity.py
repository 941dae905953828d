import pytest

from schemas.ids import digest
from transforms.sources.feed_identity import NAME_CHARS_MAX, item_ids
from transforms.sources.feed_item import FeedItem


def feed_item(guid: str = "", link: str = "", title: str = "خبر", body: str = "نص") -> FeedItem:
    return FeedItem(guid, link, title, body, False, False, "", "", (), False)


PLAIN = [feed_item("g1", "https://n/1", "أ"), feed_item("g2", "https://n/2", "ب")]


@pytest.mark.parametrize(("policy", "ids"), [
    ("auto", ["g1", "g2"]), ("guid", ["g1", "g2"]), ("link", ["https://n/1", "https://n/2"]),
    ("content", [digest("أ", "نص"), digest("ب", "نص")]),
])
def test_item_ids_follow_the_policy(policy: str, ids: list[str]) -> None:
    assert item_ids(PLAIN, policy) == ids


@pytest.mark.parametrize("policy", ["auto", "guid", "link"])
def test_item_ids_take_the_next_best_where_one_is_missing(policy: str) -> None:
    items = [feed_item("g"), feed_item(link="https://n/1", title="أ"), feed_item(title="ب")]
    assert item_ids(items, policy) == ["g", "https://n/1", digest("ب", "نص")]


def test_item_ids_distrust_one_guid_for_all_items() -> None:
    items = [feed_item("4851172", f"https://n/{n}", str(n)) for n in range(3)]
    assert item_ids(items, "auto") == ["https://n/0", "https://n/1", "https://n/2"]
    assert item_ids(items, "guid") == ["4851172"] * 3


def test_item_ids_distrust_only_the_guid_that_is_shared() -> None:
    items = [*PLAIN, feed_item("g2", "https://n/3", "ج")]
    assert item_ids(items, "auto") == ["g1", "https://n/2", "https://n/3"]


def test_item_ids_keep_a_guid_that_a_revision_repeats() -> None:
    items = [feed_item("g", "https://n/1", body="قبل"), feed_item("g", "https://n/1", body="بعد")]
    assert item_ids(items, "auto") == ["g", "g"]


@pytest.mark.parametrize("guid", [
    "https://www.n.example/?t=1700000000", "https://n.example/a?x=1&ts=1700000000123",
    "https://n.example/a?_=1700000000#top",
])
def test_item_ids_distrust_a_guid_that_changes_with_every_poll(guid: str) -> None:
    assert item_ids([feed_item(guid, "https://n/1")], "auto") == ["https://n/1"]
    assert item_ids([feed_item(guid, guid)], "auto") == [digest("خبر", "نص")]


@pytest.mark.parametrize("guid", ["https://n.example/?p=1700000000", "https://n.example/?t=42",
                                  "tag:n.example,2024:1700000000"])
def test_item_ids_trust_a_guid_with_a_number(guid: str) -> None:
    assert item_ids([feed_item(guid, "https://n/1")], "auto") == [guid]


def test_item_ids_distrust_the_home_page_as_link() -> None:
    items = [feed_item(link="https://n/", title="أ"), feed_item(link="https://n/", title="ب")]
    assert item_ids(items, "auto") == [digest("أ", "نص"), digest("ب", "نص")]


def test_item_ids_shorten_monstrous_names() -> None:
    longest = "g" * NAME_CHARS_MAX
    assert item_ids([feed_item(longest), feed_item(longest + "g")], "auto") == [
        longest, digest(longest + "g")]


def test_item_ids_distrust_a_guid_and_a_link_that_are_the_home_page() -> None:
    home = "https://n/"
    items = [feed_item(home, home, "أ"), feed_item(home, home, "ب")]
    assert item_ids(items, "auto") == [digest("أ", "نص"), digest("ب", "نص")]


def test_item_ids_of_nothing_are_none() -> None:
    assert item_ids([], "auto") == []
