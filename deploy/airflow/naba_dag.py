"""Airflow 3: read the wires every ten minutes. A slot that is run again replaces itself."""

from datetime import datetime, timedelta, timezone

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

with DAG(
    dag_id="naba",
    schedule="*/10 * * * *",
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
    catchup=False,  # feeds have no past: what they list is what they list now
    max_active_runs=1,  # an output takes one run at a time
    default_args={"retries": 2, "retry_delay": timedelta(minutes=1)},
):
    BashOperator(
        task_id="read_wires",
        bash_command=(
            "/opt/naba/bin/naba run /etc/naba/feeds.toml --output /var/lib/naba/tables "
            "--run-id {{ data_interval_end | ts }} --json"
        ),
        skip_on_exit_code=3,  # some source failed, the others landed: not to be tried again
        execution_timeout=timedelta(hours=1),
    )
