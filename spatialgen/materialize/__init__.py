"""Joins a published dataset with the scans of whoever downloaded it."""
