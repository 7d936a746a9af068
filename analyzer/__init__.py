"""A question about pictures: understand it (plan), put it to the pictures (run), say what was seen (answer)."""
