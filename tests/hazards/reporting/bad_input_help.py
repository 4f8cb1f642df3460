"""What the tests of bad input share."""

from tests.hazards.reporting.test_report import errors_of, text_of


def refusal(response):
    """The sentences of a form that came back, which must be in the page as well."""
    assert response.status_code == 400
    sentences = errors_of(response)
    page = text_of(response)
    assert all(sentence in page for sentence in sentences)
    return sentences
