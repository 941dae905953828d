"""Run one stage of the recipe, or all of them in order."""

import argparse
import json
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from tokenizers import Tokenizer
from transformers import BertForTokenClassification

from training import (
    augment,
    calibrate,
    consensus,
    corpora,
    encoding,
    evaluate,
    export,
    student,
    swap,
    teacher,
    tokenizer,
    vectors,
)
from training.corpora import Sentence

SILVER = student.Recipe(rate=8e-4)
FURTHER = student.Recipe(rate=5e-4, warmup=0.035, hold=0.4, steps=6200)
FURTHER_PASSES = 3  # laid out for so many; the steps above end it after 1.7
FURTHER_PEOPLE = 3  # copies of the gold corpus with the names of people replaced
FINAL = student.Recipe(rate=5e-4, warmup=0.05, hold=0.6, steps=3500)
FINAL_COPIES = 3  # copies of the gold corpus with other names of all kinds
SILVER_WORDS = 4_500_000
TAUGHT_WORDS = 4_500_000
TAUGHT_WEIGHTS = (0.25, 0.25, 0.5)  # of the teacher, the second teacher and the student
GOLD_REPEATS = 2  # copies of the gold corpus among the silver sentences


class Run(NamedTuple):
    """Where a run reads and writes, and its seed."""

    data: Path
    out: Path
    seed: int

    def texts(self) -> Iterator[str]:
        """Yield the raw texts, news first."""
        folders = (self.data / "raw" / name for name in ("jawharafm", "arwiki"))
        return chain.from_iterable(map(corpora.read_texts, folders))

    def gold(self) -> list[Sentence]:
        """Return the training file of ANERcorp."""
        return corpora.read_conll(self.data / "ner/anercorp/ANERCorp_CamelLab_train.txt")

    def names(self) -> list[str]:
        """Return the spellings of the names of people."""
        return sorted(corpora.read_names(self.data / "ner/gazetteers/wd_arabic"))

    def wikipedia(self) -> list[Sentence]:
        """Return the sentences of WikiFANE and AQMAR."""
        aqmar = [self.data / "ner/aqmar" / name for name in ("ar.train", "ar.testa", "ar.testb")]
        fane = corpora.read_wikifane(self.data / "ner/wikifane_gold/WikiFANE_Gold_2014_500K.txt")
        return [*fane, *chain.from_iterable(map(corpora.read_conll, aqmar))]

    def wojood(self) -> list[Sentence]:
        """Return the sample of Wojood, split as the pipeline splits."""
        sentences = corpora.read_wojood(self.data / "ner/wojood_sample/train.txt")
        return list(map(corpora.split_punctuation, sentences))

    def pools(self, gold: list[Sentence]) -> swap.Pools:
        """Return the names of places and organisations in the labelled corpora."""
        return swap.make_pools([*map(corpora.split_punctuation, self.wikipedia()), *gold])

    def sentences(self) -> Iterator[list[str]]:
        """Yield the sentences of the raw texts, as words."""
        return chain.from_iterable(map(corpora.split_sentences, self.texts()))

    def tokenizer(self) -> Tokenizer:
        """Return the trained tokenizer."""
        return Tokenizer.from_file(str(self.out / "tokenizer.json"))

    def model(self, name: str) -> BertForTokenClassification:
        """Return a model with the weights of an earlier stage."""
        model = student.build_model(self.tokenizer(), None)
        model.load_state_dict(torch.load(self.out / name, weights_only=True))
        return model

    def describer(self) -> teacher.Describer:
        """Return the features of the teacher with all they draw on."""
        clusters = json.loads((self.out / "clusters.json").read_text(encoding="utf-8"))
        names = corpora.read_names(self.data / "ner/gazetteers/wd_arabic")
        lexicon = teacher.build_lexicon(self.wikipedia())
        folded = frozenset(map(teacher.fold, names))
        return teacher.Describer(teacher.Knowledge(clusters, folded, lexicon))


def hold_out(sentences: list[Sentence]) -> tuple[list[Sentence], list[Sentence]]:
    """Return the training part, split as the pipeline splits, and the last tenth as it stands."""
    cut = len(sentences) * 9 // 10
    return list(map(corpora.split_punctuation, sentences[:cut])), sentences[cut:]


