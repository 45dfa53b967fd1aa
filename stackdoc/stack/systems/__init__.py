"""Systems, their pages, and alternatives compared."""
