#pragma once

#include "app/desktop/catalog/catalog_actions.h"
#include "app/desktop/session/skill_reader.h"

#include <QLabel>
#include <QPushButton>
#include <QTreeWidget>

namespace skillbox {

class SkillCompare;

/// All versions at a place, and what changed between two of them: the chosen one and the one
/// before, or two that are both chosen.
class SkillVersions : public QWidget
{
    Q_OBJECT

public:
    SkillVersions(const Desk &desk, CatalogActions &actions, QWidget *parent = nullptr);
    void show(const SkillDescription &skill);
    void applyTheme(const Theme &theme);

Q_SIGNALS:
    void versionRequested(const QString &version);

protected:
    void showEvent(QShowEvent *event) override;

private:
    void fill();
    void chosenChanged();
    QList<int> chosenRows() const;
    const SkillVersionRecord *current() const;

    CatalogActions &m_actions;
    QTreeWidget *m_list;
    QPushButton *m_open;
    QPushButton *m_yank;
    QPushButton *m_delete;
    SkillCompare *m_compare;
    SkillDescription m_skill;
    bool m_pending = false;
};

} // namespace skillbox
