#include "app/cli/terminal.h"

#include "app/cli/text.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <poll.h>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

bool wantsColour(bool isTerminal, const QProcessEnvironment &environment)
{
    if (!environment.value(u"NO_COLOR"_s).isEmpty())
        return false;
    const QString force = environment.value(u"CLICOLOR_FORCE"_s);
    if (!force.isEmpty() && force != u"0"_s)
        return true;
    if (environment.value(u"CLICOLOR"_s) == u"0"_s)
        return false;
    const QString term = environment.value(u"TERM"_s);
    return isTerminal && !term.isEmpty() && term != u"dumb"_s;
}

/// SGR parameters, ECMA-48 section 8.3.117.
QLatin1StringView sgr(Paint paint)
{
    switch (paint) {
    case Paint::Bold: return QLatin1StringView("1");
    case Paint::Dim: return QLatin1StringView("2");
    case Paint::Red: return QLatin1StringView("31");
    case Paint::Green: return QLatin1StringView("32");
    case Paint::Yellow: return QLatin1StringView("33");
    case Paint::Blue: return QLatin1StringView("34");
    case Paint::Cyan: return QLatin1StringView("36");
    case Paint::Plain: break;
    }
    return {};
}

} // namespace

Terminal::Terminal(int fd, const QProcessEnvironment &environment)
    : m_fd(fd)
    , m_isTerminal(::isatty(fd) == 1)
    , m_hasColour(wantsColour(m_isTerminal, environment))
{
}

int Terminal::width() const
{
    if (!m_isTerminal)
        return 0;
    winsize size{};
    if (::ioctl(m_fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return 80;
}

void Terminal::write(const QByteArray &bytes)
{
    qsizetype written = 0;
    while (!m_closed && written < bytes.size()) {
        const ssize_t n = ::write(m_fd, bytes.constData() + written,
                                  static_cast<size_t>(bytes.size() - written));
        if (n >= 0) {
            written += n;
        } else if (errno == EAGAIN) {
            // Somebody who shares the stream made it non-blocking.
            pollfd ready{m_fd, POLLOUT, 0};
            ::poll(&ready, 1, -1);
        } else if (errno != EINTR) {
            m_closed = true;
            m_failure = errno == EPIPE ? 0 : errno;
        }
    }
}

QString Terminal::painted(Paint paint, const QString &text) const
{
    if (!m_hasColour || paint == Paint::Plain || text.isEmpty())
        return text;
    // Line by line: a colour must not run into what another program prints on the next line.
    QStringList lines = text.split(u'\n');
    for (QString &line : lines) {
        if (!line.isEmpty())
            line = u"\x1b["_s + sgr(paint) + u'm' + line + u"\x1b[0m"_s;
    }
    return lines.join(u'\n');
}

QString Terminal::foreign(const QString &text) const
{
    return m_isTerminal ? printable(text) : text;
}

} // namespace skillbox
