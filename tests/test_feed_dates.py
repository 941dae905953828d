from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.feed_dates import DATE_CHARS_MAX, FeedDate, parse_feed_date

MONTHS = {
    "egypt": "يناير، فبراير، مارس، أبريل، مايو، يونيو، يوليو، أغسطس، سبتمبر، أكتوبر، نوفمبر، "
             "ديسمبر",
    "levant": "كانون الثاني، شباط، آذار، نيسان، أيار، حزيران، تموز، آب، أيلول، تشرين الأول، "
              "تشرين الثاني، كانون الأول",
    "algeria": "جانفي، فيفري، مارس، أفريل، ماي، جوان، جويلية، أوت، سبتمبر، أكتوبر، نوفمبر، ديسمبر",
    "morocco": "يناير، فبراير، مارس، أبريل، ماي، يونيو، يوليوز، غشت، شتنبر، أكتوبر، نونبر، دجنبر",
    "english": "Jan، Feb، Mar، Apr، May، Jun، Jul، Aug، Sep، Oct، Nov، Dec",
}


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=timezone.utc)


@pytest.mark.parametrize("months", MONTHS.values(), ids=MONTHS)
def test_parse_feed_date_knows_the_twelve_months_of_each_region(months: str) -> None:
    for number, month in enumerate(months.split("، "), 1):
        found = parse_feed_date(f"12 {month} 2024 10:30:00 +0300")
        assert found is not None, month
        assert found.moment == utc(2024, number, 12, 7, 30), month


@pytest.mark.parametrize("raw", [
    "Sun, 26 Nov 2023 10:00:00 +0300",
    "Sun, 26 Nov 2023 10:00 +03:00",
    "Sun, 26 Nov 23 07:00:00 GMT",
    "26 Nov 2023 02:00:00 EST",
    "26-Nov-2023 10:00:00 +0300",
    "Sunday, November 26th, 2023 10:00 a.m. +0300",
    "Sun Nov 26 2023 10:00:00 GMT+0300 (Arabian Standard Time)",
    "2023-11-26T10:00:00+03:00",
    "2023-11-26T07:00:00Z",
    "2023-11-26t07:00:00.000z",
    "2023-11-26 10:00:00 +03",
    "20231126T070000Z",
    "2023/11/26 10:00 +0300",
    "26/11/2023 10:00 +0300",
    "26.11.2023 10:00 +0300",
    "\u200fSun, 26 Nov 2023\u00a010:00:00 +0300\n",
])
def test_parse_feed_date_reads_standard_dates_and_their_usual_damage(raw: str) -> None:
    assert parse_feed_date(raw, "Asia/Tokyo") == FeedDate(utc(2023, 11, 26, 7))


@pytest.mark.parametrize("raw", [
    "الأحد، 26 نوفمبر 2023 10:00:00 +0300",
    "الأحد 26 تشرين الثاني/نوفمبر 2023 10:00 +0300",
    "الأحَد ٢٦ تشرين الثاني (نوفمبر) ٢٠٢٣ - ١٠:٠٠ ص +0300",
    "۲۶ نونبر ۲۰۲۳ الساعة ۱۰:۰۰ صباحاً بتوقيت مكة المكرمة",
    "يوم الاحد 26-نوفمبر-2023م، 07:00 بتوقيت غرينتش",
    "12 جمادى الأولى 1445 هـ الموافق 26 نوفمبر 2023 م 10:00 ص +0300",
    "26 نوفمبـــر 2023 الموافق 12 جمادى الأولى 1445 هـ",
    "٢٦/١١/٢٠٢٣ ١٠:٠٠ +0300",
])
def test_parse_feed_date_reads_arabic_dates(raw: str) -> None:
    found = parse_feed_date(raw, "Asia/Riyadh")
    assert found is not None
    assert found.rules[0] == "arabic"
    assert found.moment == (utc(2023, 11, 25, 21) if "day" in found.rules
                            else utc(2023, 11, 26, 7))


@pytest.mark.parametrize(("clock", "hour"), [
    ("03:15 م", 15), ("03:15 ص", 3), ("12:15 م", 12), ("12:15 ص", 0), ("3:15 مساءً", 15),
    ("3:15 PM", 15), ("15:15 م", 15), ("12:15 am", 0),
])
def test_parse_feed_date_applies_the_half_of_the_day(clock: str, hour: int) -> None:
    found = parse_feed_date(f"8 يناير 2024 {clock} GMT")
    assert found is not None
    assert found.moment == utc(2024, 1, 8, hour, 15)


