"""Cases, made through the workflow as everything else makes them."""

import io
import uuid

from django.core.files.uploadedfile import SimpleUploadedFile

from hazards import workflow
from hazards.models import Category, StandardCase, Urgency
from stations.models import Organisation
from yuanhang.core import photos, voice


def report(grid=None, by=None, **fields):
    """A submitted case."""
    fields.setdefault("description", "井盖翘起来了")
    category = Category.objects.get(key=fields.pop("category", "manhole"))
    hazard, _is_new = workflow.submit(
        by=by,
        submission_key=fields.pop("submission_key", None) or uuid.uuid4(),
        category=category,
        grid=grid,
        **fields,
    )
    return hazard


def standard():
    """污水井盖: 缺失、移位、开裂."""
    return StandardCase.objects.get(code="0102", variant=1)


def advance(hazard, state, *, reviewer, officer=None, organisation=None):
    """Take a submitted case along the main road up to `state`."""
    road = ["accepted", "escalated", "dispatched", "fixed", "closed"]
    for name in road[: road.index(state) + 1]:
        if name == "accepted":
            hazard = workflow.accept(
                hazard, by=reviewer, standard_case=standard(), urgency=Urgency.SOON
            )
        elif name == "escalated":
            hazard = workflow.escalate(hazard, by=reviewer)
        elif name == "dispatched":
            hazard = workflow.dispatch(
                hazard, by=officer, organisation=organisation or Organisation.objects.first()
            )
        elif name == "fixed":
            hazard = workflow.fix(hazard, by=officer or reviewer)
        else:
            hazard = workflow.close(hazard, by=reviewer, condition_met=True)
    return hazard


def upload(data, name="photo.jpg", kind="image/jpeg"):
    """A file as a browser sends it."""
    return SimpleUploadedFile(name, data, kind)


def form(**fields):
    """What the report page sends: a fresh key and the given fields."""
    return {"submission_key": str(uuid.uuid4())} | fields


def stored_photo(data):
    """A photo as the form hands it to the workflow."""
    return photos.process(io.BytesIO(data))


def stored_voice(data):
    """A voice note as the form hands it to the workflow."""
    return voice.convert(io.BytesIO(data))
