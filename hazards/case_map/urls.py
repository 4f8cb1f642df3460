"""The map of open cases."""

from django.urls import path

from . import views

urlpatterns = [
    path("map/", views.map_page, name="map"),
    path("map/data/", views.map_cases, name="map-data"),
]
