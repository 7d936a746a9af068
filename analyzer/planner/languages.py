"""Telling a question in another language by its little words, which names of places do not hide.

The rules read English. A German question about "Clock Square" is half made of words that they know, so its strange
words alone do not give it away; two little words of one language do, where one of them asks, shows or names.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

# Words that ask, show or name what is asked for, none of them English; and words that go with them.
_LANGUAGES: Mapping[str, tuple[str, str]] = {
    "German": (
        "wie viele wieviele welche welcher welches gibt zeige zeig wo menschen leute fahrzeuge personen",
        "sind ist auf dem den des mit und ein eine einen nicht im zur zum gerade jetzt der das autos es",
    ),
    "French": (
        "combien quels quelles quelle où montre montrez personnes voitures véhicules",
        "est sont les des une dans avec sur il de à y maintenant gens ou",
    ),
    "Spanish": (
        "cuántos cuántas cuantos cuantas cuáles cuales dónde donde muestra muestrame muéstrame coches personas",
        "hay está están los las una con sobre el la que gente ahora de en",
    ),
    "Portuguese": (
        "quantos quantas quais onde há mostre existem pessoas carros",
        "está estão os as uma com agora na no em tem de mostra",
    ),
    "Italian": (
        "quanti quante quali mostrami persone macchine",
        "dove mostra sono gli le una con adesso ci nel nella di che c'è",
    ),
    "Dutch": ("hoeveel welke waar toon mensen", "zijn het een met laat auto's nu er de op"),
    "Polish": ("ile które która gdzie pokaż ludzi samochodów", "jest są na teraz się w z"),
    "Turkish": ("kaç hangi nerede göster kişi araba", "var şimdi bir ve de"),
    "Indonesian": ("berapa dimana tampilkan orang mobil", "mana ada sekarang di yang banyak"),
    "Hindi": ("kitne kitni kahan kahaan kaunsi kaunse dikhao gaadi gaadiyan", "hai hain log mein abhi aur ki ka"),
    "Telugu": ("entha enni ekkada chupinchu", "mandi unnaru unnayi lo ippudu"),
    "Swedish": ("hur många vilka människor bilar", "är det finns på och nu var visa"),
}
_ASKING = {name: frozenset(asking.split()) for name, (asking, _) in _LANGUAGES.items()}
_GOING = {name: frozenset(going.split()) for name, (_, going) in _LANGUAGES.items()}


# Before the name of a place they stand for "in".
LITTLE = frozenset(word for words in (*_ASKING.values(), *_GOING.values()) for word in words)


def foreign_language(words: Collection[str]) -> str | None:
    """The language other than English that ``words``, in lower case, are little words of; or ``None``."""
    said = set(words)
    for name, asking in _ASKING.items():
        asks = said & asking
        if asks and len(asks | (said & _GOING[name])) >= 2:
            return name
    return None
