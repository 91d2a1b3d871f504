"""Loads a shared library, and prints its path as JSON."""
import ctypes
import json
import sys

ctypes.CDLL(sys.argv[1])
print(json.dumps(sys.argv[1]))
