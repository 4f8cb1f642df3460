"""The list of static files, looked up once a process and not by each client that a test makes.

Every `Client` builds the middleware anew, and WhiteNoise then walks all folders of static files:
20 ms a test, as long as many a test itself.
"""

from django.conf import settings
from whitenoise.middleware import WhiteNoiseMiddleware

# What decides which files there are and how they are sent, beside WHITENOISE_* and STATIC*.
OTHERS = {"VAR_DIR", "DEBUG", "FORCE_SCRIPT_NAME", "INSTALLED_APPS"}
_listed = {}


def _decided_by():
    names = (name for name in dir(settings) if name.startswith(("STATIC", "WHITENOISE")))
    return tuple((name, repr(getattr(settings, name))) for name in sorted({*names, *OTHERS}))


def add_listed(middleware):
    """WhiteNoise's files from the finders; looked up anew only under other settings."""
    key = _decided_by()
    if key not in _listed:
        collected, middleware.files = middleware.files, {}
        _look_up(middleware)
        middleware.files, _listed[key] = collected, middleware.files
    middleware.files.update(_listed[key])


_look_up = WhiteNoiseMiddleware.add_files_from_finders


def install():
    """Let every test client share the list."""
    WhiteNoiseMiddleware.add_files_from_finders = add_listed