def make_tokenizer(run: Run, path: Path) -> None:
    """Train the tokenizer on the raw texts."""
    tokenizer.train_tokenizer(list(run.texts()), path)


def make_clusters(run: Run, path: Path) -> None:
    """Write the raw texts as lines and cluster their words."""
    words, _ = vectors.write_lines(run.tokenizer(), run.texts(), run.out)
    clusters = vectors.learn_clusters(words, seed=run.seed)
    path.write_text(json.dumps(clusters, ensure_ascii=False), encoding="utf-8")


def make_vectors(run: Run, path: Path) -> None:
    """Learn the sub-word vectors."""
    matrix = vectors.learn_subword_vectors(
        run.out / "subwords.txt", run.tokenizer(), seed=run.seed
    )
    np.save(path, matrix)


def make_teacher(run: Run, path: Path) -> None:
    """Train the CRF and print its figures on the development part."""
    train, held_out = hold_out(run.gold())
    describer = run.describer()
    teacher.train_teacher(train, describer, path)
    crf = teacher.Teacher(path, describer)
    print(evaluate.format_report(evaluate.report(lambda texts: map(crf.tag, texts), held_out)))


def make_second(run: Run, path: Path) -> None:
    """Train a second CRF, on the gold corpus, a copy of it with other names, and Wojood."""
    train, _ = hold_out(run.gold())
    random = np.random.default_rng(run.seed)
    pools = run.pools(train)
    copies = augment.replace_people(swap.swap_names(train, pools, random), run.names(), random)
    teacher.train_teacher([*train, *copies, *run.wojood()], run.describer(), path)


def make_silver(run: Run, path: Path) -> None:
    """Let the teacher label raw sentences."""
    crf = teacher.Teacher(run.out / "teacher.crf", run.describer())
    labelled = ((words, crf.marginals(words)) for words in run.sentences())
    encoded = encoding.encode_silver(run.tokenizer(), labelled, SILVER_WORDS)
    encoding.save_encoded(encoded, path)


def make_taught(run: Run, path: Path) -> None:
    """Let both teachers and the student label raw sentences together."""
    describer, tokens, model = run.describer(), run.tokenizer(), run.model("further.pt")
    first = teacher.Teacher(run.out / "teacher.crf", describer)
    second = teacher.Teacher(run.out / "second.crf", describer)
    readers = (
        lambda texts: map(first.marginals, texts),
        lambda texts: map(second.marginals, texts),
        lambda texts: student.marginals_fast(model, tokens, texts),
    )
    labelled = consensus.label(run.sentences(), readers, TAUGHT_WEIGHTS)
    encoded = encoding.encode_silver(run.tokenizer(), labelled, TAUGHT_WORDS)
    encoding.save_encoded(encoded, path)


def make_student(run: Run, path: Path) -> None:
    """Train on the silver sentences, the Wikipedia corpora and the gold corpus together."""
    train, _ = hold_out(run.gold())
    tokens = run.tokenizer()
    labelled = [*map(corpora.split_punctuation, run.wikipedia()), *train * GOLD_REPEATS]
    encoded = encoding.load_encoded(run.out / "silver.npz")
    encoded += encoding.encode_sentences(tokens, labelled)
    torch.manual_seed(run.seed)
    model = student.build_model(tokens, np.load(run.out / "vectors.npy"))
    student.train(model, encoded, SILVER, seed=run.seed)
    torch.save(model.state_dict(), path)


def make_further(run: Run, path: Path) -> None:
    """Go on with windows of sentences and gold sentences about other people; print the figures."""
    random = np.random.default_rng(run.seed)
    train, held_out = hold_out(run.gold())
    names = run.names()
    labelled = [*map(corpora.split_punctuation, run.wikipedia()), *train * GOLD_REPEATS]
    for _ in range(FURTHER_PEOPLE):
        labelled += augment.replace_people(train, names, random)
    encoded = encoding.load_encoded(run.out / "silver.npz")
    encoded += encoding.encode_sentences(run.tokenizer(), labelled)
    passes = (augment.join_windows(encoded, random) for _ in range(FURTHER_PASSES))
    model = run.model("student.pt")
    student.train(model, list(chain.from_iterable(passes)), FURTHER, seed=run.seed)
    torch.save(model.state_dict(), path)
    print(_score(model, run.tokenizer(), held_out))


