"""Routes for who keeps a station."""

from django.urls import path

from . import views

urlpatterns = [path("<slug:slug>/keep/", views.keep, name="keep")]
