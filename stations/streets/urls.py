"""The ground of every map."""

from django.urls import path

from . import views

urlpatterns = [
    path("map/ground/<slug:version>/", views.ground_data, name="ground"),
]
