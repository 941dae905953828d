"""Command lines of files that start naba, read for tests."""

import re
from collections.abc import Sequence

import pytest

from pipeline.cli import main


def known_flags(command: str, capsys: pytest.CaptureFixture[str]) -> set[str]:
    """Return the flags that a subcommand has."""
    with pytest.raises(SystemExit):
        main([command, "--help"])
    return set(re.findall(r"(?<!\S)--[a-z][a-z-]+", capsys.readouterr().out))


def check_command(words: Sequence[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Check the words of a command line: program, subcommand, known flags, an output."""
    program, command, *rest = words
    assert program.endswith("/bin/naba")
    flags = {word for word in rest if word.startswith("--")}
    assert "--output" in flags
    assert flags <= known_flags(command, capsys)
