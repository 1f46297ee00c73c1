"""What a dataset gives away: shared with benchmarks, answerable without looking, out of balance."""
