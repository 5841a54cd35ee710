#include "app/desktop/shell/activity_bar.h"

#include "app/desktop/theme/icons.h"

#include <QVBoxLayout>

using namespace Qt::StringLiterals;

namespace skillbox {

ActivityBar::ActivityBar(QWidget *parent) : QFrame(parent)
{
    setObjectName(u"activityBar"_s);
    setAccessibleName(tr("Pages"));
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 8, 0, 8);
    column->setSpacing(2);
    m_group.setExclusive(true);
    connect(&m_group, &QButtonGroup::idClicked, this, &ActivityBar::chosen);
}

int ActivityBar::addPage(const QString &icon, const QString &title)
{
    const int index = static_cast<int>(m_entries.size());
    auto *button = new QToolButton(this);
    button->setCheckable(true);
    button->setText(title);
    button->setAccessibleName(title);
    button->setToolButtonStyle(Qt::ToolButtonTextUnderIcon);
    button->setIconSize({22, 22});
    button->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    button->setToolTip(tr("%1 (Ctrl+%2)").arg(title).arg(index + 1));
    layout()->addWidget(button);
    m_group.addButton(button, index);
    m_entries.append({button, icon, title});
    if (index == 0)
        button->setChecked(true);
    return index;
}

void ActivityBar::addStretch()
{
    static_cast<QVBoxLayout *>(layout())->addStretch(1);
}

void ActivityBar::addMenuButton()
{
    m_menu = new QToolButton(this);
    m_menu->setObjectName(u"activityBar.menu"_s);
    m_menu->setText(tr("Menu"));
    m_menu->setAccessibleName(tr("All commands"));
    m_menu->setToolTip(tr("All commands (F10)"));
    m_menu->setToolButtonStyle(Qt::ToolButtonTextUnderIcon);
    m_menu->setIconSize({22, 22});
    m_menu->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    layout()->addWidget(m_menu);
    connect(m_menu, &QToolButton::clicked, this, &ActivityBar::menuRequested);
}

QPoint ActivityBar::menuCorner(const QSize &size) const
{
    const QPoint lower = mapToGlobal(QPoint(width() + 4, height() - 4));
    return lower - QPoint(0, size.height());
}

void ActivityBar::setCurrent(int index)
{
    if (QAbstractButton *button = m_group.button(index)) {
        button->setChecked(true);
    } else if (QAbstractButton *checked = m_group.checkedButton()) {
        m_group.setExclusive(false);
        checked->setChecked(false);
        m_group.setExclusive(true);
    }
}

void ActivityBar::setCount(int index, int count)
{
    const Entry &entry = m_entries.at(index);
    entry.button->setText(count > 0 ? u"%1 (%2)"_s.arg(entry.title).arg(count) : entry.title);
}

void ActivityBar::applyTheme(const Theme &theme)
{
    for (const Entry &entry : std::as_const(m_entries)) {
        entry.button->setIcon(
            themedIcon(entry.icon, theme, ColorRole::OnBar, ColorRole::OnBarActive));
    }
    if (m_menu)
        m_menu->setIcon(themedIcon(u"more"_s, theme, ColorRole::OnBar, ColorRole::OnBarActive));
}

} // namespace skillbox
