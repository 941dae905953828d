"""Make a `naba run` of the parameters of a Flex Template.

Its launcher calls this file as `main.py --name=value …`, with the parameters that metadata.json
declares and, between them, flags for the job that are Beam's.
"""

import shlex
import sys
from collections.abc import Sequence

from apache_beam.options.pipeline_options import PipelineOptions

from pipeline.cli import main
from pipeline.options import option_fields

INPUTS = "inputs"


def naba_arguments(arguments: Sequence[str]) -> list[str]:
    """Return the command line of `naba` that stands for the arguments of a launch."""
    kinds = {name: kind for name, (kind, *_) in option_fields().items()}
    inputs: list[str] = []
    options: list[str] = []
    beam_flags: list[str] = []
    for argument in arguments:
        name, _, value = argument.removeprefix("--").partition("=")
        flag = f"--{name.replace('_', '-')}"
        if name == INPUTS:
            inputs = shlex.split(value)
        elif name == "runner":
            continue  # the launcher names it too
        elif name not in kinds:
            beam_flags.append(argument)
        elif kinds[name] is not bool:
            options.append(f"{flag}={value}")
        elif value.lower() == "true":
            options.append(flag)
    return ["run", *inputs, *options, "--runner=DataflowRunner", "--", *_known(beam_flags)]


def _known(flags: Sequence[str]) -> list[str]:
    """Return the flags that this Beam knows: a launcher may be newer, and send others as well."""
    names = set(PipelineOptions([]).get_all_options())
    unknown = [flag for flag in flags if not _names_of(flag) <= names]
    for flag in unknown:
        print(f"naba: Beam has no flag {flag}: left away", file=sys.stderr)  # noqa: T201
    return [flag for flag in flags if flag not in unknown]


def _names_of(flag: str) -> set[str]:
    return set(PipelineOptions([flag]).get_all_options(retain_unknown_options=True))


if __name__ == "__main__":
    sys.exit(main(naba_arguments(sys.argv[1:])))
