"""Lets Django find the rooms' models; everybody else imports them from their rooms."""

import hazards.cases.models.attachments
import hazards.cases.models.hazards
import hazards.cases.models.numbers
import hazards.cases.models.photo_places
import hazards.cases.models.steps
import hazards.catalogue.models
import hazards.deadlines.models
import hazards.roads.models
import hazards.sightings.models
import hazards.slips.models  # noqa: F401
