"""A release: dataset folders as the tables, card and reports that go to the Hub; the way there."""
