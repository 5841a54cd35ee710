"""The one kind of failure that is the caller's to mend."""


class InputError(Exception):
    """Something the caller can put right; the text says what."""
