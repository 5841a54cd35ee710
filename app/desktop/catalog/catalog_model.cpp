#include "app/desktop/catalog/catalog_model.h"

using namespace Qt::StringLiterals;

namespace skillbox {

void CatalogModel::setSkills(QList<SkillVersionRecord> skills)
{
    beginResetModel();
    m_skills = std::move(skills);
    endResetModel();
}

int CatalogModel::rowOf(const QString &name) const
{
    for (int row = 0; row < m_skills.size(); ++row) {
        if (m_skills.at(row).name == name)
            return row;
    }
    return -1;
}

int CatalogModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_skills.size());
}

QVariant CatalogModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= m_skills.size())
        return {};
    const SkillVersionRecord &skill = m_skills.at(index.row());
    switch (role) {
    case Qt::DisplayRole:
    case NameRole: return skill.name;
    case Qt::AccessibleTextRole:
        return u"%1 %2, %3. %4"_s.arg(skill.name, skill.version, skill.language, skill.description);
    case Qt::ToolTipRole:
    case DescriptionRole: return skill.description;
    case VersionRole: return skill.version;
    case LanguageRole: return skill.language;
    case ModeRole: return skill.mode;
    case PublishedRole: return skill.publishedAt;
    default: return {};
    }
}

} // namespace skillbox
