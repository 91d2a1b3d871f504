"""The parts of device-run, in the order in which they run.

A part has `LIMIT`, the longest time in seconds, and `measure`, which adds figures to the report of a Measurement. The
limits of all parts are 400 s together.
"""
from . import environment, fp8, model, pair, profile, tests

PARTS = {
    "environment": environment, "tests": tests, "pair": pair, "model": model, "profile": profile, "fp8": fp8,
}
