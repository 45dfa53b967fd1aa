"""Why measurements lie far above their predictions."""
