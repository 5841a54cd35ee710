#include "app/desktop/artifacts/image_compare.h"

#include <QHBoxLayout>
#include <QPainter>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// Of each picture: two of them and the difference are held at once.
const QSize largestCompared(2400, 2400);

/// Where the two differ, as far as each channel does, on black; `count` gets how many pixels do.
QImage differenceOf(const QImage &left, const QImage &right, qint64 &count)
{
    const QSize size = left.size().expandedTo(right.size());
    QImage result(size, QImage::Format_ARGB32_Premultiplied);
    result.fill(Qt::black);
    count = 0;
    for (int y = 0; y < size.height(); ++y) {
        const auto *a = y < left.height() ? reinterpret_cast<const QRgb *>(left.constScanLine(y))
                                          : nullptr;
        const auto *b = y < right.height() ? reinterpret_cast<const QRgb *>(right.constScanLine(y))
                                           : nullptr;
        auto *out = reinterpret_cast<QRgb *>(result.scanLine(y));
        for (int x = 0; x < size.width(); ++x) {
            const QRgb one = a && x < left.width() ? a[x] : 0;
            const QRgb two = b && x < right.width() ? b[x] : 0;
            if (one == two)
                continue;
            ++count;
            const int alpha = qAbs(qAlpha(one) - qAlpha(two));
            // Dim differences are made visible.
            const auto shown = [alpha](int p, int q) {
                return std::min(255, 64 + std::max(qAbs(p - q), alpha) * 3 / 4);
            };
            out[x] = qRgb(shown(qRed(one), qRed(two)), shown(qGreen(one), qGreen(two)),
                          shown(qBlue(one), qBlue(two)));
        }
    }
    return result;
}

} // namespace

ImageCompare::ImageCompare(QWidget *parent)
    : QWidget(parent)
    , m_sides{new ImageCanvas, new ImageCanvas}
    , m_both(new ImageCanvas)
    , m_stack(new QStackedWidget)
    , m_sidesPage(new QWidget)
    , m_onion(new QSlider(Qt::Horizontal))
{
    auto *bar = new QHBoxLayout;
    bar->setContentsMargins(16, 6, 16, 6);
    for (const auto &[view, title] :
         {std::pair{View::Sides, tr("Side by side")}, std::pair{View::Onion, tr("Onion skin")},
          std::pair{View::Difference, tr("Difference")}}) {
        auto *button = new QToolButton;
        button->setText(title);
        button->setCheckable(true);
        button->setObjectName(u"compare.view%1"_s.arg(static_cast<int>(view)));
        m_views.addButton(button, static_cast<int>(view));
        bar->addWidget(button);
    }
    m_onion->setObjectName("compare.onion"_L1);
    m_onion->setAccessibleName(tr("How much of the right picture shows"));
    m_onion->setRange(0, 100);
    m_onion->setValue(50);
    m_onion->setFixedWidth(200);
    bar->addSpacing(16);
    bar->addWidget(m_onion);
    bar->addStretch(1);

    auto *row = new QHBoxLayout(m_sidesPage);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(1);
    m_sides[0]->setAccessibleName(tr("Left picture"));
    m_sides[1]->setAccessibleName(tr("Right picture"));
    row->addWidget(m_sides[0]);
    row->addWidget(m_sides[1]);
    m_both->setAccessibleName(tr("Both pictures"));
    m_stack->addWidget(m_sidesPage);
    m_stack->addWidget(m_both);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addLayout(bar);
    column->addWidget(m_stack, 1);

    connect(&m_views, &QButtonGroup::idClicked, this,
            [this](int view) { setView(static_cast<View>(view)); });
    connect(m_onion, &QSlider::valueChanged, this, &ImageCompare::compose);
    for (int side = 0; side < 2; ++side) {
        DocumentProcess *process = &m_processes[side];
        connect(process, &DocumentProcess::opened, this, [process](int, const QSizeF &size) {
            process->render(0, QRectF(0, 0, 1, 1),
                            size.toSize().expandedTo(QSize(1, 1)).boundedTo(largestCompared));
        });
        connect(process, &DocumentProcess::rendered, this,
                [this, side](const DocumentProcess::Picture &picture) { take(side, picture); });
        connect(process, &DocumentProcess::failed, this, [this, side](const QString &why) {
            close();
            Q_EMIT failed(side == 0 ? tr("The left picture: %1").arg(why)
                                    : tr("The right picture: %1").arg(why));
        });
        // Both are looked at in the same place.
        connect(m_sides[side], &ImageCanvas::zoomChanged, this, [this, side](double zoom) {
            ImageCanvas *other = m_sides[1 - side];
            if (!m_sides[side]->isFitted() && !qFuzzyCompare(other->zoom(), zoom))
                other->setZoom(zoom);
        });
    }
    setView(View::Sides);
}

