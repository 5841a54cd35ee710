#include "app/desktop/preview/preview_view.h"

#include "app/desktop/text/code_view.h"

#include <QFile>
#include <QVBoxLayout>

namespace skillbox {
namespace {

/// A file larger than this is shown cut.
constexpr qint64 mostShown = 512 << 10;

} // namespace

PreviewView::PreviewView(QWidget *parent) : QWidget(parent), m_code(new CodeView)
{
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(m_code);
}

void PreviewView::show(const PreviewSource &source)
{
    QFile file(source.path);
    if (!file.open(QIODevice::ReadOnly)) {
        m_code->setSource(file.errorString(), {});
        return;
    }
    m_code->setSource(QString::fromUtf8(file.read(mostShown)), source.name);
}

void PreviewView::clear()
{
    m_code->setSource({}, {});
}

void PreviewView::applyTheme(const Theme &theme)
{
    m_code->applyTheme(theme);
}

} // namespace skillbox
