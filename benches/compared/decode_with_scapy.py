"""Prints a line for each frame of a capture."""

import sys

from scapy.all import PcapReader

with PcapReader(sys.argv[1]) as frames:
    for frame in frames:
        print(float(frame.time), frame.summary())
