"""The shipped settings, with a counter around every page and a few bare pages to compare with."""

from yuanhang.settings import *  # noqa: F403
from yuanhang.settings import MIDDLEWARE

ROOT_URLCONF = "tests.bench.urls"
MIDDLEWARE = ["tests.bench.counted.CountedMiddleware", *MIDDLEWARE]
