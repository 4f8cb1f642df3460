"""Several at once: look at what was chosen, say it once, and read what became of each."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from hazards.cases.access import can_review_queue
from hazards.cases.models.hazards import Hazard
from hazards.review import together as several
from hazards.review.together_forms import FORMS
from yuanhang.core.http import stands_on

TITLES = {
    "accept": gettext_lazy("一起受理"),
    "merge": gettext_lazy("并成一件"),
    "reassign": gettext_lazy("转给别人"),
}


@require_http_methods(["GET", "POST"])
@login_required
@stands_on("hazards:queue")
def together(request):
    """The chosen cases with one form; sent, an answer for each of them."""
    if not can_review_queue(request.user):
        raise PermissionDenied
    given = request.POST if request.method == "POST" else request.GET
    verb = given.get("do", "")
    verb = verb if verb in several.VERBS else "accept"
    chosen = _chosen(request.user, given)
    problem = _problem(verb, given, chosen)
    context = {"verb": verb, "title": TITLES[verb], "chosen": chosen, "problem": problem}
    if problem:
        return _page(request, context, status=400 if request.method == "POST" else 200)
    if request.method == "GET":
        return _page(request, context | {"form": FORMS[verb](chosen=chosen)})
    form = FORMS[verb](request.POST, chosen=chosen)
    if not form.is_valid():
        return _page(request, context | {"form": form}, status=400)
    moved = [case for case in chosen if verb != "merge" or case != form.main_case()]
    answers = several.carry_out(verb, moved, by=request.user, arguments=form.arguments)
    done = [answer for answer in answers if answer.is_done]
    context |= {"done": done, "refused": [one for one in answers if not one.is_done]}
    return render(request, "hazards/review/together_done.html", context)


def _numbers(given):
    """What was ticked, each once, in the order of the list."""
    return list(dict.fromkeys(number for number in given.getlist("case") if number.isprintable()))


def _chosen(user, given):
    """The cases of this person's posts among them, in that order; one query."""
    numbers = _numbers(given)[: several.CASES_MAX + 1]
    rows = Hazard.objects.in_charge_of(user).with_holders().with_row_facts()
    found = {row.number: row for row in rows.select_related("taken_by").filter(number__in=numbers)}
    return [found[number] for number in numbers if number in found]


def _problem(verb, given, chosen):
    """Why nothing can be done with what was ticked, or nothing."""
    if len(_numbers(given)) > several.CASES_MAX:
        return _("一次最多 %(n)d 件，少勾几件再来。一件也没有动。") % {"n": several.CASES_MAX}
    if len(chosen) < len(_numbers(given)):
        return _("有几件已经不归你办，回到队列重新勾。一件也没有动。")
    if not chosen:
        return _("还没有勾。回到队列，勾上几件再来。")
    if verb == "merge" and len(chosen) < 2:
        return _("并案至少要勾两件。")
    return ""


def _page(request, context, status=200):
    return render(request, "hazards/review/together.html", context, status=status)
