#pragma once

#include "app/desktop/theme/theme.h"

#include <QAbstractScrollArea>
#include <QImage>
#include <QTimer>

namespace skillbox {

/// Shows one page: a picture of all of it, and over it a sharper one of the part that is seen,
/// which is asked for by detailWanted() when the zoom shows more than the first has. Ctrl+wheel and
/// + and − zoom, 0 fits, 1 shows it at its size; the mouse and the arrows move it. GUI thread.
class ImageCanvas : public QAbstractScrollArea
{
    Q_OBJECT

public:
    explicit ImageCanvas(QWidget *parent = nullptr);

    /// A new page with nothing on it yet; the zoom stays unless `size` is another.
    void setPage(const QSizeF &size);
    void setPicture(const QRectF &region, const QImage &image);
    void clear();
    /// In fractions of the page.
    void setMarks(const QList<QRectF> &marks);
    const QImage &picture() const { return m_whole; }

    double zoom() const { return m_zoom; }
    void setZoom(double zoom);
    void zoomIn() { zoomAt(step, viewport()->rect().center()); }
    void zoomOut() { zoomAt(1 / step, viewport()->rect().center()); }
    /// Whole, and again whole when the window changes; small pages are not enlarged.
    void fit();
    bool isFitted() const { return m_fitted; }
    void applyTheme(const Theme &theme);

    static constexpr double least = 0.01;
    static constexpr double most = 64;

Q_SIGNALS:
    void zoomChanged(double zoom);
    /// `size` in the screen's pixels.
    void detailWanted(const QRectF &region, const QSize &size);
    /// Page down at the lower end, page up at the upper: 1 or -1.
    void turnWanted(int pages);

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void wheelEvent(QWheelEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void scrollContentsBy(int dx, int dy) override;

private:
    static constexpr double step = 1.25;
    void zoomAt(double factor, const QPointF &place);
    double fittingZoom() const;
    /// Where the page lies in the viewport.
    QRectF pageArea() const;
    QRectF visibleRegion() const;
    void updateBars();
    void wantDetail();
    void askForDetail();

    QSizeF m_size;
    QImage m_whole;
    QImage m_detail;
    QRectF m_detailRegion;
    QList<QRectF> m_marks;
    double m_zoom = 1;
    bool m_fitted = true;
    QPoint m_grabbed;
    QTimer m_detailDelay;
    Theme m_theme;
};

} // namespace skillbox
