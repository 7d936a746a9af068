"""HTTP: the page, JSON, the event stream, pictures, and what keeps them safe.

Flask lives here and in flask_app.py only.
"""
