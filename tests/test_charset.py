import codecs
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.charset import decode, scrub
from transforms.letter_pairs import pair_cost
from transforms.mojibake import repair_mojibake

STORY = "قال الرئيس، في «القاهرة»: هل تنتهي الحرب؟ وكالة الأنباء société générale"
HEADLINE = "مجلس الأمن يبحث وقف إطلاق النار"

CLEAN = {
    "arabic": STORY,
    "vocalised": "قُتِلَ ثَلاثَةُ مَدَنِيِّينَ في غارَةٍ عَلى خانِ يُونِس",
    "tatweel": "عـــاجـــل :: انفجـــار ضخـم",
    "ornate": "٭ﷺ﴿وَقُل رَّبِّ زِدْنِي عِلْمًا﴾ ـ ۩ مَوسوعة ٱلقُرآن ۞",
    "tah and zah before marks": "فقط، ظ… ط؛ وسط؟ حفظ» لفظ— شرط… ضغط“ خط‌‌ط غلط، ربط: ع© غ®",
    "quoted letters": "حرف «ط» ثم «ظ»، ط§ مادة",
    "french": "Élysée : ÇA VA ? L'ÉTÉ À L'ÎLE, où Noël fut fêté. « ÉCŒURÉ » œuvre, ÀÉÈ",
    "german": "Größe über Straße: ÄÖÜ äöüß, ÜBERMÄSSIG „ÖLPREIS“",
    "spanish": "¿Qué pasó? ¡El Niño llegó más allá de España! ÁÉÍÓÚ Ñ, año, están",
    "portuguese": "A situação não está fácil, São João, ÇÃO, irmã, MAÇÃ",
    "turkish": "ÇÖZÜM: Cumhurbaşkanı Erdoğan İstanbul'da ŞÜKRÜ IĞDIR, ÖÇÜ, çığ, ığdır",
    "icelandic": "ÞÁ ER ÞAÐ ÆÐI, Ísland þá á Íslandi æ",
    "danish": "Ø ÆØÅ Århus på ø, ÅRØ Æ Ø Å",
    "polish": "ŻÓŁĆ zażółć gęślą jaźń Łódź",
    "persian": "رئیس‌جمهوری ایران گفت: «مذاکرات ادامه می‌یابد»؟ گپ چژ",
    "urdu": "وزیرِ اعظم نے کہا ہے کہ ملک میں انتخابات وقت پر ہوں گے، ٹیکس",
    "kurdish": "سەرۆکی هەرێمی کوردستان ڕایگەیاند",
    "uyghur": "شىنجاڭ ئۇيغۇر ئاپتونوم رايونى",
    "emoji": "عاجل 🚨🔴 غزة 🇵🇸👨‍👩‍👧 ⚡️",
    "mixed": "شركة Apple™ تطلق iPhone® 15 بسعر 799€ (£650) – آيفون",
    "chinese": "国家主席访问开罗",
    "russian": "ПРЕЗИДЕНТ РОССИИ приехал",
    "russian misread": "ПРЕЗИДЕНТ РОССИИ ВЛАДИМИР".encode("cp1251").decode("cp1252"),
    "greek misread": "ΠΡΟΕΔΡΟΣ ΤΗΣ ΕΛΛΑΔΑΣ".encode("cp1253").decode("cp1252"),
    "hebrew misread": "ראש הממשלה נאם בכנסת".encode("cp1255").decode("latin-1"),
    "accents alone": "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖ×ØÙÚÛÜÝÞß ÉÉÉÉ ÇÇÇÇ ÄÖÜÄÖÜ ÁÁÁÁÁ áááá",
    "one letter over and over": "ط§ áááá",
    "one word over and over": "ط§ " + "ÖÇÜ, " * 20 + "ÐÎÑÑÈÈ",
    "tah before marks, closed up": "ط؛ط؛ط؛ط§",
    "french about mojibake": "Le mot ÃÎÈÇÑ ÇáÈáÇÏ apparaît à l'écran : "
    "l'été où l'élève étonné a été désigné préféré",
    "letters": "ا ب ت ط ظ",
    "numbers": "٢٠٢٤/١١/١٠ - ۱۴۰۳",
    "empty": "",
}


@pytest.mark.parametrize("name", CLEAN)
def test_repair_leaves_clean_text_alone(name: str) -> None:
    assert repair_mojibake(CLEAN[name]) == (CLEAN[name], "")


LETTERS = "".join(
    chr(code) for code in range(0x20, 0x700)
    if unicodedata.category(chr(code))[0] in "LMNPSZ"
)


REAL_WORDS = [
    word
    for name, text in list(CLEAN.items())[:16]
    for word in text.split()
]


