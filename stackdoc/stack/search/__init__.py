"""What the search of the handbook knows besides the words on its pages."""
