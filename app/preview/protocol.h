#pragma once

#include <QByteArray>
#include <QList>
#include <QRectF>
#include <QSize>
#include <QString>

#include <optional>
#include <variant>

namespace skillbox::preview {

/// What the desktop and skillbox-preview say to each other: frames of a length (32 bits, big
/// endian) and that many bytes, requests on the helper's standard input and answers on its standard
/// output. Each request has exactly one answer. The desktop trusts nothing in an answer.

enum class Kind : quint8 { Image, Svg, Pdf };

/// The first request, and only the first.
struct OpenRequest {
    Kind kind = Kind::Image;
    QString path;
};

/// A part of a page as a picture no larger than `box`. Pictures made of pixels are not enlarged.
struct RenderRequest {
    int page = 0;
    QRectF region{0, 0, 1, 1}; ///< in fractions of the page
    QSize box;
};

/// The next page with the text, from `page` on and around once.
struct FindRequest {
    QString text;
    int page = 0;
};

using Request = std::variant<OpenRequest, RenderRequest, FindRequest>;

struct Opened {
    int pages = 1;
    QSizeF size; ///< of the first page: pixels at 100 %
};

struct Frame {
    int page = 0;
    QSizeF pageSize; ///< pixels at 100 %
    QRectF region;
    QSize size;
    QByteArray pixels; ///< size.width() × size.height() × 4: QImage::Format_ARGB32_Premultiplied
};

struct Found {
    int page = -1;        ///< -1: nowhere
    QList<QRectF> places; ///< in fractions of the page
};

enum class Reason : quint8 {
    CannotOpen, ///< no regular file that can be read
    NotKnown,   ///< no format that is known here
    Damaged,    ///< of the format, but it cannot be decoded
    TooLarge,   ///< more pixels or bytes than are decoded; `detail`: how many
    Encrypted,  ///< wants a password
    Empty,      ///< no page, no size
    OutOfMemory,
    NotConfined, ///< the helper could not lock itself in and so decodes nothing
};

struct Failed {
    Reason reason = Reason::Damaged;
    QString detail;
};

using Answer = std::variant<Opened, Frame, Found, Failed>;

/// Bounds of both sides.
constexpr int mostPixels = 12'000'000; ///< in one Frame
constexpr int largestMessage = 4 * mostPixels + 4096;
constexpr int mostPages = 100'000;
constexpr int mostPlaces = 1000;
constexpr int longestText = 4096;

/// A frame with its length in front.
QByteArray encode(const Request &request);
QByteArray encode(const Answer &answer);

/// The body of a frame; nothing if it breaks a rule.
std::optional<Request> decodeRequest(const QByteArray &body);
std::optional<Answer> decodeAnswer(const QByteArray &body);

/// Takes the next whole frame's body off the front of what was received; nothing: not there yet.
/// `broken` is set once a length is over `largest`.
std::optional<QByteArray> takeFrame(QByteArray &received, int largest, bool &broken);

} // namespace skillbox::preview
