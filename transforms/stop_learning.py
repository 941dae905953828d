"""Learn the stop shingles of a run on its workers: only bounded samples travel."""

from collections.abc import Iterable, Iterator

import apache_beam as beam
from apache_beam import PTransform
from apache_beam.pvalue import PCollection
from apache_beam.transforms.window import GlobalWindows
from apache_beam.utils.windowed_value import WindowedValue

from transforms.stop_shingles import SampledStory, StopSample


class LearnStops(PTransform[tuple[PCollection[SampledStory], ...], PCollection[bytes]]):
    """Learn stop shingles, packed, from bounded collections of stories."""

    def expand(self, taught: tuple[PCollection[SampledStory], ...]) -> PCollection[bytes]:
        samples = [
            stories | f"Sample{number}" >> beam.ParDo(_Sample())
            for number, stories in enumerate(taught)
        ]
        return (
            samples | "Samples" >> beam.Flatten() | "Learn" >> beam.CombineGlobally(_Learn())
        )


class _Sample(beam.DoFn):
    """Samples each bundle, so that a sample is all that travels of it."""

    def start_bundle(self) -> None:
        self._sample = StopSample()

    def process(self, story: SampledStory) -> None:
        self._sample.add(story)

    def finish_bundle(self) -> Iterator[WindowedValue]:
        yield GlobalWindows.windowed_value(self._sample)


class _Learn(beam.CombineFn):
    def create_accumulator(self) -> StopSample:
        return StopSample()

    def add_input(self, sample: StopSample, part: StopSample) -> StopSample:
        sample.merge(part)
        return sample

    def merge_accumulators(self, samples: Iterable[StopSample]) -> StopSample:
        merged = StopSample()
        for sample in samples:
            merged.merge(sample)
        return merged

    def extract_output(self, sample: StopSample) -> bytes:
        return sample.learn().tobytes()
