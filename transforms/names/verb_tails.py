"""Cut a verb off a person's name that the model has drawn too far: "محمود عباس سيزور"."""

import re
from collections.abc import Sequence

from schemas.records import Mention, Story
from transforms.fold import fold, fold_key
from transforms.mentions import make_mentions
from transforms.tagger import Name

_WORD = re.compile(r"[^\W\d_]+")
_VERBS = frozenset(fold_key(
    "يبحث يبحثان يلتقي يلتقيان يزور يصل يغادر يؤكد يؤكدان يحذر يحذران يعلن يعلنان يدعو يدعوان "
    "يطالب يطالبان يدين يدينان يندد يشيد يشيدان يرحب يستقبل يتلقى يشن يهدد يتهم ينفي يرفض يكشف "
    "يقول يوجه يوقع يوقعان يترأس يفتتح يتوجه يعود يتعهد يتوعد يبدأ يجري يجريان يعقد يناقش "
    "يناقشان يستعرض يقيل يعين يأمر يقرر يشارك يحضر يعتزم يسعى يطلب يطلق يجدد يواصل ينتقد "
    "تلتقي تزور تبحث تؤكد تعلن تدعو تصل تستقبل تقول تحذر تطالب تدين ترفض تتهم "
    "هدد أعلن أكد التقى استدعى استقبل غادر دعا حذر نفى اتهم تلقى انتقد أشاد توجه وصل"
).split())
"""Verbs that wires put behind a name; none of them is a name itself."""
_TO_COME = frozenset(fold_key(
    "يشمل يزيد يدلي يلتزم يصنع يكون يتم يتولى يخوض يلعب يواجه يغيب يرحل ينتقل يقدم يتخذ يستمر "
    "يظل يبقى يحصل يتمكن يعمل يفعل يقود يمثل يخضع يترشح يتنحى يستقيل يسافر يلقي يجتمع يبدي يضطر "
    "يحاول يسمح يمنع يضع يرد يرسل يخرج يدخل يأتي يشهد يتحدث يخسر يفوز يسجل يحاكم يمثلان "
    "تشارك تتولى تواجه تقدم تكون تعود تستمر"
).split())
"""Verbs that are sure only behind the particle of the future: يزيد is a name."""


def cut_verbs(story: Story, mentions: Sequence[Mention]) -> list[Mention]:
    """Return the mentions, those of people without a finite verb and what follows it."""
    return [_cut(story, one) if one.label == "PER" else one for one in mentions]


def _cut(story: Story, mention: Mention) -> Mention:
    folded = fold(mention.surface)
    words = [*_WORD.finditer(folded.key)]
    at = next((at for at, word in enumerate(words) if at and _is_verb(word[0])), None)
    if at is None:
        return mention
    end = mention.start + folded.span(words[at - 1].start(), words[at - 1].end())[1]
    name = Name(mention.start, end, mention.sentence, mention.label, mention.score)
    shorter = make_mentions(story, mention.field, [name], model_id=mention.model_id)
    return shorter[0] if shorter else mention


def _is_verb(word: str) -> bool:
    """Say whether a word is one of the verbs, perhaps with the particle of the future.

    Not any word that looks like it: سيموايس and ستيفن are names.
    """
    return word in _VERBS or (word[:1] == "س" and word[1:] in _VERBS | _TO_COME)
