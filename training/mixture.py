"""Which sentences a stage learns from, and how they vary."""

from typing import NamedTuple

import numpy as np

from training import augment, encoding, noise, swap
from training.corpora import Sentence, split_marks
from training.encoding import Encoded
from training.run import Run

GOLD_REPEATS = 2  # copies of the gold corpus as it stands
FINAL_COPIES = 3  # copies of it with other names of all kinds


class Mixture(NamedTuple):
    """What goes into the last stage."""

    raw: str | None = "taught.npz"  # raw sentences with their labels
    wikipedia: bool = True
    wojood: bool = True
    copies: int = FINAL_COPIES
    datelines: bool = True
    windows: bool = True
    careless: float = 0.0  # share of words in more copies of the gold corpus


def mix(run: Run, mixture: Mixture) -> list[Encoded]:
    """Return the examples of a mixture."""
    random = np.random.default_rng(run.seed)
    encoded = encoding.load_encoded(run.out / mixture.raw) if mixture.raw else []
    labelled = _vary_labelled(run, mixture, random)
    encoded += encoding.encode_sentences(run.tokenizer(), labelled)
    return augment.join_windows(encoded, random) if mixture.windows else encoded


def _vary_labelled(run: Run, mixture: Mixture, random: np.random.Generator) -> list[Sentence]:
    """Return the labelled corpora, ANERcorp several times, with other names and datelines."""
    train, names = run.gold(), run.names()
    pools = run.pools(train)
    labelled = split_marks(run.wikipedia()) if mixture.wikipedia else []
    labelled += [*(run.wojood() if mixture.wojood else []), *train * GOLD_REPEATS]
    for _ in range(mixture.copies):
        swapped = swap.swap_names(train, pools, random)
        labelled += augment.replace_people(swapped, names, random)
    if mixture.datelines:
        labelled += swap.add_datelines(labelled, pools, random)
    if mixture.careless:
        labelled += noise.spell_carelessly(train * GOLD_REPEATS, mixture.careless, random)
    return labelled
