"""Routes of activities, sign-ups and records."""

from django.urls import path

from . import views

app_name = "volunteers"

urlpatterns = [
    path("activities/<int:pk>/", views.activity, name="activity"),
    path("sessions/<int:pk>/roster/", views.roster, name="roster"),
    path("record/", views.record, name="record"),
    path("record/export/", views.export, name="record-export"),
    path("record/certificate/", views.ask_certificate, name="certificate-ask"),
    path("people/<int:pk>/record/", views.person, name="person"),
    path("people/<int:pk>/record/export/", views.person_export, name="person-export"),
    path("people/<int:pk>/hours/", views.person_hours, name="person-hours"),
    path("people/<int:pk>/commend/", views.person_commend, name="person-commend"),
    path("people/<int:pk>/qualification/", views.person_qualification, name="person-paper"),
    path("commendations/<int:pk>/take-back/", views.take_back, name="take-back"),
    path("qualifications/<int:pk>/scan/", views.scan, name="scan"),
    path("records/", views.desk, name="records"),
    path("records/<int:pk>/answer/", views.answer_entry, name="record-answer"),
    path("requests/<int:pk>/answer/", views.answer_request, name="request-answer"),
    path("certificates/<str:number>/", views.certificate, name="certificate"),
    path("certificates/<str:number>/print/", views.certificate_print, name="certificate-print"),
    path("certificates/<str:number>/revoke/", views.certificate_revoke, name="certificate-revoke"),
]
