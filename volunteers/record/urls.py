"""Attendance, one's record, and certificates."""

from django.urls import path

from . import certificate_views, records_office, roster_views, views

urlpatterns = [
    path("sessions/<int:pk>/roster/", roster_views.roster, name="roster"),
    path("record/", views.record, name="record"),
    path("record/export/", views.export, name="record-export"),
    path("record/certificate/", views.ask_certificate, name="certificate-ask"),
    path("people/<int:pk>/record/", views.person, name="person"),
    path("people/<int:pk>/record/export/", views.person_export, name="person-export"),
    path("people/<int:pk>/hours/", views.person_hours, name="person-hours"),
    path("people/<int:pk>/commend/", views.person_commend, name="person-commend"),
    path("people/<int:pk>/qualification/", views.person_qualification, name="person-paper"),
    path("commendations/<int:pk>/revoke/", views.commendation_revoke, name="commendation-revoke"),
    path("qualifications/<int:pk>/scan/", views.scan, name="scan"),
    path("records/", records_office.records_office, name="records"),
    path("records/<int:pk>/answer/", records_office.answer_entry, name="record-answer"),
    path("requests/<int:pk>/answer/", records_office.answer_request, name="request-answer"),
    path("certificates/<str:number>/", certificate_views.certificate_check, name="certificate"),
    path(
        "certificates/<str:number>/print/",
        certificate_views.certificate_print,
        name="certificate-print",
    ),
    path(
        "certificates/<str:number>/revoke/",
        certificate_views.certificate_revoke,
        name="certificate-revoke",
    ),
]