@given(st.lists(st.sampled_from(REAL_WORDS)))
def test_repair_leaves_any_mix_of_clean_words_alone(words: list[str]) -> None:
    text = " ".join(words)
    assert repair_mojibake(text) == (text, "")


@given(st.text(alphabet=LETTERS, max_size=3))
def test_repair_leaves_short_strings_alone(text: str) -> None:
    assert repair_mojibake(text) == (text, "")


@given(st.text(alphabet="ابتثجحخدذرزسشصضطظعغفقكلمنهوي ،٠١٢", max_size=200))
def test_repair_leaves_any_string_of_arabic_letters_alone(text: str) -> None:
    assert repair_mojibake(text) == (text, "")


def as_cp1252(raw: bytes) -> str:
    return "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in raw)


DAMAGE = {
    "cp1256-as-latin1": lambda text: text.encode("cp1256").decode("latin-1"),
    "cp1256-as-latin1 (cp1252)": lambda text: as_cp1252(text.encode("cp1256")),
    "utf-8-as-cp1256": lambda text: text.encode().decode("cp1256"),
    "utf-8-as-latin1": lambda text: text.encode().decode("latin-1"),
    "utf-8-as-latin1 (cp1252)": lambda text: as_cp1252(text.encode()),
    "utf-8-as-latin1 (feh lost)": lambda text: text.encode().decode("cp1252", "replace"),
    "utf-8-as-latin1+utf-8-as-latin1":
        lambda text: as_cp1252(as_cp1252(text.encode()).encode()),
    "utf-8-as-cp1256+utf-8-as-cp1256":
        lambda text: text.encode().decode("cp1256").encode().decode("cp1256"),
    "cp1256-as-latin1+utf-8-as-latin1":
        lambda text: as_cp1252(as_cp1252(text.encode("cp1256")).encode()),
    "utf-8-as-latin1+utf-8-as-cp1256":
        lambda text: text.encode().decode("latin-1").encode().decode("cp1256"),
}


@pytest.mark.parametrize("name", DAMAGE)
@pytest.mark.parametrize("text", [HEADLINE, STORY, "فيضانات في درنة", f"«{HEADLINE}» – CNN،"])
def test_repair_restores_damaged_arabic(name: str, text: str) -> None:
    assert repair_mojibake(DAMAGE[name](text)) == (text, f"mojibake:{name.partition(' ')[0]}")


def test_repair_restores_damage_seen_on_live_sites() -> None:
    assert repair_mojibake("ÃÎÈÇÑ ÇáÈáÇÏ") == ("أخبار البلاد", "mojibake:cp1256-as-latin1")
    assert repair_mojibake("ظˆظƒط§ظ„ط© ط§ظ„ط£ظ†ط¨ط§ط،")[0] == "وكالة الأنباء"


def test_repair_mends_only_the_damaged_part() -> None:
    damaged = DAMAGE["utf-8-as-cp1256"](HEADLINE)
    assert repair_mojibake(f"عاجل: {damaged} 🔴")[0] == f"عاجل: {HEADLINE} 🔴"
    damaged = DAMAGE["cp1256-as-latin1"](HEADLINE)
    assert repair_mojibake(f"<b>{damaged}</b> Élysée")[0] == f"<b>{HEADLINE}</b> Élysée"


def test_repair_restores_a_long_text_of_few_words() -> None:
    damaged = DAMAGE["cp1256-as-latin1"](f"{HEADLINE}\n" * 500)
    assert repair_mojibake(damaged)[0] == f"{HEADLINE}\n" * 500


def test_repair_restores_clitics_before_an_acronym_and_final_marks() -> None:
    text = "وزير سابق لCNN: هل يرد رئيس الCIA؟"
    assert repair_mojibake(DAMAGE["cp1256-as-latin1"](text))[0] == text


def test_repair_reads_persian_and_urdu() -> None:
    for name in ("persian", "urdu"):
        damaged = CLEAN[name].encode().decode("cp1256")
        assert repair_mojibake(damaged) == (CLEAN[name], "mojibake:utf-8-as-cp1256")


@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=60))
def test_repair_never_raises_and_leaves_no_nul_or_surrogate(text: str) -> None:
    for damage in (str, lambda text: text.encode("utf-8", "replace").decode("cp1256")):
        mended, _ = repair_mojibake(damage(text))
        assert "\0" not in mended
        mended.encode()


def test_scrub_joins_surrogate_pairs_and_replaces_lone_ones() -> None:
    assert scrub("خبر\0 \ud83d\ude00 \ud83d \ude00") == "خبر 😀 \ufffd \ufffd"


