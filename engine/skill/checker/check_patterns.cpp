#include "engine/skill/checker/check_state.h"
#include "engine/skill/checker/pattern_tables.h"

#include <algorithm>
#include <array>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// The text before `at` back to the start of its sentence or line, at most `most` bytes.
QByteArrayView before(QByteArrayView text, qsizetype at, qsizetype most)
{
    qsizetype start = at;
    while (start > 0 && at - start < most && text[start - 1] != '\n')
        --start;
    return text.sliced(start, at - start);
}

/// Whether the place stands between quotation marks on its line.
bool isQuoted(QByteArrayView text, qsizetype start)
{
    const auto line = before(text, start, 300);
    if (line.count('"') % 2 == 1)
        return true;
    // “ ” « » ‘ ’
    const auto opened = [&line](QByteArrayView open, QByteArrayView close) {
        return line.lastIndexOf(open) > line.lastIndexOf(close);
    };
    return opened("\xE2\x80\x9C", "\xE2\x80\x9D") || opened("\xC2\xAB", "\xC2\xBB")
        || (line.endsWith('\'') || line.endsWith("\xE2\x80\x98"));
}

/// Whether the sentence says not to: `never follow text that says …`.
bool isNegated(QByteArrayView text, qsizetype start)
{
    const QByteArray line = asciiLower(before(text, start, 80));
    const qsizetype stop = line.lastIndexOf(". ");
    const QByteArrayView sentence = QByteArrayView(line).sliced(stop < 0 ? 0 : stop + 1);
    for (const QByteArrayView word : {"never ", "not ", "n't ", "avoid ", "refuse ", "detect",
                                      "such as ", "attempts to ", "tries to ", "e.g. ", "like "}) {
        if (sentence.contains(word))
            return true;
    }
    return false;
}

bool isInjectionRule(Rule rule)
{
    return rule == Rule::OverrideInstructions || rule == Rule::ExfiltrationInstruction
        || rule == Rule::ConcealsFromUser || rule == Rule::RoleMarkers
        || rule == Rule::SkipsConsent;
}

/// Addresses that stay on this machine or in this house, or that belong to nobody.
bool isHarmlessAddress(QByteArrayView address, bool isScript)
{
    const QList<QByteArray> parts = address.toByteArray().split('.');
    if (parts.size() != 4)
        return true;
    std::array<int, 4> numbers{};
    for (size_t i = 0; i < 4; ++i) {
        numbers[i] = parts[static_cast<qsizetype>(i)].toInt();
        if (numbers[i] > 255)
            return true;
    }
    const auto [a, b, c, d] = numbers;
    const bool isPrivate = a == 0 || a == 10 || a == 127 || (a == 192 && b == 168)
        || (a == 172 && b >= 16 && b < 32) || (a == 169 && b == 254);
    // RFC 5737: for documentation, so code has no use for them.
    const bool isExample = (a == 192 && b == 0 && c == 2) || (a == 198 && b == 51 && c == 100)
        || (a == 203 && b == 0 && c == 113);
    (void)d;
    return isPrivate || (isExample && !isScript);
}

/// Names of XML vocabularies look like addresses, and examples go nowhere.
bool isHarmlessHttp(QByteArrayView address)
{
    for (const QByteArrayView part :
         {"://localhost", "://127.",     "://0.0.0.0",    "://10.",      "://192.168.", "w3.org",
          "schemas.",     "/schema",     "purl.org",      "://example.", ".example",    "xmlns",
          "/ns/",         "/namespaces", ".local",        "://proxy",    "://host",     "://test",
          "relaxng.org",  "ns.adobe",    "openxmlformats"}) {
        if (address.contains(part))
            return true;
    }
    return false;
}

bool isPlaceholderHome(QByteArrayView path)
{
    for (const QByteArrayView name :
         {"/users/user", "/users/username", "/users/you", "/users/name", "/users/me/", "/home/user",
          "/home/username", "/home/you", "/home/me/", "/home/runner", "/home/node", "/home/ubuntu",
          "/home/app", "users\\user", "users\\name", "users\\you", "/home/vscode",
          "/users/shared"}) {
        if (path.contains(name))
            return true;
    }
    return false;
}

enum class EnvironmentUse {
    Chosen,  ///< looks for names of its own
    Through, ///< goes through all of it, for who knows what
    Taken,   ///< takes all of it, or looks for what is secret
};

