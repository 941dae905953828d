"""Measure what each ingredient is worth: the first teacher, and short trainings, without one each.

    python -m training.ablation --data CORPORA --out OUT [--steps 600] [VARIANT ...]

OUT holds the files of the stages up to `taught`; nothing there changes but `ablation.json`, which
keeps the figures, so that an interrupted measurement goes on with the next variant.
"""

import argparse
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch

from training import corpora, evaluate, noise, student, teacher
from training.calibrate import tag_biased
from training.evaluate import Tagger
from training.mixture import Mixture, mix
from training.run import Run

RECIPE = student.Recipe(rate=8e-4, hold=0.4)
WIRE = Path(__file__).parent.parent / "tests/data/ner_wire.conll"
RANDOM_START = "without vectors at the start"
CARELESS = 0.3  # share of the words, in training and in one of the figures

TEACHERS: dict[str, dict[str, Any]] = {  # emptied parts of what it knows
    "teacher": {},
    "teacher without clusters": {"clusters": {}},
    "teacher without names of people": {"names": frozenset()},
    "teacher without the Wikipedia lexicon": {"lexicon": {}},
}
STUDENTS = {
    "everything": Mixture(),
    RANDOM_START: Mixture(),
    "without raw text": Mixture(raw=None),
    "raw text labelled by the first teacher alone": Mixture(raw="silver.npz"),
    "without the Wikipedia corpora": Mixture(wikipedia=False),
    "without other names": Mixture(copies=0),
    "without datelines": Mixture(datelines=False),
    "without windows": Mixture(windows=False),
    "with careless spelling": Mixture(careless=CARELESS),
}


def main() -> None:
    """Run the variants that have no figures yet and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("variants", nargs="*", metavar="VARIANT")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(1)
    run = Run(options.data, options.out, options.seed)
    path = run.out / "ablation.json"
    figures = json.loads(path.read_text()) if path.exists() else {}
    for name in options.variants or [*TEACHERS, *STUDENTS]:
        if name not in figures:
            figures[name] = measure(run, name, options.steps)
            path.write_text(json.dumps(figures, indent=1))
        print(f"| {name} | {' | '.join(f'{100 * figure:.1f}' for figure in figures[name])} |")


def measure(run: Run, name: str, steps: int) -> list[float]:
    """Return the F1 of one variant: on ANERcorp, on that spelt carelessly, and on the wire."""
    with TemporaryDirectory() as folder:
        if name in TEACHERS:
            tagger = train_teacher(run, name, Path(folder) / "teacher.crf")
        else:
            tagger = train_student(run, name, steps, Path(folder) / "part")
        held_out = run.development()["ANERcorp"]
        careless = noise.spell_carelessly(held_out, CARELESS, np.random.default_rng(run.seed))
        parts = (held_out, careless, corpora.read_conll(WIRE))
        reports = [evaluate.report(tagger, part) for part in parts]
    return [scores["micro avg"]["f1-score"] for scores in reports]


def train_teacher(run: Run, name: str, path: Path) -> Tagger:
    """Return the first teacher without a part of what it knows."""
    describer = teacher.Describer(run.knowledge()._replace(**TEACHERS[name]))
    teacher.train_teacher(run.gold(), describer, path)
    crf = teacher.Teacher(path, describer)
    return lambda texts: map(crf.tag, texts)


def train_student(run: Run, name: str, steps: int, part: Path) -> Tagger:
    """Return a student of a short training, decoded as the pipeline does."""
    tokens = run.tokenizer()
    vectors = np.load(run.out / "vectors.npy") if name != RANDOM_START else None
    model = student.build_model(tokens, vectors, seed=run.seed)
    recipe = RECIPE._replace(steps=steps)
    student.train(model, mix(run, STUDENTS[name]), recipe, seed=run.seed, part=part)
    return lambda texts: [tag_biased(read, 0) for read in student.marginals(model, tokens, texts)]


if __name__ == "__main__":
    main()
