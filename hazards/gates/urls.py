"""Routes of 「进不去」."""

from django.urls import path

from . import views

urlpatterns = [path("gates/<slug:slug>/", views.refused, name="gate-refused")]
