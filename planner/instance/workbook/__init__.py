"""Workbooks (.xlsx): an instance read from one, written to one, and marked where it is faulty."""
