"""Lets Django find the rooms' models; everybody else imports them from their rooms."""

import stations.areas.models
import stations.complaints.models
import stations.estates.link_models
import stations.estates.models
import stations.houses.models
import stations.pages.models
import stations.postings.models
import stations.robots.models
import stations.streets.models  # noqa: F401
