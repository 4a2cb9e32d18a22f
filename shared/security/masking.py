"""How personal data is shown: enough to recognise one's own, too little to learn another's."""

STAR = "*"


def _keep(text: str, first: int, last: int) -> str:
    """`text` with all but its `first` and `last` characters hidden; hidden whole if less than half would be."""
    if len(text) < 2 * (first + last):
        return STAR * len(text)
    return text[:first] + STAR * (len(text) - first - last) + text[len(text) - last :]


def mask_name(name: str) -> str:
    """`张三丰` → `张**`; one character is hidden whole."""
    return STAR if len(name) <= 1 else name[0] + STAR * (len(name) - 1)


def mask_citizen_id(id_number: str) -> str:
    """`410402199001011234` → `410***********1234`."""
    return _keep(id_number, 3, 4)


def mask_phone(phone: str) -> str:
    """`13812345678` → `138****5678`; a shorter number shows less."""
    return phone[:3] + STAR * 4 + phone[-4:] if len(phone) == 11 else _keep(phone, 0, 2)


def mask_account(account_number: str) -> str:
    """`6222021234567890123` → `***************0123`."""
    return _keep(account_number, 0, 4)
