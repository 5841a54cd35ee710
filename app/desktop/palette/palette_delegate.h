#pragma once

#include "app/desktop/theme/themed_delegate.h"

namespace skillbox {

/// One line of the palette: group, title with the typed letters marked, note at the right.
class PaletteDelegate : public ThemedDelegate
{
    Q_OBJECT

public:
    using ThemedDelegate::ThemedDelegate;
    void paint(QPainter *painter, const QStyleOptionViewItem &option,
               const QModelIndex &index) const override;
    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;
};

} // namespace skillbox
