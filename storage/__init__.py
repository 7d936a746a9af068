"""Pictures and facts at rest: the folder of pictures, the register of locations, chDB and SQLite."""
