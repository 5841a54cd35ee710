#pragma once

#include "engine/storage/records.h"

#include <QAbstractListModel>

namespace skillbox {

/// One row per skill: its newest version.
class CatalogModel : public QAbstractListModel
{
    Q_OBJECT

public:
    enum Role { NameRole = Qt::UserRole + 1, VersionRole, DescriptionRole, LanguageRole, ModeRole, PublishedRole };

    using QAbstractListModel::QAbstractListModel;
    void setSkills(QList<SkillVersionRecord> skills);
    const SkillVersionRecord &skill(int row) const { return m_skills.at(row); }
    int rowOf(const QString &name) const;

    int rowCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;

private:
    QList<SkillVersionRecord> m_skills;
};

} // namespace skillbox
