"""Every view on rows that are known, read from real Parquet files as an analyst would."""

import re
import subprocess
import sys
from datetime import date, datetime, timezone
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from schemas.labels import PLOVER_MODES, PLOVER_TYPES
from schemas.rows import to_arrow
from schemas.tables import TABLES
from schemas.views import NoTablesError, open_tables, rows_of, view_files
from schemas.views.__main__ import to_sql
from tests.builders import make_story
from tests.news_lake import RUN_ID, make_event, small_lake, write_lake, write_rows

LAKE = small_lake()
RAID = next(event for event in LAKE.events
            if event.trigger == "غارة" and event.story_id == LAKE.corrected_count.story_id)
VISIT = next(event for event in LAKE.events if event.trigger == "يزور")
GDELT = (
    "GLOBALEVENTID SQLDATE MonthYear Year FractionDate "
    + " ".join(f"Actor{n}{part}" for n in (1, 2) for part in (
        "Code", "Name", "CountryCode", "KnownGroupCode", "EthnicCode", "Religion1Code",
        "Religion2Code", "Type1Code", "Type2Code", "Type3Code"))
    + " IsRootEvent EventCode EventBaseCode EventRootCode QuadClass GoldsteinScale NumMentions "
    "NumSources NumArticles AvgTone "
    + " ".join(f"{whose}Geo_{part}" for whose in ("Actor1", "Actor2", "Action") for part in (
        "Type", "Fullname", "CountryCode", "ADM1Code", "ADM2Code", "Lat", "Long", "FeatureID"))
    + " DATEADDED SOURCEURL"
).split()
POLECAT = [
    "event_id", "event_date", "event_type", "event_mode", "intensity", "quad_code", "contexts",
    *(column for who in ("actor", "recipient") for column in (
        f"{who}_name", f"{who}_country", f"{who}_cow", f"primary_{who}_sector", f"{who}_sectors",
        f"{who}_title", f"{who}_name_raw", f"wikipedia_{who}_id")),
    "placename", "city", "district", "province", "country", "latitude", "longitude",
    "geonames_id", "raw_placename", "feature_type", "source", "publication_date", "story_people",
    "story_organizations", "story_locations", "language", "version",
]


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("tab[le]s*")
    write_lake(root, LAKE)
    return root


@cache
def opened(root: Path) -> duckdb.DuckDBPyConnection:
    return open_tables(str(root))


def ask(root: Path, query: str) -> list[tuple[Any, ...]]:
    return opened(root).sql(query).fetchall()


def row_of(root: Path, query: str) -> dict[str, Any]:
    (row,) = rows_of(opened(root), query)
    return row


def columns_of(root: Path, view: str) -> list[str]:
    return opened(root).sql(f"from {view}").columns


def test_tables_are_those_of_the_schema() -> None:
    shipped = next(path for path in view_files() if path.name == "0_tables.sql")
    assert shipped.read_text(encoding="utf-8") == to_sql(), \
        "run: python -m schemas.views > schemas/views/0_tables.sql"


def test_tables_have_the_columns_and_types_of_the_files(tables: Path) -> None:
    connection = opened(tables)
    for name, table in TABLES.items():
        relation = connection.sql(f"select * exclude (ingest_date) from {name}")
        assert relation.columns == table.schema.names
        written = connection.from_arrow(to_arrow(table, [], RUN_ID))
        assert relation.types == written.types, name


def test_partition_days_are_a_column(tables: Path) -> None:
    assert ask(tables, "select distinct ingest_date from stories") == [(date(2024, 11, 10),)]


def test_stories_current_are_the_latest_that_stand(tables: Path) -> None:
    current = ask(tables, "select story_id, revision from stories_current order by revision")
    assert current == [(LAKE.visit.story_id, 1), (LAKE.corrected_count.story_id, 2)]


