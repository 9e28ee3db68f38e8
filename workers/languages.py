"""What we say ourselves, in the language of the question or of its channel: English, German, French, Spanish. Pure.

The language is told by its function words ("wie", "est", "cuántos"), which even a short question has; cf. Grefenstette 1995,
"Comparing two language identification schemes", where these do as well as letters from some ten words on. In doubt it is English.
Sentences are kept by their English wording; what is not among them (whatever documents or models wrote) is left as it is.
"""

import re
from collections.abc import Callable, Mapping

from rag.domain import Language

LANGUAGES: Mapping[Language, str] = {"en": "English", "de": "German", "fr": "French", "es": "Spanish"}

Say = Callable[[str], str]
"""A sentence of ours in another language, any other text as it is."""

_WORD = re.compile(r"[^\W\d_]+")

# fmt: off
_FUNCTION_WORDS: dict[Language, frozenset[str]] = {
    "en": frozenset((
        "a", "an", "and", "are", "can", "do", "does", "did", "for", "from", "has", "have", "how", "i", "in", "is", "it", "many",
        "may", "me", "much", "my", "no", "of", "on", "our", "the", "there", "to", "was", "we", "were", "what", "when", "where",
        "which", "who", "why", "with", "you", "your",
    )),
    "de": frozenset((
        "auf", "aus", "bei", "bekomme", "darf", "das", "dem", "den", "der", "des", "die", "ein", "eine", "einen", "für", "gibt",
        "habe", "haben", "ich", "im", "ist", "kann", "man", "mein", "meine", "mit", "muss", "nach", "nicht", "oder", "sind", "und",
        "uns", "viel", "viele", "von", "wann", "warum", "was", "welche", "welcher", "welches", "wenn", "wer", "werden", "wie", "wir",
        "wo", "zu", "zum", "zur", "über",
    )),
    "fr": frozenset((
        "a", "au", "aux", "avec", "avons", "combien", "comment", "dans", "de", "des", "du", "est", "et", "faire", "il", "je", "la",
        "le", "les", "mes", "mon", "nos", "notre", "nous", "on", "ou", "où", "par", "peut", "pour", "pourquoi", "puis", "qu", "quand",
        "que", "quel", "quelle", "quelles", "quels", "qui", "quoi", "sont", "sur", "un", "une", "à",
    )),
    "es": frozenset((
        "al", "con", "cuando", "cuál", "cuáles", "cuándo", "cuánto", "cuánta", "cuántas", "cuántos", "cómo", "de", "del", "donde",
        "dónde", "el", "en", "es", "está", "están", "hay", "la", "las", "lo", "los", "me", "mi", "mis", "nuestro", "para", "por",
        "puede", "puedo", "que", "quién", "qué", "se", "son", "tengo", "tenemos", "un", "una", "y",
    )),
}

