#include "app/desktop/palette/palette_delegate.h"

#include "app/desktop/palette/command_palette.h"

#include <QPainter>
#include <QTextLayout>

namespace skillbox {
namespace {

constexpr int rowHeight = 32;
constexpr int groupWidth = 84;
constexpr int margin = 12;

} // namespace

void PaletteDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option,
                            const QModelIndex &index) const
{
    painter->save();
    const bool selected = isSelected(option);
    if (selected || isHovered(option)) {
        painter->setRenderHint(QPainter::Antialiasing);
        painter->setPen(Qt::NoPen);
        painter->setBrush(groundColor(option));
        painter->drawRoundedRect(option.rect.adjusted(4, 1, -4, -1), 6, 6);
    }
    const QColor text = textColor(option);
    const QColor muted = mutedColor(option);
    const QFontMetrics metrics(option.font);
    QRect rest = option.rect.adjusted(margin, 0, -margin, 0);

    painter->setFont(option.font);
    painter->setPen(muted);
    const QString group = index.data(PaletteModel::GroupRole).toString();
    painter->drawText(QRect(rest.left(), rest.top(), groupWidth - 8, rest.height()),
                      Qt::AlignVCenter | Qt::AlignLeft,
                      metrics.elidedText(group, Qt::ElideRight, groupWidth - 8));
    rest.setLeft(rest.left() + groupWidth);

    const QString note = index.data(PaletteModel::NoteRole).toString();
    if (!note.isEmpty()) {
        // A pixel more than the text is wide: drawn widths are rounded.
        const int width = qMin(metrics.horizontalAdvance(note) + 4, rest.width() / 2);
        painter->drawText(QRect(rest.right() - width, rest.top(), width, rest.height()),
                          Qt::AlignVCenter | Qt::AlignRight,
                          metrics.elidedText(note, Qt::ElideMiddle, width));
        rest.setRight(rest.right() - width - margin);
    }

    const QString whole = index.data(Qt::DisplayRole).toString();
    const QString title = metrics.elidedText(whole, Qt::ElideRight, rest.width());
    QTextLayout layout(title, option.font);
    QList<QTextLayout::FormatRange> marks;
    for (const int place : index.data(PaletteModel::PlacesRole).value<QList<int>>()) {
        if (place >= title.size())
            continue;
        QTextCharFormat format;
        format.setFontWeight(QFont::Bold);
        format.setForeground(selected ? text : m_theme.color(ColorRole::Accent));
        marks.append({place, 1, format});
    }
    layout.setFormats(marks);
    layout.beginLayout();
    QTextLine line = layout.createLine();
    line.setLineWidth(rest.width());
    layout.endLayout();
    painter->setPen(text);
    layout.draw(painter, QPointF(rest.left(), rest.top() + (rest.height() - line.height()) / 2.0));
    painter->restore();
}

QSize PaletteDelegate::sizeHint(const QStyleOptionViewItem &option, const QModelIndex &) const
{
    return {option.rect.width(), qMax(rowHeight, QFontMetrics(option.font).height() + 14)};
}

} // namespace skillbox
