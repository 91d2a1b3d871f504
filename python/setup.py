"""Builds a wheel that contains a library for one platform and works with any Python 3.

The version of the wheel is the version of the command, which is read from the Swift sources.
"""

import re
from pathlib import Path

from setuptools import Distribution, setup
from setuptools.command.bdist_wheel import bdist_wheel


class PlatformDistribution(Distribution):
    """A distribution that is specific to a platform, although it has no extension modules."""

    def has_ext_modules(self) -> bool:
        return True


class AnyPythonWheel(bdist_wheel):
    """A wheel for any Python 3 on one platform."""

    def get_tag(self) -> "tuple[str, str, str]":
        return ("py3", "none", super().get_tag()[2])


swift = Path(__file__).resolve().parent.parent / "Sources/TrainingRuns/Processes/Version.swift"
version = re.search(r'contraflowVersion = "(.+)"', swift.read_text())
if version is None:
    raise SystemExit(f"{swift} defines no contraflowVersion")

setup(version=version.group(1), distclass=PlatformDistribution, cmdclass={"bdist_wheel": AnyPythonWheel})
