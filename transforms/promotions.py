"""Recognise adverts of a channel, notices and pointers to other stories, by their opening words.

Every pattern reads text folded by `fold_key`.
"""

import re

PROMOTION_CHARS_MAX = 420
_POINTER_CHARS_MAX = 24

_NETWORKS = r"تلي?[غجق]رام|واتس ?ا?ب|telegram|whatsapp|(?:t|wa)\.me|https?:|www\."
_CHANNEL = re.compile(
    rf"{_NETWORKS}|فيس ?بوك|تويتر|يوتيوب|انست[غجق]رام|تيك ?توك|قنات|صفحت|مجموعت|موقع|تطبيق|نشرت"
    r"|حساب|رابط|(?<!\w)هنا(?!\w)|@",
    re.IGNORECASE,
)
_OWN_CHANNEL = re.compile(
    rf"{_NETWORKS}|(?:قنا|صفح|مجموع|نشر|خدم)تنا|(?:حساب|موقع|تطبيق)نا|اضغطو?ا? |انقر|(?<!\w)@",
    re.IGNORECASE,
)
# Said to "you" or in the plural imperative: no news sentence opens so, any channel will do.
_CALL = re.compile(
    r"[^\w@#]*(?:تابعونا|تابعنا|تابعوا|ليصلكم?|لتصلكم?|انضموا|اشتركوا|حملوا|اضغط|اضغطوا|انقر"
    r"|انقروا|يمكنكم?|بامكانكم?|زوروا|شاركونا|قناتنا|صفحتنا|المزيد من الاخبار|لا تنسوا)(?!\w)"
)
# Also a past tense ("اشترك") or a purpose ("لمتابعة"): the channel must be ours or a network.
_INDIRECT_CALL = re.compile(
    r"[^\w@#]*(?:اشترك|انضم|تابع|سجل|حمل|لمتابع\w{1,3}|للمتابعه|للاشتراك|للانضمام|للتواصل|لتحميل"
    r"|لاستقبال|لتلقي|للمزيد|لمزيد|لقراءه|لمشاهده)(?!\w)"
)
_READ_MORE = re.compile(
    r"[^\w@#]*(?:(?:اقرا|اقراوا|اقرءوا|شاهد|شاهدوا|طالع|طالعوا)(?: ?/ ?ي)? (?:ايضا|المزيد|كذلك)"
    r"|(?:اقرا|شاهد|للمزيد|قد يهمك|نرشح لك)(?= ?:)|قد يهمك ايضا"
    r"|(?:مواضيع|موضوعات|اخبار|مقالات) (?:ذات صله|مشابهه|متعلقه))(?!\w)"
)
_NOTICE = re.compile(
    r"[^\w@#]*(?:الاخبار المنشوره علي الصفحه الرسميه لوكاله الاناضول"
    r"|(?:جميع |كافه )?(?:الحقوق|حقوق النشر) محفوظه|جميع المقالات المنشوره تمثل راي)"
)
_HANDLE = r"(?:[#@]|https?://|www\.|t\.me/)\S{1,200}"
_HANDLES = re.compile(
    rf"(?:[^\w\s#@]{{1,8}}\s{{1,3}}){{0,4}}{_HANDLE}(?:\s{{1,3}}(?:{_HANDLE}|[^\w\s#@]{{1,8}})){{0,40}}"
)


def is_promotion(chunk: str) -> bool:
    """Return whether a folded line or sentence advertises rather than tells."""
    if len(chunk) > PROMOTION_CHARS_MAX:
        return False
    if _READ_MORE.match(chunk) or _NOTICE.match(chunk) or _HANDLES.fullmatch(chunk):
        return True
    if _CALL.match(chunk):
        return _CHANNEL.search(chunk) is not None
    return _INDIRECT_CALL.match(chunk) is not None and _OWN_CHANNEL.search(chunk) is not None


def is_pointer(line: str) -> bool:
    """Return whether a folded line says no more than that other stories follow."""
    return len(line) <= _POINTER_CHARS_MAX and _READ_MORE.match(line) is not None
