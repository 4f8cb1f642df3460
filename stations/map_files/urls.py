"""Routes of the files for map vendors."""

from django.urls import path

from . import views

urlpatterns = [
    path("places.csv", views.places_csv, name="places-csv"),
    path("places.geojson", views.places_geojson, name="places-geojson"),
]
