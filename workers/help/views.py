"""Asking for help, the receipt, and the page of a request with its buttons."""

import uuid

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from stations.areas import landmarks
from stations.areas.models import Community
from stations.houses.models import EmergencyNumber
from workers.access import worker_of
from workers.help import access, asking, help_requests
from workers.help.duty import duty_of
from workers.help.forms import AnswerForm, HelpForm, parse_key
from workers.help.models import HelpRequest
from workers.help.presenter import page_of
from workers.help.words import CLOSED_AS, DONE
from yuanhang.core.accounts import device_of, remember_device
from yuanhang.core.errors import NotAllowedNowError
from yuanhang.core.http import stands_on
from yuanhang.core.uploads.fields import sent_by

FIRST_NUMBERS = ("120", "122", "119", "110")  # in this order, as far as staff have them
CUT_OFF = _("网断了一下，没传完，再点一次发出。")
TOO_MANY = _("一会儿发了好几次了，先打电话，或者过一小时再发。")
FULL = HelpRequest.objects.select_related("community", "grid", "station", "asker")


@never_cache  # a page that is come back to must not bring a spent key along
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request):
    """The form; a sent one leads to its receipt, however often it is sent."""
    if request.method != "POST":
        initial = {"submission_key": uuid.uuid4(), "grid": request.GET.get("grid")}
        return _form_page(request, _form(request, initial=initial))
    key = parse_key(request.POST.get("submission_key"))
    form = sent_by(_form(request, request.POST, request.FILES), request.user).skip_files()
    if key and form.is_valid():
        known = _sent_before(form, key, request.user)
        if known:
            return redirect("workers:help-receipt", known)
    if form.has_files:
        form = sent_by(_form(request, request.POST, request.FILES), request.user)
    if form.is_valid() and "body_start" in request.POST and "body_end" not in request.POST:
        form.add_error(None, CUT_OFF)
    if form.errors:
        return _form_page(request, _renewed(form, key), status=400)
    if not _may_send(request):
        form.add_error(None, TOO_MANY)
        return _form_page(request, form, status=429)
    return _send(request, form)


def _send(request, form):
    fields = form.asked()
    if fields["community"] is None and fields["grid"] is None:
        fields["community"] = _community_of(request.user)
    try:
        _row, token = asking.ask(by=_person(request.user), **fields)
    except NotAllowedNowError as error:
        form.add_error(None, error.message)
        return _form_page(request, _renewed(form, None), status=409)
    return redirect("workers:help-receipt", token)


def _form(request, *args, **kwargs):
    return HelpForm(
        *args,
        for_neighbours=access.can_ask_neighbours(request.user),
        is_guest=not request.user.is_authenticated,
        **kwargs,
    )


def _person(user):
    return user if user.is_authenticated else None


def _sent_before(form, key, user):
    """The receipt's secret of what this form made already, or None."""
    try:
        own, row = asking.sent_before(key, by=_person(user), content=form.content())
    except NotAllowedNowError:
        return None  # said in the form, with all that was typed
    return asking.receipt_token(row.submission_key if row else own) if row else None


def _may_send(request):
    """A few an hour from a device, generously many from an address: a station shares one."""
    device = device_of(request)
    return ratelimit.consume(request, action="help") and (
        not device or ratelimit.consume(request, action="help_device", key=device)
    )


def _renewed(form, key):
    """The bound form again, with a usable key where the sent one was none."""
    if key is None:
        form.data = form.data.copy()
        form.data["submission_key"] = str(uuid.uuid4())
    return form


def _community_of(user):
    worker = worker_of(user)
    return worker.community if worker else None


def _form_page(request, form, status=200):
    community = _community_of(request.user) or Community.objects.home()
    numbers = {row.number: row for row in EmergencyNumber.objects.filter(number__in=FIRST_NUMBERS)}
    context = {
        "form": form,
        "numbers": [numbers[number] for number in FIRST_NUMBERS if number in numbers],
        "duty": duty_of(community) if community else None,
        "landmarks": landmarks.names(),
        "keeps": access.can_keep_help(request.user),
    }
    response = render(request, "workers/help/help.html", context, status=status)
    return remember_device(request, response)


