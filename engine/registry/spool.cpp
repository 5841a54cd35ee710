#include "engine/registry/spool.h"

#include "engine/files/scratch.h"

#include <QFile>
#include <QFileInfo>

#include <cerrno>

using namespace Qt::StringLiterals;

namespace skillbox {

Result<void> spool(QIODevice &source, const QString &path, qint64 maxBytes)
{
    QFile target(path);
    const auto cannotWrite = [&] {
        const int error = target.error() == QFileDevice::ResourceError ? ENOSPC : EIO;
        return fail(writeError(QFileInfo(path).path(), error));
    };
    if (!target.open(QIODevice::WriteOnly | QIODevice::NewOnly | QIODevice::Unbuffered))
        return cannotWrite();
    QByteArray buffer(256 * 1024, Qt::Uninitialized);
    for (qint64 total = 0;;) {
        const qint64 got = source.read(buffer.data(), buffer.size());
        if (got < 0 && !source.isSequential())
            return fail(ErrorCode::Io,
                        u"The archive could not be read: %1."_s.arg(source.errorString()));
        if (got <= 0)
            return {};
        total += got;
        if (total > maxBytes) {
            return fail(ErrorCode::TooLarge,
                        u"The archive is larger than the limit of %1 bytes."_s.arg(maxBytes));
        }
        if (target.write(buffer.constData(), got) != got)
            return cannotWrite();
    }
}

} // namespace skillbox
