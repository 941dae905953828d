"""The manifests of deploy/kubernetes/: as the API has it, and with commands that exist."""

import re
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from apache_beam.options.pipeline_options import FlinkRunnerOptions

from pipeline.config import load_config
from pipeline.options import make_options, option_fields
from pipeline.runners import pipeline_options

FOLDER = Path(__file__).parents[1] / "deploy" / "kubernetes"
FILES = sorted(path.name for path in FOLDER.glob("*.yaml"))
API = "1.33"
JAR = "--flink_job_server_jar="

# From the CustomResourceDefinition of the Flink Kubernetes Operator, read by hand.
FLINK_SPEC = {
    "flinkConfiguration", "flinkVersion", "image", "imagePullPolicy", "ingress", "job",
    "jobManager", "logConfiguration", "mode", "podTemplate", "restartNonce", "serviceAccount",
    "taskManager",
}
FLINK_VERSIONS = {f"v1_{minor}" for minor in range(16, 21)}
MANAGER_SPEC, RESOURCE = {"podTemplate", "replicas", "resource"}, {"cpu", "memory"}


def _documents(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((FOLDER / name).read_text(encoding="utf-8")))


def _pods(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the specs of all pods in a manifest: each mapping that has containers."""
    waiting: list[Any] = [document]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting += one.values()
            if "containers" in one:
                yield one
        elif isinstance(one, list):
            waiting += one


ALL = [document for name in FILES for document in _documents(name)]
PODS = [pod for document in ALL for pod in _pods(document)]
CONTAINERS = [container for pod in PODS for container in pod["containers"]]
OURS = [container for container in CONTAINERS if "/naba:" in container.get("image", "")]
COMMANDS = [one["args"] for one in OURS if one["command"] == ["naba"]]


def _check(document: dict[str, Any]) -> None:
    kubernetes_validate.validate(document, API, strict=True)


@pytest.mark.parametrize("document", [one for one in ALL if one["kind"] != "FlinkDeployment"],
                         ids=lambda one: str(one["kind"]))
def test_a_manifest_is_as_the_api_has_it(document: dict[str, Any]) -> None:
    _check(document)


def test_a_wrong_field_would_be_found() -> None:
    (wrong,) = _documents("scheduled.yaml")
    wrong["spec"]["concurencyPolicy"] = wrong["spec"].pop("concurrencyPolicy")
    with pytest.raises(kubernetes_validate.ValidationError):
        _check(wrong)


@pytest.mark.parametrize("pod", list(_pods(_documents("flink.yaml")[0])), ids=["workers", "all"])
def test_the_pods_of_the_cluster_are_as_the_api_has_them(pod: dict[str, Any]) -> None:
    named = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "one"}, "spec": pod}
    _check(named)


def test_the_cluster_is_as_the_operator_has_it() -> None:
    (cluster,) = _documents("flink.yaml")
    spec = cluster["spec"]
    assert cluster["apiVersion"] == "flink.apache.org/v1beta1"
    assert spec.keys() <= FLINK_SPEC
    assert "job" not in spec  # a session cluster: jobs are handed to it
    assert spec["flinkVersion"] in FLINK_VERSIONS
    assert all(isinstance(value, str) for value in spec["flinkConfiguration"].values())
    for manager in (spec["jobManager"], spec["taskManager"]):
        assert manager.keys() <= MANAGER_SPEC
        assert manager["resource"].keys() <= RESOURCE


def test_flink_is_one_that_beam_knows_everywhere() -> None:
    (cluster,) = _documents("flink.yaml")
    flink = cluster["spec"]["flinkVersion"].removeprefix("v").replace("_", ".")
    assert flink in FlinkRunnerOptions.PUBLISHED_FLINK_VERSIONS
    assert cluster["spec"]["image"].startswith(f"flink:{flink}-")
    jars = {word for args in COMMANDS for word in args if word.startswith(JAR)}
    name = f"beam-runners-flink-{flink}-job-server-{version('apache-beam')}.jar"
    assert {jar.rpartition("/")[2] for jar in jars} == {name}


def test_all_that_run_naba_run_the_same() -> None:
    assert {container["image"] for container in OURS} == {
        f"registry.example/naba:{version('naba')}"
    }


@pytest.mark.parametrize("args", COMMANDS, ids=lambda args: args[-1])
def test_a_command_is_one_that_naba_takes(args: list[str], tmp_path: Path) -> None:
    ours, _, flags = " ".join(args).partition(" -- ")
    command, *words = ours.split()
    assert command == "run"
    given = dict(re.findall(r"--([a-z-]+)[= ]?((?!--)\S*)", " ".join(words)))
    assert given.pop("json") == ""
    kinds = {name: kind for name, (kind, *_) in option_fields().items()}
    options = make_options({
        name: kinds[name](value or True)
        for name, value in ((key.replace("-", "_"), value) for key, value in given.items())
    })
    jar = tmp_path / "job-server.jar"
    jar.touch()
    told = [f"{JAR}{jar}" if flag.startswith(JAR) else flag for flag in flags.split()]
    beam_options = pipeline_options(options, told)
    if options.runner == "FlinkRunner":
        flink = beam_options.view_as(FlinkRunnerOptions)
        (cluster,) = _documents("flink.yaml")
        assert flink.flink_master == f"{cluster['metadata']['name']}-rest:8081"
        assert flink.flink_submit_uber_jar


def test_workers_are_where_the_jobs_look_for_them() -> None:
    (pool,) = (one for one in OURS if one["command"][0] == "python")
    (flag,) = pool["args"]
    port = int(flag.removeprefix("--service_port="))
    assert pool["readinessProbe"]["tcpSocket"]["port"] == port
    workers = [args for args in COMMANDS if "--runner=FlinkRunner" in args]
    assert len(workers) == 2
    for args in workers:
        assert f"--environment_config=localhost:{port}" in args
        assert "--environment_type=EXTERNAL" in args


def test_every_path_is_mounted_where_it_is_used() -> None:
    for container in OURS:
        places = [mount["mountPath"] for mount in container["volumeMounts"]]
        words = " ".join(container["args"])
        for path in re.findall(r"(?<![\w/.])/[a-z]\S*", words):
            assert any(path.startswith(f"{place}/") for place in places), path
        assert {"name": "HOME", "value": "/tmp"} in container["env"]  # Beam keeps files there
        assert "/tmp" in places


@pytest.mark.parametrize("container", CONTAINERS, ids=lambda one: one["name"])
def test_no_container_may_become_root(container: dict[str, Any]) -> None:
    if container["name"] == "flink-main-container" and "securityContext" not in container:
        return  # of the TaskManager alone: merged with the one of both
    context = container["securityContext"]
    assert context["allowPrivilegeEscalation"] is False
    assert context["capabilities"] == {"drop": ["ALL"]}
    if container in OURS:
        assert context["readOnlyRootFilesystem"] is True
        assert "memory" in container["resources"]["limits"]
        assert container["resources"]["requests"].keys() == {"cpu", "memory"}


def test_all_pods_that_share_a_disk_are_of_one_group() -> None:
    contexts = [pod["securityContext"] for pod in PODS if "securityContext" in pod]
    assert all(context["runAsNonRoot"] and context["runAsUser"] for context in contexts)
    flinks = [one for name in FILES if name.startswith("flink") for one in _documents(name)]
    groups = {
        pod["securityContext"]["fsGroup"]
        for one in flinks for pod in _pods(one) if "securityContext" in pod
    }
    assert len(groups) == 1


def test_what_a_pod_mounts_exists() -> None:
    names = {(one["kind"], one["metadata"]["name"]) for one in ALL}
    for pod in PODS:
        for volume in pod.get("volumes", ()):
            if "persistentVolumeClaim" in volume:
                claim = volume["persistentVolumeClaim"]["claimName"]
                assert ("PersistentVolumeClaim", claim) in names
            if "configMap" in volume:
                assert ("ConfigMap", volume["configMap"]["name"]) in names


def test_the_sources_are_a_feeds_toml(tmp_path: Path) -> None:
    (config,) = (one for one in ALL if one["kind"] == "ConfigMap")
    for name, text in config["data"].items():
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        assert load_config(path).sources


def test_runs_on_a_schedule_never_meet() -> None:
    crons = [one["spec"] for one in ALL if one["kind"] == "CronJob"]
    assert len(crons) == 2
    assert all(cron["concurrencyPolicy"] == "Forbid" for cron in crons)
    (stream,) = (one["spec"] for one in ALL if one["kind"] == "Deployment")
    assert (stream["replicas"], stream["strategy"]) == (1, {"type": "Recreate"})