def test_a_story_replaced_by_another_item_gives_way_without_its_past(tmp_path: Path) -> None:
    first = make_story(item_id="a", text="نص أول")
    second = make_story(item_id="a", text="نص ثان", revision=2)
    update = make_story(item_id="b", text="نص أطول", replaces=second.story_id,
                        replaces_as="update_of")
    write_lake(tmp_path, LAKE._replace(stories=(first, second, update), mentions=(), events=()))
    assert ask(tmp_path, "select item_id, text from stories_current") == [("b", "نص أطول")]


def test_a_withdrawal_takes_what_it_replaces_along(tmp_path: Path) -> None:
    rumour = make_story(item_id="a")
    kill = make_story(item_id="b", text="سحب الخبر", status="withdrawn", replaces=rumour.story_id)
    write_lake(tmp_path, LAKE._replace(stories=(rumour, kill), mentions=(), events=()))
    assert ask(tmp_path, "select * from stories_current") == []


def test_events_follow_corrections(tables: Path) -> None:
    assert ask(tables, """
        select casualties[1].people from events_current where trigger = 'غارة'
    """) == [(5,)]
    assert ask(tables, "select count(*) from events where trigger = 'غارة'") == [(2,)]
    assert ask(tables, "select * from events_current where extension_type = 'DEATH'") == []


def test_events_full_resolve_names_place_and_time(tables: Path) -> None:
    visit = row_of(tables, f"from events_full where event_id = '{VISIT.event_id}'")
    (actor,), (recipient,) = visit["actors"], visit["recipients"]
    assert (actor["name"], actor["role"], actor["country"]) == (
        "هاكان فيدان", "وزير الخارجية التركي", "TR")
    assert (recipient["name"], recipient["entity_key"]) == ("مصر", "geo:EG")
    assert visit["participants"] == []
    assert (visit["quad"], visit["quad_class"]) == ("verbal cooperation", 1)
    assert (visit["place_key"], visit["place_rule"]) == ("geo:EG", "country")
    assert (visit["time_printed"], visit["time_rule"]) == ("الأحد", "weekday")
    assert (visit["source_id"], visit["url"]) == ("afp-ar", "https://afp.example/2")
    assert visit["first_day"] == date(2024, 11, 10)


def test_events_full_keep_order_and_every_event(tables: Path) -> None:
    raid = row_of(tables, f"from events_full where event_id = '{RAID.event_id}'")
    assert [name["name"] for name in raid["participants"]] == ["وزارة الصحة", "غزة"]
    assert ask(tables, "select count(*) from events_full") == \
        ask(tables, "select count(*) from events_current") == [(5,)]


def test_event_codes_are_the_types_and_modes_of_the_labels(tables: Path) -> None:
    codes = ask(tables, "select event_type, event_mode, quad, quad_class, cameo from event_codes")
    assert {(kind, mode): quad for kind, mode, quad, _, _ in codes} == {
        (kind, mode): quad for kind, quad in PLOVER_TYPES.items()
        for mode in (None, *PLOVER_MODES.get(kind, ()))}
    quads = ("verbal cooperation", "material cooperation", "verbal conflict", "material conflict")
    for _, _, quad, number, cameo in codes:
        assert quads[number - 1] == quad
        assert re.fullmatch(r"(?:0[3-8]|09|1\d)\d{1,2}", cameo)


def test_country_codes_are_unique_and_not_iso_where_fips_differs(tables: Path) -> None:
    codes = ask(tables, "from country_codes")
    assert len({iso for iso, _, _ in codes}) == len(codes) == 250
    named = {iso: (alpha3, fips) for iso, alpha3, fips in codes}
    assert named["AU"] == ("AUS", "AS")
    assert named["AT"] == ("AUT", "AU")
    assert named["IQ"] == ("IRQ", "IZ")
    assert named["PS"] == ("PSE", None)


def test_gdelt_events_have_its_columns_in_its_order(tables: Path) -> None:
    assert columns_of(tables, "gdelt_events") == GDELT
    assert len(GDELT) == 61


