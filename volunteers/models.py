"""Lets Django find the rooms' models; everybody else imports them from their rooms."""

import volunteers.activities.models.activities
import volunteers.activities.models.calendar_feeds
import volunteers.activities.models.sessions
import volunteers.activities.models.signups
import volunteers.errands.models
import volunteers.record.models.certificates
import volunteers.record.models.service_records
import volunteers.record.models.training_records
import volunteers.searches.models
import volunteers.skills.models
import volunteers.teams.models  # noqa: F401
