#include "app/desktop/preview/markdown_viewer.h"

#include "app/desktop/preview/text_decoding.h"
#include "app/desktop/text/markdown_view.h"

#include <QLocale>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;

namespace skillbox {

MarkdownViewer::MarkdownViewer(QWidget *parent) : Viewer(parent), m_view(new MarkdownView)
{
    m_view->setObjectName("preview.markdown"_L1);
    m_view->setAccessibleName(tr("Text"));
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(m_view);
}

void MarkdownViewer::open(const SharedFile &file, const QString &)
{
    close();
    if (file->size() > mostBytes) {
        Q_EMIT failed(tr("It is larger than %1.").arg(QLocale().formattedDataSize(mostBytes)));
        return;
    }
    m_loading.start(
        this,
        [file](const std::stop_token &) { return decodeText(file->read(0, mostBytes), false); },
        [this](const DecodedText &decoded) {
            m_view->setMarkdownText(decoded.text);
            Q_EMIT opened();
            Q_EMIT noted(decoded.badBytesAt < 0
                             ? QString()
                             : tr("Not valid %1: what cannot be read is shown as \ufffd.")
                                   .arg(decoded.encoding));
        });
}

void MarkdownViewer::close()
{
    m_loading.cancel();
    m_view->setMarkdownText({});
}

void MarkdownViewer::applyTheme(const Theme &theme)
{
    m_view->applyTheme(theme);
}

} // namespace skillbox
