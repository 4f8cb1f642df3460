"""The hand-over sheet."""

from django.urls import path

from . import views

urlpatterns = [
    path("<number:number>/handover/", views.handover, name="handover"),
]
