#include "server/http/http_body.h"

#include "engine/base/system_error.h"

#include <QBuffer>
#include <QDir>
#include <QFile>

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace skillbox {

namespace {

class MemoryBody final : public HttpBody
{
public:
    explicit MemoryBody(QByteArray bytes) : m_bytes(std::move(bytes)) { }

    qint64 size() const override { return m_bytes.size(); }

    std::unique_ptr<QIODevice> open() const override
    {
        auto device = std::make_unique<QBuffer>();
        device->setData(m_bytes);
        device->open(QIODevice::ReadOnly);
        return device;
    }

private:
    QByteArray m_bytes;
};

/// Reads a shared descriptor at a position of its own, so that opening it needs none.
class SpoolDevice final : public QIODevice
{
public:
    SpoolDevice(std::shared_ptr<const UniqueFd> file, qint64 size)
        : m_file(std::move(file))
        , m_size(size)
    {
        open(QIODevice::ReadOnly | QIODevice::Unbuffered);
    }

    qint64 size() const override { return m_size; }

    bool seek(qint64 position) override
    {
        if (position < 0 || position > m_size || !QIODevice::seek(position))
            return false;
        m_position = position;
        return true;
    }

protected:
    qint64 readData(char *data, qint64 maxSize) override
    {
        ssize_t size = -1;
        do {
            size = ::pread(m_file->get(), data, size_t(maxSize), m_position);
        } while (size < 0 && errno == EINTR);
        if (size > 0)
            m_position += size;
        return size;
    }

    qint64 writeData(const char *, qint64) override { return -1; }

private:
    std::shared_ptr<const UniqueFd> m_file;
    qint64 m_size;
    qint64 m_position = 0;
};

class FileBody final : public HttpBody
{
public:
    FileBody(UniqueFd file, qint64 size)
        : m_file(std::make_shared<const UniqueFd>(std::move(file)))
        , m_size(size)
    {
    }

    qint64 size() const override { return m_size; }

    // The link in /proc (proc(5)) opens the file anew although it has no name.
    QString filePath() const override { return u"/proc/self/fd/%1"_s.arg(m_file->get()); }

    std::unique_ptr<QIODevice> open() const override
    {
        return std::make_unique<SpoolDevice>(m_file, m_size);
    }

private:
    std::shared_ptr<const UniqueFd> m_file;
    qint64 m_size;
};

tl::unexpected<Error> spoolFailed(const QString &directory, int errorNumber)
{
    const auto cause = failedCall(u"cannot keep a body in \"%1\""_s.arg(directory), errorNumber);
    return fail(ErrorCode::StorageUnavailable, u"the server has no room for the body now"_s,
                cause.value().message);
}

} // namespace

QByteArray HttpBody::bytes() const
{
    return open()->readAll();
}

std::shared_ptr<const HttpBody> memoryBody(QByteArray bytes)
{
    return std::make_shared<MemoryBody>(std::move(bytes));
}

BodyCollector::BodyCollector(QString spoolDirectory, qint64 spoolAboveBytes)
    : m_directory(std::move(spoolDirectory))
    , m_spoolAbove(spoolAboveBytes)
{
    if (m_directory.isEmpty())
        m_directory = QDir::tempPath();
}

Result<void> BodyCollector::add(QByteArrayView bytes)
{
    if (!m_file && m_size + bytes.size() > m_spoolAbove) {
        if (auto opened = openFile(); !opened)
            return opened;
    }
    m_size += bytes.size();
    if (m_file)
        return writeToFile(bytes);
    m_memory.append(bytes);
    return {};
}

std::shared_ptr<const HttpBody> BodyCollector::finish()
{
    if (m_file)
        return std::make_shared<FileBody>(std::move(m_file), m_size);
    return memoryBody(std::move(m_memory));
}

Result<void> BodyCollector::openFile()
{
    if (m_file)
        return {};
    const QByteArray directory = QFile::encodeName(m_directory);
    m_file.reset(::open(directory.constData(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (!m_file && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)) {
        QByteArray name = directory + "/body-XXXXXX"; // a file system without O_TMPFILE
        m_file.reset(::mkostemp(name.data(), O_CLOEXEC));
        if (m_file)
            ::unlink(name.constData());
    }
    if (!m_file)
        return spoolFailed(m_directory, errno);
    const QByteArray soFar = std::exchange(m_memory, {});
    return writeToFile(soFar);
}

Result<void> BodyCollector::writeToFile(QByteArrayView bytes)
{
    while (!bytes.isEmpty()) {
        const ssize_t written = ::write(m_file.get(), bytes.data(), size_t(bytes.size()));
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return spoolFailed(m_directory, errno);
        bytes = bytes.sliced(written);
    }
    return {};
}

} // namespace skillbox
