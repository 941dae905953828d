"""What a number of outlets tell over some hours, drawn from a seed: who, what, when, how often.

Times are seconds since the first hour began, on the newsroom's own clock, which may run faster
than the machine's (`Clock`).
"""

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

HOUR_S = 3_600.0
DAY_S = 86_400.0
FEEDS = tuple(f"feed-{number}" for number in range(10))
CHANNELS = ("telegram/1001", "telegram/1002")
WIRES = "wires"
STORIES_AN_HOUR = 20
_AGES_S = (1.3 * DAY_S, 3.4 * DAY_S)
"""By how much the date of a few stories lies further back: one within the 72 hours of copies, and
one beyond. Two, so that no set phrase comes on five days: what a run learns as one depends on what
it has seen, and would be one more cause to decide otherwise than a run over all."""

_NOUNS = """
مجلس رئيس دولة حكومة وزير مدينة قرية شارع مدرسة جامعة طالب معلم كتاب مكتبة صحيفة مجلة خبر تقرير
بيان مؤتمر اجتماع لقاء زيارة وفد اتفاق مشروع برنامج خطة ميزانية اقتصاد تجارة سوق سعر نفط غاز
كهرباء ماء نهر بحر ميناء سفينة مطار طائرة قطار سيارة طريق جسر سد مزرعة قمح زيتون تمر موسم مطر
ثلج حرارة طقس أرض جبل صحراء غابة شجرة مستشفى طبيب مريض دواء علاج لقاح صحة مرض وباء فريق لاعب
مباراة ملعب بطولة كأس هدف مدرب جمهور مهرجان فيلم مسرح أغنية شاعر رواية متحف لوحة تراث قانون
محكمة قاض محام حكم قضية تحقيق شرطة أمن جيش حدود معبر هدنة حوار سلام انتخاب مرشح صوت حزب برلمان
نائب دستور لجنة هيئة مؤسسة شركة مصنع عامل نقابة أجر وظيفة بطالة تعليم منهج امتحان شهادة بحث علم
تقنية حاسوب شبكة هاتف قمر محطة طاقة شمس ريح مناخ بيئة تلوث نفايات إعادة تدوير ترميم بناء سكن حي
بلدية خدمة مواطن أسرة طفل شباب امرأة رجل متقاعد مهاجر لاجئ مخيم إغاثة مساعدة تبرع منظمة اتحاد
رابطة مبادرة حملة توعية ورشة معرض إنتاج تصدير استيراد جمرك ضريبة مصرف قرض عملة استثمار سياحة
فندق شاطئ رحلة موقع أثري اكتشاف مخطوط لغة ترجمة نشر إذاعة قناة مراسل صورة
"""
NEWS_WORDS = [
    f"{before}{noun}" for noun in _NOUNS.split() for before in ("", "ال", "وال", "بال", "و")
]
_CITIES = ("بغداد", "دمشق", "القاهرة", "الرباط", "أنقرة", "صنعاء", "الخرطوم", "تونس")
_LEADS = (
    "وصل وزير خارجية {country} إلى {city} في زيارة رسمية تستمر يومين",
    "قتل {count} أشخاص وأصيب آخرون في انفجار هز مدينة {city} يوم الأحد",
    "أعلنت وزارة الصحة في {city} تسجيل {count} إصابات جديدة منذ 3 نوفمبر 2026",
    "وقعت {country} اتفاقا مع جامعة الدول العربية في {city} أمس",
)
_COUNTRIES = ("تركيا", "مصر", "الأردن", "المغرب", "العراق", "قطر")


class Clock(NamedTuple):
    """Tells the machine's time, in Unix seconds, from that of the newsroom."""

    start_s: float
    speed: float  # seconds of the newsroom in one of the machine's

    def wall(self, time_s: float) -> float:
        """Return the machine's time at a moment of the newsroom."""
        return self.start_s + time_s / self.speed

    def newsroom(self, wall_s: float) -> float:
        """Return the newsroom's time at a moment of the machine."""
        return (wall_s - self.start_s) * self.speed


class Version(NamedTuple):
    """A version of an item, as one outlet shows it for a while."""

    source: str
    item_id: str
    title: str
    text: str
    first_s: float  # when the item was first shown, in whatever version
    shown_s: float
    hidden_s: float  # when the next version took its place
    published_s: float
    aged_s: float  # seconds of the machine by which the date printed lies further back
    updated_s: float | None
    is_dated: bool
    forwarded_from: str

    def key(self) -> "Key":
        """Return what names this version in the tables."""
        text = self.text or self.title
        if self.source in CHANNELS:
            chat = self.source.rpartition("/")[2]
            return Key(self.source, f"{chat}/{self.item_id}", "", text)
        if self.source == WIRES:
            return Key(wire_source(self), "", self.title if self.text else "", text)
        return Key(self.source, self.item_id, self.title, text)


