"""How numbers and days are written where a language is spoken, by the setting ``number_format``."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["COUNTRIES", "DATE_ORDERS", "DECIMAL_SIGNS", "format_key", "is_number_format"]

# Languages of `number_format` by their decimal sign; the other sign groups thousands. Source: Unicode CLDR
# (common/main/*.xml, symbols/decimal and group). Languages that group in other ways are left out.
DECIMAL_SIGNS: Mapping[str, str] = {
    **dict.fromkeys(("id", "de", "es", "it", "nl", "pt", "tr", "vi", "da", "el"), ","),
    **dict.fromkeys(("en", "ms", "th", "zh", "ja", "ko", "fil"), "."),
}
# The order of day and month; plain `en` and languages that begin with the year leave it open.
DATE_ORDERS: Mapping[str, str] = {
    **dict.fromkeys(("id", "de", "es", "it", "nl", "pt", "tr", "vi", "da", "el", "ms", "th"), "day"),
    **dict.fromkeys(("en-gb", "en-au", "en-nz", "en-in", "en-sg", "en-my", "en-za", "en-ie"), "day"),
    **dict.fromkeys(("en-us", "en-ph"), "month"),
}
# Countries that write as their language says; in others (de-CH, es-MX) the signs are changed about.
COUNTRIES = frozenset(
    (
        *("id-id", "de-de", "es-es", "it-it", "nl-nl", "nl-be", "pt-pt", "pt-br", "tr-tr", "vi-vn"),
        *("da-dk", "el-gr", "ms-my", "th-th", "zh-cn", "zh-tw", "ja-jp", "ko-kr", "fil-ph"),
        *(name for name in DATE_ORDERS if name.startswith("en-")),
    )
)


def format_key(number_format: str) -> str:
    """A language and country as the tables of this module have them: ``id_ID`` is ``id-id``."""
    return number_format.strip().lower().replace("_", "-")


def is_number_format(number_format: str) -> bool:
    """Whether it is known how numbers are written there.

    Examples
    --------
    >>> [is_number_format(one) for one in ("id", "id_ID", "en-GB", "de-CH", "indonesia", "id-")]
    [True, True, True, False, False, False]
    """
    key = format_key(number_format)
    return key in DECIMAL_SIGNS or key in COUNTRIES
