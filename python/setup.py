"""Says that the wheel holds a library for one platform, but for any Python 3."""

import re
from pathlib import Path

from setuptools import Distribution, setup
from setuptools.command.bdist_wheel import bdist_wheel


class PlatformDistribution(Distribution):
    def has_ext_modules(self):
        return True


class AnyPythonWheel(bdist_wheel):
    def get_tag(self):
        return ("py3", "none", super().get_tag()[2])


swift = Path(__file__).resolve().parent.parent / "Sources/TrainingRuns/Processes/Version.swift"
version = re.search(r'contraflowVersion = "(.+)"', swift.read_text()).group(1)

setup(version=version, distclass=PlatformDistribution, cmdclass={"bdist_wheel": AnyPythonWheel})