def test_gdelt_events_of_a_visit(tables: Path) -> None:
    visit = row_of(tables, "from gdelt_events where EventCode = '042'")
    assert visit["GLOBALEVENTID"] == int(VISIT.event_id[:15], 16)
    assert (visit["SQLDATE"], visit["MonthYear"], visit["Year"]) == (20241110, 202411, 2024)
    assert visit["FractionDate"] == 2024.8493  # (10 * 30 + 10) / 365
    assert (visit["EventBaseCode"], visit["EventRootCode"], visit["QuadClass"]) == ("042", "04", 1)
    assert (visit["Actor1Name"], visit["Actor1Code"]) == ("هاكان فيدان", "TUR")
    assert (visit["Actor2Name"], visit["Actor2CountryCode"]) == ("مصر", "EGY")
    assert visit["Actor1Geo_Type"] is None  # a person is no place
    assert (visit["Actor2Geo_Type"], visit["Actor2Geo_CountryCode"]) == (1, "EG")
    assert (visit["ActionGeo_Type"], visit["ActionGeo_FeatureID"]) == (1, "EG")
    assert (visit["NumArticles"], visit["NumSources"], visit["NumMentions"]) == (2, 2, 2)
    assert (visit["DATEADDED"], visit["SOURCEURL"]) == (20241110120000, "https://afp.example/2")


def test_gdelt_events_of_a_city_and_of_nobody(tables: Path) -> None:
    raid = row_of(tables, "from gdelt_events where EventRootCode = '19'")
    assert (raid["EventCode"], raid["QuadClass"], raid["IsRootEvent"]) == ("195", 4, 1)
    assert (raid["ActionGeo_Type"], raid["ActionGeo_CountryCode"]) == (4, "GZ")
    assert (raid["ActionGeo_Lat"], raid["ActionGeo_Fullname"]) == (31.5, "غزة")
    assert raid["ActionGeo_FeatureID"] is None
    assert raid["Actor1Name"] is raid["Actor2Code"] is raid["GoldsteinScale"] is None


@pytest.mark.parametrize(
    ("country", "geonameid", "rule", "expected"),
    [("US", None, "region:exact", (2, "US")), ("US", 5128581, "city:exact", (3, "US")),
     ("IQ", None, "region:exact", (5, "IZ")), ("IL", 281184, "disputed_city:exact", (4, "IS")),
     ("PS", None, "disputed_country:exact", (1, None)),
     (None, None, "region:exact", (None, None))],
    ids=["US state", "US city", "region", "disputed city", "country of two codes", "sea"],
)
def test_gdelt_types_of_places(
    tmp_path: Path, country: str | None, geonameid: int | None, rule: str,
    expected: tuple[int | None, str | None],
) -> None:
    place = next(mention for mention in LAKE.mentions if mention.surface == "مصر")._replace(
        country=country, geonameid=geonameid, link_rule=rule)
    event = VISIT._replace(country=country, geonameid=geonameid)
    write_lake(tmp_path, LAKE._replace(mentions=[place], events=[event]))
    row = row_of(tmp_path, "from gdelt_events")
    assert (row["ActionGeo_Type"], row["ActionGeo_CountryCode"]) == expected
    assert (row["Actor2Geo_Type"], row["Actor2Geo_CountryCode"]) == expected


def test_gdelt_events_have_happened_and_keep_leading_zeros(tables: Path) -> None:
    assert ask(tables, "select EventCode from gdelt_events order by all") == [
        ("010",), ("042",), ("195",)]  # no denial, no earthquake, nothing replaced or withdrawn


@pytest.mark.parametrize("fields", [
    {"factuality": "hypothetical"}, {"factuality": "requested"}, {"factuality": "alleged"},
    {"factuality": "negated"}, {"tense": "planned"},
])
def test_what_has_not_happened_is_no_event_of_others(
    tmp_path: Path, fields: dict[str, str]
) -> None:
    event = make_event(LAKE.visit, "يزور", "CONSULT", **fields)
    write_lake(tmp_path, LAKE._replace(events=(event,)))
    assert ask(tmp_path, "select * from gdelt_events") == []
    assert ask(tmp_path, "select * from polecat_events") == []
    assert len(ask(tmp_path, "select * from events_full")) == 1


