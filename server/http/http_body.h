#pragma once

#include "engine/base/result.h"
#include "engine/base/unique_fd.h"
#include "server/http/http_request.h"

namespace skillbox {

/// A body that is no larger than what it takes in memory.
std::shared_ptr<const HttpBody> memoryBody(QByteArray bytes);

/// Takes a body piece by piece: in memory up to a size, beyond that in a file without a name, which
/// the kernel frees with the last descriptor, whatever becomes of this process.
class BodyCollector
{
public:
    BodyCollector(QString spoolDirectory, qint64 spoolAboveBytes);

    Result<void> add(QByteArrayView bytes);
    qint64 size() const { return m_size; }
    /// The body; the collector is spent.
    std::shared_ptr<const HttpBody> finish();

private:
    Result<void> openFile();
    Result<void> writeToFile(QByteArrayView bytes);

    QString m_directory;
    qint64 m_spoolAbove;
    qint64 m_size = 0;
    QByteArray m_memory;
    UniqueFd m_file;
};

} // namespace skillbox
