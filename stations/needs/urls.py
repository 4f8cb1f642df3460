"""Routes of the search by needs."""

from django.urls import path

from . import views

urlpatterns = [path("", views.places, name="places")]
