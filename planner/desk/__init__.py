"""The desk: pages on which the day is run, served to a browser of this machine."""
