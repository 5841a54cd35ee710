"""The kinds of failure."""


class InputError(Exception):
    """Something the caller can put right; the text says what."""


class PdfError(Exception):
    """The bytes at hand are not what PDF prescribes there."""
