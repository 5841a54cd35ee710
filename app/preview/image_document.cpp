#include "app/preview/document.h"

#include <QImageReader>

using namespace Qt::StringLiterals;

namespace skillbox::preview {
namespace {

/// 400 MB decoded; a photo of today's largest sensors fits.
constexpr qint64 mostDecodedPixels = 100'000'000;
constexpr int mostDecodedMegabytes = 512;

class ImageDocument final : public Document
{
public:
    explicit ImageDocument(QImage image) : m_image(std::move(image)) { }

    QSizeF pageSize(int) const override { return m_image.size(); }
    bool isRaster() const override { return true; }

    QImage render(int, const QRectF &region, const QSize &size) override
    {
        const QRect part = QRectF(region.x() * m_image.width(), region.y() * m_image.height(),
                                  region.width() * m_image.width(),
                                  region.height() * m_image.height())
                               .toAlignedRect()
                               .intersected(m_image.rect());
        const QImage cut = part == m_image.rect() ? m_image : m_image.copy(part);
        if (cut.size() == size)
            return cut;
        return cut.scaled(size, Qt::IgnoreAspectRatio, Qt::SmoothTransformation);
    }

private:
    QImage m_image;
};

} // namespace

Decoded openImage(QFile &file)
{
    QImageReader::setAllocationLimit(mostDecodedMegabytes);
    QImageReader reader(&file);
    // By content: what a file is called is somebody's claim.
    reader.setDecideFormatFromContent(true);
    reader.setAutoTransform(true);
    if (!reader.canRead())
        return failed(Reason::NotKnown);
    if (reader.format() == "svg" || reader.format() == "svgz")
        return failed(Reason::NotKnown);
    const QSize size = reader.size();
    if (size.isValid() && qint64(size.width()) * size.height() > mostDecodedPixels)
        return failed(Reason::TooLarge, u"%1 × %2"_s.arg(size.width()).arg(size.height()));
    const QImage image = reader.read();
    if (image.isNull())
        return failed(Reason::Damaged, reader.errorString());
    QImage pixels = image.convertToFormat(QImage::Format_ARGB32_Premultiplied);
    if (pixels.isNull())
        return failed(Reason::OutOfMemory);
    return {std::make_unique<ImageDocument>(std::move(pixels)), {}};
}

} // namespace skillbox::preview
