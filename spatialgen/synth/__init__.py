"""Furnished rooms made from a seed, and films of them: scans without a download.

``rooms.furnish`` gives a room as boxes, ``scans.make`` a scan with mesh and
video in memory, ``writing.write_rooms`` scans on disk with the truth beside them.
"""
