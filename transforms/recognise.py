"""Recognise: Story → TaggedStory, the names in its title and text."""

from apache_beam import PTransform
from apache_beam.pvalue import PCollection

from schemas.records import Story, TaggedStory


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
        self._model = model
        self._threads = threads

    def expand(self, stories: PCollection[Story]) -> PCollection[TaggedStory]:
        # Both import torch, which must not slow down commands that tag nothing.
        from apache_beam.ml.inference.base import RunInference

        from transforms.model_handler import TaggerHandler

        handler = TaggerHandler(self._model, threads=self._threads)
        return stories | "Tag" >> RunInference(handler).with_output_types(TaggedStory)
