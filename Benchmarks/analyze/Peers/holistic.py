"""Prints HolisticTraceAnalysis's overlap of one trace, computed as its documentation describes."""
import logging
import sys
import warnings

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)
from hta.trace_analysis import TraceAnalysis  # noqa: E402

analysis = TraceAnalysis(trace_files={0: sys.argv[1]})
print(analysis.get_comm_comp_overlap(visualize=False).to_string())
