"""The Flex Template: its parameters are our options, its image has what a worker needs."""

import importlib.util
import json
import re
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from apache_beam.options.pipeline_options import PipelineOptions
from google.cloud import dataflow_v1beta3

from pipeline.cli import main
from pipeline.options import option_fields
from tests.builders import TEXT
from tests.dataflow_service import serve_dataflow
from tests.dockerfile import ignored_but, instructions

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "deploy" / "dataflow"
IMAGE = "europe-west1-docker.pkg.dev/newsroom/desk/naba:1"
NOT_OFFERED = {"runner", "workers", "allow_loopback"}  # of this machine alone


@pytest.fixture(scope="module")
def launcher() -> ModuleType:
    spec = importlib.util.spec_from_file_location("launcher", FOLDER / "main.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def metadata() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / "metadata.json").read_text(encoding="utf-8"))
    return found


def test_the_metadata_is_what_the_service_reads(metadata: dict[str, Any]) -> None:
    read = dataflow_v1beta3.TemplateMetadata.from_json(json.dumps({
        **metadata,
        "parameters": [
            {**parameter, "paramType": getattr(
                dataflow_v1beta3.ParameterType, parameter["paramType"]).value}
            for parameter in metadata["parameters"]
        ],
    }), ignore_unknown_fields=False)
    assert read.streaming
    assert read.supports_exactly_once
    assert not read.supports_at_least_once  # the books would count a repeated record as an item
    assert all(one.name and one.label and one.help_text for one in read.parameters)


def test_every_option_is_a_parameter_and_every_parameter_an_option(
    metadata: dict[str, Any], launcher: ModuleType
) -> None:
    names = {parameter["name"] for parameter in metadata["parameters"]}
    beams = names & set(PipelineOptions([]).get_all_options())
    assert beams == {"sdk_container_image"}
    assert names - beams == {launcher.INPUTS, *option_fields()} - NOT_OFFERED


def test_the_defaults_are_those_of_the_command(metadata: dict[str, Any]) -> None:
    for parameter in metadata["parameters"]:
        if "defaultValue" in parameter:
            default = option_fields()[parameter["name"]][1]
            assert parameter["isOptional"]
            assert parameter["defaultValue"] == json.dumps(default).strip('"')
            assert re.search(parameter["regexes"][0], parameter["defaultValue"])


@pytest.mark.parametrize(("name", "right", "wrong"), [
    ("inputs", "gs://desk/feeds.toml https://www.aa.com.tr/ar/rss/default?cat=guncel", " "),
    ("output", "gs://desk/tables", "tables"),
    ("sdk_container_image", IMAGE, "naba"),
    ("run_id", "2026-11-24T06:00+03:00", "yesterday"),
    ("timezone", "Europe/Istanbul", "Europe Istanbul"),
    ("every", "600", "0"),
    ("lateness", "3600", "1h"),
    ("shards", "16", "-1"),
    ("follow", "true", "yes"),
    ("model", "CAMeL-Lab/bert-base-arabic-camelbert-msa-ner", "a b"),
])
def test_the_console_takes_what_is_right_and_nothing_else(
    metadata: dict[str, Any], name: str, right: str, wrong: str
) -> None:
    (parameter,) = (one for one in metadata["parameters"] if one["name"] == name)
    (regex,) = parameter["regexes"]
    assert re.search(regex, right)
    assert not re.search(regex, wrong)


def test_parameters_become_a_command(launcher: ModuleType) -> None:
    arguments = launcher.naba_arguments([
        "--runner=DataflowRunner", "--project=newsroom", "--inputs=gs://desk/feeds.toml 'a b'",
        "--output=gs://desk/tables", "--follow=true", "--run_id=", "--every=600",
        "--template_location=gs://desk/job", "--machine_type=e2-standard-2",
    ])
    assert arguments == [
        "run", "gs://desk/feeds.toml", "a b", "--output=gs://desk/tables", "--follow",
        "--run-id=", "--every=600", "--runner=DataflowRunner", "--", "--project=newsroom",
        "--template_location=gs://desk/job", "--machine_type=e2-standard-2",
    ]
    assert "--follow" not in launcher.naba_arguments(["--inputs=a", "--follow=false"])


def test_flags_of_a_newer_launcher_are_left_away_and_named(
    launcher: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = launcher.naba_arguments(["--inputs=a", "--of_tomorrow=1", "--labels=desk=wires"])
    assert arguments[-2:] == ["--", "--labels=desk=wires"]
    assert "Beam has no flag --of_tomorrow=1" in capsys.readouterr().err


def test_a_launch_writes_the_job_and_ends(
    tmp_path: Path, launcher: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    story, job_file = tmp_path / "story.txt", tmp_path / "job.json"
    story.write_text(TEXT)
    with serve_dataflow() as service:
        status = main(launcher.naba_arguments([
            f"--inputs={story}", f"--output={tmp_path / 'tables'}", "--follow=false",
            f"--sdk_container_image={IMAGE}", "--runner=DataflowRunner", "--no_auth",
            f"--dataflow_endpoint={service.url}", "--project=newsroom", "--region=europe-west1",
            f"--temp_location={tmp_path}", "--job_name=naba", f"--template_location={job_file}",
        ]))
        assert service.created == []  # the launcher sends it, when the command has ended
    assert status == 0
    job = json.loads(job_file.read_text())
    assert (job["name"], job["type"]) == ("naba", "JOB_TYPE_BATCH")
    assert f"{job_file}, and begins by itself" in capsys.readouterr().err


def test_one_image_launches_and_works() -> None:
    stages = {value.split(" AS ")[-1]: value.split()[0]
              for name, value in instructions(FOLDER / "Dockerfile") if name == "FROM"}
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    python = re.search(r"python:(3\.\d+)-slim", stages["build"])
    assert python is not None
    digits = python[1].replace(".", "")
    assert stages["beam"] == f"apache/beam_python{python[1]}_sdk:{version('apache-beam')}"
    assert f"apache-beam=={version('apache-beam')}\n" in pins
    assert f"/python{digits}-template-launcher-base:" in stages["launcher"]
    assert not stages["launcher"].endswith(":latest")
    assert list(stages.values())[-1] == stages["build"]  # /usr/local is copied from one to it


def test_the_image_starts_what_dataflow_starts() -> None:
    found = instructions(FOLDER / "Dockerfile")
    assert ("ENTRYPOINT", '["/opt/apache/beam/boot"]') in found
    assert ("ENV", "FLEX_TEMPLATE_PYTHON_PY_FILE=/template/main.py") in found
    assert ("COPY", "deploy/dataflow/main.py /template/main.py") in found
    assert ("RUN", "pip check") in found
    installs = [value for name, value in found if name == "RUN" and "pip install" in value]
    assert '-c constraints.txt ".[gcp]"' in installs[-1]
    names = "".join(f"{name} {value}" for name, value in found)
    assert "REQUIREMENTS_FILE" not in names  # it would resolve anew at each launch
    assert "SETUP_FILE" not in names


def test_the_build_is_given_what_it_copies() -> None:
    copied = {
        word for name, value in instructions(FOLDER / "Dockerfile")
        if name == "COPY" and "--from" not in value for word in value.split()[:-1]
    }
    assert copied == ignored_but(FOLDER / "Dockerfile.dockerignore")
    assert all((ROOT / name).exists() for name in copied)
