"""Measure what each ingredient is worth: teachers and short trainings, each without one.

    python -m training.ablation --data CORPORA --out OUT [--steps 400] [VARIANT ...]

OUT holds the files of the stages up to `student`; nothing there changes but `ablation.json`, which
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

FURTHER = student.Recipe(rate=5e-4, hold=0.3)  # on from `student`
START = student.Recipe(rate=8e-4, hold=0.3)
WIRE = Path(__file__).parent.parent / "tests/data/ner_wire.conll"
CARELESS = 0.3  # share of the words, in training and in one of the figures
RAW = "silver.npz"

TEACHERS: dict[str, dict[str, Any]] = {  # emptied parts of what it knows
    "teacher": {},
    "teacher without clusters": {"clusters": {}},
    "teacher without names of people": {"names": frozenset()},
    "teacher without the Wikipedia lexicon": {"lexicon": {}},
}
STUDENTS = {
    "student": None,
    "student, then everything": Mixture(RAW),
    "the same without raw text": Mixture(None),
    "without the Wikipedia corpora": Mixture(RAW, wikipedia=False),
    "without other names": Mixture(RAW, copies=0),
    "without datelines": Mixture(RAW, datelines=False),
    "without windows": Mixture(RAW, windows=False),
    "with careless spelling": Mixture(RAW, careless=CARELESS),
}
UNTRAINED = {  # whether it starts from vectors
    "from vectors": True,
    "from random numbers": False,
}


def main() -> None:
    """Run the variants that have no figures yet and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("variants", nargs="*", metavar="VARIANT")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(1)
    run = Run(options.data, options.out, options.seed)
    path = run.out / "ablation.json"
    figures = json.loads(path.read_text()) if path.exists() else {}
    for name in options.variants or [*TEACHERS, *STUDENTS, *UNTRAINED]:
        if name not in figures:
            figures[name] = measure(run, name, options.steps)
            path.write_text(json.dumps(figures, indent=1))
        row = (f"{100 * figure:.1f}" for figure in figures[name].values())
        print(f"| {name} | {' | '.join(row)} |", flush=True)


def measure(run: Run, name: str, steps: int) -> dict[str, float]:
    """Return the F1 of one variant on every development part, and on ANERcorp spelt carelessly."""
    with TemporaryDirectory() as folder:
        if name in TEACHERS:
            tagger = train_teacher(run, name, Path(folder) / "teacher.crf")
        else:
            tagger = train_student(run, name, steps, Path(folder) / "part")
        parts = run.development() | {"wire": corpora.read_conll(WIRE)}
        random = np.random.default_rng(run.seed)
        parts["careless"] = noise.spell_carelessly(parts["ANERcorp"], CARELESS, random)
        reports = {part: evaluate.report(tagger, some) for part, some in parts.items()}
    return {part: scores["micro avg"]["f1-score"] for part, scores in reports.items()}


def train_teacher(run: Run, name: str, path: Path) -> Tagger:
    """Return the first teacher without a part of what it knows."""
    describer = teacher.Describer(run.knowledge()._replace(**TEACHERS[name]))
    teacher.train_teacher(run.gold(), describer, path)
    crf = teacher.Teacher(path, describer)
    return lambda texts: map(crf.tag, texts)


def train_student(run: Run, name: str, steps: int, part: Path) -> Tagger:
    """Return a student of a short training, decoded as the pipeline does."""
    tokens, mixture = run.tokenizer(), STUDENTS.get(name, Mixture(RAW))
    if name in STUDENTS:
        model, recipe = run.model("student.pt"), FURTHER
    else:
        vectors = np.load(run.out / "vectors.npy") if UNTRAINED[name] else None
        model, recipe = student.build_model(tokens, vectors, seed=run.seed), START
    if mixture:
        recipe = recipe._replace(steps=steps)
        student.train(model, mix(run, mixture), recipe, seed=run.seed, part=part)
    return lambda texts: [tag_biased(read, 0) for read in student.marginals(model, tokens, texts)]


if __name__ == "__main__":
    main()
