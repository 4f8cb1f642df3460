"""What the tests of races share."""

URL = "/hazards/report/"
