"""Tell alerts, corrections, withdrawals, advisories, digests and captions from stories.

By the formulas that agencies put at the head of an item; anything else is a story. A story
about a withdrawal, a memorandum or a forecast stays a story.
"""

import re

from transforms.fold import fold_key

ALERT_CHARS_MAX = 280
CAPTION_CHARS_MAX = 80
_HEAD_CHARS = 300

# A formula is a label: it is all there is, or a sign or a line end follows it.
_LABEL_END = r"\s*(?:$|[:|/–—)\]-])"
# All patterns read text folded by `fold_key`, in lower case.
_OPEN = r"^[^\w]*"
_NEWS = r"(?:ال)?(?:خبر|اخبار|برقيه|نبا|انباء)"
_WITHDRAWAL = re.compile(
    rf"{_OPEN}(?:(?:سحب|الغاء|اهمال|شطب) (?:ال)?(?:خبر|برقيه|نبا|ماده|تقرير){_LABEL_END}"
    rf"|(?:سحب|الغاء|ملغي|ملغاه|لاغ){_LABEL_END}"
    rf"|(?:(?:mandatory )?kill|withdrawn|withdrawal|annulation|a annuler|à annuler|iptal|i̇ptal)"
    rf"{_LABEL_END})",
    re.MULTILINE,
)
_WITHDRAWAL_REQUEST = re.compile(
    r"(?:تتمني|نتمني|نرجو|ترجو|يرجي|الرجاء|تطلب|نطلب|تود|تعلن|تعتذر|نعتذر|الغت|سحبت)(?!\w)"
    r"[^.\n]{0,160}?(?:(?:ال)?(?:سحب|الغاء|اهمال|شطب)|عدم (?:نشر|بث|استخدام))"
    r" (?:هذا |هذه )?(?:ال)(?:خبر|برقيه|نبا)(?!\w)"
)
_CORRECTION = re.compile(
    rf"{_OPEN}(?:اعاده )?(?:مع |ب)?(?:تصحيح|تصويب|استدراك|تعديل|مصحح|تنويه وتصحيح)"
    rf"(?: (?:خبر|هام|ثان|في الخبر))?{_LABEL_END}"
    rf"|{_OPEN}(?:corrected|correction|corr|rectificatif|correctif|düzeltme){_LABEL_END}",
    re.MULTILINE,
)
_ADVISORY = re.compile(
    rf"{_OPEN}(?:(?:مذكره|ملاحظه|تنويه|تنبيه|اشعار|رساله) (?:ال[يى] |لل)(?:ساده )?"
    r"(?:ال)?(?:محررين|مشتركين|عملاء|زبائن)"
    rf"|(?:مذكره|توقعات|مفكره|المفكره|اجنده|الاجنده|تنويه){_LABEL_END}"
    r"|(?:ال)?(?:اجنده|مفكره) (?:ال)?(?:يوميه|اسبوعيه|اخباريه|اليوم|الاسبوع|الاحداث|يوم)(?!\w)"
    r"|توقعات (?:ال)?(?:اخبار|اخباريه|التغطيه)(?!\w)"
    r"|(?:ابرز |اهم )?(?:ال)?احداث (?:ال)?(?:متوقعه|مرتقبه|منتظره)(?!\w)"
    rf"|(?:advisory|diary|daybook|editors' note|note to editors|prévisions|agenda){_LABEL_END}"
    r"|(?:note aux (?:rédactions|abonnés)|gündem\s*$))",
    re.MULTILINE,
)
_DIGEST = re.compile(
    rf"{_OPEN}(?:(?:ال)?(?:موجز|نشره|ملخص|حصاد|عناوين) (?:ل?ل)?(?:ابرز |اهم )?"
    rf"(?:{_NEWS}|(?:ال)?(?:اخباريه?|صباحيه?|مسائيه?|انباء))(?!\w)"
    rf"|(?:ابرز|اهم) (?:عناوين )?(?:ال)?(?:اخبار|انباء|عناوين)(?!\w)"
    rf"|(?:الموجز|موجز){_LABEL_END}"
    r"|(?:news (?:digest|summary|roundup)|top stories|haber özeti|günün özeti"
    r"|résumé de l'actualité))",
    re.MULTILINE,
)
_ALERT = re.compile(
    rf"{_OPEN}(?:(?:خبر )?(?:عاجل|مستعجل(?: جدا)?|فلاش)(?: جدا)?(?!\w)"
    r"|تنبيه\s*[:|/–—-]|(?:flash|urgent|alert|breaking(?: news)?|alerte|son dakika|acil)(?!\w))"
)
_CAPTION = re.compile(rf"{_OPEN}(?:(?:بال)?(?:صور|صوره|فيديو)|شاهد|photo|video|foto)(?!\w)")


def classify(title: str, text: str, *, has_media: bool) -> tuple[str, str]:
    """Return the item type and the status of an item with this title and text."""
    body = text[:_HEAD_CHARS]
    heads = (fold_key(title[:_HEAD_CHARS]).lower(), fold_key(body).lower())
    if _is_labelled(_WITHDRAWAL, heads) or any(map(_WITHDRAWAL_REQUEST.search, heads)):
        return "withdrawal", "withdrawn"
    if _is_labelled(_CORRECTION, heads):
        return "correction", "corrected"
    if _is_labelled(_ADVISORY, heads):
        return "advisory", "usable"
    if _is_labelled(_DIGEST, heads):
        return "digest", "usable"
    return _by_length(heads, text, has_media=has_media), "usable"


def _is_labelled(label: re.Pattern[str], heads: tuple[str, str]) -> bool:
    """Return whether the title or the first line of the text carries the label."""
    title, body = heads
    return bool(label.match(title) or label.match(body.partition("\n")[0]))


def _by_length(heads: tuple[str, str], text: str, *, has_media: bool) -> str:
    """Return the type of an item without a formula: only a short one is less than a story."""
    is_alert = any(map(_ALERT.match, heads))
    if is_alert and len(text) <= ALERT_CHARS_MAX:
        return "alert"
    is_caption = any(map(_CAPTION.match, heads)) and len(text) <= ALERT_CHARS_MAX
    if has_media and (is_caption or len(text) <= CAPTION_CHARS_MAX):
        return "media"
    return "story"
