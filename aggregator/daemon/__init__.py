"""The daemon: keeps the schedule, serves HTTP, and has a worker process read and write."""
