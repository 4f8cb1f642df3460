"""What the tests of this room share."""

import pytest

from tests.hazards.review.queue_help import URL


@pytest.fixture
def queue(visit, town):
    """`queue("grid_worker", tab="all")`: the response."""

    def ask(role, *, htmx=False, **parameters):
        headers = {"HX-Request": "true"} if htmx else {}
        return visit(getattr(town, role)).get(URL, parameters, headers=headers)

    return ask