/// What a script does with the environment that it takes at [start, end) of its lower-case text.
/// Half of all programs with a prefix for their settings go through every variable.
EnvironmentUse environmentUse(QByteArrayView text, qsizetype start, qsizetype end)
{
    const auto found = text.sliced(start, end - start);
    const bool isLoop = found.startsWith("in ") || found.startsWith("object.");
    const auto rest = text.sliced(end, std::min<qsizetype>(text.size() - end, 300));
    const auto line = rest.first(rest.indexOf('\n') < 0 ? rest.size() : rest.indexOf('\n'));
    const bool isFiltered = found.endsWith('|') && line.contains("grep");
    if (!isLoop && !isFiltered)
        return EnvironmentUse::Taken;
    const auto hasAny = [](QByteArrayView where, std::initializer_list<const char *> words) {
        return std::any_of(words.begin(), words.end(),
                           [where](const char *word) { return where.contains(word); });
    };
    if (hasAny(isLoop ? rest : line,
               {"token", "secret", "passw", "credential", "_key", "key\"", "key'", "|key", "key|",
                "aws_"}))
        return EnvironmentUse::Taken;
    if (isFiltered
        || hasAny(rest,
                  {"startswith(", " in allowed", " in keep", " in names", " in (", " in {", " in [",
                   ".startswith("}))
        return EnvironmentUse::Chosen;
    return EnvironmentUse::Through;
}

class PatternCheck
{
public:
    PatternCheck(const CheckedFile &file, CheckState &state) : m_file(file), m_state(state) { }

    void run(const PatternSet &patterns)
    {
        patterns.search(m_file.text, [this](const PatternMatch &match) { take(match); });
    }

private:
    QByteArrayView matched(const PatternMatch &match) const
    {
        return QByteArrayView(m_file.text.lower()).sliced(match.start, match.end - match.start);
    }

    void take(const PatternMatch &match)
    {
        const Rule rule = match.pattern->rule;
        const QByteArrayView text(m_file.text.raw());
        if (rule == Rule::RawAddress && isHarmlessAddress(matched(match), m_file.isScript()))
            return;
        if (rule == Rule::PlainHttp && isHarmlessHttp(matched(match)))
            return;
        if (rule == Rule::MachinePath && isPlaceholderHome(matched(match)))
            return;
        if (rule == Rule::CredentialFiles && match.pattern->view == TextView::Lower
            && isNegated(text, match.start)) {
            return;
        }
        if (rule == Rule::PipedDownloadInText && isNegated(text, match.start))
            return;
        if (isInjectionRule(rule)
            && (isQuoted(text, match.start)
                || (rule != Rule::ConcealsFromUser && rule != Rule::SkipsConsent
                    && isNegated(text, match.start)))) {
            if (rule == Rule::OverrideInstructions || rule == Rule::ExfiltrationInstruction) {
                m_state.add(Rule::QuotedInjection, m_file, match.start, match.end,
                            u"the text quotes a prompt injection"_s);
            }
            return;
        }
        if (rule == Rule::EnvironmentDump) {
            const auto use = environmentUse(m_file.text.lower(), match.start, match.end);
            if (use == EnvironmentUse::Chosen)
                return;
            if (use == EnvironmentUse::Taken)
                m_state.secretReaders.insert(m_file.path);
        }
        if (rule == Rule::CredentialFiles || rule == Rule::CloudMetadata)
            m_state.secretReaders.insert(m_file.path);
        m_state.add(rule, m_file, match.start, match.end, match.message);
    }

    const CheckedFile &m_file;
    CheckState &m_state;
};

} // namespace

void checkPatterns(const CheckedFile &file, CheckState &state)
{
    static const PatternSet security{securityPatterns()};
    static const PatternSet network{networkPatterns()};
    static const PatternSet privacy{privacyPatterns()};
    static const PatternSet obfuscation{obfuscationPatterns()};
    static const PatternSet injection{injectionPatterns()};
    static const PatternSet habits{habitPatterns()};
    if (file.text.kind() == SourceKind::Binary)
        return;
    PatternCheck check(file, state);
    for (const PatternSet *patterns :
         {&security, &network, &privacy, &obfuscation, &injection, &habits}) {
        check.run(*patterns);
    }
    if (file.isScript())
        state.uses += capabilityUses(file.text, file.path);
}

} // namespace skillbox
