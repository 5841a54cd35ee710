#pragma once

#include "engine/base/unique_fd.h"
#include "engine/execution/utf8_sanitizer.h"
#include "engine/sandbox/sandbox_runtime.h"

#include <QByteArray>
#include <QString>

#include <functional>
#include <mutex>

namespace skillbox {

/// The log of one run: stdout and stderr merged in the order they arrive, made valid UTF-8 without
/// NUL, and cut at `maxBytes` with a last line that says how much is missing. Memory is bounded by
/// that. What is kept goes, piece by piece, to a listener and to a spool file that other processes
/// may follow; the file is removed with the object, when the whole log is in the store.
///
/// One thread writes; text() may be called from any thread meanwhile.
class LogStream final : public OutputSink
{
public:
    using Listener = std::function<void(LogStreamKind stream, const QString &text)>;

    /// `spoolPath` may be empty: no file. A spool that cannot be written ends there: it is a view
    /// for others, the record does not depend on it.
    LogStream(qint64 maxBytes, QString spoolPath, Listener listener);
    ~LogStream() override;
    LogStream(const LogStream &) = delete;
    LogStream &operator=(const LogStream &) = delete;

    void write(LogStreamKind stream, QByteArrayView bytes) override;

    /// A line of our own, `skillbox: message`, on stderr. Never cut: notes are few.
    void note(const QString &message);

    /// The run writes no more: completes both streams and, where it was cut, says so.
    void finish();

    QString text() const;

private:
    void keep(LogStreamKind stream, QByteArrayView safe);
    void keepLine(const QByteArray &line);
    void spool(QByteArrayView safe);

    const qint64 m_maxBytes;
    const QString m_spoolPath;
    const Listener m_listener;
    Utf8Sanitizer m_sanitizers[2]; ///< by LogStreamKind
    UniqueFd m_spool;
    bool m_spooling = false;
    bool m_full = false;
    qint64 m_used = 0;          ///< bytes kept of the run's own output
    qint64 m_dropped = 0;       ///< bytes of the run's output let go
    mutable std::mutex m_mutex; ///< guards m_text
    QByteArray m_text;
};

} // namespace skillbox
