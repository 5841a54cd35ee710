#pragma once

#include "engine/base/result.h"
#include "engine/base/unique_fd.h"

#include <QByteArray>
#include <QString>

#include <memory>

namespace skillbox {

/// A file that parts are read of, anywhere. Read, not mapped: somebody may cut the file short, and
/// a touch of a mapping past the end would end the process. Thread-safe.
class RandomFile
{
public:
    /// Io naming the file if it is none, or cannot be read. Never waits for a pipe.
    static Result<std::shared_ptr<const RandomFile>> open(const QString &path);

    /// When it was opened.
    qint64 size() const { return m_size; }
    const QString &path() const { return m_path; }
    /// Shorter at the end of the file, and where it cannot be read any more.
    QByteArray read(qint64 offset, qint64 length) const;

private:
    RandomFile(QString path, UniqueFd descriptor, qint64 size);

    QString m_path;
    UniqueFd m_descriptor;
    qint64 m_size;
};

using SharedFile = std::shared_ptr<const RandomFile>;

} // namespace skillbox
