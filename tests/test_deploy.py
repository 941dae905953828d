"""What deploy/ starts is what the command understands."""

import re
import shlex
from configparser import ConfigParser
from pathlib import Path

import pytest

from tests.commands import check_command
from tests.dockerfile import ignored_but, instructions

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
CRON_FIELD = re.compile(r"[\d*/,-]+")


def _unit(name: str) -> ConfigParser:
    unit = ConfigParser(interpolation=None, comment_prefixes=("#", ";"))
    unit.optionxform = str  # type: ignore[assignment, method-assign]  # keys keep their case
    unit.read_string((DEPLOY / "systemd" / name).read_text(encoding="utf-8"))
    return unit


INSTRUCTIONS = instructions(DEPLOY / "Dockerfile")


def test_the_service_starts_a_command_that_exists(capsys: pytest.CaptureFixture[str]) -> None:
    unit = _unit("naba.service")
    assert unit["Service"]["Type"] == "oneshot"
    assert unit["Service"]["SuccessExitStatus"] == "3"
    check_command(shlex.split(unit["Service"]["ExecStart"]), capsys)


def test_the_following_service_lets_a_round_finish(capsys: pytest.CaptureFixture[str]) -> None:
    service = _unit("naba-follow.service")["Service"]
    check_command(shlex.split(service["ExecStart"]), capsys)
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
    check_command(shlex.split(command.split(">>")[0]), capsys)


def test_the_image_is_built_from_pins() -> None:
    bases = [value.split()[0] for name, value in INSTRUCTIONS if name == "FROM"]
    assert len(bases) == 2
    for base in bases:
        version = re.fullmatch(r"python:3\.(\d+)-slim", base)
        assert version is not None
        assert 10 <= int(version[1]) <= 13
    installs = [value for name, value in INSTRUCTIONS if name == "RUN" and "install" in value]
    assert any("-c constraints.txt \".${EXTRAS:+[$EXTRAS]}\"" in value for value in installs)
    assert ("ARG", "EXTRAS=") in INSTRUCTIONS
    assert re.search(r"^torch==\S+$", (ROOT / "constraints.txt").read_text(), re.MULTILINE)
    assert ("ARG", "TORCH=cpu") in INSTRUCTIONS


def test_the_image_has_all_that_is_installed() -> None:
    copied = {
        word for name, value in INSTRUCTIONS if name == "COPY" and "--from" not in value
        for word in value.split()[:-1]
    }
    assert copied == ignored_but(DEPLOY / "Dockerfile.dockerignore")
    assert all((ROOT / name).exists() for name in copied)
    packages = re.search(
        r"packages\.find\]\ninclude = \[(.+)\]", (ROOT / "pyproject.toml").read_text()
    )
    assert packages is not None
    assert {name.strip('"* ') for name in packages[1].split(",")} <= copied


def test_the_container_does_not_run_as_root() -> None:
    names = [name for name, _ in INSTRUCTIONS]
    assert names.index("USER") > len(names) - names[::-1].index("FROM") - 1
    assert ("USER", "naba") in INSTRUCTIONS
    assert ("ENTRYPOINT", '["naba"]') in INSTRUCTIONS
