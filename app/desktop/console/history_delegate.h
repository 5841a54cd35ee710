#pragma once

#include "app/desktop/theme/theme.h"

#include <QIcon>
#include <QMap>
#include <QStyledItemDelegate>

namespace skillbox {

/// A run as two lines: state, skill and time; below, its input, who asked and how long it took.
class HistoryDelegate : public QStyledItemDelegate
{
    Q_OBJECT

public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void setTheme(const Theme &theme);
    void paint(QPainter *painter, const QStyleOptionViewItem &option,
               const QModelIndex &index) const override;
    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;

private:
    Theme m_theme;
    QMap<int, QIcon> m_icons; ///< by status
    QIcon m_pin;
};

/// The icon's name and colour for a state.
QString statusIcon(int status);
ColorRole statusColor(int status);

} // namespace skillbox
