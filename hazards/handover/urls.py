"""The hand-over sheet."""

from django.urls import path

from . import slip_views, views

urlpatterns = [
    path("<number:number>/handover/", views.handover, name="handover"),
    path("<number:number>/handover/code.svg", views.handover_code, name="handover-code"),
    path("<number:number>/slip/<slipact:what>/", slip_views.slip_manage, name="slip-manage"),
]
