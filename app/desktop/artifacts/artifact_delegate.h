#pragma once

#include "app/desktop/theme/themed_delegate.h"

namespace skillbox {

/// Draws runs in two lines, files with their size at the right.
class ArtifactDelegate : public ThemedDelegate
{
    Q_OBJECT

public:
    using ThemedDelegate::ThemedDelegate;
    void paint(QPainter *painter, const QStyleOptionViewItem &option,
               const QModelIndex &index) const override;
    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;
};

} // namespace skillbox
