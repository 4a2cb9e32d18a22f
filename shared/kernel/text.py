"""Spelling of numbers that people type: full-width forms and spaces."""

_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


def half_width(text: str) -> str:
    """`text` with full-width ASCII forms (`１`, `Ｘ`) made half-width and all white space removed."""
    return "".join(text.translate(_HALF_WIDTH).split())