_TOLD = {"event_mode": "visit", "first_day": "2024-11-10", "last_day": "2024-11-10",
         "time_from": "publication"}
_TOLD_IN_TEXT = {**_TOLD, "time_from": "sentence"}


def _told_twice(tmp_path: Path, title: dict[str, Any], text: dict[str, Any]) -> list[Any]:
    """Return field and is_in_title of the rows that two mentions of a visit make."""
    one = make_event(LAKE.visit, "وزير", "CONSULT", field="title", **{**_TOLD, **title})
    other = make_event(LAKE.visit, "يزور", "CONSULT", **_TOLD_IN_TEXT)._replace(**text)
    write_lake(tmp_path, LAKE._replace(events=(one, other)))
    return ask(tmp_path, "select field, is_in_title from events_once order by all")


def test_what_title_and_text_tell_is_one_event(tmp_path: Path) -> None:
    assert _told_twice(tmp_path, {}, {}) == [("text", True)]
    assert ask(tmp_path, "select IsRootEvent from gdelt_events") == [(1,)]
    assert len(ask(tmp_path, "from polecat_events")) == 1
    assert len(ask(tmp_path, "from events_full")) == 2


@pytest.mark.parametrize(("title", "text"), [
    pytest.param({}, {"event_mode": None}, id="no mode in the text"),
    pytest.param({}, {"first_day": "2024-11-09"}, id="a day from the publication alone"),
    pytest.param({"first_day": None, "time_from": None}, {}, id="no day in the title"),
    pytest.param({}, {"sentence": 3}, id="deep in the text"),
])
def test_what_does_not_contradict_is_told_again(
    tmp_path: Path, title: dict[str, Any], text: dict[str, Any]
) -> None:
    assert _told_twice(tmp_path, title, text) == [("text", True)]


@pytest.mark.parametrize(("title", "text"), [
    pytest.param({}, {"event_mode": "phone"}, id="another mode"),
    pytest.param({"time_from": "sentence"}, {"first_day": "2024-11-03"}, id="another day"),
    pytest.param({}, {"factuality": "negated"}, id="denied in the text"),
    pytest.param({}, {"tense": "planned"}, id="planned in the text"),
    pytest.param({}, {"event_type": "ASSAULT"}, id="another type"),
    pytest.param({"actors": (LAKE.mentions[-1].mention_id,)},
                 {"actors": (LAKE.mentions[-2].mention_id,)}, id="another actor"),
])
def test_what_contradicts_is_another_event(
    tmp_path: Path, title: dict[str, Any], text: dict[str, Any]
) -> None:
    assert _told_twice(tmp_path, title, text) == [("text", False), ("title", True)]


def test_polecat_events_have_its_columns_in_its_order(tables: Path) -> None:
    assert columns_of(tables, "polecat_events") == POLECAT
    assert len(POLECAT) == 40


def test_polecat_events_have_lists(tables: Path) -> None:
    visit = row_of(tables, "from polecat_events where event_type = 'CONSULT'")
    assert visit["event_date"] == visit["publication_date"] == date(2024, 11, 10)
    assert (visit["quad_code"], visit["event_mode"]) == ("VERBAL COOPERATION", "visit")
    assert (visit["actor_name"], visit["actor_country"], visit["actor_title"]) == (
        ["هاكان فيدان"], ["TUR"], ["وزير الخارجية التركي"])
    assert (visit["recipient_name"], visit["recipient_country"]) == (["مصر"], ["EGY"])
    assert (visit["placename"], visit["country"], visit["source"]) == ("مصر", "EGY", "afp")
    assert visit["story_locations"] == ["اليونان", "مصر"]
    assert (visit["language"], visit["version"]) == ("ar", "Naba 0.1.0")


