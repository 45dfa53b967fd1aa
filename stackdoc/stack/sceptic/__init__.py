"""What a sceptic would reject: claims, predictions, facts and figures that prove less than they seem to."""
