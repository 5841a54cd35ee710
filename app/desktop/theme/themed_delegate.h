#pragma once

#include "app/desktop/theme/theme.h"

#include <QStyledItemDelegate>

namespace skillbox {

/// What delegates that draw in the theme's colours have in common.
class ThemedDelegate : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void setTheme(const Theme &theme) { m_theme = theme; }

protected:
    static bool isSelected(const QStyleOptionViewItem &option)
    {
        return option.state.testFlag(QStyle::State_Selected);
    }
    static bool isHovered(const QStyleOptionViewItem &option)
    {
        return option.state.testFlag(QStyle::State_MouseOver);
    }
    QColor textColor(const QStyleOptionViewItem &option) const
    {
        return m_theme.color(isSelected(option) ? ColorRole::OnSelection : ColorRole::Text);
    }
    QColor mutedColor(const QStyleOptionViewItem &option) const
    {
        return m_theme.color(isSelected(option) ? ColorRole::OnSelection : ColorRole::Muted);
    }
    /// Behind what is chosen or under the mouse.
    QColor groundColor(const QStyleOptionViewItem &option) const
    {
        return m_theme.color(isSelected(option) ? ColorRole::Selection : ColorRole::Hover);
    }

    Theme m_theme;
};

} // namespace skillbox
