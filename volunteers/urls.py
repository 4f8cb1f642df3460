"""Gathers the rooms' routes."""

from volunteers.activities import urls as activities
from volunteers.errands import urls as errands
from volunteers.record import urls as record
from volunteers.searches import urls as searches
from volunteers.team_page import urls as team_page

app_name = "volunteers"

urlpatterns = [
    *record.urlpatterns,
    *activities.urlpatterns,
    *searches.urlpatterns,
    *team_page.urlpatterns,
    *errands.urlpatterns,
]
