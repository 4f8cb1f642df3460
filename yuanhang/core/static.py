"""Static files under hashed names, so that a phone loads each of them once, and few of them."""

import os
import tempfile
from importlib.util import find_spec
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage
from rcssmin import cssmin
from rjsmin import jsmin
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
        return [(name, self.storage) for name in self.NAMES]


class BundleFinder(BaseFinder):
    """Files that are several files of `static/` in a row, as `settings.STATIC_BUNDLES` lists them.

    On a weak network each request costs a round trip of 400 ms, so what a page always needs
    together travels together, without the comments that are for us. Tests, demo and production
    get the same bundles.
    """

    MINIFIERS = {".css": cssmin, ".js": jsmin}

    def __init__(self, app_names=None, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.source = Path(settings.STATICFILES_DIRS[0])
        self.storage = FileSystemStorage(location=settings.VAR_DIR / "bundles")

    def find(self, path, find_all=False, **kwargs):
        """The bundle's place, or nothing."""
        if path not in settings.STATIC_BUNDLES:
            return []
        found = self.build(path)
        return [found] if find_all else found

    def list(self, ignore_patterns):
        for name in settings.STATIC_BUNDLES:
            self.build(name)
            yield name, self.storage

    def build(self, name):
        """Write a bundle unless it is there with the same bytes; returns its path.

        Another process may build or read it at the same time, hence the change by renaming.
        """
        parts = [(self.source / part).read_text() for part in settings.STATIC_BUNDLES[name]]
        content = self.MINIFIERS[Path(name).suffix]("".join(parts)).encode()
        place = Path(self.storage.path(name))
        if place.exists() and place.read_bytes() == content:
            return str(place)
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=place.parent, delete=False) as file:
            file.write(content)
        os.chmod(file.name, 0o644)
        os.replace(file.name, place)
        return str(place)
