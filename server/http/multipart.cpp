#include "server/http/multipart.h"

#include "server/http/http_body.h"
#include "server/http/multipart_header.h"

#include <QByteArrayMatcher>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace skillbox {

namespace {

constexpr qint64 formPieceBytes = 64 << 10;

tl::unexpected<Error> malformedForm(const QString &what)
{
    return fail(ErrorCode::BadRequest, u"the form %1"_s.arg(what));
}

/// Reads a form piece by piece; holds no more of it than a piece and a part's header.
class FormReader
{
public:
    FormReader(const QByteArray &boundary, std::unique_ptr<QIODevice> device,
               const MultipartLimits &limits)
        : m_delimiter("\r\n--" + boundary)
        , m_matcher(m_delimiter)
        , m_device(std::move(device))
        , m_limits(limits)
        , m_buffer("\r\n") // as if the first boundary ended a part of nothing
    {
    }

    Result<QList<MultipartPart>> read()
    {
        QList<MultipartPart> parts;
        if (auto start = skipToFirstBoundary(); !start)
            return fail(start.error());
        while (true) {
            const auto isLast = readBoundaryEnd();
            if (!isLast)
                return fail(isLast.error());
            if (*isLast)
                break;
            if (parts.size() >= m_limits.maxParts) {
                return fail(ErrorCode::TooLarge,
                            u"the form has over %1 parts"_s.arg(m_limits.maxParts));
            }
            auto part = readPart();
            if (!part)
                return fail(part.error());
            parts.append(std::move(*part));
        }
        if (auto end = expectEnd(); !end)
            return fail(end.error());
        return parts;
    }

private:
    QByteArrayView rest() const { return QByteArrayView(m_buffer).sliced(m_taken); }

    /// Reads one more piece behind what is there; false: there is no more.
    bool fill()
    {
        m_buffer.remove(0, m_taken);
        m_taken = 0;
        const QByteArray piece = m_device->read(formPieceBytes);
        m_buffer += piece;
        return !piece.isEmpty();
    }

    /// Whether at least `size` bytes are there.
    bool need(qsizetype size)
    {
        while (rest().size() < size) {
            if (!fill())
                return false;
        }
        return true;
    }

    Result<void> skipToFirstBoundary()
    {
        if (!need(m_delimiter.size()) || !rest().startsWith(m_delimiter))
            return malformedForm(u"does not begin with its boundary"_s);
        m_taken += m_delimiter.size();
        return {};
    }

    /// Behind a boundary: true for the last one.
    Result<bool> readBoundaryEnd()
    {
        if (!need(2))
            return malformedForm(u"ends in the middle of a boundary"_s);
        const QByteArray end = rest().first(2).toByteArray();
        m_taken += 2;
        if (end == "--")
            return true;
        if (end == "\r\n")
            return false;
        return malformedForm(u"has something behind a boundary"_s);
    }

    Result<MultipartPart> readPart()
    {
        auto header = readHeader();
        if (!header)
            return fail(header.error());
        BodyCollector body(m_limits.spoolDirectory, m_limits.spoolAboveBytes);
        if (auto filled = readBody(body); !filled)
            return fail(filled.error());
        return MultipartPart{std::move(header->name), std::move(header->fileName),
                             std::move(header->contentType), body.finish()};
    }

    Result<PartHeader> readHeader()
    {
        qsizetype end = -1;
        while (true) {
            // A header without a line is nothing but the empty line.
            end = rest().startsWith("\r\n") ? 0 : rest().indexOf("\r\n\r\n");
            if (end >= 0)
                break;
            if (rest().size() > m_limits.maxHeaderBytes)
                break;
            if (!fill())
                return malformedForm(u"ends in the middle of a part's header"_s);
        }
        if (end < 0 || end > m_limits.maxHeaderBytes) {
            return fail(ErrorCode::TooLarge,
                        u"a part of the form has a header over %1 bytes"_s.arg(
                            m_limits.maxHeaderBytes));
        }
        auto header = parsePartHeader(end == 0 ? QByteArrayView() : rest().first(end + 2));
        m_taken += end == 0 ? 2 : end + 4;
        return header;
    }

    Result<void> readBody(BodyCollector &body)
    {
        while (true) {
            const qsizetype found = m_matcher.indexIn(rest());
            // What could be the beginning of a boundary waits for the next piece.
            const qsizetype sure = found >= 0
                ? found
                : std::max<qsizetype>(0, rest().size() - m_delimiter.size() + 1);
            if (auto added = body.add(rest().first(sure)); !added)
                return added;
            m_taken += sure;
            if (found >= 0) {
                m_taken += m_delimiter.size();
                return {};
            }
            if (!fill())
                return malformedForm(u"ends without its last boundary"_s);
        }
    }

    Result<void> expectEnd()
    {
        fill();
        const QByteArrayView end = rest();
        if (!end.isEmpty() && end != "\r\n")
            return malformedForm(u"has something behind its last boundary"_s);
        return {};
    }

    const QByteArray m_delimiter;
    const QByteArrayMatcher m_matcher;
    const std::unique_ptr<QIODevice> m_device;
    const MultipartLimits &m_limits;
    QByteArray m_buffer;
    qsizetype m_taken = 0;
};

} // namespace

Result<QList<MultipartPart>> parseMultipart(const QByteArray &contentType, const HttpBody &body,
                                            const MultipartLimits &limits)
{
    const auto boundary = multipartBoundary(contentType);
    if (!boundary)
        return fail(boundary.error());
    return FormReader(*boundary, body.open(), limits).read();
}

const MultipartPart *findPart(const QList<MultipartPart> &parts, QStringView name)
{
    const auto found = std::find_if(parts.cbegin(), parts.cend(),
                                    [name](const MultipartPart &part) {
                                        return part.name == name;
                                    });
    return found == parts.cend() ? nullptr : &*found;
}

} // namespace skillbox
