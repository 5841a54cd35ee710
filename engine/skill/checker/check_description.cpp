#include "engine/skill/checker/check_state.h"

#include <algorithm>
#include <array>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr int recommendedTokens = 5000;
constexpr int recommendedLines = 500;

bool isPlaceholder(const QString &description, const QString &name)
{
    const QString text = description.toLower().trimmed();
    static const QStringList fillers{u"todo"_s,
                                     u"tbd"_s,
                                     u"fixme"_s,
                                     u"description"_s,
                                     u"a skill"_s,
                                     u"my skill"_s,
                                     u"skill description"_s,
                                     u"lorem ipsum"_s,
                                     u"..."_s,
                                     u"test"_s,
                                     u"placeholder"_s,
                                     u"none"_s,
                                     u"n/a"_s};
    for (const QString &filler : fillers) {
        if (text == filler || text == filler + u'.')
            return true;
    }
    return text.startsWith(u"todo") || text.startsWith(u"lorem ipsum")
        || text.contains(u"<description>") || text.contains(u"{{description}}")
        || text.contains(u"describe your skill") || text == name.toLower()
        || text.toUcs4().size() < 8;
}

bool saysWhen(const QString &description)
{
    const QString text = description.toLower();
    // What descriptions say that tell when; any language's own words count as said.
    static const std::array<QLatin1StringView, 18> words{
        "use when"_L1, "use this"_L1,    "use it"_L1,  "use for"_L1,      "when "_L1,
        "whenever"_L1, "if the user"_L1, "if you"_L1,  "asks"_L1,         "needs to"_L1,
        "need to"_L1,  "wants"_L1,       "trigger"_L1, "for requests"_L1, "before "_L1,
        "after "_L1,   "useful for"_L1,  "helps"_L1};
    const bool isAscii = std::all_of(text.cbegin(), text.cend(),
                                     [](QChar c) { return c.unicode() < 0x250; });
    return !isAscii || std::any_of(words.begin(), words.end(), [&](QLatin1StringView word) {
        return text.contains(word);
    });
}

} // namespace

int estimateTokens(QByteArrayView text)
{
    // Tokenizers split words into pieces of about five letters, take punctuation and digits in ones
    // to threes, and other scripts nearly character by character.
    qint64 quarters = 0; // of a token
    qsizetype word = 0;
    const auto endWord = [&] {
        if (word > 0)
            quarters += 4 * ((word + 5) / 6);
        word = 0;
    };
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z')) {
            ++word;
            continue;
        }
        endWord();
        if (byte >= 0xC0)
            quarters += 4;
        else if (byte >= '0' && byte <= '9')
            quarters += 2;
        else if (byte > ' ' && byte < 0x80)
            quarters += 3;
        else if (byte == '\n')
            quarters += 2;
    }
    endWord();
    return static_cast<int>(std::min<qint64>(quarters / 4, 1'000'000'000));
}

void checkDescription(const Manifest &manifest, const QHash<QString, TextRange> &places,
                      QByteArrayView body, CheckState &state, const QString &skillFile)
{
    const TextRange place = places.value(u"description"_s);
    if (!manifest.description.isEmpty()) {
        if (isPlaceholder(manifest.description, manifest.name)) {
            state.hits += {Rule::DescriptionPlaceholder,
                           u"the description says nothing about the skill"_s,
                           place,
                           {},
                           skillFile,
                           {}};
        } else if (!saysWhen(manifest.description)) {
            state.hits += {Rule::DescriptionVague,
                           u"the description does not say when to use the skill"_s,
                           place,
                           u"Add a sentence like \"Use it when …\"."_s,
                           skillFile,
                           {}};
        }
    }
    const auto lines = body.count('\n');
    const int tokens = estimateTokens(body);
    if (tokens > recommendedTokens || lines > recommendedLines) {
        state.hits += {
            Rule::BodyTooLong,
            u"the instructions have about %1 tokens in %2 lines; %3 and %4 are recommended "
            "at most"_s.arg(tokens)
                .arg(lines)
                .arg(recommendedTokens)
                .arg(recommendedLines),
            {},
            {},
            skillFile,
            {}};
    }
    const bool hasScript = std::any_of(state.files().cbegin(), state.files().cend(),
                                       [](const QString &path) {
                                           return languageOfScript(path).has_value();
                                       });
    if (body.trimmed().isEmpty() && !hasScript) {
        state.hits += {Rule::BodyEmpty,
                       u"the skill has neither instructions nor a script"_s,
                       {},
                       {},
                       skillFile,
                       {}};
    }
    const TextRange declared = places.value(u"capabilities"_s);
    for (const QString &word : declaredCapabilities(manifest).unknown) {
        state.hits += {Rule::CapabilityUnknown,
                       u"%1 is no capability"_s.arg(word.left(60)),
                       declared,
                       u"Known are network, subprocess, files and env (or env:NAME)."_s,
                       skillFile,
                       {}};
    }
}

} // namespace skillbox
