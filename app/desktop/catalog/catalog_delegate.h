#pragma once

#include "app/desktop/theme/theme.h"

#include <QStyledItemDelegate>

namespace skillbox {

/// One skill as a card: name, version, what it does, where it is and how it stands.
class CatalogCardDelegate : public QStyledItemDelegate
{
    Q_OBJECT

public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void setTheme(const Theme &theme) { m_theme = theme; }
    /// In pixels, with the gap around it; at least smallestWidth.
    void setCardWidth(int width) { m_width = width; }
    void paint(QPainter *painter, const QStyleOptionViewItem &option,
               const QModelIndex &index) const override;
    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;

    static constexpr int smallestWidth = 256;

private:
    Theme m_theme;
    int m_width = smallestWidth;
};

/// A cell of the table: the name stands out, and what needs attention has a colour.
class CatalogCellDelegate : public QStyledItemDelegate
{
    Q_OBJECT

public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void setTheme(const Theme &theme) { m_theme = theme; }
    void paint(QPainter *painter, const QStyleOptionViewItem &option,
               const QModelIndex &index) const override;

private:
    Theme m_theme;
};

} // namespace skillbox
