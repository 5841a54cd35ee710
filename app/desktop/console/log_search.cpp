#include "app/desktop/console/log_search.h"

#include <QElapsedTimer>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// Leaves most of a frame of 16 ms to others.
constexpr qint64 sliceMs = 4;

} // namespace

LogSearch::LogSearch(const LogBuffer &buffer, QObject *parent) : QObject(parent), m_buffer(buffer)
{
    connect(&m_slices, &QTimer::timeout, this, &LogSearch::searchSlice);
}

QString LogSearch::search(const QString &text, Options options)
{
    m_matches.clear();
    m_active = false;
    m_next = 0;
    m_slices.stop();
    if (text.isEmpty()) {
        Q_EMIT changed();
        return {};
    }
    // A bound for expressions that try too much; PCRE2 knows it as a start-of-pattern item.
    const QString pattern = options & Regex ? text : QRegularExpression::escape(text);
    QRegularExpression::PatternOptions patternOptions;
    if (!(options & MatchCase))
        patternOptions |= QRegularExpression::CaseInsensitiveOption;
    // Errors are told in the person's own text.
    const QRegularExpression asTyped(pattern, patternOptions);
    if (!asTyped.isValid()) {
        Q_EMIT changed();
        return tr("%1 at character %2")
            .arg(asTyped.errorString())
            .arg(asTyped.patternErrorOffset() + 1);
    }
    m_expression = QRegularExpression(u"(*LIMIT_MATCH=100000)"_s + pattern, patternOptions);
    m_active = m_expression.isValid();
    goOn();
    Q_EMIT changed();
    return {};
}

void LogSearch::goOn()
{
    if (m_active && !m_slices.isActive())
        m_slices.start(0);
}

void LogSearch::restart()
{
    m_matches.clear();
    m_next = 0;
    Q_EMIT changed();
    goOn();
}

void LogSearch::searchSlice()
{
    QElapsedTimer clock;
    clock.start();
    // A line that may grow still is looked at when it is complete, or when nothing else is left.
    const int last = m_buffer.lineCount();
    const size_t before = m_matches.size();
    while (m_next < last && !hasMore() && clock.elapsed() < sliceMs) {
        if (m_next >= m_buffer.firstOpenLine())
            break;
        searchLine(m_next++);
    }
    const bool done = m_next >= qMin(last, m_buffer.firstOpenLine()) || hasMore();
    if (done)
        m_slices.stop();
    if (done || m_matches.size() != before)
        Q_EMIT changed();
}

void LogSearch::searchLine(int line)
{
    const QString text = m_buffer.text(line);
    QRegularExpressionMatchIterator found = m_expression.globalMatch(text);
    while (found.hasNext() && !hasMore()) {
        const QRegularExpressionMatch match = found.next();
        if (match.capturedLength() > 0) {
            m_matches.push_back({line, static_cast<int>(match.capturedStart()),
                                 static_cast<int>(match.capturedLength())});
        }
    }
}

int LogSearch::firstFrom(int line) const
{
    const auto at = std::lower_bound(m_matches.begin(), m_matches.end(), line,
                                     [](const LogMatch &match, int wanted) {
                                         return match.line < wanted;
                                     });
    return static_cast<int>(at - m_matches.begin());
}

} // namespace skillbox
