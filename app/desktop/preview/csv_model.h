#pragma once

#include "app/desktop/preview/csv_index.h"

#include <QAbstractTableModel>
#include <QCache>

#include <memory>
#include <optional>
#include <vector>

namespace skillbox {

/// The rows of a table that lie in a file of any size: read where they are wanted. GUI thread.
class CsvModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Role { WholeRole = Qt::UserRole + 1 }; ///< the cell, not shortened for display

    explicit CsvModel(QObject *parent = nullptr);

    void setIndex(std::shared_ptr<const CsvIndex> index, const CsvFormat &format);
    void clear();
    /// Takes over what was indexed meanwhile.
    void refresh();
    /// Shows only these records, in this order; nothing: all, as they come. Numbers count the
    /// header.
    void setOrder(std::optional<std::vector<quint32>> order);
    bool isOrdered() const { return m_order.has_value(); }

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

    static constexpr int mostColumns = 1000;
    static constexpr qsizetype shownCharacters = 500;

private:
    struct Block {
        qint64 firstRecord = 0;
        QList<QList<QByteArray>> records;
    };
    qint64 recordOf(int row) const;
    const QList<QByteArray> *fields(qint64 record) const;
    void readColumns();

    std::shared_ptr<const CsvIndex> m_index;
    CsvFormat m_format;
    QStringList m_names;
    std::optional<std::vector<quint32>> m_order;
    int m_rows = 0;
    mutable QCache<int, Block> m_blocks;
};

} // namespace skillbox
