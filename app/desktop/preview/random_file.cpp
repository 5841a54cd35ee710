#include "app/desktop/preview/random_file.h"

#include "engine/base/system_error.h"

#include <QFile>
#include <QFileInfo>

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

using namespace Qt::StringLiterals;

namespace skillbox {

RandomFile::RandomFile(QString path, UniqueFd descriptor, qint64 size)
    : m_path(std::move(path))
    , m_descriptor(std::move(descriptor))
    , m_size(size)
{
}

Result<SharedFile> RandomFile::open(const QString &path)
{
    const QString name = QFileInfo(path).fileName();
    UniqueFd descriptor(
        ::open(QFile::encodeName(path).constData(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    struct stat info {
    };
    if (!descriptor && errno == ENOENT)
        return fail(ErrorCode::NotFound, u"the file \"%1\" is gone"_s.arg(name));
    if (!descriptor || ::fstat(descriptor.get(), &info) != 0)
        return failedCall(u"cannot read \"%1\""_s.arg(name));
    if (!S_ISREG(info.st_mode))
        return fail(ErrorCode::Io, u"\"%1\" is not a file"_s.arg(name));
    return SharedFile(new RandomFile(path, std::move(descriptor), info.st_size));
}

QByteArray RandomFile::read(qint64 offset, qint64 length) const
{
    const qint64 wanted = qMin(length, m_size - offset);
    if (offset < 0 || wanted <= 0)
        return {};
    QByteArray bytes(wanted, Qt::Uninitialized);
    qint64 got = 0;
    while (got < wanted) {
        const ssize_t n = ::pread(m_descriptor.get(), bytes.data() + got,
                                  static_cast<size_t>(wanted - got), offset + got);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        got += n;
    }
    bytes.truncate(got);
    return bytes;
}

} // namespace skillbox
