"""Speed of Lobby beside what else one would pick: `python -m benchmarks`, described in docs/BENCHMARKS.md."""
