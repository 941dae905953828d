"""What deploy/ starts is what the command understands."""

import re
import shlex
from configparser import ConfigParser
from pathlib import Path

import pytest

from pipeline.cli import main

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
CRON_FIELD = re.compile(r"[\d*/,-]+")


def _known_flags(command: str, capsys: pytest.CaptureFixture[str]) -> set[str]:
    with pytest.raises(SystemExit):
        main([command, "--help"])
    return set(re.findall(r"(?<!\S)--[a-z][a-z-]+", capsys.readouterr().out))


def _check_command(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Check the words of a command line: program, subcommand, known flags."""
    program, command, *rest = words
    assert program.endswith("/bin/naba")
    flags = {word for word in rest if word.startswith("--")}
    assert "--output" in flags
    assert flags <= _known_flags(command, capsys)


def _unit(name: str) -> ConfigParser:
    unit = ConfigParser(interpolation=None, comment_prefixes=("#", ";"))
    unit.optionxform = str  # type: ignore[assignment, method-assign]  # keys keep their case
    unit.read_string((DEPLOY / "systemd" / name).read_text(encoding="utf-8"))
    return unit


def _instructions() -> list[tuple[str, str]]:
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    joined = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    lines = [line for line in joined.splitlines() if line.strip()]
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in lines]


def test_the_service_starts_a_command_that_exists(capsys: pytest.CaptureFixture[str]) -> None:
    unit = _unit("naba.service")
    assert unit["Service"]["Type"] == "oneshot"
    assert unit["Service"]["SuccessExitStatus"] == "3"
    _check_command(shlex.split(unit["Service"]["ExecStart"]), capsys)


def test_the_following_service_lets_a_round_finish(capsys: pytest.CaptureFixture[str]) -> None:
    service = _unit("naba-follow.service")["Service"]
    _check_command(shlex.split(service["ExecStart"]), capsys)
    assert "--follow" in service["ExecStart"]
    assert service["KillMode"] == "mixed"


@pytest.mark.parametrize("name", ["naba.service", "naba-follow.service"])
def test_the_service_may_write_where_it_writes(name: str) -> None:
    service = _unit(name)["Service"]
    words = shlex.split(service["ExecStart"])
    output = words[words.index("--output") + 1]
    assert output.startswith(f"/var/lib/{service['StateDirectory']}/")
    assert service["User"] != "root"


def test_the_timer_starts_the_service() -> None:
    unit = _unit("naba.timer")
    assert set(unit.sections()) == {"Unit", "Timer", "Install"}
    assert re.fullmatch(r"\*:0/\d+", unit["Timer"]["OnCalendar"])
    assert (DEPLOY / "systemd" / "naba.service").exists()  # the unit of the same name


def test_the_cron_line_is_whole(capsys: pytest.CaptureFixture[str]) -> None:
    lines = (DEPLOY / "cron" / "naba").read_text(encoding="utf-8").splitlines()
    jobs = [line for line in lines if line and not line.startswith("#") and "=" not in line[:12]]
    assert len(jobs) == 1
    *when, user = jobs[0].split()[:6]
    assert all(CRON_FIELD.fullmatch(field) for field in when)
    assert user == "naba"
    command = jobs[0].split(maxsplit=6)[6]
    assert "%" not in command  # cron would end the command there
    _check_command(shlex.split(command.split(">>")[0]), capsys)


def test_the_image_is_built_from_pins() -> None:
    bases = [value.split()[0] for name, value in _instructions() if name == "FROM"]
    assert len(bases) == 2
    for base in bases:
        version = re.fullmatch(r"python:3\.(\d+)-slim", base)
        assert version is not None
        assert 10 <= int(version[1]) <= 13
    installs = [value for name, value in _instructions() if name == "RUN" and "install" in value]
    assert any("-c constraints.txt ." in value for value in installs)
    assert re.search(r"^torch==\S+$", (ROOT / "constraints.txt").read_text(), re.MULTILINE)
    assert ("ARG", "TORCH=cpu") in _instructions()


def test_the_image_has_all_that_is_installed() -> None:
    copied = {
        word for name, value in _instructions() if name == "COPY" and "--from" not in value
        for word in value.split()[:-1]
    }
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    admitted = {line[1:] for line in ignored if line.startswith("!")}
    assert copied == admitted
    assert all((ROOT / name).exists() for name in copied)
    packages = re.search(
        r"packages\.find\]\ninclude = \[(.+)\]", (ROOT / "pyproject.toml").read_text()
    )
    assert packages is not None
    assert {name.strip('"* ') for name in packages[1].split(",")} <= copied


def test_the_container_does_not_run_as_root() -> None:
    names = [name for name, _ in _instructions()]
    assert names.index("USER") > len(names) - names[::-1].index("FROM") - 1
    assert ("USER", "naba") in _instructions()
    assert ("ENTRYPOINT", '["naba"]') in _instructions()
