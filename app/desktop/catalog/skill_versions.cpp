#include "app/desktop/catalog/skill_versions.h"

#include "app/desktop/catalog/skill_compare.h"
#include "app/desktop/widgets/controls.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLocale>
#include <QSplitter>
#include <QVBoxLayout>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace skillbox {

SkillVersions::SkillVersions(const Desk &desk, CatalogActions &actions, QWidget *parent)
    : QWidget(parent)
    , m_actions(actions)
    , m_list(new QTreeWidget)
    , m_open(new QPushButton(tr("Show this version")))
    , m_yank(new QPushButton)
    , m_delete(new QPushButton(tr("Delete this version …")))
    , m_compare(new SkillCompare(desk))
{
    m_list->setObjectName(u"catalog.versions"_s);
    m_list->setAccessibleName(tr("Versions"));
    m_list->setHeaderLabels({tr("Version"), tr("Published"), tr("By"), tr("Status")});
    m_list->setRootIsDecorated(false);
    m_list->setUniformRowHeights(true);
    m_list->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_list->setToolTip(tr("Choose one to compare it with the one before, or two with Ctrl"));
    m_list->header()->setStretchLastSection(true);
    m_open->setObjectName(u"catalog.showVersion"_s);
    m_yank->setObjectName(u"catalog.yankVersion"_s);
    m_delete->setObjectName(u"catalog.deleteVersion"_s);
    m_delete->setProperty("kind", u"danger"_s);
    auto *upper = new QWidget;
    auto *column = new QVBoxLayout(upper);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_list, 1);
    auto *line = new QHBoxLayout;
    line->setContentsMargins(8, 8, 8, 8);
    line->addWidget(m_open);
    line->addStretch(1);
    line->addWidget(m_yank);
    line->addWidget(m_delete);
    column->addLayout(line);
    auto *splitter = new QSplitter(Qt::Vertical);
    splitter->addWidget(upper);
    splitter->addWidget(m_compare);
    splitter->setStretchFactor(1, 1);
    splitter->setSizes({200, 360});
    splitter->setChildrenCollapsible(false);
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(splitter);

    connect(m_list, &QTreeWidget::itemSelectionChanged, this, &SkillVersions::chosenChanged);
    connect(m_list, &QTreeWidget::itemActivated, this, [this] {
        if (const SkillVersionRecord *record = current())
            Q_EMIT versionRequested(record->version);
    });
    connect(m_open, &QPushButton::clicked, this, [this] {
        if (const SkillVersionRecord *record = current())
            Q_EMIT versionRequested(record->version);
    });
    connect(m_yank, &QPushButton::clicked, this, [this] {
        if (const SkillVersionRecord *record = current())
            m_actions.setYanked({{{}, record->name, record->version}}, !record->yankedAt.isValid());
    });
    connect(m_delete, &QPushButton::clicked, this, [this] {
        if (const SkillVersionRecord *record = current())
            m_actions.remove({{{}, record->name, record->version}},
                             CatalogActions::Extent::Versions);
    });
}

void SkillVersions::show(const SkillDescription &skill)
{
    m_skill = skill;
    m_pending = true;
    if (isVisible())
        fill();
}

void SkillVersions::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    if (m_pending)
        fill();
}

void SkillVersions::fill()
{
    m_pending = false;
    m_list->clear();
    m_compare->clear();
    const QLocale locale;
    QTreeWidgetItem *shown = nullptr;
    for (const SkillVersionRecord &record : std::as_const(m_skill.versions)) {
        auto *item = new QTreeWidgetItem(
            m_list,
            {record.version,
             locale.toString(record.publishedAt.toLocalTime(), QLocale::ShortFormat),
             record.publishedBy, record.yankedAt.isValid() ? tr("yanked") : tr("available")});
        item->setToolTip(0, record.digest);
        item->setToolTip(3, plainToolTip(record.yankReason));
        if (record.version == m_skill.address.version)
            shown = item;
    }
    for (int column = 0; column < 3; ++column)
        m_list->resizeColumnToContents(column);
    const bool local = m_skill.address.source.isEmpty();
    m_yank->setVisible(local);
    m_delete->setVisible(local);
    if (shown)
        m_list->setCurrentItem(shown);
    chosenChanged();
}

QList<int> SkillVersions::chosenRows() const
{
    QList<int> rows;
    const QList<QTreeWidgetItem *> items = m_list->selectedItems();
    for (QTreeWidgetItem *item : items)
        rows.append(m_list->indexOfTopLevelItem(item));
    std::sort(rows.begin(), rows.end());
    return rows;
}

const SkillVersionRecord *SkillVersions::current() const
{
    const QList<int> rows = chosenRows();
    return rows.size() == 1 && rows.first() < m_skill.versions.size()
        ? &m_skill.versions.at(rows.first())
        : nullptr;
}

void SkillVersions::chosenChanged()
{
    const QList<int> rows = chosenRows();
    const SkillVersionRecord *one = current();
    m_open->setEnabled(one);
    m_yank->setEnabled(one);
    m_delete->setEnabled(one);
    m_yank->setText(one && one->yankedAt.isValid() ? tr("Bring back") : tr("Yank"));
    const auto addressOf = [this](int row) {
        return SkillAddress{m_skill.address.source, m_skill.address.name,
                            m_skill.versions.at(row).version};
    };
    // Newest first in the list: the older one is at the left of a comparison.
    if (rows.size() == 2)
        m_compare->compare(addressOf(rows[1]), addressOf(rows[0]));
    else if (rows.size() == 1 && rows[0] + 1 < m_skill.versions.size())
        m_compare->compare(addressOf(rows[0] + 1), addressOf(rows[0]));
    else
        m_compare->clear();
}

void SkillVersions::applyTheme(const Theme &theme)
{
    m_compare->applyTheme(theme);
}

} // namespace skillbox
