"""Spelling: of numbers that people type, and of names."""

import re
from unicodedata import category, normalize

from shared.kernel.errors import Invalid

_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


def half_width(text: str) -> str:
    """`text` with full-width ASCII forms (`１`, `Ｘ`) made half-width and all white space removed."""
    return "".join(text.translate(_HALF_WIDTH).split())


class NameInvalid(Invalid):
    """Not a name: nothing that can be seen but dots, or control characters."""

    code = "name_invalid"
    zh, en = "姓名(名称)不正确", "The name is not valid."


class NamePrivateUse(Invalid):
    """A character of the name is known to one computer only."""

    code = "name_private_use"
    zh = "姓名(名称)第 {position} 个字符是私有区编码,请改用国家标准 GB 18030-2022 的编码"
    en = "Character {position} of the name is a Private Use code point; please give the one that GB 18030-2022 assigns."


_SINCE_ASSIGNED = {
    first + offset: character
    for first, characters in (
        (0xE5E5, "\u3000"),
        (0xE78D, "︐︒︑︓︔︕︖︗︘︙"),
        (0xE7C7, "ḿǹ"),
        (
            0xE815,
            "⺁𠂇𠂉𠃌⺄㑳㑇⺈⺋龴㖞㘚㘎⺌⺗㥮㤘龵㧏㧟㩳㧐龶龷㭎㱮㳠⺧𡗗龸⺪䁖䅟⺮䌷⺳⺶⺷𢦏䎱䎬⺻䏝䓖䙡䙌龹䜣䜩䝼䞍⻊䥇䥺䥽䦂䦃䦅䦆䦟䦛䦷䦶龺𤇾䲣䲟䲠䲡䱷䲢䴓䴔䴕䴖䴗䴘䴙䶮龻",
        ),
    )
    for offset, character in enumerate(characters)
}
"""What GBK and earlier editions of GB 18030 put into the Private Use Area, and where its 2022 edition has it: `䶮`, a
name character, was U+E863."""

_DOTS = "·.。\u0387\u1427\u16eb\u2022\u2027\u2219\u22c5\u25cf\u2981\u2e31\u2e33\u30fb\u318d\u119e\ua78f\U00010101"
"""The middle dot of names, and what is typed for it; the full-width and small forms become these by NFKC."""
_ONE_DOT = str.maketrans(dict.fromkeys(_DOTS, "·"))

_UNSEEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")
"""What shows nothing although it is no format character: variation selectors, fillers, the grapheme joiner."""

_HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_LOOSE_SPACE = re.compile(f"(?<=[·{_HAN}]) | (?=[·{_HAN}])")


def shown_name(text: str) -> str:
    """The name of a person or an organisation as it was registered, without what nobody sees (R27).

    Private Use code points that have been assigned since become what they were meant to be; `NamePrivateUse` for any
    other. Spaces at the ends and beside Chinese characters and middle dots go; elsewhere one stays.
    """
    mapped = text.translate(_SINCE_ASSIGNED)
    for position, character in enumerate(mapped, 1):
        if category(character) == "Co":
            raise NamePrivateUse(position=position)
    return _tidy(mapped)


def canonical_name(text: str) -> str:
    """The form in which two spellings of one name are equal (R27); it is compared, never shown.

    On top of `shown_name`: NFKC, upper and lower case folded, one middle dot. `NameInvalid` if nothing is left;
    `NamePrivateUse` as above.
    """
    name, before = shown_name(text), None
    while name != before:
        name, before = _tidy(normalize("NFKC", normalize("NFKC", name).casefold()).translate(_ONE_DOT)), name
    if not name.strip(" ·") or any(category(character) in {"Cc", "Cs"} for character in name):
        raise NameInvalid
    return name


def registered_name(text: str) -> str:
    """`shown_name` of what is a name at all; `NameInvalid`, `NamePrivateUse`."""
    canonical_name(text)
    return shown_name(text)


def _tidy(name: str) -> str:
    seen = "".join(character for character in _UNSEEN.sub("", name) if category(character) != "Cf")
    return _LOOSE_SPACE.sub("", " ".join(seen.split()))
