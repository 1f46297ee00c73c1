"""What a release holds: its tables as parquet files, and release.json, which names their parts."""