def test_pair_cost_tells_arabic_from_noise() -> None:
    assert pair_cost(HEADLINE) < 4.5 < 7 < pair_cost("ظضث غخذ ؤءئ ثغظض خذغ")
    assert pair_cost("no Arabic") == float("inf")


XML = "<?xml version='1.0' encoding='{}'?><title>" + HEADLINE + " – فيضانات</title>"


def declared(name: str, codec: str) -> bytes:
    return XML.format(name).replace("–", "-").encode(codec)


@pytest.mark.parametrize(
    ("raw", "header", "encoding", "repairs"),
    [
        (declared("utf-8", "utf-8"), "", "utf-8", ()),
        (declared("windows-1256", "cp1256"), "", "windows-1256", ()),
        (declared("cp-1256", "cp1256"), "", "windows-1256", ()),
        (declared("ISO-8859-6", "iso8859-6"), "", "iso-8859-6", ()),
        # HTTP is stronger than the XML declaration
        (declared("utf-8", "cp1256"), "text/xml; charset=windows-1256", "windows-1256", ()),
        # the bytes are stronger than both
        (declared("utf-8", "utf-8"), "text/xml; charset=windows-1256", "utf-8",
         ("charset:utf-8-not-windows-1256",)),
        (declared("windows-1256", "utf-8"), "", "utf-8", ("charset:utf-8-not-windows-1256",)),
        (declared("utf-8", "cp1256"), "", "windows-1256", ("charset:windows-1256-not-utf-8",)),
        (declared("utf-8", "iso8859-6"), "", "iso-8859-6", ("charset:iso-8859-6-not-utf-8",)),
        (declared("windows-1256", "iso8859-6"), "", "iso-8859-6",
         ("charset:iso-8859-6-not-windows-1256",)),
        (declared("iso-8859-6", "cp1256"), "", "windows-1256",
         ("charset:windows-1256-not-iso-8859-6",)),
        (declared("iso-8859-1", "cp1256"), "text/xml; charset=ISO-8859-1", "windows-1256",
         ("charset:windows-1256-not-windows-1252",)),
        (declared("windows-1256", "cp1256"), "text/xml; charset=utf-8", "windows-1256",
         ("charset:windows-1256-not-utf-8",)),
        # unknown names fall through
        (declared("x-unknown", "cp1256"), "text/xml; charset=none", "windows-1256",
         ("charset:windows-1256-not-utf-8",)),
        (declared("bogus", "utf-8"), 'text/xml; charset="; charset=', "utf-8", ()),
        (declared("utf-7", "utf-8"), "text/xml; charset=rot13", "utf-8", ()),
        (declared("base64", "utf-8"), "charset=unicode_escape", "utf-8", ()),
        # wide encodings
        (declared("utf-16", "utf-16-le"), "", "utf-16-le", ()),
        (declared("utf-16", "utf-16-be"), "charset=utf-16", "utf-16-be", ()),
        (declared("utf-16", "utf-16"), "text/xml; charset=utf-8", "utf-16-le", ()),
        (declared("utf-32", "utf-32-le"), "", "utf-32-le", ()),
        (declared("utf-32", "utf-32-be"), "", "utf-32-be", ()),
        (declared("utf-16", "utf-8"), "", "utf-8", ("charset:utf-8-not-utf-16",)),
        # byte order marks
        (codecs.BOM_UTF8 + declared("windows-1256", "utf-8"), "charset=big5", "utf-8", ()),
        (codecs.BOM_UTF8 + declared("utf-8", "cp1256"), "", "windows-1256",
         ("charset:windows-1256-not-utf-8",)),
    ],
)
def test_decode_finds_the_charset(
    raw: bytes, header: str, encoding: str, repairs: tuple[str, ...]
) -> None:
    decoded = decode(raw, content_type=header)
    assert HEADLINE in decoded.text
    assert decoded.text.startswith("<?xml")
    assert (decoded.encoding, decoded.repairs) == (encoding, repairs)


@pytest.mark.parametrize(
    ("text", "codec", "label"),
    [
        ("日本語のニュース", "shift_jis", "x-sjis"), ("한국어 뉴스", "euc_kr", "EUC-KR"),
        ("联通中文新闻", "gbk", "gb2312"), ("中文新聞", "big5", "Big5"),
        ("Новости России", "koi8-r", "KOI8-R"), ("Новости", "cp1251", "windows-1251"),
        ("日本語", "iso2022_jp", "iso-2022-jp"), ("ข่าว", "tis-620", "windows-874"),
        ("Größe", "latin-1", "iso-8859-1"), ("“quoted” – €5", "cp1252", "iso-8859-1"),
        ("Erdoğan'ın açıklaması", "cp1254", "windows-1254"),
        ("Erdoğan’ın", "cp1254", "iso-8859-9"), (HEADLINE, "mac-arabic", "x-mac-arabic"),
    ],
)
def test_decode_believes_a_claim_that_fits(text: str, codec: str, label: str) -> None:
    decoded = decode(text.encode(codec), content_type=f"text/xml; charset={label}")
    assert (decoded.text, decoded.repairs) == (text, ())


