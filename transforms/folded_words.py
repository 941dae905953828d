"""Cut text into folded words at array speed: the words of its matching key."""

import re
from functools import cache

import numpy as np
from numpy.typing import NDArray

from transforms.fold import KEYS, fold_key

_WORD = re.compile(r"\w+")
_CODES = 0x110000  # of Unicode
_SPACE, _DROPPED, _LONGER = 0x20, _CODES, _CODES + 1

_CodePoints = NDArray[np.uint32]


def folded_words(title: str, text: str) -> tuple[list[str], list[str]]:
    """Return the words of the matching keys of `title` and of `text`.

    The same as the runs of word characters in `fold_key`, at half the cost; both in one pass,
    since for short arrays the calls are the cost.
    """
    codes = _key_codes()[np.array([f"{title}\0{text}"]).view(np.uint32)]
    if codes.max() >= _DROPPED:
        if (codes == _LONGER).any():
            return _WORD.findall(fold_key(title)), _WORD.findall(fold_key(text))
        codes[len(title)] = 0
        codes = codes[codes != _DROPPED]
    else:
        codes[len(title)] = 0
    # This is the only NUL: the table makes a space of whatever is no word character.
    head, _, body = str(codes.view(f"<U{len(codes)}")[0]).partition("\0")
    return head.split(), body.split()


@cache
def _key_codes() -> _CodePoints:
    """Return for each code point the one in its place, or why there is none.

    One that folds to nothing is dropped; of one that folds to several `fold_key` takes care.
    """
    codes = np.arange(_CODES, dtype=np.uint32)
    characters = codes.tobytes().decode("utf-32-le", "surrogatepass")
    table = np.full(_CODES, _SPACE, np.uint32)
    for run in _WORD.finditer(characters):
        table[slice(*run.span())] = codes[slice(*run.span())]
    for code, key in KEYS.items():
        table[code] = _DROPPED if not key else _LONGER if len(key) > 1 else table[ord(key)]
    return table
