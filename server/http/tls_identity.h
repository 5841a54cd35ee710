#pragma once

#include "engine/base/result.h"

#include <QSslConfiguration>

namespace skillbox {

/// What a TLS server shows: a certificate with its chain, and the key that goes with it. Io for
/// files that cannot be read, BadRequest for what is no PEM, and for a key of another certificate.
Result<QSslConfiguration> loadTlsIdentity(const QString &certificatePath, const QString &keyPath);

} // namespace skillbox