def test_decode_reads_the_declaration_of_an_html_page() -> None:
    page = "<html><head><meta charset=koi8-r><title>Новости</title>".encode("koi8-r")
    assert "Новости" in decode(page).text


@pytest.mark.parametrize("text", ["غزة", HEADLINE, "Société générale à Noël", "Größe über Straße"])
def test_decode_guesses_undeclared_bytes(text: str) -> None:
    codec = "cp1256" if text in ("غزة", HEADLINE) else "cp1252"
    assert decode(text.encode(codec)).text == text


def test_decode_tells_arabic_charsets_apart_where_both_are_plausible() -> None:
    text = "مانشستر.. مانشستر"
    for codec, header in (("cp1256", ""), ("iso8859-6", "charset=windows-1256")):
        assert decode(text.encode(codec), content_type=header).text == text
    title = "انتخابات حرب سوريا".encode("iso8859-6")
    assert decode(title, content_type="charset=windows-1256").encoding == "iso-8859-6"
    assert decode("حرب".encode("cp1256"), content_type="charset=windows-1256").text == "حرب"


def test_decode_obeys_the_override() -> None:
    decoded = decode(HEADLINE.encode("cp1256"), content_type="charset=utf-8", override="cp1256")
    assert decoded == (HEADLINE, "windows-1256", ())
    assert decode("خبر".encode("utf-16"), override="utf-16").text == "خبر"
    assert decode(HEADLINE.encode(), override="no such charset").text == HEADLINE


def test_decode_reads_windows_1256_items_in_a_utf_8_feed() -> None:
    feed = f"<a>{STORY * 5}</a>\n".encode() + b"<b>" + HEADLINE.encode("cp1256") + b"\xff</b>"
    decoded = decode(feed)
    assert HEADLINE in decoded.text
    assert STORY in decoded.text
    assert decoded.repairs[0] == "charset:windows-1256-in-utf-8"


def test_decode_counts_bytes_it_cannot_read() -> None:
    damaged = f"{STORY}|".encode() + b"\xff\xfe" + STORY.encode() + b"\xd9\xc0"
    decoded = decode(damaged)
    assert decoded.text == f"{STORY}|\ufffd\ufffd{STORY}\ufffd\ufffd"
    assert decoded.repairs == ("charset:replaced-4-bytes",)


def test_decode_takes_a_last_character_cut_off_as_utf_8() -> None:
    decoded = decode(STORY.encode() + "ا".encode()[:1], content_type="charset=windows-1256")
    assert decoded.text == f"{STORY}\ufffd"
    assert decoded.encoding == "utf-8"


def test_decode_leaves_mojibake_to_whoever_knows_the_fields() -> None:
    twice = STORY.encode().decode("cp1256")
    assert decode(twice.encode()) == (twice, "utf-8", ())
    assert repair_mojibake(twice)[0] == STORY


def test_repair_leaves_clean_words_beside_damaged_ones_alone() -> None:
    damaged = HEADLINE.encode().decode("cp1256")
    assert repair_mojibake(f"أنقرة، {damaged}")[0] == f"أنقرة، {HEADLINE}"


@given(
    st.binary(max_size=300),
    st.sampled_from(["", "text/xml; charset=utf-16", "charset=hz", "charset=utf-8", "charset=é"]),
)
def test_decode_never_raises_and_leaves_no_nul_or_surrogate(raw: bytes, header: str) -> None:
    for prefix in (b"", codecs.BOM_UTF16_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF8):
        decoded = decode(prefix + raw, content_type=header)
        assert "\0" not in decoded.text
        decoded.text.encode()


@given(st.text(alphabet=st.characters(exclude_categories=("Cs",), exclude_characters="\0\ufeff")))
def test_decode_returns_utf_8_as_it_is(text: str) -> None:
    decoded = decode(text.encode(), content_type="text/xml; charset=utf-8")
    assert decoded.encoding == "utf-8"
    assert decoded.text == text or decoded.repairs


def test_clean_text_costs_little() -> None:
    text = " ".join(CLEAN.values()) * 200
    started = time.perf_counter()
    repair_mojibake(STORY * 2000)
    for hostile in ("˜" * 100_000 + "A", "Ç" * 100_000 + "A", "Ù" * 100_000, "ط§" * 50_000):
        repair_mojibake(hostile)
    decode(text.encode())
    assert time.perf_counter() - started < 5
