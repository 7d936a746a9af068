"""The vision models: whatever can look at a picture and say what is in it."""