void ImageCompare::show(preview::Kind leftKind, const QString &left, preview::Kind rightKind,
                        const QString &right)
{
    close();
    m_processes[0].open(leftKind, left);
    m_processes[1].open(rightKind, right);
}

void ImageCompare::close()
{
    for (int side = 0; side < 2; ++side) {
        m_processes[side].close();
        m_images[side] = {};
        m_sides[side]->clear();
    }
    m_both->clear();
    m_difference = {};
    m_differing = 0;
}

void ImageCompare::take(int side, const DocumentProcess::Picture &picture)
{
    m_images[side] = picture.image;
    m_sides[side]->setPage(picture.image.size());
    m_sides[side]->setPicture(QRectF(0, 0, 1, 1), picture.image);
    m_processes[side].close();
    if (m_images[0].isNull() || m_images[1].isNull())
        return;
    m_difference = differenceOf(m_images[0], m_images[1], m_differing);
    compose();
    QString summary;
    if (m_images[0].size() != m_images[1].size()) {
        summary = tr("Different sizes: %1 × %2 and %3 × %4.")
                      .arg(m_images[0].width())
                      .arg(m_images[0].height())
                      .arg(m_images[1].width())
                      .arg(m_images[1].height());
    } else if (m_differing == 0) {
        summary = tr("The pictures look the same.");
    } else {
        const double share = 100.0 * static_cast<double>(m_differing)
            / (double(m_difference.width()) * m_difference.height());
        summary = tr("%L1 pixels differ (%2 %).").arg(m_differing).arg(share, 0, 'g', 2);
    }
    Q_EMIT compared(summary);
}

void ImageCompare::setView(View view)
{
    m_view = view;
    m_views.button(static_cast<int>(view))->setChecked(true);
    m_onion->setVisible(view == View::Onion);
    m_stack->setCurrentWidget(view == View::Sides ? m_sidesPage : static_cast<QWidget *>(m_both));
    compose();
}

void ImageCompare::compose()
{
    if (m_view == View::Sides || m_difference.isNull())
        return;
    QImage shown = m_difference;
    if (m_view == View::Onion) {
        shown = QImage(m_difference.size(), QImage::Format_ARGB32_Premultiplied);
        shown.fill(Qt::transparent);
        QPainter painter(&shown);
        painter.setOpacity(1 - m_onion->value() / 100.0);
        painter.drawImage(0, 0, m_images[0]);
        painter.setOpacity(m_onion->value() / 100.0);
        painter.setCompositionMode(QPainter::CompositionMode_Plus);
        painter.drawImage(0, 0, m_images[1]);
    }
    // The place where one looks stays.
    if (m_both->picture().size() != shown.size())
        m_both->setPage(shown.size());
    m_both->setPicture(QRectF(0, 0, 1, 1), shown);
}

void ImageCompare::applyTheme(const Theme &theme)
{
    for (ImageCanvas *canvas : {m_sides[0], m_sides[1], m_both})
        canvas->applyTheme(theme);
}

} // namespace skillbox
