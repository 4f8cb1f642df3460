"""Routes of 当场证明."""

from django.urls import path

from workers.proofs import staff_views, views

urlpatterns = [
    path("new/", views.new, name="proof-new"),
    path("mine/", views.mine, name="proofs-mine"),
    path("waiting/", staff_views.waiting, name="proofs-waiting"),
    path("<slug:number>/", views.check, name="proof"),
    path("<slug:number>/receipt/", views.own, name="proof-receipt"),
    path("<slug:number>/delete/", views.delete, name="proof-delete"),
    path("<slug:number>/confirm/", staff_views.confirm, name="proof-confirm"),
    path("<slug:number>/decline/", staff_views.decline, name="proof-decline"),
]
