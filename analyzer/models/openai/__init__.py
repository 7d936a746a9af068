"""OpenAI's GPT-4o, and every server that speaks like it: the wire, the client, the limiter, the prices, the model.

Pictures don't go through the ``openai`` package: its client keeps a thread for up to two minutes when it is told to
come back later, has no time-out for a whole answer and no limit to its length, and takes more processor time for its
calls alone than a whole run of ours (``bench/pool.py`` measures both). Texts, one call now and then, do (``text.py``).
"""