_OURS: dict[str, dict[Language, str]] = {
    "There is nothing here yet that I may read for the people in this conversation.": {
        "de": "Hier gibt es noch nichts, was ich für alle in dieser Unterhaltung lesen darf.",
        "fr": "Il n'y a encore rien ici que je puisse lire pour les personnes de cette conversation.",
        "es": "Aquí todavía no hay nada que yo pueda leer para las personas de esta conversación.",
    },
    "I couldn't find an answer to that in the documents I can read here.": {
        "de": "Dazu habe ich in den Dokumenten, die ich hier lesen darf, keine Antwort gefunden.",
        "fr": "Je n'ai pas trouvé de réponse à cela dans les documents que je peux lire ici.",
        "es": "No he encontrado respuesta a eso en los documentos que puedo leer aquí.",
    },
    "I couldn't find an answer to that in the documents I can read here. The closest pages are:": {
        "de": "Dazu habe ich in den Dokumenten, die ich hier lesen darf, keine Antwort gefunden. Am nächsten kommen:",
        "fr": "Je n'ai pas trouvé de réponse à cela dans les documents que je peux lire ici. Les pages les plus proches :",
        "es": "No he encontrado respuesta a eso en los documentos que puedo leer aquí. Las páginas más cercanas:",
    },
    "That is longer than I can read at once (over 4,000 characters). Please put the question itself in a few sentences.": {
        "de": "Das ist länger, als ich auf einmal lesen kann (über 4000 Zeichen). Bitte stell die Frage selbst in wenigen Sätzen.",
        "fr": "C'est plus long que ce que je peux lire en une fois (plus de 4000 caractères). Pose la question elle-même en quelques phrases.",
        "es": "Es más largo de lo que puedo leer de una vez (más de 4000 caracteres). Escribe la pregunta misma en pocas frases.",
    },
    "I could not reach one of the services I need just now. Please ask again in a few minutes.": {
        "de": "Einen der Dienste, die ich brauche, konnte ich gerade nicht erreichen. Bitte frag in ein paar Minuten noch einmal.",
        "fr": "Je n'ai pas pu joindre l'un des services dont j'ai besoin. Repose la question dans quelques minutes.",
        "es": "Ahora mismo no he podido acceder a uno de los servicios que necesito. Pregunta otra vez dentro de unos minutos.",
    },
    "I could not reach the index of your documents just now. Please ask again in a few minutes.": {
        "de": "Den Index eurer Dokumente konnte ich gerade nicht erreichen. Bitte frag in ein paar Minuten noch einmal.",
        "fr": "Je n'ai pas pu joindre l'index de vos documents. Repose la question dans quelques minutes.",
        "es": "Ahora mismo no he podido acceder al índice de vuestros documentos. Pregunta otra vez dentro de unos minutos.",
    },
    "The language model did not answer in time. Please ask again in a few minutes.": {
        "de": "Das Sprachmodell hat nicht rechtzeitig geantwortet. Bitte frag in ein paar Minuten noch einmal.",
        "fr": "Le modèle de langage n'a pas répondu à temps. Repose la question dans quelques minutes.",
        "es": "El modelo de lenguaje no ha respondido a tiempo. Pregunta otra vez dentro de unos minutos.",
    },
    "The language model would not answer this. Try asking in other words, or look at the pages directly.": {
        "de": "Das Sprachmodell wollte darauf nicht antworten. Frag in anderen Worten, oder sieh selbst in den Seiten nach.",
        "fr": "Le modèle de langage n'a pas voulu répondre. Essaie avec d'autres mots, ou consulte directement les pages.",
        "es": "El modelo de lenguaje no ha querido responder. Pregunta con otras palabras, o mira directamente las páginas.",
    },
    "Something went wrong on my side and I could not answer. The people who run me can see the details.": {
        "de": "Bei mir ist etwas schiefgegangen, und ich konnte nicht antworten. Wer mich betreibt, kann sehen, was es war.",
        "fr": "Quelque chose s'est mal passé de mon côté et je n'ai pas pu répondre. Les personnes qui me gèrent peuvent voir pourquoi.",
        "es": "Algo ha fallado por mi parte y no he podido responder. Quienes me gestionan pueden ver los detalles.",
    },
    "Answered unasked because this channel has it switched on. Mention me to ask more, or say “stop” here.": {
        "de": "Ungefragt beantwortet, weil das in diesem Kanal eingeschaltet ist. Erwähne mich, um mehr zu fragen, oder sag hier „stop“.",
        "fr": "Réponse spontanée, car ce canal l'a activée. Mentionne-moi pour en demander plus, ou écris « stop » ici.",
        "es": "Respuesta espontánea, porque este canal lo tiene activado. Mencióname para preguntar más, o escribe «stop» aquí.",
    },
    "Stopped, as you asked. Ask again whenever you like.": {
        "de": "Angehalten, wie du wolltest. Frag jederzeit wieder.",
        "fr": "Arrêté, comme demandé. Repose une question quand tu veux.",
        "es": "Detenido, como pediste. Pregunta de nuevo cuando quieras.",
    },
    "is looking through the documents …": {
        "de": "sieht in den Dokumenten nach …", "fr": "parcourt les documents …", "es": "está mirando los documentos …",
    },
    "Looking through the documents …": {
        "de": "Ich sehe in den Dokumenten nach …", "fr": "Je parcours les documents …", "es": "Estoy mirando los documentos …",
    },
    "Reading what I found …": {
        "de": "Ich lese, was ich gefunden habe …", "fr": "Je lis ce que j'ai trouvé …", "es": "Leo lo que he encontrado …",
    },
    "Holding the answer against its sources …": {
        "de": "Ich prüfe die Antwort an ihren Quellen …", "fr": "Je vérifie la réponse et ses sources …", "es": "Comparo la respuesta con sus fuentes …",
    },
    "Ask a person": {"de": "Einen Menschen fragen", "fr": "Demander à quelqu'un", "es": "Preguntar a una persona"},
    "Show passages": {"de": "Stellen zeigen", "fr": "Voir les passages", "es": "Ver los pasajes"},
    "Share in channel": {"de": "Im Kanal teilen", "fr": "Partager dans le canal", "es": "Compartir en el canal"},
    "Helpful": {"de": "Hilfreich", "fr": "Utile", "es": "Útil"},
    "Not helpful": {"de": "Nicht hilfreich", "fr": "Pas utile", "es": "No es útil"},
}
# fmt: on


def language_of(question: str) -> Language:
    """The language in which something is asked; English where its words do not tell."""
    words = [word.lower() for word in _WORD.findall(question)]
    found = {name: sum(word in own for word in words) for name, own in _FUNCTION_WORDS.items()}
    best = max(found, key=lambda name: found[name])  # of those that are level the first, which is English
    return best if found[best] > found["en"] else "en"


def sayer(question: str, language: Language | None = None) -> Say:
    """Says our sentences in this language; where none is given, in that of the question."""
    chosen = language or language_of(question)
    return lambda sentence: _OURS.get(sentence, {}).get(chosen, sentence)


def sentences() -> dict[str, dict[Language, str]]:
    """All that can be said otherwise than in English, by its English wording."""
    return _OURS
