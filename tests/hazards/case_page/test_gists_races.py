"""Two people write down the same note at one instant: one line stays, and the other is told."""

import pytest
from django.db import connection

from hazards.cases import gists
from hazards.cases.attachments import Attachments
from hazards.cases.models.hazards import Hazard
from tests import media
from tests.factories.hazards import report, stored_voice
from tests.threads import meet, together, without_row_locks
from yuanhang.core.errors import NotAllowedNowError


@pytest.fixture(scope="module", autouse=True)
def _rows_for_whoever_comes_next(django_db_setup, django_db_blocker):
    """These tests empty all tables behind them; put the migrations' rows back at the end."""
    yield
    with django_db_blocker.unblock():
        connection.creation.deserialize_db_from_string(connection._test_serialized_contents)


pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def write_both(town, monkeypatch):
    """Both have read an empty line; (errors, the line that is kept on note and case)."""
    files = Attachments(voices=[stored_voice(media.wav(1.0))])
    case = report(town.six, attachments=files)
    meet(monkeypatch, gists, "_fresh")
    found = together(
        lambda: gists.write(case.voices.get(), by=town.grid_worker, gist="井盖翘了"),
        lambda: gists.write(case.voices.get(), by=town.officer, gist="井盖响"),
    )
    errors = [answer for answer in found if isinstance(answer, Exception)]
    kept = case.voices.get().gist
    assert Hazard.objects.get(pk=case.pk).heard == kept
    return errors, kept


def test_one_line_stays_and_the_other_is_told_which(town, monkeypatch):
    errors, kept = write_both(town, monkeypatch)
    [refused] = errors
    assert isinstance(refused, NotAllowedNowError)
    assert kept in str(refused.message)


def test_without_the_lock_the_second_would_overwrite_it(town, monkeypatch):
    without_row_locks(monkeypatch)
    errors, _kept = write_both(town, monkeypatch)
    assert errors == []
