"""What is seen, what is compared, and what is stored of what people paste."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yuanhang.core.phones import find_numbers, landline, mobile_digits
from yuanhang.core.text import clean, code_of, folded, is_visible, only_digits, trimmed

FAMILY = "👨‍👩‍👧"  # held together by joiners
ENGLAND = "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"


@pytest.mark.parametrize(
    "broken", ["\r\n", "\r", "\v", "\f", "\x85", "\u2028", "\u2029", "\x1c", "\n"]
)
def test_whatever_breaks_a_line_becomes_one_line_break(broken):
    assert clean(f"井盖{broken}翘了") == "井盖\n翘了"


@pytest.mark.parametrize(
    "char",
    ["\0", "\x08", "\x1b", "\x7f", "\x9f", "\u200b", "\u200e", "\u202a", "\u202e", "\u2066"]
    + ["\u2069", "\u2060", "\u00ad", "\ufeff", "\ufffe", "\uffff", "\ufdd0", "\U0001ffff"]
    + ["\ud800", "\U000e0041", "\ufff9"],
)
def test_what_nobody_sees_is_dropped(char):
    assert clean(f"井{char}盖") == "井盖"
    assert not is_visible(char * 3)


@pytest.mark.parametrize(
    "text",
    ["骑手甲·𠮷", FAMILY, ENGLAND, "می‌خواهم", "ئايگۈل", "a\tb\nc", "①❤️", "\ue000", "\U0001faea"],
)
def test_what_is_read_stays_as_it_is(text):
    assert clean(text) == text
    assert is_visible(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t",
        "\u3000",
        "\u200b\u200b\ufeff",
        "\u3164",
        "\u115f\uffa0",
        "\u2800",
        "\u0301",
        "\ufe0f",
    ],
)
def test_a_text_without_anything_to_see_is_none(text):
    assert not is_visible(text)


@given(st.text())
def test_clean_text_is_clean_for_good(text):
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    assert not {unicodedata.category(char) for char in cleaned if char not in "\n\t"} & {"Cc", "Cs"}
    cleaned.encode()


@given(st.text())
def test_what_is_compared_is_the_same_before_and_after_cleaning(text):
    assert folded(clean(text)) == folded(text)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("ＹＨ１２", "yh12"),
        ("a\u2212b–c—d", "a-b-c-d"),
        ("井\u200b盖", "井盖"),
        ("\ufeffA\u00a0b", "a b"),
    ],
)
def test_texts_that_look_alike_are_compared_as_one(text, plain):
    assert folded(text) == plain


def test_punctuation_around_a_word_is_not_the_word():
    assert [trimmed(word) for word in ("（井盖）", "#3-1。", "“灯”", "。")] == [
        "井盖",
        "3-1",
        "灯",
        "",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "12345608",
        "1234 5608",
        "1234-5608。",
        "查询码：1234 5608",
        "１２３４\u200b５６０８",
        "l234 56O8",
    ]
    + ["\u202a1234\u22125608\u202c", "1234.5608"],
)
def test_a_code_of_digits_is_read_however_it_was_copied(text):
    assert only_digits(text) == "12345608"


def test_a_code_of_letters_loses_its_label_and_its_marks():
    assert code_of("校验码：abcd\u200bEFGH。") == "ABCDEFGH"
    assert code_of("АВCD") == "ABCD"  # the first two are Russian


MOBILE = "10000010001"


@pytest.mark.parametrize(
    "text",
    [
        "\u202a100 0001 0001\u202c",
        "\u2068+86 100 0001 0001\u2069",
        "1000001\u200b0001",
        "100–0001–0001",
    ]
    + [
        "100.0001.0001",
        "tel:+86-100-0001-0001",
        "10000010001。",
        "10000010001.0",
        "（100）00010001",
    ]
    + [
        "1000001\u22120001",
        "0086 10000010001",
        "手机：10000010001",
        "'10000010001",
        "１００·０００１·０００１",
    ],
)
def test_a_phone_is_the_same_from_contacts_spreadsheets_and_chats(text):
    assert mobile_digits(text) == MOBILE
    assert [one.number for one in find_numbers(f"找 {text} 吧")] in ([MOBILE], [])


@pytest.mark.parametrize(
    "text", ["1.00E+10", "100****0001", "1000001000", "100000100011", "幺", "", None]
)
def test_what_leaves_a_doubt_is_no_phone(text):
    assert mobile_digits(text) is None


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("10000010001", [MOBILE]),
        ("一〇〇零零零一零零零幺", [MOBILE]),
        ("1️⃣0️⃣0️⃣0️⃣0️⃣0️⃣1️⃣0️⃣0️⃣0️⃣1️⃣", [MOBILE]),
        ("①⓪⓪⓪⓪⓪①⓪⓪⓪①", [MOBILE]),
        ("+86(100)0001.0001", [MOBILE]),
        ("10000010001 10000010002", [MOBILE, "10000010002"]),
        ("2026-11-26 19:52 10000010001", [MOBILE]),
        ("0459-6123456转23", ["0459-6123456-23"]),
        ("（0459）6123456", ["0459-6123456"]),
        ("+86 459 6123456", ["0459-6123456"]),
        ("010-12345678", ["010-12345678"]),
        ("400-810-1234", ["4008101234"]),
        ("座机612 3456", ["6123456"]),
        ("物业6123456", ["6123456"]),
        ("杆号6123456", []),
        ("YH20261123-0007", []),
        ("230605199001011234", []),
        ("3.5 米，21 号楼 2-1-301", []),
    ],
)
def test_numbers_are_found_in_any_notation(text, numbers):
    assert [one.number for one in find_numbers(f"井盖 {text} 翘了")] == numbers


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0459 6123456", "0459-6123456"),
        ("(0459)6123456。", "0459-6123456"),
        (MOBILE, None),
        ("0459", None),
    ],
)
def test_a_landline_is_read_with_its_area(text, number):
    assert landline(text) == number


@given(st.text(alphabet="0123456789 +-.()转 一零\u200b\ufe0f", max_size=40))
def test_finding_numbers_ends_and_stays_within_the_text(text):
    for one in find_numbers(text):
        assert 0 <= one.start < one.end <= len(text)
