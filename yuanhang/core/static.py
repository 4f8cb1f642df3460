"""Static files under hashed names, so that a phone loads each of them once."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFiles(CompressedManifestStaticFilesStorage):
    """WhiteNoise's storage; unlike Django's it keeps the hashes with DEBUG on.

    The demo runs with DEBUG on, and its first visit should weigh what a real one weighs.
    """

    def url(self, name, force=True):
        """The hashed URL of a static file."""
        return super().url(name, force)
