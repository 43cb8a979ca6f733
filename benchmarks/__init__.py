"""What the inspector costs, measured against the bare thing in the same run. `make bench`; see docs/benchmarks.md."""
