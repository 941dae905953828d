import pytest

from transforms.urls import canonical_url

STORY = "aa.com.tr/ar/news/123"


@pytest.mark.parametrize(
    "url",
    [
        "https://www.aa.com.tr/ar/news/123",
        "http://aa.com.tr/ar/news/123/",
        "https://m.aa.com.tr/ar/news/123?utm_source=rss&utm_medium=feed",
        "https://www.aa.com.tr/ar/news/123#comments",
        "https://amp.aa.com.tr/ar/news/123",
        "https://www.aa.com.tr/amp/ar/news/123",
        "https://www.aa.com.tr/ar/news/123/amp",
        "HTTPS://WWW.AA.COM.TR/ar/news/123?amp=1",
    ],
)
def test_forms_of_one_link_are_one(url: str) -> None:
    assert canonical_url(url) == STORY


@pytest.mark.parametrize(
    "url",
    [None, "", "https://aa.com.tr", "https://www.aa.com.tr/", "javascript:alert(1)", "خبر",
     "http://[broken", "mailto:x@y.z", "file:///etc/passwd"],
)
def test_what_names_no_story_is_empty(url: str | None) -> None:
    assert canonical_url(url) == ""


def test_a_query_that_names_the_story_stays() -> None:
    assert canonical_url("https://sana.sy/?p=12") != canonical_url("https://sana.sy/?p=13")


def test_a_word_that_begins_with_amp_stays() -> None:
    assert canonical_url("https://x.example/ampere/1") == "x.example/ampere/1"
