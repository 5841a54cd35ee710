#pragma once

#include <QByteArray>
#include <QString>

namespace skillbox {

/// Tells the service manager how it goes, as sd_notify(3) does: a datagram to the socket that
/// NOTIFY_SOCKET names. `READY=1`, `STOPPING=1`, `STATUS=…`, a line each. Nothing happens where the
/// socket is empty or nobody listens.
void notifyServiceManager(const QString &socket, const QByteArray &state);

} // namespace skillbox
