"""Scores sentences and picks the ones that say most together."""

import math
from collections import Counter

from words import content_words, words_of

# Weights set by hand; only their order of size matters much.
FIRST_SENTENCE = 1.4
PARAGRAPH_OPENER = 1.15
REDUNDANCY = 0.7
# Shorter sentences seldom stand alone, longer ones are seldom a summary.
GOOD_LENGTH = (6, 40)


def summarise(sentences, wanted, keyword_count, language):
    counts, lengths, content = Counter(), [], []
    for sentence in sentences:
        words = words_of(sentence.text)
        telling = content_words(words, language)
        counts.update(telling)
        lengths.append(len(words))
        content.append(tuple(dict.fromkeys(telling)))
    scores = [_score(i, sentence, lengths[i], content[i], counts)
              for i, sentence in enumerate(sentences)]
    picked = sorted(_pick(scores, content, wanted))
    best = max(scores) or 1.0
    separator = "" if language == "other" and _is_unspaced(sentences[0].text) else " "
    return {
        "summary": separator.join(sentences[i].text for i in picked),
        "sentences": [{"index": i, "text": sentences[i].text, "score": round(scores[i] / best, 3)}
                      for i in picked],
        "keywords": _keywords(counts, keyword_count),
        "language": language,
        "statistics": {
            "sentences": len(sentences),
            "words": sum(lengths),
            "summary_words": sum(lengths[i] for i in picked),
        },
    }


def _score(index, sentence, length, content, counts):
    if not content:
        return 0.0
    weight = sum(0.1 + math.log(counts[word]) for word in content)
    score = weight / math.sqrt(length + 3)
    shortest, longest = GOOD_LENGTH
    if length < shortest:
        score *= length / shortest
    elif length > longest:
        score *= longest / length
    if index == 0:
        return score * FIRST_SENTENCE
    return score * PARAGRAPH_OPENER if sentence.opens_paragraph else score


def _pick(scores, content, wanted):
    """Indices by maximal marginal relevance (Carbonell and Goldstein, 1998)."""
    likeness = [0.0] * len(scores)
    left = set(range(len(scores)))
    picked = []
    while left and len(picked) < wanted:
        best = max(left, key=lambda i: (scores[i] * (1 - REDUNDANCY * likeness[i]), -i))
        picked.append(best)
        left.remove(best)
        taken = frozenset(content[best])
        for i in left:
            likeness[i] = max(likeness[i], _similarity(content[i], taken))
    return picked


def _similarity(a, b):
    """Cosine of the different words of a tuple and a set."""
    if not a or not b:
        return 0.0
    return len(b.intersection(a)) / math.sqrt(len(a) * len(b))


def _keywords(counts, wanted):
    # A word that occurs once is no keyword unless nothing occurs twice.
    repeated = [item for item in counts.items() if item[1] > 1] or list(counts.items())
    repeated.sort(key=lambda item: (-item[1], item[0]))
    return [{"word": word, "count": count} for word, count in repeated[:wanted]]


def _is_unspaced(text):
    return " " not in text and text[-1:] in "。！？」』”"
