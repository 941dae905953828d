import pytest

from transforms.language import detect_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("مقتل ثلاثة فلسطينيين بقصف إسرائيلي", "ar"),
        ("عاجل: زلزال بقوة 6 درجات يضرب غرب تركيا", "ar"),
        ("شو رأيكم باللي صار اليوم", "ar"),
        ("قُتِلَ ثلاثةٌ في الـريـاض", "ar"),
        ("شركة Apple و Microsoft تعلنان عن جهاز جديد في القاهرة", "ar"),
        ("وزیر امور خارجه ایران با همتای ترک خود دیدار کرد", "fa"),
        ("رييس جمهور اين کشور را ترک کرد و به تهران رفت", "fa"),
        ("وزیر اعظم نے کہا ہے کہ پاکستان میں مہنگائی کم ہو گئی ہے", "ur"),
        ("سەرۆکی هەرێمی کوردستان لەگەڵ وەزیری دەرەوەی تورکیا کۆبووەوە", "ckb"),
        ("Serokê Herêma Kurdistanê bi wezîrê Tirkiyê re civiya û li ser rewşê axivî", "ku"),
        ("Dışişleri Bakanı yeni bir açıklama yaptı", "tr"),
        ("The president said on Monday that he would visit Cairo", "en"),
        ("Le président de la République s'est rendu au Caire pour une visite", "fr"),
        ("Министр иностранных дел России заявил, что переговоры идут", "ru"),
        ("ראש הממשלה נפגש עם נשיא מצרים", "he"),
        ("عاجل", "und"),
        ("12:30 😀", "und"),
        ("", "und"),
        ("Der Präsident der Bundesrepublik ist nach Kairo gereist", "und"),
        ("د ولسمشر په وینا چې د افغانستان له خلکو سره به مرسته وکړي", "und"),
        ("Президент України прибув до Каїра з візитом і провів", "und"),
        ("大统领访问开罗并会见埃及总统", "und"),
    ],
)
def test_detect_language(text: str, language: str) -> None:
    assert detect_language(text) == language


def test_long_text_is_judged_by_its_beginning() -> None:
    assert detect_language("قال الوزير ذلك في القاهرة. " * 200_000) == "ar"
