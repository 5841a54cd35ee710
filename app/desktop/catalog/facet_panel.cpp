#include "app/desktop/catalog/facet_panel.h"

#include "app/desktop/catalog/catalog_model.h"
#include "app/desktop/theme/icons.h"
#include "app/desktop/widgets/controls.h"

#include <QHBoxLayout>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

QString groupTitle(Facet facet)
{
    switch (facet) {
    case Facet::Source: return FacetPanel::tr("Where");
    case Facet::Language: return FacetPanel::tr("Language");
    case Facet::Status: return FacetPanel::tr("Status");
    case Facet::Findings: return FacetPanel::tr("Findings");
    }
    return {};
}

QString groupName(Facet facet)
{
    switch (facet) {
    case Facet::Source: return u"source"_s;
    case Facet::Language: return u"language"_s;
    case Facet::Status: return u"status"_s;
    case Facet::Findings: return u"findings"_s;
    }
    return {};
}

} // namespace

QString FacetPanel::valueTitle(Facet facet, const QString &value)
{
    switch (facet) {
    case Facet::Source: return CatalogModel::sourceTitle(value);
    case Facet::Language: return CatalogModel::languageTitle(value);
    case Facet::Status:
        return value == "yanked"_L1   ? tr("Yanked")
            : value == "newer"_L1     ? tr("Newer on a server")
            : value == "conflict"_L1  ? tr("Conflict")
            : value == "available"_L1 ? tr("Available")
                                      : value;
    case Facet::Findings:
        return value == "clean"_L1   ? tr("None")
            : value == "warnings"_L1 ? tr("Warnings")
            : value == "security"_L1 ? tr("About security")
                                     : tr("Not known");
    }
    return {};
}

FacetPanel::FacetPanel(QWidget *parent)
    : QScrollArea(parent)
    , m_clear(new QPushButton(tr("Clear filters")))
    , m_addServer(new QToolButton)
{
    setObjectName(u"catalog.facets"_s);
    setAccessibleName(tr("Filters"));
    setFrameShape(QFrame::NoFrame);
    setWidgetResizable(true);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setFocusPolicy(Qt::NoFocus);
    auto *content = new QWidget;
    content->setAutoFillBackground(false);
    auto *column = new QVBoxLayout(content);
    column->setContentsMargins(16, 16, 8, 16);
    column->setSpacing(4);
    for (const Facet facet : facets) {
        Group &group = m_groups[facet];
        group.title = textLabel(groupTitle(facet), u"muted"_s);
        column->addWidget(group.title);
        group.column = new QVBoxLayout;
        group.column->setSpacing(0);
        column->addLayout(group.column);
        if (facet == Facet::Source) {
            m_addServer->setText(tr("Add a server …"));
            m_addServer->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
            m_addServer->setIconSize({14, 14});
            m_addServer->setObjectName(u"catalog.addServer"_s);
            column->addWidget(m_addServer, 0, Qt::AlignLeft);
        }
        column->addSpacing(12);
    }
    m_clear->setProperty("kind", u"flat"_s);
    m_clear->setObjectName(u"catalog.clearFilters"_s);
    m_clear->hide();
    column->addWidget(m_clear, 0, Qt::AlignLeft);
    column->addStretch(1);
    setWidget(content);
    connect(m_addServer, &QToolButton::clicked, this, &FacetPanel::addServerRequested);
    connect(m_clear, &QPushButton::clicked, this, [this] {
        setChosen({});
        Q_EMIT chosenChanged();
    });
}

FacetPanel::Row &FacetPanel::row(Facet facet, const QString &value)
{
    Group &group = m_groups[facet];
    if (const auto at = group.rows.find(value); at != group.rows.end())
        return *at;
    Row row;
    row.widget = new QWidget;
    row.widget->setFixedHeight(qMax(24, fontMetrics().height() + 6)); // with a button or without
    auto *line = new QHBoxLayout(row.widget);
    line->setContentsMargins(0, 0, 4, 0);
    line->setSpacing(4);
    const QString title = valueTitle(facet, value);
    row.box = new QCheckBox(title);
    row.box->setObjectName(u"catalog.facet.%1.%2"_s.arg(groupName(facet), value));
    row.box->setAccessibleName(u"%1: %2"_s.arg(groupTitle(facet), title));
    row.box->setToolTip(plainToolTip(title));
    row.box->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    row.count = new QLabel;
    row.count->setProperty("textRole", u"muted"_s);
    line->addWidget(row.box, 1);
    if (facet == Facet::Source && !value.isEmpty()) {
        row.menu = new QToolButton;
        row.menu->setObjectName(u"catalog.server."_s + value);
        row.menu->setAccessibleName(tr("Server %1").arg(value));
        row.menu->setIconSize({14, 14});
        row.menu->setMaximumHeight(24);
        connect(row.menu, &QToolButton::clicked, this, [this, value, button = row.menu] {
            Q_EMIT serverMenuRequested(value, button->mapToGlobal(QPoint(0, button->height())));
        });
        line->addWidget(row.menu);
    }
    line->addWidget(row.count);
    connect(row.box, &QCheckBox::toggled, this, [this] {
        if (!m_setting)
            Q_EMIT chosenChanged();
    });
    // Kept in the order of the values: this machine (empty) before all servers.
    const auto inserted = group.rows.insert(value, row);
    group.column->insertWidget(static_cast<int>(std::distance(group.rows.begin(), inserted)),
                               row.widget);
    return *inserted;
}

