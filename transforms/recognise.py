"""Recognise: Story → TaggedStory, the names in its title and text."""

from collections.abc import Sequence

from apache_beam import PTransform
from apache_beam.metrics.metric import Metrics
from apache_beam.ml.inference.base import ModelHandler, RunInference
from apache_beam.pvalue import PCollection

from schemas.records import Story, TaggedStory
from transforms.mentions import tag_stories
from transforms.model_loader import load_tagger
from transforms.tagger import Tagger

FAILED_TEXTS = Metrics.counter("recognise", "failed_texts")
TRUNCATED_WORDS = Metrics.counter("recognise", "truncated_words")

# The tagger sorts windows by length, and needs many of them to fill its batches.
_MIN_BATCH = 256
_MAX_BATCH = 1024


class TaggerHandler(ModelHandler[Story, TaggedStory, Tagger]):
    """Run a token classification model under RunInference, once per process.

    Beam's own Hugging Face handlers import TensorFlow, and fail a whole batch for one text.
    """

    def __init__(self, model: str, *, threads: int) -> None:
        super().__init__(min_batch_size=_MIN_BATCH, max_batch_size=_MAX_BATCH)
        self._model = model
        self._threads = threads

    def load_model(self) -> Tagger:
        """Return the tagger, which the threads of this process share."""
        return load_tagger(self._model, threads=self._threads)

    def run_inference(
        self,
        batch: Sequence[Story],
        model: Tagger,
        inference_args: dict[str, object] | None = None,
    ) -> Sequence[TaggedStory]:
        """Return the stories with their names; each comes out exactly once, in order."""
        tagged = tag_stories(batch, model, any_language=bool(self._model))
        FAILED_TEXTS.inc(tagged.failed_texts)
        TRUNCATED_WORDS.inc(tagged.truncated_words)
        return tagged.stories

    def get_num_bytes(self, batch: Sequence[Story]) -> int:
        """Return the size of the text read, for Beam's metrics; its default pickles the batch."""
        return sum(len(story.title) + len(story.text) for story in batch)


class Recognise(PTransform[PCollection[Story], PCollection[TaggedStory]]):
    """Tag the names in each story.

    Every story that comes in leaves exactly once; one that the model cannot read keeps the
    note FAILED_REPAIR instead of mentions. The result does not depend on the batch. No state.
    """

    def __init__(self, model: str = "", threads: int = 1) -> None:
        """Choose the model.

        Args:
            model: "" = the embedded model, a folder, or a Hugging Face Hub id.
            threads: CPU threads of each worker process.
        """
        super().__init__()
        self._handler = TaggerHandler(model, threads=threads)

    def expand(self, stories: PCollection[Story]) -> PCollection[TaggedStory]:
        inference = RunInference(self._handler).with_output_types(TaggedStory)
        return stories | "Tag" >> inference
