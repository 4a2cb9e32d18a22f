"""Names: shown as registered, equal in every spelling, refused where nobody could read them."""

from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.errors import Invalid
from shared.kernel.text import NameInvalid, NamePrivateUse, canonical_name, half_width, shown_name

UYGHUR = "阿依古丽·买买提"

NAMES = st.text(
    st.one_of(
        st.characters(codec="utf-8"),
        st.sampled_from("张三丰 　·•.\u200b\ufeff\u2067\ufe0f\U000e0101ＡａßİΣ\u0301´ﬁ…㍿\u3164\ue863\U00020087"),
    ),
    max_size=12,
)


def test_half_width() -> None:
    assert half_width(" ＰＤＳ　２６ -x\t") == "PDS26-x"


@pytest.mark.parametrize(
    "spelling",
    [
        "张三",
        " 张 三　",
        "张\n三",
        "\ufeff张三",
        "张\u200b三\u200d",
        "\u202e张三\u202c",
        "\u2067张三\u2069",
        "张\u00ad三",
        "张\ufe00三\U000e0100",
        "张\u3164三",
    ],
)
def test_what_nobody_sees_makes_no_other_name(spelling: str) -> None:
    assert canonical_name(spelling) == "张三"
    assert shown_name(spelling) == "张三"


@pytest.mark.parametrize("dot", "·.．。｡﹒․•‧∙⋅・･᛫ㆍ·ᐧ●⦁⸱⸳ꞏ𐄁")
def test_every_dot_is_the_middle_dot_of_names(dot: str) -> None:
    assert canonical_name(UYGHUR.replace("·", dot)) == UYGHUR
    assert canonical_name(UYGHUR.replace("·", f" {dot} ")) == UYGHUR
    assert shown_name(UYGHUR.replace("·", dot)) == UYGHUR.replace("·", dot)


@pytest.mark.parametrize(
    ("spelling", "other"),
    [
        pytest.param("ＡＢＣ培训", "abc 培训", id="full width and case"),
        pytest.param("平顶山市(城区)一校", "平顶山市（城区）一校", id="brackets"),
        pytest.param("John  SMITH", "john smith", id="spaces between Latin words"),
        pytest.param("Strauß", "STRAUSS", id="letters whose upper case is two"),
        pytest.param("José", "Jose\u0301", id="an accent of its own"),
        pytest.param("金\u2f83", "金自", id="a radical for the character"),
        pytest.param("\uf9e1", "李", id="a compatibility ideograph"),
        pytest.param("刘\ue863", "刘䶮", id="a name character of GBK"),
        pytest.param("\ue81e", "龴", id="moved by GB 18030-2022"),
        pytest.param("\ue816", "\U00020087", id="outside the first plane"),
        pytest.param("张\ue5e5三", "张三", id="the ideographic space of GBK"),
    ],
)
def test_names_equal_up_to_spelling(spelling: str, other: str) -> None:
    assert canonical_name(spelling) == canonical_name(other)


@pytest.mark.parametrize(
    ("name", "other"),
    [("张三", "张三丰"), ("平顶山市一校", "平顶山市二校"), ("John Smith", "Johns Mith"), (UYGHUR, "阿依古丽买买提")],
)
def test_names_that_differ(name: str, other: str) -> None:
    assert canonical_name(name) != canonical_name(other)


@pytest.mark.parametrize("text", ["", " 　", "\u200b\ufeff", "·", "• .", "…", "\ue5e5", "张\x00三", "张\x7f"])
def test_what_is_no_name(text: str) -> None:
    with pytest.raises(NameInvalid):
        canonical_name(text)


@pytest.mark.parametrize(("text", "position"), [("\ue000", 1), ("张\ue865", 2), ("张三\U000f0000", 3)])
def test_a_character_of_one_computer_only_is_refused_by_its_place(text: str, position: int) -> None:
    for function in (canonical_name, shown_name):
        with pytest.raises(NamePrivateUse) as caught:
            function(text)
        assert caught.value.facts == {"position": position}
        assert f"第 {position} 个字符" in caught.value.message("zh")


GB18030_2022 = {
    0xE78D: 0xFE10, 0xE78E: 0xFE12, 0xE78F: 0xFE11, 0xE790: 0xFE13, 0xE791: 0xFE14, 0xE792: 0xFE15, 0xE793: 0xFE16,
    0xE794: 0xFE17, 0xE795: 0xFE18, 0xE796: 0xFE19, 0xE81E: 0x9FB4, 0xE826: 0x9FB5, 0xE82B: 0x9FB6, 0xE82C: 0x9FB7,
    0xE832: 0x9FB8, 0xE843: 0x9FB9, 0xE854: 0x9FBA, 0xE864: 0x9FBB,
}  # fmt: skip
"""The eighteen that its 2022 edition changed."""
STILL_PRIVATE_IN_2005 = {
    0xE816: 0x20087, 0xE817: 0x20089, 0xE818: 0x200CC, 0xE831: 0x215D7, 0xE83B: 0x2298F, 0xE855: 0x241FE,
}  # fmt: skip
ROW_FE = [bytes((0xFE, trail)) for trail in range(0x50, 0xA1) if trail != 0x7F]
"""The eighty places of GBK whose characters Unicode had not: U+E815 to U+E864 then, in this order."""


def test_the_private_use_of_gbk_is_what_the_standard_says() -> None:
    later = GB18030_2022 | STILL_PRIVATE_IN_2005
    for code, character in enumerate((place.decode("gb18030") for place in ROW_FE), 0xE815):
        assert shown_name(chr(code)) == chr(later.get(code, ord(character)))
    for code, assigned in later.items():
        assert shown_name(chr(code)) == chr(assigned)
    assert shown_name("\ue7c7\ue7c8") == "\u1e3f\u01f9"


@given(NAMES)
def test_a_canonical_name_is_its_own_and_that_of_the_shown_one(text: str) -> None:
    try:
        name = canonical_name(text)
    except Invalid:
        return
    assert canonical_name(name) == name
    assert canonical_name(shown_name(text)) == name
    assert shown_name(shown_name(text)) == shown_name(text)
    assert not {category(character) for character in name} & {"Cf", "Co", "Cc", "Zl", "Zp"}
