"""Run one stage of the recipe, or all of them in order."""

import argparse
import json
from collections.abc import Callable
from itertools import chain
from pathlib import Path

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
from training.corpora import Sentence, split_marks
from training.mixture import GOLD_REPEATS, Mixture, mix
from training.run import Run

SILVER = student.Recipe(rate=8e-4)
FURTHER = student.Recipe(rate=5e-4, warmup=0.035, hold=0.4, steps=6200)
FURTHER_PASSES = 3  # laid out for so many; the steps above end it after 1.7
FURTHER_PEOPLE = 3  # copies of the gold corpus with the names of people replaced
FINAL = student.Recipe(rate=5e-4, warmup=0.05, hold=0.6, steps=3500)
SILVER_WORDS = 4_500_000
TAUGHT_WORDS = 4_500_000
TAUGHT_WEIGHTS = (0.25, 0.25, 0.5)  # of the teacher, the second teacher and the student


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
    describer = run.describer()
    teacher.train_teacher(run.gold(), describer, path)
    crf = teacher.Teacher(path, describer)
    held_out = run.development()["ANERcorp"]
    print(evaluate.format_report(evaluate.report(lambda texts: map(crf.tag, texts), held_out)))


def make_second(run: Run, path: Path) -> None:
    """Train a second CRF, on the gold corpus, a copy of it with other names, and Wojood."""
    train = run.gold()
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
    tokens = run.tokenizer()
    labelled = [*split_marks(run.wikipedia()), *run.gold() * GOLD_REPEATS]
    encoded = encoding.load_encoded(run.out / "silver.npz")
    encoded += encoding.encode_sentences(tokens, labelled)
    model = student.build_model(tokens, np.load(run.out / "vectors.npy"), seed=run.seed)
    train_student(run, model, encoded, SILVER, path)


def make_further(run: Run, path: Path) -> None:
    """Go on with windows of sentences and gold sentences about other people; print the figures."""
    random = np.random.default_rng(run.seed)
    train, names = run.gold(), run.names()
    labelled = [*split_marks(run.wikipedia()), *train * GOLD_REPEATS]
    for _ in range(FURTHER_PEOPLE):
        labelled += augment.replace_people(train, names, random)
    encoded = encoding.load_encoded(run.out / "silver.npz")
    encoded += encoding.encode_sentences(run.tokenizer(), labelled)
    passes = (augment.join_windows(encoded, random) for _ in range(FURTHER_PASSES))
    model = run.model("student.pt")
    train_student(run, model, list(chain.from_iterable(passes)), FURTHER, path)
    print(_score(model, run.tokenizer(), run.development()["ANERcorp"]))


def make_final(run: Run, path: Path) -> None:
    """Train the student on what all labelled together and on the labelled corpora, varied."""
    model = run.model("student.pt")
    train_student(run, model, mix(run, Mixture()), FINAL, path)
    print(_score(model, run.tokenizer(), run.development()["ANERcorp"]))


def make_mean(run: Run, path: Path) -> None:
    """Average the weights of `further` and `final`, which grew from the same student."""
    further, final = (run.model(name).state_dict() for name in ("further.pt", "final.pt"))
    torch.save({name: (further[name] + final[name]) / 2 for name in final}, path)


def train_student(
    run: Run,
    model: BertForTokenClassification,
    examples: list[encoding.Encoded],
    recipe: student.Recipe,
    path: Path,
) -> None:
    """Train the model by a recipe and write its weights."""
    part = path.with_suffix(".part")
    student.train(model, examples, recipe, seed=run.seed, scale=run.scale, part=part)
    torch.save(model.state_dict(), path)
    part.unlink(missing_ok=True)


def make_export(run: Run, path: Path) -> None:
    """Calibrate the label O and the integers, write the model folder and print its figures."""
    held_out = run.development()["ANERcorp"]
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
    parser.add_argument(
        "--file", type=Path,
        help="CoNLL file to evaluate on, relative to DATA; default: each development part",
    )  # fmt: skip
    parser.add_argument("--scale", type=float, default=1.0, help="share of the training steps")
    parser.add_argument("--threads", type=int, default=1, help="the result depends on it")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    options.out.mkdir(parents=True, exist_ok=True)
    run = Run(options.data, options.out, options.seed, options.scale)
    if options.stage == "evaluate":
        print_figures(run, options.model or run.out / "ner_model", options.file)
        return
    for stage in STAGES if options.stage == "all" else [options.stage]:
        name, make = STAGES[stage]
        if (run.out / name).exists():
            print(f"{stage}: {name} exists, skipped")
        else:
            print(f"{stage}: making {name}", flush=True)
            make(run, run.out / name)


def print_figures(run: Run, folder: Path, file: Path | None) -> None:
    """Print the figures of an exported model on a file, or on every development part."""
    model = BertForTokenClassification.from_pretrained(folder, dtype=torch.float32)
    tokens = Tokenizer.from_file(str(folder / "tokenizer.json"))
    parts = {str(file): corpora.read_conll(run.data / file)} if file else run.development()
    for name, sentences in parts.items():
        print(f"{name}\n\n{_score(model, tokens, sentences)}\n")


def _score(model: BertForTokenClassification, tokens: Tokenizer, sentences: list[Sentence]) -> str:
    scores = evaluate.report(lambda texts: student.predict(model, tokens, texts), sentences)
    return evaluate.format_report(scores)


if __name__ == "__main__":
    main()
