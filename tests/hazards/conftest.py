"""What the tests of hazards share."""

import pytest
from django.urls import reverse


@pytest.fixture
def press(visit, town):
    """`press("grid_worker", hazard, "accept", …)`: the response to a button."""

    def send(role, hazard, slug, htmx=False, **data):
        headers = {"HX-Request": "true"} if htmx else {}
        url = reverse("hazards:move", args=[hazard.number, slug])
        return visit(getattr(town, role)).post(url, data, headers=headers)

    return send
