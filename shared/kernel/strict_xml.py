"""XML read strictly: UTF-8, no document type, hence no entities, nothing fetched; one text has one meaning."""

import re
from xml.etree.ElementTree import Element, ParseError, fromstring

from shared.kernel.strict_json import NotStrict

_DECLARES = re.compile(r"<!(?!--|\[CDATA\[)")
"""What begins a document type, an entity, a notation: all that an XML text can be made to grow or to fetch by."""


def parse_xml(data: bytes) -> Element:
    """The root of an XML text; `NotStrict` for anything else, and for one that declares anything."""
    try:
        text = data.decode("utf-8").removeprefix("\ufeff")
        if _DECLARES.search(text):
            raise NotStrict("it declares something")
        return fromstring(text)  # noqa: S314  # without a document type there is no entity to expand or to fetch
    except (UnicodeDecodeError, ParseError):
        raise NotStrict("not an XML text") from None
