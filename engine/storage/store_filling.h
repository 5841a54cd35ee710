#pragma once

#include "engine/storage/store_tables.h"

#include <QJsonObject>
#include <QVariantList>

#include <memory>

namespace skillbox {

class SqlDialect;

/// Puts the rows of another store into an empty one, in one transaction: others see nothing of it
/// until commit(), and nothing at all of it without. Used on the thread that began it; the store
/// must outlive it.
class StoreFilling
{
public:
    /// Conflict: the store has records already.
    static Result<std::unique_ptr<StoreFilling>> begin(const SqlDialect &dialect);
    ~StoreFilling();
    StoreFilling(const StoreFilling &) = delete;
    StoreFilling &operator=(const StoreFilling &) = delete;

    const QList<StoredTable> &tables() const { return m_tables; }

    /// `row` has a value for each of `columns`, which are columns of `table`; the others get their
    /// defaults. BadRequest for a value of the wrong kind and for rows that contradict what is
    /// there; that may be told with a later row.
    Result<void> add(const StoredTable &table, const QStringList &columns, const QJsonObject &row);
    /// Ends what had not ended in the other store: its runs are failed, reason `lost`, with the log
    /// that is known of them, and audited. How many they were. BadRequest where a table lacks what
    /// every store has.
    Result<qint64> commit(const QDateTime &at);

private:
    explicit StoreFilling(std::unique_ptr<SqlConnection> connection);
    Result<void> prepare();
    Result<void> flush();
    Result<void> countOn();

    std::unique_ptr<SqlConnection> m_connection;
    QList<StoredTable> m_tables;
    // Rows that wait for more of their kind: one statement for many costs a tenth.
    QString m_table;
    QStringList m_columns;
    QVariantList m_values;
    qsizetype m_rows = 0;
    qsizetype m_characters = 0;
    bool m_open = true;
};

} // namespace skillbox
