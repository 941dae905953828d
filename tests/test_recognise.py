import json
import pickle
import weakref
from pathlib import Path

import apache_beam as beam
import pytest
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.testing.test_pipeline import TestPipeline
from apache_beam.testing.util import assert_that, equal_to
from apache_beam.utils.timestamp import Timestamp

from schemas.records import Mention, Story, TaggedStory
from tests.tiny_model import write_tiny_model
from tests.toy_tagger import make_toy_tagger
from transforms.mentions import tag_stories
from transforms.model_handler import TaggerHandler
from transforms.model_loader import load_tagger
from transforms.recognise import Recognise
from transforms.resolve import resolve
from transforms.words import find_words

DATA = Path(__file__).parent / "data"
WIRE = DATA / "ner_wire.conll"


@pytest.fixture(scope="module")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(write_tiny_model(tmp_path_factory.mktemp("tiny")))


def make_stories(texts: list[str], language: str = "ar") -> list[Story]:
    return [
        Story(
            story_id=f"{number:032x}", revision=1, source_id="s", source_kind="text",
            item_id=str(number), url=None, agency=None, author=None, language=language,
            item_type="story", title=text[:20], text=text, text_sha256="", published_at=None,
            published_from="none", updated_at=None, timezone="UTC",
            first_seen_at=Timestamp(0), wire_spans=(),
            dateline_place=None,
            status="usable", replaces=None, replaces_as=None,
            forwarded_from=None, priority=100, repairs=(),
            origin="", position="", fingerprint=b"",
        )
        for number, text in enumerate(texts)
    ]


def take_mentions(tagged: TaggedStory) -> tuple[str, list[Mention]]:
    """Return what identifies a story, and its mentions; coders give lists for tuples."""
    return tagged.story.language + tagged.story.story_id, list(tagged.mentions)


def test_handler_tags_arabic_alone_with_the_embedded_model() -> None:
    tagger = make_toy_tagger()
    stories = make_stories(["زار محمد مصر"], "fa")
    (embedded,) = TaggerHandler("", threads=1).run_inference(stories, tagger)
    (own,) = TaggerHandler("mine", threads=1).run_inference(stories, tagger)
    assert (len(embedded.mentions), len(own.mentions)) == (0, 4)


def test_handler_travels_to_workers_and_its_model_is_shared(tiny_folder: str) -> None:
    handler = pickle.loads(pickle.dumps(TaggerHandler(tiny_folder, threads=1)))
    tagger = handler.load_model()
    assert weakref.ref(tagger)() is tagger


def test_recognise_tags_every_story_once(tiny_folder: str) -> None:
    texts = [f"قال محمد علي في القاهرة {number}. زار الرئيس مصر" for number in range(40)]
    stories = [*make_stories(["", "😀", *texts]), *make_stories(["Cairo"], "en")]
    expected = tag_stories(stories, load_tagger(tiny_folder), any_language=True).stories
    assert sum(len(tagged.mentions) for tagged in expected) > 40
    with TestPipeline("FnApiRunner", options=PipelineOptions([])) as pipeline:
        tagged = pipeline | beam.Create(stories) | "Recognise" >> Recognise(tiny_folder)
        assert tagged.element_type is TaggedStory
        found = tagged | beam.Map(take_mentions)
        assert_that(found, equal_to([take_mentions(story) for story in expected]))
    counters = {
        counter.key.metric.name: counter.committed
        for counter in pipeline.result.metrics().query()["counters"]
        if counter.key.metric.namespace == "recognise"
    }
    assert counters == {"failed_texts": 0, "truncated_words": 0}


def test_the_names_of_the_founding_story_are_found() -> None:
    gold = json.loads((DATA / "names_story.json").read_text(encoding="utf-8"))
    words = find_words(gold["text"])

    def words_in(start: int, end: int) -> tuple[int, ...]:  # clitics stay with their word
        return tuple(number for number, (a, b) in enumerate(words) if a < end and start < b)

    stories = [story._replace(title="") for story in make_stories([gold["text"]])]
    (tagged,) = tag_stories(stories, load_tagger(""), any_language=False).stories
    found = {
        (words_in(mention.start, mention.end), mention.label)
        for mention in resolve(tagged).mentions if mention.label != "MISC" or mention.country
    }
    labels = {"FAC": "LOC", "NORP": "MISC"}  # nationalities count with their country
    wanted = [
        (words_in(one["start"], one["end"]), labels.get(one["type"], one["type"]))
        for one in gold["entities"]
    ]
    assert len(wanted) == 56
    assert sum(name in found for name in wanted) >= 48  # measured: 50