def test_polecat_events_without_names_have_empty_lists(tables: Path) -> None:
    raid = row_of(tables, "from polecat_events where event_type = 'ASSAULT'")
    assert (raid["actor_name"], raid["recipient_country"]) == ([], [])
    assert (raid["geonames_id"], raid["story_people"]) == (281133, [])


def test_entities_count_current_stories_only(tables: Path) -> None:
    gaza = row_of(tables, "from entities where entity_key = 'geo:281133'")
    assert (gaza["name"], gaza["label"], gaza["countries"]) == ("غزة", "LOC", ["PS"])
    assert (gaza["mentions"], gaza["stories"], gaza["sources"]) == (1, 1, 1)
    assert gaza["first_seen"] == datetime(2024, 11, 10, 12, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("label", "surfaces", "name"),
    [("PER", ["فيدان", "هاكان فيدان", "فيدان"], "هاكان فيدان"),
     ("ORG", ["للأمم المتحدة", "الأمم المتحدة", "للأمم المتحدة"], "الأمم المتحدة"),
     ("ORG", ["منظمة الصحة العالمية", "الصحة العالمية", "الصحة العالمية"], "الصحة العالمية"),
     ("LOC", ["للد"], "للد")],
    ids=["fullest person", "not melted into li-", "most used", "no other"],
)
def test_entities_gather_spellings(
    tmp_path: Path, label: str, surfaces: list[str], name: str
) -> None:
    template = next(mention for mention in LAKE.mentions
                    if mention.story_id == LAKE.visit.story_id)
    mentions = [template._replace(mention_id=f"m{number}", surface=surface, label=label)
                for number, surface in enumerate(surfaces)]
    write_lake(tmp_path, LAKE._replace(mentions=mentions, events=()))
    entity = row_of(tmp_path, "from entities")
    assert (entity["name"], set(entity["names"])) == (name, set(surfaces))
    assert (entity["mentions"], entity["stories"]) == (len(surfaces), 1)


def test_entities_are_not_named_by_what_refers_back(tmp_path: Path) -> None:
    ministry = next(mention for mention in LAKE.mentions
                    if mention.story_id == LAKE.corrected_count.story_id
                    and mention.label == "ORG")
    back = [ministry._replace(mention_id=f"m{number}", surface="الوزارة", link_rule="anaphora")
            for number in range(2)]
    write_lake(tmp_path, LAKE._replace(mentions=[ministry, *back], events=()))
    assert row_of(tmp_path, "from entities")["names"] == ["وزارة الصحة", "الوزارة"]


def test_a_country_is_not_named_by_its_nationality(tmp_path: Path) -> None:
    place = next(mention for mention in LAKE.mentions if mention.story_id == LAKE.visit.story_id)
    place = place._replace(label="LOC")
    mentions = [place._replace(mention_id="m0", surface="تركيا", entity_key="geo:TR")] + [
        place._replace(mention_id=f"m{n}", surface="التركي", label="MISC", entity_key="geo:TR")
        for n in range(1, 4)
    ]
    write_lake(tmp_path, LAKE._replace(mentions=mentions, events=()))
    entity = row_of(tmp_path, "from entities")
    assert (entity["name"], entity["label"], entity["mentions"]) == ("تركيا", "LOC", 4)


def test_tables_of_an_older_lake_are_empty(tmp_path: Path) -> None:
    write_lake(tmp_path, LAKE, without=("dates", "events", "duplicates"))
    assert len(ask(tmp_path, "from stories_current")) == 2
    for view in ("dates", "events_full", "gdelt_events", "polecat_events", "duplicates"):
        assert ask(tmp_path, f"from {view}") == [], view
    assert len(ask(tmp_path, "from entities")) == 5


