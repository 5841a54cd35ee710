#pragma once

#include "engine/base/result.h"

#include <QMap>

namespace skillbox {

/// Where a Postgres database is and who we are there: `postgres://user:password@host:port/name`
/// with libpq's parameters `sslmode`, `sslrootcert`, `sslcert`, `sslkey`, `connect_timeout`,
/// `target_session_attrs` and `host` (for a socket's folder) in its query (PostgreSQL 15
/// documentation, 34.1.1.2).
struct PostgresDsn {
    QString host = {}; ///< a name, an address, or a folder of sockets
    int port = 5432;
    QString database = {};
    QString user = {};
    QString password = {};
    QMap<QString, QString> parameters = {};

    /// `host:port/name`: for messages, without user and password.
    QString display() const;
};

/// BadRequest says what is wrong, and never repeats the password.
Result<PostgresDsn> parsePostgresDsn(const QString &text);

} // namespace skillbox
