"""The sample wires: each is read, and one run of them fills every table."""

import re
from pathlib import Path
from typing import Any

import duckdb
import pytest
from apache_beam.utils.timestamp import Timestamp

from pipeline.cli import main
from pipeline.config import load_config
from pipeline.plan import plan_sources
from schemas.labels import ENTITY_LABELS, ITEM_TYPES, RELATIONS, WIRE_SPAN_KINDS
from schemas.records import RawItem, Reject
from schemas.tables import TABLES
from tests.lake import check_laws, rows
from transforms.agencies import agency_code
from transforms.fold import fold_key
from transforms.reading import Reading
from transforms.sources import load_sources

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"
INPUTS = [str(EXAMPLES / "feeds.toml"), str(EXAMPLES / "wires")]
SOURCES = {spec.source_id: spec for spec in plan_sources(INPUTS).sources}
CHAT = "telegram/1780000042"  # an export's source is its chat, not its file
SOURCES[CHAT] = SOURCES.pop("wires/telegram/result.json")
AS_OF = Timestamp(1_794_300_000)  # 2026-11-10 08:40 UTC
ITEMS = {
    "anadolu": 10, "morning": 9, "khaleej": 5, "rafidain": 5, CHAT: 6,
    "wires/environment-ministers.txt": 1, "wires/maghreb-truncated.xml": 2,
}
REJECTS = {"anadolu": ["item-empty"], "wires/maghreb-truncated.xml": ["feed-truncated"]}


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tables of one run of the sample wires, in a folder called "tables"."""
    output = tmp_path_factory.mktemp("run") / "tables"
    arguments = ["run", *INPUTS, "--output", str(output), "--run-id", "2026-11-10T09:00Z"]
    assert main([*arguments, "--json"]) == 0
    return output


def test_make_run_reads_each_example_once() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    command = re.search(r"naba run (.+?) --output", makefile)
    assert command is not None
    planned = plan_sources([str(ROOT / name) for name in command[1].split()])
    locations = [Path(spec.location).resolve() for spec in planned.sources]
    wires = [path for folder in ("feeds", "wires") for path in (EXAMPLES / folder).rglob("*.*")]
    assert sorted(locations) == sorted(path.resolve() for path in wires)
    assert not planned.rejects


@pytest.mark.parametrize("source_id", sorted(SOURCES))
def test_every_example_is_read(source_id: str) -> None:
    outcomes = list(Reading(SOURCES[source_id], load_sources(), as_of=AS_OF))
    items = [one for one in outcomes if isinstance(one, RawItem)]
    reasons = [one.reason for one in outcomes if isinstance(one, Reject)]
    assert len(items) == ITEMS[source_id]
    assert reasons == REJECTS.get(source_id, [])


def test_public_feeds_load_and_begin_with_anadolu() -> None:
    specs = load_config(EXAMPLES / "agencies.toml").sources
    assert specs[0].source_id == "anadolu"
    assert all(spec.location.startswith("https://") for spec in specs)
    assert all(spec.timezone != "UTC" and spec.language == "ar" for spec in specs)


def test_every_table_has_rows_and_the_laws_hold(tables: Path) -> None:
    counts = {name: rows(tables, f"select count(*) from @{name}")[0][0] for name in TABLES}
    assert all(counts.values()), counts
    check_laws(tables)


def test_offsets_count_code_points(tables: Path) -> None:
    texts = {row[0]: row[1:] for row in rows(tables, "select story_id, title, text from @stories")}
    found = rows(
        tables, 'select story_id, field, surface, start, "end", label from @mentions'
    )
    labels = {label for *_, label in found}
    assert {"PER", "ORG", "LOC"} <= labels <= set(ENTITY_LABELS)
    for story_id, field, surface, start, end, _ in found:
        assert texts[story_id][field == "text"][start:end] == surface


def test_the_books_balance_and_agree_with_the_tables(tables: Path) -> None:
    counts = {
        row[0]: row[1:] for row in rows(tables, """
            select c.source_id, c.read, c.stories, c.duplicates, c.unchanged, c.rejects
            from (select unnest(counts) as c from @runs)
        """)
    }
    assert set(counts) == set(ITEMS)
    for source_id, (read, stories, duplicates, unchanged, rejects) in counts.items():
        assert read == ITEMS[source_id] + len(REJECTS.get(source_id, []))
        assert read == stories + duplicates + unchanged + rejects


def test_updated_items_are_revisions(tables: Path) -> None:
    revised = rows(tables, """
        select source_id, item_id, list(revision order by revision),
               list(length(text) order by revision)
        from @stories group by all having count(*) > 1 order by source_id
    """.replace("group by all", "group by source_id, item_id"))
    assert [(source, versions) for source, _, versions, _ in revised] == [
        ("anadolu", [1, 2]), ("morning", [1, 2])
    ]
    assert all(lengths == sorted(lengths) for *_, lengths in revised)  # the update says more


def test_copies_are_found_across_sources(tables: Path) -> None:
    found = rows(tables, """
        select d.source_id, d.relation, s.source_id
        from @duplicates d join @stories s using (story_id) order by d.published_at
    """)
    assert sorted(found) == [
        ("khaleej", "contained", "anadolu"),
        ("rafidain", "exact_copy", "anadolu"),
        ("rafidain", "near_copy", "anadolu"),
        ("telegram/1780000042", "forward_of", "anadolu"),
        ("telegram/1780000042", "near_copy", "morning"),
    ]
    assert {relation for _, relation, _ in found} == set(RELATIONS)


def test_every_kind_of_span_item_and_source_occurs(tables: Path) -> None:
    spans = _spans(tables)
    assert {kind for kind, _ in spans} == set(WIRE_SPAN_KINDS)
    assert _values(tables, "item_type") == set(ITEM_TYPES)
    assert _values(tables, "source_kind") == {"rss", "atom", "jsonfeed", "telegram", "text"}


def _values(tables: Path, column: str) -> set[Any]:
    return {value for (value,) in rows(tables, f"select distinct {column} from @stories")}


def _spans(tables: Path) -> set[tuple[str, str]]:
    found = rows(tables, """
        select s.kind, text, s.start, s."end"
        from (select text, unnest(wire_spans) as s from @stories)
    """)
    return {(kind, text[start:end]) for kind, text, start, end in found}


@pytest.mark.parametrize(
    "marked",
    [("dateline", "أنقرة/ سامر الحلبي/ الأناضول"), ("byline", "سامر الحلبي"),
     ("agency", "رويترز"), ("closing_mark", "./انتهى"), ("signature", "ع ز/ماب/ب ق"),
     ("promotion", "ليصلك المزيد من الأخبار اشترك بقناتنا على التليغرام")],
    ids=lambda marked: marked[0],
)
def test_the_wire_is_marked_in_whole(tables: Path, marked: tuple[str, str]) -> None:
    assert marked in _spans(tables)


def test_damage_is_mended_and_noted(tables: Path) -> None:
    mended = dict(rows(tables, "select title, repairs from @stories"))
    assert "mojibake:utf-8-as-cp1256" in mended["قطر تطلق قمرا اصطناعيا لرصد الغبار"]
    assert any(note.startswith("charset:windows-1256")
               for note in mended["ميناء الفاو الكبير يستقبل أول سفينة حاويات"])
    assert rows(tables, """
        select count(*) from @stories
        where source_kind = 'telegram' and list_contains(repairs, 'json:x-escape')
    """) == [(1,)]


def test_agencies_are_known_by_their_credit(tables: Path) -> None:
    for name in ("الأناضول", "رويترز", "أ ف ب", "واس", "كونا", "قنا", "نينا", "سانا"):
        assert agency_code(fold_key(name)) in _values(tables, "agency")


def test_dates_in_arabic_are_read(tables: Path) -> None:
    dated = rows(tables, """
        select source_id, published_from, strftime(timezone('UTC', published_at), '%d %H:%M')
        from @stories where published_from like '%arabic%' or published_from = 'dateline'
        order by source_id
    """)
    assert dated == [
        ("anadolu", "pubDate:arabic", "09 11:30"),
        ("wires/environment-ministers.txt", "dateline", "09 00:00"),
        ("wires/maghreb-truncated.xml", "pubDate:arabic", "09 10:00"),
    ]


def test_events_tell_of_past_and_plan_of_harm_visit_and_treaty(tables: Path) -> None:
    told = rows(tables, """
        select e.event_type, e.event_mode, e.tense, e.country, e.time,
               list_transform(e.casualties, lambda one: one.people)
        from @events e join @stories s using (story_id)
        where s.item_id like '%:9007' or s.item_id like '%:9008'
    """)
    assert {
        ("ASSAULT", "firearms", "past", "YE", "2026-11-09TMO", (5, 9)),
        ("CONSULT", "visit", "planned", "SD", "2026-11-12", ()),
        ("CONSULT", None, "past", "TR", "2026-11-08", ()),
    } <= {(*row[:5], tuple(row[5] or ())) for row in told}
    assert "AGREE" in {row[0] for row in told}


def test_a_second_run_adds_nothing(tables: Path) -> None:
    before = rows(tables, "select count(*) from @stories")
    arguments = ["run", *INPUTS, "--output", str(tables), "--run-id", "2026-11-10T10:00Z"]
    assert main([*arguments, "--json"]) == 0
    assert rows(tables, "select count(*) from @stories") == before
    check_laws(tables)


def test_show_prints_the_sample(tables: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", str(tables), "--latest", "40"]) == 0
    shown = capsys.readouterr().out
    assert "كأس العرب للناشئين" in shown
    assert "revision 2" in shown


def test_the_query_in_the_readme_gives_what_the_readme_prints(
    tables: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    query = re.search(r"```sql\n(.+?)```", readme, re.DOTALL)
    printed = re.search(r"```text\n(.+?)```", readme, re.DOTALL)
    assert query is not None
    assert printed is not None
    monkeypatch.chdir(tables.parent)
    answer = duckdb.connect().sql(query[1])
    shown = [
        tuple(cell.strip() for cell in line.strip("│").split("│"))
        for line in printed[1].splitlines() if line.startswith("│")
    ]
    assert shown[0] == tuple(answer.columns)
    assert shown[2:] == answer.fetchall()
