"""A search for a missing person."""

from django.urls import path

from . import views

urlpatterns = [
    path("searches/<int:pk>/", views.search, name="search"),
    path("searches/<int:pk>/photo/", views.search_photo, name="search-photo"),
]
