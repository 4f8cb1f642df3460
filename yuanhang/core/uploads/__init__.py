"""Files of a form that was refused, kept for the next try."""
