"""How plausible a string of Arabic letters is as Arabic, from counts of letter pairs.

The table was counted on 10,161 articles of the ANT Corpus v1.1 (Jawhara FM; Apache-2.0):
python -m training.letter_pairs CORPUS. Only counts of letter pairs are kept, no text.
"""

import re
from itertools import pairwise

LETTERS = " ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىي"
"""The order of rows and columns; the space stands for the edge of a word."""

_COST_BITS = (
    "ff94f5f24f49667797967788a5856643664f6",
    "0eeedde4d77eeeeeeeedeeeeeeeeee89c7cec",
    "bccccccc5a55592585a5acccccc4b8243a7a5",
    "7fffefcd677655568584565695856453264b5",
    "7dddddd69b468d45b5d25cd8dddd5356a52b5",
    "dfffffcf6f66556564846555c485592639ff4",
    "5ffffff4537f57f4c36ab999f7d75a44659d2",
    "46ffcf6f5847668594868777a6966715477f6",
    "3ec7a7a36459858694967776d4996745555d3",
    "0ffffffefffffffffffffffffffffffffffff",
    "2fd7afa559685466948665778575565454484",
    "2ffcfff36479fffaf3fffffffaa85a34485b4",
    "4fe9df835557c8f4a457effff6bbfd43433c4",
    "3ffffff364476ef3846596787ff6544478494",
    "5ffffff3584fcfb573789474fff6ff24895d4",
    "2af9efa38466bb65f4e7bffff6c67a6566463",
    "3fffffe2767f8f8fd6fffffffaf9c43763792",
    "2dc8af63535a6696e8857867f786658765473",
    "28fcff82556f9aa8f59bffe8f6899844664b2",
    "3ff97fb3453f6897f5f7eff6f6f6864557593",
    "4fa66fb3575f7646e2f9fff7d554757574594",
    "3ffffff3548ff4a4f3fff7f7f674ab3658484",
    "2ffcffb2657fb476e4ffffe6f479ee6586473",
    "3df9bf82448fd9e8f3fccff8f5d54e4737494",
    "3eeeeee3957eeeeee2eeeeebeed5de5374583",
    "3ffffff354578ff495877867aff8692446594",
    "3eeeeee3665cbde563687c76edeaee35685b3",
    "3feac893b55f87a88486a76886cc585877661",
    "3ffffff2444ffcf4a4b69655a6f68f5767483",
    "3fd7ccf35456c9d474666ecdf997c944473c4",
    "3fa5f6f45547557576856697b575565356544",
    "3feb7fb36557657594856687b4886657365a4",
    "1ffdffc4754d77967b7477a6678668c7a4594",
    "2fffaff2857f6ff444799f8deffdba63694a4",
    "4ac5f7d358586685745587668585564436874",
    "0cfffffffefffffffffffffffffffffefeffe",
    "2bfaaf846368778584757987b6a65655365e6",
)
"""-log2 P(second letter | first), rounded, one hexadecimal digit per pair, at most 15."""

WORST_BITS = 15
"""The cost of a pair that does not occur."""

_COST = {
    first + second: int(digit, 16)
    for first, row in zip(LETTERS, _COST_BITS, strict=True)
    for second, digit in zip(LETTERS, row, strict=True)
}
_NEAREST = str.maketrans(
    "کگپچژڤھہےیٹڈڑں", "ككبجزفههييتدرن", "ـًٌٍَُِّْٰ"
)
_WORD = re.compile(f"[{LETTERS[1:]}]+")


def fold(text: str) -> str:
    """Return `text` without vowel marks and tatweel, Persian and Urdu letters as their kin."""
    return text.translate(_NEAREST)


def letters_of(text: str) -> str:
    """Return the letters of the table that `text` holds, in order."""
    return "".join(_WORD.findall(fold(text)))


def pair_cost(text: str) -> float:
    """Return the mean cost in bits of the letter pairs in the Arabic words of `text`.

    News text costs 3.3 to 4.3; letters drawn at random cost about 8. Without Arabic letters the
    cost is infinite.
    """
    words = " ".join(_WORD.findall(fold(text)))
    if not words:
        return float("inf")
    padded = f" {words} "
    pairs = [first + second for first, second in pairwise(padded)]
    return sum(_COST[pair] for pair in pairs) / len(pairs)
