import subprocess
import sys

import pytest

from pipeline.cli import exit_status, main


def _status(*arguments: str) -> int:
    try:
        return main(arguments)
    except SystemExit as stop:  # argparse's way
        return int(stop.code or 0)


def test_help_explains_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert _status("run", "--help") == 0
    text = capsys.readouterr().out
    for word in ("--output", "--model", "--run-id", "feeds.toml", "exit status", "examples:"):
        assert word in text


@pytest.mark.parametrize(
    "arguments",
    [["run"], ["run", "x.txt", "--outptu", "y"], ["frobnicate"],
     ["run", "x.txt", "--workers", "0"],
     ["run", "x.txt", "--run-id", "today"]],
    ids=["no input", "unknown flag", "unknown command", "range", "no slot"],
)
def test_a_wrong_command_is_exit_status_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert _status(*arguments) == 2
    assert capsys.readouterr().err


def test_show_without_tables_fails_and_says_so(
    tmp_path: object, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["show", str(tmp_path)]) == 1
    assert "has naba run written there?" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("failed", "read", "rejects", "status"),
    [([], 3, 1, 0), (["b"], 3, 1, 3), (["b"], 1, 1, 1)],
    ids=["success", "partial failure", "failure"],
)
def test_exit_status(failed: list[str], read: int, rejects: int, status: int) -> None:
    row = {"failed_sources": failed, "counts": [{"read": read, "rejects": rejects}]}
    assert exit_status(row) == status


def test_the_module_is_the_command() -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "pipeline", "--version"], capture_output=True, text=True, check=True
    )
    assert answer.stdout.startswith("naba ")
