#include "app/desktop/catalog/catalog_delegate.h"

#include "app/desktop/catalog/catalog_model.h"

#include <QPainter>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr int sideMargin = 12;
constexpr int lineGap = 4;
constexpr int upperMargin = 10;

} // namespace

void CatalogDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option,
                            const QModelIndex &index) const
{
    painter->save();
    const bool selected = option.state & QStyle::State_Selected;
    painter->setRenderHint(QPainter::Antialiasing);
    if (selected || option.state & QStyle::State_MouseOver) {
        painter->setPen(Qt::NoPen);
        painter->setBrush(m_theme.color(selected ? ColorRole::Selection : ColorRole::Hover));
        painter->drawRoundedRect(option.rect.adjusted(6, 1, -6, -1), 6, 6);
    }
    if (selected && option.state & QStyle::State_HasFocus) {
        painter->setPen(QPen(m_theme.color(ColorRole::Focus), 1.5));
        painter->setBrush(Qt::NoBrush);
        painter->drawRoundedRect(option.rect.adjusted(6, 1, -6, -1), 6, 6);
    }
    const QColor text = m_theme.color(selected ? ColorRole::OnSelection : ColorRole::Text);
    const QColor muted = m_theme.color(selected ? ColorRole::OnSelection : ColorRole::Muted);
    QFont strong = option.font;
    strong.setWeight(QFont::DemiBold);
    const QFontMetrics strongMetrics(strong);
    const QFontMetrics metrics(option.font);
    QRect rest = option.rect.adjusted(6 + sideMargin, upperMargin, -6 - sideMargin, 0);
    rest.setHeight(strongMetrics.height());

    QStringList facts{index.data(CatalogModel::VersionRole).toString()};
    const QString language = index.data(CatalogModel::LanguageRole).toString();
    facts += language.isEmpty() ? tr("instructions") : language;
    const QString fact = facts.join(u" · "_s);
    const int factWidth = qMin(metrics.horizontalAdvance(fact), rest.width() / 2);
    painter->setFont(option.font);
    painter->setPen(muted);
    painter->drawText(rest, Qt::AlignRight | Qt::AlignVCenter,
                      metrics.elidedText(fact, Qt::ElideMiddle, factWidth));
    painter->setFont(strong);
    painter->setPen(text);
    painter->drawText(rest, Qt::AlignLeft | Qt::AlignVCenter,
                      strongMetrics.elidedText(index.data(CatalogModel::NameRole).toString(),
                                               Qt::ElideRight, rest.width() - factWidth - 12));
    rest.moveTop(rest.bottom() + lineGap);
    rest.setHeight(metrics.height());
    painter->setFont(option.font);
    painter->setPen(muted);
    const QString description
        = index.data(CatalogModel::DescriptionRole).toString().simplified();
    painter->drawText(rest, Qt::AlignLeft | Qt::AlignVCenter,
                      metrics.elidedText(description, Qt::ElideRight, rest.width()));
    painter->restore();
}

QSize CatalogDelegate::sizeHint(const QStyleOptionViewItem &option, const QModelIndex &) const
{
    return {200, 2 * QFontMetrics(option.font).height() + lineGap + 2 * upperMargin};
}

} // namespace skillbox
