"""Words of a text, and which of them are too common to say anything."""

import re
import unicodedata
from collections import Counter
from sys import intern

_STOPWORDS = {
    "en": """a about after all also an and any are as at be because been before being but by can
        could did do does for from had has have he her his how i if in into is it its just like may
        might more most must no not of on one only or other our out over said she should so some
        such than that the their them then there these they this those through to under up us very
        was we were what when where which while who will with without would you your don doesn didn isn
        wasn aren weren won wouldn couldn ll ve re""",
    "de": """aber alle als also am an auch auf aus bei bin bis da dann das dass dem den der des die
        dies diese diesem diesen dieser durch ein eine einem einen einer eines er es für haben hat
        hatte ich ihr ihre im in ist ja kann kein keine man mehr mit nach nicht noch nur oder ohne
        schon sein seine sich sie sind so über um und uns unter vom von vor war waren was wenn wer
        werden wie wir wird wurde wurden zu zum zur zwischen""",
    "fr": """à au aussi autre aux avec bien ce ces cette comme dans de des deux dont du elle elles en
        est et était été être eu fait il ils je la le les leur leurs lui mais même mes moi ne nos
        notre nous on ont ou où par pas plus pour qu que qui sa sans se ses si son sont sous sur ta
        tout toute tous très tu un une vos votre vous y d l n s c j""",
    "es": """a al algo ante como con contra cual cuando de del desde donde durante e el ella ellas
        ellos en entre era es esta está este esto estos fue ha hasta hay la las le les lo los más
        me mi muy nada ni no nos o otra otro para pero por porque que quien se según ser si sí sin
        sobre son su sus también te tiene todo tu un una uno unos y ya yo""",
    "it": """a ad ai al alla alle anche che chi ci come con cui da dal dalla dei del della delle di
        dove e è ed era essere fra gli ha hanno i il in io la le lei lo loro lui ma mi ne nei nel
        nella noi non o per perché più quale quando quella quello questa questo se si sia sono su
        sua sue sul sulla suo suoi tra tutti un una uno vi l d dell all""",
    "pt": """a ao aos as até com como da das de dela dele do dos e é ela elas ele eles em entre era
        essa esse esta está este eu foi for há isso isto já lhe mais mas me mesmo meu minha muito
        na não nas nem no nos nós num numa o os ou para pela pelas pelo pelos por qual quando que
        quem se sem ser seu seus só são sua suas também te tem um uma você""",
    "nl": """aan al alles als altijd andere ben bij daar dan dat de der deze die dit doen door dus
        een en er ge geen had heb hebben heeft hem het hier hij hoe hun ik in is ja je kan kon maar
        me meer men met mij mijn moet na naar niet nog nu of om omdat ons ook op over reeds te tegen
        toch toen tot u uit uw van veel voor want was wat we werd wie wij wil worden wordt zal ze
        zei zelf zich zij zijn zo zonder zou""",
}

LANGUAGES = tuple(_STOPWORDS)
_STOPWORD_SETS = {language: frozenset(text.split()) for language, text in _STOPWORDS.items()}

# Scripts written without spaces: pairs of characters stand in for words.
_UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\u0e00-\u0e7f"
_TOKEN = re.compile(f"[{_UNSPACED}]+|[^\\W_{_UNSPACED}](?:[^\\W{_UNSPACED}]|[\u0300-\u036f\u0900-\u097f"
                    "\u0980-\u0dff\u064b-\u0652\u05b0-\u05c7-])*")
_UNSPACED_START = re.compile(f"[{_UNSPACED}]")


def words_of(text):
    """Lower-case words; an apostrophe parts them, so `l'eau` gives `l` and `eau`."""
    found = []  # interned: a long text has few different words
    for token in _TOKEN.findall(unicodedata.normalize("NFC", text).casefold()):
        if not _UNSPACED_START.match(token):
            found.append(intern(token))
        elif len(token) == 1:
            found.append(intern(token))
        else:
            found.extend(intern(token[i:i + 2]) for i in range(len(token) - 1))
    return found


def content_words(words, language):
    common = _STOPWORD_SETS.get(language, frozenset())
    return [word for word in words
            if word not in common and not word.isdigit()
            and (len(word) > 1 or _UNSPACED_START.match(word))]


def detect_language(text):
    """The language whose common words make up most of the text's beginning, or `other`."""
    counts = Counter(words_of(text[:20000]))
    total = sum(counts.values())
    shares = {language: sum(n for word, n in counts.items() if word in common)
              for language, common in _STOPWORD_SETS.items()}
    best = max(shares, key=shares.get)
    # In running text of any of these languages a third of the words are common ones.
    return best if total and shares[best] / total > 0.15 else "other"