def test_parse_feed_date_takes_the_source_zone_for_a_time_without_offset() -> None:
    assert parse_feed_date("Mon, 08 Jan 2024 12:00:00", "Asia/Riyadh") == FeedDate(
        utc(2024, 1, 8, 9), ("local",))
    # AST is Arabia's and Halifax's standard time: the zone of the source decides.
    assert parse_feed_date("8 Jan 2024 12:00 AST", "Asia/Riyadh") == FeedDate(
        utc(2024, 1, 8, 9), ("local",))
    in_summer = parse_feed_date("2024-07-08 12:00", "Africa/Cairo")
    assert in_summer is not None
    assert in_summer.moment == utc(2024, 7, 8, 9)


def test_parse_feed_date_reads_leap_seconds_and_midnight_at_both_ends() -> None:
    leap = parse_feed_date("2016-12-31T23:59:60Z")
    assert leap is not None
    assert leap.moment == utc(2016, 12, 31, 23, 59).replace(second=59)
    assert parse_feed_date("2023-12-31T24:00:00Z") == parse_feed_date("2024-01-01T00:00:00Z")


def test_parse_feed_date_marks_a_date_without_time() -> None:
    assert parse_feed_date("2024-01-08", "Asia/Riyadh") == FeedDate(utc(2024, 1, 7, 21), ("day",))
    assert parse_feed_date("8 كانون الثاني 2024") == FeedDate(
        utc(2024, 1, 8), ("arabic", "day"))


def test_parse_feed_date_lets_figures_or_weekday_tell_day_from_month() -> None:
    assert parse_feed_date("25/04/2024") == FeedDate(utc(2024, 4, 25), ("day",))
    assert parse_feed_date("04/25/2024") == FeedDate(utc(2024, 4, 25), ("day",))
    assert parse_feed_date("Fri 05/04/2024") == FeedDate(utc(2024, 4, 5), ("day",))
    assert parse_feed_date("السبت 04/05/2024") == FeedDate(utc(2024, 5, 4), ("arabic", "day"))
    assert parse_feed_date("05/04/2024") is None


@pytest.mark.parametrize("raw", [
    "", "   ", "0001-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 GMT", "1970-01-01",
    "1969-12-31T19:00:00-0500", "31/12/9999", "2024-02-30", "2023-02-29T10:00:00Z", "30 شباط 2024",
    "32 يناير 2024", "2024", "نوفمبر 2023", "1700000000", "5 شعبان 1445", "5 شعبان 1445 هـ",
    "أول يناير", "أمس", "الخميس الماضي", "قبل 3 ساعات", "12 يناير/فبراير 2024", "8 Jan 2024 25:00",
    "8 Jan 2024 10:61", "8 Jan 2024 10:00 +9900", "8 Jan 2024 0:30 PM", "8 Jan 2024 9 Feb 2024",
    "8 Jan 2024 10:00 11:00", "Sun, 26 Foo 2023", "١٢٣", "-", "8 Jan 2024 10:00 GMT+3 بتوقيت مكة",
    "8 January 2024 10:00 in the year 12", "8 Jan 02024",
])
def test_parse_feed_date_refuses_what_is_no_moment(raw: str) -> None:
    assert parse_feed_date(raw) is None


def test_parse_feed_date_refuses_what_lies_ten_years_after_the_run() -> None:
    as_of = utc(2026, 1, 1)
    assert parse_feed_date("2035-12-31T00:00:00Z", as_of=as_of) is not None
    assert parse_feed_date("2036-02-01T00:00:00Z", as_of=as_of) is None
    assert parse_feed_date("2036-02-01T00:00:00Z") is not None


def test_parse_feed_date_refuses_long_text_at_once() -> None:
    date = "2024-01-08T10:00:00Z"
    assert parse_feed_date(date.rjust(DATE_CHARS_MAX)) is not None
    assert parse_feed_date(date.rjust(DATE_CHARS_MAX + 1)) is None


@given(st.datetimes(datetime(1971, 1, 1), datetime(2098, 12, 31)), st.integers(-14 * 60, 14 * 60))
def test_parse_feed_date_reads_back_what_rfc_3339_writes(moment: datetime, minutes: int) -> None:
    zoned = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    assert parse_feed_date(zoned.isoformat()) == FeedDate(zoned.astimezone(timezone.utc))


@given(st.text(st.sampled_from("0123456789٠١٢/-:+., مصGMTzt()يناير كانون"), max_size=40))
def test_parse_feed_date_never_fails(raw: str) -> None:
    found = parse_feed_date(raw, "Africa/Casablanca")
    assert found is None or found.moment.tzinfo is timezone.utc
