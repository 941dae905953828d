"""The folders of a run, its corpora and what of them is held out."""

import json
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import torch
from tokenizers import Tokenizer
from transformers import BertForTokenClassification

from training import corpora, student, swap, teacher
from training.corpora import Sentence, hold_out, split_marks

HELD_OUT = {"anercorp": 10, "wikifane": 20, "wojood": 10}  # the last one in so many sentences


class Run(NamedTuple):
    """Where a run reads and writes, its seed, and the share of the steps it takes."""

    data: Path
    out: Path
    seed: int
    scale: float = 1.0

    def texts(self) -> Iterator[str]:
        """Yield the raw texts, news first."""
        folders = (self.data / "raw" / name for name in ("jawharafm", "arwiki"))
        return chain.from_iterable(map(corpora.read_texts, folders))

    def gold(self) -> list[Sentence]:
        """Return the part of ANERcorp's training file that is trained on."""
        return split_marks(hold_out(self._anercorp(), HELD_OUT["anercorp"])[0])

    def names(self) -> list[str]:
        """Return the spellings of the names of people."""
        return sorted(corpora.read_names(self.data / "ner/gazetteers/wd_arabic"))

    def wikipedia(self) -> list[Sentence]:
        """Return the sentences of WikiFANE and AQMAR that are trained on."""
        fane, _ = hold_out(self._wikifane(), HELD_OUT["wikifane"])
        return [*fane, *corpora.read_conll(self.data / "ner/aqmar/ar.train")]

    def wojood(self) -> list[Sentence]:
        """Return the part of the sample of Wojood that is trained on."""
        return split_marks(hold_out(self._wojood(), HELD_OUT["wojood"])[0])

    def development(self) -> dict[str, list[Sentence]]:
        """Return the part of each corpus that no stage trains on, as it stands."""
        return {
            "ANERcorp": hold_out(self._anercorp(), HELD_OUT["anercorp"])[1],
            "AQMAR": corpora.read_conll(self.data / "ner/aqmar/ar.testa"),
            "WikiFANE": hold_out(self._wikifane(), HELD_OUT["wikifane"])[1],
            "Wojood": hold_out(self._wojood(), HELD_OUT["wojood"])[1],
        }

    def pools(self, gold: list[Sentence]) -> swap.Pools:
        """Return the names of places and organisations in the labelled corpora."""
        return swap.make_pools([*split_marks(self.wikipedia()), *gold])

    def sentences(self) -> Iterator[list[str]]:
        """Yield the sentences of the raw texts, as words."""
        return chain.from_iterable(map(corpora.split_sentences, self.texts()))

    def tokenizer(self) -> Tokenizer:
        """Return the trained tokenizer."""
        return Tokenizer.from_file(str(self.out / "tokenizer.json"))

    def model(self, name: str) -> BertForTokenClassification:
        """Return a model with the weights of an earlier stage."""
        model = student.build_model(self.tokenizer(), None, seed=self.seed)
        model.load_state_dict(torch.load(self.out / name, weights_only=True))
        return model

    def knowledge(self) -> teacher.Knowledge:
        """Return what the teacher knows beyond the gold corpus."""
        clusters = json.loads((self.out / "clusters.json").read_text(encoding="utf-8"))
        folded = frozenset(map(teacher.fold, self.names()))
        return teacher.Knowledge(clusters, folded, teacher.build_lexicon(self.wikipedia()))

    def describer(self) -> teacher.Describer:
        """Return the features of the teacher with all they draw on."""
        return teacher.Describer(self.knowledge())

    def _anercorp(self) -> list[Sentence]:
        return corpora.read_conll(self.data / "ner/anercorp/ANERCorp_CamelLab_train.txt")

    def _wikifane(self) -> list[Sentence]:
        return corpora.read_wikifane(self.data / "ner/wikifane_gold/WikiFANE_Gold_2014_500K.txt")

    def _wojood(self) -> list[Sentence]:
        return corpora.read_wojood(self.data / "ner/wojood_sample/train.txt")
