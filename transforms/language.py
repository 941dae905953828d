"""Tell the language of a text by its script, its letters and its function words.

Meant for newswire: a few sentences or more in ar, fa, ur, ckb, ku (Kurmanji), tr, en, fr, ru or
he. A text in another language, or with too few letters to tell, is "und": it is never forced
into the nearest one. Dialects of Arabic are "ar". Of a text that mixes languages, the one with
the most words wins.
"""

import re
from collections import defaultdict
from operator import itemgetter

UNDETERMINED = "und"
SAMPLE_CHARS = 600
LETTERS_MIN = 10
"""With fewer letters of its script a text proves nothing."""

_EVIDENCE_MIN = 0.04
"""A language's function words and own letters, per word, below which a text is not in it."""

_SCRIPTS = {
    "arabic": re.compile(
        "[\u0620-\u064a\u066e-\u06d3\u06d5\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc]+"
    ),
    "latin": re.compile("[A-Za-z\u00c0-\u024f]+"),
    "cyrillic": re.compile("[\u0400-\u04ff]+"),
    "hebrew": re.compile("[\u05d0-\u05ea]+"),
}
_WORD = re.compile(r"[^\W\d_]+")


# Words that are frequent in one language and rare or absent in the others of its script.
_WORDS = {
    "arabic": {
        "ar": "في من على إلى الى عن أن ان إن التي الذي الذين هذا هذه ذلك مع بعد قبل قد كان كانت ما"
        " لا لم لن كما حيث بين خلال وقال قال وقالت قالت أو ثم هو هي وفي ومن وأن وأكد أكد أعلن بأن"
        " وزير رئيس الرئيس اليوم أمس",
        "fa": "از به که را این است در با برای آن های می شد کرد شده بود نیز خود تا یک هم گفت ها بر"
        " وی اين براي مي نيز کشور خواهد باید",
        "ur": "کے کی کا میں ہے نے سے کو اور پر ہیں کہ اس کر یہ بھی گیا تھا ہو کہا نہیں ان ایک لیے",
        "ckb": "لە بۆ بە کە ئەو ئەم لەگەڵ کرد دەکات هەیە هەر بوو کوردستان دوای لەسەر ئەوەی",
        "ps": "د په کې چې او له سره ته دي شوي وايي یې کړي څخه",
        "ug": "ۋە بىلەن ئۈچۈن بىر بۇ ئۇ دېدى قىلىش",
        "sd": "جي جو ۾ آهي کي ۽ کان تي",
    },
    "latin": {
        "en": "the of and to in that is was for on with by at from said has have were which it"
        " as are be not his after",
        "fr": "le la les des du et une dans pour que qui sur avec par est au aux ont été plus"
        " cette ce selon sont mais son",
        "tr": "ve bir bu için ile da de olarak daha olan gibi sonra kadar çok ise dedi ilk yeni"
        " tarafından oldu göre ancak",
        "ku": "û li ji bi ku de ya yê di bo ev ew wê dike hat jî bû ser",
        "de": "der die und das den von zu mit ist im auf für nicht ein eine dem sich auch",
        "es": "el los las del y en que por con para una se su al como más fue",
        "it": "il di che per una del della in con non sono gli alla nel è i ha",
    },
    "cyrillic": {
        "ru": "и в на не что с по из к для это как его он от о за был при сообщил также",
        "uk": "і в на що з та до за від не про як це його у під був також",
        "bg": "и на в за от се да с по е че не са до като при след",
    },
}
# Letters that only one language of the script uses.
_LETTERS = {
    "arabic": {
        "ar": "ة", "ur": "ٹڈڑںےہ", "ckb": "ۆێەڕڵ", "ps": "ټډړږښڼځڅې", "ug": "ۇۈۋېڭ",
        "sd": "ٻڀٺٽڃڄڇڏڊڍڙڦڳڱڻ",
    },
    "latin": {"tr": "ığşİĞŞ", "ku": "êîûÊÎÛ", "de": "ßäÄ", "es": "ñÑ"},
    "cyrillic": {"ru": "ыэЫЭ", "uk": "іїєґІЇЄ"},
}
# Letters of the Arabic script that Arabic does not use; without any of them it is Arabic.
_NOT_ARABIC = re.compile("[\u066e-\u06d3\u06d5\u0750-\u077f\ufb50-\ufbff]")
# Languages that are told apart so as not to be taken for another, and not claimed.
_NOT_CLAIMED = frozenset(("ps", "ug", "sd", "de", "es", "it", "uk", "bg"))


def _languages_by_word(script: str) -> dict[str, list[str]]:
    """Return the languages of each function word of the script."""
    languages: dict[str, list[str]] = {}
    for language, words in _WORDS[script].items():
        for word in words.split():
            languages.setdefault(word, []).append(language)
    return languages


_LANGUAGES = {script: _languages_by_word(script) for script in _WORDS}


def detect_language(text: str) -> str:
    """Return the BCP 47 tag of the language of `text`, or "und". Works in constant time."""
    sample = text[:SAMPLE_CHARS]
    counts = {name: sum(map(len, runs.findall(sample))) for name, runs in _SCRIPTS.items()}
    script = max(counts, key=lambda name: counts[name])
    if counts[script] < LETTERS_MIN:
        return UNDETERMINED
    if script == "hebrew":
        return "he"
    language = _by_evidence(sample, script)
    return UNDETERMINED if language in _NOT_CLAIMED else language


def _by_evidence(sample: str, script: str) -> str:
    """Return the language of the script with the most evidence, or "und" where there is none."""
    words = _WORD.findall(sample.lower())
    scores: defaultdict[str, float] = defaultdict(float)
    for language, letters in _LETTERS[script].items():
        scores[language] = sum(map(sample.count, letters)) / 2
    for word in words:
        for language in _LANGUAGES[script].get(word, ()):
            scores[language] += 1
    if script == "arabic":
        scores["ar"] += sum(word.startswith("ال") for word in words) / 2
    best, score = max(scores.items(), key=itemgetter(1))
    if score >= max(1, _EVIDENCE_MIN * len(words)):
        return best
    is_plain_arabic = script == "arabic" and not _NOT_ARABIC.search(sample)
    return "ar" if is_plain_arabic else UNDETERMINED
