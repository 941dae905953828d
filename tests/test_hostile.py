from pathlib import Path

import pytest

from pipeline.cli import EXIT_PARTIAL, main
from tests.builders import TEXT
from tests.hostile import FILES, write_hostile
from tests.lake import check_laws, rows

READABLE = {
    "cp1256-as-utf8.xml", "cp1256-undeclared.xml", "utf8-as-cp1256.xml", "utf16-no-bom.xml",
    "unknown-charset.xml", "cp1256.txt", "nul-in-feed.xml", "controls.xml",
    "external-dtd.xml", "surrogate-reference.xml", "ansi.txt",
}
"""Damaged, but the story in them can be read whole: no other file says more."""


@pytest.mark.timeout(900)
def test_every_hostile_file_is_accounted_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert len(FILES) >= 50
    names = write_hostile(tmp_path / "wires")
    output = tmp_path / "tables"
    assert main(["run", str(tmp_path / "wires"), "--output", str(output)]) == EXIT_PARTIAL
    check_laws(output)
    accounted = {Path(origin).name for (origin,) in rows(output, """
        select origin from @stories union select origin from @duplicates
        union select origin from @rejects
    """)}
    assert accounted == set(names)
    for message, origin in rows(output, "select message, origin from @rejects"):
        assert message.startswith(origin)
        assert len(message) > len(origin) + 20
    assert rows(output, """
        select source_id from @stories
        where contains(title || text, chr(0)) or contains(text, 'root:')
    """) == []
    assert not (tmp_path / "escape.xml").exists()
    assert "\x1b[31m" not in capsys.readouterr().out


@pytest.mark.parametrize("name", sorted(READABLE))
def test_a_damaged_file_whose_story_is_whole_is_read(tmp_path: Path, name: str) -> None:
    wires = tmp_path / "wires"
    wires.mkdir()
    (wires / name).write_bytes(FILES[name])
    main(["run", str(wires), "--output", str(tmp_path / "tables")])
    ((text,),) = rows(tmp_path / "tables", "select text from @stories")
    assert TEXT in text
