#include "app/desktop/preview/image_canvas.h"

#include <QMouseEvent>
#include <QPainter>
#include <QScrollBar>
#include <QtMath>

#include <algorithm>
#include <cmath>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox {
namespace {

constexpr int margin = 16;
constexpr int checkSize = 8;
/// Long enough that a zoom by several steps asks once.
constexpr auto detailDelay = 60ms;
constexpr int scrollStep = 40;

} // namespace

ImageCanvas::ImageCanvas(QWidget *parent) : QAbstractScrollArea(parent)
{
    setFrameShape(QFrame::NoFrame);
    setFocusPolicy(Qt::StrongFocus);
    viewport()->setCursor(Qt::OpenHandCursor);
    horizontalScrollBar()->setSingleStep(scrollStep);
    verticalScrollBar()->setSingleStep(scrollStep);
    m_detailDelay.setSingleShot(true);
    m_detailDelay.setInterval(detailDelay);
    connect(&m_detailDelay, &QTimer::timeout, this, &ImageCanvas::askForDetail);
}

void ImageCanvas::setPage(const QSizeF &size)
{
    m_whole = {};
    m_detail = {};
    m_marks.clear();
    const bool another = size != m_size;
    m_size = size;
    if (another || m_fitted)
        fit();
    updateBars();
    viewport()->update();
}

void ImageCanvas::setPicture(const QRectF &region, const QImage &image)
{
    if (region == QRectF(0, 0, 1, 1)) {
        m_whole = image;
        wantDetail();
    } else {
        m_detail = image;
        m_detailRegion = region;
    }
    viewport()->update();
}

void ImageCanvas::clear()
{
    m_detailDelay.stop();
    m_size = {};
    m_whole = {};
    m_detail = {};
    m_marks.clear();
    m_fitted = true;
    updateBars();
    viewport()->update();
}

void ImageCanvas::setMarks(const QList<QRectF> &marks)
{
    m_marks = marks;
    if (!marks.isEmpty() && !m_size.isEmpty()) {
        const QRectF first = marks.first();
        const QRectF area = pageArea();
        const QPointF place(area.x() + first.center().x() * area.width(),
                            area.y() + first.center().y() * area.height());
        if (!QRectF(viewport()->rect()).contains(place)) {
            const QPointF move = place - QRectF(viewport()->rect()).center();
            horizontalScrollBar()->setValue(horizontalScrollBar()->value() + qRound(move.x()));
            verticalScrollBar()->setValue(verticalScrollBar()->value() + qRound(move.y()));
        }
    }
    viewport()->update();
}

double ImageCanvas::fittingZoom() const
{
    if (m_size.isEmpty())
        return 1;
    const double wide = (viewport()->width() - 2 * margin) / m_size.width();
    const double high = (viewport()->height() - 2 * margin) / m_size.height();
    return std::clamp(std::min({wide, high, 1.0}), least, most);
}

void ImageCanvas::fit()
{
    m_fitted = true;
    m_zoom = fittingZoom();
    updateBars();
    wantDetail();
    viewport()->update();
    Q_EMIT zoomChanged(m_zoom);
}

void ImageCanvas::setZoom(double zoom)
{
    zoomAt(zoom / m_zoom, QRectF(viewport()->rect()).center());
}

void ImageCanvas::zoomAt(double factor, const QPointF &place)
{
    if (m_size.isEmpty())
        return;
    const QRectF before = pageArea();
    const QPointF fraction((place.x() - before.x()) / before.width(),
                           (place.y() - before.y()) / before.height());
    m_zoom = std::clamp(m_zoom * factor, least, most);
    m_fitted = false;
    updateBars();
    // What was under the mouse stays there.
    const QRectF after = pageArea();
    const QPointF now(after.x() + fraction.x() * after.width(),
                      after.y() + fraction.y() * after.height());
    horizontalScrollBar()->setValue(horizontalScrollBar()->value() + qRound(now.x() - place.x()));
    verticalScrollBar()->setValue(verticalScrollBar()->value() + qRound(now.y() - place.y()));
    wantDetail();
    viewport()->update();
    Q_EMIT zoomChanged(m_zoom);
}

QRectF ImageCanvas::pageArea() const
{
    const QSizeF size = m_size * m_zoom;
    const double x = size.width() + 2 * margin <= viewport()->width()
        ? (viewport()->width() - size.width()) / 2
        : margin - horizontalScrollBar()->value();
    const double y = size.height() + 2 * margin <= viewport()->height()
        ? (viewport()->height() - size.height()) / 2
        : margin - verticalScrollBar()->value();
    return QRectF(QPointF(std::round(x), std::round(y)), size);
}

QRectF ImageCanvas::visibleRegion() const
{
    const QRectF area = pageArea();
    const QRectF seen = area.intersected(QRectF(viewport()->rect()));
    if (area.isEmpty() || seen.isEmpty())
        return {};
    return QRectF((seen.x() - area.x()) / area.width(), (seen.y() - area.y()) / area.height(),
                  seen.width() / area.width(), seen.height() / area.height())
        .intersected(QRectF(0, 0, 1, 1));
}

void ImageCanvas::updateBars()
{
    const QSizeF size = m_size * m_zoom;
    const auto set = [](QScrollBar *bar, double content, int shown) {
        bar->setPageStep(shown);
        bar->setRange(0, std::max(0, static_cast<int>(std::ceil(content)) + 2 * margin - shown));
    };
    set(horizontalScrollBar(), size.width(), viewport()->width());
    set(verticalScrollBar(), size.height(), viewport()->height());
}

