import logging
import os
import subprocess
import sys
from pathlib import Path

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
    ("failed", "status"),
    [([], 0), (["b"], 3), (["a", "b"], 1)],
    ids=["success", "partial failure", "failure"],
)
def test_exit_status(failed: list[str], status: int) -> None:
    assert exit_status({"failed_sources": failed, "sources": 2}) == status


@pytest.mark.parametrize(
    ("arguments", "status", "problem"),
    [
        (["run", "{}/absent.toml"], 2, "No such file"),
        (["run", "{}/story.txt", "--output", "{}/story.txt"], 1, "cannot write to"),
        (["run", "{}/story.txt", "--runner", "NoSuchRunner"], 2, "unknown runner"),
        (["run", "{}/story.txt", "--", "--bogus_flag=1"], 2, "unknown Beam flag --bogus_flag"),
        (["run", "{}/story.txt", "--model", "{}/absent/model/x"], 1, "no model folder"),
    ],
    ids=["no config", "output is a file", "runner", "Beam flag", "model"],
)
def test_what_is_wrong_is_said_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], status: int,
    problem: str,
) -> None:
    (tmp_path / "story.txt").write_text("خبر", encoding="utf-8")
    words = [word.format(tmp_path) for word in arguments]
    if "--output" not in words:
        words[2:2] = ["--output", str(tmp_path / "tables")]
    assert _status(*words) == status
    lines = capsys.readouterr().err.splitlines()
    assert lines[-1].startswith("naba: ")
    assert problem in lines[-1]


def test_arabic_is_printed_whatever_the_locale(tmp_path: Path) -> None:
    (tmp_path / "خبر.txt").write_text("خبر", encoding="utf-8")
    command = [sys.executable, "-m", "pipeline", "run", str(tmp_path / "خبر.txt"), "--output",
               str(tmp_path / "tables")]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    answer = subprocess.run(command, capture_output=True, env=environment, check=True)
    assert "خبر.txt" in answer.stdout.decode()


@pytest.mark.parametrize(("message", "is_shown"), [
    ("Resource module is not available for current platform, memory usage cannot be fetched.",
     False),
    ("the disk is nearly full", True),
], ids=str)
def test_remarks_of_beam_that_no_user_can_act_on_are_left_out(
    tmp_path: Path, message: str, is_shown: bool
) -> None:
    main(["show", str(tmp_path)])
    assert bool(logging.getLogger().filter(logging.makeLogRecord({"msg": message}))) is is_shown


def test_the_module_is_the_command() -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "pipeline", "--version"], capture_output=True, text=True, check=True
    )
    assert answer.stdout.startswith("naba ")
