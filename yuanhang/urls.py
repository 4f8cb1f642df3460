"""One include per room; the roof's own pages."""

from allauth.account import urls as account_urls
from allauth.account.decorators import secure_admin_login
from allauth.account.views import login, verify_phone
from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from yuanhang.core.accounts import needs_gateway, remembers_device

admin.autodiscover()
admin.site.login = secure_admin_login(admin.site.login)

# There is no e-mail in this product; what allauth offers around it stays away.
LEFT_OUT = {
    "account_login",  # ours below, the same view with a device name
    "account_verify_phone",  # below as well, for where codes can be sent
    "account_email",
    "account_confirm_email",
    "account_email_verification_sent",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "account_set_password",
}
if not settings.SMS_GATEWAY:
    # A new phone is confirmed by a code, so without a gateway it is changed at the desk.
    LEFT_OUT |= {"account_change_phone"}
account_patterns = [p for p in account_urls.urlpatterns if p.name not in LEFT_OUT]

urlpatterns = [
    path("", include("yuanhang.desk.urls")),
    path("", include("yuanhang.core.urls")),
    path("accounts/login/", remembers_device(login), name="account_login"),
    path("accounts/phone/verify/", needs_gateway(verify_phone), name="account_verify_phone"),
    path("accounts/", include(account_patterns)),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("admin/", admin.site.urls),
    path("stations/", include("stations.urls")),
    path("complaints/", include("stations.complaints.urls")),
    path("pages/", include("stations.pages.urls")),
    path("estates/", include("stations.estates.urls")),
    path("", include("workers.urls")),
    path("aid/", include("workers.aid.urls")),
    path("hazards/", include("hazards.urls")),
    path("roads/", include("hazards.roads.urls")),
    path("handover/", include("hazards.handover.foreman_urls")),
    path("volunteers/", include("volunteers.urls")),
]

handler400 = "yuanhang.core.http.bad_request"
handler403 = "yuanhang.core.http.forbidden"
handler404 = "yuanhang.core.http.not_found"
