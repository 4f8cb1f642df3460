"""What every check of an uploaded file shares: one error, made to be shown to the person."""

from typing import Any

MEGABYTE = 1024 * 1024


class InvalidUploadError(ValueError):
    """A file we cannot take. `message` is for the person: what is wrong and what to do now."""

    def __init__(self, message: Any) -> None:
        self.message = str(message)
        super().__init__(self.message)


class NotNowError(InvalidUploadError):
    """It says nothing of the file: later, or by somebody else, it may well be taken."""