class Key(NamedTuple):
    """What names a version wherever it was shown; `item_id` is "" where the text names it."""

    source: str
    item_id: str
    title: str
    text: str


def wire_source(version: Version) -> str:
    """Return the name of the file that a wire comes in: as a source, with its folder."""
    return f"{WIRES}/{version.item_id}.txt"


class Newsroom:
    """All that is told in `hours` hours; the same for the same seed."""

    def __init__(self, seed: int, hours: float) -> None:
        self.end_s = hours * HOUR_S
        self._rng = random.Random(seed)
        told: dict[str, list[Version]] = defaultdict(list)
        for number in range(round(hours * STORIES_AN_HOUR)):
            for version in self._tell(number, self._rng.uniform(0, self.end_s)):
                told[version.source].append(version)
        self._told: Mapping[str, Sequence[Version]] = told

    def versions(self, source: str) -> Sequence[Version]:
        """Return every version that `source` shows."""
        return self._told.get(source, ())

    def shown(self, source: str, time_s: float) -> list[Version]:
        """Return what `source` shows at a moment, the newest item first."""
        time_s = min(time_s, self.end_s)
        shown = [one for one in self.versions(source) if one.shown_s <= time_s < one.hidden_s]
        return sorted(shown, key=lambda one: (-one.first_s, one.item_id))

    def _tell(self, number: int, start_s: float) -> Iterator[Version]:
        """Yield a story in all its versions, from the first outlet and those that copy it."""
        rng = self._rng
        title = " ".join(rng.choices(NEWS_WORDS, k=7))
        text = f"{self._lead()} {' '.join(rng.choices(NEWS_WORDS, k=rng.randint(40, 90)))}"
        aged_s = rng.choice(_AGES_S) if rng.random() < 0.05 else 0.0
        outlets = rng.sample((*FEEDS, *CHANNELS, WIRES), k=min(5, 1 + int(rng.expovariate(0.8))))
        for place, outlet in enumerate(outlets):
            shown_s = start_s + (rng.expovariate(1 / (1.5 * HOUR_S)) if place else 0.0)
            told = rng.choice(_COPIES)(title, text) if place else (title, text)
            yield from self._show(outlet, number, told, shown_s, 0.0 if place else aged_s)

    def _lead(self) -> str:
        rng = self._rng
        return rng.choice(_LEADS).format(
            country=rng.choice(_COUNTRIES), city=rng.choice(_CITIES), count=rng.randint(3, 9)
        )

    def _show(
        self, outlet: str, number: int, told: tuple[str, str], published_s: float, aged_s: float
    ) -> Iterator[Version]:
        """Yield the versions of one item; a few come late, are undated, or say nothing."""
        rng = self._rng
        shown_s = published_s
        if rng.random() < 0.1:
            shown_s += rng.uniform(0.5, 3) * HOUR_S
        title, text = told if rng.random() > 0.02 else ("", "")
        version = Version(
            source=outlet,
            item_id=f"tag:{outlet}.example,2026:{number}" if outlet in FEEDS else str(number),
            title=title, text=text, first_s=shown_s, shown_s=shown_s, hidden_s=float("inf"),
            published_s=published_s, aged_s=aged_s, updated_s=None,
            is_dated=rng.random() > 0.04,
            forwarded_from=rng.choice(("", "وكالة الأنباء")) if outlet in CHANNELS else "",
        )
        while text and rng.random() < 0.2:
            changed = self._change(version)
            yield version._replace(hidden_s=changed.shown_s)
            version = changed
        yield version

    def _change(self, version: Version) -> Version:
        """Return the next version: a longer text, a correction, or the same with a later date."""
        rng = self._rng
        shown_s = version.shown_s + rng.uniform(3, 8) * HOUR_S
        changed = version._replace(shown_s=shown_s, updated_s=shown_s)
        if rng.random() < 0.7:
            changed = changed._replace(published_s=shown_s, aged_s=0.0)
        kind = rng.random()
        if kind < 0.2:
            return changed
        more = " ".join(rng.choices(NEWS_WORDS, k=8))
        if kind < 0.4 and not version.title.startswith("تصحيح"):
            changed = changed._replace(title=f"تصحيح: {version.title}")
        return changed._replace(text=f"{version.text} {more}")


def _credited(title: str, text: str) -> tuple[str, str]:
    return title, f"{text} المصدر وكالات"


def _cut_short(title: str, text: str) -> tuple[str, str]:
    return title, " ".join(text.split()[:30])


def _retitled(title: str, text: str) -> tuple[str, str]:
    return f"خبر {title}", text


def _headline(title: str, text: str) -> tuple[str, str]:
    return f"عاجل {title}", ""


def _edited(title: str, text: str) -> tuple[str, str]:
    return title, " ".join(word for place, word in enumerate(text.split()) if place % 12 != 5)


_COPIES = (lambda title, text: (title, text), _credited, _cut_short, _retitled, _headline,
           _edited)
