"""Gathers the rooms' routes."""

from django.urls import register_converter

from hazards.cases import converters

app_name = "hazards"

register_converter(converters.NumberConverter, "number")
register_converter(converters.TokenConverter, "token")
register_converter(converters.TransitionConverter, "transition")
register_converter(converters.SizeConverter, "size")
register_converter(converters.SlipActConverter, "slipact")

# The rooms' routes name the converters, so they are read after these are known.
from hazards.case_map import urls as case_map  # noqa: E402
from hazards.case_page import urls as case_page  # noqa: E402
from hazards.fixed_wall import urls as fixed_wall  # noqa: E402
from hazards.gates import urls as gates  # noqa: E402
from hazards.handover import urls as handover  # noqa: E402
from hazards.published import urls as published  # noqa: E402
from hazards.reporting import urls as reporting  # noqa: E402
from hazards.review import urls as review  # noqa: E402
from hazards.sightings import urls as sightings  # noqa: E402

urlpatterns = [
    *reporting.urlpatterns,
    *case_page.urlpatterns,
    *gates.urlpatterns,
    *review.urlpatterns,
    *case_map.urlpatterns,
    *fixed_wall.urlpatterns,
    *published.urlpatterns,
    *sightings.urlpatterns,
    *handover.urlpatterns,
]
