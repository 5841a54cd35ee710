#pragma once

#include "app/desktop/console/log_buffer.h"

#include <QObject>
#include <QRegularExpression>
#include <QTimer>

#include <vector>

namespace skillbox {

/// A place in a log, in UTF-16 units.
struct LogMatch {
    int line = 0;
    int start = 0;
    int length = 0;
};

/// Finds every match in a log, a slice of a few milliseconds at a time, and goes on with what is
/// appended. GUI thread.
class LogSearch : public QObject
{
    Q_OBJECT

public:
    explicit LogSearch(const LogBuffer &buffer, QObject *parent = nullptr);

    enum Option { MatchCase = 1, Regex = 2 };
    Q_DECLARE_FLAGS(Options, Option)
    /// Empty: finds nothing. The error of an invalid expression, or empty.
    QString search(const QString &text, Options options);
    /// There may be more lines.
    void goOn();
    /// The log begins anew.
    void restart();

    const std::vector<LogMatch> &matches() const { return m_matches; }
    /// The index of the first match at or behind this line; the number of matches: none.
    int firstFrom(int line) const;
    bool isSearching() const { return m_slices.isActive(); }
    bool hasMore() const { return m_matches.size() >= mostMatches; }

    static constexpr size_t mostMatches = 500'000;

Q_SIGNALS:
    void changed();

private:
    void searchSlice();
    void searchLine(int line);

    const LogBuffer &m_buffer;
    QRegularExpression m_expression;
    bool m_active = false;
    int m_next = 0; ///< line
    std::vector<LogMatch> m_matches;
    QTimer m_slices;
};

} // namespace skillbox
