"""News agencies and papers as Arabic wires print them: code and spellings."""

import re
from functools import lru_cache

from transforms.fold import fold_key

# Letters of an abbreviation may stand apart or carry dots: "أ ف ب", "أ.ف.ب", "اف ب".
_ABBREVIATED = {
    "AFP": ("أ ف ب",),
    "MENA": ("أ ش أ",),
    "DPA": ("د ب أ",),
    "AP": ("أ ب",),
    "MAP": ("و م ع",),
    "AMI": ("و م أ",),
    "UPI": ("ي ب أ",),
}
_NAMED = {
    "AA": ("الأناضول", "وكالة الأناضول", "AA"),
    "AFP": ("فرانس برس", "وكالة فرانس برس", "AFP"),
    "REUTERS": ("رويترز", "رويتر", "Reuters"),
    "AP": ("أسوشيتد برس", "اسوشييتد برس", "أسوشييتدبرس", "AP"),
    "DPA": ("وكالة الأنباء الألمانية", "dpa"),
    "XINHUA": ("شينخوا",),
    "SPUTNIK": ("سبوتنيك عربي", "سبوتنيك", "Sputnik"),
    "NOVOSTI": ("نوفوستي", "ريا نوفوستي"),
    "TASS": ("تاس", "إيتار تاس"),
    "INTERFAX": ("إنترفاكس",),
    "BLOOMBERG": ("بلومبرغ", "بلومبرج"),
    "EFE": ("إفي",),
    "ANSA": ("أنسا",),
    "AKI": ("آكي",),
    "KYODO": ("كيودو",),
    "YONHAP": ("يونهاب",),
    "IRNA": ("إرنا", "ارنا"),
    "FARS": ("فارس",),
    "TASNIM": ("تسنيم",),
    "MEHR": ("مهر",),
    "ISNA": ("إسنا",),
    "IHA": ("إخلاص",),
    "WAFA": ("وفا", "WAFA"),
    "MAAN": ("معا",),
    "SAFA": ("صفا",),
    "SAMA": ("سما",),
    "SANA": ("سانا", "SANA"),
    "NNA": ("وطنية", "الوطنية للإعلام", "الوكالة الوطنية للإعلام"),
    "MARKAZIA": ("المركزية",),
    "PETRA": ("بترا", "Petra"),
    "INA": ("واع",),
    "NINA": ("نينا", "NINA"),
    "SHAFAQ": ("شفق نيوز",),
    "ALSUMARIA": ("السومرية نيوز",),
    "BAGHDADTODAY": ("بغداد اليوم",),
    "RUDAW": ("رووداو",),
    "SPA": ("واس",),
    "KUNA": ("كونا", "KUNA"),
    "QNA": ("قنا", "QNA"),
    "WAM": ("وام", "WAM"),
    "BNA": ("بنا",),
    "ONA": ("العمانية",),
    "SABA": ("سبأ", "سبأنت"),
    "MENA": ("الشرق الأوسط للأنباء", "وكالة أنباء الشرق الأوسط"),
    "MAP": ("ومع",),
    "LANA": ("وال",),
    "SUNA": ("سونا",),
    "TAP": ("وات",),
    "APS": ("واج", "وأج"),
    "SONNA": ("صونا",),
    "UNA": ("يونا", "إينا"),
    "CNN": ("CNN", "سي إن إن", "CNN بالعربية"),
    "BBC": ("BBC", "بي بي سي"),
    "FRANCE24": ("فرانس 24", "فرانس24"),
    "DW": ("دويتشه فيله", "DW"),
    "EURONEWS": ("يورونيوز",),
    "ALARABIYA": ("العربية.نت", "العربية نت"),
    "ALJAZEERA": ("الجزيرة نت", "الجزيرة.نت"),
    "SKYNEWS": ("سكاي نيوز عربية",),
    "ASHARQALAWSAT": ("الشرق الأوسط",),
    "ALQUDS": ("القدس العربي",),
    "ALHAYAT": ("الحياة",),
    "ALARABY": ("العربي الجديد",),
}
_UNNAMED = ("وكالات", "الوكالات")

