"""The arguments of the commands that ask of tables, or tend them; those of `run` are options."""

import argparse
from pathlib import Path
from typing import TypeAlias

from pipeline.evaluate import KINDS
from pipeline.options import Options

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add_show(commands: Commands) -> None:
    """Add `naba show`."""
    show = commands.add_parser(
        "show",
        help="show what the tables hold",
        description="Show what came in, what was kept, the names and events most found, and the "
        "latest stories with theirs.",
        allow_abbrev=False,
    )
    show.add_argument("tables", metavar="DIR", help="folder that naba run has written")
    show.add_argument("--latest", type=_count, default=5, metavar="N",
                      help="how many stories to show (default: 5)")
    show.add_argument("--json", action="store_true", help="print it as JSON")


def add_explain(commands: Commands) -> None:
    """Add `naba explain`."""
    explain = commands.add_parser(
        "explain",
        help="show the evidence behind a story or an event",
        description="Show the evidence behind a story or an event: the text with all that was "
        "found in it marked, and for each name, date and event the rule that gave it.",
        allow_abbrev=False,
    )
    explain.add_argument("id", metavar="ID", help="a story_id, an event_id, or the copy_id of a "
                         "duplicate; its first characters do, 6 at least")
    explain.add_argument("--tables", "--output", default=Options.output, metavar="DIR",
                         help="folder that naba run has written (default: %(default)s)")
    explain.add_argument("--json", action="store_true", help="print it as JSON")


def add_compact(commands: Commands) -> None:
    """Add `naba compact`."""
    compact = commands.add_parser(
        "compact",
        help="merge the small files of the tables",
        description="Merge the small files of each day that has ended into few large ones. The "
        "rows stay the same; runs and readers may go on meanwhile.",
        epilog="exit status: 0 done, or nothing to do; 1 it could not be done; 2 the command is "
        "wrong.",
        allow_abbrev=False,
    )
    compact.add_argument("tables", metavar="DIR", help="folder that naba run has written")
    compact.add_argument("--today", action="store_true",
                         help="merge today's files too, but those of the last hour")
    compact.add_argument("--json", action="store_true", help="print the outcome as JSON")


def add_evaluate(commands: Commands) -> None:
    """Add `naba evaluate`."""
    evaluate = commands.add_parser(
        "evaluate",
        help="measure quality on labelled data",
        description="Measure quality on labelled data, and show what went wrong.",
        epilog="exit status: 0 done; 1 the score is below --min, or the file holds no labelled "
        "data; 2 the command is wrong. What the files look like: docs/evaluation.md.",
        allow_abbrev=False,
    )
    evaluate.add_argument("kind", choices=sorted(KINDS), metavar="KIND",
                          help=f"what to evaluate: {', '.join(sorted(KINDS))}")
    evaluate.add_argument("file", type=Path, metavar="FILE",
                          help="labelled data: JSON, for dedup JSON Lines, for ner CoNLL; "
                          "also as .xz")
    evaluate.add_argument("--model", default="", metavar="PATH_OR_ID",
                          help="for ner and events: a folder or a Hugging Face hub id; "
                          "default: the one that ships with Naba")
    evaluate.add_argument("--min", type=_score, default=0.0, metavar="SCORE",
                          help="fail if the score is below (0 to 1)")
    evaluate.add_argument("--errors", type=_count, default=5, metavar="N",
                          help="how many mistakes of each sort to show (default: 5)")
    evaluate.add_argument("--json", action="store_true", help="print it as JSON")


def _score(text: str) -> float:
    score = float(text)
    if not 0 <= score <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 1")
    return score


def _count(text: str) -> int:
    count = int(text)
    if count < 0:
        raise argparse.ArgumentTypeError(f"{text} is negative")
    return count
