"""Errands on the way."""

from django.urls import path

from . import views

urlpatterns = [
    path("errands/", views.errand_list, name="errands"),
    path("errands/<int:pk>/", views.errand, name="errand"),
    path("errands/<int:pk>/<slug:verb>/", views.errand_act, name="errand-act"),
]
