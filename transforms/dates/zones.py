"""Read the zone behind a clock time: "بتوقيت غرينتش", "ت غ", "بتوقيت مكة المكرمة"."""

from collections.abc import Sequence

from transforms.dates.tokens import Token
from transforms.dates.words import word_set
from transforms.fold import fold_key

_ZONES = {
    "Z": "غرينتش جرينتش غرينيتش جرينيتش غرينتس العالمي الموحد",
    "Asia/Riyadh": "مكة السعودية الرياض", "Asia/Baghdad": "بغداد العراق",
    "Asia/Qatar": "الدوحة قطر", "Asia/Kuwait": "الكويت", "Asia/Aden": "صنعاء عدن اليمن",
    "Asia/Bahrain": "المنامة البحرين", "Asia/Dubai": "أبوظبي دبي الإمارات",
    "Asia/Muscat": "مسقط", "Europe/Istanbul": "إسطنبول اسطنبول أنقرة تركيا",
    "Europe/Moscow": "موسكو", "Asia/Tehran": "طهران إيران", "Africa/Cairo": "القاهرة مصر",
    "Asia/Beirut": "بيروت لبنان", "Asia/Damascus": "دمشق سوريا", "Asia/Amman": "عمان الأردن",
    "Asia/Hebron": "القدس فلسطين غزة", "Africa/Khartoum": "الخرطوم السودان",
    "Africa/Tripoli": "طرابلس ليبيا", "Africa/Tunis": "تونس", "Africa/Algiers": "الجزائر",
    "Africa/Casablanca": "الرباط المغرب", "Europe/London": "لندن بريطانيا",
    "Europe/Paris": "باريس فرنسا", "Europe/Kyiv": "كييف أوكرانيا",
    "America/New_York": "نيويورك واشنطن", "Asia/Tokyo": "طوكيو", "Asia/Shanghai": "بكين",
}
_NAMES = {fold_key(name): zone for zone, names in _ZONES.items() for name in names.split()}
_SECOND_WORDS = word_set("المكرمة المحتلة المحلي الصيفي")
_LATIN = frozenset({"GMT", "UTC", "Z", "gmt", "utc"})


def zone(tokens: Sequence[Token], i: int) -> tuple[str, int] | None:
    """Read a zone: "Z", an IANA name, or "" for local time; brackets may hold it."""
    is_bracketed = tokens[i].word == "("
    found = _zone(tokens, i + is_bracketed)
    if found is None:
        return None
    if is_bracketed and tokens[found[1]].word == ")":
        return found[0], found[1] + 1
    return None if is_bracketed else found


def _zone(tokens: Sequence[Token], i: int) -> tuple[str, int] | None:
    word, after, third = (tokens[i + n].word for n in range(3))
    if word == "تغ" or word in _LATIN:
        return "Z", i + 1
    if word == "ت" and after == "غ":
        return "Z", i + 2
    if word == "ت" and after == "." and third == "غ":
        return "Z", i + 3 + (tokens[i + 3].word == ".")
    at = i + (word == "ب") + 1
    if tokens[at - 1].word == "التوقيت" and tokens[at].word == "المحلي":
        return "", at + 1
    if word not in ("بتوقيت", "توقيت") and tokens[at - 1].word != "توقيت":
        return None
    name = _NAMES.get(tokens[at].word)
    if name is None:
        return None
    return name, at + 1 + (tokens[at + 1].word in _SECOND_WORDS)
