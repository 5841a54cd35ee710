#include "engine/skill/checker/pattern_search.h"

#include "engine/base/quoted_name.h"

#include <re2/re2.h>

#include <cstring>

#include <algorithm>

namespace skillbox {
namespace {

constexpr qsizetype bytesBefore = 512;
constexpr qsizetype bytesAfter = 1024;

re2::StringPiece piece(QByteArrayView text)
{
    return re2::StringPiece(text.data(), static_cast<size_t>(text.size()));
}

const QByteArray &viewOf(const SourceText &text, TextView view)
{
    switch (view) {
    case TextView::Raw: return text.raw();
    case TextView::Lower: return text.lower();
    case TextView::Code: return text.code();
    case TextView::Bare: return text.bare();
    case TextView::Prose: break;
    }
    return text.prose();
}

QString shown(QByteArrayView text)
{
    const auto trimmed = text.trimmed();
    return quotedName(trimmed.first(std::min<qsizetype>(trimmed.size(), 60)));
}

} // namespace

struct PatternSet::Compiled {
    const Pattern *pattern;
    QByteArrayList needles;
    std::unique_ptr<re2::RE2> expression;

    struct Place {
        qsizetype start;
        qsizetype end;
    };

    /// Goes through the matches of one text.
    class Cursor
    {
    public:
        Cursor(const Compiled &compiled, const QByteArray &text)
            : m_compiled(compiled)
            , m_text(text)
            , m_needleAt(static_cast<size_t>(compiled.needles.size()), -1)
        {
        }

        std::optional<Place> next()
        {
            while (m_from < m_text.size()) {
                const qsizetype at = nextNeedle();
                if (at < 0)
                    break;
                const qsizetype windowStart = std::max<qsizetype>(0, at - bytesBefore);
                const qsizetype windowEnd = std::min(m_text.size(), at + bytesAfter);
                const qsizetype before = m_text.sliced(windowStart, at - windowStart)
                                             .lastIndexOf('\n');
                const qsizetype start = windowStart + before + 1;
                const qsizetype feed = m_text.first(windowEnd).indexOf('\n', at);
                const qsizetype lineEnd = feed < 0 ? windowEnd : feed;
                const auto place = m_compiled.pattern->scope == PatternScope::Line
                    ? match(start, lineEnd)
                    : match(windowStart, windowEnd);
                // Without a line's end within sight, half of what was looked at is looked at again.
                const qsizetype after = feed < 0 ? at + bytesAfter / 2 : lineEnd + 1;
                m_from = place ? std::max({after, place->end, at + 1}) : std::max(after, at + 1);
                if (place)
                    return place;
            }
            m_from = m_text.size();
            return std::nullopt;
        }

    private:
        /// Remembers where each needle comes next, so that a rare one is not searched for again
        /// with each find of a frequent one.
        qsizetype nextNeedle()
        {
            qsizetype first = -1;
            for (size_t i = 0; i < m_needleAt.size(); ++i) {
                qsizetype &at = m_needleAt[i];
                if (at < m_from) {
                    const QByteArray &needle = m_compiled.needles[static_cast<qsizetype>(i)];
                    // The C library's search is several times as fast as Qt's.
                    const auto *found = static_cast<const char *>(::memmem(
                        m_text.data() + m_from, static_cast<size_t>(m_text.size() - m_from),
                        needle.constData(), static_cast<size_t>(needle.size())));
                    at = found ? found - m_text.data() : m_text.size();
                }
                if (at < m_text.size() && (first < 0 || at < first))
                    first = at;
            }
            return first;
        }

        std::optional<Place> match(qsizetype start, qsizetype end) const
        {
            const re2::RE2 &regex = *m_compiled.expression;
            re2::StringPiece groups[2];
            const bool hasGroup = regex.NumberOfCapturingGroups() > 0;
            if (!regex.Match(piece(m_text.sliced(start, end - start)), 0,
                             static_cast<size_t>(end - start), re2::RE2::UNANCHORED, groups,
                             hasGroup ? 2 : 1)) {
                return std::nullopt;
            }
            const auto &group = hasGroup && groups[1].data() ? groups[1] : groups[0];
            const qsizetype offset = group.data() - m_text.data();
            return Place{offset, offset + static_cast<qsizetype>(group.size())};
        }

        const Compiled &m_compiled;
        QByteArrayView m_text;
        std::vector<qsizetype> m_needleAt;
        qsizetype m_from = 0;
    };
};

PatternSet::PatternSet(std::span<const Pattern> patterns)
{
    re2::RE2::Options options;
    // Bytes, not characters: a script need not be UTF-8, and must not escape by a bad byte.
    options.set_encoding(re2::RE2::Options::EncodingLatin1);
    options.set_log_errors(false);
    options.set_dot_nl(true);
    for (const Pattern &pattern : patterns) {
        Compiled compiled{&pattern, QByteArray(pattern.needles).split('|'),
                          std::make_unique<re2::RE2>(pattern.expression, options)};
        m_patterns.push_back(std::move(compiled));
    }
}

PatternSet::~PatternSet() = default;

void PatternSet::search(const SourceText &text, const Found &found) const
{
    for (const Compiled &compiled : m_patterns) {
        const Pattern &pattern = *compiled.pattern;
        if (!(pattern.kinds & static_cast<unsigned>(text.kind())))
            continue;
        Compiled::Cursor cursor(compiled, viewOf(text, pattern.view));
        for (int count = 0; count < maxPerPattern; ++count) {
            const auto place = cursor.next();
            if (!place)
                break;
            const auto what = QByteArrayView(text.raw())
                                  .sliced(place->start, place->end - place->start);
            QString message = QString::fromUtf8(pattern.message);
            message.replace(QLatin1StringView("%1"), shown(what));
            found({&pattern, place->start, place->end, std::move(message)});
        }
    }
}

std::optional<Rule> PatternSet::firstDanger(const QByteArray &lowerText,
                                            const QByteArray &rawText) const
{
    for (const Compiled &compiled : m_patterns) {
        if (ruleInfo(compiled.pattern->rule).skillbox != Severity::Error)
            continue;
        if (Compiled::Cursor(compiled,
                             compiled.pattern->view == TextView::Raw ? rawText : lowerText)
                .next()) {
            return compiled.pattern->rule;
        }
    }
    return std::nullopt;
}

QStringList PatternSet::faults(std::span<const Pattern> patterns)
{
    QStringList found;
    for (const Compiled &compiled : PatternSet(patterns).m_patterns) {
        const QString name = QString::fromUtf8(compiled.pattern->expression);
        if (!compiled.expression->ok()) {
            found += name + QLatin1StringView(": ")
                + QString::fromStdString(compiled.expression->error());
        }
        for (const QByteArray &needle : compiled.needles) {
            const bool isLower = compiled.pattern->view == TextView::Raw
                || needle == asciiLower(needle);
            if (needle.isEmpty() || !isLower)
                found += name + QLatin1StringView(": needle ") + QString::fromUtf8(needle);
        }
    }
    return found;
}

} // namespace skillbox
