"""Commands of the command line that need no server: each module has one `command`."""
