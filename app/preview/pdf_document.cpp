#include "app/preview/document.h"

#include <poppler-qt6.h>

#include <algorithm>

namespace skillbox::preview {
namespace {

constexpr double pointsPerInch = 72;
/// 100 % on a screen, as other viewers have it.
constexpr double pixelsPerInch = 96;
constexpr double largestPoints = 14'400; // ISO 32000-1, annex C: 200 inches

class PdfDocument final : public Document
{
public:
    explicit PdfDocument(std::unique_ptr<Poppler::Document> document)
        : m_document(std::move(document))
    {
    }

    int pages() const override { return std::min(m_document->numPages(), mostPages); }

    QSizeF pageSize(int page) const override
    {
        const std::unique_ptr<Poppler::Page> loaded = m_document->page(page);
        const QSizeF points = loaded ? loaded->pageSizeF() : QSizeF();
        if (!(points.width() > 0 && points.height() > 0 && points.width() <= largestPoints
              && points.height() <= largestPoints))
            return QSizeF(612, 792) * (pixelsPerInch / pointsPerInch); // US letter
        return points * (pixelsPerInch / pointsPerInch);
    }

    QImage render(int page, const QRectF &region, const QSize &size) override
    {
        const std::unique_ptr<Poppler::Page> loaded = m_document->page(page);
        if (!loaded)
            return {};
        const QSizeF inches = pageSize(page) / pixelsPerInch;
        const double wide = size.width() / region.width();
        const double high = size.height() / region.height();
        return loaded
            ->renderToImage(wide / inches.width(), high / inches.height(),
                            static_cast<int>(region.x() * wide),
                            static_cast<int>(region.y() * high), size.width(), size.height())
            .convertToFormat(QImage::Format_ARGB32_Premultiplied);
    }

    QList<QRectF> find(int page, const QString &text) override
    {
        const std::unique_ptr<Poppler::Page> loaded = m_document->page(page);
        if (!loaded)
            return {};
        const QSizeF points = pageSize(page) * (pointsPerInch / pixelsPerInch);
        QList<QRectF> places = loaded->search(text, Poppler::Page::IgnoreCase);
        for (QRectF &place : places) {
            place = QRectF(place.x() / points.width(), place.y() / points.height(),
                           place.width() / points.width(), place.height() / points.height());
        }
        return places;
    }

private:
    std::unique_ptr<Poppler::Document> m_document;
};

} // namespace

Decoded openPdf(QFile &file)
{
    Poppler::setDebugErrorFunction([](const QString &, const QVariant &) {}, {});
    std::unique_ptr<Poppler::Document> document = Poppler::Document::load(&file);
    if (!document)
        return failed(Reason::Damaged);
    if (document->isLocked())
        return failed(Reason::Encrypted);
    if (document->numPages() < 1)
        return failed(Reason::Empty);
    document->setRenderHint(Poppler::Document::Antialiasing);
    document->setRenderHint(Poppler::Document::TextAntialiasing);
    return {std::make_unique<PdfDocument>(std::move(document)), {}};
}

} // namespace skillbox::preview
