"""The pipeline of a solve: components on processes, a plan put together, checked and written."""
