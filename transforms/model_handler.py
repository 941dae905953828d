"""Run a tagger under Beam's RunInference.

Imported when a pipeline is built and not before: Beam's module imports torch, where installed.
"""

import logging
from collections.abc import Sequence

from apache_beam.metrics.metric import Metrics
from apache_beam.ml.inference.base import ModelHandler

from schemas.records import Story, TaggedStory
from transforms.mentions import tag_stories
from transforms.model_loader import load_tagger
from transforms.tagger import Tagger

logger = logging.getLogger("naba.recognise")

FAILED_TEXTS = Metrics.counter("recognise", "failed_texts")
TRUNCATED_WORDS = Metrics.counter("recognise", "truncated_words")

# The tagger sorts windows by length, and needs many of them to fill its batches.
_MIN_BATCH = 256
_MAX_BATCH = 512


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
        logger.info("stories tagged", extra={"count": len(batch)})
        return tagged.stories

    def get_num_bytes(self, batch: Sequence[Story]) -> int:
        """Return the size of the text read, for Beam's metrics; its default pickles the batch."""
        return sum(len(story.title) + len(story.text) for story in batch)
