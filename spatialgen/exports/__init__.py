"""The files that trainers and benchmarks read, one file per format, found by file name."""