def test_columns_that_older_files_lack_are_null(tmp_path: Path) -> None:
    write_lake(tmp_path, LAKE, without=("stories",))
    rows = to_arrow(TABLES["stories"], LAKE.stories, RUN_ID)
    write_rows(tmp_path, "stories", rows.slice(0, 2).drop_columns(["timezone", "status"]))
    write_rows(tmp_path, "stories", rows.slice(2), day="2024-11-11")
    assert ask(tmp_path, "select count(*), count(timezone) from stories") == [(5, 3)]
    write_rows(tmp_path / "old", "stories", rows.drop_columns(["timezone"]))
    assert ask(tmp_path / "old", "select distinct timezone from stories_current") == [(None,)]


def test_columns_of_a_later_version_do_no_harm(tmp_path: Path) -> None:
    rows = to_arrow(TABLES["stories"], LAKE.stories, RUN_ID)
    write_rows(tmp_path, "stories", rows.append_column("mood", pa.array(["calm"] * len(rows))))
    assert len(ask(tmp_path, "from stories_current")) == 2


def test_new_files_are_seen_without_loading_again(tmp_path: Path) -> None:
    rows = to_arrow(TABLES["stories"], LAKE.stories, RUN_ID)
    write_rows(tmp_path, "stories", rows.slice(0, 1))
    with open_tables(str(tmp_path)) as connection:
        write_rows(tmp_path, "stories", rows.slice(1))
        assert connection.sql("select count(*) from stories").fetchall() == [(5,)]


def test_a_folder_without_tables_is_named(tmp_path: Path) -> None:
    with pytest.raises(NoTablesError, match=f"{tmp_path}/none holds no tables: has naba run"):
        open_tables(f"{tmp_path}/none/")


def test_files_are_plain_sql_that_any_client_can_load(tables: Path) -> None:
    program = (
        "import duckdb, sys; connection = duckdb.connect(); "
        "connection.execute('set variable tables = ?', [sys.argv[1]]); "
        "[connection.execute(open(path, encoding='utf-8').read()) for path in sys.argv[2:]]; "
        "print(connection.sql('select count(*) from gdelt_events').fetchall()[0][0])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program, str(tables), *map(str, view_files())],
        capture_output=True, text=True, check=True,
    )
    assert answer.stdout.strip() == "3"


@pytest.mark.parametrize("path", view_files(), ids=lambda path: path.name)
def test_each_file_says_what_a_row_is_and_only_creates(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith("-- ")
    code = re.sub(r"--[^\n]*|'(?:[^']|'')*'", "", text)
    statements = [statement.strip() for statement in code.split(";") if statement.strip()]
    allowed = ("create or replace view ", "create or replace macro ", "set variable ")
    assert all(statement.startswith(allowed) for statement in statements)


_DOCUMENT = (Path(__file__).parents[1] / "docs" / "views.md").read_text(encoding="utf-8")
_EXAMPLES = re.findall(r"```sql\n(.+?)```\n\n((?:\|[^\n]*\n)+)", _DOCUMENT, re.DOTALL)


def test_every_view_has_an_example() -> None:
    views = [path.stem.lstrip("0123456789_") for path in view_files()]
    named = set(re.findall(r"(?:from|join) (\w+)", " ".join(query for query, _ in _EXAMPLES)))
    assert set(views) - {"tables"} <= named
    assert len(_EXAMPLES) == _DOCUMENT.count("```sql")


@pytest.mark.parametrize(("query", "printed"), _EXAMPLES, ids=lambda text: text[:60])
def test_examples_print_what_the_document_says(tables: Path, query: str, printed: str) -> None:
    answer = opened(tables).sql(query)
    rows = [["" if cell is None else str(cell) for cell in row] for row in answer.fetchall()]
    printed = re.sub(r"</?span[^>]*>", "", printed)
    heading, _, *lines = [[cell.strip() for cell in line.split("|")[1:-1]]
                          for line in printed.splitlines()]
    assert heading == answer.columns
    assert lines == rows
