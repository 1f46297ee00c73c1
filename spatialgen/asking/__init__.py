"""Asking a model about many scenes: what it is shown, what it writes, what becomes of that."""
