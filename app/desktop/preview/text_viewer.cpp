#include "app/desktop/preview/text_viewer.h"

#include "app/desktop/text/code_view.h"

#include <QHBoxLayout>
#include <QLocale>
#include <QScrollBar>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// Beyond that colours would take longer than they are worth.
constexpr qint64 mostColoured = 512 << 10;

} // namespace

TextViewer::TextViewer(QWidget *parent)
    : Viewer(parent)
    , m_code(new CodeView)
    , m_rest(new QWidget)
    , m_restText(new QLabel)
    , m_more(new QPushButton(tr("Show more")))
{
    m_code->setObjectName("preview.text"_L1);
    m_code->setAccessibleName(tr("Text"));
    m_restText->setProperty("textRole", u"muted"_s);
    m_more->setObjectName("preview.more"_L1);
    auto *row = new QHBoxLayout(m_rest);
    row->setContentsMargins(16, 8, 16, 8);
    row->addWidget(m_restText, 1);
    row->addWidget(m_more);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_code, 1);
    column->addWidget(m_rest);
    m_rest->hide();
    connect(m_more, &QPushButton::clicked, this,
            [this] { load(qMin(mostBytes, 4 * m_shownBytes)); });
}

void TextViewer::open(const SharedFile &file, const QString &name)
{
    close();
    m_file = file;
    m_name = name;
    load(firstBytes);
}

void TextViewer::close()
{
    m_loading.cancel();
    m_file.reset();
    m_shownBytes = 0;
    m_rest->hide();
    m_code->setSource({}, {});
}

void TextViewer::load(qint64 bytes)
{
    m_more->setEnabled(false);
    m_loading.start(
        this,
        [file = m_file, bytes](const std::stop_token &) {
            return decodeText(file->read(0, bytes), file->size() > bytes);
        },
        [this, bytes](const DecodedText &decoded) { showText(decoded, bytes); });
}

void TextViewer::showText(const DecodedText &decoded, qint64 bytes)
{
    const bool first = m_shownBytes == 0;
    const int line = m_code->verticalScrollBar()->value();
    m_shownBytes = qMin(bytes, m_file->size());
    m_code->setSource(decoded.text,
                      m_shownBytes > mostColoured || decoded.folded ? QString() : m_name);
    m_code->verticalScrollBar()->setValue(first ? 0 : line);

    const bool all = m_shownBytes >= m_file->size();
    m_rest->setVisible(!all);
    m_more->setEnabled(true);
    m_more->setVisible(m_shownBytes < mostBytes);
    const QLocale locale;
    m_restText->setText(
        tr("The first %1 of %2.")
            .arg(locale.formattedDataSize(m_shownBytes), locale.formattedDataSize(m_file->size())));
    QStringList notes;
    if (decoded.badBytesAt >= 0) {
        notes += tr("Not valid %1 from byte %L2 on: what cannot be read is shown as \ufffd.")
                     .arg(decoded.encoding)
                     .arg(decoded.badBytesAt);
    } else if (decoded.encoding != "UTF-8"_L1) {
        notes += tr("Encoded as %1.").arg(decoded.encoding);
    }
    if (decoded.folded)
        notes += tr("Lines over %L1 characters are broken here.").arg(longestShownLine);
    if (first)
        Q_EMIT opened();
    Q_EMIT noted(notes.join(u' '));
}

void TextViewer::applyTheme(const Theme &theme)
{
    m_code->applyTheme(theme);
}

} // namespace skillbox
