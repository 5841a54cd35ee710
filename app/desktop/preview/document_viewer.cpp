#include "app/desktop/preview/document_viewer.h"

#include "app/desktop/theme/icons.h"

#include <QHBoxLayout>
#include <QLocale>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;

namespace skillbox {

DocumentViewer::DocumentViewer(preview::Kind kind, QWidget *parent)
    : Viewer(parent)
    , m_kind(kind)
    , m_canvas(new ImageCanvas)
    , m_tools(new QWidget(this))
    , m_zoom(new QLabel)
    , m_size(new QLabel)
{
    m_tools->hide();
    m_canvas->setObjectName("preview.canvas"_L1);
    m_canvas->setAccessibleName(kind == preview::Kind::Pdf ? tr("Page") : tr("Picture"));
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(m_canvas);

    auto *row = new QHBoxLayout(m_tools);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(4);
    if (kind == preview::Kind::Pdf)
        addPageTools();
    m_size->setProperty("textRole", u"muted"_s);
    row->addWidget(m_size);
    row->addStretch(1);
    QToolButton *smaller = tool(u"zoom-out"_s, tr("Smaller (−)"), u"preview.zoomOut"_s);
    m_zoom->setAlignment(Qt::AlignCenter);
    m_zoom->setFixedWidth(m_zoom->fontMetrics().horizontalAdvance(u"6,400 %"_s));
    m_zoom->setObjectName("preview.zoom"_L1);
    row->addWidget(m_zoom);
    QToolButton *larger = tool(u"zoom-in"_s, tr("Larger (+)"), u"preview.zoomIn"_s);
    QToolButton *fit = tool(u"fit"_s, tr("Fit in the window (0)"), u"preview.fit"_s);
    QToolButton *natural = tool({}, tr("Natural size (1)"), u"preview.natural"_s);
    natural->setText(u"1:1"_s);
    connect(smaller, &QToolButton::clicked, m_canvas, &ImageCanvas::zoomOut);
    connect(larger, &QToolButton::clicked, m_canvas, &ImageCanvas::zoomIn);
    connect(fit, &QToolButton::clicked, m_canvas, &ImageCanvas::fit);
    connect(natural, &QToolButton::clicked, m_canvas, [this] { m_canvas->setZoom(1); });

    connect(m_canvas, &ImageCanvas::zoomChanged, this, &DocumentViewer::showZoom);
    connect(m_canvas, &ImageCanvas::detailWanted, this,
            [this](const QRectF &region, const QSize &size) {
                m_process.render(m_page ? m_page->value() - 1 : 0, region, size);
            });
    connect(&m_process, &DocumentProcess::opened, this, [this](int pages, const QSizeF &size) {
        if (m_page) {
            const QSignalBlocker quiet(m_page);
            m_page->setRange(1, pages);
            m_page->setValue(1);
            m_pages->setText(tr("of %L1").arg(pages));
            m_pageTools->setVisible(pages > 1);
        } else {
            m_size->setText(tr("%L1 × %L2").arg(qRound(size.width())).arg(qRound(size.height())));
        }
        m_canvas->setPage(size);
        showPage(0);
    });
    connect(&m_process, &DocumentProcess::rendered, this, &DocumentViewer::showPicture);
    connect(&m_process, &DocumentProcess::found, this, &DocumentViewer::showFound);
    connect(&m_process, &DocumentProcess::failed, this, [this](const QString &why) {
        m_canvas->clear();
        Q_EMIT failed(why);
    });
}

QToolButton *DocumentViewer::tool(const QString &icon, const QString &title, const QString &name)
{
    auto *button = new QToolButton;
    button->setToolTip(title);
    button->setAccessibleName(title);
    button->setObjectName(name);
    m_tools->layout()->addWidget(button);
    if (!icon.isEmpty())
        m_iconTools.append({button, icon});
    return button;
}

void DocumentViewer::addPageTools()
{
    m_find = new QLineEdit;
    m_find->setPlaceholderText(tr("Find in the text"));
    m_find->setAccessibleName(tr("Find in the text"));
    m_find->setObjectName("preview.find"_L1);
    m_find->setClearButtonEnabled(true);
    m_find->setMaximumWidth(220);
    connect(m_find, &QLineEdit::returnPressed, this, &DocumentViewer::find);
    m_page = new QSpinBox;
    m_page->setAccessibleName(tr("Page"));
    m_page->setObjectName("preview.page"_L1);
    m_page->setKeyboardTracking(false);
    m_pages = new QLabel;
    m_pages->setProperty("textRole", u"muted"_s);
    m_pageTools = new QWidget;
    auto *row = new QHBoxLayout(m_pageTools);
    row->setContentsMargins(0, 0, 0, 0);
    auto *word = new QLabel(tr("Page"));
    word->setProperty("textRole", u"muted"_s);
    row->addWidget(word);
    row->addWidget(m_page);
    row->addWidget(m_pages);
    m_tools->layout()->addWidget(m_find);
    m_tools->layout()->addWidget(m_pageTools);
    connect(m_page, &QSpinBox::valueChanged, this, [this](int page) { showPage(page - 1); });
    connect(m_canvas, &ImageCanvas::turnWanted, m_page, &QSpinBox::stepBy);
}

void DocumentViewer::open(const SharedFile &file, const QString &)
{
    close();
    m_process.open(m_kind, file->path());
}

void DocumentViewer::close()
{
    m_process.close();
    m_canvas->clear();
    m_size->clear();
    m_places.clear();
    m_searched.clear();
    m_foundPage = -1;
    m_shown = false;
}

void DocumentViewer::showPage(int page)
{
    // Pixels come as they are; what is drawn comes as large as it is seen, and larger on demand.
    const QSize seen = m_canvas->viewport()->size() * m_canvas->devicePixelRatioF();
    m_process.render(page, QRectF(0, 0, 1, 1),
                     m_kind == preview::Kind::Image ? QSize(100'000, 100'000)
                                                    : seen.expandedTo(QSize(1000, 1000)));
}

void DocumentViewer::showPicture(const DocumentProcess::Picture &picture)
{
    if (m_page && picture.page != m_page->value() - 1)
        return; // another one is on its way
    if (picture.region == QRectF(0, 0, 1, 1)) {
        m_canvas->setPage(picture.pageSize);
        if (picture.page == m_foundPage)
            m_canvas->setMarks(m_places);
    }
    m_canvas->setPicture(picture.region, picture.image);
    if (!std::exchange(m_shown, true))
        Q_EMIT opened();
}

void DocumentViewer::showZoom(double zoom)
{
    m_zoom->setText(tr("%L1 %").arg(qRound(zoom * 100)));
}

void DocumentViewer::find()
{
    const QString text = m_find->text();
    if (text.isEmpty())
        return;
    // Again: after the page where it was.
    const int from = text == m_searched && m_foundPage >= 0 ? m_foundPage + 1 : m_page->value() - 1;
    m_searched = text;
    m_process.find(text, from % m_page->maximum());
}

void DocumentViewer::showFound(int page, const QList<QRectF> &places)
{
    m_foundPage = page;
    m_places = places;
    m_canvas->setMarks({});
    if (page < 0) {
        Q_EMIT noted(tr("“%1” was not found.").arg(m_searched));
        return;
    }
    Q_EMIT noted({});
    if (m_page->value() == page + 1)
        m_canvas->setMarks(places);
    else
        m_page->setValue(page + 1);
}

void DocumentViewer::drawIcons()
{
    for (const IconTool &entry : std::as_const(m_iconTools))
        entry.button->setIcon(themedIcon(entry.icon, m_theme));
}

void DocumentViewer::applyTheme(const Theme &theme)
{
    m_theme = theme;
    m_canvas->applyTheme(theme);
    drawIcons();
}

} // namespace skillbox
