#pragma once

#include "app/preview/protocol.h"

#include <QFile>
#include <QImage>

#include <memory>

namespace skillbox::preview {

/// A decoded file. Pages count from 0.
class Document
{
public:
    virtual ~Document() = default;
    virtual int pages() const { return 1; }
    /// Pixels at 100 %.
    virtual QSizeF pageSize(int page) const = 0;
    /// A part of a page (fractions) as a picture of this size; null if it cannot be made.
    virtual QImage render(int page, const QRectF &region, const QSize &size) = 0;
    /// Made of pixels: enlarging would show nothing more.
    virtual bool isRaster() const { return false; }
    /// Where the page has the text, in fractions.
    virtual QList<QRectF> find(int, const QString &) { return {}; }
};

/// Either; a document has no failure.
struct Decoded {
    std::unique_ptr<Document> document = {};
    Failed failure = {};
};

Decoded openImage(QFile &file);
Decoded openSvg(QFile &file);
/// The file must outlive the document.
Decoded openPdf(QFile &file);

inline Decoded failed(Reason reason, const QString &detail = {})
{
    return {{}, {reason, detail}};
}

} // namespace skillbox::preview
