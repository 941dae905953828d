"""The command `naba`."""

import argparse
import io
import json
import logging
import os
import signal
import sys
from collections.abc import Sequence
from importlib.metadata import packages_distributions, version
from typing import Any

from pipeline.arguments import add_compact, add_evaluate, add_explain, add_show
from pipeline.evaluate import KINDS, WITH_MODEL, EvaluationError
from pipeline.options import Options, OptionsError, make_options, option_fields

EXIT_OK, EXIT_FAILURE, EXIT_USAGE, EXIT_PARTIAL = 0, 1, 2, 3

_BEAM_CHATTER = (
    "type hint will be ignored", "apitools not found", "Resource module is not available",
)
"""Beam's remarks on how it is used from Python that no user can act on."""

_RUN_EPILOG = """\
INPUT is any mix of: a feeds.toml, an http(s) URL of a feed, a file, a folder (read with all
folders inside). What a file holds is recognised by its content: RSS, Atom or JSON Feed, a
Telegram Desktop export (result.json), or plain text with one story in it.

Run the same command again whenever you like: only what is new is added.

exit status: 0 all sources were read; 3 some source failed, the others landed; 1 every source
failed, or nothing could be written; 2 the command or a feeds.toml is wrong.

examples:
  naba run feeds.toml --output tables/
  naba run result.json story.txt https://www.aa.com.tr/ar/rss/default?cat=guncel
  naba run wires/ --workers 2 --json
  naba run feeds.toml exports/ --follow
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    _write_utf8()
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupt)
    ours, beam_flags = _split(arguments)
    args = _parser().parse_args(ours)
    logging.getLogger().addFilter(_is_for_users)
    # Beam logs each exception on its way to us, who print it once.
    logging.getLogger("apache_beam").setLevel(logging.CRITICAL)
    try:
        _check_owner()
        if args.command == "run":
            return _run(args, beam_flags)
        commands = {
            "show": _show, "explain": _explain, "compact": _compact, "evaluate": _evaluate,
        }
        return commands[args.command](args)
    except OptionsError as error:
        return _fail(error, EXIT_USAGE)
    except KeyboardInterrupt:
        return _fail("interrupted: what was not committed yet is left for the next run", 130)
    except BrokenPipeError:  # whoever reads the output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_FAILURE


def _run(args: argparse.Namespace, beam_flags: Sequence[str]) -> int:
    # Beam takes a second to import: --help and usage errors do without it.
    import pyarrow as pa

    from pipeline.plan import configured_options
    from pipeline.run import NoInputError
    from pipeline.runners import JobError, tell_stores
    from transforms.books import ConservationError, RerunError
    from transforms.commit import OutputLockedError, StagedFileLostError, SupersededError
    from transforms.label_map import LabelError
    from transforms.model_files import ModelError

    given = {name: getattr(args, name) for name in option_fields() if hasattr(args, name)}
    tell_stores(beam_flags)
    options = make_options({**configured_options(args.inputs), **given})
    try:
        run = _run_on if options.follow else _run_once
        return run(args.inputs, options, beam_flags, as_json=args.json)
    except (NoInputError, OutputLockedError, ConservationError, RerunError, ModelError,
            LabelError, JobError, StagedFileLostError, SupersededError) as error:
        return _fail(str(error).partition(" [while running")[0], EXIT_FAILURE)
    except pa.ArrowInvalid as error:
        return _fail(f"a file in {options.output} is damaged: {error}", EXIT_FAILURE)
    except BrokenPipeError:
        raise
    except OSError as error:  # of the output: what cannot be read is a reject
        return _fail(f"cannot write to {options.output}: {error}", EXIT_FAILURE)


def _run_once(
    inputs: Sequence[str], options: Options, beam_flags: Sequence[str], *, as_json: bool
) -> int:
    from pipeline.progress import progress
    from pipeline.run import run

    with progress(as_json):
        row = run(inputs, options, beam_flags)
    if row is None:
        return EXIT_OK
    _print_run(row, options, as_json=as_json)
    return exit_status(row)


def _run_on(
    inputs: Sequence[str], options: Options, beam_flags: Sequence[str], *, as_json: bool
) -> int:
    from pipeline.follow import follow, stop_on_signals
    from pipeline.runners import is_stream
    from pipeline.stream import stream

    outcomes = stream if is_stream(options) else follow
    with stop_on_signals() as stop:
        for outcome in outcomes(inputs, options, beam_flags, stop):
            if isinstance(outcome, Exception):
                _fail(outcome, EXIT_FAILURE)
            else:
                _print_run(outcome, options, as_json=as_json)
            sys.stdout.flush()  # a log that is read while it grows
    return EXIT_OK


def _print_run(row: dict[str, Any], options: Options, *, as_json: bool) -> None:
    from pipeline.render import print_summary
    from pipeline.show import rejects_of_run

    rejects = rejects_of_run(options.output, row)
    if as_json:
        _print_json({**row, "rejects": rejects, "output": options.output})
    else:
        print_summary(row, rejects, options.output)


def exit_status(row: dict[str, Any]) -> int:
    """Return the exit status that a row of `runs` stands for: did all sources fail, or some?"""
    failed = len(row["failed_sources"])
    if not failed:
        return EXIT_OK
    return EXIT_FAILURE if failed == row["sources"] else EXIT_PARTIAL


def _show(args: argparse.Namespace) -> int:
    import duckdb

    from pipeline.render import print_overview
    from pipeline.show import overview, read_steadily
    from schemas.views import NoTablesError

    try:
        found = read_steadily(args.tables, lambda: overview(args.tables, latest=args.latest))
    except NoTablesError as error:
        return _fail(error, EXIT_FAILURE)
    except duckdb.Error as error:
        return _fail(f"a file in {args.tables} is damaged: {error}", EXIT_FAILURE)
    if args.json:
        _print_json(found)
    else:
        print_overview(found)
    return EXIT_OK


def _explain(args: argparse.Namespace) -> int:
    import duckdb

    from pipeline.explain import UnknownIdError, explain
    from pipeline.render_explain import print_explanation
    from pipeline.show import read_steadily
    from schemas.views import NoTablesError

    try:
        found = read_steadily(args.tables, lambda: explain(args.tables, args.id))
    except (NoTablesError, UnknownIdError) as error:
        return _fail(error, EXIT_FAILURE)
    except duckdb.Error as error:
        return _fail(f"a file in {args.tables} is damaged: {error}", EXIT_FAILURE)
    if args.json:
        _print_json(found)
    else:
        print_explanation(found)
    return EXIT_OK


def _compact(args: argparse.Namespace) -> int:
    import pyarrow as pa

    from pipeline.compaction import CompactionError, run_compaction
    from pipeline.render import print_compaction

    try:
        outcome = run_compaction(args.tables, with_today=args.today)
    except CompactionError as error:
        return _fail(error, EXIT_FAILURE)
    except pa.ArrowInvalid as error:
        return _fail(f"a file in {args.tables} is damaged: {error}", EXIT_FAILURE)
    except OSError as error:
        return _fail(f"cannot write to {args.tables}: {error}", EXIT_FAILURE)
    if args.json:
        _print_json(outcome)
    else:
        print_compaction(outcome)
    return EXIT_OK


def _evaluate(args: argparse.Namespace) -> int:
    from pipeline.evaluate_report import as_json, print_evaluation
    from transforms.label_map import LabelError
    from transforms.model_files import ModelError

    given = {"model": args.model} if args.model else {}
    if given and args.kind not in WITH_MODEL:
        raise OptionsError(f"--model: {args.kind} uses none; for {', '.join(WITH_MODEL)} only")
    try:
        evaluation = KINDS[args.kind](args.file, **given)
    except (EvaluationError, ModelError, LabelError) as error:
        return _fail(error, EXIT_FAILURE)
    if args.json:
        _print_json(as_json(evaluation, mistakes=args.errors))
    else:
        print_evaluation(evaluation, mistakes=args.errors)
    if evaluation.score < args.min:
        return _fail(f"{evaluation.measure} {evaluation.score} is below {args.min}", EXIT_FAILURE)
    return EXIT_OK


def _interrupt(number: int, frame: object) -> None:
    # Beam raises what has a message as what it is, and all else as a RuntimeError.
    raise KeyboardInterrupt("interrupted")


def _fail(problem: object, status: int) -> int:
    print(f"naba: {problem}", file=sys.stderr)  # noqa: T201
    return status


def _write_utf8() -> None:
    """Let Arabic through whatever the locale says: cron and systemd often say ASCII."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _print_json(value: dict[str, Any]) -> None:
    indent = 2 if sys.stdout.isatty() else None  # one line a run, for logs
    json.dump(value, sys.stdout, ensure_ascii=False, indent=indent, default=str)
    sys.stdout.write("\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="naba",
        description="Turn Arabic newswire into event tables.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"naba {version('naba')}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    run = commands.add_parser(
        "run",
        help="read wires into Parquet tables",
        description="Read wires, keep each story once, find the names, dates, places and events "
        "in it, and add the outcome to a folder of Parquet tables.",
        epilog=_RUN_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
        usage="naba run INPUT [INPUT …] [options] [-- BEAM_FLAG …]",
    )
    run.add_argument("inputs", nargs="+", metavar="INPUT", help="what to read, see below")
    for name, (kind, default, meaning, metavar) in option_fields().items():
        _add_flag(run, name, kind, default, meaning, metavar)
    run.add_argument("--json", action="store_true", help="print the outcome as JSON")
    for add in (add_show, add_explain, add_compact, add_evaluate):
        add(commands)
    return parser


def _add_flag(
    parser: argparse.ArgumentParser, name: str, kind: type, default: Any, meaning: str,
    metavar: str,
) -> None:
    flag = f"--{name.replace('_', '-')}"
    if kind is bool:
        parser.add_argument(flag, action="store_true", default=argparse.SUPPRESS, help=meaning)
        return
    shown = f" (default: {default})" if default != "" else ""
    parser.add_argument(flag, type=kind, default=argparse.SUPPRESS, metavar=metavar,
                        help=meaning + shown)


def _split(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Return our arguments, and Beam's after a literal `--`."""
    if "--" not in arguments:
        return arguments, []
    at = arguments.index("--")
    return arguments[:at], arguments[at + 1 :]


def _is_for_users(record: logging.LogRecord) -> bool:
    if record.module in ("portable_runner", "s3io") and record.levelno == logging.ERROR:
        return False  # the report of a job or a request that failed: printed once, by us
    return not any(chatter in record.getMessage() for chatter in _BEAM_CHATTER)


def _check_owner() -> None:
    """Check that no other distribution has put files into our packages.

    Raises:
        OptionsError: one has.
    """
    owners = packages_distributions()
    for package in ("pipeline", "transforms", "schemas"):
        others = set(owners.get(package, ())) - {"naba"}
        if others:
            raise OptionsError(
                f"the distribution {sorted(others)[0]!r} also installs a package {package!r}: "
                "install naba in an environment of its own"
            )


if __name__ == "__main__":
    sys.exit(main())
