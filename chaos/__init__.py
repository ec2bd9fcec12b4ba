"""A delivery checker: real servers, seeded faults, and the question whether anything was lost.

`python -m chaos --schedules 200 --seed 1`. Everything about a schedule follows from its seed, so a schedule
that failed is run again with `--schedules 1 --seed <its seed>`.
"""
