"""The routes of the earlier camera analyser, for programs that speak with it; on the same code as the page."""
