#pragma once

#include "app/desktop/theme/themed_delegate.h"

namespace skillbox {

/// One skill as a card: name, version, what it does, where it is and how it stands.
class CatalogCardDelegate : public ThemedDelegate
{
    Q_OBJECT

public:
    using ThemedDelegate::ThemedDelegate;
    /// In pixels, with the gap around it; at least smallestWidth.
    void setCardWidth(int width) { m_width = width; }
    void paint(QPainter *painter, const QStyleOptionViewItem &option,
               const QModelIndex &index) const override;
    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;

    static constexpr int smallestWidth = 256;

private:
    int m_width = smallestWidth;
};

/// A cell of the table: the name stands out, and what needs attention has a colour.
class CatalogCellDelegate : public ThemedDelegate
{
    Q_OBJECT

public:
    using ThemedDelegate::ThemedDelegate;
    void paint(QPainter *painter, const QStyleOptionViewItem &option,
               const QModelIndex &index) const override;
};

} // namespace skillbox
