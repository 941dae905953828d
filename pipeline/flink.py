"""What Flink needs before a job is handed to it, and which flags it knows."""

import shutil
from pathlib import Path

from apache_beam.options.pipeline_options import (
    FlinkRunnerOptions,
    JobServerOptions,
    PipelineOptions,
    PortableOptions,
)
from apache_beam.runners.portability.flink_runner import MAGIC_HOST_NAMES

from pipeline.options import OptionsError
from schemas.locations import is_url

FLINK_FLAGS = frozenset((
    "allow_non_restored_state", "attached_mode", "auto_balance_write_files_sharding_enabled",
    "auto_watermark_interval", "checkpoint_timeout_millis", "checkpointing_interval",
    "checkpointing_mode", "disable_metrics", "enable_stable_input_drain",
    "execution_mode_for_batch", "execution_retry_delay", "externalized_checkpoints_enabled",
    "fail_on_checkpointing_errors", "faster_copy", "file_input_split_max_size_m_b",
    "files_to_stage", "finish_bundle_before_checkpointing", "flink_conf_dir",
    "force_unaligned_checkpoint_enabled", "job_check_interval_in_secs",
    "latency_tracking_interval", "max_bundle_size", "max_bundle_time_mills",
    "min_pause_between_checkpoints", "num_concurrent_checkpoints", "number_of_execution_retries",
    "object_reuse", "operator_chaining", "re_iterable_group_by_key_result",
    "report_checkpoint_duration", "retain_externalized_checkpoints_on_cancellation",
    "savepoint_path", "shutdown_sources_after_idle_ms", "state_backend",
    "state_backend_storage_path", "unaligned_checkpoint_enabled",
))
"""Flags that only the Java side of the Flink runner knows: its FlinkPipelineOptions."""


def check_flink(beam_options: PipelineOptions) -> None:
    """Check what Flink needs before anything is started.

    Raises:
        OptionsError: the jar or Java is missing, or nothing says where the workers are.
    """
    flink = beam_options.view_as(FlinkRunnerOptions)
    portable = beam_options.view_as(PortableOptions)
    has_cluster = flink.flink_master not in MAGIC_HOST_NAMES
    jar = flink.flink_job_server_jar
    if jar and not is_url(jar) and not Path(jar).is_file():
        raise OptionsError(f"--flink_job_server_jar: no file {jar!r}")
    if flink.flink_submit_uber_jar and not has_cluster:
        raise OptionsError("--flink_submit_uber_jar: name a cluster: --flink_master=HOST:PORT")
    if has_cluster and not portable.environment_type:
        raise OptionsError(
            "--flink_master: say where the workers are, such as "
            "--environment_type=EXTERNAL --environment_config=localhost:50000"
        )
    starts_java = not portable.job_endpoint and not flink.flink_submit_uber_jar
    java = beam_options.view_as(JobServerOptions).job_server_java_launcher
    if starts_java and shutil.which(java) is None:
        raise OptionsError(
            f"FlinkRunner starts Beam's job server with {java!r}, which is not there: install a "
            "Java runtime, or name one with --job_server_java_launcher=PATH"
        )
