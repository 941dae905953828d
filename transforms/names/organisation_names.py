"""Tell whether two names of organisations are one organisation's."""

from transforms.names.country_words import country_of
from transforms.names.institution_list import load_institutions
from transforms.names.known_names import find_known
from transforms.names.name_words import bare, joined_words, name_words, plain_words
from transforms.names.person_names import is_subsequence
from transforms.names.spellings import same_word

Words = tuple[str, ...]


def _words(text: str) -> frozenset[str]:
    return frozenset(bare(word) for word in plain_words(text))


HEADS = _words(
    "منظمة جامعة وزارة حزب حركة مجلس محكمة هيئة وكالة شركة بنك مصرف اتحاد جيش حكومة برلمان لجنة "
    "جمعية مؤسسة مجموعة تحالف ائتلاف جبهة كتائب سرايا لواء قوات نادي فريق قناة صحيفة صندوق "
    "برنامج مكتب مفوضية رابطة نقابة تنظيم جماعة تيار مركز معهد مستشفى شرطة نيابة ديوان بعثة "
    "سفارة قنصلية جهاز إدارة مديرية رئاسة سلطة كتلة حلف منتدى غرفة بورصة دائرة كلية مدرسة دار "
    "تلفزيون إذاعة شبكة جريدة مجلة موقع فيلق وحدات ميليشيا مجمع مصلحة "
    "أمانة مختبر متحف مهرجان منتخب حرس أكاديمية مجموعات تجمع مؤتمر هلال صليب فصائل قيادة "
    "محافظة بلدية تكتل"
)
"""Words that a name of an organisation begins with."""

_PORTFOLIOS = _words("خارجية دفاع داخلية عدل مالية")  # of ministries whose head goes unsaid

# Heads that are left out where the rest is a name: "نادي الزمالك", "شركة أرامكو".
_DROPPED_BEFORE_ANY = _words(
    "حركة حزب جماعة شركة نادي فريق قناة صحيفة جريدة مجلة وكالة موقع شبكة إذاعة تلفزيون منظمة "
    "تنظيم مجموعة مؤسسة جمعية هيئة تيار ميليشيا ائتلاف تحالف"
)
# Heads that are left out where two words or more remain: "الخارجية الأميركية", "العدل الدولية".
_DROPPED_BEFORE_TWO = _words("وزارة محكمة بنك مصرف")
_RANKS = (("فريق", "اول"), ("فريق", "ركن"))  # of generals, not teams
_NOT_A_NAME = _words("الله متحدة عالمية دولية عربية إسلامية وطنية عامة حكومية")
# What may be left out of a name where another of its words says which one is meant.
_QUALIFIERS = _words(
    "عام عامة وطني وطنية أعلى عليا مستقل مستقلة مركزي مركزية دولي دولية عالمي عالمية اتحادي "
    "اتحادية ملكي ملكية رسمي رسمية إسلامي إسلامية عربي عربية عرب قابضة محدودة مساهمة"
)
_LINKS = _words("في تابع تابعة خاص خاصة معني معنية مكلف مكلفة")  # they begin a complement
_ALIKE_ONLY_BY_COUNTRY = _words("جيش مجلس بنك مصرف حزب جبهة منتخب مؤتمر")


def same_organisation(one: str, other: str) -> bool:
    """Say whether two names may be one organisation's.

    Two known institutions are one if they have one key. Else the names must begin with one
    head, or one of them leave out a head that is no part of a name, and differ in nothing but
    words that say no more of which organisation is meant.
    """
    known = find_known(one), find_known(other)
    if known[0] and known[1]:
        return known[0].key == known[1].key
    if is_anaphor(one) or is_anaphor(other):
        return _one_head(one, other)
    first, second = name_words(one), name_words(other)
    if "".join(first) == "".join(second):
        return True
    if known[0] or known[1]:
        listed = known[0] or known[1]
        shorter, longer = (second, first) if known[0] else (first, second)
        if listed and load_institutions().beginnings.get(shorter) == listed.key:
            return True
        return len(shorter) < len(longer) and _is_abridged(shorter, longer)
    return any(
        _is_abridged(*sorted(pair, key=len)) for pair in (
            (first, second), (_without_head(first), second), (first, _without_head(second)),
        ) if pair[0] and pair[1]
    )


def is_anaphor(name: str) -> bool:
    """Say whether a name is only a head with its article: "المنظمة"."""
    words = joined_words(name)
    return len(words) == 1 and words[0].startswith(("ال", "لل")) and bare(words[0]) in HEADS


def has_head(name: str) -> bool:
    """Say whether a name begins as names of organisations do, or is a known one's."""
    words = name_words(name)
    is_rank = words[:2] in _RANKS
    begins_so = bool(words) and words[0] in HEADS | _PORTFOLIOS and not is_rank
    return begins_so or find_known(name) is not None


def _one_head(one: str, other: str) -> bool:
    """Say whether a head with its article may stand for the other name."""
    first, second = name_words(one), name_words(other)
    return bool(first and second) and same_word(first[0], second[0])


def _without_head(words: Words) -> Words:
    """Return a name without the head that may be left out; nothing if none may."""
    rest = words[1:]
    if not rest or rest[0] in _NOT_A_NAME:
        return ()
    if words[0] in _DROPPED_BEFORE_ANY:
        return rest
    return rest if words[0] in _DROPPED_BEFORE_TWO and len(rest) > 1 else ()


def _is_abridged(shorter: Words, longer: Words) -> bool:
    """Say whether `shorter` leaves out of `longer` only what tells no organisations apart."""
    if not same_word(shorter[0], longer[0]) or not is_subsequence(shorter, longer):
        return False
    more = _words_more(shorter, longer)
    if not more:
        return True
    if more[0] in _LINKS:
        return len(shorter) > 1
    if all(country_of(word) for word in more):
        return len(shorter) > 1 or shorter[0] not in HEADS
    is_told_apart = len(shorter) < 3 and country_of(shorter[-1]) is not None
    return (
        len(shorter) > 1
        and not is_told_apart
        and shorter[0] not in _ALIKE_ONLY_BY_COUNTRY
        and all(word in _QUALIFIERS or country_of(word) for word in more)
    )


def _words_more(shorter: Words, longer: Words) -> Words:
    """Return the words of `longer` that `shorter` has not, in order."""
    waiting = list(shorter)
    more = []
    for word in longer:
        if waiting and same_word(waiting[0], word):
            waiting.pop(0)
        else:
            more.append(word)
    return tuple(more)
