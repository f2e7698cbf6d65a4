"""What can be wrong with XML from elsewhere, in words."""

from __future__ import annotations

from xml.etree.ElementTree import ParseError

XML_ERRORS = (ParseError, ValueError, LookupError)
"""What reading XML raises: broken text, unsafe text (defusedxml), an encoding that is unknown or of several bytes."""


def xml_trouble(error: Exception) -> str:
    """What is wrong, and what to do about it."""
    from defusedxml import DefusedXmlException

    if isinstance(error, DefusedXmlException):
        return (
            "unsafe XML refused: document types, entities and outside references are not allowed "
            f"({type(error).__name__})"
        )
    if isinstance(error, ParseError) and "encoding" not in str(error):
        return f"not well-formed XML: {error}"
    return f"its encoding cannot be read ({error}): save it as UTF-8"
