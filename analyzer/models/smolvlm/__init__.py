"""SmolVLM on this machine: a small language model with eyes, run by llama.cpp in a process of its own.

``model`` is the seam's implementation, ``process`` owns the child, ``worker`` is what the child runs, ``engine`` asks
pictures there and ``native`` is the only file that touches llama.cpp. Importing this package loads none of it.
"""
