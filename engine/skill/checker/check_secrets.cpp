#include "engine/skill/checker/check_state.h"
#include "engine/skill/checker/pattern_tables.h"

#include <algorithm>
#include <array>
#include <cmath>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr Pattern assignmentTable[] = {
    {Rule::SecretAssigned, kindAnyText, TextView::Lower,
     "password|passwd|secret|token|api_key|apikey|api-key|access_key|private_key|auth_key",
     R"re((?:password|passwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|auth[_-]?key)\w{0,20}["']?\s*(?:=|:|=>|:=)\s*["']?([a-z0-9+/=_.!@#$%^&*-]{16,200}))re",
     "%1 looks like a secret", PatternScope::Line},
};

/// Bits per character by the frequencies in the text itself.
double entropyOf(QByteArrayView text)
{
    std::array<int, 256> counts{};
    for (const char c : text)
        ++counts[static_cast<unsigned char>(c)];
    double bits = 0;
    for (const int count : counts) {
        if (count > 0) {
            const double share = double(count) / double(text.size());
            bits -= share * std::log2(share);
        }
    }
    return bits;
}

/// Placeholders, references to a real place, names of things.
bool isObviousPlaceholder(QByteArrayView value)
{
    const QByteArray lower = asciiLower(value);
    for (const char *word :
         {"example",  "your",      "xxxx", "placeholder", "changeme", "change-me", "dummy",
          "test",     "sample",    "fake", "redacted",    "secret",   "password",  "token",
          "1234567",  "abcdef",    "....", "****",        "insert",   "replace",   "none",
          "null",     "undefined", "env",  "process",     "config",   "get",       "input",
          "${",       "<",         "{{",   "lorem",       "foobar",   "public",    "http",
          "/sandbox", "self.",     "this."}) {
        if (lower.contains(word))
            return true;
    }
    return false;
}

/// Long, mixed and random: digits and letters, and more bits than words have.
bool looksRandom(QByteArrayView value)
{
    const auto count = [&value](auto accept) {
        return std::count_if(value.begin(), value.end(), accept);
    };
    const auto digits = count([](char c) { return c >= '0' && c <= '9'; });
    const auto upper = count([](char c) { return c >= 'A' && c <= 'Z'; });
    const auto lower = count([](char c) { return c >= 'a' && c <= 'z'; });
    const auto dots = count([](char c) { return c == '.'; });
    if (digits < 2 || upper + lower < 4 || dots > 2)
        return false;
    const bool isHex = upper == 0
        && digits + count([](char c) { return c >= 'a' && c <= 'f'; }) == value.size();
    return entropyOf(value) >= (isHex ? 3.0 : 3.5);
}

} // namespace

void checkSecrets(const CheckedFile &file, CheckState &state)
{
    static const PatternSet secrets{secretPatterns()};
    static const PatternSet assignments{std::span<const Pattern>(assignmentTable)};
    if (file.text.kind() == SourceKind::Binary)
        return;
    const QByteArrayView raw(file.text.raw());
    const auto value = [&raw](const PatternMatch &match) {
        return raw.sliced(match.start, match.end - match.start);
    };
    secrets.search(file.text, [&](const PatternMatch &match) {
        const auto found = value(match);
        if (match.pattern->rule == Rule::PrivateKey) {
            state.add(Rule::PrivateKey, file, match.start, match.end,
                      u"a private key begins here"_s);
            return;
        }
        if (isObviousPlaceholder(found) || entropyOf(found) < 3.0)
            return;
        // Enough to find it, not enough to use it: findings end up in logs and reports.
        const QString start = QString::fromLatin1(
            found.first(std::min<qsizetype>(found.size(), 8)));
        QString message = QString::fromUtf8(match.pattern->message);
        message.replace(u"%1"_s, u"\"%1…\""_s.arg(start));
        state.add(Rule::Secret, file, match.start, match.end, message);
    });
    assignments.search(file.text, [&](const PatternMatch &match) {
        const auto found = value(match);
        if (isObviousPlaceholder(found) || !looksRandom(found)
            || state.has(Rule::Secret, file.path))
            return;
        // A call or an index is no literal.
        if (match.end < raw.size() && QByteArrayView("([").contains(raw[match.end]))
            return;
        const QString start = QString::fromLatin1(found.first(4));
        state.add(Rule::SecretAssigned, file, match.start, match.end,
                  u"the value \"%1…\" looks like a secret"_s.arg(start));
    });
}

} // namespace skillbox
