"""Gathers the rooms' routes."""

from stations.faults import urls as faults
from stations.keeper_page import urls as keeper_page
from stations.map_files import urls as map_files
from stations.needs import urls as needs
from stations.station_page import urls as station_page
from stations.streets import urls as streets

app_name = "stations"

urlpatterns = [
    *needs.urlpatterns,
    *map_files.urlpatterns,
    *streets.urlpatterns,
    *faults.urlpatterns,
    *keeper_page.urlpatterns,
    *station_page.urlpatterns,
]
