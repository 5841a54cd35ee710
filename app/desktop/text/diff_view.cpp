#include "app/desktop/text/diff_view.h"

#include "app/desktop/text/code_view.h"

#include <QHBoxLayout>

namespace skillbox {

DiffView::DiffView(QWidget *parent)
    : QWidget(parent)
    , m_left(new CodeView)
    , m_right(new CodeView)
{
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->addWidget(m_left);
    row->addWidget(m_right);
}

void DiffView::setTexts(const QString &leftTitle, const QString &left, const QString &rightTitle,
                        const QString &right, const QString &fileName)
{
    m_left->setAccessibleName(leftTitle);
    m_right->setAccessibleName(rightTitle);
    m_left->setSource(left, fileName);
    m_right->setSource(right, fileName);
}

void DiffView::applyTheme(const Theme &theme)
{
    m_left->applyTheme(theme);
    m_right->applyTheme(theme);
}

} // namespace skillbox
