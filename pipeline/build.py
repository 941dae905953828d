"""The straight line: wire sources in, event tables out."""

import apache_beam as beam
from apache_beam.transforms.error_handling import CollectingErrorHandler

from pipeline.options import Options
from pipeline.plan import Plan
from transforms.books import RunContext
from transforms.commit import STAGING
from transforms.deduplicate import Deduplicate
from transforms.extract import Extract
from transforms.normalise import Normalise
from transforms.read import Read
from transforms.recall import ForgetKnownRejects, History
from transforms.recognise import Recognise
from transforms.resolve import Resolve
from transforms.write import Outputs, Write


def build(
    pipeline: beam.Pipeline, plan: Plan, history: History, context: RunContext, options: Options
) -> None:
    """Add the stages of a run to `pipeline`; each line is one file in transforms/."""
    now = context.logical_time
    with CollectingErrorHandler() as errors:
        planned = pipeline | "Planned" >> beam.Create(plan.rejects)
        errors.add_error_pcollection(planned)
        sources = pipeline | "Sources" >> beam.Create(plan.sources)
        read = sources | "Read" >> Read(errors, as_of=now, allow_loopback=options.allow_loopback)
        stories = read.items | "Normalise" >> Normalise(now, errors)
        aside = f"{context.root}/{STAGING}/{context.run_id}/aside"
        kept = stories | "Deduplicate" >> Deduplicate(history, aside)
        tagged = kept.stories | "Recognise" >> Recognise(options.model)
        resolved = tagged | "Resolve" >> Resolve()
        coded = resolved | "Extract" >> Extract()
    rejects = errors.output()
    remembered = rejects | "ForgetKnownRejects" >> ForgetKnownRejects(history)
    outputs = Outputs(
        items=read.items,
        coded=coded,
        duplicates=kept.duplicates,
        unchanged=kept.unchanged,
        rejects=rejects,
        new_rejects=remembered.rejects,
        unchanged_rejects=remembered.unchanged,
        fetches=read.fetches,
    )
    _ = outputs | "Write" >> Write(context)
