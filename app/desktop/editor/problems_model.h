#pragma once

#include "app/desktop/theme/theme.h"
#include "engine/skill/finding.h"

#include <QAbstractTableModel>

namespace skillbox {

/// What the checker has to say about one skill, a row each.
class ProblemsModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { MessageColumn, FileColumn, LineColumn, RuleColumn, ColumnCount };
    enum Role { SeverityRole = Qt::UserRole + 1, SortRole };

    using QAbstractTableModel::QAbstractTableModel;
    void setFindings(QList<Finding> findings);
    const QList<Finding> &findings() const { return m_findings; }
    int count(Severity severity) const;
    void applyTheme(const Theme &theme);

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    QList<Finding> m_findings;
    Theme m_theme;
};

/// The icon's name and its colour.
QString severityIcon(Severity severity);
ColorRole severityColor(Severity severity);

} // namespace skillbox
