"""The forms in which a place may stand in the gazetteer, from the name as printed."""

import re
from collections.abc import Iterator

from transforms.clitics import CONJUNCTIONS, PREPOSITIONS
from transforms.fold import fold_key

_EDGES = re.compile(r"\A[^\w]+|[^\w]+\Z")
_SPACES = re.compile(r"[\s_]+")

# Nouns before a name that say what kind of place it is; the place is then the name itself.
# Not those of land and water (جبل, نهر, بحر): Mount Lebanon and the river Jordan are not
# Lebanon and Jordan.
HEADS = frozenset(fold_key(
    "مدينة مدينتي محافظة محافظتي مخيم مخيمي العاصمة عاصمة ولاية ولايتي بلدة بلدتي بلدات قرية "
    "قريتي قرى قضاء ناحية حي أحياء حيي ضاحية ضواحي إقليم منطقة منطقتي مناطق مقاطعة مقاطعتي مطار "
    "ميناء مرفأ معبر مديرية مديريتي مركز دائرة لواء جهة عمالة بلدية معتمدية دوار إمارة دولة دولتي "
    "جمهورية جمهوريتي مملكة سلطنة جزيرة كانتون مستوطنة قاعدة جمهوريات أوبلاست كومونة عزلة مدن "
    "موقع محطة حاضرة قلعة أرياف ريف محيط تخوم جوار أطراف مشارف ساحل سواحل حدود أراضي شواطئ شاطئ "
    "وسط قلب شرق غرب شمال جنوب شرقي غربي شمالي جنوبي أقصى كامل عموم سائر "
    "داخل خارج"
).split())

# Words after a name that do not change which place it is.
_TAILS = frozenset(fold_key(
    "العاصمة المحتلة المحتل المحتلتين المحاصرة المحاصر المحررة المحرر الشقيقة الشقيق الصديقة "
    "الصديق الكبرى القديمة القديم الشرقية الشرقي الغربية الغربي الشمالية الشمالي الجنوبية الجنوبي "
    "الوسطى للاجئين الدولي الساحلية الساحلي الحدودية الحدودي الاتحادية المركزية التاريخية "
    "التاريخي السابقة السابق المنكوبة الصامدة الجريحة العزة المنورة المكرمة المقدسة الحالية "
    "الجديدة الجديد"
).split())

_ARTICLE = "ال"
_KEY_MIN = 2


def name_key(surface: str) -> str:
    """Return the matching key of a name as printed, without what is around its words."""
    return _EDGES.sub("", _SPACES.sub(" ", fold_key(surface)))


def clitic_forms(key: str) -> Iterator[str]:
    """Yield what `key` may be behind one or two clitics: و or ف, then ب, ك or ل.

    "لل" may be ل and the article, which loses its alef, so that is tried before a lone ل.
    """
    after = (key[1:],) if key[:1] in CONJUNCTIONS else ()
    yield from after
    for form in (key, *after):
        if form.startswith("لل"):
            yield _ARTICLE + form[2:]
        if form[:1] in PREPOSITIONS:
            yield form[1:]


def place_forms(key: str) -> Iterator[tuple[str, str]]:
    """Yield the forms of a key to look up, best first, each with the name of its rule."""
    yield key, "exact"
    bare = [form for form in clitic_forms(key) if len(form) >= _KEY_MIN]
    yield from ((form, "clitic") for form in bare)
    bare.insert(0, key)
    yield from ((rest, "head_noun") for form in bare for rest in without_heads(form))
    shorter = [rest for form in bare for rest in _without_tails(form)]
    yield from ((form, "modifier") for form in shorter)
    yield from ((rest, "head_noun") for form in shorter for rest in without_heads(form))
    for form in (*bare, *shorter):
        yield from ((other_article(rest), "article") for rest in (form, *without_heads(form)))


def other_article(key: str) -> str:
    """Return the key without its article, or with one if it has none."""
    return key[2:] if key.startswith(_ARTICLE) else _ARTICLE + key


def without_heads(key: str) -> Iterator[str]:
    """Yield what is left of a key that begins with nouns for kinds of places."""
    head, _, rest = key.partition(" ")
    while rest and head in HEADS:
        yield rest
        head, _, rest = rest.partition(" ")


def _without_tails(key: str) -> Iterator[str]:
    """Yield what is left of a key that ends in words for the state of places."""
    rest, _, tail = key.rpartition(" ")
    while rest and tail in _TAILS:
        yield rest
        rest, _, tail = rest.rpartition(" ")