void ImageCanvas::wantDetail()
{
    m_detailDelay.start();
}

void ImageCanvas::askForDetail()
{
    const QRectF region = visibleRegion();
    if (m_whole.isNull() || region.isEmpty() || m_size.isEmpty())
        return;
    const double wanted = m_zoom * devicePixelRatioF();
    const double there = m_whole.width() / m_size.width();
    if (wanted <= there * 1.05) {
        m_detail = {};
        return;
    }
    const QSizeF size(m_size.width() * region.width() * wanted,
                      m_size.height() * region.height() * wanted);
    Q_EMIT detailWanted(region, size.toSize().expandedTo(QSize(1, 1)));
}

void ImageCanvas::paintEvent(QPaintEvent *)
{
    QPainter painter(viewport());
    const QRectF area = pageArea();
    painter.fillRect(viewport()->rect(), m_theme.color(ColorRole::Sunken));
    if (m_size.isEmpty())
        return;

    const QRect shown = area.toAlignedRect().intersected(viewport()->rect());
    QPixmap checks(2 * checkSize, 2 * checkSize);
    checks.fill(m_theme.color(ColorRole::Surface));
    QPainter check(&checks);
    const QColor other = m_theme.color(ColorRole::Hover);
    check.fillRect(0, 0, checkSize, checkSize, other);
    check.fillRect(checkSize, checkSize, checkSize, checkSize, other);
    check.end();
    painter.drawTiledPixmap(shown, checks);

    // Pixels that are enlarged are shown as such; all else is smoothed.
    if (!m_whole.isNull()) {
        const double scale = area.width() * devicePixelRatioF() / m_whole.width();
        painter.setRenderHint(QPainter::SmoothPixmapTransform, scale < 2);
        painter.drawImage(area, m_whole);
    }
    if (!m_detail.isNull()) {
        const QRectF part(area.x() + m_detailRegion.x() * area.width(),
                          area.y() + m_detailRegion.y() * area.height(),
                          m_detailRegion.width() * area.width(),
                          m_detailRegion.height() * area.height());
        painter.setRenderHint(QPainter::SmoothPixmapTransform);
        painter.drawImage(part, m_detail);
    }
    if (!m_marks.isEmpty()) {
        QColor mark = m_theme.color(ColorRole::Warning);
        painter.setPen(QPen(mark, 1));
        mark.setAlphaF(0.3F);
        painter.setBrush(mark);
        for (const QRectF &place : m_marks) {
            painter.drawRect(QRectF(area.x() + place.x() * area.width(),
                                    area.y() + place.y() * area.height(),
                                    place.width() * area.width(), place.height() * area.height()));
        }
    }
    painter.setBrush(Qt::NoBrush);
    painter.setPen(m_theme.color(ColorRole::Border));
    painter.drawRect(area.adjusted(-0.5, -0.5, 0.5, 0.5));
    if (hasFocus()) {
        painter.setPen(m_theme.color(ColorRole::Focus));
        painter.drawRect(viewport()->rect().adjusted(0, 0, -1, -1));
    }
}

void ImageCanvas::resizeEvent(QResizeEvent *event)
{
    QAbstractScrollArea::resizeEvent(event);
    if (m_fitted && !m_size.isEmpty())
        fit();
    else
        updateBars();
    wantDetail();
}

void ImageCanvas::wheelEvent(QWheelEvent *event)
{
    if (event->modifiers().testFlag(Qt::ControlModifier)) {
        if (event->angleDelta().y() != 0)
            zoomAt(std::pow(step, event->angleDelta().y() / 120.0), event->position());
        event->accept();
        return;
    }
    QAbstractScrollArea::wheelEvent(event);
}

void ImageCanvas::mousePressEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton)
        return;
    m_grabbed = event->position().toPoint();
    viewport()->setCursor(Qt::ClosedHandCursor);
}

void ImageCanvas::mouseMoveEvent(QMouseEvent *event)
{
    if (!event->buttons().testFlag(Qt::LeftButton))
        return;
    const QPoint place = event->position().toPoint();
    const QPoint move = place - m_grabbed;
    m_grabbed = place;
    horizontalScrollBar()->setValue(horizontalScrollBar()->value() - move.x());
    verticalScrollBar()->setValue(verticalScrollBar()->value() - move.y());
}

void ImageCanvas::mouseReleaseEvent(QMouseEvent *)
{
    viewport()->setCursor(Qt::OpenHandCursor);
}

void ImageCanvas::keyPressEvent(QKeyEvent *event)
{
    switch (event->key()) {
    case Qt::Key_Plus:
    case Qt::Key_Equal: zoomIn(); return;
    case Qt::Key_Minus: zoomOut(); return;
    case Qt::Key_0: fit(); return;
    case Qt::Key_1: setZoom(1); return;
    case Qt::Key_PageDown:
        if (verticalScrollBar()->value() < verticalScrollBar()->maximum())
            break;
        Q_EMIT turnWanted(1);
        return;
    case Qt::Key_PageUp:
        if (verticalScrollBar()->value() > 0)
            break;
        Q_EMIT turnWanted(-1);
        return;
    default: break;
    }
    QAbstractScrollArea::keyPressEvent(event);
}

void ImageCanvas::scrollContentsBy(int, int)
{
    wantDetail();
    viewport()->update();
}

void ImageCanvas::applyTheme(const Theme &theme)
{
    m_theme = theme;
    viewport()->update();
}

} // namespace skillbox
