"""Measure what each ingredient of the last stage is worth: short runs, each without one.

    python -m training.ablation --data CORPORA --out OUT [--steps 800] [VARIANT ...]

OUT holds the files of the stages up to `taught`; nothing there changes but `ablation.json`, which
keeps the figures, so that an interrupted measurement goes on with the next variant.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch

from training import corpora, evaluate, noise, student
from training.calibrate import tag_biased
from training.mixture import Mixture, mix
from training.run import Run

RECIPE = student.Recipe(rate=8e-4, hold=0.4)
WIRE = Path(__file__).parent.parent / "tests/data/ner_wire.conll"
CARELESS = 0.3  # share of the words, in training and in one of the figures

VARIANTS = {
    "everything": Mixture(),
    "without vectors at the start": Mixture(),
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
    parser.add_argument("--steps", type=int, default=800)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(1)
    run = Run(options.data, options.out, options.seed)
    path = run.out / "ablation.json"
    figures = json.loads(path.read_text()) if path.exists() else {}
    for name in options.variants or VARIANTS:
        if name not in figures:
            figures[name] = measure(run, name, options.steps)
            path.write_text(json.dumps(figures, indent=1))
        print(f"| {name} | {' | '.join(f'{100 * figure:.1f}' for figure in figures[name])} |")


def measure(run: Run, name: str, steps: int) -> list[float]:
    """Return the F1 of one variant: on ANERcorp, on that spelt carelessly, and on the wire."""
    tokens = run.tokenizer()
    vectors = np.load(run.out / "vectors.npy") if "vectors" not in name else None
    model = student.build_model(tokens, vectors, seed=run.seed)
    recipe = RECIPE._replace(steps=steps)
    with TemporaryDirectory() as folder:
        part = Path(folder) / "part"
        student.train(model, mix(run, VARIANTS[name]), recipe, seed=run.seed, part=part)
    held_out = run.development()["ANERcorp"]
    careless = noise.spell_carelessly(held_out, CARELESS, np.random.default_rng(run.seed))

    def tag(texts: Sequence[list[str]]) -> list[list[str]]:
        return [tag_biased(read, 0) for read in student.marginals(model, tokens, texts)]

    reports = [
        evaluate.report(tag, part) for part in (held_out, careless, corpora.read_conll(WIRE))
    ]
    return [scores["micro avg"]["f1-score"] for scores in reports]


if __name__ == "__main__":
    main()
