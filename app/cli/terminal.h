#pragma once

#include <QByteArray>
#include <QProcessEnvironment>
#include <QString>

namespace skillbox {

enum class Paint { Plain, Bold, Dim, Red, Green, Yellow, Blue, Cyan };

/// Standard output or standard error: writes whole texts, knows whether a person looks at it.
/// Not thread-safe; see ProgressLine for the one place where two threads share a stream.
class Terminal
{
public:
    /// Colour by NO_COLOR (no-color.org), then CLICOLOR_FORCE and CLICOLOR (bixense.com/clicolors),
    /// else exactly on a terminal that is not `dumb`.
    Terminal(int fd, const QProcessEnvironment &environment);

    bool isTerminal() const { return m_isTerminal; }
    bool hasColour() const { return m_hasColour; }
    /// Columns; 0 when it is not a terminal, which means no limit.
    int width() const;

    /// Text as it is. Once a write failed nothing more is tried.
    void write(const QByteArray &bytes);
    void write(const QString &text) { write(text.toUtf8()); }
    void writeLine(const QString &text = {}) { write(text + u'\n'); }

    /// `text` in that colour, or as it is where there is none.
    QString painted(Paint paint, const QString &text) const;
    /// printable() on a terminal, the text itself elsewhere: a file or a pipe gets what was
    /// written.
    QString foreign(const QString &text) const;

    /// errno of the first write that failed; 0: all went well. A reader that went away (EPIPE) is
    /// its own wish and counts as well.
    int failure() const { return m_failure; }

private:
    int m_fd;
    bool m_isTerminal;
    bool m_hasColour;
    bool m_closed = false;
    int m_failure = 0;
};

} // namespace skillbox
