"""Errors that workflows raise and views show."""


class NotAllowedNowError(Exception):
    """A move that the present state, or somebody who was faster, does not allow.

    `message` is the Chinese sentence for the person who tried.
    """

    def __init__(self, message):
        super().__init__(message)
        self.message = str(message)


class ErasuresUnwritableError(NotAllowedNowError):
    """The list of what was erased cannot be written, so nothing is erased."""
