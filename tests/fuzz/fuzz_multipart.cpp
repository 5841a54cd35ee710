// A form as a client sends it. The first line is the content type, the rest is the body.

#include "tests/fuzz/require.h"

#include "server/http/http_body.h"
#include "server/http/multipart.h"

#include <QBuffer>

#include <algorithm>

using namespace Qt::StringLiterals;
using namespace skillbox;

namespace {

/// A body that gives a few bytes at a time, so that every boundary is cut somewhere.
class SlowBody final : public HttpBody
{
public:
    explicit SlowBody(QByteArray bytes) : m_bytes(std::move(bytes)) { }
    qint64 size() const override { return m_bytes.size(); }
    std::unique_ptr<QIODevice> open() const override
    {
        auto device = std::make_unique<Device>();
        device->setData(m_bytes);
        device->open(QIODevice::ReadOnly | QIODevice::Unbuffered);
        return device;
    }

private:
    class Device final : public QBuffer
    {
    protected:
        qint64 readData(char *data, qint64 size) override
        {
            return QBuffer::readData(data, std::min<qint64>(size, 3));
        }
    };
    QByteArray m_bytes;
};

bool isText(const QString &text)
{
    return text.isValidUtf16() && std::all_of(text.cbegin(), text.cend(), [](QChar c) {
               return c >= u' ' && c != u'\x7f';
           });
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const QByteArray bytes(reinterpret_cast<const char *>(data), qsizetype(size));
    const qsizetype line = bytes.indexOf('\n');
    const QByteArray type = line < 0 ? bytes : bytes.first(line);
    const QByteArray body = line < 0 ? QByteArray() : bytes.sliced(line + 1);
    const auto parts = parseMultipart(type, *memoryBody(body), {});
    const auto slow = parseMultipart(type, SlowBody(body), {});
    FUZZ_REQUIRE(parts.has_value() == slow.has_value());
    if (!parts) {
        FUZZ_REQUIRE(!parts.error().message.isEmpty());
        FUZZ_REQUIRE(parts.error().code == slow.error().code);
        return 0;
    }
    FUZZ_REQUIRE(parts->size() == slow->size() && parts->size() <= 64);
    qint64 total = 0;
    for (qsizetype i = 0; i < parts->size(); ++i) {
        const MultipartPart &part = parts->at(i);
        total += part.body->size();
        FUZZ_REQUIRE(!part.name.isEmpty() && isText(part.name));
        FUZZ_REQUIRE(part.body->bytes() == slow->at(i).body->bytes());
        FUZZ_REQUIRE(!part.fileName || (isText(*part.fileName) && !part.fileName->contains(u'/')));
        FUZZ_REQUIRE(findPart(*parts, part.name) != nullptr);
    }
    FUZZ_REQUIRE(total <= body.size());
    return 0;
}