_ZONES = {
    "Europe/Istanbul": ("AA", "IHA"),
    "Asia/Riyadh": ("SPA", "UNA", "ALARABIYA", "ASHARQALAWSAT"),
    "Asia/Kuwait": ("KUNA",),
    "Asia/Qatar": ("QNA",),
    "Asia/Dubai": ("WAM", "SKYNEWS", "ONA"),
    "Asia/Bahrain": ("BNA",),
    "Asia/Aden": ("SABA",),
    "Asia/Baghdad": ("INA", "NINA", "SHAFAQ", "ALSUMARIA", "BAGHDADTODAY", "RUDAW"),
    "Asia/Amman": ("PETRA",),
    "Asia/Beirut": ("NNA", "MARKAZIA"),
    "Asia/Damascus": ("SANA",),
    "Asia/Hebron": ("WAFA", "MAAN", "SAFA", "SAMA"),
    "Africa/Cairo": ("MENA",),
    "Africa/Casablanca": ("MAP",),
    "Africa/Nouakchott": ("AMI",),
    "Africa/Algiers": ("APS",),
    "Africa/Tunis": ("TAP",),
    "Africa/Tripoli": ("LANA",),
    "Africa/Khartoum": ("SUNA",),
    "Africa/Mogadishu": ("SONNA",),
    "Asia/Tehran": ("IRNA", "FARS", "TASNIM", "MEHR", "ISNA"),
    "Asia/Shanghai": ("XINHUA",),
    "Europe/Moscow": ("SPUTNIK", "NOVOSTI", "TASS", "INTERFAX"),
    "Europe/London": ("ALQUDS", "ALARABY", "ALHAYAT"),
    "Asia/Tokyo": ("KYODO",),
    "Asia/Seoul": ("YONHAP",),
}

# Names that no other word shares: a sign on their left is enough to know them.
DISTINCTIVE = frozenset((
    "AA", "AFP", "REUTERS", "AP", "XINHUA", "SPUTNIK", "NOVOSTI", "SANA", "KUNA", "NINA", "CNN",
    "SHAFAQ", "ALSUMARIA", "BLOOMBERG", "MENA", "DPA",
))
# Papers whose names are words too: only inside quotation marks or brackets.
QUOTED = frozenset(("ASHARQALAWSAT", "ALQUDS", "ALHAYAT", "ALARABY"))


def _spelled_apart(letters: str) -> str:
    """Return a pattern for an abbreviation with spaces or dots between its letters.

    Not all of them may be missing: "أب" is a father.
    """
    joined = fold_key(letters).replace(" ", "")
    return rf"(?!{joined})" + r"[ .]{0,2}".join(joined) + r"(?: ?\.)?"


@lru_cache(maxsize=1)
def _codes() -> dict[str, str]:
    """Return the code of each spelling, folded; "" for agencies that remain unnamed."""
    named = {fold_key(name): code for code, names in _NAMED.items() for name in names}
    letters = {
        fold_key(name).replace(" ", ""): code
        for code, names in _ABBREVIATED.items() for name in names
    }
    return {fold_key(name): "" for name in _UNNAMED} | named | letters


def _pattern() -> str:
    """Return a pattern for every spelling, longest first, on folded text."""
    names = {fold_key(name) for names in _NAMED.values() for name in names}
    names |= {fold_key(name) for name in _UNNAMED}
    apart = {_spelled_apart(name) for names in _ABBREVIATED.values() for name in names}
    plain = [re.escape(name) for name in sorted(names, key=len, reverse=True)]
    return "|".join((*plain, *sorted(apart, key=len, reverse=True)))


AGENCY = rf"(?<!\w)(?:{_pattern()})(?!\w)"
"""A pattern, without groups, for one agency on text folded by `fold_key`."""


def agency_code(folded: str) -> str:
    """Return the code of an agency as `AGENCY` matched it; "" for "وكالات" and the unknown."""
    codes = _codes()
    return codes.get(folded) or codes.get(folded.replace(" ", "").replace(".", ""), "")


@lru_cache(maxsize=256)
def agency_zone(agency: str) -> str:
    """Return the IANA zone of an agency's Arabic desk, by code or spelling; "UTC" if unknown.

    Agencies with desks in many places (Reuters, AFP, AP) count as unknown.
    """
    code = agency_code(fold_key(agency)) or agency
    return next((zone for zone, codes in _ZONES.items() if code in codes), "UTC")
