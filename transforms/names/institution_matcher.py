"""Find the names of known institutions in the words of a text: one trie, one pass."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import NamedTuple, Union

from transforms.names.country_words import country_of
from transforms.names.institution_list import COMMON_WORDS, Institution, load_institutions
from transforms.names.name_words import bare, plain_words, without_clitics
from transforms.names.national_bodies import load_national_bodies
from transforms.names.text_words import TextWords

_BELONGING = frozenset(("التابع", "التابعه"))
_END = ""  # in a trie: a name may end here


Words = tuple[str, ...]


class Listed(NamedTuple):
    """What the list says of a name."""

    key: str  # of the institution; "" for a body that many countries have
    parent: str | None
    after: frozenset[str]  # words that must stand before it; none if it is known anywhere
    is_nearby: bool


Trie = dict[str, Union["Trie", Listed]]


class Found(NamedTuple):
    """A name of an institution in a text: words [first, last), from `start` in the key."""

    first: int
    last: int
    start: int
    end: int
    listed: Listed


def find_institutions(words: TextWords) -> list[Found]:
    """Return the names in a text in order, without overlap; of two, that which begins first.

    Names that count only in a story that names their institution otherwise are among them.
    """
    found: list[Found] = []
    heads: frozenset[str] = frozenset()  # what stood before the names that the next one continues
    index = 0
    while index < len(words.words):
        if not _beginnings(words.words[index].word):
            index += 1
            continue
        is_joined = bool(found) and found[-1].last == index and _begins_with_and(words, index)
        heads = _words_before(words, index) | (heads if is_joined else frozenset())
        match = max(_matches(words, index, heads), key=_length, default=None)
        if match:
            found.append(match)
        index = match.last if match else index + 1
    return found


def _length(found: Found) -> tuple[int, int]:
    return found.last - found.first, -found.start


def _begins_with_and(words: TextWords, index: int) -> bool:
    return words.words[index].word.startswith("و")


def _words_before(words: TextWords, index: int) -> frozenset[str]:
    """Return what the word before may be, if it may belong to a name that begins at `index`."""
    if not index or not words.are_together(index - 1):
        return frozenset()
    return frozenset(bare(form) for _, form in without_clitics(words.words[index - 1].word))


def _matches(words: TextWords, index: int, heads: frozenset[str]) -> Iterator[Found]:
    """Yield the longest name from each form of the word at `index`."""
    for skipped, node in _beginnings(words.words[index].word):
        last, listed = _walk(words, index + 1, node, heads)
        if listed:
            start = words.words[index].start + skipped
            yield Found(index, last, start, words.words[last - 1].end, listed)


@lru_cache(maxsize=65_536)
def _beginnings(word: str) -> list[tuple[int, Trie]]:
    """Return what a name may go on with after `word`, for each way of taking clitics off it."""
    found = ((skipped, load_trie().get(form)) for skipped, form in without_clitics(word))
    return [(skipped, node) for skipped, node in found if isinstance(node, dict)]


def _walk(
    words: TextWords, index: int, node: Trie, heads: frozenset[str]
) -> tuple[int, Listed | None]:
    """Return where the longest name ends that continues from `node`, and what is known of it."""
    best: tuple[int, Listed | None] = index, None
    while True:
        listed = node.get(_END)
        if isinstance(listed, Listed) and (not listed.after or listed.after & heads):
            best = index, listed
        if index >= len(words.words) or not words.are_together(index - 1):
            return best
        following = node.get(words.words[index].word)
        if not isinstance(following, dict):
            return best
        node = following
        index += 1


@lru_cache(maxsize=1)
def load_trie() -> Trie:
    """Return every name that is looked for, word by word."""
    known = load_institutions().institutions.values()
    anybodys = Listed("", None, frozenset(), is_nearby=False)
    rows: Iterable[tuple[str, Listed]] = chain(
        ((name, anybodys) for name in load_national_bodies().found),
        chain.from_iterable(map(_names, known)),
    )
    root: Trie = {}
    for name, listed in rows:
        _add(root, plain_words(name), listed)
    return root


def _names(institution: Institution) -> Iterator[tuple[str, Listed]]:
    """Yield the names that are looked for; what encloses another is found as that one."""
    anywhere = Listed(institution.key, institution.parent, frozenset(), is_nearby=False)
    plain = {plain_words(name) for name in institution.plain_names()}
    for name in institution.plain_names():
        if not _is_enclosing(plain_words(name), plain, institution):
            yield name, anywhere
    for name in institution.nearby:
        yield name, anywhere._replace(is_nearby=True)
    after = frozenset(bare(word) for name in institution.after for word in plain_words(name))
    for name in institution.short if after else ():
        yield name, anywhere._replace(after=after)


def _is_enclosing(words: Words, plain: set[Words], institution: Institution) -> bool:
    """Say whether a name is another with what the guidelines leave outside of a name.

    That is a common word before it, the country after it, what it belongs to.
    """
    is_of_country = institution.country and country_of(bare(words[-1])) == institution.country
    after = {plain_words(word)[0] for word in institution.after}
    short = {plain_words(name) for name in institution.short}
    return (
        (words[0] in after and words[1:] in plain | short)
        or (words[0] in COMMON_WORDS and words[1:] in plain)
        or (bool(is_of_country) and words[:-1] in plain)
        or any(word in _BELONGING for word in words[1:])
    )


def _add(root: Trie, words: Sequence[str], listed: Listed) -> None:
    node = root
    for word in words:
        following = node.setdefault(word, {})
        if isinstance(following, dict):
            node = following
    node[_END] = listed
