"""A release: dataset folders as the tables, card and reports that go to the Hub; the way there.

A release folder, and a repo on the Hub, hold rounds side by side. A round is one
dataset folder as it was released; its id is a hash of what it holds and of how it
was released, so that two people who publish at once never claim the same paths:

    README.md                     the card: a function of release.json and nothing else
    release.json                  {"format": 1, "rounds": {ID: what the card tells of a round}}
    data/CONFIG/ID-*.parquet      the rows of one round, shard by shard
    rounds/ID/...                 its manifest, reports and plots

A repo and a release are thus merged by the union of their rounds, and the card is
written anew from what release.json says then.
"""
