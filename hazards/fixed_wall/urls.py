"""What was repaired, for everybody."""

from django.urls import path

from . import views

urlpatterns = [
    path("fixed/", views.fixed, name="fixed"),
]
