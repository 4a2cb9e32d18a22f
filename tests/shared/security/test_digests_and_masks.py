"""Digests that cannot be confused, masks that do not reveal."""

import hashlib

import pytest

from shared.security import is_subject, mask_account, mask_citizen_id, mask_name, mask_phone, new_salt, subject_digest

ID_NUMBER = "410402199001011234"


def test_the_digest_is_the_documented_one() -> None:
    salt, name = bytes(range(16)), "张三".encode()
    spelt = b"\0\0\0\x10" + salt + b"\0\0\0\x06" + name + b"\0\0\0\x12" + ID_NUMBER.encode()
    assert subject_digest(salt, "张三", ID_NUMBER) == hashlib.sha256(spelt).hexdigest()


def test_the_parts_cannot_be_moved_across_their_borders() -> None:
    salt = new_salt()
    assert subject_digest(salt, "张三4", ID_NUMBER[1:]) != subject_digest(salt, "张三", ID_NUMBER)
    assert subject_digest(salt, "", "张三" + ID_NUMBER) != subject_digest(salt, "张三", ID_NUMBER)


def test_the_salt_has_128_bits_and_counts() -> None:
    assert len(new_salt()) == 16
    assert new_salt() != new_salt()
    assert subject_digest(new_salt(), "张三", ID_NUMBER) != subject_digest(new_salt(), "张三", ID_NUMBER)
    for wrong in (b"", b"x" * 15, b"x" * 17):
        with pytest.raises(ValueError, match="salt"):
            subject_digest(wrong, "张三", ID_NUMBER)


def test_a_holder_is_recognised() -> None:
    salt = new_salt()
    digest = subject_digest(salt, "张三", ID_NUMBER)
    assert is_subject(digest, salt, "张三", ID_NUMBER)
    assert not is_subject(digest, salt, "李四", ID_NUMBER)
    assert not is_subject(digest, new_salt(), "张三", ID_NUMBER)


@pytest.mark.parametrize(
    ("shown", "masked"),
    [
        (mask_name("张三丰"), "张**"),
        (mask_name("张三"), "张*"),
        (mask_name("张"), "*"),
        (mask_name(""), "*"),
        (mask_name("买买提·吐尔逊"), "买******"),
        (mask_citizen_id(ID_NUMBER), "410***********1234"),
        (mask_citizen_id("1234567"), "*******"),
        (mask_phone("13812345678"), "138****5678"),
        (mask_phone("0375123"), "*****23"),
        (mask_phone("110"), "***"),
        (mask_account("6222021234567890123"), "***************0123"),
        (mask_account("12345"), "*****"),
    ],
)
def test_masks(shown: str, masked: str) -> None:
    assert shown == masked
