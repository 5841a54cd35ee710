#include "app/desktop/theme/icons.h"

#include <QFile>
#include <QIconEngine>
#include <QPainter>
#include <QSvgRenderer>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// Draws the SVG when it is wanted, so that every scale is sharp.
class SvgIconEngine final : public QIconEngine
{
public:
    SvgIconEngine(QByteArray svg, const QColor &normal, const QColor &on, const QColor &disabled)
        : m_svg(std::move(svg))
        , m_normal(normal)
        , m_on(on)
        , m_disabled(disabled)
    {
    }

    void paint(QPainter *painter, const QRect &rect, QIcon::Mode mode, QIcon::State state) override
    {
        const QColor &color = mode == QIcon::Disabled ? m_disabled
            : state == QIcon::On                      ? m_on
                                                      : m_normal;
        QByteArray svg = m_svg;
        svg.replace("#000", color.name().toLatin1());
        QSvgRenderer renderer(svg);
        renderer.render(painter, rect);
    }

    QPixmap pixmap(const QSize &size, QIcon::Mode mode, QIcon::State state) override
    {
        QPixmap image(size);
        image.fill(Qt::transparent);
        QPainter painter(&image);
        paint(&painter, QRect(QPoint(0, 0), size), mode, state);
        return image;
    }

    QIconEngine *clone() const override
    {
        return new SvgIconEngine(m_svg, m_normal, m_on, m_disabled);
    }

private:
    QByteArray m_svg;
    QColor m_normal;
    QColor m_on;
    QColor m_disabled;
};

} // namespace

QIcon themedIcon(const QString &name, const Theme &theme, ColorRole role, ColorRole active)
{
    QFile file(u":/icons/"_s + name + u".svg"_s);
    if (!file.open(QIODevice::ReadOnly))
        return {};
    return QIcon(new SvgIconEngine(file.readAll(), theme.color(role), theme.color(active),
                                   theme.color(ColorRole::Disabled)));
}

} // namespace skillbox
