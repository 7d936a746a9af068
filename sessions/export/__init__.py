"""Answers and sessions as files, and sessions out of files: one module for each form.

What an answer is stays :mod:`sessions.conversations`' business. Nothing here looks at a picture or works a figure out
anew: an export says what the page says, from what is stored.
"""
