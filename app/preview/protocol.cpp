#include "app/preview/protocol.h"

#include <QDataStream>
#include <QIODevice>
#include <QtEndian>

#include <cmath>

namespace skillbox::preview {
namespace {

constexpr auto streamVersion = QDataStream::Qt_6_4;
constexpr int prefixBytes = 4;

template<typename Write>
QByteArray framed(Write write)
{
    QByteArray bytes(prefixBytes, '\0');
    QDataStream stream(&bytes, QIODevice::WriteOnly | QIODevice::Append);
    stream.setVersion(streamVersion);
    write(stream);
    qToBigEndian(static_cast<quint32>(bytes.size() - prefixBytes), bytes.data());
    return bytes;
}

bool isFraction(const QRectF &region)
{
    constexpr double slack = 1e-6;
    return std::isfinite(region.x()) && std::isfinite(region.y()) && std::isfinite(region.width())
        && std::isfinite(region.height()) && region.x() >= -slack && region.y() >= -slack
        && region.width() > 0 && region.height() > 0 && region.right() <= 1 + slack
        && region.bottom() <= 1 + slack;
}

bool isPageSize(const QSizeF &size)
{
    return std::isfinite(size.width()) && std::isfinite(size.height()) && size.width() > 0
        && size.height() > 0 && size.width() < 1e7 && size.height() < 1e7;
}

bool isFrameSize(const QSize &size)
{
    return size.width() > 0 && size.height() > 0
        && qint64(size.width()) * size.height() <= mostPixels;
}

/// A text of at most longestText characters; QDataStream alone would allocate what it is told.
bool readText(QDataStream &stream, QString &text)
{
    QByteArray utf8;
    quint32 size = 0;
    stream >> size;
    if (stream.status() != QDataStream::Ok || size > 4 * longestText
        || qint64(size) > stream.device()->bytesAvailable())
        return false;
    utf8.resize(size);
    if (stream.readRawData(utf8.data(), static_cast<int>(size)) != static_cast<int>(size))
        return false;
    text = QString::fromUtf8(utf8);
    return text.size() <= longestText;
}

void writeText(QDataStream &stream, const QString &text)
{
    const QByteArray utf8 = text.left(longestText).toUtf8();
    stream << static_cast<quint32>(utf8.size());
    stream.writeRawData(utf8.constData(), static_cast<int>(utf8.size()));
}

bool atEnd(QDataStream &stream)
{
    return stream.status() == QDataStream::Ok && stream.atEnd();
}

std::optional<Answer> decodeFrame(QDataStream &stream, const QByteArray &body)
{
    Frame frame;
    qint32 page = 0;
    quint32 bytes = 0;
    stream >> page >> frame.pageSize >> frame.region >> frame.size >> bytes;
    if (stream.status() != QDataStream::Ok || page < 0 || page >= mostPages
        || !isPageSize(frame.pageSize) || !isFraction(frame.region) || !isFrameSize(frame.size))
        return {};
    const qint64 wanted = qint64(frame.size.width()) * frame.size.height() * 4;
    if (bytes != wanted || stream.device()->bytesAvailable() != wanted)
        return {};
    frame.page = page;
    frame.pixels = body.last(wanted);
    return frame;
}

std::optional<Answer> decodeFound(QDataStream &stream)
{
    Found found;
    qint32 page = 0;
    quint32 count = 0;
    stream >> page >> count;
    if (stream.status() != QDataStream::Ok || page < -1 || page >= mostPages || count > mostPlaces)
        return {};
    found.page = page;
    for (quint32 i = 0; i < count; ++i) {
        QRectF place;
        stream >> place;
        if (stream.status() != QDataStream::Ok)
            return {};
        place = place.intersected(QRectF(0, 0, 1, 1));
        if (isFraction(place))
            found.places.append(place);
    }
    if (!atEnd(stream))
        return {};
    return found;
}

} // namespace

QByteArray encode(const Request &request)
{
    return framed([&](QDataStream &stream) {
        stream << static_cast<quint8>(request.index());
        if (const auto *open = std::get_if<OpenRequest>(&request)) {
            stream << static_cast<quint8>(open->kind);
            writeText(stream, open->path);
        } else if (const auto *render = std::get_if<RenderRequest>(&request)) {
            stream << static_cast<qint32>(render->page) << render->region << render->box;
        } else if (const auto *find = std::get_if<FindRequest>(&request)) {
            stream << static_cast<qint32>(find->page);
            writeText(stream, find->text);
        }
    });
}

QByteArray encode(const Answer &answer)
{
    return framed([&](QDataStream &stream) {
        stream << static_cast<quint8>(answer.index());
        if (const auto *opened = std::get_if<Opened>(&answer)) {
            stream << static_cast<qint32>(opened->pages) << opened->size;
        } else if (const auto *frame = std::get_if<Frame>(&answer)) {
            stream << static_cast<qint32>(frame->page) << frame->pageSize << frame->region
                   << frame->size << static_cast<quint32>(frame->pixels.size());
            stream.writeRawData(frame->pixels.constData(), static_cast<int>(frame->pixels.size()));
        } else if (const auto *found = std::get_if<Found>(&answer)) {
            const auto count = std::min<qsizetype>(found->places.size(), mostPlaces);
            stream << static_cast<qint32>(found->page) << static_cast<quint32>(count);
            for (qsizetype i = 0; i < count; ++i)
                stream << found->places.at(i);
        } else if (const auto *failed = std::get_if<Failed>(&answer)) {
            stream << static_cast<quint8>(failed->reason);
            writeText(stream, failed->detail);
        }
    });
}

std::optional<Request> decodeRequest(const QByteArray &body)
{
    QDataStream stream(body);
    stream.setVersion(streamVersion);
    quint8 type = 0;
    stream >> type;
    switch (type) {
    case 0: {
        quint8 kind = 0;
        OpenRequest open;
        stream >> kind;
        if (kind > static_cast<quint8>(Kind::Pdf) || !readText(stream, open.path) || !atEnd(stream))
            return {};
        open.kind = static_cast<Kind>(kind);
        return open;
    }
    case 1: {
        qint32 page = 0;
        RenderRequest render;
        stream >> page >> render.region >> render.box;
        if (!atEnd(stream) || page < 0 || page >= mostPages || !isFraction(render.region)
            || render.box.width() <= 0 || render.box.height() <= 0)
            return {};
        render.page = page;
        return render;
    }
    case 2: {
        qint32 page = 0;
        FindRequest find;
        stream >> page;
        if (!readText(stream, find.text) || !atEnd(stream) || page < 0 || page >= mostPages)
            return {};
        find.page = page;
        return find;
    }
    default: return {};
    }
}

std::optional<Answer> decodeAnswer(const QByteArray &body)
{
    QDataStream stream(body);
    stream.setVersion(streamVersion);
    quint8 type = 0;
    stream >> type;
    switch (type) {
    case 0: {
        qint32 pages = 0;
        Opened opened;
        stream >> pages >> opened.size;
        if (!atEnd(stream) || pages < 1 || pages > mostPages || !isPageSize(opened.size))
            return {};
        opened.pages = pages;
        return opened;
    }
    case 1: return decodeFrame(stream, body);
    case 2: return decodeFound(stream);
    case 3: {
        quint8 reason = 0;
        Failed failed;
        stream >> reason;
        if (reason > static_cast<quint8>(Reason::NotConfined) || !readText(stream, failed.detail)
            || !atEnd(stream))
            return {};
        failed.reason = static_cast<Reason>(reason);
        return failed;
    }
    default: return {};
    }
}

std::optional<QByteArray> takeFrame(QByteArray &received, int largest, bool &broken)
{
    if (received.size() < prefixBytes)
        return {};
    const auto size = qFromBigEndian<quint32>(received.constData());
    if (size > static_cast<quint32>(largest)) {
        broken = true;
        return {};
    }
    if (received.size() < prefixBytes + qsizetype(size))
        return {};
    QByteArray body = received.sliced(prefixBytes, size);
    received.remove(0, prefixBytes + qsizetype(size));
    return body;
}

} // namespace skillbox::preview
