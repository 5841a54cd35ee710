#include "app/desktop/console/history_delegate.h"

#include "app/desktop/console/history_model.h"
#include "app/desktop/theme/icons.h"

#include <QPainter>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr int historySideMargin = 10;
constexpr int historyLineGap = 4;
constexpr int historyUpperMargin = 8;
constexpr int historyIconSize = 16;

} // namespace

QString statusIcon(int status)
{
    switch (static_cast<ExecutionStatus>(status)) {
    case ExecutionStatus::Queued: return u"more"_s;
    case ExecutionStatus::Running: return u"play"_s;
    case ExecutionStatus::Success: return u"check"_s;
    case ExecutionStatus::Failed: return u"error"_s;
    case ExecutionStatus::Timeout: return u"warning"_s;
    case ExecutionStatus::Cancelled: break;
    }
    return u"stop"_s;
}

ColorRole statusColor(int status)
{
    switch (static_cast<ExecutionStatus>(status)) {
    case ExecutionStatus::Queued: return ColorRole::Muted;
    case ExecutionStatus::Running: return ColorRole::Info;
    case ExecutionStatus::Success: return ColorRole::Success;
    case ExecutionStatus::Failed: return ColorRole::Error;
    case ExecutionStatus::Timeout: return ColorRole::Warning;
    case ExecutionStatus::Cancelled: break;
    }
    return ColorRole::Muted;
}

void HistoryDelegate::setTheme(const Theme &theme)
{
    m_theme = theme;
    for (int status = 0; status <= static_cast<int>(ExecutionStatus::Cancelled); ++status)
        m_icons.insert(status, themedIcon(statusIcon(status), theme, statusColor(status)));
    m_pin = themedIcon(u"pin"_s, theme, ColorRole::Accent);
}

void HistoryDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option,
                            const QModelIndex &index) const
{
    painter->save();
    const bool selected = isSelected(option);
    painter->setRenderHint(QPainter::Antialiasing);
    const QRect box = option.rect.adjusted(6, 1, -6, -1);
    if (selected || isHovered(option)) {
        painter->setPen(Qt::NoPen);
        painter->setBrush(groundColor(option));
        painter->drawRoundedRect(box, 6, 6);
    }
    if (option.state & QStyle::State_HasFocus) {
        painter->setPen(QPen(m_theme.color(ColorRole::Focus), 1.5));
        painter->setBrush(Qt::NoBrush);
        painter->drawRoundedRect(box, 6, 6);
    }
    const QColor text = textColor(option);
    const QColor muted = mutedColor(option);
    QFont strong = option.font;
    strong.setWeight(QFont::DemiBold);
    const QFontMetrics strongMetrics(strong);
    const QFontMetrics metrics(option.font);

    QRect line = box.adjusted(historySideMargin, historyUpperMargin - 1, -historySideMargin, 0);
    line.setHeight(strongMetrics.height());
    m_icons.value(index.data(HistoryModel::StatusRole).toInt())
        .paint(painter,
               QRect(line.left(), line.top() + (line.height() - historyIconSize) / 2,
                     historyIconSize, historyIconSize));
    line.setLeft(line.left() + historyIconSize + 8);
    const QRect first = line;
    const QString when = shortMoment(index.data(HistoryModel::CreatedRole).toDateTime());
    painter->setFont(option.font);
    painter->setPen(muted);
    painter->drawText(line, Qt::AlignRight | Qt::AlignVCenter, when);
    line.setRight(line.right() - metrics.horizontalAdvance(when) - 8);
    if (index.data(HistoryModel::PinnedRole).toBool()) {
        m_pin.paint(painter,
                    QRect(line.right() - 12, line.top() + (line.height() - 12) / 2, 12, 12));
        line.setRight(line.right() - 16);
    }
    const QString version = index.data(HistoryModel::VersionRole).toString();
    const QString name = strongMetrics.elidedText(index.data(HistoryModel::SkillRole).toString(),
                                                  Qt::ElideRight, line.width());
    painter->setFont(strong);
    painter->setPen(text);
    painter->drawText(line, Qt::AlignLeft | Qt::AlignVCenter, name);
    line.setLeft(line.left() + strongMetrics.horizontalAdvance(name) + 6);
    painter->setFont(option.font);
    painter->setPen(muted);
    painter->drawText(line, Qt::AlignLeft | Qt::AlignVCenter,
                      metrics.elidedText(version, Qt::ElideRight, qMax(0, line.width())));

    line = first;
    line.moveTop(first.bottom() + historyLineGap);
    line.setHeight(metrics.height());
    const QString duration = shortDuration(index.data(HistoryModel::DurationRole).toLongLong());
    painter->drawText(line, Qt::AlignRight | Qt::AlignVCenter, duration);
    line.setRight(line.right() - metrics.horizontalAdvance(duration) - 8);
    const bool isAgent = index.data(HistoryModel::SourceRole).toInt()
        == static_cast<int>(RunSource::Agent);
    const QString source = isAgent ? tr("agent") : tr("you");
    QFont small = option.font;
    small.setPointSizeF(small.pointSizeF() * 0.85);
    const QFontMetrics smallMetrics(small);
    const QRectF badge(line.right() - smallMetrics.horizontalAdvance(source) - 12.5,
                       line.top() + 0.5, smallMetrics.horizontalAdvance(source) + 12,
                       line.height() - 1);
    const QColor badgeColor = m_theme.color(isAgent ? ColorRole::Info : ColorRole::Muted);
    painter->setPen(badgeColor);
    painter->setBrush(m_theme.color(isAgent ? ColorRole::InfoSurface : ColorRole::Sunken));
    painter->drawRoundedRect(badge, badge.height() / 2, badge.height() / 2);
    painter->setFont(small);
    painter->drawText(badge, Qt::AlignCenter, source);
    line.setRight(static_cast<int>(badge.left()) - 8);
    painter->setFont(option.font);
    painter->setPen(muted);
    const QString input = index.data(HistoryModel::InputRole).toString().simplified();
    painter->drawText(line, Qt::AlignLeft | Qt::AlignVCenter,
                      metrics.elidedText(input, Qt::ElideRight, line.width()));
    painter->restore();
}

QSize HistoryDelegate::sizeHint(const QStyleOptionViewItem &option, const QModelIndex &) const
{
    return {200,
            2 * QFontMetrics(option.font).height() + historyLineGap + 2 * historyUpperMargin + 2};
}

} // namespace skillbox
