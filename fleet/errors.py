"""The errors a person may read: what was wrong, with which value, what to do."""

from __future__ import annotations

from typing import Self


class Word(str):
    """A value in a sentence that is itself translated, such as the name of a role."""

    __slots__ = ()


class FleetError(Exception):
    """A sentence for a person.

    Parameters
    ----------
    text : English sentence with ``{named}`` places; also the key of its translation
    params : the values for those places
    """

    def __init__(self, text: str, **params: object) -> None:
        super().__init__(text)
        self.text = text
        self.params = params
        self.field = ""
        """Which field of a form it is about, where that is known."""

    def at(self, field: str) -> Self:
        """The same error, about this field."""
        self.field = field
        return self

    def __str__(self) -> str:
        return self.text.format(**self.params) if self.params else self.text


class NotFound(FleetError):
    """The thing named does not exist, or is not the asker's to see."""


class Conflict(FleetError):
    """The thing exists but its state does not allow what was asked."""


class InvalidInput(FleetError):
    """A value given cannot be right."""


class Forbidden(FleetError):
    """The asker is known but may not."""


class Unauthenticated(FleetError):
    """The asker is not known."""


class TooMany(FleetError):
    """The asker asks too often."""


class Unavailable(FleetError):
    """Something we depend on is not there now."""
