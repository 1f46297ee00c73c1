"""The commands of ``spatialgen``, one file each, imported when they are used."""
