"""A form whose token is not good any more: kept and offered again where it came from our own page.

A token grows old by a log-in in another tab or a lost cookie. Whether the form was ours, the
browser says by Origin, or else by Referer; to a foreign page nothing of a form is given back.
"""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from yuanhang.core.files import NoRoomError
from yuanhang.core.http import error_page
from yuanhang.core.media import helpers
from yuanhang.core.media.invalid_upload import InvalidUploadError
from yuanhang.core.media.uploads import sha256_of
from yuanhang.core.uploads import draft_uploads

PASSWORDS = {
    "password": _("密码"),
    "oldpassword": _("原来的密码"),
    "password1": _("密码"),
    "password2": _("再写一遍密码"),
}
IS_PASSWORD = re.compile("passw", re.IGNORECASE)
# Codes of the second factor, recovery codes, codes that came by SMS: good once or for long.
IS_CODE = re.compile("otp|one_?time|recovery|secret|credential|^pin$", re.IGNORECASE)
# What allauth calls all of them; elsewhere the word means other things as well.
ACCOUNT_CODES = frozenset({"code", "key", "token"})
IS_SAID = re.compile(r"[\u3400-\u9fff]")  # words of people, not codes of ours


class SecretsForm(forms.Form):
    """The passwords and codes of a form, to be written anew."""

    def __init__(self, names):
        super().__init__(auto_id="aged-%s", label_suffix="")
        for name in names:
            if IS_PASSWORD.search(name):
                label, widget = PASSWORDS.get(name, _("密码")), forms.PasswordInput()
            else:
                label = _("验证码")
                widget = forms.TextInput({"autocomplete": "one-time-code"})
            self.fields[name] = forms.CharField(label=label, widget=widget)


@dataclass(frozen=True)
class AgedForm:
    """What can be sent again: hidden names and values, words to show, secrets to write anew."""

    address: str
    fields: list[tuple[str, str]]
    said: list[str]
    secrets: SecretsForm
    lost_files: bool


def csrf_failure(request, reason=""):  # noqa: ARG001 - Django says it by name
    """403 for a form from elsewhere; one of our own comes back with a token that is good."""
    if not is_our_own(request):
        return error_page(request, 403)
    context = {"aged": read(request)}
    if request.htmx:
        # 409: htmx shows such answers on every page of ours.
        return render(request, "core/_aged_form.html", context, status=409)
    response = render(request, "core/aged_form.html", context, status=403)
    response["Cache-Control"] = "no-store"
    return response


def is_our_own(request) -> bool:
    """Whether the browser says that the form stood on a page of this site."""
    said = request.headers.get("Origin") or request.headers.get("Referer") or ""
    try:
        parts = urlsplit(said)
    except ValueError:
        return False
    origin = f"{parts.scheme}://{parts.netloc}"
    own = f"{request.scheme}://{request.get_host()}"
    return origin == own or origin in settings.CSRF_TRUSTED_ORIGINS


def _is_secret(name, request):
    """Whether a field is a password or a code, by its name and the page it stood on."""
    if IS_PASSWORD.search(name) or IS_CODE.search(name):
        return True
    view = request.resolver_match.func if request.resolver_match else None
    module = getattr(view, "view_class", view).__module__ if view else ""
    return name in ACCOUNT_CODES and module.partition(".")[0] == "allauth"


def read(request, *, keeps_files=True):
    """What was sent as an AgedForm; its new files are kept where the database can be asked."""
    fields, said, secrets = [], [], []
    for name, values in request.POST.lists():
        if name == "csrfmiddlewaretoken":
            continue
        if _is_secret(name, request):
            secrets.append(name)
            continue
        fields += [(name, value) for value in values]
        said += [value for value in values if IS_SAID.search(value)]
    kept, lost = _keep_files(request) if keeps_files else ([], bool(request.FILES))
    return AgedForm(request.get_full_path(), fields + kept, said, SecretsForm(secrets), lost)


def _keep_files(request):
    """(names and keys of the good files, whether one could not be kept)."""
    owner = request.user if request.user.is_authenticated else None
    kept, lost = [], False
    if "files_held" in request.POST:
        return kept, lost
    for name, uploads in request.FILES.lists():
        process = helpers.probe_voice if name == "voice" else helpers.process_photo
        for upload in uploads:
            try:
                draft = draft_uploads.keep(process(upload), sha256_of(upload), owner=owner)
            except (InvalidUploadError, NoRoomError):
                lost = True
            else:
                kept.append((f"{name}_kept", draft.key))
    return kept, lost
