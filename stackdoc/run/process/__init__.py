"""Supervised child processes, the warm processes that they are forked from, and their limits."""
