#include "engine/execution/log_stream.h"

#include <QFile>
#include <QStringDecoder>

#include <fcntl.h>

namespace skillbox {
namespace {

/// A byte order mark is a character like others here; QString::fromUtf8 would drop one in front.
QString toText(QByteArrayView utf8)
{
    return QStringDecoder(QStringDecoder::Utf8, QStringDecoder::Flag::ConvertInitialBom)(utf8);
}

} // namespace

LogStream::LogStream(qint64 maxBytes, QString spoolPath, Listener listener)
    : m_maxBytes(maxBytes)
    , m_spoolPath(std::move(spoolPath))
    , m_listener(std::move(listener))
    , m_spooling(!m_spoolPath.isEmpty())
{
}

LogStream::~LogStream()
{
    if (m_spool)
        ::unlink(QFile::encodeName(m_spoolPath).constData());
}

void LogStream::write(LogStreamKind stream, QByteArrayView bytes)
{
    if (m_full) {
        m_dropped += bytes.size();
        return;
    }
    QByteArray safe;
    const qint64 dropped = m_sanitizers[static_cast<int>(stream)].append(bytes, safe,
                                                                         m_maxBytes - m_used);
    m_used += safe.size();
    m_dropped += dropped;
    m_full = dropped > 0;
    keep(stream, safe);
}

void LogStream::note(const QString &message)
{
    keepLine("skillbox: " + message.toUtf8());
}

void LogStream::finish()
{
    for (const LogStreamKind stream : {LogStreamKind::Stdout, LogStreamKind::Stderr}) {
        QByteArray safe;
        m_dropped += m_sanitizers[static_cast<int>(stream)].finish(
            safe, m_full ? 0 : m_maxBytes - m_used);
        m_used += safe.size();
        keep(stream, safe);
    }
    if (m_dropped > 0)
        keepLine("… " + QByteArray::number(m_dropped) + " bytes dropped");
    m_dropped = 0;
}

QString LogStream::text() const
{
    const std::lock_guard lock(m_mutex);
    return toText(m_text);
}

void LogStream::keepLine(const QByteArray &line)
{
    const bool midLine = !m_text.isEmpty() && !m_text.endsWith('\n');
    keep(LogStreamKind::Stderr, (midLine ? "\n" : "") + line + '\n');
}

void LogStream::keep(LogStreamKind stream, QByteArrayView safe)
{
    if (safe.isEmpty())
        return;
    spool(safe); // first, so that what somebody was shown survives a crash
    {
        const std::lock_guard lock(m_mutex);
        m_text.append(safe);
    }
    if (m_listener)
        m_listener(stream, toText(safe));
}

void LogStream::spool(QByteArrayView safe)
{
    if (!m_spooling)
        return;
    if (!m_spool) {
        m_spool.reset(::open(QFile::encodeName(m_spoolPath).constData(),
                             O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC | O_NOFOLLOW,
                             0600));
        m_spooling = static_cast<bool>(m_spool);
    }
    while (m_spooling && !safe.isEmpty()) {
        const ssize_t written = ::write(m_spool.get(), safe.data(),
                                        static_cast<size_t>(safe.size()));
        if (written < 0 && errno == EINTR)
            continue;
        m_spooling = written > 0;
        safe = safe.sliced(qMax<ssize_t>(written, 0));
    }
}

} // namespace skillbox
