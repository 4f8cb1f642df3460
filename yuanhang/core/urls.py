"""Routes of the floor."""

from django.urls import path

from . import views
from .outbox import views as inbox

app_name = "core"
urlpatterns = [
    path("notices/", inbox.inbox, name="inbox"),
    path("notices/read-all/", inbox.read_all, name="read-all"),
    path("notices/<int:pk>/", inbox.open_notice, name="notice"),
    path("sms/reports/", inbox.sms_reports, name="sms-reports"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
]
