"""Gathers the rooms' routes."""

from stations.houses import urls as houses

app_name = "stations"

urlpatterns = [*houses.urlpatterns]
