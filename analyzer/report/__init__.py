"""The report of an answer: introduction, findings, conclusion. A template writes it; where a language model does, each
number and each name in it is held against the answer's facts before anybody reads it."""
