"""What an author writes into a page: fences and roles."""
