#pragma once

#include "app/desktop/theme/themed_delegate.h"

#include <QIcon>
#include <QMap>

namespace skillbox {

/// A run as two lines: state, skill and time; below, its input, who asked and how long it took.
class HistoryDelegate : public ThemedDelegate
{
    Q_OBJECT

public:
    using ThemedDelegate::ThemedDelegate;
    void setTheme(const Theme &theme);
    void paint(QPainter *painter, const QStyleOptionViewItem &option,
               const QModelIndex &index) const override;
    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;

private:
    QMap<int, QIcon> m_icons; ///< by status
    QIcon m_pin;
};

/// The icon's name and colour for a state.
QString statusIcon(int status);
ColorRole statusColor(int status);

} // namespace skillbox
