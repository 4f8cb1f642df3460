"""Routes of hazard reports."""

from django.urls import path, register_converter

from . import views
from .moves import BY_SLUG

app_name = "hazards"


class NumberConverter:
    """`YH20261123-0007`."""

    regex = r"YH\d{8}-\d{4,}"

    def to_python(self, value):
        """As it is."""
        return value

    def to_url(self, value):
        """As it is."""
        return value


class TokenConverter(NumberConverter):
    """The unguessable part of a receipt's link: URL-safe base64."""

    regex = r"[\w-]{1,64}"


class MoveConverter(NumberConverter):
    """The verbs of the table, with hyphens."""

    regex = "|".join(BY_SLUG)


class SizeConverter(NumberConverter):
    """Full picture or thumbnail."""

    regex = "full|thumb"


register_converter(NumberConverter, "number")
register_converter(TokenConverter, "token")
register_converter(MoveConverter, "move")
register_converter(SizeConverter, "size")

urlpatterns = [
    path("report/", views.report, name="report"),
    path("nearby/", views.nearby, name="nearby"),
    path("nearby/photos/<int:pk>/", views.nearby_photo, name="nearby-photo"),
    path("new/", views.entry, name="entry"),
    path("lookup/", views.lookup, name="lookup"),
    path("mine/", views.mine, name="mine"),
    path("queue/", views.queue, name="queue"),
    path("queue/export/", views.export, name="export"),
    path("map/", views.map_page, name="map"),
    path("map/data/", views.map_data, name="map-data"),
    path("map/ground/", views.map_ground, name="map-ground"),
    path("fixed/", views.fixed, name="fixed"),
    path("fixed/photos/<int:pk>/", views.fixed_photo, name="fixed-photo"),
    path("around/", views.around, name="around"),
    path("receipt/<token:token>/", views.receipt, name="receipt"),
    path("receipt/<token:token>/<move:slug>/", views.receipt_move, name="receipt-move"),
    path(
        "receipt/<token:token>/photos/<int:pk>/<size:size>/",
        views.receipt_photo,
        name="receipt-photo",
    ),
    path("receipt/<token:token>/voices/<int:pk>/", views.receipt_voice, name="receipt-voice"),
    path("<number:number>/", views.case, name="case"),
    path("<number:number>/seen/", views.seen, name="seen"),
    path("<number:number>/handover/", views.handover, name="handover"),
    path("<number:number>/<move:slug>/", views.move, name="move"),
    path("<number:number>/photos/<int:pk>/<size:size>/", views.photo, name="photo"),
    path("<number:number>/photos/<int:pk>/public/", views.photo_public, name="photo-public"),
    path("<number:number>/voices/<int:pk>/", views.voice, name="voice"),
]
