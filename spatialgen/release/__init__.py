"""A release: dataset folders as the tables, card and reports that go to the Hub; the way there.

A release folder, and a repo on the Hub, hold parts side by side, one per dataset
folder. A part's name ends in a hash of the folder and of how it was released, so
two people who publish at once never claim the same paths. release.json names the
parts; the card and all else at the top is written from release.json alone. A repo
and a release are thus merged by the union of their parts.
"""
