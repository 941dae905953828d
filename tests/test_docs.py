"""The documents say what the code does."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.__main__ import CORPORA
from pipeline.cli import main
from pipeline.config import load_config
from pipeline.options import option_fields
from schemas import labels, reasons, tables

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(
    path for folder in ("docs", "deploy", "examples", "training")
    for path in ROOT.joinpath(folder).rglob("*.md")
)])
COMMANDS = ("run", "show", "explain", "compact", "evaluate")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
TEXT_SUFFIXES = {
    "", ".atom", ".cfg", ".json", ".md", ".py", ".service", ".svg", ".timer", ".toml", ".txt",
    ".xml", ".yaml", ".yml",
}
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:home|Users|root|work|mnt)/[A-Za-z]")


def _read(name: str) -> str:
    return ROOT.joinpath(name).read_text(encoding="utf-8")


def _documented() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in DOCUMENTS)


def _flags(command: str, capsys: pytest.CaptureFixture[str]) -> set[str]:
    with pytest.raises(SystemExit):
        main([command, "--help"])
    return set(re.findall(r"(?<!\S)--[a-z][a-z-]+", capsys.readouterr().out))


def test_the_reference_of_tables_is_current() -> None:
    expected = tables.to_markdown() + "\n"
    assert _read("docs/tables.md") == expected, "run: make docs"


def test_the_list_of_reasons_is_current() -> None:
    assert _read("docs/operations.md").endswith(reasons.to_markdown() + "\n"), "run: make docs"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_flag_is_documented(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    flags = _flags(command, capsys)
    assert "--json" in flags
    text = _documented()
    assert [flag for flag in sorted(flags - {"--help"}) if flag not in text] == []


def test_the_documents_name_no_flag_that_is_gone(capsys: pytest.CaptureFixture[str]) -> None:
    known = {flag for command in COMMANDS for flag in _flags(command, capsys)}
    line = rf"naba (?:{'|'.join(COMMANDS)}) .*"
    lines = re.findall(line, _documented().replace("\\\n", " "))
    used = {
        flag for line in lines
        for flag in re.findall(r"(?<!\S)--[a-z][a-z-]+", re.split(r"\|| -- ", line)[0])
    }
    assert used
    assert used <= known


def test_every_key_of_feeds_toml_is_documented(tmp_path: Path) -> None:
    sample = re.search(r"```toml\n(.+?)```", _read("docs/sources.md"), re.DOTALL)
    assert sample is not None
    path = tmp_path / "feeds.toml"
    path.write_text(sample[1], encoding="utf-8")
    config = load_config(path)
    assert config.sources[0].agency == "AA"
    assert set(config.options) <= set(option_fields())


def test_every_dependency_earns_its_row() -> None:
    declared = re.search(r"^dependencies = \[\n(.+?)^\]", _read("pyproject.toml"), re.M | re.S)
    assert declared is not None
    packages = set(re.findall(r'^ +"([\w-]+)', declared[1], re.MULTILINE))
    rows = set(re.findall(r"^\| ([\w-]+)", _read("docs/dependencies.md"), re.MULTILINE))
    assert rows - {"package", "---"} == packages


def test_every_make_target_named_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", _read("Makefile"), re.MULTILINE))
    named = set(re.findall(r"^ +make ([a-z]+)|`make ([a-z]+)`", _documented(), re.MULTILINE))
    assert {one or other for one, other in named} <= targets


def test_every_module_of_a_stage_is_in_the_map_of_the_architecture() -> None:
    mapped = set(re.findall(r"`(\w+)(?:\.py)?`", _read("ARCHITECTURE.md")))
    modules = {path.stem for path in ROOT.joinpath("transforms").rglob("*.py")} - {"__init__"}
    assert modules <= mapped


def test_every_file_that_the_architecture_names_exists() -> None:
    named = re.findall(r"`((?:[a-z]+/)+\w+\.\w+)`", _read("ARCHITECTURE.md"))
    assert named
    assert [name for name in named if not ROOT.joinpath(name).is_file()] == []


def test_every_way_to_relate_to_another_story_is_explained() -> None:
    rows = set(re.findall(r"^\| `(\w+)` \|", _read("docs/sources.md"), re.MULTILINE))
    assert {*labels.RELATIONS, *labels.REPLACEMENTS, *labels.WIRE_SPAN_KINDS} <= rows


def test_every_document_is_found_from_the_readme() -> None:
    linked = {ROOT.joinpath(link.partition("#")[0]).resolve() for link in
              LINK.findall(_read("README.md"))}
    assert {path.resolve() for path in ROOT.joinpath("docs").glob("*.md")} <= linked


def test_every_corpus_that_a_benchmark_reads_is_described() -> None:
    described = _read("docs/benchmarks.md")
    paths = [word for words in CORPORA.values() for word in words if "/" in word]
    assert paths
    assert [path for path in paths if f"`{path}`" not in described] == []


def _links() -> Iterator[tuple[Path, str]]:
    for path in DOCUMENTS:
        for link in LINK.findall(path.read_text(encoding="utf-8")):
            if not link.startswith(("http://", "https://", "mailto:")):
                yield path, link


@pytest.mark.parametrize(
    ("path", "link"), list(_links()), ids=lambda value: getattr(value, "name", value)
)
def test_every_relative_link_resolves(path: Path, link: str) -> None:
    name, _, anchor = link.partition("#")
    target = path.parent / name if name else path
    assert target.exists()
    if anchor:
        headings = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
        assert anchor in {_anchor(heading) for heading in headings}


def _anchor(heading: str) -> str:
    """Return the anchor that GitHub gives a heading."""
    kept = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return kept.replace(" ", "-")


def test_arabic_in_documents_has_its_direction_set() -> None:
    arabic = re.compile(r"[\u0620-\u064a]")
    for path in DOCUMENTS:
        text = path.read_text(encoding="utf-8")
        text = re.sub(r'<(div|span) dir="rtl">.*?</\1>', "", text, flags=re.DOTALL)
        text = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
        assert not arabic.search(text), f"{path}: wrap Arabic in <span dir=\"rtl\">"


def _text_files() -> Iterator[Path]:
    folders = [path for path in ROOT.iterdir() if path.is_dir() and path.name.isidentifier()]
    made = {"build", "dist", "tables"}
    for path in [*ROOT.iterdir(), *(p for f in folders if f.name not in made
                                    for p in f.rglob("*"))]:
        is_text = path.is_file() and path.suffix in TEXT_SUFFIXES
        if is_text and "ner_model" not in path.parts and "__pycache__" not in path.parts:
            yield path


def test_no_file_names_a_path_of_some_machine() -> None:
    files = list(_text_files())
    assert len(files) > 50
    for path in files:
        found = MACHINE_PATH.search(path.read_text(encoding="utf-8", errors="replace"))
        assert found is None, f"{path}: {found}"