# --- the receipt ----------------------------------------------------------------------------


def _by_token(token):
    return get_object_or_404(FULL.filter(pk__in=asking.by_receipt(token).values("pk")))


@never_cache
@require_safe
def receipt(request, token):
    """How it stands, for whoever holds the link: the phone that asked."""
    return _page(request, page_of(_by_token(token), request.user, token=token))


@require_POST
@stands_on("workers:help-receipt", "token")
def receipt_act(request, token, verb):
    """What the asker says, without an account."""
    call = _by_token(token)
    return _carry_out(request, call, verb, token=token)


# --- a request by its number ----------------------------------------------------------------


def _visible(request, number):
    return get_object_or_404(FULL.visible_to(request.user), pk=number)


@never_cache
@require_safe
@login_required
def request_page(request, number):
    """One request: its kind and grid; the place for its asker, keepers, and whoever goes there."""
    return _page(request, page_of(_visible(request, number), request.user))


def _page(request, page, status=200):
    """The page of a request; a look at the place by a helper or keeper is kept track of."""
    if page.own is not None:
        help_requests.note_look(page.own, by=request.user)
    elif page.is_keeper:
        help_requests.note_keepers_look(page.call, by=request.user)
    response = render(request, "workers/help/request.html", {"page": page}, status=status)
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    return response


@require_POST
@login_required
@stands_on("workers:help-request", "number")
def act(request, number, verb):
    """One tap of the asker, a helper or a keeper."""
    return _carry_out(request, _visible(request, number), verb)


def _carry_out(request, call, verb, token=""):
    page = page_of(call, request.user, token=token)
    if verb not in DONE:
        raise Http404
    try:
        stays = _call(request, page, verb)
    except NotAllowedNowError as refused:
        page = page_of(_again(call), request.user, token=token, error=refused.message)
        return _page(request, page, status=409)
    if isinstance(stays, AnswerForm):
        page = page_of(call, request.user, token=token, form=stays)
        return _page(request, page, status=400)
    messages.success(request, DONE[verb])
    if page.is_keeper:
        return redirect("workers:help-open" if verb == "close" else call)
    return redirect(page.act_url if page.is_asker or verb == "take" else "workers:help-near")


def _again(call):
    return FULL.get(pk=call.pk)


def _call(request, page, verb):
    """Carry out a verb for the capacity in which this person meets the request."""
    call, user = page.call, _person(request.user)
    if page.is_asker:
        return _call_as_asker(request, call, verb, user)
    if verb == "take":
        return help_requests.take(call, by=user)
    if verb in ("release", "finish"):
        take = call.takes.filter(helper=user).order_by("-pk").first()
        if take is None:
            raise PermissionDenied
        if verb == "finish" and take.as_keeper:
            raise PermissionDenied
        return (help_requests.release if verb == "release" else help_requests.finish)(take, by=user)
    if not page.is_keeper:
        raise PermissionDenied
    if verb == "close":
        return help_requests.close(call, by=user, end=HelpRequest.End.KEEPER)
    if verb != "answer":
        raise PermissionDenied
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return form
    return help_requests.answer(call, text=form.cleaned_data["answer"], by=user)


def _call_as_asker(request, call, verb, user):
    # A receipt is the asker's own, whoever is logged in on the phone that shows it.
    by = user if user is not None and user.pk == call.asker_id else None
    if verb == "close":
        end = CLOSED_AS.get(request.POST.get("end"), HelpRequest.End.HELPED)
        return help_requests.close(call, by=by, end=end)
    verbs = {
        "refuse": help_requests.refuse,
        "keep-private": help_requests.keep_private,
        "still-needed": help_requests.still_needed,
    }
    if verb not in verbs:
        raise PermissionDenied
    return verbs[verb](call, by=by)
