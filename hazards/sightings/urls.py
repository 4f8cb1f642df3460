"""Cases near by, and what passers-by say of them."""

from django.urls import path

from . import views

urlpatterns = [
    path("around/", views.nearby_list, name="nearby-cases"),
    path("<number:number>/seen/", views.sighting_create, name="sighting-create"),
]
