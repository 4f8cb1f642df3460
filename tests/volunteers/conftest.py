"""People whom several tests of this room need."""

import pytest
from django.db import connection

from tests.factories.workers import UserFactory, post


@pytest.fixture
def colleague(town):
    """A second member of the community's staff."""
    person = UserFactory(is_staff=True)
    post(person, "community_staff", town.community)
    return person


@pytest.fixture(scope="module")
def rows_come_back(django_db_setup, django_db_blocker):
    """Tests with real commits empty all tables behind them; the migrations' rows come back."""
    yield
    with django_db_blocker.unblock():
        connection.creation.deserialize_db_from_string(connection._test_serialized_contents)
