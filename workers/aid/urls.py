"""Confidential requests, at an address of their own."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from . import handler_views, views

app_name = "aid"


class AidNumberConverter(StringConverter):
    """`J-7F3K9Q`."""

    regex = r"J-[2-9A-Z]{6}"


class AnswerConverter(StringConverter):
    """What whoever asked decides."""

    regex = "agree|decline|withdraw"


class DeedConverter(StringConverter):
    """What the handler does."""

    regex = "answer|refer|end"


register_converter(AidNumberConverter, "aidnumber")
register_converter(AnswerConverter, "aidanswer")
register_converter(DeedConverter, "aiddeed")

urlpatterns = [
    path("", views.requests, name="requests"),
    path("ask/", views.ask, name="ask"),
    path("desk/", handler_views.handled, name="handled"),
    path("desk/<aidnumber:number>/", handler_views.handle, name="handle"),
    path("desk/<aidnumber:number>/<aiddeed:what>/", handler_views.act, name="act"),
    path("<aidnumber:number>/", views.one, name="request"),
    path("<aidnumber:number>/add/", views.add, name="add"),
    path("<aidnumber:number>/<aidanswer:what>/", views.decide, name="decide"),
]
