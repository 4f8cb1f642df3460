"""Routes of the estates, under `/estates/`."""

from django.urls import path

from . import keep_views, property_views, views

app_name = "estates"

urlpatterns = [
    path("", views.estates, name="estates"),
    path("import/", keep_views.import_estates, name="import"),
    path("photos/<int:pk>/", views.photo, name="photo"),
    path("property/<str:key>/", property_views.by_property, name="property"),
    path("<slug:slug>/", views.estate, name="estate"),
    path("<slug:slug>/write/<slug:kind>/", views.write, name="write"),
    path("<slug:slug>/facts/<int:pk>/correct/", views.correct, name="correct"),
    path("<slug:slug>/facts/<int:pk>/history/", views.history, name="history"),
    path("<slug:slug>/confirm/", views.confirm, name="confirm"),
    path("<slug:slug>/keep/", keep_views.keep, name="keep"),
    path("<slug:slug>/sheet/", views.sheet, name="sheet"),
    path("<slug:slug>/sheet.svg", views.sheet_code, name="sheet-code"),
]
