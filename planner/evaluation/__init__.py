"""Routes that people have made: read, timed, loaded, judged."""
