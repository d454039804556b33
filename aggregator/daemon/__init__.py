"""The daemon: keeps the time, serves, and has a worker process read and write."""
