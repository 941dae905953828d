"""The DAG of deploy/airflow/, read without Airflow: its command is ours, and reruns are one."""

import ast
import shlex
from datetime import datetime, timezone
from pathlib import Path

import jinja2
import pytest

from pipeline.cli import EXIT_PARTIAL
from pipeline.options import parse_run_id
from tests.commands import check_command

DAG_FILE = Path(__file__).parents[1] / "deploy" / "airflow" / "naba_dag.py"


def _call(name: str) -> dict[str, ast.expr]:
    """Return the arguments of the only call of `name`."""
    tree = ast.parse(DAG_FILE.read_text(encoding="utf-8"))
    (call,) = (
        node for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
    )
    assert not call.args
    return {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}


def _literal(node: ast.expr) -> object:
    value: object = ast.literal_eval(node)
    return value


def _command(slot: datetime) -> list[str]:
    """Return the words of the command as Airflow renders it for a slot."""
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined)
    environment.filters["ts"] = datetime.isoformat
    template = environment.from_string(str(_literal(_call("BashOperator")["bash_command"])))
    return shlex.split(template.render(data_interval_end=slot))


def test_it_imports_what_airflow_3_has() -> None:
    imports = [node for node in ast.walk(ast.parse(DAG_FILE.read_text(encoding="utf-8")))
               if isinstance(node, ast.ImportFrom)]
    named = {(node.module, alias.name) for node in imports for alias in node.names}
    assert {one for one in named if str(one[0]).startswith("airflow")} == {
        ("airflow.providers.standard.operators.bash", "BashOperator"), ("airflow.sdk", "DAG"),
    }


def test_the_command_is_one_that_naba_takes(capsys: pytest.CaptureFixture[str]) -> None:
    check_command(_command(datetime(2026, 11, 24, 6, tzinfo=timezone.utc)), capsys)


def test_a_slot_that_is_tried_again_is_the_same_run() -> None:
    slot = datetime(2026, 11, 24, 6, 10, tzinfo=timezone.utc)
    words = _command(slot)
    assert parse_run_id(words[words.index("--run-id") + 1]) == "20261124T061000Z"
    assert _command(slot) == words


def test_runs_never_meet_and_sources_that_fail_stop_nothing() -> None:
    dag = _call("DAG")
    assert _literal(dag["max_active_runs"]) == 1
    assert _literal(dag["catchup"]) is False
    assert _literal(_call("BashOperator")["skip_on_exit_code"]) == EXIT_PARTIAL
