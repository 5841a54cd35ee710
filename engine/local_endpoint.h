#pragma once

#include "engine/base/result.h"
#include "engine/base/unique_fd.h"

#include <QStringList>

namespace skillbox {

/// How programs of the same user reach a server that runs on a data directory.
struct LocalEndpoint {
    QStringList addresses; ///< `http://127.0.0.1:8080`, `unix:/path`
    QString key;           ///< opens everything of the local tenant
    qint64 pid = 0;
};

/// A LocalEndpoint as a file in the data directory that only its owner can read: `local.json`, or
/// `local-<pid>.json` beside one whose server still runs, of several in a process also numbered. Written whole or not at all, and locked
/// (flock(2)) for as long as the object lives, so that one that a killed server left is known to be
/// stale whatever process has its pid now. Removed with the object.
class LocalEndpointFile
{
public:
    static Result<LocalEndpointFile> publish(const QString &dataDirectory,
                                             const LocalEndpoint &endpoint);
    LocalEndpointFile(LocalEndpointFile &&) noexcept = default;
    LocalEndpointFile &operator=(LocalEndpointFile &&) = delete;
    ~LocalEndpointFile();

    QString path() const { return m_path; }

private:
    LocalEndpointFile(QString path, UniqueFd file);

    QString m_path;
    UniqueFd m_file;
};

/// Those of the servers that run now; `local.json` first. Files that others than this user or root
/// could have written are not believed.
QList<LocalEndpoint> liveLocalEndpoints(const QString &dataDirectory);

} // namespace skillbox
