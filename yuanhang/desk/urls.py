"""Routes of the roof."""

from django.urls import path

from yuanhang.desk import door_display, rights, views

urlpatterns = [
    path("", views.home, name="home"),
    path("me/", views.me, name="me"),
    path("rights/", rights.rights, name="rights"),
    path("stations/<slug:slug>/display/", door_display.display, name="door-display"),
    path("report-code.svg", door_display.report_code, name="report-code"),
]
