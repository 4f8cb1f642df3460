"""Static files under hashed names, so that a phone loads each of them once."""

from importlib.util import find_spec
from pathlib import Path

from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFiles(CompressedManifestStaticFilesStorage):
    """WhiteNoise's storage; unlike Django's it keeps the hashes with DEBUG on.

    The demo runs with DEBUG on, and its first visit should weigh what a real one weighs.
    """

    def url(self, name, force=True):
        """The hashed URL of a static file."""
        return super().url(name, force)


class LeafletFiles(BaseFinder):
    """Leaflet itself out of django-leaflet, and nothing else of that package.

    As an app it would load GDAL through its admin module, which no bare machine has, and two
    megabytes of drawing tools with it.
    """

    NAMES = (
        "leaflet/leaflet.js",
        "leaflet/leaflet.js.map",
        "leaflet/leaflet.css",
        "leaflet/images/layers.png",
        "leaflet/images/layers-2x.png",
        "leaflet/images/marker-icon.png",
    )

    def __init__(self, app_names=None, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # Looked up, not imported: importing the package reads settings and loads its widgets.
        folder = Path(find_spec("leaflet").origin).parent / "static"
        self.storage = FileSystemStorage(location=folder)

    def find(self, path, find_all=False, **kwargs):
        """The file's place, or nothing."""
        if path not in self.NAMES:
            return []
        found = self.storage.path(path)
        return [found] if find_all else found

    def list(self, ignore_patterns):
        """All of them, for collectstatic."""
        return [(name, self.storage) for name in self.NAMES]
