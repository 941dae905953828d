"""Find institutions by the word that their name begins with, such as a ministry or a party.

ANERcorp leaves most ministries, courts and authorities unmarked; readers of news want them.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from training.tokenizer import fold


class Span(NamedTuple):
    """Words [first, last) that name an institution."""

    first: int
    last: int


def _words(text: str) -> frozenset[str]:
    return frozenset(map(fold, text.split()))


# What follows these names the institution: definite words, or an idafa that ends in one.
_HEADS = _words(
    "وزارة حزب هيئة محكمة منظمة جامعة جمعية مؤسسة نقابة مفوضية أكاديمية مديرية بلدية "
    "أمانة رابطة اتحاد معهد مصرف بنك غرفة مستشفى كلية ديوان"
)
_COUNCILS = _words(
    "النواب الشيوخ الشورى الأمة الأمن القضاء الدولة القيادة العموم اللوردات الخدمة حقوق الإفتاء"
)
# An adjective makes a name of these: the General Authority, the Central Bank.
_DEFINITE = _words(
    "الهيئة المحكمة المنظمة الجامعة الجمعية المؤسسة النقابة المفوضية المديرية الرابطة "
    "الاتحاد المعهد البنك المصرف الشركة الوكالة المركز النيابة الحرس الدرك الحماية الديوان "
    "الصندوق المجلس الدفاع الغرفة"
)
_NAMED_BY = _words(
    "العام العامة الوطني الوطنية المركزي المركزية الأعلى العليا الدولي الدولية القومي القومية "
    "الجنائية الدستورية الاتحادية الأوروبي الأوروبية الأفريقي العالمي العالمية الملكي الملكية "
    "المدني المدنية الثوري الإسلامي الإسلامية الشعبي التنفيذي المستقلة السلطاني الأميري العربي"
)
_HEAD_ONLY_OF = {fold("الدفاع"): _words("المدني"), fold("المجلس"): _NAMED_BY - _words("العام")}
_NEVER_NEXT = _words(
    "التي الذي الذين اللذين اليوم أمس الآن الأحد الاثنين الإثنين الثلاثاء الأربعاء الخميس الجمعة "
    "السبت الماضي الماضية المقبل المقبلة القادم القادمة الحالي الحالية الجاري الجارية السابق "
    "السابقة الجديد الجديدة نفسها نفسه ذاتها المعنية المعني المذكورة المختصة المتحدثة المتحدث "
    "السيد السيدة الدكتور الدكتورة الأستاذ الشيخ الأمير الملك الرئيس الوزير الواقعة الحاكم الحاكمة"
)
_PEOPLES = _words(
    "السعودي المصري التونسي الجزائري المغربي الليبي السوداني السوري اللبناني الأردني الفلسطيني "
    "العراقي الكويتي البحريني القطري الإماراتي العماني اليمني الموريتاني الصومالي الإسرائيلي "
    "التركي الإيراني الأمريكي الأميركي البريطاني الفرنسي الألماني الإيطالي الإسباني الروسي "
    "الصيني الياباني الهندي الباكستاني الأفغاني الأوكراني البولندي اليوناني السويدي النرويجي "
    "الهولندي البلجيكي السويسري النمساوي الكندي الأسترالي البرازيلي الأرجنتيني المكسيكي الكوري "
    "الإندونيسي الماليزي النيجيري الإثيوبي الكيني التشادي المالي السنغالي الأميركى الأمريكى"
)
_IDAFA = _words("شؤون شئون حقوق إدارة دعم رعاية تنمية مكافحة حماية جنايات استئناف أمن")
_LONGEST = 8  # words
_ARTICLES = ("ال", "لل", "وال")


def find_institutions(words: Sequence[str]) -> Iterator[Span]:
    """Yield the institutions that `words` name in full, in order and apart."""
    folded = [fold(word) for word in words]
    at = 0
    while at < len(folded):
        last = _find_end(folded, at)
        if last is None:
            at += 1
        else:
            yield Span(at, last)
            at = last


def _find_end(folded: Sequence[str], at: int) -> int | None:
    """Return where the institution that begins at a word ends; None if none does."""
    head = _strip_proclitic(folded[at])
    following = folded[at + 1] if at + 1 < len(folded) else ""
    if head in _HEADS or (head == fold("مجلس") and following in _COUNCILS):
        first = at + 1
        if following in _IDAFA:
            first += 1
        end = _skip_definite(folded, first, at)
        return end if end > first else None
    if head in _DEFINITE and following in _HEAD_ONLY_OF.get(head, _NAMED_BY):
        return _skip_definite(folded, at + 1, at)
    return None


def _skip_definite(folded: Sequence[str], at: int, start: int) -> int:
    """Return the end of the definite words from `at` on, before what tells whose it is."""
    while at < len(folded) and at - start < _LONGEST and _is_definite(folded[at]):
        at += 1
    return at


def _is_definite(word: str) -> bool:
    if word in _NEVER_NEXT or _masculine(word) in _PEOPLES or not word.isalpha():
        return False
    if word.startswith("وال") and word[1:] in _DEFINITE:  # another institution begins
        return False
    return word.startswith(_ARTICLES) and len(word) > 4


def _masculine(word: str) -> str:
    return word[:-1] if word.endswith("ية") else word


def _strip_proclitic(word: str) -> str:
    """Return a head without the proclitics before it."""
    for prefix, article in (("ولل", "ال"), ("لل", "ال"), ("وبال", "ال"), ("وال", "ال"),
                            ("بال", "ال"), ("فال", "ال")):  # fmt: skip
        if word.startswith(prefix) and article + word[len(prefix) :] in _DEFINITE:
            return article + word[len(prefix) :]
    for prefix in ("ول", "وب", "و", "ف", "ل", "ب"):
        rest = word[len(prefix) :]
        if word.startswith(prefix) and (rest in _HEADS or rest == fold("مجلس")):
            return rest
    return word
