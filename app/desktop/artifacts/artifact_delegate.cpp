#include "app/desktop/artifacts/artifact_delegate.h"

#include "app/desktop/artifacts/artifact_tree_model.h"
#include "app/desktop/theme/icons.h"

#include <QPainter>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr int fileIcon = 16;
constexpr int itemPadding = 8;

} // namespace

void ArtifactDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option,
                             const QModelIndex &index) const
{
    const bool chosen = isSelected(option);
    const bool isRun = index.data(ArtifactTreeModel::KindRole).toInt()
        == static_cast<int>(ArtifactTreeModel::Kind::Run);
    painter->save();
    if (chosen || isHovered(option)) {
        painter->fillRect(option.rect, groundColor(option));
    }
    const QColor text = textColor(option);
    const QColor muted = mutedColor(option);
    QRect area = option.rect.adjusted(4, 0, -itemPadding, 0);

    const QString icon = index.data(ArtifactTreeModel::IconRole).toString();
    const ColorRole iconRole = !isRun ? ColorRole::Muted
        : icon == "check"_L1          ? ColorRole::Success
                                      : ColorRole::Warning;
    const QRect iconArea(area.left(), area.center().y() - fileIcon / 2, fileIcon, fileIcon);
    themedIcon(icon, m_theme, iconRole).paint(painter, iconArea);
    area.setLeft(iconArea.right() + itemPadding);

    const QString note = index.data(ArtifactTreeModel::NoteRole).toString();
    const QString name = index.data(Qt::DisplayRole).toString();
    if (isRun) {
        QFont bold = option.font;
        bold.setWeight(QFont::DemiBold);
        painter->setFont(bold);
        painter->setPen(text);
        const QRect upper(area.left(), area.top() + 4, area.width(), area.height() / 2 - 4);
        painter->drawText(upper, Qt::AlignVCenter | Qt::TextSingleLine,
                          QFontMetrics(bold).elidedText(name, Qt::ElideRight, upper.width()));
        painter->setFont(option.font);
        painter->setPen(muted);
        const QRect lower(area.left(), area.center().y(), area.width(), area.height() / 2 - 4);
        painter->drawText(lower, Qt::AlignVCenter | Qt::TextSingleLine,
                          option.fontMetrics.elidedText(note, Qt::ElideRight, lower.width()));
    } else {
        painter->setFont(option.font);
        const int noteWidth = option.fontMetrics.horizontalAdvance(note);
        painter->setPen(muted);
        painter->drawText(area, Qt::AlignVCenter | Qt::AlignRight | Qt::TextSingleLine, note);
        area.setRight(area.right() - noteWidth - itemPadding);
        painter->setPen(text);
        painter->drawText(area, Qt::AlignVCenter | Qt::TextSingleLine,
                          option.fontMetrics.elidedText(name, Qt::ElideMiddle, area.width()));
    }
    if (option.state.testFlag(QStyle::State_HasFocus)) {
        painter->setPen(m_theme.color(ColorRole::Focus));
        // Wholly inside, at any scale: what is outside would not be painted over.
        painter->drawRect(QRectF(option.rect).adjusted(0.5, 0.5, -1, -1));
    }
    painter->restore();
}

QSize ArtifactDelegate::sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const bool isRun = index.data(ArtifactTreeModel::KindRole).toInt()
        == static_cast<int>(ArtifactTreeModel::Kind::Run);
    const int line = option.fontMetrics.height();
    return {200, isRun ? 2 * line + 14 : line + 12};
}

} // namespace skillbox
