#include "app/preview/document.h"

#include <QPainter>
#include <QSvgRenderer>

using namespace Qt::StringLiterals;

namespace skillbox::preview {
namespace {

constexpr qint64 mostBytes = 32LL << 20;
constexpr double usualSide = 512; ///< of a drawing that says no size
constexpr double largestSide = 20'000;

class SvgDocument final : public Document
{
public:
    SvgDocument(std::unique_ptr<QSvgRenderer> renderer, QSizeF size)
        : m_renderer(std::move(renderer))
        , m_size(size)
    {
    }

    QSizeF pageSize(int) const override { return m_size; }

    QImage render(int, const QRectF &region, const QSize &size) override
    {
        QImage image(size, QImage::Format_ARGB32_Premultiplied);
        if (image.isNull())
            return image;
        image.fill(Qt::transparent);
        QPainter painter(&image);
        painter.setRenderHint(QPainter::Antialiasing);
        const double wide = size.width() / region.width();
        const double high = size.height() / region.height();
        m_renderer->render(&painter, QRectF(-region.x() * wide, -region.y() * high, wide, high));
        return image;
    }

private:
    std::unique_ptr<QSvgRenderer> m_renderer;
    QSizeF m_size;
};

} // namespace

Decoded openSvg(QFile &file)
{
    if (file.size() > mostBytes)
        return failed(Reason::TooLarge, u"%1 MB"_s.arg(file.size() >> 20));
    // Bytes, not the file: relative references would be resolved beside it.
    auto renderer = std::make_unique<QSvgRenderer>(file.readAll());
    if (!renderer->isValid())
        return failed(Reason::Damaged);
    QSizeF size = renderer->defaultSize();
    if (size.isEmpty())
        size = renderer->viewBoxF().size();
    if (size.isEmpty())
        size = QSizeF(usualSide, usualSide);
    if (size.width() > largestSide || size.height() > largestSide)
        size.scale(largestSide, largestSide, Qt::KeepAspectRatio);
    if (size.width() < 1 || size.height() < 1)
        size = size.expandedTo(QSizeF(1, 1));
    return {std::make_unique<SvgDocument>(std::move(renderer), size), {}};
}

} // namespace skillbox::preview