void FacetPanel::setCounts(const QMap<Facet, QList<FacetCount>> &counts)
{
    bool anyChosen = false;
    for (const Facet facet : facets) {
        QMap<QString, int> values;
        for (const FacetCount &count : counts.value(facet))
            values.insert(count.value, count.count);
        if (facet == Facet::Source) {
            for (const CatalogFeed::Source &source : std::as_const(m_sources))
                values.insert(source.name, values.value(source.name));
        }
        for (auto it = values.cbegin(); it != values.cend(); ++it)
            row(facet, it.key()).count->setText(QString::number(it.value()));
        Group &group = m_groups[facet];
        int shown = 0;
        for (auto it = group.rows.begin(); it != group.rows.end(); ++it) {
            const bool chosen = it->box->isChecked();
            anyChosen = anyChosen || chosen;
            if (!values.contains(it.key()))
                it->count->setText(u"0"_s);
            it->widget->setVisible(values.contains(it.key()) || chosen);
            shown += values.contains(it.key()) || chosen;
        }
        group.title->setVisible(shown > 0);
    }
    m_clear->setVisible(anyChosen);
}

void FacetPanel::setSources(const QList<CatalogFeed::Source> &sources)
{
    m_sources = sources;
    drawSources();
}

void FacetPanel::drawSources()
{
    for (const CatalogFeed::Source &source : std::as_const(m_sources)) {
        Row &shown = row(Facet::Source, source.name);
        shown.widget->show();
        if (!shown.menu || m_theme.id().isEmpty())
            continue;
        using State = CatalogFeed::Source::State;
        const bool failed = source.state == State::Failed;
        shown.menu->setIcon(themedIcon(failed ? u"warning"_s : u"more"_s, m_theme,
                                       failed ? ColorRole::Warning : ColorRole::Muted));
        setPlainToolTip(*shown.menu,
                        failed ? u"%1\n%2"_s.arg(source.address, source.error.message)
                            : source.state == State::Loading
                            ? tr("%1\nAsking …").arg(source.address)
                            : source.address);
    }
    // Servers that were taken out of the list.
    Group &group = m_groups[Facet::Source];
    for (auto it = group.rows.begin(); it != group.rows.end(); ++it) {
        const bool known = std::any_of(m_sources.cbegin(), m_sources.cend(),
                                       [&](const auto &source) { return source.name == it.key(); });
        if (!known) {
            m_setting = true;
            it->box->setChecked(false);
            m_setting = false;
            it->widget->hide();
        }
    }
}

QMap<Facet, QSet<QString>> FacetPanel::chosen() const
{
    QMap<Facet, QSet<QString>> chosen;
    for (auto group = m_groups.cbegin(); group != m_groups.cend(); ++group) {
        for (auto row = group->rows.cbegin(); row != group->rows.cend(); ++row) {
            if (row->box->isChecked())
                chosen[group.key()].insert(row.key());
        }
    }
    return chosen;
}

void FacetPanel::setChosen(const QMap<Facet, QSet<QString>> &chosen)
{
    m_setting = true;
    for (auto group = m_groups.begin(); group != m_groups.end(); ++group) {
        const QSet<QString> values = chosen.value(group.key());
        for (const QString &value : values)
            row(group.key(), value);
        for (auto it = group->rows.begin(); it != group->rows.end(); ++it)
            it->box->setChecked(values.contains(it.key()));
    }
    m_setting = false;
}

void FacetPanel::applyTheme(const Theme &theme)
{
    m_theme = theme;
    m_addServer->setIcon(themedIcon(u"plus"_s, theme, ColorRole::Muted));
    drawSources();
}

} // namespace skillbox
