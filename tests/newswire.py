"""A small invented wire: outlets that copy, cut, extend, correct and forward each other."""

import random
from typing import NamedTuple

from schemas.records import Story
from tests.builders import NOON, make_story
from transforms.copies import Candidate, PastVersion, Verdict, candidate_of
from transforms.fingerprint import NO_FINGERPRINT, Hashes
from transforms.outcomes import with_fingerprint
from transforms.pairing import verdicts_in_memory
from transforms.stop_shingles import NO_STOPS
from transforms.versions import numbered

HOUR = 3600
_WORDS = [f"كلمة{n}" for n in range(400)]


def newswire(seed: int, count: int, *, hours: int = 400, step_s: int = HOUR) -> list[Story]:
    """Return stories in the order of their numbers, which is not that of time."""
    rng = random.Random(seed)
    bodies = [" ".join(rng.choices(_WORDS, k=40)) for _ in range(4)]
    return [_story(rng, rng.choice(bodies), n, rng.randrange(hours * HOUR // step_s) * step_s)
            for n in range(count)]


def _story(rng: random.Random, body: str, number: int, after_s: int) -> Story:
    words = body.split()
    text = rng.choice([
        body, body, body + " مساء", body + " مساء", " ".join(words[:25]), body + " " + body,
        " ".join(words[:20] + rng.choices(_WORDS, k=30)), " ".join(words[:5]),
        " ".join(words[10:] + words[:10]),
    ])
    return with_fingerprint(make_story(
        source_id=rng.choice("abcd"), item_id=str(rng.choice([number, number, number // 2])),
        title=rng.choice(["", "", "عاجل", " ".join(words[:4])]), text=text,
        url=rng.choice([None, None, f"https://x.example/{rng.randrange(6)}"]),
        agency=rng.choice([None, "الأناضول"]),
        status=rng.choice(["usable", "usable", "corrected"]),
        forwarded_from=rng.choice([None, None, None, "قناة"]),
        published_at=NOON + after_s, priority=rng.choice([1, 2]), position=str(number),
    ))


class Outcome(NamedTuple):
    """What is told of an item that is not simply kept."""

    outcome: str
    kept_id: str
    relation: str
    similarity: float


Outcomes = dict[str, Outcome]


class Lake:
    """What runs have stored; each run decides on its stories in memory, history included."""

    def __init__(self, stops: Hashes = NO_STOPS) -> None:
        self.outcomes: Outcomes = {}
        self._stops = stops
        self._stories: list[Candidate] = []
        self._copies: list[Candidate] = []
        self._versions: list[PastVersion] = []

    def run(self, stories: list[Story]) -> None:
        """Decide on `stories` as one run."""
        new = revised(stories, self._versions)
        verdicts = list(verdicts_in_memory([*self._stories, *self._copies, *new], self._stops))
        self.outcomes |= outcomes(verdicts)
        for candidate in new:
            stored = as_stored(candidate, self.outcomes)
            (self._copies if stored.copy_of else self._stories).append(stored)
            self._versions.append(PastVersion(
                candidate.story_id, candidate.source_id, candidate.item_id, candidate.revision,
                not stored.copy_of,
            ))


def revised(stories: list[Story], past: list[PastVersion]) -> list[Candidate]:
    """Return the candidates of `stories` with their numbers, but for what is unchanged."""
    return numbered([candidate_of(story) for story in stories], past)


def outcomes(verdicts: list[Verdict]) -> Outcomes:
    """Return verdicts by story."""
    return {
        verdict.key: Outcome(
            verdict.outcome, verdict.kept_id, verdict.relation, verdict.similarity
        )
        for verdict in verdicts
    }


def as_stored(candidate: Candidate, told: Outcomes) -> Candidate:
    """Return what a later run reads back of a candidate."""
    outcome = told.get(candidate.story_id)
    stored = candidate._replace(published=True, is_long=True, is_forward=False, predecessor="")
    if outcome is None or outcome.outcome != "duplicate":
        return stored
    return stored._replace(
        url="", title="", agency="", fingerprint=NO_FINGERPRINT, copy_of=outcome.kept_id,
        copied_as=outcome.relation, similarity=outcome.similarity,
    )
