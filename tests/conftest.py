"""The fixed cast, the noise that fails tests, and real files in a folder of their own."""

import gc
import itertools
import logging
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.template import engines

from stations.postings.models import Posting
from tests import kept_rows, static_files
from tests.factories.stations import (
    CommunityFactory,
    GridFactory,
    OrganisationFactory,
    StationFactory,
    SubdistrictFactory,
    square,
)
from tests.factories.workers import WorkerFactory, people, posting
from yuanhang.core import kept_answers
from yuanhang.core.kept_rows import forget as forget_rows

kept_rows.install()
static_files.install()
# A worker holds 370,000 objects that live as long as it does. Going through them for garbage, as
# often as by default, took a fifth of its time.
gc.set_threshold(50_000, 20, 50)


def pytest_collection_finish():
    """What is loaded by now stays to the end: nobody looks through it for garbage again."""
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Tests with real commits find what the migrations loaded, and leave it as they found it.

    All of them or none: a flush without it makes content types anew, which the next one that
    loads the kept rows would run into.
    """
    keeps, commits = "django_db_serialized_rollback", {"transactional_db", "live_server"}
    for item in items:
        marker = item.get_closest_marker("django_db")
        names = item.fixturenames
        if marker is not None and marker.kwargs.get("transaction"):
            marker.kwargs["serialized_rollback"] = True
        elif commits & set(names) and keeps not in names:
            names.append(keeps)


class _Errors(logging.Handler):
    def __init__(self):
        super().__init__(logging.ERROR)
        self.records = []

    def emit(self, record):
        self.records.append(record)


@pytest.fixture(autouse=True)
def _no_stray_errors(request):
    """An error in the log fails the test unless it is marked `logs_errors`."""
    handler = _Errors()
    logging.getLogger().addHandler(handler)
    yield
    logging.getLogger().removeHandler(handler)
    if handler.records and not request.node.get_closest_marker("logs_errors"):
        pytest.fail(f"errors were logged: {[r.getMessage() for r in handler.records]}")


class _Missing(str):
    """Answers for a template variable that is not there: ours fail, other people's stay empty."""

    __slots__ = ()

    def __mod__(self, variable):
        return self._blame(f"has no variable {variable}")

    def __html__(self):
        # What a missing row answers for: Django asks no more about it, and writes it out.
        return self._blame("shows what is not there")

    def _blame(self, fault):
        frame = sys._getframe(1)
        while frame is not None:
            origin = getattr(frame.f_locals.get("self"), "origin", None)
            if origin is not None:
                if str(origin.name).startswith(str(settings.BASE_DIR / "templates")):
                    raise AssertionError(f"{origin.template_name} {fault}")
                return ""
            frame = frame.f_back
        return ""


@pytest.fixture(autouse=True)
def _no_unknown_variables(monkeypatch):
    """A misspelt variable in a template of ours fails the test that renders it."""
    monkeypatch.setattr(engines["django"].engine, "string_if_invalid", _Missing("%s"))


@pytest.fixture(scope="session", autouse=True)
def _static_folder():
    """Nothing is collected for tests, but WhiteNoise warns where the folder is missing."""
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


@pytest.fixture(scope="session")
def _folders(tmp_path_factory):
    """A folder for each test: `next(_folders)`.

    pytest's `tmp_path` looks through the folders of all tests before it makes the next one.
    """
    root = tmp_path_factory.mktemp("files")
    return (root / str(number) for number in itertools.count(1))


@pytest.fixture(autouse=True)
def _media(settings, _folders):
    """Uploads of a test, and its list of erasures, lie in the test's own folder."""
    folder = next(_folders)
    folder.mkdir()
    settings.MEDIA_ROOT, settings.WRITING_NOTES = folder / "media", folder / "writing"
    settings.BACKUP_DIR = folder / "backups"
    yield
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def _nothing_kept():
    """No answer is left over from the test before: a page asks as often alone as after others."""
    kept_answers.forget()
    forget_rows()


@pytest.fixture
def stored_files(settings):
    """All files under MEDIA_ROOT, by a call."""

    def files():
        root = Path(settings.MEDIA_ROOT)
        return sorted(path for path in root.rglob("*") if path.is_file()) if root.exists() else []

    return files


@pytest.fixture
def town(db):
    """Two communities of one subdistrict, their grids, and everybody who matters.

    Grid six spans 46.54–46.55 N, 124.94–124.95 E; grid one lies west of it; the other
    community's grid lies east.
    """
    subdistrict = SubdistrictFactory(name="八百垧街道")
    community = CommunityFactory(name="远航社区", subdistrict=subdistrict, is_home=True)
    other = CommunityFactory(name="景山社区", subdistrict=subdistrict)
    six = GridFactory(
        community=community, number=6, name="第六网格", boundary=square(46.54, 124.94)
    )
    one = GridFactory(
        community=community, number=1, name="第一网格", boundary=square(46.54, 124.93)
    )
    far = GridFactory(community=other, number=1, name="景山一网格", boundary=square(46.54, 124.95))
    station = StationFactory(community=community, slug="qingxiaoyi")
    cast = SimpleNamespace(
        subdistrict=subdistrict,
        community=community,
        other=other,
        six=six,
        one=one,
        far=far,
        station=station,
        organisation=OrganisationFactory(subdistrict=subdistrict),
        **people(
            rider={},
            stranger={},
            grid_worker={},
            other_grid_worker={},
            staff={"is_staff": True},
            other_staff={"is_staff": True},
            officer={},
            admin={"is_staff": True, "is_superuser": True},
        ),
    )
    WorkerFactory(user=cast.rider, community=community, station=station)
    # Nearly every test needs the town: its people and their posts take one statement each.
    posts = [
        posting(cast.grid_worker, "grid_worker", six),
        posting(cast.other_grid_worker, "part_time_grid_worker", one),
        posting(cast.staff, "community_staff", community),
        posting(cast.other_staff, "community_staff", other),
        posting(cast.officer, "centre_officer", subdistrict),
    ]
    Posting.objects.bulk_create(posts)
    return cast


@pytest.fixture
def visit(client):
    """A client logged in as somebody: `visit(user)`."""

    def log_in(user):
        client.logout()
        if user is not None:
            client.force_login(user)
        return client

    return log_in


@pytest.fixture
def commit(django_capture_on_commit_callbacks):
    """What waits for the commit happens at the end of a `with commit():` block."""
    return lambda: django_capture_on_commit_callbacks(execute=True)
