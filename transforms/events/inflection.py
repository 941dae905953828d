"""Write out the forms of Arabic verbs and nouns, folded, from the stems that a lexicon lists."""

from collections.abc import Iterator, Sequence

from transforms.fold import fold_key

_OBJECTS = ("ه", "ها", "هم", "هما")
_BEFORE = ("", "و", "ف", "ب", "ل", "ك", "ال", "وال", "بال", "لل", "ولل", "وب", "ول", "فال", "وبال")
_MORE_THAN_A_LETTER = 2
_WEAK = "اىيو"  # as last letters; a hamza there is none of them: بدأ بدأت
_NONE = "-"  # a stem that is another word too often


def verb_forms(
    stems: Sequence[str], *, first_person: bool = False
) -> Iterator[tuple[str, str, bool]]:
    """Yield each form of a verb, its tense and whether a pronoun is attached.

    Args:
        stems: The perfect as in "he did"; the imperfect without its prefix; then single forms
            marked "p=" (perfect) or "i=" (imperfect) that the rules would miss.
        first_person: Whether "we do" is among them; many such forms are other words.
    """
    perfect, imperfect, *others = stems
    prefixes = "يتن" if first_person else "يت"
    if perfect != _NONE:
        for form, is_suffixed in _perfect(perfect):
            yield form, "perfect", is_suffixed
    if imperfect != _NONE:
        for form, is_suffixed in _imperfect(imperfect, prefixes):
            yield form, "imperfect", is_suffixed
    for other in others:
        tense = "perfect" if other.startswith("p=") else "imperfect"
        yield fold_key(other[2:]).partition("_")[0], tense, False


def _perfect(printed: str) -> Iterator[tuple[str, bool]]:
    """Yield the third persons of the perfect, with and without an object."""
    stem = fold_key(printed)
    if printed[-1] in _WEAK and len(stem) > _MORE_THAN_A_LETTER:  # دعا دعت دعوا, التقى التقاه
        base = stem[:-1]
        yield from ((form, False) for form in (stem, base + "ت", base + "وا", base + "تا"))
        yield from ((base + middle + end, True) for middle in "ات" for end in _OBJECTS)
        return
    yield from ((stem + end, False) for end in ("", "ت", "وا", "ا", "تا"))
    yield from ((stem + middle + end, True) for middle in ("", "ت", "و") for end in _OBJECTS)


def _imperfect(printed: str, prefixes: str) -> Iterator[tuple[str, bool]]:
    """Yield the persons of the imperfect that the prefixes make, with and without an object."""
    stem = fold_key(printed)
    base = stem[:-1] if printed[-1] in _WEAK else stem
    for prefix in prefixes:
        yield prefix + stem, False
        yield from ((prefix + base + end, False) for end in ("ون", "وا"))
        yield prefix + stem + "ان", False
        yield from ((prefix + stem + end, True) for end in _OBJECTS)


def noun_forms(stems: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """Yield the forms of a noun and whether a possessive pronoun is attached."""
    for stem in map(fold_key, stems):
        if stem.endswith("ه"):  # from ة: زيارة زيارته زيارتين
            linked = stem[:-1] + "ت"
            endings: Sequence[str] = ("ين", "ان", "ي")
        else:
            linked = stem
            endings = ("ا", "ين", "ان")
        yield stem, False
        yield from ((linked + end, False) for end in endings)
        yield from ((linked + end, True) for end in _OBJECTS)
        if stem.endswith("اء"):  # اعتداء اعتدائه
            yield from ((stem[:-1] + "ئ" + end, True) for end in _OBJECTS)


def with_affixes(word: str) -> frozenset[str]:
    """Return the spellings in which a word counts as itself: conjunctions, prepositions, article.
    """
    return frozenset(
        before + word + after for before in _BEFORE for after in ("", "ا")
    ) | ({"لل" + word[2:], "ولل" + word[2:]} if word.startswith("ال") else frozenset())
