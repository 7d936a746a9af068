"""Conversations: messages, questions and their runs; asked, answered, resumed."""
