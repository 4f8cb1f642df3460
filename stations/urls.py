"""Gathers the rooms' routes."""

from stations.houses import urls as houses
from stations.streets import urls as streets

app_name = "stations"

urlpatterns = [*streets.urlpatterns, *houses.urlpatterns]
