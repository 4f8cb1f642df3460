"""Gathers the rooms' routes."""

from stations.keeping import urls as keeping
from stations.station_page import urls as station_page
from stations.streets import urls as streets

app_name = "stations"

urlpatterns = [*streets.urlpatterns, *keeping.urlpatterns, *station_page.urlpatterns]
