#pragma once

#include "app/desktop/catalog/catalog_filter.h"

#include <QAbstractTableModel>

namespace skillbox {

/// The skills that a filter lets through, a row each, sorted by a column. It filters and sorts
/// itself: a proxy would tell of every gap one by one, which takes seconds with 10,000 rows.
class CatalogModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { Name, Version, Language, Sources, Status, Findings, Runs, Updated, ColumnCount };

    explicit CatalogModel(QObject *parent = nullptr);

    void setEntries(const QList<CatalogEntry> &entries);
    void setFilter(const CatalogFilter &filter);
    const CatalogFilter &filter() const { return m_filter; }
    /// Of all entries, by the filter as it is.
    const QMap<Facet, QList<FacetCount>> &facetCounts() const { return m_counts; }
    const CatalogEntry &entry(int row) const { return m_entries[m_rows[row]]; }
    /// -1: it is not among the rows.
    int rowOf(const QString &name) const;
    qsizetype total() const { return m_entries.size(); }
    Column sortColumn() const { return m_column; }
    Qt::SortOrder sortOrder() const { return m_order; }

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    void sort(int column, Qt::SortOrder order) override;

    static QString languageTitle(const QString &language);
    static QString sourceTitle(const QString &source);
    static QString statusTitle(const CatalogEntry &entry);
    static QString findingsTitle(const CatalogEntry &entry);

private:
    void arrange();
    void sift();

    QList<CatalogEntry> m_entries;
    CatalogSieve m_sieve;
    CatalogFilter m_filter;
    Column m_column = Name;
    Qt::SortOrder m_order = Qt::AscendingOrder;
    QList<int> m_sorted; ///< all entries
    QList<int> m_rows;   ///< those shown
    QMap<Facet, QList<FacetCount>> m_counts;
};

} // namespace skillbox