def make_final(run: Run, path: Path) -> None:
    """Train the student on what all labelled together and on the labelled corpora, varied."""
    random = np.random.default_rng(run.seed)
    train, held_out = hold_out(run.gold())
    encoded = encoding.load_encoded(run.out / "taught.npz")
    encoded += encoding.encode_sentences(run.tokenizer(), vary_labelled(run, train, random))
    model = run.model("student.pt")
    student.train(model, augment.join_windows(encoded, random), FINAL, seed=run.seed)
    torch.save(model.state_dict(), path)
    print(_score(model, run.tokenizer(), held_out))


def make_mean(run: Run, path: Path) -> None:
    """Average the weights of `further` and `final`, which grew from the same student."""
    further, final = (run.model(name).state_dict() for name in ("further.pt", "final.pt"))
    torch.save({name: (further[name] + final[name]) / 2 for name in final}, path)


def vary_labelled(run: Run, train: list[Sentence], random: np.random.Generator) -> list[Sentence]:
    """Return the labelled corpora, ANERcorp several times, with other names and datelines."""
    wiki = list(map(corpora.split_punctuation, run.wikipedia()))
    names, pools = run.names(), run.pools(train)
    labelled = [*wiki, *run.wojood(), *train * GOLD_REPEATS]
    for _ in range(FINAL_COPIES):
        swapped = swap.swap_names(train, pools, random)
        labelled += augment.replace_people(swapped, names, random)
    return [*labelled, *swap.add_datelines(labelled, pools, random)]


def make_export(run: Run, path: Path) -> None:
    """Calibrate the label O and the integers, write the model folder and print its figures."""
    _, held_out = hold_out(run.gold())
    model, tokens = run.model("mean.pt"), run.tokenizer()
    bias = calibrate.choose_bias(model, tokens, held_out)
    calibrate.hold_back_outside(model, bias)
    taught = encoding.load_encoded(run.out / "taught.npz")
    examples = augment.join_windows(taught, np.random.default_rng(run.seed))
    export.export_model(model, tokens, examples, path, outside_bias=bias)
    print(f"O held back by {bias}")
    print(_score(model, tokens, held_out))


STAGES: dict[str, tuple[str, Callable[[Run, Path], None]]] = {
    "tokenizer": ("tokenizer.json", make_tokenizer),
    "clusters": ("clusters.json", make_clusters),
    "vectors": ("vectors.npy", make_vectors),
    "teacher": ("teacher.crf", make_teacher),
    "second": ("second.crf", make_second),
    "silver": ("silver.npz", make_silver),
    "student": ("student.pt", make_student),
    "further": ("further.pt", make_further),
    "taught": ("taught.npz", make_taught),
    "final": ("final.pt", make_final),
    "mean": ("mean.pt", make_mean),
    "export": ("ner_model", make_export),
}


def main() -> None:
    """Run the stage that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    parser.add_argument("stage", choices=[*STAGES, "all", "evaluate"])
    parser.add_argument("--data", type=Path, required=True, help="folder of the corpora")
    parser.add_argument("--out", type=Path, required=True, help="folder of the results")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--model", type=Path, help="model folder to evaluate; default OUT/ner_model"
    )
    parser.add_argument("--file", type=Path, help="CoNLL file to evaluate on, relative to DATA")
    options = parser.parse_args()
    torch.set_num_threads(1)
    options.out.mkdir(parents=True, exist_ok=True)
    run = Run(options.data, options.out, options.seed)
    if options.stage == "evaluate":
        folder = options.model or run.out / "ner_model"
        model = BertForTokenClassification.from_pretrained(folder, dtype=torch.float32)
        tokens = Tokenizer.from_file(str(folder / "tokenizer.json"))
        print(_score(model, tokens, corpora.read_conll(run.data / options.file)))
        return
    for stage in STAGES if options.stage == "all" else [options.stage]:
        name, make = STAGES[stage]
        if (run.out / name).exists():
            print(f"{stage}: {name} exists, skipped")
        else:
            print(f"{stage}: making {name}", flush=True)
            make(run, run.out / name)


def _score(model: BertForTokenClassification, tokens: Tokenizer, sentences: list[Sentence]) -> str:
    scores = evaluate.report(lambda texts: student.predict(model, tokens, texts), sentences)
    return evaluate.format_report(scores)


if __name__ == "__main__":
    main()
