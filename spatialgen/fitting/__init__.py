"""Fit boxes and floors to measured points."""
