#include "app/desktop/catalog/catalog_delegate.h"

#include "app/desktop/catalog/catalog_model.h"

#include <QPainter>
#include <QTextLayout>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr int gap = 8;
constexpr int cardMargin = 16;
constexpr int cardGap = 4; ///< half of the space between two cards
constexpr int descriptionLines = 2;
constexpr int badgeMargin = 8;

struct Badge {
    QString text;
    ColorRole foreground;
    ColorRole ground;
};

std::optional<Badge> statusBadge(const CatalogEntry &entry)
{
    if (entry.conflicting)
        return Badge{CatalogModel::statusTitle(entry), ColorRole::Error, ColorRole::ErrorSurface};
    if (entry.main().isYanked())
        return Badge{CatalogModel::statusTitle(entry), ColorRole::Warning,
                     ColorRole::WarningSurface};
    if (entry.newerElsewhere)
        return Badge{CatalogModel::statusTitle(entry), ColorRole::Info, ColorRole::InfoSurface};
    return std::nullopt;
}

std::optional<Badge> findingsBadge(const CatalogEntry &entry)
{
    if (entry.findings == FindingLevel::Security)
        return Badge{CatalogModel::findingsTitle(entry), ColorRole::Error, ColorRole::ErrorSurface};
    if (entry.findings == FindingLevel::Warnings)
        return Badge{CatalogModel::findingsTitle(entry), ColorRole::Warning,
                     ColorRole::WarningSurface};
    return std::nullopt;
}

/// Draws it at the left of `rest` and takes its width away; false: there is no room.
bool paintBadge(QPainter &painter, const Theme &theme, const QFontMetrics &metrics, QRect &rest,
                const Badge &badge)
{
    const int width = metrics.horizontalAdvance(badge.text) + 2 * badgeMargin;
    if (width > rest.width())
        return false;
    const int height = metrics.height() + 2;
    const QRectF area(rest.left() + 0.5, rest.center().y() - height / 2 + 0.5, width - 1,
                      height - 1);
    painter.setPen(
        theme.color(badge.ground == ColorRole::Sunken ? ColorRole::Border : badge.foreground));
    painter.setBrush(theme.color(badge.ground));
    painter.drawRoundedRect(area, 8, 8);
    painter.setPen(theme.color(badge.foreground));
    painter.drawText(area, Qt::AlignCenter, badge.text);
    rest.setLeft(rest.left() + width + gap / 2);
    return true;
}

const CatalogEntry *entryOf(const QModelIndex &index)
{
    const auto *model = qobject_cast<const CatalogModel *>(index.model());
    return model ? &model->entry(index.row()) : nullptr;
}

/// The text in at most so many lines, the last one elided.
void paintLines(QPainter &painter, const QFont &font, const QRect &area, const QString &text,
                int most)
{
    const QFontMetrics metrics(font);
    QTextLayout layout(text, font);
    layout.beginLayout();
    int y = area.top();
    for (int i = 0; i < most; ++i) {
        QTextLine line = layout.createLine();
        if (!line.isValid())
            break;
        line.setLineWidth(area.width());
        const bool last = i == most - 1;
        const QString part = last
            ? metrics.elidedText(text.mid(line.textStart()), Qt::ElideRight, area.width())
            : text.mid(line.textStart(), line.textLength());
        painter.drawText(QRect(area.left(), y, area.width(), metrics.height()),
                         Qt::AlignLeft | Qt::AlignVCenter, part);
        y += metrics.lineSpacing();
    }
    layout.endLayout();
}

} // namespace

void CatalogCardDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option,
                                const QModelIndex &index) const
{
    const CatalogEntry *entry = entryOf(index);
    if (!entry)
        return;
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    const bool selected = isSelected(option);
    const bool focused = selected && option.state & QStyle::State_HasFocus;
    const QRectF frame =
        QRectF(option.rect).adjusted(cardGap + 0.5, cardGap + 0.5, -cardGap - 0.5, -cardGap - 0.5);
    painter->setBrush(selected || isHovered(option) ? groundColor(option)
                                                    : m_theme.color(ColorRole::Surface));
    painter->setPen(
        QPen(m_theme.color(focused ? ColorRole::Focus : ColorRole::Border), focused ? 1.5 : 1));
    painter->drawRoundedRect(frame, 8, 8);

    const QColor text = textColor(option);
    const QColor muted = mutedColor(option);
    QFont strong = option.font;
    strong.setWeight(QFont::DemiBold);
    const QFontMetrics strongMetrics(strong);
    const QFontMetrics metrics(option.font);
    QRect rest = frame.toRect().adjusted(cardMargin, cardMargin - 4, -cardMargin, -cardMargin + 4);

    const SkillVersionRecord &newest = entry->main().newest;
    const QRect title(rest.left(), rest.top(), rest.width(), strongMetrics.height());
    const int versionWidth = qMin(metrics.horizontalAdvance(newest.version), title.width() / 3);
    painter->setFont(option.font);
    painter->setPen(muted);
    painter->drawText(title, Qt::AlignRight | Qt::AlignVCenter,
                      metrics.elidedText(newest.version, Qt::ElideMiddle, versionWidth));
    painter->setFont(strong);
    painter->setPen(text);
    painter->drawText(title, Qt::AlignLeft | Qt::AlignVCenter,
                      strongMetrics.elidedText(entry->name, Qt::ElideRight,
                                               title.width() - versionWidth - gap));
    painter->setFont(option.font);
    painter->setPen(muted);
    const QRect body(rest.left(), title.bottom() + gap / 2, rest.width(),
                     descriptionLines * metrics.lineSpacing());
    paintLines(*painter, option.font, body, newest.description.left(400).simplified(),
               descriptionLines);

    QRect foot(rest.left(), rest.bottom() - metrics.height() - 2, rest.width(),
               metrics.height() + 2);
    QFont small = option.font;
    small.setPointSizeF(small.pointSizeF() * 0.9);
    painter->setFont(small);
    const QFontMetrics smallMetrics(small);
    if (entry->runs > 0) {
        const QString runs = entry->runs == 1 ? tr("1 run") : tr("%1 runs").arg(entry->runs);
        painter->setPen(muted);
        painter->drawText(foot, Qt::AlignRight | Qt::AlignVCenter, runs);
        foot.setRight(foot.right() - smallMetrics.horizontalAdvance(runs) - gap);
    }
    QList<Badge> badges;
    if (const auto status = statusBadge(*entry))
        badges.append(*status);
    if (const auto findings = findingsBadge(*entry))
        badges.append(*findings);
    badges.append(
        {CatalogModel::languageTitle(newest.language), ColorRole::Muted, ColorRole::Sunken});
    for (const SkillPlace &place : entry->places)
        badges.append(
            {CatalogModel::sourceTitle(place.source), ColorRole::Muted, ColorRole::Sunken});
    for (const Badge &badge : std::as_const(badges)) {
        if (!paintBadge(*painter, m_theme, smallMetrics, foot, badge))
            break;
    }
    painter->restore();
}

QSize CatalogCardDelegate::sizeHint(const QStyleOptionViewItem &option, const QModelIndex &) const
{
    const QFontMetrics metrics(option.font);
    return {m_width,
            2 * cardGap + 2 * (cardMargin - 4) + metrics.height() + gap / 2
                + descriptionLines * metrics.lineSpacing() + gap + metrics.height() + 4};
}

void CatalogCellDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option,
                                const QModelIndex &index) const
{
    QStyleOptionViewItem cell = option;
    initStyleOption(&cell, index);
    const CatalogEntry *entry = entryOf(index);
    std::optional<Badge> badge;
    if (entry && index.column() == CatalogModel::Status)
        badge = statusBadge(*entry);
    else if (entry && index.column() == CatalogModel::Findings)
        badge = findingsBadge(*entry);
    cell.state &= ~QStyle::State_HasFocus; // the row shows it
    if (index.column() == CatalogModel::Name)
        cell.font.setWeight(QFont::DemiBold);
    else if (!(option.state & QStyle::State_Selected))
        cell.palette.setColor(QPalette::Text, m_theme.color(ColorRole::Muted));
    if (badge)
        cell.text.clear();
    const QWidget *widget = option.widget;
    widget->style()->drawControl(QStyle::CE_ItemViewItem, &cell, painter, widget);
    if (!badge)
        return;
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setFont(cell.font);
    QRect area = cell.rect.adjusted(gap, 0, -2, 0);
    if (!paintBadge(*painter, m_theme, QFontMetrics(cell.font), area, *badge)) {
        painter->setPen(m_theme.color(badge->foreground));
        painter->drawText(area, Qt::AlignLeft | Qt::AlignVCenter,
                          QFontMetrics(cell.font).elidedText(badge->text, Qt::ElideRight,
                                                             area.width()));
    }
    painter->restore();
}

} // namespace skillbox
